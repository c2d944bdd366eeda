/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is emitted and read back is changed by one rule: one goes, one grows, one
 * is put before another, two change places.  The proof names exactly what that
 * changes: every packet that the naive evaluator decides otherwise than was asked
 * for lies in a finding, every finding's packet is decided so, and where the
 * change means nothing, nothing is found.  Both engines of the prover are asked.
 */
#include "test.h"

#include "random-policy.h"

enum mutation { REMOVE, WIDEN, SHADOW, REORDER, SHADOW_TOO_LATE, REPEAT, N_MUTATIONS };
static const char *const mutation_names[N_MUTATIONS] = {
	[REMOVE] = "without a rule",
	[WIDEN] = "with a wider rule",
	[SHADOW] = "with a rule before another",
	[REORDER] = "with two rules in the other order",
	[SHADOW_TOO_LATE] = "with a part of a rule behind it",
	[REPEAT] = "with a rule written twice",
};
static const bool means_nothing[N_MUTATIONS] = { [SHADOW_TOO_LATE] = true, [REPEAT] = true };

enum { PACKETS = 160 };

struct scene {
	struct arena *a;
	const struct dialect *dialect;
	const struct policy *policy;
	const struct ruleset *before;
	struct ruleset *after;
	struct interface_map map;
	struct required *required;
	size_t n_required;
	struct flowbox judged[N_ZONES * N_ZONES];
	size_t n_judged;
	const struct flowbox *beside; /* what the dialect permits although no flow is it */
	size_t n_beside;
	/* the matches that the change is about */
	struct match about[3];
	size_t n_about;
	enum mutation mutation;
};

/* A copy whose rules can be changed. */
static struct ruleset *copy_rules(struct arena *a, const struct ruleset *r)
{
	struct ruleset *copy = ARENA_NEW(a, struct ruleset);
	*copy = *r;
	copy->chains.v = (void *)arena_memdup(a, r->chains.v, r->chains.n * sizeof *r->chains.v);
	for (size_t c = 0; c < copy->chains.n; c++) {
		struct chain *chain = &copy->chains.v[c];
		size_t n = chain->rules.n;
		struct rule *v = ARENA_ARRAY(a, struct rule, n + 1); /* room for one more */
		if (n)
			memcpy(v, chain->rules.v, n * sizeof *v);
		chain->rules.v = v;
		chain->rules.room = n + 1;
	}
	return copy;
}

static void insert(struct chain *c, size_t at, struct rule rule)
{
	memmove(&c->rules.v[at + 1], &c->rules.v[at], (c->rules.n - at) * sizeof rule);
	c->rules.v[at] = rule;
	c->rules.n++;
}

static const struct addrset *one_range(struct arena *a, const struct addrset *s)
{
	struct addrset *part = ARENA_NEW(a, struct addrset);
	if (!s || !s->n)
		return s;
	struct addr_range r = s->v[rnd((uint32_t)s->n)];
	if (rnd(2))
		r.hi = r.lo;
	*part = addrset_of(a, &r, 1);
	return part;
}

/* Some of what a match holds; certain, as the match is. */
static struct match part_of(struct arena *a, const struct match *m)
{
	struct match part = *m;
	part.src = one_range(a, m->src);
	part.dst = one_range(a, m->dst);
	if (m->n_services) {
		part.services = &m->services[rnd((uint32_t)m->n_services)];
		part.n_services = 1;
	}
	return part;
}

static const struct addrset *wider_set(struct arena *a, const struct addrset *s)
{
	static const char *const more[] = { "10.1.200.7", "10.20.128.0/17", "192.0.2.250", "0.0.0.0/0",
					    "2001:db8:1::/64" };
	struct addrset *wider = ARENA_NEW(a, struct addrset);
	struct addr_range r = parse(more[rnd(ARRAY_LEN(more))]);
	if (!s || rnd(6) == 0)
		return NULL;
	if (s->n && rnd(2)) {
		/* one more address, before or after it */
		r = s->v[rnd((uint32_t)s->n)];
		r.hi += r.hi < addr_max(r.family);
	}
	*wider = addrset_union(a, *s, addrset_of(a, &r, 1));
	return wider;
}

