/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "net/addrset.h"
#include "net/port.h"

static struct addr_range range(const char *text)
{
	struct addr_range r;
	assert_int_equal(addr_range_parse(str_of(text), &r), RANGE_OK);
	return r;
}

static struct addrset set(struct arena *a, const char *list)
{
	struct addr_range v[32];
	struct str rest = str_of(list), item;
	size_t n = 0;
	while (str_word(&rest, &item))
		assert_int_equal(addr_range_parse(item, &v[n++]), RANGE_OK);
	return addrset_of(a, v, n);
}

static const char *text(struct arena *a, struct addrset s)
{
	struct out o = out_memory(4096);
	char buf[RANGE_TEXT];
	for (size_t i = 0; i < s.n; i++)
		out_printf(&o, "%s%s", i ? " " : "", addr_range_text(&s.v[i], buf));
	const char *t = cstr(a, out_view(&o));
	out_free(&o);
	return t;
}

static void ranges_print_as_they_are_read(void **state)
{
	static const char *const texts[] = { "10.0.0.1",        "10.0.0.0/8",    "0.0.0.0/0",     "10.0.0.1-10.0.0.9",
					     "2001:db8::1",     "::/0",          "2001:db8::/32", "::1",
					     "255.255.255.255", "fe80::-fe80::5" };
	char buf[RANGE_TEXT];
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct addr_range r = range(texts[i]);
		assert_string_equal(addr_range_text(&r, buf), texts[i]);
	}
}

static void masks_and_prefixes_mean_the_same(void **state)
{
	struct addr_range a = range("10.1.0.0/255.255.0.0"), b = range("10.1.0.0/16");
	assert_int_equal(addr_range_cmp(&a, &b), 0);
}

static void what_is_not_an_address_is_refused(void **state)
{
	static const struct {
		const char *text;
		enum range_parse why;
	} bad[] = {
		{ "10.0.0.300", RANGE_BAD },
		{ "10.0.0.0/33", RANGE_BAD },
		{ "10.0.0", RANGE_BAD },
		{ "10.0.0.1/8", RANGE_HOST_BITS },
		{ "10.0.0.9-10.0.0.1", RANGE_REVERSED },
		{ "::1/129", RANGE_BAD },
		{ "10.0.0.1-::1", RANGE_BAD },
		{ "010.0.0.1", RANGE_BAD },
		{ "", RANGE_BAD },
		{ "10.0.0.0/255.0.255.0", RANGE_BAD },
		{ "10.0.0.0/", RANGE_BAD },
		{ "10.0.0.0/+8", RANGE_BAD },
	};
	struct addr_range r;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (addr_range_parse(str_of(bad[i].text), &r) != bad[i].why)
			fail_msg("\"%s\"", bad[i].text);
}

static void touching_ranges_become_one(void **state)
{
	struct arena *a = arena_new();
	assert_string_equal(text(a, set(a, "10.0.0.128/25 10.0.0.0/25 10.0.1.0/24")), "10.0.0.0/23");
	assert_string_equal(text(a, set(a, "255.255.255.255 ::/128")), "255.255.255.255 ::");
	arena_free(a);
}

static void prefixes_are_the_fewest(void **state)
{
	struct arena *a = arena_new();
	size_t n;
	struct addr_range *v = addrset_prefixes(a, set(a, "10.0.0.1-10.0.0.6"), &n);
	char buf[RANGE_TEXT];
	assert_int_equal(n, 4);
	assert_string_equal(addr_range_text(&v[0], buf), "10.0.0.1");
	assert_string_equal(addr_range_text(&v[1], buf), "10.0.0.2/31");
	assert_string_equal(addr_range_text(&v[3], buf), "10.0.0.6");
	addrset_prefixes(a, addrset_all(a), &n);
	assert_int_equal(n, 2);
	arena_free(a);
}

