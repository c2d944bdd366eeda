/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses are read and written as glibc does, whatever the system. */
#include "test.h"

#include <arpa/inet.h>

#include "net/addr.h"
#include "rounds.h"

static uint64_t seed = 1;

static unsigned draw(unsigned n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}

static void assert_same(const char *text)
{
	struct addr got;
	unsigned char bytes[16];
	int family = strchr(text, ':') ? AF_INET6 : AF_INET;
	bool valid = inet_pton(family, text, bytes) == 1;
	u128 n = 0;
	if (addr_parse(str_of(text), &got) != valid)
		fail_msg("\"%s\" is %s", text, valid ? "an address" : "no address");
	for (size_t i = 0; valid && i < (family == AF_INET ? 4 : 16); i++)
		n = n << 8 | bytes[i];
	if (valid && got.n != n)
		fail_msg("\"%s\" is another address", text);
}

static void edges_are_read_as_glibc_reads_them(void **state)
{
	static const char *const texts[] = {
		"",
		"1.2.3.4",
		"1.2.3",
		"1.2.3.4.5",
		"1.2.3.4.",
		".1.2.3.4",
		"01.2.3.4",
		"256.1.1.1",
		"0.0.0.0",
		"1.2.3.0004",
		"::",
		":::",
		"::1",
		"1::",
		":1::",
		"1::2::3",
		"1:2:3:4:5:6:7:8",
		"1:2:3:4:5:6:7",
		"1:2:3:4:5:6:7::",
		"::2:3:4:5:6:7:8",
		"1:2:3:4:5:6:7:8:9",
		"1:2:3:4:5:6:7:8::",
		"::1.2.3.4",
		"::ffff:1.2.3.4",
		"1:2:3:4:5:6:1.2.3.4",
		"1:2:3:4:5:6:7:1.2.3.4",
		"1.2.3.4::",
		"1:",
		"12345::",
		"g::",
		"::1.2.3",
		"::1.2.3.4:5",
		"fe80::1%eth0",
		"1::1.2.3.04",
		"FE80::aB",
	};
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		assert_same(texts[i]);
}

static void drawn_texts_are_read_as_glibc_reads_them(void **state)
{
	static const char *const parts[] = { ":",   "::", ".",    "0",  "1", "ff",     "12",
					     "255", "00", "abcd", "::", ":", "1.2.3.4" };
	for (size_t i = 0; i < rounds(50000); i++) {
		char text[64] = "";
		for (unsigned j = draw(16); j > 0; j--)
			if (strlen(text) < 40)
				strcat(text, parts[draw(ARRAY_LEN(parts))]);
		assert_same(text);
	}
}

static void drawn_addresses_are_written_as_glibc_writes_them(void **state)
{
	for (size_t i = 0; i < rounds(50000); i++) {
		unsigned char bytes[16] = { 0 };
		char expected[INET6_ADDRSTRLEN], got[ADDR_TEXT];
		struct addr a = { IPV6, 0 };
		for (size_t j = 0; j < 16; j += 2) {
			unsigned group = draw(3) ? 0 : draw(4) ? 0xffff >> draw(16) : 0xffff;
			bytes[j] = (unsigned char)(group >> 8);
			bytes[j + 1] = (unsigned char)group;
			a.n = a.n << 16 | group;
		}
		assert_string_equal(addr_text(a, got), inet_ntop(AF_INET6, bytes, expected, sizeof expected));
		assert_same(got);
	}
}

RUN_TESTS(T(edges_are_read_as_glibc_reads_them), T(drawn_texts_are_read_as_glibc_reads_them),
	  T(drawn_addresses_are_written_as_glibc_writes_them))
