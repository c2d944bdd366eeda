/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comparisons, interface by interface (prove/rpc.h).  What differs for
 * packets of no interface differs for those of every one by the same rules, and
 * is told once; besides, only what a rule of an interface decides on either side.
 */
#include "prove/comparer.h"
#include "prove/rpc.h"

struct asker {
	struct arena *arena;
	const struct permits *old, *new;
	const struct compare_options *options;
	const struct flowbox *judged; /* of ports that are assigned */
	size_t n_judged;
	VEC(struct str) named;
	bool refuses; /* some rule of an interface does not permit: what it stops may be told under another rule */
	struct changes added, removed;
	struct comparison all;
};

static bool refuses_by_rpc(const struct ruleset *r)
{
	bool any = false;
	for (size_t c = 0; c < r->chains.n; c++)
		for (size_t i = 0; i < r->chains.v[c].rules.n; i++)
			any |= r->chains.v[c].rules.v[i].rpc && r->chains.v[c].rules.v[i].action != ACTION_PERMIT;
	return any;
}

static void add_named(struct asker *asker, const struct permits *p)
{
	for (size_t f = 0; f < p->n_filters; f++)
		asker->refuses |= refuses_by_rpc(p->filters[f].rules);
	for (size_t f = 0; f < p->n_filters; f++)
		for (size_t i = 0; i < p->filters[f].rules->rpc_interfaces.n; i++) {
			struct str uuid = p->filters[f].rules->rpc_interfaces.v[i];
			bool known = false;
			for (size_t n = 0; n < asker->named.n; n++)
				known |= str_eq(asker->named.v[n], uuid);
			if (!known)
				*VEC_ADD(asker->arena, &asker->named) = uuid;
		}
}

/* A side with the rules that are left; interface: NULL: for packets of none. */
static struct permits side_as(struct arena *a, const struct permits *p, const struct str *interface)
{
	struct permits ret = *p;
	struct filter *filters = ARENA_ARRAY(a, struct filter, p->n_filters);
	for (size_t i = 0; i < p->n_filters; i++) {
		const struct ruleset *r = p->filters[i].rules;
		filters[i] = p->filters[i];
		filters[i].rules = interface && r->rpc_named ? rules_of_rpc(a, r, *interface) : rules_without_rpc(a, r);
	}
	ret.filters = filters;
	return ret;
}

static void show_whole(const struct permits *whole, const struct permits *left, size_t filter, struct shown *s)
{
	if (s->chain)
		shown_in(whole->filters[filter].rules, left->filters[filter].rules, s);
}

static bool is_by_rpc(const struct change *c)
{
	return (c->before.by && c->before.by->rpc) || (c->after.by && c->after.by->rpc);
}

struct reading_of {
	struct permits old, new;
	const struct str *interface; /* NULL: none */
};

static void take_changes(struct asker *asker, const struct reading_of *reading, const struct change *changes, size_t n,
			 bool more, struct changes *ret)
{
	ret->more |= more;
	for (size_t i = 0; i < n; i++) {
		struct change c = changes[i];
		show_whole(asker->old, &reading->old, c.before_filter, &c.before);
		show_whole(asker->new, &reading->new, c.after_filter, &c.after);
		if (reading->interface && !asker->refuses && !is_by_rpc(&c))
			continue;
		if (reading->interface) {
			c.rpc_interface = *reading->interface;
			c.rpc_other = !reading->interface->n;
		}
		*VEC_ADD(asker->arena, &ret->v) = c;
	}
}

/* A flow of RPC is compared for its interfaces, and any other one for none. */
static void take_met(struct asker *asker, const struct str *interface, const bool *met, struct changes *ret)
{
	for (size_t i = 0; i < asker->options->n_required; i++) {
		const struct required *r = &asker->options->required[i];
		struct str uuid;
		bool asked = interface ? is_for_rpc(r, *interface, asker->named.v, asker->named.n, &uuid)
				       : r->helper != HELPER_RPC;
		ret->met[i] |= asked && met[i];
	}
}

static void ask_as(struct asker *asker, const struct str *interface)
{
	struct reading_of reading = { .old = side_as(asker->arena, asker->old, interface),
				      .new = side_as(asker->arena, asker->new, interface),
				      .interface = interface };
	struct compare_options options = *asker->options;
	options.most = 0;
	if (interface) {
		options.judged = asker->judged;
		options.n_judged = asker->n_judged;
	}
	struct comparison c = compare_packets(asker->arena, &reading.old, &reading.new, &options);
	asker->all.gave_up |= c.gave_up;
	asker->all.uncertain |= c.uncertain;
	asker->all.engine = c.engine;
	take_changes(asker, &reading, c.added, c.n_added, c.more_added, &asker->added);
	take_changes(asker, &reading, c.removed, c.n_removed, c.more_removed, &asker->removed);
	take_met(asker, interface, c.gains, &asker->added);
	take_met(asker, interface, c.loses, &asker->removed);
}

static void limit(struct changes *c, size_t most)
{
	c->more |= most && c->v.n > most;
	c->v.n = most ? MIN(c->v.n, most) : c->v.n;
}

struct comparison compare_by_rpc(struct arena *a, const struct permits *old, const struct permits *new,
				 const struct compare_options *options)
{
	static const struct compare_options usual = { 0 };
	struct asker asker = { .arena = a, .old = old, .new = new, .options = options ? options : &usual };
	asker.added.met = ARENA_ARRAY(a, bool, asker.options->n_required);
	asker.removed.met = ARENA_ARRAY(a, bool, asker.options->n_required);
	add_named(&asker, old);
	add_named(&asker, new);
	struct flowbox everything = flowbox_all(a);
	bool all = !asker.options->n_judged;
	asker.judged = handed_out(a, all ? &everything : asker.options->judged, all ? 1 : asker.options->n_judged,
				  &asker.n_judged);
	ask_as(&asker, NULL);
	/* where no judged packet can be of an interface, there is no other question */
	for (size_t i = 0; i < asker.named.n && asker.n_judged; i++)
		ask_as(&asker, &asker.named.v[i]);
	if (asker.n_judged)
		ask_as(&asker, &RPC_OTHER);
	limit(&asker.added, asker.options->most);
	limit(&asker.removed, asker.options->most);
	struct comparison ret = comparison_of(asker.all.engine, asker.all.uncertain, &asker.added, &asker.removed);
	ret.gave_up = asker.all.gave_up;
	ret.uncertain |= ret.gave_up;
	return ret;
}
