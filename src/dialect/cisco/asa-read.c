/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading Cisco ASA: running configurations and listings of access lists.
 *
 * Traffic that enters an interface is matched against the list bound there, then
 * against the global one; without a list, the security levels of the interfaces
 * decide.  Address translation is in asa-nat.c.
 */
#include "dialect/cisco/cisco.h"

struct asa_interface {
	struct str name;
	uint32_t level;
	bool level_said, shut;
	bool managing; /* management-only: no transit traffic */
	bool tunnel;   /* what enters here comes out of a tunnel */
	struct loc at;
	struct addr address;
	bool addressed;
};

struct asa_pool {
	struct addr_range range;
	struct loc at;
	struct str text;
};

/* A policy map: it has no effect until a service policy names it. */
struct asa_policy {
	struct str name;
	bool rpc, tftp, icmp;
	bool bound;
};

struct asa {
	struct cisco *c;
	VEC(struct asa_interface) interfaces;
	struct asa_interface current;
	bool in_interface, equal_levels, inside_levels;
	uint32_t version;           /* 802 is 8.2; 0: not stated */
	bool tunnels_filtered;      /* no sysopt connection permit-vpn */
	bool tunnels_bound;         /* a crypto map, or a VPN portal for clients */
	VEC(struct asa_pool) pools; /* address pools of clients */
	VEC(struct asa_policy) policies;
	struct strmap policy_index; /* name -> its number in policies, from 1 on */
	size_t policy;              /* the policy map that lines belong to, + 1 */
	bool inspects_icmp, says_inspection;
};

/* No model has more; each pair of them has a rule. */
enum { MOST_INTERFACES = 2000 };

static void end_interface(struct asa *s)
{
	if (s->in_interface && s->current.name.n)
		*VEC_ADD(s->c->keep, &s->interfaces) = s->current;
	if (s->in_interface && s->current.name.n && s->current.addressed) {
		struct addr *own = ARENA_NEW(s->c->keep, struct addr);
		*own = s->current.address;
		strmap_add(&s->c->own, s->current.name, own);
	}
	s->in_interface = false;
}

static bool read_interface_line(struct asa *s)
{
	const words *w = &s->c->words;
	if (words_begin(w, "nameif %")) {
		s->current.name = str_dup(s->c->keep, w->v[1]);
		/* the only name with a security level of its own */
		if (!s->current.level_said)
			s->current.level = str_is(w->v[1], "inside") ? 100 : 0;
	} else if (words_begin(w, "security-level %")) {
		s->current.level_said = str_to_u32(w->v[1], 100, &s->current.level);
	} else if (words_begin(w, "ip address % %")) {
		s->current.addressed = addr_parse(w->v[2], &s->current.address);
	} else if (words_begin(w, "shutdown")) {
		s->current.shut = true;
	} else if (words_begin(w, "management-only")) {
		s->current.managing = w->n == 1; /* "individual" is for clusters, and means the same */
		s->current.managing |= w->n == 2 && str_is(w->v[1], "individual");
	} else if (words_begin(w, "tunnel protection ipsec")) {
		s->current.tunnel = true;
	} else if (words_begin(w, "no forward interface %")) {
		cisco_unknown(s->c, "forwarding that is disabled between two interfaces is not modelled");
	} else {
		return false;
	}
	return true;
}

static enum cisco_kind kind_of(struct str word, bool *known)
{
	*known = true;
	if (str_is(word, "network"))
		return CISCO_NETWORK;
	if (str_is(word, "service"))
		return CISCO_SERVICE;
	if (str_is(word, "protocol"))
		return CISCO_PROTOCOL;
	if (str_is(word, "icmp-type"))
		return CISCO_ICMP;
	*known = false;
	return CISCO_NETWORK;
}

