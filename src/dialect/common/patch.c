/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/common/patch.h"

#include "base/hash.h"

struct maker {
	struct arena *arena;
	struct policy_group *groups;
	struct policy_services *services;
	struct relation *relations;
	size_t n; /* relations; each has two groups and one list of services */
};

static void put_addresses(struct out *o, struct addrset s)
{
	char text[RANGE_TEXT];
	for (size_t i = 0; i < s.n; i++)
		out_printf(o, "%s ", addr_range_text(&s.v[i], text));
}

/* "p-" and eight hexadecimal digits, from what the rule does. */
static struct str id_of(struct arena *a, const struct flowbox *b, bool denies)
{
	CLEANUP(out_free) struct out o = out_memory(1 << 26);
	out_text(&o, denies ? "deny " : "permit ");
	put_addresses(&o, b->src);
	out_text(&o, "to ");
	put_addresses(&o, b->dst);
	for (size_t i = 0; i < b->n_services; i++) {
		const struct service_term *t = &b->services[i];
		out_printf(&o, "%u-%u %u-%u %u-%u ", t->protocol_lo, t->protocol_hi, t->sport.lo, t->sport.hi,
			   t->port.lo, t->port.hi);
	}
	struct str all = out_view(&o);
	return str_printf(a, "p-%08x", (uint32_t)hash64(all.p, all.n));
}

static struct policy_services services_of(struct arena *a, struct str name, const struct flowbox *b)
{
	struct policy_service *services = ARENA_ARRAY(a, struct policy_service, b->n_services);
	for (size_t i = 0; i < b->n_services; i++)
		services[i] = (struct policy_service){ .name = name, .term = b->services[i] };
	return (struct policy_services){ name, services, b->n_services };
}

static void add(struct maker *m, const struct patch_step *step, const struct flowbox *b, struct str before)
{
	struct arena *a = m->arena;
	uint32_t n = (uint32_t)m->n++;
	struct str id = id_of(a, b, step->denies);
	m->groups[2 * n] = (struct policy_group){ .name = str_printf(a, "%.*s-src", STR_ARG(id)), .addresses = b->src };
	m->groups[2 * n + 1] =
		(struct policy_group){ .name = str_printf(a, "%.*s-dst", STR_ARG(id)), .addresses = b->dst };
	m->services[n] = services_of(a, id, b);
	m->relations[n] = (struct relation){
		.id = id,
		.about = str_printf(a, "%.*s: %.*s", STR_ARG(id), STR_ARG(step->title)),
		.title = step->title,
		.src = 2 * n,
		.dst = 2 * n + 1,
		.services = n,
		.denies = step->denies,
		.before = before,
	};
}

const struct policy *patch_part(struct arena *a, const struct patch_request *q,
				struct str (*path_of)(struct arena *a, const struct rule *r))
{
	size_t n = 0;
	for (size_t i = 0; i < q->n; i++)
		n += q->steps[i].n_boxes;
	if (n > MOST_PATCHED)
		return NULL;
	struct maker m = {
		.arena = a,
		.groups = ARENA_ARRAY(a, struct policy_group, 2 * n),
		.services = ARENA_ARRAY(a, struct policy_services, n),
		.relations = ARENA_ARRAY(a, struct relation, n),
	};
	for (size_t i = 0; i < q->n; i++) {
		const struct patch_step *step = &q->steps[i];
		struct str before = path_of && step->at && !step->removes ? path_of(a, step->at) : NO_STR;
		for (size_t j = 0; j < step->n_boxes; j++)
			add(&m, step, &step->boxes[j], before);
	}
	struct policy *p = ARENA_NEW(a, struct policy);
	*p = *q->place;
	p->part = true;
	p->rpc = RPC_BY_PORT;
	p->groups = m.groups;
	p->n_groups = 2 * n;
	p->services = m.services;
	p->n_services = n;
	p->relations = m.relations;
	p->n_relations = n;
	return p;
}

const char *patch_put_part(const struct patch_request *q, const struct policy *part, struct out *o)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	if (!part)
		return "it would be too many rules; emit writes new ones";
	if (part->n_relations && !dialect_emit(q->dialect, part, o, diag_new(a)))
		return "the language cannot express a rule that would be added";
	return NULL;
}
