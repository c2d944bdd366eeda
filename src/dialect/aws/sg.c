/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AWS security groups, as describe-security-groups prints them and the calls
 * that authorize permissions take them.
 *
 * A group permits and never denies; the groups of an interface add up; they are
 * stateful.  A relation becomes ingress permissions of the group of its
 * destinations.  A source that has a group of its own, because it is also a
 * destination, needs egress permissions as well.
 */
#include "dialect/aws/aws.h"
#include "dialect/common/match.h"
#include "dialect/common/services.h"
#include "dialect/common/text.h"

enum {
	/*
	 * Rules of a group, in a direction and family: "Inbound or outbound rules per security group", Amazon VPC quotas,
	 * https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html.  More would need several groups of the
	 * same members, whose number on an interface is limited, too, and shared with groups of others.
	 */
	MOST_OF_A_GROUP = 60,
	LONGEST_NAME = 255,
};

struct group_writer {
	struct json *j;
	struct arena *arena;
	const struct policy *p;
	struct diag *diag;
	struct strmap names; /* written, in lower case */
	size_t rules[2];     /* of each family, in the direction that is written */
	bool ok;
};

struct prefixes {
	const struct addr_range *v;
	size_t n;
};

static struct prefixes counted(struct group_writer *w, struct addrset s)
{
	size_t n;
	const struct addr_range *ranges = addrset_prefixes(w->arena, s, &n);
	if (n)
		w->rules[s.v[0].family] += n;
	return (struct prefixes){ ranges, n };
}

static void put_prefixes(struct group_writer *w, const char *key, const char *member, struct prefixes s,
			 struct str about)
{
	char text[RANGE_TEXT], address[ADDR_TEXT];
	if (!s.n)
		return;
	json_key(w->j, key);
	json_list(w->j);
	for (size_t i = 0; i < s.n; i++) {
		unsigned length = addr_range_first_prefix(&s.v[i]);
		snprintf(text, sizeof text, "%s/%u", addr_text((struct addr){ s.v[i].family, s.v[i].lo }, address),
			 length);
		json_object(w->j);
		json_put_text(w->j, member, text);
		json_put_str(w->j, "Description", about);
		json_end(w->j);
	}
	json_end(w->j);
}

static void put_permission(struct group_writer *w, const struct service_item *s, long from, long to, bool said,
			   struct addrset remote, struct str about)
{
	char proto[PROTOCOL_TEXT];
	struct prefixes v4 = counted(w, item_in_family(s, IPV4) ? addrset_part(remote, IPV4) : NO_ADDRS);
	struct prefixes v6 = counted(w, item_in_family(s, IPV6) ? addrset_part(remote, IPV6) : NO_ADDRS);
	if (!v4.n && !v6.n)
		return;
	json_object(w->j);
	json_put_text(w->j, "IpProtocol",
		      item_is_any(s)                  ? "-1"
		      : s->protocol_lo == PROTO_ICMP6 ? "icmpv6"
						      : protocol_text(s->protocol_lo, proto));
	if (said) {
		json_put_i64(w->j, "FromPort", from);
		json_put_i64(w->j, "ToPort", to);
	}
	put_prefixes(w, "IpRanges", "CidrIp", v4, about);
	put_prefixes(w, "Ipv6Ranges", "CidrIpv6", v6, about);
	json_end(w->j);
}

static void put_relation(struct group_writer *w, const struct relation *r, struct addrset remote)
{
	struct service_items items = services_merged(w->arena, &w->p->services[r->services]);
	struct str about = aws_description(w->arena, text_about(w->arena, AWS_LONGEST_DESCRIPTION, r));
	for (size_t i = 0; i < items.n; i++) {
		const struct service_item *s = &items.v[i];
		bool tcp_or_udp = s->protocol_lo == PROTO_TCP || s->protocol_lo == PROTO_UDP;
		if (!item_has_ports(s)) {
			bool icmp = s->protocol_lo == s->protocol_hi && protocol_is_icmp(s->protocol_lo);
			put_permission(w, s, s->type, s->code, icmp, remote, about);
		} else if (tcp_or_udp) {
			for (size_t j = 0; j < s->ports.n; j++)
				put_permission(w, s, s->ports.v[j].lo, s->ports.v[j].hi, true, remote, about);
		} else if (portset_is_all(s->ports)) {
			put_permission(w, s, -1, -1, false, remote, about);
		} else {
			w->ok = diag_error(w->diag, NOWHERE, "AWS supports ports of TCP and UDP only (\"%.*s\")",
					   STR_ARG(r->title));
		}
	}
}

