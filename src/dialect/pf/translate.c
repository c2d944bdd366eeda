/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Address translation of pf.
 *
 * OpenBSD (pf.conf(5), "Translation"): nat-to, rdr-to and binat-to are options of rules.  On a match rule they
 * apply at once, and the rules after it see the new addresses; on a pass rule they apply when it is the one that
 * decides, so that the rules for packets that leave see what an inbound rdr-to made.  What a pass rule makes of
 * packets that leave, no rule sees.
 *
 * FreeBSD (its pf.conf(5), "TRANSLATION"): nat, rdr and binat are rules of their own.  The first that matches
 * decides, before the packet is filtered: rdr where it enters, nat where it leaves, binat in both directions.
 */
#include "dialect/common/names.h"
#include "dialect/pf/pf.h"

static const char not_modelled[] = "an address translation that is not modelled";
static const char passes[] = "a translation that passes packets by itself";
static const char vague_source[] = "a source that is translated to an address that is not in the file";
static const char vague_ports[] = "source ports that a translation chooses";

enum { MOST_MATCH_STEPS = 1000 }; /* that are compared with each other */

/* (em0), <table>, { list } or an address; and a port. */
void pf_read_target(struct pf *pf, struct pf_target *t)
{
	struct pf_lexer *l = &pf->lexer;
	if (pf_is(l, "(")) {
		pf_skip_parentheses(pf);
	} else if (pf_is(l, "{")) {
		while (l->token.kind != PF_END && !pf_is(l, "}"))
			pf_next(l);
		pf_next(l);
	} else if (!pf_at_end(l)) {
		t->known = l->token.kind == PF_TABLE
				   ? pf_table_address(pf, l->token.text, &t->to)
				   : l->token.kind == PF_WORD &&
					     addr_range_parse(l->token.text, &t->to) <= RANGE_HOST_BITS;
		pf_next(l);
	}
	if (pf_accept(l, "port") && !pf_at_end(l)) {
		t->port = l->token.text;
		pf_next(l);
		t->known &= !pf_is(l, ":");
	}
	while (l->token.kind == PF_WORD && str_is_one_of(l->token.text, "round-robin random source-hash bitmask "
									"sticky-address static-port least-states")) {
		bool hash = pf_is(l, "source-hash");
		t->static_port |= pf_is(l, "static-port");
		pf_next(l);
		if (hash && (l->token.kind == PF_STRING || str_starts(l->token.text, "0x")))
			pf_next(l);
	}
}

void pf_take_translation(struct pf *pf, struct pf_draft *draft)
{
	static const struct {
		const char *word;
		enum pf_translation kind;
	} kinds[] = { { "nat-to", PF_NAT }, { "rdr-to", PF_RDR }, { "binat-to", PF_BINAT } };
	struct pf_lexer *l = &pf->lexer;
	struct pf_target t = { .kind = PF_OTHER };
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (pf_is(l, kinds[i].word))
			t.kind = kinds[i].kind;
	if (draft->target.kind)
		t.kind = PF_OTHER; /* two of them */
	pf_next(l);
	bool both = pf_accept(l, "from"); /* af-to from A to B */
	pf_read_target(pf, &t);
	if (both && pf_accept(l, "to"))
		pf_read_target(pf, &t);
	draft->target = t;
}

static bool is_single(const struct addr_range *r)
{
	return r->lo == r->hi;
}

static bool is_loopback(const struct addr_range *r)
{
	enum { LOOPBACK_NET = 127, LOOPBACK_BITS = 24 };
	return r->family == IPV4 ? r->lo >> LOOPBACK_BITS == LOOPBACK_NET : r->lo == 1;
}

static const struct addr_map *map_to(struct pf *pf, struct addr_range from, struct addr_range to)
{
	struct addr_map *map = ARENA_NEW(pf->arena, struct addr_map);
	*map = (struct addr_map){ from, to };
	return map;
}

/* "8443" for all ports of the match; "8443:*" counts them from there. */
static bool read_port(const struct match *m, struct str text, struct translation *t)
{
	bool counted = str_ends(text, ":*");
	struct port_range from = m->n_services ? m->services[0].port : ALL_PORTS, to;
	if (!text.n)
		return true;
	for (size_t i = 0; i < m->n_services; i++)
		if (!protocol_has_ports(m->services[i].protocol_lo) ||
		    !protocol_has_ports(m->services[i].protocol_hi) || m->services[i].port.lo != from.lo ||
		    m->services[i].port.hi != from.hi)
			return false;
	if (!m->n_services || !port_name_parse(counted ? str_first(text, text.n - 2) : text, NULL, &to.lo))
		return false;
	to.hi = to.lo;
	if (counted) {
		if (from.hi - from.lo > UINT16_MAX - to.lo)
			return false;
		to.hi = (uint16_t)(to.lo + (from.hi - from.lo));
	}
	t->port_said = true;
	t->port = (struct port_map){ from, to };
	return true;
}

