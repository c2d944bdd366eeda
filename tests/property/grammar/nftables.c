/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nftables: tables of one family and of both, chains that jump and go, named and
 * anonymous sets, verdict maps, concatenations, definitions, and the command form.
 */
#include "grammar.h"

enum { N_CHAINS = 3, N_SETS = 6 };

enum set_kind { SET_ADDR4, SET_ADDR6, SET_PORTS, SET_PROTO_PORT, SET_ADDR_PORT, SET_VERDICTS, N_SET_KINDS };

struct verdict_of {
	struct port_range port;
	enum verb verb;
	size_t target;
};

struct set {
	enum set_kind kind;
	struct addrs addrs;
	struct ports ports;
	VEC(struct service_term) terms; /* with addrs: element by element */
	VEC(struct verdict_of) verdicts;
};

struct nft {
	struct draft *w;
	bool four, six; /* families of the table */
	struct set sets[N_SETS];
	size_t n_sets;
	size_t first_set; /* of this table */
	size_t lists[N_CHAINS];
	size_t next;        /* chains that may be jumped to */
	bool host;          /* no output interface, or no input interface */
	bool met_interface; /* the rule has a condition on one */
	struct addrs defined;
	enum family defined_family;
};

static enum family some_family(struct nft *k)
{
	return k->four && (!k->six || !chance(k->w, 3)) ? IPV4 : IPV6;
}

static const char *range_text(struct draft *w, struct addr_range r)
{
	unsigned length;
	if (r.lo == r.hi)
		return chance(w, 4) ? net_of(w, r) : low_of(w, r);
	if (addr_range_is_prefix(&r, &length))
		return net_of(w, r);
	return arena_printf(w->a, "%s-%s", low_of(w, r), high_of(w, r));
}

static const char *port_text(struct draft *w, struct port_range r)
{
	if (r.lo == r.hi)
		return r.lo == 53 && chance(w, 2)    ? "domain"
		       : r.lo == 443 && chance(w, 2) ? "https"
						     : arena_printf(w->a, "%u", r.lo);
	return arena_printf(w->a, "%u-%u", r.lo, r.hi);
}

/* Ports of a list that do not touch each other, as maps and concatenations want them. */
static struct port_range apart(struct draft *w, uint32_t i)
{
	uint16_t lo = (uint16_t)(i * 300 + rnd(w, 100));
	return (struct port_range){ lo, (uint16_t)(lo + (chance(w, 2) ? rnd(w, 150) : 0)) };
}

/* Verdicts */

static const char *verdict(struct nft *k, enum verb *verb, size_t *target)
{
	struct draft *w = k->w;
	switch (rnd(w, 6)) {
	case 0:
		*verb = SAYS_DENY;
		return "drop";
	case 1:
		*verb = SAYS_RETURN;
		return "return";
	case 2:
	case 3:
		if (k->next < N_CHAINS) {
			size_t to = k->next + rnd(w, (uint32_t)(N_CHAINS - k->next));
			*verb = chance(w, 3) ? SAYS_GOTO : SAYS_CALL;
			*target = k->lists[to];
			return arena_printf(w->a, "%s chain_%zu", *verb == SAYS_GOTO ? "goto" : "jump", to);
		}
		/* fall through */
	default:
		*verb = SAYS_PERMIT;
		return "accept";
	}
}

/* Named sets */

static const char *set_elements(struct nft *k, struct set *s)
{
	struct draft *w = k->w;
	const char *text = "", *one = "";
	for (uint32_t i = 0, n = 1 + rnd(w, 4); i < n; i++) {
		enum family f = s->kind == SET_ADDR6 ? IPV6 : s->kind == SET_ADDR4 ? IPV4 : k->four ? IPV4 : IPV6;
		struct addr_range r = chance(w, 3) ? some_span(w, f) : some_net(w, f);
		struct port_range p = apart(w, i);
		bool udp = chance(w, 2);
		struct verdict_of v = { .port = p };
		switch (s->kind) {
		case SET_ADDR4:
		case SET_ADDR6:
			addrs_add(w, &s->addrs, r);
			one = range_text(w, r);
			break;
		case SET_PORTS:
			ports_add(w, &s->ports, p.lo, p.hi);
			one = port_text(w, p);
			break;
		case SET_PROTO_PORT:
			*VEC_ADD(w->a, &s->terms) = service_of(udp ? PROTO_UDP : PROTO_TCP, p);
			one = arena_printf(w->a, "%s . %s", udp ? "udp" : "tcp", port_text(w, p));
			break;
		case SET_ADDR_PORT:
			addrs_add(w, &s->addrs, r);
			*VEC_ADD(w->a, &s->terms) = service_of(PROTO_TCP, p);
			one = arena_printf(w->a, "%s . %s", range_text(w, r), port_text(w, p));
			break;
		default:
			one = verdict(k, &v.verb, &v.target);
			one = arena_printf(w->a, "%s : %s", port_text(w, p), one);
			*VEC_ADD(w->a, &s->verdicts) = v;
		}
		text = arena_printf(w->a, "%s%s%s%s", text, i ? (chance(w, 4) ? ",\n\t\t\t     " : ", ") : "", one,
				    chance(w, 8) && s->kind != SET_VERDICTS ? " comment \"one, and : another\"" : "");
	}
	return text;
}

