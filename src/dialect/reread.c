/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/reread.h"

#include "dialect/common/encoding.h"

struct reread {
	struct arena *arena, *scratch;
	const struct dialect *dialect;
	const struct ruleset *old;
	const struct source *now;
	struct str before, after;            /* the texts */
	size_t begin, end_before, end_after; /* the difference: whole lines */
	uint32_t first;                      /* the number of its first line */
	uint32_t n_before, n_after;          /* its number of lines */
	const uint32_t *starts;              /* lines of the old text */
	uint32_t n_lines;
	bool *blank; /* by line of the old text, counted from 0 */
	bool some_numbered, some_not;
};

static bool in_lines(const struct rule *rule, uint32_t first, uint32_t n)
{
	return !rule->implicit && rule->at.line >= first && rule->at.line - first < n;
}

/* The texts */

enum { STRIDE = 4096 };

/* Length of the common prefix. */
static size_t same_begin(struct str one, struct str other)
{
	size_t n = MIN(one.n, other.n), i = 0;
	while (i + STRIDE <= n && memcmp(one.p + i, other.p + i, STRIDE) == 0)
		i += STRIDE;
	while (i < n && one.p[i] == other.p[i])
		i++;
	return i;
}

/* Length of the common suffix, at most `most`. */
static size_t same_end(struct str one, struct str other, size_t most)
{
	size_t i = 0;
	while (i + STRIDE <= most && memcmp(one.p + one.n - i - STRIDE, other.p + other.n - i - STRIDE, STRIDE) == 0)
		i += STRIDE;
	while (i < most && one.p[one.n - i - 1] == other.p[other.n - i - 1])
		i++;
	return i;
}

static bool ends_line(struct str s, size_t at)
{
	return at == 0 || s.p[at - 1] == '\n';
}

static uint32_t count_lines(struct str s)
{
	uint32_t n = s.n && s.p[s.n - 1] != '\n';
	for (const char *p = s.p, *end = s.p + s.n; p < end && (p = memchr(p, '\n', (size_t)(end - p))); p++)
		n++;
	return n;
}

/* The difference, as whole lines of both; false when it is too large. */
static bool find_difference(struct reread *r)
{
	size_t same = same_begin(r->before, r->after);
	while (!ends_line(r->before, same))
		same--;
	size_t tail = same_end(r->before, r->after, MIN(r->before.n, r->after.n) - same);
	while (tail && !(ends_line(r->before, r->before.n - tail) && ends_line(r->after, r->after.n - tail)))
		tail--;
	r->begin = same;
	r->end_before = r->before.n - tail;
	r->end_after = r->after.n - tail;
	if (MAX(r->end_before, r->end_after) - same > (size_t)MOST_CHANGED_LINES * 4096)
		return false;
	r->first = count_lines(str_first(r->before, same)) + 1;
	r->n_before = count_lines((struct str){ r->before.p + same, r->end_before - same });
	r->n_after = count_lines((struct str){ r->after.p + same, r->end_after - same });
	return r->n_before <= MOST_CHANGED_LINES && r->n_after <= MOST_CHANGED_LINES;
}

static void find_lines(struct reread *r)
{
	uint32_t n = count_lines(r->before), *starts = ARENA_ARRAY(r->scratch, uint32_t, n + 1);
	const char *p = r->before.p;
	for (uint32_t i = 0; i < n; i++) {
		starts[i] = (uint32_t)(p - r->before.p);
		const char *end = memchr(p, '\n', r->before.n - starts[i]);
		p = end ? end + 1 : r->before.p + r->before.n;
	}
	starts[n] = (uint32_t)r->before.n;
	r->starts = starts;
	r->n_lines = n;
	r->blank = ARENA_ARRAY(r->scratch, bool, n);
}

/* A line with its end. */
static struct str line_of(const struct reread *r, uint32_t i)
{
	return (struct str){ r->before.p + r->starts[i], r->starts[i + 1] - r->starts[i] };
}

/* Records the kind of a line; false for one that changes others. */
static bool note_kind(struct reread *r, struct str line, enum line_kind *ret)
{
	struct str said = str_trim(str_ends(line, "\n") ? str_first(line, line.n - 1) : line);
	*ret = said.n ? r->dialect->line_kind(said) : LINE_CONTEXT;
	r->some_numbered |= *ret == LINE_NUMBERED;
	r->some_not |= *ret == LINE_RULE;
	return *ret != LINE_DISTURBS;
}