static struct translation redirection(struct pf *pf, const struct pf_target *to, const struct match *m)
{
	const struct translation unknown = { .unknown = not_modelled };
	struct translation t = { 0 };
	if (!to->known || !is_single(&to->to) || is_loopback(&to->to) || !read_port(m, to->port, &t))
		return unknown;
	t.dst = map_to(pf, addr_range_all(to->to.family), to->to);
	return t;
}

static struct translation new_source(struct pf *pf, const struct pf_target *to)
{
	struct translation t = { .vague_sports = to->static_port ? NULL : vague_ports };
	if (to->known && is_single(&to->to))
		t.src = map_to(pf, addr_range_all(to->to.family), to->to);
	else
		t.vague_src = vague_source;
	return t;
}

static struct pf_step *add_step(struct pf *pf, const struct pf_rule *r, bool source, struct translation t)
{
	struct pf_step *s = VEC_ADD(pf->arena, &pf->steps);
	*s = (struct pf_step){ .rule = *r, .source = source, .at = pf->n_filtering, .made = t };
	return s;
}

/* A pair of addresses, or of networks of one size, in both directions. */
static void add_pair(struct pf *pf, const struct pf_rule *r, const struct pf_target *to, bool matches)
{
	const struct match *m = &r->rule.match;
	struct translation out = { .unknown = not_modelled }, in = { .unknown = not_modelled };
	struct pf_rule back = *r;
	bool known = to->known && m->src && m->src->n == 1 && m->src->v[0].family == to->to.family &&
		     m->src->v[0].hi - m->src->v[0].lo == to->to.hi - to->to.lo && !is_loopback(&to->to);
	for (size_t i = 0; i < m->n_services; i++)
		known &= !protocol_has_ports(m->services[i].protocol_lo) ||
			 (m->services[i].port.lo == 0 && m->services[i].port.hi == UINT16_MAX &&
			  m->services[i].sport.lo == 0 && m->services[i].sport.hi == UINT16_MAX);
	if (known) {
		out = (struct translation){ .src = map_to(pf, m->src->v[0], to->to) };
		in = (struct translation){ .dst = map_to(pf, to->to, m->src->v[0]) };
	}
	struct addrset *outer = ARENA_NEW(pf->arena, struct addrset);
	*outer = to->known ? range_set(pf->arena, to->to) : everywhere_set();
	back.rule.match.src = m->dst;
	back.rule.match.dst = outer;
	add_step(pf, r, true, out)->matches = matches;
	add_step(pf, &back, false, in)->matches = matches;
}

/* no nat, no rdr, no binat */
static void add_exemptions(struct pf *pf, const struct pf_rule *r, enum pf_translation kind)
{
	if (kind != PF_NAT)
		add_step(pf, r, false, (struct translation){ 0 })->exempt = true;
	if (kind != PF_RDR)
		add_step(pf, r, true, (struct translation){ 0 })->exempt = true;
}

void pf_add_steps(struct pf *pf, const struct pf_draft *draft, size_t first, bool matches)
{
	const struct pf_target *to = &draft->target;
	size_t n = pf->all.n;
	pf->all.n = first;
	for (size_t i = first; i < n; i++) {
		struct pf_rule r = pf->all.v[i];
		if (draft->exempt) {
			add_exemptions(pf, &r, to->kind);
			continue;
		}
		bool wrong_way = matches && ((to->kind == PF_RDR && !r.in) || (to->kind == PF_NAT && !r.out));
		struct translation t = { .unknown = draft->passes                       ? passes
						    : to->kind == PF_OTHER || wrong_way ? not_modelled
											: NULL };
		if (t.unknown) {
			add_step(pf, &r, false, t)->matches = matches;
			add_step(pf, &r, true, t)->matches = matches;
		} else if (to->kind == PF_BINAT) {
			add_pair(pf, &r, to, matches);
		} else if (to->kind == PF_NAT) {
			add_step(pf, &r, true, new_source(pf, to))->matches = matches;
		} else {
			add_step(pf, &r, false, redirection(pf, to, &r.rule.match))->matches = matches;
		}
	}
}

void pf_set_target(struct pf *pf, const struct pf_draft *draft, struct pf_rule *r)
{
	const struct pf_target *to = &draft->target;
	/* what leaves is translated once it has been filtered */
	if (!to->kind || (to->kind == PF_NAT && !r->in) || r->rule.action != ACTION_PERMIT)
		return;
	r->redirects = true;
	r->made = (struct translation){ .unknown = not_modelled };
	if (to->kind == PF_RDR && !r->out)
		r->made = redirection(pf, to, &r->rule.match);
	else if (r->out && !r->rule.perhaps)
		r->rule.perhaps = not_modelled;
}

