/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The word that somebody probably meant: few edits away, for the length of it
 * (Damerau-Levenshtein with neighbouring letters exchanged as one edit).
 */
#pragma once

#include "base/str.h"

/* The closest of n words, or NO_STR when none is close. */
struct str suggest(struct str wrong, const struct str *words, size_t n);
