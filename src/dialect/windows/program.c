/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules that are bound to a program, on a host whose programs the estate knows.
 *
 * A rule that names ports applies to those on which the program listens; one without ports applies
 * to all of the program's, and to nothing else.  RPC ports are distinguished by the program, as a
 * firewall that reads RPC distinguishes them by the interface (flow/ruleset.h).
 */
#include "dialect/windows/windows.h"

enum { RPC_LOWEST = 49152 }; /* the default of Windows */

static const char *const folders[][2] = {
	{ "%systemroot%\\", "%SystemRoot%\\" },
	{ "%windir%\\", "%SystemRoot%\\" },
	{ "\\windows\\", "%SystemRoot%\\" }, /* behind the letter of a drive */
};

/* Without the folder that Windows is in; *system is true when it was there. */
static struct str path_in_windows(struct str path, bool *system)
{
	struct str rest = path.n > 2 && path.p[1] == ':' ? str_skip(path, 2) : path;
	*system = false;
	for (size_t i = 0; i < ARRAY_LEN(folders); i++)
		if (str_istarts(rest, folders[i][0])) {
			*system = true;
			return str_skip(rest, strlen(folders[i][0]));
		}
	return path;
}

static bool same_path(struct str left, struct str right)
{
	bool left_system, right_system;
	left = path_in_windows(left, &left_system);
	right = path_in_windows(right, &right_system);
	return left_system == right_system && str_ieq(left, right);
}

static bool runs(const struct host_program *p, struct str service)
{
	for (size_t i = 0; i < p->n_windows_services; i++)
		if (str_ieq(p->windows_services[i], service))
			return true;
	return false;
}

const struct host_program *windows_program_find(const struct windows *w, struct str path, struct str service)
{
	const struct host_facts *host = &w->options->host;
	for (size_t i = 0; i < host->n_programs; i++) {
		const struct host_program *p = &host->programs[i];
		if (path.n && !same_path(path, p->path))
			continue;
		if (service.n ? runs(p, service) : !p->shared)
			return p;
	}
	return NULL;
}

static struct portset part_of(struct arena *a, const struct windows_ports *said, struct portset of)
{
	return said->any ? of : portset_intersect(a, said->set, of);
}

struct port_range windows_rpc_range(const struct windows *w)
{
	struct port_range own = w->options->rpc;
	return own.hi ? own : (struct port_range){ RPC_LOWEST, 65535 };
}

/* Ports of TCP that the RPC runtime assigns. */
static struct portset rpc_ports(struct arena *a, const struct windows_ports *said, struct port_range range)
{
	return said->any || said->rpc ? portset_of(a, &range, 1) : part_of(a, said, portset_of(a, &range, 1));
}

static void add_part(struct arena *a, windows_parts *parts, unsigned protocol, struct portset ports, bool rpc,
		     const char *perhaps)
{
	if (ports.n)
		*VEC_ADD(a, parts) =
			(struct windows_part){ .protocol = protocol, .ports = ports, .rpc = rpc, .perhaps = perhaps };
}

static void add_transport(struct windows *w, const struct host_program *p, unsigned protocol,
			  const struct windows_ports *said, windows_parts *parts)
{
	static const char not_sure[] = "whether the one program that it applies to listens there";
	struct arena *a = w->arena;
	int t = protocol == PROTO_UDP;
	struct portset certain = part_of(a, said, said->any ? p->listens[t] : p->owns[t]);
	struct portset rpc = NO_PORTS;
	if (protocol == PROTO_TCP && (p->rpc || p->may_rpc))
		rpc = portset_minus(a, rpc_ports(a, said, windows_rpc_range(w)), certain);
	struct portset rest = portset_minus(a, said->any ? p->owns[t] : said->set, portset_union(a, certain, rpc));
	add_part(a, parts, protocol, certain, false, NULL);
	add_part(a, parts, protocol, rpc, true, p->rpc ? NULL : not_sure);
	add_part(a, parts, protocol, rest, false, not_sure);
}

windows_parts windows_program_parts(struct windows *w, const struct host_program *p, unsigned protocol,
				    const struct windows_ports *said)
{
	windows_parts parts = { 0 };
	bool all = protocol > UINT8_MAX;
	if (all || protocol == PROTO_TCP)
		add_transport(w, p, PROTO_TCP, said, &parts);
	if (all || protocol == PROTO_UDP)
		add_transport(w, p, PROTO_UDP, said, &parts);
	for (unsigned n = 0; n <= UINT8_MAX; n++) {
		if (n == PROTO_TCP || n == PROTO_UDP || (!all && n != protocol))
			continue;
		bool own = portset_holds(p->protocols, (uint16_t)n);
		if (own || !all)
			*VEC_ADD(w->arena, &parts) =
				(struct windows_part){ .protocol = n,
						       .perhaps = own ? NULL : "the one program that it applies to" };
	}
	if (said->any && !w->programs_told && (all || protocol == PROTO_TCP || protocol == PROTO_UDP)) {
		w->programs_told = true;
		*VEC_ADD(w->arena, &w->rules->assumed) = "a program that a rule without ports names listens for "
							 "nothing but its services of the catalogue";
	}
	return parts;
}

uint32_t windows_program_number(struct windows *w, const struct host_program *p)
{
	struct ruleset *r = w->rules;
	r->rpc_named = true;
	for (size_t i = 0; i < r->rpc_interfaces.n; i++)
		if (str_eq(r->rpc_interfaces.v[i], p->name))
			return (uint32_t)i + 1;
	/* no host has more programs than that: the catalogue's limit is lower */
	*VEC_ADD(w->arena, &r->rpc_interfaces) = p->name;
	return (uint32_t)r->rpc_interfaces.n;
}
