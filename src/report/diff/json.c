/* SPDX-License-Identifier: Apache-2.0 */
#include "doc/json.h"
#include "report/diff/diff.h"
#include "report/packets.h"
#include "report/plan/words.h"

static void put_side(struct json *j, const char *key, const struct shown *s)
{
	if (!s->by && !s->chain)
		return; /* a plan has no rules */
	json_key(j, key);
	json_object(j);
	json_decided(j, s);
	json_end(j);
}

/* An interface that no rule names is "other". */
static void put_ways(struct json *j, const struct change *c)
{
	if (!c->ways.n)
		return;
	json_key(j, "interfaces");
	json_list(j);
	for (size_t i = 0; i < c->ways.n; i++) {
		json_object(j);
		json_put_str(j, "in", c->ways.v[i].in.n ? c->ways.v[i].in : STR("other"));
		json_put_str(j, "out", c->ways.v[i].out.n ? c->ways.v[i].out : STR("other"));
		json_end(j);
	}
	json_end(j);
}

static void put_changes(struct json *j, const char *key, const struct change *changes, size_t n)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	json_key(j, key);
	json_list_lines(j);
	for (size_t i = 0; i < n; i++) {
		const struct change *c = &changes[i];
		json_object(j);
		json_key(j, "boxes");
		json_list(j);
		for (size_t region = 0; region < c->n_regions; region++)
			json_region(j, a, &c->regions[region]);
		json_end(j);
		if (c->more_regions)
			json_put_bool(j, "further-boxes", true);
		json_witness(j, &c->before.witness);
		put_ways(j, c);
		json_interface(j, c->rpc_other ? STR("other") : c->rpc_interface);
		put_side(j, "before", &c->before);
		put_side(j, "after", &c->after);
		json_end(j);
	}
	json_end(j);
}

static void put_comparison(struct json *j, const struct comparison *c)
{
	put_changes(j, "removed", c->removed, c->n_removed);
	if (c->more_removed)
		json_put_bool(j, "more-removed", true);
	put_changes(j, "added", c->added, c->n_added);
	if (c->more_added)
		json_put_bool(j, "more-added", true);
}

static void put_flows(struct json *j, const char *key, const struct diff_report *r, bool added)
{
	char id[FLOW_ID], ports[PORT_TEXT];
	json_key(j, key);
	json_list_lines(j);
	for (size_t i = 0; i < r->n_flows; i++) {
		const struct flow_change *f = &r->flows[i];
		struct flow flow = { .from = f->from, .to = f->to, .item = f->item };
		if (f->added != added)
			continue;
		json_object(j);
		json_put_text(j, "flow", flow_id(&flow, id));
		json_put_str(j, "from", f->from->name);
		json_put_str(j, "to", f->to->name);
		json_item(j, f->item);
		if (f->moved)
			json_put_bool(j, "moved", true);
		if (f->elsewhere)
			json_put_text(j, added ? "ports-before" : "ports-now",
				      port_range_text(f->elsewhere->item->ports, ports));
		json_end(j);
	}
	json_end(j);
}

static void put_path(struct json *j, const char *key, const struct plan *p, const struct flow_change *f)
{
	json_key(j, key);
	json_list(j);
	for (size_t i = 0; i < f->n_crosses; i++)
		json_str(j, plan_estate(p)->firewalls[f->crosses[i]].name.s);
	json_end(j);
}

static void put_rerouted(struct json *j, const struct diff_report *r)
{
	char id[FLOW_ID];
	if (!r->n_rerouted)
		return;
	json_key(j, "flows-rerouted");
	json_list_lines(j);
	for (size_t i = 0; i < r->n_rerouted; i++) {
		const struct flow_change *f = &r->rerouted[i].new;
		struct flow flow = { .from = f->from, .to = f->to, .item = f->item };
		json_object(j);
		json_put_text(j, "flow", flow_id(&flow, id));
		json_put_str(j, "from", f->from->name);
		json_put_str(j, "to", f->to->name);
		json_item(j, f->item);
		put_path(j, "crossed", r->plans[0], &r->rerouted[i].old);
		put_path(j, "crosses", r->plans[1], f);
		json_end(j);
	}
	json_end(j);
}

static void put_effects(struct json *j, const char *key, const struct diff_report *r, bool stops)
{
	json_key(j, key);
	json_list_lines(j);
	for (size_t i = 0; i < r->n_effects; i++) {
		const struct effect *e = &r->effects[i];
		if (e->stops != stops)
			continue;
		json_object(j);
		json_put_str(j, "function", e->function);
		json_put_some(j, "towards", e->towards);
		json_put_str(j, "zone", e->zone);
		json_put_u64(j, "hosts", e->n_hosts);
		if (e->n_hosts == 1)
			json_put_str(j, "host", e->host);
		json_end(j);
	}
	json_end(j);
}

void diff_json(struct out *o, const struct diff_report *r)
{
	struct json j = json_to(o);
	json_object_lines(&j);
	json_put_text(&j, "format", "portolan.diff/1");
	json_put_text(&j, "old", r->old_name);
	json_put_text(&j, "new", r->new_name);
	json_put_bool(&j, "same", r->same);
	json_put_bool(&j, "certain", r->certain);
	put_effects(&j, "stops", r, true);
	put_effects(&j, "starts", r, false);
	if (r->comparison) {
		put_comparison(&j, r->comparison);
	} else {
		put_flows(&j, "flows-removed", r, false);
		put_flows(&j, "flows-added", r, true);
		put_rerouted(&j, r);
	}
	json_end(&j);
	out_char(o, '\n');
}
