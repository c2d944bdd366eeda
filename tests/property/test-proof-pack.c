/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Unpacking returns the packed answer, for random rule sets in the whole grammar of
 * each language; and bytes that are not an answer do no harm.
 * PORTOLAN_ROUNDS sets how many; PORTOLAN_DIALECT picks one.
 */
#include "test.h"

#include "chosen.h"
#include "grammar/grammar.h"
#include "grammar/table.h"
#include "prove/proof-pack.h"
#include "rounds.h"

#define DECLARE(name) extern const struct grammar grammar_##name;
GRAMMARS(DECLARE)
#define LIST(name) &grammar_##name,
static const struct grammar *const grammars[] = { GRAMMARS(LIST) };

enum { ROUNDS = 60, N_REQUIRED = 5, DAMAGES = 60 };

/* A text, what is asked of it, and the answer. */
struct kept_round {
	struct arena *a;
	struct draft draft;
	const struct grammar *grammar;
	const struct source *source;
	struct required *required;
	struct flowbox judged;
	struct interface_map map;
	struct diag *said;
	struct proof proof;
};

static struct flowbox box_of(struct arena *a, const struct packet *p)
{
	struct addr_range src = addr_range_of(p->src), dst = addr_range_of(p->dst);
	struct service_term *t = ARENA_NEW(a, struct service_term);
	*t = service_of(p->protocol, (struct port_range){ p->port, p->port });
	if (protocol_is_icmp(p->protocol))
		t->sport = (struct port_range){ 0, 0 };
	return (struct flowbox){ addrset_of(a, &src, 1), addrset_of(a, &dst, 1), t, 1 };
}

static struct proof_question question_of(const struct kept_round *k)
{
	return (struct proof_question){
		.map = &k->map, .required = k->required, .n_required = N_REQUIRED, .judged = &k->judged, .n_judged = 1
	};
}

/* Reads a random text and asks for flows at the edges of its rules. */
static void ask(struct kept_round *k, size_t round, const char *name)
{
	static const struct service_term any = ANY_SERVICE_INIT;
	struct draft *w = &k->draft;
	struct ruleset *r;
	k->a = arena_new();
	*w = (struct draft){ .a = k->a, .seed = 104729 * (round + 1), .text = out_memory(16 << 20) };
	rnd(w, 1);
	k->grammar->write(w);
	k->required = ARENA_ARRAY(k->a, struct required, N_REQUIRED);
	for (size_t i = 0; i < N_REQUIRED; i++) {
		struct packet p = packet_near(w);
		while (!packet_is_possible(&p))
			p = packet_near(w);
		k->required[i] = (struct required){ .box = box_of(k->a, &p), .client_ports = { 1024, 65535 } };
	}
	k->judged = (struct flowbox){ addrset_all(k->a), addrset_all(k->a), &any, 1 };
	k->map = (struct interface_map){ .addresses = place_addresses, .ctx = w };
	k->said = diag_new(k->a);
	k->source = source_of_text(k->a, name, str_dup(k->a, out_view(&w->text)));
	diag_warn(k->said, loc_line(k->source, 1), "what was said before");
	if (!dialect_read(k->a, dialect_find(str_of(k->grammar->dialect)), k->source, &w->options, &r, k->said))
		fail_msg("%s, round %zu: %.*s", k->grammar->dialect, round, STR_ARG(diag_text(k->a, k->said)));
	/* lines that are not understood too, of which grammars write none */
	for (size_t i = 0; i < round % 3; i++)
		ruleset_unknown(r, loc_line(k->source, 1), str_first(k->source->text, 4 + i), "a test says so");
	diag_warn(k->said, loc_line(k->source, 1), "a remark about \"%.*s\"", STR_ARG(str_first(k->source->text, 9)));
	diag_note(k->said, NOWHERE, "and its note");
	struct proof_question q = question_of(k);
	k->proof = prove(k->a, r, &q);
	out_free(&w->text);
}

/* Without the first remark, which was there before. */
static struct str packed(const struct kept_round *k)
{
	struct out o = out_memory(64 << 20);
	struct packer p = packer_new(k->a, &o, k->source);
	struct proof_question q = question_of(k);
	if (!pack_answer(&p, &q, k->said, 1, &k->proof))
		fail_msg("%s: it is nothing to keep", k->grammar->dialect);
	struct str s = str_dup(k->a, out_view(&o));
	out_free(&o);
	return s;
}

/* The answer in the bytes to the same question, in the same arena. */
static bool unpacked(const struct kept_round *k, struct str bytes, struct kept_round *ret)
{
	*ret = *k;
	struct str text = str_dup(k->a, k->source->text);
	ret->source = source_of_text(k->a, k->source->name, text);
	ret->said = diag_new(k->a);
	diag_warn(ret->said, loc_line(ret->source, 1), "what was said before");
	struct unpacker u = unpacker_new(k->a, bytes, ret->source);
	struct proof_question q = question_of(k);
	bool ok = unpack_answer(&u, &q, ret->said, &ret->proof);
	if (!ok)
		assert_int_equal(diag_count(ret->said), 1);
	return ok;
}

