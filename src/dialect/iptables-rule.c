/* SPDX-License-Identifier: Apache-2.0 */
/* A rule of iptables: options from left to right, each narrowing the drafts. */
#include "dialect/iptables-priv.h"
#include "base/names.h"
#include "dialect/names.h"

typedef VEC(struct draft_match) draft_vec;

struct ipt_rule {
	struct ipt *t;
	struct arena *arena;
	draft_vec drafts;
	size_t i;		/* the word that is looked at */
	bool negated;		/* a ! stands before it, or behind it as old files have it */
	struct str option;
	struct str module;	/* of the last -m */
	struct str target, comment;
	bool jumps, goes;
	bool routing;		/* only packets with a routing header */
	const char *odd;	/* why the rule is not understood */
	struct str odd_word;
};

#define EACH_DRAFT(r, m) for (struct draft_match *m = (r)->drafts.v; m < (r)->drafts.v + (r)->drafts.n; m++)

static void perhaps(struct ipt_rule *r, const char *why)
{
	EACH_DRAFT(r, m)
		draft_perhaps(m, why);
}

static void never(struct ipt_rule *r)
{
	EACH_DRAFT(r, m)
		m->never = true;
}

static void odd(struct ipt_rule *r, struct str word, const char *why)
{
	if (!r->odd) {
		r->odd = why;
		r->odd_word = word;
	}
}

static void conversation(struct ipt_rule *r, enum conversation c)
{
	EACH_DRAFT(r, m)
		draft_conversation(m, c);
}

/* The word behind the option; empty at the end of the line.  Takes "!" on the way. */
static struct str argument(struct ipt_rule *r)
{
	const words *w = &r->t->words;
	if (r->i + 1 < w->n && str_is(w->v[r->i + 1], "!")) {
		r->negated = !r->negated;
		r->i++;
	}
	if (r->i + 1 >= w->n) {
		odd(r, r->option, "needs a value");
		return NO_STR;
	}
	return w->v[++r->i];
}

static bool is_option(struct str word)
{
	return word.n > 1 && word.p[0] == '-' && !(word.p[1] >= '0' && word.p[1] <= '9');
}

/* Over the values of an option that is not modelled. */
static void skip_values(struct ipt_rule *r)
{
	const words *w = &r->t->words;
	while (r->i + 1 < w->n && !is_option(w->v[r->i + 1]) && !str_is(w->v[r->i + 1], "!"))
		r->i++;
}

static void take_addresses(struct ipt_rule *r, bool source)
{
	struct str list = argument(r), one;
	VEC(struct addr_range) v = { 0 };
	while (str_cut(&list, ',', &one)) {
		struct addr_range a;
		if (addr_range_parse(one, &a) > RANGE_HOST_BITS) {
			odd(r, one, "is no address");
			return;
		}
		if (a.family != r->t->family) {
			odd(r, one, "is an address of the other family");
			return;
		}
		*VEC_ADD(r->arena, &v) = a;
	}
	struct addrset s = addrset_of(r->arena, v.v, v.n);
	EACH_DRAFT(r, m) {
		if (source)
			draft_src(m, s, r->negated);
		else
			draft_dst(m, s, r->negated);
	}
}

static void take_protocol(struct ipt_rule *r)
{
	struct str name = argument(r);
	unsigned number;
	if (!protocol_name_parse(name, &number)) {
		odd(r, name, "is no protocol");
		return;
	}
	if (number == ANY_PROTOCOL || number == 0) {
		if (r->negated)
			never(r);
		return;
	}
	if (number == PROTO_ICMP && r->t->family == IPV6 && str_iis(name, "icmp"))
		never(r);	/* ICMP of IPv4 has no business in IPv6 */
	EACH_DRAFT(r, m)
		draft_protocols(m, port_set(r->arena, (uint16_t)number, (uint16_t)number), r->negated);
}

