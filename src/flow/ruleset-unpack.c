/* SPDX-License-Identifier: Apache-2.0 */
/* Deserialization.  Each function reads what its namesake in ruleset-pack.c writes. */
#include "flow/ruleset-pack.h"

/*
 * The minimum size of each in bytes: no count allocates more than a small multiple of the
 * input's size.
 */
enum {
	LEAST_CHAIN = 1 + 4 + 1 + 4 + 1 + 1 + 1,
	LEAST_RULE = 2 + 1 + 3 + 3 + 1 + 1 + 2 + 1 + 2 + 3 + 4 + 1,
	LEAST_RANGE = 1 + 4 + 4,
	LEAST_TERM = 6,
	LEAST_NOTE = 1 + 4 + 1,
	LEAST_INTERFACE = 2,
	LEAST_MEMBER = 2,
	LEAST_TRANSLATION = 1 + 1 + 4 + 1 + 1 + 1,
};

struct unpacker unpacker_new(struct arena *a, struct str bytes, const struct source *file)
{
	struct unpacker unpacker = { .c = pack_reader_of(bytes), .arena = a };
	if (file)
		*VEC_ADD(a, &unpacker.sources) = file;
	return unpacker;
}

/* A reference, with n known items: 0 none, 1 a new one, from 2 on the known ones. */
static size_t unpack_ref(struct unpacker *unpacker, size_t n)
{
	return (size_t)unpack_number(&unpacker->c, n + 1);
}

const char *unpack_text(struct unpacker *unpacker)
{
	size_t ref = unpack_ref(unpacker, unpacker->texts.n);
	if (ref != 1)
		return ref ? unpacker->texts.v[ref - 2] : NULL;
	struct str s = unpack_bytes(&unpacker->c);
	if (!s.n || memchr(s.p, 0, s.n) != s.p + s.n - 1) {
		unpack_spoil(&unpacker->c);
		return NULL;
	}
	*VEC_ADD(unpacker->arena, &unpacker->texts) = s.p;
	return s.p;
}

/* One that must exist. */
static const char *unpack_said(struct unpacker *unpacker)
{
	const char *text = unpack_text(unpacker);
	if (!text)
		unpack_spoil(&unpacker->c);
	return text;
}

static const struct source *unpack_source(struct unpacker *unpacker)
{
	size_t ref = (size_t)unpack_number(&unpacker->c, unpacker->sources.n + 1);
	if (ref <= unpacker->sources.n)
		return ref ? unpacker->sources.v[ref - 1] : NULL;
	const char *name = unpack_said(unpacker);
	struct str text = unpack_bytes(&unpacker->c);
	if (unpacker->c.bad)
		return NULL;
	return *VEC_ADD(unpacker->arena, &unpacker->sources) = source_of_text(unpacker->arena, name, text);
}

static struct str unpack_str(struct unpacker *unpacker)
{
	size_t where = (size_t)unpack_number(&unpacker->c, unpacker->sources.n + 1);
	if (where < 2)
		return where ? unpack_bytes(&unpacker->c) : NO_STR;
	struct str text = unpacker->sources.v[where - 2]->text;
	size_t at = (size_t)unpack_number(&unpacker->c, text.n);
	size_t n = (size_t)unpack_number(&unpacker->c, text.n - at);
	return (struct str){ text.p + at, n };
}

struct loc unpack_loc(struct unpacker *unpacker)
{
	struct loc at = { .source = unpack_source(unpacker) };
	at.line = (uint32_t)unpack_number(&unpacker->c, UINT32_MAX);
	at.column = (uint32_t)unpack_number(&unpacker->c, UINT32_MAX);
	at.length = (uint32_t)unpack_number(&unpacker->c, UINT32_MAX);
	if (at.line && !at.source)
		unpack_spoil(&unpacker->c);
	return at;
}

