/* SPDX-License-Identifier: Apache-2.0 */
/*
 * iptables-save and ip6tables-save with chains that call and go to each other,
 * the matches that real files are made of, negations, and ipsets beside them.
 */
#include "grammar.h"

enum { N_CHAINS = 3, N_SETS = 5 };

enum set_kind { SET_IP, SET_NET, SET_NET_PORT, SET_NET_NET, SET_PORT, N_SET_KINDS };

struct set_element {
	struct addr_range first, second;
	struct service_term term; /* port: the one that is named, on the side that the rule states */
};

struct set {
	enum set_kind kind;
	struct addrs first; /* of one dimension */
	struct addrs except;
	struct ports ports; /* bitmap:port */
	VEC(struct set_element) elements;
};

struct ipt {
	struct draft *w;
	enum family family;
	struct set sets[N_SETS];
	size_t n_sets;
	const char *base;
	size_t chains[N_CHAINS]; /* lists */
	bool mangle;             /* the table that is being written; else filter */
};

/* Sets */

static bool has_range(const struct addrs *s, struct addr_range r)
{
	for (size_t i = 0; i < s->v.n; i++)
		if (addr_range_cmp(&s->v.v[i], &r) == 0)
			return true;
	return false;
}

static void set_element(struct ipt *k, size_t n)
{
	struct draft *w = k->w;
	struct set *s = &k->sets[n];
	struct set_element e = { .first = some_net(w, k->family), .second = some_net(w, k->family) };
	uint16_t port = some_port(w);
	const char *tail = chance(w, 4) ? " comment \"the first, for now\"" : "";
	say(w, "add S%zu_%d ", n, k->family);
	switch (s->kind) {
	case SET_IP:
		e.first = some_host(w, k->family);
		addrs_add(w, &s->first, e.first);
		say(w, "%s%s\n", low_of(w, e.first), tail);
		return;
	case SET_NET: {
		bool except = chance(w, 4);
		/* ipset refuses an element that is there with the other meaning */
		if (has_range(except ? &s->first : &s->except, e.first))
			except = !except;
		addrs_add(w, except ? &s->except : &s->first, e.first);
		say(w, "%s%s%s\n", net_of(w, e.first), except ? " nomatch" : "", tail);
		return;
	}
	case SET_PORT:
		ports_add(w, &s->ports, port, port);
		say(w, "%u%s\n", port, tail);
		return;
	case SET_NET_NET:
		say(w, "%s,%s%s\n", net_of(w, e.first), net_of(w, e.second), tail);
		break;
	default: {
		bool udp = chance(w, 2);
		if (chance(w, 5)) {
			/* types and codes of these elements are exact */
			uint16_t type = chance(w, 2) ? 8 : 3, code = type == 3 ? (uint16_t)rnd(w, 3) : 0;
			uint8_t p = k->family == IPV6 ? PROTO_ICMP6 : PROTO_ICMP;
			type = k->family == IPV6 && type == 8 ? 128 : type;
			e.term = (struct service_term){ p, p, one_port(code), one_port(type) };
			say(w, "%s,%s:%u/%u%s\n", net_of(w, e.first), k->family == IPV6 ? "icmpv6" : "icmp", type, code,
			    tail);
		} else {
			e.term = service_of(udp ? PROTO_UDP : PROTO_TCP, one_port(port));
			say(w, "%s,%s:%u%s\n", net_of(w, e.first), udp ? "udp" : "tcp", port, tail);
		}
	}
	}
	*VEC_ADD(w->a, &s->elements) = e;
	*VEC_ADD(w->a, &w->edges.v) = e.first;
	*VEC_ADD(w->a, &w->edges.v) = e.second;
}

