/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two steps make a coordinate.  The end points of all sets cut a field into
 * elementary ranges (ranks).  Ranks that lie in exactly the same sets form a class,
 * wherever they are; the class is the coordinate.  The classes are the atomic
 * predicates of one field (Yang and Lam, ICNP 2013).
 *
 * The sets of a rank are hashed: 128 random bits a set, combined (Zobrist hashing).
 * The classes are then verified without the hashes: for every set, the ranks of the
 * classes that it touches must be as many as the ranks it holds.  A collision would
 * make a class of which a set holds only a part, and the count would differ; the
 * ranks are then used as they are.
 */
#include "flow/space.h"

#include "base/hash.h"
#include "base/vec.h"

/* A value of any field: addresses need a family and 128 bits, ports fit below. */
struct value_range {
	u128 lo, hi;
	uint8_t family; /* 0 for ports */
};

struct value_set {
	const struct value_range *v;
	size_t n;
	uint64_t hash;
};

struct cut {
	u128 at; /* the first value of a rank */
	uint8_t family;
};

struct field {
	VEC(struct value_set) sets;
	uint32_t *table; /* set number + 1 by hash */
	size_t table_room;
	struct cut *cuts; /* where ranks begin */
	uint32_t n_ranks;
	uint32_t *class_of; /* by rank */
	uint32_t n_classes;
	uint32_t *ranks_of;  /* ranks by class, grouped */
	uint32_t *ranks_at;  /* by class: where its ranks begin; n_classes + 1 */
	struct spans *spans; /* by set */
};

struct space {
	struct arena *arena;
	struct field fields[N_DIMS];
	bool frozen, has_possible;
	set_id v4[2], v6[2];                 /* of source and destination */
	set_id with_ports, icmp[2];          /* by family */
	set_id byte_ports[2], zero_ports[2]; /* of source and destination ports */
};

struct space *space_new(struct arena *a)
{
	struct space *s = ARENA_NEW(a, struct space);
	s->arena = a;
	return s;
}

static bool equal_ranges(const struct value_range *left, const struct value_range *right, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (left[i].family != right[i].family || left[i].lo != right[i].lo || left[i].hi != right[i].hi)
			return false;
	return true;
}

static uint64_t hash_ranges(const struct value_range *ranges, size_t n)
{
	uint64_t h = n;
	for (size_t i = 0; i < n; i++) {
		h = hash_mix(h, (uint64_t)ranges[i].lo ^ ranges[i].family);
		h = hash_mix(h, (uint64_t)(ranges[i].lo >> 64));
		h = hash_mix(h, (uint64_t)ranges[i].hi);
		h = hash_mix(h, (uint64_t)(ranges[i].hi >> 64));
	}
	return h;
}

static uint32_t *slot_of(const struct field *f, const struct value_range *ranges, size_t n, uint64_t hash)
{
	size_t i = hash & (f->table_room - 1);
	for (; f->table[i]; i = (i + 1) & (f->table_room - 1)) {
		const struct value_set *s = &f->sets.v[f->table[i] - 1];
		if (s->hash == hash && s->n == n && equal_ranges(s->v, ranges, n))
			break;
	}
	return &f->table[i];
}

static void widen_table(struct space *s, struct field *f)
{
	f->table_room = f->table_room ? f->table_room * 4 : 256;
	f->table = ARENA_ARRAY(s->arena, uint32_t, f->table_room);
	for (size_t i = 0; i < f->sets.n; i++)
		*slot_of(f, f->sets.v[i].v, f->sets.v[i].n, f->sets.v[i].hash) = (uint32_t)i + 1;
}

/* The ranges are sorted and disjoint; copied when the set is new. */
static set_id add_set(struct space *s, enum dim d, const struct value_range *ranges, size_t n)
{
	struct field *f = &s->fields[d];
	uint64_t hash = hash_ranges(ranges, n);
	assert(!s->frozen);
	if (2 * (f->sets.n + 1) > f->table_room)
		widen_table(s, f);
	uint32_t *slot = slot_of(f, ranges, n, hash);
	if (*slot)
		return *slot - 1;
	struct value_range *copy = ARENA_ARRAY(s->arena, struct value_range, n);
	if (n)
		memcpy(copy, ranges, n * sizeof *ranges);
	*VEC_ADD(s->arena, &f->sets) = (struct value_set){ copy, n, hash };
	*slot = (uint32_t)f->sets.n;
	return *slot - 1;
}

