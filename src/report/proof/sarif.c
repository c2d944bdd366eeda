/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SARIF 2.1.0 (OASIS), which code-scanning services read: a rule for each kind of
 * finding, a result for each finding, at the line of the firewall's rules that
 * decides.
 */
#include "report/proof/findings.h"
#include "report/proof/format.h"
#include "report/sarif.h"

static void put_result(struct json *j, struct arena *a, const struct proved *p, const struct proof_finding *f)
{
	struct str text = f->text;
	if (f->mend.n)
		text = str_printf(a, "%.*s; %.*s", STR_ARG(text), STR_ARG(f->mend));
	json_object(j);
	json_put_text(j, "ruleId", proof_kinds[f->kind].id);
	json_put_u64(j, "ruleIndex", f->kind);
	json_put_text(j, "level", level_names[proof_kinds[f->kind].level]);
	sarif_message(j, "message", str_printf(a, "%.*s: %.*s", STR_ARG(f->title), STR_ARG(text)));
	sarif_location(j, f->at.source ? f->at.source->name : p->path, f->at.line, f->quoted ? f->rule : NO_STR,
		       p->name);
	json_key(j, "partialFingerprints");
	json_object(j);
	json_put_str(j, "portolan/1", str_printf(a, "%.*s/%.*s", STR_ARG(p->name), STR_ARG(f->id)));
	json_end(j);
	json_key(j, "properties");
	json_object(j);
	json_put_str(j, "firewall", p->name);
	json_put_some(j, "witness", f->witness);
	json_put_some(j, "decidedBy", f->rule);
	json_put_some(j, "needed", f->why);
	json_put_some(j, "document", f->cite);
	json_put_some(j, "parts", f->parts);
	json_put_some(j, "mend", f->mend);
	json_end(j);
	json_end(j);
}

static void write_sarif(struct out *o, const struct proof_report *r)
{
	struct json j = sarif_begin(o);
	for (size_t i = 0; i < N_PROOF_KINDS; i++)
		sarif_rule(&j, proof_kinds[i].id, proof_kinds[i].title, proof_kinds[i].about, proof_kinds[i].level);
	sarif_results(&j, r->verdict != VERDICT_UNPROVED);
	for (size_t i = 0; i < r->n; i++) {
		CLEANUP(arena_freep) struct arena *a = arena_new();
		size_t n;
		const struct proof_finding *findings = proof_findings(a, r, &r->v[i], &n);
		for (size_t at = 0; at < n; at++)
			put_result(&j, a, &r->v[i], &findings[at]);
	}
	sarif_end(&j);
}

const struct proof_format proof_format_sarif = {
	.name = "sarif",
	.title = "SARIF 2.1.0",
	.write = write_sarif,
};