static void write_set(struct ipt *k)
{
	static const char *const types[] = { "hash:ip", "hash:net", "hash:net,port", "hash:net,net", "bitmap:port" };
	struct draft *w = k->w;
	size_t n = k->n_sets++;
	k->sets[n] = (struct set){ .kind = (enum set_kind)rnd(w, N_SET_KINDS) };
	if (k->sets[n].kind == SET_PORT)
		say(w, "create S%zu_%d bitmap:port range 0-65535 comment\n", n, k->family);
	else
		say(w, "create S%zu_%d %s family %s hashsize 1024 maxelem 65536 comment\n", n, k->family,
		    types[k->sets[n].kind], k->family == IPV6 ? "inet6" : "inet");
	for (uint32_t i = rnd(w, 5); i > 0; i--)
		set_element(k, n);
}

/* Of a set of networks the most specific decides; nomatch carves out of what is wider. */
static void address_boxes(struct draft *w, const struct set *s, bool source, struct boxes *to)
{
	for (size_t i = 0; i < s->first.v.n; i++) {
		struct addr_range r = s->first.v.v[i];
		struct box b = { 0 };
		struct addrs *v = source ? &b.src : &b.dst;
		addrs_add(w, v, r);
		for (size_t e = 0; e < s->except.v.n; e++)
			if (s->except.v.v[e].hi - s->except.v.v[e].lo <= r.hi - r.lo)
				addrs_cut(w, v, s->except.v.v[e]);
		if (v->v.n)
			*VEC_ADD(w->a, &to->v) = b;
	}
}

static const char *use_set(struct ipt *k, struct said *s)
{
	struct draft *w = k->w;
	size_t n = rnd(w, (uint32_t)k->n_sets);
	const struct set *set = &k->sets[n];
	bool one = set->kind == SET_IP || set->kind == SET_NET, negated = one && chance(w, 4);
	bool source = chance(w, 2), second_source = chance(w, 2);
	struct boxes boxes = { 0 };
	if (one)
		address_boxes(w, set, source, &boxes);
	for (size_t i = 0; i < set->ports.v.n; i++)
		for (unsigned p = 0; p < 2; p++) {
			/* a bitmap of ports is of TCP and UDP alike */
			struct box b = { 0 };
			struct service_term t = service_of(p ? PROTO_UDP : PROTO_TCP, ALL_PORTS);
			*(source ? &t.sport : &t.port) = set->ports.v.v[i];
			terms_add(w, &b.terms, t);
			*VEC_ADD(w->a, &boxes.v) = b;
		}
	for (size_t i = 0; i < set->elements.n; i++) {
		const struct set_element *e = &set->elements.v[i];
		struct box b = { 0 };
		addrs_add(w, source ? &b.src : &b.dst, e->first);
		if (set->kind == SET_NET_NET) {
			addrs_add(w, second_source ? &b.src : &b.dst, e->second);
		} else {
			struct service_term t = e->term;
			if (second_source && !protocol_is_icmp(t.protocol_lo)) {
				t.sport = t.port;
				t.port = ALL_PORTS;
			}
			terms_add(w, &b.terms, t);
		}
		*VEC_ADD(w->a, &boxes.v) = b;
	}
	/* both nets of an element on one side: both must hold */
	if (set->kind == SET_NET_NET && source == second_source) {
		boxes.v.n = 0;
		for (size_t i = 0; i < set->elements.n; i++) {
			struct addr_range x = set->elements.v[i].first, y = set->elements.v[i].second;
			struct addr_range both = { x.family, MAX(x.lo, y.lo), MIN(x.hi, y.hi) };
			struct box b = { 0 };
			if (both.lo > both.hi)
				continue;
			addrs_add(w, source ? &b.src : &b.dst, both);
			*VEC_ADD(w->a, &boxes.v) = b;
		}
	}
	if (set->kind == SET_PORT) {
		struct terms ported = { 0 };
		terms_protocol(w, &ported, PROTO_TCP, PROTO_TCP);
		terms_protocol(w, &ported, PROTO_UDP, PROTO_UDP);
		on_terms(w, s, &ported, false);
	}
	on_boxes(w, s, &boxes, negated);
	return arena_printf(w->a, " -m set %s--match-set S%zu_%d %s%s", negated ? "! " : "", n, k->family,
			    source ? "src" : "dst",
			    one || set->kind == SET_PORT ? ""
			    : second_source              ? ",src"
							 : ",dst");
}

