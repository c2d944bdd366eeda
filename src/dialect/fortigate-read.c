/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading FortiGate configurations: config ... edit ... set ... next ... end,
 * as `show` and backups print them.  The file becomes a tree first; then the
 * policies are read in the order of the list.
 */
#include "dialect/fortigate.h"

#include "dialect/match.h"
#include "dialect/outline.h"

enum forti_state { NOT_RESOLVED, RESOLVING, RESOLVED };

/* What an address or service object stands for. */
struct forti_object {
	const struct outline_node *node;
	enum forti_state state;
	struct addrset addresses;
	const struct service_term *terms;
	size_t n_terms;
	const char *perhaps;
};

struct forti {
	struct arena *keep, *scratch;
	const struct source *source;
	const struct read_options *options;
	struct ruleset *rules;
	struct diag *diag;
	struct outline outline;
	const struct outline_node *device;	/* the virtual firewall, or the root */
	size_t copied;		/* members of groups into others */
	struct strmap objects;	/* "KIND NAME" -> struct forti_object; KIND: 4, 6 or s */
	struct strmap selections;	/* number of a node -> struct selection */
	VEC(struct selection *) all_selections;
};

/* The tree */

/* An odd number of quotes: the text goes on in the next line. */
static bool quote_is_open(struct str line)
{
	bool open = false;
	for (size_t i = 0; i < line.n; i++) {
		if (line.p[i] == '\\')
			i++;
		else if (line.p[i] == '"')
			open = !open;
	}
	return open;
}

/*
 * The values of a node by their words, from the first one that is taken back on:
 * what a group of thousands loses one by one leaves holes, which are closed at the end.
 */
struct selection {
	struct outline_node *node;
	struct strmap by_word;	/* -> struct selected */
};

struct selected {
	size_t place;
	bool gone;
};

static const char hole[] = "";

static struct str node_key(const struct outline_node *n)
{
	return (struct str){ (const char *)&n->number, sizeof n->number };
}

static void select_value(struct forti *f, struct selection *s, size_t place)
{
	struct str word = s->node->values.v[place];
	struct selected *v = strmap_get(&s->by_word, word);
	if (!v) {
		v = ARENA_NEW(f->keep, struct selected);
		strmap_add(&s->by_word, word, v);
	}
	*v = (struct selected){ place, false };
}

static struct selection *selection_of(struct forti *f, struct outline_node *n)
{
	struct selection *s = strmap_get(&f->selections, node_key(n));
	if (s)
		return s;
	s = ARENA_NEW(f->keep, struct selection);
	*s = (struct selection){ n, strmap_new(f->keep) };
	strmap_add(&f->selections, node_key(n), s);
	*VEC_ADD(f->keep, &f->all_selections) = s;
	for (size_t i = 0; i < n->values.n; i++)
		select_value(f, s, i);
	return s;
}

static void clear_values(struct forti *f, struct outline_node *n)
{
	struct selection *s = f->all_selections.n ? strmap_get(&f->selections, node_key(n)) : NULL;
	n->values.n = 0;
	if (s)
		s->by_word = strmap_new(f->keep);
}

static void set_values(struct forti *f, struct outline_node *n, const words *w, size_t from, bool append)
{
	if (!append)
		clear_values(f, n);
	struct selection *s = f->all_selections.n ? strmap_get(&f->selections, node_key(n)) : NULL;
	for (size_t i = from; i < w->n; i++) {
		*VEC_ADD(f->keep, &n->values) = str_dup(f->keep, w->v[i]);
		if (s)
			select_value(f, s, n->values.n - 1);
	}
}

static void remove_values(struct forti *f, struct outline_node *n, const words *w)
{
	struct selection *s = selection_of(f, n);
	for (size_t i = 2; i < w->n; i++) {
		struct selected *v = strmap_get(&s->by_word, w->v[i]);
		if (v && !v->gone)
			n->values.v[v->place].p = hole;
		if (v)
			v->gone = true;
	}
}

