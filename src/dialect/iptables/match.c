/* SPDX-License-Identifier: Apache-2.0 */
/* The conditions of an iptables rule that can be evaluated exactly, or that are the same for all packets of a proof. */
#include "base/names.h"
#include "dialect/common/names.h"
#include "dialect/iptables/iptables.h"

static void take_addresses(struct ipt_rule *r, bool source)
{
	struct str list = ipt_argument(r), one;
	VEC(struct addr_range) ranges = { 0 };
	while (str_cut(&list, ',', &one)) {
		struct addr_range a;
		if (addr_range_parse(one, &a) > RANGE_HOST_BITS) {
			ipt_odd(r, one, "is not an address");
			return;
		}
		if (a.family != r->t->family) {
			ipt_odd(r, one, "is an address of the other family");
			return;
		}
		*VEC_ADD(r->arena, &ranges) = a;
	}
	struct addrset s = addrset_of(r->arena, ranges.v, ranges.n);
	EACH_DRAFT(r, m)
	{
		if (source)
			draft_src(m, s, r->negated);
		else
			draft_dst(m, s, r->negated);
	}
}

/* -p loads the module of its protocol, by whatever name or number it is given. */
static struct str name_of_module(unsigned number)
{
	return number == PROTO_TCP     ? STR("tcp")
	       : number == PROTO_UDP   ? STR("udp")
	       : number == PROTO_ICMP  ? STR("icmp")
	       : number == PROTO_ICMP6 ? STR("icmp6")
	       : number == 136         ? STR("udplite")
	       : number == 132         ? STR("sctp")
	       : number == 33          ? STR("dccp")
				       : NO_STR;
}

static void take_protocol(struct ipt_rule *r)
{
	struct str name = ipt_argument(r);
	unsigned number;
	/* what other languages call any packet of IPv6 is the protocol 41 here: IPv6 in a tunnel */
	if (str_iis(name, "ipv6"))
		number = 41;
	else if (!protocol_name_parse(name, &number) || str_iis(name, "any")) {
		ipt_refuse(r, name, "is not a protocol");
		return;
	}
	r->of_protocol = name_of_module(number);
	r->protocol = number;
	r->protocol_negated = r->negated;
	if (number == ANY_PROTOCOL || number == 0) {
		if (r->negated)
			ipt_refuse(r, name, "is every protocol, and nothing else is left");
		return;
	}
	if (number == PROTO_ICMP && r->t->family == IPV6 && str_iis(name, "icmp"))
		ipt_never(r); /* ICMP of IPv4 does not occur in IPv6 */
	EACH_DRAFT(r, m)
	draft_protocols(m, port_set(r->arena, (uint16_t)number, (uint16_t)number), r->negated);
}

static void take_interface(struct ipt_rule *r, bool in)
{
	struct str name = ipt_argument(r);
	if (str_is(name, "lo")) {
		if (!r->negated)
			ipt_never(r);
		return;
	}
	if (str_is(name, "+")) {
		if (r->negated)
			ipt_never(r);
		return;
	}
	struct str *copy = ARENA_NEW(r->arena, struct str);
	*copy = str_ends(name, "+") ? str_printf(r->t->keep, "%.*s*", (int)name.n - 1, name.p)
				    : str_dup(r->t->keep, name);
	struct interface_names names = { .v = copy, .n = 1, .negated = r->negated };
	EACH_DRAFT(r, m)
	{
		if (in)
			draft_in(m, names);
		else
			draft_out(m, names);
	}
}

static bool read_port_list(struct ipt_rule *r, struct portset *ret)
{
	struct str list = ipt_argument(r), one;
	VEC(struct port_range) ranges = { 0 };
	ipt_check_ports(r, list);
	while (str_cut(&list, ',', &one)) {
		struct port_range p;
		if (!port_name_range(one, ':', NULL, &p)) {
			ipt_odd(r, one, "is not a port");
			return false;
		}
		*VEC_ADD(r->arena, &ranges) = p;
	}
	*ret = portset_of(r->arena, ranges.v, ranges.n);
	return ranges.n > 0;
}