/* Matches */

static const char *address(struct ipt *k, struct said *s, bool source)
{
	struct draft *w = k->w;
	struct addrs v = { 0 };
	struct addr_range r;
	bool negated = chance(w, 5);
	const char *option =
		source ? ONE_OF(w, "-s", "-s", "--source", "--src") : ONE_OF(w, "-d", "-d", "--destination", "--dst");
	const char *text;
	if (chance(w, 5)) {
		r = some_span(w, k->family);
		addrs_add(w, &v, r);
		on_addrs(w, s, source ? ON_SRC : ON_DST, &v, negated);
		return arena_printf(w->a, " -m iprange %s--%s-range %s-%s", negated ? "! " : "", source ? "src" : "dst",
				    low_of(w, r), high_of(w, r));
	}
	r = some_net(w, k->family);
	addrs_add(w, &v, r);
	on_addrs(w, s, source ? ON_SRC : ON_DST, &v, negated);
	if (r.lo == r.hi && chance(w, 2))
		text = low_of(w, r);
	else if (k->family == IPV4 && chance(w, 3))
		text = arena_printf(w->a, "%s/%s", low_of(w, r), mask_of(w, r));
	else
		text = net_of(w, r);
	return arena_printf(w->a, "%s %s %s", negated ? " !" : "", option, text);
}

static const char *port_text(struct draft *w, struct port_range r)
{
	if (r.lo == r.hi)
		return r.lo == 53 && chance(w, 2) ? "domain" : arena_printf(w->a, "%u", r.lo);
	if (r.hi == 65535 && chance(w, 2))
		return arena_printf(w->a, "%u:", r.lo);
	if (r.lo == 0)
		return arena_printf(w->a, ":%u", r.hi);
	return arena_printf(w->a, "%u:%u", r.lo, r.hi);
}

static const char *multiport(struct ipt *k, struct said *s, unsigned protocol)
{
	struct draft *w = k->w;
	struct ports ports = { 0 }, none = { 0 };
	struct terms terms = { 0 };
	const char *list = "";
	bool negated = chance(w, 4);
	uint32_t kind = rnd(w, 4);
	for (uint32_t i = 0, n = 1 + rnd(w, 4); i < n; i++) {
		struct port_range r = some_ports(w);
		ports_add(w, &ports, r.lo, r.hi);
		/* ranges of a list have both ends */
		const char *one = r.lo == r.hi ? port_text(w, r) : arena_printf(w->a, "%u:%u", r.lo, r.hi);
		list = arena_printf(w->a, "%s%s%s", list, i ? "," : "", one);
	}
	if (kind != 1)
		terms_product(w, &terms, protocol, kind == 0 || kind == 2 ? &none : &ports,
			      kind == 0 || kind == 2 ? &ports : &none);
	if (kind == 1 || kind == 3) {
		/* either port */
		terms = (struct terms){ 0 };
		terms_product(w, &terms, protocol, &ports, &none);
		if (kind == 1)
			terms_product(w, &terms, protocol, &none, &ports);
	}
	on_terms(w, s, &terms, negated);
	return arena_printf(w->a, " -m multiport %s--%s %s", negated ? "! " : "",
			    kind == 1   ? "ports"
			    : kind == 3 ? "sports"
					: "dports",
			    list);
}

