/* SPDX-License-Identifier: Apache-2.0 */
/* Deserialization.  Each function reads what its namesake in ruleset-pack.c writes. */
#include "flow/ruleset-pack.h"

/*
* The minimum size of each in bytes: no count allocates more than a small multiple of the
* input's size.
*/
enum {
	LEAST_CHAIN = 1 + 4 + 1 + 4 + 1,
	LEAST_RULE = 2 + 1 + 2 + 2 + 1 + 1 + 2 + 1 + 2 + 3 + 4 + 1,
	LEAST_RANGE = 1 + 4 + 4,
	LEAST_TERM = 6,
	LEAST_NOTE = 1 + 4 + 1,
	LEAST_INTERFACE = 2,
};

struct unpacker unpacker_new(struct arena *a, struct str bytes, const struct source *file)
{
	struct unpacker k = { .c = cursor_of(bytes), .arena = a };
	if (file)
		*VEC_ADD(a, &k.sources) = file;
	return k;
}

/* A reference, with n known items: 0 none, 1 a new one, from 2 on the known ones. */
static size_t unpack_ref(struct unpacker *k, size_t n)
{
	return (size_t)unpack_number(&k->c, n + 1);
}

const char *unpack_text(struct unpacker *k)
{
	size_t ref = unpack_ref(k, k->texts.n);
	if (ref != 1)
		return ref ? k->texts.v[ref - 2] : NULL;
	struct str s = unpack_bytes(&k->c);
	if (!s.n || memchr(s.p, 0, s.n) != s.p + s.n - 1) {
		cursor_spoil(&k->c);
		return NULL;
	}
	*VEC_ADD(k->arena, &k->texts) = s.p;
	return s.p;
}

/* One that must exist. */
static const char *unpack_said(struct unpacker *k)
{
	const char *text = unpack_text(k);
	if (!text)
		cursor_spoil(&k->c);
	return text;
}

static const struct source *unpack_source(struct unpacker *k)
{
	size_t ref = (size_t)unpack_number(&k->c, k->sources.n + 1);
	if (ref <= k->sources.n)
		return ref ? k->sources.v[ref - 1] : NULL;
	const char *name = unpack_said(k);
	struct str text = unpack_bytes(&k->c);
	if (k->c.bad)
		return NULL;
	return *VEC_ADD(k->arena, &k->sources) = source_of_text(k->arena, name, text);
}

static struct str unpack_str(struct unpacker *k)
{
	size_t where = (size_t)unpack_number(&k->c, k->sources.n + 1);
	if (where < 2)
		return where ? unpack_bytes(&k->c) : NO_STR;
	struct str text = k->sources.v[where - 2]->text;
	size_t at = (size_t)unpack_number(&k->c, text.n);
	size_t n = (size_t)unpack_number(&k->c, text.n - at);
	return (struct str){ text.p + at, n };
}

struct loc unpack_loc(struct unpacker *k)
{
	struct loc at = { .source = unpack_source(k) };
	at.line = (uint32_t)unpack_number(&k->c, UINT32_MAX);
	at.column = (uint32_t)unpack_number(&k->c, UINT32_MAX);
	at.length = (uint32_t)unpack_number(&k->c, UINT32_MAX);
	if (at.line && !at.source)
		cursor_spoil(&k->c);
	return at;
}

static u128 unpack_addr(struct unpacker *k, enum family f)
{
	uint32_t low = 0;
	u128 n = 0;
	struct str s = unpack_raw(&k->c, f == IPV4 ? sizeof low : sizeof n);
	if (k->c.bad)
		return 0;
	memcpy(f == IPV4 ? (void *)&low : &n, s.p, s.n);
	return f == IPV4 ? low : n;
}

/* Sorted, with gaps between: equal sets are equal arrays. */
static bool follows(const struct addr_range *r, const struct addr_range *last)
{
	return last->family == r->family ? r->lo > last->hi && r->lo - last->hi > 1 : last->family < r->family;
}