enum { FEW = 64 }; /* ranges of a set that need no allocation on the way */

static set_id add_addrs(struct space *s, enum dim d, struct addrset set)
{
	struct value_range few[FEW], *ranges = few;
	if (set.n > FEW && !(ranges = malloc(set.n * sizeof *ranges)))
		out_of_memory(set.n * sizeof *ranges);
	memset(ranges, 0, set.n * sizeof *ranges);
	for (size_t i = 0; i < set.n; i++) {
		ranges[i].lo = set.v[i].lo;
		ranges[i].hi = set.v[i].hi;
		ranges[i].family = (uint8_t)set.v[i].family;
	}
	set_id id = add_set(s, d, ranges, set.n);
	if (ranges != few)
		free(ranges);
	return id;
}

set_id space_add_ports(struct space *s, enum dim d, const struct port_range *ports, size_t n)
{
	struct value_range few[FEW], *ranges = few;
	if (n > FEW && !(ranges = malloc(n * sizeof *ranges)))
		out_of_memory(n * sizeof *ranges);
	memset(ranges, 0, n * sizeof *ranges);
	for (size_t i = 0; i < n; i++) {
		ranges[i].lo = ports[i].lo;
		ranges[i].hi = ports[i].hi;
	}
	set_id id = add_set(s, d, ranges, n);
	if (ranges != few)
		free(ranges);
	return id;
}

/* Freezing */

static int cut_cmp(const void *left, const void *right)
{
	const struct cut *a = left, *b = right;
	int c = CMP(a->family, b->family);
	return c ? c : CMP(a->at, b->at);
}

static u128 last_value(enum dim d, uint8_t family)
{
	switch (d) {
	case DIM_PROTOCOL:
		return 255;
	case DIM_PORT:
	case DIM_SPORT:
		return 65535;
	default:
		return addr_max((enum family)family);
	}
}

static void make_cuts(struct space *s, enum dim d)
{
	struct field *f = &s->fields[d];
	bool addresses = d == DIM_SRC || d == DIM_DST;
	size_t most = 2, n = 0, out = 0;

	for (size_t i = 0; i < f->sets.n; i++)
		most += 2 * f->sets.v[i].n;
	struct cut *cuts = ARENA_ARRAY(s->arena, struct cut, most);
	cuts[n++] = (struct cut){ 0, 0 };
	if (addresses)
		cuts[n++] = (struct cut){ 0, 1 };
	for (size_t i = 0; i < f->sets.n; i++) {
		const struct value_set *set = &f->sets.v[i];
		for (size_t j = 0; j < set->n; j++) {
			cuts[n++] = (struct cut){ set->v[j].lo, set->v[j].family };
			if (set->v[j].hi < last_value(d, set->v[j].family))
				cuts[n++] = (struct cut){ set->v[j].hi + 1, set->v[j].family };
		}
	}
	sort_items(cuts, n, sizeof *cuts, cut_cmp);
	for (size_t i = 0; i < n; i++)
		if (out == 0 || cut_cmp(&cuts[out - 1], &cuts[i]) != 0)
			cuts[out++] = cuts[i];
	f->cuts = cuts;
	f->n_ranks = (uint32_t)out;
}

/* The rank that contains a value. */
static uint32_t rank_of(const struct field *f, uint8_t family, u128 value)
{
	struct cut key = { value, family };
	uint32_t lo = 0, hi = f->n_ranks - 1;
	while (lo < hi) {
		uint32_t mid = hi - (hi - lo) / 2;
		if (cut_cmp(&f->cuts[mid], &key) <= 0)
			lo = mid;
		else
			hi = mid - 1;
	}
	return lo;
}

struct signature {
	uint64_t a, b;
	uint32_t rank;
};

static int signature_cmp(const void *left, const void *right)
{
	const struct signature *p = left, *q = right;
	int c = CMP(p->a, q->a);
	c = c ? c : CMP(p->b, q->b);
	return c ? c : CMP(p->rank, q->rank);
}

static void one_class_a_rank(struct space *s, struct field *f)
{
	f->n_classes = f->n_ranks;
	f->class_of = ARENA_ARRAY(s->arena, uint32_t, f->n_ranks);
	for (uint32_t r = 0; r < f->n_ranks; r++)
		f->class_of[r] = r;
}

