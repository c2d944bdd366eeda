/* SPDX-License-Identifier: Apache-2.0 */
/* Codes of errors: each spelling of one finds the same meanings, and no others. */
#include "model/error-code.h"

#include "test.h"

static const struct catalogue *const words = &catalogue_builtin;

static bool finds(struct arena *a, struct str code, const struct error_code *e)
{
	size_t n;
	const struct error_code *const *found = error_codes_find(a, words, code, &n);
	for (size_t i = 0; i < n; i++)
		if (found[i] == e)
			return true;
	return false;
}

static void a_win32_code_is_found_in_every_form(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	for (size_t i = 0; i < words->n_errors; i++)
		for (size_t j = 0; j < words->errors[i].win32.n; j++) {
			const struct error_code *e = &words->errors[i];
			uint32_t n;
			assert_true(error_number_parse(e->win32.v[j], &n));
			assert_true(finds(a, str_printf(a, "%u", n), e));
			assert_true(finds(a, str_printf(a, "0x%x", n), e));
			assert_true(finds(a, str_printf(a, "0X8007%04X", n), e));
			assert_true(finds(a, str_printf(a, "%u", 0x80070000 | n), e));
			assert_true(finds(a, str_printf(a, "%d", (int32_t)(0x80070000 | n)), e));
			assert_false(finds(a, str_printf(a, "0x8008%04x", n), e));
		}
}

static void an_event_is_not_an_error_and_an_error_not_an_event(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	for (size_t i = 0; i < words->n_errors; i++) {
		const struct error_code *e = &words->errors[i];
		for (size_t j = 0; j < e->events.n; j++) {
			assert_true(finds(a, e->events.v[j], e));
			assert_true(finds(a, str_printf(a, "event %.*s", STR_ARG(e->events.v[j])), e));
			assert_true(finds(a, str_printf(a, "Event ID %.*s", STR_ARG(e->events.v[j])), e));
		}
		for (size_t j = 0; j < e->codes.n && !e->events.n; j++)
			assert_false(finds(a, str_printf(a, "event %.*s", STR_ARG(e->codes.v[j])), e));
		for (size_t j = 0; j < e->win32.n && !e->events.n; j++)
			assert_false(finds(a, str_printf(a, "event %.*s", STR_ARG(e->win32.v[j])), e));
	}
}

static void other_numbers_and_names_find_what_has_them(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	for (size_t i = 0; i < words->n_errors; i++) {
		const struct error_code *e = &words->errors[i];
		for (size_t j = 0; j < e->codes.n; j++)
			assert_true(finds(a, e->codes.v[j], e));
		for (size_t j = 0; j < e->names.n; j++)
			assert_true(finds(a, str_lower(a, e->names.v[j]), e));
	}
}

static void what_is_not_a_number_of_32_bits_is_refused(void **state)
{
	static const char *const wrong[] = { "",    "0x", "0x123456789", "4294967296", "-2147483649",
					     "12a", "-",  "--1",         "0xg",        "- 1" };
	uint32_t n;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_false(error_number_parse(str_of(wrong[i]), &n));
	assert_true(error_number_parse(STR("-2147483648"), &n) && n == 0x80000000);
	assert_true(error_number_parse(STR("0xFFFFFFFF"), &n) && n == UINT32_MAX);
}

/* A flow that no document of the catalogue knows would never be found in a plan. */
static void every_flow_has_a_service_that_some_need_has(void **state)
{
	for (size_t i = 0; i < words->n_errors; i++)
		for (size_t j = 0; j < words->errors[i].n_flows; j++) {
			const struct error_flow *f = &words->errors[i].flows[j];
			bool known = false;
			for (size_t k = 0; k < words->n_needs && !known; k++)
				known = words->needs[k].service == f->service;
			if (!known)
				print_error("%.*s: no need has the service %.*s\n", STR_ARG(words->errors[i].id),
					    STR_ARG(words->services[f->service].id));
			assert_true(known);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_win32_code_is_found_in_every_form),
		cmocka_unit_test(an_event_is_not_an_error_and_an_error_not_an_event),
		cmocka_unit_test(other_numbers_and_names_find_what_has_them),
		cmocka_unit_test(what_is_not_a_number_of_32_bits_is_refused),
		cmocka_unit_test(every_flow_has_a_service_that_some_need_has),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
