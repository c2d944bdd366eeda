/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/aws/aws.h"

#include "dialect/common/match.h"
#include "doc/json-tree.h"

static void put_tag(struct json *j, unsigned number, struct str value)
{
	char key[40];
	snprintf(key, sizeof key, "%s-%u", AWS_MEMBERS_TAG, number);
	json_object(j);
	json_put_text(j, "Key", key);
	json_put_str(j, "Value", value);
	json_end(j);
}

bool aws_put_member_tags(struct json *j, struct str name, struct addrset members, struct diag *d)
{
	CLEANUP(out_free) struct out o = out_memory(1 << 16);
	char text[RANGE_TEXT];
	unsigned n = 0;
	json_key(j, "Tags");
	json_list(j);
	for (size_t i = 0; i < members.n; i++) {
		addr_range_text(&members.v[i], text);
		if (o.n && o.n + 1 + strlen(text) > AWS_LONGEST_TAG) {
			put_tag(j, ++n, out_view(&o));
			o.n = 0;
		}
		out_printf(&o, "%s%s", o.n ? " " : "", text);
	}
	if (o.n)
		put_tag(j, ++n, out_view(&o));
	json_end(j);
	if (n > AWS_MOST_TAGS)
		return diag_error(d, NOWHERE, "\"%.*s\" has more members than the %d tags of AWS can name", STR_ARG(name), AWS_MOST_TAGS);
	return true;
}

struct str aws_description(struct arena *a, struct str text)
{
	struct str all = str_dup(a, text);
	char *p = (char *)all.p;
	for (size_t i = 0; i < all.n; i++) {
		bool plain = (p[i] >= 'a' && p[i] <= 'z') || (p[i] >= 'A' && p[i] <= 'Z') || (p[i] >= '0' && p[i] <= '9');
		if (!plain && !(p[i] && strchr(" ._-:/()#,@[]+=&;{}!$*", p[i])))
			p[i] = '-';
	}
	return str_first(all, AWS_LONGEST_DESCRIPTION);
}

static void add_tags(struct aws *x, struct aws_guard *g)
{
	struct node_list tags = node_list(x->arena, node_get(g->node, "Tags"));
	for (size_t i = 0; i < tags.n; i++) {
		struct str key = node_str(tags.v[i], "Key"), value = node_str(tags.v[i], "Value"), word;
		if (str_is(key, "Name") && !g->name.n)
			g->name = value;
		if (!str_starts(key, AWS_MEMBERS_TAG))
			continue;
		g->members_known = true;
		while (str_word(&value, &word))
			if (!range_add(x->arena, word, &g->members))
				ruleset_unknown(x->rules, tags.v[i]->at, value, "this tag names no addresses");
	}
}

static void add_guard(struct aws *x, const struct node *n)
{
	struct aws_guard *g = ARENA_NEW(x->arena, struct aws_guard);
	struct str id = node_str(n, "GroupId"), acl = node_str(n, "NetworkAclId");
	*g = (struct aws_guard){ .id = id.n ? id : acl, .name = node_str(n, "GroupName"), .node = n };
	add_tags(x, g);
	*VEC_ADD(x->arena, &x->guards) = g;
	if (g->id.n)
		strmap_add(&x->by_id, g->id, g);
	if (g->name.n)
		strmap_add(&x->by_name, g->name, g);
}

/* The addresses of an interface belong to each of its groups; groups may stand behind their interfaces. */
static void add_interface(struct aws *x, const struct node *n)
{
	struct node_list groups = node_list(x->arena, node_either(n, "Groups", "SecurityGroups"));
	struct node_list v4 = node_list(x->arena, node_get(n, "PrivateIpAddresses"));
	struct node_list v6 = node_list(x->arena, node_get(n, "Ipv6Addresses"));
	for (size_t i = 0; i < groups.n; i++) {
		struct aws_guard *g = strmap_get(&x->by_id, node_str(groups.v[i], "GroupId"));
		if (!g)
			continue;
		g->members_known = true;
		for (size_t k = 0; k < v4.n; k++)
			range_add(x->arena, node_str(v4.v[k], "PrivateIpAddress"), &g->members);
		for (size_t k = 0; k < v6.n; k++)
			range_add(x->arena, node_str(v6.v[k], "Ipv6Address"), &g->members);
		if (!v4.n)
			range_add(x->arena, node_str(n, "PrivateIpAddress"), &g->members);
	}
}