static void close_holes(struct forti *f)
{
	for (size_t i = 0; i < f->all_selections.n; i++) {
		struct outline_node *n = f->all_selections.v[i]->node;
		size_t kept = 0;
		for (size_t k = 0; k < n->values.n; k++)
			if (n->values.v[k].p != hole)
				n->values.v[kept++] = n->values.v[k];
		n->values.n = kept;
	}
}

static bool build_line(struct forti *f, struct outline_node **at, const words *w, struct loc loc, struct str line)
{
	struct str first = w->v[0];
	if (str_is(first, "config") && w->n > 1) {
		struct str name = w->v[1];
		for (size_t i = 2; i < w->n; i++)
			name = str_printf(f->keep, "%.*s %.*s", STR_ARG(name), STR_ARG(w->v[i]));
		*at = outline_add(&f->outline, *at, name, loc, line);
	} else if (str_is(first, "edit") && w->n > 1) {
		*at = outline_add(&f->outline, *at, w->v[1], loc, line);
	} else if (str_is(first, "next") || str_is(first, "end")) {
		if (*at != f->outline.root)
			*at = (*at)->parent;
	} else if ((str_is(first, "set") || str_is(first, "append") || str_is(first, "select")) && w->n > 1) {
		struct outline_node *n = outline_add(&f->outline, *at, w->v[1], loc, line);
		set_values(f, n, w, 2, !str_is(first, "set"));
	} else if (str_is(first, "unset") && w->n > 1) {
		clear_values(f, outline_add(&f->outline, *at, w->v[1], loc, line));
	} else if (str_is(first, "unselect") && w->n > 2) {
		remove_values(f, outline_add(&f->outline, *at, w->v[1], loc, line), w);
	} else if (str_is(first, "move") && w->n > 3) {
		struct outline_node *what = outline_get(&f->outline, *at, w->v[1]), *where = outline_get(&f->outline, *at, w->v[3]);
		if (!what || !where)
			return false;
		outline_move(&f->outline, *at, what, where, str_is(w->v[2], "before"));
	} else if (str_is(first, "delete") && w->n > 1) {
		struct outline_node *n = outline_get(&f->outline, *at, w->v[1]);
		if (n)
			outline_delete(&f->outline, n);
	} else if (str_is(first, "purge")) {
		for (size_t i = 0; i < (*at)->children.n; i++)
			outline_delete(&f->outline, (*at)->children.v[i]);
	} else {
		return str_is(first, "abort");
	}
	return true;
}

static bool is_in_firewall(const struct outline_node *n)
{
	for (; n && n->parent; n = n->parent)
		if (str_starts(n->word, "firewall "))
			return true;
	return false;
}

static bool build(struct forti *f)
{
	struct lines l = lines_of(f->source);
	struct outline_node *at = f->outline.root;
	struct str line;
	unsigned depth = 0;
	while (lines_next(&l, &line)) {
		words w = { 0 };
		struct loc loc = lines_at(&l);
		struct str begin = line;
		f->rules->n_lines++;
		bool more = line.n <= LONGEST_RULE_LINE && quote_is_open(line);
		arena_reset(f->scratch);
		words_split(f->scratch, begin, &w);
		while (more && lines_next(&l, &line))
			more = !quote_is_open(line);
		if (!w.n || !w.v[0].n || w.v[0].p[0] == '#')
			continue;
		depth += str_is(w.v[0], "config") || str_is(w.v[0], "edit");
		depth -= depth && (str_is(w.v[0], "next") || str_is(w.v[0], "end"));
		if (depth > MOST_OUTLINE_DEPTH)
			return diag_error(f->diag, loc, "blocks stand in each other more than %d deep", MOST_OUTLINE_DEPTH);
		if (!build_line(f, &at, &w, loc, begin) && (at == f->outline.root || is_in_firewall(at)))
			ruleset_unknown(f->rules, loc, begin, "this is no statement of a configuration");
	}
	if (at != f->outline.root)
		return diag_error(f->diag, at->at, "this block does not end; the file may be cut off");
	outline_sweep(&f->outline);
	close_holes(f);
	return true;
}

