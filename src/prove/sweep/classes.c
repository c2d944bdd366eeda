/* SPDX-License-Identifier: Apache-2.0 */
#include "prove/sweep/classes.h"

#include "base/hash.h"
#include "base/strmap.h"
#include "base/vec.h"

enum { MOST_CELLS = 1 << 22 };

/* A product of protocol, port and source port sets, and the boxes that have it. */
struct triple {
	struct service_ids ids;
	VEC(uint32_t) members;
};

/* Cells that no triple distinguishes. */
struct group {
	struct class class;
	uint64_t a, b;
	uint32_t size;
	VEC(uint32_t) triples;
};

struct classes {
	struct arena *arena;
	const struct space *space;
	VEC(struct triple) triples;
	struct strmap triple_numbers; /* + 1, by their ids' bytes */
	VEC(struct group) groups;
	VEC(uint32_t) seen; /* by box: the last query that returned it */
	uint32_t asking;
	uint64_t *steps, most;
};

struct classes *classes_new(struct arena *a, const struct space *s)
{
	struct classes *c = ARENA_NEW(a, struct classes);
	*c = (struct classes){ .arena = a, .space = s, .triple_numbers = strmap_new(a) };
	return c;
}

void classes_add(struct classes *s, const struct box_id *box)
{
	uint32_t number = (uint32_t)s->seen.n;
	*VEC_ADD(s->arena, &s->seen) = 0;
	for (size_t i = 0; i < box->n_services; i++) {
		const struct service_ids *ids = &box->services[i];
		struct str key = { (const char *)ids, sizeof *ids };
		uintptr_t known = (uintptr_t)strmap_get(&s->triple_numbers, key);
		if (!known) {
			VEC_ADD(s->arena, &s->triples)->ids = *ids;
			known = s->triples.n;
			strmap_add(&s->triple_numbers, key, (void *)known);
		}
		*VEC_ADD(s->arena, &s->triples.v[known - 1].members) = number;
	}
}

static const enum dim service_dims[3] = { DIM_PROTOCOL, DIM_PORT, DIM_SPORT };

static void triple_spans(const struct classes *s, const struct triple *t, struct spans ret[3])
{
	const set_id ids[3] = { t->ids.protocol, t->ids.port, t->ids.sport };
	for (int d = 0; d < 3; d++)
		ret[d] = space_spans(s->space, service_dims[d], ids[d]);
}

static size_t spans_size(struct spans s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += s.v[i].last - s.v[i].first + 1;
	return n;
}

struct grid {
	uint64_t *a, *b;
	size_t stride[3];
	uint32_t size[3];
};

static void add_corner(struct grid *g, const uint32_t at[3], uint64_t a, uint64_t b, bool minus)
{
	for (int d = 0; d < 3; d++)
		if (at[d] == g->size[d])
			return;
	size_t i = at[0] * g->stride[0] + at[1] * g->stride[1] + at[2];
	g->a[i] += minus ? -a : a;
	g->b[i] += minus ? -b : b;
}

static void add_triple(struct classes *s, struct grid *g, const struct spans spans[3], uint64_t a, uint64_t b)
{
	for (size_t i = 0; i < spans[0].n; i++)
		for (size_t j = 0; j < spans[1].n; j++)
			for (size_t m = 0; m < spans[2].n; m++)
				for (unsigned corner = 0; corner < 8; corner++) {
					const struct span *p[3] = { &spans[0].v[i], &spans[1].v[j], &spans[2].v[m] };
					uint32_t at[3];
					for (int d = 0; d < 3; d++)
						at[d] = corner >> d & 1 ? p[d]->last + 1 : p[d]->first;
					add_corner(g, at, a, b, __builtin_popcount(corner) & 1);
					(*s->steps)++;
				}
}

static void sum_up(struct grid *g)
{
	for (int d = 0; d < 3; d++)
		for (size_t i = 0; i < (size_t)g->size[0] * g->size[1] * g->size[2]; i++) {
			size_t at = i / g->stride[d] % g->size[d];
			if (at) {
				g->a[i] += g->a[i - g->stride[d]];
				g->b[i] += g->b[i - g->stride[d]];
			}
		}
}

/* The families that packets of a cell can be of. */
static uint8_t families_of(const struct packet *protocol, const struct packet *port, const struct packet *sport)
{
	struct packet p = { .protocol = protocol->protocol, .port = port->port, .sport = sport->sport };
	uint8_t r = 0;
	for (int f = IPV4; f <= IPV6; f++) {
		p.src.family = p.dst.family = (enum family)f;
		r |= (uint8_t)(packet_is_possible(&p) << f);
	}
	return r;
}