static void take_ports(struct ipt_rule *r, bool source)
{
	struct portset s;
	if (!read_port_list(r, &s))
		return;
	EACH_DRAFT(r, m)
	{
		if (source)
			draft_sports(m, s, r->negated);
		else
			draft_ports(m, s, r->negated);
	}
}

/* --ports: the source port or the destination port.  Negated: neither of them. */
static void take_either_ports(struct ipt_rule *r)
{
	struct portset s;
	size_t n = r->drafts.n;
	if (!read_port_list(r, &s))
		return;
	if (n > MOST_IPSET_DRAFTS / 2) {
		ipt_odd(r, r->option, "is repeated too often in one rule");
		return;
	}
	for (size_t i = 0; i < n; i++) {
		struct draft_match copy = r->drafts.v[i];
		draft_ports(&r->drafts.v[i], s, r->negated);
		if (r->negated) {
			draft_sports(&r->drafts.v[i], s, true);
			continue;
		}
		draft_sports(&copy, s, false);
		*VEC_ADD(r->arena, &r->drafts) = copy;
	}
}

static void take_icmp(struct ipt_rule *r, bool v6)
{
	struct str s = ipt_argument(r);
	struct portset all = port_set(r->arena, 0, 255), types = all, codes = all;
	uint16_t type, code;
	size_t slash = str_find(s, '/');
	uint32_t number;

	/* in IPv4, 255 is not a type but means all types */
	if (!str_is(s, "any") && !(str_is(s, "255") && !v6)) {
		if (!icmp_name_parse(slash == SIZE_MAX ? s : str_first(s, slash), v6, &type, &code)) {
			ipt_odd(r, s, "is not an ICMP type");
			return;
		}
		if (slash != SIZE_MAX) {
			if (!str_to_u32(str_skip(s, slash + 1), 255, &number)) {
				ipt_odd(r, s, "is not an ICMP code");
				return;
			}
			code = (uint16_t)number;
		}
		types = port_set(r->arena, type, type);
		if (code != ANY_CODE)
			codes = port_set(r->arena, code, code);
	}
	if (!r->negated) {
		EACH_DRAFT(r, m)
		draft_icmp(m, v6, types, codes);
		return;
	}
	/* another type, or this type with another code */
	size_t n = r->drafts.n;
	for (size_t i = 0; i < n; i++) {
		struct draft_match copy = r->drafts.v[i];
		draft_icmp(&r->drafts.v[i], v6, portset_minus(r->arena, all, types), all);
		draft_icmp(&copy, v6, types, portset_minus(r->arena, all, codes));
		if (!copy.icmp_codes.n || !copy.icmp_types.n)
			continue;
		if (r->drafts.v[i].icmp_types.n)
			*VEC_ADD(r->arena, &r->drafts) = copy;
		else
			r->drafts.v[i] = copy;
	}
}

/*
 * DNAT alone: the packets whose destination a rule translates.  SNAT follows the filter.  The
 * replies of a translated connection have the state as well, so its negation is uncertain.
 */
static void take_translated(struct ipt_rule *r, bool with_others)
{
	struct str list = r->t->words.v[r->i];
	if (with_others || r->negated || !str_iis(list, "DNAT")) {
		ipt_perhaps(r, "a state of address translation");
		return;
	}
	EACH_DRAFT(r, m)
	draft_translated(m);
}