static bool read_group_header(struct cisco *c)
{
	const words *w = &c->words;
	bool known;
	if (!words_begin(w, "object-group % %") && !words_begin(w, "object network %") &&
	    !words_begin(w, "object service %"))
		return false;
	bool object = str_is(w->v[0], "object");
	enum cisco_kind kind = kind_of(w->v[1], &known);
	struct cisco_group *g = cisco_group(c, object ? 'o' : 'g', w->v[2], true);
	g->single = object;
	cisco_begin_group(c, g, kind);
	if (!known)
		g->perhaps = "a group of a kind that is not modelled";
	g->strange = !known;
	if (!object && kind == CISCO_SERVICE && w->n > 3) {
		g->typed.lo = str_is(w->v[3], "udp") ? PROTO_UDP : PROTO_TCP;
		g->typed.hi = str_is(w->v[3], "tcp") ? PROTO_TCP : PROTO_UDP;
	}
	return true;
}

/*
 * `line N` inserts an entry before the one at that line.  A listing numbers its lines in
 * order, and the number adds nothing; where it is out of order, the list differs from the file.
 */
static void count_line(struct cisco *c, struct cisco_list *l, struct str number)
{
	uint32_t n;
	if (!number.n) {
		l->position++;
		l->position_said = false;
		return;
	}
	if (!str_to_u32(number, UINT32_MAX, &n) || n < l->position || (n == l->position && !l->position_said))
		ruleset_unknown(c->rules, lines_at(&c->lines), c->line,
				"an inserted entry; list the access list and read that");
	else
		l->position = n;
	l->position_said = true;
}

static void read_list_line(struct cisco *c)
{
	const words *w = &c->words;
	/* in a listing, the expansion of an entry is indented below it */
	if (line_indent(c->line) > 0 && w->n > 3) {
		struct cisco_list *l = cisco_list_of(c, IPV4, w->v[1], false);
		if (!l || !l->entries.n)
			return;
		cisco_add_entry(c, l, false, 0);
		l->entries.v[l->entries.n - 1].part = true;
		return;
	}
	if (w->n < 3 || words_begin(w, "access-list cached") || words_begin(w, "access-list alert-interval"))
		return;
	size_t i = 2;
	struct str number = NO_STR;
	if (str_is(w->v[i], "line") && w->n > i + 2) {
		number = w->v[i + 1];
		i += 2;
	}
	if (str_is(w->v[i], "remark"))
		count_line(c, cisco_list_of(c, IPV4, w->v[1], true), number);
	if (str_is(w->v[i], "rename"))
		cisco_unknown(c, "a list is renamed");
	if (str_is(w->v[i], "remark") || str_is(w->v[i], "ethertype") || str_is(w->v[i], "webtype") ||
	    str_is(w->v[i], "rename"))
		return;
	/* "access-list A; 3 elements; name hash: 0x1" */
	if (w->v[1].n && w->v[1].p[w->v[1].n - 1] == ';')
		return;
	struct cisco_list *l = cisco_list_of(c, IPV4, w->v[1], true);
	if (!l->defined)
		l->at = lines_at(&c->lines);
	count_line(c, l, number);
	cisco_add_entry(c, l, false, 0);
	c->at_entry = true;
}

static void read_binding(struct cisco *c)
{
	const words *w = &c->words;
	struct cisco_binding b = {
		.list = str_dup(c->keep, w->v[1]), .both = true, .at = lines_at(&c->lines), .text = c->line
	};
	if (words_begin(w, "access-group % global")) {
		cisco_add_binding(c, &b);
		return;
	}
	if (!words_begin(w, "access-group % in interface %") && !words_begin(w, "access-group % out interface %")) {
		cisco_unknown(c, "the list is bound in no direction");
		return;
	}
	if (w->n > 5 && str_is(w->v[5], "control-plane"))
		return;
	b.out = str_is(w->v[2], "out");
	b.interface = str_dup(c->keep, w->v[4]);
	if (w->n > 5 && str_is(w->v[5], "per-user-override"))
		cisco_unknown(c, "access lists of users are not modelled");
	cisco_add_binding(c, &b);
}

