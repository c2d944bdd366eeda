/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/explain.h"

bool probe_code_find(struct invocation *call, const struct catalogue *c, const char *code, struct probe_explained *ret)
{
	ret->code = str_trim(str_of(code));
	ret->meanings = error_codes_find(call->arena, c, ret->code, &ret->n);
	if (ret->n)
		return true;
	struct strs names = error_code_names(call->arena, c);
	diag_error(call->diag, NOWHERE, "nothing is known of the code \"%s\"", code);
	diag_suggest(call->diag, ret->code, names.v, names.n);
	return false;
}

enum status probe_explain_only(struct invocation *call, const char *code)
{
	struct file f;
	struct probe_tasks none = { 0 };
	struct probe_explained explained;
	struct probe_report r = {
		.tasks = &none,
		.explained = &explained,
		.width = call->width,
		.colour = call->colour_out && !option_given(call, "output"),
	};
	const struct catalogue *c = invocation_catalogue(call);
	if (!c || !probe_code_find(call, c, code, &explained))
		return STATUS_INPUT;
	explained.catalogue = c;
	if (!file_create(&f, call->arena, option(call, "output"), call->diag))
		return STATUS_MACHINE;
	probe_format_find(option_format(call))->write(&f.out, &r);
	return file_commit(&f, call->diag) ? STATUS_WELL : STATUS_MACHINE;
}