struct addrset unpack_addrset(struct unpacker *k)
{
	size_t n = unpack_count(&k->c, LEAST_RANGE);
	struct addr_range *v = ARENA_ARRAY(k->arena, struct addr_range, n);
	for (size_t i = 0; i < n && !k->c.bad; i++) {
		v[i].family = (enum family)unpack_number(&k->c, IPV6);
		v[i].lo = unpack_addr(k, v[i].family);
		v[i].hi = unpack_addr(k, v[i].family);
		if (v[i].lo > v[i].hi || (i && !follows(&v[i], &v[i - 1])))
			cursor_spoil(&k->c);
	}
	return (struct addrset){ v, k->c.bad ? 0 : n };
}

struct port_range unpack_port_range(struct unpacker *k)
{
	struct port_range r;
	r.lo = (uint16_t)unpack_number(&k->c, UINT16_MAX);
	r.hi = (uint16_t)unpack_number(&k->c, UINT16_MAX);
	if (r.lo > r.hi)
		cursor_spoil(&k->c);
	return r;
}

static struct services_of unpack_services(struct unpacker *k)
{
	size_t n = unpack_count(&k->c, LEAST_TERM);
	struct service_term *v = ARENA_ARRAY(k->arena, struct service_term, n);
	for (size_t i = 0; i < n && !k->c.bad; i++) {
		v[i].protocol_lo = (uint8_t)unpack_number(&k->c, UINT8_MAX);
		v[i].protocol_hi = (uint8_t)unpack_number(&k->c, UINT8_MAX);
		v[i].sport = unpack_port_range(k);
		v[i].port = unpack_port_range(k);
		if (v[i].protocol_lo > v[i].protocol_hi)
			cursor_spoil(&k->c);
	}
	return (struct services_of){ v, k->c.bad ? 0 : n };
}

static const struct addrset *unpack_addrs(struct unpacker *k)
{
	size_t ref = unpack_ref(k, k->addrs.n);
	if (ref != 1)
		return ref ? k->addrs.v[ref - 2] : NULL;
	struct addrset *s = ARENA_NEW(k->arena, struct addrset);
	*s = unpack_addrset(k);
	return *VEC_ADD(k->arena, &k->addrs) = s;
}

static struct interface_names unpack_names(struct unpacker *k)
{
	size_t n = unpack_count(&k->c, 1);
	struct str *v = ARENA_ARRAY(k->arena, struct str, n);
	for (size_t i = 0; i < n && !k->c.bad; i++)
		v[i] = unpack_str(k);
	bool negated = unpack_flag(&k->c);
	return (struct interface_names){ n ? v : NULL, n, negated };
}

static struct match unpack_match(struct unpacker *k)
{
	struct match m = { .src = unpack_addrs(k) };
	m.dst = unpack_addrs(k);
	size_t ref = unpack_ref(k, k->services.n);
	if (ref == 1)
		*VEC_ADD(k->arena, &k->services) = unpack_services(k);
	if (ref && !k->c.bad) {
		struct services_of s = k->services.v[ref == 1 ? k->services.n - 1 : ref - 2];
		m.services = s.v;
		m.n_services = s.n;
		if (!s.n)
			cursor_spoil(&k->c);
	}
	m.in = unpack_names(k);
	m.out = unpack_names(k);
	m.conversation = (enum conversation)unpack_number(&k->c, CONVERSATION_ESTABLISHED);
	m.never = unpack_flag(&k->c);
	return m;
}

static void unpack_rule(struct unpacker *k, struct rule *r)
{
	r->match = unpack_match(k);
	r->action = (enum action)unpack_number(&k->c, N_ACTIONS - 1);
	r->target = (uint32_t)unpack_number(&k->c, UINT32_MAX);
	r->perhaps = unpack_text(k);
	r->rpc = (uint32_t)unpack_number(&k->c, RPC_ANY_INTERFACE);
	r->rpc_perhaps = unpack_text(k);
	r->name = unpack_str(k);
	r->comment = unpack_str(k);
	r->text = unpack_str(k);
	r->at = unpack_loc(k);
	r->implicit = unpack_flag(&k->c);
}