static u128 unpack_addr(struct unpacker *unpacker, enum family f)
{
	uint32_t low = 0;
	u128 n = 0;
	struct str s = unpack_raw(&unpacker->c, f == IPV4 ? sizeof low : sizeof n);
	if (unpacker->c.bad)
		return 0;
	memcpy(f == IPV4 ? (void *)&low : &n, s.p, s.n);
	return f == IPV4 ? low : n;
}

/* Sorted, with gaps between: equal sets are equal arrays. */
static bool follows(const struct addr_range *r, const struct addr_range *last)
{
	return last->family == r->family ? r->lo > last->hi && r->lo - last->hi > 1 : last->family < r->family;
}

static struct addr_range unpack_range(struct unpacker *unpacker)
{
	struct addr_range r = { .family = (enum family)unpack_number(&unpacker->c, IPV6) };
	r.lo = unpack_addr(unpacker, r.family);
	r.hi = unpack_addr(unpacker, r.family);
	if (r.lo > r.hi)
		unpack_spoil(&unpacker->c);
	return r;
}

static const struct addr_map *unpack_addr_map(struct unpacker *unpacker)
{
	if (!unpack_flag(&unpacker->c))
		return NULL;
	struct addr_map *map = ARENA_NEW(unpacker->arena, struct addr_map);
	map->from = unpack_range(unpacker);
	map->to = unpack_range(unpacker);
	if (!addr_map_is_sound(map))
		unpack_spoil(&unpacker->c);
	return map;
}

struct addrset unpack_addrset(struct unpacker *unpacker)
{
	size_t n = unpack_count(&unpacker->c, LEAST_RANGE);
	struct addr_range *ranges = ARENA_ARRAY(unpacker->arena, struct addr_range, n);
	for (size_t i = 0; i < n && !unpacker->c.bad; i++) {
		ranges[i] = unpack_range(unpacker);
		if (i && !follows(&ranges[i], &ranges[i - 1]))
			unpack_spoil(&unpacker->c);
	}
	return (struct addrset){ ranges, unpacker->c.bad ? 0 : n };
}

struct port_range unpack_port_range(struct unpacker *unpacker)
{
	struct port_range r;
	r.lo = (uint16_t)unpack_number(&unpacker->c, UINT16_MAX);
	r.hi = (uint16_t)unpack_number(&unpacker->c, UINT16_MAX);
	if (r.lo > r.hi)
		unpack_spoil(&unpacker->c);
	return r;
}

static struct services_of unpack_services(struct unpacker *unpacker)
{
	size_t n = unpack_count(&unpacker->c, LEAST_TERM);
	struct service_term *terms = ARENA_ARRAY(unpacker->arena, struct service_term, n);
	for (size_t i = 0; i < n && !unpacker->c.bad; i++) {
		terms[i].protocol_lo = (uint8_t)unpack_number(&unpacker->c, UINT8_MAX);
		terms[i].protocol_hi = (uint8_t)unpack_number(&unpacker->c, UINT8_MAX);
		terms[i].sport = unpack_port_range(unpacker);
		terms[i].port = unpack_port_range(unpacker);
		if (terms[i].protocol_lo > terms[i].protocol_hi)
			unpack_spoil(&unpacker->c);
	}
	return (struct services_of){ terms, unpacker->c.bad ? 0 : n };
}

static const struct addrset *unpack_addrs(struct unpacker *unpacker)
{
	size_t ref = unpack_ref(unpacker, unpacker->addrs.n);
	if (ref != 1)
		return ref ? unpacker->addrs.v[ref - 2] : NULL;
	struct addrset *s = ARENA_NEW(unpacker->arena, struct addrset);
	*s = unpack_addrset(unpacker);
	return *VEC_ADD(unpacker->arena, &unpacker->addrs) = s;
}

static struct interface_names unpack_names(struct unpacker *unpacker)
{
	size_t n = unpack_count(&unpacker->c, 1);
	struct str *list = ARENA_ARRAY(unpacker->arena, struct str, n);
	for (size_t i = 0; i < n && !unpacker->c.bad; i++)
		list[i] = unpack_str(unpacker);
	bool negated = unpack_flag(&unpacker->c);
	const struct addr_map *after = unpack_addr_map(unpacker);
	return (struct interface_names){ n ? list : NULL, n, negated, after };
}

