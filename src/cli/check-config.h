/* SPDX-License-Identifier: Apache-2.0 */
/* portolan.yaml, and the estates of a folder. */
#pragma once

#include "doc/fields.h"
#include "report/check/check.h"

enum {
	MOST_CHECKED = 10000,   /* estates of a folder */
	MOST_VISITED = 1000000, /* entries of its folders */
	DEEPEST_FOLDER = 32,
	MOST_ACCEPTED = 100000,
	MOST_CONFIG_BYTES = 64 << 20,
};

/* portolan.yaml as a table of fields. */
extern const struct record check_record;

/* One estate of the folder. */
struct checked_estate {
	const char *const *files; /* the later over the earlier */
	size_t n_files;
	struct str rules;   /* where rules lie that no config: names: a pattern beside portolan.yaml; empty: nowhere */
	struct str dialect; /* of those; empty: the estate's, or guessed */
	const char *folder; /* the pattern is relative to it */
};

struct checked_folder {
	struct checked_estate *v;
	size_t n;
	struct acceptance *accepted;
	size_t n_accepted;
};

/* Reads portolan.yaml of the folder, or looks for estates.  False after errors. */
bool checked_folder_read(struct arena *a, const char *folder, struct diag *d, struct checked_folder *ret);

/* True of a YAML file with the key estate:, by its begin, without reading it as a whole. */
bool begins_an_estate(const char *path);

/* The rule file of a place by the pattern of its estate; NULL where there is none, or after an error. */
const char *checked_rules(struct arena *a, const struct checked_estate *e, struct str place, struct diag *d);
