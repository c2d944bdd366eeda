/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The prover's question, interface by interface (prove/rpc.h).
 *
 * The ports that the mapper assigns are permitted when they are for every interface
 * that needs them.  A rule of an interface is surplus between hosts that do not
 * need this interface; its ports are the mapper's choice.
 */
#include "base/strmap.h"
#include "prove/prover.h"
#include "prove/rpc.h"

struct asker {
	struct arena *arena; /* of the answer */
	const struct ruleset *rules;
	const struct proof_question *q;
	struct flowbox *judged; /* of ports that are assigned */
	size_t n_judged;
	size_t *known; /* by flow: its index in missing, + 1 */
	VEC(struct missing) missing;
	VEC(struct surplus) surplus;
	struct strmap told; /* rules of interfaces that are surplus */
	bool undecided;
};

static struct required at_any_port(struct arena *a, const struct required *r)
{
	struct required ret = *r;
	const struct flowbox *box = required_widest(r);
	if (r->helper != HELPER_RPC)
		return ret;
	struct service_term *terms = ARENA_ARRAY(a, struct service_term, box->n_services);
	for (size_t i = 0; i < box->n_services; i++) {
		terms[i] = box->services[i];
		terms[i].port = ALL_PORTS;
	}
	ret.tolerated = (struct flowbox){ box->src, box->dst, terms, box->n_services };
	return ret;
}

static void add_missing(struct asker *asker, const struct missing *m, size_t flow)
{
	size_t *at = &asker->known[flow];
	if (*at && (m->condition || !asker->missing.v[*at - 1].condition))
		return;
	if (!*at) {
		VEC_ADD(asker->arena, &asker->missing);
		*at = asker->missing.n;
	}
	asker->missing.v[*at - 1] = *m;
	asker->missing.v[*at - 1].required = &asker->q->required[flow];
}

/* A rule of any interface may be surplus for several; each is reported once. */
static bool is_told(struct asker *asker, const struct rule *by)
{
	return !strmap_add(&asker->told, (struct str){ arena_memdup(asker->told.arena, &by, sizeof by), sizeof by },
			   asker);
}

/*
 * What is needed for one interface: *origin is the flow of each.  Needs of other
 * interfaces do not justify a rule of this one.
 */
static struct required *needed_as(struct arena *a, const struct asker *asker, struct str interface, size_t *n,
				  size_t **origin)
{
	struct required *ret = ARENA_ARRAY(a, struct required, asker->q->n_required);
	struct str uuid;
	*n = 0;
	*origin = ARENA_ARRAY(a, size_t, asker->q->n_required);
	for (size_t i = 0; i < asker->q->n_required; i++) {
		const struct required *r = &asker->q->required[i];
		if (r->helper == HELPER_RPC &&
		    !is_for_rpc(r, interface, asker->rules->rpc_interfaces.v, asker->rules->rpc_interfaces.n, &uuid))
			continue;
		(*origin)[*n] = i;
		ret[(*n)++] = at_any_port(a, r);
	}
	return ret;
}

/* The same with every difference worked out: which are shown is known when all have been asked. */
static struct proof_question whole_question(const struct asker *asker)
{
	struct proof_question q = *asker->q;
	q.most = 0;
	return q;
}

