/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AWS network ACLs, as describe-network-acls prints them.
 *
 * Entries are evaluated by number; the first match decides.  Network ACLs are
 * stateless: replies need entries of the other direction.  An entry has one
 * prefix, one protocol and one range of destination ports, so a relation takes
 * the product of these.  An ACL belongs to whole subnets and cannot distinguish
 * the hosts in them.
 *
 * Everywhere but in some networks is many prefixes.  Where it takes fewer entries,
 * those networks are denied and everywhere is permitted, after all other entries.
 */
#include "dialect/aws/aws.h"
#include "dialect/common/link.h"
#include "dialect/common/match.h"
#include "dialect/common/services.h"
#include "dialect/common/text.h"

enum {
	/*
	 * Entries of a direction and family: the quota, and the most to which it can be raised.  "Rules per network ACL",
	 * Amazon VPC quotas, https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
	 */
	USUAL_QUOTA = 20,
	MOST_ENTRIES = 40,
	LAST_NUMBER = 32766,
	EPHEMERAL_LOWEST = 1024, /* lowest source port of a client */
};

/* Kinds of entries, by number. */
enum stage {
	STAGE_PLAIN,
	STAGE_DENIALS, /* of what everywhere does not include */
	STAGE_EVERYWHERE,
	N_STAGES,
};

static const struct port_range stage_numbers[N_STAGES] = {
	[STAGE_PLAIN] = { 1, 16383 },
	[STAGE_DENIALS] = { 16384, 24575 },
	[STAGE_EVERYWHERE] = { 24576, LAST_NUMBER },
};

/* One entry, to be written or only counted. */
struct entry_writer {
	struct json *j; /* NULL: only counted */
	struct arena *arena;
	const struct policy *p;
	struct diag *diag;
	size_t n[2], n_staged[N_STAGES]; /* entries of a family, of a stage */
	struct kept_numbers numbers[N_STAGES];
	enum stage stage;
	struct addrset wide[2]; /* of each family: what is written as everywhere, after denials; empty: nothing */
	bool egress;
	bool ok;
	struct strmap *answers; /* entries that exist already */
};

static struct str entry_key(struct entry_writer *w, const char *prefix, int protocol, const struct port_range *ports,
			    int type, int code)
{
	char port[PORT_TEXT];
	return str_printf(w->arena, "%s %d %s %d %d", prefix, protocol, ports ? port_range_text(*ports, port) : "",
			  type, code);
}

static void put_entry(struct entry_writer *w, const struct addr_range *prefix, int protocol,
		      const struct port_range *ports, int type, int code)
{
	char text[RANGE_TEXT], address[ADDR_TEXT], proto[16];
	struct json *j = w->j;
	snprintf(text, sizeof text, "%s/%u", addr_text((struct addr){ prefix->family, prefix->lo }, address),
		 addr_range_first_prefix(prefix));
	if (w->answers &&
	    !strmap_add(w->answers, str_printf(w->arena, "%d %s %d %d %d", w->stage, text, protocol, type, code), w))
		return;
	w->n[prefix->family]++;
	w->n_staged[w->stage]++;
	if (!j)
		return;
	json_object(j);
	json_put_i64(j, "RuleNumber",
		     kept_number(&w->numbers[w->stage], entry_key(w, text, protocol, ports, type, code)));
	json_put_bool(j, "Egress", w->egress);
	json_put_text(j, "RuleAction", w->stage == STAGE_DENIALS ? "deny" : "allow");
	json_put_text(j, prefix->family == IPV4 ? "CidrBlock" : "Ipv6CidrBlock", text);
	snprintf(proto, sizeof proto, "%d", protocol);
	json_put_text(j, "Protocol", proto);
	if (ports) {
		json_key(j, "PortRange");
		json_object(j);
		json_put_i64(j, "From", ports->lo);
		json_put_i64(j, "To", ports->hi);
		json_end(j);
	}
	if (protocol_is_icmp((unsigned)protocol)) {
		json_key(j, "IcmpTypeCode");
		json_object(j);
		json_put_i64(j, "Type", type);
		json_put_i64(j, "Code", code);
		json_end(j);
	}
	json_end(j);
}

