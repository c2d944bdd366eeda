/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/check-keep.h"

enum { N_TEXTS = 11 };

/* The texts of a finding, in the order in which they are kept. */
static void texts_of(struct check_finding *f, struct str *ret[N_TEXTS])
{
	struct str *all[N_TEXTS] = { &f->id,   &f->kind,   &f->title,    &f->text, &f->parts, &f->witness,
				     &f->rule, &f->needed, &f->document, &f->mend, &f->file };
	memcpy(ret, all, sizeof all);
}

static void pack_finding(struct out *o, const struct check_finding *f)
{
	struct check_finding copy = *f;
	struct str *texts[N_TEXTS];
	texts_of(&copy, texts);
	for (size_t i = 0; i < N_TEXTS; i++)
		pack_bytes(o, *texts[i]);
	pack_number(o, f->line);
	pack_number(o, f->level);
	pack_number(o, f->weight);
	pack_flag(o, f->open_ended);
}

void pack_part(struct out *o, const struct check_part *p)
{
	pack_number(o, p->kind);
	pack_bytes(o, p->estate);
	pack_bytes(o, p->name);
	pack_bytes(o, p->file);
	pack_bytes(o, p->dialect);
	pack_bytes(o, p->summary);
	pack_bytes(o, p->messages);
	pack_number(o, p->status);
	pack_number(o, p->n);
	for (size_t i = 0; i < p->n; i++)
		pack_finding(o, &p->v[i]);
}

bool unpack_part(struct arena *a, struct pack_reader *c, struct check_part *ret)
{
	*ret = (struct check_part){ .kind = (enum part_kind)unpack_number(c, N_PART_KINDS - 1) };
	ret->estate = unpack_bytes(c);
	ret->name = unpack_bytes(c);
	ret->file = unpack_bytes(c);
	ret->dialect = unpack_bytes(c);
	ret->summary = unpack_bytes(c);
	ret->messages = unpack_bytes(c);
	ret->status = (unsigned)unpack_number(c, 3);
	ret->n = unpack_count(c, N_TEXTS + 4);
	ret->v = ARENA_ARRAY(a, struct check_finding, ret->n);
	for (size_t i = 0; i < ret->n; i++) {
		struct check_finding *f = &ret->v[i];
		struct str *texts[N_TEXTS];
		texts_of(f, texts);
		for (size_t t = 0; t < N_TEXTS; t++)
			*texts[t] = unpack_bytes(c);
		f->line = (uint32_t)unpack_number(c, UINT32_MAX);
		f->level = (enum level)unpack_number(c, N_LEVELS - 1);
		f->weight = (enum check_weight)unpack_number(c, N_WEIGHTS - 1);
		f->open_ended = unpack_flag(c);
	}
	return !c->bad;
}
