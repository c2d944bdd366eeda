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
		return diag_error(d, NOWHERE, "\"%.*s\" has more members than the %d tags that AWS allows",
				  STR_ARG(name), AWS_MOST_TAGS);
	return true;
}

struct str aws_description(struct arena *a, struct str text)
{
	struct str all = str_dup(a, text);
	char *p = (char *)all.p;
	for (size_t i = 0; i < all.n; i++) {
		bool plain =
			(p[i] >= 'a' && p[i] <= 'z') || (p[i] >= 'A' && p[i] <= 'Z') || (p[i] >= '0' && p[i] <= '9');
		if (!plain && !char_in(p[i], " ._-:/()#,@[]+=&;{}!$*"))
			p[i] = '-';
	}
	return str_first(all, AWS_LONGEST_DESCRIPTION);
}

static void add_tags(struct aws *aws, struct aws_guard *g)
{
	struct node_list tags = node_list(aws->arena, node_get(g->node, "Tags"));
	for (size_t i = 0; i < tags.n; i++) {
		struct str key = node_str(tags.v[i], "Key"), value = node_str(tags.v[i], "Value"), word;
		if (str_is(key, "Name") && !g->name.n)
			g->name = value;
		if (!str_starts(key, AWS_MEMBERS_TAG))
			continue;
		g->members_known = true;
		while (str_word(&value, &word))
			if (!range_add(aws->arena, word, &g->members))
				ruleset_unknown(aws->rules, tags.v[i]->at, value, "this tag has no addresses");
	}
}

static void add_guard(struct aws *aws, const struct node *n)
{
	struct aws_guard *g = ARENA_NEW(aws->arena, struct aws_guard);
	struct str id = node_str(n, "GroupId"), acl = node_str(n, "NetworkAclId");
	*g = (struct aws_guard){ .id = id.n ? id : acl, .name = node_str(n, "GroupName"), .node = n };
	add_tags(aws, g);
	*VEC_ADD(aws->arena, &aws->guards) = g;
	if (g->id.n)
		strmap_add(&aws->by_id, g->id, g);
	if (g->name.n)
		strmap_add(&aws->by_name, g->name, g);
}

/* The addresses of an interface belong to each of its groups; a group may follow its interfaces in the file. */
static void add_interface(struct aws *aws, const struct node *n)
{
	struct node_list groups = node_list(aws->arena, node_either(n, "Groups", "SecurityGroups"));
	struct node_list v4 = node_list(aws->arena, node_get(n, "PrivateIpAddresses"));
	struct node_list v6 = node_list(aws->arena, node_get(n, "Ipv6Addresses"));
	for (size_t i = 0; i < groups.n; i++) {
		struct aws_guard *g = strmap_get(&aws->by_id, node_str(groups.v[i], "GroupId"));
		if (!g)
			continue;
		g->members_known = true;
		for (size_t j = 0; j < v4.n; j++)
			range_add(aws->arena, node_str(v4.v[j], "PrivateIpAddress"), &g->members);
		for (size_t j = 0; j < v6.n; j++)
			range_add(aws->arena, node_str(v6.v[j], "Ipv6Address"), &g->members);
		if (!v4.n)
			range_add(aws->arena, node_str(n, "PrivateIpAddress"), &g->members);
	}
}

struct walk {
	struct aws *aws;
	const char *key, *other_key;
	bool second; /* interfaces, once all groups are known */
};