static void take_interface(struct ipt_rule *r, bool in)
{
	struct str name = argument(r);
	if (str_is(name, "lo")) {
		if (!r->negated)
			never(r);
		return;
	}
	if (str_is(name, "+")) {
		if (r->negated)
			never(r);
		return;
	}
	struct str *v = ARENA_NEW(r->arena, struct str);
	*v = str_dup(r->t->keep, name);
	struct interface_names names = { v, 1, r->negated };
	EACH_DRAFT(r, m) {
		if (in)
			draft_in(m, names);
		else
			draft_out(m, names);
	}
}

static bool read_port_list(struct ipt_rule *r, struct portset *ret)
{
	struct str list = argument(r), one;
	VEC(struct port_range) v = { 0 };
	while (str_cut(&list, ',', &one)) {
		struct port_range p;
		if (!port_name_range(one, ':', NULL, &p)) {
			odd(r, one, "is no port");
			return false;
		}
		*VEC_ADD(r->arena, &v) = p;
	}
	*ret = portset_of(r->arena, v.v, v.n);
	return v.n > 0;
}

static void take_ports(struct ipt_rule *r, bool source)
{
	struct portset s;
	if (!read_port_list(r, &s))
		return;
	EACH_DRAFT(r, m) {
		if (source)
			draft_sports(m, s, r->negated);
		else
			draft_ports(m, s, r->negated);
	}
}