static struct match unpack_match(struct unpacker *unpacker)
{
	struct match m = { .src = unpack_addrs(unpacker) };
	m.dst = unpack_addrs(unpacker);
	size_t ref = unpack_ref(unpacker, unpacker->services.n);
	if (ref == 1)
		*VEC_ADD(unpacker->arena, &unpacker->services) = unpack_services(unpacker);
	if (ref && !unpacker->c.bad) {
		struct services_of s = unpacker->services.v[ref == 1 ? unpacker->services.n - 1 : ref - 2];
		m.services = s.v;
		m.n_services = s.n;
		if (!s.n)
			unpack_spoil(&unpacker->c);
	}
	m.in = unpack_names(unpacker);
	m.out = unpack_names(unpacker);
	m.conversation = (enum conversation)unpack_number(&unpacker->c, CONVERSATION_ALL);
	m.never = unpack_flag(&unpacker->c);
	return m;
}

static void unpack_rule(struct unpacker *unpacker, struct rule *r)
{
	r->match = unpack_match(unpacker);
	r->action = (enum action)unpack_number(&unpacker->c, N_ACTIONS - 1);
	r->target = (uint32_t)unpack_number(&unpacker->c, UINT32_MAX);
	r->perhaps = unpack_text(unpacker);
	r->rpc = (uint32_t)unpack_number(&unpacker->c, RPC_ANY_INTERFACE);
	r->rpc_perhaps = unpack_text(unpacker);
	r->name = unpack_str(unpacker);
	r->comment = unpack_str(unpacker);
	r->text = unpack_str(unpacker);
	r->at = unpack_loc(unpacker);
	r->implicit = unpack_flag(&unpacker->c);
	r->number = (uint32_t)unpack_number(&unpacker->c, UINT32_MAX);
}

static void unpack_chain(struct unpacker *unpacker, struct chain *c)
{
	c->name = unpack_str(unpacker);
	c->at = unpack_loc(unpacker);
	c->fallthrough = (enum action)unpack_number(&unpacker->c, N_ACTIONS - 1);
	c->policy_at = unpack_loc(unpacker);
	c->aside = unpack_flag(&unpacker->c);
	c->translation = (uint32_t)unpack_number(&unpacker->c, UINT32_MAX);
	size_t n = unpack_count(&unpacker->c, LEAST_RULE);
	if (n > MOST_RULES)
		unpack_spoil(&unpacker->c);
	else if (n)
		c->rules.v = ARENA_ARRAY(unpacker->arena, struct rule, n);
	for (size_t i = 0; i < n && !unpacker->c.bad; i++)
		unpack_rule(unpacker, &c->rules.v[i]);
	c->rules.n = c->rules.room = unpacker->c.bad ? 0 : n;
}

static void unpack_translation(struct unpacker *unpacker, struct translation *t)
{
	t->src = unpack_addr_map(unpacker);
	t->dst = unpack_addr_map(unpacker);
	t->port.from = unpack_port_range(unpacker);
	t->port.to = unpack_port_range(unpacker);
	t->port_said = unpack_flag(&unpacker->c);
	t->only_names = unpack_flag(&unpacker->c);
	t->unknown = unpack_text(unpacker);
	t->vague_src = unpack_text(unpacker);
	t->vague_sports = unpack_text(unpacker);
	if (t->port.from.hi - t->port.from.lo != t->port.to.hi - t->port.to.lo && t->port.to.lo != t->port.to.hi)
		unpack_spoil(&unpacker->c);
}