/* A relation permits on the side that it is of; between zones, on both. */
static bool is_of_side(const struct policy *p, const struct relation *r, bool in)
{
	return p->side != POLICY_BOTH || r->outbound != in;
}

static void check_limit(struct group_writer *w, struct str name, bool in)
{
	for (int f = IPV4; f <= IPV6; f++)
		if (w->rules[f] > MOST_OF_A_GROUP)
			w->ok = diag_error(w->diag, NOWHERE,
					   "\"%.*s\" needs %zu %s rules of %s; these exceed the %d of a security group",
					   STR_ARG(name), w->rules[f], in ? "ingress" : "egress",
					   f == IPV4 ? "IPv4" : "IPv6", MOST_OF_A_GROUP);
}

static void put_permissions(struct group_writer *w, const char *key, size_t group, bool in)
{
	w->rules[IPV4] = w->rules[IPV6] = 0;
	json_key(w->j, key);
	json_list_lines(w->j);
	for (size_t i = 0; i < w->p->n_relations; i++) {
		const struct relation *r = &w->p->relations[i];
		if ((in ? r->dst : r->src) == group && is_of_side(w->p, r, in))
			put_relation(w, r, w->p->groups[in ? r->src : r->dst].addresses);
	}
	json_end(w->j);
	if (group != SIZE_MAX)
		check_limit(w, w->p->groups[group].name, in);
}

static bool is_used(const struct policy *p, size_t group, bool as_dst)
{
	for (size_t i = 0; i < p->n_relations; i++)
		if ((as_dst ? p->relations[i].dst : p->relations[i].src) == group &&
		    is_of_side(p, &p->relations[i], as_dst))
			return true;
	return false;
}

/* AWS ignores case here. */
static struct str name_of(struct group_writer *w, struct str name, size_t group)
{
	struct str s = text_name(w->arena, str_printf(w->arena, "portolan-%.*s", STR_ARG(name)), "-_.", '-',
				 LONGEST_NAME - 10);
	if (!strmap_add(&w->names, str_lower(w->arena, s), w))
		s = str_printf(w->arena, "%.*s-%zu", STR_ARG(s), group + 1);
	return s;
}

/* What a policy group needs: ingress of its destinations, egress of its sources. */
struct needed_group {
	size_t group;
	bool comes, goes;
	struct addrset members;
};

static void put_group(struct group_writer *w, const struct needed_group *needed, bool in, bool out)
{
	const struct policy_group *g = &w->p->groups[needed->group];
	struct str about =
		str_printf(w->arena, "%.*s: %.*s", STR_ARG(w->p->name), STR_ARG(g->about.n ? g->about : g->name));
	json_object_lines(w->j);
	json_put_str(w->j, "GroupName", name_of(w, g->name, needed->group));
	json_put_str(w->j, "Description", aws_description(w->arena, about));
	if (in)
		put_permissions(w, "IpPermissions", needed->comes ? needed->group : SIZE_MAX, true);
	if (out)
		put_permissions(w, "IpPermissionsEgress", needed->goes ? needed->group : SIZE_MAX, false);
	w->ok &= aws_put_member_tags(w->j, g->name, needed->members, w->diag);
	json_end(w->j);
}

/*
 * The addresses that have groups: all destinations, and of sources those that a packet's destination does not filter for.
 * Of a host, its own side.
 */
static struct addrset members_of(struct arena *a, const struct policy *p, bool in)
{
	struct addrset members = NO_ADDRS;
	for (size_t i = 0; i < p->n_groups; i++)
		if ((in && is_used(p, i, true)) || ((!in || p->side == POLICY_BOTH) && is_used(p, i, false)))
			members = addrset_union(a, members, p->groups[i].addresses);
	for (size_t i = 0; i < p->n_relations && p->outside.n; i++)
		if (addrset_intersect(a, p->groups[p->relations[i].dst].addresses, p->outside).n)
			members = addrset_union(a, members, p->groups[p->relations[i].src].addresses);
	return addrset_minus(a, members, p->outside);
}

