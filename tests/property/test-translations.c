/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Address translation: a rule set that ruleset_translate() has rewritten decides of every packet as sent
 * what the rule set as it was written decides of the translated packet.
 */
#include "test.h"

#include "rounds.h"

#include "flow/translate.h"
#include "prove/arrive.h"
#include "prove/workspace.h"

#include "agree.h"
#include "random-rules.h"

static const struct interface_map *map_of(struct arena *a)
{
	struct interface_map *map = ARENA_NEW(a, struct interface_map);
	*map = random_interface_map(a);
	return map;
}

static struct addr_map random_map(enum family f)
{
	uint32_t base = f == IPV4 ? 0 : 8, size = rnd(3), to = rnd(3) ? size : 0;
	uint32_t from_lo = rnd(8 - size), to_lo = rnd(8 - to);
	return (struct addr_map){
		{ f, address(base + from_lo).n, address(base + from_lo + size).n },
		{ f, address(base + to_lo).n, address(base + to_lo + to).n },
	};
}

/* A translation, and the match of the rule that makes it: its packets have the addresses and ports that are translated. */
static struct translation random_translation(struct arena *a, struct match *m)
{
	struct translation t = { 0 };
	enum family f = rnd(3) ? IPV4 : IPV6;
	struct addrset *src = ARENA_NEW(a, struct addrset), *dst = ARENA_NEW(a, struct addrset);
	struct addr_map *maps = ARENA_ARRAY(a, struct addr_map, 2);
	struct addr_range whole = addr_range_all(f);
	*src = *dst = addrset_of(a, &whole, 1);
	maps[0] = random_map(f);
	maps[1] = random_map(f);
	if (rnd(3) == 0) {
		t.src = &maps[0];
		*src = addrset_of(a, &maps[0].from, 1);
	}
	if (rnd(4)) {
		t.dst = &maps[1];
		*dst = addrset_of(a, &maps[1].from, 1);
	}
	if (rnd(2)) {
		struct service_term *term = ARENA_NEW(a, struct service_term);
		uint16_t size = (uint16_t)rnd(3), lo = (uint16_t)rnd(4), to = rnd(2) ? size : 0;
		uint16_t to_lo = (uint16_t)rnd(4);
		t.port_said = true;
		t.port = (struct port_map){ { lo, (uint16_t)(lo + size) }, { to_lo, (uint16_t)(to_lo + to) } };
		*term = service_of(rnd(2) ? PROTO_TCP : PROTO_UDP, t.port.from);
		m->services = term;
		m->n_services = 1;
	}
	t.unknown = rnd(6) == 0 ? "a test does not state it" : NULL;
	m->src = src;
	m->dst = dst;
	return t;
}

/*
 * Chains that translate: behind those of a random rule set, the first ones `before` others, which they may call.
 * For the oracle each rule that translates permits or denies: then ruleset_decide() finds it.
 */
enum { MOST_BEFORE = 2 };
struct translating {
	uint32_t before[MOST_BEFORE];
	size_t n_before;
};

static struct translating add_translations(struct arena *a, struct ruleset *r, bool uncertain)
{
	struct translating ret = { .n_before = 1 + rnd(MOST_BEFORE) };
	uint32_t n_chains = (uint32_t)ret.n_before + rnd(2), first = (uint32_t)r->chains.n;
	for (uint32_t i = 0; i < n_chains; i++)
		ruleset_chain(r, STR("t"), NOWHERE);
	for (uint32_t i = 0; i < ret.n_before; i++) {
		ret.before[i] = first + i;
		r->chains.v[first + i].fallthrough = rnd(8) ? ACTION_PERMIT : ACTION_DENY;
	}
	for (uint32_t c = 0; c < n_chains; c++)
		for (uint32_t i = 0, n = 1 + rnd(4); i < n; i++) {
			struct rule *rule = ruleset_rule(r, first + c, NOWHERE);
			struct translation t = random_translation(a, &rule->match);
			uint32_t kind = rnd(8);
			rule->perhaps = uncertain && rnd(4) == 0 ? "a test says so" : NULL;
			if (kind < 4) {
				rule->action = ACTION_NEXT;
				rule->target = ruleset_translation(r, t);
			} else if (kind < 5) {
				rule->action = ACTION_PERMIT;
			} else if (kind < 6) {
				rule->action = rnd(3) ? ACTION_RETURN : ACTION_DENY;
			} else if (ret.n_before < n_chains && c + 1 < n_chains) {
				rule->action = rnd(2) ? ACTION_CALL : ACTION_GOTO;
				rule->target = first + n_chains - 1;
			} else {
				rule->action = ACTION_RETURN;
			}
		}
	return ret;
}

