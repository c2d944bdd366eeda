/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/translate.h"

static const struct addr_map *keep_map(struct ruleset *r, const struct addr_map *map)
{
	struct addr_map *copy = map ? ARENA_NEW(r->arena, struct addr_map) : NULL;
	if (map)
		*copy = *map;
	return copy;
}

uint32_t ruleset_translation(struct ruleset *r, struct translation t)
{
	t.src = keep_map(r, t.src);
	t.dst = keep_map(r, t.dst);
	*VEC_ADD(r->arena, &r->translations) = t;
	return (uint32_t)r->translations.n;
}

static uint16_t port_mapped(const struct port_map *map, uint16_t port)
{
	if (port < map->from.lo || port > map->from.hi)
		return port;
	return map->to.lo == map->to.hi ? map->to.lo : (uint16_t)(map->to.lo + (port - map->from.lo));
}

bool packet_translated(const struct ruleset *r, const struct chain *chain, const struct packet *sent,
		       struct packet *ret)
{
	uint32_t number = chain ? chain->translation : 0;
	const struct translation *t = number ? &r->translations.v[number - 1] : NULL;
	*ret = *sent;
	if (!t || t->unknown || t->only_names)
		return false;
	if (t->src)
		ret->src = addr_mapped(t->src, sent->src);
	if (t->dst)
		ret->dst = addr_mapped(t->dst, sent->dst);
	if (t->port_said && protocol_has_ports(sent->protocol))
		ret->port = port_mapped(&t->port, sent->port);
	return ret->src.n != sent->src.n || ret->dst.n != sent->dst.n || ret->port != sent->port;
}

/* Chains by number -> their copy, + 1; 0: none yet.  Chains that are made meanwhile are copies themselves. */
struct copies {
	uint32_t *of;
};

struct rewriter {
	struct ruleset *r;
	struct arena *scratch;
	size_t n_chains; /* that the reader made */
	size_t copied, work;
	bool full;
	const uint32_t *before;
	size_t n_before;
	uint32_t base;     /* the chain that is being put behind translations */
	uint32_t *wrapped; /* for the base: translation -> the chain of its copies, + 1 */
	uint32_t *entries; /* for the base: stage -> the chain that begins with it, + 1 */
	const struct translation *t;
	uint32_t number; /* of t, + 1 */
};

static struct copies copies_new(struct rewriter *w)
{
	return (struct copies){ ARENA_ARRAY(w->scratch, uint32_t, w->n_chains) };
}

static uint32_t copied_chain(struct rewriter *w, uint32_t like, uint32_t translation)
{
	const struct chain *c = &w->r->chains.v[like];
	uint32_t n = ruleset_chain(w->r, c->name, c->at);
	w->r->chains.v[n].aside = true;
	w->r->chains.v[n].translation = translation;
	return n;
}

static struct rule *dispatch(struct rewriter *w, uint32_t chain, enum action action, uint32_t target)
{
	struct rule *rule = ruleset_rule(w->r, chain, w->r->chains.v[w->base].at);
	rule->action = action;
	rule->target = target;
	rule->implicit = true;
	rule->text = STR("implicit: a dispatch of translated packets");
	return rule;
}

/* Preimages of the parts of a match; false when nothing translated can be in them. */

static bool addrs_before(struct rewriter *w, const struct addr_map *map, const struct addrset **set)
{
	if (!map || !*set)
		return true;
	if (map->to.lo == map->to.hi) {
		/* all translated packets, or none */
		bool holds = addrset_holds(**set, (struct addr){ map->to.family, map->to.lo });
		*set = NULL;
		return holds;
	}
	struct addrset *before = ARENA_NEW(w->scratch, struct addrset);
	*before = addrset_before(w->scratch, map, **set);
	*set = before;
	return before->n > 0;
}

static bool ports_before(const struct port_map *map, struct port_range *p)
{
	uint16_t lo = MAX(p->lo, map->to.lo), hi = MIN(p->hi, map->to.hi);
	if (lo > hi)
		return false;
	if (map->to.lo == map->to.hi)
		*p = map->from;
	else
		*p = (struct port_range){ (uint16_t)(map->from.lo + (lo - map->to.lo)),
					  (uint16_t)(map->from.lo + (hi - map->to.lo)) };
	return true;
}