/* The laws of sets, over random sets in a space small enough to meet every edge. */
static void sets_obey_the_laws_of_sets(void **state)
{
	uint64_t seed = 42;
	for (int round = 0; round < 2000; round++) {
		struct arena *a = arena_new();
		struct addrset s[2];
		for (int k = 0; k < 2; k++) {
			struct addr_range v[6];
			size_t n = 0;
			for (int i = 0; i < 6; i++) {
				seed = seed * 6364136223846793005u + 1442695040888963407u;
				u128 lo = (seed >> 33) % 16, hi = lo + (seed >> 40) % 4;
				enum family f = (seed >> 60) & 1 ? IPV6 : IPV4;
				u128 base = f == IPV4 ? UINT32_MAX - 19 : ~(u128)0 - 19;
				if ((seed >> 50) & 1)
					v[n++] = (struct addr_range){ f, base + lo, base + hi };
			}
			s[k] = addrset_of(a, v, n);
		}
		struct addrset both = addrset_intersect(a, s[0], s[1]), rest = addrset_minus(a, s[0], s[1]);
		assert_true(addrset_equal(addrset_union(a, both, rest), s[0]));
		assert_false(addrset_overlaps(both, rest));
		assert_int_equal(addrset_overlaps(s[0], s[1]), both.n > 0);
		assert_int_equal(addrset_within(s[0], s[1]), rest.n == 0);
		size_t n;
		struct addr_range *prefixes = addrset_prefixes(a, s[0], &n);
		assert_int_equal(addrset_count_prefixes(s[0]), n);
		assert_true(addrset_equal(addrset_of(a, prefixes, n), s[0]));
		for (u128 i = 0; i < 20; i++) {
			struct addr x = { IPV6, ~(u128)0 - 19 + i };
			assert_int_equal(addrset_holds(both, x), addrset_holds(s[0], x) && addrset_holds(s[1], x));
			assert_int_equal(addrset_holds(rest, x), addrset_holds(s[0], x) && !addrset_holds(s[1], x));
		}
		arena_free(a);
	}
}

static void port_zero_and_65536_are_refused_with_a_reason(void **state)
{
	struct port_range r;
	assert_int_equal(port_range_parse(STR("0"), &r), PORT_ZERO);
	assert_int_equal(port_range_parse(STR("65536"), &r), PORT_TOO_LARGE);
	assert_int_equal(port_range_parse(STR("9-7"), &r), PORT_REVERSED);
	assert_int_equal(port_range_parse(STR("7-"), &r), PORT_BAD);
	assert_int_equal(port_range_parse(STR("49152-65535"), &r), PORT_OK);
	assert_int_equal(r.hi, 65535);
}

static void sets_of_ports_obey_the_laws_of_sets(void **state)
{
	uint64_t seed = 7;
	for (int round = 0; round < 2000; round++) {
		struct arena *a = arena_new();
		struct portset s[2];
		for (int k = 0; k < 2; k++) {
			struct port_range v[5];
			for (int i = 0; i < 5; i++) {
				seed = seed * 6364136223846793005u + 1442695040888963407u;
				uint16_t lo = (uint16_t)(65535 - (seed >> 33) % 24);
				v[i] = (struct port_range){ lo, (uint16_t)MIN(65535u, lo + (seed >> 44) % 4) };
			}
			s[k] = portset_of(a, v, (seed >> 20) % 6);
		}
		struct portset both = portset_intersect(a, s[0], s[1]), rest = portset_minus(a, s[0], s[1]);
		assert_true(portset_equal(portset_union(a, both, rest), s[0]));
		for (uint32_t p = 65500; p <= 65535; p++) {
			bool x = portset_holds(s[0], (uint16_t)p), y = portset_holds(s[1], (uint16_t)p);
			assert_int_equal(portset_holds(both, (uint16_t)p), x && y);
			assert_int_equal(portset_holds(rest, (uint16_t)p), x && !y);
		}
		arena_free(a);
	}
}

RUN_TESTS(T(ranges_print_as_they_are_read), T(masks_and_prefixes_mean_the_same), T(what_is_not_an_address_is_refused),
	  T(touching_ranges_become_one), T(prefixes_are_the_fewest), T(sets_obey_the_laws_of_sets),
	  T(port_zero_and_65536_are_refused_with_a_reason), T(sets_of_ports_obey_the_laws_of_sets))
