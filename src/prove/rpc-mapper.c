/* SPDX-License-Identifier: Apache-2.0 */
#include "prove/rpc-mapper.h"

#include "prove/sweep/flat.h"
#include "prove/sweep/paint.h"

enum { MOST_LISTS = 256 };

static const struct reading upper = { .upper = true };

struct mapper mapper_add(struct arena *a, struct space *s, uint16_t port, const struct port_range *handed_out, size_t n)
{
	struct port_range tcp = { PROTO_TCP, PROTO_TCP }, one = { port, port };
	struct flowbox everything = flowbox_all(a);
	struct mapper m = {
		.everything = space_add_box(s, &everything),
		.tcp = space_add_ports(s, DIM_PROTOCOL, &tcp, 1),
		.port = space_add_ports(s, DIM_PORT, &one, 1),
		.handed_out = ARENA_ARRAY(a, set_id, n),
		.n_handed_out = n,
	};
	for (size_t i = 0; i < n; i++)
		m.handed_out[i] = space_add_ports(s, DIM_PORT, &handed_out[i], 1);
	return m;
}

/* Diagrams */

/* Where a set contains TCP to one of the ports from some port, as a set over addresses. */
static diagram on_ports(const struct mapper *m, struct workspace *w, diagram set, set_id ports)
{
	set_id any = m->everything.services[0].sport;
	set = diagram_any(w->m, set, DIM_PROTOCOL, space_spans(w->space, DIM_PROTOCOL, m->tcp));
	set = diagram_any(w->m, set, DIM_PORT, space_spans(w->space, DIM_PORT, ports));
	return diagram_any(w->m, set, DIM_SPORT, space_spans(w->space, DIM_SPORT, any));
}

static struct mapper_answer ask_diagrams(struct arena *a, const struct mapper *m, struct workspace *w,
					 struct compiled *code)
{
	struct service_ids service = { m->tcp, m->port, m->everything.services[0].sport };
	struct box_id to_mapper = { m->everything.src, m->everything.dst, &service, 1 };
	struct mapper_answer r = { 0 };
	diagram permitted = diagram_apply(w->m, OP_AND, compiled_permitted(code, upper), w->possible);
	diagram lost = on_ports(m, w, permitted, m->port);
	for (size_t i = 0; i < m->n_handed_out; i++)
		lost = diagram_apply(w->m, OP_MINUS, lost, on_ports(m, w, permitted, m->handed_out[i]));
	lost = diagram_apply(w->m, OP_AND, diagram_apply(w->m, OP_AND, permitted, lost),
			     space_box(w->space, w->m, &to_mapper, VALUE_PERMIT));
	bool more;
	size_t n;
	const struct decided *parts = compiled_split(code, lost, upper, SIZE_MAX, &n, &more);
	for (size_t i = 0; i < n; i++)
		if (parts[i].by)
			*VEC_ADD(a, &r.rules) = parts[i].by;
	r.unknown = diagrams_exhausted(w->m);
	return r;
}

/* The painter */

/* The rules that contain one pair of ports, as if there were no other services. */
struct port_list {
	const struct box_id **boxes;
	uint32_t *rules; /* in the flat list */
	size_t n;
};

struct mapper_painting {
	const struct flat_list *flat;
	struct port_list lists[MOST_LISTS];
	struct painted_list painted[MOST_LISTS];
	size_t n, n_mapper; /* the first are the mapper's */
	bool *found;        /* by rule of the flat list */
};

static bool holds(const struct space *s, const struct box_id *b, uint32_t tcp, uint32_t port, uint32_t sport)
{
	for (size_t i = 0; i < b->n_services; i++)
		if (spans_hold(space_spans(s, DIM_PROTOCOL, b->services[i].protocol), tcp) &&
		    spans_hold(space_spans(s, DIM_PORT, b->services[i].port), port) &&
		    spans_hold(space_spans(s, DIM_SPORT, b->services[i].sport), sport))
			return true;
	return false;
}

