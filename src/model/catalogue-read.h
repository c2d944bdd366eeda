/* SPDX-License-Identifier: Apache-2.0 */
/* What the readers of the catalogue's files share. */
#pragma once

#include "base/vec.h"
#include "model/catalogue-fields.h"

enum { MOST_WORDS = 20000 }; /* of a file; they fit the 16 bits of an index */

struct reader {
	struct arena *arena;
	struct diag *diag;
	struct catalogue cat;
	struct strs role_words, service_words, system_words, setting_words, interface_words;
	struct need_rows {
		struct need *v;
		size_t n, room;
	} needs;
	VEC(struct loc) places; /* of the needs, in step */
	VEC(struct str) features;
};

/* A file of the folder; NULL after an error. */
const struct node *reader_yaml(struct reader *r, const char *folder, const char *file);

/* The rows of a file that is one map of names to records; NULL after an error. */
struct records *reader_words(struct reader *r, const char *folder, const char *file, const struct record *root,
			     size_t offset);

/* The values of a row; an absent one is empty. */
struct strs row_texts(struct arena *a, struct names names);
struct str row_text(struct name n);

/* -1, after an error with a suggestion of these words. */
int reader_unknown(struct reader *r, const char *what, struct name n, struct strs words);

/* The role of this name, or ROLE_ANY for "*"; -1 after an error. */
int reader_role(struct reader *r, struct name n);

/* vocabulary/errors.yaml, after the roles and services (catalogue-read-errors.c). */
bool read_errors(struct reader *r, const char *folder);
