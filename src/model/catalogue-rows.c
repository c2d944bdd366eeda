/* SPDX-License-Identifier: Apache-2.0 */
#include "model/catalogue-read.h"

const struct node *reader_yaml(struct reader *r, const char *folder, const char *file)
{
	struct source *s =
		source_read(r->arena, arena_printf(r->arena, "%s/%s", folder, file), YAML_MOST_BYTES, r->diag);
	return s ? yaml_parse(r->arena, s, r->diag) : NULL;
}

struct strs row_texts(struct arena *a, struct names names)
{
	struct str *words = ARENA_ARRAY(a, struct str, names.n);
	for (size_t i = 0; i < names.n; i++)
		words[i] = names.v[i].s;
	return (struct strs){ words, names.n };
}

struct str row_text(struct name n)
{
	return n.s.p ? n.s : STR("");
}

int reader_unknown(struct reader *r, const char *what, struct name n, struct strs words)
{
	diag_error(r->diag, n.at, "there is no %s \"%.*s\"", what, STR_ARG(n.s));
	diag_suggest(r->diag, n.s, words.v, words.n);
	return -1;
}

int reader_role(struct reader *r, struct name n)
{
	if (str_is(n.s, "*"))
		return ROLE_ANY;
	int i = catalogue_role(&r->cat, n.s);
	return i >= 0 ? i : reader_unknown(r, "role", n, r->role_words);
}

struct records *reader_words(struct reader *r, const char *folder, const char *file, const struct record *root,
			     size_t offset)
{
	const struct node *n = reader_yaml(r, folder, file);
	if (!n)
		return NULL;
	struct decode d = { r->arena, r->diag, NULL };
	char *base = arena_alloc(r->arena, root->size);
	if (!record_decode(&d, root, n, base))
		return NULL;
	struct records *rows = (struct records *)(base + offset);
	if (rows->n > MOST_WORDS) {
		diag_error(r->diag, rows->at, "more than %d of them", MOST_WORDS);
		return NULL;
	}
	return rows;
}
