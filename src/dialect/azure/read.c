/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads network security groups, whole or as lists of rules, in the spellings of the REST API, az, PowerShell and
 * templates.  What stands for addresses that are not in the file (service tags, application security groups) is
 * uncertain.
 */
#include "base/strmap.h"
#include "dialect/azure/azure.h"
#include "dialect/common/json-rules.h"
#include "dialect/common/match.h"
#include "dialect/common/ranges.h"
#include "doc/json-tree.h"

enum { FIRST_DEFAULT = 65000 }; /* priorities of the platform's rules */

struct nsg_rule {
	const struct node *outer, *p; /* the rule, and its properties: the same map in flat exports */
	uint32_t priority, order;
	bool inbound;
};

typedef VEC(struct nsg_rule) nsg_rules;

struct nsg_reader {
	struct arena *arena;
	const struct source *source;
	const struct read_options *options;
	struct ruleset *rules;
	VEC(const struct node *) groups;
	nsg_rules loose; /* of a bare list of rules */
};

/* Exports spell keys in three ways: sourcePortRange, SourcePortRange, source_port_range. */
static bool same_key(struct str key, const char *name)
{
	size_t i = 0;
	for (size_t j = 0; j < key.n; j++) {
		if (key.p[j] == '_')
			continue;
		if (ascii_lower(key.p[j]) != ascii_lower(name[i]))
			return false;
		i++;
	}
	return !name[i];
}

static const struct node *get(const struct node *map, const char *key)
{
	for (size_t i = 0; map && map->kind == NODE_MAP && i < map->n; i++)
		if (same_key(map->pairs[i].key->text, key))
			return map->pairs[i].value;
	return NULL;
}

static struct str get_str(const struct node *map, const char *key)
{
	const struct node *n = get(map, key);
	return n && n->kind == NODE_SCALAR && !node_is_null(n) ? n->text : NO_STR;
}

static bool is_rule(const struct node *n)
{
	const struct node *p = get(n, "properties");
	return (get(n, "direction") && get(n, "access")) || (p && get(p, "direction") && get(p, "access"));
}

static void add_rule_node(struct nsg_reader *reader, nsg_rules *to, const struct node *n)
{
	const struct node *p = get(n, "properties");
	struct nsg_rule r = { .outer = n, .p = p && get(p, "direction") ? p : n, .order = (uint32_t)to->n };
	struct str direction = get_str(r.p, "direction");
	r.inbound = str_iis(direction, "Inbound");
	reader->rules->n_lines++;
	if ((!r.inbound && !str_iis(direction, "Outbound")) ||
	    !str_to_u32(get_str(r.p, "priority"), 65535, &r.priority)) {
		ruleset_unknown(reader->rules, n->at, node_text(reader->arena, n),
				"its direction or priority is not understood");
		return;
	}
	*VEC_ADD(reader->arena, to) = r;
}

/* The lists of rules in a group: its own and the platform's. */
static const char *const lists[] = { "securityRules", "defaultSecurityRules", "effectiveSecurityRules",
				     "securityRule" };

static const struct node *list_of(const struct node *group, const char *name)
{
	const struct node *n = get(group, name);
	return n ? n : get(get(group, "properties"), name);
}

static void walk(struct nsg_reader *reader, const struct node *n)
{
	for (size_t i = 0; n->kind == NODE_LIST && i < n->n; i++)
		walk(reader, n->items[i]);
	if (n->kind != NODE_MAP)
		return;
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		if (list_of(n, lists[i])) {
			*VEC_ADD(reader->arena, &reader->groups) = n;
			return;
		}
	if (is_rule(n)) {
		add_rule_node(reader, &reader->loose, n);
		return;
	}
	for (size_t i = 0; i < n->n; i++)
		walk(reader, n->pairs[i].value);
}

static int rule_cmp(const void *one, const void *other)
{
	const struct nsg_rule *a = one, *b = other;
	int c = CMP(a->priority, b->priority);
	return c ? c : CMP(a->order, b->order);
}

/* The addresses of a side: certain prefixes, and whether uncertain ones are added. */
struct nsg_side {
	bool any;
	range_vec ranges;
	const char *perhaps;
};

static bool add_prefixes(struct nsg_reader *reader, const struct node *n, bool own_side, struct nsg_side *s)
{
	struct node_list l = node_list(reader->arena, n);
	for (size_t i = 0; i < l.n; i++) {
		struct str t = l.v[i]->kind == NODE_SCALAR ? l.v[i]->text : NO_STR, part;
		while (str_cut(&t, ',', &part)) {
			part = str_trim(part);
			/* the subnet where the packet is filtered is part of the virtual network */
			if (str_is(part, "*") || str_iis(part, "Any") || (own_side && str_iis(part, "VirtualNetwork")))
				s->any = true;
			else if (range_add(reader->arena, part, &s->ranges))
				continue;
			else if (!part.n || part.p[0] == '[' || str_find(part, ' ') != SIZE_MAX ||
				 str_find(part, '/') != SIZE_MAX)
				return false;
			else
				s->perhaps = "a service tag whose addresses are not in the file";
		}
	}
	return true;
}