/* --ports: the source port or the destination port.  Negated: neither. */
static void take_either_ports(struct ipt_rule *r)
{
	struct portset s;
	size_t n = r->drafts.n;
	if (!read_port_list(r, &s))
		return;
	if (n > MOST_IPSET_DRAFTS / 2) {
		odd(r, r->option, "stands too often in one rule");
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
	struct str s = argument(r);
	struct portset all = port_set(r->arena, 0, 255), types = all, codes = all;
	uint16_t type, code;
	size_t slash = str_find(s, '/');
	uint32_t number;

	/* 255 is no type but every one, in IPv4 */
	if (!str_is(s, "any") && !(str_is(s, "255") && !v6)) {
		if (!icmp_name_parse(slash == SIZE_MAX ? s : str_first(s, slash), v6, &type, &code)) {
			odd(r, s, "is no ICMP type");
			return;
		}
		if (slash != SIZE_MAX) {
			if (!str_to_u32(str_skip(s, slash + 1), 255, &number)) {
				odd(r, s, "is no ICMP code");
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
	/* another type, or this one with another code */
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

static void take_states(struct ipt_rule *r)
{
	struct str list = argument(r), one;
	bool first = false, later = false, translated = false, invalid = false;
	while (str_cut(&list, ',', &one)) {
		/* untracked: only what a rule does not track, which is told there */
		first |= str_iis(one, "NEW");
		invalid |= str_iis(one, "INVALID");
		later |= str_iis(one, "ESTABLISHED");
		translated |= str_iis(one, "DNAT") || str_iis(one, "SNAT");
		if (!str_iis(one, "NEW") && !str_iis(one, "UNTRACKED") && !str_iis(one, "ESTABLISHED") &&
		    !str_iis(one, "RELATED") && !str_iis(one, "INVALID") && !str_iis(one, "DNAT") && !str_iis(one, "SNAT"))
			odd(r, one, "is no state of a connection");
	}
	if (translated) {
		perhaps(r, "a state of address translation");
		return;
	}
	if (str_is(r->t->table, "raw"))	/* before conversations are looked up every packet is invalid */
		first = later = invalid;
	if (r->negated) {
		first = !first;
		later = !later;
	}
	if (!first && !later)
		never(r);	/* invalid, or related to another conversation */
	else if (first != later)
		conversation(r, first ? CONVERSATION_OPENING : CONVERSATION_ESTABLISHED);
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
			odd(r, one, "is no TCP flag");
			return false;
		}
		*ret |= bits[i];
	}
	return true;
}

/* What the flags say of the first packet, of its answer, and of those after it. */
static void apply_flags(struct ipt_rule *r, unsigned mask, unsigned value)
{
	bool opening = (FLAG_SYN & mask) == value, later = (FLAG_ACK & mask) == value;
	bool answer = ((FLAG_SYN | FLAG_ACK) & mask) == value;
	if (r->negated) {
		opening = !opening;
		later = !later;
		answer = !answer;
	}
	EACH_DRAFT(r, m)
		draft_protocol(m, PROTO_TCP);
	if (!opening && !later && !answer) {
		never(r);	/* what scanners send, and the ends of conversations */
		return;
	}
	if (later != answer)
		perhaps(r, "TCP flags");
	else if (opening && !later)
		conversation(r, CONVERSATION_OPENING);
	if (!opening)
		conversation(r, CONVERSATION_ESTABLISHED);
}

static void take_flags(struct ipt_rule *r)
{
	unsigned mask, value;
	if (str_is(r->option, "--syn")) {
		apply_flags(r, FLAG_FIN | FLAG_SYN | FLAG_RST | FLAG_ACK, FLAG_SYN);
		return;
	}
	struct str first = argument(r);
	bool negated = r->negated;
	struct str second = argument(r);
	r->negated = negated;
	if (read_flags(r, first, &mask) && read_flags(r, second, &value))
		apply_flags(r, mask, value);
}

/* One group of an ipset, its fields looked at in the directions that the rule says. */
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
			draft_icmp(m, g->protocol == PROTO_ICMP6, port_set(r->arena, p.lo, p.lo), port_set(r->arena, p.hi, p.hi));
			continue;
		}
		if (g->protocol != ANY_PROTOCOL)
			draft_protocol(m, g->protocol);
		else	/* a bitmap of ports is of these two (ipset(8)) */
			draft_protocols(m, portset_union(r->arena, port_set(r->arena, PROTO_TCP, PROTO_TCP),
							 port_set(r->arena, PROTO_UDP, PROTO_UDP)), false);
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
	draft_vec out = { 0 };
	if (s->groups.n && r->drafts.n > MOST_IPSET_DRAFTS / s->groups.n) {
		odd(r, s->name, "has too many elements for one rule");
		return;
	}
	for (size_t i = 0; i < r->drafts.n; i++)
		for (size_t k = 0; k < s->groups.n; k++) {
			struct draft_match m = r->drafts.v[i];
			apply_group(r, &m, s, &s->groups.v[k], directions, false);
			*VEC_ADD(r->arena, &out) = m;
		}
	if (out.n)
		r->drafts = out;
	else
		never(r);
}

static void take_set(struct ipt_rule *r)
{
	struct str name = argument(r);
	bool negated = r->negated;
	struct str directions = argument(r);
	r->negated = negated;
	struct ipset *s = ipset_find(r->t, name);

	if (!s) {
		perhaps(r, arena_printf(r->t->keep, "ipset \"%.*s\" is not in this file", STR_ARG(name)));
	} else if (s->uncertain) {
		perhaps(r, s->uncertain);
	} else if (s->n_dimensions == 1 && s->dimensions[0] == DIMENSION_ADDRESS && s->groups.n <= 1 && negated) {
		EACH_DRAFT(r, m)
			if (s->groups.n)
				apply_group(r, m, s, &s->groups.v[0], directions, true);
	} else if (negated) {
		perhaps(r, "a negated ipset of ports or of several fields");
	} else {
		multiply_by_set(r, s, directions);
	}
}

/* u32 looks at any byte; the only one that is followed here is that of the protocol. */
static void take_u32(struct ipt_rule *r)
{
	const char *zero = r->t->family == IPV6 ? "0x3&0xff=0x0" : "0x6&0xff=0x0";
	if (str_iis(argument(r), zero) && !r->negated)
		EACH_DRAFT(r, m)
			draft_protocol(m, 0);
	else
		perhaps(r, "a condition of -m u32");
}

/* Kinds of addresses as the routing table of this machine sees them. */
static void take_type(struct ipt_rule *r, bool source)
{
	struct str list = argument(r), one;
	enum policy_side side = r->t->options->side;
	bool negated = r->negated;
	bool always = false, unclear = false;
	VEC(struct addr_range) v = { 0 };
	while (str_cut(&list, ',', &one)) {
		struct addr_range group;
		if (str_iis(one, "LOCAL")) {
			always |= source ? side == POLICY_OUTBOUND : side == POLICY_INBOUND;
		} else if (str_iis(one, "MULTICAST")) {
			addr_range_parse(r->t->family == IPV6 ? STR("ff00::/8") : STR("224.0.0.0/4"), &group);
			*VEC_ADD(r->arena, &v) = group;
		} else if (str_iis(one, "BROADCAST")) {
			/* of a network here: such packets are not forwarded, and no plan names one */
			addr_range_parse(STR("255.255.255.255"), &group);
			if (r->t->family == IPV4)
				*VEC_ADD(r->arena, &v) = group;
		} else {
			unclear = true;
		}
	}
	if (unclear) {
		perhaps(r, "a kind of address that the routing table decides");
	} else if (always) {
		if (negated)
			never(r);
	} else {
		struct addrset s = addrset_of(r->arena, v.v, v.n);
		EACH_DRAFT(r, m) {
			if (source)
				draft_src(m, s, negated);
			else
				draft_dst(m, s, negated);
		}
	}
}

/* Packets to many go to groups; to all of a link, to the one address that no router passes on. */
static void take_link_type(struct ipt_rule *r)
{
	struct str type = argument(r);
	bool unicast = str_is(type, "unicast"), v6 = r->t->family == IPV6;
	struct addr_range group, all;
	VEC(struct addr_range) v = { 0 };
	addr_range_parse(v6 ? STR("ff00::/8") : STR("224.0.0.0/4"), &group);
	addr_range_parse(STR("255.255.255.255"), &all);
	if (!unicast && !str_is(type, "multicast") && !str_is(type, "broadcast")) {
		perhaps(r, "a kind of packet of the link");
		return;
	}
	if (unicast || str_is(type, "multicast"))
		*VEC_ADD(r->arena, &v) = group;
	if (!v6 && (unicast || str_is(type, "broadcast")))
		*VEC_ADD(r->arena, &v) = all;
	struct addrset s = v.n ? addrset_of(r->arena, v.v, v.n) : NO_ADDRS;
	EACH_DRAFT(r, m)
		draft_dst(m, s, unicast != r->negated);
}

static void take_target(struct ipt_rule *r)
{
	r->goes = str_is_one_of(r->option, "-g --goto");
	r->jumps = true;
	r->target = argument(r);
}

/* Known options whose meaning is exact; false for the others. */
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
	else if (str_is_one_of(r->option, "-j --jump -g --goto"))
		take_target(r);
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
		r->comment = str_dup(r->t->keep, argument(r));
	else
		return false;
	return true;
}

