/* SPDX-License-Identifier: Apache-2.0 */
#include "report/plan/table.h"

#include "base/out.h"
#include "report/plan/reasons.h"
#include "report/plan/words.h"

const char *const plan_column_titles[N_PLAN_COLUMNS] = {
	[COLUMN_ID] = "id",
	[COLUMN_FROM] = "from",
	[COLUMN_FROM_ZONE] = "from zone",
	[COLUMN_FROM_ADDRESSES] = "from addresses",
	[COLUMN_TO] = "to",
	[COLUMN_TO_ZONE] = "to zone",
	[COLUMN_TO_ADDRESSES] = "to addresses",
	[COLUMN_PROTOCOL] = "protocol",
	[COLUMN_PORTS] = "ports",
	[COLUMN_SERVICE] = "service",
	[COLUMN_CROSSES] = "crosses",
	[COLUMN_WHY] = "why",
	[COLUMN_DOCUMENTS] = "documents",
};

struct table {
	const struct plan *plan;
	plan_row_fn *show;
	void *ctx;
	const struct endpoint *from, *to;
	const struct bundle_item *item;
	struct arena *pair_arena, *item_arena; /* for the texts of the endpoints, and of the item */
	struct str cells[N_PLAN_COLUMNS];
};

/* Several needs often have the same why: print each once. */
static struct str join_whys(struct arena *a, const struct bundle_item *it)
{
	CLEANUP(out_free) struct out o = out_memory(1 << 20);
	for (size_t i = 0; i < it->n_reasons; i++) {
		struct str why = reason_why(&it->reasons[i]);
		bool said = !why.n;
		for (size_t j = 0; j < i && !said; j++)
			said = str_eq(why, reason_why(&it->reasons[j]));
		if (!said)
			out_printf(&o, "%s%.*s", o.n ? " " : "", STR_ARG(why));
	}
	return str_dup(a, out_view(&o));
}

static void set_pair(struct table *t, const struct flow *f)
{
	const struct estate *e = plan_estate(t->plan);
	struct arena *a;

	t->from = f->from;
	t->to = f->to;
	arena_free(t->pair_arena);
	t->pair_arena = a = arena_new();
	CLEANUP(out_free) struct out path = out_memory(1 << 20);
	for (size_t i = 0; i < f->n_crosses; i++)
		out_printf(&path, "%s%.*s", i ? ", " : "", STR_ARG(e->firewalls[f->crosses[i]].name.s));
	t->cells[COLUMN_FROM] = f->from->name;
	t->cells[COLUMN_FROM_ZONE] = f->from->zone_name;
	t->cells[COLUMN_FROM_ADDRESSES] = endpoint_addresses_text(a, f->from);
	t->cells[COLUMN_TO] = f->to->name;
	t->cells[COLUMN_TO_ZONE] = f->to->zone_name;
	t->cells[COLUMN_TO_ADDRESSES] = endpoint_addresses_text(a, f->to);
	t->cells[COLUMN_CROSSES] = str_dup(a, out_view(&path));
}

static void set_item(struct table *t, const struct bundle_item *it)
{
	const struct catalogue *c = plan_estate(t->plan)->catalogue;
	char ports[ITEM_PORTS], proto[PROTOCOL_TEXT];
	struct arena *a;

	t->item = it;
	arena_free(t->item_arena);
	t->item_arena = a = arena_new();
	CLEANUP(out_free) struct out documents = out_memory(1 << 20);
	for (size_t i = 0; i < it->n_reasons; i++)
		out_printf(&documents, "%s%.*s", i ? "; " : "", STR_ARG(reason_citation(a, &it->reasons[i])));
	t->cells[COLUMN_PROTOCOL] = str_dup(a, str_of(protocol_text(it->protocol, proto)));
	t->cells[COLUMN_PORTS] = str_dup(a, str_of(item_ports_text(it, ports)));
	t->cells[COLUMN_SERVICE] = it->service == NO_SERVICE ? STR("by-hand") : c->services[it->service].id;
	t->cells[COLUMN_WHY] = join_whys(a, it);
	t->cells[COLUMN_DOCUMENTS] = str_dup(a, out_view(&documents));
}

static void put_flow(void *ctx, const struct flow *f)
{
	struct table *t = ctx;
	char id[FLOW_ID];
	if (f->from != t->from || f->to != t->to)
		set_pair(t, f);
	if (f->item != t->item)
		set_item(t, f->item);
	t->cells[COLUMN_ID] = str_of(flow_id(f, id));
	t->show(t->ctx, f, t->cells);
}

void plan_table(const struct plan *p, plan_row_fn *show, void *ctx)
{
	struct table t = { .plan = p, .show = show, .ctx = ctx };
	plan_each(p, put_flow, &t);
	arena_free(t.pair_arena);
	arena_free(t.item_arena);
}
