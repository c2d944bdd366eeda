/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/template-fields.h"
#include "authority/config.h"
#include "cli/check-config.h"
#include "cli/estate.h"
#include "doc/schema.h"
#include "model/catalogue-fields.h"
#include "report/asset.h"

/* Files that the program reads. */
static const struct {
	const char *name, *title;
	const struct record *record;
	bool words; /* of the catalogue are in it */
} inputs[] = {
	{ "estate", "portolan estate", &estate_record, true },
	{ "catalogue", "document of the portolan catalogue", &document_record, false },
	{ "check", "portolan.yaml", &check_record, false },
	{ "ca", "portolan certification authority", &authority_record, false },
	{ "ca-template", "portolan certificate template", &template_record, false },
};

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
	const char *id = arena_printf(a, "urn:portolan:%s/%d", inputs[which].name, SCHEMA_VERSION);
	schema_write(o, id, inputs[which].title, inputs[which].record, words,
		     inputs[which].words ? ARRAY_LEN(words) : 0);
}

void command_schema_write(struct arena *a, struct out *o, const struct catalogue *c)
{
	write_schema(a, o, 0, c);
}

/* The names of all schemas, those of inputs first. */
static void schema_names(struct str names[static ARRAY_LEN(inputs) + ARRAY_LEN(outputs)])
{
	for (size_t i = 0; i < ARRAY_LEN(inputs); i++)
		names[i] = str_of(inputs[i].name);
	for (size_t i = 0; i < ARRAY_LEN(outputs); i++)
		names[ARRAY_LEN(inputs) + i] = outputs[i].format;
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
	struct str names[ARRAY_LEN(inputs) + ARRAY_LEN(outputs)], wanted = str_of(call->operands[0]);
	size_t which = 0;
	struct file f;
	schema_names(names);
	while (which < ARRAY_LEN(names) && !str_eq(names[which], wanted))
		which++;
	if (which == ARRAY_LEN(names))
		return unknown_schema(call, wanted, names, which);
	const struct catalogue *c = invocation_catalogue(call);
	if (!c)
		return STATUS_INPUT;
	if (!file_create(&f, call->arena, option(call, "output"), call->diag))
		return STATUS_MACHINE;
	if (which < ARRAY_LEN(inputs))
		write_schema(call->arena, &f.out, which, c);
	else
		out_str(&f.out, outputs[which - ARRAY_LEN(inputs)].schema->text);
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
