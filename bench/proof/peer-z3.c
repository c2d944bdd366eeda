/* SPDX-License-Identifier: Apache-2.0 */
/*
 * peer-z3 RULES.raw NEEDED.raw: the same question as one query of bit vectors:
 * is there a packet that the list and what is needed decide differently?
 */
#include <z3.h>

#include "peer.h"

static Z3_context z;

static Z3_ast variable(const char *name, unsigned bits)
{
	return Z3_mk_const(z, Z3_mk_string_symbol(z, name), Z3_mk_bv_sort(z, bits));
}

static Z3_ast in_range(Z3_ast x, unsigned bits, const uint32_t r[2])
{
	Z3_sort sort = Z3_mk_bv_sort(z, bits);
	Z3_ast parts[2] = { Z3_mk_bvuge(z, x, Z3_mk_unsigned_int(z, r[0], sort)),
			    Z3_mk_bvule(z, x, Z3_mk_unsigned_int(z, r[1], sort)) };
	if (r[0] == r[1])
		return Z3_mk_eq(z, x, Z3_mk_unsigned_int(z, r[0], sort));
	return Z3_mk_and(z, 2, parts);
}

static Z3_ast permitted(const struct raw *v, size_t n, Z3_ast protocol, Z3_ast src, Z3_ast dst, Z3_ast sport, Z3_ast dport)
{
	Z3_ast x = Z3_mk_false(z);
	for (size_t i = n; i-- > 0;) {
		uint32_t p[2] = { (uint32_t)v[i].protocol, (uint32_t)v[i].protocol };
		Z3_ast parts[5] = { v[i].protocol ? in_range(protocol, 8, p) : Z3_mk_true(z), in_range(src, 32, v[i].src),
				    in_range(dst, 32, v[i].dst), in_range(sport, 16, v[i].sport),
				    in_range(dport, 16, v[i].dport) };
		x = Z3_mk_ite(z, Z3_mk_and(z, 5, parts), v[i].permit ? Z3_mk_true(z) : Z3_mk_false(z), x);
	}
	return x;
}

int main(int argc, char **argv)
{
	size_t n, m;
	if (argc != 3)
		return 2;
	struct raw *rules = raw_read(argv[1], &n), *needed = raw_read(argv[2], &m);
	z = Z3_mk_context(Z3_mk_config());
	Z3_ast protocol = variable("protocol", 8), src = variable("src", 32), dst = variable("dst", 32),
	       sport = variable("sport", 16), dport = variable("dport", 16);
	Z3_solver s = Z3_mk_solver(z);
	Z3_solver_inc_ref(z, s);
	Z3_solver_assert(z, s, Z3_mk_xor(z, permitted(rules, n, protocol, src, dst, sport, dport),
					 permitted(needed, m, protocol, src, dst, sport, dport)));
	Z3_lbool r = Z3_solver_check(z, s);
	printf("%zu rules: %s\n", n, r == Z3_L_TRUE ? "they differ" : r == Z3_L_FALSE ? "the same" : "unknown");
	return r != Z3_L_FALSE;
}