/* One packet for each coordinate of a field. */
static struct packet *typical(struct classes *s, enum dim d)
{
	uint32_t n = space_size(s->space, d), point[N_DIMS] = { 0 };
	struct packet *packets = ARENA_ARRAY(s->arena, struct packet, n);
	for (uint32_t i = 0; i < n; i++) {
		point[d] = i;
		packets[i] = space_packet(s->space, point);
	}
	return packets;
}

static void group_cells(struct classes *s, const struct grid *g)
{
	struct packet *typicals[3];
	size_t cells = (size_t)g->size[0] * g->size[1] * g->size[2], room = 64;
	while (room < 4 * cells)
		room *= 2;
	uint32_t *table = ARENA_ARRAY(s->arena, uint32_t, room);
	for (int d = 0; d < 3; d++)
		typicals[d] = typical(s, service_dims[d]);
	for (size_t i = 0; i < cells; i++) {
		uint32_t cell[3];
		for (int d = 0; d < 3; d++)
			cell[d] = (uint32_t)(i / g->stride[d] % g->size[d]);
		uint8_t families = families_of(&typicals[0][cell[0]], &typicals[1][cell[1]], &typicals[2][cell[2]]);
		size_t at = hash_mix(g->a[i], g->b[i] ^ families) & (room - 1);
		struct group *c = NULL;
		for (; table[at] && !c; at = (at + 1) & (room - 1)) {
			struct group *group = &s->groups.v[table[at] - 1];
			if (group->a == g->a[i] && group->b == g->b[i] && group->class.families == families)
				c = group;
		}
		if (!c) {
			c = VEC_ADD(s->arena, &s->groups);
			*c = (struct group){ .a = g->a[i], .b = g->b[i], .class.families = families };
			memcpy(c->class.cell, cell, sizeof cell);
			table[at] = (uint32_t)s->groups.n;
		}
		c->size++;
	}
}

/*
 * The triples of each class, by one of its cells.  False when a class holds cells
 * that some triple distinguishes: a hash collision (see flow/space.c).
 */
static bool check_classes(struct classes *s)
{
	for (size_t t = 0; t < s->triples.n; t++) {
		struct spans spans[3];
		size_t held = 0;
		triple_spans(s, &s->triples.v[t], spans);
		for (size_t c = 0; c < s->groups.n; c++) {
			struct group *group = &s->groups.v[c];
			(*s->steps)++;
			if (!spans_hold(spans[0], group->class.cell[0]) ||
			    !spans_hold(spans[1], group->class.cell[1]) || !spans_hold(spans[2], group->class.cell[2]))
				continue;
			held += group->size;
			group->class.room += s->triples.v[t].members.n;
			*VEC_ADD(s->arena, &group->triples) = (uint32_t)t;
		}
		if (held != spans_size(spans[0]) * spans_size(spans[1]) * spans_size(spans[2]))
			return false;
	}
	return true;
}

bool classes_make(struct classes *s, uint64_t *steps, uint64_t most)
{
	struct grid g = { 0 };
	s->steps = steps;
	s->most = most;
	uint64_t state = 0x7377656570, cells = 1;
	for (int d = 0; d < 3; d++) {
		g.size[d] = space_size(s->space, service_dims[d]);
		cells *= g.size[d];
	}
	if (cells > MOST_CELLS)
		return false;
	g.stride[0] = (size_t)g.size[1] * g.size[2];
	g.stride[1] = g.size[2];
	g.stride[2] = 1;
	g.a = ARENA_ARRAY(s->arena, uint64_t, cells);
	g.b = ARENA_ARRAY(s->arena, uint64_t, cells);
	for (size_t t = 0; t < s->triples.n; t++) {
		struct spans spans[3];
		triple_spans(s, &s->triples.v[t], spans);
		uint64_t a = hash_next(&state), b = hash_next(&state);
		add_triple(s, &g, spans, a, b);
		if (*s->steps > s->most)
			return false;
	}
	sum_up(&g);
	group_cells(s, &g);
	return check_classes(s);
}

size_t classes_count(const struct classes *c)
{
	return c->groups.n;
}

const struct class *classes_at(const struct classes *c, size_t i)
{
	return &c->groups.v[i].class;
}

size_t class_members(struct classes *s, const struct class *class, uint32_t *ids)
{
	/* a class is the first of its group's members */
	const struct group *g = (const struct group *)class;
	uint32_t stamp = ++s->asking;
	size_t n = 0;
	for (size_t t = 0; t < g->triples.n; t++) {
		const struct triple *tr = &s->triples.v[g->triples.v[t]];
		for (size_t i = 0; i < tr->members.n; i++)
			if (s->seen.v[tr->members.v[i]] != stamp) {
				s->seen.v[tr->members.v[i]] = stamp;
				ids[n++] = tr->members.v[i];
			}
	}
	return n;
}
