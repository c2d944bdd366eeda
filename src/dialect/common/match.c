/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/common/match.h"

struct portset port_set(struct arena *a, uint16_t lo, uint16_t hi)
{
	struct port_range r = { lo, hi };
	return portset_of(a, &r, 1);
}

struct addrset range_set(struct arena *a, struct addr_range r)
{
	return addrset_of(a, &r, 1);
}

/* The initial match of every draft is shared: a file may have a million rules. */
static const struct addr_range everywhere[] = { { IPV4, 0, UINT32_MAX }, { IPV6, 0, ~(u128)0 } };
static const struct port_range every_port[] = { { 0, 65535 } }, every_byte[] = { { 0, 255 } };

struct portset all_port_set(void)
{
	return (struct portset){ every_port, 1 };
}

struct addrset everywhere_set(void)
{
	return (struct addrset){ everywhere, ARRAY_LEN(everywhere) };
}

enum { MOST_MASK_HOLES = 12 }; /* 4096 ranges */

bool masked_set(struct arena *a, struct addr at, struct addr mask, bool wildcard, struct addrset *ret)
{
	uint32_t wild = wildcard ? (uint32_t)mask.n : ~(uint32_t)mask.n, base = (uint32_t)at.n & ~wild;
	uint32_t low = 0;
	unsigned holes = 0, bits[32];
	VEC(struct addr_range) ranges = { 0 };
	if (at.family != IPV4 || mask.family != IPV4)
		return false;
	while (low < 32 && wild & (1u << low))
		low++;
	for (unsigned i = low; i < 32; i++)
		if (wild & (1u << i))
			bits[holes++] = i;
	if (holes > MOST_MASK_HOLES)
		return false;
	u128 size = (u128)1 << low;
	for (uint32_t choice = 0; choice < 1u << holes; choice++) {
		uint32_t n = base;
		for (unsigned b = 0; b < holes; b++)
			if (choice & (1u << b))
				n |= 1u << bits[b];
		*VEC_ADD(a, &ranges) = (struct addr_range){ IPV4, n, n + size - 1 };
	}
	*ret = addrset_of(a, ranges.v, ranges.n);
	return true;
}

struct draft_match draft_match_new(struct arena *a)
{
	return (struct draft_match){
		.arena = a,
		.src = everywhere_set(),
		.dst = everywhere_set(),
		.protocols = { every_byte, 1 },
		.sports = all_port_set(),
		.ports = all_port_set(),
		.icmp_types = { every_byte, 1 },
		.icmp_codes = { every_byte, 1 },
	};
}

static struct addrset narrowed(struct draft_match *m, struct addrset have, struct addrset s, bool negated)
{
	if (have.v == everywhere && !negated)
		return s;
	return negated ? addrset_minus(m->arena, have, s) : addrset_intersect(m->arena, have, s);
}

void draft_src(struct draft_match *m, struct addrset s, bool negated)
{
	m->src = narrowed(m, m->src, s, negated);
	m->src_said = true;
}

void draft_dst(struct draft_match *m, struct addrset s, bool negated)
{
	m->dst = narrowed(m, m->dst, s, negated);
	m->dst_said = true;
}

void draft_family(struct draft_match *m, enum family f)
{
	struct addrset all = range_set(m->arena, addr_range_all(f));
	draft_src(m, all, false);
	draft_dst(m, all, false);
}

static struct portset narrowed_ports(struct draft_match *m, struct portset have, struct portset s, bool negated)
{
	if (have.v == every_port && !negated)
		return s;
	return negated ? portset_minus(m->arena, have, s) : portset_intersect(m->arena, have, s);
}

void draft_protocols(struct draft_match *m, struct portset numbers, bool negated)
{
	m->protocols = narrowed_ports(m, m->protocols, numbers, negated);
	m->protocols_said = true;
}

void draft_protocol(struct draft_match *m, unsigned number)
{
	draft_protocols(m, port_set(m->arena, (uint16_t)number, (uint16_t)number), false);
}

