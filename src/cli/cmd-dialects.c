/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"
#include "dialect/dialect.h"
#include "doc/json.h"
#include "report/columns.h"

static void write_json(void *ctx, struct out *o)
{
	struct json j = json_to(o);
	json_object(&j);
	json_put_text(&j, "format", "portolan.dialects/1");
	json_key(&j, "dialects");
	json_list_lines(&j);
	for (size_t i = 0; dialects[i]; i++) {
		json_object(&j);
		json_put_text(&j, "name", dialects[i]->name);
		json_put_text(&j, "title", dialects[i]->title);
		/* a host's own firewall only is different: network ACLs have no destination */
		json_put_bool(&j, "emits", dialects[i]->emit && dialects[i]->for_transit);
		json_put_bool(&j, "emits-for-hosts", dialects[i]->emit && dialects[i]->for_hosts);
		json_put_bool(&j, "reads", dialects[i]->parse != NULL);
		if (dialects[i]->loading) {
			json_put_text(&j, "loads", dialect_loads_words[dialects[i]->loading->loads]);
			json_put_bool(&j, "after",
				      dialects[i]->withdraw || dialects[i]->removal ||
					      dialects[i]->loading->loads != LOADS_ADDS);
		}
		json_end(&j);
	}
	json_end(&j);
	json_end(&j);
	out_char(o, '\n');
}

static void write_text(void *ctx, struct out *o)
{
	const struct invocation *call = ctx;
	static const char *const titles[] = { "NAME", "WRITES", "READS", "FOR", "LOADS", "WHAT" };
	struct columns *c = columns_new(call->arena, titles, ARRAY_LEN(titles), 5);
	for (size_t i = 0; dialects[i]; i++) {
		const struct dialect *dialect = dialects[i];
		struct str cells[] = { str_of(dialect->name),
				       dialect->emit ? STR("yes") : STR("no"),
				       dialect->parse ? STR("yes") : STR("no"),
				       dialect->for_hosts && dialect->for_transit ? STR("both")
				       : dialect->for_hosts                       ? STR("hosts")
										  : STR("firewalls"),
				       dialect->loading ? str_of(dialect_loads_words[dialect->loading->loads])
							: STR("-"),
				       str_of(dialect->title) };
		columns_row(c, cells);
	}
	columns_print(c, o, call->width, call->colour_out);
}

static enum status run(struct invocation *call)
{
	return invocation_write(call, write_text, write_json, call) ? STATUS_WELL : STATUS_MACHINE;
}

static const struct option_row options[] = { OPTION_FORMAT("text json"), OPTION_OUTPUT, OPTIONS_END };

const struct command command_dialects = {
	.name = "dialects",
	.summary = "list the firewall languages that are written and read",
	.arguments = "",
	.about = "Lists the dialects: which are written, which are read, whether they filter hosts or between "
		 "zones, and what loading a file does to the rules that are there.",
	.options = options,
	.run = run,
};
