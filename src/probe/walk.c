/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where does it stop?  The first packet of a flow that stays silent is sent again with a time to
 * live of 1, 2, 3 ... hops.  A router counts down before it filters, so that the one that drops still
 * says "time exceeded" for its own hop.
 */
#include "probe/engine-priv.h"

enum {
	HOPS_MAX = 30,
	SILENT_MAX = 2,  /* hops in a row */
	PATIENCE = 1000, /* milliseconds a hop: routers that ration ICMP send one message a second */
};

void walk_drop(struct walk *w)
{
	timer_stop(&w->run->timers, &w->patience);
	if (w->watcher.happened && w->watcher.fd >= 0)
		socket_close(w->run->sockets, w->watcher.fd);
	w->watcher.fd = -1;
}

static void end(struct walk *w)
{
	walk_drop(w);
	w->over(w);
}

static bool is_exceeded(const struct socket_fault *f)
{
	enum { ICMP_EXCEEDED = 11, ICMP6_EXCEEDED = 3 };
	return f->fault == FAULT_ICMP && f->type == (f->offender.family == IPV4 ? ICMP_EXCEEDED : ICMP6_EXCEEDED);
}

/* Sends the datagram, or the SYN; false when that failed. */
static bool send_hop(struct walk *w, struct socket_fault *fault)
{
	w->wish.ttl = w->ttl;
	w->watcher.fd = socket_open(w->run->sockets, &w->wish, w, fault);
	if (w->watcher.fd < 0)
		return false;
	if (w->wish.protocol == PROTO_TCP)
		return true;
	socket_wants_write(w->run->sockets, w->watcher.fd, w, false);
	return socket_send(w->watcher.fd, &w->wish, w->datagram.p, w->datagram.n, fault) >= 0;
}

static void next_hop(struct walk *w);

static void take_reply(struct walk *w, const struct socket_fault *fault)
{
	if (!is_exceeded(fault)) {
		end(w); /* the target itself, or something in its place */
		return;
	}
	w->found = (struct probe_place){ w->ttl, true, false, fault->offender, 0, 0 };
	w->silent = 0;
	walk_drop(w);
	next_hop(w);
}

static void next_hop(struct walk *w)
{
	struct socket_fault fault;
	if (w->ttl == HOPS_MAX || w->silent == SILENT_MAX) {
		end(w);
		return;
	}
	w->ttl++;
	if (send_hop(w, &fault)) {
		timer_set(&w->run->timers, &w->patience,
			  w->run->now + (int64_t)MIN((unsigned)PATIENCE, w->run->options->timeout) * MILLISECOND);
		return;
	}
	end(w);
}

static void happened(struct watcher *watcher, unsigned events)
{
	struct walk *w = (struct walk *)watcher;
	struct socket_fault fault;
	if (w->watcher.fd < 0)
		return;
	socket_take_fault(w->watcher.fd, &w->wish, &fault);
	if (fault.fault != FAULT_NONE)
		take_reply(w, &fault);
	else if (events & (SOCKET_READABLE | SOCKET_WRITABLE))
		end(w); /* it connects, or replies, after all */
}

static void silence(struct timer *t)
{
	struct walk *w = (struct walk *)((char *)t - offsetof(struct walk, patience));
	w->silent++;
	walk_drop(w);
	next_hop(w);
}

bool walk_is_forbidden(struct run *run, const struct probe_task *task, uint16_t port)
{
	/* a filter on the way out tells UDP what it does not tell TCP; the packet ends at the first hop */
	struct socket_wish wish = {
		.protocol = PROTO_UDP,
		.to = task->target.address,
		.port = port,
		.has_source = task->has_source,
		.source = task->target.source,
		.ttl = 1,
	};
	struct watcher nobody = { NULL, -1 };
	struct socket_fault fault;
	int fd = socket_open(run->sockets, &wish, &nobody, &fault);
	if (fd < 0)
		return false;
	bool forbidden = socket_send(fd, &wish, "", 0, &fault) < 0 && fault.fault == FAULT_FORBIDDEN;
	socket_close(run->sockets, fd);
	return forbidden;
}

void walk_begin(struct walk *w)
{
	const struct target *t = &w->task.target;
	w->watcher = (struct watcher){ happened, -1 };
	w->patience.fire = silence;
	w->wish = (struct socket_wish){
		.protocol = t->protocol,
		.to = t->address,
		.port = w->port,
		.has_source = w->task.has_source,
		.source = t->source,
	};
	if (t->protocol == PROTO_TCP && walk_is_forbidden(w->run, &w->task, w->port)) {
		w->local = true;
		end(w);
		return;
	}
	next_hop(w);
}