static void unpack_chains(struct unpacker *unpacker, struct ruleset *r)
{
	size_t n = unpack_count(&unpacker->c, LEAST_CHAIN);
	for (size_t i = 0; i < n && !unpacker->c.bad; i++)
		unpack_chain(unpacker, VEC_ADD(unpacker->arena, &r->chains));
	n = unpack_count(&unpacker->c, LEAST_TRANSLATION);
	for (size_t i = 0; i < n && !unpacker->c.bad; i++)
		unpack_translation(unpacker, VEC_ADD(unpacker->arena, &r->translations));
	for (size_t c = 0; c < r->chains.n; c++)
		if (r->chains.v[c].translation > n)
			unpack_spoil(&unpacker->c);
	n = unpack_count(&unpacker->c, 1);
	for (size_t i = 0; i < n && !unpacker->c.bad; i++) {
		uint64_t base = unpack_number(&unpacker->c, UINT32_MAX);
		*VEC_ADD(unpacker->arena, &r->bases) = (uint32_t)base;
		if (base >= r->chains.n)
			unpack_spoil(&unpacker->c);
	}
}

static void unpack_remarks(struct unpacker *unpacker, struct ruleset *r)
{
	size_t n = unpack_count(&unpacker->c, LEAST_NOTE);
	for (size_t i = 0; i < n && !unpacker->c.bad; i++) {
		struct unknown_line *u = VEC_ADD(unpacker->arena, &r->unknown);
		u->text = unpack_str(unpacker);
		u->at = unpack_loc(unpacker);
		u->why = unpack_said(unpacker);
	}
	n = unpack_count(&unpacker->c, LEAST_NOTE);
	for (size_t i = 0; i < n && !unpacker->c.bad; i++) {
		struct idle_rule *u = VEC_ADD(unpacker->arena, &r->idle);
		u->text = unpack_str(unpacker);
		u->at = unpack_loc(unpacker);
		u->why = unpack_said(unpacker);
	}
	n = unpack_count(&unpacker->c, 1);
	for (size_t i = 0; i < n && !unpacker->c.bad; i++)
		*VEC_ADD(unpacker->arena, &r->assumed) = unpack_said(unpacker);
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

static bool is_sound(const struct unpacker *unpacker, const struct ruleset *r)
{
	return !unpacker->c.bad && interfaces_are_there(r) && ruleset_check(r, diag_new(unpacker->arena));
}

struct ruleset *unpack_ruleset(struct unpacker *unpacker)
{
	struct ruleset *r = ruleset_new(unpacker->arena, unpack_source(unpacker), NULL);
	r->dialect = unpack_said(unpacker);
	unpack_chains(unpacker, r);
	r->replies = (enum replies)unpack_number(&unpacker->c, REPLIES_BY_RULE);
	r->order = unpack_text(unpacker);
	unpack_remarks(unpacker, r);
	size_t n = unpack_count(&unpacker->c, LEAST_INTERFACE);
	for (size_t i = 0; i < n && !unpacker->c.bad; i++) {
		struct interface_addresses *interface = VEC_ADD(unpacker->arena, &r->interfaces);
		interface->name = unpack_str(unpacker);
		interface->addresses = unpack_addrset(unpacker);
	}
	n = unpack_count(&unpacker->c, LEAST_MEMBER);
	for (size_t i = 0; i < n && !unpacker->c.bad; i++) {
		struct interface_member *m = VEC_ADD(unpacker->arena, &r->members);
		m->group = unpack_str(unpacker);
		m->member = unpack_str(unpacker);
	}
	n = unpack_count(&unpacker->c, 1);
	if (n > MOST_RPC_INTERFACES)
		unpack_spoil(&unpacker->c);
	for (size_t i = 0; i < n && !unpacker->c.bad; i++)
		*VEC_ADD(unpacker->arena, &r->rpc_interfaces) = unpack_str(unpacker);
	r->rpc_named = unpack_flag(&unpacker->c);
	r->n_lines = (size_t)unpack_number(&unpacker->c, SIZE_MAX);
	r->n_understood = (size_t)unpack_number(&unpacker->c, SIZE_MAX);
	r->n_ignored = (size_t)unpack_number(&unpacker->c, SIZE_MAX);
	r->helps_tftp = unpack_flag(&unpacker->c);
	r->helps_rpc = unpack_flag(&unpacker->c);
	return is_sound(unpacker, r) ? r : NULL;
}
