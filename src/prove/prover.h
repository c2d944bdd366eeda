/* SPDX-License-Identifier: Apache-2.0 */
/* Definitions shared by the engines of the prover. */
#pragma once

#include "base/vec.h"
#include "prove/prove.h"
#include "prove/workspace.h"

struct prover {
	struct arena *arena; /* of the answer */
	const struct ruleset *rules;
	const struct proof_question *q;
	size_t most; /* as the question says; SIZE_MAX: all */
	/* of one engine's attempt, and forgotten with it */
	struct workspace w;
	struct compiled *code;
	struct box_id *judged;
	struct box_id *boxes, *replies; /* by required flow */
	struct box_id *back;            /* replies that may pass a stateless list */
	size_t n_back;
	struct box_id *tolerated; /* by flows where it is more than the box, and by the question */
	size_t n_tolerated;
	struct box_id *invalid; /* the packets of what is judged that may be invalid; where they are asked about */
	size_t n_invalid;
	bool *helped; /* flows that are counted already */
	set_id tcp;
	diagram universe;
	diagram whole_judged; /* what is judged, including packets that cannot exist */
	/* the answer */
	VEC(struct missing) missing;
	VEC(struct surplus) surplus;
	struct proof proof;
};

/* prove() of rules that name no RPC interface, or are to be used as they are. */
struct proof prove_packets(struct arena *a, const struct ruleset *r, const struct proof_question *q);

/* prove() of rules that do. */
struct proof prove_by_rpc(struct arena *a, const struct ruleset *r, const struct proof_question *q);

/* True when a helper of the firewall opens the flow. */
static inline bool is_helped(const struct prover *p, const struct required *r)
{
	return (r->helper == HELPER_TFTP && p->rules->helps_tftp) || (r->helper == HELPER_RPC && p->rules->helps_rpc);
}

/* Orders what is missing by flow: certain ones first, replies last. */
int missing_cmp(const void *left, const void *right);

/* Orders surplus by location in the file, whichever engine found it. */
int surplus_cmp(const void *left, const void *right);

/* The verdict that follows from what a proof has found. */
void proof_judge(struct proof *proof);

/* No engine finished. */
void proof_give_up(struct proof *proof);

/* True when replies do not depend on the rules. */
bool replies_are_free(const struct ruleset *r);

/* False when diagrams grew beyond so many runs; 0: any number. */
bool prove_by_diagrams(struct prover *p, size_t runs);

/*
 * False when the rules are not a flat list of certain ones, when invalid packets are a question of
 * their own, or when the steps are not enough.
 */
bool prove_by_sweep(struct prover *p, uint64_t steps);
