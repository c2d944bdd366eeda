/* SPDX-License-Identifier: Apache-2.0 */
#include "prove/audit.h"

#include "base/vec.h"
#include "prove/effect.h"
#include "prove/prove.h"
#include "prove/rpc-mapper.h"

const struct audit_row audit_rows[N_AUDIT_KINDS] = {
	[AUDIT_DEAD] = { "dead-rule", "shadowed: earlier rules match all of its packets, with the same action", true },
	[AUDIT_SHADOWED] = { "shadowed-rule",
			     "shadowed: earlier rules match all of its packets, with the opposite action", true },
	[AUDIT_REDUNDANT] = { "redundant-rule", "redundant: the same packets pass without it", false },
	[AUDIT_CORRELATED] = { "correlated-rule",
			       "correlated: an earlier rule with the opposite action matches a part of its packets",
			       false },
	[AUDIT_ANY_ANY] = { "any-any", "it permits everything from everywhere to everywhere", true },
	[AUDIT_NAME] = { "name-contradicts", "its name contradicts its effect", false },
	[AUDIT_TRANSPORT] = { "wrong-transport", "it opens TCP for a service that uses UDP, or vice versa", true },
	[AUDIT_MAPPER] = { "mapper-without-range",
			   "it opens the RPC endpoint mapper, but none of the ports that it assigns", true },
	[AUDIT_INVALID] = { "accepts-invalid", "it accepts packets that connection tracking calls invalid", true },
	[AUDIT_NO_ERRORS] = { "no-icmp-errors", "a stateless list permits no ICMP errors", true },
	[AUDIT_IDLE] = { "idle-rule", "it is inactive", false },
};

