/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/estate.h"
#include "cli/schemas.h"
#include "doc/schema.h"

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

static void note_schemas(struct invocation *call, const struct str *words)
{
	struct str all = words[0];
	for (size_t i = 1; i < n_schemas; i++)
		all = str_printf(call->arena, "%.*s%s%.*s", STR_ARG(all), i + 1 < n_schemas ? ", " : " and ",
				 STR_ARG(words[i]));
	diag_note(call->diag, NOWHERE, "the schemas are %.*s", STR_ARG(all));
}

static enum status run(struct invocation *call)
{
	struct str *words = ARENA_ARRAY(call->arena, struct str, n_schemas);
	struct file f;
	for (size_t i = 0; i < n_schemas; i++) {
		words[i] = str_of(schemas[i].name);
		if (!str_is(words[i], call->operands[0]))
			continue;
		const struct catalogue *c = invocation_catalogue(call);
		if (!c)
			return STATUS_INPUT;
		if (!file_create(&f, call->arena, option(call, "output"), call->diag))
			return STATUS_MACHINE;
		write_schema(call->arena, &f.out, i, c);
		return file_commit(&f, call->diag) ? STATUS_WELL : STATUS_MACHINE;
	}
	diag_error(call->diag, NOWHERE, "there is no schema of \"%s\"", call->operands[0]);
	diag_suggest(call->diag, str_of(call->operands[0]), words, n_schemas);
	note_schemas(call, words);
	return STATUS_INPUT;
}

static const struct option_row options[] = { OPTION_OUTPUT, OPTION_CATALOGUE, OPTIONS_END };

const struct command command_schema = {
	.name = "schema",
	.summary = "print the JSON Schema of a YAML file, for editors",
	.arguments = "estate|catalogue|check|ca|ca-template",
	.about = "Prints the JSON Schema of the estate file, of a document of the catalogue, of portolan.yaml, of "
		 "authority.yaml or of a "
		 "certificate template, made from the tables that read it. Editors with yaml-language-server use it to "
		 "complete and check.",
	.options = options,
	.least = 1,
	.most = 1,
	.run = run,
};