struct law {
	struct arena *arena;
	struct ruleset *written, *rewritten;
	struct translating translating;
	const struct interface_map *map;
	uint32_t base; /* that sees translated packets */
	bool uncertain;
	uint64_t first_seed;
	size_t n_translated;
	const struct required *required; /* that has to arrive; NULL: none */
	size_t n_strayed;
};

/* A required packet that is not what the flow says once it is translated. */
static bool strays(struct law *l, const struct packet *sent, const struct packet *p)
{
	const struct required *r = l->required;
	if (!r || !flowbox_holds(&r->box, sent))
		return false;
	uint16_t wanted = (uint16_t)(r->arrives.services[0].port.lo + (sent->port - r->box.services[0].port.lo));
	bool stray = p->port != wanted || !addrset_holds(r->arrives.dst, p->dst);
	l->n_strayed += stray;
	return stray;
}

/* The rule that decides in a chain that translates; NULL: its policy, which is returned. */
static const struct rule *find(const struct law *l, uint32_t chain, const struct packet *p, struct reading reading,
			       enum action *action)
{
	struct ruleset only = *l->written;
	const struct rule *by;
	uint32_t by_chain;
	uint32_t base[] = { chain };
	only.bases.v = base;
	only.bases.n = 1;
	/* in the oracle's rule set, what translates permits */
	*action = ruleset_decide(&only, p, l->map, reading, &by, &by_chain);
	return by;
}

/* Rules that hold only behind a translation, some of them only behind one, or only without any. */
static void flag_rules(struct ruleset *r)
{
	for (size_t c = 0; c < r->chains.n; c++)
		for (size_t i = 0; i < r->chains.v[c].rules.n; i++) {
			struct match *m = &r->chains.v[c].rules.v[i].match;
			if (m->never || rnd(4))
				continue;
			m->as_sent = rnd(2);
			if (m->as_sent)
				continue;
			m->conversation = CONVERSATION_OPENING; /* replies do not show it */
			m->translated = m->never = true;
			m->by = rnd(2) ? 1 + rnd(3) : 0;
		}
}

/* What flags mean for packets of a translation, + 1; 0: for those that are as they were sent. */
static void apply_flags(struct ruleset *r, uint32_t translation)
{
	for (size_t c = 0; c < r->chains.n; c++)
		for (size_t i = 0; i < r->chains.v[c].rules.n; i++) {
			struct match *m = &r->chains.v[c].rules.v[i].match;
			if (m->as_sent)
				m->never = translation > 0;
			if (m->translated)
				m->never = !translation || (m->by && m->by != translation);
		}
}

static enum action decide_base(const struct law *l, const struct packet *p, struct reading reading,
			       uint32_t translation)
{
	apply_flags(l->written, translation);
	struct ruleset only = *l->written;
	const struct rule *by;
	uint32_t chain, base[] = { l->base };
	only.bases.v = base;
	only.bases.n = 1;
	return ruleset_decide(&only, p, l->map, reading, &by, &chain);
}

