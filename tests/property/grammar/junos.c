/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Junos: security policies between zones, global ones, address books and
 * applications; or firewall filters of both families.  Written as set commands
 * or in curly braces.
 */
#include "grammar.h"

enum { MOST_SEGMENTS = 10, N_ZONES = 3, N_EACH = 3 };

/* A statement from the root: the content of one pair of braces is one segment. */
struct statement {
	const char *v[MOST_SEGMENTS];
	size_t n;
};

struct junos {
	struct draft *w;
	bool curly;
	VEC(struct statement) statements;
	VEC(const char *) after; /* commands behind them, of the set form */
	struct addrs zones[N_ZONES];
	struct addrs books[N_ZONES + 1][N_EACH]; /* zones' own, and the global book */
	size_t n_books[N_ZONES + 1];
	struct addrs sets[N_EACH];
	size_t n_sets;
	struct terms applications[N_EACH], bundles[N_EACH];
	size_t n_applications, n_bundles;
	bool own_books;
	struct addrs many; /* as members of one long list */
	size_t n_long;
};

static const char *const zone_names[N_ZONES] = { "trust", "untrust", "dmz" };

/* Segments are divided by "|": put(k, "security|policies|policy P|then|permit"). */
static void put(struct junos *k, const char *fmt, ...) PRINTF(2, 3);
static void put(struct junos *k, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	struct str rest = str_of(arena_vprintf(k->w->a, fmt, ap)), one;
	va_end(ap);
	struct statement *s = VEC_ADD(k->w->a, &k->statements);
	while (str_cut(&rest, '|', &one))
		s->v[s->n++] = cstr(k->w->a, one);
}

static void print_set(struct junos *k)
{
	for (size_t i = 0; i < k->statements.n; i++) {
		const struct statement *s = &k->statements.v[i];
		say(k->w, "set");
		for (size_t m = 0; m < s->n; m++)
			if (!str_starts(str_of(s->v[m]), "inactive: "))
				say(k->w, " %s", s->v[m]);
			else
				say(k->w, " %s", s->v[m] + strlen("inactive: "));
		say(k->w, "\n");
	}
	/* what is inactive was set and is deactivated behind */
	for (size_t i = 0; i < k->statements.n; i++) {
		const struct statement *s = &k->statements.v[i];
		for (size_t m = 0; m < s->n; m++) {
			if (!str_starts(str_of(s->v[m]), "inactive: "))
				continue;
			say(k->w, "deactivate");
			for (size_t x = 0; x < m; x++)
				say(k->w, " %s", s->v[x]);
			say(k->w, " %s\n", s->v[m] + strlen("inactive: "));
		}
	}
	for (size_t i = 0; i < k->after.n; i++)
		say(k->w, "%s\n", k->after.v[i]);
}

static void print_curly(struct junos *k)
{
	const struct statement *last = NULL;
	size_t open = 0;
	for (size_t i = 0; i <= k->statements.n; i++) {
		const struct statement *s = i < k->statements.n ? &k->statements.v[i] : NULL;
		size_t same = 0;
		while (s && last && same < open && same + 1 < s->n && strcmp(s->v[same], last->v[same]) == 0)
			same++;
		while (open > same)
			say(k->w, "%*s}\n", (int)(--open * 4), "");
		if (!s)
			break;
		while (open + 1 < s->n) {
			say(k->w, "%*s%s {\n", (int)(open * 4), "", s->v[open]);
			open++;
		}
		if (chance(k->w, 12))
			say(k->w, "%*s/* permit; any; { */\n", (int)(open * 4), "");
		say(k->w, "%*s%s;\n", (int)(open * 4), "", s->v[open]);
		last = s;
	}
}

/* Addresses */

static enum family some_family(struct draft *w)
{
	return chance(w, 4) ? IPV6 : IPV4;
}

