/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file of a million rules names few different sets: each is stored once, in a
 * hash table of their bytes.
 */
#include "flow/ruleset.h"

#include "base/hash.h"

struct kept {
	uint64_t hash;
	const struct addrset *addrs; /* of a table of addresses */
	const struct service_term *terms;
	size_t n_terms;
};

struct table {
	struct kept *v;
	size_t n, room; /* room is 0 or a power of two */
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
		size_t j = t->v[i].hash & (wide.room - 1);
		while (wide.v[j].hash)
			j = (j + 1) & (wide.room - 1);
		wide.v[j] = t->v[i];
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
	struct kept *kept;
	while ((kept = next_slot(t, &at, hash))->hash) {
		if (addrset_equal(*kept->addrs, *s))
			return kept->addrs;
		at++;
	}
	struct addrset *copy = ARENA_NEW(a, struct addrset);
	struct addr_range *ranges = ARENA_ARRAY(a, struct addr_range, s->n);
	if (s->n)
		memcpy(ranges, s->v, s->n * sizeof *ranges);
	*copy = (struct addrset){ ranges, s->n };
	*kept = (struct kept){ .hash = hash, .addrs = copy };
	t->n++;
	return copy;
}

static const struct service_term *keep_terms(struct arena *a, struct table *t, const struct service_term *terms,
					     size_t n)
{
	uint64_t hash = hash64(terms, n * sizeof *terms) | 1; /* a term has no padding */
	_Static_assert(sizeof *terms == 10, "a service term is hashed by its bytes");
	if (2 * (t->n + 1) > t->room)
		widen(a, t);
	size_t at = hash;
	struct kept *kept;
	while ((kept = next_slot(t, &at, hash))->hash) {
		if (kept->n_terms == n && memcmp(kept->terms, terms, n * sizeof *terms) == 0)
			return kept->terms;
		at++;
	}
	struct service_term *copy = ARENA_ARRAY(a, struct service_term, n);
	memcpy(copy, terms, n * sizeof *terms);
	*kept = (struct kept){ .hash = hash, .terms = copy, .n_terms = n };
	t->n++;
	return copy;
}

static void keep_names(struct arena *a, struct interface_names *names)
{
	if (!names->n)
		return;
	struct str *list = ARENA_ARRAY(a, struct str, names->n);
	for (size_t i = 0; i < names->n; i++)
		list[i] = str_dup(a, names->v[i]);
	names->v = list;
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