/* Permits the replies of a service: to any port that a client may have used. */
static void put_answer(struct entry_writer *w, const struct service_item *s, const struct addr_range *prefix)
{
	static const struct port_range clients = { EPHEMERAL_LOWEST, 65535 };
	bool any = item_is_any(s);
	if (item_has_ports(s) && (s->protocol_lo == PROTO_TCP || s->protocol_lo == PROTO_UDP)) {
		put_entry(w, prefix, s->protocol_lo, &clients, 0, 0);
	} else if (!any && protocol_is_icmp(s->protocol_lo)) {
		/* echo has a reply (RFC 792; RFC 4443, 4.2) */
		int question = s->protocol_lo == PROTO_ICMP ? 8 : 128, answer = s->protocol_lo == PROTO_ICMP ? 0 : 129;
		if (s->type < 0 || s->type == question)
			put_entry(w, prefix, s->protocol_lo, NULL, answer, s->code);
	} else {
		put_entry(w, prefix, any ? -1 : s->protocol_lo, NULL, 0, 0);
	}
}

static void put_service(struct entry_writer *w, const struct service_item *s, const struct addr_range *prefix,
			struct str title)
{
	if (!item_has_ports(s)) {
		put_entry(w, prefix, item_is_any(s) ? -1 : s->protocol_lo, NULL, s->type, s->code);
	} else if (s->protocol_lo == PROTO_TCP || s->protocol_lo == PROTO_UDP) {
		for (size_t i = 0; i < s->ports.n; i++)
			put_entry(w, prefix, s->protocol_lo, &s->ports.v[i], 0, 0);
	} else if (portset_is_all(s->ports)) {
		put_entry(w, prefix, s->protocol_lo, NULL, 0, 0);
	} else {
		w->ok = diag_error(w->diag, NOWHERE, "AWS supports ports of TCP and UDP only (\"%.*s\")",
				   STR_ARG(title));
	}
}

static struct addrset all_but(struct entry_writer *w, struct addrset s, enum family f)
{
	struct addr_range all = addr_range_all(f);
	return addrset_minus(w->arena, addrset_of(w->arena, &all, 1), s);
}

/* Only one such set of a family: the denials of another would deny what this one includes. */
static void find_wide(struct entry_writer *w)
{
	for (size_t i = 0; i < w->p->n_relations; i++) {
		struct addrset remote = remote_end(w->arena, w->p, &w->p->relations[i]);
		for (int f = IPV4; f <= IPV6; f++) {
			struct addrset part = addrset_part(remote, (enum family)f);
			if (!w->wide[f].n && part.n &&
			    addrset_count_prefixes(part) > addrset_count_prefixes(all_but(w, part, (enum family)f)) + 1)
				w->wide[f] = part;
		}
	}
}

/* The prefixes of a relation's remote side that the stage has entries for. */
static const struct addr_range *stage_prefixes(struct entry_writer *w, struct addrset part, enum family f, size_t *n)
{
	struct addr_range all = addr_range_all(f);
	bool wide = w->wide[f].n && addrset_equal(part, w->wide[f]);
	*n = 0;
	if (!part.n || wide != (w->stage != STAGE_PLAIN))
		return NULL;
	if (w->stage == STAGE_EVERYWHERE)
		part = addrset_of(w->arena, &all, 1);
	else if (w->stage == STAGE_DENIALS)
		part = all_but(w, part, f);
	return addrset_prefixes(w->arena, part, n);
}

static void put_relation(struct entry_writer *w, const struct relation *r, enum family f, bool answers)
{
	struct service_items items = services_merged(w->arena, &w->p->services[r->services]);
	size_t n;
	const struct addr_range *ranges = stage_prefixes(w, addrset_part(remote_end(w->arena, w->p, r), f), f, &n);
	for (size_t j = 0; j < n; j++)
		for (size_t m = 0; m < items.n; m++) {
			const struct service_item *s = &items.v[m];
			if (!item_in_family(s, f))
				continue;
			if (answers)
				put_answer(w, s, &ranges[j]);
			else
				put_service(w, s, &ranges[j], r->title);
		}
}