struct walk {
	struct aws *x;
	const char *key, *other_key;
	bool second;	/* interfaces, when all groups are known */
};

static void walk(struct walk *w, const struct node *n)
{
	struct aws *x = w->x;
	for (size_t i = 0; n->kind == NODE_LIST && i < n->n; i++)
		walk(w, n->items[i]);
	if (n->kind != NODE_MAP)
		return;
	if (node_get(n, w->key) || node_get(n, w->other_key)) {
		if (!w->second)
			add_guard(x, n);
		return;
	}
	if (node_str(n, "SecurityGroupRuleId").n) {
		if (!w->second)
			*VEC_ADD(x->arena, &x->loose) = n;
		return;
	}
	bool interface = node_get(n, "NetworkInterfaceId") && node_either(n, "Groups", "SecurityGroups");
	if (interface) {
		x->has_inventory = true;
		if (w->second)
			add_interface(x, n);
		return;
	}
	if (node_str(n, "SubnetId").n && node_get(n, "CidrBlock"))
		strmap_add(&x->subnets, node_str(n, "SubnetId"), (void *)n);
	if (node_str(n, "PrefixListId").n && node_get(n, "Cidrs"))
		strmap_add(&x->prefix_lists, node_str(n, "PrefixListId"), (void *)n);
	for (size_t i = 0; i < n->n; i++)
		walk(w, n->pairs[i].value);
}

/* The blocks of the subnets that a list is associated with. */
static void add_subnets(struct aws *x, struct aws_guard *g)
{
	struct node_list v = node_list(x->arena, node_get(g->node, "Associations"));
	for (size_t i = 0; i < v.n; i++) {
		const struct node *s = strmap_get(&x->subnets, node_str(v.v[i], "SubnetId"));
		struct node_list six = node_list(x->arena, node_get(s, "Ipv6CidrBlockAssociationSet"));
		if (!s)
			continue;
		g->members_known = true;
		range_add(x->arena, node_str(s, "CidrBlock"), &g->members);
		for (size_t k = 0; k < six.n; k++)
			range_add(x->arena, node_str(six.v[k], "Ipv6CidrBlock"), &g->members);
	}
}

bool aws_begin(struct aws *x, struct arena *a, const struct source *s, const struct read_options *o, struct ruleset **ret,
	       struct diag *d, const char *dialect, const char *key, const char *other_key)
{
	*x = (struct aws){ .arena = a, .source = s, .options = o, .rules = ruleset_new(a, s, dialect), .diag = d,
			   .by_id = strmap_new(a), .by_name = strmap_new(a), .subnets = strmap_new(a), .prefix_lists = strmap_new(a) };
	*ret = x->rules;
	x->rules->order = strcmp(dialect, "aws-nacl") == 0 ? "the numbers of the rules decide which is first" :
							     "rules have no order";
	const struct node *n = json_parse(a, s, d);
	if (!n)
		return false;
	node_check_whole(x->rules, n);
	struct walk w = { .x = x, .key = key, .other_key = other_key };
	walk(&w, n);
	w.second = true;
	walk(&w, n);
	size_t chosen = 0;
	for (size_t i = 0; i < x->guards.n; i++) {
		struct aws_guard *g = x->guards.v[i];
		add_subnets(x, g);
		if (x->has_inventory)
			g->members_known = true;
		g->set = range_vec_set(a, &g->members);
		chosen += aws_chosen(x, g);
	}
	if (o->part.n && x->guards.n && !chosen)
		return diag_error(d, (struct loc){ s, 0, 0, 0 }, "there is no \"%.*s\" in it", STR_ARG(o->part));
	return true;
}

bool aws_chosen(const struct aws *x, const struct aws_guard *g)
{
	struct str part = x->options->part;
	return !part.n || str_eq(g->id, part) || str_eq(g->name, part);
}

