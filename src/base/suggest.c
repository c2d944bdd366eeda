/* SPDX-License-Identifier: Apache-2.0 */
#include "base/suggest.h"

enum { LONGEST = 64 };

static size_t distance(struct str a, struct str b)
{
	size_t rows[3][LONGEST + 1];
	size_t *before = rows[0], *last = rows[1], *row = rows[2];

	for (size_t j = 0; j <= b.n; j++)
		last[j] = j;
	for (size_t i = 1; i <= a.n; i++) {
		row[0] = i;
		for (size_t j = 1; j <= b.n; j++) {
			char left = ascii_lower(a.p[i - 1]), right = ascii_lower(b.p[j - 1]);
			size_t best = last[j - 1] + (left != right);
			best = MIN(best, last[j] + 1);
			best = MIN(best, row[j - 1] + 1);
			if (i > 1 && j > 1 && left == ascii_lower(b.p[j - 2]) && ascii_lower(a.p[i - 2]) == right)
				best = MIN(best, before[j - 2] + 1);
			row[j] = best;
		}
		size_t *spare = before;
		before = last;
		last = row;
		row = spare;
	}
	return last[b.n];
}

/* True when a word of several parts has all of its parts in the other, in order: windows-2019 in windows-server-2019. */
static bool has_parts_of(struct str word, struct str parts)
{
	struct str part, other;
	size_t n = 0;
	while (str_cut(&parts, '-', &part)) {
		bool found = false;
		while (!found && str_cut(&word, '-', &other))
			found = str_ieq(part, other);
		if (!found)
			return false;
		n++;
	}
	return n > 1;
}

struct str suggest(struct str wrong, const struct str *words, size_t n)
{
	struct str best = NO_STR;
	size_t best_distance = SIZE_MAX;

	if (!wrong.n || wrong.n > LONGEST)
		return NO_STR;
	for (size_t i = 0; i < n; i++) {
		if (!words[i].n || words[i].n > LONGEST)
			continue;
		size_t far = distance(wrong, words[i]);
		/* "domain" for "domain-controller": a prefix or a suffix counts as close too */
		if (far > 2 && wrong.n >= 4 && words[i].n > wrong.n &&
		    (str_ieq(wrong, str_first(words[i], wrong.n)) ||
		     str_ieq(wrong, str_skip(words[i], words[i].n - wrong.n))))
			far = 2;
		if (far > 1 && has_parts_of(words[i], wrong))
			far = 1;
		if (far > MAX((size_t)1, MIN(wrong.n, words[i].n) / 3))
			continue;
		if (far < best_distance || (far == best_distance && str_cmp(words[i], best) < 0)) {
			best = words[i];
			best_distance = far;
		}
	}
	return best;
}
