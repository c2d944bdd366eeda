/* SPDX-License-Identifier: Apache-2.0 */
/* Objects and object groups of Cisco IOS and ASA, and the values in them. */
#include "dialect/cisco/cisco.h"

#include "dialect/common/names.h"

void cisco_split(struct cisco *c)
{
	c->words = (words){ 0 };
	words_split(c->scratch, c->line, &c->words);
	for (size_t i = 1; i < c->words.n; i++)
		if (str_is(c->words.v[i], "!"))
			c->words.n = i;
}

void cisco_unknown(struct cisco *c, const char *why)
{
	ruleset_unknown(c->rules, lines_at(&c->lines), c->line, "%s", why);
}

struct cisco_group *cisco_group(struct cisco *c, char space, struct str name, bool make)
{
	struct str key = str_printf(c->scratch, "%c %.*s", space, STR_ARG(name));
	struct cisco_group *g = strmap_get(&c->groups, key);
	if (!g && make) {
		g = ARENA_NEW(c->keep, struct cisco_group);
		key = str_dup(c->keep, key);
		g->name = str_skip(key, 2);
		g->at = lines_at(&c->lines);
		strmap_add(&c->groups, key, g);
	}
	return g;
}

void cisco_begin_group(struct cisco *c, struct cisco_group *g, enum cisco_kind kind)
{
	g->kind = kind;
	g->defined = true;
	c->group = g;
}

/* Values */

bool cisco_address(struct cisco *c, struct str s, struct addr *ret)
{
	const struct str *alias = strmap_get(&c->aliases, s);
	return addr_parse(alias ? *alias : s, ret);
}

bool cisco_masked(struct arena *a, struct addr at, struct addr mask, bool wildcard, range_vec *to)
{
	struct addrset s;
	if (!masked_set(a, at, mask, wildcard, &s))
		return false;
	for (size_t i = 0; i < s.n; i++)
		*VEC_ADD(a, to) = s.v[i];
	return true;
}

bool cisco_is_operator(struct str word)
{
	return str_is(word, "eq") || str_is(word, "neq") || str_is(word, "lt") || str_is(word, "gt") ||
	       str_is(word, "range");
}

bool cisco_ports(struct cisco *c, const words *w, size_t *i, struct portset *ret)
{
	struct str what = w->v[*i];
	struct port_range r = ALL_PORTS;
	uint16_t port;
	if (*i + 1 >= w->n || !port_name_parse(w->v[*i + 1], "cisco", &port))
		return false;
	*i += 2;
	if (str_is(what, "range")) {
		r.lo = port;
		if (*i >= w->n || !port_name_parse(w->v[(*i)++], "cisco", &r.hi) || r.hi < r.lo)
			return false;
		*ret = portset_of(c->scratch, &r, 1);
		return true;
	}
	if (str_is(what, "lt") || str_is(what, "gt")) {
		if (port == (str_is(what, "lt") ? 0 : 65535)) {
			*ret = NO_PORTS;
			return true;
		}
		if (str_is(what, "lt"))
			r.hi = (uint16_t)(port - 1);
		else
			r.lo = (uint16_t)(port + 1);
		*ret = portset_of(c->scratch, &r, 1);
		return true;
	}
	VEC(struct port_range) ranges = { 0 };
	do {
		*VEC_ADD(c->scratch, &ranges) = (struct port_range){ port, port };
	} while (!c->asa && *i < w->n && port_name_parse(w->v[*i], "cisco", &port) && ++*i);
	*ret = portset_of(c->scratch, ranges.v, ranges.n);
	if (str_is(what, "neq"))
		*ret = portset_minus(c->scratch, all_port_set(), *ret);
	return true;
}

void cisco_add_terms(struct arena *a, term_vec *to, unsigned protocol, struct portset sports, struct portset ports)
{
	if (protocol == ANY_PROTOCOL) {
		*VEC_ADD(a, to) = ANY_SERVICE;
		return;
	}
	for (size_t i = 0; i < sports.n; i++)
		for (size_t j = 0; j < ports.n; j++)
			*VEC_ADD(a, to) =
				(struct service_term){ (uint8_t)protocol, (uint8_t)protocol, sports.v[i], ports.v[j] };
}

