/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One task on its way: its attempts, and which of them counts.
 *
 * The first attempt that ends with a certain verdict decides.  A verdict that rests on silence waits
 * for the other attempts.  Two of them ask once more: silence after data was acknowledged, with small
 * segments and without; a reset at the first data, without saying anything.
 */
#include "probe/engine-priv.h"

/* The more was seen, the higher. */
static unsigned weight(const struct attempt *at)
{
	switch (at->ex.reason) {
	case REASON_DROPPED:
	case REASON_NO_ANSWER:
		return 0;
	case REASON_DATA_LOST:
		return 1;
	case REASON_RESET_ON_DATA:
		return 2;
	case REASON_SILENT:
		return 3;
	default:
		return 4;
	}
}

static void copy_findings(struct flight *f, const struct exchange *ex)
{
	struct arena *a = f->run->arena;
	struct evidence *evidence = ARENA_ARRAY(a, struct evidence, ex->n_evidence);
	const struct advice_found *oldest_first = f->result->advice;
	for (size_t i = 0; i < ex->n_evidence; i++)
		evidence[i] = (struct evidence){ ex->evidence[i].key, str_dup(a, ex->evidence[i].value) };
	f->result->evidence = evidence;
	f->result->n_evidence = ex->n_evidence;
	for (const struct advice_found *from = ex->advice; from; from = from->next) {
		/* What a stand-in lacks says nothing of the server to come; the path may be worth a word. */
		if (ex->stand_in && strcmp(from->id, "source-is-translated") != 0)
			continue;
		struct advice_found *to = ARENA_NEW(a, struct advice_found);
		*to = (struct advice_found){ from->id, from->level, str_dup(a, from->text), oldest_first };
		oldest_first = to;
	}
	f->result->advice = oldest_first;
}

/* Kerberos refuses tickets from five minutes of difference on (RFC 4120, 1.6). */
static void judge_clock(struct flight *f)
{
	enum { WARN = 120, ERROR = 300 };
	struct probe_result *r = f->result;
	int64_t seconds = (r->clock_offset < 0 ? -r->clock_offset : r->clock_offset) / 1000;
	if (seconds <= WARN)
		return;
	struct advice_found *found = ARENA_NEW(f->run->arena, struct advice_found);
	bool error = seconds > ERROR;
	*found = (struct advice_found){
		"clock-offset",
		error ? ADVICE_ERROR : ADVICE_WARNING,
		str_printf(f->run->arena, "its clock and that of this machine differ by more than %d s%s",
			   error ? ERROR : WARN, error ? ": Kerberos does not work between them" : ""),
		r->advice,
	};
	r->advice = found;
}

static void drop_all(struct flight *f)
{
	timer_stop(&f->run->timers, &f->next);
	for (unsigned i = 0; i < f->n_attempts; i++)
		if (f->attempts[i]->stage != STAGE_OVER)
			attempt_drop(f->attempts[i]);
	f->n_live = 0;
	f->ended = true;
}

void flight_drop(struct flight *f)
{
	drop_all(f);
	for (unsigned i = 0; i < f->n_attempts; i++)
		f->result->packets += f->attempts[i]->packets;
}

static void conclude(struct flight *f, struct attempt *at)
{
	struct probe_result *r = f->result;
	f->best = at;
	flight_drop(f);
	r->reason = at->ex.reason;
	r->text = str_dup(f->run->arena, at->ex.text);
	r->stand_in = at->ex.stand_in;
	r->port = at->wish.any_port || at->ex.probe->replies_elsewhere ? f->task->target.port : at->wish.port;
	r->where = at->where;
	r->milliseconds = (unsigned)((f->run->now - f->began) / MILLISECOND);
	copy_findings(f, &at->ex);
	if (at->has_offset) {
		r->has_clock = true;
		r->clock_offset = at->clock_offset;
		judge_clock(f);
	}
	f->over(f);
}

static void attempt_over(struct attempt *at);

