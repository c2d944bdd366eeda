/* SPDX-License-Identifier: Apache-2.0 */
#include "base/diag.h"
#include "test.h"

static void diagnostics_are_the_same_when_they_are_printed_again(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct diag *d = diag_new(a);
	const struct source *s = source_of_text(a, "test", STR("one\ntwo\nthree\n"));
	diag_error(d, (struct loc){ s, 2, 1, 3 }, "this is not a number");
	diag_warn(d, (struct loc){ s, 3, 2, 1 }, "this is a number");
	struct str first = diag_text(a, d);
	/* where the first printing left something behind */
	memset(arena_alloc(a, 4096), 0xff, 4096);
	struct str second = diag_text(a, d);
	assert_contains(first, "    2 | two\n      | ^~~\n");
	assert_contains(first, "    3 | three\n");
	assert_true(str_eq(first, second));
}

RUN_TESTS(T(diagnostics_are_the_same_when_they_are_printed_again))