/* Marks lines that need not be read: rules, except those next to the change, which locate it. */
static bool mark_blank(struct reread *r)
{
	enum line_kind kind;
	for (size_t c = 0; c < r->old->chains.n; c++)
		for (size_t i = 0; i < r->old->chains.v[c].rules.n; i++) {
			uint32_t line = r->old->chains.v[c].rules.v[i].at.line;
			if (!r->old->chains.v[c].rules.v[i].implicit && line && line <= r->n_lines)
				r->blank[line - 1] = true;
		}
	/* a list that begins with its first entry still begins there; some readers ignore a list without entries */
	for (size_t c = 0; c < r->old->chains.n; c++) {
		const struct chain *chain = &r->old->chains.v[c];
		size_t i = 0;
		if (chain->at.line && chain->at.line <= r->n_lines)
			r->blank[chain->at.line - 1] = false;
		while (i < chain->rules.n && chain->rules.v[i].implicit)
			i++;
		if (i < chain->rules.n && chain->rules.v[i].at.line && chain->rules.v[i].at.line <= r->n_lines)
			r->blank[chain->rules.v[i].at.line - 1] = false;
	}
	for (uint32_t i = 0; i < r->n_lines; i++) {
		bool near = i + 2 >= r->first && i < r->first + r->n_before;
		if (!note_kind(r, line_of(r, i), &kind))
			return false;
		r->blank[i] &= !near && kind != LINE_CONTEXT;
	}
	for (struct str rest = { r->after.p + r->begin, r->end_after - r->begin }, line; str_cut(&rest, '\n', &line);)
		if (!note_kind(r, line, &kind) || (kind == LINE_CONTEXT && str_trim(line).n))
			return false;
	for (struct str rest = { r->before.p + r->begin, r->end_before - r->begin }, line; str_cut(&rest, '\n', &line);)
		if (!note_kind(r, line, &kind) || (kind == LINE_CONTEXT && str_trim(line).n))
			return false;
	return !(r->some_numbered && r->some_not);
}

static void put_lines(const struct reread *r, uint32_t from, uint32_t to, struct out *o)
{
	for (uint32_t i = from; i < to; i++) {
		if (r->blank[i])
			out_char(o, '\n');
		else
			out_str(o, line_of(r, i));
	}
}

/* The text with the marked lines emptied, so that every line keeps its number. */
static struct str reduced(const struct reread *r, struct arena *a, struct str changed)
{
	CLEANUP(out_free) struct out o = out_memory(2 * (size_t)MOST_RULES_BYTES);
	put_lines(r, 0, r->first - 1, &o);
	out_str(&o, changed);
	put_lines(r, r->first - 1 + r->n_before, r->n_lines, &o);
	return str_dup(a, out_view(&o));
}

/* The rules */

static bool same_names(const struct interface_names *one, const struct interface_names *other)
{
	bool same = one->n == other->n && one->negated == other->negated;
	for (size_t i = 0; same && i < one->n; i++)
		same = str_eq(one->v[i], other->v[i]);
	return same;
}

static bool same_set(const struct addrset *one, const struct addrset *other)
{
	return one && other ? addrset_equal(*one, *other) : one == other;
}

static bool same_rule(const struct rule *one, const struct rule *other, int64_t lines_more)
{
	const struct match *m = &one->match, *theirs = &other->match;
	return one->action == other->action && one->target == other->target && one->implicit == other->implicit &&
	       one->at.line + lines_more == other->at.line && !one->perhaps == !other->perhaps &&
	       str_eq(one->text, other->text) && same_set(m->src, theirs->src) && same_set(m->dst, theirs->dst) &&
	       m->n_services == theirs->n_services &&
	       memcmp(m->services ? m->services : (const void *)"",
		      theirs->services ? theirs->services : (const void *)"",
		      m->n_services * sizeof *m->services) == 0 &&
	       same_names(&m->in, &theirs->in) && same_names(&m->out, &theirs->out) &&
	       m->conversation == theirs->conversation && m->never == theirs->never;
}

