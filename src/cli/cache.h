/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A folder of answers.  An entry holds a question, its texts and the answer; its
 * name is a hash of question and texts, and it is used only when they are equal
 * byte for byte.  A damaged, truncated or foreign entry is ignored.
 *
 * The folder is trusted, so only its user may write to it.  Entries are renamed
 * when they are complete: any number of processes may use one folder.
 */
#pragma once

#include "base/diag.h"

enum {
	MOST_CACHE_BYTES = 1 << 30,              /* of a folder; the least recently used entry goes first */
	MOST_ENTRY_BYTES = MOST_CACHE_BYTES / 4, /* larger entries are not kept */
};

struct cache {
	int folder; /* -1: there is none, and nothing is found or stored */
	const char *path;
	bool added;
	bool refused; /* a system error occurred and was reported */
};

/* Creates the folder if it does not exist.  False after an error in d. */
bool cache_open(struct cache *c, const char *path, struct diag *d);

/* The question includes the length of each text. */
struct asked {
	struct str question;
	const struct str *texts;
	size_t n_texts;
};

/* The answer's bytes, in the arena. */
bool cache_find(const struct cache *c, struct arena *a, const struct asked *q, struct str *answer);

/* A system error is a warning in d, once. */
void cache_add(struct cache *c, const struct asked *q, struct str answer, struct diag *d);

/* Trims the folder to its size limit.  Accepts one that was not opened. */
void cache_close(struct cache *c);