/* Where each set begins and ends, as ranks: spans of ranks, made once. */
static struct span *rank_spans(struct space *s, const struct field *f, size_t *first)
{
	size_t n = 0;
	for (size_t i = 0; i < f->sets.n; i++) {
		first[i] = n;
		n += f->sets.v[i].n;
	}
	first[f->sets.n] = n;
	struct span *spans = ARENA_ARRAY(s->arena, struct span, n);
	n = 0;
	for (size_t i = 0; i < f->sets.n; i++)
		for (size_t j = 0; j < f->sets.v[i].n; j++) {
			const struct value_range *r = &f->sets.v[i].v[j];
			spans[n++] = (struct span){ rank_of(f, r->family, r->lo), rank_of(f, r->family, r->hi) };
		}
	return spans;
}

static void make_classes(struct space *s, struct field *f, const struct span *spans, const size_t *first)
{
	struct signature *sig = ARENA_ARRAY(s->arena, struct signature, f->n_ranks + 1);
	uint64_t state = 0x706f72746f6c616e;

	for (size_t i = 0; i < f->sets.n; i++) {
		uint64_t a = hash_next(&state), b = hash_next(&state);
		for (size_t j = first[i]; j < first[i + 1]; j++) {
			sig[spans[j].first].a += a;
			sig[spans[j].first].b += b;
			sig[spans[j].last + 1].a -= a;
			sig[spans[j].last + 1].b -= b;
		}
	}
	for (uint32_t r = 0; r < f->n_ranks; r++) {
		if (r) {
			sig[r].a += sig[r - 1].a;
			sig[r].b += sig[r - 1].b;
		}
		sig[r].rank = r;
	}
	struct signature *sorted = ARENA_ARRAY(s->arena, struct signature, f->n_ranks);
	memcpy(sorted, sig, f->n_ranks * sizeof *sorted);
	sort_items(sorted, f->n_ranks, sizeof *sorted, signature_cmp);

	/* classes are numbered by their first rank, so that adjacent values stay close */
	uint32_t *leader = ARENA_ARRAY(s->arena, uint32_t, f->n_ranks);
	for (uint32_t i = 0; i < f->n_ranks; i++) {
		bool same = i && sorted[i].a == sorted[i - 1].a && sorted[i].b == sorted[i - 1].b;
		leader[sorted[i].rank] = same ? leader[sorted[i - 1].rank] : sorted[i].rank;
	}
	f->class_of = ARENA_ARRAY(s->arena, uint32_t, f->n_ranks);
	for (uint32_t r = 0; r < f->n_ranks; r++)
		f->class_of[r] = leader[r] == r ? f->n_classes++ : f->class_of[leader[r]];
}

static void group_ranks(struct space *s, struct field *f)
{
	f->ranks_at = ARENA_ARRAY(s->arena, uint32_t, f->n_classes + 1);
	f->ranks_of = ARENA_ARRAY(s->arena, uint32_t, f->n_ranks);
	for (uint32_t r = 0; r < f->n_ranks; r++)
		f->ranks_at[f->class_of[r] + 1]++;
	for (uint32_t c = 0; c < f->n_classes; c++)
		f->ranks_at[c + 1] += f->ranks_at[c];
	uint32_t *next = ARENA_ARRAY(s->arena, uint32_t, f->n_classes);
	memcpy(next, f->ranks_at, f->n_classes * sizeof *next);
	for (uint32_t r = 0; r < f->n_ranks; r++)
		f->ranks_of[next[f->class_of[r]]++] = r;
}

static int u32_cmp(const void *left, const void *right)
{
	return CMP(*(const uint32_t *)left, *(const uint32_t *)right);
}

/*
 * The classes of each set as spans.  False when a set holds only a part of a
 * class: then classes must not be used.
 */