static void named_set(struct nft *k, const char *family, const char *table, bool later)
{
	static const char *const types[] = { "ipv4_addr",
					     "ipv6_addr",
					     "inet_service",
					     "inet_proto . inet_service",
					     "ipv4_addr . inet_service",
					     "inet_service : verdict" };
	struct draft *w = k->w;
	size_t n = k->n_sets++;
	struct set *s = &k->sets[n];
	s->kind = (enum set_kind)rnd(w, N_SET_KINDS);
	if ((s->kind == SET_ADDR6 && !k->six) || (s->kind == SET_ADDR4 && !k->four))
		s->kind = SET_PORTS;
	const char *type = types[s->kind];
	if (s->kind == SET_ADDR_PORT && !k->four)
		type = "ipv6_addr . inet_service";
	say(w, "\t%s set_%zu {\n\t\ttype %s\n\t\tflags interval\n", s->kind == SET_VERDICTS ? "map" : "set", n, type);
	if (s->kind <= SET_PORTS)
		say(w, "\t\tauto-merge\n");
	if (!later || s->kind == SET_VERDICTS || chance(w, 2))
		say(w, "\t\telements = { %s }\n", set_elements(k, s));
	say(w, "\t}\n");
	(void)family;
	(void)table;
}

/* Expressions; each adds its conditions and gives its text. */

static const char *addresses(struct nft *k, struct said *s, bool source)
{
	struct draft *w = k->w;
	enum family f = some_family(k);
	struct addrs v = { 0 };
	const char *left = arena_printf(w->a, "%s %s", f == IPV6 ? "ip6" : "ip", source ? "saddr" : "daddr"),
		   *text = "";
	bool negated = chance(w, 5);
	on_family(w, s, f);
	if (chance(w, 4))
		for (size_t i = k->first_set; i < k->n_sets; i++)
			if (k->sets[i].kind == (f == IPV6 ? SET_ADDR6 : SET_ADDR4)) {
				on_addrs(w, s, source ? ON_SRC : ON_DST, &k->sets[i].addrs, negated);
				return arena_printf(w->a, "%s %s@set_%zu", left, negated ? "!= " : "", i);
			}
	if (k->defined.v.n && k->defined_family == f && chance(w, 4)) {
		on_addrs(w, s, source ? ON_SRC : ON_DST, &k->defined, negated);
		return arena_printf(w->a, "%s %s$HOSTS", left, negated ? "!= " : "");
	}
	uint32_t n = chance(w, 2) ? 1 : 1 + rnd(w, 4);
	for (uint32_t i = 0; i < n; i++) {
		struct addr_range r = chance(w, 4) ? some_span(w, f) : some_net(w, f);
		addrs_add(w, &v, r);
		text = arena_printf(w->a, "%s%s%s", text, i ? ", " : "", range_text(w, r));
	}
	on_addrs(w, s, source ? ON_SRC : ON_DST, &v, negated);
	return n > 1 || chance(w, 4) ? arena_printf(w->a, "%s %s{ %s }", left, negated ? "!= " : "", text)
				     : arena_printf(w->a, "%s %s%s", left, negated ? "!= " : "", text);
}

static const uint8_t with_ports[] = { PROTO_TCP, PROTO_UDP, PROTO_SCTP, PROTO_DCCP, PROTO_UDPLITE };

