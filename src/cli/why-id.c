/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/why-id.h"

#include "cli/why-flows.h"
#include "doc/json.h"
#include "report/columns.h"

enum {
	LEAST_DIGITS = 4,
	FLOW_DIGITS = 16,
	RELATION_DIGITS = 8,
	MOST_LISTED = 6, /* of several ids with the prefix */
};

/* The operand: an id, or its prefix. */
struct asked {
	char kind;     /* 'f' or 'r' */
	struct str id; /* with its letter, in lower case */
	uint32_t part; /* "r-46768819-2": one of several that a dialect made from a relation; 0: absent */
	bool whole;
};

/* A relation at the places that have it alike. */
struct found_relation {
	VEC(struct place) places;
	struct str id, about, src, dst;
	const struct flow *flows;
	size_t n_flows;
};

struct search {
	struct invocation *call;
	const struct plan *plan;
	struct asked asked;
	const struct place *at; /* NULL: all of them */
	VEC(struct str) ids;    /* with the prefix, each once */
	VEC(struct str) says;   /* what each of them is, in a few words */
	VEC(struct flow) flows;
	VEC(struct found_relation) relations;
};

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

static bool read_id(struct invocation *call, const char *text, struct asked *ret)
{
	struct str s = str_lower(call->arena, str_of(text)), rest = str_skip(s, 2);
	bool flow = str_starts(s, "f-");
	size_t n = 0, most = flow ? FLOW_DIGITS : RELATION_DIGITS;

	while (n < rest.n && is_hex(rest.p[n]))
		n++;
	*ret = (struct asked){ .kind = flow ? 'f' : 'r', .id = str_first(s, n + 2), .whole = n == most };
	rest = str_skip(rest, n);
	bool part =
		!flow && n == most && str_starts(rest, "-") && str_to_u32(str_skip(rest, 1), UINT32_MAX, &ret->part);
	if ((!flow && !str_starts(s, "r-")) || n > most || (rest.n && !part)) {
		diag_error(call->diag, NOWHERE,
			   "\"%s\" is not an id of a flow (f- and sixteen digits) or of a rule (r- and eight)", text);
		diag_note(call->diag, NOWHERE, "two places are two operands: portolan why ESTATE.yaml FROM TO");
		return false;
	}
	if (n < LEAST_DIGITS)
		return diag_error(call->diag, NOWHERE, "\"%s\" is too short: at least %d digits of the id are needed",
				  text, LEAST_DIGITS);
	return true;
}

static bool is_asked(const struct search *s, struct str id)
{
	return str_find_text(str_first(id, s->asked.id.n), s->asked.id) == 0;
}

static void add_id(struct search *s, struct str id, struct str says)
{
	for (size_t i = 0; i < s->ids.n; i++)
		if (str_eq(s->ids.v[i], id))
			return;
	*VEC_ADD(s->call->arena, &s->ids) = str_dup(s->call->arena, id);
	*VEC_ADD(s->call->arena, &s->says) = str_dup(s->call->arena, says);
}

/* Flows */

static void take_asked(void *ctx, const struct flow *f)
{
	struct search *s = ctx;
	char id[FLOW_ID];
	if (!is_asked(s, str_of(flow_id(f, id))))
		return;
	if (s->ids.n <= MOST_LISTED)
		*VEC_ADD(s->call->arena, &s->flows) = *f;
	add_id(s, str_of(id),
	       str_printf(s->call->arena, "%.*s to %.*s on %.*s", STR_ARG(f->from->name), STR_ARG(f->to->name),
			  STR_ARG(why_ports_text(s->call->arena, f->item))));
}

static void find_flows(struct search *s)
{
	if (s->at)
		plan_each_at(s->plan, s->at, take_asked, s);
	else
		plan_each(s->plan, take_asked, s);
}

/* Relations */

struct flow_list {
	struct arena *arena;
	VEC(struct flow) v;
};

static void collect(void *ctx, const struct flow *f)
{
	struct flow_list *list = ctx;
	*VEC_ADD(list->arena, &list->v) = *f;
}

/*
 * In the plan's order: endpoints are sorted by name, and the items of a bundle by protocol
 * and ports.
 */
static int flow_cmp(const void *left, const void *right)
{
	const struct flow *a = left, *b = right;
	int c = CMP(a->from, b->from);
	c = c ? c : CMP(a->to, b->to);
	return c ? c : CMP(a->item, b->item);
}