/* Translate, then decide. */
static enum action expected(struct law *l, const struct packet *sent, struct reading reading)
{
	struct packet p = *sent;
	uint32_t translation = 0;
	for (size_t i = 0; i < l->translating.n_before; i++) {
		enum action action;
		const struct rule *by = find(l, l->translating.before[i], sent, reading, &action);
		if (action != ACTION_PERMIT)
			return ACTION_DENY;
		if (!by || !by->target)
			continue;
		const struct translation *t = &l->written->translations.v[by->target - 1];
		l->n_translated++;
		translation = by->target;
		if (t->unknown)
			return reading.upper ? ACTION_PERMIT : ACTION_DENY;
		if (t->src)
			p.src = addr_mapped(t->src, p.src);
		if (t->dst)
			p.dst = addr_mapped(t->dst, p.dst);
		if (t->port_said)
			p.port = t->port.to.lo == t->port.to.hi
					 ? t->port.to.lo
					 : (uint16_t)(t->port.to.lo + (p.port - t->port.from.lo));
		break;
	}
	if (!reading.reply && strays(l, sent, &p))
		return ACTION_DENY;
	return decide_base(l, &p, reading, translation);
}

static void try_packet(void *ctx, const struct packet *p)
{
	struct law *l = ctx;
	if (rnd(40) || !packet_is_possible(p))
		return;
	for (unsigned k = 0; k < 4; k++) {
		struct reading reading = { .upper = k & 1, .reply = k & 2 };
		const struct rule *by;
		uint32_t chain;
		char text[PACKET_TEXT];
		enum action all = expected(l, p, reading);
		for (size_t i = 0; i < l->written->bases.n && all == ACTION_PERMIT; i++) {
			struct law other = *l;
			other.base = l->written->bases.v[i];
			all = decide_base(&other, p, reading, 0);
			if (other.base == l->base)
				all = ACTION_PERMIT;
		}
		enum action got = ruleset_decide(l->rewritten, p, l->map, reading, &by, &chain);
		if (all != got)
			fail_msg("seed %llu: %s, reading %u: %s after translation, but %s when rewritten",
				 (unsigned long long)l->first_seed, packet_text(p, text), k,
				 all == ACTION_PERMIT ? "permitted" : "denied",
				 got == ACTION_PERMIT ? "permitted" : "denied");
	}
}

static struct ruleset *both(struct law *l, uint64_t round)
{
	seed = round;
	struct ruleset *r = random_ruleset(l->arena);
	l->base = r->bases.v[rnd((uint32_t)r->bases.n)];
	flag_rules(r);
	l->translating = add_translations(l->arena, r, l->uncertain);
	return r;
}

static struct required random_required(struct arena *a)
{
	uint32_t base = rnd(3) ? 0 : 8, first = rnd(7);
	uint16_t lo = (uint16_t)rnd(6), hi = rnd(2) ? lo : (uint16_t)(lo + rnd(4));
	struct addr_range asked = { address(base).family, address(base + first).n, address(base + first + rnd(2)).n },
			  own = { address(base).family, address(base).n, address(base + 1 + rnd(7)).n };
	struct service_term *terms = ARENA_ARRAY(a, struct service_term, 2);
	uint16_t inside = lo == hi && rnd(2) ? (uint16_t)rnd(6) : lo;
	terms[0] = service_of(rnd(2) ? PROTO_TCP : PROTO_UDP, (struct port_range){ lo, hi });
	terms[1] = terms[0];
	terms[1].port = (struct port_range){ inside, (uint16_t)(inside + (hi - lo)) };
	struct addrset src = rnd(2) ? addrset_all(a) : addrset_of(a, &own, 1);
	return (struct required){ .box = { src, addrset_of(a, &asked, 1), &terms[0], 1 },
				  .arrives = { src, addrset_of(a, &own, 1), &terms[1], 1 } };
}

