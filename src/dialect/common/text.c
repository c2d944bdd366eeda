/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/common/text.h"

#include "base/hash.h"

enum { COMMENT_WIDTH = 100 }; /* bytes: the command line of IOS takes 254 */

/* How much of a text fits: up to a word's end, or a character's where a word takes half of the room. */
static size_t cut_at(struct str s, size_t most)
{
	size_t n = MIN(s.n, most), word = n;
	if (n == s.n)
		return n;
	while (word && s.p[word] != ' ')
		word--;
	if (word > most / 2)
		return word;
	while (n && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;
	return n;
}

/* A line of a comment that ends in a backslash goes on in the next one: in pf, and wherever a shell reads. */
static void end_line(struct out *o, struct str last)
{
	if (last.n && last.p[last.n - 1] == '\\')
		out_char(o, '.');
	out_char(o, '\n');
}

static bool is_clean(struct str s, const char *without)
{
	bool control = false;
	for (size_t i = 0; i < s.n; i++)
		control |= (unsigned char)s.p[i] < 0x20;
	for (; !control && *without; without++)
		control = str_find(s, *without) != SIZE_MAX;
	return !control;
}

struct str text_visible(struct arena *a, struct str s)
{
	if (str_is_visible(s))
		return s;
	char *line = arena_alloc(a, s.n + 1);
	for (size_t i = 0; i < s.n; i++)
		line[i] = char_in(s.p[i], "\t\n\r\v\f") ? ' ' : s.p[i];
	return str_shown(a, (struct str){ line, s.n });
}

static struct relation visible_relation(struct arena *a, struct relation r)
{
	/* the part that names the services keeps its place */
	if (r.services_n && !str_is_visible(r.about)) {
		struct str head = text_visible(a, str_first(r.about, r.services_at)),
			   tail = str_skip(r.about, r.services_at),
			   services = text_visible(a, str_first(tail, r.services_n));
		tail = text_visible(a, str_skip(tail, r.services_n));
		r.about = str_printf(a, "%.*s%.*s%.*s", STR_ARG(head), STR_ARG(services), STR_ARG(tail));
		r.services_at = (uint32_t)head.n;
		r.services_n = (uint32_t)services.n;
	} else {
		r.about = text_visible(a, r.about);
	}
	r.id = text_visible(a, r.id);
	r.title = text_visible(a, r.title);
	r.flow = text_visible(a, r.flow);
	return r;
}

void text_make_visible(struct arena *a, struct policy *p)
{
	struct relation *relations = ARENA_ARRAY(a, struct relation, p->n_relations);
	struct policy_group *groups = ARENA_ARRAY(a, struct policy_group, p->n_groups);
	for (size_t i = 0; i < p->n_relations; i++)
		relations[i] = visible_relation(a, p->relations[i]);
	for (size_t i = 0; i < p->n_groups; i++) {
		groups[i] = p->groups[i];
		groups[i].about = text_visible(a, groups[i].about);
	}
	p->relations = relations;
	p->groups = groups;
	p->name = text_visible(a, p->name);
	p->estate = text_visible(a, p->estate);
	p->ask = text_visible(a, p->ask);
}

void text_comment_lines(struct out *o, const char *prefix, struct str text)
{
	struct str word, last = NO_STR;
	size_t column = 0;
	while (str_word(&text, &word)) {
		/* a word longer than a line is cut */
		size_t fits = cut_at(word, COMMENT_WIDTH - strlen(prefix));
		if (fits && fits < word.n) {
			text = (struct str){ word.p + fits, (size_t)(text.p + text.n - word.p) - fits };
			word.n = fits;
		}
		if (column && column + 1 + word.n > COMMENT_WIDTH) {
			end_line(o, last);
			column = 0;
		}
		last = word;
		if (column)
			out_char(o, ' ');
		else
			out_text(o, prefix);
		column += (column ? 1 : strlen(prefix)) + word.n;
		if (is_clean(word, ""))
			out_str(o, word);
		else
			for (size_t i = 0; i < word.n; i++)
				out_char(o, (unsigned char)word.p[i] < 0x20 ? ' ' : word.p[i]);
	}
	if (column)
		end_line(o, last);
}

static const char *const loading_does[N_LOADS] = {
	[LOADS_REPLACES_ALL] = "loading it replaces all rules that are there",
	[LOADS_REPLACES_OWN] = "loading it replaces what an earlier file of portolan left",
	[LOADS_ADDS] = "loading it adds to what is there, also to what an earlier file of portolan left",
};

struct str dialect_loading_text(struct arena *a, const struct dialect_loading *loading)
{
	struct str text =
		str_printf(a, "%s; load: %s; undo: %s", loading_does[loading->loads], loading->load, loading->undo);
	return loading->keep ? str_printf(a, "%.*s; keep over a restart: %s", STR_ARG(text), loading->keep) : text;
}

static void put_loading(struct out *o, const char *prefix, struct arena *a, const struct dialect_loading *loading)
{
	text_comment_lines(o, prefix, str_of(loading_does[loading->loads]));
	text_comment_lines(o, prefix, str_printf(a, "load: %s", loading->load));
	text_comment_lines(o, prefix, str_printf(a, "undo: %s", loading->undo));
	if (loading->keep)
		text_comment_lines(o, prefix, str_printf(a, "keep over a restart: %s", loading->keep));
	if (loading->lands)
		text_comment_lines(o, prefix, str_of(loading->lands));
}

void text_header(struct out *o, const char *prefix, const struct policy *p, const char *what,
		 const struct dialect_loading *loading)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	enum { LONGEST = 80 };
	struct str name = str_first(p->name, cut_at(p->name, LONGEST)),
		   estate = str_first(p->estate, cut_at(p->estate, LONGEST));
	out_printf(o, "%s%.*s%s%.*s, written by portolan\n", prefix, STR_ARG(name), estate.n ? " of estate " : "",
		   STR_ARG(estate));
	out_printf(o, "%s%zu %s; %s\n", prefix, p->n_relations, p->n_relations == 1 ? "relation" : "relations", what);
	put_loading(o, prefix, a, loading);
	if (p->ask.n)
		out_printf(o, "%s%.*s\n", prefix, STR_ARG(p->ask));
}