/* Everything in the rule set except the rules. */
static bool same_frame(const struct ruleset *one, const struct ruleset *other)
{
	/* a rule that translates, or that translated packets pass, has copies */
	bool same = !one->translations.n && !other->translations.n && one->chains.n == other->chains.n &&
		    one->bases.n == other->bases.n && one->replies == other->replies &&
		    one->unknown.n == other->unknown.n && one->idle.n == other->idle.n &&
		    one->interfaces.n == other->interfaces.n && one->members.n == other->members.n &&
		    one->helps_tftp == other->helps_tftp && one->helps_rpc == other->helps_rpc;
	for (size_t i = 0; same && i < one->bases.n; i++)
		same = one->bases.v[i] == other->bases.v[i];
	for (size_t i = 0; same && i < one->chains.n; i++)
		same = one->chains.v[i].fallthrough == other->chains.v[i].fallthrough &&
		       str_eq(one->chains.v[i].name, other->chains.v[i].name);
	for (size_t i = 0; same && i < one->interfaces.n; i++)
		same = str_eq(one->interfaces.v[i].name, other->interfaces.v[i].name) &&
		       addrset_equal(one->interfaces.v[i].addresses, other->interfaces.v[i].addresses);
	for (size_t i = 0; same && i < one->members.n; i++)
		same = str_eq(one->members.v[i].group, other->members.v[i].group) &&
		       str_eq(one->members.v[i].member, other->members.v[i].member);
	return same;
}

/* In order of lines, so that the position in the file is the position in the chain. */
static bool in_order(const struct chain *c)
{
	uint32_t last = 0;
	for (size_t i = 0; i < c->rules.n; i++) {
		if (c->rules.v[i].implicit)
			continue;
		if (c->rules.v[i].at.line < last)
			return false;
		last = c->rules.v[i].at.line;
	}
	return true;
}

/* Checks that reading the old text again gives what is known of it. */
static bool agrees(const struct reread *r, const struct ruleset *again)
{
	if (!same_frame(r->old, again))
		return false;
	for (size_t c = 0; c < r->old->chains.n; c++) {
		const struct chain *one = &r->old->chains.v[c], *other = &again->chains.v[c];
		size_t j = 0;
		for (size_t i = 0; i < one->rules.n; i++) {
			const struct rule *rule = &one->rules.v[i];
			if (!rule->implicit && rule->at.line && rule->at.line <= r->n_lines &&
			    r->blank[rule->at.line - 1])
				continue;
			if (j == other->rules.n || !same_rule(rule, &other->rules.v[j], 0))
				return false;
			j++;
		}
		if (j != other->rules.n || !in_order(one))
			return false;
	}
	return true;
}

/* Checks that each line of the change that is not empty is rules. */
static bool all_are_rules(const struct reread *r, const struct ruleset *s, struct str changed, uint32_t n)
{
	bool seen[MOST_CHANGED_LINES] = { false };
	uint32_t at = 0;
	for (size_t c = 0; c < s->chains.n; c++)
		for (size_t i = 0; i < s->chains.v[c].rules.n; i++)
			if (in_lines(&s->chains.v[c].rules.v[i], r->first, n))
				seen[s->chains.v[c].rules.v[i].at.line - r->first] = true;
	for (struct str line; str_cut(&changed, '\n', &line); at++)
		if (str_trim(line).n && !seen[at])
			return false;
	return true;
}

/*
 * Finds the rules of the changed lines in the new reading.  All others must
 * be unchanged; *implicit counts the implicit ones among them that precede.
 */
static bool new_rules(struct reread *r, const struct chain *was, const struct chain *is, struct splice *ret,
		      size_t *implicit)
{
	int64_t more = (int64_t)r->n_after - r->n_before;
	VEC(struct rule) new = { 0 };
	size_t j = 0, n_implicit = 0;

	for (size_t i = 0; i < is->rules.n; i++) {
		const struct rule *rule = &is->rules.v[i];
		if (in_lines(rule, r->first, r->n_after)) {
			*implicit = new.n ? *implicit : n_implicit;
			*VEC_ADD(r->arena, &new) = *rule;
			continue;
		}
		n_implicit += rule->implicit;
		while (j < was->rules.n && in_lines(&was->rules.v[j], r->first, r->n_before))
			j++;
		if (j == was->rules.n ||
		    !same_rule(&was->rules.v[j], rule, was->rules.v[j].at.line >= r->first ? more : 0))
			return false;
		j++;
	}
	while (j < was->rules.n && in_lines(&was->rules.v[j], r->first, r->n_before))
		j++;
	for (size_t i = 0; i < new.n; i++)
		new.v[i].at.source = r->now;
	ret->new = new.v;
	ret->n_new = new.n;
	return j == was->rules.n && in_order(is) && was->at.line + (was->at.line >= r->first ? more : 0) == is->at.line;
}

