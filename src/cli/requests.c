/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/requests.h"

#include "cli/proving.h"

/* The proof of rules, with every difference; NULL after an error. */
static const struct proof *prove_against(struct invocation *call, const struct plan *p, struct place *at)
{
	struct proving proving = { .plan = p, .options = { .dialect = option(call, "dialect"), .everything = true } };
	struct task *t = ARENA_NEW(call->arena, struct task);
	struct proof *proof = ARENA_NEW(call->arena, struct proof);
	const char *path = option(call, "against");
	if (!task_make(call, p, at, path, &proving.options, t))
		return NULL;
	*at = t->at;
	if (!t->source)
		t->source = source_read(call->arena, path, MOST_RULES_BYTES, call->diag);
	if (!t->source || !task_prove(call, &proving, t, proof))
		return NULL;
	proof_join_lines(call->arena, proof);
	if (!proof->undecided && !proof->rules->unknown.n && proof->rules->bases.n)
		return proof;
	diag_error(call->diag, NOWHERE, "the difference to \"%s\" is unknown: %s", path, proof->why_unproved);
	diag_note(call->diag, NOWHERE, "\"portolan prove\" shows where");
	return NULL;
}

static bool request_difference(struct invocation *call, const struct plan *p, struct plan_request *q)
{
	const struct estate *e = plan_estate(p);
	if (!option(call, "at") && e->n_firewalls != 1)
		return diag_error(call->diag, NOWHERE, "--against has the rules of one firewall; use --at FIREWALL");
	q->against = option(call, "against");
	q->proof = prove_against(call, p, &q->at);
	return q->proof;
}

bool invocation_requests(struct invocation *call, const struct plan *p, const struct plan_request **ret, size_t *n)
{
	const struct estate *e = plan_estate(p);
	const char *at = option(call, "at");
	struct plan_request *requests = ARENA_ARRAY(call->arena, struct plan_request, at ? 1 : e->n_firewalls);
	*ret = requests;
	*n = at ? 1 : e->n_firewalls;
	if (at && !firewall_named(call, p, at, &requests[0].at))
		return false;
	for (size_t i = 0; i < e->n_firewalls && !at; i++) {
		requests[i].at = place_of_firewall((int)i);
		place_settle(p, &requests[i].at);
	}
	if (option(call, "against"))
		return request_difference(call, p, &requests[0]);
	return !option(call, "dialect") ||
	       diag_error(call->diag, NOWHERE, "--dialect is the language of the rules of --against");
}
