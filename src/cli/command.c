/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"

const char *const status_texts[N_STATUSES] = {
	[STATUS_WELL] = "success",
	[STATUS_NO] = "the answer is no: something is missing, surplus or closed, or there is a lint error",
	[STATUS_INPUT] = "the input is wrong, or was not understood completely",
	[STATUS_MACHINE] = "a system error: permission, network, disk or memory",
};

const struct option_row common_options[] = {
	{ "quiet", 'q', NULL, NULL, "only results, warnings and errors: no notes, no progress" },
	{ "no-pager", 0, NULL, NULL, "do not show output that is longer than the screen in a pager" },
	OPTIONS_END,
};

const struct option_row *option_row_named(const struct command *c, struct str name)
{
	const struct option_row *lists[] = { c->options, common_options };
	for (size_t list = 0; list < ARRAY_LEN(lists); list++)
		for (const struct option_row *o = lists[list]; o->name; o++)
			if (str_is(name, o->name))
				return o;
	return NULL;
}

const struct option_row *option_row_lettered(const struct command *c, char letter)
{
	const struct option_row *lists[] = { c->options, common_options };
	for (size_t list = 0; list < ARRAY_LEN(lists); list++)
		for (const struct option_row *o = lists[list]; o->name; o++)
			if (o->letter && o->letter == letter)
				return o;
	return NULL;
}

const struct command *command_find(const struct command *const *commands, struct str name)
{
	for (size_t i = 0; commands[i]; i++)
		if (str_is(name, commands[i]->name))
			return commands[i];
	return NULL;
}

const char *option(const struct invocation *call, const char *name)
{
	for (size_t i = 0; call->command->options[i].name; i++)
		if (strcmp(call->command->options[i].name, name) == 0)
			return call->values[i];
	assert(!"an option that is not in the command's table");
	return NULL;
}

const char *const *option_all(const struct invocation *call, const char *name, size_t *n)
{
	const char **found = ARENA_ARRAY(call->arena, const char *, call->all.n);
	*n = 0;
	for (size_t i = 0; i < call->all.n; i++)
		if (strcmp(call->all.v[i].row->name, name) == 0)
			found[(*n)++] = call->all.v[i].text;
	return found;
}

bool option_given(const struct invocation *call, const char *name)
{
	return option(call, name) != NULL;
}

struct str option_format(const struct invocation *call)
{
	const char *given = option(call, "format");
	if (given)
		return str_of(given);
	for (size_t i = 0; call->command->options[i].name; i++) {
		struct str words = str_of(call->command->options[i].choices), first;
		if (strcmp(call->command->options[i].name, "format") == 0 && str_word(&words, &first))
			return first;
	}
	return STR("text");
}

bool invocation_write(struct invocation *call, void (*text)(void *answer, struct out *o),
		      void (*json)(void *answer, struct out *o), void *answer)
{
	struct file f;
	if (!file_create(&f, call->arena, option(call, "output"), call->diag))
		return false;
	(str_is(option_format(call), "json") ? json : text)(answer, &f.out);
	return file_commit(&f, call->diag);
}

int option_named(struct invocation *call, const struct catalogue *c, const char *name, const char *what,
		 int (*find)(const struct catalogue *c, struct str id),
		 struct strs (*words)(struct arena *a, const struct catalogue *c))
{
	const char *value = option(call, name);
	if (!value)
		return -1;
	int i = find(c, str_of(value));
	if (i < 0) {
		struct strs all = words(call->arena, c);
		diag_error(call->diag, NOWHERE, "there is no %s \"%s\"", what, value);
		diag_suggest(call->diag, str_of(value), all.v, all.n);
	}
	return i;
}

const struct catalogue *invocation_catalogue(struct invocation *call)
{
	const char *folder = option(call, "catalogue");
	return folder ? catalogue_read(call->arena, folder, call->diag) : &catalogue_builtin;
}