static void put_clean(struct out *o, struct str s, const char *without)
{
	if (is_clean(s, without)) {
		out_str(o, s);
		return;
	}
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if ((unsigned char)c < 0x20)
			continue;
		if (!strchr(without, c))
			out_char(o, c);
		else if ((c == '(' || c == ')') && !strchr(without, '['))
			out_char(o, c == '(' ? '[' : ']');
	}
}

static void put_pair(struct out *o, const char *without, struct str id, struct str text)
{
	put_clean(o, id, without);
	if (text.n) {
		out_text(o, ": ");
		put_clean(o, text, without);
	}
}

void text_put_limited(struct out *o, size_t most, const char *without, struct str id, struct str text)
{
	if (id.n + 2 + text.n <= most) {
		put_pair(o, without, id, text);
		return;
	}
	CLEANUP(out_free) struct out all = out_memory(1 << 20);
	put_pair(&all, without, str_first(id, 1 << 18), str_first(text, 1 << 18));
	struct str s = out_view(&all);
	out_str(o, str_first(s, cut_at(s, most)));
}

void text_put_title(struct out *o, size_t most, const char *without, struct str id, const struct relation *r)
{
	size_t n = id.n + (id.n ? 2 : 0) + r->title.n + 2 + r->flow.n;
	text_put_limited(o, most, without, id.n ? id : r->title, id.n ? r->title : NO_STR);
	/* omitting part of a text makes it shorter, never longer */
	if (r->flow.n && n <= most) {
		out_text(o, "; ");
		out_str(o, r->flow);
	}
}

bool relation_says_id(const struct relation *r)
{
	return r->id.n && str_find_text(str_first(r->about, r->id.n), r->id) == 0;
}

struct str text_about(struct arena *a, size_t most, const struct relation *r)
{
	CLEANUP(out_free) struct out o = out_memory(1 << 20);
	struct str about = r->about, head, tail;
	/* the plan's text about a relation begins with its id; the comment of a foreign rule may be anything */
	if (!relation_says_id(r))
		about = str_printf(a, "%.*s: %.*s%s%.*s", STR_ARG(r->id), STR_ARG(r->title), about.n ? "; " : "",
				   STR_ARG(about));
	else if (about.n > most && r->services_n) {
		head = str_first(about, r->services_at);
		tail = str_skip(about, r->services_at + r->services_n);
		about = str_printf(a, "%.*s%.*s", STR_ARG(head), STR_ARG(tail));
	}
	text_put_limited(&o, most, "", about, NO_STR);
	return str_dup(a, out_view(&o));
}

struct str text_name(struct arena *a, struct str name, const char *also, char instead, size_t longest)
{
	char *p = arena_alloc(a, name.n + 16);
	bool changed = false;
	size_t n = 0;
	for (; n < name.n; n++) {
		char c = name.p[n];
		bool ok = char_is_plain(c, also);
		changed |= !ok;
		p[n] = ok ? c : instead;
	}
	/* distinct names must stay distinct: a changed or cut name ends in a hash of the whole */
	if (changed || n > longest) {
		enum { HASH = 11 };
		char hash[HASH + 1];
		snprintf(hash, sizeof hash, "%c%010llx", instead,
			 (unsigned long long)(hash64(name.p, name.n) & 0xffffffffff));
		n = MIN(n, longest - HASH);
		memcpy(p + n, hash, HASH);
		n += HASH;
	}
	return (struct str){ p, n };
}

struct kept_numbers kept_numbers_new(struct arena *a, uint32_t lo, uint32_t hi, size_t wanted)
{
	struct kept_numbers numbers = { .lo = lo, .n = hi - lo + 1 };
	/* with a quarter in use, collisions are few */
	if (wanted <= numbers.n / 4)
		numbers.taken = ARENA_ARRAY(a, bool, numbers.n);
	numbers.step = wanted * 10 <= numbers.n ? 10 : 1;
	return numbers;
}

uint32_t kept_number(struct kept_numbers *numbers, struct str name)
{
	if (!numbers->taken) {
		uint32_t at = numbers->next;
		numbers->next += numbers->step;
		return numbers->lo + at;
	}
	uint32_t at = (uint32_t)(hash64(name.p, name.n) % numbers->n);
	while (numbers->taken[at])
		at = (at + 1) % numbers->n;
	numbers->taken[at] = true;
	return numbers->lo + at;
}
