/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dead and redundant rules by halves.
 *
 * A rule is dead when what it matches is decided before it, and redundant when
 * what is left to it would be decided the same way behind it.  "Before" and
 * "behind" are diagrams of many rules; making them for each rule would cost too
 * much, so the chain is split: a block of few rules shares one diagram of all
 * that stands before the block and one of all behind it, and within the block
 * rules are subtracted one by one, which touches only small diagrams.
 *
 * A rule that is perhaps covers nothing, and nothing may go because of it.
 */
#include "prove/audit.h"

#include "base/vec.h"
#include "prove/prove.h"
#include "prove/question.h"

const struct audit_row audit_rows[N_AUDIT_KINDS] = {
	[AUDIT_DEAD] = { "dead-rule", "earlier rules decide everything that it matches, in the same way", true },
	[AUDIT_SHADOWED] = { "shadowed-rule", "earlier rules decide everything that it matches, in the other way", true },
	[AUDIT_REDUNDANT] = { "redundant-rule", "without it, the same packets would pass", false },
	[AUDIT_CORRELATED] = { "correlated-rule", "an earlier rule of the other decision takes a part of what it matches",
			       false },
	[AUDIT_ANY_ANY] = { "any-any", "it permits everything from everywhere to everywhere", true },
	[AUDIT_NAME] = { "name-contradicts", "its name says something else than it does", false },
	[AUDIT_TRANSPORT] = { "wrong-transport", "it opens TCP for a service that uses UDP, or the reverse", true },
	[AUDIT_MAPPER] = { "mapper-without-range",
			   "it opens the RPC endpoint mapper, but none of the ports that it hands out", true },
	[AUDIT_IDLE] = { "idle-rule", "it is there and does not count", false },
};

enum {
	BLOCK = 8,
	MOST_OTHERS = 4,
};

struct auditor {
	struct arena *arena;
	const struct ruleset *rules;
	const struct audit_options *options;
	struct question q;
	struct compiled *code;
	set_id mapper_port, *dynamic_ports, tcp;
	VEC(struct audit_finding) found;
	/* of the chain that is looked at */
	uint32_t chain;
	const struct rule *v;
	size_t n;
	diagram *cover;	/* what each rule certainly decides */
	diagram *left;	/* what is left to each rule by those before it */
	bool *dead;
};

static struct audit_finding *report(struct auditor *a, enum audit_kind kind, const struct rule *r, const char *fmt, ...)
	PRINTF(4, 5);

static struct audit_finding *report(struct auditor *a, enum audit_kind kind, const struct rule *r, const char *fmt, ...)
{
	struct audit_finding *f = VEC_ADD(a->arena, &a->found);
	va_list ap;
	va_start(ap, fmt);
	*f = (struct audit_finding){ .kind = kind, .rule = r, .text = arena_vprintf(a->arena, fmt, ap) };
	va_end(ap);
	return f;
}

static bool decides(const struct rule *r)
{
	return r->action == ACTION_PERMIT || r->action == ACTION_DENY;
}

static diagram box_of(struct auditor *a, size_t i)
{
	return compiled_rule_match(a->code, a->chain, i);
}

static diagram opposite_of(struct auditor *a, size_t i, diagram set, diagram decision)
{
	enum op op = a->v[i].action == ACTION_PERMIT ? OP_DENIED : OP_PERMITTED;
	return diagram_apply(a->q.m, op, set, decision);
}

/* The earliest rule before `end` that certainly decides a point; end when there is none. */
static size_t first_at(struct auditor *a, const uint32_t point[N_DIMS], size_t end)
{
	for (size_t i = 0; i < end; i++)
		if (diagram_at(a->q.m, a->cover[i], point) != VALUE_NONE)
			return i;
	return end;
}

/* The earlier rules that cover a dead one, as many as one wants to read. */
static void name_covers(struct auditor *a, struct audit_finding *f, size_t i)
{
	const struct rule **others = ARENA_ARRAY(a->arena, const struct rule *, MOST_OTHERS);
	diagram rest = diagram_apply(a->q.m, OP_AND, box_of(a, i), a->q.possible);
	uint32_t point[N_DIMS];
	while (f->n_others < MOST_OTHERS && diagram_find(a->q.m, rest, VALUE_PERMIT, point)) {
		size_t by = first_at(a, point, i);
		if (by == i)
			break;
		others[f->n_others++] = &a->v[by];
		rest = diagram_apply(a->q.m, OP_UNDECIDED, rest, a->cover[by]);
	}
	f->others = others;
}

