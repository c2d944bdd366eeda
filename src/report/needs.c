/* SPDX-License-Identifier: Apache-2.0 */
#include "report/needs.h"

#include "doc/json.h"
#include "report/columns.h"
#include "report/csv.h"
#include "report/plan/reasons.h"

/* "tcp", "udp", "icmp", a number, or "?" where the document lacks it. */
struct str need_protocol(struct arena *a, const struct need *n)
{
	char text[PROTOCOL_TEXT];
	return n->protocol ? str_dup(a, str_of(protocol_text(n->protocol, text))) : STR("?");
}

/* "-" for none and for unknown. */
struct str need_ports(const struct need *n)
{
	switch (n->ports.kind) {
	case PORTS_LIST:
	case PORTS_ALTERNATIVES:
	case PORTS_DYNAMIC:
		return n->ports.text;
	case PORTS_NONE:
	case PORTS_ECHO:
	case PORTS_UNKNOWN:
		break;
	}
	return STR("-");
}

struct str need_change_text(struct arena *a, const struct catalogue *c, const struct need *n)
{
	CLEANUP(out_free) struct out o = out_memory(65536);
	for (size_t i = 0; i < n->settings.n; i++) {
		int s = catalogue_setting(c, n->settings.v[i]);
		if (s >= 0)
			out_printf(&o, "%s%.*s", o.n ? "; " : "", STR_ARG(c->settings[s].text));
	}
	return str_dup(a, out_view(&o));
}

/* The key of an estate that moves the port: ports: SERVICE, rpc: ROLE, rpc-range. */
static struct str estate_key(struct arena *a, const struct catalogue *c, const struct need *n)
{
	switch (c->services[n->service].resolves) {
	case SERVICE_FIXED:
		return c->services[n->service].id;
	case SERVICE_RPC:
	case SERVICE_RPC_STATIC:
		for (size_t i = 0; i < n->settings.n; i++) {
			int s = catalogue_setting(c, n->settings.v[i]);
			if (s >= 0 && c->settings[s].pins.n)
				return str_printf(a, "rpc: %.*s", STR_ARG(c->settings[s].pins));
		}
		break;
	case SERVICE_DYNAMIC:
		break;
	}
	return STR("rpc-range");
}

static void put_roles(struct json *j, const char *key, const struct catalogue *c, struct role_ids ids)
{
	if (!ids.n)
		return;
	json_key(j, key);
	json_list(j);
	for (size_t i = 0; i < ids.n; i++)
		json_str(j, c->roles[ids.v[i]].id);
	json_end(j);
}

static void put_names(struct json *j, const struct need *n)
{
	if (!n->names.n)
		return;
	json_key(j, "names");
	json_list(j);
	for (size_t i = 0; i < n->names.n; i++)
		json_str(j, n->names.v[i]);
	json_end(j);
}

static void put_interfaces(struct json *j, const struct catalogue *c, const struct need *n)
{
	if (!n->n_interfaces)
		return;
	json_key(j, "interfaces");
	json_list(j);
	for (size_t i = 0; i < n->n_interfaces; i++)
		interface_json(j, &c->interfaces[n->interfaces[i]]);
	json_end(j);
}

static void put_need(struct json *j, struct arena *a, const struct catalogue *c, const struct need *n)
{
	json_object(j);
	json_put_str(j, "id", n->id);
	json_put_str(j, "document", n->document->id);
	json_put_some(j, "part", n->part);
	json_put_str(j, "section", n->section);
	if (n->line)
		json_put_u64(j, "line", n->line);
	json_put_some(j, "source", n->source);
	json_put_str(j, "from", need_from(c, n));
	put_roles(j, "from-members", c, n->from_members);
	put_roles(j, "clients", c, n->clients);
	json_put_str(j, "to", need_to(c, n));
	put_roles(j, "to-members", c, n->to_members);
	put_names(j, n);
	json_put_text(j, "initiator", n->either ? "either" : "from");
	json_put_str(j, "service", c->services[n->service].id);
	json_put_str(j, "protocol", need_protocol(a, n));
	json_put_str(j, "ports", need_ports(n));
	json_put_bool(j, "changeable", n->changeable);
	if (n->changeable)
		json_put_str(j, "setting", estate_key(a, c, n));
	json_put_some(j, "where", need_change_text(a, c, n));
	json_put_some(j, "condition", need_condition_text(a, c, n));
	put_interfaces(j, c, n);
	json_put_some(j, "why", n->why);
	json_put_some(j, "note", n->note);
	json_put_bool(j, "erratum", n->erratum != NO_ERRATUM);
	if (n->erratum)
		json_put_text(j, "erratum-kind", erratum_names[n->erratum]);
	if (n->withdrawn)
		json_put_bool(j, "withdrawn", true);
	json_put_some(j, "uncertain", n->uncertain);
	json_put_some(j, "unplanned", n->unplanned);
	json_end(j);
}

