/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The word that the user probably meant: few edits away, for its length (optimal
 * string alignment: Damerau-Levenshtein distance in which a transposition is one
 * edit; Damerau, CACM 7(3), 1964).
 */
#pragma once

#include "base/str.h"

/* The closest of n words, or NO_STR when none is close. */
struct str suggest(struct str wrong, const struct str *words, size_t n);