static bool read_side(struct nsg_reader *reader, const struct node *p, const char *side, bool own_side,
		      struct nsg_side *s)
{
	const char *one = arena_printf(reader->arena, "%sAddressPrefix", side),
		   *many = arena_printf(reader->arena, "%sAddressPrefixes", side);
	const struct node *expanded = get(p, arena_printf(reader->arena, "expanded%sAddressPrefix", side));
	const struct node *asg = get(p, arena_printf(reader->arena, "%sApplicationSecurityGroups", side));
	if (!asg)
		asg = get(p, arena_printf(reader->arena, "%sApplicationSecurityGroupIds", side));
	*s = (struct nsg_side){ 0 };
	/* effective rules have their tags expanded */
	if (expanded && !node_says_nothing(expanded))
		return add_prefixes(reader, expanded, own_side, s);
	if (!add_prefixes(reader, get(p, one), own_side, s) || !add_prefixes(reader, get(p, many), own_side, s))
		return false;
	if (asg && !node_says_nothing(asg))
		s->perhaps = "an application security group whose members are not in the file";
	return s->any || s->ranges.n || s->perhaps;
}

static bool read_ports(struct nsg_reader *reader, const struct node *p, const char *side, struct portset *ret)
{
	VEC(struct port_range) ranges = { 0 };
	for (int i = 0; i < 2; i++) {
		struct node_list l = node_list(
			reader->arena, get(p, arena_printf(reader->arena, "%sPortRange%s", side, i ? "s" : "")));
		for (size_t j = 0; j < l.n; j++) {
			struct str t = l.v[j]->kind == NODE_SCALAR ? l.v[j]->text : NO_STR, part;
			while (str_cut(&t, ',', &part)) {
				struct port_range r = ALL_PORTS;
				part = str_trim(part);
				if (!str_is(part, "*") && !str_iis(part, "Any") && !port_numbers_parse(part, &r))
					return false;
				*VEC_ADD(reader->arena, &ranges) = r;
			}
		}
	}
	*ret = portset_of(reader->arena, ranges.v, ranges.n);
	return ranges.n > 0;
}

static void put_rule(struct nsg_reader *reader, uint32_t chain, const struct nsg_rule *n, const struct draft_match *m,
		     bool allow)
{
	struct rule *r = ruleset_rule(reader->rules, chain, n->outer->at);
	draft_into(m, r);
	r->action = allow ? ACTION_PERMIT : ACTION_DENY;
	r->name = get_str(n->outer, "name");
	r->comment = get_str(n->p, "description");
	r->text = node_text(reader->arena, n->p);
	r->implicit = n->priority >= FIRST_DEFAULT;
}

static void narrow(struct nsg_reader *reader, struct draft_match *m, const struct nsg_side *s, bool src, bool certain)
{
	if (!certain && s->perhaps && !s->any) {
		draft_perhaps(m, s->perhaps);
		return;
	}
	if (s->any)
		return;
	struct addrset set = range_vec_set(reader->arena, &s->ranges);
	if (src)
		draft_src(m, set, false);
	else
		draft_dst(m, set, false);
}

static bool protocol_of(struct str s, unsigned *ret)
{
	*ret = 256;
	return str_is(s, "*") || str_iis(s, "All") || str_iis(s, "Any") || protocol_parse(s, ret);
}

/* Members that are not among these, in any spelling, and have a value. */
static void check_members(struct nsg_reader *reader, const struct node *map, const char *const *known, size_t count)
{
	for (size_t i = 0; i < map->n; i++) {
		struct str key = map->pairs[i].key->text;
		bool found = node_says_nothing(map->pairs[i].value) ||
			     str_ends(key, "Text"); /* copies that PowerShell adds */
		for (size_t j = 0; j < count && !found; j++)
			found = same_key(key, known[j]);
		if (!found)
			ruleset_unknown(reader->rules, map->pairs[i].key->at, node_text(reader->arena, map),
					"the meaning of \"%.*s\" here is unknown", STR_ARG(str_first(key, 64)));
	}
}

