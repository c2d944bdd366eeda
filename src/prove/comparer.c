/* SPDX-License-Identifier: Apache-2.0 */
#include "prove/comparer.h"

struct change *changes_add(const struct comparer *c, struct changes *all)
{
	all->more |= all->v.n >= c->most;
	return all->more ? NULL : VEC_ADD(c->arena, &all->v);
}

struct comparison comparison_of(enum engine by, bool uncertain, const struct changes *added,
				const struct changes *removed)
{
	return (struct comparison){
		.equal = !added->v.n && !removed->v.n && !added->more && !removed->more && !uncertain,
		.engine = by,
		.uncertain = uncertain,
		.added = added->v.v,
		.n_added = added->v.n,
		.more_added = added->more,
		.removed = removed->v.v,
		.n_removed = removed->v.n,
		.more_removed = removed->more,
		.loses = removed->met,
		.gains = added->met,
	};
}
