/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/dialect.h"

#include "dialect/common/encoding.h"
#include "dialect/table.h"

#define DECLARE(name) extern const struct dialect dialect_##name;
DIALECTS(DECLARE)
#define ROW(name) &dialect_##name,
const struct dialect *const dialects[] = { DIALECTS(ROW) NULL };

const struct dialect *dialect_find(struct str name)
{
	for (size_t i = 0; dialects[i]; i++)
		if (str_is(name, dialects[i]->name))
			return dialects[i];
	return NULL;
}

/* Examines the beginning of the text, in UTF-8. */
const struct dialect *dialect_guess(struct str text)
{
	enum { ENOUGH = 1 << 17 };
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const struct dialect *best = NULL;
	unsigned most = 0;
	if (!is_utf8_text(text))
		text = source_decode(a, source_of_text(a, "", str_first(text, ENOUGH)))->text;
	for (size_t i = 0; dialects[i]; i++) {
		unsigned n = dialects[i]->resembles ? dialects[i]->resembles(text) : 0;
		if (n > most) {
			most = n;
			best = dialects[i];
		}
	}
	return best;
}

bool dialect_read(struct arena *a, const struct dialect *dialect, const struct source *s, const struct read_options *o,
		  struct ruleset **ret, struct diag *d)
{
	static const struct read_options usual;
	size_t errors = diag_errors(d);
	if (!dialect->parse)
		return diag_error(d, (struct loc){ s, 0, 0, 0 }, "%s can be emitted but not read", dialect->title);
	bool binary = s->text.n >= 4 && memcmp(s->text.p, "PReg", 4) == 0;
	const struct source *text = binary ? s : source_decode(a, s);
	bool ok = dialect->parse(a, text, o ? o : &usual, ret, d) && ruleset_check(*ret, d);
	bool doubtful = !ok || (*ret)->unknown.n > 0 || ruleset_size(*ret) == 0;
	const struct dialect *likely = doubtful ? dialect_guess(text->text) : NULL;
	if (likely && likely->parse != dialect->parse) {
		if (ok)
			diag_error(d, (struct loc){ text, 0, 0, 0 }, "this cannot be read as %s", dialect->name);
		diag_note(d, NOWHERE, "it looks like %s: %s %s", likely->title,
			  o && o->dialect_option ? o->dialect_option : "--dialect", likely->name);
		return false;
	}
	assert(ok == (diag_errors(d) == errors));
	return ok;
}