static void ported(struct draft *w, struct terms *to, unsigned protocol, const struct ports *v, bool source)
{
	struct ports none = { 0 };
	for (size_t i = 0; i < ARRAY_LEN(with_ports); i++)
		if (!protocol || protocol == with_ports[i])
			terms_product(w, to, with_ports[i], source ? v : &none, source ? &none : v);
}

/* Left of the operator, with what it implies: tcp, udp or any that has ports. */
static const char *port_left(struct nft *k, struct said *s, bool source, unsigned *protocol)
{
	struct draft *w = k->w;
	struct terms two = { 0 };
	const char *side = source ? "sport" : "dport";
	switch (rnd(w, 5)) {
	case 0:
		*protocol = 0;
		terms_protocol(w, &two, PROTO_TCP, PROTO_TCP);
		terms_protocol(w, &two, PROTO_UDP, PROTO_UDP);
		on_terms(w, s, &two, false);
		return arena_printf(w->a, "meta l4proto { tcp, udp } th %s", side);
	case 1:
	case 2:
		*protocol = PROTO_UDP;
		return arena_printf(w->a, "udp %s", side);
	default:
		*protocol = PROTO_TCP;
		return arena_printf(w->a, "tcp %s", side);
	}
}

static const char *ports(struct nft *k, struct said *s, bool source)
{
	struct draft *w = k->w;
	struct ports v = { 0 }, all = { 0 };
	struct terms terms = { 0 }, every = { 0 };
	unsigned protocol;
	const char *left = port_left(k, s, source, &protocol), *text = "";
	bool negated = chance(w, 5);
	ported(w, &every, protocol, &all, source);
	on_terms(w, s, &every, false);
	if (chance(w, 5))
		for (size_t i = k->first_set; i < k->n_sets; i++)
			if (k->sets[i].kind == SET_PORTS && k->sets[i].ports.v.n) {
				ported(w, &terms, protocol, &k->sets[i].ports, source);
				on_terms(w, s, &terms, negated);
				return arena_printf(w->a, "%s %s@set_%zu", left, negated ? "!= " : "", i);
			}
	if (chance(w, 5)) {
		uint16_t n = (uint16_t)(1 + some_port(w) % 65534);
		uint32_t op = rnd(w, 4);
		ports_add(w, &v, op == 0 ? n + 1u : op == 1 ? n : 0, op == 2 ? n - 1u : op == 3 ? n : 65535);
		ported(w, &terms, protocol, &v, source);
		on_terms(w, s, &terms, false);
		return arena_printf(w->a, "%s %s %u", left, (const char *const[]){ ">", ">=", "<", "<=" }[op], n);
	}
	uint32_t n = chance(w, 2) ? 1 : 1 + rnd(w, 4);
	for (uint32_t i = 0; i < n; i++) {
		struct port_range r = some_ports(w);
		ports_add(w, &v, r.lo, r.hi);
		text = arena_printf(w->a, "%s%s%s", text, i ? ", " : "", port_text(w, r));
	}
	ported(w, &terms, protocol, &v, source);
	on_terms(w, s, &terms, negated);
	return n > 1 || chance(w, 4) ? arena_printf(w->a, "%s %s{ %s }", left, negated ? "!= " : "", text)
				     : arena_printf(w->a, "%s %s%s", left, negated ? "!= " : "", text);
}

static const char *protocols(struct nft *k, struct said *s)
{
	static const struct named names[] = { { "tcp", 6 },        { "udp", 17 }, { "gre", 47 },
					      { "esp", 50 },       { "47", 47 },  { "icmp", 1 },
					      { "ipv6-icmp", 58 }, { "ah", 51 },  { "99", 99 } };
	struct draft *w = k->w;
	struct terms terms = { 0 };
	bool negated = chance(w, 5), list = chance(w, 3);
	const char *text = "", *left;
	for (uint32_t i = 0, n = list ? 1 + rnd(w, 3) : 1; i < n; i++) {
		struct named p = ONE_NAMED(w, names);
		terms_protocol(w, &terms, p.number, p.number);
		text = arena_printf(w->a, "%s%s%s", text, i ? ", " : "", p.name);
	}
	on_terms(w, s, &terms, negated);
	switch (rnd(w, 3)) {
	case 0:
		if (k->four) {
			on_family(w, s, IPV4);
			left = "ip protocol";
			break;
		}
		/* fall through */
	case 1:
		if (k->six) {
			on_family(w, s, IPV6);
			left = "ip6 nexthdr";
			break;
		}
		/* fall through */
	default:
		left = "meta l4proto";
	}
	return arena_printf(w->a, list ? "%s %s{ %s }" : "%s %s%s", left, negated ? "!= " : "", text);
}