/* What filters or permits in ways that are not modelled. */
static bool is_odd(struct asa *s)
{
	static const char login[] = "connections that wait for a login are not modelled";
	static const char less[] = "this removes something above; list the configuration and read that";
	static const char module[] = "a module that may drop packets is not modelled";
	static const char router[] = "this is a statement of routers, not of an ASA";
	static const struct {
		const char *pattern, *why;
	} odd[] = {
		{ "ip access-list", router },
		{ "ip access-group", router },
		{ "established %", "secondary connections that this opens are not modelled" },
		{ "aaa authentication match", login },
		{ "aaa authentication include", login },
		{ "aaa authorization match", login },
		{ "aaa authorization include", login },
		{ "no access-list", less },
		{ "no access-group", less },
		{ "no object-group", less },
		{ "no object", less },
		{ "clear configure object", less },
		{ "clear configure object-group", less },
		{ "clear configure access-group", less },
		{ "sfr fail-open", module },
		{ "sfr fail-close", module },
		{ "cxsc fail-open", module },
		{ "cxsc fail-close", module },
		{ "ips inline", module },
	};
	for (size_t i = 0; i < ARRAY_LEN(odd); i++)
		if (words_begin(&s->c->words, odd[i].pattern)) {
			cisco_unknown(s->c, odd[i].why);
			return true;
		}
	return false;
}

static void read_version(struct asa *s)
{
	struct str rest = s->c->words.v[2], part;
	uint32_t major = 0, minor = 0;
	if (str_cut(&rest, '.', &part) && str_to_u32(part, 99, &major))
		str_to_u32(str_first(rest,
				     rest.n > 1 && rest.p[1] >= '0' && rest.p[1] <= '9' ? 2 : MIN(rest.n, (size_t)1)),
			   99, &minor);
	s->version = major * 100 + minor;
}

/* Tunnels: what comes out of one bypasses the lists, unless that is disabled. */
static bool read_tunnel(struct asa *s)
{
	struct cisco *c = s->c;
	const words *w = &c->words;
	struct asa_pool pool = { .at = lines_at(&c->lines), .text = c->line };
	if (words_begin(w, "no sysopt connection permit-vpn") || words_begin(w, "no sysopt connection permit-ipsec"))
		s->tunnels_filtered = true;
	else if (words_begin(w, "crypto map % interface %") || (line_indent(c->line) && words_begin(w, "enable %")))
		s->tunnels_bound = true;
	else if (words_begin(w, "crypto map % % match address %"))
		*VEC_ADD(c->keep, &c->tunnels) = (struct cisco_tunnel){ .list = str_dup(c->keep, w->v[6]),
									.at = lines_at(&c->lines),
									.text = c->line };
	else if (words_begin(w, "ip local pool % %") && addr_range_parse(w->v[4], &pool.range) <= RANGE_HOST_BITS)
		*VEC_ADD(c->keep, &s->pools) = pool;
	else
		return false;
	return true;
}

/* Its index in policies, + 1; created when missing. */
static size_t policy_of(struct asa *s, struct str name)
{
	uintptr_t known = (uintptr_t)strmap_get(&s->policy_index, name);
	if (known)
		return known;
	struct str copy = str_dup(s->c->keep, name);
	*VEC_ADD(s->c->keep, &s->policies) = (struct asa_policy){ .name = copy };
	strmap_add(&s->policy_index, copy, (void *)(uintptr_t)s->policies.n);
	return s->policies.n;
}

/* A function, so that the index is known, and the list long enough, before it is accessed. */
static struct asa_policy *policy_at(const struct asa *s, size_t place)
{
	return &s->policies.v[place - 1];
}

static void read_policy(struct asa *s)
{
	const words *w = &s->c->words;
	if (words_begin(w, "policy-map type"))
		s->policy = 0;
	else if (words_begin(w, "policy-map %"))
		s->policy = policy_of(s, w->v[1]);
	else
		policy_at(s, policy_of(s, w->v[1]))->bound = true;
}