static void book_entry(struct junos *k, size_t book)
{
	struct draft *w = k->w;
	size_t n = k->n_books[book]++;
	struct addrs *to = &k->books[book][n];
	const char *where =
		book < N_ZONES ? arena_printf(w->a, "security|zones|security-zone %s|address-book", zone_names[book])
			       : "security|address-book|global";
	enum family f = some_family(w);
	struct addr_range r = some_net(w, f);
	if (chance(w, 3)) {
		r = some_span(w, f);
		put(k, "%s|address a%zu|range-address %s|to %s", where, n, low_of(w, r), high_of(w, r));
	} else {
		put(k, "%s|address a%zu %s", where, n, net_of(w, r));
	}
	addrs_add(w, to, r);
}

static void global_set(struct junos *k)
{
	struct draft *w = k->w;
	size_t n = k->n_sets++;
	uint32_t m;
	for (uint32_t i = 0, members = 1 + rnd(w, 3); i < members; i++) {
		if (n && chance(w, 3)) {
			m = rnd(w, (uint32_t)n);
			addrs_add_all(w, &k->sets[n], &k->sets[m]);
			put(k, "security|address-book|global|address-set s%zu|address-set s%u", n, m);
		} else {
			m = rnd(w, (uint32_t)k->n_books[N_ZONES]);
			addrs_add_all(w, &k->sets[n], &k->books[N_ZONES][m]);
			put(k, "security|address-book|global|address-set s%zu|address a%u", n, m);
		}
	}
}

static const char *address(struct junos *k, struct addrs *to, size_t zone)
{
	struct draft *w = k->w;
	uint32_t n;
	switch (rnd(w, 6)) {
	case 0:
		addrs_everything(w, to, true, false);
		return "any-ipv4";
	case 1:
		n = rnd(w, 4);
		addrs_everything(w, to, true, n);
		if (!n)
			return "any-ipv4";
		return "any";
	case 2:
		/* a zone's own book decides before the global one */
		if (!k->own_books && k->n_sets) {
			n = rnd(w, (uint32_t)k->n_sets);
			addrs_add_all(w, to, &k->sets[n]);
			return arena_printf(w->a, "s%u", n);
		}
		/* fall through */
	default: {
		size_t book = k->own_books && zone < N_ZONES ? zone : N_ZONES;
		if (!k->n_books[book]) {
			addrs_everything(w, to, true, true);
			return "any";
		}
		n = rnd(w, (uint32_t)k->n_books[book]);
		addrs_add_all(w, to, &k->books[book][n]);
		return arena_printf(w->a, "a%u", n);
	}
	}
}

/* Applications */

static const char *service(struct junos *k, struct terms *to, unsigned *protocol)
{
	struct draft *w = k->w;
	struct ports from = { 0 }, ports = { 0 };
	struct port_range r = some_ports(w), s = { 1024, 65535 };
	bool udp = chance(w, 2);
	*protocol = 0;
	switch (rnd(w, 6)) {
	case 0: {
		bool v6 = chance(w, 2);
		int type = (int)rnd(w, 14), code = chance(w, 2) ? (int)rnd(w, 3) : -1;
		terms_icmp(w, to, v6 ? PROTO_ICMP6 : PROTO_ICMP, type, code);
		return code < 0 ? arena_printf(w->a, "%s %s %d", v6 ? "icmp6" : "icmp", v6 ? "icmp6-type" : "icmp-type",
					       type)
				: arena_printf(w->a, "%s %s %d %s %d", v6 ? "icmp6" : "icmp",
					       v6 ? "icmp6-type" : "icmp-type", type, v6 ? "icmp6-code" : "icmp-code",
					       code);
	}
	case 1:
		terms_protocol(w, to, 47, 47);
		return chance(w, 2) ? "gre" : "47";
	default:
		ports_add(w, &ports, r.lo, r.hi);
		if (chance(w, 4))
			ports_add(w, &from, s.lo, s.hi);
		terms_product(w, to, udp ? PROTO_UDP : PROTO_TCP, &from, &ports);
		return arena_printf(w->a, "%s%s destination-port %u%s", udp ? "udp" : "tcp",
				    from.v.n ? " source-port 1024-65535" : "", r.lo,
				    r.lo == r.hi ? "" : arena_printf(w->a, "-%u", r.hi));
	}
}

