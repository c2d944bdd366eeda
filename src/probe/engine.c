/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The queue: which task is next, without hurting anyone, and the loop that runs what is in flight.
 */
#include "probe/engine.h"

#include "base/strmap.h"
#include "base/vec.h"
#include "probe/engine-priv.h"

enum {
	NOBODY = -1,
	WALKS_AT_ONCE = 8,
	SECOND_LOOKS = 16,      /* a pair: of flows whose ICMP message may have been rationed */
	SECOND_LOOK_GAP = 1100, /* milliseconds: Linux sends one message a second (icmp_ratelimit) */
	LOOK_UP = 200,          /* milliseconds: how soon the loop sees that it has to stop */
	REPORTS = 256,
};

/* Tasks of a pair of addresses wait in one of three lines. */
enum line { LINE_FREE, LINE_PACED, LINE_SECOND, N_LINES };

struct pair {
	unsigned active;
	unsigned second_looks;
	int64_t first[N_LINES], last[N_LINES]; /* tasks by number; NOBODY */
	int64_t due[N_LINES];                  /* of a paced line: when its next task may start, less the burst */
	bool rations;                          /* it, or a device before it, sent ICMP errors */
	bool loses;                            /* something had to be sent again before it replied */
	bool ready;                            /* in the round of those that may have a task to start */
	struct pair *next;
	struct timer wake;
	struct engine *engine;
};

/* Flows that stay silent in the same way share one search. */
struct group {
	struct walk walk;
	bool over;
	struct group *next;
};

struct engine {
	struct run run;
	const struct probe_task *tasks;
	struct probe_result *results;
	size_t n, done;
	struct pair **pairs;     /* by task */
	int64_t *following;      /* the task behind one in its line */
	struct group **groups;   /* by task; NULL: none */
	struct survey **surveys; /* by task; NULL: it needs none */
	bool *second;            /* by task: it had its second look */
	struct strmap by_address, by_network, by_mapper;
	struct pair *ready, **ready_end;
	struct group *waiting, **waiting_end;
	unsigned n_walks, limit, active;
	VEC(struct flight *) all, idle, ended;
	VEC(struct survey *) settled; /* their memory is to be freed */
};

const struct engine_options engine_defaults = {
	.in_flight = 64,
	.per_address = 8,
	.rate = 5,
	.timeout = 3500,
};

static bool is_paced(const struct engine *e, size_t i)
{
	return e->tasks[i].target.protocol != PROTO_TCP && e->run.options->rate;
}

static void make_ready(struct engine *e, struct pair *h)
{
	if (h->ready)
		return;
	h->ready = true;
	h->next = NULL;
	*e->ready_end = h;
	e->ready_end = &h->next;
}

static void append(struct engine *e, struct pair *h, enum line line, int64_t task)
{
	e->following[task] = NOBODY;
	if (h->last[line] == NOBODY)
		h->first[line] = task;
	else
		e->following[h->last[line]] = task;
	h->last[line] = task;
	make_ready(e, h);
}

static void put_back(struct engine *e, struct pair *h, enum line line, int64_t task)
{
	e->following[task] = h->first[line];
	h->first[line] = task;
	if (h->last[line] == NOBODY)
		h->last[line] = task;
	make_ready(e, h);
}

static void wake_pair(struct timer *t)
{
	struct pair *h = (struct pair *)((char *)t - offsetof(struct pair, wake));
	make_ready(h->engine, h);
}

/* From one source to one address; to a network, when length is less than that of an address. */
static struct str pair_key(struct arena *a, const struct probe_task *task, unsigned length, unsigned more)
{
	const struct target *t = &task->target;
	struct addr_range net = prefix_range(t->address, length);
	struct addr source = task->has_source ? t->source : (struct addr){ t->address.family, 0 };
	char to[RANGE_TEXT], from[ADDR_TEXT];
	return str_printf(a, "%s %s %u", addr_text(source, from), addr_range_text(&net, to), more);
}