static void check_round(const struct grammar *g, size_t round)
{
	struct kept_round k = { .grammar = g }, back;
	ask(&k, round, "random");
	struct str bytes = packed(&k);
	if (!unpacked(&k, bytes, &back))
		fail_msg("%s, round %zu: it does not come back", g->dialect, round);
	struct str again = packed(&back);
	if (!str_eq(bytes, again))
		fail_msg("%s, round %zu: %zu bytes come back as %zu others", g->dialect, round, bytes.n, again.n);
	assert_true(str_eq(diag_text(k.a, k.said), diag_text(k.a, back.said)));
	assert_int_equal(back.proof.n_rules, ruleset_size(back.proof.rules));
	/* the rules mean the same: they are proved the same, to the packet */
	struct proof_question q = question_of(&k);
	back.proof = prove(k.a, back.proof.rules, &q);
	again = packed(&back);
	if (!str_eq(again, bytes))
		fail_msg("%s, round %zu: the rules that came back are proved otherwise", g->dialect, round);
	arena_free(k.a);
}

/* Random damage that may still be an answer; then unpacking and packing returns it. */
static void check_damage(const struct grammar *g, size_t round)
{
	struct kept_round k = { .grammar = g }, back;
	ask(&k, round, "random");
	struct str bytes = packed(&k);
	for (size_t i = 0; i < DAMAGES; i++) {
		char *copy = arena_memdup(k.a, bytes.p, bytes.n);
		for (uint32_t n = 1 + rnd(&k.draft, 3); n; n--)
			copy[rnd(&k.draft, (uint32_t)bytes.n)] ^= (char)(1 << rnd(&k.draft, 8));
		if (!unpacked(&k, (struct str){ copy, bytes.n }, &back))
			continue;
		struct str once = packed(&back);
		struct kept_round twice;
		assert_true(unpacked(&k, once, &twice));
		assert_true(str_eq(packed(&twice), once));
	}
	for (size_t i = 0; i < DAMAGES; i++)
		assert_false(unpacked(&k, str_first(bytes, rnd(&k.draft, (uint32_t)bytes.n)), &back));
	arena_free(k.a);
}

static void each_round(void (*check)(const struct grammar *g, size_t round))
{
	size_t n_chosen = 0;
	for (size_t i = 0; i < ARRAY_LEN(grammars); i++) {
		if (!chosen_name(grammars[i]->dialect))
			continue;
		for (size_t round = 0; round < rounds(ROUNDS); round++, n_chosen++)
			check(grammars[i], round);
	}
	assert_some_chosen(n_chosen);
}

static void unpacking_returns_the_packed_answer(void **state)
{
	each_round(check_round);
}

static void damaged_bytes_are_refused_or_give_a_whole_answer(void **state)
{
	each_round(check_damage);
}

static struct str asked(const struct kept_round *k, enum engine engine, size_t most)
{
	struct out out = out_memory(1 << 20);
	struct packer p = packer_new(k->a, &out, NULL);
	struct proof_question q = question_of(k);
	q.engine = engine;
	q.most = most;
	pack_question(&p, &q);
	struct str s = str_dup(k->a, out_view(&out));
	out_free(&out);
	return s;
}

static void assert_other(const struct kept_round *k, struct str usual)
{
	assert_false(str_eq(asked(k, ENGINE_AUTO, 0), usual));
}

static void questions_that_differ_in_anything_have_different_bytes(void **state)
{
	static const struct service_term tcp = { PROTO_TCP, PROTO_TCP, { 0, 65535 }, { 0, 65535 } };
	struct kept_round k = { .grammar = grammars[0] }, x;
	struct addr_range one = { IPV4, 1, 1 };
	ask(&k, 1, "random");
	struct str s = asked(&k, ENGINE_AUTO, 0);
	assert_true(str_eq(asked(&k, ENGINE_AUTO, 0), s));
	assert_false(str_eq(asked(&k, ENGINE_AUTO, 7), s));
	assert_false(str_eq(asked(&k, ENGINE_SWEEP, 0), s));
	x = k;
	struct required other[N_REQUIRED];
	x.required = other;
#define WITH(change)                                     \
	do {                                             \
		memcpy(other, k.required, sizeof other); \
		change;                                  \
		assert_other(&x, s);                     \
	} while (0)
	WITH(other[2].box.src = addrset_of(k.a, &one, 1));
	WITH(other[2].box.dst = addrset_of(k.a, &one, 1));
	WITH(other[2].box.services = &tcp);
	WITH(other[2].tolerated = other[1].box);
	WITH(other[2].client_ports.lo++);
	WITH(other[2].client_ports.hi--);
	WITH(other[2].helper = HELPER_RPC);
	WITH(other[0] = other[1]);
#undef WITH
	x = k;
	x.judged.services = &tcp;
	assert_other(&x, s);
	arena_free(k.a);
}

RUN_TESTS(T(unpacking_returns_the_packed_answer), T(damaged_bytes_are_refused_or_give_a_whole_answer),
	  T(questions_that_differ_in_anything_have_different_bytes))
