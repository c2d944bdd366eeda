/* SPDX-License-Identifier: Apache-2.0 */
#include "report/sarif.h"

#define SARIF_SCHEMA "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

/* RFC 3986: a path as a relative reference or, from the root, as a file URI. */
static void put_uri(struct out *o, const char *path)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
	if (path[0] == '/')
		out_text(o, "file://");
	for (const char *p = path; *p; p++) {
		if (strchr(plain, *p))
			out_char(o, *p);
		else
			out_printf(o, "%%%02X", (unsigned char)*p);
	}
}

void sarif_message(struct json *j, const char *key, struct str text)
{
	json_key(j, key);
	json_object(j);
	json_put_str(j, "text", text);
	json_end(j);
}

struct json sarif_begin(struct out *o)
{
	struct json j = json_to(o);
	json_object_lines(&j);
	json_put_text(&j, "$schema", SARIF_SCHEMA);
	json_put_text(&j, "version", "2.1.0");
	json_key(&j, "runs");
	json_list(&j);
	json_object_lines(&j);
	json_key(&j, "tool");
	json_object(&j);
	json_key(&j, "driver");
	json_object(&j);
	json_put_text(&j, "name", "portolan");
	json_put_text(&j, "semanticVersion", PORTOLAN_VERSION);
	json_key(&j, "rules");
	json_list_lines(&j);
	return j;
}

void sarif_rule(struct json *j, const struct sarif_kind *kind)
{
	/* what code scanning sorts by */
	static const char *const severities[N_LEVELS] = {
		[LEVEL_NOTE] = "recommendation", [LEVEL_WARNING] = "warning", [LEVEL_ERROR] = "error"
	};
	json_object(j);
	json_put_text(j, "id", kind->id);
	json_put_text(j, "name", kind->id);
	sarif_message(j, "shortDescription", str_of(kind->title));
	sarif_message(j, "fullDescription", str_of(kind->about));
	sarif_message(j, "help", kind->help);
	json_put_some(j, "helpUri", kind->uri);
	json_key(j, "defaultConfiguration");
	json_object(j);
	json_put_text(j, "level", level_names[kind->level]);
	json_end(j);
	json_key(j, "properties");
	json_object(j);
	json_key(j, "tags");
	json_list(j);
	json_str(j, STR("firewall"));
	json_end(j);
	json_put_text(j, "problem.severity", severities[kind->level]);
	json_end(j);
	json_end(j);
}

void sarif_results(struct json *j, bool successful)
{
	json_end(j);
	json_end(j);
	json_end(j);
	json_key(j, "invocations");
	json_list(j);
	json_object(j);
	json_put_bool(j, "executionSuccessful", successful);
	json_end(j);
	json_end(j);
	json_put_text(j, "columnKind", "unicodeCodePoints");
	json_key(j, "results");
	json_list_lines(j);
}

void sarif_end_results(struct json *j)
{
	json_end(j);
}

void sarif_end(struct json *j)
{
	for (size_t i = 0; i < 3; i++)
		json_end(j);
	out_char(j->out, '\n');
}

/* A line without columns is all of it (3.30.6). */
static void put_region(struct json *j, struct loc at, struct str snippet)
{
	json_key(j, "region");
	json_object(j);
	json_put_u64(j, "startLine", at.line);
	if (at.column && at.length) {
		json_put_u64(j, "startColumn", at.column);
		json_put_u64(j, "endColumn", at.column + at.length);
	}
	if (snippet.n)
		sarif_message(j, "snippet", snippet);
	json_end(j);
}

void sarif_physical(struct json *j, struct loc at, struct str snippet)
{
	CLEANUP(out_free) struct out uri = out_memory(1 << 16);
	put_uri(&uri, at.source->name);
	json_key(j, "physicalLocation");
	json_object(j);
	json_key(j, "artifactLocation");
	json_object(j);
	json_put_str(j, "uri", out_view(&uri));
	json_end(j);
	if (at.line)
		put_region(j, at, snippet);
	json_end(j);
}

void sarif_location(struct json *j, struct loc at, struct str snippet, struct str belongs_to)
{
	json_key(j, "locations");
	json_list(j);
	json_object(j);
	sarif_physical(j, at, snippet);
	if (belongs_to.n) {
		json_key(j, "logicalLocations");
		json_list(j);
		json_object(j);
		json_put_str(j, "name", belongs_to);
		json_put_text(j, "kind", "module");
		json_end(j);
		json_end(j);
	}
	json_end(j);
	json_end(j);
}

void sarif_fingerprint(struct json *j, struct str print)
{
	json_key(j, "partialFingerprints");
	json_object(j);
	json_put_str(j, "portolan/1", print);
	json_end(j);
}