static void a_rewritten_set_decides_of_packets_as_sent_what_it_decided_of_translated_ones(void **state)
{
	size_t n_translated = 0, n_strayed = 0;
	(void)state;
	for (uint64_t round = 1; round <= rounds(600); round++) {
		CLEANUP(arena_freep) struct arena *a = arena_new();
		struct law l = { .arena = a, .map = map_of(a), .first_seed = round };
		l.rewritten = both(&l, round);
		ruleset_translate(l.rewritten, l.translating.before, l.translating.n_before, &l.base, 1);
		l.written = both(&l, round);
		for (size_t c = 0; c < l.written->chains.n; c++)
			for (size_t i = 0; i < l.written->chains.v[c].rules.n; i++) {
				struct rule *rule = &l.written->chains.v[c].rules.v[i];
				if (rule->action == ACTION_NEXT && rule->target)
					rule->action = ACTION_PERMIT;
				else if (rule->action == ACTION_PERMIT)
					rule->target = 0;
			}
		struct diag *d = diag_new(a);
		assert_true(ruleset_check(l.rewritten, d));
		for (size_t i = 0; i < l.translating.n_before; i++)
			assert_true(l.rewritten->chains.v[l.translating.before[i]].aside);
		each_packet(try_packet, &l);
		n_translated += l.n_translated;
		/* the same with a flow that has to arrive: its packets that stray are denied, and no others */
		struct required required = random_required(a);
		rules_must_arrive(l.rewritten, &(struct proof_question){ .required = &required, .n_required = 1 });
		assert_true(ruleset_check(l.rewritten, d));
		l.required = &required;
		each_packet(try_packet, &l);
		n_strayed += l.n_strayed;
	}
	assert_true(n_strayed > enough(1000));
	assert_true(n_translated > enough(100000));
}

/* The rules that dispatch may be uncertain here: either engine says the same of them. */
static void the_engines_agree_about_rewritten_sets(void **state)
{
	(void)state;
	for (uint64_t round = 1; round <= rounds(300); round++) {
		CLEANUP(arena_freep) struct arena *a = arena_new();
		struct law l = { .arena = a, .map = map_of(a), .first_seed = round, .uncertain = true };
		struct disagreement found;
		char text[PACKET_TEXT];
		l.rewritten = both(&l, round);
		ruleset_translate(l.rewritten, l.translating.before, l.translating.n_before, &l.base, 1);
		if (!agree(a, l.rewritten, l.map, 300, round, &found))
			fail_msg("seed %llu: the engines disagree about %s", (unsigned long long)round,
				 packet_text(&found.packet, text));
	}
}

/* Three thousand translations before three thousand rules are too many to copy all of them. */
static void translations_beyond_the_limit_have_unknown_effect(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct ruleset *r = ruleset_new(a, NULL, "many");
	enum { MANY = 3000 };
	(void)state;
	uint32_t base = ruleset_chain(r, STR("base"), NOWHERE), before = ruleset_chain(r, STR("nat"), NOWHERE);
	*VEC_ADD(a, &r->bases) = base;
	r->chains.v[base].fallthrough = ACTION_DENY;
	r->chains.v[before].fallthrough = ACTION_PERMIT;
	for (uint32_t i = 0; i < MANY; i++) {
		struct addr_range from = { IPV4, i, i }, to = { IPV4, 1u << 31, 1u << 31 };
		struct addr_map map = { from, to };
		struct addrset *set = ARENA_NEW(a, struct addrset);
		*set = addrset_of(a, &from, 1);
		struct rule *rule = ruleset_rule(r, before, NOWHERE);
		rule->match.dst = set;
		rule->action = ACTION_NEXT;
		rule->target = ruleset_translation(r, (struct translation){ .dst = &map });
		ruleset_rule(r, base, NOWHERE)->action = ACTION_PERMIT;
	}
	ruleset_translate(r, &before, 1, &base, 1);
	assert_null(r->too_much);
	assert_true(r->n_made < 2u * MOST_TRANSLATED_RULES);
	for (uint32_t i = 0; i < MANY; i += MANY - 1) {
		const struct packet p = { { IPV4, 7 }, { IPV4, i }, PROTO_TCP, 1, 2 };
		const struct rule *by;
		uint32_t chain;
		enum action upper = ruleset_decide(r, &p, NULL, (struct reading){ .upper = true }, &by, &chain);
		enum action lower = ruleset_decide(r, &p, NULL, (struct reading){ 0 }, &by, &chain);
		assert_int_equal(upper, ACTION_PERMIT);
		/* beyond the limit the effect is unknown */
		assert_int_equal(lower, i ? ACTION_DENY : ACTION_PERMIT);
	}
}

RUN_TESTS(T(a_rewritten_set_decides_of_packets_as_sent_what_it_decided_of_translated_ones),
	  T(the_engines_agree_about_rewritten_sets), T(translations_beyond_the_limit_have_unknown_effect))