static void read_inspection(struct asa *s)
{
	const words *w = &s->c->words;
	struct asa_policy *p = policy_at(s, s->policy ? s->policy : policy_of(s, NO_STR));
	p->rpc |= str_is(w->v[1], "dcerpc");
	p->tftp |= str_is(w->v[1], "tftp");
	p->icmp |= str_is(w->v[1], "icmp") && w->n == 2;
}

/* A partial configuration is assumed to belong to one that applies its policy maps. */
static void add_up_inspection(struct asa *s)
{
	for (size_t i = 0; i < s->policies.n; i++) {
		const struct asa_policy *p = &s->policies.v[i];
		if (!p->bound && p->name.n && s->interfaces.n)
			continue;
		s->c->rules->helps_rpc |= p->rpc;
		s->c->rules->helps_tftp |= p->tftp;
		s->inspects_icmp |= p->icmp;
	}
}

/* "nat (inside) 1 ...", before 8.3: sources, behind the lists. */
static bool is_number(struct str s)
{
	uint32_t n;
	return str_to_u32(s, UINT32_MAX, &n);
}

static void look_at_others(struct asa *s)
{
	struct cisco *c = s->c;
	const words *w = &c->words;
	if (words_begin(w, "same-security-traffic permit inter-interface")) {
		s->equal_levels = true;
	} else if (words_begin(w, "same-security-traffic permit intra-interface")) {
		s->inside_levels = true;
	} else if (read_tunnel(s) || is_odd(s)) {
		return;
	} else if (line_indent(c->line) > 0 && cisco_drops_all(w)) {
		cisco_unknown(c, "a policy that drops packets is not modelled");
	} else if (words_begin(w, "name % %")) {
		struct str *address = ARENA_NEW(c->keep, struct str);
		*address = str_dup(c->keep, w->v[1]);
		strmap_add(&c->aliases, str_dup(c->keep, w->v[2]), address);
	} else if (words_begin(w, "inspect %")) {
		read_inspection(s);
	} else if (words_begin(w, "policy-map %") || words_begin(w, "service-policy %")) {
		s->says_inspection = true;
		read_policy(s);
	} else if (words_begin(w, "ASA Version %") || words_begin(w, "PIX Version %")) {
		read_version(s);
	} else if (words_begin(w, "nat-control") && s->version && s->version < 803) {
		cisco_unknown(c, "before 8.3 untranslated packets may be dropped, and translation is not modelled");
	} else if (str_is(w->v[0], "nat") && w->n > 2 && w->v[1].p[0] == '(' && !is_number(w->v[2])) {
		cisco_keep_nat(c);
	} else if (str_is(w->v[0], "static") && w->n > 3 && w->v[1].p[0] == '(') {
		cisco_keep_nat(c);
	}
}

static void read_line(struct asa *s)
{
	struct cisco *c = s->c;
	const words *w = &c->words;
	bool indented = line_indent(c->line) > 0, listed = indented && words_begin(w, "access-list %");

	if (!listed && cisco_is_broken(c))
		return;
	c->at_entry = false;
	if (indented && s->in_interface && read_interface_line(s))
		return;
	if (c->group && indented && str_is(w->v[0], "nat"))
		cisco_keep_nat(c);
	if (c->group && !listed && (indented || cisco_is_member(c))) {
		if (!cisco_group_line(c))
			cisco_unknown(c, "this is not a member of such a group");
		return;
	}
	if (words_begin(w, "clear configure access-list %")) {
		struct cisco_list *l = cisco_list_of(c, IPV4, w->v[3], false);
		if (l)
			cisco_clear_list(l);
		return;
	}
	if (words_begin(w, "access-list %")) {
		c->group = NULL;
		read_list_line(c);
		return;
	}
	if (!indented) {
		c->group = NULL;
		end_interface(s);
	}
	if (!indented && words_begin(w, "interface %")) {
		s->in_interface = true;
		s->current = (struct asa_interface){ .at = lines_at(&c->lines) };
	} else if (words_begin(w, "access-group % %")) {
		read_binding(c);
	} else if (!(!indented && cisco_removes_group(c)) && !read_group_header(c)) {
		look_at_others(s);
	}
}