static void widen_services(struct arena *a, struct match *m)
{
	struct service_term *t = ARENA_ARRAY(a, struct service_term, m->n_services + 1);
	size_t n = m->n_services;
	if (!n)
		return;
	memcpy(t, m->services, n * sizeof *t);
	t[n] = t[rnd((uint32_t)n)];
	switch (rnd(4)) {
	case 0:
		t[n].port.hi += t[n].port.hi < 65535;
		break;
	case 1:
		t[n].port = t[n].sport = ALL_PORTS;
		break;
	case 2:
		t[n] = service_of(rnd(2) ? PROTO_TCP : PROTO_UDP, (struct port_range){ 3389, 3389 });
		break;
	default:
		t[n] = service_of(PROTO_GRE, ALL_PORTS);
	}
	m->services = t;
	m->n_services = n + 1;
}

static void widen(struct arena *a, struct match *m)
{
	switch (rnd(3)) {
	case 0:
		m->src = wider_set(a, m->src);
		break;
	case 1:
		m->dst = wider_set(a, m->dst);
		break;
	default:
		widen_services(a, m);
	}
}

static bool decides(const struct rule *r)
{
	return (r->action == ACTION_PERMIT || r->action == ACTION_DENY) && !r->perhaps;
}

/* False when the rules give no occasion. */
static bool mutate(struct scene *s)
{
	struct arena *a = s->a;
	uint32_t full[64];
	size_t n_full = 0;
	s->after = copy_rules(a, s->before);
	for (uint32_t c = 0; c < s->after->chains.n && n_full < ARRAY_LEN(full); c++)
		if (s->after->chains.v[c].rules.n)
			full[n_full++] = c;
	if (!n_full)
		return false;
	struct chain *c = &s->after->chains.v[full[rnd((uint32_t)n_full)]];
	size_t n = c->rules.n, i = rnd((uint32_t)n), k = rnd((uint32_t)n);
	struct rule other, *victim = &c->rules.v[i];

	s->about[s->n_about++] = victim->match;
	switch (s->mutation) {
	case REMOVE:
		memmove(victim, victim + 1, (n - i - 1) * sizeof *victim);
		c->rules.n--;
		return true;
	case WIDEN:
		widen(a, &victim->match);
		s->about[s->n_about++] = victim->match;
		return true;
	case SHADOW:
		other = (struct rule){ .match = part_of(a, &victim->match),
				       .text = STR("new"),
				       .action = rnd(3) ? ACTION_DENY : ACTION_PERMIT };
		s->about[s->n_about++] = other.match;
		insert(c, i, other);
		return true;
	case REORDER:
		if (i == k)
			return false;
		s->about[s->n_about++] = c->rules.v[k].match;
		other = *victim;
		*victim = c->rules.v[k];
		c->rules.v[k] = other;
		return true;
	case SHADOW_TOO_LATE:
		if (!decides(victim))
			return false;
		other = (struct rule){ .match = part_of(a, &victim->match),
				       .text = STR("new"),
				       .action = victim->action == ACTION_PERMIT ? ACTION_DENY : ACTION_PERMIT };
		insert(c, i + 1, other);
		return true;
	default:
		if (!decides(victim))
			return false;
		insert(c, i + 1 + rnd((uint32_t)(n - i)), *victim);
		return true;
	}
}

/* Packets at the edges of what the change is about */

static uint16_t near_port(struct port_range r)
{
	switch (rnd(5)) {
	case 0:
		return r.lo;
	case 1:
		return r.hi;
	case 2:
		return r.hi < 65535 ? (uint16_t)(r.hi + 1) : r.hi;
	case 3:
		return r.lo ? (uint16_t)(r.lo - 1) : r.lo;
	default:
		return (uint16_t)(r.lo + rnd((uint32_t)(r.hi - r.lo + 1)));
	}
}

static struct addr near_address(const struct addrset *s, enum family f)
{
	struct addr_range r = addr_range_all(f);
	for (unsigned tries = 0; s && s->n && tries < 6; tries++) {
		r = s->v[rnd((uint32_t)s->n)];
		if (r.family == f)
			break;
		r = addr_range_all(f);
	}
	u128 n = rnd(2) ? r.lo : r.hi;
	if (rnd(3) == 0)
		n = r.lo + rnd((uint32_t)MIN(r.hi - r.lo, (u128)65535) + 1);
	else if (rnd(4) == 0 && n < addr_max(f))
		n++;
	return (struct addr){ f, n };
}