struct auditor {
	struct arena *arena;
	const struct ruleset *rules;
	const struct audit_options *options;
	struct workspace w;
	struct compiled *code;
	VEC(struct audit_finding) found;
	/* the chain that is checked */
	const struct rule *v;
	size_t n;
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

/* A final rule that denies everything is intentional: it is visible, and it counts packets. */
static bool closes(const struct auditor *a, size_t i)
{
	const struct match *m = &a->v[i].match;
	if (a->v[i].action != ACTION_DENY || !is_all_of_its_families(m->src) || !is_all_of_its_families(m->dst) ||
	    m->in.n || m->out.n)
		return false;
	for (size_t j = 0; j < m->n_services; j++)
		if (m->services[j].protocol_lo != 0 || m->services[j].protocol_hi != 255)
			return false;
	for (size_t j = i + 1; j < a->n; j++)
		if (decides(&a->v[j]) && !a->v[j].implicit)
			return false;
	return true;
}

/* A rule may apply to packets that open conversations, to later ones, or to both. */
enum { OPENING, REPLYING, N_READINGS };

static const char never_text[] = "never matches: no packet meets all its conditions";
static const char dead_text[] = "shadowed: earlier rules match all of its packets";
static const char shadowed_text[] = "shadowed: earlier rules match all of its packets, some with the opposite action";
static const char correlated_text[] =
	"correlated: an earlier rule matches a part of its packets with the opposite action, so their order matters";
static const char redundant_text[] = "redundant: the same packets pass without it";
static const char one_of_text[] =
	"redundant: the same packets pass without it while the other rules stay; remove one of them at a time";

static void name_others(struct auditor *a, struct audit_finding *f, const uint32_t *ids, size_t n)
{
	const struct rule **others = ARENA_ARRAY(a->arena, const struct rule *, n);
	for (size_t i = 0; i < n; i++)
		others[i] = &a->v[ids[i]];
	f->others = others;
	f->n_others = n;
}

/*
 * A rule is reported only if the finding holds in both readings.  The earlier rules
 * are named for packets that open conversations, if it applies to them: a rule at
 * the top of a list that lets all replies through would otherwise be named
 * everywhere.
 */
static void report_place(struct auditor *a, size_t i, const struct rule_effect *const s[N_READINGS])
{
	const struct rule *rule = &a->v[i];
	const struct rule_effect *first = s[OPENING]->counts || !s[REPLYING] ? s[OPENING] : s[REPLYING];
	bool other = first->against != NO_RULE;
	bool alive = first->alive || (s[REPLYING] && s[REPLYING]->alive);
	bool needed = first->needed || (s[REPLYING] && s[REPLYING]->needed);

	if (!first->counts) {
		report(a, AUDIT_DEAD, rule, "%s", never_text);
	} else if (!alive) {
		struct audit_finding *f =
			report(a, other ? AUDIT_SHADOWED : AUDIT_DEAD, rule, "%s", other ? shadowed_text : dead_text);
		name_others(a, f, first->over, first->n_over);
	} else if (!closes(a, i)) {
		if (other)
			name_others(a, report(a, AUDIT_CORRELATED, rule, "%s", correlated_text), &first->against, 1);
		if (!needed)
			report(a, AUDIT_REDUNDANT, rule, "%s", redundant_text);
	}
}

static bool flat_of(struct auditor *a, uint32_t chain, bool reply, struct flat_list *list)
{
	return flat_list_of(a->arena, a->code, a->rules, chain, (struct reading){ .upper = true, .reply = reply },
			    list);
}

/*
 * The painter is faster with few classes of services and many addresses, and tries
 * first, briefly; diagrams are faster in the opposite case.  NULL when no engine
 * succeeded.
 */
static const struct rule_effect *effects_of(struct auditor *a, uint32_t chain, bool reply)
{
	struct effect_question q = { a->arena, &a->w, a->code, a->rules, chain, { .upper = true, .reply = reply } };
	struct flat_list list;
	const struct effort *effort = &a->options->effort;
	const struct rule_effect *s = NULL;
	bool painted = effort->engine != ENGINE_DIAGRAMS && flat_of(a, chain, reply, &list);
	if (painted)
		s = effects_by_painting(&q, &list,
					effort->engine == ENGINE_SWEEP ? effort_steps(effort)
								       : effort_first_steps(effort, list.n));
	if (!s && !diagrams_exhausted(a->w.m)) {
		s = effects_by_diagrams(&q);
		s = diagrams_exhausted(a->w.m) ? NULL : s;
	}
	if (!s && painted && effort->engine != ENGINE_SWEEP)
		s = effects_by_painting(&q, &list, effort_steps(effort));
	return s;
}

/*
 * Each rule is redundant by itself.  Where another one of the chain may be removed too, it may be
 * the one that makes this rule redundant.
 */
static void tell_one_of(struct auditor *a, size_t first)
{
	size_t redundant = 0, removable = 0;
	for (size_t i = first; i < a->found.n; i++) {
		redundant += a->found.v[i].kind == AUDIT_REDUNDANT;
		removable += a->found.v[i].kind <= AUDIT_REDUNDANT;
	}
	for (size_t i = first; i < a->found.n && redundant && removable > 1; i++)
		if (a->found.v[i].kind == AUDIT_REDUNDANT)
			a->found.v[i].text = one_of_text;
}

/* False when the result is unknown. */
static bool audit_order(struct auditor *a, uint32_t chain, bool readings_differ)
{
	const struct rule_effect *all[N_READINGS] = { NULL };
	const struct chain *c = &a->rules->chains.v[chain];
	size_t first = a->found.n;
	a->v = c->rules.v;
	a->n = c->rules.n;
	for (int r = OPENING; r <= (readings_differ ? REPLYING : OPENING); r++) {
		all[r] = effects_of(a, chain, r == REPLYING);
		if (!all[r])
			return false;
	}
	for (size_t i = 0; i < a->n; i++) {
		const struct rule_effect *s[N_READINGS] = { all[OPENING] + i,
							    all[REPLYING] ? all[REPLYING] + i : NULL };
		/* what a rule for invalid packets alone does is not compared with others */
		if (decides(&a->v[i]) && !a->v[i].implicit && !a->v[i].match.translated &&
		    compiled_rule_box(a->code, chain, i) && match_conversations(&a->v[i].match) != CONVERSATION_INVALID)
			report_place(a, i, s);
	}
	tell_one_of(a, first);
	return true;
}

/* Ports and names */

static bool holds_port(const struct rule *r, uint8_t protocol, struct port_range p)
{
	if (!r->match.n_services)
		return true;
	for (size_t i = 0; i < r->match.n_services; i++) {
		const struct service_term *t = &r->match.services[i];
		if (t->protocol_lo <= protocol && protocol <= t->protocol_hi && t->port.lo <= p.lo &&
		    p.hi <= t->port.hi)
			return true;
	}
	return false;
}

static bool is_everywhere(const struct addrset *s)
{
	return !s || (s->n == 2 && s->v[0].lo == 0 && s->v[0].hi == addr_max(IPV4) && s->v[1].lo == 0 &&
		      s->v[1].hi == addr_max(IPV6));
}

/* Has no condition on the packet itself; conditions on interfaces do not make it narrow. */
static bool says_nothing(const struct match *m)
{
	return !m->n_services && is_everywhere(m->src) && is_everywhere(m->dst);
}

/* Chains that packets of every kind reach: not those behind a narrower call. */
static void spread(const struct ruleset *r, uint32_t chain, bool *wide)
{
	if (wide[chain])
		return;
	wide[chain] = true;
	for (size_t i = 0; i < r->chains.v[chain].rules.n; i++) {
		const struct rule *call = &r->chains.v[chain].rules.v[i];
		if ((call->action == ACTION_CALL || call->action == ACTION_GOTO) && says_nothing(&call->match))
			spread(r, call->target, wide);
	}
}

static const bool *wide_chains(struct arena *a, const struct ruleset *r)
{
	bool *wide = ARENA_ARRAY(a, bool, r->chains.n), *called = ARENA_ARRAY(a, bool, r->chains.n);
	for (size_t c = 0; c < r->chains.n; c++)
		for (size_t i = 0; i < r->chains.v[c].rules.n; i++) {
			const struct rule *call = &r->chains.v[c].rules.v[i];
			if (call->action == ACTION_CALL || call->action == ACTION_GOTO)
				called[call->target] = true;
		}
	for (uint32_t c = 0; c < r->chains.n; c++)
		if (!called[c])
			spread(r, c, wide);
	return wide;
}

static void audit_any(struct auditor *a, const struct rule *r)
{
	if (r->action == ACTION_PERMIT && says_nothing(&r->match) && !r->match.in.n && !r->match.out.n && !r->perhaps &&
	    match_counts(&r->match, (struct reading){ 0 }) && !r->implicit)
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
		for (size_t j = 0; j < a->options->n_ports; j++) {
			const struct known_port *p = &a->options->ports[j];
			bool fits = p->ports.lo == t->port.lo && p->ports.hi == t->port.lo;
			own |= p->protocol == t->protocol_lo && p->ports.lo <= t->port.lo && t->port.lo <= p->ports.hi;
			if (fits && p->protocol == other)
				known = p;
		}
		/* a rule that opens both includes the right one */
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

/* The text contains the word as a whole word. */
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
	static const struct str denies[] = { STR_INIT("deny"), STR_INIT("block"), STR_INIT("drop"),
					     STR_INIT("reject") };
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
		report(a, AUDIT_NAME, r, "is named \"%.*s\" but %s", STR_ARG(name),
		       r->action == ACTION_PERMIT ? "permits" : "denies");
		return;
	}
	for (size_t j = 0; r->action == ACTION_PERMIT && r->match.n_services && j < a->options->n_ports; j++) {
		const struct known_port *p = &a->options->ports[j];
		bool any = false;
		if (p->service.n < 3 || !has_word(name, p->service))
			continue;
		/* a service may have several ports: one of them is enough */
		for (size_t m = 0; m < a->options->n_ports; m++)
			any |= str_eq(a->options->ports[m].service, p->service) &&
			       holds_port(r, a->options->ports[m].protocol, a->options->ports[m].ports);
		if (any)
			continue;
		report(a, AUDIT_NAME, r, "is named \"%.*s\" but does not open %.*s", STR_ARG(name), STR_ARG(p->name));
		return;
	}
}