/* opposite: the part of the rule that earlier ones decide the other way. */
static void report_dead(struct auditor *a, size_t i, diagram opposite)
{
	bool other = opposite != VALUE_NONE;
	struct audit_finding *f = report(a, other ? AUDIT_SHADOWED : AUDIT_DEAD, &a->v[i], "%s",
					 other ? "never decides: earlier rules decide all of it, some of it the other way" :
						 "never decides: earlier rules decide all of it already");
	a->dead[i] = true;
	name_covers(a, f, i);
}

static void report_impossible(struct auditor *a, size_t i)
{
	report(a, AUDIT_DEAD, &a->v[i], "%s", "never decides: no packet can be what it asks for");
	a->dead[i] = true;
}

static bool is_all_of_its_families(const struct addrset *s)
{
	if (!s)
		return true;
	bool all = s->n > 0;
	for (size_t i = 0; i < s->n; i++) {
		struct addr_range whole = addr_range_all(s->v[i].family);
		all &= s->v[i].lo == whole.lo && s->v[i].hi == whole.hi;
	}
	return all;
}

/* The denial of everything that closes a list is written on purpose: to be seen, and to be counted. */
static bool closes(const struct auditor *a, size_t i)
{
	const struct match *m = &a->v[i].match;
	if (a->v[i].action != ACTION_DENY || !is_all_of_its_families(m->src) || !is_all_of_its_families(m->dst) ||
	    m->in.n || m->out.n)
		return false;
	for (size_t k = 0; k < m->n_services; k++)
		if (m->services[k].protocol_lo != 0 || m->services[k].protocol_hi != 255)
			return false;
	for (size_t k = i + 1; k < a->n; k++)
		if (decides(&a->v[k]) && !a->v[k].implicit)
			return false;
	return true;
}

static void report_correlated(struct auditor *a, size_t i, diagram opposite)
{
	uint32_t point[N_DIMS];
	if (closes(a, i) || !diagram_find(a->q.m, opposite, VALUE_PERMIT, point))
		return;
	size_t by = first_at(a, point, i);
	if (by == i)
		return;
	const struct rule **others = ARENA_ARRAY(a->arena, const struct rule *, 1);
	others[0] = &a->v[by];
	struct audit_finding *f = report(a, AUDIT_CORRELATED, &a->v[i], "%s",
					 "an earlier rule takes a part of it the other way, so their order matters");
	f->others = others;
	f->n_others = 1;
}

/* The packets of a rule that earlier ones decide the other way; only what its own box holds is ever made. */
static diagram decided_otherwise(struct auditor *a, size_t from, size_t i, diagram before)
{
	diagram rest = diagram_apply(a->q.m, OP_AND, box_of(a, i), a->q.possible);
	diagram other = opposite_of(a, i, rest, before);
	rest = diagram_apply(a->q.m, OP_UNDECIDED, rest, before);
	for (size_t k = from; k < i && rest != VALUE_NONE; k++) {
		other = diagram_apply(a->q.m, OP_OR, other, opposite_of(a, i, rest, a->cover[k]));
		rest = diagram_apply(a->q.m, OP_UNDECIDED, rest, a->cover[k]);
	}
	return other;
}

static void forward_block(struct auditor *a, size_t from, size_t to, diagram before)
{
	for (size_t i = from; i < to; i++) {
		diagram box = box_of(a, i), rest = diagram_apply(a->q.m, OP_UNDECIDED, box, before);
		for (size_t k = from; k < i && rest != VALUE_NONE; k++)
			rest = diagram_apply(a->q.m, OP_UNDECIDED, rest, a->cover[k]);
		/* packets that cannot be, from IPv4 to IPv6 for one, are no use of a rule */
		a->left[i] = diagram_apply(a->q.m, OP_AND, rest, a->q.possible);
		if (!decides(&a->v[i]) || a->v[i].implicit || box == VALUE_NONE)
			continue;
		if (rest == box) {
			if (a->left[i] == VALUE_NONE)
				report_impossible(a, i);
			continue;
		}
		diagram opposite = decided_otherwise(a, from, i, before);
		if (a->left[i] == VALUE_NONE)
			report_dead(a, i, opposite);
		else
			report_correlated(a, i, opposite);
	}
}

/* Decisions of halves, kept as they are made: the forward and the backward pass need the same ones. */
static diagram decision(struct auditor *a, size_t from, size_t to)
{
	return diagram_fold(a->q.m, OP_FIRST, a->cover + from, to - from);
}

