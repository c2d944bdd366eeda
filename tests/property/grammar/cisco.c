/* SPDX-License-Identifier: Apache-2.0 */
#include "cisco.h"

/* Names that the command references list for ports. */
static const struct named tcp_names[] = {
	{ "bgp", 179 },  { "domain", 53 }, { "ftp", 21 },    { "ftp-data", 20 }, { "smtp", 25 },    { "telnet", 23 },
	{ "www", 80 },   { "pop3", 110 },  { "ident", 113 }, { "nntp", 119 },    { "sunrpc", 111 }, { "tacacs", 49 },
	{ "whois", 43 }, { "finger", 79 }, { "gopher", 70 }, { "lpd", 515 },     { "discard", 9 },  { "echo", 7 },
};
static const struct named udp_names[] = {
	{ "domain", 53 }, { "ntp", 123 },         { "snmp", 161 },  { "snmptrap", 162 }, { "syslog", 514 },
	{ "tftp", 69 },   { "bootps", 67 },       { "bootpc", 68 }, { "isakmp", 500 },   { "netbios-ns", 137 },
	{ "rip", 520 },   { "netbios-dgm", 138 }, { "time", 37 },   { "sunrpc", 111 },   { "xdmcp", 177 },
};

static const char *port_name(struct draft *w, bool udp, uint16_t *n)
{
	if (chance(w, 4)) {
		struct named p = udp ? ONE_NAMED(w, udp_names) : ONE_NAMED(w, tcp_names);
		*n = (uint16_t)p.number;
		return p.name;
	}
	*n = some_port(w);
	return arena_printf(w->a, "%u", *n);
}

/* The ports that are none of those. */
static void other_ports(struct draft *w, const uint16_t *v, size_t n, struct ports *to)
{
	unsigned next = 0;
	for (;;) {
		unsigned least = 65536;
		for (size_t i = 0; i < n; i++)
			if (v[i] >= next && v[i] < least)
				least = v[i];
		if (least > next)
			ports_add(w, to, next, least - 1);
		if (least == 65536)
			return;
		next = least + 1;
	}
}

const char *cisco_some_ports(struct draft *w, bool udp, bool several, struct ports *to)
{
	uint16_t v[4];
	size_t n = several ? 1 + rnd(w, ARRAY_LEN(v)) : 1;
	const char *text = "";
	bool equal = !chance(w, 4);

	switch (rnd(w, 5)) {
	case 0:
		text = port_name(w, udp, &v[0]);
		if (v[0] == 65535)
			return cisco_some_ports(w, udp, several, to);
		ports_add(w, to, v[0] + 1u, 65535);
		return arena_printf(w->a, " gt %s", text);
	case 1:
		text = port_name(w, udp, &v[0]);
		ports_add(w, to, 0, v[0] - 1u);
		return arena_printf(w->a, " lt %s", text);
	case 2: {
		const char *x = port_name(w, udp, &v[0]), *y = port_name(w, udp, &v[1]);
		ports_add(w, to, MIN(v[0], v[1]), MAX(v[0], v[1]));
		return v[0] <= v[1] ? arena_printf(w->a, " range %s %s", x, y)
				    : arena_printf(w->a, " range %s %s", y, x);
	}
	default:
		for (size_t i = 0; i < n; i++) {
			text = arena_printf(w->a, "%s %s", text, port_name(w, udp, &v[i]));
			if (equal)
				ports_add(w, to, v[i], v[i]);
		}
		if (!equal)
			other_ports(w, v, n, to);
		return arena_printf(w->a, " %s%s", equal ? "eq" : "neq", text);
	}
}

const char *cisco_said_ports(struct draft *w, bool udp, bool several, struct ports *to)
{
	return chance(w, 2) ? "" : cisco_some_ports(w, udp, several, to);
}

const char *cisco_other_protocol(struct draft *w, unsigned *number)
{
	static const struct named names[] = { { "gre", 47 }, { "esp", 50 },  { "ospf", 89 }, { "eigrp", 88 },
					      { "igmp", 2 }, { "pim", 103 }, { "pcp", 108 }, { "nos", 94 } };
	struct named p = ONE_NAMED(w, names);
	*number = chance(w, 3) ? 99 : p.number;
	return *number == p.number && !chance(w, 3) ? p.name : arena_printf(w->a, "%u", *number);
}

const char *cisco_said_icmp(struct draft *w, bool v6, bool codes, int *type, int *code)
{
	static const struct cisco_icmp four[] = {
		{ "echo", 8, -1 },
		{ "echo-reply", 0, -1 },
		{ "unreachable", 3, -1 },
		{ "time-exceeded", 11, -1 },
		{ "redirect", 5, -1 },
		{ "timestamp-request", 13, -1 },
		{ "timestamp-reply", 14, -1 },
		{ "mask-request", 17, -1 },
		{ "parameter-problem", 12, -1 },
		{ "router-advertisement", 9, -1 },
	};
	static const struct cisco_icmp six[] = {
		{ "echo-request", 128, -1 },
		{ "echo-reply", 129, -1 },
		{ "unreachable", 1, -1 },
		{ "packet-too-big", 2, -1 },
		{ "time-exceeded", 3, -1 },
		{ "parameter-problem", 4, -1 },
		{ "nd-na", 136, -1 },
		{ "nd-ns", 135, -1 },
		{ "router-solicitation", 133, -1 },
		{ "router-advertisement", 134, -1 },
	};
	static const struct cisco_icmp with_code[] = {
		{ "net-unreachable", 3, 0 },     { "host-unreachable", 3, 1 }, { "port-unreachable", 3, 3 },
		{ "packet-too-big", 3, 4 },      { "ttl-exceeded", 11, 0 },    { "administratively-prohibited", 3, 13 },
		{ "reassembly-timeout", 11, 1 }, { "host-redirect", 5, 1 },
	};
	struct cisco_icmp m = v6                      ? ONE_NAMED(w, six)
			      : codes && chance(w, 3) ? ONE_NAMED(w, with_code)
						      : ONE_NAMED(w, four);
	if (chance(w, 3)) {
		m.type = v6 ? 128 + (int)rnd(w, 9) : (int)rnd(w, 15);
		m.code = codes && chance(w, 2) ? (int)rnd(w, 4) : -1;
		m.name = m.code < 0 ? arena_printf(w->a, "%d", m.type) : arena_printf(w->a, "%d %d", m.type, m.code);
	}
	*type = m.type;
	*code = m.code;
	return m.name;
}
