/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an earlier XML file of ours made, as commands that delete it: "load config partial" in mode merge adds to the lists
 * of what has the same name, so all of it goes before the new file is loaded.  Both are one commit.
 */
#include "base/vec.h"
#include "dialect/common/withdraw.h"
#include "dialect/paloalto/form.h"

/* In the order of removal: what names others comes before them. */
static const struct list {
	const char *parent, *tag, *path; /* parent: the element around it; NULL: any */
	const char *part;                /* what a merge adds to; NULL: nothing */
} lists[] = {
	{ "security", "rules", "rulebase security rules", NULL },
	{ NULL, "service", "service", "protocol" },
	{ NULL, "application", "application", NULL },
	{ NULL, "address-group", "address-group", "static" },
	{ NULL, "address", "address", NULL },
};

static bool is_ours(struct str text)
{
	return str_find_text(str_first(text, 1000), STR(", written by portolan")) != SIZE_MAX;
}

/* "<word>", "</word>" with the slash in closing; empty: another line. */
static struct str tag_of(struct str line, bool *closing)
{
	if (line.n < 3 || line.p[0] != '<' || line.p[line.n - 1] != '>')
		return NO_STR;
	*closing = line.p[1] == '/';
	struct str word = str_skip(str_first(line, line.n - 1), *closing ? 2 : 1);
	return str_is_plain(word, "-") ? word : NO_STR;
}

static const struct list *list_of(struct str parent, struct str tag)
{
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		if (str_is(tag, lists[i].tag) && (!lists[i].parent || str_is(parent, lists[i].parent)))
			return &lists[i];
	return NULL;
}

static bool write(struct arena *a, const struct source *before, const struct source *now, struct out *o, struct diag *d)
{
	static const char entry[] = "<entry name=\"", entry_end[] = "\">";
	VEC(struct owned) all = { 0 };
	struct str rest = before->text, line, parent = NO_STR;
	const struct list *in = NULL;
	uint32_t at = 0;
	(void)now;
	if (!is_ours(before->text))
		return diag_error(
			d, loc_line(before, 1),
			"this does not begin like a file that portolan wrote; what others wrote is not removed");
	while (str_cut(&rest, '\n', &line)) {
		bool closing = false;
		at++;
		line = str_trim(line);
		struct str tag = tag_of(line, &closing);
		if (tag.n && !closing && !in)
			in = list_of(parent, tag);
		else if (tag.n && closing && in && str_is(tag, in->tag))
			in = NULL;
		if (tag.n)
			parent = tag;
		if (!in || !str_starts(line, entry))
			continue;
		struct str name = str_skip(line, strlen(entry));
		name = str_first(name, name.n - MIN(name.n, strlen(entry_end)));
		if (!str_is_plain(name, "-_."))
			return diag_error(d, loc_line(before, at),
					  "this is not a name that portolan gives; what others wrote is not removed");
		*VEC_ADD(a, &all) = (struct owned){ .rank = (unsigned)(in - lists), .path = name };
	}
	struct owned_list gone = owned_gone(a, (struct owned_list){ all.v, all.n }, (struct owned_list){ 0 });
	for (size_t i = 0; i < gone.n; i++) {
		const struct list *l = &lists[gone.v[i].rank];
		/* what rules of others use cannot be deleted, and a merge would add to its members */
		if (l->part)
			out_printf(o, "delete %s %.*s %s\n", l->path, STR_ARG(gone.v[i].path), l->part);
		out_printf(o, "delete %s %.*s\n", l->path, STR_ARG(gone.v[i].path));
	}
	return true;
}

const struct dialect_removal paloalto_xml_removal = { .write = write, .when = "before" };