/* Members of groups */

static bool network_member(struct cisco *c, const words *w, size_t i)
{
	struct cisco_group *g = c->group;
	struct addr at, other;
	struct addr_range r;
	if (i >= w->n)
		return false;
	struct str first = w->v[i];
	bool two = i + 1 < w->n;
	if ((str_is(first, "host") || str_is(first, "subnet")) && two) {
		i++;
		first = w->v[i];
		two = i + 1 < w->n;
	}
	if (str_is(first, "any") || str_is(first, "any4") || str_is(first, "any6")) {
		if (!str_is(first, "any6"))
			*VEC_ADD(c->keep, &g->ranges) = addr_range_all(IPV4);
		if (str_is(first, "any6") || (c->asa && str_is(first, "any")))
			*VEC_ADD(c->keep, &g->ranges) = addr_range_all(IPV6);
		return true;
	}
	if (str_is(first, "range") && i + 2 < w->n) {
		if (!cisco_address(c, w->v[i + 1], &at) || !cisco_address(c, w->v[i + 2], &other) ||
		    at.family != other.family || other.n < at.n)
			return false;
		*VEC_ADD(c->keep, &g->ranges) = (struct addr_range){ at.family, at.n, other.n };
		return i + 3 == w->n;
	}
	if (str_is(first, "fqdn")) {
		g->perhaps = "a name that the firewall resolves";
		return true;
	}
	/* 10.0.0.0 /8 */
	if (two && w->v[i + 1].n > 1 && w->v[i + 1].p[0] == '/') {
		first = str_printf(c->scratch, "%.*s%.*s", STR_ARG(first), STR_ARG(w->v[i + 1]));
		i++;
	}
	if (str_is(first, "object") && two) {
		*VEC_ADD(c->keep, &g->children) = str_printf(c->keep, "o %.*s", STR_ARG(w->v[i + 1]));
		return true;
	}
	if (str_find(first, '/') != SIZE_MAX) {
		if (addr_range_parse(first, &r) > RANGE_HOST_BITS || i + 1 < w->n)
			return false;
		*VEC_ADD(c->keep, &g->ranges) = r;
		return true;
	}
	if (!cisco_address(c, first, &at))
		return false;
	if (two && at.family == IPV4 && cisco_address(c, w->v[i + 1], &other))
		return i + 2 == w->n && cisco_masked(c->keep, at, other, g->wildcard, &g->ranges);
	*VEC_ADD(c->keep, &g->ranges) = addr_range_of(at);
	return i + 1 == w->n;
}

/* [source OP] [destination] [OP] after the protocols. */
static bool service_ports(struct cisco *c, const words *w, size_t i, struct port_range protocols)
{
	struct portset sports = all_port_set(), ports = all_port_set();
	bool said = false;
	while (i < w->n) {
		bool source = str_is(w->v[i], "source");
		if ((source || str_is(w->v[i], "destination")) && ++i >= w->n)
			return false;
		uint16_t port;
		if (!source && !cisco_is_operator(w->v[i]) && port_name_parse(w->v[i], "cisco", &port)) {
			ports = port_set(c->scratch, port, port); /* eq may be omitted */
			said = true;
			i++;
			continue;
		}
		if (!cisco_is_operator(w->v[i]) || !cisco_ports(c, w, &i, source ? &sports : &ports))
			return false;
		said = true;
	}
	if (said && !protocol_has_ports(protocols.lo))
		return false;
	for (unsigned p = protocols.lo; p <= protocols.hi; p += (unsigned)MAX(protocols.hi - protocols.lo, 1))
		cisco_add_terms(c->keep, &c->group->terms, p, sports, ports);
	return true;
}

