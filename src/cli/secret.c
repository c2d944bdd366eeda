/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/secret.h"

#include "base/source.h"

enum { SECRET_MAX = 256 };

bool option_secret(struct invocation *call, const char *name, size_t least, struct str *ret)
{
	const char *file = option(call, name);
	if (!file)
		return true;
	struct source *s = source_read(call->arena, file, SECRET_MAX, call->diag);
	if (!s)
		return false;
	struct str line = str_trim(s->text);
	while (line.n && (line.p[line.n - 1] == '\n' || line.p[line.n - 1] == '\r'))
		line.n--;
	if (str_find(line, '\n') != SIZE_MAX)
		return diag_error(call->diag, NOWHERE, "%s: one line is expected", file);
	if (line.n < least)
		return diag_error(call->diag, NOWHERE, "%s: %s", file,
				  line.n ? str_printf(call->arena, "it has less than %zu characters", least).p
					 : "it is empty");
	*ret = line;
	return true;
}