static const char *single_port(struct ipt *k, struct said *s, unsigned protocol, bool source)
{
	struct draft *w = k->w;
	struct port_range r = some_ports(w);
	struct ports ports = { 0 }, none = { 0 };
	struct terms terms = { 0 };
	bool negated = chance(w, 4);
	if (chance(w, 5))
		r.lo = 0;
	ports_add(w, &ports, r.lo, r.hi);
	terms_product(w, &terms, protocol, source ? &ports : &none, source ? &none : &ports);
	on_terms(w, s, &terms, negated);
	return arena_printf(w->a, "%s --%s %s", negated ? " !" : "",
			    source ? ONE_OF(w, "sport", "sport", "source-port")
				   : ONE_OF(w, "dport", "dport", "destination-port"),
			    port_text(w, r));
}

static const char *icmp(struct ipt *k, struct said *s)
{
	static const struct {
		const char *name;
		int type, code;
	} four[] = { { "8", 8, -1 },
		     { "echo-request", 8, -1 },
		     { "3/1", 3, 1 },
		     { "host-unreachable", 3, 1 },
		     { "11/0", 11, 0 },
		     { "ttl-exceeded", 11, -1 },
		     { "fragmentation-needed", 3, 4 },
		     { "0/0", 0, 0 },
		     { "any", -1, -1 },
		     { "255", -1, -1 },
		     { "destination-unreachable", 3, -1 } },
	  six[] = { { "128", 128, -1 },
		    { "echo-request", 128, -1 },
		    { "1/4", 1, 4 },
		    { "port-unreachable", 1, 4 },
		    { "packet-too-big", 2, -1 },
		    { "neighbour-solicitation", 135, -1 },
		    { "129/0", 129, 0 },
		    { "router-advertisement", 134, -1 },
		    { "ttl-zero-during-transit", 3, 0 },
		    { "3/1", 3, 1 } };
	struct draft *w = k->w;
	bool v6 = k->family == IPV6;
	size_t i = rnd(w, v6 ? ARRAY_LEN(six) : ARRAY_LEN(four));
	struct terms all = { 0 }, terms = { 0 };
	unsigned p = v6 ? PROTO_ICMP6 : PROTO_ICMP;
	int type = v6 ? six[i].type : four[i].type, code = v6 ? six[i].code : four[i].code;
	bool negated = type >= 0 && chance(w, 4);
	terms_icmp(w, &all, p, -1, -1);
	terms_icmp(w, &terms, p, type, code);
	on_terms(w, s, &all, false);
	on_terms(w, s, &terms, negated);
	return arena_printf(w->a, " -p %s -m %s %s--%s %s", v6 ? "ipv6-icmp" : "icmp", v6 ? "icmp6" : "icmp",
			    negated ? "! " : "", v6 ? "icmpv6-type" : "icmp-type", v6 ? six[i].name : four[i].name);
}

