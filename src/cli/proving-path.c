/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several firewalls together: a packet passes when every one of them on its path
 * lets it.
 */
#include "cli/proving.h"

/* The flows that any of the places sees, each once. */
struct path_collector {
	const struct plan *plan;
	const struct proved *proved;
	size_t n;
	struct required_collector flows;
};

static void collect_path(void *ctx, const struct flow *f)
{
	struct path_collector *c = ctx;
	for (size_t i = 0; i < c->n; i++)
		if (place_sees(c->plan, &c->proved[i].at, f)) {
			collect_required(&c->flows, f);
			return;
		}
}

static bool every_firewall_is_there(const struct plan *p, const struct proved *proved, size_t n)
{
	size_t firewalls = 0;
	for (size_t i = 0; i < n; i++)
		firewalls += proved[i].at.firewall >= 0;
	return firewalls == plan_estate(p)->n_firewalls;
}

/* True when the proof of some place has the flow as missing, or does not name all that is. */
static bool some_place_lacks(const struct proved *proved, size_t n, const struct flow *f)
{
	char id[FLOW_ID], other[FLOW_ID];
	flow_id(f, id);
	for (size_t i = 0; i < n; i++) {
		const struct proof *p = &proved[i].proof;
		for (size_t m = 0; m < p->n_missing; m++)
			if (strcmp(flow_id(p->missing[m].required->what, other), id) == 0)
				return true;
		if (p->all_missing > p->n_missing)
			return true;
	}
	return false;
}

/* Stateless lists must permit these replies; with a flag for it, they can distinguish TCP replies. */
static void add_answers(struct arena *a, const struct required *r, bool by_rule, struct permits *to,
			struct flowbox *boxes)
{
	struct service_term *terms = ARENA_ARRAY(a, struct service_term, 2 * required_widest(r)->n_services);
	struct flowbox back = answers_box(r, by_rule, terms);
	size_t n = 0;
	for (size_t i = 0; i < back.n_services; i++)
		if (by_rule || terms[i].protocol_lo != PROTO_TCP)
			terms[n++] = terms[i];
	back.n_services = n;
	if (n)
		boxes[to->n_boxes++] = back;
}

/* What may pass: the flows, and the replies where some list is stateless. */
static struct permits needed_on_path(struct arena *a, const struct required_collector *flows, const struct proving *all,
				     const struct proved *proved, size_t n)
{
	size_t tolerated = 0;
	for (size_t i = 0; i < n; i++)
		tolerated += all->tasks[i].question.n_tolerated;
	struct flowbox *boxes = ARENA_ARRAY(a, struct flowbox, 2 * (flows->required.n + tolerated));
	struct permits ret = { .boxes = boxes };
	bool by_rule = false, by_flag = false;
	for (size_t i = 0; i < n; i++) {
		by_rule |= proved[i].proof.rules->replies == REPLIES_BY_RULE;
		by_flag |= proved[i].proof.rules->replies == REPLIES_BY_FLAG;
	}
	for (size_t i = 0; i < flows->required.n; i++) {
		boxes[ret.n_boxes++] = *required_widest(&flows->required.v[i]);
		if (by_rule || by_flag)
			add_answers(a, &flows->required.v[i], by_rule, &ret, boxes);
	}
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < all->tasks[i].question.n_tolerated; j++) {
			struct required r = { .box = all->tasks[i].question.tolerated[j] };
			boxes[ret.n_boxes++] = r.box;
			if (by_rule || by_flag)
				add_answers(a, &r, by_rule, &ret, boxes);
		}
	return ret;
}

static bool all_hold(const struct proved *proved, size_t n)
{
	bool all = true;
	for (size_t i = 0; i < n; i++)
		all &= proved[i].proof.verdict == VERDICT_HOLDS || proved[i].unjudged;
	return all;
}