/* Something that the change is about, a relation, or what is judged. */
static struct match suggestion(struct scene *s)
{
	const struct flowbox *b;
	uint32_t which = rnd(6);
	if (which < 3)
		return s->about[rnd((uint32_t)s->n_about)];
	b = which == 3 && s->n_judged ? &s->judged[rnd((uint32_t)s->n_judged)]
				      : &s->required[rnd((uint32_t)s->n_required)].box;
	return (struct match){ .src = &b->src, .dst = &b->dst, .services = b->services, .n_services = b->n_services };
}

static struct packet random_packet(struct scene *s)
{
	struct match where = suggestion(s), what = rnd(3) ? where : suggestion(s);
	struct match to = rnd(3) ? where : suggestion(s);
	enum family f = rnd(3) ? IPV4 : IPV6;
	struct service_term t = what.n_services ? what.services[rnd((uint32_t)what.n_services)] : ANY_SERVICE;
	struct packet p = { .src = near_address(where.src, f), .dst = near_address(to.dst, f) };
	p.protocol = rnd(2) ? t.protocol_lo : t.protocol_hi;
	if (t.protocol_hi > t.protocol_lo && rnd(2))
		p.protocol = (uint8_t[]){ PROTO_TCP, PROTO_UDP, PROTO_GRE, PROTO_ICMP }[rnd(4)];
	if (protocol_is_icmp(p.protocol))
		p.protocol = f == IPV4 ? PROTO_ICMP : PROTO_ICMP6;
	if (protocol_has_ports(p.protocol) || protocol_is_icmp(p.protocol)) {
		p.port = near_port(t.port);
		p.sport = rnd(2) ? 50000 : near_port(t.sport);
	}
	if (protocol_is_icmp(p.protocol)) {
		p.port &= 255;
		p.sport = rnd(2) ? 0 : p.sport & 255;
	}
	return p;
}

/* What the naive evaluator finds, and whether the proof agrees */

/* What a rule set does with a packet in both readings of uncertain rules. */
enum passage { NEVER, PERHAPS, ALWAYS };

static enum passage passage_in(const struct scene *s, const struct ruleset *r, const struct packet *p,
			       struct reading reading)
{
	const struct rule *by;
	uint32_t chain;
	bool passes[2];
	for (int upper = 0; upper < 2; upper++) {
		reading.upper = upper;
		passes[upper] = ruleset_decide(r, p, &s->map, reading, &by, &chain) == ACTION_PERMIT;
	}
	assert_true(passes[1] || !passes[0]);
	return passes[0] ? ALWAYS : passes[1] ? PERHAPS : NEVER;
}

static enum passage passage(const struct scene *s, const struct ruleset *r, const struct packet *p, bool reply)
{
	return passage_in(s, r, p, (struct reading){ .reply = reply });
}

static bool is_required(const struct scene *s, const struct packet *p)
{
	for (size_t i = 0; i < s->n_required; i++)
		if (flowbox_holds(&s->required[i].box, p))
			return true;
	return false;
}

static bool is_judged(const struct scene *s, const struct packet *p)
{
	for (size_t i = 0; i < s->n_beside; i++)
		if (flowbox_holds(&s->beside[i], p))
			return false;
	for (size_t i = 0; i < s->n_judged; i++)
		if (flowbox_holds(&s->judged[i], p))
			return true;
	return false;
}

/* From the destinations of a relation to its sources, on a platform that treats replies as opening packets. */
static bool may_be_an_answer(const struct scene *s, const struct packet *p)
{
	if (s->after->replies != REPLIES_BY_FLAG && s->after->replies != REPLIES_BY_RULE)
		return false;
	for (size_t i = 0; i < s->n_required; i++)
		if (addrset_holds(s->required[i].box.dst, p->src) && addrset_holds(s->required[i].box.src, p->dst))
			return true;
	return false;
}

static bool region_holds(const struct region *r, const struct packet *p)
{
	return addrset_holds(r->src, p->src) && addrset_holds(r->dst, p->dst) &&
	       portset_holds(r->protocols, p->protocol) && portset_holds(r->ports, p->port) &&
	       portset_holds(r->sports, p->sport);
}

/* In how many findings the packet lies; *more when there are parts that are not shown. */
static size_t surplus_with(const struct proof *k, const struct packet *p, bool conditional, bool invalid, bool *more)
{
	size_t n = 0;
	*more = false;
	for (size_t i = 0; i < k->n_surplus; i++) {
		bool holds = false;
		if ((k->surplus[i].condition != NULL) != conditional || k->surplus[i].invalid != invalid)
			continue;
		for (size_t m = 0; m < k->surplus[i].n_regions; m++)
			holds |= region_holds(&k->surplus[i].regions[m], p);
		n += holds;
		*more |= k->surplus[i].more_regions;
	}
	return n;
}