static bool emit(const struct policy *p, struct out *o, struct diag *d)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct json j = json_to(o);
	struct group_writer w = { .j = &j, .arena = a, .p = p, .diag = d, .names = strmap_new(a), .ok = true };
	bool in = p->side != POLICY_OUTBOUND, out = p->side != POLICY_INBOUND;
	struct addrset members = members_of(a, p, in);
	size_t written = 0;
	json_object_lines(&j);
	json_key(&j, "SecurityGroups");
	json_list_lines(&j);
	for (size_t i = 0; i < p->n_groups; i++) {
		const struct policy_group *g = &p->groups[i];
		struct needed_group needed = { .group = i,
					       .goes = out && is_used(p, i, false),
					       .comes = in && is_used(p, i, true) };
		needed.members = addrset_intersect(a, g->addresses, members);
		if (!(needed.goes || needed.comes) || !needed.members.n)
			continue;
		put_group(&w, &needed, in, out);
		written++;
	}
	if (!written) {
		/* nothing is needed: an empty group permits nothing */
		json_object_lines(&j);
		json_put_str(&j, "GroupName",
			     text_name(a, str_printf(a, "portolan-%.*s", STR_ARG(p->name)), "-_.", '-', LONGEST_NAME));
		put_permissions(&w, "IpPermissions", SIZE_MAX, true);
		put_permissions(&w, "IpPermissionsEgress", SIZE_MAX, false);
		json_end(&j);
	}
	json_end(&j);
	json_end(&j);
	out_char(o, '\n');
	return w.ok;
}

/* Reading */

struct permission_reader {
	struct aws *aws;
	const struct aws_guard *guard;
	uint32_t chain;
	bool in;
	const char *why_guard; /* why it is uncertain whether the guard applies */
};

static void read_group_pair(struct permission_reader *p, const struct node *pair, range_vec *ranges,
			    const char **perhaps)
{
	struct aws *aws = p->aws;
	struct str id = node_str(pair, "GroupId"), name = node_str(pair, "GroupName");
	const struct aws_guard *g = strmap_get(&aws->by_id, id);
	if (!g && name.n)
		g = strmap_get(&aws->by_name, name);
	if (!g || !g->members_known) {
		*perhaps = "the members of a group that are not in the file";
		return;
	}
	for (size_t i = 0; i < g->set.n; i++)
		*VEC_ADD(aws->arena, ranges) = g->set.v[i];
}

static void read_prefix_list(struct permission_reader *p, struct str id, range_vec *ranges, const char **perhaps)
{
	const struct node *list = strmap_get(&p->aws->prefix_lists, id);
	struct node_list cidrs = node_list(p->aws->arena, node_get(list, "Cidrs"));
	if (!list)
		*perhaps = "a prefix list whose entries are not in the file";
	for (size_t i = 0; i < cidrs.n; i++)
		if (cidrs.v[i]->kind != NODE_SCALAR || !range_add(p->aws->arena, cidrs.v[i]->text, ranges))
			ruleset_unknown(p->aws->rules, cidrs.v[i]->at, node_text(p->aws->arena, cidrs.v[i]),
					"this is not a prefix");
}

static void add_rule(struct permission_reader *p, const struct node *n, const struct match *services,
		     const struct addrset *remote, const char *perhaps, struct str about)
{
	struct aws *aws = p->aws;
	struct rule *r = ruleset_rule(aws->rules, p->chain, n->at);
	struct addrset *own = ARENA_NEW(aws->arena, struct addrset);
	*own = p->guard->set;
	r->match = *services;
	const struct addrset *local = p->guard->members_known ? own : NULL;
	r->match.src = p->in ? remote : local;
	r->match.dst = p->in ? local : remote;
	r->match.never |= (local && !local->n) || (remote && !remote->n);
	r->action = ACTION_PERMIT;
	r->perhaps = perhaps ? perhaps : p->why_guard;
	r->name = p->guard->name.n ? p->guard->name : p->guard->id;
	r->comment = about;
	r->text = node_text(aws->arena, n);
}

static void take_cidrs(struct permission_reader *p, const struct node *n, const char *key, const char *member,
		       range_vec *ranges, struct str *about)
{
	struct node_list list = node_list(p->aws->arena, node_get(n, key));
	for (size_t i = 0; i < list.n; i++) {
		node_check_members(p->aws->rules, list.v[i], "CidrIp CidrIpv6 Description");
		if (!range_add(p->aws->arena, node_str(list.v[i], member), ranges))
			ruleset_unknown(p->aws->rules, list.v[i]->at, node_text(p->aws->arena, list.v[i]),
					"this is not a prefix");
		else if (!about->n)
			*about = node_str(list.v[i], "Description");
	}
}