static bool make_spans(struct space *s, struct field *f, const struct span *spans, const size_t *first)
{
	uint32_t *seen = ARENA_ARRAY(s->arena, uint32_t, f->n_classes);
	uint32_t *list = ARENA_ARRAY(s->arena, uint32_t, f->n_classes);

	f->spans = ARENA_ARRAY(s->arena, struct spans, f->sets.n);
	for (size_t i = 0; i < f->sets.n; i++) {
		size_t n = 0, ranks = 0, whole = 0;
		for (size_t j = first[i]; j < first[i + 1]; j++)
			for (uint32_t r = spans[j].first; r <= spans[j].last; r++) {
				uint32_t c = f->class_of[r];
				ranks++;
				if (seen[c] == i + 1)
					continue;
				seen[c] = (uint32_t)i + 1;
				list[n++] = c;
				whole += f->ranks_at[c + 1] - f->ranks_at[c];
			}
		if (ranks != whole)
			return false;
		sort_items(list, n, sizeof *list, u32_cmp);
		struct span *together = ARENA_ARRAY(s->arena, struct span, n);
		size_t out = 0;
		for (size_t j = 0; j < n; j++) {
			if (out && together[out - 1].last + 1 == list[j])
				together[out - 1].last = list[j];
			else
				together[out++] = (struct span){ list[j], list[j] };
		}
		f->spans[i] = (struct spans){ together, out };
	}
	return true;
}

/* The total number of ranks in all sets: the cost of classes. */
static bool classes_pay(const struct field *f, const struct span *spans, size_t n)
{
	size_t held = 0;
	for (size_t i = 0; i < n; i++)
		held += spans[i].last - spans[i].first + 1;
	return held / 64 < (size_t)f->n_ranks + (1 << 16);
}

static void spans_of_ranks(struct space *s, struct field *f, const struct span *spans, const size_t *first)
{
	f->n_classes = 0;
	one_class_a_rank(s, f);
	group_ranks(s, f);
	f->spans = ARENA_ARRAY(s->arena, struct spans, f->sets.n);
	for (size_t i = 0; i < f->sets.n; i++)
		f->spans[i] = (struct spans){ &spans[first[i]], first[i + 1] - first[i] };
}

void space_freeze(struct space *s)
{
	for (int d = 0; d < N_DIMS; d++) {
		struct field *f = &s->fields[d];
		make_cuts(s, (enum dim)d);
		size_t *first = ARENA_ARRAY(s->arena, size_t, f->sets.n + 1);
		struct span *spans = rank_spans(s, f, first);
		bool ok = classes_pay(f, spans, first[f->sets.n]);
		if (ok) {
			make_classes(s, f, spans, first);
			group_ranks(s, f);
			ok = make_spans(s, f, spans, first);
		}
		if (!ok)
			spans_of_ranks(s, f, spans, first);
	}
	s->frozen = true;
}

struct spans space_spans(const struct space *s, enum dim d, set_id set)
{
	assert(s->frozen);
	return s->fields[d].spans[set];
}

bool spans_hold(struct spans s, uint32_t coordinate)
{
	size_t lo = 0, hi = s.n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (s.v[mid].last < coordinate)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < s.n && s.v[lo].first <= coordinate;
}

struct spans space_family(const struct space *s, enum dim d, enum family f)
{
	assert(s->has_possible);
	return space_spans(s, d, f == IPV6 ? s->v6[d == DIM_DST] : s->v4[d == DIM_DST]);
}

uint32_t space_size(const struct space *s, enum dim d)
{
	return s->fields[d].n_classes;
}

static uint32_t addr_at(const struct space *s, enum dim d, struct addr a)
{
	const struct field *f = &s->fields[d];
	return f->class_of[rank_of(f, (uint8_t)a.family, a.n)];
}

uint32_t space_port(const struct space *s, enum dim d, uint16_t port)
{
	const struct field *f = &s->fields[d];
	return f->class_of[rank_of(f, 0, port)];
}

void space_point(const struct space *s, const struct packet *p, uint32_t ret[N_DIMS])
{
	ret[DIM_PROTOCOL] = space_port(s, DIM_PROTOCOL, p->protocol);
	ret[DIM_PORT] = space_port(s, DIM_PORT, p->port);
	ret[DIM_DST] = addr_at(s, DIM_DST, p->dst);
	ret[DIM_SRC] = addr_at(s, DIM_SRC, p->src);
	ret[DIM_SPORT] = space_port(s, DIM_SPORT, p->sport);
}

/* The last value of a rank. */
static u128 rank_end(const struct space *s, enum dim d, uint32_t r)
{
	const struct field *f = &s->fields[d];
	if (r + 1 < f->n_ranks && f->cuts[r + 1].family == f->cuts[r].family)
		return f->cuts[r + 1].at - 1;
	return last_value(d, f->cuts[r].family);
}