static void ask_as(struct asker *asker, struct str interface)
{
	CLEANUP(arena_freep) struct arena *own = arena_new();
	const struct ruleset *left = rules_of_rpc(own, asker->rules, interface);
	size_t n, *origin;
	struct required *needed = needed_as(own, asker, interface, &n, &origin);
	struct proof_question q = whole_question(asker);
	q.required = needed;
	q.n_required = n;
	q.judged = asker->judged;
	q.n_judged = asker->n_judged;
	struct proof p = prove_packets(asker->arena, left, &q);
	asker->undecided |= p.undecided;
	for (size_t i = 0; i < p.n_missing; i++) {
		struct missing m = p.missing[i];
		size_t flow = origin[m.required - needed];
		if (!is_for_rpc(&asker->q->required[flow], interface, asker->rules->rpc_interfaces.v,
				asker->rules->rpc_interfaces.n, &m.rpc_interface))
			continue;
		shown_in(asker->rules, left, &m.shown);
		add_missing(asker, &m, flow);
	}
	for (size_t i = 0; i < p.n_surplus; i++) {
		struct surplus s = p.surplus[i];
		shown_in(asker->rules, left, &s.shown);
		/* what other rules permit was found without interfaces */
		if (!s.shown.by || !s.shown.by->rpc || is_told(asker, s.shown.by))
			continue;
		if (s.shown.by->rpc != RPC_ANY_INTERFACE)
			s.rpc_interface = asker->rules->rpc_interfaces.v[s.shown.by->rpc - 1];
		*VEC_ADD(asker->arena, &asker->surplus) = s;
	}
}

/*
 * Packets of no interface: flows other than RPC; *ports is true for the flows that rules
 * permit by their ports.
 */
static struct proof ask_without(struct asker *asker, bool *by_ports)
{
	CLEANUP(arena_freep) struct arena *own = arena_new();
	const struct ruleset *left = rules_without_rpc(own, asker->rules);
	struct proof_question q = whole_question(asker);
	struct proof p = prove_packets(asker->arena, left, &q);
	asker->undecided |= p.undecided;
	for (size_t i = 0; i < asker->q->n_required; i++)
		by_ports[i] = true;
	for (size_t i = 0; i < p.n_missing; i++) {
		struct missing m = p.missing[i];
		size_t flow = (size_t)(m.required - asker->q->required);
		by_ports[flow] = false;
		shown_in(asker->rules, left, &m.shown);
		if (m.required->helper != HELPER_RPC)
			*VEC_ADD(asker->arena, &asker->missing) = m;
	}
	for (size_t i = 0; i < p.n_surplus; i++) {
		struct surplus *s = VEC_ADD(asker->arena, &asker->surplus);
		*s = p.surplus[i];
		shown_in(asker->rules, left, &s->shown);
	}
	p.rules = asker->rules;
	return p;
}

struct proof prove_by_rpc(struct arena *a, const struct ruleset *r, const struct proof_question *q)
{
	CLEANUP(arena_freep) struct arena *own = arena_new();
	size_t most = q->most ? q->most : SIZE_MAX;
	bool *by_ports = ARENA_ARRAY(own, bool, q->n_required);
	struct asker asker = {
		.arena = a,
		.rules = r,
		.q = q,
		.known = ARENA_ARRAY(own, size_t, q->n_required),
		.told = strmap_new(own),
	};
	asker.judged = handed_out(own, q->judged, q->n_judged, &asker.n_judged);
	struct proof ret = ask_without(&asker, by_ports);
	for (size_t i = 0; i < r->rpc_interfaces.n; i++)
		ask_as(&asker, r->rpc_interfaces.v[i]);
	ask_as(&asker, RPC_OTHER);

	for (size_t i = 0; i < q->n_required; i++)
		ret.by_rpc_interface += !by_ports[i] && q->required[i].helper == HELPER_RPC && !asker.known[i];
	if (asker.missing.n)
		sort_items(asker.missing.v, asker.missing.n, sizeof *asker.missing.v, missing_cmp);
	if (asker.surplus.n)
		sort_items(asker.surplus.v, asker.surplus.n, sizeof *asker.surplus.v, surplus_cmp);
	ret.missing = asker.missing.v;
	ret.all_missing = asker.missing.n;
	ret.n_missing = MIN(asker.missing.n, most);
	ret.surplus = asker.surplus.v;
	ret.n_surplus = MIN(asker.surplus.n, most);
	ret.more_surplus = asker.surplus.n > most;
	proof_judge(&ret);
	if (asker.undecided)
		proof_give_up(&ret);
	return ret;
}
