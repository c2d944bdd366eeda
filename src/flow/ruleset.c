/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/ruleset.h"

struct ruleset *ruleset_new(struct arena *a, const struct source *s, const char *dialect)
{
	struct ruleset *r = ARENA_NEW(a, struct ruleset);
	r->arena = a;
	r->source = s;
	r->dialect = dialect;
	return r;
}

uint32_t ruleset_chain(struct ruleset *r, struct str name, struct loc at)
{
	if (r->chains.n == MOST_CHAINS) {
		r->too_much = "chains";
		return MOST_CHAINS - 1;
	}
	*VEC_ADD(r->arena, &r->chains) = (struct chain){ .name = name, .at = at, .fallthrough = ACTION_RETURN };
	return (uint32_t)r->chains.n - 1;
}

int ruleset_find_chain(const struct ruleset *r, struct str name)
{
	for (size_t i = 0; i < r->chains.n; i++)
		if (str_eq(r->chains.v[i].name, name))
			return (int)i;
	return -1;
}

struct rule *ruleset_rule(struct ruleset *r, uint32_t chain, struct loc at)
{
	bool room = r->n_made < MOST_RULES;
	r->n_made += room;
	if (!room)
		r->too_much = "rules";
	if (!room && !r->spare)
		r->spare = ARENA_NEW(r->arena, struct rule);
	struct rule *rule = room ? VEC_ADD(r->arena, &r->chains.v[chain].rules) : r->spare;
	*rule = (struct rule){ .at = at };
	return rule;
}

void ruleset_unknown(struct ruleset *r, struct loc at, struct str text, const char *why, ...)
{
	va_list ap;
	if (r->unknown.n == MOST_UNKNOWN) {
		r->too_much = "lines that are not understood";
		return;
	}
	va_start(ap, why);
	*VEC_ADD(r->arena, &r->unknown) = (struct unknown_line){ text, at, arena_vprintf(r->arena, why, ap) };
	va_end(ap);
}

void ruleset_doubt(struct ruleset *r, uint32_t chain, const struct match *m, struct loc at, struct str text,
		   const char *why)
{
	static const enum action either[] = { ACTION_PERMIT, ACTION_DENY };
	struct match kept = *m;
	ruleset_keep(r, &kept);
	for (size_t i = 0; i < ARRAY_LEN(either); i++) {
		struct rule *rule = ruleset_rule(r, chain, at);
		rule->match = kept;
		rule->action = either[i];
		rule->perhaps = why;
		rule->text = text;
	}
}

void ruleset_refused(struct ruleset *r, struct loc at, struct str text, const char *why, ...)
{
	va_list ap;
	va_start(ap, why);
	const char *reason = arena_vprintf(r->arena, why, ap);
	va_end(ap);
	ruleset_unknown(r, at, text, "the loader refuses this file: %s", reason);
}

void ruleset_member(struct ruleset *r, struct str group, struct str member)
{
	*VEC_ADD(r->arena, &r->members) =
		(struct interface_member){ str_dup(r->arena, group), str_dup(r->arena, member) };
}

void ruleset_idle(struct ruleset *r, struct loc at, struct str text, const char *why)
{
	if (r->idle.n == MOST_RULES) {
		r->too_much = "inactive rules";
		return;
	}
	*VEC_ADD(r->arena, &r->idle) = (struct idle_rule){ text, at, why };
}

void ruleset_unfiltered(struct ruleset *r, uint32_t chain, const struct addrset *hosts, bool to)
{
	if (!hosts->n)
		return;
	struct rule *rule = ruleset_rule(r, chain, (struct loc){ r->source, 0, 0, 0 });
	*(to ? &rule->match.dst : &rule->match.src) = hosts;
	rule->action = ACTION_PERMIT;
	rule->implicit = true;
	rule->text = to ? STR("implicit: the destination is outside, where these rules are not")
			: STR("implicit: the source is outside, where these rules are not");
}

struct ruleset *ruleset_copy(struct arena *a, const struct ruleset *r)
{
	struct ruleset *ret = ARENA_NEW(a, struct ruleset);
	*ret = *r;
	memset(&ret->chains, 0, sizeof ret->chains);
	for (size_t c = 0; c < r->chains.n; c++) {
		struct chain *chain = VEC_ADD(a, &ret->chains);
		*chain = r->chains.v[c];
		memset(&chain->rules, 0, sizeof chain->rules);
		for (size_t i = 0; i < r->chains.v[c].rules.n; i++)
			*VEC_ADD(a, &chain->rules) = r->chains.v[c].rules.v[i];
	}
	return ret;
}