static const char *icmp(struct nft *k, struct said *s)
{
	static const struct named four[] = { { "echo-request", 8 },
					     { "echo-reply", 0 },
					     { "destination-unreachable", 3 },
					     { "time-exceeded", 11 },
					     { "13", 13 } },
				  six[] = { { "echo-request", 128 },       { "nd-neighbor-solicit", 135 },
					    { "packet-too-big", 2 },       { "nd-router-advert", 134 },
					    { "mld-listener-query", 130 }, { "1", 1 } };
	struct draft *w = k->w;
	bool v6 = some_family(k) == IPV6, negated = chance(w, 5);
	struct terms terms = { 0 }, all = { 0 };
	const char *text = "";
	terms_icmp(w, &all, v6 ? PROTO_ICMP6 : PROTO_ICMP, -1, -1);
	on_terms(w, s, &all, false);
	if (chance(w, 5)) {
		int code = (int)rnd(w, 5);
		struct service_term t = { v6 ? PROTO_ICMP6 : PROTO_ICMP, v6 ? PROTO_ICMP6 : PROTO_ICMP,
					  one_port((uint16_t)code), ALL_PORTS };
		terms_add(w, &terms, t);
		on_terms(w, s, &terms, false);
		return arena_printf(w->a, "%s code %d", v6 ? "icmpv6" : "icmp", code);
	}
	uint32_t n = 1 + rnd(w, 3);
	for (uint32_t i = 0; i < n; i++) {
		struct named t = v6 ? ONE_NAMED(w, six) : ONE_NAMED(w, four);
		terms_icmp(w, &terms, v6 ? PROTO_ICMP6 : PROTO_ICMP, (int)t.number, -1);
		text = arena_printf(w->a, "%s%s%s", text, i ? ", " : "", t.name);
	}
	on_terms(w, s, &terms, negated);
	return arena_printf(w->a, n > 1 ? "%s type %s{ %s }" : "%s type %s%s", v6 ? "icmpv6" : "icmp",
			    negated ? "!= " : "", text);
}

/* ip saddr . ip daddr . meta l4proto . th dport { ... } and such, or a named set. */
static const char *concatenation(struct nft *k, struct said *s)
{
	struct draft *w = k->w;
	enum family f = some_family(k);
	const char *ip = f == IPV6 ? "ip6" : "ip", *text = "";
	struct boxes boxes = { 0 };
	for (size_t i = k->first_set; i < k->n_sets && chance(w, 2); i++) {
		const struct set *set = &k->sets[i];
		bool pair = set->kind == SET_ADDR_PORT;
		if (!set->terms.n || (set->kind != SET_PROTO_PORT && !pair))
			continue;
		for (size_t m = 0; m < set->terms.n; m++) {
			struct box b = { 0 };
			terms_add(w, &b.terms, set->terms.v[m]);
			if (pair)
				addrs_add(w, &b.dst, set->addrs.v.v[m]);
			*VEC_ADD(w->a, &boxes.v) = b;
		}
		on_boxes(w, s, &boxes, false);
		return pair ? arena_printf(w->a, "%s daddr . tcp dport @set_%zu", k->four ? "ip" : "ip6", i)
			    : arena_printf(w->a, "meta l4proto . th dport @set_%zu", i);
	}
	bool both = chance(w, 2);
	for (uint32_t i = 0, n = 1 + rnd(w, 3); i < n; i++) {
		struct box b = { 0 };
		struct addr_range x = some_net(w, f), y = some_span(w, f);
		struct port_range p = apart(w, i);
		bool udp = chance(w, 2);
		addrs_add(w, &b.src, x);
		terms_add(w, &b.terms, service_of(udp ? PROTO_UDP : PROTO_TCP, p));
		if (both)
			addrs_add(w, &b.dst, y);
		text = arena_printf(w->a, "%s%s%s%s%s . %s . %s", text, i ? ", " : "", range_text(w, x),
				    both ? " . " : "", both ? range_text(w, y) : "", udp ? "udp" : "tcp",
				    port_text(w, p));
		*VEC_ADD(w->a, &boxes.v) = b;
	}
	on_boxes(w, s, &boxes, false);
	return arena_printf(w->a, "%s saddr%s%s%s . meta l4proto . th dport { %s }", ip, both ? " . " : "",
			    both ? ip : "", both ? " daddr" : "", text);
}

