/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What iptables-restore refuses.  It loads a table as a whole or not at all, so one
 * rule that it refuses puts nothing of the file into force.
 *
 * Checked with iptables 1.8.9: each row was loaded into a network namespace, as the
 * test tests/netns/refused does.
 */
#include "dialect/iptables/iptables.h"

void ipt_refuse(struct ipt_rule *r, struct str word, const char *why)
{
	if (!r->refused) {
		r->refused = why;
		r->odd_word = word;
	}
}

/* Options of rules themselves, once each; and those of modules, once for each time that a module is named. */
enum option_row {
	ROW_PROTOCOL,
	ROW_SOURCE,
	ROW_DESTINATION,
	ROW_IN,
	ROW_OUT,
	ROW_TARGET,
	N_BASE_ROWS, /* the rows of modules follow */
};

static const struct {
	const char *names;
	const char *modules; /* one of them is loaded by -m or by -p; NULL: no module */
} options[] = {
	[ROW_PROTOCOL] = { "-p --protocol --proto", NULL },
	[ROW_SOURCE] = { "-s --source --src", NULL },
	[ROW_DESTINATION] = { "-d --destination --dst", NULL },
	[ROW_IN] = { "-i --in-interface", NULL },
	[ROW_OUT] = { "-o --out-interface", NULL },
	[ROW_TARGET] = { "-j --jump -g --goto", NULL },
	{ "--sport --source-port", "tcp udp udplite sctp dccp multiport" },
	{ "--dport --destination-port", "tcp udp udplite sctp dccp multiport" },
	{ "--sports --source-ports", "multiport" },
	{ "--dports --destination-ports", "multiport" },
	{ "--ports --port", "multiport" },
	{ "--syn --tcp-flags", "tcp" },
	{ "--icmp-type", "icmp" },
	{ "--icmpv6-type --icmp6-type", "icmp6 icmpv6 ipv6-icmp" },
	{ "--ctstate", "conntrack" },
	{ "--state", "state" },
	{ "--match-set", "set" },
	{ "--set", "set recent" },
	{ "--src-range", "iprange" },
	{ "--dst-range", "iprange" },
	{ "--src-type", "addrtype" },
	{ "--dst-type", "addrtype" },
	{ "--u32", "u32" },
	{ "--comment", "comment" },
	{ "--pkt-type", "pkttype" },
};

/* By -m; -p loads the module of its protocol as well, once one of its options comes. */
static bool is_loaded(const struct ipt_rule *r, const char *modules)
{
	for (size_t i = 0; i < r->modules.n; i++)
		if (str_is_one_of(r->modules.v[i], modules))
			return true;
	return false;
}

void ipt_load_module(struct ipt_rule *r, struct str name)
{
	*VEC_ADD(r->arena, &r->modules) = name;
	r->bare = true;
	/* what follows belongs to this one; the rule's own options stay counted */
	r->options_seen &= (1u << N_BASE_ROWS) - 1;
}

/* Modules that ask for an option at least. */
static void check_bare_module(struct ipt_rule *r)
{
	if (r->bare && str_is_one_of(r->module, "conntrack state multiport iprange addrtype set"))
		ipt_refuse(r, r->module, "is a module that needs an option");
}

/* The row of an option; ARRAY_LEN(options): none. */
static size_t row_of(struct str option)
{
	size_t i = 0;
	while (i < ARRAY_LEN(options) && !str_is_one_of(option, options[i].names))
		i++;
	return i;
}

void ipt_check_option(struct ipt_rule *r)
{
	if (str_is_one_of(r->option, "-m --match")) {
		check_bare_module(r);
		if (r->negated)
			ipt_refuse(r, r->option, "cannot be negated");
		return;
	}
	size_t i = row_of(r->option);
	const char *modules = i < ARRAY_LEN(options) ? options[i].modules : NULL;
	if (modules && !is_loaded(r, modules)) {
		if (!r->of_protocol.n || !str_is_one_of(r->of_protocol, modules))
			ipt_refuse(r, r->option, "needs its protocol or module before it");
		else
			ipt_load_module(r, r->of_protocol);
	}
	if (i >= N_BASE_ROWS)
		r->bare = false;
	if (i == ARRAY_LEN(options))
		return;
	if (r->options_seen & 1u << i)
		ipt_refuse(r, r->option, "is given twice");
	r->options_seen |= 1u << i;
	if (i == ROW_TARGET && r->negated)
		ipt_refuse(r, r->option, "cannot be negated");
}

