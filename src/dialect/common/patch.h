/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes of a list that is on a device, as statements to paste, and the statements that undo them.
 *
 * Rules that are added are relations of a policy that is only a part of a list (policy.part), so that each
 * dialect writes them as it writes all others; the dialect adds the statements that put them into their place.
 * A rule that is removed is switched off, so that undoing it needs no copy.
 */
#pragma once

#include "dialect/dialect.h"

enum { MOST_PATCHED = 200 }; /* rules of a patch */

/*
 * The rules that are added, as a policy.  path_of() is how the language names the rule of the list that one is put
 * before; NULL where it has numbers for that.  NULL when they are too many.
 */
const struct policy *patch_part(struct arena *a, const struct patch_request *q,
				struct str (*path_of)(struct arena *a, const struct rule *r));

/* Writes the part (NULL: they are too many) with the dialect of the request.  NULL, or why it cannot. */
const char *patch_put_part(const struct patch_request *q, const struct policy *part, struct out *o);