size_t ruleset_size(const struct ruleset *r)
{
	size_t n = 0;
	for (size_t c = 0; c < r->chains.n; c++) {
		const struct rule *last = NULL;
		if (r->chains.v[c].aside)
			continue;
		for (size_t i = 0; i < r->chains.v[c].rules.n; i++) {
			const struct rule *rule = &r->chains.v[c].rules.v[i];
			/* one written rule may have become several products */
			bool same = last && rule->at.line && last->at.line == rule->at.line &&
				    last->at.column == rule->at.column;
			n += !rule->implicit && !same;
			last = rule;
		}
	}
	return n;
}

/* Depth-first search that marks the chains on the stack; each chain is visited once. */
enum mark { MARK_NEW, MARK_OPEN, MARK_DONE };

static bool check_chain(const struct ruleset *r, uint32_t c, uint8_t *marks, unsigned depth, struct diag *d)
{
	const struct chain *chain = &r->chains.v[c];
	bool ok = true;

	if (marks[c] == MARK_DONE)
		return true;
	if (depth > MOST_CHAIN_DEPTH)
		return diag_error(d, chain->at, "chains call each other more than %d deep", MOST_CHAIN_DEPTH);
	marks[c] = MARK_OPEN;
	for (size_t i = 0; i < chain->rules.n; i++) {
		const struct rule *rule = &chain->rules.v[i];
		if (rule->action != ACTION_CALL && rule->action != ACTION_GOTO)
			continue;
		if (rule->target >= r->chains.n) {
			ok = diag_error(d, rule->at, "there is no such chain");
		} else if (marks[rule->target] == MARK_OPEN) {
			ok = diag_error(d, rule->at, "the calls form a loop: chain \"%.*s\" is being run already",
					STR_ARG(r->chains.v[rule->target].name));
		} else {
			ok &= check_chain(r, rule->target, marks, depth + 1, d);
		}
	}
	marks[c] = MARK_DONE;
	return ok;
}

static int most_of(const struct ruleset *r)
{
	return r->chains.n == MOST_CHAINS ? MOST_CHAINS : r->unknown.n == MOST_UNKNOWN ? MOST_UNKNOWN : MOST_RULES;
}

bool ruleset_check(const struct ruleset *r, struct diag *d)
{
	if (r->too_much)
		return diag_error(d, (struct loc){ r->source, 0, 0, 0 }, "too many %s (limit %d)", r->too_much,
				  most_of(r));
	uint8_t *marks = calloc(r->chains.n + 1, 1);
	bool ok = true;
	if (!marks)
		out_of_memory(r->chains.n);
	for (uint32_t c = 0; c < r->chains.n; c++)
		ok &= check_chain(r, c, marks, 0, d);
	free(marks);
	return ok;
}

/* The naive evaluator */

static const char unknown_interface[] = "the addresses behind the interface or zone are unknown";
static const char one_of_several[] = "which interface of its zone a packet takes";

struct interface_reach interface_reach(struct arena *a, const struct interface_map *map,
				       const struct interface_names *names)
{
	struct addrset possible = NO_ADDRS, one;
	struct interface_reach ret = { 0 };
	for (size_t i = 0; i < names->n; i++) {
		if (map && map->addresses(map->ctx, names->v[i], &one))
			possible = addrset_union(a, possible, one);
		else
			ret.why = unknown_interface;
	}
	ret.certain = !map ? NO_ADDRS : map->certain ? map->certain(map->ctx, names->v, names->n) : possible;
	ret.possible = ret.why ? addrset_all(a) : possible;
	ret.partly = !addrset_equal(ret.certain, possible);
	if (!ret.why && ret.partly)
		ret.why = one_of_several;
	if (names->after) {
		ret.certain = addrset_before(a, names->after, ret.certain);
		ret.possible = addrset_before(a, names->after, ret.possible);
	}
	if (names->negated) {
		struct addrset all = addrset_all(a), certain = ret.certain;
		ret.certain = addrset_minus(a, all, ret.possible);
		ret.possible = addrset_minus(a, all, certain);
	}
	return ret;
}

static bool same_interface_names(const struct interface_names *one, const struct interface_names *other)
{
	bool same = one->n == other->n && one->negated == other->negated && one->after == other->after;
	for (size_t i = 0; i < one->n && same; i++)
		same = str_eq(one->v[i], other->v[i]);
	return same;
}