/* Objects */

static struct forti_object *object_of(struct forti *f, char kind, struct str name)
{
	struct str key = str_printf(f->scratch, "%c %.*s", kind, STR_ARG(name));
	struct forti_object *o = strmap_get(&f->objects, key);
	if (!o) {
		o = ARENA_NEW(f->keep, struct forti_object);
		strmap_add(&f->objects, str_dup(f->keep, key), o);
	}
	return o;
}

static const struct outline_node *find_in(struct forti *f, const char *list, struct str name)
{
	const struct outline_node *n = outline_get(&f->outline, outline_get(&f->outline, f->device, str_of(list)), name);
	return n && !n->inactive ? n : NULL;
}

static const struct outline_node *member_of(struct forti *f, const struct outline_node *n, const char *name)
{
	return outline_get(&f->outline, n, str_of(name));
}

static struct str value(struct forti *f, const struct outline_node *n, const char *name)
{
	return outline_value(&f->outline, n, name);
}

static bool two_values(const struct outline_node *n, struct addr *x, struct addr *y)
{
	return n && n->values.n > 1 && addr_parse(n->values.v[0], x) && addr_parse(n->values.v[1], y);
}

static void read_address(struct forti *f, struct forti_object *o, enum family family)
{
	struct str type = value(f, o->node, "type"), text;
	struct addr x, y;
	struct addr_range r = addr_range_all(family);
	bool ok = true;
	if (str_is(type, "iprange")) {
		ok = addr_parse(value(f, o->node, "start-ip"), &x) && addr_parse(value(f, o->node, "end-ip"), &y) &&
		     x.family == y.family && x.n <= y.n;
		if (ok)
			r = (struct addr_range){ x.family, x.n, y.n };
	} else if (family == IPV6) {
		text = value(f, o->node, "ip6");
		ok = (!type.n || str_is(type, "ipprefix")) && (!text.n || addr_range_parse(text, &r) <= RANGE_HOST_BITS);
	} else if (!type.n || str_is(type, "ipmask") || str_is(type, "subnet") || str_is(type, "interface-subnet")) {
		const struct outline_node *n = member_of(f, o->node, "subnet");
		text = value(f, o->node, "subnet");
		if (n && n->values.n == 1) {
			ok = addr_range_parse(text, &r) <= RANGE_HOST_BITS;
		} else if (n && n->values.n) {
			char mask[ADDR_TEXT], at[ADDR_TEXT];
			ok = two_values(n, &x, &y) && addr_range_parse(str_printf(f->keep, "%s/%s", addr_text(x, at), addr_text(y, mask)), &r) <= RANGE_HOST_BITS;
		}
	} else {
		ok = false;
	}
	if (!ok) {
		o->perhaps = str_is(type, "fqdn") ? "a name that the firewall looks up itself" :
						    "an address object of a kind that is not modelled";
		r = addr_range_all(family);
	}
	o->addresses = range_set(f->keep, r);
}

static struct forti_object *resolve_address(struct forti *f, struct str name, enum family family, unsigned depth);

/* Groups in groups may double what is in them at every level. */
static bool within_limits(struct forti *f, const struct outline_node *at, size_t more)
{
	f->copied += more;
	if (f->copied <= MOST_MEMBERS)
		return true;
	if (f->copied - more <= MOST_MEMBERS)
		diag_error(f->diag, at ? at->at : NOWHERE, "groups have too many members");
	return false;
}