bool cisco_icmp_name(struct str s, bool v6, uint16_t *type, uint16_t *code)
{
	if (!icmp_name_parse(s, v6, type, code))
		return false;
	/* all codes are time-exceeded here; on Linux this name means another type */
	if (!v6 && str_iis(s, "ttl-exceeded"))
		*code = 0;
	return true;
}

static bool icmp_member(struct cisco *c, const words *w, size_t i, bool v6)
{
	uint16_t type, code;
	uint32_t number;
	struct portset types = all_port_set(), codes = all_port_set();
	if (i < w->n) {
		if (!cisco_icmp_name(w->v[i], v6, &type, &code) &&
		    !(!c->asa && cisco_icmp_name(w->v[i], !v6, &type, &code)))
			return false;
		types = port_set(c->scratch, type, type);
		if (i + 1 < w->n && !str_to_u32(w->v[i + 1], 255, &number))
			return false;
		if (i + 1 < w->n)
			code = (uint16_t)number;
		if (code != ANY_CODE)
			codes = port_set(c->scratch, code, code);
	}
	cisco_add_terms(c->keep, &c->group->terms, v6 ? PROTO_ICMP6 : PROTO_ICMP, codes, types);
	return true;
}

static bool service_member(struct cisco *c, const words *w, size_t i)
{
	unsigned protocol;
	if (i >= w->n)
		return false;
	struct str first = w->v[i++];
	if (str_is(first, "object") && i < w->n) {
		*VEC_ADD(c->keep, &c->group->children) = str_printf(c->keep, "o %.*s", STR_ARG(w->v[i]));
		return true;
	}
	if (str_is(first, "tcp-udp"))
		return service_ports(c, w, i, (struct port_range){ PROTO_TCP, PROTO_UDP });
	if (str_is(first, "icmp") || str_is(first, "icmp6"))
		return icmp_member(c, w, i, str_is(first, "icmp6"));
	if (!protocol_name_parse(first, &protocol))
		return false;
	if (protocol == ANY_PROTOCOL) {
		*VEC_ADD(c->keep, &c->group->terms) = ANY_SERVICE;
		return true;
	}
	return service_ports(c, w, i, (struct port_range){ (uint16_t)protocol, (uint16_t)protocol });
}

static bool port_member(struct cisco *c, const words *w, size_t i)
{
	struct portset ports;
	if (i >= w->n || !cisco_is_operator(w->v[i]) || !cisco_ports(c, w, &i, &ports) || i < w->n)
		return false;
	struct port_range p = c->group->typed;
	for (size_t j = 0; j < 2 && (!j || p.hi != p.lo); j++)
		cisco_add_terms(c->keep, &c->group->terms, j ? p.hi : p.lo, all_port_set(), ports);
	return true;
}

static bool protocol_member(struct cisco *c, const words *w, size_t i)
{
	unsigned protocol;
	if (i + 1 != w->n || !protocol_name_parse(w->v[i], &protocol))
		return false;
	cisco_add_terms(c->keep, &c->group->terms, protocol, all_port_set(), all_port_set());
	return true;
}

bool cisco_group_line(struct cisco *c)
{
	const words *w = &c->words;
	struct str first = w->v[0];
	uint32_t number;
	size_t i = 0;
	if (str_is(first, "description") || str_is(first, "nat") || str_is(first, "exit") || c->group->strange)
		return true;
	if (str_is(first, "no"))
		return w->n > 1 && (str_is(w->v[1], "description") || str_is(w->v[1], "nat"));
	if (c->group->single)
		c->group->ranges.n = c->group->terms.n = 0;
	if (str_is(first, "group-object") && w->n > 1) {
		*VEC_ADD(c->keep, &c->group->children) = str_printf(c->keep, "g %.*s", STR_ARG(w->v[1]));
		return true;
	}
	if (str_to_u32(first, UINT32_MAX, &number) && w->n > 1 &&
	    (c->group->kind == CISCO_NETWORK || c->group->typed.hi))
		i = 1; /* numbered members of NX-OS */
	if (str_is(first, "network-object"))
		return network_member(c, w, 1);
	if (str_is(first, "service-object") || str_is(first, "service"))
		return service_member(c, w, 1);
	if (str_is(first, "port-object"))
		return port_member(c, w, 1);
	if (str_is(first, "protocol-object"))
		return protocol_member(c, w, 1);
	if (str_is(first, "icmp-object"))
		return icmp_member(c, w, 1, false);
	switch (c->group->kind) {
	case CISCO_NETWORK:
		return network_member(c, w, i);
	case CISCO_SERVICE:
		return c->group->typed.hi ? port_member(c, w, i) : service_member(c, w, i);
	case CISCO_PROTOCOL:
	case CISCO_ICMP:
		break;
	}
	return false;
}

