/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patches of Windows Firewall: statements of PowerShell.  The place of a rule does not matter, because rules that block
 * precede those that allow; a rule that goes is disabled.
 */
#include "dialect/common/patch.h"
#include "dialect/windows/windows.h"

/* The name of a rule in the statement that made it; empty: it is not one that needs no quoting. */
static struct str name_in(struct str statement)
{
	static const char option[] = "-Name '";
	size_t at = str_find_text(statement, str_of(option));
	if (at == SIZE_MAX)
		return NO_STR;
	struct str rest = str_skip(statement, at + strlen(option));
	struct str name = str_first(rest, MIN(str_find(rest, '\''), rest.n));
	return str_is_plain(name, " ._-(){}") ? name : NO_STR;
}

static const char *put_removed(const struct patch_step *step, struct out *apply, struct out *undo)
{
	struct str name = name_in(step->at->text);
	if (!name.n)
		return "a rule that would go is not of a script with names";
	out_printf(apply, "Disable-NetFirewallRule -Name '%.*s'\n", STR_ARG(name));
	out_printf(undo, "Enable-NetFirewallRule -Name '%.*s'\n", STR_ARG(name));
	return NULL;
}

/* What removes the rules that were written, by their names. */
static void put_undo(struct str written, struct out *undo)
{
	struct str line;
	while (str_cut(&written, '\n', &line))
		if (str_starts(line, "New-NetFirewallRule"))
			out_printf(undo, "Remove-NetFirewallRule -Name '%.*s'\n", STR_ARG(name_in(line)));
}

static const char *write(struct arena *a, const struct patch_request *q, struct out *apply, struct out *undo)
{
	CLEANUP(out_free) struct out added = out_memory(MOST_RULES_BYTES);
	const char *why = patch_put_part(q, patch_part(a, q, NULL), &added);
	for (size_t i = 0; i < q->n && !why; i++)
		if (q->steps[i].removes)
			why = put_removed(&q->steps[i], apply, undo);
	out_str(apply, out_view(&added));
	put_undo(out_view(&added), undo);
	return why;
}

const struct patch_writer windows_patch = { .comment = "# ", .write = write };