/* The comparison, or what the cache has kept of it. */
static struct comparison compare_or_find(struct invocation *call, const struct proving *p, const struct permits *needed,
					 const struct permits *passes, const struct compare_options *options)
{
	CLEANUP(out_free) struct out bytes = out_memory(MOST_QUESTION_BYTES);
	struct comparison ret;
	struct asked q;
	bool cached = path_asked(call, p, options, &bytes, &q);
	if (cached && path_find(call, p, passes, options, &q, &ret))
		return ret;
	ret = compare(call->arena, needed, passes, options);
	if (cached)
		path_keep(call, p, passes, options, &q, &ret);
	return ret;
}

static struct comparison compare_path(struct invocation *call, const struct proving *all, const struct proved *proved,
				      const struct required_collector *flows)
{
	static const struct flowbox nothing = { 0 };
	const struct plan *p = all->plan;
	struct filter *filters = ARENA_ARRAY(call->arena, struct filter, all->n);
	struct interface_map *maps = ARENA_ARRAY(call->arena, struct interface_map, all->n);
	VEC(struct flowbox) judged = { 0 };
	struct permits needed = needed_on_path(call->arena, flows, all, proved, all->n),
		       passes = { .filters = filters, .n_filters = all->n };
	for (size_t i = 0; i < all->n; i++) {
		struct judged j = plan_judged(call->arena, p, &proved[i].at);
		maps[i] = all->tasks[i].map;
		/* a firewall that no path goes over sees nothing; to a filter, no boxes would be everything */
		filters[i] = (struct filter){ rules_without_rpc(call->arena, proved[i].proof.rules), &maps[i],
					      j.n ? j.boxes : &nothing, j.n ? j.n : 1 };
		/* where another path may be used, a packet need not pass this firewall */
		for (size_t b = 0; b < j.n_certain; b++)
			*VEC_ADD(call->arena, &judged) = j.boxes[b];
	}
	struct compare_options options = {
		.judged = judged.n ? judged.v : &nothing,
		.n_judged = judged.n ? judged.n : 1,
		.required = flows->required.v,
		.n_required = flows->required.n,
		.most = all->options.everything ? 0 : MOST_DIFFERENCES,
	};
	return compare_or_find(call, all, &needed, &passes, &options);
}

/* Why a packet need not pass the firewalls of the estate as it is, one after the other; NULL: it does. */
static const char *not_compared(const struct plan *p)
{
	if (plan_publishes(p))
		return "hosts are published, and their packets change on the way";
	if (plan_estate(p)->n_pairs)
		return "firewalls stand in parallel, and a packet goes over one of them";
	return NULL;
}

const struct proved_path *proving_path(struct invocation *call, const struct proving *all, const struct proved *proved)
{
	struct place nowhere = place_of_firewall(-1);
	struct proved_path *path = ARENA_NEW(call->arena, struct proved_path);
	struct path_collector c = {
		all->plan, proved, all->n, { .arena = call->arena, .plan = all->plan, .at = &nowhere }
	};

	plan_each(all->plan, collect_path, &c);
	*path = (struct proved_path){
		.required = c.flows.required.v,
		.n_required = c.flows.required.n,
		.whole = every_firewall_is_there(all->plan, proved, all->n),
	};
	/*
	 * What passes a firewall that holds is needed there, so what passes them all is
	 * needed, and what is needed passes each: there is no open question.
	 */
	if (all_hold(proved, all->n)) {
		path->comparison =
			(struct comparison){ .equal = true, .loses = ARENA_ARRAY(call->arena, bool, path->n_required) };
		return path;
	}
	const char *why = not_compared(all->plan);
	if (why) {
		diag_warn(call->diag, NOWHERE, "the path as a whole is not compared: %s; each single proof is valid",
			  why);
		return NULL;
	}
	path->comparison = compare_path(call, all, proved, &c.flows);
	if (path->comparison.gave_up) {
		diag_warn(call->diag, NOWHERE,
			  "the rules of all firewalls together overlap too much to compare the path as a whole; each "
			  "single proof is valid");
		return NULL;
	}
	/* what firewalls open by inspection is in none of their rules */
	for (size_t i = 0; i < path->n_required; i++)
		if (path->comparison.loses[i] && path->required[i].helper != HELPER_NONE)
			path->comparison.loses[i] = some_place_lacks(proved, all->n, path->required[i].what);
	return path;
}
