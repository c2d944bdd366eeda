/* SPDX-License-Identifier: Apache-2.0 */
#include "report/plan/request.h"

#include "base/strmap.h"
#include "report/packets.h"
#include "report/plan/reasons.h"
#include "report/plan/words.h"

enum {
	MOST_LISTED = 20,     /* hosts of a cell, and ranges of addresses */
	MOST_REASONS = 16,    /* of a cell: a page has to hold the row */
	LONGEST_CELL = 30000, /* bytes; Excel's limit is 32,767 characters */
};

/* Lines that differ, in the order in which they come. */
struct lines {
	struct arena *arena;
	struct strmap seen;
	VEC(struct str) v;
};

static struct lines lines_new(struct arena *a)
{
	return (struct lines){ .arena = a, .seen = strmap_new(a) };
}

static void add_line(struct lines *l, struct str line)
{
	if (line.n && strmap_add(&l->seen, line, l))
		*VEC_ADD(l->arena, &l->v) = line;
}

static struct str lines_text(const struct lines *l)
{
	CLEANUP(out_free) struct out o = out_memory(1 << 24);
	for (size_t i = 0; i < l->v.n; i++)
		out_printf(&o, "%s%.*s", i ? "\n" : "", STR_ARG(l->v.v[i]));
	return str_dup(l->arena, out_view(&o));
}

/* A flow that is asked for. */
struct wanted {
	struct flow flow;
	const struct hand_rule *decision; /* without which nobody would need it; NULL: a document does */
	const char *but;                  /* what rules that are there make of it; NULL: nothing */
	size_t number;                    /* in the order of the plan */
};

struct asking {
	struct arena *arena; /* of a relation */
	const struct plan_report *report;
	const struct plan_request *request;
	struct strmap missing; /* struct missing by the id of its flow */
	VEC(struct wanted) wanted;
	size_t n_flows; /* of the relation */
	request_row_fn *show;
	void *ctx;
};

/* The row of allow: that lasts longest, where no document needs the flow. */
static const struct hand_rule *decision_of(const struct bundle_item *it)
{
	const struct hand_rule *longest = NULL;
	for (size_t i = 0; i < it->n_reasons; i++) {
		const struct hand_rule *row = it->reasons[i].hand;
		if (it->reasons[i].need)
			return NULL;
		bool longer = !longest || (longest->until.s.p && !row->until.s.p) ||
			      (longest->until.s.p && row->until.s.p && str_cmp(longest->until.s, row->until.s) < 0);
		longest = longer ? row : longest;
	}
	return longest;
}

static int text_cmp(const char *left, const char *right)
{
	return left && right ? strcmp(left, right) : CMP(left != NULL, right != NULL);
}

static int decision_cmp(const struct hand_rule *left, const struct hand_rule *right)
{
	if (!left || !right)
		return CMP(left != NULL, right != NULL);
	int c = str_cmp(left->owner.s, right->owner.s);
	return c ? c : str_cmp(left->until.s, right->until.s);
}

/* Flows that share a row are equal. */
static int kind_cmp(const struct wanted *left, const struct wanted *right)
{
	int c = decision_cmp(left->decision, right->decision);
	return c ? c : text_cmp(left->but, right->but);
}

static int wanted_cmp(const void *left, const void *right)
{
	const struct wanted *a = left, *b = right;
	int c = kind_cmp(a, b);
	return c ? c : CMP(a->number, b->number);
}

static const char *what_is_missing(struct arena *a, const struct missing *m)
{
	const char *what = m->reply ? "of the rules that are there, only the replies do not pass" : NULL;
	if (m->condition)
		return arena_printf(a, "%sit depends on %s", m->reply ? "the replies: " : "", m->condition);
	return what;
}

static void add_wanted(void *ctx, const struct flow *f)
{
	struct asking *s = ctx;
	char id[FLOW_ID];
	const struct missing *m = s->request->proof ? strmap_get(&s->missing, str_of(flow_id(f, id))) : NULL;
	s->n_flows++;
	if ((s->request->proof && !m) || !plan_report_chooses(s->report, f))
		return;
	*VEC_ADD(s->arena, &s->wanted) =
		(struct wanted){ *f, decision_of(f->item), m ? what_is_missing(s->arena, m) : NULL, s->n_flows };
}