static void read_group(struct forti *f, struct forti_object *o, enum family family, unsigned depth)
{
	const struct outline_node *in = member_of(f, o->node, "member"), *out = member_of(f, o->node, "exclude-member");
	VEC(struct addr_range) v = { 0 };
	struct addrset less = NO_ADDRS;
	for (size_t i = 0; in && i < in->values.n; i++) {
		const struct forti_object *m = resolve_address(f, in->values.v[i], family, depth + 1);
		if (!m || m->perhaps)
			o->perhaps = m ? m->perhaps : "a group with a member that is not in this file";
		bool fits = m && within_limits(f, o->node, m->addresses.n);
		for (size_t k = 0; fits && k < m->addresses.n; k++)
			*VEC_ADD(f->keep, &v) = m->addresses.v[k];
	}
	for (size_t i = 0; out && i < out->values.n && str_is(value(f, o->node, "exclude"), "enable"); i++) {
		const struct forti_object *m = resolve_address(f, out->values.v[i], family, depth + 1);
		if (!m || m->perhaps)
			o->perhaps = m ? m->perhaps : "a group with a member that is not in this file";
		if (m)
			less = addrset_union(f->keep, less, m->addresses);
	}
	o->addresses = addrset_minus(f->keep, addrset_of(f->keep, v.v, v.n), less);
}

/* NULL: there is no such object. */
static struct forti_object *resolve_address(struct forti *f, struct str name, enum family family, unsigned depth)
{
	struct forti_object *o = object_of(f, family == IPV6 ? '6' : '4', name);
	bool v6 = family == IPV6;
	if (o->state == RESOLVED)
		return o;
	if (o->state == RESOLVING || depth > MOST_GROUP_DEPTH) {
		diag_error(f->diag, o->node ? o->node->at : NOWHERE, "group \"%.*s\" is in itself, or too deep", STR_ARG(name));
		return NULL;
	}
	const struct outline_node *single = find_in(f, v6 ? "firewall address6" : "firewall address", name);
	const struct outline_node *group = find_in(f, v6 ? "firewall addrgrp6" : "firewall addrgrp", name);
	o->node = single ? single : group;
	if (!o->node && str_is(name, "all")) {
		o->addresses = range_set(f->keep, addr_range_all(family));
	} else if (!o->node && str_is(name, "none")) {
		o->addresses = NO_ADDRS;
	} else if (!o->node && (find_in(f, "firewall vip", name) || find_in(f, "firewall vipgrp", name))) {
		o->perhaps = "a virtual address, whose translation is not modelled";
		o->addresses = range_set(f->keep, addr_range_all(family));
	} else if (!o->node) {
		return NULL;
	} else {
		o->state = RESOLVING;
		if (single)
			read_address(f, o, family);
		else
			read_group(f, o, family, depth);
	}
	o->state = RESOLVED;
	return o;
}

typedef VEC(struct service_term) term_vec;

static bool read_range(struct str s, struct port_range *ret)
{
	struct str hi = s;
	uint32_t a, b;
	size_t dash = str_find(s, '-');
	if (dash != SIZE_MAX) {
		hi = str_skip(s, dash + 1);
		s = str_first(s, dash);
	}
	if (!str_to_u32(s, 65535, &a) || !str_to_u32(hi, 65535, &b) || b < a)
		return false;
	*ret = (struct port_range){ (uint16_t)a, (uint16_t)b };
	return true;
}

/* "445", "49152-65535", "123:1024-65535": destination, and source behind a colon. */
static bool read_ports(struct forti *f, struct forti_object *o, const char *list, uint8_t protocol, term_vec *v)
{
	const struct outline_node *n = member_of(f, o->node, list);
	for (size_t i = 0; n && i < n->values.n; i++) {
		struct str s = n->values.v[i];
		size_t colon = str_find(s, ':');
		struct service_term t = { protocol, protocol, ALL_PORTS, ALL_PORTS };
		if (!read_range(colon == SIZE_MAX ? s : str_first(s, colon), &t.port) ||
		    (colon != SIZE_MAX && !read_range(str_skip(s, colon + 1), &t.sport))) {
			ruleset_unknown(f->rules, n->at, n->line, "\"%.*s\" is no range of ports", STR_ARG(s));
			return false;
		}
		*VEC_ADD(f->keep, v) = t;
	}
	return true;
}