/* Finds the rules of the changed lines in the known list; or the rule that they follow. */
static bool old_place(const struct reread *r, const struct chain *old, struct splice *ret, size_t *implicit)
{
	bool placed = false, any = false;
	for (size_t i = 0; i < old->rules.n; i++) {
		const struct rule *rule = &old->rules.v[i];
		if (rule->implicit)
			continue;
		bool inside = in_lines(rule, r->first, r->n_before);
		if (!placed)
			ret->at = inside || rule->at.line >= r->first ? i : i + 1;
		placed |= inside || rule->at.line >= r->first;
		ret->n_old += inside;
		any = true;
	}
	for (size_t i = 0; i < ret->at; i++)
		*implicit += old->rules.v[i].implicit;
	return any;
}

static bool find_splices(struct reread *r, const struct ruleset *was, const struct ruleset *is,
			 struct change_of_rules *ret)
{
	struct splice *splices = ARENA_ARRAY(r->arena, struct splice, is->chains.n);
	if (!same_frame(was, is))
		return false;
	for (size_t c = 0; c < is->chains.n; c++) {
		struct splice s = { .chain = (uint32_t)c };
		size_t implicit_before = 0, implicit_now = 0;
		if (!new_rules(r, &was->chains.v[c], &is->chains.v[c], &s, &implicit_now))
			return false;
		bool placed = old_place(r, &r->old->chains.v[c], &s, &implicit_before);
		if (s.n_new && !(placed && implicit_before == implicit_now))
			return false;
		if (s.n_old || s.n_new)
			splices[ret->n++] = s;
	}
	ret->v = splices;
	return true;
}

static const struct ruleset *read_part(struct reread *r, struct arena *a, const struct read_options *o,
				       struct str changed)
{
	struct diag *d = diag_new(r->scratch);
	struct ruleset *ret;
	struct source *s = source_of_text(a, r->old->source->name, reduced(r, a, changed));
	if (!dialect_read(a, r->dialect, s, o, &ret, d) || diag_count(d) || ret->source != s)
		return NULL;
	return all_are_rules(r, ret, changed, changed.p == r->after.p + r->begin ? r->n_after : r->n_before) ? ret
													     : NULL;
}

bool dialect_reread(struct arena *a, const struct dialect *dialect, const struct read_options *o,
		    const struct ruleset *old, const struct source *now, struct change_of_rules *ret)
{
	CLEANUP(arena_freep) struct arena *scratch = arena_new();
	*ret = (struct change_of_rules){ .source = source_decode(a, now) };
	struct reread r = { .arena = a,
			    .scratch = scratch,
			    .dialect = dialect,
			    .old = old,
			    .now = ret->source,
			    .before = old->source->text,
			    .after = ret->source->text };

	if (!dialect->line_kind || !find_difference(&r))
		return false;
	find_lines(&r);
	if (!mark_blank(&r))
		return false;
	const struct ruleset *was =
		read_part(&r, scratch, o, (struct str){ r.before.p + r.begin, r.end_before - r.begin });
	const struct ruleset *is = read_part(&r, a, o, (struct str){ r.after.p + r.begin, r.end_after - r.begin });
	if (!was || !is || !agrees(&r, was) || !find_splices(&r, was, is, ret))
		return false;
	ret->line = r.first - 1 + r.n_before;
	ret->lines_more = (int32_t)r.n_after - (int32_t)r.n_before;
	ret->counted_more = (ptrdiff_t)is->n_lines - (ptrdiff_t)was->n_lines;
	ret->understood_more = (ptrdiff_t)is->n_understood - (ptrdiff_t)was->n_understood;
	ret->ignored_more = (ptrdiff_t)is->n_ignored - (ptrdiff_t)was->n_ignored;
	return true;
}
