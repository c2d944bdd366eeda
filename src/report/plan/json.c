/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portolan.plan/1.  A million flows share few endpoints and few bundles, so the
 * text of an endpoint and of a list of reasons is made once and copied.
 */
#include "base/strmap.h"
#include "doc/json.h"
#include "report/findings.h"
#include "report/plan/format.h"
#include "report/plan/reasons.h"
#include "report/plan/words.h"

struct writer {
	struct out *out;
	const struct plan *plan;
	struct arena *arena;
	const struct endpoint *ends;
	struct str *end_texts;    /* by endpoint; p NULL: not made yet */
	struct strmap item_texts; /* by the item's address */
	struct strmap name_texts; /* by the item's address: the names of where it goes */
	struct strmap path_texts; /* by the path's address */
	bool first;
};

static struct str make_end(struct writer *w, const struct endpoint *e)
{
	struct out o = out_memory(1 << 26);
	struct json j = json_to(&o);
	char text[RANGE_TEXT];

	json_object(&j);
	json_put_str(&j, "host", e->name);
	json_put_str(&j, "zone", e->zone_name);
	json_key(&j, "addresses");
	json_list(&j);
	if (e->any)
		json_text(&j, "any");
	for (size_t i = 0; !e->any && i < e->addresses.n; i++)
		json_text(&j, addr_range_text(&e->addresses.v[i], text));
	json_end(&j);
	json_end(&j);
	struct str s = str_dup(w->arena, out_view(&o));
	out_free(&o);
	return s;
}

static struct str end_text(struct writer *w, const struct endpoint *e)
{
	struct str *s = &w->end_texts[e - w->ends];
	if (!s->p)
		*s = make_end(w, e);
	return *s;
}

/* "protocol" to "reasons" of a flow. */
static struct str make_item(struct writer *w, const struct bundle_item *it)
{
	const struct catalogue *c = plan_estate(w->plan)->catalogue;
	struct out o = out_memory(1 << 26);
	struct json j = json_to(&o);
	json_object(&j);
	json_item(&j, it);
	json_put_str(&j, "service", it->service == NO_SERVICE ? STR("by-hand") : c->services[it->service].id);
	json_key(&j, "reasons");
	json_list(&j);
	for (size_t i = 0; i < it->n_reasons; i++)
		reason_json(&j, c, &it->reasons[i]);
	json_end(&j);
	json_end(&j);
	/* without the braces: it goes into the flow's own object */
	struct str all = out_view(&o);
	struct str s = str_dup(w->arena, (struct str){ all.p + 1, all.n - 2 });
	out_free(&o);
	return s;
}

/* ,"names":["*.wns.windows.com"]: a key of "to"; empty where no vendor publishes names. */
static struct str make_names(struct writer *w, const struct bundle_item *it)
{
	struct strs names = item_names(w->arena, it);
	struct out o = out_memory(1 << 20);
	struct json j = json_to(&o);
	if (!names.n)
		return STR("");
	json_list(&j);
	for (size_t i = 0; i < names.n; i++)
		json_str(&j, names.v[i]);
	json_end(&j);
	struct str s = str_printf(w->arena, ",\"names\":%.*s", STR_ARG(out_view(&o)));
	out_free(&o);
	return s;
}

static struct str make_path(struct writer *w, const struct flow *f)
{
	const struct estate *e = plan_estate(w->plan);
	struct out o = out_memory(1 << 20);
	struct json j = json_to(&o);
	json_list(&j);
	for (size_t i = 0; i < f->n_crosses; i++)
		json_str(&j, e->firewalls[f->crosses[i]].name.s);
	json_end(&j);
	struct str s = str_dup(w->arena, out_view(&o));
	out_free(&o);
	return s;
}

/* A text that is made once for each address. */
static struct str *cached(struct writer *w, struct strmap *m, const void *what)
{
	struct str key = { (const char *)&what, sizeof what };
	struct str *s = strmap_get(m, key);
	if (!s) {
		s = ARENA_NEW(w->arena, struct str);
		strmap_add(m, str_dup(w->arena, key), s);
	}
	return s;
}

