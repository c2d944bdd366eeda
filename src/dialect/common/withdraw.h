/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an earlier file of ours put on a device and a new one no longer has: it is removed after the new rules are there, rules
 * before what they name.
 *
 * Only files that begin with our own header are taken, so that nothing that others wrote is ever removed.
 */
#pragma once

#include "dialect/dialect.h"

enum { WITHDRAW_RANKS = 8 };

struct owned {
	unsigned rank;   /* what is removed first: 0 */
	struct str list; /* FortiGate: the table; empty elsewhere */
	struct str path; /* of the object in the language, as the file writes it */
};

struct owned_list {
	struct owned *v;
	size_t n;
};

/* Kinds of objects of a language of set lines: the words of their path, * being a name. */
struct owned_kind {
	const char *path; /* "applications application-set *" */
	unsigned rank;
};

/* Writes "delete PATH" for each object that the set lines of before make and those of now do not. */
void withdraw_set_lines(struct arena *a, struct str before, struct str now, const struct owned_kind *kinds, size_t n,
			struct out *o);

/* Those of before that are not among now, by rank. */
struct owned_list owned_gone(struct arena *a, struct owned_list before, struct owned_list now);
