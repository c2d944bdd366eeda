/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine: runs probes over sockets, many at a time, and gives each a result.
 *
 * A task is one target and one probe.  N targets that stay silent cost N / in_flight time-outs.
 * Errors of ICMP, which systems ration, are not provoked faster than `rate`.  Memory grows with
 * the tasks in flight and with the results, never with what a server sends.
 */
#pragma once

#include <signal.h>

#include "probe/probe.h"

struct probe_task {
	struct target target;
	const struct probe *probe; /* NULL: nothing is sent, and preset is the result */
	bool has_source;           /* target.source is to be used; else the system chooses */
	enum probe_reason preset;
	struct str preset_text;
};

/* Where it ended: the sender of an ICMP message, or the last hop that replies. */
struct probe_place {
	unsigned hop; /* 0: not counted */
	bool has_address, has_icmp;
	struct addr address;
	uint8_t type, code;
};

struct probe_result {
	enum probe_reason reason;
	struct str text; /* one line for people; what a server said in it is not escaped */
	bool stand_in;
	uint16_t port; /* the one that decided */
	struct probe_place where;
	unsigned milliseconds, packets; /* packets sent */
	bool has_clock;
	int64_t clock_offset; /* milliseconds that its clock is ahead */
	const struct evidence *evidence;
	size_t n_evidence;
	const struct advice_found *advice; /* the oldest first */
};

struct engine_options {
	unsigned in_flight;   /* flows at a time */
	unsigned per_address; /* of those to one address */
	unsigned rate;        /* flows a second and pair of addresses that ICMP may answer; 0: any number */
	unsigned timeout;     /* milliseconds */
	unsigned tries;       /* 0: one connection, three datagrams */
	bool no_trace;        /* do not look for the last hop that replies */
	const char *ca;       /* file of trusted certificates; NULL: the system's */
	const volatile sig_atomic_t *stop; /* not 0: end now; the rest is not-tried */
	void (*progress)(void *ctx, size_t done, size_t all);
	void *ctx;
};

extern const struct engine_options engine_defaults;

/* n results, in the order of the tasks.  False after an error in *why: the machine refused. */
bool engine_run(struct arena *a, const struct probe_task *tasks, size_t n, const struct engine_options *options,
		struct probe_result *results, struct str *why);

/* What a probe would send first: connects to nothing.  Empty: nothing, or a TLS handshake comes first. */
struct str engine_first_packet(struct arena *a, const struct probe_task *task);
