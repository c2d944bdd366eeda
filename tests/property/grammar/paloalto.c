/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PAN-OS: rules with zones, negations, objects and groups, of a firewall or of
 * layers around it; as set commands or as the XML of a configuration.
 */
#include "grammar.h"

enum { MOST_SEGMENTS = 12, N_EACH = 3, N_ZONES = 3 };

/* A path: "@name" is an entry, "#text" a member, "=text" the text of an element. */
struct statement {
	const char *v[MOST_SEGMENTS];
	size_t n;
};

struct pan {
	struct draft *w;
	bool xml;
	VEC(struct statement) statements;
	VEC(const char *) after;
	struct addrs addresses[N_EACH], groups[N_EACH];
	bool doubtful[N_EACH];
	struct terms services[N_EACH], bundles[N_EACH];
	size_t n_addresses, n_groups, n_services, n_bundles;
};

static const char *const zone_names[N_ZONES] = { "trust", "untrust", "dmz zone" };

static void put(struct pan *k, const char *fmt, ...) PRINTF(2, 3);
static void put(struct pan *k, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	struct str rest = str_of(arena_vprintf(k->w->a, fmt, ap)), one;
	va_end(ap);
	struct statement *s = VEC_ADD(k->w->a, &k->statements);
	while (str_cut(&rest, '/', &one))
		if (one.n) /* a firewall without virtual systems has no root to name */
			s->v[s->n++] = cstr(k->w->a, one);
}

static const char *word(struct draft *w, const char *s)
{
	if (*s == '@' || *s == '#' || *s == '=')
		s++;
	/* a bar replaces the slash, which divides the path */
	char *text = arena_strdup(w->a, s);
	for (char *p = text; *p; p++)
		if (*p == '|')
			*p = '/';
	return strpbrk(text, " \n;") ? arena_printf(w->a, "\"%s\"", text) : text;
}

static void print_set(struct pan *k)
{
	for (size_t i = 0; i < k->statements.n; i++) {
		const struct statement *s = &k->statements.v[i];
		say(k->w, "set");
		for (size_t m = 0; m < s->n; m++)
			say(k->w, " %s", word(k->w, s->v[m]));
		/* members of one list on one line, as the device prints them, or on lines of their own */
		size_t list = 0;
		while (i + 1 < k->statements.n && s->v[s->n - 1][0] == '#' && (list || chance(k->w, 2))) {
			const struct statement *next = &k->statements.v[i + 1];
			bool same = next->n == s->n;
			for (size_t m = 0; same && m + 1 < s->n; m++)
				same = strcmp(s->v[m], next->v[m]) == 0;
			if (!same)
				break;
			if (!list++) {
				/* begin the list again with its bracket */
				k->w->text.n -= strlen(word(k->w, s->v[s->n - 1]));
				say(k->w, "[ %s", word(k->w, s->v[s->n - 1]));
			}
			say(k->w, " %s", word(k->w, next->v[s->n - 1]));
			i++;
		}
		say(k->w, "%s\n", list ? " ]" : "");
	}
	for (size_t i = 0; i < k->after.n; i++)
		say(k->w, "%s\n", k->after.v[i]);
}

static const char *tag(struct draft *w, const char *s, bool open)
{
	if (*s != '@')
		return arena_printf(w->a, "<%s%s>", open ? "" : "/", s);
	return open ? arena_printf(w->a, "<entry name=\"%s\">", s + 1) : "</entry>";
}

static void print_xml(struct pan *k)
{
	const struct statement *last = NULL;
	size_t open = 0;
	say(k->w, "<?xml version=\"1.0\"?>\n<config version=\"10.1.0\">\n");
	for (size_t i = 0; i <= k->statements.n; i++) {
		const struct statement *s = i < k->statements.n ? &k->statements.v[i] : NULL;
		size_t same = 0;
		while (s && last && same < open && same + 1 < s->n && strcmp(s->v[same], last->v[same]) == 0)
			same++;
		while (open > same) {
			open--;
			say(k->w, "%s\n", tag(k->w, last->v[open], false));
		}
		if (!s)
			break;
		for (; open + 1 < s->n; open++)
			say(k->w, "%s", tag(k->w, s->v[open], true));
		const char *leaf = s->v[open];
		char *text = arena_strdup(k->w->a, leaf + 1);
		for (char *p = text; *p; p++)
			if (*p == '|')
				*p = '/';
		say(k->w, *leaf == '#' ? "<member>%s</member>" : "%s", text);
		if (chance(k->w, 20))
			say(k->w, "<!-- <member>any</member> -->");
		last = s;
	}
	say(k->w, "</config>\n");
}

