/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A difference as SARIF 2.1.0 (OASIS): a result for each change, at the line that decides after it, or else before;
 * and for each function that stops or starts.
 */
#include "base/hash.h"
#include "report/diff/words.h"
#include "report/packets.h"
#include "report/sarif.h"

#define HELP STR_INIT("portolan-diff(1) explains the differences.")

enum diff_kind {
	DIFF_REMOVED,
	DIFF_ADDED,
	DIFF_MOVED,
	DIFF_PORTS,
	DIFF_REROUTED,
	DIFF_STOPS,
	DIFF_STARTS,
	DIFF_MORE,
	DIFF_UNCERTAIN,
	N_DIFF_KINDS
};

static const struct sarif_kind kinds[N_DIFF_KINDS] = {
	[DIFF_REMOVED] = { "removed",
			   "no longer permitted or needed",
			   "OLD permits or needs it, and NEW does not.",
			   LEVEL_WARNING,
			   HELP,
			   { 0 } },
	[DIFF_ADDED] = { "added",
			 "permitted or needed now",
			 "NEW permits or needs it, and OLD does not.",
			 LEVEL_WARNING,
			 HELP,
			 { 0 } },
	[DIFF_MOVED] = { "moved",
			 "moved",
			 "A host has other addresses, and flows with them.",
			 LEVEL_NOTE,
			 HELP,
			 { 0 } },
	[DIFF_PORTS] = { "moved-ports",
			 "moved to other ports",
			 "A service is at other ports between the same hosts.",
			 LEVEL_WARNING,
			 HELP,
			 { 0 } },
	[DIFF_REROUTED] = { "moved-path",
			    "moved to another path",
			    "Flows are needed as before, and cross other firewalls.",
			    LEVEL_NOTE,
			    HELP,
			    { 0 } },
	[DIFF_STOPS] = { "stops",
			 "stops",
			 "A service or a function of Windows loses flows.",
			 LEVEL_WARNING,
			 HELP,
			 { 0 } },
	[DIFF_STARTS] = { "starts",
			  "starts",
			  "A service or a function of Windows gains flows.",
			  LEVEL_NOTE,
			  HELP,
			  { 0 } },
	[DIFF_MORE] = { "more", "further differences", "Differences that are not listed.", LEVEL_WARNING, HELP, { 0 } },
	[DIFF_UNCERTAIN] = { "uncertain",
			     "uncertain",
			     "What makes the comparison uncertain.",
			     LEVEL_WARNING,
			     HELP,
			     { 0 } },
};

struct writer {
	struct json json;
	struct arena *arena;
	const struct diff_report *report;
};

/* key: of the fingerprint; it does not change when lines move */
static void put_result(struct writer *w, enum diff_kind kind, struct loc at, struct str text, struct str key)
{
	struct json *j = &w->json;
	json_object(j);
	json_put_text(j, "ruleId", kinds[kind].id);
	json_put_u64(j, "ruleIndex", kind);
	json_put_text(j, "level", level_names[kinds[kind].level]);
	sarif_message(j, "message", text);
	if (at.source)
		sarif_location(j, at, NO_STR, NO_STR);
	sarif_fingerprint(j,
			  str_printf(w->arena, "%s/%016llx", kinds[kind].id, (unsigned long long)hash64(key.p, key.n)));
	json_end(j);
}

static struct loc decided_at(const struct shown *s)
{
	if (s->by && s->by->at.line)
		return s->by->at;
	return s->chain ? s->chain->policy_at : NOWHERE;
}

static void put_change(struct writer *w, enum diff_kind kind, const struct change *c)
{
	struct arena *a = w->arena;
	CLEANUP(out_free) struct out o = out_memory(1 << 26);
	struct loc after = decided_at(&c->after);
	struct str before_by = side_decides(a, &c->before), after_by = side_decides(a, &c->after),
		   ways = change_ways(a, c);
	for (size_t i = 0; i < c->n_regions; i++)
		out_printf(&o, "%s%.*s", i ? "\n" : "", STR_ARG(region_text(a, &c->regions[i])));
	size_t n_regions = o.n;
	out_printf(&o, "%s\nfor example %.*s", c->more_regions ? "\nand more of it" : "",
		   STR_ARG(change_example(a, c)));
	if (ways.n)
		out_printf(&o, "\n%.*s", STR_ARG(ways));
	if (before_by.n)
		out_printf(&o, "\nbefore: %.*s", STR_ARG(before_by));
	if (after_by.n)
		out_printf(&o, "\nafter: %.*s", STR_ARG(after_by));
	put_result(w, kind, after.line ? after : decided_at(&c->before), out_view(&o),
		   str_first(out_view(&o), n_regions));
}

static void put_comparison(struct writer *w, const struct comparison *c)
{
	for (size_t i = 0; i < c->n_removed; i++)
		put_change(w, DIFF_REMOVED, &c->removed[i]);
	if (c->more_removed)
		put_result(w, DIFF_MORE, NOWHERE, STR("and more that is no longer permitted"), STR("removed"));
	for (size_t i = 0; i < c->n_added; i++)
		put_change(w, DIFF_ADDED, &c->added[i]);
	if (c->more_added)
		put_result(w, DIFF_MORE, NOWHERE, STR("and more that is permitted now"), STR("added"));
}

static void put_flow_line(void *ctx, enum flow_line line, struct str text, struct str parts, const struct endpoint *at)
{
	static const enum diff_kind kinds_of[N_FLOW_LINES] = {
		[FLOW_MOVED] = DIFF_MOVED, [FLOW_PORTS] = DIFF_PORTS,       [FLOW_REMOVED] = DIFF_REMOVED,
		[FLOW_ADDED] = DIFF_ADDED, [FLOW_REROUTED] = DIFF_REROUTED,
	};
	const struct writer *w = ctx;
	if (parts.n)
		text = str_printf(w->arena, "%.*s\n%.*s", STR_ARG(text), STR_ARG(parts));
	put_result(ctx, kinds_of[line], at->host ? at->host->at : NOWHERE, text, text);
}

static void put_uncertain(void *ctx, struct loc at, struct str text)
{
	put_result(ctx, DIFF_UNCERTAIN, at, text, text);
}

void diff_sarif(struct out *o, const struct diff_report *r)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct writer w = { sarif_begin(o), a, r };
	for (size_t i = 0; i < N_DIFF_KINDS; i++)
		sarif_rule(&w.json, &kinds[i]);
	sarif_results(&w.json, r->certain);
	for (size_t i = 0; i < r->n_effects; i++) {
		const struct effect *e = &r->effects[i];
		struct str text = str_printf(a, "%.*s%.*s", STR_ARG(e->function), STR_ARG(effect_says(a, r, e)));
		put_result(&w, e->stops ? DIFF_STOPS : DIFF_STARTS, NOWHERE, text, text);
	}
	if (r->comparison)
		put_comparison(&w, r->comparison);
	else
		diff_flow_lines(a, r, put_flow_line, &w);
	diff_uncertain_lines(a, r, put_uncertain, &w);
	sarif_end_results(&w.json);
	sarif_end(&w.json);
}
