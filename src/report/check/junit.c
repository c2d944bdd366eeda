/* SPDX-License-Identifier: Apache-2.0 */
/* A suite for each part.  A finding that counts fails, one that is accepted is skipped, and a part without any is a case that passes. */
#include "report/check/format.h"
#include "report/markup.h"

struct counts {
	size_t tests, failures, errors, skipped;
};

static bool is_skipped(const struct check_finding *f)
{
	return f->accepted && !f->overdue;
}

static bool is_case(const struct check_finding *f)
{
	return check_counts(f) || is_skipped(f);
}

static void add(struct counts *c, const struct check_part *p)
{
	size_t before = c->tests;
	for (size_t i = 0; i < p->n; i++) {
		const struct check_finding *f = &p->v[i];
		c->tests += is_case(f);
		c->skipped += is_skipped(f);
		c->failures += check_counts(f) && f->weight != WEIGHT_INPUT;
		c->errors += check_counts(f) && f->weight == WEIGHT_INPUT;
	}
	c->tests += p->status != 0;
	c->errors += p->status != 0;
	c->tests += c->tests == before;
}

static void put_counts(struct out *o, const struct counts *c)
{
	out_printf(o, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\">\n", c->tests, c->failures,
		   c->errors, c->skipped);
}

static void begin_case(struct out *o, const struct check_part *p, struct str class, struct str name)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	out_text(o, "    <testcase");
	put_attribute(o, "classname", str_printf(a, "%.*s.%.*s", STR_ARG(p->estate), STR_ARG(class)));
	put_attribute(o, "name", name);
}

static void put_line(struct out *o, const char *label, struct str s)
{
	if (!s.n)
		return;
	out_printf(o, "%s: ", label);
	put_markup(o, s);
	out_char(o, '\n');
}

static void put_case(struct out *o, const struct check_part *p, const struct check_finding *f)
{
	const char *element = is_skipped(f) ? "skipped" : f->weight == WEIGHT_INPUT ? "error" : "failure";
	begin_case(o, p, f->kind, f->title.n ? f->title : f->id);
	put_attribute(o, "file", f->file);
	if (f->line)
		out_printf(o, " line=\"%u\"", f->line);
	out_printf(o, ">\n      <%s", element);
	if (!is_skipped(f))
		put_attribute(o, "type", f->kind);
	put_attribute(o, "message", is_skipped(f) ? f->accepted->why : f->text);
	out_text(o, ">");
	put_line(o, "id", f->id);
	put_line(o, "packets", f->parts);
	put_line(o, "witness", f->witness);
	put_line(o, "decided by", f->rule);
	put_line(o, "needed", f->needed);
	put_line(o, "document", f->document);
	put_line(o, "mend", f->mend);
	out_printf(o, "</%s>\n    </testcase>\n", element);
}

static void put_suite(struct out *o, const struct check_part *p)
{
	struct counts c = { 0 };
	bool any = p->status != 0;
	add(&c, p);
	out_text(o, "  <testsuite");
	put_attribute(o, "name", p->kind == PART_ESTATE ? p->estate : p->name);
	put_counts(o, &c);
	if (p->status) {
		begin_case(o, p, STR("read"), STR("it can be read"));
		out_text(o, ">\n      <error type=\"unread\">");
		put_markup(o, p->messages);
		out_text(o, "</error>\n    </testcase>\n");
	}
	for (size_t i = 0; i < p->n; i++) {
		any |= is_case(&p->v[i]);
		if (is_case(&p->v[i]))
			put_case(o, p, &p->v[i]);
	}
	if (!any) {
		begin_case(o, p, STR("check"), p->summary);
		out_text(o, "/>\n");
	}
	out_text(o, "  </testsuite>\n");
}

static void write_junit(struct out *o, const struct check_report *r)
{
	struct counts all = { 0 };
	for (size_t i = 0; i < r->n; i++)
		add(&all, &r->v[i]);
	out_text(o, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"portolan check\"");
	put_counts(o, &all);
	for (size_t i = 0; i < r->n; i++)
		put_suite(o, &r->v[i]);
	out_text(o, "</testsuites>\n");
}

const struct check_format check_format_junit = { .name = "junit", .write = write_junit };