bool rules_differ_in_names(const struct rule *one, const struct rule *other, bool in)
{
	const struct match *left = &one->match, *right = &other->match;
	const struct interface_names *names[] = { in ? &left->in : &left->out, in ? &right->in : &right->out };
	return names[0]->n && names[1]->n && !names[0]->negated && !names[1]->negated &&
	       names[0]->after == names[1]->after && one->action == other->action && one->target == other->target &&
	       !one->perhaps && !other->perhaps && one->rpc == other->rpc && left->src == right->src &&
	       left->dst == right->dst && left->n_services == right->n_services && left->services == right->services &&
	       left->conversation == right->conversation && left->translated == right->translated &&
	       left->never == right->never &&
	       same_interface_names(in ? &left->out : &left->in, in ? &right->out : &right->in);
}

/* What names say of an address: it is behind one of them, is not, or may be. */
enum behind { BEHIND_NOT, BEHIND_PERHAPS, BEHIND_CERTAIN };

static enum behind names_behind(const struct interface_names *names, struct addr a, const struct interface_map *map)
{
	bool possible = false, unknown = false, inside;
	if (names->after)
		a = addr_mapped(names->after, a);
	for (size_t i = 0; i < names->n; i++) {
		struct addrset s;
		if (map && map->addresses(map->ctx, names->v[i], &s))
			possible |= addrset_holds(s, a);
		else
			unknown = true;
	}
	inside = possible;
	if (map && map->certain)
		inside = addrset_holds(map->certain(map->ctx, names->v, names->n), a);
	if (inside)
		return names->negated ? BEHIND_NOT : BEHIND_CERTAIN;
	if (possible || unknown)
		return BEHIND_PERHAPS;
	return names->negated ? BEHIND_CERTAIN : BEHIND_NOT;
}

/* The names of a rule and of its neighbours that differ in them alone; see rules_differ_in_names(). */
static enum behind rule_behind(const struct chain *chain, size_t i, bool in, struct addr a,
			       const struct interface_map *map)
{
	const struct rule *rules = chain->rules.v;
	const struct interface_names *own = in ? &rules[i].match.in : &rules[i].match.out;
	size_t from = i, to = i + 1, n = 0;
	if (!own->n)
		return BEHIND_CERTAIN;
	enum behind alone = names_behind(own, a, map);
	if (alone == BEHIND_CERTAIN || !map || !map->certain)
		return alone;
	while (from && rules_differ_in_names(&rules[from - 1], &rules[from], in))
		from--;
	while (to < chain->rules.n && rules_differ_in_names(&rules[to - 1], &rules[to], in))
		to++;
	if (to == from + 1)
		return alone;
	for (size_t j = from; j < to; j++) {
		const struct interface_names *one = in ? &rules[j].match.in : &rules[j].match.out;
		if (names_behind(one, a, map) == BEHIND_CERTAIN)
			return alone;
		n += one->n;
	}
	CLEANUP(arena_freep) struct arena *scratch = arena_new();
	struct str *all = ARENA_ARRAY(scratch, struct str, n);
	n = 0;
	for (size_t j = from; j < to; j++) {
		const struct interface_names *one = in ? &rules[j].match.in : &rules[j].match.out;
		for (size_t m = 0; m < one->n; m++)
			all[n++] = one->v[m];
	}
	struct interface_names together = { .v = all, .n = n, .after = own->after };
	bool whole = names_behind(&together, a, map) == BEHIND_CERTAIN;
	if (!whole)
		return alone;
	return i + 1 == to ? BEHIND_CERTAIN : BEHIND_NOT;
}

bool match_counts(const struct match *m, struct reading reading)
{
	if (m->never)
		return false;
	unsigned asked = reading.invalid ? CONVERSATION_INVALID
			 : reading.reply ? CONVERSATION_ESTABLISHED
					 : CONVERSATION_OPENING;
	return match_conversations(m) & asked;
}

bool rule_accepts_invalid(const struct rule *r)
{
	unsigned conversations = match_conversations(&r->match);
	return r->action == ACTION_PERMIT && !r->match.never && conversations != CONVERSATION_ALL &&
	       conversations & CONVERSATION_INVALID;
}