static const char *slashes(struct draft *w, const char *s)
{
	char *text = arena_strdup(w->a, s);
	for (char *p = text; *p; p++)
		if (*p == '/')
			*p = '|';
	return text;
}

static enum family some_family(struct draft *w)
{
	return chance(w, 4) ? IPV6 : IPV4;
}

static void address(struct pan *k, const char *where)
{
	struct draft *w = k->w;
	size_t n = k->n_addresses++;
	struct addrs *to = &k->addresses[n];
	enum family f = some_family(w);
	struct addr_range r = some_net(w, f);
	switch (rnd(w, 5)) {
	case 0:
		r = some_span(w, f);
		put(k, "%s/address/@addr %zu/ip-range/=%s-%s", where, n, low_of(w, r), high_of(w, r));
		break;
	case 1:
		r = some_host(w, f);
		put(k, "%s/address/@addr %zu/ip-netmask/=%s", where, n, low_of(w, r));
		break;
	case 2:
		if (chance(w, 3)) {
			put(k, "%s/address/@addr %zu/fqdn/=www.example.com", where, n);
			k->doubtful[n] = true;
			addrs_everything(w, to, true, true);
			return;
		}
		/* fall through */
	default:
		put(k, "%s/address/@addr %zu/ip-netmask/=%s", where, n, slashes(w, net_of(w, r)));
	}
	addrs_add(w, to, r);
}

static void group(struct pan *k, const char *where)
{
	struct draft *w = k->w;
	size_t n = k->n_groups++;
	for (uint32_t i = 0, members = 1 + rnd(w, 3); i < members; i++) {
		uint32_t m = rnd(w, (uint32_t)k->n_addresses);
		if (n && chance(w, 3)) {
			m = rnd(w, (uint32_t)n);
			addrs_add_all(w, &k->groups[n], &k->groups[m]);
			put(k, "%s/address-group/@grp%zu/static/#grp%u", where, n, m);
		} else if (!k->doubtful[m]) {
			addrs_add_all(w, &k->groups[n], &k->addresses[m]);
			put(k, "%s/address-group/@grp%zu/static/#addr %u", where, n, m);
		}
	}
	if (!k->groups[n].v.n)
		k->n_groups--;
}

static const char *port_list(struct draft *w, struct ports *to)
{
	const char *text = "";
	for (uint32_t i = 0, n = 1 + rnd(w, 3); i < n; i++) {
		struct port_range r = some_ports(w);
		ports_add(w, to, r.lo, r.hi);
		text = arena_printf(w->a, r.lo == r.hi ? "%s%s%u" : "%s%s%u-%u", text, i ? "," : "", r.lo, r.hi);
	}
	return text;
}

static void service(struct pan *k, const char *where)
{
	struct draft *w = k->w;
	size_t n = k->n_services++;
	static const struct named protocols[] = { { "tcp", PROTO_TCP }, { "udp", PROTO_UDP }, { "sctp", PROTO_SCTP } };
	struct named p = ONE_NAMED(w, protocols);
	struct ports from = { 0 }, ports = { 0 };
	put(k, "%s/service/@svc%zu/protocol/%s/port/=%s", where, n, p.name, port_list(w, &ports));
	if (chance(w, 4))
		put(k, "%s/service/@svc%zu/protocol/%s/source-port/=%s", where, n, p.name, port_list(w, &from));
	terms_product(w, &k->services[n], p.number, &from, &ports);
}

static void bundle(struct pan *k, const char *where)
{
	struct draft *w = k->w;
	size_t n = k->n_bundles++;
	for (uint32_t i = 0, members = 1 + rnd(w, 3); i < members; i++) {
		uint32_t m = rnd(w, (uint32_t)k->n_services);
		terms_add_all(w, &k->bundles[n], &k->services[m]);
		put(k, "%s/service-group/@bundle%zu/members/#svc%u", where, n, m);
	}
	if (n && chance(w, 3)) {
		terms_add_all(w, &k->bundles[n], &k->bundles[0]);
		put(k, "%s/service-group/@bundle%zu/members/#bundle0", where, n);
	}
}

