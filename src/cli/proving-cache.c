/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proofs that are answered from a cache.  The question is all that the answer
 * depends on, so what is found is what would come out again: the rules as they were
 * read, what was said while reading, and the proof.
 */
#include "base/build-id.h"
#include "cli/host-facts.h"
#include "cli/proving.h"
#include "prove/proof-pack.h"

enum asked_about { ASKED_PROOF, ASKED_PATH }; /* the prefix of a question */

static void pack_reading(struct packer *packer, const struct task *t)
{
	const struct read_options *o = &t->reading;
	pack_text(packer, t->dialect->name);
	pack_text(packer, t->source->name); /* diagnostics name it */
	pack_text(packer, o->dialect_option);
	pack_bytes(packer->out, o->part);
	pack_number(packer->out, o->side);
	pack_bytes(packer->out, o->profile);
	pack_number(packer->out, o->n_shared);
	for (size_t i = 0; i < o->n_shared; i++)
		pack_bytes(packer->out, o->shared[i]);
	pack_port_range(packer, o->rpc);
	pack_host_facts(packer, &o->host);
	pack_number(packer->out, t->source->text.n);
}

/* False when it cannot be cached. */
static bool pack_task(const struct task *t, struct out *ret)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct packer packer = packer_new(a, ret, NULL);
	pack_number(ret, ASKED_PROOF);
	bool ok = build_id(ret);
	pack_reading(&packer, t);
	pack_question(&packer, &t->question);
	pack_interfaces(ret, &t->map);
	return ok && !ret->error;
}

bool proof_asked(const struct invocation *call, const struct proving *p, const struct task *t, struct out *bytes,
		 struct asked *q)
{
	/* after this many errors diagnostics are no longer recorded, and they are part of an answer */
	if (!p->cache || diag_errors(call->diag) > DIAG_MOST_SHOWN || !pack_task(t, bytes))
		return false;
	*q = (struct asked){ out_view(bytes), &t->source->text, 1 };
	return true;
}

bool proof_find(struct invocation *call, const struct proving *p, const struct task *t, const struct asked *q,
		struct proof *ret)
{
	struct str answer;
	if (!cache_find(p->cache, call->arena, q, &answer))
		return false;
	struct unpacker unpacker = unpacker_new(call->arena, answer, t->source);
	return unpack_answer(&unpacker, &t->question, call->diag, ret);
}

void proof_keep(struct invocation *call, const struct proving *p, const struct task *t, const struct asked *q,
		size_t first_remark, const struct proof *proof)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	CLEANUP(out_free) struct out answer = out_memory(MOST_ENTRY_BYTES);
	struct packer packer = packer_new(a, &answer, t->source);
	if (pack_answer(&packer, &t->question, call->diag, first_remark, proof))
		cache_add(p->cache, q, out_view(&answer), call->diag);
}

/* Of a whole path: what is asked of each of its firewalls, and its flows. */
static bool pack_path(const struct proving *p, const struct compare_options *o, struct out *ret)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct packer packer = packer_new(a, ret, NULL);
	struct proof_question flows = { .required = o->required,
					.n_required = o->n_required,
					.judged = o->judged,
					.n_judged = o->n_judged,
					.most = o->most };
	bool ok = true;
	pack_number(ret, ASKED_PATH);
	pack_number(ret, p->n);
	for (size_t i = 0; i < p->n; i++)
		ok &= pack_task(&p->tasks[i], ret);
	pack_question(&packer, &flows);
	return ok && !ret->error;
}

bool path_asked(struct invocation *call, const struct proving *p, const struct compare_options *o, struct out *bytes,
		struct asked *q)
{
	if (!p->cache || !pack_path(p, o, bytes))
		return false;
	struct str *texts = ARENA_ARRAY(call->arena, struct str, p->n);
	for (size_t i = 0; i < p->n; i++)
		texts[i] = p->tasks[i].source->text;
	*q = (struct asked){ out_view(bytes), texts, p->n };
	return true;
}

bool path_find(struct invocation *call, const struct proving *p, const struct permits *passes,
	       const struct compare_options *o, const struct asked *q, struct comparison *ret)
{
	struct str found;
	if (!cache_find(p->cache, call->arena, q, &found))
		return false;
	struct unpacker unpacker = unpacker_new(call->arena, found, NULL);
	return unpack_comparison(&unpacker, passes, o->n_required, ret);
}

void path_keep(struct invocation *call, const struct proving *p, const struct permits *passes,
	       const struct compare_options *o, const struct asked *q, const struct comparison *found)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	CLEANUP(out_free) struct out answer = out_memory(MOST_ENTRY_BYTES);
	struct packer packer = packer_new(a, &answer, NULL);
	if (pack_comparison(&packer, found, passes, o->n_required))
		cache_add(p->cache, q, out_view(&answer), call->diag);
}
