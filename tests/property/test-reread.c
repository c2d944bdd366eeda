/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file of which some lines changed is read as if it were new.
 * PORTOLAN_ROUNDS sets how many changes; PORTOLAN_DIALECT picks one dialect.
 */
#include "test.h"

#include "chosen.h"
#include "rounds.h"

#include "base/vec.h"
#include "dialect/reread.h"

static uint64_t seed;

static uint32_t rnd(uint32_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % n;
}

enum { N_RELATIONS = 12 };

static struct addrset some_addresses(struct arena *a, u128 net)
{
	struct addr_range v[3];
	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		u128 lo = net + (rnd(200) << 2);
		v[i] = (struct addr_range){ IPV4, lo, lo + (rnd(2) ? 3 : 0) };
	}
	return addrset_of(a, v, 1 + rnd(3));
}

static struct str emitted(struct arena *a, const struct dialect *x)
{
	static const uint16_t usual[] = { 53, 88, 135, 389, 443, 445, 636, 1433, 3268, 8530 };
	struct policy p = { .name = STR("edge"),
			    .estate = STR("test"),
			    .side = x->for_transit ? POLICY_TRANSIT : POLICY_INBOUND };
	struct policy_group *groups = ARENA_ARRAY(a, struct policy_group, 2 * N_RELATIONS);
	struct policy_services *services = ARENA_ARRAY(a, struct policy_services, N_RELATIONS);
	struct relation *relations = ARENA_ARRAY(a, struct relation, N_RELATIONS);
	struct policy_service *list = ARENA_ARRAY(a, struct policy_service, N_RELATIONS);
	for (uint32_t i = 0; i < N_RELATIONS; i++) {
		uint16_t port = usual[rnd(ARRAY_LEN(usual))];
		list[i] = (struct policy_service){ .name = STR("svc"),
						   .term = service_of(rnd(3) ? PROTO_TCP : PROTO_UDP,
								      (struct port_range){ port, port }) };
		services[i] = (struct policy_services){ str_printf(a, "ports-%u", i), &list[i], 1 };
		groups[2 * i] =
			(struct policy_group){ str_printf(a, "src-%u", i), some_addresses(a, 0x0a140000), STR("") };
		groups[2 * i + 1] =
			(struct policy_group){ str_printf(a, "dst-%u", i), some_addresses(a, 0x0a010000), STR("") };
		relations[i] = (struct relation){ .id = str_printf(a, "r-%08x", i),
						  .about = STR("about"),
						  .title = STR("src to dst"),
						  .src = 2 * i,
						  .dst = 2 * i + 1,
						  .services = i };
	}
	p.groups = groups;
	p.n_groups = 2 * N_RELATIONS;
	p.services = services;
	p.n_services = N_RELATIONS;
	p.relations = relations;
	p.n_relations = N_RELATIONS;
	struct out o = out_memory(1 << 20);
	struct diag *d = diag_new(a);
	if (!dialect_emit(x, &p, &o, d))
		fail_msg("%s: %.*s", x->name, STR_ARG(diag_text(a, d)));
	struct str text = str_dup(a, out_view(&o));
	out_free(&o);
	return text;
}

typedef VEC(struct str) line_vec;

static line_vec lines_of(struct arena *a, struct str text)
{
	line_vec v = { 0 };
	for (struct str line; str_cut(&text, '\n', &line);)
		*VEC_ADD(a, &v) = line;
	return v;
}

/* A line that is taken away, written twice, put elsewhere, or another one: of rules mostly, of anything at times. */
static struct str changed(struct arena *a, const struct dialect *x, struct str text)
{
	line_vec v = lines_of(a, text);
	struct out o = out_memory(1 << 20);
	uint32_t at = rnd((uint32_t)v.n), other = rnd((uint32_t)v.n), how = rnd(4);
	VEC(uint32_t) rules = { 0 };
	for (uint32_t i = 0; i < v.n; i++)
		if (x->line_kind(str_trim(v.v[i])) != LINE_CONTEXT)
			*VEC_ADD(a, &rules) = i;
	if (rules.n && rnd(8)) {
		at = rules.v[rnd((uint32_t)rules.n)];
		other = rules.v[rnd((uint32_t)rules.n)];
	}
	for (uint32_t i = 0; i < v.n; i++) {
		struct str line = v.v[i];
		if (i == at && how == 0)
			continue;
		if (i == at && how == 1)
			out_printf(&o, "%.*s\n", STR_ARG(line));
		if (i == at && how >= 2)
			line = v.v[other];
		out_printf(&o, "%.*s%s", STR_ARG(line), i + 1 < v.n || rnd(20) ? "\n" : "");
	}
	struct str ret = str_dup(a, out_view(&o));
	out_free(&o);
	return ret;
}

