/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of a check as bytes: between processes, and in the cache.  What is read back is trusted as to its meaning, never as to its shape. */
#pragma once

#include "base/pack.h"
#include "report/check/check.h"

void pack_part(struct out *o, const struct check_part *p);
bool unpack_part(struct arena *a, struct pack_reader *c, struct check_part *ret);