static struct interface_names one_name(struct arena *a, struct str name)
{
	struct str *copy = ARENA_NEW(a, struct str);
	*copy = name;
	return (struct interface_names){ .v = copy, .n = 1 };
}

static bool has_list(const struct cisco *c, struct str interface)
{
	const struct cisco_bound *b = strmap_get(&c->bound, interface);
	while (b && (b->binding >= c->bindings.n || c->bindings.v[b->binding].out))
		b = b->next;
	return b;
}

static struct rule *put_pair(struct asa *s, uint32_t base, struct str in, struct str out, enum action action,
			     struct loc at, const char *text)
{
	struct cisco *c = s->c;
	struct rule *rule = cisco_implicit(c, base, action, text);
	rule->at = at;
	rule->match.in = in.n ? one_name(c->keep, in) : (struct interface_names){ 0 };
	rule->match.out = out.n ? one_name(c->keep, out) : (struct interface_names){ 0 };
	return rule;
}

/*
 * What no list permits: from or to an interface that is shut down, within an interface,
 * and possibly between interfaces of one level, where the effect of a list is undocumented.
 */
static void add_walls(struct asa *s, uint32_t base)
{
	struct cisco *c = s->c;
	bool global = has_list(c, NO_STR);
	for (size_t i = 0; i < s->interfaces.n; i++) {
		const struct asa_interface *interface = &s->interfaces.v[i];
		if (interface->managing || interface->shut) {
			const char *text = interface->shut ? "implicit: the interface is shut down"
							   : "implicit: the interface is for management only";
			put_pair(s, base, interface->name, NO_STR, ACTION_DENY, interface->at, text);
			put_pair(s, base, NO_STR, interface->name, ACTION_DENY, interface->at, text);
		}
		for (size_t j = 0; j < s->interfaces.n && !s->equal_levels && (global || has_list(c, interface->name));
		     j++)
			if (j != i && s->interfaces.v[j].level == interface->level && interface->level_said &&
			    s->interfaces.v[j].level_said)
				put_pair(s, base, interface->name, s->interfaces.v[j].name, ACTION_DENY, interface->at,
					 "implicit: traffic between interfaces of one security level is denied")
					->perhaps = "whether a list suffices between interfaces of one security level";
	}
	for (size_t i = 0; i < c->options->n_shared && !s->inside_levels && s->interfaces.n; i++)
		put_pair(s, base, c->options->shared[i], c->options->shared[i], ACTION_DENY,
			 (struct loc){ c->source, 0, 0, 0 },
			 "implicit: traffic out of its ingress interface is denied");
}

static void add_tunnels(struct asa *s, uint32_t base)
{
	struct cisco *c = s->c;
	if (s->tunnels_filtered)
		return;
	for (size_t i = 0; i < c->tunnels.n && s->tunnels_bound; i++)
		if (!cisco_add_tunnel(c, base, c->tunnels.v[i].list))
			ruleset_unknown(c->rules, c->tunnels.v[i].at, c->tunnels.v[i].text,
					"there is no access list \"%.*s\" in this file", STR_ARG(c->tunnels.v[i].list));
	for (size_t i = 0; i < s->pools.n && s->tunnels_bound; i++) {
		struct addrset from = addrset_of(c->scratch, &s->pools.v[i].range, 1);
		cisco_add_tunnel_rule(c, base, &from, NULL, s->pools.v[i].at, s->pools.v[i].text);
	}
	for (size_t i = 0; i < s->interfaces.n; i++)
		if (s->interfaces.v[i].tunnel)
			put_pair(s, base, s->interfaces.v[i].name, NO_STR, ACTION_PERMIT, s->interfaces.v[i].at,
				 "implicit: a tunnel")
				->perhaps = cisco_out_of_tunnel;
}

