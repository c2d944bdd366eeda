/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comparisons of two rule sets of one language whose interfaces stand for unknown addresses: by the
 * names of interfaces.
 *
 * A packet enters by one interface and leaves by one.  For each pair of names that the rules
 * distinguish, the rules of that pair are two rule sets without interfaces: the ordinary question.  A
 * name means the same interface on both sides; that is the one assumption.
 */
#pragma once

#include "prove/compare.h"

/* True when both sides are one rule set each, of one language, and rules name interfaces. */
bool can_compare_by_names(const struct permits *old, const struct permits *new);

/*
 * As compare(); changes have their names.  Where there are too many pairs of names, as compare() itself:
 * uncertain.
 */
struct comparison compare_by_names(struct arena *a, const struct permits *old, const struct permits *new,
				   const struct compare_options *options);
