/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/duration.h"

static const struct {
	const char *name;
	uint64_t seconds;
} units[] = {
	{ "year", 365 * 86400 }, { "week", 7 * 86400 }, { "day", 86400 }, { "hour", 3600 }, { "minute", 60 },
};

bool duration_read(struct str text, uint64_t *ret)
{
	struct str number, unit, more;
	uint64_t n;
	if (!str_word(&text, &number) || !str_word(&text, &unit) || str_word(&text, &more))
		return false;
	if (str_ends(unit, "s"))
		unit.n--;
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (!str_is(unit, units[i].name))
			continue;
		if (!str_to_u64(number, DURATION_MAX / units[i].seconds, &n) || n == 0)
			return false;
		*ret = n * units[i].seconds;
		return true;
	}
	return false;
}

struct str duration_text(struct arena *a, uint64_t seconds)
{
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		uint64_t n = seconds / units[i].seconds;
		if (n && seconds % units[i].seconds == 0)
			return str_printf(a, "%llu %s%s", (unsigned long long)n, units[i].name, n == 1 ? "" : "s");
	}
	return str_printf(a, "%llu seconds", (unsigned long long)seconds);
}

void decode_duration(struct decode *d, const struct node *n, void *into)
{
	struct number *ret = into;
	struct name text;
	if (!decode_text(d, n, &text))
		return;
	if (duration_read(text.s, &ret->n))
		ret->at = n->at;
	else
		diag_error(d->diag, n->at, "\"%.*s\" is not a time, such as 8 hours, 2 days or 1 year",
			   STR_ARG(text.s));
}
