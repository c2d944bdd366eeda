/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/version.h"

#include "cli/libraries.h"
#include "report/columns.h"

static void put_documents(struct out *o, struct arena *a, const struct catalogue *c)
{
	static const char *const titles[] = { "document", "date" };
	struct columns *columns = columns_new(a, titles, ARRAY_LEN(titles), 1);
	out_printf(o, "catalogue: %zu documents, %zu needs\n", c->n_documents, c->n_needs);
	for (size_t i = 0; i < c->n_documents; i++) {
		struct str date = c->documents[i].date,
			   cells[] = { c->documents[i].id, date.n ? date : STR("undated") };
		columns_row(columns, cells);
	}
	columns_print(columns, o, 0, false);
}

enum status version(struct invocation *call, int argc, char **argv)
{
	bool verbose = argc == 1 && (strcmp(argv[0], "-v") == 0 || strcmp(argv[0], "--verbose") == 0);
	struct file f;
	if (argc > 0 && !verbose) {
		diag_error(call->diag, NOWHERE, "--version takes -v and nothing else, not \"%s\"", argv[argc > 1]);
		return STATUS_INPUT;
	}
	if (!file_create(&f, call->arena, NULL, call->diag))
		return STATUS_MACHINE;
	out_text(&f.out, "portolan " PORTOLAN_VERSION "\n");
	if (verbose) {
		out_text(&f.out, "released: " PORTOLAN_RELEASED "\ncommit: ");
		out_printf(&f.out, "%s\n", portolan_commit);
		out_text(&f.out, "libraries:\n");
		libraries_put(&f.out, call->arena);
		put_documents(&f.out, call->arena, &catalogue_builtin);
	}
	return file_commit(&f, call->diag) ? STATUS_WELL : STATUS_MACHINE;
}