/*
 * ICMP errors, which a stateless list has to permit: from and to anywhere, because an entry for each prefix would
 * take most of those that there are.
 */
static void put_icmp_errors(struct entry_writer *w, enum family f)
{
	struct addr_range all = addr_range_all(f);
	bool used = false;
	for (size_t i = 0; i < w->p->n_relations && !used; i++)
		used = addrset_part(remote_end(w->arena, w->p, &w->p->relations[i]), f).n;
	for (const struct link_need *need = link_needs; used && need->name; need++)
		if (need->kind == BESIDE_ICMP_ERRORS && link_need_family(need) == f)
			put_entry(w, &all, need->protocol, NULL, need->types.lo, -1);
}

static void put_entries(struct entry_writer *w, bool answers)
{
	struct strmap seen = strmap_new(w->arena);
	w->answers = answers ? &seen : NULL;
	for (w->stage = STAGE_PLAIN; w->stage < N_STAGES; w->stage++)
		for (size_t i = 0; i < w->p->n_relations; i++)
			for (int f = IPV4; f <= IPV6; f++)
				put_relation(w, &w->p->relations[i], (enum family)f, answers);
	w->answers = NULL;
}

/* The entries of a direction: what is opened in it, and the replies to what is opened in the other. */
static void put_all_entries(struct entry_writer *w, bool egress)
{
	const struct policy *all = w->p;
	for (enum policy_side side = POLICY_INBOUND; side <= POLICY_OUTBOUND; side++) {
		struct policy one = policy_one_side(w->arena, all, side);
		w->p = &one;
		if (one.side == side)
			put_entries(w, egress != (side == POLICY_OUTBOUND));
	}
	w->p = all;
	w->stage = STAGE_PLAIN;
	for (int f = IPV4; f <= IPV6; f++)
		put_icmp_errors(w, (enum family)f);
}

static bool are_within_limits(struct entry_writer *w, const struct entry_writer *count, bool egress)
{
	bool ok = count->ok;
	for (int f = IPV4; f <= IPV6; f++) {
		const char *family = f == IPV4 ? "IPv4" : "IPv6", *direction = egress ? "egress" : "ingress";
		if (count->n[f] > MOST_ENTRIES)
			ok = diag_error(w->diag, NOWHERE,
					"%zu %s entries of %s exceed the %d that a network ACL may have", count->n[f],
					direction, family, MOST_ENTRIES);
		else if (count->n[f] > USUAL_QUOTA)
			diag_say(w->diag, "%zu %s entries of %s; the limit of AWS is %d unless the quota is raised",
				 count->n[f], direction, family, USUAL_QUOTA);
	}
	return ok;
}

static void put_direction(struct entry_writer *w, bool egress)
{
	struct entry_writer count = *w;
	count.j = NULL;
	put_all_entries(&count, egress);
	w->ok &= are_within_limits(w, &count, egress);
	for (int i = 0; i < N_STAGES; i++)
		w->numbers[i] = kept_numbers_new(w->arena, stage_numbers[i].lo, stage_numbers[i].hi, count.n_staged[i]);
	w->egress = egress;
	if (w->ok)
		put_all_entries(w, egress);
	memset(w->n, 0, sizeof w->n);
	memset(w->n_staged, 0, sizeof w->n_staged);
}