/* Sides */

static struct str ranges_text(struct arena *a, struct addrset s)
{
	struct lines l = lines_new(a);
	char text[RANGE_TEXT];
	if (s.n > MOST_LISTED)
		return str_printf(a, "%zu ranges, in the sheet Hosts", s.n);
	for (size_t i = 0; i < s.n; i++)
		add_line(&l, str_dup(a, str_of(addr_range_text(&s.v[i], text))));
	return lines_text(&l);
}

static void put_side(struct asking *s, const struct policy_group *g, struct id_set ids, struct str *names,
		     struct str *addresses, struct request_side *ret)
{
	struct arena *a = s->arena;
	size_t n;
	const struct endpoint *ends = plan_endpoints(s->report->plan, &n);
	CLEANUP(out_free) struct out named = out_memory(1 << 20), where = out_memory(1 << 20);
	*ret = (struct request_side){ ids.n > MOST_LISTED || (g->addresses.n > MOST_LISTED && !ends[ids.v[0]].any),
				      ids };
	if (ret->listed) {
		*names = str_printf(a, "%.*s: %zu %s, in the sheet Hosts", STR_ARG(g->name), ids.n,
				    ids.n == 1 ? "host" : "hosts");
		*addresses = ranges_text(a, g->addresses);
		return;
	}
	for (size_t i = 0; i < ids.n; i++) {
		out_printf(&named, "%s%.*s", i ? "\n" : "", STR_ARG(ends[ids.v[i]].name));
		out_printf(&where, "%s%.*s", i ? "\n" : "", STR_ARG(endpoint_addresses_text(a, &ends[ids.v[i]])));
	}
	*names = str_dup(a, out_view(&named));
	*addresses = str_dup(a, out_view(&where));
}

static void put_service(struct out *o, const struct catalogue *c, const struct relation_made *made, service_id service)
{
	char text[ITEM_TEXT];
	bool first = true;
	out_printf(o, "%s%.*s: ", o->n ? "\n" : "",
		   STR_ARG(service == NO_SERVICE ? STR("by hand") : c->services[service].name));
	for (size_t i = 0; i < made->n_items; i++) {
		if (made->items[i]->service != service)
			continue;
		out_printf(o, "%s%s", first ? "" : ", ", item_text(made->items[i], text));
		first = false;
	}
}

static const struct catalogue *catalogue_of(const struct asking *s)
{
	return plan_estate(s->report->plan)->catalogue;
}

/* By service, and behind the last for flows by hand. */
static bool *by_service(const struct asking *s)
{
	return ARENA_ARRAY(s->arena, bool, catalogue_of(s)->n_services + 1);
}

static size_t service_place(const struct asking *s, service_id service)
{
	return service == NO_SERVICE ? catalogue_of(s)->n_services : service;
}

/* "Kerberos: tcp 88, udp 88": a line for each service. */
static struct str services_text(struct asking *s, const struct relation_made *made)
{
	bool *said = by_service(s);
	CLEANUP(out_free) struct out o = out_memory(1 << 20);
	for (size_t i = 0; i < made->n_items; i++) {
		service_id service = made->items[i]->service;
		bool *is_said = &said[service_place(s, service)];
		if (!*is_said)
			put_service(&o, catalogue_of(s), made, service);
		*is_said = true;
	}
	return str_dup(s->arena, out_view(&o));
}

/* What the flows of a row are needed for */

struct said {
	struct asking *asking;
	struct strmap items;                        /* that were looked at, by their address */
	bool *services;                             /* that have a reason, as by_service() has them */
	struct lines why, more, documents, remarks; /* why: the first reason of each service; more: the others */
	struct lines names;                         /* that vendors publish instead of addresses */
};

static void say_reason(struct said *l, const struct reason *r, bool first)
{
	struct arena *a = l->asking->arena;
	add_line(first ? &l->why : &l->more, reason_why(r));
	if (!r->need) {
		add_line(&l->documents, str_printf(a, "by hand, line %u", r->hand->at.line));
		return;
	}
	add_line(&l->documents, r->need->document->id);
	if (r->need->uncertain.n)
		add_line(&l->remarks, str_printf(a, "uncertain: %.*s", STR_ARG(r->need->uncertain)));
}