/* False when the result is unknown. */
static bool audit_mapper(struct auditor *a, const struct mapper *m)
{
	if (!a->options->mapper || !a->rules->bases.n || a->rules->helps_rpc)
		return true;
	struct mapper_answer r = mapper_ask(a->arena, m, &a->w, a->code, a->rules, &a->options->effort);
	for (size_t i = 0; i < r.rules.n && !r.unknown; i++)
		report(a, AUDIT_MAPPER, r.rules.v[i],
		       "opens the RPC endpoint mapper (tcp %u), but no rule lets through the ports that it assigns",
		       a->options->mapper);
	return !r.unknown;
}

static void audit_idle(struct auditor *a)
{
	for (size_t i = 0; i < a->rules->idle.n; i++) {
		struct audit_finding *f = report(a, AUDIT_IDLE, NULL, "inactive: %s", a->rules->idle.v[i].why);
		f->idle = &a->rules->idle.v[i];
	}
}

static struct loc place_of(const struct audit_finding *f)
{
	return f->rule ? f->rule->at : f->idle ? f->idle->at : NOWHERE;
}

static int by_place(const void *left, const void *right)
{
	const struct audit_finding *a = left, *b = right;
	int c = CMP(place_of(a).line, place_of(b).line);
	c = c ? c : CMP(place_of(a).column, place_of(b).column);
	c = c ? c : CMP(a->kind, b->kind);
	return c ? c : strcmp(a->text, b->text);
}

