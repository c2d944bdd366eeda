/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"

const char *const status_texts[N_STATUSES] = {
	[STATUS_WELL] = "all is well",
	[STATUS_NO] = "the answer is no: something is missing, surplus or closed, or there is a lint error",
	[STATUS_INPUT] = "the input is wrong, or could not be understood completely",
	[STATUS_MACHINE] = "the machine refused: permission, network, disk or memory",
};

const struct command *command_find(const struct command *const *commands, struct str name)
{
	for (size_t i = 0; commands[i]; i++)
		if (str_is(name, commands[i]->name))
			return commands[i];
	return NULL;
}

const char *option(const struct invocation *v, const char *name)
{
	for (size_t i = 0; v->command->options[i].name; i++)
		if (strcmp(v->command->options[i].name, name) == 0)
			return v->values[i];
	assert(!"an option that the command's table has not");
	return NULL;
}

bool option_given(const struct invocation *v, const char *name)
{
	return option(v, name) != NULL;
}

struct str option_format(const struct invocation *v)
{
	const char *given = option(v, "format");
	if (given)
		return str_of(given);
	for (size_t i = 0; v->command->options[i].name; i++) {
		struct str words = str_of(v->command->options[i].choices), first;
		if (strcmp(v->command->options[i].name, "format") == 0 && str_word(&words, &first))
			return first;
	}
	return STR("text");
}

bool invocation_write(struct invocation *v, void (*text)(void *answer, struct out *o), void (*json)(void *answer, struct out *o),
		      void *answer)
{
	struct file f;
	if (!file_create(&f, v->arena, option(v, "output"), v->diag))
		return false;
	(str_is(option_format(v), "json") ? json : text)(answer, &f.out);
	return file_commit(&f, v->diag);
}

const struct catalogue *invocation_catalogue(struct invocation *v)
{
	const char *folder = option(v, "catalogue");
	return folder ? catalogue_read(v->arena, folder, v->diag) : &catalogue_builtin;
}
