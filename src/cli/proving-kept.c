/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proofs that are answered from a cache.  The question is all that the answer
 * hangs on, so what is found is what would come out again: the rules as they were
 * read, what was said while reading, and the proof.
 */
#include "cli/build-id.h"
#include "cli/proving.h"
#include "prove/proof-pack.h"

enum { MOST_QUESTION_BYTES = MOST_ENTRY_BYTES };

enum asked_about { ASKED_PROOF, ASKED_PATH };	/* what a question begins with */

static void pack_reading(struct packer *packer, const struct task *t)
{
	const struct read_options *o = &t->reading;
	pack_text(packer, t->dialect->name);
	pack_text(packer, t->source->name);	/* remarks name it */
	pack_text(packer, o->dialect_option);
	pack_bytes(packer->out, o->part);
	pack_number(packer->out, o->side);
	pack_bytes(packer->out, o->profile);
	pack_number(packer->out, o->n_shared);
	for (size_t i = 0; i < o->n_shared; i++)
		pack_bytes(packer->out, o->shared[i]);
	pack_port_range(packer, o->rpc);
	pack_number(packer->out, t->source->text.n);
}

/* False when no cache can answer it. */
static bool pack_task(const struct plan *p, const struct task *t, struct out *ret)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct packer packer = packer_new(a, ret, NULL);
	size_t n;
	const struct str *names = place_interface_names(a, p, &t->at, &n);
	pack_number(ret, ASKED_PROOF);
	bool ok = build_id(ret);
	pack_reading(&packer, t);
	pack_question(&packer, &t->map, names, n, t->required, t->n_required, t->judged.boxes, t->judged.n, &t->options);
	return ok && !ret->error;
}

static bool find_proof(struct invocation *call, const struct proving *p, const struct task *t, const struct asked *q,
		       struct proof *ret)
{
	struct str answer;
	if (!cache_find(p->cache, call->arena, q, &answer))
		return false;
	struct unpacker unpacker = unpacker_new(call->arena, answer, t->source);
	return unpack_answer(&unpacker, t->required, t->n_required, call->diag, ret);
}

static void keep_proof(struct invocation *call, const struct proving *p, const struct task *t, const struct asked *q,
		       size_t first_remark, const struct proof *proof)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	CLEANUP(out_free) struct out answer = out_memory(MOST_ENTRY_BYTES);
	struct packer packer = packer_new(a, &answer, t->source);
	if (pack_answer(&packer, call->diag, first_remark, proof, t->required))
		cache_add(p->cache, q, out_view(&answer), call->diag);
}

bool task_answer(struct invocation *call, const struct proving *p, const struct task *t, struct proof *ret)
{
	CLEANUP(out_free) struct out question = out_memory(MOST_QUESTION_BYTES);
	size_t first_remark = diag_count(call->diag);
	/* behind so many errors remarks are no longer noted, and they are part of an answer */
	bool cached = p->cache && diag_errors(call->diag) <= DIAG_MOST_SHOWN && pack_task(p->plan, t, &question);
	struct asked q = { out_view(&question), &t->source->text, 1 };
	if (cached && find_proof(call, p, t, &q, ret))
		return true;
	struct ruleset *r = task_read(call, t, t->source);
	if (!r)
		return false;
	*ret = prove(call->arena, r, &t->map, t->required, t->n_required, t->judged.boxes, t->judged.n, &t->options);
	if (cached)
		keep_proof(call, p, t, &q, first_remark, ret);
	return true;
}

/* Of a whole path: what is asked of each of its firewalls, and its flows. */
static bool pack_path(const struct proving *p, const struct compare_options *o, struct out *ret)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct packer packer = packer_new(a, ret, NULL);
	struct prove_options options = { .most = o->most };
	struct interface_map map = { 0 };
	bool ok = true;
	pack_number(ret, ASKED_PATH);
	pack_number(ret, p->n);
	for (size_t i = 0; i < p->n; i++)
		ok &= pack_task(p->plan, &p->tasks[i], ret);
	pack_question(&packer, &map, NULL, 0, o->required, o->n_required, o->judged, o->n_judged, &options);
	return ok && !ret->error;
}

struct comparison path_answer(struct invocation *call, const struct proving *p, const struct permits *needed,
			      const struct permits *passes, const struct compare_options *options)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	CLEANUP(out_free) struct out question = out_memory(MOST_QUESTION_BYTES), answer = out_memory(MOST_ENTRY_BYTES);
	struct comparison ret;
	struct str found;
	bool cached = p->cache && pack_path(p, options, &question);
	struct str *texts = ARENA_ARRAY(a, struct str, p->n);
	for (size_t i = 0; cached && i < p->n; i++)
		texts[i] = p->tasks[i].source->text;
	struct asked q = { out_view(&question), texts, p->n };
	if (cached && cache_find(p->cache, call->arena, &q, &found)) {
		struct unpacker back = unpacker_new(call->arena, found, NULL);
		if (unpack_comparison(&back, passes, options->n_required, &ret))
			return ret;
	}
	ret = compare(call->arena, needed, passes, options);
	struct packer packer = packer_new(a, &answer, NULL);
	if (cached && pack_comparison(&packer, &ret, passes, options->n_required))
		cache_add(p->cache, &q, out_view(&answer), call->diag);
	return ret;
}