static void unpack_chain(struct unpacker *k, struct chain *c)
{
	c->name = unpack_str(k);
	c->at = unpack_loc(k);
	c->fallthrough = (enum action)unpack_number(&k->c, N_ACTIONS - 1);
	c->policy_at = unpack_loc(k);
	size_t n = unpack_count(&k->c, LEAST_RULE);
	if (n > MOST_RULES)
		cursor_spoil(&k->c);
	else if (n)
		c->rules.v = ARENA_ARRAY(k->arena, struct rule, n);
	for (size_t i = 0; i < n && !k->c.bad; i++)
		unpack_rule(k, &c->rules.v[i]);
	c->rules.n = c->rules.room = k->c.bad ? 0 : n;
}

static void unpack_chains(struct unpacker *k, struct ruleset *r)
{
	size_t n = unpack_count(&k->c, LEAST_CHAIN);
	for (size_t i = 0; i < n && !k->c.bad; i++)
		unpack_chain(k, VEC_ADD(k->arena, &r->chains));
	n = unpack_count(&k->c, 1);
	for (size_t i = 0; i < n && !k->c.bad; i++) {
		uint64_t base = unpack_number(&k->c, UINT32_MAX);
		*VEC_ADD(k->arena, &r->bases) = (uint32_t)base;
		if (base >= r->chains.n)
			cursor_spoil(&k->c);
	}
}

static void unpack_remarks(struct unpacker *k, struct ruleset *r)
{
	size_t n = unpack_count(&k->c, LEAST_NOTE);
	for (size_t i = 0; i < n && !k->c.bad; i++) {
		struct unknown_line *u = VEC_ADD(k->arena, &r->unknown);
		u->text = unpack_str(k);
		u->at = unpack_loc(k);
		u->why = unpack_said(k);
	}
	n = unpack_count(&k->c, LEAST_NOTE);
	for (size_t i = 0; i < n && !k->c.bad; i++) {
		struct idle_rule *u = VEC_ADD(k->arena, &r->idle);
		u->text = unpack_str(k);
		u->at = unpack_loc(k);
		u->why = unpack_said(k);
	}
	n = unpack_count(&k->c, 1);
	for (size_t i = 0; i < n && !k->c.bad; i++)
		*VEC_ADD(k->arena, &r->assumed) = unpack_said(k);
}

/* A rule's RPC interface must be one of the rule set's. */
static bool interfaces_are_there(const struct ruleset *r)
{
	bool all = true;
	for (size_t c = 0; c < r->chains.n; c++)
		for (size_t i = 0; i < r->chains.v[c].rules.n; i++) {
			uint32_t rpc = r->chains.v[c].rules.v[i].rpc;
			all &= !rpc || (r->rpc_named && (rpc == RPC_ANY_INTERFACE || rpc <= r->rpc_interfaces.n));
		}
	return all;
}

static bool is_sound(const struct unpacker *k, const struct ruleset *r)
{
	return !k->c.bad && interfaces_are_there(r) && ruleset_check(r, diag_new(k->arena));
}

struct ruleset *unpack_ruleset(struct unpacker *k)
{
	struct ruleset *r = ruleset_new(k->arena, unpack_source(k), NULL);
	r->dialect = unpack_said(k);
	unpack_chains(k, r);
	r->replies = (enum replies)unpack_number(&k->c, REPLIES_BY_RULE);
	r->order = unpack_text(k);
	unpack_remarks(k, r);
	size_t n = unpack_count(&k->c, LEAST_INTERFACE);
	for (size_t i = 0; i < n && !k->c.bad; i++) {
		struct interface_addresses *x = VEC_ADD(k->arena, &r->interfaces);
		x->name = unpack_str(k);
		x->addresses = unpack_addrset(k);
	}
	n = unpack_count(&k->c, 1);
	if (n > MOST_RPC_INTERFACES)
		cursor_spoil(&k->c);
	for (size_t i = 0; i < n && !k->c.bad; i++)
		*VEC_ADD(k->arena, &r->rpc_interfaces) = unpack_str(k);
	r->rpc_named = unpack_flag(&k->c);
	r->n_lines = (size_t)unpack_number(&k->c, SIZE_MAX);
	r->n_understood = (size_t)unpack_number(&k->c, SIZE_MAX);
	r->n_ignored = (size_t)unpack_number(&k->c, SIZE_MAX);
	r->helps_tftp = unpack_flag(&k->c);
	r->helps_rpc = unpack_flag(&k->c);
	return is_sound(k, r) ? r : NULL;
}