/*
 * Rules before a match rule see packets as they were: the first that compares what a translation of sources, or of
 * destinations, changes.
 */
static size_t first_comparing(const struct pf *pf, bool source)
{
	for (size_t i = 0; i < pf->all.n; i++) {
		const struct pf_rule *r = &pf->all.v[i];
		const struct match *m = &r->rule.match;
		if (r->skips || m->never || !(source ? r->out : r->in))
			continue;
		if (source ? m->src != NULL : m->dst != NULL)
			return i;
		for (size_t j = 0; j < m->n_services; j++) {
			struct port_range p = source ? m->services[j].sport : m->services[j].port;
			if (p.lo > 0 || p.hi < UINT16_MAX)
				return i;
		}
	}
	return SIZE_MAX;
}

/* A match rule after it may translate what this one made, again. */
static bool is_changed_again(const struct pf *pf, size_t step)
{
	const struct pf_step *s = &pf->steps.v[step];
	const struct addr_map *map = s->source ? s->made.src : s->made.dst;
	for (size_t i = step + 1; i < pf->steps.n; i++) {
		const struct pf_step *later = &pf->steps.v[i];
		const struct addrset *set = s->source ? later->rule.rule.match.src : later->rule.rule.match.dst;
		struct addrset made = map ? (struct addrset){ &map->to, 1 } : everywhere_set();
		if (later->source == s->source && (!set || addrset_overlaps(*set, made)))
			return true;
	}
	return false;
}

static void check_match_steps(struct pf *pf)
{
	const size_t first[] = { first_comparing(pf, false), first_comparing(pf, true) };
	for (size_t i = 0; i < pf->steps.n; i++) {
		struct pf_step *s = &pf->steps.v[i];
		if (!s->matches || s->made.unknown)
			continue;
		bool again = pf->steps.n > MOST_MATCH_STEPS || is_changed_again(pf, i);
		if (first[s->source] < s->at || (again && !s->source))
			s->made = (struct translation){ .unknown = not_modelled };
		else if (again)
			s->made = (struct translation){ .vague_src = vague_source, .vague_sports = vague_ports };
	}
}

/* Those of destinations, where packets enter, or those of sources, where they leave. */
static uint32_t steps_chain(struct pf *pf, bool source)
{
	uint32_t chain = ruleset_chain(pf->rules, STR("translation"), (struct loc){ pf->source, 0, 0, 0 });
	pf->rules->chains.v[chain].fallthrough = ACTION_PERMIT;
	for (size_t i = 0; i < pf->steps.n; i++) {
		const struct pf_step *s = &pf->steps.v[i];
		if (s->source != source || (!s->made.src && !s->made.dst && !s->made.unknown && !s->made.vague_src &&
					    !s->exempt && !s->made.port_said))
			continue;
		struct rule *rule = ruleset_rule(pf->rules, chain, s->rule.rule.at);
		*rule = s->rule.rule;
		*(source ? &rule->match.out : &rule->match.in) = s->rule.on;
		rule->action = s->exempt ? ACTION_PERMIT : ACTION_NEXT;
		if (!s->exempt)
			rule->target = ruleset_translation(pf->rules, s->made);
	}
	return chain;
}

/* What inbound pass rules make of the packets that they decide. */
static uint32_t redirections_chain(struct pf *pf)
{
	uint32_t chain = pf_chain(pf, true);
	struct chain *c = &pf->rules->chains.v[chain];
	for (size_t i = 0; i < c->rules.n; i++) {
		const struct pf_rule *r = pf->ordered.v[i];
		if (!r->redirects)
			continue;
		c->rules.v[i].action = ACTION_NEXT;
		c->rules.v[i].target = ruleset_translation(pf->rules, r->made);
	}
	return chain;
}

void pf_translate(struct pf *pf, const uint32_t *in, const uint32_t *out)
{
	uint32_t before[3];
	size_t n = 0;
	bool redirects = false;
	for (size_t i = 0; i < pf->all.n; i++)
		redirects |= pf->all.v[i].redirects;
	if (!pf->steps.n && !redirects)
		return;
	check_match_steps(pf);
	/* the two ways in one file: which of them a packet meets first is not followed */
	for (size_t i = 0; i < pf->all.n && pf->steps.n; i++)
		if (pf->all.v[i].redirects)
			pf->all.v[i].made = (struct translation){ .unknown = not_modelled };
	if (in && pf->steps.n) {
		before[0] = steps_chain(pf, false);
		ruleset_translate(pf->rules, before, 1, in, 1);
	}
	if (!out)
		return;
	if (pf->steps.n)
		before[n++] = steps_chain(pf, false);
	if (in && redirects)
		before[n++] = redirections_chain(pf);
	if (pf->steps.n)
		before[n++] = steps_chain(pf, true);
	ruleset_translate(pf->rules, before, n, out, 1);
}