/* Names of one side as a condition: of the most that they may be, and of what they are for certain. */
static void side(struct pan *k, struct said *s, struct said *certain, const char *where, const char *key,
		 const char *negate, enum subject on)
{
	struct draft *w = k->w;
	struct addrs v = { 0 }, sure = { 0 };
	bool negated = chance(w, 6), doubtful = false;
	uint32_t n;
	if (chance(w, 5)) {
		put(k, "%s/%s/#any", where, key);
		return;
	}
	for (uint32_t i = 0, m = 1 + rnd(w, 2); i < m; i++) {
		struct addr_range r;
		switch (rnd(w, 3)) {
		case 0:
			if (k->n_groups) {
				n = rnd(w, (uint32_t)k->n_groups);
				addrs_add_all(w, &v, &k->groups[n]);
				addrs_add_all(w, &sure, &k->groups[n]);
				put(k, "%s/%s/#grp%u", where, key, n);
				break;
			}
			/* fall through */
		case 1:
			n = rnd(w, (uint32_t)k->n_addresses);
			addrs_add_all(w, &v, &k->addresses[n]);
			doubtful |= k->doubtful[n];
			if (!k->doubtful[n])
				addrs_add_all(w, &sure, &k->addresses[n]);
			put(k, "%s/%s/#addr %u", where, key, n);
			break;
		default:
			r = some_net(w, some_family(w));
			addrs_add(w, &v, r);
			addrs_add(w, &sure, r);
			put(k, "%s/%s/#%s", where, key, slashes(w, net_of(w, r)));
		}
	}
	/* lists have no end */
	for (uint32_t i = 0, m = chance(w, 40) ? 60 + rnd(w, 400) : 0; i < m; i++) {
		struct addr_range r = { IPV4, 0x0a000000 + 3 * i, 0x0a000000 + 3 * i };
		addrs_add(w, &v, r);
		addrs_add(w, &sure, r);
		put(k, "%s/%s/#%s", where, key, low_of(w, r));
	}
	if (negated)
		put(k, "%s/%s/=yes", where, negate);
	s->perhaps |= doubtful;
	/* the opposite of the most is the least, and the other way round */
	on_addrs(w, s, on, negated ? &sure : &v, negated);
	on_addrs(w, certain, on, negated ? &v : &sure, negated);
}

static void zones(struct pan *k, struct said *s, const char *where, const char *key, enum subject on)
{
	struct draft *w = k->w;
	struct addrs v = { 0 };
	if (chance(w, 4)) {
		put(k, "%s/%s/#any", where, key);
		return;
	}
	for (uint32_t i = 0, n = 1 + rnd(w, 2), m = rnd(w, N_ZONES); i < n; i++, m = (m + 1) % N_ZONES) {
		addrs_add_all(w, &v, &w->places.v[m].addrs);
		put(k, "%s/%s/#%s", where, key, zone_names[m]);
	}
	on_addrs(w, s, on, &v, false);
}

static void services(struct pan *k, struct said *s, const char *where)
{
	struct draft *w = k->w;
	struct terms t = { 0 };
	uint32_t n, kind = rnd(w, 8);
	put(k, "%s/application/#%s", where, kind == 0 ? "ping" : kind == 2 ? "ssl" : "any");
	switch (kind) {
	case 0:
		put(k, "%s/service/#application-default", where);
		terms_icmp(w, &t, PROTO_ICMP, 8, -1);
		break;
	case 1:
	case 2:
		put(k, "%s/service/#any", where);
		s->perhaps |= kind == 2;
		return;
	case 3:
		put(k, "%s/service/#service-http", where);
		terms_add(w, &t, service_of(PROTO_TCP, one_port(80)));
		terms_add(w, &t, service_of(PROTO_TCP, one_port(8080)));
		break;
	case 4:
		n = rnd(w, (uint32_t)k->n_bundles);
		put(k, "%s/service/#bundle%u", where, n);
		terms_add_all(w, &t, &k->bundles[n]);
		break;
	default:
		for (uint32_t i = 0, m = 1 + rnd(w, 2); i < m; i++) {
			n = rnd(w, (uint32_t)k->n_services);
			put(k, "%s/service/#svc%u", where, n);
			terms_add_all(w, &t, &k->services[n]);
		}
	}
	on_terms(w, s, &t, false);
}

static void rule(struct pan *k, size_t list, const char *base, const char *name, long order)
{
	struct draft *w = k->w;
	struct said s = { .order = order, .verb = chance(w, 3) ? SAYS_DENY : SAYS_PERMIT };
	bool disabled = chance(w, 8);
	const char *where = arena_printf(w->a, "%s/security/rules/@%s", base, name);
	zones(k, &s, where, "from", ON_SRC);
	zones(k, &s, where, "to", ON_DST);
	struct said sure = said_copy(w, &s);
	side(k, &s, &sure, where, "source", "negate-source", ON_SRC);
	side(k, &s, &sure, where, "destination", "negate-destination", ON_DST);
	bool vague = s.perhaps;
	s.perhaps = false;
	size_t before = s.conditions.n;
	services(k, &s, where);
	put(k, "%s/action/=%s", where, s.verb == SAYS_PERMIT ? "allow" : ONE_OF(w, "deny", "drop", "reset-both"));
	if (disabled)
		put(k, "%s/disabled/=yes", where);
	if (chance(w, 4))
		put(k, "%s/description/=first line of it; set action deny\nand the second", where);
	if (chance(w, 4))
		put(k, "%s/tag/#any", where);
	if (chance(w, 10)) {
		put(k, "%s/source-user/#corp\\user", where);
		s.perhaps = true;
	}
	switch (rnd(w, 12)) {
	case 0:
		put(k, "%s/rule-type/=intrazone", where);
		on_nothing(w, &s);
		break;
	case 1:
		put(k, "%s/rule-type/=%s", where, ONE_OF(w, "universal", "interzone"));
	}
	for (size_t i = before; i < s.conditions.n; i++)
		*VEC_ADD(w->a, &sure.conditions) = s.conditions.v[i];
	sure.perhaps = s.perhaps;
	s.perhaps |= vague;
	if (!disabled)
		*said_add(w, list, SAYS_DENY) = sure;
	if (!disabled)
		*said_add(w, list, SAYS_DENY) = s;
}