static bool services_before(struct rewriter *w, struct match *m)
{
	struct service_term *terms;
	size_t n = 0;
	if (!w->t->port_said || !m->n_services)
		return true;
	terms = ARENA_ARRAY(w->scratch, struct service_term, m->n_services);
	for (size_t i = 0; i < m->n_services; i++) {
		struct service_term term = m->services[i];
		if (ports_before(&w->t->port, &term.port))
			terms[n++] = term;
	}
	m->services = terms;
	m->n_services = n;
	return n > 0;
}

static bool match_before(struct rewriter *w, struct match *m)
{
	bool names = w->t->only_names;
	if (m->never)
		return false;
	if (!names &&
	    (!addrs_before(w, w->t->src, &m->src) || !addrs_before(w, w->t->dst, &m->dst) || !services_before(w, m)))
		return false;
	if (m->in.n && w->t->src)
		m->in.after = w->t->src;
	if (m->out.n && w->t->dst)
		m->out.after = w->t->dst;
	return true;
}

/* What a rule compares is not known behind the translation: it may match whatever that is. */
static void doubt_source(struct rewriter *w, struct rule *rule)
{
	struct match *m = &rule->match;
	const char *why = NULL;
	if (w->t->vague_src && m->src) {
		m->src = NULL;
		why = w->t->vague_src;
	}
	struct service_term *terms = ARENA_ARRAY(w->scratch, struct service_term, m->n_services);
	for (size_t i = 0; i < m->n_services; i++) {
		terms[i] = m->services[i];
		if (!w->t->vague_sports || !protocol_has_ports(terms[i].protocol_lo) ||
		    (terms[i].sport.lo == 0 && terms[i].sport.hi == UINT16_MAX))
			continue;
		terms[i].sport = ALL_PORTS;
		why = why ? why : w->t->vague_sports;
	}
	m->services = terms;
	if (why && !rule->perhaps)
		rule->perhaps = why;
}

/* A quick look, before a rule is copied. */
static bool may_hold_translated(const struct rewriter *w, const struct rule *rule)
{
	const struct match *m = &rule->match;
	const struct addr_map *dst = w->t->only_names ? NULL : w->t->dst;
	if (rule->action == ACTION_NEXT || (m->never && !m->translated) || m->as_sent || (m->by && m->by != w->number))
		return false;
	return !dst || !m->dst || dst->to.lo != dst->to.hi ||
	       addrset_holds(*m->dst, (struct addr){ dst->to.family, dst->to.lo });
}

static uint32_t copy_chain(struct rewriter *w, struct copies *copies, uint32_t chain, unsigned depth);

static void copy_rule(struct rewriter *w, struct copies *copies, uint32_t to, const struct rule *from, unsigned depth)
{
	struct rule rule = *from;
	if (rule.match.translated)
		rule.match.never = false;
	if (!match_before(w, &rule.match))
		return;
	if (w->copied == MOST_TRANSLATED_RULES) {
		w->full = true;
		return;
	}
	w->copied++;
	if (w->t->vague_src || w->t->vague_sports)
		doubt_source(w, &rule);
	ruleset_keep(w->r, &rule.match);
	if ((rule.action == ACTION_CALL || rule.action == ACTION_GOTO) && rule.target < w->n_chains)
		rule.target = copy_chain(w, copies, rule.target, depth + 1);
	struct loc at = rule.at;
	*ruleset_rule(w->r, to, at) = rule;
}

/* Chains that call each other too deep or in circles are found by ruleset_check(). */
static uint32_t copy_chain(struct rewriter *w, struct copies *copies, uint32_t chain, unsigned depth)
{
	if (copies->of[chain])
		return copies->of[chain] - 1;
	if (depth > MOST_CHAIN_DEPTH)
		return chain;
	uint32_t to = copied_chain(w, chain, w->number);
	copies->of[chain] = to + 1;
	for (size_t i = 0; i < w->r->chains.v[chain].rules.n && !w->full; i++) {
		w->work++;
		if (may_hold_translated(w, &w->r->chains.v[chain].rules.v[i])) {
			const struct rule rule = w->r->chains.v[chain].rules.v[i];
			copy_rule(w, copies, to, &rule, depth);
		}
	}
	return to;
}