static void walk(struct walk *w, const struct node *n)
{
	struct aws *aws = w->aws;
	for (size_t i = 0; n->kind == NODE_LIST && i < n->n; i++)
		walk(w, n->items[i]);
	if (n->kind != NODE_MAP)
		return;
	if (node_get(n, w->key) || node_get(n, w->other_key)) {
		if (!w->second)
			add_guard(aws, n);
		return;
	}
	if (node_str(n, "SecurityGroupRuleId").n) {
		if (!w->second)
			*VEC_ADD(aws->arena, &aws->loose) = n;
		return;
	}
	bool interface = node_get(n, "NetworkInterfaceId") && node_either(n, "Groups", "SecurityGroups");
	if (interface) {
		aws->has_inventory = true;
		if (w->second)
			add_interface(aws, n);
		return;
	}
	if (node_str(n, "SubnetId").n && node_get(n, "CidrBlock"))
		strmap_add(&aws->subnets, node_str(n, "SubnetId"), (void *)n);
	if (node_str(n, "PrefixListId").n && node_get(n, "Cidrs"))
		strmap_add(&aws->prefix_lists, node_str(n, "PrefixListId"), (void *)n);
	for (size_t i = 0; i < n->n; i++)
		walk(w, n->pairs[i].value);
}

/* The blocks of the subnets that an ACL is associated with. */
static void add_subnets(struct aws *aws, struct aws_guard *g)
{
	struct node_list associations = node_list(aws->arena, node_get(g->node, "Associations"));
	for (size_t i = 0; i < associations.n; i++) {
		const struct node *s = strmap_get(&aws->subnets, node_str(associations.v[i], "SubnetId"));
		struct node_list six = node_list(aws->arena, node_get(s, "Ipv6CidrBlockAssociationSet"));
		if (!s)
			continue;
		g->members_known = true;
		range_add(aws->arena, node_str(s, "CidrBlock"), &g->members);
		for (size_t j = 0; j < six.n; j++)
			range_add(aws->arena, node_str(six.v[j], "Ipv6CidrBlock"), &g->members);
	}
}

bool aws_begin(struct aws *aws, struct arena *a, const struct source *s, const struct read_options *o,
	       struct ruleset **ret, struct diag *d, const char *dialect, const char *key, const char *other_key)
{
	*aws = (struct aws){ .arena = a,
			     .source = s,
			     .options = o,
			     .rules = ruleset_new(a, s, dialect),
			     .diag = d,
			     .by_id = strmap_new(a),
			     .by_name = strmap_new(a),
			     .subnets = strmap_new(a),
			     .prefix_lists = strmap_new(a) };
	*ret = aws->rules;
	aws->rules->order =
		strcmp(dialect, "aws-nacl") == 0 ? "rules are evaluated by their numbers" : "rules have no order";
	const struct node *n = json_parse(a, s, d);
	if (!n)
		return false;
	node_check_whole(aws->rules, n);
	struct walk w = { .aws = aws, .key = key, .other_key = other_key };
	walk(&w, n);
	w.second = true;
	walk(&w, n);
	size_t chosen = 0;
	for (size_t i = 0; i < aws->guards.n; i++) {
		struct aws_guard *g = aws->guards.v[i];
		add_subnets(aws, g);
		if (aws->has_inventory)
			g->members_known = true;
		g->set = range_vec_set(a, &g->members);
		chosen += aws_chosen(aws, g);
	}
	if (o->part.n && aws->guards.n && !chosen)
		return diag_error(d, (struct loc){ s, 0, 0, 0 }, "\"%.*s\" is not in the file", STR_ARG(o->part));
	return true;
}

bool aws_chosen(const struct aws *aws, const struct aws_guard *g)
{
	struct str part = aws->options->part;
	return !part.n || str_eq(g->id, part) || str_eq(g->name, part);
}

/* A number of JSON or of text; -1 when absent. */
static bool number_of(const struct node *n, long *ret)
{
	uint32_t number;
	*ret = -1;
	if (!n || node_is_null(n) || (n->kind == NODE_SCALAR && str_is(n->text, "-1")))
		return true;
	if (n->kind != NODE_SCALAR || !str_to_u32(n->text, 65535, &number))
		return false;
	*ret = (long)number;
	return true;
}

