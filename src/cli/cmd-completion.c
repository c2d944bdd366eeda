/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Completion for three shells, written from the commands' tables, so that a new
 * option completes without further work.
 */
#include "cli/command.h"

static void put_quoted(struct out *o, const char *s)
{
	out_char(o, '\'');
	for (; *s; s++) {
		if (*s == '\'')
			out_text(o, "'\\''");
		else
			out_char(o, *s);
	}
	out_char(o, '\'');
}

static void bash(struct out *o, const struct command *const *commands)
{
	out_text(o, "# portolan(1) completion for bash\n_portolan()\n{\n"
		    "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]}\n"
		    "\tlocal words=\n"
		    "\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n\t\twords='");
	for (size_t i = 0; commands[i]; i++)
		out_printf(o, "%s ", commands[i]->name);
	out_text(o, "--help --version'\n\telse\n\t\tcase $command:$prev in\n");
	for (size_t i = 0; commands[i]; i++)
		for (const struct option_row *r = commands[i]->options; r->name; r++) {
			if (!r->choices)
				continue;
			out_printf(o, "\t\t%s:--%s", commands[i]->name, r->name);
			if (r->letter)
				out_printf(o, "|%s:-%c", commands[i]->name, r->letter);
			out_printf(o, ") words='%s' ;;\n", r->choices);
		}
	for (size_t i = 0; commands[i]; i++) {
		if (!commands[i]->options[0].name)
			continue;
		out_printf(o, "\t\t%s:*) case $cur in -*) words='", commands[i]->name);
		for (const struct option_row *r = commands[i]->options; r->name; r++)
			out_printf(o, "--%s ", r->name);
		out_text(o, "--help' ;; esac ;;\n");
	}
	out_text(o, "\t\thelp:*) words='");
	for (size_t i = 0; commands[i]; i++)
		out_printf(o, "%s ", commands[i]->name);
	out_text(o, "' ;;\n\t\tesac\n\tfi\n\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n}\n"
		    "complete -o default -F _portolan portolan\n");
}

static void zsh(struct out *o, const struct command *const *commands)
{
	out_text(o, "#compdef portolan\n_portolan() {\n\tlocal -a commands\n\tcommands=(\n");
	for (size_t i = 0; commands[i]; i++) {
		out_text(o, "\t\t");
		char line[256];
		snprintf(line, sizeof line, "%s:%s", commands[i]->name, commands[i]->summary);
		put_quoted(o, line);
		out_char(o, '\n');
	}
	out_text(o, "\t)\n\tif (( CURRENT == 2 )); then\n\t\t_describe command commands\n\t\treturn\n\tfi\n"
		    "\tcase $words[2] in\n");
	for (size_t i = 0; commands[i]; i++) {
		out_printf(o, "\t%s) _arguments ", commands[i]->name);
		for (const struct option_row *r = commands[i]->options; r->name; r++) {
			char line[512];
			snprintf(line, sizeof line, "--%s%s[%s]%s%s%s%s%s", r->name, r->argument ? "=" : "", r->help,
				 r->argument ? ":" : "", r->argument ? r->argument : "",
				 r->choices    ? ":("
				 : r->argument ? ":_files"
					       : "",
				 r->choices ? r->choices : "", r->choices ? ")" : "");
			put_quoted(o, line);
			out_char(o, ' ');
		}
		out_text(o, "'*:file:_files' ;;\n");
	}
	out_text(o, "\tesac\n}\n_portolan \"$@\"\n");
}

static void fish(struct out *o, const struct command *const *commands)
{
	out_text(o, "# portolan(1) completion for fish\n");
	for (size_t i = 0; commands[i]; i++) {
		out_printf(o, "complete -c portolan -n __fish_use_subcommand -f -a %s -d ", commands[i]->name);
		put_quoted(o, commands[i]->summary);
		out_char(o, '\n');
		for (const struct option_row *r = commands[i]->options; r->name; r++) {
			out_printf(o, "complete -c portolan -n '__fish_seen_subcommand_from %s' -l %s",
				   commands[i]->name, r->name);
			if (r->letter)
				out_printf(o, " -s %c", r->letter);
			if (r->choices)
				out_printf(o, " -x -a '%s'", r->choices);
			else if (r->argument)
				out_text(o, " -r");
			out_text(o, " -d ");
			put_quoted(o, r->help);
			out_char(o, '\n');
		}
	}
}

static const struct {
	const char *name;
	void (*write)(struct out *o, const struct command *const *commands);
} shells[] = { { "bash", bash }, { "zsh", zsh }, { "fish", fish } };

static enum status run(struct invocation *call)
{
	struct str words[ARRAY_LEN(shells)];
	for (size_t i = 0; i < ARRAY_LEN(shells); i++) {
		words[i] = str_of(shells[i].name);
		if (!str_is(words[i], call->operands[0]))
			continue;
		struct file f;
		if (!file_create(&f, call->arena, NULL, call->diag))
			return STATUS_MACHINE;
		shells[i].write(&f.out, call->commands);
		file_commit(&f, call->diag);
		return STATUS_WELL;
	}
	diag_error(call->diag, NOWHERE, "no completion for \"%s\"; use bash, zsh or fish", call->operands[0]);
	diag_suggest(call->diag, str_of(call->operands[0]), words, ARRAY_LEN(shells));
	return STATUS_INPUT;
}

static const struct option_row options[] = { OPTIONS_END };

const struct command command_completion = {
	.name = "completion",
	.summary = "print completion for bash, zsh or fish",
	.arguments = "bash|zsh|fish",
	.about = "Prints a script that completes portolan's commands and options in a shell. For bash: "
		 "portolan completion bash > ~/.local/share/bash-completion/completions/portolan",
	.options = options,
	.least = 1,
	.most = 1,
	.run = run,
};