static const char *protocol(struct ipt *k, struct said *s)
{
	static const struct named others[] = { { "gre", 47 }, { "esp", 50 },  { "ah", 51 },
					       { "47", 47 },  { "ospf", 89 }, { "99", 99 } };
	struct draft *w = k->w;
	struct terms terms = { 0 };
	struct named p;
	bool negated, tcp = chance(w, 2);
	const char *text;
	switch (rnd(w, 8)) {
	case 0:
		return chance(w, 2) ? " -p all" : "";
	case 1:
		p = ONE_NAMED(w, others);
		negated = chance(w, 4);
		terms_protocol(w, &terms, p.number, p.number);
		on_terms(w, s, &terms, negated);
		return arena_printf(w->a, "%s -p %s", negated ? " !" : "", p.name);
	case 2:
		return icmp(k, s);
	case 3:
		negated = chance(w, 3);
		terms_protocol(w, &terms, tcp ? PROTO_TCP : PROTO_UDP, tcp ? PROTO_TCP : PROTO_UDP);
		on_terms(w, s, &terms, negated);
		return arena_printf(w->a, "%s -p %s", negated ? " !" : "", tcp ? "tcp" : "udp");
	case 4:
		terms_protocol(w, &terms, tcp ? PROTO_TCP : PROTO_UDP, tcp ? PROTO_TCP : PROTO_UDP);
		on_terms(w, s, &terms, false);
		return arena_printf(w->a, " -p %s%s", tcp ? "tcp" : "udp",
				    multiport(k, s, tcp ? PROTO_TCP : PROTO_UDP));
	default:
		terms_protocol(w, &terms, tcp ? PROTO_TCP : PROTO_UDP, tcp ? PROTO_TCP : PROTO_UDP);
		on_terms(w, s, &terms, false);
		text = arena_printf(w->a, " -p %s -m %s", tcp ? "tcp" : "udp", tcp ? "tcp" : "udp");
		if (chance(w, 3))
			text = arena_printf(w->a, "%s%s", text, single_port(k, s, tcp ? PROTO_TCP : PROTO_UDP, true));
		if (!chance(w, 4))
			text = arena_printf(w->a, "%s%s", text, single_port(k, s, tcp ? PROTO_TCP : PROTO_UDP, false));
		if (tcp && chance(w, 8)) {
			bool negated_syn = chance(w, 2);
			s->when = negated_syn ? AFTERWARDS : AT_FIRST;
			return arena_printf(w->a, "%s%s %s", text, negated_syn ? " !" : "",
					    chance(w, 2) ? "--syn" : "--tcp-flags FIN,SYN,RST,ACK SYN");
		}
		return text;
	}
}

static const char *state(struct ipt *k, struct said *s)
{
	struct draft *w = k->w;
	const char *module = chance(w, 2) ? " -m state --state" : " -m conntrack --ctstate";
	if (s->when != AT_ANY_TIME)
		return "";
	switch (rnd(w, 7)) {
	case 0:
		s->when = AFTERWARDS;
		return arena_printf(w->a, "%s RELATED,ESTABLISHED", module);
	case 1:
		s->when = AT_FIRST;
		return arena_printf(w->a, "%s NEW", module);
	case 2:
		return arena_printf(w->a, "%s NEW,RELATED,ESTABLISHED", module);
	case 3:
		on_nothing(w, s);
		return arena_printf(w->a, "%s %s", module,
				    ONE_OF(w, "INVALID", "UNTRACKED", "INVALID,UNTRACKED", "RELATED"));
	case 4:
		s->when = AT_FIRST;
		return ONE_OF(w, " -m conntrack ! --ctstate ESTABLISHED",
			      " -m conntrack ! --ctstate RELATED,ESTABLISHED",
			      " -m state ! --state ESTABLISHED,RELATED,INVALID");
	case 5:
		return ONE_OF(w, " -m conntrack ! --ctstate INVALID", " -m state ! --state RELATED");
	default:
		s->when = AFTERWARDS;
		return ONE_OF(w, " -m conntrack ! --ctstate INVALID,NEW", " -m state ! --state NEW",
			      " -m conntrack --ctstate ESTABLISHED");
	}
}

static const char *interface(struct ipt *k, struct said *s)
{
	struct draft *w = k->w;
	bool in = chance(w, 2), negated = chance(w, 4);
	uint32_t n = rnd(w, 2);
	/* INPUT has no output interface, and OUTPUT no input interface */
	if (strcmp(k->base, "FORWARD") != 0)
		return "";
	on_addrs(w, s, in ? ON_SRC : ON_DST, &w->places.v[n].addrs, negated);
	return arena_printf(w->a, "%s -%s %s", negated ? " !" : "", in ? "i" : "o", w->places.v[n].name);
}

