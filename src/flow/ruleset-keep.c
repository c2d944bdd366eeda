/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file of a million rules names few different sets: each is stored once, in a
 * hash table of their bytes.
 */
#include "flow/ruleset.h"

#include "base/hash.h"

struct kept {
	uint64_t hash;
	const struct addrset *addrs;	/* of a table of addresses */
	const struct service_term *terms;
	size_t n_terms;
};

struct table {
	struct kept *v;
	size_t n, room;	/* room is 0 or a power of two */
};

struct match_pool {
	struct table addrs, terms;
};

static void widen(struct arena *a, struct table *t)
{
	struct table wide = { .room = t->room ? t->room * 2 : 64, .n = t->n };
	wide.v = ARENA_ARRAY(a, struct kept, wide.room);
	for (size_t i = 0; i < t->room; i++) {
		if (!t->v[i].hash)
			continue;
		size_t k = t->v[i].hash & (wide.room - 1);
		while (wide.v[k].hash)
			k = (k + 1) & (wide.room - 1);
		wide.v[k] = t->v[i];
	}
	*t = wide;
}

/* The first slot, probing from a hash, that is empty or may be equal. */
static struct kept *next_slot(const struct table *t, size_t *at, uint64_t hash)
{
	while (t->v[*at & (t->room - 1)].hash && t->v[*at & (t->room - 1)].hash != hash)
		(*at)++;
	return &t->v[*at & (t->room - 1)];
}

static const struct addrset *keep_addrs(struct arena *a, struct table *t, const struct addrset *s)
{
	uint64_t hash = addrset_hash(1, *s) | 1;
	if (2 * (t->n + 1) > t->room)
		widen(a, t);
	size_t at = hash;
	struct kept *k;
	while ((k = next_slot(t, &at, hash))->hash) {
		if (addrset_equal(*k->addrs, *s))
			return k->addrs;
		at++;
	}
	struct addrset *copy = ARENA_NEW(a, struct addrset);
	struct addr_range *v = ARENA_ARRAY(a, struct addr_range, s->n);
	if (s->n)
		memcpy(v, s->v, s->n * sizeof *v);
	*copy = (struct addrset){ v, s->n };
	*k = (struct kept){ .hash = hash, .addrs = copy };
	t->n++;
	return copy;
}

static const struct service_term *keep_terms(struct arena *a, struct table *t, const struct service_term *v, size_t n)
{
	uint64_t hash = hash64(v, n * sizeof *v) | 1;	/* a term has no padding */
	_Static_assert(sizeof *v == 10, "a service term is hashed by its bytes");
	if (2 * (t->n + 1) > t->room)
		widen(a, t);
	size_t at = hash;
	struct kept *k;
	while ((k = next_slot(t, &at, hash))->hash) {
		if (k->n_terms == n && memcmp(k->terms, v, n * sizeof *v) == 0)
			return k->terms;
		at++;
	}
	struct service_term *copy = ARENA_ARRAY(a, struct service_term, n);
	memcpy(copy, v, n * sizeof *v);
	*k = (struct kept){ .hash = hash, .terms = copy, .n_terms = n };
	t->n++;
	return copy;
}

static void keep_names(struct arena *a, struct interface_names *names)
{
	if (!names->n)
		return;
	struct str *v = ARENA_ARRAY(a, struct str, names->n);
	for (size_t i = 0; i < names->n; i++)
		v[i] = str_dup(a, names->v[i]);
	names->v = v;
}

void ruleset_keep(struct ruleset *r, struct match *m)
{
	if (!r->pool)
		r->pool = ARENA_NEW(r->arena, struct match_pool);
	if (m->src)
		m->src = keep_addrs(r->arena, &r->pool->addrs, m->src);
	if (m->dst)
		m->dst = keep_addrs(r->arena, &r->pool->addrs, m->dst);
	if (m->n_services)
		m->services = keep_terms(r->arena, &r->pool->terms, m->services, m->n_services);
	keep_names(r->arena, &m->in);
	keep_names(r->arena, &m->out);
}