static void forward(struct auditor *a, size_t from, size_t to, diagram before)
{
	if (to - from <= BLOCK) {
		forward_block(a, from, to, before);
		return;
	}
	size_t mid = from + (to - from) / 2;
	forward(a, from, mid, before);
	forward(a, mid, to, diagram_apply(a->q.m, OP_FIRST, before, decision(a, from, mid)));
}

/* Whether what is left to a rule would be decided the same way without it. */
static bool is_redundant(struct auditor *a, size_t i, size_t to, diagram behind)
{
	diagram rest = a->left[i];
	for (size_t k = i + 1; k < to && rest != VALUE_NONE; k++) {
		if (compiled_perhaps(a->code, &a->v[k])) {
			if (diagram_apply(a->q.m, OP_AND, rest, box_of(a, k)) != VALUE_NONE)
				return false;
			continue;
		}
		if (opposite_of(a, i, rest, a->cover[k]) != VALUE_NONE)
			return false;
		rest = diagram_apply(a->q.m, OP_UNDECIDED, rest, a->cover[k]);
	}
	enum op same = a->v[i].action == ACTION_PERMIT ? OP_PERMITTED : OP_DENIED;
	return diagram_apply(a->q.m, same, rest, behind) == rest;
}

static void backward(struct auditor *a, size_t from, size_t to, diagram behind)
{
	if (to - from > BLOCK) {
		size_t mid = from + (to - from) / 2;
		backward(a, mid, to, behind);
		backward(a, from, mid, diagram_apply(a->q.m, OP_FIRST, decision(a, mid, to), behind));
		return;
	}
	for (size_t i = from; i < to; i++) {
		if (!decides(&a->v[i]) || a->dead[i] || a->v[i].implicit || a->left[i] == VALUE_NONE ||
		    compiled_perhaps(a->code, &a->v[i]))
			continue;
		if (!closes(a, i) && is_redundant(a, i, to, behind))
			report(a, AUDIT_REDUNDANT, &a->v[i], "%s", "could go: the same packets would pass without it");
	}
}

static void audit_order(struct auditor *a, uint32_t chain)
{
	const struct chain *c = &a->rules->chains.v[chain];
	bool base = false;
	a->chain = chain;
	a->v = c->rules.v;
	a->n = c->rules.n;
	if (!a->n)
		return;
	a->cover = ARENA_ARRAY(a->arena, diagram, a->n);
	a->left = ARENA_ARRAY(a->arena, diagram, a->n);
	a->dead = ARENA_ARRAY(a->arena, bool, a->n);
	for (size_t i = 0; i < a->n; i++)
		if (!compiled_perhaps(a->code, &a->v[i]))
			a->cover[i] = compiled_rule_decision(a->code, chain, i, (struct reading){ .upper = true });
	for (size_t i = 0; i < a->rules->bases.n; i++)
		base |= a->rules->bases.v[i] == chain;
	forward(a, 0, a->n, VALUE_NONE);
	/* behind the last rule stands the policy; what a called chain leaves open its callers decide */
	diagram policy = !base ? VALUE_RETURN : c->fallthrough == ACTION_PERMIT ? VALUE_PERMIT : VALUE_DENY;
	backward(a, 0, a->n, policy);
}

/* What ports and names say */

static bool holds_port(const struct rule *r, uint8_t protocol, struct port_range p)
{
	if (!r->match.n_services)
		return true;
	for (size_t i = 0; i < r->match.n_services; i++) {
		const struct service_term *t = &r->match.services[i];
		if (t->protocol_lo <= protocol && protocol <= t->protocol_hi && t->port.lo <= p.lo && p.hi <= t->port.hi)
			return true;
	}
	return false;
}

static bool is_everywhere(const struct addrset *s)
{
	return !s || (s->n == 2 && s->v[0].lo == 0 && s->v[0].hi == addr_max(IPV4) && s->v[1].lo == 0 &&
		      s->v[1].hi == addr_max(IPV6));
}

static void audit_any(struct auditor *a, const struct rule *r)
{
	if (r->action == ACTION_PERMIT && !r->match.n_services && is_everywhere(r->match.src) && is_everywhere(r->match.dst) &&
	    !r->match.in.n && !r->match.out.n && !r->perhaps && r->match.conversation != CONVERSATION_ESTABLISHED &&
	    !r->match.never && !r->implicit)
		report(a, AUDIT_ANY_ANY, r, "%s", "permits everything from everywhere to everywhere");
}

