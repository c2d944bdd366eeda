/* SPDX-License-Identifier: Apache-2.0 */
/*
 * peer-buddy RULES.raw NEEDED.raw: the same question, with BuDDy on raw header
 * bits: does the list permit what is needed, and nothing else?  Verdict only.
 */
#include <bdd.h>
#include <string.h>

#include "peer.h"

enum { PROTOCOL = 0, DPORT = 8, DST = 24, SRC = 56, SPORT = 88, N_BITS = 104 };

/* value <= / >= limit over bits [first, first + bits), the highest first */
static BDD compared(int first, int bits, uint32_t limit, int at_most)
{
	BDD x = bddtrue;
	bdd_addref(x);
	for (int i = bits - 1; i >= 0; i--) {
		int bit = limit >> (bits - 1 - i) & 1;
		BDD var = bdd_ithvar(first + i), next;
		if (at_most)
			next = bit ? bdd_ite(var, x, bddtrue) : bdd_ite(var, bddfalse, x);
		else
			next = bit ? bdd_ite(var, x, bddfalse) : bdd_ite(var, bddtrue, x);
		bdd_addref(next);
		bdd_delref(x);
		x = next;
	}
	return x;
}

static BDD range(int first, int bits, const uint32_t r[2])
{
	uint32_t top = bits == 32 ? UINT32_MAX : (1u << bits) - 1;
	if (r[0] == 0 && r[1] == top)
		return bddtrue;
	BDD lo = compared(first, bits, r[0], 0), hi = compared(first, bits, r[1], 1);
	BDD x = bdd_addref(bdd_and(lo, hi));
	bdd_delref(lo);
	bdd_delref(hi);
	return x;
}

static BDD box(const struct raw *r)
{
	uint32_t protocol[2] = { (uint32_t)r->protocol, (uint32_t)r->protocol };
	BDD parts[] = { r->protocol ? range(PROTOCOL, 8, protocol) : bddtrue, range(DPORT, 16, r->dport), range(DST, 32, r->dst),
			range(SRC, 32, r->src), range(SPORT, 16, r->sport) };
	BDD x = bddtrue;
	bdd_addref(x);
	for (int i = 4; i >= 0; i--) {
		BDD y = bdd_addref(bdd_and(parts[i], x));
		bdd_delref(x);
		bdd_delref(parts[i]);
		x = y;
	}
	return x;
}

static BDD permitted(const struct raw *v, size_t n)
{
	BDD x = bddfalse;
	bdd_addref(x);
	for (size_t i = n; i-- > 0;) {
		BDD b = box(&v[i]);
		BDD y = bdd_addref(v[i].permit ? bdd_or(b, x) : bdd_apply(x, b, bddop_diff));
		bdd_delref(x);
		bdd_delref(b);
		x = y;
	}
	return x;
}

int main(int argc, char **argv)
{
	size_t n, m;
	if (argc != 3)
		return 2;
	struct raw *rules = raw_read(argv[1], &n), *needed = raw_read(argv[2], &m);
	bdd_init(4000000, 400000);
	bdd_gbc_hook(NULL);
	bdd_setmaxincrease(4000000);
	bdd_setvarnum(N_BITS);
	BDD may = permitted(rules, n), wanted = permitted(needed, m);
	BDD missing = bdd_apply(wanted, may, bddop_diff), surplus = bdd_apply(may, wanted, bddop_diff);
	printf("%zu rules: missing %s, surplus %s\n", n, missing == bddfalse ? "no" : "yes", surplus == bddfalse ? "no" : "yes");
	return missing != bddfalse || surplus != bddfalse;
}
