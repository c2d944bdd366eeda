/* SPDX-License-Identifier: Apache-2.0 */
#include "model/error-code.h"

#include "base/vec.h"

enum {
	FACILITY_WIN32 = 0x8007, /* MS-ERREF 2.1: the upper half of an HRESULT that holds a code of Win32 */
	HEX_DIGITS_MAX = 8,
};

static bool parse_hex(struct str s, uint32_t *ret)
{
	uint32_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		int digit = hex_digit(s.p[i]);
		if (digit < 0)
			return false;
		n = n << 4 | (uint32_t)digit;
	}
	*ret = n;
	return s.n > 0 && s.n <= HEX_DIGITS_MAX;
}

bool error_number_parse(struct str s, uint32_t *ret)
{
	uint64_t n;
	if (str_istarts(s, "0x"))
		return parse_hex(str_skip(s, 2), ret);
	bool negative = str_starts(s, "-");
	if (!str_to_u64(str_skip(s, negative), negative ? (uint64_t)INT32_MAX + 1 : UINT32_MAX, &n))
		return false;
	*ret = negative ? (uint32_t)-n : (uint32_t)n;
	return true;
}

static bool has_number(struct strs texts, uint32_t n)
{
	uint32_t number;
	for (size_t i = 0; i < texts.n; i++)
		if (error_number_parse(texts.v[i], &number) && number == n)
			return true;
	return false;
}

/* What was asked for, once it is read. */
struct asked {
	struct str name;
	bool is_number, is_event; /* is_event: of an event and nothing else */
	bool hexadecimal;         /* ids of events are decimal */
	uint32_t n;
};

static struct asked read_code(struct str code)
{
	struct asked asked = { .name = str_trim(code) };
	struct str number = asked.name;
	if (str_istarts(number, "event")) {
		number = str_trim(str_skip(number, strlen("event")));
		if (str_istarts(number, "id "))
			number = str_trim(str_skip(number, strlen("id")));
		asked.is_event = true;
	}
	asked.hexadecimal = str_istarts(number, "0x");
	asked.is_number = error_number_parse(number, &asked.n);
	return asked;
}

static bool means(const struct error_code *e, const struct asked *asked)
{
	if (asked->is_number) {
		if (!asked->hexadecimal && has_number(e->events, asked->n))
			return true;
		if (asked->is_event)
			return false;
		return has_number(e->win32, asked->n) || has_number(e->codes, asked->n) ||
		       (asked->n >> 16 == FACILITY_WIN32 && has_number(e->win32, asked->n & 0xffff));
	}
	for (size_t i = 0; i < e->names.n; i++)
		if (str_ieq(e->names.v[i], asked->name))
			return true;
	return false;
}

const struct error_code *const *error_codes_find(struct arena *a, const struct catalogue *c, struct str code, size_t *n)
{
	struct asked asked = read_code(code);
	VEC(const struct error_code *) found = { 0 };
	for (size_t i = 0; i < c->n_errors; i++)
		if (means(&c->errors[i], &asked))
			*VEC_ADD(a, &found) = &c->errors[i];
	*n = found.n;
	return found.v;
}

struct strs error_code_names(struct arena *a, const struct catalogue *c)
{
	VEC(struct str) names = { 0 };
	for (size_t i = 0; i < c->n_errors; i++)
		for (size_t j = 0; j < c->errors[i].names.n; j++)
			*VEC_ADD(a, &names) = c->errors[i].names.v[j];
	return (struct strs){ names.v, names.n };
}

static bool plays(const struct host *h, role_id role)
{
	return role == ROLE_ANY || (h && host_has_role(h, role));
}

int error_code_flow(const struct error_code *e, const struct host *from, const struct host *to, int service)
{
	for (size_t i = 0; i < e->n_flows; i++)
		if (e->flows[i].service == service && plays(from, e->flows[i].from) && plays(to, e->flows[i].to))
			return (int)i;
	return -1;
}