/* A written rule that became several products is reported once. */
static size_t without_doubles(struct audit_finding *findings, size_t n)
{
	size_t out = 0;
	for (size_t i = 0; i < n; i++)
		if (out == 0 || place_of(&findings[i]).line == 0 || by_place(&findings[out - 1], &findings[i]) != 0)
			findings[out++] = findings[i];
	return out;
}

/* Findings that precede a chain without a result would look complete. */
static void drop_order(struct auditor *a)
{
	size_t n = 0;
	for (size_t i = 0; i < a->found.n; i++)
		if (a->found.v[i].kind > AUDIT_CORRELATED)
			a->found.v[n++] = a->found.v[i];
	a->found.n = n;
}

/*
 * Whether a rule's effect on replies is a separate question from its effect on packets that
 * open conversations.
 */
static bool readings_differ(const struct ruleset *r)
{
	for (size_t c = 0; c < r->chains.n; c++)
		for (size_t i = 0; i < r->chains.v[c].rules.n; i++)
			if (r->chains.v[c].rules.v[i].match.conversation != CONVERSATION_ANY)
				return true;
	return false;
}

struct audit audit(struct arena *arena, const struct ruleset *rules, const struct interface_map *map,
		   const struct audit_options *options)
{
	struct auditor a = { .arena = arena, .rules = rules, .options = options };

	workspace_begin(&a.w, arena);
	struct mapper m = mapper_add(arena, a.w.space, options->mapper, options->dynamic, options->n_dynamic);
	a.code = compile_add(arena, a.w.space, rules, map);
	workspace_freeze(&a.w, a.code);
	compile_make(a.code, a.w.m);
	diagrams_limit(a.w.m, effort_most_runs(&options->effort));

	struct audit r = { 0 };
	r.mapper_unknown = !audit_mapper(&a, &m);
	/* copies for translated packets are what their chains are */
	for (uint32_t c = 0; c < rules->chains.n && !r.order_unknown; c++)
		r.order_unknown = !rules->chains.v[c].aside && !audit_order(&a, c, readings_differ(rules));
	if (r.order_unknown)
		drop_order(&a);
	const bool *wide = wide_chains(arena, rules);
	for (uint32_t c = 0; c < rules->chains.n; c++)
		for (size_t i = 0; i < rules->chains.v[c].rules.n && !rules->chains.v[c].aside; i++) {
			const struct rule *rule = &rules->chains.v[c].rules.v[i];
			if (wide[c])
				audit_any(&a, rule);
			audit_transport(&a, rule);
			if (rules->replies == REPLIES_TRACKED && rule_accepts_invalid(rule))
				report(&a, AUDIT_INVALID, rule, "%s",
				       "accepts packets that connection tracking calls invalid");
			audit_name(&a, rule);
		}
	if (ruleset_lacks_icmp_errors(rules))
		report(&a, AUDIT_NO_ERRORS, NULL, "%s",
		       "no rule permits ICMP errors: packets that are too large for a path are lost without a word");
	audit_idle(&a);
	if (a.found.n)
		sort_items(a.found.v, a.found.n, sizeof *a.found.v, by_place);
	r.v = a.found.v;
	r.n = without_doubles(a.found.v, a.found.n);
	return r;
}