/* "tcp source-port 1 destination-port 2" as a statement for each attribute. */
static void attributes(struct junos *k, const char *where, const char *text)
{
	struct str rest = str_of(text), key, value;
	str_word(&rest, &value);
	put(k, "%s|protocol %.*s", where, STR_ARG(value));
	while (str_word(&rest, &key) && str_word(&rest, &value))
		put(k, "%s|%.*s %.*s", where, STR_ARG(key), STR_ARG(value));
}

static void application(struct junos *k)
{
	struct draft *w = k->w;
	size_t n = k->n_applications++;
	unsigned protocol;
	if (chance(w, 3)) {
		for (uint32_t i = 0, terms = 1 + rnd(w, 3); i < terms; i++) {
			const char *text = service(k, &k->applications[n], &protocol);
			if (chance(w, 2))
				put(k, "applications|application app%zu|term t%u protocol %s", n, i, text);
			else
				attributes(k, arena_printf(w->a, "applications|application app%zu|term t%u", n, i),
					   text);
		}
		return;
	}
	attributes(k, arena_printf(w->a, "applications|application app%zu", n),
		   service(k, &k->applications[n], &protocol));
	if (chance(w, 3))
		put(k, "applications|application app%zu|inactivity-timeout 300", n);
}

static void bundle(struct junos *k)
{
	struct draft *w = k->w;
	size_t n = k->n_bundles++;
	uint32_t m;
	for (uint32_t i = 0, members = 1 + rnd(w, 3); i < members; i++) {
		if (n && chance(w, 3)) {
			m = rnd(w, (uint32_t)n);
			terms_add_all(w, &k->bundles[n], &k->bundles[m]);
			put(k, "applications|application-set set%zu|application-set set%u", n, m);
		} else {
			m = rnd(w, (uint32_t)k->n_applications);
			terms_add_all(w, &k->bundles[n], &k->applications[m]);
			put(k, "applications|application-set set%zu|application app%u", n, m);
		}
	}
}

static const char *application_name(struct junos *k, struct terms *to, bool *any)
{
	struct draft *w = k->w;
	uint32_t n;
	switch (rnd(w, 5)) {
	case 0:
		*any = true;
		return "any";
	case 1:
		terms_product(w, to, PROTO_TCP, &(struct ports){ 0 }, &(struct ports){ 0 });
		return "junos-tcp-any";
	case 2:
		n = rnd(w, (uint32_t)k->n_bundles);
		terms_add_all(w, to, &k->bundles[n]);
		return arena_printf(w->a, "set%u", n);
	default:
		n = rnd(w, (uint32_t)k->n_applications);
		terms_add_all(w, to, &k->applications[n]);
		return arena_printf(w->a, "app%u", n);
	}
}

/* Policies */

static void side(struct junos *k, struct said *s, const char *where, const char *key, enum subject on, size_t zone)
{
	struct draft *w = k->w;
	struct addrs v = { 0 };
	bool excluded = chance(w, 6);
	const char *first = address(k, &v, zone);
	if (chance(w, 3)) {
		const char *second = address(k, &v, zone);
		if (k->curly) {
			put(k, "%s|match|%s [ %s %s ]", where, key, first, second);
		} else {
			put(k, "%s|match|%s %s", where, key, first);
			put(k, "%s|match|%s %s", where, key, second);
		}
	} else {
		put(k, "%s|match|%s %s", where, key, first);
	}
	/* lists have no end */
	if (k->n_long && chance(w, 2)) {
		const char *list = "";
		for (size_t i = 0; i < k->n_long; i++)
			list = arena_printf(w->a, "%s long%zu", list, i);
		addrs_add_all(w, &v, &k->many);
		put(k, "%s|match|%s [%s ]", where, key, list);
	}
	if (excluded)
		put(k, "%s|match|%s-excluded", where, key);
	on_addrs(w, s, on, &v, excluded);
}

/* The same rule again for an RPC interface: TCP of some port, and a packet does not show which. */
static void by_interface(struct junos *k, size_t list, const struct said *s)
{
	struct draft *w = k->w;
	struct terms tcp = { 0 };
	struct said more = { .order = s->order, .verb = s->verb, .perhaps = true };
	for (size_t i = 0; i < s->conditions.n; i++)
		if (s->conditions.v[i].on != ON_SERVICE)
			*VEC_ADD(w->a, &more.conditions) = s->conditions.v[i];
	terms_product(w, &tcp, PROTO_TCP, &(struct ports){ 0 }, &(struct ports){ 0 });
	on_terms(w, &more, &tcp, false);
	*said_add(w, list, s->verb) = more;
}

