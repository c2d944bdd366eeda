/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Serializes a proof so that it outlives its run.
 *
 * The question is everything that the answer depends on besides the text of the
 * rules: equal bytes are equal questions.  The answer is the whole result of
 * reading and proving: the rules, the proof, and the diagnostics.  A cache may
 * return it for an equal question and an equal text.
 */
#pragma once

#include "flow/ruleset-pack.h"
#include "prove/compare.h"

/* How the text is read, and the map of interfaces, are the caller's to add. */
void pack_question(struct packer *packer, const struct proof_question *q);

/*
 * The proof, its rules, and the diagnostics in d from the given one on.  False when it must
 * not be kept: there are errors, or it refers to something outside its rules.
 */
bool pack_answer(struct packer *packer, const struct proof_question *q, const struct diag *d, size_t first_remark,
		 const struct proof *proof);

/*
 * False, with nothing added to d, when the bytes are no answer to a question with the flows
 * of this one.  Says in d what was said then.
 */
bool unpack_answer(struct unpacker *unpacker, const struct proof_question *q, struct diag *d, struct proof *ret);

/*
 * A comparison of what is needed with what passes all filters of a path, as far as
 * a path is told by it: which flows are lost, and what is added.  The filters have the rules.
 */
bool pack_comparison(struct packer *packer, const struct comparison *c, const struct permits *passes,
		     size_t n_required);
bool unpack_comparison(struct unpacker *unpacker, const struct permits *passes, size_t n_required,
		       struct comparison *ret);