static bool same_flows(const struct found_relation *r, const struct flow *flows, size_t n)
{
	bool same = r->n_flows == n;
	for (size_t i = 0; same && i < n; i++)
		same = flow_cmp(&r->flows[i], &flows[i]) == 0;
	return same;
}

static void add_relation(struct search *s, const struct place *at, const struct policy *p, const struct relation *r,
			 const struct relation_made *made)
{
	struct arena *a = s->call->arena;
	struct flow_list flows = { .arena = a };

	add_id(s, r->id, r->title);
	plan_each_of(s->plan, made, collect, &flows);
	for (size_t i = 0; i < s->relations.n; i++) {
		struct found_relation *other = &s->relations.v[i];
		if (!str_eq(other->about, r->about) || !same_flows(other, flows.v.v, flows.v.n))
			continue;
		*VEC_ADD(a, &other->places) = *at;
		return;
	}
	struct found_relation *new = VEC_ADD(a, &s->relations);
	*new = (struct found_relation){
		.id = str_dup(a, r->id),
		.about = str_dup(a, r->about),
		.src = str_dup(a, p->groups[r->src].name),
		.dst = str_dup(a, p->groups[r->dst].name),
		.flows = flows.v.v,
		.n_flows = flows.v.n,
	};
	*VEC_ADD(a, &new->places) = *at;
}

/* A place's rules may tell RPC interfaces apart or not; most languages do not. */
static bool find_at(struct search *s, struct arena *a, const struct place *at)
{
	int found = 0;
	for (int by_rpc_interface = 0; by_rpc_interface <= 1 && !found; by_rpc_interface++) {
		const struct relation_made *made;
		const struct policy *p = plan_policy_made(
			a, s->plan, at, (struct policy_options){ .by_rpc_interface = by_rpc_interface }, &made);
		for (size_t i = 0; i < p->n_relations; i++)
			if (is_asked(s, p->relations[i].id)) {
				add_relation(s, at, p, &p->relations[i], &made[i]);
				found = 1;
			}
	}
	return found;
}

static void find_relations(struct search *s)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	size_t n = 1;
	const struct place *places = s->at ? s->at : plan_places(s->call->arena, s->plan, &n);
	for (size_t i = 0; i < n; i++) {
		/* whichever language it has */
		struct place at = places[i];
		for (int each_host = 0; each_host <= 1 && !find_at(s, a, &at); each_host++)
			at.each_host = at.firewall >= 0;
		arena_reset(a);
	}
}

/* The flows of all that was found, each once. */
static void gather_flows(struct search *s)
{
	size_t n = 0;
	for (size_t i = 0; i < s->relations.n; i++)
		for (size_t j = 0; j < s->relations.v[i].n_flows; j++)
			*VEC_ADD(s->call->arena, &s->flows) = s->relations.v[i].flows[j];
	if (s->flows.n)
		sort_items(s->flows.v, s->flows.n, sizeof *s->flows.v, flow_cmp);
	for (size_t i = 0; i < s->flows.n; i++)
		if (n == 0 || flow_cmp(&s->flows.v[n - 1], &s->flows.v[i]) != 0)
			s->flows.v[n++] = s->flows.v[i];
	s->flows.n = n;
}

/* Output */

static const char *const side_words[] = { [POLICY_TRANSIT] = "", [POLICY_INBOUND] = "in", [POLICY_OUTBOUND] = "out" };

static bool report_ambiguous(const struct search *s)
{
	diag_error(s->call->diag, NOWHERE, "%zu ids begin with \"%.*s\": give more digits", s->ids.n,
		   STR_ARG(s->asked.id));
	for (size_t i = 0; i < s->ids.n && i < MOST_LISTED; i++)
		diag_note(s->call->diag, NOWHERE, "%.*s: %.*s", STR_ARG(s->ids.v[i]), STR_ARG(s->says.v[i]));
	if (s->ids.n > MOST_LISTED)
		diag_note(s->call->diag, NOWHERE, "and %zu more", s->ids.n - MOST_LISTED);
	return false;
}

static void put_place(struct out *o, const struct plan *p, const struct place *at)
{
	out_str(o, place_name(p, at));
	if (at->host >= 0)
		out_printf(o, " (%s)", side_words[at->side]);
}