static void policy(struct junos *k, size_t list, const char *where, const char *name, size_t from, size_t to,
		   long order)
{
	struct draft *w = k->w;
	struct said s = { .order = order, .verb = chance(w, 3) ? SAYS_DENY : SAYS_PERMIT };
	struct terms terms = { 0 };
	bool any = false, inactive = chance(w, 8), rpc = chance(w, 8);
	where = arena_printf(w->a, "%s|%spolicy %s", where, inactive ? "inactive: " : "", name);
	if (chance(w, 4))
		put(k, "%s|description \"permit; any } {\"", where);
	side(k, &s, where, "source-address", ON_SRC, from);
	side(k, &s, where, "destination-address", ON_DST, to);
	for (uint32_t i = 0, n = 1 + rnd(w, 2); i < n; i++)
		put(k, "%s|match|application %s", where, application_name(k, &terms, &any));
	if (!any)
		on_terms(w, &s, &terms, false);
	if (rpc)
		put(k, "%s|match|application %s", where, chance(w, 2) ? "rpc" : "junos-ms-rpc-uuid-any-tcp");
	if (chance(w, 6))
		put(k, "%s|match|inactive: application app-gone", where);
	if (chance(w, 6))
		put(k, "%s|match|inactive: dynamic-application junos:FTP", where);
	if (chance(w, 10)) {
		put(k, "%s|scheduler-name office", where);
		s.perhaps = true;
	}
	put(k, "%s|then|%s", where, s.verb == SAYS_PERMIT ? "permit" : chance(w, 2) ? "deny" : "reject");
	if (chance(w, 3))
		put(k, "%s|then|log|session-close", where);
	if (chance(w, 4))
		put(k, "%s|then|count", where);
	if (inactive)
		return;
	if (from < N_ZONES)
		on_addrs(w, &s, ON_SRC, &k->zones[from], false);
	if (to < N_ZONES)
		on_addrs(w, &s, ON_DST, &k->zones[to], false);
	*said_add(w, list, SAYS_DENY) = s;
	if (rpc)
		by_interface(k, list, &s);
}

static void pair(struct junos *k, size_t list, size_t from, size_t to)
{
	struct draft *w = k->w;
	const char *where =
		arena_printf(w->a, "security|policies|from-zone %s to-zone %s", zone_names[from], zone_names[to]);
	uint32_t n = 1 + rnd(w, 3), first = rnd(w, n), last = rnd(w, n);
	bool moves = !k->curly && n > 1 && first > last && chance(w, 2);
	for (uint32_t i = 0; i < n; i++) {
		/* the one that is moved goes in front of another */
		long order = 2 * (long)i;
		if (moves && i == first)
			order = 2 * (long)last - 1;
		policy(k, list, where, arena_printf(w->a, "p-%u", i), from, to, order);
	}
	if (moves)
		*VEC_ADD(w->a, &k->after) = arena_printf(
			w->a, "insert security policies from-zone %s to-zone %s policy p-%u before policy p-%u",
			zone_names[from], zone_names[to], first, last);
}