static void take_states(struct ipt_rule *r)
{
	struct str list = ipt_argument(r), one;
	bool first = false, later = false, translated = false, invalid = false, untracked = false;
	while (str_cut(&list, ',', &one)) {
		/* untracked: matches only after a NOTRACK rule, which is reported there */
		first |= str_iis(one, "NEW");
		untracked |= str_iis(one, "UNTRACKED") || str_iis(one, "RELATED");
		invalid |= str_iis(one, "INVALID");
		later |= str_iis(one, "ESTABLISHED");
		translated |= str_iis(one, "DNAT") || str_iis(one, "SNAT");
		if (!str_iis(one, "NEW") && !str_iis(one, "UNTRACKED") && !str_iis(one, "ESTABLISHED") &&
		    !str_iis(one, "RELATED") && !str_iis(one, "INVALID") && !str_iis(one, "DNAT") &&
		    !str_iis(one, "SNAT"))
			ipt_odd(r, one, "is not a connection state");
	}
	if (translated) {
		take_translated(r, first || later || invalid || untracked);
		return;
	}
	if (str_is(r->t->table, "raw")) /* before connection tracking every packet is invalid */
		first = later = invalid;
	if (r->negated) {
		first = !first;
		later = !later;
		invalid = !invalid;
	}
	/* none: related to another connection */
	unsigned set = (first ? CONVERSATION_OPENING : 0) | (later ? CONVERSATION_ESTABLISHED : 0) |
		       (invalid ? CONVERSATION_INVALID : 0);
	EACH_DRAFT(r, m)
	draft_conversations(m, set);
}

enum { FLAG_FIN = 1, FLAG_SYN = 2, FLAG_RST = 4, FLAG_PSH = 8, FLAG_ACK = 16, FLAG_URG = 32 };

static bool read_flags(struct ipt_rule *r, struct str list, unsigned *ret)
{
	static const char *const names[] = { "FIN", "SYN", "RST", "PSH", "ACK", "URG", "ALL", "NONE" };
	static const unsigned bits[] = { 1, 2, 4, 8, 16, 32, 63, 0 };
	struct str one;
	*ret = 0;
	while (str_cut(&list, ',', &one)) {
		int i = NAME_FIND(names, one);
		if (i < 0) {
			ipt_odd(r, one, "is not a TCP flag");
			return false;
		}
		*ret |= bits[i];
	}
	return true;
}

/* What the flags imply for the first packet, its reply, and later packets. */
static bool meets(const struct ipt_rule *r, unsigned mask, unsigned value, unsigned flags)
{
	return ((flags & mask) == value) != r->negated;
}

static void apply_flags(struct ipt_rule *r, unsigned mask, unsigned value)
{
	struct flags_met met = {
		.opening = meets(r, mask, value, FLAG_SYN),
		.reply = meets(r, mask, value, FLAG_SYN | FLAG_ACK),
		.later = meets(r, mask, value, FLAG_ACK),
		.null = meets(r, mask, value, 0),
		.syn_fin = meets(r, mask, value, FLAG_SYN | FLAG_FIN),
		.syn_rst = meets(r, mask, value, FLAG_SYN | FLAG_RST),
	};
	size_t n = r->drafts.n;
	for (size_t i = 0; i < n; i++)
		draft_flags(&r->drafts, i, r->arena, &met);
}

static void take_flags(struct ipt_rule *r)
{
	unsigned mask, value;
	if (str_is(r->option, "--syn")) {
		apply_flags(r, FLAG_FIN | FLAG_SYN | FLAG_RST | FLAG_ACK, FLAG_SYN);
		return;
	}
	struct str first = ipt_argument(r);
	bool negated = r->negated;
	struct str second = ipt_argument(r);
	r->negated = negated;
	if (read_flags(r, first, &mask) && read_flags(r, second, &value))
		apply_flags(r, mask, value);
}