/* The rules of the base chain, or of its copy, and its policy: a packet that enters does not come back. */
static void end_with(struct rewriter *w, uint32_t chain, uint32_t body)
{
	dispatch(w, chain, ACTION_CALL, body);
	const struct chain *base = &w->r->chains.v[w->base];
	struct str name = base->name;
	struct loc at = base->policy_at.line ? base->policy_at : base->at;
	enum action policy = base->fallthrough == ACTION_PERMIT ? ACTION_PERMIT : ACTION_DENY;
	struct rule *rule = dispatch(w, chain, policy, 0);
	rule->at = at;
	rule->text = name.n ? str_printf(w->r->arena, "implicit: the policy of %.*s", STR_ARG(name))
			    : STR("implicit: the policy");
}

/* The chain that packets of the translation enter; UINT32_MAX: its effect is unknown, with the reason. */
static uint32_t wrap(struct rewriter *w, uint32_t number, const char **why)
{
	struct copies copies;
	w->t = &w->r->translations.v[number - 1];
	w->number = number;
	if (w->wrapped[number - 1])
		return w->wrapped[number - 1] - 1;
	*why = w->t->unknown;
	if (!*why && (w->full || w->work > MOST_TRANSLATION_WORK))
		*why = "an address translation: there are too many for so many rules";
	if (*why)
		return UINT32_MAX;
	copies = copies_new(w);
	w->work += w->n_chains;
	uint32_t body = copy_chain(w, &copies, w->base, 0);
	if (w->full)
		return wrap(w, number, why);
	uint32_t chain = copied_chain(w, w->base, number);
	end_with(w, chain, body);
	w->wrapped[number - 1] = chain + 1;
	return chain;
}

static uint32_t entry_of(struct rewriter *w, size_t stage);

/* A chain that translates, before the base chain. */
static uint32_t copy_translating(struct rewriter *w, struct copies *copies, uint32_t chain, size_t stage,
				 unsigned depth)
{
	if (copies->of[chain])
		return copies->of[chain] - 1;
	if (depth > MOST_CHAIN_DEPTH)
		return chain;
	uint32_t to = copied_chain(w, chain, 0);
	copies->of[chain] = to + 1;
	for (size_t i = 0; i < w->r->chains.v[chain].rules.n; i++) {
		struct rule rule = w->r->chains.v[chain].rules.v[i];
		const char *why = NULL;
		if (rule.action == ACTION_NEXT && rule.target) {
			uint32_t target = wrap(w, rule.target, &why);
			rule.target = target;
		} else if (rule.action == ACTION_NEXT) {
			continue;
		} else if (rule.action == ACTION_PERMIT) {
			rule.target = entry_of(w, stage + 1);
		} else if (rule.action == ACTION_CALL || rule.action == ACTION_GOTO) {
			rule.target = copy_translating(w, copies, rule.target, stage, depth + 1);
		}
		if (why) {
			ruleset_doubt(w->r, to, &rule.match, rule.at, rule.text, why);
			continue;
		}
		if (rule.action == ACTION_NEXT || rule.action == ACTION_PERMIT)
			rule.action = ACTION_GOTO;
		*ruleset_rule(w->r, to, rule.at) = rule;
	}
	return to;
}

static void put_stages(struct rewriter *w, uint32_t chain, size_t stage)
{
	for (; stage < w->n_before; stage++) {
		struct copies copies = copies_new(w);
		uint32_t translating = copy_translating(w, &copies, w->before[stage], stage, 0);
		dispatch(w, chain, ACTION_CALL, translating);
		if (w->r->chains.v[w->before[stage]].fallthrough == ACTION_DENY)
			dispatch(w, chain, ACTION_DENY, 0);
	}
}