static void policies(struct junos *k)
{
	struct draft *w = k->w;
	bool permits = chance(w, 4);
	size_t list = list_add(w, true, permits ? SAYS_PERMIT : SAYS_DENY);
	w->stateful = true;
	k->own_books = chance(w, 3);
	for (size_t i = 0; i < N_ZONES; i++) {
		addrs_add(w, &k->zones[i], prefix_range((struct addr){ IPV4, 0x0a000000 + i * 256 }, 24));
		addrs_add(w, &k->zones[i],
			  prefix_range((struct addr){ IPV6, ((u128)0x20010db8 << 96) + ((u128)i << 64) }, 64));
		place_add(w, zone_names[i], &k->zones[i]);
		put(k, "security|zones|security-zone %s|interfaces|ge-0/0/%zu.0", zone_names[i], i);
		for (uint32_t n = k->own_books ? rnd(w, N_EACH + 1) : 0; n > 0; n--)
			book_entry(k, i);
	}
	for (uint32_t n = k->own_books ? 0 : 1 + rnd(w, N_EACH); n > 0; n--)
		book_entry(k, N_ZONES);
	for (size_t n = !k->own_books && chance(w, 20) ? 60 + rnd(w, 300) : 0; k->n_long < n; k->n_long++) {
		struct addr_range r = { IPV4, 0x0a000000 + 3 * k->n_long, 0x0a000000 + 3 * k->n_long };
		addrs_add(w, &k->many, r);
		put(k, "security|address-book|global|address long%zu %s", k->n_long, net_of(w, r));
	}
	while (!k->own_books && k->n_sets < N_EACH && !chance(w, 3))
		global_set(k);
	do
		application(k);
	while (k->n_applications < N_EACH && !chance(w, 3));
	put(k, "applications|application rpc|term t1 protocol tcp uuid E3514235-4b06-11d1-ab04-00c04fc2dcd2");
	do
		bundle(k);
	while (k->n_bundles < N_EACH && !chance(w, 3));
	for (size_t i = 0; i < N_ZONES; i++)
		for (size_t m = 0; m < N_ZONES; m++)
			if (chance(w, 3))
				pair(k, list, i, m);
	for (uint32_t i = 0, n = rnd(w, 3); i < n && !k->own_books; i++) {
		uint32_t from = rnd(w, 6);
		const char *name = arena_printf(w->a, "g-%u", i);
		policy(k, list, "security|policies|global", name, from < N_ZONES ? from : N_ZONES, N_ZONES, 1000 + i);
		/* the zone is one of the conditions */
		if (from >= N_ZONES)
			continue;
		const struct statement *last = &k->statements.v[k->statements.n - 1];
		put(k, "security|policies|global|%s|match|from-zone %s", last->v[3], zone_names[from]);
	}
	put(k, "security|policies|default-policy|%s", permits ? "permit-all" : "deny-all");
}

/* Filters */

static void filter_side(struct junos *k, struct said *s, const char *where, const char *key, enum subject on,
			enum family f)
{
	struct draft *w = k->w;
	struct addrs in = { 0 }, out = { 0 };
	/* the longest prefix decides: an exception within a wider prefix, not vice versa */
	struct addr_range wide = some_net(w, f), narrow = some_net(w, f), more = some_host(w, f);
	bool except = chance(w, 4) && narrow.lo >= wide.lo && narrow.hi <= wide.hi &&
		      narrow.hi - narrow.lo < wide.hi - wide.lo;
	addrs_add(w, &in, wide);
	put(k, "%s|from|%s %s", where, key, net_of(w, wide));
	if (except) {
		addrs_add(w, &out, narrow);
		put(k, "%s|from|%s %s except", where, key, net_of(w, narrow));
		on_addrs(w, s, on, &out, true);
	} else if (chance(w, 2)) {
		addrs_add(w, &in, more);
		put(k, "%s|from|%s %s", where, key, net_of(w, more));
	}
	on_addrs(w, s, on, &in, false);
}

static void filter_ports(struct junos *k, struct said *s, const char *where, const char *key, unsigned protocol)
{
	struct draft *w = k->w;
	struct ports v = { 0 }, none = { 0 };
	struct terms terms = { 0 };
	bool except = chance(w, 5), source = key[0] == 's', either = key[0] == 'p';
	for (uint32_t i = 0, n = 1 + rnd(w, 3); i < n; i++) {
		struct port_range r = some_ports(w);
		ports_add(w, &v, r.lo, r.hi);
		put(k, "%s|from|%s%s %s", where, key, except ? "-except" : "",
		    r.lo == r.hi ? (r.lo == 53 ? "domain" : arena_printf(w->a, "%u", r.lo))
				 : arena_printf(w->a, "%u-%u", r.lo, r.hi));
	}
	if (source || either)
		terms_product(w, &terms, protocol, &v, &none);
	if (!source)
		terms_product(w, &terms, protocol, &none, &v);
	on_terms(w, s, &terms, except);
}

