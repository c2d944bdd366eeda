/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/why-flows.h"

#include "doc/json.h"
#include "report/columns.h"
#include "report/plan/reasons.h"
#include "report/plan/words.h"

struct str why_ports_text(struct arena *a, const struct bundle_item *it)
{
	char text[ITEM_TEXT];
	return str_dup(a, str_of(item_text(it, text)));
}

static void put_reason(struct invocation *call, struct out *o, const struct catalogue *c, const struct reason *r)
{
	struct arena *a = call->arena;
	if (r->hand) {
		put_wrapped(o,
			    str_printf(a, "- %.*s (by hand; %.*s)", STR_ARG(r->hand->why.s), STR_ARG(r->hand->owner.s)),
			    6, call->width);
		return;
	}
	const struct need *n = r->need;
	put_wrapped(o, str_printf(a, "- %.*s", STR_ARG(n->why)), 6, call->width);
	struct str line = n->line ? str_printf(a, ", line %u", n->line) : STR("");
	put_style(o, call->colour_out, STYLE_DIM);
	put_wrapped(o,
		    str_printf(a, "%.*s %s %.*s; %.*s, \"%.*s\"%.*s%s", STR_ARG(role_text(c, r->from_role)), "->",
			       STR_ARG(role_text(c, r->to_role)), STR_ARG(n->document->title), STR_ARG(n->section),
			       STR_ARG(line), n->erratum ? " (erratum)" : ""),
		    8, call->width);
	if (n->names.n && !r->back)
		put_wrapped(o, str_printf(a, "names: %.*s", STR_ARG(strs_text(a, n->names, n->names.n))), 8,
			    call->width);
	if (n->uncertain.n)
		put_wrapped(o, str_printf(a, "uncertain: %.*s", STR_ARG(n->uncertain)), 8, call->width);
	put_style(o, call->colour_out, STYLE_PLAIN);
}

static void put_flow(struct invocation *call, struct out *o, const struct catalogue *c, const struct flow *f)
{
	char id[FLOW_ID];
	out_text(o, "  ");
	put_styled(o, call->colour_out, STYLE_CYAN, why_ports_text(call->arena, f->item));
	if (f->item->service != NO_SERVICE) {
		out_text(o, "  ");
		out_str(o, c->services[f->item->service].id);
	}
	out_text(o, "  ");
	put_styled(o, call->colour_out, STYLE_DIM, str_of(flow_id(f, id)));
	out_char(o, '\n');
	for (size_t i = 0; i < f->item->n_reasons; i++)
		put_reason(call, o, c, &f->item->reasons[i]);
}

void why_put_flows(struct invocation *call, struct out *o, const struct estate *e, const struct flow *flows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct flow *f = &flows[i], *last = i ? &flows[i - 1] : NULL;
		if (!last || last->from != f->from || last->to != f->to) {
			if (last)
				out_char(o, '\n');
			flow_pair_text(o, call->colour_out, e, f);
		}
		put_flow(call, o, e->catalogue, f);
	}
}

static void flow_json(struct json *j, const struct estate *e, const struct flow *f)
{
	char id[FLOW_ID];
	json_object(j);
	json_put_text(j, "id", flow_id(f, id));
	json_put_str(j, "from", f->from->name);
	json_put_str(j, "to", f->to->name);
	json_item(j, f->item);
	json_key(j, "reasons");
	json_list(j);
	for (size_t i = 0; i < f->item->n_reasons; i++)
		reason_json(j, e->catalogue, &f->item->reasons[i]);
	json_end(j);
	json_key(j, "crosses");
	json_list(j);
	for (size_t i = 0; i < f->n_crosses; i++)
		json_str(j, e->firewalls[f->crosses[i]].name.s);
	json_end(j);
	json_end(j);
}

void why_json_flows(struct json *j, const struct estate *e, const struct flow *flows, size_t n)
{
	json_key(j, "flows");
	json_list_lines(j);
	for (size_t i = 0; i < n; i++)
		flow_json(j, e, &flows[i]);
	json_end(j);
}
