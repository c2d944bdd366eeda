/* SPDX-License-Identifier: Apache-2.0 */
#include "report/check/format.h"
#include "report/findings.h"
#include "report/proof/findings.h"
#include "report/sarif.h"

/* SARIF 2.1.0, 3.35: what is accepted is in the list and suppressed, with the reason. */
static void put_suppression(struct json *j, struct arena *a, const struct check_finding *f)
{
	json_key(j, "suppressions");
	json_list(j);
	if (f->accepted && !f->overdue) {
		json_object(j);
		json_put_text(j, "kind", "external");
		json_put_str(j, "justification",
			     str_printf(a, "%.*s; %.*s, until %.*s", STR_ARG(f->accepted->why),
					STR_ARG(f->accepted->owner), STR_ARG(f->accepted->until)));
		json_end(j);
	}
	json_end(j);
}

static void put_result(struct json *j, const struct check_part *p, const struct check_finding *f)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct str text = str_printf(a, "%.*s%s%.*s%s%.*s", STR_ARG(f->title), f->title.n ? ": " : "", STR_ARG(f->text),
				     f->mend.n ? "; " : "", STR_ARG(f->mend));
	json_object(j);
	json_put_str(j, "ruleId", f->kind);
	json_put_text(j, "level", level_names[f->level]);
	sarif_message(j, "message", text);
	const struct source file = { .name = cstr(a, f->file) };
	sarif_location(j, (struct loc){ &file, f->line, 0, 0 }, NO_STR, p->name);
	sarif_fingerprint(j, f->id);
	put_suppression(j, a, f);
	json_key(j, "properties");
	json_object(j);
	json_put_str(j, "id", f->id);
	json_put_some(j, "witness", f->witness);
	json_put_some(j, "decidedBy", f->rule);
	json_put_some(j, "needed", f->needed);
	json_put_some(j, "document", f->document);
	json_put_some(j, "parts", f->parts);
	json_put_some(j, "mend", f->mend);
	json_end(j);
	json_end(j);
}

/* What could not be read has no finding; a log without it would look clean. */
static void put_unread(struct json *j, const struct check_part *p)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	json_object(j);
	json_put_text(j, "ruleId", "unread");
	json_put_text(j, "level", "error");
	sarif_message(j, "message", p->messages.n ? p->messages : STR("it could not be read"));
	const struct source file = { .name = cstr(a, p->file.n ? p->file : p->estate) };
	sarif_location(j, (struct loc){ .source = &file }, NO_STR, p->name.n ? p->name : p->estate);
	json_end(j);
}

static void write_sarif(struct out *o, const struct check_report *r)
{
	struct json j = sarif_begin(o);
	proof_kinds_sarif(&j);
	checks_sarif(&j, &catalogue_builtin);
	sarif_rule(&j,
		   &(struct sarif_kind){ "unread", "not read", "An estate or a rule file could not be read.",
					 LEVEL_ERROR, STR("portolan-check(1) explains what is not read."), NO_STR });
	sarif_results(&j, check_status(r) < 2);
	for (size_t i = 0; i < r->n; i++) {
		if (r->v[i].status)
			put_unread(&j, &r->v[i]);
		for (size_t at = 0; at < r->v[i].n; at++)
			put_result(&j, &r->v[i], &r->v[i].v[at]);
	}
	sarif_end_results(&j);
	sarif_end(&j);
}

const struct check_format check_format_sarif = { .name = "sarif", .write = write_sarif };