/* What a permission names other than by prefix may be any address. */
static void add_rules(struct permission_reader *p, const struct node *n, const struct match *services,
		      const range_vec *ranges, const char *perhaps, struct str about)
{
	struct addrset *remote = ARENA_NEW(p->aws->arena, struct addrset);
	*remote = range_vec_set(p->aws->arena, ranges);
	if (remote->n || !perhaps)
		add_rule(p, n, services, remote, NULL, about);
	if (perhaps)
		add_rule(p, n, services, NULL, perhaps, about);
}

static void read_permission(struct permission_reader *p, const struct node *n)
{
	struct aws *aws = p->aws;
	struct match services = { 0 };
	range_vec ranges = { 0 };
	const char *perhaps = NULL;
	struct str about = NO_STR;
	aws->rules->n_lines++;
	if (n->kind != NODE_MAP ||
	    !aws_service(aws, node_str(n, "IpProtocol"), node_get(n, "FromPort"), node_get(n, "ToPort"), &services)) {
		ruleset_unknown(aws->rules, n->at, node_text(aws->arena, n),
				"its protocol or ports are not understood");
		return;
	}
	node_check_members(aws->rules, n,
			   "IpProtocol FromPort ToPort IpRanges Ipv6Ranges PrefixListIds UserIdGroupPairs");
	take_cidrs(p, n, "IpRanges", "CidrIp", &ranges, &about);
	take_cidrs(p, n, "Ipv6Ranges", "CidrIpv6", &ranges, &about);
	struct node_list pairs = node_list(aws->arena, node_get(n, "UserIdGroupPairs"));
	for (size_t i = 0; i < pairs.n; i++) {
		read_group_pair(p, pairs.v[i], &ranges, &perhaps);
		if (!about.n)
			about = node_str(pairs.v[i], "Description");
	}
	struct node_list lists = node_list(aws->arena, node_get(n, "PrefixListIds"));
	for (size_t i = 0; i < lists.n; i++)
		read_prefix_list(p, node_str(lists.v[i], "PrefixListId"), &ranges, &perhaps);
	add_rules(p, n, &services, &ranges, perhaps, about);
}

/* describe-security-group-rules: one rule an object. */
static void read_loose(struct permission_reader *p, const struct node *n)
{
	struct aws *aws = p->aws;
	struct match services = { 0 };
	range_vec ranges = { 0 };
	const char *perhaps = NULL;
	aws->rules->n_lines++;
	if (!aws_service(aws, node_str(n, "IpProtocol"), node_get(n, "FromPort"), node_get(n, "ToPort"), &services)) {
		ruleset_unknown(aws->rules, n->at, node_text(aws->arena, n),
				"its protocol or ports are not understood");
		return;
	}
	node_check_members(aws->rules, n,
			   "SecurityGroupRuleId SecurityGroupRuleArn GroupId GroupOwnerId IsEgress IpProtocol FromPort "
			   "ToPort CidrIpv4 "
			   "CidrIpv6 PrefixListId ReferencedGroupInfo Description Tags");
	if ((node_str(n, "CidrIpv4").n && !range_add(aws->arena, node_str(n, "CidrIpv4"), &ranges)) ||
	    (node_str(n, "CidrIpv6").n && !range_add(aws->arena, node_str(n, "CidrIpv6"), &ranges)))
		ruleset_unknown(aws->rules, n->at, node_text(aws->arena, n), "this is not a prefix");
	if (node_get(n, "ReferencedGroupInfo"))
		read_group_pair(p, node_get(n, "ReferencedGroupInfo"), &ranges, &perhaps);
	if (node_str(n, "PrefixListId").n)
		read_prefix_list(p, node_str(n, "PrefixListId"), &ranges, &perhaps);
	add_rules(p, n, &services, &ranges, perhaps, node_str(n, "Description"));
}

static void read_guard(struct aws *aws, const struct aws_chains *c, const struct aws_guard *g, const char *why)
{
	struct permission_reader p = { .aws = aws, .guard = g, .why_guard = why };
	struct node_list in = node_list(aws->arena, node_get(g->node, "IpPermissions"));
	struct node_list out = node_list(aws->arena, node_get(g->node, "IpPermissionsEgress"));
	node_check_members(
		aws->rules, g->node,
		"GroupId GroupName Description OwnerId VpcId Tags IpPermissions IpPermissionsEgress SecurityGroupArn");
	p.chain = c->in;
	p.in = true;
	for (size_t i = 0; c->has_in && i < in.n; i++)
		read_permission(&p, in.v[i]);
	p.chain = c->out;
	p.in = false;
	for (size_t i = 0; c->has_out && i < out.n; i++)
		read_permission(&p, out.v[i]);
}