static bool add_list(struct mapper_painting *p, struct arena *a, const struct mapper *m, const struct space *s,
		     uint32_t port, uint32_t sport)
{
	uint32_t tcp = space_port(s, DIM_PROTOCOL, PROTO_TCP);
	if (p->n == MOST_LISTS)
		return false;
	struct port_list *l = &p->lists[p->n];
	*l = (struct port_list){
		.boxes = ARENA_ARRAY(a, const struct box_id *, p->flat->n),
		.rules = ARENA_ARRAY(a, uint32_t, p->flat->n),
	};
	for (size_t i = 0; i < p->flat->n; i++) {
		if (!holds(s, p->flat->boxes[i], tcp, port, sport))
			continue;
		struct box_id *b = ARENA_NEW(a, struct box_id);
		*b = *p->flat->boxes[i];
		b->services = m->everything.services;
		b->n_services = m->everything.n_services;
		l->boxes[l->n] = b;
		l->rules[l->n++] = (uint32_t)i;
	}
	p->painted[p->n++] = (struct painted_list){ .boxes = l->boxes, .n = l->n };
	return true;
}

static bool add_port(struct mapper_painting *p, struct arena *a, const struct mapper *m, const struct space *s,
		     set_id ports)
{
	struct spans spans = space_spans(s, DIM_PORT, ports);
	for (size_t i = 0; i < spans.n; i++)
		for (uint32_t port = spans.v[i].first; port <= spans.v[i].last; port++)
			for (uint32_t sport = 0; sport < space_size(s, DIM_SPORT); sport++)
				if (!add_list(p, a, m, s, port, sport))
					return false;
	return true;
}

static bool permits(const struct mapper_painting *p, size_t list, uint32_t first)
{
	const struct port_list *l = &p->lists[list];
	return p->flat->actions[first < l->n ? l->rules[first] : p->flat->n] == ACTION_PERMIT;
}

static void show(void *ctx, const struct canvas *c)
{
	struct mapper_painting *p = ctx;
	for (uint32_t leaf = c->from; leaf <= c->to; leaf++) {
		bool handed_out = false;
		for (size_t j = p->n_mapper; j < p->n && !handed_out; j++)
			handed_out = permits(p, j, c->first[j][leaf]);
		for (size_t j = 0; j < p->n_mapper && !handed_out; j++) {
			uint32_t first = c->first[j][leaf];
			if (first < p->lists[j].n && permits(p, j, first))
				p->found[p->lists[j].rules[first]] = true;
		}
	}
}

static struct mapper_answer ask_painter(struct arena *a, const struct mapper *m, struct workspace *w,
					const struct ruleset *r, const struct flat_list *flat, uint64_t steps)
{
	struct mapper_painting p = { .flat = flat, .found = ARENA_ARRAY(a, bool, flat->n) };
	struct mapper_answer answer = { 0 };
	const struct chain *chain = &r->chains.v[r->bases.v[0]];
	bool room = add_port(&p, a, m, w->space, m->port);
	p.n_mapper = p.n;
	for (size_t i = 0; i < m->n_handed_out && room; i++)
		room = add_port(&p, a, m, w->space, m->handed_out[i]);
	struct painting painting = { .workspace = w, .lists = p.painted, .n_lists = p.n, .steps = steps };
	answer.unknown = !room || !paint(a, &painting, show, &p);
	for (size_t i = 0; i < flat->n && !answer.unknown; i++)
		if (p.found[i])
			*VEC_ADD(a, &answer.rules) = &chain->rules.v[flat->rules[i]];
	return answer;
}

struct mapper_answer mapper_ask(struct arena *a, const struct mapper *m, struct workspace *w, struct compiled *code,
				const struct ruleset *r, const struct effort *effort)
{
	struct flat_list flat;
	struct mapper_answer answer = { .unknown = true };
	bool painted = effort->engine != ENGINE_DIAGRAMS && r->bases.n == 1 &&
		       flat_list_of(a, code, r, r->bases.v[0], upper, &flat);
	bool sweep = effort->engine == ENGINE_SWEEP;
	if (painted)
		answer = ask_painter(a, m, w, r, &flat,
				     sweep ? effort_steps(effort) : effort_first_steps(effort, flat.n));
	if (answer.unknown && !diagrams_exhausted(w->m))
		answer = ask_diagrams(a, m, w, code);
	if (answer.unknown && painted && !sweep)
		answer = ask_painter(a, m, w, r, &flat, effort_steps(effort));
	return answer;
}
