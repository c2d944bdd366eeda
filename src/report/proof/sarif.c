/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SARIF 2.1.0 (OASIS), which code-scanning services read: a rule for each kind of
 * finding, a result for each finding, at the line of the firewall's rules that
 * decides.
 */
#include "report/proof/findings.h"
#include "report/proof/format.h"
#include "report/sarif.h"

/* All that text says of it, in the same words. */
static struct str message_of(struct arena *a, const struct proof_finding *f)
{
	CLEANUP(out_free) struct out o = out_memory(1 << 26);
	bool several = str_find(f->parts, '\n') != SIZE_MAX;
	out_printf(&o, "%.*s%s", STR_ARG(f->title), several ? "\n" : ": ");
	if (several)
		out_printf(&o, "%.*s\n", STR_ARG(f->parts));
	out_str(&o, f->text);
	if (f->mend.n)
		out_printf(&o, "; %.*s", STR_ARG(f->mend));
	return str_dup(a, out_view(&o));
}

static void put_properties(struct json *j, const struct proved *p, const struct proof_finding *f)
{
	json_key(j, "properties");
	json_object(j);
	json_put_str(j, "firewall", p->name);
	json_put_some(j, "witness", f->witness);
	json_put_some(j, "decidedBy", f->rule);
	json_put_some(j, "needed", f->why);
	json_put_some(j, "document", f->cite);
	json_put_some(j, "parts", f->parts);
	json_put_some(j, "mend", f->mend);
	if (f->n_flows) {
		json_key(j, "findings");
		json_list(j);
		for (size_t i = 0; i < f->n_flows; i++)
			json_str(j, f->flows[i]);
		json_end(j);
	}
	json_end(j);
}

static void put_result(struct json *j, struct arena *a, const struct proved *p, const struct proof_finding *f)
{
	struct loc at = f->at;
	if (!at.source)
		at.source = &(struct source){ .name = p->path };
	json_object(j);
	json_put_text(j, "ruleId", proof_kinds[f->kind].id);
	json_put_u64(j, "ruleIndex", f->kind);
	json_put_text(j, "level", level_names[proof_kinds[f->kind].level]);
	sarif_message(j, "message", message_of(a, f));
	sarif_location(j, at, f->quoted ? f->rule : NO_STR, p->name);
	sarif_fingerprint(j, str_printf(a, "%.*s/%.*s", STR_ARG(p->name), STR_ARG(f->id)));
	put_properties(j, p, f);
	json_end(j);
}

/* Of the run: they fix all results of a firewall together. */
static void put_patches(struct json *j, const struct proof_report *r)
{
	json_key(j, "properties");
	json_object(j);
	json_key(j, "patches");
	json_list(j);
	for (size_t i = 0; i < r->n; i++) {
		const struct proof_patch *patch = r->v[i].patch;
		if (!patch)
			continue;
		json_object(j);
		json_put_str(j, "firewall", r->v[i].name);
		if (patch->why_not)
			json_put_text(j, "why-not", patch->why_not);
		json_put_some(j, "apply", patch->apply);
		json_put_some(j, "undo", patch->undo);
		json_end(j);
	}
	json_end(j);
	json_end(j);
}

static void write_sarif(struct out *o, const struct proof_report *r)
{
	struct json j = sarif_begin(o);
	bool patched = false;
	proof_kinds_sarif(&j);
	sarif_results(&j, r->verdict != VERDICT_UNPROVED);
	for (size_t i = 0; i < r->n; i++) {
		CLEANUP(arena_freep) struct arena *a = arena_new();
		size_t n;
		const struct proof_finding *findings = proof_blocks(a, r, &r->v[i], &n);
		for (size_t at = 0; at < n; at++)
			put_result(&j, a, &r->v[i], &findings[at]);
		patched |= r->v[i].patch != NULL;
	}
	sarif_end_results(&j);
	if (patched)
		put_patches(&j, r);
	sarif_end(&j);
}

const struct proof_format proof_format_sarif = {
	.name = "sarif",
	.title = "SARIF 2.1.0",
	.write = write_sarif,
};