/* Options that hold, or do not, for all packets that a proof is about. */
static bool take_settled(struct ipt_rule *r)
{
	if (str_is_one_of(r->option, "-f --fragment")) {
		if (!r->negated)
			never(r);	/* the first packet of a conversation is no later fragment */
	} else if (str_is_one_of(r->option, "--hl-eq --ttl-eq")) {
		/* what was routed has less than 255 */
		if (!str_is(argument(r), "255") || r->negated)
			perhaps(r, "a hop limit");
		else if (r->t->options->side == POLICY_TRANSIT)
			never(r);
		else
			EACH_DRAFT(r, m)
				draft_unrouted(m);
	} else if (str_is_one_of(r->option, "--pkt-type")) {
		take_link_type(r);
	} else if (str_is_one_of(r->option, "--invert") && str_is(r->module, "rpfilter")) {
		never(r);	/* packets here come from where their source is */
	} else if (str_is_one_of(r->option, "--loose --validmark --accept-local") && str_is(r->module, "rpfilter")) {
		return true;
	} else if (str_is_one_of(r->option, "--pol --policy") && str_is(r->module, "policy")) {
		if (!str_is(argument(r), "none") || r->negated)
			perhaps(r, "a condition about IPsec");
	} else if (str_is_one_of(r->option, "--dir") && str_is(r->module, "policy")) {
		argument(r);
	} else if (str_is_one_of(r->option, "-c --set-counters")) {
		argument(r);
		argument(r);
	} else if (str_is_one_of(r->option, "-w --wait -v --verbose -n")) {
		return true;
	} else {
		return false;
	}
	return true;
}

