/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/describe.h"

#include "base/system.h"
#include "cli/check-config.h"
#include "cli/rules.h"

/* What can be asked; the file is in the place of %s. */
struct can {
	const char *command, *what;
};

static const struct can of_estate[] = {
	{ "plan %s", "every flow that it needs, with reasons" },
	{ "lint %s", "what contradicts the documents" },
	{ "emit %s --at FIREWALL", "the rules of a firewall" },
	{ "prove %s", "whether the rules that it names permit exactly that" },
	{ "why %s FROM TO", "why one host or zone must reach another" },
};

static const struct can of_rules[] = {
	{ "lint %s", "shadowed, redundant and conflicting rules" },
	{ "prove ESTATE.yaml %s", "whether they permit exactly what an estate needs" },
	{ "diff OLD %s", "what passes now and did not before" },
	{ "convert %s --to DIALECT", "the same rules in another language" },
};

static const struct can of_folder[] = {
	{ "check %s", "plan, lint and proofs of every estate in it" },
};

bool can_describe(const char *path)
{
	enum path_kind kind = system_path(path).kind;
	return kind == PATH_FILE || kind == PATH_FOLDER;
}

/* The name in quotes where a shell would not take it as it is. */
static const char *as_word(struct arena *a, const char *path)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._/+,:@%";
	CLEANUP(out_free) struct out o = out_memory(1 << 16);
	if (path[strspn(path, plain)] == '\0')
		return path;
	out_char(&o, '\'');
	for (; *path; path++) {
		if (*path == '\'')
			out_text(&o, "'\\''");
		else
			out_char(&o, *path);
	}
	out_char(&o, '\'');
	return cstr(a, out_view(&o));
}

static void put_commands(struct out *o, const char *word, const struct can *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct str text = str_of(rows[i].command);
		size_t at = str_find_text(text, STR("%s"));
		out_printf(o, "  portolan %.*s%s%.*s\n      %s\n", STR_ARG(str_first(text, at)), word,
			   STR_ARG(str_skip(text, at + strlen("%s"))), rows[i].what);
	}
}

enum status describe(struct invocation *call, const char *path)
{
	struct file f;
	const char *word = as_word(call->arena, path);
	bool folder = system_path(path).kind == PATH_FOLDER, estate = !folder && begins_an_estate(path);
	struct source *s = folder || estate ? NULL : source_read(call->arena, path, MOST_RULES_BYTES, call->diag);
	const struct dialect *dialect = s ? dialect_guess(s->text) : NULL;

	if (!folder && !estate && !dialect) {
		if (s)
			diag_error(
				call->diag, (struct loc){ s, 0, 0, 0 },
				"this is neither an estate, which has the key estate:, nor rules that are recognized");
		diag_note(call->diag, NOWHERE, "\"portolan help\" lists the commands");
		return STATUS_INPUT;
	}
	if (!file_create(&f, call->arena, NULL, call->diag))
		return STATUS_MACHINE;
	if (folder) {
		out_printf(&f.out, "%s is a folder.\n", path);
		put_commands(&f.out, word, of_folder, ARRAY_LEN(of_folder));
	} else if (estate) {
		out_printf(&f.out, "%s is an estate.\n", path);
		put_commands(&f.out, word, of_estate, ARRAY_LEN(of_estate));
	} else {
		out_printf(&f.out, "%s has rules of %s (dialect %s).\n", path, dialect->title, dialect->name);
		put_commands(&f.out, word, of_rules, ARRAY_LEN(of_rules));
	}
	return file_commit(&f, call->diag) ? STATUS_WELL : STATUS_MACHINE;
}
