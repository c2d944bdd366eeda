/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portolan diff: what changed between two rule sets, two estates, or an estate
 * and rules.
 */
#include "base/vec.h"
#include "cli/progress.h"
#include "cli/rules.h"
#include "prove/by-names.h"
#include "report/diff/diff.h"

enum { MOST_CHANGES = 1000 };

/* Two estates: their flows, by endpoints and ports. */

typedef VEC(struct flow_change) flow_vec;

struct collector {
	struct arena *arena;
	const struct plan *plan;
	const struct place *at; /* NULL: everywhere */
	flow_vec flows;
};

static void collect(void *ctx, const struct flow *f)
{
	struct collector *c = ctx;
	if (!c->at || place_sees(c->plan, c->at, f))
		*VEC_ADD(c->arena, &c->flows) = (struct flow_change){
			.from = f->from, .to = f->to, .item = f->item, .crosses = f->crosses, .n_crosses = f->n_crosses
		};
}

/* Addresses of allow: may have an endpoint in each of several zones. */
static struct str zone_that_counts(const struct flow_change *f, const struct endpoint *e)
{
	return f->from->host && f->to->host ? NO_STR : e->zone_name;
}

/* Equal for what has one id (flow_id()). */
static int flow_cmp(const void *left, const void *right)
{
	const struct flow_change *a = left, *b = right;
	int c = str_cmp(a->from->name, b->from->name);
	c = c ? c : str_cmp(a->to->name, b->to->name);
	c = c ? c : str_cmp(zone_that_counts(a, a->from), zone_that_counts(b, b->from));
	c = c ? c : str_cmp(zone_that_counts(a, a->to), zone_that_counts(b, b->to));
	return c ? c : item_cmp(a->item, b->item);
}

static bool same_packets(const struct flow_change *a, const struct flow_change *b)
{
	return addrset_equal(a->from->addresses, b->from->addresses) &&
	       addrset_equal(a->to->addresses, b->to->addresses);
}

static void add_change(struct arena *a, flow_vec *changes, const struct flow_change *f, bool added, bool moved)
{
	struct flow_change *c = VEC_ADD(a, changes);
	*c = *f;
	c->added = added;
	c->moved = moved;
}

/* The flows of a plan in the order of flow_cmp. */
static struct collector flows_of(struct invocation *call, const struct plan *p, const struct place *at)
{
	struct collector c = { .arena = call->arena, .plan = p, .at = at };
	plan_each(p, collect, &c);
	sort_items(c.flows.v, c.flows.n, sizeof *c.flows.v, flow_cmp);
	return c;
}

static bool same_path(const struct plan *const plans[2], const struct flow_change *a, const struct flow_change *b)
{
	if (a->n_crosses != b->n_crosses)
		return false;
	for (size_t i = 0; i < a->n_crosses; i++)
		if (!str_eq(plan_estate(plans[0])->firewalls[a->crosses[i]].name.s,
			    plan_estate(plans[1])->firewalls[b->crosses[i]].name.s))
			return false;
	return true;
}

/* The n-th change of a run, on one side, of the service of a change; NULL: there are not so many. */
static struct flow_change *of_service(struct flow_change *run, size_t length, const struct flow_change *f, bool added,
				      size_t n)
{
	for (size_t i = 0; i < length; i++)
		if (!run[i].moved && run[i].added == added && run[i].item->service == f->item->service &&
		    run[i].item->protocol == f->item->protocol && n-- == 0)
			return &run[i];
	return NULL;
}

/*
 * Of the changes between two endpoints: a service that has as many ports on one side as on the other moved from
 * the ones to the others.  What is allowed by hand has no service to know it by.
 */
static void find_moved_ports(struct flow_change *run, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		struct flow_change *old, *new;
		if (run[i].moved || run[i].added || run[i].elsewhere || !run[i].item->has_ports ||
		    run[i].item->service == NO_SERVICE)
			continue;
		size_t n = 0;
		while (of_service(run, length, &run[i], false, n) && of_service(run, length, &run[i], true, n))
			n++;
		if (of_service(run, length, &run[i], false, n) || of_service(run, length, &run[i], true, n))
			continue;
		for (size_t pair = 0; pair < n; pair++) {
			old = of_service(run, length, &run[i], false, pair);
			new = of_service(run, length, &run[i], true, pair);
			old->elsewhere = new;
			new->elsewhere = old;
		}
	}
}

