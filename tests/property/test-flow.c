/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The laws of flow sets and rule sets, over random ones, packet by packet.
 */
#include "test.h"

#include "rounds.h"

#include "flow/compile.h"
#include "random-rules.h"

struct sets {
	struct space *space;
	struct diagrams *m;
	const struct flowbox *x, *y;
	diagram dx, dy, both, either, rest;
};

static void set_agrees(void *ctx, const struct packet *p)
{
	const struct sets *s = ctx;
	uint32_t point[N_DIMS];
	bool x = flowbox_holds(s->x, p), y = flowbox_holds(s->y, p);
	space_point(s->space, p, point);
	assert_int_equal(diagram_at(s->m, s->dx, point), x);
	assert_int_equal(diagram_at(s->m, s->dy, point), y);
	assert_int_equal(diagram_at(s->m, s->both, point), x && y);
	assert_int_equal(diagram_at(s->m, s->either, point), x || y);
	assert_int_equal(diagram_at(s->m, s->rest, point), x && !y);
}

/* In any order of the fields: results about sets do not depend on it. */
static struct diagrams *diagrams_of(struct arena *a, const struct space *s)
{
	uint32_t sizes[N_DIMS];
	enum dim order[N_DIMS];
	for (uint32_t d = 0; d < N_DIMS; d++) {
		uint32_t at = rnd(d + 1);
		sizes[d] = space_size(s, (enum dim)d);
		order[d] = order[at];
		order[at] = (enum dim)d;
	}
	struct diagrams *m = diagrams_new(a, sizes);
	diagrams_order(m, order);
	for (int d = 0; d < N_DIMS; d++)
		assert_int_equal(diagrams_size(m, (enum dim)d), sizes[d]);
	return m;
}

static void flow_sets_agree_with_their_boxes_packet_by_packet(void **state)
{
	for (seed = 1; seed < 60; seed++) {
		uint64_t this = seed;
		struct arena *a = arena_new();
		struct flowbox x = random_box(a), y = random_box(a);
		struct sets s = { .space = space_new(a), .x = &x, .y = &y };
		struct box_id bx = space_add_box(s.space, &x), by = space_add_box(s.space, &y);
		space_freeze(s.space);
		s.m = diagrams_of(a, s.space);
		s.dx = space_box(s.space, s.m, &bx, VALUE_PERMIT);
		s.dy = space_box(s.space, s.m, &by, VALUE_PERMIT);
		s.both = diagram_apply(s.m, OP_AND, s.dx, s.dy);
		s.either = diagram_apply(s.m, OP_OR, s.dx, s.dy);
		s.rest = diagram_apply(s.m, OP_MINUS, s.dx, s.dy);
		each_packet(set_agrees, &s);
		/* (x - y) + (x & y) = x, and equal sets are one number */
		assert_int_equal(diagram_apply(s.m, OP_OR, s.rest, s.both), s.dx);
		assert_int_equal(diagram_apply(s.m, OP_AND, s.rest, s.dy), VALUE_NONE);
		arena_free(a);
		seed = this;
	}
}

static void the_example_of_a_set_is_in_it_and_an_empty_set_has_none(void **state)
{
	for (seed = 100; seed < 400; seed++) {
		uint64_t this = seed;
		struct arena *a = arena_new();
		struct flowbox x = random_box(a), y = random_box(a);
		struct space *s = space_new(a);
		struct box_id bx = space_add_box(s, &x), by = space_add_box(s, &y);
		uint32_t point[N_DIMS];
		space_freeze(s);
		struct diagrams *m = diagrams_of(a, s);
		diagram d = diagram_apply(m, OP_MINUS, space_box(s, m, &bx, VALUE_PERMIT),
					  space_box(s, m, &by, VALUE_PERMIT));
		if (diagram_find(m, d, VALUE_PERMIT, point)) {
			struct packet p = space_packet(s, point);
			assert_true(flowbox_holds(&x, &p) && !flowbox_holds(&y, &p));
		} else {
			assert_int_equal(d, VALUE_NONE);
		}
		arena_free(a);
		seed = this;
	}
}

struct any {
	const struct space *space;
	const struct diagrams *m;
	diagram set, any;
	enum dim d;
	uint32_t coordinate;
	bool *wanted, *held; /* by everything but the field: see number_of() */
};

/* A packet's coordinates but one, as one number. */
static size_t number_of(const struct any *k, const uint32_t point[N_DIMS])
{
	size_t n = 0;
	for (int d = 0; d < N_DIMS; d++)
		n = n * diagrams_size(k->m, (enum dim)d) + (d == (int)k->d ? 0 : point[d]);
	return n;
}

static void any_is_noted(void *ctx, const struct packet *p)
{
	struct any *k = ctx;
	uint32_t point[N_DIMS];
	space_point(k->space, p, point);
	k->held[number_of(k, point)] |= diagram_at(k->m, k->any, point) == VALUE_PERMIT;
	if (point[k->d] == k->coordinate)
		k->wanted[number_of(k, point)] |= diagram_at(k->m, k->set, point) == VALUE_PERMIT;
}

