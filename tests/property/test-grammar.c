/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random rule sets in the whole grammar of each language: the reader understands
 * every line, and decides every packet as the text means it (grammar/grammar.h).
 * PORTOLAN_ROUNDS sets how many; PORTOLAN_DIALECT picks one; PORTOLAN_ROUND begins
 * with that one, and PORTOLAN_SHOW prints what is written.
 */
#include "test.h"

#include "rounds.h"

#include "agree.h"
#include "chosen.h"
#include "grammar/grammar.h"
#include "grammar/table.h"

#define DECLARE(name) extern const struct grammar grammar_##name;
GRAMMARS(DECLARE)
#define LIST(name) &grammar_##name,
static const struct grammar *const grammars[] = { GRAMMARS(LIST) };

enum { ROUNDS = 600, PACKETS = 300, AGREED = 40 };

static void differs(const struct grammar *g, struct draft *w, size_t round, const char *what, struct str detail)
{
	fprintf(stderr, "%.*s\n", STR_ARG(out_view(&w->text))); /* longer than cmocka prints */
	fail_msg("%s, round %zu: %s: %.*s", g->dialect, round, what, STR_ARG(detail));
}

static const struct ruleset *read_draft(const struct grammar *g, struct draft *w, size_t round)
{
	struct diag *d = diag_new(w->a);
	struct source *s = source_of_text(w->a, "random", str_dup(w->a, out_view(&w->text)));
	struct ruleset *r = NULL;
	if (!dialect_read(w->a, dialect_find(str_of(g->dialect)), s, &w->options, &r, d))
		differs(g, w, round, "an error", diag_text(w->a, d));
	for (size_t i = 0; i < r->unknown.n; i++)
		differs(g, w, round, "a line that is not understood",
			str_printf(w->a, "%u: %.*s (%s)", r->unknown.v[i].at.line, STR_ARG(r->unknown.v[i].text),
				   r->unknown.v[i].why));
	return r;
}

static void check_packet(const struct grammar *g, struct draft *w, size_t round, const struct ruleset *r,
			 const struct interface_map *map, const struct packet *p)
{
	for (unsigned k = 0; k < (w->stateful ? 2 : 4); k++) {
		struct reading reading = { .upper = k & 1, .reply = k & 2 };
		const struct rule *by;
		uint32_t chain;
		char text[PACKET_TEXT];
		bool read = ruleset_decide(r, p, map, reading, &by, &chain) == ACTION_PERMIT;
		if (read == permitted(w, p, reading))
			continue;
		differs(g, w, round, "it means one thing and is read as another",
			str_printf(w->a, "%s%s%s is read as %s by line %u: %.*s", reading.reply ? "answer " : "",
				   packet_text(p, text), reading.upper ? "" : " (for certain)",
				   read ? "permitted" : "denied", by ? by->at.line : 0,
				   STR_ARG(by ? by->text : STR("a policy"))));
	}
}

static void check_round(const struct grammar *g, size_t round)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct draft w = { .a = a, .seed = 7919 * (round + 1), .text = out_memory(16 << 20) };
	struct interface_map map = { .addresses = place_addresses, .ctx = &w };
	struct disagreement wrong;
	char text[PACKET_TEXT];

	rnd(&w, 1);
	g->write(&w);
	if (getenv("PORTOLAN_SHOW"))
		fprintf(stderr, "%.*s\n", STR_ARG(out_view(&w.text)));
	const struct ruleset *r = read_draft(g, &w, round);
	for (size_t i = 0; i < PACKETS; i++) {
		struct packet p = packet_near(&w);
		bool neighbours = p.protocol == PROTO_ICMP6 && p.port >= 133 && p.port <= 137;
		if (packet_is_possible(&p) && !(w.neighbours_unasked && neighbours) &&
		    !(w.within_place_unasked && same_place(&w, &p)))
			check_packet(g, &w, round, r, &map, &p);
	}
	if (!agree(a, r, &map, AGREED, w.seed, &wrong))
		differs(g, &w, round, "the diagrams disagree with the rules", str_of(packet_text(&wrong.packet, text)));
	out_free(&w.text);
}

static void rules_are_read_with_the_meaning_of_their_text(void **state)
{
	const char *first = getenv("PORTOLAN_ROUND");
	size_t begin = first ? (size_t)strtoul(first, NULL, 10) : 0, n_chosen = 0;
	for (size_t i = 0; i < ARRAY_LEN(grammars); i++) {
		if (!chosen_name(grammars[i]->dialect))
			continue;
		for (size_t round = begin; round < begin + rounds(ROUNDS); round++, n_chosen++)
			check_round(grammars[i], round);
	}
	assert_some_chosen(n_chosen);
}

RUN_TESTS(T(rules_are_read_with_the_meaning_of_their_text))
