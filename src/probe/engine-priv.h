/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the parts of the engine share.  engine.c has the queue; a flight (flight.c) is one task
 * on its way, made of attempts (attempt.c), which are one conversation each; a walk (walk.c)
 * looks for the last hop that replies.
 */
#pragma once

#include "probe/engine.h"
#include "probe/socket.h"
#include "probe/timer.h"
#include "probe/tls.h"

enum {
	MILLISECOND = 1000,  /* of clock_now() */
	HOLD = 50,           /* milliseconds that a connection must live to count as accepted */
	SMALL_SEGMENT = 536, /* RFC 9293, 3.7.1: what every path carries */
	DATAGRAM_MAX = 65535,
	SPREAD = 4, /* an attempt ends after as many time-outs, whatever the server still sends */
	TRIES_MAX = 16,
};

/* What all parts use. */
struct run {
	struct arena *arena; /* of the results */
	struct arena *own;   /* ends with the run */
	const struct engine_options *options;
	struct sockets *sockets;
	struct timers timers;
	struct tls_settings *tls; /* made when the first session begins; NULL: none did */
	int64_t now;
	uint8_t *buffer; /* DATAGRAM_MAX bytes, for what comes */
};

/* The owner of a socket begins with this. */
struct watcher {
	void (*happened)(struct watcher *w, unsigned events);
	int fd; /* -1: none */
};

enum attempt_kind {
	ATTEMPT_ORDINARY,
	ATTEMPT_MUTE,  /* connects and says nothing: is it reset all the same? */
	ATTEMPT_SMALL, /* with small segments: do large packets get lost? */
	ATTEMPT_AGAIN, /* as the first, at the same time as the small one: or was the server only slow? */
};

enum attempt_stage { STAGE_CONNECT, STAGE_HOLD, STAGE_HANDSHAKE, STAGE_TALK, STAGE_OVER };

struct attempt {
	struct watcher watcher;
	struct run *run;
	void (*over)(struct attempt *at); /* the verdict is in ex, or again is true */
	void *flight;
	const struct probe_task *task;
	struct arena *arena;
	enum attempt_kind kind;
	enum attempt_stage stage;
	struct rpc_mapping *mapping; /* of a survey; NULL: none */
	struct exchange ex;
	struct socket_wish wish;
	struct timer deadline, resend;
	struct tls_session *tls;
	int64_t began, asked, last; /* asked: connection or datagram first sent; last: nothing lives longer */
	uint8_t *in;                /* not yet consumed */
	size_t n_in, room_in, came; /* came: in all */
	uint8_t *out;               /* a stream's, not yet taken by the system */
	size_t n_out, room_out;
	uint64_t sent; /* bytes of the stream of this connection */
	unsigned rounds, resends;
	struct str datagram; /* the last one, for sending it again */
	unsigned packets;
	bool weak;    /* the verdict rests on silence or loss: another attempt may know more */
	bool unheard; /* reset before anything that was sent was acknowledged */
	bool again;   /* the machine has no socket for it now */
	bool lost;    /* something had to be sent again */
	bool has_offset;
	int64_t clock_offset;
	struct probe_place where;
};

/* Begins a conversation: connects.  at is zeroed but for what is above ex. */
void attempt_begin(struct attempt *at);

/* Gives it the verdict of a fault; false when that decides nothing. */
bool attempt_fault(struct attempt *at, const struct socket_fault *f);

/* Ends it without a verdict. */
void attempt_drop(struct attempt *at);

/* When a try number i of n is made, in microseconds after the first: at 0, 1 and 3 s of 3.5 s. */
int64_t try_time(unsigned i, unsigned n, unsigned timeout);
unsigned tries_of(const struct engine_options *o, uint8_t protocol);

/* A task on its way. */
struct flight {
	struct run *run;
	const struct probe_task *task;
	struct rpc_mapping *mapping; /* of a survey; NULL: none */
	struct probe_result *result;
	struct arena *arena;
	void *pair;                              /* of addresses: the engine's */
	size_t number;                           /* of the task */
	struct attempt *attempts[TRIES_MAX + 3]; /* and those that ask once more */
	unsigned n_attempts, n_live, tries;
	bool mute, small; /* such an attempt was made */
	struct attempt *best;
	struct attempt *got_small; /* the one with small segments, where it found something */
	struct timer next;
	int64_t began;
	bool ended, again;
	void (*over)(struct flight *f); /* the result is filled in, or again is true: put it back */
};

void flight_begin(struct flight *f);
void flight_drop(struct flight *f);

/* What several tasks ask of one server, asked once. */
struct survey {
	struct run *run;
	struct probe_task task; /* one of them */
	struct rpc_mapping mapping;
	unsigned n_tasks;
	struct attempt attempt;
	struct arena *arena; /* of the attempt; NULL: it never began.  The engine frees it. */
	struct timer patience;
	bool begun, settled;
	void *pair;      /* of addresses: the engine's */
	int64_t waiting; /* the last of the tasks that wait for it: the engine's */
	void (*over)(struct survey *s);
};

/* Once for each task, before it begins. */
void survey_add(struct survey *s, const struct rpc_interface *interface);
void survey_begin(struct survey *s);

/* Ends it early; one that never began, and one that is over, stay as they are. */
void survey_drop(struct survey *s);

/* A search for the last hop that replies, with the first packet of a task. */
struct walk {
	struct watcher watcher;
	struct run *run;
	struct probe_task task;
	uint16_t port;
	struct str datagram;
	struct socket_wish wish;
	struct timer patience;
	unsigned ttl, silent;
	bool local; /* this machine does not let it be sent */
	struct probe_place found;
	void *ctx;
	void (*over)(struct walk *w);
};

void walk_begin(struct walk *w);

/* Ends it early; one that never began, and one that is over, stay as they are. */
void walk_drop(struct walk *w);

/* True when this machine does not let a datagram to that address and port be sent. */
bool walk_is_forbidden(struct run *run, const struct probe_task *task, uint16_t port);
