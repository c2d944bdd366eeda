/* SPDX-License-Identifier: Apache-2.0 */
/* The flows of a plan that a report is about, and how many go between which zones. */
#include "base/vec.h"
#include "report/columns.h"
#include "report/plan/format.h"

struct chooser {
	const struct plan_report *report;
	void (*show)(void *ctx, const struct flow *f);
	void *ctx;
};

static bool is_of_service(const struct bundle_item *it, int service)
{
	for (size_t i = 0; i < it->n_reasons; i++)
		if (it->reasons[i].need && it->reasons[i].need->service == service)
			return true;
	return it->service == service;
}

static bool crosses(const struct flow *f, int firewall)
{
	for (size_t i = 0; i < f->n_crosses; i++)
		if (f->crosses[i] == firewall)
			return true;
	return false;
}

static bool is_in(const bool *zones, const struct endpoint *e)
{
	return e->zone != NO_ZONE && zones[e->zone];
}

bool plan_report_chooses(const struct plan_report *r, const struct flow *f)
{
	const struct plan_choice *only = r->choice;
	size_t n;
	const struct endpoint *endpoints = plan_endpoints(r->plan, &n);
	if (!only)
		return true;
	if ((only->from && !only->from[f->from - endpoints]) || (only->to && !only->to[f->to - endpoints]))
		return false;
	if (only->zones && !is_in(only->zones, f->from) && !is_in(only->zones, f->to))
		return false;
	return (only->firewall < 0 || crosses(f, only->firewall)) &&
	       (only->service < 0 || is_of_service(f->item, only->service));
}

static void show_chosen(void *ctx, const struct flow *f)
{
	const struct chooser *c = ctx;
	if (plan_report_chooses(c->report, f))
		c->show(c->ctx, f);
}

void plan_report_each(const struct plan_report *r, void (*show)(void *ctx, const struct flow *f), void *ctx)
{
	struct chooser c = { r, show, ctx };
	if (r->choice)
		plan_each(r->plan, show_chosen, &c);
	else
		plan_each(r->plan, show, ctx);
}

static void count_one(void *ctx, const struct flow *f)
{
	++*(size_t *)ctx;
}

size_t plan_report_count(const struct plan_report *r)
{
	size_t n = 0;
	if (!r->choice)
		return plan_flow_count(r->plan);
	plan_report_each(r, count_one, &n);
	return n;
}

/* Zones */

struct between {
	size_t flows, pairs, services;
	const struct endpoint *from, *to; /* of the last flow */
	bool *seen;                       /* by service */
};

struct summary {
	struct arena *arena;
	const struct plan *plan;
	struct between **between; /* by pair of zones; NULL: none */
};

static void add_flow(void *ctx, const struct flow *f)
{
	struct summary *s = ctx;
	const struct estate *e = plan_estate(s->plan);
	if (f->from->zone == NO_ZONE || f->to->zone == NO_ZONE)
		return;
	struct between **at = &s->between[f->from->zone * e->n_zones + f->to->zone];
	if (!*at) {
		*at = ARENA_NEW(s->arena, struct between);
		(*at)->seen = ARENA_ARRAY(s->arena, bool, e->catalogue->n_services + 1);
	}
	struct between *b = *at;
	size_t service = f->item->service == NO_SERVICE ? e->catalogue->n_services : f->item->service;
	b->flows++;
	b->pairs += b->from != f->from || b->to != f->to;
	b->from = f->from;
	b->to = f->to;
	b->services += !b->seen[service];
	b->seen[service] = true;
}

static struct str path_text(struct arena *a, const struct plan *p, uint16_t from, uint16_t to)
{
	const struct estate *e = plan_estate(p);
	struct path path = plan_path(p, from, to);
	CLEANUP(out_free) struct out o = out_memory(1 << 20);
	for (size_t i = 0; i < path.n; i++)
		out_printf(&o, "%s%.*s", i ? ", " : "", STR_ARG(e->firewalls[path.firewalls[i]].name.s));
	return str_dup(a, out_view(&o));
}

void plan_report_summary(struct out *o, const struct plan_report *r)
{
	static const char *const titles[] = { "FROM", "TO", "FLOWS", "HOSTS", "SERVICES", "BY" };
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const struct estate *e = plan_estate(r->plan);
	struct summary s = { a, r->plan, ARENA_ARRAY(a, struct between *, e->n_zones * e->n_zones) };
	struct columns *rows = columns_new(a, titles, ARRAY_LEN(titles), 5);
	plan_report_each(r, add_flow, &s);
	for (size_t from = 0; from < e->n_zones; from++)
		for (size_t to = 0; to < e->n_zones; to++) {
			const struct between *b = s.between[from * e->n_zones + to];
			if (!b)
				continue;
			const struct str cells[] = {
				e->zones[from].name.s,
				e->zones[to].name.s,
				str_printf(a, "%zu", b->flows),
				str_printf(a, "%zu pair%s", b->pairs, b->pairs == 1 ? "" : "s"),
				str_printf(a, "%zu", b->services),
				path_text(a, r->plan, (uint16_t)from, (uint16_t)to),
			};
			columns_row(rows, cells);
		}
	columns_print(rows, o, r->width, r->colour);
}