static struct pair *pair_of(struct engine *e, const struct probe_task *task)
{
	struct arena *a = e->run.own;
	struct str key = pair_key(a, task, addr_bits(task->target.address.family), 0);
	struct pair *h = strmap_get(&e->by_address, key);
	if (h)
		return h;
	h = ARENA_NEW(a, struct pair);
	*h = (struct pair){ .engine = e, .wake.fire = wake_pair };
	for (int line = 0; line < N_LINES; line++)
		h->first[line] = h->last[line] = NOBODY;
	strmap_add(&e->by_address, key, h);
	return h;
}

/* Pace: a line that was idle may start a burst of `rate` tasks, and then one a gap. */
static int64_t gap_of(const struct engine *e, enum line line)
{
	if (line == LINE_SECOND)
		return (int64_t)SECOND_LOOK_GAP * MILLISECOND;
	return line == LINE_PACED ? 1000 * MILLISECOND / e->run.options->rate : 0;
}

static int64_t burst_of(const struct engine *e, enum line line)
{
	return line == LINE_PACED ? gap_of(e, line) * (e->run.options->rate - 1) : 0;
}

/* Done: a result that nothing changes any more but the search for the last hop. */
static void count(struct engine *e)
{
	e->done++;
	if (e->run.options->progress)
		e->run.options->progress(e->run.options->ctx, e->done, e->n);
}

static void walk_over(struct walk *w)
{
	struct group *g = w->ctx;
	struct engine *e = (struct engine *)((char *)w->run - offsetof(struct engine, run));
	g->over = true;
	e->n_walks--;
}

static void start_walks(struct engine *e)
{
	while (e->waiting && e->n_walks < WALKS_AT_ONCE) {
		struct group *g = e->waiting;
		e->waiting = g->next;
		if (!e->waiting)
			e->waiting_end = &e->waiting;
		e->n_walks++;
		walk_begin(&g->walk);
	}
}

/* Gives a silent flow the search of its network, and begins one for the first of them. */
static void trace(struct engine *e, const struct flight *f)
{
	enum { NETWORK4 = 24, NETWORK6 = 64 };
	struct arena *a = e->run.own;
	const struct target *t = &f->task->target;
	struct str key = pair_key(a, f->task, t->address.family == IPV4 ? NETWORK4 : NETWORK6,
				  (unsigned)t->protocol * N_REASONS + f->result->reason);
	struct group *g = strmap_get(&e->by_network, key);
	if (!g) {
		g = ARENA_NEW(a, struct group);
		g->walk = (struct walk){
			.run = &e->run,
			.task = *f->task,
			.port = f->result->port,
			.datagram = str_dup(a, f->best->datagram),
			.ctx = g,
			.over = walk_over,
		};
		strmap_add(&e->by_network, key, g);
		*e->waiting_end = g;
		e->waiting_end = &g->next;
	}
	e->groups[f->number] = g;
}

/* A target that sends ICMP errors may only have rationed this one. */
static bool wants_second_look(struct engine *e, struct pair *h, const struct flight *f)
{
	if (f->result->reason != REASON_NO_ANSWER || !h->rations || e->second[f->number] ||
	    h->second_looks == SECOND_LOOKS || !e->run.options->rate)
		return false;
	h->second_looks++;
	e->second[f->number] = true;
	return true;
}

static void learn(struct engine *e, struct pair *h, const struct flight *f)
{
	const struct probe_result *r = f->result;
	bool heard = reason_state(r->reason) == STATE_SERVING || reason_state(r->reason) == STATE_WRONG;
	if (is_paced(e, f->number) && r->where.has_icmp)
		h->rations = true;
	if (is_paced(e, f->number) && heard)
		h->due[LINE_PACED] -= gap_of(e, LINE_PACED); /* it cost no ICMP message */
	for (unsigned i = 0; heard && i < f->n_attempts; i++)
		h->loses |= f->attempts[i]->lost;
}