struct addrset space_addrs(struct arena *a, const struct space *s, enum dim d, struct span span)
{
	const struct field *f = &s->fields[d];
	uint32_t from = f->ranks_at[span.first], to = f->ranks_at[span.last + 1];
	struct addr_range *ranges = ARENA_ARRAY(a, struct addr_range, to - from);
	for (uint32_t i = from; i < to; i++) {
		uint32_t r = f->ranks_of[i];
		ranges[i - from] =
			(struct addr_range){ (enum family)f->cuts[r].family, f->cuts[r].at, rank_end(s, d, r) };
	}
	return addrset_of(a, ranges, to - from);
}

struct portset space_ports(struct arena *a, const struct space *s, enum dim d, struct span span)
{
	const struct field *f = &s->fields[d];
	uint32_t from = f->ranks_at[span.first], to = f->ranks_at[span.last + 1];
	struct port_range *ranges = ARENA_ARRAY(a, struct port_range, to - from);
	for (uint32_t i = from; i < to; i++) {
		uint32_t r = f->ranks_of[i];
		ranges[i - from] = (struct port_range){ (uint16_t)f->cuts[r].at, (uint16_t)rank_end(s, d, r) };
	}
	return portset_of(a, ranges, to - from);
}

/*
 * The most natural value of a coordinate: not a network address where there is
 * another, a source port that a client would have.
 */
static u128 usual_value(const struct space *s, enum dim d, uint32_t coordinate, uint8_t *family)
{
	const struct field *f = &s->fields[d];
	u128 usual = d == DIM_SPORT ? 49152 : d == DIM_PROTOCOL ? PROTO_TCP : 1;
	uint32_t first = f->ranks_of[f->ranks_at[coordinate]];

	*family = f->cuts[first].family;
	for (uint32_t i = f->ranks_at[coordinate]; i < f->ranks_at[coordinate + 1]; i++) {
		uint32_t r = f->ranks_of[i];
		u128 lo = f->cuts[r].at, hi = rank_end(s, d, r);
		if (d == DIM_SRC || d == DIM_DST)
			return hi - lo > 2 && !(lo & 1) ? lo + 1 : lo;
		if (lo <= usual && usual <= hi)
			return usual;
	}
	u128 lo = f->cuts[first].at;
	return lo == 0 && rank_end(s, d, first) > 0 ? 1 : lo;
}

struct packet space_packet(const struct space *s, const uint32_t point[N_DIMS])
{
	uint8_t src, dst, none;
	struct packet p = {
		.src.n = usual_value(s, DIM_SRC, point[DIM_SRC], &src),
		.dst.n = usual_value(s, DIM_DST, point[DIM_DST], &dst),
		.protocol = (uint8_t)usual_value(s, DIM_PROTOCOL, point[DIM_PROTOCOL], &none),
		.port = (uint16_t)usual_value(s, DIM_PORT, point[DIM_PORT], &none),
		.sport = (uint16_t)usual_value(s, DIM_SPORT, point[DIM_SPORT], &none),
	};
	p.src.family = (enum family)src;
	p.dst.family = (enum family)dst;
	return p;
}

/* Boxes */

struct box_id space_add_box(struct space *s, const struct flowbox *b)
{
	struct service_ids *services = ARENA_ARRAY(s->arena, struct service_ids, b->n_services);
	struct port_range *ports = ARENA_ARRAY(s->arena, struct port_range, b->n_services);
	bool *done = ARENA_ARRAY(s->arena, bool, b->n_services);
	size_t n = 0;

	/* terms that differ only in the port are one product */
	for (size_t i = 0; i < b->n_services; i++) {
		const struct service_term *t = &b->services[i];
		size_t n_ports = 0;
		if (done[i])
			continue;
		for (size_t j = i; j < b->n_services; j++) {
			const struct service_term *u = &b->services[j];
			if (u->protocol_lo != t->protocol_lo || u->protocol_hi != t->protocol_hi ||
			    u->sport.lo != t->sport.lo || u->sport.hi != t->sport.hi)
				continue;
			ports[n_ports++] = u->port;
			done[j] = true;
		}
		struct portset set = portset_of(s->arena, ports, n_ports);
		struct port_range protocol = { t->protocol_lo, t->protocol_hi };
		services[n++] = (struct service_ids){
			.protocol = space_add_ports(s, DIM_PROTOCOL, &protocol, 1),
			.port = space_add_ports(s, DIM_PORT, set.v, set.n),
			.sport = space_add_ports(s, DIM_SPORT, &t->sport, 1),
		};
	}
	return (struct box_id){
		.src = add_addrs(s, DIM_SRC, b->src),
		.dst = add_addrs(s, DIM_DST, b->dst),
		.services = services,
		.n_services = n,
	};
}

