/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/template-fields.h"
#include "authority/config.h"
#include "cli/estate.h"
#include "doc/schema.h"

void command_schema_write(struct arena *a, struct out *o, const struct catalogue *c)
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
	schema_write(o, "estate.schema.json", "portolan estate", &estate_record, words, ARRAY_LEN(words));
}

static enum status run(struct invocation *call)
{
	struct file f;
	const char *of = call->operands[0];
	bool estate = strcmp(of, "estate") == 0, authority = strcmp(of, "ca") == 0;
	if (!estate && !authority && strcmp(of, "ca-template") != 0) {
		diag_error(call->diag, NOWHERE, "there is no schema of \"%s\"; use estate, ca or ca-template", of);
		return STATUS_INPUT;
	}
	const struct catalogue *c = invocation_catalogue(call);
	if (!c)
		return STATUS_INPUT;
	if (!file_create(&f, call->arena, option(call, "output"), call->diag))
		return STATUS_MACHINE;
	if (estate)
		command_schema_write(call->arena, &f.out, c);
	else if (authority)
		schema_write(&f.out, "ca.schema.json", "portolan certification authority", &authority_record, NULL, 0);
	else
		schema_write(&f.out, "ca-template.schema.json", "portolan certificate template", &template_record, NULL,
			     0);
	file_commit(&f, call->diag);
	return STATUS_WELL;
}

static const struct option_row options[] = { OPTION_OUTPUT, OPTION_CATALOGUE, OPTIONS_END };

const struct command command_schema = {
	.name = "schema",
	.summary = "print the JSON Schema of a YAML file, for editors",
	.arguments = "estate|ca|ca-template",
	.about = "Prints the JSON Schema of the estate file, of authority.yaml or of a certificate template, made from "
		 "the tables that read it. Editors with "
		 "yaml-language-server use it to complete and check.",
	.options = options,
	.least = 1,
	.most = 1,
	.run = run,
};