static void find_all_moved_ports(struct diff_report *r, struct flow_change *changes, size_t n)
{
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && str_eq(changes[i].from->name, changes[end].from->name) &&
				  str_eq(changes[i].to->name, changes[end].to->name) &&
				  str_eq(zone_that_counts(&changes[i], changes[i].from),
					 zone_that_counts(&changes[end], changes[end].from)) &&
				  str_eq(zone_that_counts(&changes[i], changes[i].to),
					 zone_that_counts(&changes[end], changes[end].to));
		     end++)
			;
		find_moved_ports(&changes[i], end - i);
	}
	r->flows = changes;
	r->n_flows = n;
}

/* The changes in the order of flow_cmp, a flow that moved twice. */
static void merge(struct arena *a, const struct collector *old, const struct collector *new, struct diff_report *r)
{
	flow_vec changes = { 0 };
	VEC(struct rerouted) rerouted = { 0 };
	size_t i = 0, j = 0;
	while (i < old->flows.n || j < new->flows.n) {
		int c = i == old->flows.n ? 1 : j == new->flows.n ? -1 : flow_cmp(&old->flows.v[i], &new->flows.v[j]);
		bool moved = c == 0 && !same_packets(&old->flows.v[i], &new->flows.v[j]);
		if (c < 0 || moved)
			add_change(a, &changes, &old->flows.v[i], false, moved);
		if (c > 0 || moved)
			add_change(a, &changes, &new->flows.v[j], true, moved);
		if (c == 0 && !same_path(r->plans, &old->flows.v[i], &new->flows.v[j]))
			*VEC_ADD(a, &rerouted) = (struct rerouted){ old->flows.v[i], new->flows.v[j] };
		i += c <= 0;
		j += c >= 0;
	}
	r->rerouted = rerouted.v;
	r->n_rerouted = rerouted.n;
	find_all_moved_ports(r, changes.v, changes.n);
}

/* OLD or NEW: an estate in one or several files, or one file of rules. */
struct compared {
	const char *const *files;
	size_t n;
	bool is_estate;
	const char *name;
};

static bool compare_estates(struct invocation *call, const struct compared *sides, const struct catalogue *c,
			    struct diff_report *r)
{
	const struct plan *p[2];
	struct place at[2];
	bool everywhere = !option(call, "at") && !option(call, "host");
	struct collector flows[2];
	for (int i = 0; i < 2; i++) {
		p[i] = plan_of_files(call, sides[i].files, sides[i].n);
		if (!p[i] || (!everywhere && !invocation_place(call, p[i], &at[i])))
			return false;
	}
	for (int i = 0; i < 2; i++)
		flows[i] = flows_of(call, p[i], everywhere ? NULL : &at[i]);
	r->plans[0] = p[0];
	r->plans[1] = p[1];
	merge(call->arena, &flows[0], &flows[1], r);
	struct flow_changes all[2] = { { flows[0].flows.v, flows[0].flows.n }, { flows[1].flows.v, flows[1].flows.n } };
	struct flow_changes changes = { r->flows, r->n_flows };
	r->effects = effects_of_plans(call->arena, c, &all[0], &all[1], &changes, &r->n_effects);
	r->same = r->n_flows == 0;
	r->certain = true;
	return true;
}

/* At least one rule set: packets. */

static const char *const dialect_options[] = { "old-dialect", "new-dialect" };

/* The place of the rules: --estate's, or that of the side that is an estate. */
static bool find_context(struct invocation *call, const struct compared *sides, struct rules_context *ret)
{
	for (size_t i = 0; i < 2; i++) {
		if (!sides[i].is_estate)
			continue;
		if (option(call, "estate"))
			return diag_error(call->diag, NOWHERE, "%s is an estate already; leave out --estate",
					  sides[i].name);
		return context_of_files(call, sides[i].files, sides[i].n, ret);
	}
	return invocation_context(call, ret);
}

struct diff_side {
	struct filter filter;
	struct interface_map map;
	struct permits permits;
};