/* One group of an ipset, its fields matched in the directions that the rule gives. */
static void apply_group(struct ipt_rule *r, struct draft_match *m, const struct ipset *s, const struct ipset_group *g,
			struct str directions, bool negated)
{
	struct str one;
	size_t addresses = 0;
	for (size_t i = 0; i < s->n_dimensions; i++) {
		bool source = str_cut(&directions, ',', &one) && str_is(one, "src");
		if (s->dimensions[i] == DIMENSION_ADDRESS) {
			struct addrset a = addresses++ ? g->second : g->first;
			if (source)
				draft_src(m, a, negated);
			else
				draft_dst(m, a, negated);
			continue;
		}
		struct port_range p = g->port;
		if (protocol_is_icmp(g->protocol)) {
			/* one type and one code, always */
			draft_icmp(m, g->protocol == PROTO_ICMP6, port_set(r->arena, p.lo, p.lo),
				   port_set(r->arena, p.hi, p.hi));
			continue;
		}
		if (g->protocol != ANY_PROTOCOL)
			draft_protocol(m, g->protocol);
		else /* a bitmap of ports is of these two (ipset(8)) */
			draft_protocols(m,
					portset_union(r->arena, port_set(r->arena, PROTO_TCP, PROTO_TCP),
						      port_set(r->arena, PROTO_UDP, PROTO_UDP)),
					false);
		if (g->protocol != ANY_PROTOCOL && !protocol_has_ports(g->protocol))
			continue;
		if (source)
			draft_sports(m, portset_of(r->arena, &p, 1), negated);
		else
			draft_ports(m, portset_of(r->arena, &p, 1), negated);
	}
}

static void multiply_by_set(struct ipt_rule *r, const struct ipset *s, struct str directions)
{
	draft_matches out = { 0 };
	if (s->groups.n && r->drafts.n > MOST_IPSET_DRAFTS / s->groups.n) {
		ipt_odd(r, s->name, "has too many elements for one rule");
		return;
	}
	for (size_t i = 0; i < r->drafts.n; i++)
		for (size_t j = 0; j < s->groups.n; j++) {
			struct draft_match m = r->drafts.v[i];
			apply_group(r, &m, s, &s->groups.v[j], directions, false);
			if (s->groups.v[j].expires)
				draft_perhaps(&m, ipset_expires);
			if (s->dimensions[0] != DIMENSION_ADDRESS || s->groups.v[j].first.n)
				*VEC_ADD(r->arena, &out) = m;
		}
	if (out.n)
		r->drafts = out;
	else
		ipt_never(r);
}

/* All but the addresses of a set; those that may no longer be in it are uncertain. */
static void exclude_set(struct ipt_rule *r, const struct ipset *s, struct str directions)
{
	draft_matches out = { 0 };
	for (size_t i = 0; i < r->drafts.n; i++) {
		struct draft_match certain = r->drafts.v[i], possible = certain;
		for (size_t j = 0; j < s->groups.n; j++)
			apply_group(r, &certain, s, &s->groups.v[j], directions, true);
		*VEC_ADD(r->arena, &out) = certain;
		if (s->groups.n < 2)
			continue;
		apply_group(r, &possible, s, &s->groups.v[0], directions, true);
		draft_perhaps(&possible, ipset_expires);
		*VEC_ADD(r->arena, &out) = possible;
	}
	r->drafts = out;
}

static void take_set(struct ipt_rule *r)
{
	struct str name = ipt_argument(r);
	bool negated = r->negated;
	struct str directions = ipt_argument(r);
	r->negated = negated;
	struct ipset *s = ipset_find(r->t, name);
	struct str one, rest = directions;

	if (!directions.n)
		ipt_refuse(r, name, "needs src or dst behind it");
	while (str_cut(&rest, ',', &one))
		if (!str_is_one_of(one, "src dst"))
			ipt_refuse(r, directions, "is not a list of src and dst");
	if (!s) {
		ipt_perhaps(r, not_in_this_file(r->t->keep, "ipset", name));
	} else if (s->uncertain) {
		ipt_perhaps(r, s->uncertain);
	} else if (s->n_dimensions == 1 && s->dimensions[0] == DIMENSION_ADDRESS && negated) {
		exclude_set(r, s, directions);
	} else if (negated) {
		ipt_perhaps(r, "a negated ipset of ports or of several fields");
	} else {
		multiply_by_set(r, s, directions);
	}
}