static void read_icmp(struct forti *f, struct forti_object *o, uint8_t protocol, term_vec *v)
{
	struct service_term t = { protocol, protocol, ALL_PORTS, ALL_PORTS };
	uint32_t n;
	if (str_to_u32(value(f, o->node, "icmptype"), 255, &n))
		t.port = (struct port_range){ (uint16_t)n, (uint16_t)n };
	if (str_to_u32(value(f, o->node, "icmpcode"), 255, &n))
		t.sport = (struct port_range){ (uint16_t)n, (uint16_t)n };
	*VEC_ADD(f->keep, v) = t;
}

static void read_service(struct forti *f, struct forti_object *o, term_vec *v)
{
	struct str protocol = value(f, o->node, "protocol");
	uint32_t n = 0;
	if (str_is(protocol, "ICMP") || str_is(protocol, "ICMP6")) {
		read_icmp(f, o, str_is(protocol, "ICMP") ? PROTO_ICMP : PROTO_ICMP6, v);
	} else if (str_is(protocol, "IP")) {
		str_to_u32(value(f, o->node, "protocol-number"), 255, &n);
		*VEC_ADD(f->keep, v) = n ? service_of((uint8_t)n, ALL_PORTS) : ANY_SERVICE;
	} else if (!protocol.n || str_starts(protocol, "TCP/UDP")) {
		if (!read_ports(f, o, "tcp-portrange", PROTO_TCP, v) || !read_ports(f, o, "udp-portrange", PROTO_UDP, v) ||
		    !read_ports(f, o, "sctp-portrange", PROTO_SCTP, v))
			o->perhaps = "a service that is not understood";
	} else {
		o->perhaps = "a service of a kind that is not modelled";
		*VEC_ADD(f->keep, v) = ANY_SERVICE;
	}
	if (value(f, o->node, "fqdn").n || (value(f, o->node, "iprange").n && !str_is(value(f, o->node, "iprange"), "0.0.0.0")))
		o->perhaps = "a service with addresses of its own";
}

static struct forti_object *resolve_service(struct forti *f, struct str name, unsigned depth)
{
	static const struct {
		const char *name;
		struct service_term term;
	} built_in[] = { { "ALL", ANY_SERVICE_INIT },
			 { "ANY", ANY_SERVICE_INIT },
			 { "ALL_TCP", { PROTO_TCP, PROTO_TCP, { 0, 65535 }, { 1, 65535 } } },
			 { "ALL_UDP", { PROTO_UDP, PROTO_UDP, { 0, 65535 }, { 1, 65535 } } },
			 { "ALL_ICMP", { PROTO_ICMP, PROTO_ICMP, { 0, 65535 }, { 0, 65535 } } },
			 { "ALL_ICMP6", { PROTO_ICMP6, PROTO_ICMP6, { 0, 65535 }, { 0, 65535 } } } };
	struct forti_object *o = object_of(f, 's', name);
	term_vec v = { 0 };
	if (o->state == RESOLVED)
		return o;
	if (o->state == RESOLVING || depth > MOST_GROUP_DEPTH) {
		diag_error(f->diag, o->node ? o->node->at : NOWHERE, "group \"%.*s\" is in itself, or too deep", STR_ARG(name));
		return NULL;
	}
	const struct outline_node *single = find_in(f, "firewall service custom", name);
	const struct outline_node *group = find_in(f, "firewall service group", name);
	o->node = single ? single : group;
	o->state = RESOLVING;
	if (single)
		read_service(f, o, &v);
	const struct outline_node *in = group && !single ? member_of(f, group, "member") : NULL;
	for (size_t i = 0; in && i < in->values.n; i++) {
		const struct forti_object *m = resolve_service(f, in->values.v[i], depth + 1);
		if (!m || m->perhaps)
			o->perhaps = m ? m->perhaps : "a group with a member that is not in this file";
		bool fits = m && within_limits(f, o->node, m->n_terms);
		for (size_t k = 0; fits && k < m->n_terms; k++)
			*VEC_ADD(f->keep, &v) = m->terms[k];
	}
	for (size_t i = 0; !o->node && i < ARRAY_LEN(built_in); i++)
		if (str_is(name, built_in[i].name))
			*VEC_ADD(f->keep, &v) = built_in[i].term;
	o->state = RESOLVED;
	o->terms = v.v;
	o->n_terms = v.n;
	if (!o->node && !v.n) {
		o->state = NOT_RESOLVED;
		return NULL;
	}
	return o;
}