/*
 * Before 9.0 these lists are of IPv4, and IPv6 has separate ones, which are not
 * read.
 */
static void leave_ipv6(struct asa *s, uint32_t base)
{
	struct cisco *c = s->c;
	if (!s->version || s->version >= 900)
		return;
	for (int j = 0; j < 2; j++) {
		struct rule *rule =
			cisco_implicit(c, base, j ? ACTION_DENY : ACTION_PERMIT, "implicit: IPv6 before 9.0");
		struct draft_match m = draft_match_new(c->keep);
		draft_family(&m, IPV6);
		draft_perhaps(&m, "before 9.0 IPv6 has separate lists, which are not read");
		draft_into(&m, rule);
	}
}

/*
 * Without inspection ICMP is stateless: each reply is matched against the lists.  Where
 * the file does not state what is inspected, the defaults are assumed.
 */
static void remember(struct asa *s, uint32_t base)
{
	struct cisco *c = s->c;
	if (c->rules->replies == REPLIES_FREE)
		return;
	static const uint8_t ends[][2] = { { 0, 0 }, { 2, 57 }, { 59, 255 } };
	struct service_term *terms = ARENA_ARRAY(c->keep, struct service_term, ARRAY_LEN(ends));
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		terms[i] = (struct service_term){ ends[i][0], ends[i][1], ALL_PORTS, ALL_PORTS };
	struct rule *rule =
		cisco_implicit(c, base, ACTION_PERMIT, "implicit: replies, except of ICMP, which is not inspected");
	rule->match.services = terms;
	rule->match.n_services = ARRAY_LEN(ends);
	rule->match.conversation = CONVERSATION_ESTABLISHED;
}

/* Without a list, security levels decide: traffic from the higher to the lower passes. */
static void add_levels(struct asa *s, uint32_t base, const struct asa_interface *from)
{
	struct cisco *c = s->c;
	for (size_t i = 0; i < s->interfaces.n; i++) {
		const struct asa_interface *to = &s->interfaces.v[i];
		if (str_eq(to->name, from->name) || to->shut || to->managing)
			continue;
		bool permits = from->level > to->level || (from->level == to->level && s->equal_levels);
		struct rule *rule = cisco_implicit(c, base, permits ? ACTION_PERMIT : ACTION_DENY, "");
		rule->at = from->at;
		rule->text = str_printf(c->keep, "implicit: from %.*s (level %u) to %.*s (level %u)",
					STR_ARG(from->name), from->level, STR_ARG(to->name), to->level);
		rule->match.in = one_name(c->keep, from->name);
		rule->match.out = one_name(c->keep, to->name);
	}
}

static void make_inbound(struct asa *s)
{
	struct cisco *c = s->c;
	const struct cisco_binding *global = NULL;
	uint32_t base = ruleset_chain(c->rules, STR("in"), (struct loc){ c->source, 0, 0, 0 });
	*VEC_ADD(c->keep, &c->rules->bases) = base;
	for (size_t i = 0; i < c->bindings.n; i++)
		if (!c->bindings.v[i].out && !c->bindings.v[i].interface.n)
			global = &c->bindings.v[i];
	/* a list that was asked for is proved alone */
	if (!c->options->part.n) {
		remember(s, base);
		add_tunnels(s, base);
		add_walls(s, base);
	}
	leave_ipv6(s, base);
	/* with a global list, what an interface's list does not match is matched against the global one before it is denied */
	for (size_t i = 0; i < c->bindings.n; i++)
		if (!c->bindings.v[i].out && c->bindings.v[i].interface.n)
			cisco_bind(c, base, &c->bindings.v[i], !global);
	if (global) {
		cisco_bind(c, base, global, true);
		return;
	}
	for (size_t i = 0; i < s->interfaces.n; i++)
		if (!has_list(c, s->interfaces.v[i].name) && !s->interfaces.v[i].shut && !s->interfaces.v[i].managing)
			add_levels(s, base, &s->interfaces.v[i]);
	if (s->interfaces.n) {
		cisco_implicit(c, base, ACTION_DENY, "implicit: by an interface that is not in this file");
		return;
	}
	struct rule *rule = cisco_implicit(c, base, ACTION_PERMIT, "implicit: an interface without a list");
	rule->perhaps = "the interface has no list in this file, and its security level is unknown";
	cisco_implicit(c, base, ACTION_DENY, "implicit: an interface without a list");
}