/* Where packets go on that a chain before this stage did not translate; from there they do not come back. */
static uint32_t entry_of(struct rewriter *w, size_t stage)
{
	if (w->entries[stage])
		return w->entries[stage] - 1;
	uint32_t chain = copied_chain(w, w->base, 0);
	w->entries[stage] = chain + 1;
	put_stages(w, chain, stage);
	end_with(w, chain, w->base);
	return chain;
}

/* The base chain's place is taken by one that dispatches, and then goes to it. */
static uint32_t put_before(struct rewriter *w, uint32_t base)
{
	w->base = base;
	w->wrapped = ARENA_ARRAY(w->scratch, uint32_t, w->r->translations.n);
	w->entries = ARENA_ARRAY(w->scratch, uint32_t, w->n_before + 1);
	uint32_t chain = copied_chain(w, base, 0);
	w->r->chains.v[chain].fallthrough = w->r->chains.v[base].fallthrough;
	w->r->chains.v[chain].policy_at = w->r->chains.v[base].policy_at;
	put_stages(w, chain, 0);
	dispatch(w, chain, ACTION_GOTO, base);
	return chain;
}

/* A chain drops packets, or one that it calls. */
static bool denies(struct rewriter *w, uint32_t chain, unsigned depth)
{
	const struct chain *c = &w->r->chains.v[chain];
	bool found = c->fallthrough == ACTION_DENY;
	if (depth > MOST_CHAIN_DEPTH || w->work++ > MOST_TRANSLATION_WORK)
		return true;
	for (size_t i = 0; i < c->rules.n && !found; i++) {
		const struct rule *rule = &c->rules.v[i];
		found = rule->action == ACTION_DENY;
		if (rule->action == ACTION_CALL || rule->action == ACTION_GOTO)
			found |= denies(w, rule->target, depth + 1);
	}
	return found;
}

/* Replies do not show whether their connection was translated; they are asked about where rules let them back. */
static void doubt_replies(struct rewriter *w)
{
	if (w->r->replies == REPLIES_FREE)
		return;
	for (size_t c = 0; c < w->n_chains; c++)
		for (size_t i = 0; i < w->r->chains.v[c].rules.n; i++) {
			struct rule *rule = &w->r->chains.v[c].rules.v[i];
			if (!rule->match.translated || w->r->chains.v[c].aside ||
			    (rule->match.conversation && !(rule->match.conversation & CONVERSATION_ESTABLISHED)))
				continue;
			rule->match.never = false;
			rule->match.conversation = CONVERSATION_ESTABLISHED;
			rule->perhaps = "whether a reply belongs to a translated connection";
		}
}

/* The rules of a chain that translates are read, but not among those that filter. */
static void put_aside(struct ruleset *r, uint32_t chain, unsigned depth)
{
	struct chain *c = &r->chains.v[chain];
	if (c->aside || depth > MOST_CHAIN_DEPTH)
		return;
	c->aside = true;
	for (size_t i = 0; i < c->rules.n; i++)
		if (c->rules.v[i].action == ACTION_CALL || c->rules.v[i].action == ACTION_GOTO)
			put_aside(r, c->rules.v[i].target, depth + 1);
}

void ruleset_translate(struct ruleset *r, const uint32_t *before, size_t n_before, const uint32_t *bases,
		       size_t n_bases)
{
	CLEANUP(arena_freep) struct arena *scratch = arena_new();
	struct rewriter w = {
		.r = r, .scratch = scratch, .n_chains = r->chains.n, .before = before, .n_before = n_before
	};
	bool acts = r->translations.n > 0;
	for (size_t i = 0; i < n_before; i++)
		put_aside(r, before[i], 0);
	for (size_t i = 0; i < n_before && !acts; i++)
		acts = denies(&w, before[i], 0);
	if (!acts)
		return;
	for (size_t i = 0; i < r->bases.n; i++)
		for (size_t j = 0; j < n_bases; j++)
			if (r->bases.v[i] == bases[j]) {
				r->bases.v[i] = put_before(&w, bases[j]);
				break;
			}
	doubt_replies(&w);
}
