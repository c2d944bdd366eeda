/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comparisons by the names of interfaces: what differs is what the naive evaluator finds when it
 * tries every packet between every two interfaces.
 */
#include "test.h"

#include "rounds.h"

#include "prove/by-names.h"
#include "random-rules.h"

/* By which a packet enters, and leaves: three that rules name, one that only a pattern stands for, and one of no rule. */
enum { N_NAMED = 3, OF_PATTERN = 3, OF_NONE = 4 };
static const struct str ways_in[] = { STR_INIT("a"), STR_INIT("b"), STR_INIT("in7"), STR_INIT("in9"), STR_INIT("c") };
static const struct str ways_out[] = { STR_INIT("x"), STR_INIT("y"), STR_INIT("out7"), STR_INIT("out9"),
				       STR_INIT("z") };

/* The interface map of one way: everything is behind the names that stand for it. */
struct between {
	struct arena *arena;
	struct str in, out;
};

static bool stands_for(struct str written, struct str name)
{
	return str_eq(written, name) || (str_is(written, "in*") && str_starts(name, "in")) ||
	       (str_is(written, "out*") && str_starts(name, "out"));
}

static bool behind(void *ctx, struct str name, struct addrset *ret)
{
	const struct between *b = ctx;
	bool is = stands_for(name, b->in) || stands_for(name, b->out);
	*ret = is ? addrset_all(b->arena) : NO_ADDRS;
	return true;
}

static void name_randomly(struct arena *a, struct interface_names *names, const struct str *words, const char *pattern)
{
	struct str *v = ARENA_ARRAY(a, struct str, 2);
	*names = (struct interface_names){ .v = v };
	if (rnd(2))
		return;
	names->n = 1 + rnd(2);
	names->negated = rnd(4) == 0;
	for (size_t i = 0; i < names->n; i++)
		v[i] = rnd(4) ? words[rnd(N_NAMED)] : str_of(pattern);
}

static struct ruleset *random_named(struct arena *a)
{
	struct ruleset *r = rnd(2) ? random_ruleset(a) : random_flat_ruleset(a);
	for (size_t c = 0; c < r->chains.n; c++)
		for (size_t i = 0; i < r->chains.v[c].rules.n; i++) {
			struct rule *rule = &r->chains.v[c].rules.v[i];
			name_randomly(a, &rule->match.in, ways_in, "in*");
			name_randomly(a, &rule->match.out, ways_out, "out*");
			rule->perhaps = NULL;
			rule->match.conversation = CONVERSATION_ANY;
		}
	return r;
}

struct pair {
	const struct ruleset *old, *new;
	struct between way;
	bool added, removed;
};

static bool permits(const struct ruleset *r, const struct packet *p, struct between *way)
{
	struct interface_map map = { .addresses = behind, .ctx = way };
	const struct rule *by;
	uint32_t chain;
	return ruleset_decide(r, p, &map, (struct reading){ .upper = true }, &by, &chain) == ACTION_PERMIT;
}

static void try_pair(void *ctx, const struct packet *p)
{
	struct pair *pair = ctx;
	if (!packet_is_possible(p))
		return;
	bool old = permits(pair->old, p, &pair->way), new = permits(pair->new, p, &pair->way);
	pair->added |= new && !old;
	pair->removed |= old && !new;
}

/* The interface of a name in an answer. */
static struct str named(struct str name, const struct str *words)
{
	if (!name.n)
		return words[OF_NONE];
	return str_is(name, "in*") || str_is(name, "out*") ? words[OF_PATTERN] : name;
}

static void each_change_is_one(struct pair *pair, const struct change *c, bool added)
{
	for (size_t i = 0; i < c->ways.n; i++) {
		struct between way = { pair->way.arena, named(c->ways.v[i].in, ways_in),
				       named(c->ways.v[i].out, ways_out) };
		assert_int_equal(permits(pair->old, &c->before.witness, &way), !added);
		assert_int_equal(permits(pair->new, &c->before.witness, &way), added);
	}
}

/* Rules that name no interface, and those whose names come to the same, are compared as one. */
static void a_comparison_by_names_is_what_every_packet_between_two_interfaces_shows(void **state)
{
	for (uint64_t n = 1; n <= rounds(8); n++) {
		struct arena *a = arena_new();
		seed = n * 7919;
		struct pair pair = { .old = random_named(a), .way = { .arena = a } };
		pair.new = rnd(4) ? random_named(a) : pair.old;
		struct filter one = { .rules = pair.old }, two = { .rules = pair.new };
		struct permits x = { .filters = &one, .n_filters = 1 }, y = { .filters = &two, .n_filters = 1 };
		struct comparison c = compare_by_names(a, &x, &y, NULL);
		for (size_t i = 0; i < ARRAY_LEN(ways_in); i++)
			for (size_t o = 0; o < ARRAY_LEN(ways_out); o++) {
				pair.way.in = ways_in[i];
				pair.way.out = ways_out[o];
				each_packet(try_pair, &pair);
			}
		assert_false(c.gave_up || c.uncertain);
		assert_int_equal(c.n_added > 0, pair.added);
		assert_int_equal(c.n_removed > 0, pair.removed);
		for (size_t i = 0; i < c.n_added; i++)
			each_change_is_one(&pair, &c.added[i], true);
		for (size_t i = 0; i < c.n_removed; i++)
			each_change_is_one(&pair, &c.removed[i], false);
		arena_free(a);
	}
}

RUN_TESTS(T(a_comparison_by_names_is_what_every_packet_between_two_interfaces_shows))
