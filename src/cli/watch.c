/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves again whenever a file changes.  The plan is kept until the estate changes.
 * Of a rule file only the changed lines are read and only what they affect is
 * proved again, where the dialect and the change allow it; else the file is read
 * and proved as a whole.
 */
#include "base/system.h"
#include "cli/proving.h"
#include "probe/timer.h"
#include "prove/arrive.h"
#include "dialect/reread.h"
#include "prove/reprove.h"

enum {
	WATCH_MILLISECONDS = 50,
	/* a file that was changed this recently may change again within the same time stamp */
	UNSETTLED_MILLISECONDS = 100,
	UNSETTLED_WHOLE_SECONDS = 2, /* where stamps have no fractions */
	MOST_CHANGES = 1000,         /* that are applied before everything is read again and memory is freed */
};

/* A separate invocation, with the options of another. */
static struct invocation within(const struct invocation *call, struct arena *a)
{
	struct invocation w = *call;
	w.arena = a;
	w.diag = diag_new(a);
	return w;
}

static void print_diagnostics(const struct invocation *call)
{
	struct out err = out_fd(2);
	diag_set_quiet(call->diag, call->quiet);
	diag_print(call->diag, &err, call->colour_err);
	out_flush(&err);
	out_free(&err);
}

/* Detects that a file was replaced or changed, without reading it. */
struct stamp {
	struct path_state state;
	bool settled;
};

static struct stamp stamp_of(const char *path)
{
	struct path_state s = system_path(path);
	int64_t age = clock_wall() - s.seconds * 1000 - s.nanoseconds / 1000000;
	int64_t enough = s.nanoseconds ? UNSETTLED_MILLISECONDS : UNSETTLED_WHOLE_SECONDS * 1000;
	return (struct stamp){ s, s.kind == PATH_ABSENT || age > enough };
}

/* True when the file may have changed; *s is its current state. */
static bool stamp_renew(struct stamp *s, const char *path)
{
	struct stamp was = *s;
	*s = stamp_of(path);
	const struct path_state *now = &s->state, *then = &was.state;
	return !was.settled || then->kind != now->kind || then->device != now->device || then->number != now->number ||
	       then->size != now->size || then->seconds != now->seconds || then->nanoseconds != now->nanoseconds;
}

/* A rule file that is watched. */
struct watched {
	struct stamp stamp;
	struct arena *arena; /* of the rules and their proof */
	struct arena *text;  /* of the newest text; the first one's is arena */
	const struct source *source;
	struct ruleset *rules; /* NULL: they could not be read */
	struct proof proof;
	size_t n_changes;
};

static void forget(struct watched *w)
{
	if (w->text != w->arena)
		arena_free(w->text);
	arena_free(w->arena);
	w->text = w->arena = NULL;
	w->source = NULL;
	w->rules = NULL;
}

static bool same_text(const struct source *left, const struct source *right)
{
	return left && right && str_eq(left->text, right->text);
}

static void prove_whole(const struct task *t, struct watched *w)
{
	w->proof = prove(w->arena, w->rules, &t->question);
}

/* Starts over, with the text that is in the arena. */
static void start(struct invocation *call, const struct task *t, struct arena *a, const struct source *s,
		  struct watched *w)
{
	forget(w);
	w->arena = w->text = a;
	w->source = s;
	w->n_changes = 0;
	struct invocation own = within(call, a);
	w->rules = task_read(&own, t, s);
	print_diagnostics(&own);
	if (w->rules)
		prove_whole(t, w);
}

/* Applies the change; false when the whole file must be read.  *whole: the whole was proved. */
static bool work_in(const struct task *t, struct arena *text, const struct source *s, struct watched *w, bool *whole)
{
	struct change_of_rules change;
	struct proof proof;
	if (!w->rules || w->n_changes == MOST_CHANGES || asks_arrival(&t->question) ||
	    !dialect_reread(w->arena, t->dialect, &t->reading, w->rules, s, &change))
		return false;
	interfaces_settle(&t->map, w->rules);
	*whole = !reprove(w->arena, &w->proof, w->rules, &change, &t->question, &proof);
	if (*whole)
		prove_whole(t, w);
	else
		w->proof = proof;
	if (w->text != w->arena)
		arena_free(w->text);
	w->text = text;
	w->source = s;
	w->n_changes++;
	return true;
}

/* True when the rules have changed. */
static bool refresh(struct invocation *call, const struct task *t, struct watched *w)
{
	int64_t begin = clock_now();
	bool first = !w->arena, whole = true;
	if (!stamp_renew(&w->stamp, t->path) && !first)
		return false;
	struct arena *a = arena_new();
	struct invocation own = within(call, a);
	const struct source *s = source_read(a, t->path, MOST_RULES_BYTES, own.diag);
	if (!s) {
		/* an editor may be about to replace it; reported once */
		if (first || w->source)
			print_diagnostics(&own);
		forget(w);
		w->arena = w->text = a;
		return false;
	}
	if (same_text(s, w->source)) {
		arena_free(a);
		return false;
	}
	if (!work_in(t, a, s, w, &whole))
		start(call, t, a, s, w);
	if (w->rules && !first && !call->quiet)
		fprintf(stderr, "%s: %s in %.3f s\n", t->path, whole ? "proved again" : "what changed is proved",
			(double)(clock_now() - begin) / 1e6);
	return true;
}

static void report(struct invocation *call, const struct proving *p, const struct watched *w)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct invocation once = within(call, a);
	struct proved *all = ARENA_ARRAY(a, struct proved, p->n);
	for (size_t i = 0; i < p->n; i++)
		task_proved(&once, p, &p->tasks[i], &w[i].proof, &all[i]);
	proving_report(&once, p, all);
	print_diagnostics(&once);
	fflush(stdout);
}

static bool estate_changed(const struct invocation *call, struct stamp *stamps, struct source *const *texts, size_t n)
{
	bool changed = false;
	for (size_t i = 0; i < n; i++) {
		if (!stamp_renew(&stamps[i], call->operands[i]))
			continue;
		CLEANUP(arena_freep) struct arena *other = arena_new();
		changed |=
			!same_text(source_read(other, call->operands[i], MOST_RULES_BYTES, diag_new(other)), texts[i]);
	}
	return changed;
}

/* Runs until the estate changes. */
static void watch_estate(struct invocation *call, struct stamp *estate, size_t n_files)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct invocation own = within(call, a);
	struct source **texts = ARENA_ARRAY(a, struct source *, n_files);
	for (size_t i = 0; i < n_files; i++)
		texts[i] = source_read(a, call->operands[i], MOST_RULES_BYTES, diag_new(a));
	struct proving p;
	bool found = proving_find(&own, &p);
	print_diagnostics(&own);
	struct watched *w = ARENA_ARRAY(a, struct watched, found ? p.n : 0);
	for (;;) {
		bool changed = false, ok = found;
		for (size_t i = 0; found && i < p.n; i++) {
			changed |= refresh(&own, &p.tasks[i], &w[i]);
			ok &= w[i].rules != NULL;
		}
		if (changed && ok)
			report(&own, &p, w);
		system_sleep(WATCH_MILLISECONDS);
		if (estate_changed(call, estate, texts, n_files))
			break;
	}
	for (size_t i = 0; found && i < p.n; i++)
		forget(&w[i]);
}

void prove_watching(struct invocation *call)
{
	size_t n = count_proved_estates(call);
	struct stamp *estate = ARENA_ARRAY(call->arena, struct stamp, n);
	for (size_t i = 0; i < n; i++)
		estate[i] = stamp_of(call->operands[i]);
	for (;;)
		watch_estate(call, estate, n);
}