/* "web1 is published as 203.0.113.5; its port 8443 leads to 443" */
static void say_published(struct said *l, const struct flow *f)
{
	const struct published *p = flow_published(&l->asking->request->at, f);
	CLEANUP(out_free) struct out o = out_memory(1 << 20);
	if (!p)
		return;
	out_printf(&o, "%.*s is published as %.*s", STR_ARG(f->to->name),
		   STR_ARG(region_addrs(l->asking->arena, p->addresses)));
	for (size_t i = 0; i < p->n_ports; i++)
		if (p->ports[i].outside != p->ports[i].inside)
			out_printf(&o, "; its port %u leads to %u", p->ports[i].outside, p->ports[i].inside);
	add_line(&l->remarks, str_dup(l->asking->arena, out_view(&o)));
}

static void say_flow(void *ctx, const struct flow *f)
{
	struct said *l = ctx;
	struct str item = { arena_memdup(l->asking->arena, &f->item, sizeof f->item), sizeof f->item };
	say_published(l, f);
	if (!strmap_add(&l->items, item, l))
		return;
	struct strs names = item_names(l->asking->arena, f->item);
	for (size_t i = 0; i < names.n; i++)
		add_line(&l->names, names.v[i]);
	bool *said = &l->services[service_place(l->asking, f->item->service)];
	for (size_t i = 0; i < f->item->n_reasons; i++, *said = true)
		say_reason(l, &f->item->reasons[i], !*said);
}

/* The first of each service, then others; the sheet of reasons has all. */
static struct str reasons_text(struct said *said)
{
	struct lines *why = &said->why;
	for (size_t i = 0; i < said->more.v.n; i++)
		add_line(why, said->more.v.v[i]);
	size_t n = why->v.n;
	if (n > MOST_REASONS) {
		why->v.n = MOST_REASONS - 1;
		add_line(why, str_printf(why->arena, "and %zu more, in the sheet Reasons", n - why->v.n));
	}
	return lines_text(why);
}

static void show_relation(struct asking *s, const struct policy *p, const struct relation *r,
			  const struct relation_made *made, struct str rule, const struct wanted *like)
{
	struct arena *a = s->arena;
	struct said said = {
		.asking = s,
		.items = strmap_new(a),
		.services = by_service(s),
		.why = lines_new(a),
		.more = lines_new(a),
		.documents = lines_new(a),
		.remarks = lines_new(a),
		.names = lines_new(a),
	};
	struct request_row row = { .cells = { [REQUEST_CHANGE] = STR("permit"), [REQUEST_RULE] = rule } };
	put_side(s, &p->groups[r->src], made->from, &row.cells[REQUEST_FROM], &row.cells[REQUEST_FROM_ADDRESSES],
		 &row.from);
	put_side(s, &p->groups[r->dst], made->to, &row.cells[REQUEST_TO], &row.cells[REQUEST_TO_ADDRESSES], &row.to);
	row.cells[REQUEST_SERVICES] = services_text(s, made);
	plan_each_of(s->report->plan, made, say_flow, &said);
	add_line(&said.remarks, str_of(like->but));
	row.cells[REQUEST_REASON] = reasons_text(&said);
	if (said.names.v.n)
		row.cells[REQUEST_TO] =
			str_printf(a, "%.*s\n%.*s", STR_ARG(row.cells[REQUEST_TO]), STR_ARG(lines_text(&said.names)));
	row.cells[REQUEST_DOCUMENTS] = lines_text(&said.documents);
	row.cells[REQUEST_REMARK] = lines_text(&said.remarks);
	row.cells[REQUEST_OWNER] = like->decision ? like->decision->owner.s : NO_STR;
	row.cells[REQUEST_UNTIL] = like->decision ? like->decision->until.s : NO_STR;
	s->show(s->ctx, &row);
}