static void only_with_ports(struct draft_match *m)
{
	static const struct port_range with_ports[] = { { PROTO_TCP, PROTO_TCP },
							{ PROTO_UDP, PROTO_UDP },
							{ PROTO_DCCP, PROTO_DCCP },
							{ PROTO_SCTP, PROTO_SCTP },
							{ PROTO_UDPLITE, PROTO_UDPLITE } };
	bool narrow = true;
	for (size_t i = 0; i < m->protocols.n; i++)
		for (uint32_t p = m->protocols.v[i].lo; p <= m->protocols.v[i].hi; p++)
			narrow &= protocol_has_ports(p);
	if (!narrow)
		draft_protocols(m, (struct portset){ with_ports, ARRAY_LEN(with_ports) }, false);
}

void draft_sports(struct draft_match *m, struct portset s, bool negated)
{
	only_with_ports(m);
	m->sports = narrowed_ports(m, m->sports, s, negated);
	m->sports_said = true;
}

void draft_ports(struct draft_match *m, struct portset s, bool negated)
{
	only_with_ports(m);
	m->ports = narrowed_ports(m, m->ports, s, negated);
	m->ports_said = true;
}

void draft_icmp(struct draft_match *m, bool v6, struct portset types, struct portset codes)
{
	draft_protocol(m, v6 ? PROTO_ICMP6 : PROTO_ICMP);
	m->icmp_types = narrowed_ports(m, m->icmp_types, types, false);
	m->icmp_codes = narrowed_ports(m, m->icmp_codes, codes, false);
	m->icmp_said = true;
}

static bool same_names(struct interface_names one, struct interface_names other)
{
	if (one.n != other.n || one.negated != other.negated)
		return false;
	for (size_t i = 0; i < one.n; i++)
		if (!str_eq(one.v[i], other.v[i]))
			return false;
	return true;
}

static void both_names(struct draft_match *m, struct interface_names *have, struct interface_names more)
{
	if (!have->n)
		*have = more;
	else if (!same_names(*have, more))
		draft_perhaps(m, "two conditions on one interface");
}

void draft_in(struct draft_match *m, struct interface_names names)
{
	both_names(m, &m->in, names);
}

void draft_out(struct draft_match *m, struct interface_names names)
{
	both_names(m, &m->out, names);
}

void draft_conversation(struct draft_match *m, enum conversation c)
{
	draft_conversations(m, c ? (unsigned)c : CONVERSATION_ALL);
}

void draft_conversations(struct draft_match *m, unsigned set)
{
	unsigned both = set & (m->conversation ? (unsigned)m->conversation : CONVERSATION_ALL);
	m->never |= !both;
	m->conversation = both == CONVERSATION_ALL ? CONVERSATION_ANY : (enum conversation)both;
}

void draft_perhaps(struct draft_match *m, const char *why)
{
	if (!m->perhaps)
		m->perhaps = why;
}

void draft_unrouted(struct draft_match *m)
{
	m->unrouted = true;
}

void draft_translated(struct draft_match *m)
{
	m->translated = true;
}

bool draft_finds_neighbours(const struct draft_match *m)
{
	enum { ROUTER_SOLICITATION = 133, REDIRECT = 137 };
	return m->protocols.n == 1 && m->protocols.v[0].lo == PROTO_ICMP6 && m->protocols.v[0].hi == PROTO_ICMP6 &&
	       m->icmp_types.n && m->icmp_types.v[0].lo >= ROUTER_SOLICITATION &&
	       m->icmp_types.v[m->icmp_types.n - 1].hi <= REDIRECT;
}

/* Products of protocols and numbers: protocols with ports, ICMP, and the rest are three kinds. */
static void add_terms(const struct draft_match *m, struct port_range protocols, struct portset sports,
		      struct portset ports, term_vec *t)
{
	for (size_t i = 0; i < sports.n; i++)
		for (size_t j = 0; j < ports.n; j++)
			*VEC_ADD(m->arena, t) = (struct service_term){ (uint8_t)protocols.lo, (uint8_t)protocols.hi,
								       sports.v[i], ports.v[j] };
}