static void make_outbound(struct asa *s)
{
	struct cisco *c = s->c;
	uint32_t base = UINT32_MAX;
	for (size_t i = 0; i < c->bindings.n; i++) {
		if (!c->bindings.v[i].out)
			continue;
		if (base == UINT32_MAX) {
			base = ruleset_chain(c->rules, STR("out"), (struct loc){ c->source, 0, 0, 0 });
			*VEC_ADD(c->keep, &c->rules->bases) = base;
			remember(s, base);
			add_tunnels(s, base);
			leave_ipv6(s, base);
		}
		cisco_bind(c, base, &c->bindings.v[i], true);
	}
	if (base != UINT32_MAX)
		c->rules->chains.v[base].fallthrough = ACTION_PERMIT;
}

static void read_file(struct asa *s)
{
	struct cisco *c = s->c;
	c->lines = lines_of(c->source);
	while (lines_next(&c->lines, &c->line)) {
		c->rules->n_lines++;
		struct str t = str_trim(c->line);
		if (!t.n || t.p[0] == '!' || cisco_is_too_long(c)) {
			c->at_entry = false;
			if (t.n && line_indent(c->line) == 0)
				c->group = NULL;
			continue;
		}
		arena_reset(c->scratch);
		cisco_split(c);
		read_line(s);
	}
	end_interface(s);
}

bool cisco_asa_parse(struct arena *a, const struct source *s, const struct read_options *o, struct ruleset **ret,
		     struct diag *d)
{
	CLEANUP(arena_freep) struct arena *scratch = arena_new();
	size_t errors = diag_errors(d);
	struct cisco *c = ARENA_NEW(a, struct cisco);
	*c = (struct cisco){ .keep = a,
			     .scratch = scratch,
			     .source = s,
			     .options = o,
			     .diag = d,
			     .asa = true,
			     .rules = ruleset_new(a, s, "cisco-asa"),
			     .groups = strmap_new(a),
			     .aliases = strmap_new(a),
			     .lists = strmap_new(a),
			     .bound = strmap_new(a),
			     .own = strmap_new(a) };
	struct asa *asa = ARENA_NEW(a, struct asa);
	asa->c = c;
	asa->policy_index = strmap_new(a);
	c->rules->replies = REPLIES_FREE;
	*ret = c->rules;
	if (str_find(str_first(s->text, 1 << 16), 0) != SIZE_MAX)
		return diag_error(d, (struct loc){ s, 1, 1, 0 }, "this is not text");
	read_file(asa);
	if (asa->interfaces.n > MOST_INTERFACES)
		return diag_error(d, asa->interfaces.v[MOST_INTERFACES].at, "there are more than %d interfaces",
				  MOST_INTERFACES);
	add_up_inspection(asa);
	if (o->part.n)
		c->bindings.n = 0;
	if (!c->bindings.n && (o->part.n || !asa->interfaces.n) && diag_errors(d) == errors) {
		if (!cisco_bind_unbound(c) && !c->rules->unknown.n)
			ruleset_unknown(c->rules, (struct loc){ s, 0, 0, 0 }, NO_STR,
					"there is no access list in the file");
	}
	if (asa->says_inspection && !asa->inspects_icmp && asa->interfaces.n && !o->part.n)
		c->rules->replies = REPLIES_TRACKED;
	if (c->bindings.n || asa->interfaces.n)
		make_inbound(asa);
	make_outbound(asa);
	cisco_translate(c);
	return diag_errors(d) == errors;
}
