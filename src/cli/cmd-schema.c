/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/estate.h"
#include "cli/schemas.h"
#include "doc/schema.h"
#include "report/asset.h"

/* What the program prints as portolan.NAME/1; each schema is made from cli/schemas/NAME.json. */
#define OUTPUTS(X)  \
	X(ca)       \
	X(check)    \
	X(decision) \
	X(dialects) X(diff) X(enrol) X(lint) X(list) X(listen) X(notice) X(plan) X(ports) X(probe) X(proof) X(why)

#define X(name) extern const struct asset asset_portolan_##name##_1_schema_json;
OUTPUTS(X)
#undef X

static const struct {
	struct str format;
	const struct asset *schema;
} outputs[] = {
#define X(name) { STR_INIT("portolan." #name "/1"), &asset_portolan_##name##_1_schema_json },
	OUTPUTS(X)
#undef X
};

/* The version of a schema's id rises when a file that was valid no longer is. */
enum { SCHEMA_VERSION = 1 };

static void write_schema(struct arena *a, struct out *o, size_t which, const struct catalogue *c)
{
	struct strs roles = catalogue_role_words(a, c), systems = catalogue_system_words(a, c),
		    documents = catalogue_document_words(a, c);
	const struct schema_words words[] = {
		{ "roles", roles.v, roles.n },
		{ "uses", roles.v, roles.n },
		{ "os", systems.v, systems.n },
		{ "compatibility", systems.v, systems.n },
		{ "catalogue", documents.v, documents.n },
		{ "features", c->features.v, c->features.n },
	};
	const char *id = arena_printf(a, "urn:portolan:%s/%d", schemas[which].name, SCHEMA_VERSION);
	schema_write(o, id, schemas[which].title, schemas[which].record, words,
		     schemas[which].words ? ARRAY_LEN(words) : 0);
}

void command_schema_write(struct arena *a, struct out *o, const struct catalogue *c)
{
	write_schema(a, o, 0, c);
}

/* The names of all schemas, those of inputs first. */
static struct str *schema_names(struct arena *a, size_t *n)
{
	struct str *names = ARENA_ARRAY(a, struct str, n_schemas + ARRAY_LEN(outputs));
	for (size_t i = 0; i < n_schemas; i++)
		names[i] = str_of(schemas[i].name);
	for (size_t i = 0; i < ARRAY_LEN(outputs); i++)
		names[n_schemas + i] = outputs[i].format;
	*n = n_schemas + ARRAY_LEN(outputs);
	return names;
}

static enum status unknown_schema(struct invocation *call, struct str wanted, const struct str *names, size_t n)
{
	diag_error(call->diag, NOWHERE, "there is no schema of \"%.*s\"", STR_ARG(str_shown(call->arena, wanted)));
	diag_suggest(call->diag, wanted, names, n);
	struct str all = NO_STR;
	for (size_t i = 0; i < n; i++)
		all = str_printf(call->arena, "%.*s%s%.*s", STR_ARG(all), i ? i + 1 < n ? ", " : " and " : "",
				 STR_ARG(names[i]));
	diag_note(call->diag, NOWHERE, "the schemas are %.*s", STR_ARG(all));
	return STATUS_INPUT;
}

static enum status run(struct invocation *call)
{
	size_t which = 0, n;
	struct str *names = schema_names(call->arena, &n), wanted = str_of(call->operands[0]);
	struct file f;
	while (which < n && !str_eq(names[which], wanted))
		which++;
	if (which == n)
		return unknown_schema(call, wanted, names, n);
	const struct catalogue *c = invocation_catalogue(call);
	if (!c)
		return STATUS_INPUT;
	if (!file_create(&f, call->arena, option(call, "output"), call->diag))
		return STATUS_MACHINE;
	if (which < n_schemas)
		write_schema(call->arena, &f.out, which, c);
	else
		out_str(&f.out, outputs[which - n_schemas].schema->text);
	return file_commit(&f, call->diag) ? STATUS_WELL : STATUS_MACHINE;
}

static const struct option_row options[] = { OPTION_OUTPUT, OPTION_CATALOGUE, OPTIONS_END };

const struct command command_schema = {
	.name = "schema",
	.summary = "print the JSON Schema of a YAML file or of a JSON output",
	.arguments = "estate|catalogue|check|ca|ca-template|FORMAT",
	.about = "Prints the JSON Schema of the estate file, of a document of the catalogue, of portolan.yaml, of "
		 "authority.yaml or of a "
		 "certificate template, made from the tables that read it. Editors with yaml-language-server use it to "
		 "complete and check. FORMAT is what a JSON output names as its format, such as portolan.plan/1.",
	.options = options,
	.least = 1,
	.most = 1,
	.run = run,
};