static bool misses(const struct proof *k, const struct packet *p, bool conditional)
{
	for (size_t i = 0; i < k->n_missing; i++)
		if (!k->missing[i].reply && (k->missing[i].condition != NULL) == conditional &&
		    flowbox_holds(&k->missing[i].required->box, p))
			return true;
	return false;
}

static void wrong(const struct scene *s, const struct packet *p, const char *what)
{
	char text[PACKET_TEXT];
	fail_msg("%s, %s: %s: %s", s->dialect->name, mutation_names[s->mutation], packet_text(p, text), what);
}

static void check_packet(const struct scene *s, const struct proof *k, const struct packet *p)
{
	enum passage passes = passage(s, s->after, p, false);
	bool required = is_required(s, p), judged = is_judged(s, p);

	if (required && passes != ALWAYS && !misses(k, p, passes == PERHAPS))
		wrong(s, p, "is missing and not named");
	for (int conditional = 0; conditional < 2; conditional++) {
		bool more, surplus = !required && judged && passes == (conditional ? PERHAPS : ALWAYS);
		size_t named = surplus_with(k, p, conditional, false, &more);
		if (named > 1)
			wrong(s, p, "is named twice");
		if (named && !surplus)
			wrong(s, p, "is named as surplus and is none");
		if (surplus && !named && !more && !may_be_an_answer(s, p))
			wrong(s, p, "is surplus and not named");
	}
}

/* The reply of a conversation that one of the relations opens. */
static void check_answer(struct scene *s, const struct proof *k)
{
	const struct required *r = &s->required[rnd((uint32_t)s->n_required)];
	struct service_term t = r->box.services[rnd((uint32_t)r->box.n_services)];
	enum family f = rnd(3) ? IPV4 : IPV6;
	struct packet p = { .src = near_address(&r->box.dst, f), .dst = near_address(&r->box.src, f), t.protocol_lo };
	if (s->after->replies == REPLIES_FREE || !addrset_holds(r->box.dst, p.src) || !addrset_holds(r->box.src, p.dst))
		return;
	if (p.protocol == PROTO_TCP || p.protocol == PROTO_UDP) {
		if (t.sport.hi < 50000)
			return;
		p.port = 50000;
		p.sport = t.port.lo;
	} else if (p.protocol != PROTO_GRE && p.protocol != PROTO_ESP) {
		return;
	}
	if (passage(s, s->after, &p, true) == ALWAYS)
		return;
	for (size_t i = 0; i < k->n_missing; i++)
		if (k->missing[i].reply && k->missing[i].required == r)
			return;
	wrong(s, &p, "is an answer that does not come back, and that is not named");
}

/* Each packet that the proof shows: wrong after the change, right before it. */
static void check_witnesses(const struct scene *s, const struct proof *k)
{
	for (size_t i = 0; i < k->n_missing; i++) {
		const struct missing *m = &k->missing[i];
		const struct packet *w = &m->shown.witness;
		const struct flowbox *b = &m->required->box;
		if (m->reply ? !addrset_holds(b->dst, w->src) || !addrset_holds(b->src, w->dst) : !flowbox_holds(b, w))
			wrong(s, w, "is not of the flow that is missing");
		if (passage(s, s->after, w, m->reply) != (m->condition ? PERHAPS : NEVER) ||
		    passage(s, s->before, w, m->reply) != ALWAYS)
			wrong(s, w, "is shown as missing and is not");
	}
	for (size_t i = 0; i < k->n_surplus; i++) {
		const struct packet *w = &k->surplus[i].shown.witness;
		bool more, conditional = k->surplus[i].condition != NULL;
		struct reading reading = { .invalid = k->surplus[i].invalid };
		if (is_required(s, w) || !is_judged(s, w) || passage_in(s, s->before, w, reading) != NEVER ||
		    passage_in(s, s->after, w, reading) != (conditional ? PERHAPS : ALWAYS))
			wrong(s, w, "is shown as surplus and is none");
		if (!surplus_with(k, w, conditional, reading.invalid, &more) && !more)
			wrong(s, w, "is shown and lies in no part of what is surplus");
	}
}