bool aws_service(struct aws *aws, struct str protocol, const struct node *from, const struct node *to, struct match *m)
{
	struct draft_match draft = draft_match_new(aws->arena);
	unsigned number;
	long lo, hi;
	if (str_is(protocol, "-1") || str_iis(protocol, "all")) {
		*m = draft_match_done(&draft);
		return true;
	}
	if (!protocol_parse(protocol, &number) || !number_of(from, &lo) || !number_of(to, &hi))
		return false;
	if (protocol_is_icmp(number)) {
		struct portset all = port_set(aws->arena, 0, 255);
		if (lo > 255 || hi > 255)
			return false;
		if (lo >= 0)
			draft_icmp(&draft, number == PROTO_ICMP6, port_set(aws->arena, (uint16_t)lo, (uint16_t)lo),
				   hi >= 0 ? port_set(aws->arena, (uint16_t)hi, (uint16_t)hi) : all);
	}
	draft_protocol(&draft, number);
	if ((number == PROTO_TCP || number == PROTO_UDP) && lo >= 0) {
		if (hi < lo)
			return false;
		draft_ports(&draft, port_set(aws->arena, (uint16_t)lo, (uint16_t)hi), false);
	}
	*m = draft_match_done(&draft);
	return true;
}

static uint32_t base_chain(struct aws *aws, const char *name)
{
	uint32_t c = ruleset_chain(aws->rules, str_of(name), (struct loc){ aws->source, 0, 0, 0 });
	*VEC_ADD(aws->arena, &aws->rules->bases) = c;
	aws->rules->chains.v[c].fallthrough = ACTION_DENY;
	return c;
}

/* Of several that permit, the last is reported: ingress is the most precise. */
struct aws_chains aws_chains_begin(struct aws *aws)
{
	enum policy_side side = aws->options->side;
	struct aws_chains c = { .has_in = side != POLICY_OUTBOUND,
				.has_out = side != POLICY_INBOUND,
				.has_either = side == POLICY_TRANSIT };
	for (size_t i = 0; i < aws->guards.n; i++)
		c.has_either &= aws->guards.v[i]->members_known;
	c.has_either &= aws->guards.n > 0;
	if (c.has_either)
		c.either = base_chain(aws, "members");
	if (c.has_out)
		c.out = base_chain(aws, "egress");
	if (c.has_in)
		c.in = base_chain(aws, "ingress");
	return c;
}

static void implicit_rule(struct aws *aws, uint32_t chain, const struct addrset *src, const struct addrset *dst,
			  enum action action, const char *text)
{
	struct rule *r = ruleset_rule(aws->rules, chain, (struct loc){ aws->source, 0, 0, 0 });
	r->match.src = src;
	r->match.dst = dst;
	r->action = action;
	r->implicit = true;
	r->text = str_of(text);
}

void aws_chains_end(struct aws *aws, const struct aws_chains *c)
{
	struct addrset *all = ARENA_NEW(aws->arena, struct addrset);
	range_vec ranges = { 0 };
	for (size_t i = 0; i < aws->guards.n; i++) {
		const struct aws_guard *g = aws->guards.v[i];
		for (size_t j = 0; j < g->set.n; j++)
			*VEC_ADD(aws->arena, &ranges) = g->set.v[j];
	}
	*all = range_vec_set(aws->arena, &ranges);
	if (!c->has_either)
		return;
	/* an address without a guard is not filtered, but a packet between two of these does not pass here */
	implicit_rule(aws, c->in, NULL, all, ACTION_DENY, "implicit: other ingress is denied");
	implicit_rule(aws, c->out, all, NULL, ACTION_DENY, "implicit: other egress is denied");
	aws->rules->chains.v[c->in].fallthrough = ACTION_PERMIT;
	aws->rules->chains.v[c->out].fallthrough = ACTION_PERMIT;
	implicit_rule(aws, c->either, all, NULL, ACTION_PERMIT, "implicit: the source is a member");
	implicit_rule(aws, c->either, NULL, all, ACTION_PERMIT, "implicit: the destination is a member");
}
