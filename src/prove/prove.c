/* SPDX-License-Identifier: Apache-2.0 */
#include "prove/prove.h"

#include "prove/prover.h"

struct proof prove(struct arena *a, const struct ruleset *r, const struct proof_question *q)
{
	return (r->rpc_named ? prove_by_rpc : prove_packets)(a, r, q);
}
