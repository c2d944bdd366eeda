/* SPDX-License-Identifier: Apache-2.0 */
/* The files that have a JSON Schema. */
#pragma once

#include "doc/fields.h"

struct schema_row {
	const char *name, *title;
	const struct record *record;
	bool words; /* of the catalogue are in it */
};

extern const struct schema_row schemas[];
extern const size_t n_schemas;
