/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Completion for three shells.  The scripts ask the program for every word (complete.h), so that a new option, a command
 * and what an estate names complete without further work.
 */
#include "cli/command.h"

/* Words are taken from lines as they are: nothing that a file holds is evaluated. */
static const char bash[] =
	"# portolan(1) completion for bash\n"
	"_portolan()\n"
	"{\n"
	"\tlocal word what\n"
	"\tCOMPREPLY=()\n"
	"\twhile IFS=$'\\t' read -r word what; do\n"
	"\t\tCOMPREPLY+=(\"$word\")\n"
	"\tdone < <(\"${COMP_WORDS[0]/#\\~/$HOME}\" --complete \"${COMP_WORDS[@]:1:COMP_CWORD}\" 2>/dev/null)\n"
	"}\n"
	"complete -o default -F _portolan portolan\n";

static const char zsh[] = "#compdef portolan\n"
			  "_portolan() {\n"
			  "\tlocal -a found\n"
			  "\tlocal word what\n"
			  "\twhile IFS=$'\\t' read -r word what; do\n"
			  "\t\tfound+=(\"$word:$what\")\n"
			  "\tdone < <(\"${words[1]/#\\~/$HOME}\" --complete \"${(@)words[2,CURRENT]}\" 2>/dev/null)\n"
			  "\tif (( $#found )); then\n"
			  "\t\t_describe -o portolan found\n"
			  "\telse\n"
			  "\t\t_files\n"
			  "\tfi\n"
			  "}\n"
			  "if [[ $funcstack[1] = _portolan ]]; then\n"
			  "\t_portolan \"$@\"\n"
			  "else\n"
			  "\tcompdef _portolan portolan\n"
			  "fi\n";

static const char fish[] = "# portolan(1) completion for fish\n"
			   "function __portolan_complete\n"
			   "\tset -l words (commandline -opc)\n"
			   "\tset -l current (commandline -ct)\n"
			   "\tset -l program $words[1]\n"
			   "\tset -e words[1]\n"
			   "\t$program --complete $words \"$current\" 2>/dev/null\n"
			   "end\n"
			   "complete -c portolan -a '(__portolan_complete)'\n";

static const struct {
	const char *name, *script;
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
		out_text(&f.out, shells[i].script);
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
	.about = "Prints a script that completes portolan's commands and options, and what the estate on the command "
		 "line "
		 "names, in a shell. For bash: "
		 "portolan completion bash > ~/.local/share/bash-completion/completions/portolan",
	.options = options,
	.least = 1,
	.most = 1,
	.run = run,
};
