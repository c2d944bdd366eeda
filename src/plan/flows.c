/* SPDX-License-Identifier: Apache-2.0 */
/* Flows, made of bundles as they are asked for. */
#include "base/hash.h"
#include "plan/plan-priv.h"

/* A bundle towards one endpoint, in the order of endpoints: what flows of a group's members are made of. */
struct target {
	uint32_t endpoint;
	bool self; /* the endpoint itself: only when it is many machines */
	const struct bundle *bundle;
};

static int target_cmp(const void *left, const void *right)
{
	return CMP(((const struct target *)left)->endpoint, ((const struct target *)right)->endpoint);
}

/* The targets of a group, made anew in an arena: sorted by endpoint. */
static struct target *targets_of(struct arena *a, const struct plan *p, uint32_t group, size_t *n)
{
	size_t total = 0, j = 0;
	for (uint32_t i = p->first_link[group]; i < p->first_link[group + 1]; i++)
		total += p->groups[p->links.v[i].to].members.n;
	struct target *targets = ARENA_ARRAY(a, struct target, total);
	for (uint32_t i = p->first_link[group]; i < p->first_link[group + 1]; i++) {
		const struct plan_link *link = &p->links.v[i];
		struct plan_group to = p->groups[link->to].members;
		for (size_t m = 0; m < to.n; m++)
			targets[j++] = (struct target){ to.endpoints[m], link->same, link->bundle };
	}
	if (total)
		sort_items(targets, total, sizeof *targets, target_cmp);
	*n = total;
	return targets;
}

void plan_each_pair(const struct plan *p,
		    void (*show)(void *ctx, const struct endpoint *from, const struct endpoint *to,
				 const struct bundle *b),
		    void *ctx)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct target **targets = ARENA_ARRAY(a, struct target *, p->n_groups);
	size_t *n = ARENA_ARRAY(a, size_t, p->n_groups);

	for (size_t f = 0; f < p->n_endpoints; f++) {
		const struct endpoint *from = &p->endpoints[f];
		uint32_t g = from->group;
		if (!targets[g])
			targets[g] = targets_of(a, p, g, &n[g]);
		for (size_t i = 0; i < n[g]; i++) {
			const struct endpoint *to = &p->endpoints[targets[g][i].endpoint];
			if (to == from && !endpoint_is_many(to))
				continue;
			show(ctx, from, to, targets[g][i].bundle);
		}
	}
}

struct shower {
	const struct plan *plan;
	void (*show)(void *ctx, const struct flow *f);
	void *ctx;
};

static void show_bundle(void *ctx, const struct endpoint *from, const struct endpoint *to, const struct bundle *b)
{
	struct shower *s = ctx;
	struct path path = plan_path(s->plan, from->zone, to->zone);
	struct flow f = { .from = from, .to = to, .crosses = path.firewalls, .n_crosses = path.n };
	for (size_t i = 0; i < b->n; i++) {
		f.item = &b->items[i];
		s->show(s->ctx, &f);
	}
}

void plan_each(const struct plan *p, void (*show)(void *ctx, const struct flow *f), void *ctx)
{
	plan_each_pair(p, show_bundle, &(struct shower){ p, show, ctx });
}

void plan_each_between(const struct plan *p, const struct endpoint *from, const struct endpoint *to,
		       void (*show)(void *ctx, const struct flow *f), void *ctx)
{
	if (from == to && !endpoint_is_many(from))
		return;
	for (uint32_t i = p->first_link[from->group]; i < p->first_link[from->group + 1]; i++)
		if (p->links.v[i].to == to->group)
			show_bundle(&(struct shower){ p, show, ctx }, from, to, p->links.v[i].bundle);
}

const char *flow_id(const struct flow *f, char buf[FLOW_ID])
{
	const struct bundle_item *it = f->item;
	uint64_t h = hash64(f->from->name.p, f->from->name.n);
	h = hash64_seed(f->to->name.p, f->to->name.n, h);
	h = hash_mix(h, (uint64_t)it->protocol << 33 | (uint64_t)it->has_ports << 32 | (uint64_t)it->ports.lo << 16 |
				it->ports.hi);
	if (it->icmp)
		h = hash_mix(h, it->icmp);
	/* addresses of allow: may have an endpoint in each of several zones */
	if (!f->from->host || !f->to->host) {
		h = hash64_seed(f->from->zone_name.p, f->from->zone_name.n, h);
		h = hash64_seed(f->to->zone_name.p, f->to->zone_name.n, h);
	}
	snprintf(buf, FLOW_ID, "f-%016llx", (unsigned long long)h);
	return buf;
}
