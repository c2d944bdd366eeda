/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/pack.h"

static void unpacking_returns_what_was_packed(void **state)
{
	static const uint64_t numbers[] = { 0, 1, 127, 128, 16383, 16384, UINT32_MAX, (uint64_t)1 << 63, UINT64_MAX };
	struct out o = out_memory(1024);
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		pack_number(&o, numbers[i]);
	pack_flag(&o, true);
	pack_bytes(&o, STR("a\0b"));
	pack_bytes(&o, STR(""));
	struct pack_reader c = pack_reader_of(out_view(&o));
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		assert_true(unpack_number(&c, UINT64_MAX) == numbers[i]);
	assert_true(unpack_flag(&c));
	assert_true(str_eq(unpack_bytes(&c), STR("a\0b")));
	assert_int_equal(unpack_bytes(&c).n, 0);
	assert_true(pack_reader_done(&c));
	out_free(&o);
}

/* Asks for one number and then for more, which must stay nothing. */
static void assert_refused(struct str bytes, uint64_t most)
{
	struct pack_reader c = pack_reader_of(bytes);
	assert_true(unpack_number(&c, most) == 0);
	assert_true(c.bad);
	assert_true(unpack_number(&c, UINT64_MAX) == 0);
	assert_int_equal(unpack_raw(&c, 1).n, 0);
	assert_false(pack_reader_done(&c));
}

static void an_invalid_number_is_refused_and_the_error_stays(void **state)
{
	assert_refused(STR(""), 9);
	assert_refused(STR("\x80"), 9);                                              /* cut off */
	assert_refused(STR("\x0a\x01"), 9);                                          /* above the limit */
	assert_refused(STR("\x81\x00"), 9);                                          /* 1 in a second encoding */
	assert_refused(STR("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"), UINT64_MAX); /* 65 bits */
	assert_refused(STR("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), UINT64_MAX);
}

static void a_count_larger_than_the_bytes_left_is_refused(void **state)
{
	struct pack_reader c = pack_reader_of(STR("\x02"
						  "abcdef"));
	assert_int_equal(unpack_count(&c, 3), 2);
	c = pack_reader_of(STR("\x03"
			       "abcdef"));
	assert_int_equal(unpack_count(&c, 3), 0);
	assert_true(c.bad);
	c = pack_reader_of(STR("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"
			       "abc"));
	assert_int_equal(unpack_bytes(&c).n, 0);
	assert_true(c.bad);
}

RUN_TESTS(T(unpacking_returns_what_was_packed), T(an_invalid_number_is_refused_and_the_error_stays),
	  T(a_count_larger_than_the_bytes_left_is_refused))