/* Some flows of a relation, as relations of their own. */
static void show_part(struct asking *s, const struct wanted *some, size_t n, struct str rule)
{
	const struct relation_made *made;
	struct flow *flows = ARENA_ARRAY(s->arena, struct flow, n);
	for (size_t i = 0; i < n; i++)
		flows[i] = some[i].flow;
	const struct policy *p = plan_policy_of(s->arena, s->report->plan, &s->request->at, flows, n, &made);
	for (size_t i = 0; i < p->n_relations; i++)
		show_relation(s, p, &p->relations[i], &made[i], rule, some);
}

static void show_wanted(struct asking *s, const struct policy *p, size_t relation, const struct relation_made *made)
{
	struct str rule = p->relations[relation].id;
	const struct wanted *all = s->wanted.v;
	if (s->wanted.n)
		sort_items(s->wanted.v, s->wanted.n, sizeof *s->wanted.v, wanted_cmp);
	for (size_t i = 0, end; i < s->wanted.n; i = end) {
		end = i + 1;
		while (end < s->wanted.n && !kind_cmp(&all[i], &all[end]))
			end++;
		if (end - i == s->n_flows)
			show_relation(s, p, &p->relations[relation], &made[relation], rule, all);
		else
			show_part(s, all + i, end - i, rule);
	}
}

/* What is permitted and not needed */

static struct str fitting(struct arena *a, struct str text, size_t n)
{
	return text.n <= LONGEST_CELL ? text : str_printf(a, "%zu ranges, which portolan prove lists", n);
}

static void show_surplus(struct asking *s, const struct surplus *found)
{
	struct arena *a = s->arena;
	for (size_t i = 0; i < found->n_regions; i++) {
		const struct region *r = &found->regions[i];
		struct str sports = region_sports(a, r), ports = region_ports(a, r);
		bool more = found->more_regions && i + 1 == found->n_regions;
		struct request_row row = { 0 };
		row.cells[REQUEST_CHANGE] = STR("withdraw");
		row.cells[REQUEST_FROM_ADDRESSES] = fitting(a, region_addrs(a, r->src), r->src.n);
		row.cells[REQUEST_TO_ADDRESSES] = fitting(a, region_addrs(a, r->dst), r->dst.n);
		row.cells[REQUEST_SERVICES] = str_printf(
			a, "%.*s %.*s%s%.*s%.*s", STR_ARG(region_protocol(a, r->protocols)), STR_ARG(ports),
			sports.n ? " from " : "", STR_ARG(sports), STR_ARG(interface_text(a, found->rpc_interface)));
		row.cells[REQUEST_REASON] = STR("nothing in the plan needs it");
		row.cells[REQUEST_REMARK] = str_printf(
			a, "%s%s%s", found->condition ? "it depends on " : "", found->condition ? found->condition : "",
			more ? "\nthe rule permits more, which portolan prove lists" : "");
		row.cells[REQUEST_RULE] = decided_by(a, &found->shown);
		s->show(s->ctx, &row);
	}
}

static void index_missing(struct asking *s)
{
	const struct proof *p = s->request->proof;
	char id[FLOW_ID];
	for (size_t i = 0; p && i < p->n_missing; i++) {
		const struct flow *f = p->missing[i].required->what;
		strmap_add(&s->missing, str_dup(s->arena, str_of(flow_id(f, id))), (void *)&p->missing[i]);
	}
}

/* The flows of one relation that are asked for. */
static void show_asked(struct asking s, const struct policy *p, size_t relation, const struct relation_made *made)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	s.arena = a;
	plan_each_of(s.report->plan, &made[relation], add_wanted, &s);
	show_wanted(&s, p, relation, made);
}

void request_rows(const struct plan_report *r, const struct plan_request *q, request_row_fn *show, void *ctx)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const struct relation_made *made;
	const struct policy *p = plan_policy_made(a, r->plan, &q->at, (struct policy_options){ 0 }, &made);
	struct asking s = { .arena = a, .report = r, .request = q, .missing = strmap_new(a), .show = show, .ctx = ctx };
	index_missing(&s);
	for (size_t i = 0; i < p->n_relations; i++)
		show_asked(s, p, i, made);
	for (size_t i = 0; q->proof && i < q->proof->n_surplus; i++)
		if (!q->proof->surplus[i].invalid)
			show_surplus(&s, &q->proof->surplus[i]);
}
