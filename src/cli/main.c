/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line: finds the command, reads its options by its table, runs it,
 * prints its diagnostics.  The only place below main() that prints errors.
 */
#include <errno.h>

#include "base/suggest.h"
#include "base/system.h"
#include "base/vec.h"
#include "cli/commands.h"
#include "cli/complete.h"
#include "cli/describe.h"
#include "cli/help.h"
#include "cli/pager.h"
#include "cli/progress.h"
#include "cli/version.h"

static bool choice_ok(struct invocation *call, const struct option_row *o, const char *value)
{
	struct str rest = str_of(o->choices ? o->choices : ""), word;
	VEC(struct str) words = { 0 };
	if (!o->choices)
		return true;
	while (str_word(&rest, &word)) {
		if (str_is(word, value))
			return true;
		*VEC_ADD(call->arena, &words) = word;
	}
	diag_error(call->diag, NOWHERE, "--%s \"%s\" is not one of: %s", o->name, value, o->choices);
	diag_suggest(call->diag, str_of(value), words.v, words.n);
	return false;
}

static const struct option_row *find_long(struct invocation *call, struct str name)
{
	const struct option_row *lists[] = { call->command->options, common_options };
	const struct option_row *found = option_row_named(call->command, name);
	VEC(struct str) words = { 0 };
	if (found)
		return found;
	for (size_t list = 0; list < ARRAY_LEN(lists); list++)
		for (const struct option_row *o = lists[list]; o->name; o++)
			*VEC_ADD(call->arena, &words) = str_of(o->name);
	diag_error(call->diag, NOWHERE, "\"%s\" has no option --%.*s", call->command->name, STR_ARG(name));
	diag_suggest(call->diag, name, words.v, words.n);
	return NULL;
}

static const struct option_row *find_letter(struct invocation *call, char letter)
{
	const struct option_row *found = option_row_lettered(call->command, letter);
	if (!found)
		diag_error(call->diag, NOWHERE, "\"%s\" has no option -%c", call->command->name, letter);
	return found;
}

/* True of an option of every command, which is taken here. */
static bool take_common(struct invocation *call, const struct option_row *o)
{
	bool *const given[] = { &call->quiet, &call->no_pager };
	for (size_t i = 0; i < ARRAY_LEN(given); i++)
		if (o == &common_options[i])
			return *given[i] = true;
	return false;
}

/* Takes one option; *i moves past its argument.  False after an error. */
static bool take_option(struct invocation *call, int argc, char **argv, int *i)
{
	const char *arg = argv[*i], *value = NULL;
	const struct option_row *o;

	if (arg[1] == '-') {
		struct str name = str_of(arg + 2);
		size_t eq = str_find(name, '=');
		if (eq != SIZE_MAX)
			value = arg + 2 + eq + 1;
		o = find_long(call, str_first(name, eq));
	} else {
		o = find_letter(call, arg[1]);
		if (arg[2])
			value = arg + 2;
	}
	if (!o)
		return false;
	if (!o->argument && value)
		return diag_error(call->diag, NOWHERE, "--%s takes no argument", o->name);
	if (take_common(call, o))
		return true;
	if (o->argument && !value) {
		if (*i + 1 >= argc)
			return diag_error(call->diag, NOWHERE, "--%s needs an argument: %s", o->name, o->argument);
		value = argv[++*i];
	}
	const char **slot = &call->values[o - call->command->options];
	if (*slot && o->argument && !str_ends(str_of(o->argument), "..."))
		return diag_error(call->diag, NOWHERE, "--%s is given twice", o->name);
	*slot = value ? value : "";
	*VEC_ADD(call->arena, &call->all) = (struct option_value){ o, *slot };
	return !o->argument || choice_ok(call, o, value);
}

/* "RULES": what the synopsis of a command calls an operand that it needs. */
static struct str operand_word(const struct command *c, size_t operand)
{
	struct str rest = str_of(c->arguments), word, last = rest;
	while (str_word(&rest, &word)) {
		if (word.p[0] == '[')
			continue;
		last = str_ends(word, "...") ? str_first(word, word.n - strlen("...")) : word;
		if (operand-- == 0)
			break;
	}
	return last;
}