static void quantification_keeps_what_holds_for_some_value_of_a_field(void **state)
{
	for (uint64_t round = 1; round <= rounds(20); round++) {
		struct arena *a = arena_new();
		seed = round * 6700417;
		struct flowbox x = random_box(a), y = random_box(a);
		struct any k = { .d = (enum dim)rnd(N_DIMS) };
		struct space *s = space_new(a);
		struct box_id bx = space_add_box(s, &x), by = space_add_box(s, &y);
		size_t n = 1;
		space_freeze(s);
		struct diagrams *m = diagrams_of(a, s);
		for (int d = 0; d < N_DIMS; d++)
			n *= diagrams_size(m, (enum dim)d);
		k.space = s;
		k.m = m;
		k.wanted = ARENA_ARRAY(a, bool, n);
		k.held = ARENA_ARRAY(a, bool, n);
		k.set = diagram_apply(m, OP_MINUS, space_box(s, m, &bx, VALUE_PERMIT),
				      space_box(s, m, &by, VALUE_PERMIT));
		k.coordinate = rnd(diagrams_size(m, k.d));
		k.any = diagram_any(m, k.set, k.d, (struct spans){ &(struct span){ k.coordinate, k.coordinate }, 1 });
		each_packet(any_is_noted, &k);
		assert_memory_equal(k.wanted, k.held, n);
		arena_free(a);
	}
}

struct rules {
	const struct ruleset *r;
	const struct interface_map *map;
	const struct space *space;
	const struct diagrams *m;
	struct compiled *c;
	struct {
		const struct decided *v;
		size_t n;
	} parts[4]; /* by reading: of all packets */
};

static void one_part_has_it(const struct rules *k, int reading, const uint32_t point[N_DIMS], const struct rule *by,
			    uint32_t chain)
{
	size_t held = 0;
	for (size_t i = 0; i < k->parts[reading].n; i++) {
		const struct decided *d = &k->parts[reading].v[i];
		if (diagram_at(k->m, d->set, point) != VALUE_PERMIT)
			continue;
		held++;
		assert_ptr_equal(d->by, by);
		assert_int_equal(d->chain, chain);
	}
	assert_int_equal(held, 1);
}

static void rules_agree(void *ctx, const struct packet *p)
{
	const struct rules *k = ctx;
	uint32_t point[N_DIMS], chain, naive_chain;
	const struct rule *by;
	space_point(k->space, p, point);
	for (int i = 0; i < 4; i++) {
		struct reading reading = { .upper = i & 1, .reply = i & 2 };
		bool permit = ruleset_decide(k->r, p, k->map, reading, &by, &naive_chain) == ACTION_PERMIT;
		assert_int_equal(diagram_at(k->m, compiled_permitted(k->c, reading), point), permit);
		if (rnd(20))
			continue;
		const struct rule *blamed = compiled_blame(k->c, point, reading, &chain);
		assert_int_equal(chain, naive_chain);
		assert_ptr_equal(by, blamed);
		one_part_has_it(k, i, point, by, chain);
	}
}

static void compiled_rules_agree_with_the_naive_evaluator(void **state)
{
	for (uint64_t round = 1; round <= rounds(80); round++) {
		struct arena *a = arena_new();
		seed = round * 7919;
		struct interface_map map = random_interface_map(a);
		struct ruleset *r = random_ruleset(a);
		struct space *s = space_new(a);
		struct compiled *c = compile_add(a, s, r, &map);
		space_freeze(s);
		struct diagrams *m = diagrams_of(a, s);
		compile_make(c, m);
		/* what must be permitted may be */
		diagram lower = compiled_permitted(c, (struct reading){ .upper = false });
		diagram upper = compiled_permitted(c, (struct reading){ .upper = true });
		assert_int_equal(diagram_apply(m, OP_MINUS, lower, upper), VALUE_NONE);
		struct rules k = { .r = r, .map = &map, .space = s, .m = m, .c = c };
		for (int i = 0; i < 4; i++) {
			bool more;
			struct reading reading = { .upper = i & 1, .reply = i & 2 };
			k.parts[i].v = compiled_split(c, VALUE_PERMIT, reading, SIZE_MAX, &k.parts[i].n, &more);
			assert_false(more);
		}
		each_packet(rules_agree, &k);
		arena_free(a);
	}
}

static void chains_that_call_in_a_circle_are_an_error(void **state)
{
	struct arena *a = arena_new();
	struct diag *d = diag_new(a);
	struct ruleset *r = ruleset_new(a, NULL, "test");
	for (uint32_t c = 0; c < 2; c++) {
		ruleset_chain(r, STR("c"), NOWHERE);
		struct rule *rule = ruleset_rule(r, c, NOWHERE);
		rule->action = ACTION_CALL;
		rule->target = 1 - c;
	}
	assert_false(ruleset_check(r, d));
	assert_contains(diag_text(a, d), "loop");
	arena_free(a);
}

RUN_TESTS(T(flow_sets_agree_with_their_boxes_packet_by_packet),
	  T(the_example_of_a_set_is_in_it_and_an_empty_set_has_none),
	  T(quantification_keeps_what_holds_for_some_value_of_a_field),
	  T(compiled_rules_agree_with_the_naive_evaluator), T(chains_that_call_in_a_circle_are_an_error))