/* A number of JSON or of text; -1 for what is not there. */
static bool number_of(const struct node *n, long *ret)
{
	uint32_t v;
	*ret = -1;
	if (!n || node_is_null(n) || (n->kind == NODE_SCALAR && str_is(n->text, "-1")))
		return true;
	if (n->kind != NODE_SCALAR || !str_to_u32(n->text, 65535, &v))
		return false;
	*ret = (long)v;
	return true;
}

bool aws_service(struct aws *x, struct str protocol, const struct node *from, const struct node *to, struct match *m)
{
	struct draft_match draft = draft_match_new(x->arena);
	unsigned number;
	long lo, hi;
	if (str_is(protocol, "-1") || str_iis(protocol, "all")) {
		*m = draft_match_done(&draft);
		return true;
	}
	if (!protocol_parse(protocol, &number) || !number_of(from, &lo) || !number_of(to, &hi))
		return false;
	if (protocol_is_icmp(number)) {
		struct portset all = port_set(x->arena, 0, 255);
		if (lo > 255 || hi > 255)
			return false;
		if (lo >= 0)
			draft_icmp(&draft, number == PROTO_ICMP6, port_set(x->arena, (uint16_t)lo, (uint16_t)lo),
				   hi >= 0 ? port_set(x->arena, (uint16_t)hi, (uint16_t)hi) : all);
	}
	draft_protocol(&draft, number);
	if ((number == PROTO_TCP || number == PROTO_UDP) && lo >= 0) {
		if (hi < lo)
			return false;
		draft_ports(&draft, port_set(x->arena, (uint16_t)lo, (uint16_t)hi), false);
	}
	*m = draft_match_done(&draft);
	return true;
}

static uint32_t base_chain(struct aws *x, const char *name)
{
	uint32_t c = ruleset_chain(x->rules, str_of(name), (struct loc){ x->source, 0, 0, 0 });
	*VEC_ADD(x->arena, &x->rules->bases) = c;
	x->rules->chains.v[c].fallthrough = ACTION_DENY;
	return c;
}

/* The last of several that permit is the one that answers name: what comes in is said most precisely. */
struct aws_chains aws_chains_begin(struct aws *x)
{
	enum policy_side side = x->options->side;
	struct aws_chains c = { .has_in = side != POLICY_OUTBOUND, .has_out = side != POLICY_INBOUND, .has_either = side == POLICY_TRANSIT };
	for (size_t i = 0; i < x->guards.n; i++)
		c.has_either &= x->guards.v[i]->members_known;
	c.has_either &= x->guards.n > 0;
	if (c.has_either)
		c.either = base_chain(x, "members");
	if (c.has_out)
		c.out = base_chain(x, "egress");
	if (c.has_in)
		c.in = base_chain(x, "ingress");
	return c;
}

static void implicit_rule(struct aws *x, uint32_t chain, const struct addrset *src, const struct addrset *dst, enum action action,
			  const char *text)
{
	struct rule *r = ruleset_rule(x->rules, chain, (struct loc){ x->source, 0, 0, 0 });
	r->match.src = src;
	r->match.dst = dst;
	r->action = action;
	r->implicit = true;
	r->text = str_of(text);
}

void aws_chains_end(struct aws *x, const struct aws_chains *c)
{
	struct addrset *all = ARENA_NEW(x->arena, struct addrset);
	range_vec v = { 0 };
	for (size_t i = 0; i < x->guards.n; i++) {
		const struct aws_guard *g = x->guards.v[i];
		for (size_t k = 0; k < g->set.n; k++)
			*VEC_ADD(x->arena, &v) = g->set.v[k];
	}
	*all = range_vec_set(x->arena, &v);
	if (!c->has_either)
		return;
	/* who has no guard is not filtered by one, but a packet between two such never comes here */
	implicit_rule(x, c->in, NULL, all, ACTION_DENY, "implicit: nothing else comes in");
	implicit_rule(x, c->out, all, NULL, ACTION_DENY, "implicit: nothing else goes out");
	x->rules->chains.v[c->in].fallthrough = ACTION_PERMIT;
	x->rules->chains.v[c->out].fallthrough = ACTION_PERMIT;
	implicit_rule(x, c->either, all, NULL, ACTION_PERMIT, "implicit: it comes from a member");
	implicit_rule(x, c->either, NULL, all, ACTION_PERMIT, "implicit: it goes to a member");
}