static bool emit(const struct policy *p, struct out *o, struct diag *d)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct json j = json_to(o);
	struct entry_writer w = { .j = &j, .arena = a, .p = p, .diag = d, .ok = true };
	if (!one_local_end(a, p))
		return diag_error(
			d, NOWHERE,
			"a network ACL belongs to a whole subnet; these relations have several endpoints there");
	find_wide(&w);
	json_object_lines(&j);
	json_key(&j, "NetworkAcls");
	json_list_lines(&j);
	json_object_lines(&j);
	json_key(&j, "Entries");
	json_list_lines(&j);
	put_direction(&w, false);
	put_direction(&w, true);
	json_end(&j);
	struct addrset local = NO_ADDRS;
	for (size_t i = 0; i < p->n_relations; i++)
		local = addrset_union(a, local, local_end(p, &p->relations[i]));
	if (local.n)
		w.ok &= aws_put_member_tags(&j, p->name, local, d);
	json_end(&j);
	json_end(&j);
	json_end(&j);
	out_char(o, '\n');
	return w.ok;
}

/* Reading */

struct acl_entry {
	const struct node *node;
	uint32_t number;
	bool egress;
};

static int entry_cmp(const void *one, const void *other)
{
	const struct acl_entry *a = one, *b = other;
	return CMP(a->number, b->number);
}

struct acl_reader {
	struct aws *aws;
	const struct aws_guard *guard;
	struct aws_chains chains;
	bool placed; /* of known subnets; else of the subject of the question */
	const char *why;
};

static void add_entry(struct acl_reader *p, const struct acl_entry *e)
{
	struct aws *aws = p->aws;
	const struct node *n = e->node, *ports = node_get(n, "PortRange"), *icmp = node_get(n, "IcmpTypeCode");
	struct str action = node_str(n, "RuleAction"), v4 = node_str(n, "CidrBlock"), v6 = node_str(n, "Ipv6CidrBlock");
	enum policy_side side = aws->options->side;
	struct match m = { 0 };
	range_vec ranges = { 0 };

	node_check_members(aws->rules, n,
			   "RuleNumber RuleAction Egress Protocol CidrBlock Ipv6CidrBlock PortRange IcmpTypeCode");
	if (ports)
		node_check_members(aws->rules, ports, "From To");
	if (icmp)
		node_check_members(aws->rules, icmp, "Code Type");
	if (!aws_service(aws, node_str(n, "Protocol"), icmp ? node_get(icmp, "Type") : node_get(ports, "From"),
			 icmp ? node_get(icmp, "Code") : node_get(ports, "To"), &m) ||
	    (!str_iis(action, "allow") && !str_iis(action, "deny")) || !(v4.n || v6.n) ||
	    !range_add(aws->arena, v4.n ? v4 : v6, &ranges)) {
		ruleset_unknown(aws->rules, n->at, node_text(aws->arena, n),
				"its protocol, ports, prefix or action are not understood");
		return;
	}
	struct addrset *remote = ARENA_NEW(aws->arena, struct addrset), *own = ARENA_NEW(aws->arena, struct addrset);
	*remote = range_vec_set(aws->arena, &ranges);
	*own = p->guard->set;
	const struct addrset *local = p->placed ? own : NULL;
	/* of the ACL of one host or subnet, one direction permits and the other replies */
	uint32_t chain = side == POLICY_TRANSIT   ? (e->egress ? p->chains.out : p->chains.in)
			 : side == POLICY_INBOUND ? p->chains.in
						  : p->chains.out;
	struct rule *r = ruleset_rule(aws->rules, chain, n->at);
	m.src = e->egress ? local : remote;
	m.dst = e->egress ? remote : local;
	m.never |= local && !local->n;
	if (side != POLICY_TRANSIT)
		m.conversation =
			e->egress == (side == POLICY_OUTBOUND) ? CONVERSATION_OPENING : CONVERSATION_ESTABLISHED;
	r->match = m;
	r->action = str_iis(action, "allow") ? ACTION_PERMIT : ACTION_DENY;
	r->perhaps = p->why;
	r->name = str_printf(aws->arena, "%u", e->number);
	r->text = node_text(aws->arena, n);
	/* the last one, which AWS adds */
	r->implicit = e->number > LAST_NUMBER;
}