/* u32 tests any byte; the only test that is modelled is that of the protocol field. */
static void take_u32(struct ipt_rule *r)
{
	const char *zero = r->t->family == IPV6 ? "0x3&0xff=0x0" : "0x6&0xff=0x0";
	if (str_iis(ipt_argument(r), zero) && !r->negated)
		EACH_DRAFT(r, m)
	draft_protocol(m, 0);
	else ipt_perhaps(r, "a condition of -m u32");
}

static struct addr_range multicast(enum family f)
{
	struct addr_range r;
	addr_range_parse(f == IPV6 ? STR("ff00::/8") : STR("224.0.0.0/4"), &r);
	return r;
}

/* Address types as the routing table of this machine classifies them. */
static void take_type(struct ipt_rule *r, bool source)
{
	struct str list = ipt_argument(r), one;
	enum policy_side side = r->t->options->side;
	bool negated = r->negated;
	bool always = false, unclear = false;
	VEC(struct addr_range) ranges = { 0 };
	while (str_cut(&list, ',', &one)) {
		struct addr_range all;
		if (str_iis(one, "LOCAL")) {
			always |= source ? side == POLICY_OUTBOUND : side == POLICY_INBOUND;
			/* before translation a packet may be to an address of the machine, and be forwarded later */
			unclear |= str_is(r->t->table, "nat") && side != POLICY_INBOUND;
		} else if (str_iis(one, "MULTICAST")) {
			*VEC_ADD(r->arena, &ranges) = multicast(r->t->family);
		} else if (str_iis(one, "BROADCAST")) {
			/* local broadcast: not forwarded, and in no plan */
			addr_range_parse(STR("255.255.255.255"), &all);
			if (r->t->family == IPV4)
				*VEC_ADD(r->arena, &ranges) = all;
		} else {
			unclear = true;
		}
	}
	if (unclear) {
		ipt_perhaps(r, "an address type, which depends on the routing table");
	} else if (always) {
		if (negated)
			ipt_never(r);
	} else {
		struct addrset s = addrset_of(r->arena, ranges.v, ranges.n);
		EACH_DRAFT(r, m)
		{
			if (source)
				draft_src(m, s, negated);
			else
				draft_dst(m, s, negated);
		}
	}
}

/* Multicast goes to groups; link broadcast to the one address that no router forwards. */
static void take_link_type(struct ipt_rule *r)
{
	struct str type = ipt_argument(r);
	bool unicast = str_is(type, "unicast"), v6 = r->t->family == IPV6;
	struct addr_range all;
	VEC(struct addr_range) ranges = { 0 };
	addr_range_parse(STR("255.255.255.255"), &all);
	if (!unicast && !str_is(type, "multicast") && !str_is(type, "broadcast")) {
		ipt_perhaps(r, "the link-layer packet type");
		return;
	}
	if (unicast || str_is(type, "multicast"))
		*VEC_ADD(r->arena, &ranges) = multicast(r->t->family);
	if (!v6 && (unicast || str_is(type, "broadcast")))
		*VEC_ADD(r->arena, &ranges) = all;
	struct addrset s = ranges.n ? addrset_of(r->arena, ranges.v, ranges.n) : NO_ADDRS;
	EACH_DRAFT(r, m)
	draft_dst(m, s, unicast != r->negated);
}