static void put_flow(void *ctx, const struct flow *f)
{
	struct writer *w = ctx;
	char id[FLOW_ID];
	struct str *item = cached(w, &w->item_texts, f->item);
	struct str *names = cached(w, &w->name_texts, f->item);
	struct str *path = cached(w, &w->path_texts, f->crosses);
	struct str to = end_text(w, f->to);

	if (!item->p)
		*item = make_item(w, f->item);
	if (!names->p)
		*names = make_names(w, f->item);
	if (!path->p)
		*path = make_path(w, f);
	out_text(w->out, w->first ? "\n  {\"id\":\"" : ",\n  {\"id\":\"");
	w->first = false;
	out_bytes(w->out, flow_id(f, id), FLOW_ID - 1);
	out_text(w->out, "\",\"from\":");
	out_str(w->out, end_text(w, f->from));
	out_text(w->out, ",\"to\":");
	out_bytes(w->out, to.p, to.n - 1); /* without its last brace */
	out_str(w->out, *names);
	out_text(w->out, "},");
	out_str(w->out, *item);
	out_text(w->out, ",\"crosses\":");
	out_str(w->out, *path);
	out_char(w->out, '}');
}

struct declined_writer {
	struct json j;
	bool any;
};

static void put_declined(void *ctx, const struct hand_rule *row, const struct flow *f)
{
	struct declined_writer *w = ctx;
	struct json *j = &w->j;
	char id[FLOW_ID];
	if (!w->any) {
		out_text(j->out, ",\n \"declined\":");
		json_list_lines(j);
	}
	w->any = true;
	json_object(j);
	json_put_text(j, "flow", flow_id(f, id));
	json_put_str(j, "from", f->from->name);
	json_put_str(j, "to", f->to->name);
	json_item(j, f->item);
	json_put_str(j, "why", row->why.s);
	json_put_str(j, "owner", row->owner.s);
	if (row->until.s.p)
		json_put_str(j, "until", row->until.s);
	json_key(j, "by");
	json_object(j);
	if (row->at.source)
		json_put_text(j, "file", row->at.source->name);
	json_put_u64(j, "line", row->at.line);
	json_end(j);
	json_end(j);
}

static void put_all_declined(struct out *o, const struct plan *p)
{
	struct declined_writer w = { .j = json_to(o) };
	w.j.depth = 1;
	plan_each_declined(p, put_declined, &w);
	if (w.any)
		json_end(&w.j);
}

static void put_tolerated(struct out *o, const struct estate *e)
{
	struct json j = json_to(o);
	j.depth = 1;
	if (!e->n_tolerate)
		return;
	out_text(o, ",\n \"tolerated\":");
	json_list_lines(&j);
	for (size_t i = 0; i < e->n_tolerate; i++)
		hand_json(&j, &e->tolerate[i]);
	json_end(&j);
}

static bool write_json(struct out *o, const struct plan_report *r, struct diag *d)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	size_t n_ends;
	struct writer w = {
		.out = o,
		.plan = r->plan,
		.arena = a,
		.ends = plan_endpoints(r->plan, &n_ends),
		.item_texts = strmap_new(a),
		.name_texts = strmap_new(a),
		.path_texts = strmap_new(a),
		.first = true,
	};
	w.end_texts = ARENA_ARRAY(a, struct str, n_ends);
	out_text(o, "{\"format\":\"portolan.plan/1\",\"estate\":");
	json_quote(o, plan_estate(r->plan)->name.s);
	out_text(o, ",\n \"flows\":[");
	plan_report_each(r, put_flow, &w);
	out_char(o, ']');
	put_all_declined(o, r->plan);
	put_tolerated(o, plan_estate(r->plan));
	out_text(o, ",\n \"advice\":");
	struct json j = json_to(o);
	j.depth = 1;
	findings_json(&j, &r->advice);
	out_text(o, "}\n");
	return true;
}

const struct plan_format plan_format_json = {
	.name = "json",
	.title = "JSON, portolan.plan/1",
	.write = write_json,
};