const struct rule *ruleset_accepts_invalid(const struct ruleset *r)
{
	for (size_t c = 0; r->replies == REPLIES_TRACKED && c < r->chains.n; c++)
		for (size_t i = 0; i < r->chains.v[c].rules.n; i++)
			if (rule_accepts_invalid(&r->chains.v[c].rules.v[i]))
				return &r->chains.v[c].rules.v[i];
	return NULL;
}

/* Fragmentation needed; packet too big. */
static bool permits_too_big(const struct match *m, enum family f)
{
	enum { UNREACHABLE = 3, TOO_BIG = 4, PACKET_TOO_BIG = 2 };
	uint8_t protocol = f == IPV4 ? PROTO_ICMP : PROTO_ICMP6;
	uint16_t type = f == IPV4 ? UNREACHABLE : PACKET_TOO_BIG, code = f == IPV4 ? TOO_BIG : 0;
	bool found = !m->n_services;
	for (size_t i = 0; i < m->n_services && !found; i++) {
		const struct service_term *t = &m->services[i];
		found = t->protocol_lo <= protocol && t->protocol_hi >= protocol && t->port.lo <= type &&
			t->port.hi >= type && t->sport.lo <= code && t->sport.hi >= code;
	}
	return found;
}

bool ruleset_lacks_icmp_errors(const struct ruleset *r)
{
	bool any[2] = { false, false }, errors[2] = { false, false };
	if (r->replies != REPLIES_BY_FLAG && r->replies != REPLIES_BY_RULE)
		return false;
	for (size_t c = 0; c < r->chains.n; c++)
		for (size_t i = 0; i < r->chains.v[c].rules.n; i++) {
			const struct rule *rule = &r->chains.v[c].rules.v[i];
			const struct match *m = &rule->match;
			for (int f = IPV4; f <= IPV6 && rule->action == ACTION_PERMIT && !m->never; f++) {
				if ((m->src && !addrset_part(*m->src, (enum family)f).n) ||
				    (m->dst && !addrset_part(*m->dst, (enum family)f).n))
					continue;
				any[f] = true;
				errors[f] |= permits_too_big(m, (enum family)f);
			}
		}
	return (any[IPV4] && !errors[IPV4]) || (any[IPV6] && !errors[IPV6]);
}

bool ruleset_tells_invalid(const struct ruleset *r)
{
	if (r->replies != REPLIES_TRACKED)
		return false;
	for (size_t c = 0; c < r->chains.n; c++)
		for (size_t i = 0; i < r->chains.v[c].rules.n; i++) {
			const struct rule *rule = &r->chains.v[c].rules.v[i];
			unsigned conversations = match_conversations(&rule->match);
			bool invalid = conversations & CONVERSATION_INVALID,
			     opening = conversations & CONVERSATION_OPENING;
			if (rule->match.never || invalid == opening || rule->action == ACTION_NEXT)
				continue;
			/* a permit of first packets only, or a denial of invalid ones only, opens nothing to them */
			if ((rule->action == ACTION_PERMIT && opening) || (rule->action == ACTION_DENY && invalid))
				continue;
			return true;
		}
	return false;
}

struct match match_of_replies(struct arena *a, const struct match *m)
{
	struct service_term *terms = ARENA_ARRAY(a, struct service_term, m->n_services);
	for (size_t i = 0; i < m->n_services; i++) {
		terms[i] = m->services[i];
		if (protocol_is_icmp(terms[i].protocol_lo) || protocol_is_icmp(terms[i].protocol_hi)) {
			/* another type replies to a type */
			terms[i].sport = terms[i].port = ALL_PORTS;
			continue;
		}
		terms[i].sport = m->services[i].port;
		terms[i].port = m->services[i].sport;
	}
	struct match back = *m;
	back.src = m->dst;
	back.dst = m->src;
	back.services = terms;
	back.in = m->out;
	back.out = m->in;
	back.conversation = CONVERSATION_ESTABLISHED;
	return back;
}

struct flowbox match_box(struct arena *a, const struct match *m)
{
	return (struct flowbox){
		.src = m->src ? *m->src : addrset_all(a),
		.dst = m->dst ? *m->dst : addrset_all(a),
		.services = m->n_services ? m->services : &any_service,
		.n_services = m->n_services ? m->n_services : 1,
	};
}

