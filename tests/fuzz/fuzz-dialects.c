/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The readers of rule languages.  The first line names the dialect, or its first
 * byte picks one; the rest is the file.  PORTOLAN_DIALECT holds one fixed whatever
 * the first line names, to fuzz one reader at a time.  What reads without an error
 * compiles, and its diagrams agree with the naive evaluator.
 */
#include <unistd.h>

#include "fuzz.h"

#include "../agree.h"
#include "dialect/dialect.h"

enum {
	MOST_COMPILED = 300, /* rules; larger sets are only read */
	PACKETS = 40,
};

static const struct dialect *pick(struct str *text)
{
	struct str line;
	size_t n = 0;
	if (!text->n)
		return dialects[0];
	uint8_t first = (uint8_t)text->p[0];
	size_t end = str_find(*text, '\n');
	line = str_first(*text, end == SIZE_MAX ? text->n : end);
	*text = str_skip(*text, end == SIZE_MAX ? text->n : end + 1);
	const char *fixed = getenv("PORTOLAN_DIALECT");
	const struct dialect *named = dialect_find(fixed ? str_of(fixed) : line);
	if (fixed && !named) {
		fprintf(stderr, "PORTOLAN_DIALECT: there is no dialect \"%s\"\n", fixed);
		_exit(2); /* not a find of the fuzzer */
	}
	while (dialects[n])
		n++;
	return named ? named : dialects[first % n];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct diag *d = diag_new(a);
	struct str text = { (const char *)data, size };
	const struct dialect *x = pick(&text);
	struct read_options options = { .side = size % 7 == 0 ? POLICY_INBOUND : POLICY_TRANSIT };
	struct ruleset *r = NULL;

	if (x->parse) {
		bool ok = dialect_read(a, x, source_of_text(a, "fuzz", text), &options, &r, d);
		struct disagreement wrong;
		check_reader(d, ok);
		if (ok && ruleset_size(r) <= MOST_COMPILED && !agree(a, r, NULL, PACKETS, size, &wrong))
			abort();
	}
	arena_free(a);
	return 0;
}