static void flight_over(struct flight *f)
{
	struct engine *e = (struct engine *)((char *)f->run - offsetof(struct engine, run));
	struct pair *h = f->pair;
	*VEC_ADD(e->run.own, &e->ended) = f;
	e->active--;
	h->active--;
	make_ready(e, h);
	if (f->again) {
		e->limit = MAX(e->active, 1u);
		put_back(e, h, is_paced(e, f->number) ? LINE_PACED : LINE_FREE, (int64_t)f->number);
		return;
	}
	learn(e, h, f);
	if (wants_second_look(e, h, f)) {
		append(e, h, LINE_SECOND, (int64_t)f->number);
		return;
	}
	if (!e->run.options->no_trace && (f->result->reason == REASON_DROPPED || f->result->reason == REASON_NO_ANSWER))
		trace(e, f);
	count(e);
}

static struct flight *idle_flight(struct engine *e)
{
	struct arena *own;
	struct flight *f;
	if (e->idle.n) {
		f = e->idle.v[--e->idle.n];
		own = f->arena;
		arena_reset(own);
	} else {
		f = ARENA_NEW(e->run.own, struct flight);
		own = arena_new();
		*VEC_ADD(e->run.own, &e->all) = f;
	}
	*f = (struct flight){ .arena = own, .run = &e->run, .over = flight_over };
	return f;
}

/* Puts back those that waited, in their order. */
static void survey_over(struct survey *s)
{
	struct engine *e = (struct engine *)((char *)s->run - offsetof(struct engine, run));
	struct pair *h = s->pair;
	int64_t next;
	e->active--;
	h->active--;
	h->loses |= s->attempt.lost && s->mapping.v[0].known;
	for (int64_t i = s->waiting; i != NOBODY; i = next) {
		next = e->following[i];
		put_back(e, h, LINE_FREE, i);
	}
	*VEC_ADD(e->run.own, &e->settled) = s;
}

/* True when the task waits for a survey, which the first of them begins. */
static bool waits_for_survey(struct engine *e, struct pair *h, size_t i)
{
	struct survey *s = e->surveys[i];
	if (!s || s->settled)
		return false;
	e->following[i] = s->waiting;
	s->waiting = (int64_t)i;
	if (s->begun)
		return true;
	h->active++;
	e->active++;
	survey_begin(s);
	return true;
}

/* The packets of a survey are counted once. */
static unsigned packets_of_survey(struct survey *s)
{
	unsigned n = s ? s->attempt.packets : 0;
	if (s)
		s->attempt.packets = 0;
	return n;
}

static void start(struct engine *e, struct pair *h, enum line line)
{
	size_t i = (size_t)h->first[line];
	h->first[line] = e->following[i];
	if (h->first[line] == NOBODY)
		h->last[line] = NOBODY;
	if (waits_for_survey(e, h, i))
		return;
	struct flight *f = idle_flight(e);
	h->due[line] = MAX(h->due[line], e->run.now) + gap_of(e, line);
	h->active++;
	e->active++;
	f->task = &e->tasks[i];
	f->result = &e->results[i];
	f->number = i;
	f->pair = h;
	f->mapping = e->surveys[i] ? &e->surveys[i]->mapping : NULL;
	*f->result = (struct probe_result){ .port = f->task->target.port, .packets = packets_of_survey(e->surveys[i]) };
	flight_begin(f);
}

/* Starts one task of a pair.  False when none may start now. */
static bool start_one(struct engine *e, struct pair *h)
{
	int64_t soonest = INT64_MAX;
	if (h->active >= e->run.options->per_address)
		return false;
	for (enum line line = 0; line < N_LINES; line++) {
		if (h->first[line] == NOBODY)
			continue;
		int64_t when = h->due[line] - burst_of(e, line);
		if (when <= e->run.now) {
			start(e, h, line);
			return true;
		}
		soonest = MIN(soonest, when);
	}
	if (soonest != INT64_MAX)
		timer_set(&e->run.timers, &h->wake, soonest);
	return false;
}

static void dispatch(struct engine *e)
{
	while (e->ready && e->active < e->limit) {
		struct pair *h = e->ready;
		e->ready = h->next;
		if (!e->ready)
			e->ready_end = &e->ready;
		h->ready = false;
		if (start_one(e, h))
			make_ready(e, h); /* behind the others */
	}
	start_walks(e);
}