static const char *state(struct draft *w, struct said *s)
{
	if (s->when != AT_ANY_TIME)
		return "meta l4proto != 200";
	switch (rnd(w, 8)) {
	case 0:
		s->when = AFTERWARDS;
		return ONE_OF(w, "ct state established,related", "ct state { established, related }",
			      "ct state established", "ct state 0x2,0x4", "ct state != new", "ct state ! new");
	case 1:
		s->when = AT_FIRST;
		return ONE_OF(w, "ct state new", "ct state != { established, related }", "ct state != established",
			      "ct state { new, untracked }", "ct state 0x8", "ct state != 0x2");
	case 2:
		on_nothing(w, s);
		return ONE_OF(w, "ct state invalid", "ct state related", "ct state { invalid, related }",
			      "ct state untracked", "ct status dnat", "ct state 0x1");
	case 3:
		return ONE_OF(w, "ct state != invalid", "ct state != related", "ct state != untracked");
	case 4:
		return "ct state new,established";
	case 5: {
		struct terms tcp = { 0 };
		terms_protocol(w, &tcp, PROTO_TCP, PROTO_TCP);
		on_terms(w, s, &tcp, false);
		if (chance(w, 2)) {
			s->when = AFTERWARDS;
			return ONE_OF(w, "tcp flags != syn / fin,syn,rst,ack",
				      "tcp flags & (fin | syn | rst | ack) != syn");
		}
		s->when = AT_FIRST;
		return ONE_OF(w, "tcp flags syn / fin,syn,rst,ack", "tcp flags & (fin | syn | rst | ack) == syn");
	}
	default:
		on_family(w, s, IPV4);
		return ONE_OF(w, "meta nfproto ipv4", "meta nfproto { ipv4 }", "meta nfproto != ipv6");
	}
}

static const char *interface(struct nft *k, struct said *s)
{
	struct draft *w = k->w;
	bool in = chance(w, 2), negated = chance(w, 4), both = chance(w, 4);
	struct addrs v = { 0 };
	uint32_t n = rnd(w, 2);
	if (chance(w, 3)) {
		/* no packet that counts here comes in there */
		if (!negated)
			on_nothing(w, s);
		return negated ? "iifname != \"lo\""
			       : ONE_OF(w, "iif lo", "iif \"lo\"", "iifname \"lo\"", "oifname lo");
	}
	if (k->host || k->met_interface)
		return "meta l4proto != 200";
	k->met_interface = true;
	addrs_add_all(w, &v, &w->places.v[n].addrs);
	if (both)
		addrs_add_all(w, &v, &w->places.v[1 - n].addrs);
	on_addrs(w, s, in ? ON_SRC : ON_DST, &v, negated);
	if (both)
		return arena_printf(w->a, "%s %s{ \"%s\", \"%s\" }", in ? "iifname" : "oifname", negated ? "!= " : "",
				    w->places.v[0].name, w->places.v[1].name);
	return arena_printf(w->a, "%s %s\"%s\"", in ? ONE_OF(w, "iifname", "meta iifname", "iif") : "oifname",
			    negated ? "!= " : "", w->places.v[n].name);
}

static const char *expression(struct nft *k, struct said *s)
{
	struct draft *w = k->w;
	struct terms not200 = { 0 };
	const char *text;
	switch (rnd(w, 10)) {
	case 0:
	case 1:
		return addresses(k, s, true);
	case 2:
		return addresses(k, s, false);
	case 3:
	case 4:
		return ports(k, s, false);
	case 5:
		return chance(w, 2) ? ports(k, s, true) : icmp(k, s);
	case 6:
		return protocols(k, s);
	case 7:
		return concatenation(k, s);
	case 8:
		text = state(w, s);
		break;
	default:
		text = interface(k, s);
	}
	if (strcmp(text, "meta l4proto != 200") == 0) {
		terms_protocol(w, &not200, 200, 200);
		on_terms(w, s, &not200, true);
	}
	return text;
}