static struct scene *scene_of(struct arena *a, const struct dialect *x, const struct policy *p)
{
	struct scene *s = ARENA_NEW(a, struct scene);
	struct diag *d = diag_new(a);
	struct str text;
	*s = (struct scene){ .a = a, .dialect = x, .policy = p, .map = zone_map(a, p) };
	assert_true(emit(a, x, p, &text, d));
	s->before = read(a, x, p->side, text, d);
	assert_non_null(s->before);
	s->required = ARENA_ARRAY(a, struct required, p->n_relations);
	s->n_required = p->n_relations;
	for (size_t i = 0; i < p->n_relations; i++)
		s->required[i] =
			(struct required){ .box = policy_box(a, p, &p->relations[i]), .client_ports = { 1024, 65535 } };
	s->n_judged = judged_of(a, p, s->judged);
	s->beside = beside_of(a, p, s->before, &s->n_beside);
	return s;
}

/* What the rounds met, so that a test that asks nothing does not pass. */
struct tally {
	size_t tried[N_MUTATIONS], failed[N_MUTATIONS];
};

static void check_engine(struct scene *s, enum engine engine, struct tally *tally)
{
	struct proof_question q = { .map = &s->map,
				    .required = s->required,
				    .n_required = s->n_required,
				    .tolerated = s->beside,
				    .n_tolerated = s->n_beside,
				    .judged = s->judged,
				    .n_judged = s->n_judged,
				    .engine = engine };
	struct proof k = prove(s->a, s->after, &q);
	if (engine == ENGINE_SWEEP && k.why_unproved && strstr(k.why_unproved, "sweep"))
		return; /* not a flat list of certain rules */
	bool certain = false, found = k.n_missing + k.n_surplus > 0;
	for (size_t i = 0; i < k.n_missing; i++)
		certain |= !k.missing[i].condition;
	for (size_t i = 0; i < k.n_surplus; i++)
		certain |= !k.surplus[i].condition;
	if (k.verdict != (certain ? VERDICT_FAILS : found ? VERDICT_UNPROVED : VERDICT_HOLDS))
		fail_msg("%s, %s, by %s: %s: %s", s->dialect->name, mutation_names[s->mutation], engine_names[engine],
			 verdict_names[k.verdict], k.why_unproved ? k.why_unproved : "-");
	if (means_nothing[s->mutation] && k.verdict != VERDICT_HOLDS)
		wrong(s, k.n_missing ? &k.missing[0].shown.witness : &k.surplus[0].shown.witness, "nothing changed");
	check_witnesses(s, &k);
	for (size_t i = 0; i < PACKETS; i++) {
		struct packet p = random_packet(s);
		if (packet_is_possible(&p))
			check_packet(s, &k, &p);
		check_answer(s, &k);
	}
	tally->tried[s->mutation]++;
	tally->failed[s->mutation] += found;
}

static void check_dialect(const struct dialect *x, size_t n, struct tally *tally)
{
	for (size_t round = 0; round < n; round++) {
		CLEANUP(arena_freep) struct arena *a = arena_new();
		enum policy_side side = (enum policy_side)(round % 3);
		if (!writes_side(x, side))
			side = x->for_transit ? POLICY_TRANSIT : round % 2 ? POLICY_INBOUND : POLICY_OUTBOUND;
		seed = 1000003 * (round + 1);
		struct scene *s = scene_of(a, x, random_policy(a, x, side));
		for (int m = 0; m < N_MUTATIONS; m++) {
			s->mutation = (enum mutation)m;
			s->n_about = 0;
			if (!mutate(s))
				continue;
			check_engine(s, ENGINE_DIAGRAMS, tally);
			check_engine(s, ENGINE_SWEEP, tally);
		}
	}
}

static void one_changed_rule_is_named_exactly(void **state)
{
	size_t n = rounds(100);
	for (size_t i = 0; dialects[i]; i++) {
		struct tally t = { 0 };
		if (!chosen(dialects[i]))
			continue;
		check_dialect(dialects[i], n, &t);
		for (int m = 0; m < N_MUTATIONS && n >= 20; m++) {
			if (!t.tried[m])
				fail_msg("%s: nothing was tried %s", dialects[i]->name, mutation_names[m]);
			if (!means_nothing[m] && m != REORDER && !t.failed[m])
				fail_msg("%s: no difference was ever found %s", dialects[i]->name, mutation_names[m]);
		}
	}
}

RUN_TESTS(T(one_changed_rule_is_named_exactly))