/* Groups that only their separate rules mention. */
static void read_loose_rules(struct aws *aws, const struct aws_chains *c, const char *why)
{
	struct strmap made = strmap_new(aws->arena);
	for (size_t i = 0; i < aws->loose.n; i++) {
		const struct node *n = aws->loose.v[i];
		struct str id = node_str(n, "GroupId");
		struct aws_guard *g = strmap_get(&aws->by_id, id);
		if (!g && !(g = strmap_get(&made, id))) {
			g = ARENA_NEW(aws->arena, struct aws_guard);
			*g = (struct aws_guard){ .id = id, .node = n };
			strmap_add(&made, id, g);
		}
		bool egress = str_is(node_str(n, "IsEgress"), "true");
		struct permission_reader p = { .aws = aws,
					       .guard = g,
					       .why_guard = g->members_known ? NULL : why,
					       .in = !egress,
					       .chain = egress ? c->out : c->in };
		if (aws_chosen(aws, g) && (egress ? c->has_out : c->has_in))
			read_loose(&p, n);
	}
}

static bool parse(struct arena *a, const struct source *s, const struct read_options *o, struct ruleset **ret,
		  struct diag *d)
{
	size_t errors = diag_errors(d), unplaced = 0;
	struct aws *aws = ARENA_NEW(a, struct aws);
	if (!aws_begin(aws, a, s, o, ret, d, "aws-sg", "IpPermissions", "IpPermissionsEgress"))
		return false;
	if (!aws->guards.n && !aws->loose.n)
		return diag_error(d, loc_line(s, 1), "this is not a security group: IpPermissions is missing");
	aws->rules->replies = REPLIES_FREE;
	for (size_t i = 0; i < aws->guards.n; i++)
		unplaced += aws_chosen(aws, aws->guards.v[i]) && !aws->guards.v[i]->members_known;
	struct aws_chains c = aws_chains_begin(aws);
	const char *why = NULL;
	/* a single group, selected as a host's own, is on the host */
	if (o->side == POLICY_TRANSIT)
		why = "the interfaces of this group, which are not in the file (describe-network-interfaces)";
	else if (unplaced > 1 || (aws->loose.n && !o->part.n))
		why = "which group the host has (--part GROUP)";
	for (size_t i = 0; i < aws->guards.n; i++)
		if (aws_chosen(aws, aws->guards.v[i]))
			read_guard(aws, &c, aws->guards.v[i], aws->guards.v[i]->members_known ? NULL : why);
	read_loose_rules(aws, &c, why);
	aws_chains_end(aws, &c);
	aws->rules->n_understood = aws->rules->n_lines - MIN(aws->rules->n_lines, aws->rules->unknown.n);
	return diag_errors(d) == errors;
}

static unsigned resembles(struct str text)
{
	struct str head = str_first(text, 1 << 16);
	if (str_find_text(head, STR("\"IpPermissions")) != SIZE_MAX ||
	    str_find_text(head, STR("\"SecurityGroupRuleId\"")) != SIZE_MAX)
		return 95;
	return str_find_text(head, STR("\"SecurityGroups\"")) != SIZE_MAX ? 60 : 0;
}

static const struct dialect_loading aws_sg_loading = {
	.loads = LOADS_ADDS,
	.load = "aws ec2 create-security-group, authorize-security-group-ingress and -egress; of a new group, revoke "
		"the "
		"egress rule that permits everything",
	.undo = "aws ec2 revoke-security-group-ingress and -egress",
};

const struct dialect dialect_aws_sg = {
	.name = "aws-sg",
	.title = "AWS security groups (JSON)",
	.ending = "json",
	.loading = &aws_sg_loading,
	.removal = &aws_sg_removal,
	.has_no_comments = true,
	.emit = emit,
	.parse = parse,
	.resembles = resembles,
	.for_hosts = true,
	.one_list = true,
	.for_transit = true,
	.at_each_host = true,
	.cannot = CANNOT_SOURCE_PORTS | CANNOT_PROTOCOL_RANGES,
	/* a permission is one protocol and one range of ports */
	.rules_of_a_relation = 16,
};
