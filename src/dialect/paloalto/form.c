/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/paloalto/form.h"

#include "dialect/common/text.h"

static void indent(const struct pan_form *f)
{
	for (unsigned i = 0; i < f->depth; i++)
		out_text(f->o, "  ");
}

/* Text between tags or in an attribute. */
static void put_escaped(struct out *o, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == '&')
			out_text(o, "&amp;");
		else if (c == '<')
			out_text(o, "&lt;");
		else if (c == '>')
			out_text(o, "&gt;");
		else if (c == '"')
			out_text(o, "&quot;");
		else if ((unsigned char)c >= 0x20)
			out_char(o, c);
	}
}

static void open_tag(struct pan_form *f, struct str word)
{
	indent(f);
	out_printf(f->o, "<%.*s>\n", STR_ARG(word));
	f->depth++;
}

static void close_tag(struct pan_form *f, struct str word)
{
	f->depth--;
	indent(f);
	out_printf(f->o, "</%.*s>\n", STR_ARG(word));
}

static void open_path(struct pan_form *f, const char *path)
{
	struct str rest = str_of(path), word;
	while (str_word(&rest, &word))
		open_tag(f, word);
}

static void close_path(struct pan_form *f, const char *path)
{
	struct str all = str_of(path);
	while (all.n) {
		size_t from = all.n;
		while (from && all.p[from - 1] != ' ')
			from--;
		close_tag(f, str_skip(all, from));
		all = str_first(all, from ? from - 1 : 0);
	}
}

void pan_begin(struct pan_form *f)
{
	if (!f->xml)
		return;
	out_text(f->o, "<config version=\"10.1.0\" urldb=\"paloaltonetworks\">\n");
	f->depth = 1;
	open_path(f, "devices");
	pan_entry(f, STR("localhost.localdomain"));
	open_path(f, "vsys");
	pan_entry(f, STR("vsys1"));
}

void pan_end(struct pan_form *f)
{
	if (f->xml)
		close_path(f, "config devices entry vsys entry");
}

void pan_within(struct pan_form *f, const char *path)
{
	f->within = path;
	if (f->xml)
		open_path(f, path);
}

void pan_within_end(struct pan_form *f)
{
	if (f->xml)
		close_path(f, f->within);
	f->within = NULL;
}

void pan_delete(struct pan_form *f, struct str name, const char *part)
{
	if (!f->xml)
		out_printf(f->o, "delete %s%s%s %.*s%s%s\n", f->within ? f->within : "", f->within ? " " : "", f->list,
			   STR_ARG(name), part ? " " : "", part ? part : "");
}

void pan_move(struct pan_form *f, struct str name, struct str before)
{
	if (!f->xml)
		out_printf(f->o, "move %s%s%s %.*s before %.*s\n", f->within ? f->within : "", f->within ? " " : "",
			   f->list, STR_ARG(name), STR_ARG(before));
}

void pan_move_top(struct pan_form *f, struct str name)
{
	CLEANUP(out_free) struct out line = out_memory(1 << 12);
	out_printf(&line, "move %s%s%s %.*s top", f->within ? f->within : "", f->within ? " " : "", f->list,
		   STR_ARG(name));
	if (f->xml)
		pan_comment(f, out_view(&line));
	else
		out_printf(f->o, "%.*s\n", STR_ARG(out_view(&line)));
}

void pan_list(struct pan_form *f, const char *path)
{
	f->list = path;
	if (f->xml)
		open_path(f, path);
}

void pan_list_end(struct pan_form *f)
{
	if (f->xml)
		close_path(f, f->list);
	f->list = NULL;
}

void pan_entry(struct pan_form *f, struct str name)
{
	f->entry = name;
	f->nest = NULL;
	if (!f->xml)
		return;
	indent(f);
	out_text(f->o, "<entry name=\"");
	put_escaped(f->o, name);
	out_text(f->o, "\">\n");
	f->depth++;
}

void pan_entry_end(struct pan_form *f)
{
	if (f->xml && f->nest)
		close_path(f, f->nest);
	if (f->xml)
		close_tag(f, STR("entry"));
	pan_new_line(f);
	f->nest = NULL;
}

void pan_nest(struct pan_form *f, const char *path)
{
	f->nest = path;
	if (f->xml)
		open_path(f, path);
}

void pan_new_line(struct pan_form *f)
{
	if (f->in_line)
		out_char(f->o, '\n');
	f->in_line = false;
}

static void begin_value(struct pan_form *f, const char *key)
{
	if (f->xml) {
		indent(f);
		out_printf(f->o, "<%s>", key);
		return;
	}
	if (!f->in_line)
		out_printf(f->o, "set %s%s%s %.*s%s%s", f->within ? f->within : "", f->within ? " " : "", f->list,
			   STR_ARG(f->entry), f->nest ? " " : "", f->nest ? f->nest : "");
	f->in_line = true;
	out_printf(f->o, " %s ", key);
}

void pan_value(struct pan_form *f, const char *key, struct str value)
{
	begin_value(f, key);
	if (!f->xml) {
		out_str(f->o, value);
		return;
	}
	put_escaped(f->o, value);
	out_printf(f->o, "</%s>\n", key);
}

void pan_text(struct pan_form *f, const char *key, struct str value)
{
	if (f->xml) {
		pan_value(f, key, value);
		return;
	}
	begin_value(f, key);
	out_printf(f->o, "\"%.*s\"", STR_ARG(value));
}

void pan_members(struct pan_form *f, const char *key, const struct str *values, size_t n, bool quoted)
{
	begin_value(f, key);
	out_text(f->o, f->xml ? "\n" : "[");
	for (size_t i = 0; i < n && !f->xml; i++)
		out_printf(f->o, quoted ? " \"%.*s\"" : " %.*s", STR_ARG(values[i]));
	if (!f->xml) {
		out_text(f->o, " ]");
		return;
	}
	f->depth++;
	for (size_t i = 0; i < n; i++) {
		indent(f);
		out_text(f->o, "<member>");
		put_escaped(f->o, values[i]);
		out_text(f->o, "</member>\n");
	}
	f->depth--;
	indent(f);
	out_printf(f->o, "</%s>\n", key);
}

void pan_comment(struct pan_form *f, struct str text)
{
	CLEANUP(out_free) struct out lines = out_memory(16 << 20);
	if (!f->xml) {
		/* the command line would wait for the other one of a single quote, in a comment too */
		for (size_t i = 0; i < text.n; i++)
			out_char(&lines, text.p[i] == '"' ? '\'' : text.p[i]);
		text_comment_lines(f->o, "# ", out_view(&lines));
		return;
	}
	if (!text.n)
		return;
	text_comment_lines(&lines, "", text);
	struct str s = out_view(&lines);
	while (s.n && s.p[s.n - 1] == '\n')
		s.n--;
	indent(f);
	out_text(f->o, "<!-- ");
	for (size_t i = 0; i < s.n; i++) {
		out_char(f->o, s.p[i]);
		/* two hyphens would end the comment */
		if (s.p[i] == '-' && i + 1 < s.n && s.p[i + 1] == '-')
			out_char(f->o, ' ');
		for (unsigned level = 0; s.p[i] == '\n' && level < f->depth; level++)
			out_text(f->o, "  ");
	}
	out_text(f->o, " -->\n");
}