static void try_once(struct flight *f, enum attempt_kind kind)
{
	struct attempt *at = ARENA_NEW(f->arena, struct attempt);
	*at = (struct attempt){
		.run = f->run,
		.over = attempt_over,
		.flight = f,
		.task = f->task,
		.arena = f->arena,
		.kind = kind,
		.mapping = f->mapping,
	};
	f->attempts[f->n_attempts++] = at;
	f->n_live++;
	attempt_begin(at);
}

static void set_next(struct flight *f)
{
	unsigned tries = tries_of(f->run->options, PROTO_TCP);
	if (f->task->target.protocol == PROTO_TCP && f->tries < tries)
		timer_set(&f->run->timers, &f->next, f->began + try_time(f->tries, tries, f->run->options->timeout));
}

static void try_next(struct timer *t)
{
	struct flight *f = (struct flight *)((char *)t - offsetof(struct flight, next));
	f->tries++;
	set_next(f);
	try_once(f, ATTEMPT_ORDINARY);
}

/* Every attempt is over, and none was certain. */
static void settle(struct flight *f)
{
	enum { HEARD = 3 }; /* data was acknowledged, or something came */
	struct attempt *best = f->best;
	bool asked = best->ex.probe->input && f->task->target.protocol == PROTO_TCP;
	if (best->ex.reason == REASON_RESET_ON_DATA && best->unheard && !f->mute) {
		f->mute = true;
		try_once(f, ATTEMPT_MUTE);
	} else if (asked && weight(best) >= HEARD && !f->small) {
		f->small = true;
		try_once(f, ATTEMPT_SMALL);
		if (!f->ended)
			try_once(f, ATTEMPT_AGAIN);
	} else {
		conclude(f, best);
	}
}

/* With small segments it replies, and without them it does not, at the same time. */
static void conclude_small(struct flight *f)
{
	struct attempt *at = f->got_small;
	at->ex.reason = REASON_MTU_BLACK_HOLE;
	at->ex.text = str_printf(f->arena, "large packets are lost, and no ICMP message says so; with small ones, %.*s",
				 STR_ARG(at->ex.text));
	conclude(f, at);
}

/* What an attempt shows that asks once more. */
static void attempt_judged(struct flight *f, struct attempt *at)
{
	enum state state = reason_state(at->ex.reason);
	switch (at->kind) {
	case ATTEMPT_ORDINARY:
		return;
	case ATTEMPT_MUTE:
		if (at->ex.reason == REASON_RESET_ON_CONNECT)
			conclude(f, at);
		else
			settle(f);
		return;
	case ATTEMPT_SMALL:
		/* what fits into a small segment came by large ones just as well */
		if (!at->weak && (state == STATE_SERVING || state == STATE_WRONG) &&
		    (at->came > SMALL_SEGMENT || at->sent > SMALL_SEGMENT))
			f->got_small = at;
		break;
	case ATTEMPT_AGAIN:
		if (!at->weak) {
			conclude(f, at);
			return;
		}
		break;
	}
	if (f->n_live == 0 && f->got_small)
		conclude_small(f);
	else if (f->n_live == 0)
		conclude(f, f->best);
}

static void attempt_over(struct attempt *at)
{
	struct flight *f = at->flight;
	if (f->ended)
		return;
	f->n_live--;
	if (at->again) {
		if (f->n_live == 0 && !f->best) {
			drop_all(f);
			f->again = true;
			f->over(f);
		} else if (f->n_live == 0 && !f->next.place) {
			conclude(f, f->best);
		}
		return;
	}
	if (at->kind != ATTEMPT_ORDINARY) {
		attempt_judged(f, at);
		return;
	}
	if (!at->weak) {
		conclude(f, at);
		return;
	}
	if (!f->best || weight(at) > weight(f->best))
		f->best = at;
	if (f->n_live == 0 && !f->next.place)
		settle(f);
}

void flight_begin(struct flight *f)
{
	f->began = f->run->now;
	f->next.fire = try_next;
	f->tries = 1;
	set_next(f);
	try_once(f, ATTEMPT_ORDINARY);
}