static void put_nothing(const struct search *s, struct out *o)
{
	bool flow = s->asked.kind == 'f';
	const char *whole = s->asked.whole ? "the id" : "an id that begins with";
	if (s->at && flow) {
		out_printf(o, "no flow past ");
		put_place(o, s->plan, s->at);
	} else if (s->at) {
		out_printf(o, "no rule of ");
		put_place(o, s->plan, s->at);
	} else if (flow) {
		out_text(o, "no flow of the plan");
	} else {
		out_text(o, "no rule that the plan gives a firewall");
	}
	out_printf(o, " has %s %.*s\n", whole, STR_ARG(s->asked.id));
	if (s->at) {
		out_text(o, "  without --at and --host the whole plan is searched\n");
		return;
	}
	out_printf(o, "  an id is made from %s: it changes when one of them is renamed\n",
		   flow ? "the names of both endpoints, the protocol and the port"
			: "the names of its groups and services");
	if (!flow)
		out_text(o, "  rules of a host without host-firewall: are found with --host HOST, and --side out\n");
}

static void put_relation(const struct search *s, struct out *o, const struct found_relation *r)
{
	bool colour = s->call->colour_out;
	put_styled(o, colour, STYLE_BOLD, r->id);
	for (size_t i = 0; i < r->places.n; i++) {
		out_text(o, i ? ", " : " at ");
		put_place(o, s->plan, &r->places.v[i]);
	}
	out_printf(o, ": %zu %s\n", r->n_flows, r->n_flows == 1 ? "flow" : "flows");
	put_wrapped(o, str_skip(r->about, r->id.n + 2), 2, s->call->width);
	if (s->asked.part)
		out_printf(o,
			   "  %.*s-%u is a part of it, written separately because lists are limited in the language\n",
			   STR_ARG(r->id), s->asked.part);
	out_char(o, '\n');
}

static void write_text(void *ctx, struct out *o)
{
	const struct search *s = ctx;
	for (size_t i = 0; i < s->relations.n; i++)
		put_relation(s, o, &s->relations.v[i]);
	why_put_flows(s->call, o, plan_estate(s->plan), s->flows.v, s->flows.n);
	if (!s->flows.n)
		put_nothing(s, o);
}

static void relation_json(struct json *j, const struct search *s, const struct found_relation *r,
			  const struct place *at)
{
	char id[FLOW_ID];
	json_object(j);
	json_put_str(j, "id", r->id);
	json_put_str(j, at->host >= 0 ? "host" : "firewall", place_name(s->plan, at));
	if (at->host >= 0)
		json_put_text(j, "side", side_words[at->side]);
	json_put_str(j, "from", r->src);
	json_put_str(j, "to", r->dst);
	json_put_str(j, "about", str_skip(r->about, r->id.n + 2));
	json_key(j, "flows");
	json_list(j);
	for (size_t i = 0; i < r->n_flows; i++)
		json_text(j, flow_id(&r->flows[i], id));
	json_end(j);
	json_end(j);
}

static void write_json(void *ctx, struct out *o)
{
	const struct search *s = ctx;
	const struct estate *e = plan_estate(s->plan);
	struct json j = json_to(o);
	json_object(&j);
	json_put_text(&j, "format", "portolan.why/1");
	json_put_str(&j, "estate", e->name.s);
	json_put_bool(&j, "needed", s->flows.n > 0);
	if (s->asked.kind == 'r') {
		json_key(&j, "relations");
		json_list_lines(&j);
		for (size_t i = 0; i < s->relations.n; i++)
			for (size_t at = 0; at < s->relations.v[i].places.n; at++)
				relation_json(&j, s, &s->relations.v[i], &s->relations.v[i].places.v[at]);
		json_end(&j);
	}
	why_json_flows(&j, e, s->flows.v, s->flows.n);
	json_end(&j);
	out_char(o, '\n');
}

enum status why_id(struct invocation *call, const struct plan *p, const char *id)
{
	struct search s = { .call = call, .plan = p };
	struct place at;

	if (!read_id(call, id, &s.asked))
		return STATUS_INPUT;
	if (option_given(call, "in")) {
		diag_error(call->diag, NOWHERE, "--in asks a rule set about a packet: give FROM TO PORT");
		return STATUS_INPUT;
	}
	if (option_given(call, "at") || option_given(call, "host")) {
		if (!invocation_place(call, p, &at))
			return STATUS_INPUT;
		s.at = &at;
	}
	if (s.asked.kind == 'f')
		find_flows(&s);
	else
		find_relations(&s);
	if (s.ids.n > 1) {
		report_ambiguous(&s);
		return STATUS_INPUT;
	}
	gather_flows(&s);
	if (!invocation_write(call, write_text, write_json, &s))
		return STATUS_MACHINE;
	return s.flows.n ? STATUS_WELL : STATUS_NO;
}