/* A lookup whose elements are verdicts: one meaning an element, in front of what follows. */
static const char *verdict_map(struct nft *k, const struct said *s, size_t list)
{
	struct draft *w = k->w;
	const char *text = "";
	const struct set *set = NULL;
	struct set own = { .kind = SET_VERDICTS };
	size_t i = k->first_set;
	if (chance(w, 4)) {
		/* conversations by their state */
		struct said later = *s;
		later.verb = SAYS_PERMIT;
		if (s->when == AT_FIRST)
			return NULL;
		later.when = AFTERWARDS;
		*said_add(w, list, SAYS_NOTHING) = later;
		return "ct state vmap { established : accept, related : accept, invalid : drop }";
	}
	for (; i < k->n_sets && k->sets[i].kind != SET_VERDICTS; i++)
		;
	if (i < k->n_sets && chance(w, 2)) {
		/* its verdicts may go to chains that call this one */
		for (size_t m = 0; m < k->sets[i].verdicts.n; m++)
			if (k->sets[i].verdicts.v[m].verb == SAYS_CALL || k->sets[i].verdicts.v[m].verb == SAYS_GOTO)
				return NULL;
		set = &k->sets[i];
		text = arena_printf(w->a, "tcp dport vmap @set_%zu", i);
	} else {
		text = arena_printf(w->a, "tcp dport vmap { %s }", set_elements(k, &own));
		set = &own;
	}
	for (size_t m = 0; m < set->verdicts.n; m++) {
		struct said one = *s;
		struct terms t = { 0 };
		one.conditions.room = one.conditions.n; /* a copy of its own when it grows */
		one.conditions.v =
			(void *)arena_memdup(w->a, s->conditions.v, s->conditions.n * sizeof *s->conditions.v);
		one.verb = set->verdicts.v[m].verb;
		one.target = set->verdicts.v[m].target;
		terms_add(w, &t, service_of(PROTO_TCP, set->verdicts.v[m].port));
		on_terms(w, &one, &t, false);
		*said_add(w, list, SAYS_NOTHING) = one;
	}
	return text;
}

/* The next word of a text; empty at its end. */
static struct str next_word(struct str *text)
{
	struct str word = NO_STR;
	str_word(text, &word);
	return word;
}

/* The word of a header for a protocol by any of its names. */
static struct str protocol_word(struct str s)
{
	return str_is(s, "6") ? STR("tcp") : str_is(s, "ipv6-icmp") ? STR("icmpv6") : s;
}

/*
 * nft(8) refuses a rule whose conditions name two protocols, or both families; a condition on
 * another protocol that follows one on fields is refused with the next field.
 */
static bool clashes(const struct nft *k, const char *rule)
{
	static const char *const headers[] = { "tcp", "udp", "sctp", "dccp", "udplite", "icmp", "icmpv6" };
	struct str text = str_of(rule), word, transport = NO_STR;
	bool six = !k->four, four = !k->six;
	while ((word = next_word(&text)).n) {
		struct str rest = text, after = next_word(&rest);
		bool header = false, field = str_is(after, "dport") || str_is(after, "sport") ||
					     str_is(after, "flags") || str_is(after, "type") || str_is(after, "code");
		for (size_t i = 0; i < ARRAY_LEN(headers); i++)
			header |= str_is(word, headers[i]) && field;
		six |= (str_is(word, "ip6") && !str_is(after, "ttl")) || (header && str_is(word, "icmpv6"));
		four |= str_is(word, "ip") || (header && str_is(word, "icmp"));
		if (str_is(word, "nfproto")) {
			/* only tables of both families have it */
			if (!k->four || !k->six)
				return true;
			struct str family = str_is(after, "{") ? next_word(&rest) : after;
			four |= str_is(family, "ipv4");
			six |= str_is(family, "ipv6");
		}
		if (header && transport.n && !str_eq(word, transport))
			return true;
		if (header)
			transport = word;
		bool protocol = str_is(word, "l4proto") || str_is(word, "protocol") || str_is(word, "nexthdr");
		if (!protocol || str_is(after, "!=") || str_is(after, "."))
			continue;
		struct str said = str_is(after, "{") ? next_word(&rest) : after;
		if (str_ends(said, ",") || (transport.n && !str_eq(transport, protocol_word(said))))
			transport = STR("several");
		else
			transport = protocol_word(said);
	}
	return four && six;
}

/* A condition more, unless nft(8) refuses it beside those that are there. */
static const char *one_more(struct nft *k, struct said *s, const char *text)
{
	struct said before = *s;
	bool met = k->met_interface;
	const char *more = arena_printf(k->w->a, "%s%s ", text, expression(k, s));
	if (!clashes(k, more))
		return more;
	k->met_interface = met;
	*s = before;
	return text;
}