static void rules(struct pan *k, size_t list, const char *base, const char *prefix, long order, bool moves)
{
	struct draft *w = k->w;
	uint32_t n = 1 + rnd(w, 5), first = rnd(w, n), last = rnd(w, n);
	bool before = chance(w, 2), ends = chance(w, 3);
	moves &= first != last && !k->xml && chance(w, 2);
	for (uint32_t i = 0; i < n; i++) {
		long at = order + 2 * (long)i;
		if (moves && i == first)
			at = ends ? (before ? order - 1 : order + 900) : order + 2 * (long)last + (before ? -1 : 1);
		rule(k, list, base, arena_printf(w->a, "%s %u", prefix, i), at);
	}
	if (!moves)
		return;
	struct str rest = str_of(base), one;
	const char *text = "move";
	while (str_cut(&rest, '/', &one))
		text = arena_printf(w->a, "%s %s", text, word(w, cstr(w->a, one)));
	if (ends)
		*VEC_ADD(w->a, &k->after) = arena_printf(w->a, "%s security rules \"%s %u\" %s", text, prefix, first,
							 before ? "top" : "bottom");
	else
		*VEC_ADD(w->a, &k->after) = arena_printf(w->a, "%s security rules \"%s %u\" %s \"%s %u\"", text, prefix,
							 first, before ? "before" : "after", prefix, last);
}

static void paloalto_write(struct draft *w)
{
	struct pan k = { .w = w, .xml = chance(w, 2) };
	size_t list = list_add(w, true, SAYS_DENY);
	bool vsys = k.xml || chance(w, 2), group_of_devices = !k.xml && chance(w, 4);
	const char *own = k.xml              ? "devices/@localhost.localdomain/vsys/@vsys1"
			  : group_of_devices ? "device-group/@DG"
			  : vsys             ? "vsys/@vsys1"
					     : "";
	w->stateful = true;
	w->within_place_unasked = true;
	for (unsigned i = 0; i < N_ZONES; i++) {
		struct addrs v = { 0 };
		addrs_add(w, &v, prefix_range((struct addr){ IPV4, 0x0a000000 + i * 256 }, 24));
		addrs_add(w, &v, prefix_range((struct addr){ IPV6, ((u128)0x20010db8 << 96) + ((u128)i << 64) }, 64));
		place_add(w, zone_names[i], &v);
	}
	const char *objects = *own && chance(w, 3) ? "shared" : own;
	do
		address(&k, objects);
	while (k.n_addresses < N_EACH && !chance(w, 3));
	while (k.n_groups < N_EACH && !chance(w, 3))
		group(&k, objects);
	do
		service(&k, objects);
	while (k.n_services < N_EACH && !chance(w, 3));
	do
		bundle(&k, objects);
	while (k.n_bundles < N_EACH && !chance(w, 3));
	if (group_of_devices) {
		rules(&k, list, "shared/pre-rulebase", "first", 0, false);
		rules(&k, list, arena_printf(w->a, "%s/post-rulebase", own), "last", 2000, false);
		rules(&k, list, arena_printf(w->a, "%s/pre-rulebase", own), "then", 1000, true);
	} else {
		rules(&k, list, *own ? arena_printf(w->a, "%s/rulebase", own) : "rulebase", "R", 0, true);
	}
	if (chance(w, 5)) {
		bool allows = chance(w, 2);
		w->lists.v[list].otherwise = allows ? SAYS_PERMIT : SAYS_DENY;
		put(&k, "%s%s%s/default-security-rules/rules/@interzone-default/action/=%s", own, *own ? "/" : "",
		    group_of_devices ? "post-rulebase" : "rulebase", allows ? "allow" : "reset-both");
	}
	if (k.xml)
		print_xml(&k);
	else
		print_set(&k);
}

const struct grammar grammar_paloalto = { "paloalto", paloalto_write };
