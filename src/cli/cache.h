/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A folder of answers.  An entry holds a question, the texts that it is about and
 * the answer; its name is a hash of question and texts, and it counts only when
 * they are the same byte for byte.  What is damaged, cut off or another's is as if
 * it were not there.
 *
 * The folder is believed, so it has to be its user's alone.  Entries take their
 * name when they are complete: any number of processes may use one folder.
 */
#pragma once

#include "base/diag.h"

enum {
	MOST_CACHE_BYTES = 1 << 30,	/* of a folder; what was not used for longest goes first */
	MOST_ENTRY_BYTES = MOST_CACHE_BYTES / 4,	/* what is larger is not kept */
};

struct cache {
	int folder;	/* -1: there is none, and nothing is found or kept */
	const char *path;
	bool added;
	bool refused;	/* the machine did, and that was said */
};

/* Makes the folder where there is none.  False after an error in d. */
bool cache_open(struct cache *c, const char *path, struct diag *d);

/* The question says how long each text is. */
struct asked {
	struct str question;
	const struct str *texts;
	size_t n_texts;
};

/* The answer's bytes, in the arena. */
bool cache_find(const struct cache *c, struct arena *a, const struct asked *q, struct str *answer);

/* A machine that refuses is a warning in d, once. */
void cache_add(struct cache *c, const struct asked *q, struct str answer, struct diag *d);

/* Keeps the folder within its size.  Accepts one that was not opened. */
void cache_close(struct cache *c);
