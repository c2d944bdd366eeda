/* SPDX-License-Identifier: Apache-2.0 */
#include "model/estate-maker.h"

bool read_addresses(struct maker *m, const struct names *texts, const char *what, struct addrset *ret, bool *any)
{
	struct addr_range *ranges = ARENA_ARRAY(m->arena, struct addr_range, texts->n);
	size_t n = 0;
	bool ok = true;

	*any = false;
	for (size_t i = 0; i < texts->n; i++) {
		struct name t = texts->v[i];
		char text[RANGE_TEXT];
		if (str_is(t.s, "any")) {
			*any = true;
			continue;
		}
		switch (addr_range_parse(t.s, &ranges[n])) {
		case RANGE_OK:
			n++;
			break;
		case RANGE_HOST_BITS:
			ok = diag_error(m->diag, t.at, "\"%.*s\" has host bits set", STR_ARG(t.s));
			diag_note(m->diag, NOWHERE, "write %s for the subnet, or the address alone",
				  addr_range_text(&ranges[n], text));
			break;
		case RANGE_REVERSED:
			ok = diag_error(m->diag, t.at, "the range \"%.*s\" ends before it begins", STR_ARG(t.s));
			break;
		case RANGE_BAD:
			ok = diag_error(m->diag, t.at,
					"\"%.*s\" is not %s: 10.1.2.3, 10.1.0.0/16, 10.1.0.5-10.1.0.9 or their "
					"IPv6 forms",
					STR_ARG(t.s), what);
			break;
		}
	}
	*ret = addrset_of(m->arena, ranges, n);
	return ok;
}

int named_cmp(const void *left, const void *right)
{
	return str_cmp(((const struct name *)left)->s, ((const struct name *)right)->s);
}

struct strs names_of(struct maker *m, const void *items, size_t n, size_t size)
{
	struct str *words = ARENA_ARRAY(m->arena, struct str, n);
	for (size_t i = 0; i < n; i++)
		words[i] = ((const struct name *)((const char *)items + i * size))->s;
	return (struct strs){ words, n };
}

int unknown_role(struct maker *m, struct name n)
{
	const struct catalogue *c = m->estate->catalogue;
	int called = catalogue_role_called(c, n.s);
	if (called < 0)
		return unknown_name(m, "role", n, m->role_words);
	diag_error(m->diag, n.at, "there is no role \"%.*s\"", STR_ARG(n.s));
	diag_note(m->diag, NOWHERE, "did you mean \"%.*s\"?", STR_ARG(c->roles[called].id));
	return -1;
}

int unknown_name(struct maker *m, const char *what, struct name n, struct strs words)
{
	diag_error(m->diag, n.at, "there is no %s \"%.*s\"", what, STR_ARG(n.s));
	diag_suggest(m->diag, n.s, words.v, words.n);
	return -1;
}
