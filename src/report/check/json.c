/* SPDX-License-Identifier: Apache-2.0 */
#include "doc/json.h"
#include "report/check/format.h"

static void put_finding(struct json *j, const struct check_finding *f)
{
	json_object(j);
	json_put_str(j, "id", f->id);
	json_put_str(j, "kind", f->kind);
	json_put_text(j, "level", level_names[f->level]);
	json_put_bool(j, "counts", check_counts(f));
	json_put_some(j, "title", f->title);
	json_put_str(j, "text", f->text);
	json_put_some(j, "file", f->file);
	if (f->line)
		json_put_u64(j, "line", f->line);
	json_put_some(j, "parts", f->parts);
	json_put_some(j, "witness", f->witness);
	json_put_some(j, "decided-by", f->rule);
	json_put_some(j, "needed", f->needed);
	json_put_some(j, "document", f->document);
	json_put_some(j, "mend", f->mend);
	if (f->accepted) {
		json_key(j, "accepted");
		json_object(j);
		json_put_str(j, "why", f->accepted->why);
		json_put_str(j, "owner", f->accepted->owner);
		json_put_str(j, "until", f->accepted->until);
		json_put_bool(j, "overdue", f->overdue);
		json_end(j);
	}
	json_end(j);
}

static void put_part(struct json *j, const struct check_part *p)
{
	static const char *const kinds[] = { "estate", "rules", "without-rules" };
	json_object(j);
	json_put_text(j, "kind", kinds[p->kind]);
	json_put_str(j, "estate", p->estate);
	json_put_some(j, "name", p->name);
	json_put_some(j, "file", p->file);
	json_put_some(j, "dialect", p->dialect);
	json_put_u64(j, "status", check_part_status(p));
	json_put_str(j, "summary", p->summary);
	json_put_some(j, "messages", p->messages);
	json_key(j, "findings");
	json_list_lines(j);
	for (size_t i = 0; i < p->n; i++)
		put_finding(j, &p->v[i]);
	json_end(j);
	json_end(j);
}

static void write_json(struct out *o, const struct check_report *r)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct json j = json_to(o);
	json_object_lines(&j);
	json_put_text(&j, "format", "portolan.check/1");
	json_put_u64(&j, "status", check_status(r));
	json_put_str(&j, "summary", check_sum(a, r));
	json_key(&j, "parts");
	json_list_lines(&j);
	for (size_t i = 0; i < r->n; i++)
		put_part(&j, &r->v[i]);
	json_end(&j);
	json_end(&j);
	out_char(o, '\n');
}

const struct check_format check_format_json = { .name = "json", .write = write_json };
