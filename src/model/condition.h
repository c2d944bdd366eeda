/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditions as text: "[from|to|either] [not] WORD [ARGUMENT]".
 */
#pragma once

#include "base/names.h"
#include "doc/fields.h"
#include "model/catalogue.h"

/* Looks names up in the catalogue's vocabularies, which must be complete. */
bool condition_parse(const struct catalogue *c, struct arena *a, const struct name *text, struct condition *ret,
		     struct diag *d);
