/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/estate.h"

#include "base/vec.h"
#include "dialect/dialect.h"

const struct estate *invocation_estate(struct invocation *call, size_t n_files)
{
	const struct catalogue *c = invocation_catalogue(call);
	return c ? estate_read(call->arena, c, call->operands, n_files, call->diag) : NULL;
}

static bool as_documented(const struct invocation *call)
{
	for (const struct option_row *o = call->command->options; o->name; o++)
		if (strcmp(o->name, "as-documented") == 0)
			return option_given(call, "as-documented");
	return false;
}

static bool dialect_is_known(struct invocation *call, struct name said)
{
	VEC(struct str) words = { 0 };
	if (!said.s.p || dialect_find(said.s))
		return true;
	for (size_t i = 0; dialects[i]; i++)
		*VEC_ADD(call->arena, &words) = str_of(dialects[i]->name);
	diag_error(call->diag, said.at, "there is no dialect \"%.*s\"", STR_ARG(said.s));
	diag_suggest(call->diag, said.s, words.v, words.n);
	return false;
}

/* Every one that is not is reported. */
static bool dialects_are_known(struct invocation *call, const struct estate *e)
{
	bool all = true;
	for (size_t i = 0; i < e->n_firewalls; i++)
		all &= dialect_is_known(call, e->firewalls[i].dialect);
	for (size_t i = 0; i < e->n_hosts; i++)
		all &= dialect_is_known(call, e->hosts[i].firewall.dialect);
	return all;
}

const struct plan *plan_of_files(struct invocation *call, const char *const *files, size_t n)
{
	const struct catalogue *c = invocation_catalogue(call);
	const struct estate *e = c ? estate_read(call->arena, c, files, n, call->diag) : NULL;
	if (e && !dialects_are_known(call, e))
		return NULL;
	struct plan_options options = { .as_documented = as_documented(call) };
	return e ? plan_make(call->arena, e, &options, call->diag) : NULL;
}

const struct plan *invocation_plan(struct invocation *call)
{
	return plan_of_files(call, call->operands, call->n_operands);
}

/* Kubernetes' files end in .yaml too; no estate has their first key. */
static bool is_object(const char *path)
{
	enum { ENOUGH = 1 << 16 };
	char head[ENOUGH];
	struct str text;
	if (!file_head(path, head, sizeof head, &text))
		return false;
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

size_t count_estate_operands(const struct invocation *call, size_t from)
{
	size_t n = 0;
	while (from + n < call->n_operands && is_estate_path(call->operands[from + n]))
		n++;
	return n;
}