/* Some modules are a condition by their name alone. */
static void take_module(struct ipt_rule *r)
{
	static const char conditions[] = "socket unclean eui64 ah esp frag hbh dst";
	r->module = argument(r);
	r->routing |= str_is(r->module, "rt");
	if (str_is_one_of(r->module, conditions))
		perhaps(r, arena_printf(r->t->keep, "a condition of -m %.*s", STR_ARG(r->module)));
}

/* What says how a target does its work; anything else behind the target is a condition all the same. */
static bool is_of_target(const struct ipt_rule *r)
{
	static const char options[] =
		"--reject-with --log-prefix --log-level --log-tcp-sequence --log-tcp-options --log-ip-options "
		"--log-uid --log-macdecode --nflog-prefix --nflog-group --nflog-range --nflog-size --nflog-threshold "
		"--ulog-prefix --ulog-nlgroup --ulog-cprange --ulog-qthreshold --set-mark --set-xmark --and-mark "
		"--or-mark --xor-mark --save-mark --restore-mark --nfmask --ctmask --mask --left-shift-mark "
		"--right-shift-mark --notrack --helper --zone --zone-orig --zone-reply --ctevents --expevents "
		"--timeout --set-mss --clamp-mss-to-pmtu --checksum-fill --set-tos --and-tos --or-tos --xor-tos "
		"--set-dscp --set-dscp-class --add-set --del-set --map-set --map-mark --map-prio --map-queue --exist "
		"--type --set-class --to-destination --to-source --to-ports --to --random --random-fully --persistent "
		"--queue-num --queue-balance --queue-bypass --queue-cpu-fanout --hl-set --hl-dec --hl-inc --ttl-set "
		"--ttl-dec --ttl-inc --ecn-tcp-remove --strip-options --gateway --save --restore --selctx "
		"--rateest-name --rateest-interval --rateest-ewmalog --led-trigger-id --led-delay --led-always-blink "
		"--label --alarm --tarpit --honeypot --reset --hmark-tuple --hmark-mod --hmark-offset --hmark-rnd "
		"--hmark-src-prefix --hmark-dst-prefix --hmark-sport-mask --hmark-dport-mask --hmark-spi-mask "
		"--hmark-proto-mask --nodst";
	return r->jumps && str_is_one_of(r->option, options);
}

static void take_unknown(struct ipt_rule *r)
{
	bool of_target = is_of_target(r);
	static const char texts[] = "--log-prefix --nflog-prefix --ulog-prefix --string --hex-string";
	if (str_is_one_of(r->option, texts))
		argument(r);
	else
		skip_values(r);
	if (of_target || str_starts(r->option, "--rt-"))
		return;
	perhaps(r, r->module.n ? arena_printf(r->t->keep, "a condition of -m %.*s", STR_ARG(r->module)) :
				 "a condition that is not modelled");
}

static void read_options_of(struct ipt_rule *r)
{
	const words *w = &r->t->words;
	for (; r->i < w->n && !r->odd; r->i++) {
		struct str word = w->v[r->i];
		if (str_is(word, "!")) {
			r->negated = !r->negated;
			continue;
		}
		if (!is_option(word)) {
			odd(r, word, "is not expected here");
			break;
		}
		r->option = word;
		if (str_is_one_of(r->option, "-m --match"))
			take_module(r);
		else if (!take_exact(r) && !take_settled(r))
			take_unknown(r);
		r->negated = false;
	}
}

enum verdict_kind { VERDICT_ACTION, VERDICT_UNCERTAIN, VERDICT_CHAIN, VERDICT_STRANGE };