static bool read_side(struct invocation *call, const struct compared *sides, size_t i, const struct rules_context *at,
		      const struct required *required, size_t n_required, struct diff_side *ret)
{
	struct read_options o = invocation_reading(call, at);
	bool ok = true;
	const struct dialect *dialect = dialect_option(call, dialect_options[i], &ok);
	o.dialect_option = i ? "--new-dialect" : "--old-dialect";

	if (sides[i].is_estate) {
		struct flowbox *boxes = ARENA_ARRAY(call->arena, struct flowbox, n_required);
		for (size_t j = 0; j < n_required; j++)
			boxes[j] = *required_widest(&required[j]);
		ret->permits = (struct permits){ .boxes = boxes, .n_boxes = n_required };
		return true;
	}
	/* what one file says of its interfaces is not so of the other's */
	if (at->plan) {
		ret->map = place_interfaces(call->arena, at->plan, &at->at);
		ret->filter.map = &ret->map;
	}
	const struct ruleset *r = ok ? invocation_rules(call, sides[i].files[0], dialect, &o, ret->filter.map) : NULL;
	ret->filter = (struct filter){ r, ret->filter.map, at->judged.boxes, at->judged.n };
	ret->permits = (struct permits){ .filters = &ret->filter, .n_filters = 1 };
	return r != NULL;
}

/* Required flows that lose or gain packets, as changes with effects. */
static void find_effects(struct invocation *call, const struct catalogue *c, const struct comparison *comparison,
			 const struct required *required, size_t n, struct diff_report *r)
{
	flow_vec changes = { 0 }, kept = { 0 };
	for (size_t i = 0; i < n; i++) {
		const struct flow *f = required[i].what;
		bool changed = comparison->loses[i] || comparison->gains[i];
		*VEC_ADD(call->arena, changed ? &changes : &kept) = (struct flow_change){
			.from = f->from, .to = f->to, .item = f->item, .added = !comparison->loses[i]
		};
	}
	r->effects = effects_of_rules(call->arena, c, &(struct flow_changes){ changes.v, changes.n },
				      &(struct flow_changes){ kept.v, kept.n }, &r->n_effects);
}

/* Whatever is uncertain in a file, it does not differ from itself. */
static bool are_one_text(const struct diff_side *old, const struct diff_side *new)
{
	const struct ruleset *left = old->filter.rules, *right = new->filter.rules;
	return left && right && strcmp(left->dialect, right->dialect) == 0 &&
	       str_eq(left->source->text, right->source->text);
}

static bool compare_rules(struct invocation *call, const struct compared *files, const struct catalogue *c,
			  struct diff_report *r)
{
	struct rules_context at;
	struct diff_side sides[2] = { 0 };
	const struct required *required = NULL;
	struct comparison *comparison = ARENA_NEW(call->arena, struct comparison);
	size_t n = 0;

	if (!find_context(call, files, &at))
		return false;
	if (at.plan)
		required = place_required(call->arena, at.plan, &at.at, &n);
	for (size_t i = 0; i < 2; i++)
		if (!read_side(call, files, i, &at, required, n, &sides[i]))
			return false;
	if (are_one_text(&sides[0], &sides[1]))
		*comparison = (struct comparison){ .equal = true,
						   .loses = ARENA_ARRAY(call->arena, bool, n),
						   .gains = ARENA_ARRAY(call->arena, bool, n) };
	else
		*comparison = (can_compare_by_names(&sides[0].permits, &sides[1].permits) ? compare_by_names : compare)(
			call->arena, &sides[0].permits, &sides[1].permits,
			&(struct compare_options){
				.judged = at.judged.boxes,
				.n_judged = at.judged.n,
				.required = required,
				.n_required = n,
				.most = option_given(call, "everything") ? 0 : MOST_CHANGES,
				.effort.engine = option_engine(call),
			});
	if (comparison->gave_up)
		return diag_error(call->diag, NOWHERE, "the rules overlap so much that the comparison did not finish");
	r->comparison = comparison;
	r->rules[0] = sides[0].filter.rules;
	r->rules[1] = sides[1].filter.rules;
	r->same = !comparison->n_added && !comparison->n_removed;
	r->certain = !comparison->uncertain;
	find_effects(call, c, comparison, required, n, r);
	return true;
}

static struct compared side_of(const struct invocation *call, size_t i, const char *const *files, size_t n)
{
	return (struct compared){ files, n, is_estate_path(files[0]) && !option_given(call, dialect_options[i]),
				  files[0] };
}

static bool not_two(struct invocation *call)
{
	return diag_error(
		call->diag, NOWHERE,
		"what is OLD and what is NEW? An estate in several files is compared with one file of rules, or "
		"with --old FILE... and --new FILE...");
}