/* Known options that can be evaluated exactly; false for the others. */
static bool take_exact(struct ipt_rule *r)
{
	if (str_is_one_of(r->option, "-s --source --src"))
		take_addresses(r, true);
	else if (str_is_one_of(r->option, "-d --destination --dst"))
		take_addresses(r, false);
	else if (str_is_one_of(r->option, "-p --protocol --proto"))
		take_protocol(r);
	else if (str_is_one_of(r->option, "-i --in-interface"))
		take_interface(r, true);
	else if (str_is_one_of(r->option, "-o --out-interface"))
		take_interface(r, false);
	else if (str_is_one_of(r->option, "--sport --source-port --sports --source-ports"))
		take_ports(r, true);
	else if (str_is_one_of(r->option, "--dport --destination-port --dports --destination-ports"))
		take_ports(r, false);
	else if (str_is_one_of(r->option, "--ports --port"))
		take_either_ports(r);
	else if (str_is_one_of(r->option, "--icmp-type"))
		take_icmp(r, false);
	else if (str_is_one_of(r->option, "--icmpv6-type --icmp6-type"))
		take_icmp(r, true);
	else if (str_is_one_of(r->option, "--ctstate --state"))
		take_states(r);
	else if (str_is_one_of(r->option, "--syn --tcp-flags"))
		take_flags(r);
	else if (str_is_one_of(r->option, "--match-set --set") && str_is(r->module, "set"))
		take_set(r);
	else if (str_is_one_of(r->option, "--src-range"))
		take_addresses(r, true);
	else if (str_is_one_of(r->option, "--dst-range"))
		take_addresses(r, false);
	else if (str_is_one_of(r->option, "--u32"))
		take_u32(r);
	else if (str_is_one_of(r->option, "--src-type"))
		take_type(r, true);
	else if (str_is_one_of(r->option, "--dst-type"))
		take_type(r, false);
	else if (str_is_one_of(r->option, "--comment"))
		r->comment = str_dup(r->t->keep, ipt_argument(r));
	else
		return false;
	return true;
}

/* Lists of addresses that were seen: to add one always matches; whether one is there is not known. */
static bool take_recent(struct ipt_rule *r)
{
	if (!str_is(r->module, "recent"))
		return false;
	if (str_is(r->option, "--set")) {
		if (r->negated)
			ipt_never(r);
	} else if (str_is_one_of(r->option, "--name --mask --seconds --hitcount")) {
		ipt_argument(r);
	} else {
		return str_is_one_of(r->option, "--rsource --rdest --rttl --reap");
	}
	return true;
}

/* Options that match all packets of a proof, or none. */
static bool take_settled(struct ipt_rule *r)
{
	if (str_is_one_of(r->option, "-f --fragment")) {
		if (!r->negated)
			ipt_never(r); /* the first packet of a connection is not a later fragment */
	} else if (str_is_one_of(r->option, "--hl-eq --ttl-eq")) {
		/* a routed packet has a hop limit below 255 */
		if (!str_is(ipt_argument(r), "255") || r->negated)
			ipt_perhaps(r, "a hop limit");
		else if (r->t->options->side == POLICY_TRANSIT)
			ipt_never(r);
		else
			EACH_DRAFT(r, m)
		draft_unrouted(m);
	} else if (str_is_one_of(r->option, "--pkt-type")) {
		take_link_type(r);
	} else if (str_is_one_of(r->option, "--invert") && str_is(r->module, "rpfilter")) {
		ipt_never(r); /* packets of a proof come from where their source address is */
	} else if (str_is_one_of(r->option, "--loose --validmark --accept-local") && str_is(r->module, "rpfilter")) {
		return true;
	} else if (str_is_one_of(r->option, "--pol --policy") && str_is(r->module, "policy")) {
		if (!str_is(ipt_argument(r), "none") || r->negated)
			ipt_perhaps(r, "a condition about IPsec");
	} else if (str_is_one_of(r->option, "--dir") && str_is(r->module, "policy")) {
		ipt_argument(r);
	} else if (str_is_one_of(r->option, "-c --set-counters")) {
		ipt_argument(r);
		ipt_argument(r);
	} else if (str_is_one_of(r->option, "-w --wait -v --verbose -n")) {
		return true;
	} else {
		return false;
	}
	return true;
}

bool ipt_take_condition(struct ipt_rule *r)
{
	return take_exact(r) || take_recent(r) || take_settled(r);
}
