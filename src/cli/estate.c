/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/estate.h"

#include <sys/stat.h>

const struct estate *invocation_estate(struct invocation *call, size_t n_files)
{
	const struct catalogue *c = invocation_catalogue(call);
	return c ? estate_read(call->arena, c, call->operands, n_files, call->diag) : NULL;
}

const struct plan *invocation_plan(struct invocation *call)
{
	const struct estate *e = invocation_estate(call, call->n_operands);
	struct plan_options options = { .as_documented = option_given(call, "as-documented") };
	return e ? plan_make(call->arena, e, &options, call->diag) : NULL;
}

/* Kubernetes' files end in .yaml too; no estate has their first key. */
static bool is_object(const char *path)
{
	enum { ENOUGH = 4096 };
	char head[ENOUGH];
	struct stat st;
	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return false;
	FILE *f = fopen(path, "rb");
	if (!f)
		return false;
	struct str text = { head, fread(head, 1, sizeof head, f) };
	fclose(f);
	return str_starts(text, "apiVersion:") || str_find_text(text, STR("\napiVersion:")) != SIZE_MAX;
}

bool is_estate_path(const char *path)
{
	struct str s = str_of(path);
	return (str_ends(s, ".yaml") || str_ends(s, ".yml")) && !is_object(path);
}

bool is_estate_operand(const struct invocation *call, size_t operand, const char *dialect_option)
{
	return is_estate_path(call->operands[operand]) && !option_given(call, dialect_option);
}