static void audit_transport(struct auditor *a, const struct rule *r)
{
	if (r->action != ACTION_PERMIT)
		return;
	for (size_t i = 0; i < r->match.n_services; i++) {
		const struct service_term *t = &r->match.services[i];
		uint8_t other = t->protocol_lo == PROTO_TCP ? PROTO_UDP : PROTO_TCP;
		const struct known_port *known = NULL;
		if (t->protocol_lo != t->protocol_hi || (t->protocol_lo != PROTO_TCP && t->protocol_lo != PROTO_UDP) ||
		    t->port.lo != t->port.hi)
			continue;
		bool own = false;
		for (size_t k = 0; k < a->options->n_ports; k++) {
			const struct known_port *p = &a->options->ports[k];
			bool fits = p->ports.lo == t->port.lo && p->ports.hi == t->port.lo;
			own |= p->protocol == t->protocol_lo && p->ports.lo <= t->port.lo && t->port.lo <= p->ports.hi;
			if (fits && p->protocol == other)
				known = p;
		}
		/* a rule that opens both means the right one too */
		if (!own && known && !holds_port(r, other, t->port))
			report(a, AUDIT_TRANSPORT, r, "opens %s %u, but %.*s uses %s",
			       t->protocol_lo == PROTO_TCP ? "tcp" : "udp", t->port.lo, STR_ARG(known->name),
			       other == PROTO_TCP ? "tcp" : "udp");
	}
}

