/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SARIF 2.1.0 (OASIS), which code-scanning services read: a rule for each kind of
 * finding, a result for each finding, at the line of the firewall's rules that
 * decides.
 */
#include "doc/json.h"
#include "report/proof/findings.h"
#include "report/proof/format.h"

#define SARIF_SCHEMA "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

/* RFC 3986: a path as a relative reference or, from the root, as a file URI. */
static struct str path_uri(struct arena *a, const char *path)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
	CLEANUP(out_free) struct out o = out_memory(1 << 16);
	if (path[0] == '/')
		out_text(&o, "file://");
	for (const char *p = path; *p; p++) {
		if (strchr(plain, *p))
			out_char(&o, *p);
		else
			out_printf(&o, "%%%02X", (unsigned char)*p);
	}
	return str_dup(a, out_view(&o));
}

static void put_message(struct json *j, const char *key, struct str text)
{
	json_key(j, key);
	json_object(j);
	json_put_str(j, "text", text);
	json_end(j);
}

static void put_rules(struct json *j)
{
	json_key(j, "rules");
	json_list_lines(j);
	for (size_t i = 0; i < N_PROOF_KINDS; i++) {
		json_object(j);
		json_put_text(j, "id", proof_kinds[i].id);
		put_message(j, "shortDescription", str_of(proof_kinds[i].title));
		put_message(j, "fullDescription", str_of(proof_kinds[i].about));
		json_key(j, "defaultConfiguration");
		json_object(j);
		json_put_text(j, "level", level_names[proof_kinds[i].level]);
		json_end(j);
		json_end(j);
	}
	json_end(j);
}

static void put_location(struct json *j, struct arena *a, const struct proved *p, const struct proof_finding *f)
{
	json_key(j, "locations");
	json_list(j);
	json_object(j);
	json_key(j, "physicalLocation");
	json_object(j);
	json_key(j, "artifactLocation");
	json_object(j);
	json_put_str(j, "uri", path_uri(a, f->at.source ? f->at.source->name : p->path));
	json_end(j);
	if (f->at.line) {
		json_key(j, "region");
		json_object(j);
		json_put_u64(j, "startLine", f->at.line);
		if (f->quoted)
			put_message(j, "snippet", f->rule);
		json_end(j);
	}
	json_end(j);
	json_key(j, "logicalLocations");
	json_list(j);
	json_object(j);
	json_put_str(j, "name", p->name);
	json_put_text(j, "kind", "module");
	json_end(j);
	json_end(j);
	json_end(j);
	json_end(j);
}

static void put_some(struct json *j, const char *key, struct str s)
{
	if (s.n)
		json_put_str(j, key, s);
}

static void put_result(struct json *j, struct arena *a, const struct proved *p, const struct proof_finding *f)
{
	struct str text = f->text;
	if (f->mend.n)
		text = str_printf(a, "%.*s; %.*s", STR_ARG(text), STR_ARG(f->mend));
	json_object(j);
	json_put_text(j, "ruleId", proof_kinds[f->kind].id);
	json_put_u64(j, "ruleIndex", f->kind);
	json_put_text(j, "level", level_names[proof_kinds[f->kind].level]);
	put_message(j, "message", str_printf(a, "%.*s: %.*s", STR_ARG(f->title), STR_ARG(text)));
	put_location(j, a, p, f);
	json_key(j, "partialFingerprints");
	json_object(j);
	json_put_str(j, "portolan/1", str_printf(a, "%.*s/%.*s", STR_ARG(p->name), STR_ARG(f->id)));
	json_end(j);
	json_key(j, "properties");
	json_object(j);
	json_put_str(j, "firewall", p->name);
	put_some(j, "witness", f->witness);
	put_some(j, "decidedBy", f->rule);
	put_some(j, "needed", f->why);
	put_some(j, "document", f->cite);
	put_some(j, "parts", f->parts);
	put_some(j, "mend", f->mend);
	json_end(j);
	json_end(j);
}

static void put_run(struct json *j, const struct proof_report *r)
{
	json_object_lines(j);
	json_key(j, "tool");
	json_object(j);
	json_key(j, "driver");
	json_object(j);
	json_put_text(j, "name", "portolan");
	json_put_text(j, "semanticVersion", PORTOLAN_VERSION);
	put_rules(j);
	json_end(j);
	json_end(j);
	json_key(j, "invocations");
	json_list(j);
	json_object(j);
	json_put_bool(j, "executionSuccessful", r->verdict != VERDICT_UNPROVED);
	json_end(j);
	json_end(j);
	json_put_text(j, "columnKind", "unicodeCodePoints");
	json_key(j, "results");
	json_list_lines(j);
	for (size_t i = 0; i < r->n; i++) {
		CLEANUP(arena_freep) struct arena *a = arena_new();
		size_t n;
		const struct proof_finding *findings = proof_findings(a, r, &r->v[i], &n);
		for (size_t at = 0; at < n; at++)
			put_result(j, a, &r->v[i], &findings[at]);
	}
	json_end(j);
	json_end(j);
}

static void write_sarif(struct out *o, const struct proof_report *r)
{
	struct json j = json_to(o);
	json_object_lines(&j);
	json_put_text(&j, "$schema", SARIF_SCHEMA);
	json_put_text(&j, "version", "2.1.0");
	json_key(&j, "runs");
	json_list(&j);
	put_run(&j, r);
	json_end(&j);
	json_end(&j);
	out_char(o, '\n');
}

const struct proof_format proof_format_sarif = {
	.name = "sarif",
	.title = "SARIF 2.1.0",
	.write = write_sarif,
};
