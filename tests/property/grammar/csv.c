/* SPDX-License-Identifier: Apache-2.0 */
/* Sheets of requests: the first row that matches decides; columns in any order, lists in cells. */
#include "grammar.h"

enum column { SOURCE, DESTINATION, PROTOCOL, PORTS, ACTION, STATUS, NOTE, N_COLUMNS };

static const char *cell_of_addresses(struct draft *w, struct said *s, enum subject on)
{
	struct addrs v = { 0 };
	const char *text = "", *between = ONE_OF(w, ", ", "\n", " ", "; ");
	if (chance(w, 4))
		return ONE_OF(w, "any", "ANY", "*", "all");
	for (uint32_t i = 0, n = 1 + rnd(w, 3); i < n; i++) {
		enum family f = chance(w, 3) ? IPV6 : IPV4;
		struct addr_range r = chance(w, 3) ? some_span(w, f) : some_net(w, f);
		unsigned length;
		addrs_add(w, &v, r);
		text = arena_printf(w->a, "%s%s%s", text, i ? between : "",
				    addr_range_is_prefix(&r, &length)
					    ? (r.lo == r.hi && chance(w, 2) ? low_of(w, r) : net_of(w, r))
					    : arena_printf(w->a, "%s%s%s", low_of(w, r), chance(w, 2) ? "-" : " - ",
							   high_of(w, r)));
	}
	on_addrs(w, s, on, &v, false);
	return text;
}

static const char *cell_of_ports(struct draft *w, struct ports *to)
{
	const char *text = "", *between = ONE_OF(w, ", ", "\n", " ", ",");
	for (uint32_t i = 0, n = 1 + rnd(w, 3); i < n; i++) {
		struct port_range r = some_ports(w);
		ports_add(w, to, r.lo, r.hi);
		text = arena_printf(w->a,
				    r.lo == r.hi   ? "%s%s%u"
				    : chance(w, 2) ? "%s%s%u-%u"
						   : "%s%s%u - %u",
				    text, i ? between : "", r.lo, r.hi);
	}
	return text;
}

static void services(struct draft *w, struct said *s, const char *cells[N_COLUMNS])
{
	struct ports none = { 0 }, to = { 0 };
	struct terms t = { 0 };
	uint32_t which = rnd(w, 6);
	cells[PORTS] = "";
	switch (which) {
	case 0:
		cells[PROTOCOL] = ONE_OF(w, "any", "ip", "*");
		return;
	case 1:
		cells[PROTOCOL] = "gre";
		terms_protocol(w, &t, 47, 47);
		break;
	default:
		cells[PROTOCOL] = which == 2   ? "UDP"
				  : which == 3 ? ONE_OF(w, "TCP/UDP", "tcp, udp")
					       : ONE_OF(w, "TCP", "tcp");
		if (!chance(w, 5))
			cells[PORTS] = cell_of_ports(w, &to);
		if (which != 2)
			terms_product(w, &t, PROTO_TCP, &none, &to);
		if (which == 2 || which == 3)
			terms_product(w, &t, PROTO_UDP, &none, &to);
	}
	on_terms(w, s, &t, false);
}

static void say_cell(struct draft *w, const char *text, char separator)
{
	if (!strchr(text, separator) && !strpbrk(text, "\n\"") && !chance(w, 4)) {
		say(w, "%s", text);
		return;
	}
	say(w, "\"");
	for (const char *p = text; *p; p++)
		say(w, *p == '"' ? "\"\"" : "%c", *p);
	say(w, "\"");
}

static void csv_write(struct draft *w)
{
	static const char *const titles[N_COLUMNS][3] = {
		[SOURCE] = { "Source", "Source IP", "src_addr" },
		[DESTINATION] = { "Destination", "Dst IP", "Destination Address" },
		[PROTOCOL] = { "Protocol", "proto", "IP Protocol" },
		[PORTS] = { "Ports", "Destination Port(s)", "dport" },
		[ACTION] = { "Action", "Allow/Deny", "Verdict" },
		[STATUS] = { "Enabled", "Status", "Active" },
		[NOTE] = { "Comment", "Justification", "Ticket" },
	};
	enum column order[N_COLUMNS];
	char separator = chance(w, 2) ? ',' : ';';
	size_t list = list_add(w, true, SAYS_DENY);
	w->stateful = true;
	for (unsigned i = 0; i < N_COLUMNS; i++) {
		unsigned k = rnd(w, i + 1);
		order[i] = order[k];
		order[k] = (enum column)i;
	}
	if (chance(w, 2))
		say(w, "\xef\xbb\xbf");
	for (unsigned i = 0; i < N_COLUMNS; i++) {
		say(w, "%s", i ? (separator == ',' ? "," : ";") : "");
		say_cell(w, titles[order[i]][rnd(w, 3)], separator);
	}
	const char *end = chance(w, 3) ? "\r\n" : "\n";
	say(w, "%s", end);
	for (uint32_t i = 0, n = 1 + rnd(w, 7); i < n; i++) {
		const char *cells[N_COLUMNS];
		struct said s = { .verb = chance(w, 3) ? SAYS_DENY : SAYS_PERMIT };
		bool enabled = !chance(w, 8);
		cells[SOURCE] = cell_of_addresses(w, &s, ON_SRC);
		cells[DESTINATION] = cell_of_addresses(w, &s, ON_DST);
		services(w, &s, cells);
		cells[ACTION] = s.verb == SAYS_DENY ? ONE_OF(w, "Deny", "block", "drop")
						    : ONE_OF(w, "Allow", "permit", "accept");
		cells[STATUS] = enabled ? ONE_OF(w, "yes", "TRUE", "enabled") : ONE_OF(w, "no", "FALSE", "disabled");
		cells[NOTE] = ONE_OF(w, "", "deny; all, \"really\"", "line\nand line");
		for (unsigned k = 0; k < N_COLUMNS; k++) {
			say(w, "%s", k ? (separator == ',' ? "," : ";") : "");
			say_cell(w, cells[order[k]], separator);
		}
		say(w, "%s", end);
		if (enabled)
			*said_add(w, list, SAYS_DENY) = s;
	}
}

const struct grammar grammar_csv = { "csv", csv_write };
