/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An independent oracle: BuDDy, a library of binary decision diagrams, computes
 * the same sets from the same rules, bit by bit.
 */
#include "test.h"

#include <bdd.h>

#include "flow/compile.h"
#include "random-rules.h"

/* Fields of the small universe as bits: 18 addresses, 6 protocols, 7 values of each port. */
static const struct {
	unsigned first, bits, values;
} fields[] = { { 0, 5, N_ADDRESSES }, { 5, 5, N_ADDRESSES }, { 10, 3, 6 }, { 13, 3, 7 }, { 16, 3, 7 } };
enum { FIELD_SRC, FIELD_DST, FIELD_PROTOCOL, FIELD_SPORT, FIELD_PORT, N_BITS = 19 };

static BDD value_of(unsigned field, unsigned v)
{
	BDD all = bddtrue;
	for (unsigned i = 0; i < fields[field].bits; i++) {
		BDD bit = v >> i & 1 ? bdd_ithvar((int)(fields[field].first + i))
				     : bdd_nithvar((int)(fields[field].first + i));
		all = bdd_addref(bdd_and(all, bit));
	}
	return all;
}

static uint16_t port_of(unsigned v, uint8_t protocol)
{
	return v < 6 ? (uint16_t)v : protocol_is_icmp(protocol) ? 255 : 65535;
}

/* Every value of a field that the box holds, for one protocol. */
static BDD values_in(unsigned field, const struct addrset *set, const struct port_range *r, uint8_t protocol)
{
	BDD any = bddfalse;
	for (unsigned v = 0; v < fields[field].values; v++) {
		bool in = set ? addrset_holds(*set, address(v))
			      : r->lo <= port_of(v, protocol) && port_of(v, protocol) <= r->hi;
		if (in)
			any = bdd_addref(bdd_or(any, value_of(field, v)));
	}
	return any;
}

static BDD box_bdd(const struct match *m)
{
	static const struct service_term any = ANY_SERVICE_INIT;
	const struct service_term *terms = m->n_services ? m->services : &any;
	size_t n = m->n_services ? m->n_services : 1;
	BDD services = bddfalse;
	for (size_t i = 0; i < n; i++)
		for (unsigned p = 0; p < 6; p++) {
			const struct service_term *t = &terms[i];
			if (protocols[p] < t->protocol_lo || protocols[p] > t->protocol_hi)
				continue;
			bool numbers = protocol_has_ports(protocols[p]) || protocol_is_icmp(protocols[p]);
			struct port_range all = ALL_PORTS;
			BDD one =
				bdd_and(value_of(FIELD_PROTOCOL, p),
					bdd_and(values_in(FIELD_SPORT, NULL, numbers ? &t->sport : &all, protocols[p]),
						values_in(FIELD_PORT, NULL, numbers ? &t->port : &all, protocols[p])));
			services = bdd_addref(bdd_or(services, one));
		}
	BDD src = m->src ? values_in(FIELD_SRC, m->src, NULL, 0) : bddtrue;
	BDD dst = m->dst ? values_in(FIELD_DST, m->dst, NULL, 0) : bddtrue;
	return bdd_addref(bdd_and(services, bdd_and(src, dst)));
}

/* The last rule first, each before the result of those after it. */
static BDD permitted(const struct ruleset *r)
{
	const struct chain *c = &r->chains.v[0];
	BDD set = c->fallthrough == ACTION_PERMIT ? bddtrue : bddfalse;
	for (size_t i = c->rules.n; i-- > 0;)
		set = bdd_addref(bdd_ite(box_bdd(&c->rules.v[i].match),
					 c->rules.v[i].action == ACTION_PERMIT ? bddtrue : bddfalse, set));
	return set;
}

static bool holds(BDD x, const unsigned v[5])
{
	while (x != bddtrue && x != bddfalse) {
		unsigned bit = (unsigned)bdd_var(x), f = 0;
		while (bit >= fields[f].first + fields[f].bits)
			f++;
		x = v[f] >> (bit - fields[f].first) & 1 ? bdd_high(x) : bdd_low(x);
	}
	return x == bddtrue;
}

static void a_rule_set_permits_what_buddy_computes(void **state)
{
	size_t permits = 0, packets = 0;
	for (uint64_t round = 1; round <= 40; round++) {
		struct arena *a = arena_new();
		seed = round * 982451653;
		struct ruleset *r = random_flat_ruleset(a);
		struct space *s = space_new(a);
		struct compiled *c = compile_add(a, s, r, NULL);
		uint32_t sizes[N_DIMS], point[N_DIMS];
		space_freeze(s);
		for (int d = 0; d < N_DIMS; d++)
			sizes[d] = space_size(s, (enum dim)d);
		struct diagrams *m = diagrams_new(a, sizes);
		compile_make(c, m);
		diagram ours = compiled_permitted(c, (struct reading){ .upper = true });
		BDD theirs = permitted(r);
		unsigned v[5];
		for (v[0] = 0; v[0] < N_ADDRESSES; v[0]++)
			for (v[1] = 0; v[1] < N_ADDRESSES; v[1]++)
				for (v[2] = 0; v[2] < 6; v[2]++)
					for (v[3] = 0; v[3] < 7; v[3]++)
						for (v[4] = 0; v[4] < 7; v[4]++) {
							struct packet p = { address(v[0]), address(v[1]),
									    protocols[v[2]],
									    port_of(v[3], protocols[v[2]]),
									    port_of(v[4], protocols[v[2]]) };
							if (!packet_is_possible(&p))
								continue;
							space_point(s, &p, point);
							bool permit = diagram_at(m, ours, point) == VALUE_PERMIT;
							if (permit != holds(theirs, v))
								fail_msg("round %u differs", (unsigned)round);
							permits += permit;
							packets++;
						}
		arena_free(a);
	}
	assert_true(permits > packets / 20 && permits < packets - packets / 20);
}

static int start(void **state)
{
	return bdd_init(200000, 20000) < 0 || bdd_setvarnum(N_BITS) < 0;
}

static int stop(void **state)
{
	bdd_done();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(a_rule_set_permits_what_buddy_computes) };
	return cmocka_run_group_tests(tests, start, stop);
}