void needs_json(struct out *o, const struct need_list *l)
{
	struct json j = json_to(o);
	json_object(&j);
	json_put_text(&j, "format", "portolan.ports/1");
	json_key(&j, "needs");
	json_list_lines(&j);
	for (size_t i = 0; i < l->n; i++) {
		struct arena *a = arena_new();
		put_need(&j, a, l->catalogue, l->v[i]);
		arena_free(a);
	}
	json_end(&j);
	json_end(&j);
	out_char(o, '\n');
}

static const char *const table_titles[] = { "document",  "section",   "line",     "from",    "to",
					    "initiator", "service",   "protocol", "ports",   "changeable",
					    "where",     "condition", "why",      "erratum", "uncertain" };

static void table_cells(struct arena *a, const struct catalogue *c, const struct need *n, struct str *cells)
{
	const struct str row[] = {
		n->document->id,
		n->section,
		n->line ? str_printf(a, "%u", n->line) : STR(""),
		need_from(c, n),
		need_to(c, n),
		n->either ? STR("either") : STR("from"),
		c->services[n->service].id,
		need_protocol(a, n),
		need_ports(n),
		n->changeable ? STR("yes") : STR("no"),
		need_change_text(a, c, n),
		need_condition_text(a, c, n),
		n->why,
		n->erratum     ? str_of(erratum_names[n->erratum])
		: n->withdrawn ? STR("withdrawn")
			       : STR(""),
		n->uncertain,
	};
	_Static_assert(ARRAY_LEN(row) == ARRAY_LEN(table_titles), "a title is missing");
	memcpy(cells, row, sizeof row);
}

typedef void row_fn(struct out *o, const struct str *cells, size_t n);

static void put_table(struct out *o, const struct need_list *l, row_fn *put_row, bool rule)
{
	struct str cells[ARRAY_LEN(table_titles)];
	for (size_t i = 0; i < ARRAY_LEN(table_titles); i++)
		cells[i] = str_of(table_titles[i]);
	put_row(o, cells, ARRAY_LEN(cells));
	if (rule)
		markdown_rule(o, ARRAY_LEN(cells));
	for (size_t i = 0; i < l->n; i++) {
		struct arena *a = arena_new();
		table_cells(a, l->catalogue, l->v[i], cells);
		put_row(o, cells, ARRAY_LEN(cells));
		arena_free(a);
	}
}

void needs_csv(struct out *o, const struct need_list *l)
{
	put_table(o, l, csv_row, false);
}

void needs_markdown(struct out *o, const struct need_list *l)
{
	put_table(o, l, markdown_row, true);
}

/* Text */

static void put_remark(struct out *o, const struct need_list *l, size_t indent, const char *label, struct str text,
		       enum style s)
{
	if (!text.n)
		return;
	struct arena *a = arena_new();
	put_style(o, l->colour, s);
	put_wrapped(o, str_printf(a, "%s%.*s", label, STR_ARG(text)), indent, l->width ? MIN(l->width, 100u) : 0);
	put_style(o, l->colour, STYLE_PLAIN);
	arena_free(a);
}

static const char *const erratum_texts[N_ERRATA] = {
	[ERRATUM_ADDS] = ", erratum: missing in the document",
	[ERRATUM_WITHDRAWS] = ", erratum: not needed",
	[ERRATUM_CORRECTS] = ", erratum: corrected",
};

/* What is the same for all needs of a run is printed once, above them. */
struct run {
	const struct need *const *v;
	size_t n;
	bool one_why, one_condition;
};

static void put_need_text(struct out *o, const struct need_list *l, struct arena *a, const struct need *n,
			  const struct run *run)
{
	const struct catalogue *c = l->catalogue;
	struct str what = str_printf(a, "%.*s %.*s", STR_ARG(need_protocol(a, n)), STR_ARG(need_ports(n)));
	struct str line = n->line ? str_printf(a, ", line %u", n->line) : STR("");

	out_text(o, "    ");
	put_styled(o, l->colour, STYLE_CYAN, what);
	out_repeat(o, ' ', what.n < 16 ? 16 - what.n : 1);
	out_str(o, c->services[n->service].id);
	put_styled(o, l->colour, STYLE_DIM, line);
	if (n->erratum)
		put_styled(o, l->colour, STYLE_YELLOW, str_of(erratum_texts[n->erratum]));
	if (n->withdrawn)
		put_styled(o, l->colour, STYLE_YELLOW, STR(", withdrawn by an erratum"));
	out_char(o, '\n');
	if (!run->one_why)
		put_remark(o, l, 8, "", n->why, STYLE_PLAIN);
	if (!run->one_condition)
		put_remark(o, l, 8, "only if ", need_condition_text(a, c, n), STYLE_PLAIN);
	struct str change = need_change_text(a, c, n);
	if (n->changeable)
		put_remark(o, l, 8, "can be changed: ", change.n ? change : STR("yes"), STYLE_DIM);
	else
		put_remark(o, l, 8, "fixed: ", change, STYLE_DIM);
	put_remark(o, l, 8, "names: ", strs_text(a, n->names, n->names.n), STYLE_PLAIN);
	put_remark(o, l, 8, "note: ", n->note, STYLE_DIM);
	put_remark(o, l, 8, "uncertain: ", n->uncertain, STYLE_YELLOW);
	put_remark(o, l, 8, "not planned: ", n->unplanned, STYLE_DIM);
	if (n->erratum)
		put_remark(o, l, 8, "source: ", n->source, STYLE_DIM);
}

