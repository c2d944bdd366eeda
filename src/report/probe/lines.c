/* SPDX-License-Identifier: Apache-2.0 */
#include "report/probe/lines.h"

/* By machine, then by port. */
static int compare(const void *left, const void *right, void *ctx)
{
	const struct probe_tasks *tasks = ctx;
	size_t a = *(const size_t *)left, b = *(const size_t *)right;
	const struct target *at = &tasks->tasks[a].target, *bt = &tasks->tasks[b].target;
	int c = CMP(tasks->subjects[a].nothing, tasks->subjects[b].nothing);
	c = c ? c : str_cmp(tasks->subjects[a].host, tasks->subjects[b].host);
	c = c ? c : CMP(at->address.family, bt->address.family);
	c = c ? c : CMP(at->address.n, bt->address.n);
	c = c ? c : CMP(at->protocol, bt->protocol);
	c = c ? c : CMP(at->port, bt->port);
	return c ? c : CMP(a, b);
}

size_t *lines_sorted(struct arena *a, const struct probe_report *r)
{
	size_t *order = ARENA_ARRAY(a, size_t, r->tasks->n);
	for (size_t i = 0; i < r->tasks->n; i++)
		order[i] = i;
	if (r->tasks->n > 1)
		sort_items_with(order, r->tasks->n, sizeof *order, compare, (void *)(uintptr_t)r->tasks);
	return order;
}

bool lines_same_machine(const struct probe_tasks *t, size_t a, size_t b)
{
	return str_eq(t->subjects[a].host, t->subjects[b].host) && t->subjects[a].nothing == t->subjects[b].nothing &&
	       t->tasks[a].target.address.family == t->tasks[b].target.address.family &&
	       t->tasks[a].target.address.n == t->tasks[b].target.address.n;
}

void lines_put_heading(struct out *o, struct arena *a, const struct probe_report *r, size_t i)
{
	const struct probe_subject *s = &r->tasks->subjects[i];
	struct str address = probe_address(a, r, i);
	out_char(o, '\n');
	put_styled(o, r->colour, STYLE_BOLD, str_shown(a, s->host));
	if (address.n && !str_eq(address, s->host))
		out_printf(o, " (%.*s)", STR_ARG(address));
	if (s->nothing)
		out_text(o, ", where nothing should reply");
	out_char(o, '\n');
}

void lines_put_padded(struct out *o, struct str s, size_t width)
{
	size_t n = str_width(s);
	out_str(o, s);
	out_repeat(o, ' ', n < width ? width - n : 0);
	out_text(o, "  ");
}

struct str lines_service(struct arena *a, const struct probe_subject *s)
{
	if (!s->interface.n)
		return s->service;
	return str_printf(a, "%.*s %.*s", STR_ARG(s->service), STR_ARG(s->interface));
}