static const char *rule(struct nft *k, size_t list)
{
	struct draft *w = k->w;
	struct said s = { .verb = SAYS_NOTHING };
	const char *text = "", *end;
	k->met_interface = false;
	for (uint32_t i = rnd(w, 4); i > 0; i--) {
		/* a statement without a verdict ends where the next condition begins */
		if (chance(w, 10))
			text = arena_printf(w->a, "%s%s ", text,
					    ONE_OF(w, "meta mark set 0x1", "ct mark set meta mark",
						   "meta nftrace set 1", "meta mark set meta mark & 0xff | 0x10",
						   "counter packets 0 bytes 0", "log"));
		text = one_more(k, &s, text);
	}
	if (chance(w, 8) && !clashes(k, arena_printf(w->a, "%stcp dport", text))) {
		end = verdict_map(k, &s, list);
		if (end)
			return arena_printf(w->a, "%s%s", text, end);
	}
	if (chance(w, 4))
		text = arena_printf(w->a, "%scounter packets 12 bytes 3456 ", text);
	if (chance(w, 8))
		text = arena_printf(w->a, "%slog prefix \"drop it: \" level info ", text);
	if (chance(w, 12)) {
		text = arena_printf(w->a, "%s%s ", text,
				    ONE_OF(w, "limit rate 5/second burst 10 packets", "ip ttl 64", "meta mark 0x1"));
		if (str_find_text(str_of(text), STR("ip ttl")) != SIZE_MAX && (!k->four || k->six))
			return "continue"; /* would imply a family */
		s.perhaps = true;
	}
	end = chance(w, 8) ? "" : verdict(k, &s.verb, &s.target);
	if (s.perhaps && s.verb != SAYS_PERMIT && s.verb != SAYS_DENY) {
		s.verb = SAYS_NOTHING;
		end = "";
	}
	if (s.verb == SAYS_DENY && chance(w, 3))
		end = ONE_OF(w, "reject", "reject with tcp reset", "reject with icmpx type admin-prohibited",
			     "reject with icmp type host-prohibited", "reject with icmpv6 type admin-prohibited");
	if (strstr(end, "reset")
		    ? clashes(k, arena_printf(w->a, "%stcp dport", text))
		    : (strstr(end, "icmp ") && clashes(k, arena_printf(w->a, "%sip saddr", text))) ||
			      (strstr(end, "icmpv6 ") && clashes(k, arena_printf(w->a, "%sip6 saddr", text))))
		end = "drop";
	if (strstr(end, "icmpx") && (!k->four || !k->six))
		end = "drop";
	if (s.verb == SAYS_DENY && str_find_text(str_of(end), STR("tcp reset")) != SIZE_MAX) {
		struct terms tcp = { 0 };
		terms_protocol(w, &tcp, PROTO_TCP, PROTO_TCP);
		on_terms(w, &s, &tcp, false);
		if (chance(w, 2))
			text = arena_printf(w->a, "meta l4proto tcp %s", text);
	}
	/* such a reply is only for its own family */
	if (s.verb == SAYS_DENY && str_find_text(str_of(end), STR("with icmp ")) != SIZE_MAX)
		on_family(w, &s, IPV4);
	if (s.verb == SAYS_DENY && str_find_text(str_of(end), STR("with icmpv6 ")) != SIZE_MAX)
		on_family(w, &s, IPV6);
	*said_add(w, list, SAYS_NOTHING) = s;
	if (!*text && !*end)
		text = "counter";
	return arena_printf(w->a, "%s%s%s", text, end,
			    chance(w, 6) ? " comment \"accept what; drop } and { more # here\"" : "");
}

static void chain(struct nft *k, const char *name, size_t list, const char *head, uint32_t most)
{
	struct draft *w = k->w;
	say(w, "\tchain %s {\n%s", name, head);
	if (chance(w, 6))
		say(w, "\t\t# accept everything\n");
	for (uint32_t i = rnd(w, most + 1); i > 0; i--)
		say(w, "\t\t%s\n", rule(k, list));
	say(w, "\t}\n");
}

