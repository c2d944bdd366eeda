/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every test program includes: cmocka, and a main() from a list of tests.
 * A test's name is a sentence about the program.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/diag.h"

/* The text of a list of diagnostics, as a user sees it. */
static inline struct str diag_text(struct arena *a, const struct diag *d)
{
	struct out o = out_memory(1 << 20);
	diag_print(d, &o, false);
	struct str s = str_dup(a, out_view(&o));
	out_free(&o);
	return s;
}

#define assert_str_equal(s, literal)                                                       \
	do {                                                                               \
		struct str got_ = (s);                                                     \
		if (!str_is(got_, (literal)))                                              \
			fail_msg("got \"%.*s\", wanted \"%s\"", STR_ARG(got_), (literal)); \
	} while (0)

#define assert_contains(s, part)                                                             \
	do {                                                                                 \
		struct str got_ = (s);                                                       \
		if (str_find_text(got_, str_of(part)) == SIZE_MAX)                           \
			fail_msg("\"%.*s\" does not contain \"%s\"", STR_ARG(got_), (part)); \
	} while (0)

#define RUN_TESTS(...)                                             \
	int main(void)                                             \
	{                                                          \
		const struct CMUnitTest tests[] = { __VA_ARGS__ }; \
		return cmocka_run_group_tests(tests, NULL, NULL);  \
	}
#define T(name) cmocka_unit_test(name)