static void read_list(struct acl_reader *p)
{
	struct aws *aws = p->aws;
	const struct node *node = p->guard->node;
	struct node_list list = node_list(aws->arena, node_get(node, "Entries"));
	struct acl_entry *entries = ARENA_ARRAY(aws->arena, struct acl_entry, list.n);
	size_t n = 0;
	node_check_members(aws->rules, node, "NetworkAclId VpcId OwnerId IsDefault Associations Entries Tags");
	for (size_t i = 0; i < list.n; i++) {
		struct acl_entry e = { .node = list.v[i] };
		const struct node *egress = node_get(list.v[i], "Egress");
		aws->rules->n_lines++;
		if (!str_to_u32(node_str(list.v[i], "RuleNumber"), 65535, &e.number) || !egress ||
		    egress->kind != NODE_SCALAR ||
		    (!str_iis(egress->text, "true") && !str_iis(egress->text, "false"))) {
			ruleset_unknown(aws->rules, list.v[i]->at, node_text(aws->arena, list.v[i]),
					"its number or direction is not understood");
			continue;
		}
		e.egress = str_iis(egress->text, "true");
		entries[n++] = e;
	}
	sort_items(entries, n, sizeof *entries, entry_cmp);
	for (size_t i = 0; i < n; i++)
		add_entry(p, &entries[i]);
}

static bool parse(struct arena *a, const struct source *s, const struct read_options *o, struct ruleset **ret,
		  struct diag *d)
{
	size_t errors = diag_errors(d), unplaced = 0;
	struct aws *aws = ARENA_NEW(a, struct aws);
	if (!aws_begin(aws, a, s, o, ret, d, "aws-nacl", "Entries", "Entries"))
		return false;
	if (!aws->guards.n)
		return diag_error(d, loc_line(s, 1), "this is not a network ACL: Entries is missing");
	aws->rules->replies = REPLIES_BY_RULE;
	for (size_t i = 0; i < aws->guards.n; i++)
		unplaced += aws_chosen(aws, aws->guards.v[i]) && !aws->guards.v[i]->members_known;
	struct acl_reader p = { .aws = aws, .chains = aws_chains_begin(aws) };
	for (size_t i = 0; i < aws->guards.n; i++) {
		const struct aws_guard *g = aws->guards.v[i];
		if (!aws_chosen(aws, g))
			continue;
		p.guard = g;
		p.placed = g->members_known;
		p.why = NULL;
		if (!p.placed && o->side == POLICY_TRANSIT)
			p.why = "the subnets of this ACL, which are not in the file (describe-subnets)";
		else if (!p.placed && unplaced > 1)
			p.why = "which ACL is the subnet's (--part ACL)";
		read_list(&p);
	}
	aws_chains_end(aws, &p.chains);
	aws->rules->n_understood = aws->rules->n_lines - MIN(aws->rules->n_lines, aws->rules->unknown.n);
	return diag_errors(d) == errors;
}

static unsigned resembles(struct str text)
{
	struct str head = str_first(text, 1 << 16);
	bool entries = str_find_text(head, STR("\"RuleNumber\"")) != SIZE_MAX;
	return entries || str_find_text(head, STR("\"NetworkAcls\"")) != SIZE_MAX ? 95 : 0;
}

static const struct dialect_loading aws_nacl_loading = {
	.loads = LOADS_REPLACES_ALL,
	.load = "aws ec2 create-network-acl and create-network-acl-entry; replace-network-acl-association",
	.undo = "replace-network-acl-association, with the list of before",
};

const struct dialect dialect_aws_nacl = {
	.name = "aws-nacl",
	.title = "AWS network ACLs (JSON)",
	.ending = "json",
	.loading = &aws_nacl_loading,
	.has_no_comments = true,
	.emit = emit,
	.parse = parse,
	.resembles = resembles,
	.for_hosts = true,
	.one_list = true,
	.replies_open = true,
	.both_directions = true,
	.beside = BESIDE_ICMP_ERRORS,
	.cannot = CANNOT_SOURCE_PORTS | CANNOT_PROTOCOL_RANGES,
	/* an entry is one prefix and one range of ports */
	.rules_of_a_relation = 2 * MOST_ENTRIES,
};
