/* SPDX-License-Identifier: Apache-2.0 */
/* The patches of a proof, to be pasted: statements of the language, and in comments what they are and how to undo them. */
#include "report/proof/findings.h"
#include "report/proof/format.h"

static void put_commented(struct out *o, const char *comment, struct str text)
{
	struct str line;
	while (str_cut(&text, '\n', &line))
		out_printf(o, "%s%.*s\n", comment, STR_ARG(line));
}

static void put_place(struct out *o, const struct proved *p)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const struct proof_patch *patch = p->patch;
	const char *comment = patch && patch->comment ? patch->comment : "# ";
	out_printf(o, "%s%.*s, %s: ", comment, STR_ARG(p->name), p->path);
	if (!patch) {
		out_text(o, p->proof.verdict == VERDICT_HOLDS ? "the rules hold; there is nothing to fix\n"
							      : "no path goes over it; there is nothing to fix\n");
		return;
	}
	out_printf(o, "%.*s\n", STR_ARG(proof_counts(a, &p->proof)));
	if (patch->why_not) {
		out_printf(o, "%sno patch: %s\n", comment, patch->why_not);
		return;
	}
	out_printf(o, "%spaste what follows after what is there; the rules were proved with it, and hold\n", comment);
	out_str(o, patch->apply);
	out_printf(o, "%sundo:\n", comment);
	put_commented(o, comment, patch->undo);
}

static void write_patch(struct out *o, const struct proof_report *r)
{
	for (size_t i = 0; i < r->n; i++)
		put_place(o, &r->v[i]);
}

const struct proof_format proof_format_patch = {
	.name = "patch",
	.title = "statements to paste",
	.write = write_patch,
};