static enum verdict_kind target_of(struct ipt_rule *r, enum action *action)
{
	static const char idle[] =
		"LOG NFLOG ULOG MARK CONNMARK CT NOTRACK TCPMSS CHECKSUM TOS DSCP SET TRACE AUDIT CLASSIFY SECMARK "
		"CONNSECMARK HL TTL ECN TCPOPTSTRIP RATEEST IDLETIMER LED TEE HMARK";
	static const char ending[] = "SNAT MASQUERADE DNAT REDIRECT NETMAP SAME";
	*action = ACTION_NEXT;
	if (!r->jumps || str_is_one_of(r->target, idle))
		return VERDICT_ACTION;
	if (str_is(r->target, "ACCEPT") || str_is_one_of(r->target, ending))
		*action = ACTION_PERMIT;
	else if (str_is(r->target, "DROP") || str_is(r->target, "REJECT") || str_is(r->target, "TARPIT"))
		*action = ACTION_DENY;
	else if (str_is(r->target, "RETURN"))
		*action = ACTION_RETURN;
	else if (str_is(r->target, "QUEUE") || str_is(r->target, "NFQUEUE")) {
		*action = ACTION_PERMIT;
		return VERDICT_UNCERTAIN;
	} else if (str_is(r->target, "TPROXY") || str_is(r->target, "SYNPROXY") || str_is(r->target, "CLUSTERIP")) {
		return VERDICT_STRANGE;
	} else {
		*action = r->goes ? ACTION_GOTO : ACTION_CALL;
		return VERDICT_CHAIN;
	}
	return VERDICT_ACTION;
}

static void look_at_target(struct ipt_rule *r)
{
	struct ipt *t = r->t;
	if (str_is(r->target, "NOTRACK") || (str_is(r->target, "CT") && str_find_text(t->line, STR("--notrack")) != SIZE_MAX)) {
		if (!t->tracked_said)
			ruleset_unknown(t->rules, lines_at(&t->lines), str_dup(t->keep, t->line),
					"packets that are not tracked are not modelled");
		t->tracked_said = true;
	}
	if (str_is(r->target, "CT"))
		t->rules->helps_tftp |= str_find_text(t->line, STR("--helper tftp")) != SIZE_MAX;
}

static void add_rules(struct ipt_rule *r, struct ipt_chain *chain)
{
	struct ipt *t = r->t;
	enum action action;
	enum verdict_kind kind = target_of(r, &action);
	uint32_t target = 0;

	if (kind == VERDICT_CHAIN) {
		struct ipt_chain *c = ipt_chain_of(t, r->target);
		if (!c->used_at.line) {
			c->used_at = lines_word_at(&t->lines, t->line, r->target);
			c->used_text = t->line;
		}
		target = c->number;
	}
	if (kind == VERDICT_UNCERTAIN)
		perhaps(r, "a program decides (queue)");
	for (size_t i = 0; i < r->drafts.n; i++) {
		struct rule *rule = ruleset_rule(t->rules, chain->number, lines_at(&t->lines));
		draft_into(&r->drafts.v[i], rule);
		rule->action = action;
		rule->target = target;
		rule->comment = r->comment;
		rule->text = t->line;
		ruleset_keep(t->rules, &rule->match);
	}
}

void ipt_read_rule(struct ipt *t, struct ipt_chain *chain, size_t from)
{
	struct ipt_rule r = { .t = t, .arena = t->scratch, .i = from };
	enum action action;
	*VEC_ADD(r.arena, &r.drafts) = draft_match_new(r.arena);
	draft_family(&r.drafts.v[0], t->family);
	read_options_of(&r);
	if (!r.odd && target_of(&r, &action) == VERDICT_STRANGE)
		odd(&r, r.target, "is a target that is not modelled");
	if (r.odd) {
		ruleset_unknown(t->rules, lines_word_at(&t->lines, t->line, r.odd_word), t->line, "\"%.*s\" %s",
				STR_ARG(r.odd_word), r.odd);
		return;
	}
	/* a packet with a routing header is none that a plan asks for; one that is let through may be any */
	if (r.routing && (str_is(r.target, "DROP") || str_is(r.target, "REJECT")))
		never(&r);
	else if (r.routing)
		perhaps(&r, "a routing header");
	look_at_target(&r);
	add_rules(&r, chain);
}