void ipt_check_ports(struct ipt_rule *r, struct str list)
{
	enum { MOST_PORTS = 15 }; /* of multiport; a range counts as two */
	size_t n = 0;
	bool several = str_find(list, ',') != SIZE_MAX;
	struct str one, rest = list;
	while (str_cut(&rest, ',', &one)) {
		n += str_find(one, ':') == SIZE_MAX ? 1 : 2;
		if (str_is(r->module, "multiport") && (!one.n || one.p[0] == ':' || one.p[one.n - 1] == ':'))
			ipt_refuse(r, list, "has a range without both ends, which -m multiport does not take");
	}
	if (several && !str_is(r->module, "multiport"))
		ipt_refuse(r, list, "is a list, which only -m multiport takes");
	if (str_is(r->module, "multiport") && n > MOST_PORTS)
		ipt_refuse(r, list, "has more than 15 ports");
}

/* Targets that the kernel takes in one table only. */
static const struct {
	const char *targets, *table;
} tables[] = {
	{ "DNAT REDIRECT SNAT MASQUERADE NETMAP", "nat" },
	{ "CT NOTRACK", "raw" },
	{ "TOS DSCP ECN TTL HL TPROXY CHECKSUM", "mangle" },
	{ "REJECT", "filter" },
};

static void check_target(struct ipt_rule *r, struct str chain)
{
	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		if (str_is_one_of(r->target, tables[i].targets) && !str_is(r->t->table, tables[i].table))
			ipt_refuse(r, r->target,
				   arena_printf(r->t->keep, "is a target of the table %s", tables[i].table));
	if (str_is(r->t->table, "nat") && (str_is(r->target, "DROP") || str_is(r->target, "REJECT")))
		ipt_refuse(r, r->target, "is not a target of the table nat");
	if (r->reset && !(r->protocol == PROTO_TCP && !r->protocol_negated))
		ipt_refuse(r, r->target, "replies with tcp-reset, which needs -p tcp");
	if ((r->options_seen & 1u << ROW_IN) && (str_is(chain, "OUTPUT") || str_is(chain, "POSTROUTING")))
		ipt_refuse(r, STR("-i"), "cannot be used in a chain for packets that leave");
	if ((r->options_seen & 1u << ROW_OUT) && (str_is(chain, "INPUT") || str_is(chain, "PREROUTING")))
		ipt_refuse(r, STR("-o"), "cannot be used in a chain for packets that arrive");
}

/* Packets that a host sends have no link address yet. */
static void check_mac(struct ipt_rule *r, struct str chain)
{
	if (is_loaded(r, "mac") && str_is_one_of(chain, "OUTPUT POSTROUTING"))
		ipt_refuse(r, STR("mac"), "is a module for packets that arrive");
}

static bool has_protocol(const struct ipt_rule *r, unsigned number)
{
	return r->protocol == number && !r->protocol_negated;
}

/* Modules that need -p of their own protocol, or of one with ports. */
static void check_protocol(struct ipt_rule *r)
{
	static const struct {
		const char *module;
		unsigned protocol;
	} own[] = { { "tcp", PROTO_TCP }, { "udp", PROTO_UDP },   { "udplite", 136 },       { "sctp", 132 },
		    { "dccp", 33 },       { "icmp", PROTO_ICMP }, { "icmp6", PROTO_ICMP6 }, { "icmpv6", PROTO_ICMP6 } };
	for (size_t i = 0; i < r->modules.n; i++)
		for (size_t j = 0; j < ARRAY_LEN(own); j++)
			if (str_is(r->modules.v[i], own[j].module) && !has_protocol(r, own[j].protocol))
				ipt_refuse(r, r->modules.v[i], "is a module that needs -p of its protocol");
	if (is_loaded(r, "multiport") && (r->protocol_negated || r->protocol > 255 || !protocol_has_ports(r->protocol)))
		ipt_refuse(r, STR("multiport"), "is a module that needs -p of a protocol with ports");
}

bool ipt_is_refused(struct ipt_rule *r, struct str chain)
{
	check_bare_module(r);
	check_target(r, chain);
	check_mac(r, chain);
	check_protocol(r);
	return r->refused != NULL;
}

bool ipt_is_built_in(struct str name)
{
	return str_is_one_of(name, "PREROUTING INPUT FORWARD OUTPUT POSTROUTING");
}

bool ipt_table_has(struct str table, struct str chain)
{
	if (!ipt_is_built_in(chain))
		return true;
	if (str_is(table, "filter") || str_is(table, "security"))
		return str_is_one_of(chain, "INPUT FORWARD OUTPUT");
	if (str_is(table, "nat"))
		return str_is_one_of(chain, "PREROUTING INPUT OUTPUT POSTROUTING");
	if (str_is(table, "raw"))
		return str_is_one_of(chain, "PREROUTING OUTPUT");
	return true;
}