/* Policies */

struct forti_policy {
	struct forti *f;
	const struct outline_node *node;
	const char *perhaps;
	bool bad;
};

static void missing(struct forti_policy *p, const struct outline_node *n, struct str name, const char *what)
{
	ruleset_unknown(p->f->rules, n->at, n->line, "there is no %s \"%.*s\" in this file", what, STR_ARG(name));
	p->bad = true;
}

static struct addrset side(struct forti_policy *p, const char *list, enum family family, bool *said)
{
	struct forti *f = p->f;
	const struct outline_node *n = member_of(f, p->node, list);
	VEC(struct addr_range) v = { 0 };
	for (size_t i = 0; n && i < n->values.n; i++) {
		const struct forti_object *o = resolve_address(f, n->values.v[i], family, 0);
		if (!o) {
			missing(p, n, n->values.v[i], "address");
			continue;
		}
		*said = true;
		if (o->perhaps)
			p->perhaps = o->perhaps;
		for (size_t k = 0; k < o->addresses.n; k++)
			*VEC_ADD(f->scratch, &v) = o->addresses.v[k];
	}
	return addrset_of(f->scratch, v.v, v.n);
}

static struct interface_names interfaces(struct forti_policy *p, const char *list)
{
	const struct outline_node *n = member_of(p->f, p->node, list);
	for (size_t i = 0; n && i < n->values.n; i++)
		if (str_is(n->values.v[i], "any"))
			return (struct interface_names){ 0 };
	return n ? (struct interface_names){ n->values.v, n->values.n, false } : (struct interface_names){ 0 };
}

/* The protocols that none of the terms names at all; what they name in part stays unsaid. */
static void negate_services(struct forti_policy *p, term_vec *v)
{
	struct portset all = port_set(p->f->scratch, 0, 255);
	for (size_t i = 0; i < v->n; i++) {
		const struct service_term *t = &v->v[i];
		bool whole = t->port.lo == 0 && t->sport.lo == 0 && t->port.hi >= 255 && t->sport.hi >= 255 &&
			     (!protocol_has_ports(t->protocol_lo) || (t->port.hi == 65535 && t->sport.hi == 65535));
		if (!whole)
			p->perhaps = "negated services";
		all = portset_minus(p->f->scratch, all, port_set(p->f->scratch, t->protocol_lo, t->protocol_hi));
	}
	v->n = 0;
	for (size_t i = 0; i < all.n; i++)
		*VEC_ADD(p->f->scratch, v) = (struct service_term){ (uint8_t)all.v[i].lo, (uint8_t)all.v[i].hi, ALL_PORTS, ALL_PORTS };
}

static term_vec services(struct forti_policy *p)
{
	struct forti *f = p->f;
	const struct outline_node *n = member_of(f, p->node, "service");
	term_vec v = { 0 };
	for (size_t i = 0; n && i < n->values.n; i++) {
		const struct forti_object *o = resolve_service(f, n->values.v[i], 0);
		if (!o) {
			missing(p, n, n->values.v[i], "service");
			continue;
		}
		if (o->perhaps)
			p->perhaps = o->perhaps;
		for (size_t k = 0; k < o->n_terms; k++)
			*VEC_ADD(f->scratch, &v) = o->terms[k];
	}
	if (str_is(value(f, p->node, "service-negate"), "enable"))
		negate_services(p, &v);
	return v;
}

static bool is_enabled(struct forti_policy *p, const char *name)
{
	return str_is(value(p->f, p->node, name), "enable");
}