static void rule(struct ipt *k, const char *chain, size_t list, size_t next)
{
	struct draft *w = k->w;
	struct said s = { .verb = SAYS_NOTHING };
	const char *text = "", *target;
	if (chance(w, 2))
		text = address(k, &s, true);
	if (chance(w, 2))
		text = arena_printf(w->a, "%s%s", text, address(k, &s, false));
	if (chance(w, 5))
		text = arena_printf(w->a, "%s%s", text, interface(k, &s));
	text = arena_printf(w->a, "%s%s", text, protocol(k, &s));
	if (k->n_sets && chance(w, 4))
		text = arena_printf(w->a, "%s%s", text, use_set(k, &s));
	if (chance(w, 5))
		text = arena_printf(w->a, "%s%s", text, state(k, &s));
	if (chance(w, 6))
		text = arena_printf(w->a, "%s -m comment --comment %s", text,
				    ONE_OF(w, "why", "\"for the -j DROP of \\\"them\\\"\"", "\"! -s 10.0.0.0/8\""));
	switch (rnd(w, 9)) {
	case 0:
		target = chance(w, 2) ? "" : " -j LOG --log-prefix \"IN -j ACCEPT: \" --log-level 6";
		break;
	case 1:
		target = " -j RETURN";
		s.verb = SAYS_RETURN;
		break;
	case 2:
	case 3:
		if (next < N_CHAINS) {
			size_t to = next + rnd(w, (uint32_t)(N_CHAINS - next));
			bool goes = chance(w, 3);
			s.verb = goes ? SAYS_GOTO : SAYS_CALL;
			s.target = k->chains[to];
			target = arena_printf(w->a, " -%s CHAIN-%zu", goes ? "g" : "j", to);
			break;
		}
		/* fall through */
	case 4:
	case 5:
		s.verb = SAYS_DENY;
		/* REJECT stands in the table filter only, and a reset replies to TCP alone */
		target = " -j DROP";
		if (!k->mangle && chance(w, 2))
			target = strstr(text, " -p tcp ") && !strstr(text, "! -p tcp") && chance(w, 2)
					 ? " -j REJECT --reject-with tcp-reset"
					 : " -j REJECT";
		break;
	default:
		s.verb = SAYS_PERMIT;
		target = " -j ACCEPT";
	}
	if ((s.verb == SAYS_PERMIT || s.verb == SAYS_DENY) && chance(w, 10)) {
		/* packets that leave have no link address to compare */
		bool leaves = strcmp(k->base, "OUTPUT") == 0;
		text = arena_printf(
			w->a, "%s%s", text,
			ONE_OF(w, " -m limit --limit 5/min",
			       leaves ? " -m limit --limit 9/sec" : " -m mac --mac-source 00:11:22:33:44:55",
			       " -m recent --update --seconds 60 --name x --rsource"));
		s.perhaps = true;
	}
	say(w, "%s-A %s%s%s\n", chance(w, 8) ? "[12:3456] " : "", chain, text, target);
	*said_add(w, list, SAYS_NOTHING) = s;
}

static void rules(struct ipt *k, const char *chain, size_t list, size_t next, uint32_t most)
{
	for (uint32_t i = rnd(k->w, most + 1); i > 0; i--)
		rule(k, chain, list, next);
}

/* A translation to the address itself: rules decide as before, of copies. */
static const char *same_address(struct draft *w)
{
	static const char *const rules[] = {
		"",
		"-A PREROUTING -d 10.0.0.9/32 -j DNAT --to-destination 10.0.0.9\n",
		"-A PREROUTING -d 10.0.0.0/24 -j NETMAP --to 10.0.0.0/24\n",
		"-A PREROUTING -d 10.0.1.9/32 -p tcp -m tcp --dport 443 -j DNAT --to-destination 10.0.1.9:443\n",
		("-A PREROUTING -d 10.0.0.8/29 -p 17 -j RETURN\n"
		 "-A PREROUTING -d 10.0.0.8/29 -j NETMAP --to 10.0.0.8/29\n"),
	};
	return rules[chance(w, 3) ? 0 : rnd(w, ARRAY_LEN(rules))];
}