diagram space_box(const struct space *s, struct diagrams *m, const struct box_id *b, enum value inside)
{
	diagram all = VALUE_NONE;
	for (size_t i = 0; i < b->n_services; i++) {
		const struct service_ids *t = &b->services[i];
		const set_id sets[N_DIMS] = { [DIM_PROTOCOL] = t->protocol,
					      [DIM_PORT] = t->port,
					      [DIM_SPORT] = t->sport,
					      [DIM_DST] = b->dst,
					      [DIM_SRC] = b->src };
		diagram made = inside;
		/* the last field in the order first */
		for (int place = N_DIMS - 1; place >= 0; place--) {
			enum dim d = diagrams_field(m, place);
			made = diagram_split(m, d, space_spans(s, d, sets[d]), made, VALUE_NONE);
		}
		all = i ? diagram_apply(m, OP_FIRST, all, made) : made;
	}
	return all;
}

void space_add_possible(struct space *s)
{
	static const struct port_range icmp[2] = { { PROTO_ICMP, PROTO_ICMP }, { PROTO_ICMP6, PROTO_ICMP6 } };
	static const enum dim sides[] = { DIM_SRC, DIM_DST }, ports[] = { DIM_SPORT, DIM_PORT };

	if (s->has_possible)
		return;
	s->has_possible = true;
	for (int i = 0; i < 2; i++) {
		struct addr_range v4 = addr_range_all(IPV4), v6 = addr_range_all(IPV6);
		struct port_range byte = { 0, 255 }, zero = { 0, 0 };
		s->v4[i] = add_addrs(s, sides[i], (struct addrset){ &v4, 1 });
		s->v6[i] = add_addrs(s, sides[i], (struct addrset){ &v6, 1 });
		s->icmp[i] = space_add_ports(s, DIM_PROTOCOL, &icmp[i], 1);
		s->byte_ports[i] = space_add_ports(s, ports[i], &byte, 1);
		s->zero_ports[i] = space_add_ports(s, ports[i], &zero, 1);
	}
	s->with_ports = space_add_ports(s, DIM_PROTOCOL, protocols_with_ports.v, protocols_with_ports.n);
}

/* The packets with one of a set of values in a field. */
static diagram with(const struct space *s, struct diagrams *m, enum dim d, set_id set)
{
	return diagram_split(m, d, space_spans(s, d, set), VALUE_PERMIT, VALUE_NONE);
}

static diagram both(const struct space *s, struct diagrams *m, enum dim d, const set_id sets[2], enum dim e)
{
	return diagram_apply(m, OP_AND, with(s, m, d, sets[0]), with(s, m, e, sets[1]));
}

/* Both sides of one family, and the protocols that it can carry. */
static diagram possible_of(const struct space *s, struct diagrams *m, int family)
{
	diagram icmp = with(s, m, DIM_PROTOCOL, s->icmp[family]);
	diagram kinds = diagram_apply(m, OP_OR, with(s, m, DIM_PROTOCOL, s->with_ports),
				      both(s, m, DIM_SPORT, s->zero_ports, DIM_PORT));
	kinds = diagram_apply(m, OP_MINUS, kinds, with(s, m, DIM_PROTOCOL, s->icmp[!family]));
	kinds = diagram_apply(m, OP_OR, diagram_apply(m, OP_MINUS, kinds, icmp),
			      diagram_apply(m, OP_AND, icmp, both(s, m, DIM_SPORT, s->byte_ports, DIM_PORT)));
	return diagram_apply(m, OP_AND, kinds, both(s, m, DIM_SRC, family ? s->v6 : s->v4, DIM_DST));
}

diagram space_possible(const struct space *s, struct diagrams *m)
{
	return diagram_apply(m, OP_OR, possible_of(s, m, 0), possible_of(s, m, 1));
}