static void look_at_conditions(struct forti_policy *p)
{
	static const char *const about_people[] = { "users", "groups", "fsso-groups", "devices", "ztna-ems-tag", "rtp-addr" };
	static const char *const about_lists[] = { "internet-service", "internet-service-src", "internet-service6",
						   "internet-service6-src" };
	struct str schedule = value(p->f, p->node, "schedule");
	if (schedule.n && !str_is(schedule, "always"))
		p->perhaps = "a schedule";
	for (size_t i = 0; i < ARRAY_LEN(about_people); i++)
		if (value(p->f, p->node, about_people[i]).n)
			p->perhaps = "a condition about users or devices";
	for (size_t i = 0; i < ARRAY_LEN(about_lists); i++)
		if (is_enabled(p, about_lists[i]))
			p->perhaps = "a list of internet services, which is not in this file";
	if (value(p->f, p->node, "application").n || is_enabled(p, "tos-negate") || value(p->f, p->node, "vlan-filter").n)
		p->perhaps = "a condition that is not modelled";
	if (value(p->f, p->node, "src-vendor-mac").n)
		p->perhaps = "a condition about hardware addresses";
}

static void add_rule(struct forti_policy *p, uint32_t chain, struct addrset src, struct addrset dst, term_vec terms)
{
	struct forti *f = p->f;
	struct str action = value(f, p->node, "action");
	struct rule *rule = ruleset_rule(f->rules, chain, p->node->at);
	rule->match = (struct match){ .src = &src, .dst = &dst, .services = terms.v, .n_services = terms.n,
				      .in = interfaces(p, "srcintf"), .out = interfaces(p, "dstintf"),
				      .never = !src.n || !dst.n || !terms.n };
	if (str_is(action, "ipsec"))
		p->perhaps = "a tunnel by policy";
	rule->action = str_is(action, "accept") || str_is(action, "ipsec") ? ACTION_PERMIT : ACTION_DENY;
	rule->perhaps = p->perhaps;
	rule->name = value(f, p->node, "name");
	rule->comment = value(f, p->node, "comments");
	rule->text = str_printf(f->keep, "policy %.*s%s%.*s", STR_ARG(p->node->word), rule->name.n ? " " : "", STR_ARG(rule->name));
	ruleset_keep(f->rules, &rule->match);
}

static struct addrset negated(struct forti_policy *p, struct addrset s, enum family family, const char *option)
{
	return is_enabled(p, option) ? addrset_minus(p->f->scratch, range_set(p->f->scratch, addr_range_all(family)), s) : s;
}

static void read_policy(struct forti *f, uint32_t chain, const struct outline_node *node, bool v6_list)
{
	struct forti_policy p = { .f = f, .node = node };
	arena_reset(f->scratch);
	bool src4 = false, dst4 = false, src6 = false, dst6 = false;
	if (node->inactive)
		return;
	if (str_is(value(f, node, "status"), "disable")) {
		ruleset_idle(f->rules, node->at, node->line, "disabled");
		return;
	}
	struct addrset s4 = side(&p, "srcaddr", v6_list ? IPV6 : IPV4, &src4), d4 = side(&p, "dstaddr", v6_list ? IPV6 : IPV4, &dst4);
	struct addrset s6 = side(&p, "srcaddr6", IPV6, &src6), d6 = side(&p, "dstaddr6", IPV6, &dst6);
	look_at_conditions(&p);
	/* lists of services stand instead of addresses and services: everything, perhaps */
	bool lists = is_enabled(&p, "internet-service") || is_enabled(&p, "internet-service-src");
	term_vec terms = services(&p);
	if (lists) {
		*VEC_ADD(f->scratch, &terms) = ANY_SERVICE;
		s4 = src4 ? s4 : range_set(f->scratch, addr_range_all(IPV4));
		d4 = dst4 ? d4 : range_set(f->scratch, addr_range_all(IPV4));
		src4 = dst4 = true;
	}
	if (p.bad)
		return;
	if (src4 && dst4)
		add_rule(&p, chain, negated(&p, s4, v6_list ? IPV6 : IPV4, "srcaddr-negate"),
			 negated(&p, d4, v6_list ? IPV6 : IPV4, "dstaddr-negate"), terms);
	if (src6 && dst6)
		add_rule(&p, chain, negated(&p, s6, IPV6, "srcaddr6-negate"), negated(&p, d6, IPV6, "dstaddr6-negate"), terms);
	if (!(src4 && dst4) && !(src6 && dst6))
		ruleset_unknown(f->rules, node->at, node->line, "a policy without addresses");
}