static void other_tables(struct ipt *k)
{
	struct draft *w = k->w;
	if (chance(w, 4))
		say(w,
		    "*nat\n:PREROUTING ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n%s%s-A POSTROUTING -o eth1 -j "
		    "MASQUERADE\nCOMMIT\n",
		    chance(w, 2) ? "-A PREROUTING -p tcp -m tcp --dport 1:9 -j ACCEPT\n" : "",
		    k->family == IPV6 ? "" : same_address(w));
	if (!chance(w, 4))
		return;
	/* what another table drops is gone as well */
	size_t n = list_add(w, true, SAYS_PERMIT);
	struct said *s = said_add(w, n, SAYS_PERMIT);
	on_family(w, s, k->family == IPV4 ? IPV6 : IPV4);
	say(w, "*mangle\n:%s ACCEPT [0:0]\n", k->base);
	for (size_t i = 0; i < N_CHAINS; i++)
		k->chains[i] = 0;
	k->mangle = true;
	rules(k, k->base, n, N_CHAINS, 2);
	k->mangle = false;
	say(w, "COMMIT\n");
}

/* The filter of one family; packets of the other do not come here. */
static void filter(struct ipt *k, bool alone)
{
	struct draft *w = k->w;
	bool drops = chance(w, 2);
	size_t base = list_add(w, true, drops ? SAYS_DENY : SAYS_PERMIT);
	for (int i = 0; i < 2; i++) {
		struct said *s = said_add(w, base, i ? SAYS_DENY : SAYS_PERMIT);
		on_family(w, s, k->family == IPV4 ? IPV6 : IPV4);
		s->perhaps = alone && !i; /* the other family's file is not here */
	}
	say(w, "*filter\n");
	say(w, ":%s %s [0:0]\n", k->base, drops ? "DROP" : "ACCEPT");
	if (chance(w, 2))
		say(w, ":%s DROP [0:0]\n", strcmp(k->base, "INPUT") == 0 ? "OUTPUT" : "INPUT");
	for (size_t i = 0; i < N_CHAINS; i++) {
		k->chains[i] = list_add(w, false, SAYS_RETURN);
		say(w, ":CHAIN-%zu - [0:0]\n", i);
	}
	rules(k, k->base, base, 0, 6);
	for (size_t i = 0; i < N_CHAINS; i++)
		rules(k, arena_printf(w->a, "CHAIN-%zu", i), k->chains[i], i + 1, 3);
	say(w, "COMMIT\n");
}

static void file_of(struct draft *w, enum family f, bool alone)
{
	static const char *const bases[] = {
		[POLICY_TRANSIT] = "FORWARD", [POLICY_INBOUND] = "INPUT", [POLICY_OUTBOUND] = "OUTPUT"
	};
	struct ipt k = { .w = w, .family = f, .base = bases[w->options.side] };
	while (k.n_sets < N_SETS && !chance(w, 3))
		write_set(&k);
	say(w, "# Generated by %s-save v1.8.9 on Mon Jan  1 00:00:00 2024\n", f == IPV6 ? "ip6tables" : "iptables");
	other_tables(&k);
	filter(&k, alone);
	say(w, "# Completed on Mon Jan  1 00:00:00 2024\n");
}

static void iptables_write(struct draft *w)
{
	static const char *const names[] = { "eth0", "eth1" };
	w->options.side = (enum policy_side)rnd(w, 3);
	for (unsigned i = 0; i < 2; i++) {
		struct addrs v = { 0 };
		addrs_add(w, &v, prefix_range((struct addr){ IPV4, 0x0a000000 + i * 256 }, 24));
		addrs_add(w, &v, prefix_range((struct addr){ IPV6, ((u128)0x20010db8 << 96) + ((u128)i << 64) }, 64));
		place_add(w, names[i], &v);
	}
	bool both = chance(w, 2);
	enum family f = chance(w, 3) ? IPV6 : IPV4;
	file_of(w, f, !both);
	if (both)
		file_of(w, f == IPV4 ? IPV6 : IPV4, false);
}

const struct grammar grammar_iptables = { "iptables", iptables_write };