static void check_rule(struct nsg_reader *reader, const struct nsg_rule *n)
{
	static const char *const known[] = {
		"name",
		"id",
		"etag",
		"type",
		"apiVersion",
		"dependsOn",
		"properties",
		"resourceGroup",
		"resourceGroupName",
		"networkSecurityGroupName",
		"timeouts",
		"provisioningState",
		"description",
		"protocol",
		"access",
		"direction",
		"priority",
		"sourcePortRange",
		"sourcePortRanges",
		"destinationPortRange",
		"destinationPortRanges",
		"sourceAddressPrefix",
		"sourceAddressPrefixes",
		"destinationAddressPrefix",
		"destinationAddressPrefixes",
		"expandedSourceAddressPrefix",
		"expandedDestinationAddressPrefix",
		"sourceApplicationSecurityGroups",
		"destinationApplicationSecurityGroups",
		"sourceApplicationSecurityGroupIds",
		"destinationApplicationSecurityGroupIds",
		"systemData",
		"tags",
	};
	check_members(reader, n->outer, known, ARRAY_LEN(known));
	if (n->p != n->outer)
		check_members(reader, n->p, known, ARRAY_LEN(known));
}

static void read_rule(struct nsg_reader *reader, uint32_t chain, const struct nsg_rule *n)
{
	struct nsg_side src, dst;
	struct portset sports, ports;
	unsigned protocol;
	struct str access = get_str(n->p, "access");
	bool allow = str_iis(access, "Allow");
	struct draft_match m = draft_match_new(reader->arena);
	if ((!allow && !str_iis(access, "Deny")) || !protocol_of(get_str(n->p, "protocol"), &protocol) ||
	    !read_side(reader, n->p, "source", !n->inbound, &src) ||
	    !read_side(reader, n->p, "destination", n->inbound, &dst) || !read_ports(reader, n->p, "source", &sports) ||
	    !read_ports(reader, n->p, "destination", &ports)) {
		ruleset_unknown(reader->rules, n->outer->at, node_text(reader->arena, n->outer),
				"its access, protocol, addresses or ports are not understood");
		return;
	}
	check_rule(reader, n);
	if (protocol < 256)
		draft_protocol(&m, protocol);
	/* ports of "any" protocol restrict it to protocols with ports; those of others have no effect */
	bool has_ports = protocol == 256 || protocol_has_ports(protocol);
	if (has_ports && !portset_is_all(sports))
		draft_sports(&m, sports, false);
	if (has_ports && !portset_is_all(ports))
		draft_ports(&m, ports, false);
	bool certain = (src.any || src.ranges.n) && (dst.any || dst.ranges.n),
	     doubt = (src.perhaps && !src.any) || (dst.perhaps && !dst.any);
	if (certain) {
		struct draft_match draft = m;
		narrow(reader, &draft, &src, true, true);
		narrow(reader, &draft, &dst, false, true);
		put_rule(reader, chain, n, &draft, allow);
	}
	if (doubt) {
		narrow(reader, &m, &src, true, false);
		narrow(reader, &m, &dst, false, false);
		put_rule(reader, chain, n, &m, allow);
	}
}

/*
 * Traffic to the virtual network and traffic to the Internet are together all
 * outbound traffic, wherever the boundary lies.
 */
static bool lets_all_out(const struct nsg_rule *a, const struct nsg_rule *b)
{
	return !a->inbound && str_iis(get_str(a->outer, "name"), "AllowVnetOutBound") &&
	       str_iis(get_str(b->outer, "name"), "AllowInternetOutBound") && a->priority >= FIRST_DEFAULT &&
	       b->priority >= FIRST_DEFAULT;
}

static void implicit_rule(struct nsg_reader *reader, uint32_t chain, enum action action, const char *perhaps,
			  const char *text)
{
	struct rule *r = ruleset_rule(reader->rules, chain, (struct loc){ reader->source, 0, 0, 0 });
	r->action = action;
	r->perhaps = perhaps;
	r->implicit = true;
	r->text = str_of(text);
}

static void read_direction(struct nsg_reader *reader, const nsg_rules *all, bool inbound, struct str name)
{
	struct nsg_rule *rules = ARENA_ARRAY(reader->arena, struct nsg_rule, all->n);
	size_t n = 0;
	bool defaults = false;
	for (size_t i = 0; i < all->n; i++)
		if (all->v[i].inbound == inbound) {
			defaults |= all->v[i].priority >= FIRST_DEFAULT;
			rules[n++] = all->v[i];
		}
	sort_items(rules, n, sizeof *rules, rule_cmp);
	uint32_t chain = ruleset_chain(reader->rules,
				       str_printf(reader->arena, "%.*s%s%s", STR_ARG(name), name.n ? " " : "",
						  inbound ? "inbound" : "outbound"),
				       (struct loc){ reader->source, 0, 0, 0 });
	reader->rules->chains.v[chain].fallthrough = ACTION_DENY;
	*VEC_ADD(reader->arena, &reader->rules->bases) = chain;
	ruleset_unfiltered(reader->rules, chain, &reader->options->outside, inbound);
	for (size_t i = 0; i < n; i++) {
		if (i + 1 < n && lets_all_out(&rules[i], &rules[i + 1])) {
			implicit_rule(reader, chain, ACTION_PERMIT, NULL,
				      "implicit: AllowVnetOutBound and AllowInternetOutBound");
			break;
		}
		read_rule(reader, chain, &rules[i]);
	}
	if (defaults)
		return;
	if (inbound)
		implicit_rule(reader, chain, ACTION_PERMIT,
			      "the virtual network's addresses, which are not in the file",
			      "implicit: AllowVnetInBound, AllowAzureLoadBalancerInBound");
	else
		implicit_rule(reader, chain, ACTION_PERMIT, NULL,
			      "implicit: AllowVnetOutBound and AllowInternetOutBound");
}

