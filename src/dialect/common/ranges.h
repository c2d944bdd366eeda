/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses as a reader collects them: one set at the end, however many there are. */
#pragma once

#include "base/vec.h"
#include "net/addrset.h"

typedef VEC(struct addr_range) range_vec;

/* Adds an address, prefix or range; false when the text is not one. */
bool range_add(struct arena *a, struct str text, range_vec *to);
void range_add_all(struct arena *a, range_vec *to); /* of both families */
struct addrset range_vec_set(struct arena *a, const range_vec *ranges);