static void filter_services(struct junos *k, struct said *s, const char *where, enum family f)
{
	struct draft *w = k->w;
	const char *key = f == IPV6 ? ONE_OF(w, "next-header", "payload-protocol") : "protocol";
	struct terms terms = { 0 };
	bool udp = chance(w, 2);
	int type;
	switch (rnd(w, 5)) {
	case 0:
		terms_protocol(w, &terms, 47, 47);
		terms_protocol(w, &terms, 17, 17);
		put(k, "%s|from|%s gre", where, key);
		put(k, "%s|from|%s 17", where, key);
		break;
	case 1:
		type = f == IPV6 ? 128 : 8;
		terms_icmp(w, &terms, f == IPV6 ? PROTO_ICMP6 : PROTO_ICMP, type, -1);
		put(k, "%s|from|%s %s", where, key, f == IPV6 ? "icmp6" : "icmp");
		put(k, "%s|from|icmp-type %s", where, chance(w, 2) ? "echo-request" : arena_printf(w->a, "%d", type));
		break;
	default:
		terms_protocol(w, &terms, udp ? PROTO_UDP : PROTO_TCP, udp ? PROTO_UDP : PROTO_TCP);
		put(k, "%s|from|%s %s", where, key, udp ? "udp" : "tcp");
		if (chance(w, 4))
			filter_ports(k, s, where, "source-port", udp ? PROTO_UDP : PROTO_TCP);
		if (chance(w, 2))
			filter_ports(k, s, where, "destination-port", udp ? PROTO_UDP : PROTO_TCP);
		else if (chance(w, 2))
			filter_ports(k, s, where, "port", udp ? PROTO_UDP : PROTO_TCP);
		if (!udp && chance(w, 4)) {
			s->when = chance(w, 2) ? AT_FIRST : AFTERWARDS;
			put(k, "%s|from|%s", where, s->when == AT_FIRST ? "tcp-initial" : "tcp-established");
		}
	}
	on_terms(w, s, &terms, false);
}

static void filter(struct junos *k, enum family f)
{
	struct draft *w = k->w;
	size_t list = list_add(w, true, SAYS_DENY);
	on_family(w, said_add(w, list, SAYS_PERMIT), f == IPV6 ? IPV4 : IPV6);
	for (uint32_t i = 0, n = 1 + rnd(w, 6); i < n; i++) {
		struct said s = { .verb = SAYS_PERMIT };
		bool inactive = chance(w, 8);
		const char *where =
			arena_printf(w->a, "firewall|family %s|filter %s|%sterm t-%u", f == IPV6 ? "inet6" : "inet",
				     f == IPV6 ? "edge6" : "edge", inactive ? "inactive: " : "", i);
		if (chance(w, 2))
			filter_side(k, &s, where, "source-address", ON_SRC, f);
		if (chance(w, 2))
			filter_side(k, &s, where, "destination-address", ON_DST, f);
		if (!chance(w, 4))
			filter_services(k, &s, where, f);
		if (chance(w, 6))
			put(k, "%s|from|inactive: packet-length 40", where);
		if (chance(w, 6))
			put(k, "%s|from|inactive: source-prefix-list gone except", where);
		switch (rnd(w, 6)) {
		case 0:
			put(k, "%s|then|discard", where);
			s.verb = SAYS_DENY;
			break;
		case 1:
			put(k, "%s|then|reject", where);
			s.verb = SAYS_DENY;
			break;
		case 2:
			put(k, "%s|then|count hits", where); /* modifiers alone accept */
			break;
		case 3:
			put(k, "%s|then|count hits", where);
			put(k, "%s|then|next term", where);
			s.verb = SAYS_NOTHING;
			break;
		default:
			put(k, "%s|then|accept", where);
		}
		if (!inactive)
			*said_add(w, list, SAYS_DENY) = s;
	}
}

static void junos_write(struct draft *w)
{
	struct junos k = { .w = w, .curly = chance(w, 2) };
	if (chance(w, 3)) {
		filter(&k, IPV4);
		if (chance(w, 2))
			filter(&k, IPV6);
	} else {
		policies(&k);
	}
	if (k.curly)
		print_curly(&k);
	else
		print_set(&k);
}

const struct grammar grammar_junos = { "junos", junos_write };
