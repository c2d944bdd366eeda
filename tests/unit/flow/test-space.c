/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/space.h"
#include "test.h"

enum { MANY = 2000 }; /* the table of sets is widened several times on the way */

static set_id add_port(struct space *s, uint16_t port)
{
	return space_add_ports(s, DIM_PORT, &(struct port_range){ port, port }, 1);
}

static void equal_sets_get_equal_handles_however_many_there_are(void **state)
{
	struct arena *a = arena_new();
	struct space *s = space_new(a);
	set_id first[MANY];
	for (uint16_t i = 0; i < MANY; i++)
		first[i] = add_port(s, i);
	for (uint16_t i = 0; i < MANY; i++)
		assert_int_equal(add_port(s, i), first[i]);
	arena_free(a);
}

static void sets_that_differ_get_handles_that_differ(void **state)
{
	struct arena *a = arena_new();
	struct space *s = space_new(a);
	for (uint16_t i = 0; i < MANY; i++)
		assert_int_equal(add_port(s, i), i);
	arena_free(a);
}

static void a_set_that_was_added_is_a_union_of_whole_coordinates(void **state)
{
	struct arena *a = arena_new();
	struct space *s = space_new(a);
	set_id low = space_add_ports(s, DIM_PORT, &(struct port_range){ 0, 1023 }, 1);
	set_id web = add_port(s, 80), other = add_port(s, 8080);
	space_freeze(s);
	assert_true(spans_hold(space_spans(s, DIM_PORT, low), space_port(s, DIM_PORT, 80)));
	assert_true(spans_hold(space_spans(s, DIM_PORT, low), space_port(s, DIM_PORT, 1023)));
	assert_false(spans_hold(space_spans(s, DIM_PORT, low), space_port(s, DIM_PORT, 1024)));
	assert_true(spans_hold(space_spans(s, DIM_PORT, web), space_port(s, DIM_PORT, 80)));
	assert_false(spans_hold(space_spans(s, DIM_PORT, web), space_port(s, DIM_PORT, 81)));
	assert_false(spans_hold(space_spans(s, DIM_PORT, other), space_port(s, DIM_PORT, 80)));
	arena_free(a);
}

RUN_TESTS(T(equal_sets_get_equal_handles_however_many_there_are), T(sets_that_differ_get_handles_that_differ),
	  T(a_set_that_was_added_is_a_union_of_whole_coordinates))