/* More elements of a set, behind its table, in the command form. */
static void more_elements(struct nft *k, const char *family, const char *table)
{
	struct draft *w = k->w;
	for (size_t i = k->first_set; i < k->n_sets; i++)
		if ((k->sets[i].kind == SET_ADDR4 || k->sets[i].kind == SET_ADDR6) && chance(w, 2)) {
			enum family f = k->sets[i].kind == SET_ADDR6 ? IPV6 : IPV4;
			struct addr_range r = some_net(w, f);
			say(w, "add element %s %s set_%zu { %s }\n", family, table, i, range_text(w, r));
			/* rules name the set already: the meanings that were copied from it get the element too */
			for (size_t l = 0; l < w->lists.n; l++)
				for (size_t m = 0; m < w->lists.v[l].said.n; m++) {
					struct said *s = &w->lists.v[l].said.v[m];
					for (size_t c = 0; c < s->conditions.n; c++) {
						struct addrs *have = &s->conditions.v[c].addrs;
						if (have->v.n && have->v.n == k->sets[i].addrs.v.n &&
						    memcmp(have->v.v, k->sets[i].addrs.v.v,
							   have->v.n * sizeof *have->v.v) == 0)
							*VEC_ADD(w->a, &have->v) = r;
					}
				}
			*VEC_ADD(w->a, &k->sets[i].addrs.v) = r;
		}
}

static void table(struct nft *k, const char *name)
{
	static const char *const hooks[] = {
		[POLICY_TRANSIT] = "forward", [POLICY_INBOUND] = "input", [POLICY_OUTBOUND] = "output"
	};
	struct draft *w = k->w;
	const char *family = ONE_OF(w, "inet", "inet", "ip", "ip6");
	bool drops = chance(w, 2);
	size_t base = list_add(w, true, drops ? SAYS_DENY : SAYS_PERMIT);
	k->four = strcmp(family, "ip6") != 0;
	k->six = strcmp(family, "ip") != 0;
	k->first_set = k->n_sets;
	for (size_t i = 0; i < N_CHAINS; i++)
		k->lists[i] = list_add(w, false, SAYS_RETURN);
	if (!k->four || !k->six)
		on_family(w, said_add(w, base, SAYS_PERMIT), k->four ? IPV6 : IPV4);
	say(w, "table %s %s {\n", family, name);
	k->next = 0;
	while (k->n_sets < N_SETS && !chance(w, 3))
		named_set(k, family, name, false);
	bool first = chance(w, 2);
	for (unsigned i = 0; i < 2; i++) {
		/* chains may be before or after what jumps to them */
		if ((i == 0) == first) {
			for (size_t c = 0; c < N_CHAINS; c++) {
				k->next = c + 1;
				chain(k, arena_printf(w->a, "chain_%zu", c), k->lists[c], "", 3);
			}
		} else {
			k->next = 0;
			chain(k, "base", base,
			      arena_printf(w->a, "\t\ttype filter hook %s priority %s; policy %s;\n",
					   hooks[w->options.side], ONE_OF(w, "filter", "0", "filter + 10", "-150"),
					   drops ? "drop" : "accept"),
			      6);
		}
	}
	say(w, "}\n");
	if (chance(w, 3)) {
		k->next = 0;
		say(w, "add rule %s %s base %s\n", family, name, rule(k, base));
	}
	more_elements(k, family, name);
}

static void nftables_write(struct draft *w)
{
	static const char *const names[] = { "eth0", "vlan10" };
	struct nft k = { .w = w };
	w->options.side = (enum policy_side)rnd(w, 3);
	k.host = w->options.side != POLICY_TRANSIT;
	for (unsigned i = 0; i < 2; i++) {
		struct addrs v = { 0 };
		addrs_add(w, &v, prefix_range((struct addr){ IPV4, 0x0a000000 + i * 256 }, 24));
		addrs_add(w, &v, prefix_range((struct addr){ IPV6, ((u128)0x20010db8 << 96) + ((u128)i << 64) }, 64));
		place_add(w, names[i], &v);
	}
	if (chance(w, 2))
		say(w, "#!/usr/sbin/nft -f\nflush ruleset\n\n");
	if (chance(w, 2)) {
		struct addr_range x = some_net(w, IPV4), y = some_span(w, IPV4);
		addrs_add(w, &k.defined, x);
		addrs_add(w, &k.defined, y);
		say(w, "define HOSTS = { %s, %s }\n", range_text(w, x), range_text(w, y));
	}
	table(&k, "filter");
	if (chance(w, 3))
		table(&k, "second");
}

const struct grammar grammar_nftables = { "nftables", nftables_write };