static bool is_letter(char c)
{
	c = ascii_lower(c);
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* The word stands by itself in the text. */
static bool has_word(struct str text, struct str word)
{
	for (size_t i = 0; i + word.n <= text.n; i++) {
		if (!str_ieq((struct str){ text.p + i, word.n }, word))
			continue;
		if ((i == 0 || !is_letter(text.p[i - 1])) && (i + word.n == text.n || !is_letter(text.p[i + word.n])))
			return true;
	}
	return false;
}

static void audit_name(struct auditor *a, const struct rule *r)
{
	static const struct str permits[] = { STR_INIT("allow"), STR_INIT("permit"), STR_INIT("accept") };
	static const struct str denies[] = { STR_INIT("deny"), STR_INIT("block"), STR_INIT("drop"), STR_INIT("reject") };
	/* languages without names have comments */
	struct str name = r->name.n ? r->name : r->comment;
	bool says_permit = false, says_deny = false;

	if (!name.n || !decides(r))
		return;
	for (size_t i = 0; i < ARRAY_LEN(permits); i++)
		says_permit |= has_word(name, permits[i]);
	for (size_t i = 0; i < ARRAY_LEN(denies); i++)
		says_deny |= has_word(name, denies[i]);
	if (says_permit != says_deny && says_permit != (r->action == ACTION_PERMIT)) {
		report(a, AUDIT_NAME, r, "is called \"%.*s\" and %s", STR_ARG(name),
		       r->action == ACTION_PERMIT ? "permits" : "denies");
		return;
	}
	for (size_t k = 0; r->action == ACTION_PERMIT && r->match.n_services && k < a->options->n_ports; k++) {
		const struct known_port *p = &a->options->ports[k];
		bool any = false;
		if (p->service.n < 3 || !has_word(name, p->service))
			continue;
		/* a service may have several ports: one of them is enough */
		for (size_t m = 0; m < a->options->n_ports; m++)
			any |= str_eq(a->options->ports[m].service, p->service) &&
			       holds_port(r, a->options->ports[m].protocol, a->options->ports[m].ports);
		if (any)
			continue;
		report(a, AUDIT_NAME, r, "is called \"%.*s\" but does not open %.*s", STR_ARG(name), STR_ARG(p->name));
		return;
	}
}

/* Where a set lets through TCP to some of the ports, as a set over addresses. */
static diagram on_ports(struct auditor *a, diagram set, set_id ports)
{
	set = diagram_any(a->q.m, set, DIM_PROTOCOL, space_spans(a->q.space, DIM_PROTOCOL, a->tcp));
	return diagram_any(a->q.m, set, DIM_PORT, space_spans(a->q.space, DIM_PORT, ports));
}

static void audit_mapper(struct auditor *a)
{
	struct reading upper = { .upper = true };
	uint32_t point[N_DIMS] = { 0 }, chain;
	if (!a->options->mapper || !a->rules->bases.n || a->rules->helps_rpc)
		return;
	diagram permitted = diagram_apply(a->q.m, OP_AND, compiled_permitted(a->code, upper), a->q.possible);
	diagram lost = on_ports(a, permitted, a->mapper_port);
	for (size_t i = 0; i < a->options->n_dynamic; i++)
		lost = diagram_apply(a->q.m, OP_MINUS, lost, on_ports(a, permitted, a->dynamic_ports[i]));
	for (unsigned most = 20; most && diagram_find(a->q.m, lost, VALUE_PERMIT, point); most--) {
		point[DIM_PROTOCOL] = space_port(a->q.space, DIM_PROTOCOL, PROTO_TCP);
		point[DIM_PORT] = space_port(a->q.space, DIM_PORT, a->options->mapper);
		const struct rule *by = compiled_blame(a->code, point, upper, &chain);
		if (!by)
			return;
		report(a, AUDIT_MAPPER, by,
		       "opens the RPC endpoint mapper (tcp %u), but no rule lets through the ports that it hands out",
		       a->options->mapper);
		diagram own = compiled_rule_match(a->code, chain, (size_t)(by - a->rules->chains.v[chain].rules.v));
		own = on_ports(a, own, a->mapper_port);
		lost = diagram_apply(a->q.m, OP_MINUS, lost, own);
	}
}

static void audit_idle(struct auditor *a)
{
	for (size_t i = 0; i < a->rules->idle.n; i++) {
		struct audit_finding *f = report(a, AUDIT_IDLE, NULL, "does not count: %s", a->rules->idle.v[i].why);
		f->idle = &a->rules->idle.v[i];
	}
}

static struct loc place_of(const struct audit_finding *f)
{
	return f->rule ? f->rule->at : f->idle->at;
}

static int by_place(const void *x, const void *y)
{
	const struct audit_finding *a = x, *b = y;
	int c = CMP(place_of(a).line, place_of(b).line);
	c = c ? c : CMP(place_of(a).column, place_of(b).column);
	c = c ? c : CMP(a->kind, b->kind);
	return c ? c : strcmp(a->text, b->text);
}

/* A rule that was written once and needed several products is reported once. */
static size_t without_doubles(struct audit_finding *v, size_t n)
{
	size_t out = 0;
	for (size_t i = 0; i < n; i++)
		if (out == 0 || place_of(&v[i]).line == 0 || by_place(&v[out - 1], &v[i]) != 0)
			v[out++] = v[i];
	return out;
}

static bool needs_diagrams(enum audit_kind kind)
{
	return kind == AUDIT_DEAD || kind == AUDIT_SHADOWED || kind == AUDIT_REDUNDANT || kind == AUDIT_CORRELATED ||
	       kind == AUDIT_MAPPER;
}

/* What was found with diagrams that came to their limit means nothing. */
static void drop_unfounded(struct auditor *a)
{
	size_t n = 0;
	for (size_t i = 0; i < a->found.n; i++)
		if (!needs_diagrams(a->found.v[i].kind))
			a->found.v[n++] = a->found.v[i];
	a->found.n = n;
}

struct audit audit(struct arena *arena, const struct ruleset *r, const struct interface_map *map,
		   const struct audit_options *options)
{
	struct auditor a = { .arena = arena, .rules = r, .options = options };
	struct port_range mapper = { options->mapper, options->mapper }, tcp = { PROTO_TCP, PROTO_TCP };

	question_begin(&a.q, arena);
	a.mapper_port = space_add_ports(a.q.space, DIM_PORT, &mapper, 1);
	a.tcp = space_add_ports(a.q.space, DIM_PROTOCOL, &tcp, 1);
	a.dynamic_ports = ARENA_ARRAY(arena, set_id, options->n_dynamic);
	for (size_t i = 0; i < options->n_dynamic; i++)
		a.dynamic_ports[i] = space_add_ports(a.q.space, DIM_PORT, &options->dynamic[i], 1);
	a.code = compile_add(arena, a.q.space, r, map);
	question_freeze(&a.q, a.code);
	diagrams_limit(a.q.m, options->runs ? options->runs : MOST_RUNS);
	compile_make(a.code, a.q.m);

	for (uint32_t c = 0; c < r->chains.n; c++) {
		audit_order(&a, c);
		for (size_t i = 0; i < r->chains.v[c].rules.n; i++) {
			const struct rule *rule = &r->chains.v[c].rules.v[i];
			audit_any(&a, rule);
			audit_transport(&a, rule);
			audit_name(&a, rule);
		}
	}
	audit_mapper(&a);
	bool gave_up = diagrams_exhausted(a.q.m);
	if (gave_up)
		drop_unfounded(&a);
	audit_idle(&a);
	if (a.found.n)
		sort_items(a.found.v, a.found.n, sizeof *a.found.v, by_place);
	return (struct audit){ a.found.v, without_doubles(a.found.v, a.found.n), gave_up };
}
