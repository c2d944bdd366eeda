/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/estate.h"

const struct estate *invocation_estate(struct invocation *v, size_t n_files)
{
	const struct catalogue *c = invocation_catalogue(v);
	return c ? estate_read(v->arena, c, v->operands, n_files, v->diag) : NULL;
}

const struct plan *invocation_plan(struct invocation *v)
{
	const struct estate *e = invocation_estate(v, v->n_operands);
	struct plan_options options = { .as_documented = option_given(v, "as-documented") };
	return e ? plan_make(v->arena, e, &options, v->diag) : NULL;
}