static bool same_set(const struct addrset *x, const struct addrset *y)
{
	return x && y ? addrset_equal(*x, *y) : x == y;
}

static void assert_same_rule(const struct rule *x, const struct rule *y)
{
	assert_int_equal(x->at.line, y->at.line);
	assert_true(str_eq(x->text, y->text));
	assert_int_equal(x->action, y->action);
	assert_int_equal(x->target, y->target);
	assert_int_equal(x->implicit, y->implicit);
	assert_true(same_set(x->match.src, y->match.src) && same_set(x->match.dst, y->match.dst));
	assert_int_equal(x->match.n_services, y->match.n_services);
	for (size_t i = 0; i < x->match.n_services; i++)
		assert_memory_equal(&x->match.services[i], &y->match.services[i], sizeof(struct service_term));
}

static void assert_same_rules(const struct ruleset *x, const struct ruleset *y)
{
	assert_int_equal(x->chains.n, y->chains.n);
	assert_int_equal(x->unknown.n, y->unknown.n);
	assert_int_equal(x->n_lines, y->n_lines);
	assert_int_equal(x->n_understood, y->n_understood);
	for (size_t c = 0; c < x->chains.n; c++) {
		assert_int_equal(x->chains.v[c].rules.n, y->chains.v[c].rules.n);
		assert_int_equal(x->chains.v[c].at.line, y->chains.v[c].at.line);
		for (size_t i = 0; i < x->chains.v[c].rules.n; i++)
			assert_same_rule(&x->chains.v[c].rules.v[i], &y->chains.v[c].rules.v[i]);
	}
}

/* Changes one after the other, each worked into what the ones before it left. */
static void change_and_compare(struct arena *a, const struct dialect *x, size_t *n, size_t *worked_in)
{
	struct read_options o = { .side = x->for_transit ? POLICY_TRANSIT : POLICY_INBOUND };
	struct diag *d = diag_new(a);
	struct str text = emitted(a, x);
	struct ruleset *r;
	assert_true(dialect_read(a, x, source_of_text(a, "rules", text), &o, &r, d));
	for (int step = 0; step < 6; step++) {
		struct change_of_rules c;
		struct ruleset *anew;
		text = changed(a, x, text);
		struct source *s = source_of_text(a, "rules", text);
		bool ok = dialect_reread(a, x, &o, r, s, &c), readable = dialect_read(a, x, s, &o, &anew, d);
		if (ok && !readable)
			fail_msg("%s: worked in what cannot be read:\n%.*s", x->name, STR_ARG(text));
		if (!readable)
			return;
		++*n;
		*worked_in += ok;
		if (ok) {
			change_apply(r, &c);
			assert_same_rules(r, anew);
		} else {
			r = anew;
		}
	}
}

static void a_changed_file_is_read_as_if_it_were_new(void **state)
{
	size_t n_chosen = 0;
	for (size_t i = 0; dialects[i]; i++) {
		size_t n = 0, worked_in = 0;
		if (!chosen(dialects[i]) || !dialects[i]->line_kind)
			continue;
		for (uint64_t round = 1; round <= rounds(40); round++) {
			struct arena *a = arena_new();
			seed = round * 15487469;
			change_and_compare(a, dialects[i], &n, &worked_in);
			arena_free(a);
		}
		if (worked_in * 2 < n)
			fail_msg("%s: only %zu of %zu changes needed no reading anew", dialects[i]->name, worked_in, n);
		n_chosen += n;
	}
	assert_some_chosen(n_chosen);
}

RUN_TESTS(T(a_changed_file_is_read_as_if_it_were_new))