/* The two sides of the operands, or of --old and --new. */
static bool find_sides(struct invocation *call, struct compared *ret)
{
	size_t n[2], total = call->n_operands;
	const char *const *files[2] = { option_all(call, "old", &n[0]), option_all(call, "new", &n[1]) };
	if (n[0] || n[1]) {
		if (!n[0] || !n[1] || total)
			return diag_error(call->diag, NOWHERE, "--old and --new are given together, without operands");
	} else if (total < 2) {
		diag_error(call->diag, NOWHERE, "an operand is missing");
		diag_note(call->diag, NOWHERE, "usage: portolan diff [options] %s", call->command->arguments);
		return false;
	} else {
		/* of more than two, the files of an estate stand together, and the rules are one */
		size_t leading = total == 2 ? 1 : MAX(count_estate_operands(call, 0), (size_t)1);
		n[0] = MIN(leading, total - 1);
		n[1] = total - n[0];
		files[0] = call->operands;
		files[1] = call->operands + n[0];
		if (leading == total)
			return not_two(call);
	}
	for (size_t i = 0; i < 2; i++) {
		ret[i] = side_of(call, i, files[i], n[i]);
		for (size_t j = 0; j < n[i]; j++)
			if (n[i] > 1 && (!ret[i].is_estate || !is_estate_path(files[i][j])))
				return not_two(call);
	}
	return true;
}

typedef void diff_write_fn(struct out *o, const struct diff_report *r);

static diff_write_fn *diff_writer(struct str format)
{
	return str_is(format, "json")       ? diff_json
	       : str_is(format, "sarif")    ? diff_sarif
	       : str_is(format, "markdown") ? diff_markdown
					    : diff_text;
}

static enum status run(struct invocation *call)
{
	struct compared sides[2];
	const struct catalogue *c = invocation_catalogue(call);
	struct file f;

	progress_begin(call);
	if (!c || !find_sides(call, sides))
		return STATUS_INPUT;
	struct diff_report r = { .old_name = sides[0].name,
				 .new_name = sides[1].name,
				 .width = call->width,
				 .colour = call->colour_out && !option_given(call, "output") };
	bool estates = sides[0].is_estate && sides[1].is_estate;
	if (!(estates ? compare_estates(call, sides, c, &r) : compare_rules(call, sides, c, &r)))
		return STATUS_INPUT;
	progress_end();
	if (!file_create(&f, call->arena, option(call, "output"), call->diag))
		return STATUS_MACHINE;
	diff_writer(option_format(call))(&f.out, &r);
	if (!file_commit(&f, call->diag))
		return STATUS_MACHINE;
	return !r.certain ? STATUS_INPUT : r.same ? STATUS_WELL : STATUS_NO;
}

static const struct option_row options[] = {
	{ "old", 0, "FILE...", NULL,
	  "OLD, when an estate in several files is compared with another: each of its files" },
	{ "new", 0, "FILE...", NULL, "the same for NEW" },
	{ "estate", 0, "FILE...", NULL, "an estate with the firewall: its interfaces, and the flows that need it" },
	{ "at", 0, "FIREWALL", NULL, "the firewall of the estate" },
	{ "host", 0, "HOST", NULL, "the host of the estate whose own firewall is meant" },
	{ "side", 0, "SIDE", "in out", "of a host: what comes in or what goes out" },
	{ "old-dialect", 0, "NAME", NULL, "the language of OLD; guessed by default" },
	{ "new-dialect", 0, "NAME", NULL, "the language of NEW; guessed by default" },
	{ "part", 0, "NAME", NULL, "the chain, hook or access list that filters" },
	{ "everything", 0, NULL, NULL, "every difference, not the first thousand" },
	OPTION_ENGINE,
	OPTION_FORMAT("text json sarif markdown"),
	OPTION_OUTPUT,
	OPTION_AS_DOCUMENTED,
	OPTION_CATALOGUE,
	OPTIONS_END,
};

const struct command command_diff = {
	.name = "diff",
	.summary = "what passes now that did not, and vice versa",
	.arguments = "[OLD NEW]",
	.about = "Compares two rule sets, of one language or of two, packet by packet; two estates, flow by flow; or "
		 "what an "
		 "estate needs at a firewall with rules. With an estate it names the services that stop and start.",
	.options = options,
	.least = 0,
	.most = 100,
	.run = run,
};
