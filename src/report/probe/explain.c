/* SPDX-License-Identifier: Apache-2.0 */
#include "report/probe/explain.h"

#include "base/vec.h"
#include "doc/json.h"
#include "report/columns.h"

enum { FLOW_FAILS, FLOW_UNPROVED, NOT_A_PORT, NOT_HERE };

/* Which flow of a meaning a result belongs to; -1: none. */
static int flow_of(const struct probe_report *r, const struct error_code *e, size_t i)
{
	const struct probe_subject *s = &r->tasks->subjects[i];
	if (!s->source || !s->target)
		return -1;
	return error_code_flow(e, s->source->host, s->target->host,
			       catalogue_service(r->explained->catalogue, s->service));
}

static struct str flow_text(struct arena *a, const struct probe_report *r, size_t i)
{
	const struct probe_subject *s = &r->tasks->subjects[i];
	return str_printf(a, "%.*s%s%.*s to %.*s is %s: %.*s", STR_ARG(probe_port(a, r, i)),
			  s->interface.n ? " for " : "", STR_ARG(s->interface), STR_ARG(s->host),
			  state_name(reason_state(r->results[i].reason)), STR_ARG(probe_text(a, r, i)));
}

struct causes {
	struct arena *arena;
	const struct probe_report *report;
	bool *taken; /* by result */
	VEC(struct likely_cause) v;
};

static void add(struct causes *c, const struct error_code *e, unsigned rank, struct str text)
{
	*VEC_ADD(c->arena, &c->v) = (struct likely_cause){ .meaning = e, .rank = rank, .text = text };
}

/* The results of the flows of a meaning, in the order of its flows. */
static size_t add_flows(struct causes *c, const struct error_code *e, size_t *well)
{
	size_t found = 0;
	for (size_t flow = 0; flow < e->n_flows; flow++)
		for (size_t i = 0; i < c->report->tasks->n; i++) {
			if (flow_of(c->report, e, i) != (int)flow)
				continue;
			enum probe_judgement judged = probe_judge_at(c->report, i);
			found++;
			*well += judged == PROBE_WELL;
			if (judged == PROBE_WELL || c->taken[i])
				continue;
			c->taken[i] = true;
			*VEC_ADD(c->arena, &c->v) = (struct likely_cause){
				.meaning = e,
				.rank = judged == PROBE_FAILS ? FLOW_FAILS : FLOW_UNPROVED,
				.has_task = true,
				.task = i,
				.text = flow_text(c->arena, c->report, i),
			};
		}
	return found;
}

static void add_meaning(struct causes *c, const struct error_code *e)
{
	struct arena *a = c->arena;
	size_t well = 0, found = add_flows(c, e, &well);
	const char *colon = e->otherwise.n ? ": " : "";
	if (!e->n_flows)
		add(c, e, NOT_A_PORT,
		    str_printf(a, "as %.*s, it is not a closed port: %.*s", STR_ARG(e->id), STR_ARG(e->otherwise)));
	else if (!found)
		add(c, e, NOT_HERE, str_printf(a, "as %.*s, no flow of it begins at this machine", STR_ARG(e->id)));
	else if (well == found)
		add(c, e, NOT_A_PORT,
		    str_printf(a, "as %.*s, %s, so it is not a closed port between these hosts%s%.*s", STR_ARG(e->id),
			       found == 1 ? "its flow works" : "its flows work", colon, STR_ARG(e->otherwise)));
	else if (e->otherwise.n)
		add(c, e, NOT_A_PORT, str_printf(a, "as %.*s, otherwise: %.*s", STR_ARG(e->id), STR_ARG(e->otherwise)));
}

const struct likely_cause *likely_causes(struct arena *a, const struct probe_report *r, size_t *n)
{
	struct causes c = { .arena = a, .report = r, .taken = ARENA_ARRAY(a, bool, r->tasks->n) };
	VEC(struct likely_cause) sorted = { 0 };
	/* without an estate nothing is known of causes */
	for (size_t i = 0; r->plan && i < r->explained->n; i++)
		add_meaning(&c, r->explained->meanings[i]);
	for (unsigned rank = FLOW_FAILS; rank <= NOT_HERE; rank++)
		for (size_t i = 0; i < c.v.n; i++)
			if (c.v.v[i].rank == rank)
				*VEC_ADD(a, &sorted) = c.v.v[i];
	*n = sorted.n;
	return sorted.v;
}