static void read_policies(struct forti *f, uint32_t chain, const char *list, bool v6_list)
{
	const struct outline_node *n = outline_get(&f->outline, f->device, str_of(list));
	for (size_t i = 0; n && i < n->children.n; i++)
		read_policy(f, chain, n->children.v[i], v6_list);
}

/* The virtual firewall that is asked for, or the only one that has policies. */
static bool choose_device(struct forti *f)
{
	const struct outline_node *all = outline_get(&f->outline, f->outline.root, STR("vdom"));
	size_t n = 0;
	f->device = f->outline.root;
	for (size_t i = 0; all && i < all->children.n; i++) {
		const struct outline_node *one = all->children.v[i];
		bool has = OUTLINE(&f->outline, one, "firewall policy") != NULL;
		if (f->options->part.n ? str_eq(one->word, f->options->part) : has) {
			f->device = one;
			n++;
		}
	}
	if (n > 1)
		ruleset_unknown(f->rules, f->device->at, f->device->line, "several virtual firewalls have policies; say which: --part NAME");
	if (f->options->part.n && !n)
		ruleset_unknown(f->rules, (struct loc){ f->source, 0, 0, 0 }, NO_STR, "there is no virtual firewall \"%.*s\"",
				STR_ARG(f->options->part));
	return n <= 1;
}

static void read_helpers(struct forti *f)
{
	const struct outline_node *n = OUTLINE(&f->outline, f->outline.root, "system session-helper");
	for (size_t i = 0; n && i < n->children.n; i++) {
		struct str name = value(f, n->children.v[i], "name");
		f->rules->helps_tftp |= str_is(name, "tftp");
		f->rules->helps_ftp |= str_is(name, "ftp");
		f->rules->helps_rpc |= str_is(name, "dcerpc");
	}
}

bool fortigate_parse(struct arena *a, const struct source *s, const struct read_options *o, struct ruleset **ret,
		     struct diag *d)
{
	CLEANUP(arena_freep) struct arena *scratch = arena_new();
	size_t errors = diag_errors(d);
	struct forti *f = ARENA_NEW(a, struct forti);
	*f = (struct forti){ .keep = a, .scratch = scratch, .source = s, .options = o, .diag = d,
			     .rules = ruleset_new(a, s, "fortigate"), .outline = outline_new(a), .objects = strmap_new(a),
			     .selections = strmap_new(a) };
	f->rules->replies = REPLIES_FREE;
	*ret = f->rules;
	if (str_find(str_first(s->text, 1 << 16), 0) != SIZE_MAX)
		return diag_error(d, (struct loc){ s, 1, 1, 0 }, "this is not text");
	if (!build(f))
		return false;
	choose_device(f);
	read_helpers(f);
	const struct outline_node *list = outline_get(&f->outline, f->device, STR("firewall policy"));
	uint32_t chain = ruleset_chain(f->rules, STR("policy"), list ? list->at : (struct loc){ s, 0, 0, 0 });
	f->rules->chains.v[chain].fallthrough = ACTION_DENY;
	*VEC_ADD(a, &f->rules->bases) = chain;
	read_policies(f, chain, "firewall policy", false);
	read_policies(f, chain, "firewall policy6", true);
	if (!list && !f->rules->unknown.n)
		ruleset_unknown(f->rules, (struct loc){ s, 0, 0, 0 }, NO_STR, "there is no firewall policy here");
	return diag_errors(d) == errors;
}
