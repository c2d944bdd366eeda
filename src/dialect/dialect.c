/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/dialect.h"

#include "dialect/common/encoding.h"
#include "dialect/table.h"

#define DECLARE(name) extern const struct dialect dialect_##name;
DIALECTS(DECLARE)
#define ROW(name) &dialect_##name,
const struct dialect *const dialects[] = { DIALECTS(ROW) NULL };

const char *const dialect_loads_words[N_LOADS] = { "replaces-all", "replaces-own", "adds" };

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

/* A comment may have several lines; its words are what counts. */
static struct str one_line(struct arena *a, struct str s)
{
	if (str_find(s, '\n') == SIZE_MAX && str_find(s, '\r') == SIZE_MAX)
		return s;
	char *text = arena_alloc(a, s.n);
	for (size_t i = 0; i < s.n; i++)
		text[i] = s.p[i] == '\n' || s.p[i] == '\r' ? ' ' : s.p[i];
	return (struct str){ text, s.n };
}

/* Of a text and of what it is shown as: a file on one line has it as the text of every rule. */
struct shown_text {
	struct str text, shown;
};

static struct str show(struct arena *a, struct shown_text *last, struct str s)
{
	if (s.p != last->text.p || s.n != last->text.n)
		*last = (struct shown_text){ s, str_shown(a, s) };
	return last->shown;
}

/* What the file says of rules is shown to people: none of it may act on their terminals. */
static void show_texts(struct arena *a, struct ruleset *r)
{
	struct shown_text last = { 0 };
	for (size_t i = 0; i < r->chains.n; i++) {
		struct chain *c = &r->chains.v[i];
		c->name = str_shown(a, c->name);
		for (size_t j = 0; j < c->rules.n; j++) {
			struct rule *rule = &c->rules.v[j];
			rule->text = show(a, &last, rule->text);
			rule->comment = str_shown(a, one_line(a, rule->comment));
			rule->name = str_shown(a, rule->name);
		}
	}
	for (size_t i = 0; i < r->unknown.n; i++) {
		r->unknown.v[i].text = show(a, &last, r->unknown.v[i].text);
		struct str why = str_of(r->unknown.v[i].why), shown = str_shown(a, why);
		if (shown.p != why.p)
			r->unknown.v[i].why = cstr(a, shown);
	}
	for (size_t i = 0; i < r->idle.n; i++)
		r->idle.v[i].text = show(a, &last, r->idle.v[i].text);
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
	if (ok)
		show_texts(a, *ret);
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