static void put_meaning(struct out *o, struct arena *a, const struct probe_report *r, const struct error_code *e)
{
	enum { INDENT = 6 };
	const struct catalogue *c = r->explained->catalogue;
	out_printf(o, "  %.*s", STR_ARG(e->id));
	for (size_t i = 0; i < e->names.n; i++)
		out_printf(o, "%s%.*s", i ? ", " : "  ", STR_ARG(e->names.v[i]));
	out_char(o, '\n');
	put_wrapped(o, str_printf(a, "%.*s (%.*s)", STR_ARG(e->meaning), STR_ARG(e->where)), INDENT, r->width);
	for (size_t i = 0; i < e->n_flows; i++)
		put_wrapped(o,
			    str_printf(a, "stands for: %.*s to %.*s, %.*s", STR_ARG(role_text(c, e->flows[i].from)),
				       STR_ARG(role_text(c, e->flows[i].to)),
				       STR_ARG(c->services[e->flows[i].service].id)),
			    INDENT, r->width);
	if (e->otherwise.n)
		put_wrapped(o,
			    str_printf(a, "%s: %.*s", e->n_flows ? "otherwise" : "not a closed port",
				       STR_ARG(e->otherwise)),
			    INDENT, r->width);
	if (e->uncertain.n)
		put_wrapped(o, str_printf(a, "uncertain: %.*s", STR_ARG(e->uncertain)), INDENT, r->width);
	put_wrapped(o, str_printf(a, "source: %.*s", STR_ARG(e->source)), INDENT, r->width);
}

void explain_write_text(struct out *o, struct arena *a, const struct probe_report *r)
{
	enum { INDENT = 2 };
	size_t n;
	const struct probe_explained *explained = r->explained;
	put_styled(o, r->colour, STYLE_BOLD, str_shown(a, explained->code));
	out_printf(o, ": %zu %s\n", explained->n, explained->n == 1 ? "meaning" : "meanings");
	for (size_t i = 0; i < explained->n; i++)
		put_meaning(o, a, r, explained->meanings[i]);
	const struct likely_cause *causes = likely_causes(a, r, &n);
	if (!n)
		return;
	out_char(o, '\n');
	put_styled(o, r->colour, STYLE_BOLD, STR("Causes, the likeliest first"));
	out_char(o, '\n');
	for (size_t i = 0; i < n; i++)
		put_wrapped(o, str_printf(a, "%zu. %.*s", i + 1, STR_ARG(causes[i].text)), INDENT, r->width);
	out_char(o, '\n');
}

static void put_flows(struct json *j, const struct catalogue *c, const struct error_code *e)
{
	json_key(j, "flows");
	json_list(j);
	for (size_t i = 0; i < e->n_flows; i++) {
		json_object(j);
		json_put_str(j, "from", role_text(c, e->flows[i].from));
		json_put_str(j, "to", role_text(c, e->flows[i].to));
		json_put_str(j, "service", c->services[e->flows[i].service].id);
		json_end(j);
	}
	json_end(j);
}

static void put_json_meaning(struct json *j, const struct catalogue *c, const struct error_code *e)
{
	json_object(j);
	json_put_str(j, "id", e->id);
	json_key(j, "names");
	json_list(j);
	for (size_t i = 0; i < e->names.n; i++)
		json_str(j, e->names.v[i]);
	json_end(j);
	json_put_str(j, "meaning", e->meaning);
	json_put_str(j, "where", e->where);
	put_flows(j, c, e);
	json_put_some(j, "otherwise", e->otherwise);
	json_put_some(j, "uncertain", e->uncertain);
	json_put_str(j, "source", e->source);
	json_end(j);
}

void explain_write_json(struct json *j, struct arena *a, const struct probe_report *r)
{
	size_t n;
	if (!r->explained)
		return;
	json_key(j, "explain");
	json_object(j);
	json_put_str(j, "code", str_shown(a, r->explained->code));
	json_key(j, "meanings");
	json_list(j);
	for (size_t i = 0; i < r->explained->n; i++)
		put_json_meaning(j, r->explained->catalogue, r->explained->meanings[i]);
	json_end(j);
	json_key(j, "causes");
	json_list(j);
	const struct likely_cause *causes = likely_causes(a, r, &n);
	for (size_t i = 0; i < n; i++) {
		json_object(j);
		json_put_str(j, "text", causes[i].text);
		json_put_str(j, "meaning", causes[i].meaning->id);
		if (causes[i].has_task)
			json_put_str(j, "flow", r->tasks->subjects[causes[i].task].flow);
		json_end(j);
	}
	json_end(j);
	json_end(j);
}
