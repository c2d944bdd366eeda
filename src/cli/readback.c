/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/readback.h"

#include "base/vec.h"
#include "cli/rules.h"
#include "prove/prove.h"

/* Source ports of the clients that replies go to: those of any system. */
static const struct port_range client_ports = { 1024, 65535 };

struct asked_back {
	struct arena *arena;
	const struct policy *policy;
};

/* The zones' names, as the policy has them. */
static bool addresses_behind(void *ctx, struct str name, struct addrset *ret)
{
	const struct asked_back *b = ctx;
	bool found = false;
	*ret = NO_ADDRS;
	for (size_t i = 0; i < b->policy->n_zones; i++)
		for (size_t j = 0; j < b->policy->zones[i].n_interfaces; j++)
			if (str_eq(b->policy->zones[i].interfaces[j], name)) {
				*ret = addrset_union(b->arena, *ret, b->policy->zones[i].addresses);
				found = true;
			}
	return found;
}

static bool is_named(const struct str *names, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(names[i], name))
			return true;
	return false;
}

static struct addrset certainly_behind(void *ctx, const struct str *names, size_t n)
{
	const struct asked_back *b = ctx;
	struct addrset ret = NO_ADDRS;
	for (size_t i = 0; i < b->policy->n_zones; i++) {
		const struct policy_zone *z = &b->policy->zones[i];
		bool all = true;
		for (size_t j = 0; j < z->n_interfaces && all; j++)
			all = is_named(names, n, z->interfaces[j]);
		if (all)
			ret = addrset_union(b->arena, ret, z->addresses);
	}
	return ret;
}

static bool is_plain(const struct policy_service *s)
{
	return s->kind != SERVICE_RPC_RANGE && s->kind != SERVICE_TFTP_DATA;
}

/* A service whose ports the firewall may open itself, or that has rules by RPC interface. */
static struct required helped(struct arena *a, const struct flowbox *box, const struct policy_service *s)
{
	struct required r = { .box = *box, .client_ports = client_ports };
	struct str *uuids = ARENA_ARRAY(a, struct str, s->n_interfaces);
	for (size_t i = 0; i < s->n_interfaces; i++)
		uuids[i] = s->interfaces[i].uuid;
	r.box.services = &s->term;
	r.box.n_services = 1;
	r.helper = s->kind == SERVICE_RPC_RANGE ? HELPER_RPC : HELPER_TFTP;
	r.rpc_interfaces = uuids;
	r.n_rpc_interfaces = s->n_interfaces;
	return r;
}

typedef VEC(struct required) required_vec;

static required_vec what_was_asked(struct arena *a, const struct policy *p)
{
	required_vec all = { 0 };
	for (size_t i = 0; i < p->n_relations; i++) {
		const struct relation *r = &p->relations[i];
		const struct policy_services *s = &p->services[r->services];
		struct flowbox box = policy_box(a, p, r);
		struct service_term *terms = ARENA_ARRAY(a, struct service_term, s->n);
		size_t n = 0;
		for (size_t j = 0; j < s->n; j++)
			if (is_plain(&s->v[j]))
				terms[n++] = s->v[j].term;
			else
				*VEC_ADD(a, &all) = helped(a, &box, &s->v[j]);
		if (!n)
			continue;
		box.services = terms;
		box.n_services = n;
		*VEC_ADD(a, &all) = (struct required){ .box = box, .client_ports = client_ports };
	}
	return all;
}

typedef VEC(struct flowbox) boxes;

/* Between zones; of a host, what has its addresses on its side; else everything. */
static boxes what_is_judged(struct arena *a, const struct dialect *dialect, const struct policy *p)
{
	boxes all = { 0 };
	struct addrset own = NO_ADDRS, any = addrset_all(a);
	for (size_t i = 0; i < p->n_zones; i++)
		for (size_t j = 0; j < p->n_zones; j++) {
			const struct policy_zone *from = &p->zones[i], *to = &p->zones[j];
			struct addrset src = i == j ? from->within : from->addresses;
			struct addrset dst = i == j ? to->within : to->addresses;
			if (src.n && dst.n && !(dialect->only_incoming && to->outside))
				*VEC_ADD(a, &all) = (struct flowbox){ src, dst, &any_service, 1 };
		}
	if (p->n_zones || p->side == POLICY_TRANSIT)
		return all;
	for (size_t i = 0; i < p->n_relations; i++) {
		const struct relation *r = &p->relations[i];
		own = addrset_union(a, own, p->groups[p->side == POLICY_INBOUND ? r->dst : r->src].addresses);
	}
	if (own.n)
		*VEC_ADD(a, &all) = p->side == POLICY_INBOUND ? (struct flowbox){ any, own, &any_service, 1 }
							      : (struct flowbox){ own, any, &any_service, 1 };
	return all;
}

