/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/help.h"

/* Words wrapped at a width, every line after the first indented. */
static void put_wrapped(struct out *o, const char *text, size_t indent, size_t width)
{
	struct str rest = str_of(text), word;
	size_t column = indent;
	bool first = true;
	while (str_word(&rest, &word)) {
		size_t w = str_width(word);
		if (!first && column + 1 + w > width) {
			out_char(o, '\n');
			out_repeat(o, ' ', indent);
			column = indent;
		} else if (!first) {
			out_char(o, ' ');
			column++;
		}
		out_str(o, word);
		column += w;
		first = false;
	}
	out_char(o, '\n');
}

void help_overview(struct out *o, const struct command *const *commands)
{
	out_text(o, "portolan: the ports of a Windows estate, planned from the documents that require them\n\n"
		    "usage: portolan COMMAND [options] [FILES]\n\n");
	for (size_t i = 0; commands[i]; i++) {
		out_printf(o, "  %-11s ", commands[i]->name);
		put_wrapped(o, commands[i]->summary, 14, 80);
	}
	out_text(o, "\nSee \"portolan help COMMAND\" and portolan-COMMAND(1); \"portolan init DIR\" is a good start.\n"
		    "Exit status: ");
	for (size_t i = 0; i < N_STATUSES; i++)
		out_printf(o, "%s%zu %s\n", i ? "             " : "", i, status_texts[i]);
}

static void put_option(struct out *o, const struct option_row *r, bool first)
{
	char left[64];
	int n = snprintf(left, sizeof left, "%c%c%s--%s%s%s", r->letter ? '-' : ' ', r->letter ? r->letter : ' ',
			 r->letter ? ", " : "  ", r->name, r->argument ? " " : "", r->argument ? r->argument : "");
	if (first)
		out_char(o, '\n');
	out_printf(o, "  %-26s ", left);
	if (n > 26) {
		out_char(o, '\n');
		out_repeat(o, ' ', 29);
	}
	put_wrapped(o, r->help, 29, 80);
	if (r->choices) {
		out_repeat(o, ' ', 29);
		put_wrapped(o, r->choices, 29, 80);
	}
}

void help_command(struct out *o, const struct command *c)
{
	out_printf(o, "usage: portolan %s%s %s\n\n", c->name, c->options[0].name ? " [options]" : "", c->arguments);
	put_wrapped(o, c->about, 0, 80);
	for (size_t i = 0; c->options[i].name; i++)
		put_option(o, &c->options[i], i == 0);
	out_text(o, "\nEvery command also takes:\n");
	for (size_t i = 0; common_options[i].name; i++)
		put_option(o, &common_options[i], false);
}

enum status show_help(struct invocation *call, const struct command *c)
{
	struct file f;
	if (!file_create(&f, call->arena, NULL, call->diag))
		return STATUS_MACHINE;
	if (c)
		help_command(&f.out, c);
	else
		help_overview(&f.out, call->commands);
	return file_commit(&f, call->diag) ? STATUS_WELL : STATUS_MACHINE;
}