static bool read_arguments(struct invocation *call, int argc, char **argv)
{
	VEC(const char *) operands = { 0 };
	bool options_over = false, ok = true;
	size_t n_options = 0;

	while (call->command->options[n_options].name)
		n_options++;
	call->values = ARENA_ARRAY(call->arena, const char *, n_options + 1);
	for (int i = 0; i < argc; i++) {
		if (!options_over && strcmp(argv[i], "--") == 0)
			options_over = true;
		else if (!options_over && argv[i][0] == '-' && argv[i][1])
			ok &= take_option(call, argc, argv, &i);
		else
			*VEC_ADD(call->arena, &operands) = argv[i];
	}
	call->operands = operands.v;
	call->n_operands = operands.n;
	if (ok && (operands.n < call->command->least || operands.n > call->command->most)) {
		if (operands.n < call->command->least)
			diag_error(call->diag, NOWHERE, "an operand is missing: %.*s",
				   STR_ARG(operand_word(call->command, operands.n)));
		else
			diag_error(call->diag, NOWHERE, "\"%s\" is one operand too many",
				   operands.v[call->command->most]);
		diag_note(call->diag, NOWHERE, "usage: portolan %s [options] %s", call->command->name,
			  call->command->arguments);
		return false;
	}
	return ok;
}

static bool wants_colour(int fd)
{
	const char *no = getenv("NO_COLOR");
	return system_takes_colours(fd) && !(no && *no);
}

/* 0: not a terminal. */
static unsigned terminal_width(int fd)
{
	const char *columns = getenv("COLUMNS");
	unsigned width = system_width(fd);
	uint32_t n;
	return width && columns && str_to_u32(str_of(columns), 10000, &n) && n ? n : width;
}

/* Writes what the C library still holds of standard output. */
static void flush_standard_output(struct invocation *call)
{
	errno = 0;
	if (fflush(stdout) != 0 || ferror(stdout))
		diag_machine(call->diag, errno ? errno : EIO, "cannot write standard output");
}

static int finish(struct invocation *call, enum status status)
{
	progress_end();
	flush_standard_output(call);
	pager_end(call);
	struct out err = out_fd(2);
	diag_set_width(call->diag, terminal_width(2));
	diag_set_quiet(call->diag, call->quiet);
	diag_print(call->diag, &err, call->colour_err);
	out_flush(&err);
	out_free(&err);
	if (diag_machine_refused(call->diag))
		return STATUS_MACHINE;
	return diag_errors(call->diag) ? STATUS_INPUT : (int)status;
}

static bool is_help(const char *arg)
{
	return strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0;
}

static int run(struct invocation *call, int argc, char **argv)
{
	if (argc < 2 || is_help(argv[1])) {
		if (argc >= 2)
			return finish(call, show_help(call, NULL));
		struct out o = out_fd(2);
		help_overview(&o, commands);
		out_flush(&o);
		out_free(&o);
		return STATUS_INPUT;
	}
	if (strcmp(argv[1], "--complete") == 0) {
		complete(call, argc - 2, argv + 2);
		return STATUS_WELL;
	}
	if (strcmp(argv[1], "--version") == 0)
		return finish(call, version(call, argc - 2, argv + 2));
	call->command = command_find(commands, str_of(argv[1]));
	if (!call->command && argc == 2 && can_describe(argv[1]))
		return finish(call, describe(call, argv[1]));
	if (!call->command) {
		VEC(struct str) words = { 0 };
		for (size_t i = 0; commands[i]; i++)
			*VEC_ADD(call->arena, &words) = str_of(commands[i]->name);
		diag_error(call->diag, NOWHERE, "there is no command \"%s\"", argv[1]);
		diag_suggest(call->diag, str_of(argv[1]), words.v, words.n);
		diag_note(call->diag, NOWHERE, "\"portolan help\" lists them");
		return finish(call, STATUS_INPUT);
	}
	if (!call->command->run) {
		diag_error(call->diag, NOWHERE, "this program does not have \"%s\"; use portolan on Linux", argv[1]);
		return finish(call, STATUS_INPUT);
	}
	for (int i = 2; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (is_help(argv[i]))
			return finish(call, show_help(call, call->command));
	}
	if (!read_arguments(call, argc - 2, argv + 2))
		return finish(call, STATUS_INPUT);
	pager_begin(call);
	return finish(call, call->command->run(call));
}

int portolan_main(int argc, char **argv)
{
	system_begin(&argc, &argv);
	struct arena *a = arena_new();
	struct invocation call = {
		.arena = a,
		.diag = diag_new(a),
		.commands = commands,
		.colour_out = wants_colour(1),
		.colour_err = wants_colour(2),
		.width = terminal_width(1),
	};
	int status = run(&call, argc, argv);
	arena_free(a);
	return status;
}