/* The two numbers that a run of protocols of one kind is matched by. */
static void add_protocols(const struct draft_match *m, uint16_t lo, uint16_t hi, term_vec *list)
{
	struct port_range run = { lo, hi };
	struct portset all = all_port_set();
	if (protocol_has_ports(lo)) {
		add_terms(m, run, m->sports, m->ports, list);
	} else if (protocol_is_icmp(lo)) {
		if (m->icmp_said)
			add_terms(m, run, m->icmp_codes, m->icmp_types, list);
		else
			add_terms(m, run, all, all, list);
	} else {
		add_terms(m, run, all, all, list);
	}
}

static int kind_of(const struct draft_match *m, uint16_t protocol)
{
	if (protocol_has_ports(protocol))
		return m->sports_said || m->ports_said ? 1 : 0;
	if (protocol_is_icmp(protocol))
		return m->icmp_said ? 2 : 0;
	return 0;
}

struct match draft_match_done(const struct draft_match *m)
{
	term_vec terms = { 0 };
	struct match ret = { .in = m->in, .out = m->out, .conversation = m->conversation, .never = m->never };
	bool narrow = m->protocols_said || m->sports_said || m->ports_said || m->icmp_said;

	if (m->src_said) {
		struct addrset *s = ARENA_NEW(m->arena, struct addrset);
		*s = m->src;
		ret.src = s;
	}
	if (m->dst_said) {
		struct addrset *s = ARENA_NEW(m->arena, struct addrset);
		*s = m->dst;
		ret.dst = s;
	}
	for (size_t i = 0; narrow && i < m->protocols.n; i++) {
		uint16_t from = m->protocols.v[i].lo, last = MIN(m->protocols.v[i].hi, (uint16_t)255);
		for (uint16_t p = from; p <= last; p++) {
			if (p < last && kind_of(m, p) == kind_of(m, (uint16_t)(p + 1)))
				continue;
			add_protocols(m, from, p, &terms);
			from = (uint16_t)(p + 1);
		}
	}
	ret.services = terms.v;
	ret.n_services = terms.n;
	if ((narrow && !terms.n) || !m->src.n || !m->dst.n || (m->unrouted && draft_finds_neighbours(m)))
		ret.never = true;
	if (!ret.never) {
		ret.translated = m->translated;
		ret.never = m->translated;
	}
	return ret;
}

void draft_into(const struct draft_match *m, struct rule *r)
{
	r->match = draft_match_done(m);
	r->perhaps = m->unrouted && !m->perhaps && !r->match.never ? "a hop limit" : m->perhaps;
}

void draft_settle(const struct draft_match *m, struct rule *r)
{
	/* a permit lets some of them through for certain */
	if (m->some_invalid && r->action != ACTION_PERMIT && !r->perhaps)
		r->perhaps = "TCP flags";
}

/*
 * TCP packets that connection tracking calls invalid stand for themselves: without any flag, and with
 * SYN and FIN or SYN and RST (nf_conntrack_proto_tcp.c, tcp_valid_flags).
 */
void draft_flags(draft_matches *drafts, size_t i, struct arena *a, const struct flags_met *met)
{
	struct draft_match *m = &drafts->v[i];
	unsigned invalid = met->null + met->syn_fin + met->syn_rst;
	draft_protocol(m, PROTO_TCP);
	if (m->never || (met->opening && met->reply && met->later && invalid == 3))
		return;
	struct draft_match rest = *m, some = *m;
	unsigned certain = (met->opening ? CONVERSATION_OPENING : 0) |
			   (met->reply && met->later ? CONVERSATION_ESTABLISHED : 0) |
			   (invalid == 3 ? CONVERSATION_INVALID : 0);
	draft_conversations(m, certain);
	if (met->reply != met->later) {
		draft_conversation(&rest, CONVERSATION_ESTABLISHED);
		draft_perhaps(&rest, "TCP flags");
		if (!rest.never)
			*VEC_ADD(a, drafts) = rest;
	}
	if (invalid % 3) {
		draft_conversation(&some, CONVERSATION_INVALID);
		some.some_invalid = true;
		if (!some.never)
			*VEC_ADD(a, drafts) = some;
	}
}

const char *not_in_this_file(struct arena *a, const char *what, struct str name)
{
	return arena_printf(a, "%s \"%.*s\", which is not in this file", what, STR_ARG(str_shown(a, name)));
}