static void read_rules(struct nsg_reader *reader, const nsg_rules *rules, struct str name)
{
	if (reader->options->side != POLICY_INBOUND)
		read_direction(reader, rules, false, name);
	if (reader->options->side != POLICY_OUTBOUND)
		read_direction(reader, rules, true, name);
}

/* The group that a separate rule names as its own. */
static struct str group_of(const struct nsg_rule *n)
{
	static const char before[] = "/networkSecurityGroups/";
	struct str name = get_str(n->outer, "networkSecurityGroupName"), id = get_str(n->outer, "id");
	size_t at = 0;
	while (at + sizeof before - 1 <= id.n && !str_istarts(str_skip(id, at), before))
		at++;
	if (!name.n && at + sizeof before - 1 <= id.n) {
		name = str_skip(id, at + sizeof before - 1);
		return str_first(name, MIN(str_find(name, '/'), name.n));
	}
	/* a resource of a template is named GROUP/RULE */
	struct str own = get_str(n->outer, "name");
	size_t slash = str_find(own, '/');
	return name.n || slash == SIZE_MAX || str_istarts(own, "securityRules/") ||
			       str_istarts(own, "defaultSecurityRules/")
		       ? name
		       : str_first(own, slash);
}

static size_t groups_of_loose(struct nsg_reader *reader)
{
	struct strmap groups = strmap_new(reader->arena);
	for (size_t i = 0; i < reader->loose.n; i++)
		strmap_add(&groups, str_lower(reader->arena, group_of(&reader->loose.v[i])), reader);
	return groups.n;
}

bool azure_parse(struct arena *a, const struct source *s, const struct read_options *o, struct ruleset **ret,
		 struct diag *d)
{
	size_t errors = diag_errors(d), chosen = 0;
	bool found = false;
	struct nsg_reader *reader = ARENA_NEW(a, struct nsg_reader);
	*reader = (struct nsg_reader){ .arena = a, .source = s, .options = o, .rules = ruleset_new(a, s, "azure-nsg") };
	*ret = reader->rules;
	reader->rules->replies = REPLIES_FREE;
	reader->rules->order = "rules are evaluated by priority";
	const struct node *n = json_parse(a, s, d);
	if (!n)
		return false;
	node_check_whole(reader->rules, n);
	walk(reader, n);
	if (!reader->groups.n && !reader->loose.n)
		return diag_error(d, loc_line(s, 1), "this is not a network security group: securityRules is missing");
	for (size_t i = 0; i < reader->groups.n; i++) {
		struct str name = get_str(reader->groups.v[i], "name");
		nsg_rules rules = { 0 };
		if (o->part.n && !str_ieq(name, o->part))
			continue;
		/* effective rules all belong to one interface */
		chosen += !list_of(reader->groups.v[i], "effectiveSecurityRules");
		found = true;
		for (size_t j = 0; j < ARRAY_LEN(lists); j++) {
			struct node_list l = node_list(a, list_of(reader->groups.v[i], lists[j]));
			for (size_t m = 0; m < l.n; m++)
				add_rule_node(reader, &rules, l.v[m]);
		}
		read_rules(reader, &rules, name);
	}
	if (reader->loose.n)
		read_rules(reader, &reader->loose, NO_STR);
	chosen += groups_of_loose(reader);
	if (o->part.n && !found)
		return diag_error(d, (struct loc){ s, 0, 0, 0 },
				  "there is no network security group \"%.*s\" in the file", STR_ARG(o->part));
	if (chosen > 1)
		ruleset_unknown(reader->rules, loc_line(s, 1), STR("the whole file"),
				"there are %zu groups, and the file does not state their subnets (--part NAME)",
				chosen);
	reader->rules->n_understood = reader->rules->n_lines - MIN(reader->rules->n_lines, reader->rules->unknown.n);
	return diag_errors(d) == errors;
}
