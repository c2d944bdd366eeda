/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/text.h"

#include "base/hash.h"

enum { COMMENT_WIDTH = 100 };

void text_comment_lines(struct out *o, const char *prefix, struct str text)
{
	struct str word;
	size_t column = 0;
	while (str_word(&text, &word)) {
		/* a word that no line takes is cut */
		size_t fits = str_fit(word, COMMENT_WIDTH - strlen(prefix));
		if (fits && fits < word.n) {
			text = (struct str){ word.p + fits, (size_t)(text.p + text.n - word.p) - fits };
			word.n = fits;
		}
		if (column && column + 1 + word.n > COMMENT_WIDTH) {
			out_char(o, '\n');
			column = 0;
		}
		if (column)
			out_char(o, ' ');
		else
			out_text(o, prefix);
		column += (column ? 1 : strlen(prefix)) + word.n;
		for (size_t i = 0; i < word.n; i++)
			out_char(o, (unsigned char)word.p[i] < 0x20 ? ' ' : word.p[i]);
	}
	if (column)
		out_char(o, '\n');
}

void text_header(struct out *o, const char *prefix, const struct policy *p, const char *use)
{
	enum { LONGEST = 80 };
	struct str name = str_first(p->name, str_fit(p->name, LONGEST)), estate = str_first(p->estate, str_fit(p->estate, LONGEST));
	out_printf(o, "%s%.*s%s%.*s, written by portolan\n", prefix, STR_ARG(name), estate.n ? " of estate " : "", STR_ARG(estate));
	out_printf(o, "%s%zu %s; %s\n", prefix, p->n_relations, p->n_relations == 1 ? "relation" : "relations", use);
}

static void put_clean(struct out *o, struct str s, const char *without)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x20 && !strchr(without, s.p[i]))
			out_char(o, s.p[i]);
}

void text_put_limited(struct out *o, size_t most, const char *without, struct str id, struct str text)
{
	CLEANUP(out_free) struct out all = out_memory(1 << 20);
	put_clean(&all, id, without);
	if (text.n) {
		out_text(&all, ": ");
		put_clean(&all, text, without);
	}
	struct str s = out_view(&all);
	size_t n = MIN(s.n, most);
	while (n && n < s.n && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;	/* no half letter at the end */
	out_str(o, str_first(s, n));
}

struct str text_name(struct arena *a, struct str name, const char *also, char instead, size_t longest)
{
	char *p = arena_alloc(a, name.n + 16);
	bool changed = false;
	size_t n = 0;
	for (; n < name.n; n++) {
		char c = name.p[n];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
		bool ok = plain || (c && strchr(also, c));
		changed |= !ok;
		p[n] = ok ? c : instead;
	}
	/* two names must not become one: what was changed or cut says so by a hash of the whole */
	if (changed || n > longest) {
		enum { HASH = 11 };
		char hash[HASH + 1];
		snprintf(hash, sizeof hash, "%c%010llx", instead, (unsigned long long)(hash64(name.p, name.n) & 0xffffffffff));
		n = MIN(n, longest - HASH);
		memcpy(p + n, hash, HASH);
		n += HASH;
	}
	return (struct str){ p, n };
}

struct kept_numbers kept_numbers_new(struct arena *a, uint32_t lo, uint32_t hi, size_t wanted)
{
	struct kept_numbers k = { .lo = lo, .n = hi - lo + 1 };
	/* with a quarter taken, few meet */
	if (wanted <= k.n / 4)
		k.taken = ARENA_ARRAY(a, bool, k.n);
	k.step = wanted * 10 <= k.n ? 10 : 1;
	return k;
}

uint32_t kept_number(struct kept_numbers *k, struct str name)
{
	if (!k->taken) {
		uint32_t at = k->next;
		k->next += k->step;
		return k->lo + at;
	}
	uint32_t at = (uint32_t)(hash64(name.p, name.n) % k->n);
	while (k->taken[at])
		at = (at + 1) % k->n;
	k->taken[at] = true;
	return k->lo + at;
}