static struct str members_text(struct arena *a, const struct catalogue *c, struct str role, struct role_ids members)
{
	CLEANUP(out_free) struct out o = out_memory(65536);
	out_str(&o, role);
	for (size_t i = 0; i < members.n; i++)
		out_printf(&o, "%s%.*s", i ? ", " : " (", STR_ARG(c->roles[members.v[i]].id));
	if (members.n)
		out_char(&o, ')');
	return str_dup(a, out_view(&o));
}

static bool same_section(const struct need *left, const struct need *right)
{
	return left->document == right->document && str_eq(left->section, right->section) &&
	       str_eq(left->part, right->part);
}

static void put_heading(struct out *o, const struct need_list *l, struct arena *a, const struct need *n,
			const struct need *last)
{
	if (!last || last->document != n->document) {
		out_text(o, last ? "\n" : "");
		put_styled(o, l->colour, STYLE_BOLD,
			   str_printf(a, "%.*s (%.*s%s%.*s)\n", STR_ARG(n->document->title), STR_ARG(n->document->id),
				      n->document->date.n ? ", " : "", STR_ARG(n->document->date)));
	}
	if (!last || !same_section(last, n)) {
		out_text(o, "\n  ");
		put_styled(o, l->colour, STYLE_BOLD, n->section);
		out_char(o, '\n');
	}
}

static bool same_run(const struct need *left, const struct need *right)
{
	return same_section(left, right) && left->from == right->from && left->to == right->to &&
	       left->either == right->either && left->to_members.n == right->to_members.n &&
	       left->from_members.n == right->from_members.n;
}

static void put_run(struct out *o, const struct need_list *l, struct arena *a, struct run *run, const struct need *last)
{
	const struct catalogue *c = l->catalogue;
	const struct need *first = run->v[0];
	struct str condition = need_condition_text(a, c, first);

	run->one_why = run->one_condition = true;
	for (size_t i = 1; i < run->n; i++) {
		run->one_why &= str_eq(first->why, run->v[i]->why);
		run->one_condition &= str_eq(condition, need_condition_text(a, c, run->v[i]));
	}
	put_heading(o, l, a, first, last);
	put_remark(o, l, 2, "",
		   str_printf(a, "%.*s %s %.*s", STR_ARG(members_text(a, c, need_from(c, first), first->from_members)),
			      first->either ? "<->" : "->",
			      STR_ARG(members_text(a, c, need_to(c, first), first->to_members))),
		   STYLE_PLAIN);
	if (run->one_why)
		put_remark(o, l, 4, "", first->why, STYLE_PLAIN);
	if (run->one_condition)
		put_remark(o, l, 4, "only if ", condition, STYLE_PLAIN);
	for (size_t i = 0; i < run->n; i++)
		put_need_text(o, l, a, run->v[i], run);
}

static void needs_flat(struct out *o, const struct need_list *l)
{
	static const char *const titles[] = { "PORT", "SERVICE", "FROM -> TO", "DOCUMENT" };
	struct arena *a = arena_new();
	struct columns *c = columns_new(a, titles, ARRAY_LEN(titles), 2);
	for (size_t i = 0; i < l->n; i++) {
		const struct need *n = l->v[i];
		struct str cells[] = {
			str_printf(a, "%.*s %.*s", STR_ARG(need_protocol(a, n)), STR_ARG(need_ports(n))),
			l->catalogue->services[n->service].id,
			str_printf(a, "%.*s %s %.*s%s", STR_ARG(need_from(l->catalogue, n)), n->either ? "<->" : "->",
				   STR_ARG(need_to(l->catalogue, n)),
				   n->erratum == ERRATUM_WITHDRAWS || n->withdrawn ? " (not needed)" : ""),
			n->document->id,
		};
		columns_row(c, cells);
	}
	columns_print(c, o, l->width, l->colour);
	arena_free(a);
}

void needs_text(struct out *o, const struct need_list *l)
{
	if (!l->grouped) {
		needs_flat(o, l);
		return;
	}
	for (size_t i = 0; i < l->n;) {
		struct arena *a = arena_new();
		struct run run = { .v = &l->v[i], .n = 1 };
		while (i + run.n < l->n && same_run(l->v[i], l->v[i + run.n]))
			run.n++;
		put_run(o, l, a, &run, i ? l->v[i - 1] : NULL);
		arena_free(a);
		i += run.n;
	}
}