/* A match without its interfaces. */
static bool match_meets(const struct match *m, const struct packet *p, struct reading reading)
{
	bool service = m->n_services == 0;
	if (!match_counts(m, reading) || (m->src && !addrset_holds(*m->src, p->src)) ||
	    (m->dst && !addrset_holds(*m->dst, p->dst)))
		return false;
	for (size_t i = 0; i < m->n_services && !service; i++)
		service = term_holds(&m->services[i], p);
	return service;
}

bool rule_holds(const struct chain *c, size_t rule, const struct packet *p, const struct interface_map *map,
		struct reading reading, bool *perhaps)
{
	if (!match_meets(&c->rules.v[rule].match, p, reading))
		return false;
	enum behind in = rule_behind(c, rule, true, p->src, map), out = rule_behind(c, rule, false, p->dst, map);
	*perhaps |= in == BEHIND_PERHAPS || out == BEHIND_PERHAPS;
	return in != BEHIND_NOT && out != BEHIND_NOT;
}

struct decider {
	const struct ruleset *r;
	const struct packet *p;
	const struct interface_map *map;
	struct reading reading;
	const struct rule *by;
	uint32_t by_chain;
	const struct rule *may_return; /* the first uncertain rule that returns */
};

/*
 * What a chain decides: permit, deny, return (by a rule), or next (it reached its end).  An uncertain
 * rule counts in favour of the reading, never against it.  Where it returns, the packet may return
 * or go on: what decides it later counts where it is in favour, too; otherwise it returns.
 */
static enum action run_chain(struct decider *decider, uint32_t c)
{
	const struct chain *chain = &decider->r->chains.v[c];
	enum action wanted = decider->reading.upper ? ACTION_PERMIT : ACTION_DENY, rest = ACTION_NEXT;
	for (size_t i = 0; i < chain->rules.n; i++) {
		const struct rule *rule = &chain->rules.v[i];
		bool perhaps = rule->perhaps != NULL;
		enum action a = rule->action;
		if (a == ACTION_NEXT || !rule_holds(chain, i, decider->p, decider->map, decider->reading, &perhaps))
			continue;
		if (a == ACTION_CALL || a == ACTION_GOTO) {
			a = run_chain(decider, rule->target);
			if (a != ACTION_PERMIT && a != ACTION_DENY)
				a = rule->action == ACTION_CALL ? ACTION_NEXT : ACTION_RETURN;
		}
		if (a == ACTION_NEXT)
			continue;
		if (a == ACTION_RETURN || a == rule->action) {
			decider->by = rule;
			decider->by_chain = c;
		}
		if (a == wanted || (!perhaps && rest == ACTION_NEXT))
			return a;
		if (!perhaps || a == ACTION_RETURN)
			rest = ACTION_RETURN;
		if (perhaps && a == ACTION_RETURN && !decider->may_return)
			decider->may_return = rule;
		if (!perhaps)
			break;
	}
	return rest;
}

static enum action decide(struct decider *decider)
{
	const struct ruleset *r = decider->r;
	enum action all = ACTION_PERMIT;
	const struct rule *by = NULL;
	uint32_t by_chain = 0;
	for (size_t i = 0; i < r->bases.n && all == ACTION_PERMIT; i++) {
		uint32_t c = r->bases.v[i];
		decider->by = NULL;
		decider->by_chain = c;
		enum action a = run_chain(decider, c);
		if (a != ACTION_PERMIT && a != ACTION_DENY) {
			a = r->chains.v[c].fallthrough;
			decider->by = NULL;
			decider->by_chain = c;
		}
		all = a == ACTION_PERMIT ? ACTION_PERMIT : ACTION_DENY;
		/* a policy that continues does not override what an earlier rule permitted */
		if (all == ACTION_DENY || decider->by || !by) {
			by = decider->by;
			by_chain = decider->by_chain;
		}
	}
	decider->by = by;
	decider->by_chain = by_chain;
	return r->bases.n ? all : ACTION_DENY;
}

enum action ruleset_decide(const struct ruleset *r, const struct packet *p, const struct interface_map *map,
			   struct reading reading, const struct rule **by, uint32_t *by_chain)
{
	struct decider decider = { .r = r, .p = p, .map = map, .reading = reading };
	enum action a = decide(&decider);
	*by = decider.by;
	*by_chain = decider.by_chain;
	return a;
}

const struct rule *ruleset_may_return(const struct ruleset *r, const struct packet *p, const struct interface_map *map,
				      struct reading reading)
{
	struct decider decider = { .r = r, .p = p, .map = map, .reading = reading };
	decide(&decider);
	return decider.may_return;
}
