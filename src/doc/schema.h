/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON Schema (draft 2020-12) from a table of fields, for editors.
 */
#pragma once

#include "doc/fields.h"
#include "doc/json.h"

/* Words that a plain name field may take, for completion in the editor. */
struct schema_words {
	const char *key; /* the field's key, anywhere in the document */
	const struct str *words;
	size_t n;
};

void schema_write(struct out *out, const char *id, const char *title, const struct record *root,
		  const struct schema_words *words, size_t n_words);