static void step(struct engine *e)
{
	struct socket_report reports[REPORTS];
	dispatch(e);
	size_t n = sockets_wait(e->run.sockets, timers_wait(&e->run.timers, e->run.now, LOOK_UP), reports, REPORTS);
	e->run.now = clock_now();
	for (size_t i = 0; i < n; i++) {
		struct watcher *w = reports[i].owner;
		w->happened(w, reports[i].events);
	}
	timers_fire(&e->run.timers, e->run.now);
	/* only now: a report may have named an attempt of a flight that had ended */
	for (size_t i = 0; i < e->ended.n; i++)
		*VEC_ADD(e->run.own, &e->idle) = e->ended.v[i];
	e->ended.n = 0;
	for (size_t i = 0; i < e->settled.n; i++)
		arena_free(e->settled.v[i]->arena);
	e->settled.n = 0;
}

static bool is_stopped(const struct engine *e)
{
	return e->run.options->stop && *e->run.options->stop;
}

/* What is known of the way, beside the verdict. */
static void add_place(struct engine *e, size_t i)
{
	struct arena *a = e->run.arena;
	struct probe_result *r = &e->results[i];
	const struct group *g = e->groups[i];
	char who[ADDR_TEXT];
	if (g && g->walk.local && walk_is_forbidden(&e->run, &e->tasks[i], r->port)) {
		r->reason = REASON_LOCAL;
		r->text = STR("a filter of this machine does not let it be sent");
		return;
	}
	if (g && g->walk.found.has_address && !r->where.has_address) {
		r->where = g->walk.found;
		r->text = str_printf(a, "%.*s; the last hop that replies is number %u, %s", STR_ARG(r->text),
				     r->where.hop, addr_text(r->where.address, who));
	}
	if ((r->reason == REASON_DROPPED || r->reason == REASON_NO_ANSWER) && e->pairs[i] && e->pairs[i]->loses)
		r->text = str_printf(a, "%.*s; the path loses packets", STR_ARG(r->text));
}

/* A task that sends nothing has its result at once. */
static bool preset(const struct probe_task *task, struct probe_result *r)
{
	const struct probe *p = task->probe;
	uint8_t protocol = task->target.protocol;
	*r = (struct probe_result){ .reason = REASON_NOT_TRIED,
				    .port = task->target.port,
				    .text = STR("the probe ended before its turn") };
	if (!p) {
		r->reason = task->preset;
		r->text = task->preset_text;
		return true;
	}
	/* TLS runs over streams */
	if (protocol == PROTO_UDP && (p->tls_first || task->target.tls)) {
		r->reason = REASON_NEEDS_LISTENER;
		r->text = STR("no exchange over UDP is known");
		return true;
	}
	bool sends =
		protocol == PROTO_TCP || protocol == PROTO_UDP || protocol == PROTO_ICMP || protocol == PROTO_ICMP6;
	if (sends && (protocol == PROTO_TCP || p->start))
		return false;
	r->reason = reason_state(p->best) == STATE_UNKNOWN ? p->best : REASON_NEEDS_LISTENER;
	r->text = str_of(p->why_not ? p->why_not : reason_text(r->reason));
	return true;
}

/* Tasks that ask the same endpoint mapper share one survey. */
static struct survey *survey_of(struct engine *e, size_t i)
{
	struct arena *a = e->run.own;
	const struct probe_task *task = &e->tasks[i];
	struct str key = pair_key(a, task, addr_bits(task->target.address.family), task->target.port);
	struct survey *s = strmap_get(&e->by_mapper, key);
	if (s)
		return s;
	s = ARENA_NEW(a, struct survey);
	*s = (struct survey){
		.run = &e->run,
		.task = *task,
		.pair = e->pairs[i],
		.waiting = NOBODY,
		.over = survey_over,
	};
	strmap_add(&e->by_mapper, key, s);
	return s;
}

