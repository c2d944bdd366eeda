/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proofs that are answered from a cache.  The question is all that the answer
 * hangs on, so what is found is what would come out again: the rules as they were
 * read, what was said while reading, and the proof.
 */
#include "cli/build-id.h"
#include "cli/proving.h"
#include "prove/keep.h"

enum { MOST_QUESTION_BYTES = MOST_ENTRY_BYTES };

static void pack_reading(struct packer *k, const struct task *t, const struct source *s)
{
	const struct read_options *o = &t->reading;
	pack_text(k, t->dialect->name);
	pack_text(k, s->name);	/* remarks name it */
	pack_text(k, o->dialect_option);
	pack_bytes(k->out, o->part);
	pack_number(k->out, o->side);
	pack_bytes(k->out, o->profile);
	pack_number(k->out, o->n_shared);
	for (size_t i = 0; i < o->n_shared; i++)
		pack_bytes(k->out, o->shared[i]);
	pack_port_range(k, o->rpc);
}

/* False when it is none that a cache can answer. */
static bool pack_task(const struct plan *p, const struct task *t, const struct source *s, struct out *ret)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct packer k = packer_new(a, ret, NULL);
	size_t n;
	const struct str *names = post_interface_names(a, p, &t->at, &n);
	bool ok = build_id(ret);
	pack_reading(&k, t, s);
	pack_question(&k, &t->map, names, n, t->required, t->n_required, t->judged.boxes, t->judged.n, &t->options);
	return ok && !ret->error;
}

static bool find_answer(struct invocation *v, const struct cache *c, struct str question, const struct task *t,
			const struct source *s, struct proof *ret)
{
	struct str answer;
	if (!cache_find(c, v->arena, question, s->text, &answer))
		return false;
	struct unpacker k = unpacker_new(v->arena, answer, s);
	return unpack_answer(&k, t->required, t->n_required, v->diag, ret);
}

static void keep_answer(struct invocation *v, struct cache *c, struct str question, const struct task *t,
			const struct source *s, size_t first_remark, const struct proof *proof)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	CLEANUP(out_free) struct out answer = out_memory(MOST_ENTRY_BYTES);
	struct packer k = packer_new(a, &answer, s);
	if (pack_answer(&k, v->diag, first_remark, proof, t->required))
		cache_add(c, question, s->text, out_view(&answer), v->diag);
}

bool task_answer(struct invocation *v, const struct proving *p, const struct task *t, const struct source *s,
		 struct cache *c, struct proof *ret)
{
	CLEANUP(out_free) struct out question = out_memory(MOST_QUESTION_BYTES);
	size_t first_remark = diag_count(v->diag);
	/* behind so many errors remarks are no longer noted, and an answer is them too */
	bool cached = c->folder >= 0 && diag_errors(v->diag) <= DIAG_MOST_SHOWN && pack_task(p->plan, t, s, &question);
	if (cached && find_answer(v, c, out_view(&question), t, s, ret))
		return true;
	struct ruleset *r = task_read(v, t, s);
	if (!r)
		return false;
	*ret = prove(v->arena, r, &t->map, t->required, t->n_required, t->judged.boxes, t->judged.n, &t->options);
	if (cached)
		keep_answer(v, c, out_view(&question), t, s, first_remark, ret);
	return true;
}