bool cisco_is_member(const struct cisco *c)
{
	static const char members[] =
		"network-object group-object port-object service-object protocol-object icmp-object host subnet "
		"range fqdn eq neq lt gt any any4 any6 tcp udp tcp-udp icmp";
	struct addr at;
	return c->group && (str_is_one_of(c->words.v[0], members) || addr_parse(c->words.v[0], &at));
}

bool cisco_is_too_long(struct cisco *c)
{
	if (c->line.n <= LONGEST_RULE_LINE)
		return false;
	ruleset_unknown(c->rules, lines_at(&c->lines), str_first(c->line, 80), "this line is too long");
	return true;
}

bool cisco_is_broken(struct cisco *c)
{
	static const char rest[] =
		"eq neq lt gt range host any any4 any6 log log-input inactive established time-range object-group "
		"permit deny";
	struct str first = c->words.v[0];
	struct addr at;
	struct addr_range r;
	uint32_t number;
	if (line_pager(c->line)) {
		cisco_unknown(c, "a pager's prompt is in this line");
		return true;
	}
	bool is_rest = str_is_one_of(first, rest) || addr_parse(first, &at) ||
		       addr_range_parse(first, &r) != RANGE_BAD || str_to_u32(first, UINT32_MAX, &number);
	/* object-group also begins a group */
	if (!is_rest || !c->at_entry || words_begin(&c->words, "object-group % %"))
		return false;
	cisco_unknown(c, "this looks like the end of the previous line");
	return true;
}

/* Nested groups become one set, once. */
static bool resolve(struct cisco *c, struct cisco_group *g, unsigned depth)
{
	bool ok = true;
	if (g->resolved)
		return true;
	if (g->resolving)
		return diag_error(c->diag, g->at, "group \"%.*s\" contains itself", STR_ARG(g->name));
	if (depth > MOST_GROUP_DEPTH)
		return diag_error(c->diag, g->at, "groups are nested more than %d deep", MOST_GROUP_DEPTH);
	g->resolving = true;
	for (size_t i = 0; i < g->children.n && ok; i++) {
		struct cisco_group *child = strmap_get(&c->groups, g->children.v[i]);
		if (!child || !child->defined) {
			g->perhaps = not_in_this_file(c->keep, "group", str_skip(g->children.v[i], 2));
			continue;
		}
		ok = resolve(c, child, depth + 1);
		if (!ok)
			break;
		c->copied += child->addresses.n + child->terms.n;
		if (c->copied > MOST_MEMBERS)
			return diag_error(c->diag, g->at, "groups have too many members, with \"%.*s\"",
					  STR_ARG(g->name));
		for (size_t j = 0; j < child->addresses.n; j++)
			*VEC_ADD(c->keep, &g->ranges) = child->addresses.v[j];
		for (size_t j = 0; j < child->terms.n; j++)
			*VEC_ADD(c->keep, &g->terms) = child->terms.v[j];
		if (!g->perhaps)
			g->perhaps = child->perhaps;
	}
	g->addresses = addrset_of(c->keep, g->ranges.v, g->ranges.n);
	g->resolving = false;
	g->resolved = ok;
	return ok;
}

bool cisco_resolve(struct cisco *c, struct cisco_group *g)
{
	return resolve(c, g, 0);
}