static void find_surveys(struct engine *e)
{
	for (size_t i = 0; i < e->n; i++) {
		const struct probe_task *task = &e->tasks[i];
		if (!e->pairs[i] || !task->probe->survey || !task->probe->needs_survey(&task->target))
			continue;
		e->surveys[i] = survey_of(e, i);
		survey_add(e->surveys[i], &task->target.interface);
	}
	for (size_t i = 0; i < e->n; i++)
		if (e->surveys[i] && e->surveys[i]->n_tasks == 1)
			e->surveys[i] = NULL;
}

static void fill_lines(struct engine *e)
{
	for (size_t i = 0; i < e->n; i++) {
		if (preset(&e->tasks[i], &e->results[i])) {
			count(e);
			continue;
		}
		e->pairs[i] = pair_of(e, &e->tasks[i]);
		append(e, e->pairs[i], is_paced(e, i) ? LINE_PACED : LINE_FREE, (int64_t)i);
	}
}

static void walks_stop(struct engine *e)
{
	for (size_t i = 0; i < e->n; i++)
		if (e->groups[i])
			walk_drop(&e->groups[i]->walk);
}

static void surveys_stop(struct engine *e)
{
	for (size_t i = 0; i < e->n; i++) {
		struct survey *s = e->surveys[i];
		if (!s || !s->begun || s->settled)
			continue;
		survey_drop(s);
		s->settled = true;
		arena_free(s->arena);
	}
}

/* Ended early: what is still in flight was not tried. */
static void abandon(struct engine *e)
{
	for (size_t i = 0; i < e->all.n; i++) {
		struct flight *f = e->all.v[i];
		if (!f->ended) {
			flight_drop(f);
			preset(f->task, f->result);
		}
		arena_free(f->arena);
	}
}

static bool prepare(struct engine *e, struct str *why)
{
	e->run.sockets = sockets_new(e->run.own);
	if (!e->run.sockets) {
		*why = STR("cannot wait for sockets");
		return false;
	}
	e->run.buffer = arena_alloc(e->run.own, DATAGRAM_MAX);
	e->run.timers.arena = e->run.own;
	e->run.now = clock_now();
	return true;
}

bool engine_run(struct arena *a, const struct probe_task *tasks, size_t n, const struct engine_options *options,
		struct probe_result *results, struct str *why)
{
	CLEANUP(arena_freep) struct arena *own = arena_new();
	struct engine *e = ARENA_NEW(own, struct engine);
	*e = (struct engine){
		.run = { .arena = a, .own = own, .options = options },
		.tasks = tasks,
		.results = results,
		.n = n,
		.pairs = ARENA_ARRAY(own, struct pair *, n),
		.following = ARENA_ARRAY(own, int64_t, n),
		.groups = ARENA_ARRAY(own, struct group *, n),
		.surveys = ARENA_ARRAY(own, struct survey *, n),
		.second = ARENA_ARRAY(own, bool, n),
		.by_address = strmap_new(own),
		.by_network = strmap_new(own),
		.by_mapper = strmap_new(own),
		.limit = MAX(MIN(options->in_flight, sockets_room()), 1u),
	};
	e->ready_end = &e->ready;
	e->waiting_end = &e->waiting;
	if (!prepare(e, why))
		return false;
	fill_lines(e);
	find_surveys(e);
	while ((e->done < n || e->n_walks || e->waiting) && !is_stopped(e))
		step(e);
	walks_stop(e);
	surveys_stop(e);
	abandon(e);
	for (size_t i = 0; i < n; i++)
		add_place(e, i);
	sockets_close(e->run.sockets);
	return true;
}

struct str engine_first_packet(struct arena *a, const struct probe_task *task)
{
	const struct probe *probe = task->probe;
	struct exchange ex;
	if (!probe || !probe->start || probe->tls_first || task->target.tls)
		return NO_STR;
	ex = (struct exchange){
		.arena = a,
		.target = &task->target,
		.probe = probe,
		.state = arena_alloc(a, probe->state_size),
		.random = arena_alloc(a, RANDOM_BYTES),
	};
	probe->start(&ex);
	return buffer_view(&ex.send);
}