static bool show_difference(struct invocation *call, const struct dialect *dialect, const struct proof *proof,
			    bool widened)
{
	const struct shown *s = proof->n_missing   ? &proof->missing[0].shown
				: proof->n_surplus ? &proof->surplus[0].shown
						   : NULL;
	char packet[PACKET_TEXT];
	if (s && widened && !proof->n_missing && protocol_is_icmp(s->witness.protocol))
		return diag_error(call->diag, NOWHERE,
				  "no row of tolerate: covers all that --widen would let through: %s, for example",
				  packet_text(&s->witness, packet));
	if (s)
		diag_error(call->diag, NOWHERE,
			   "these rules would not be what was asked for, so nothing is written: as %s, %s%s would%s be "
			   "let through",
			   dialect->title, proof->n_missing && proof->missing[0].reply ? "the reply " : "",
			   packet_text(&s->witness, packet), proof->n_missing ? " not" : "");
	else
		diag_error(call->diag, NOWHERE,
			   "these rules would not be what was asked for, so nothing is written: as %s, they are not "
			   "certain",
			   dialect->title);
	if (s && s->by && s->by->text.n)
		diag_note(call->diag, NOWHERE, "by: %.*s", STR_ARG(s->by->text));
	for (size_t i = 0; i < proof->rules->unknown.n && i < 3; i++)
		diag_note(call->diag, NOWHERE, "not understood: %s", proof->rules->unknown.v[i].why);
	return false;
}

/* What was asked of the host's other side, whose replies pass this one. */
static void tolerate_replies(struct arena *a, const struct policy *other, boxes *all)
{
	required_vec required = what_was_asked(a, other);
	for (size_t i = 0; i < required.n; i++)
		*VEC_ADD(a, all) = answers_of(a, &required.v[i]);
}

/* What the question tolerates, and what the dialect permits beside flows. */
static boxes what_is_tolerated(struct arena *a, const struct dialect *dialect, const struct policy *p,
			       const struct expectation *expected)
{
	boxes all = { 0 };
	size_t n;
	const struct flowbox *beside = dialect_beside(a, dialect, p->side, &n);
	for (size_t i = 0; i < n; i++)
		*VEC_ADD(a, &all) = beside[i];
	for (size_t i = 0; i < expected->n_tolerated; i++)
		*VEC_ADD(a, &all) = expected->tolerated[i];
	if (expected->other)
		tolerate_replies(a, expected->other, &all);
	return all;
}

static bool reads_back(struct invocation *call, const struct dialect *dialect, const struct policy *p,
		       const struct expectation *expected, struct str text)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const struct read_options *reading = expected->reading;
	struct read_options o = { .side = p->side,
				  .shared = reading->shared,
				  .n_shared = reading->n_shared,
				  .rpc = reading->rpc,
				  .outside = p->outside };
	struct asked_back back = { a, p };
	struct interface_map map = { addresses_behind, &back, certainly_behind };
	struct diag *said = diag_new(a);
	struct ruleset *r;

	if (!dialect_read(a, dialect, source_of_text(a, "what was written", text), &o, &r, said)) {
		/* again, for errors that live as long as they are shown */
		struct source *s = source_of_text(call->arena, "what was written", str_dup(call->arena, text));
		dialect_read(call->arena, dialect, s, &o, &r, call->diag);
		return diag_error(call->diag, NOWHERE, "these rules cannot be read back, so nothing is written");
	}
	required_vec required = what_was_asked(a, expected->asked ? expected->asked : p);
	boxes judged = what_is_judged(a, dialect, p), tolerated = what_is_tolerated(a, dialect, p, expected);
	struct proof proof = prove(a, r,
				   &(struct proof_question){ .map = &map,
							     .required = required.v,
							     .n_required = required.n,
							     .tolerated = tolerated.v,
							     .n_tolerated = tolerated.n,
							     .judged = judged.v,
							     .n_judged = judged.n,
							     .most = 1 });
	return proof.verdict == VERDICT_HOLDS ||
	       show_difference(call, dialect, &proof, expected->asked && expected->asked != p);
}

/* A list of both sides is read as one and as the other. */
static bool both_read_back(struct invocation *call, const struct dialect *dialect, const struct policy *p,
			   const struct expectation *expected, struct str text)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	bool ok = true;
	if (p->side != POLICY_BOTH)
		return reads_back(call, dialect, p, expected, text);
	for (enum policy_side side = POLICY_INBOUND; side <= POLICY_OUTBOUND && ok; side++) {
		struct expectation of_side = *expected;
		struct policy one = policy_one_side(a, p, side), asked;
		if (expected->asked) {
			asked = policy_one_side(a, expected->asked, side);
			of_side.asked = &asked;
		}
		struct policy other = policy_one_side(a, p, side == POLICY_INBOUND ? POLICY_OUTBOUND : POLICY_INBOUND);
		of_side.other = dialect->replies_open ? &other : NULL;
		ok = reads_back(call, dialect, &one, &of_side, text);
	}
	return ok;
}

bool emit_checked(struct invocation *call, const struct dialect *dialect, const struct policy *p,
		  const struct expectation *expected, struct file *f)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	CLEANUP(out_free) struct out text = out_memory(MOST_RULES_BYTES);
	if (!dialect_emit(dialect, p, &text, call->diag))
		return false;
	struct str now = expected->before ? str_dup(call->arena, out_view(&text)) : NO_STR;
	if (expected->before && dialect->withdraw)
		dialect->withdraw(a, expected->before->text, now, &text);
	if (text.error)
		return diag_error(call->diag, NOWHERE, "the rules are longer than %d bytes", MOST_RULES_BYTES);
	if (dialect->parse && !both_read_back(call, dialect, p, expected, out_view(&text)))
		return false;
	/* errors name places of the earlier file, and what they name is kept as long as they are */
	if (expected->before && dialect->removal &&
	    !dialect->removal->write(call->arena, expected->before,
				     source_of_text(call->arena, "what was written", now), expected->removal,
				     call->diag))
		return false;
	out_str(&f->out, out_view(&text));
	return true;
}
