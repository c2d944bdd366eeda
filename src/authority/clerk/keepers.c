/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keeper that signs, and one that takes its place.
 *
 * The supervisor starts a new keeper and hands its link in.  The new one says what it read once it is ready; the clerk reads the same
 * files, and where both read the same, asks the new one from then on.  The old one answers what it was asked and ends with its
 * link.  A new one that fails, or that read something else, is let go, and nothing has changed.
 */
#include <errno.h>
#include <event2/event.h>
#include <sys/socket.h>
#include <unistd.h>

#include "authority/clerk/clerk.h"
#include "authority/keeper.h"

enum { KEEPER_FRAME = 64 << 20 };

struct keepers {
	struct event *control;
	struct link *next, *done; /* done: to be freed, outside of what was heard of it */
	link_heard *heard;        /* of the clerk */
	struct arena *old_terms;
	struct str version; /* that the keeper which signs told last */
	char version_text[64];
	bool forgetting;
};

static void say(struct clerk *c, const char *text)
{
	out_printf(&c->log, "clerk: %s\n", text);
	out_flush(&c->log);
}

static void on_forget(evutil_socket_t fd, short what, void *ctx)
{
	struct clerk *c = ctx;
	struct keepers *keepers = c->keepers;
	keepers->forgetting = false;
	link_free(keepers->done);
	keepers->done = NULL;
	if (!c->leaving || c->n_leaving)
		return;
	batch_commit(c); /* what waits for it was made of the old terms */
	link_free(c->leaving);
	c->leaving = NULL;
	if (keepers->old_terms)
		arena_free(keepers->old_terms);
	keepers->old_terms = NULL;
}

/* A link may not be freed while it speaks. */
static void forget_soon(struct clerk *c)
{
	struct timeval now = { 0, 0 };
	if (!c->keepers->forgetting)
		event_base_once(c->base, -1, EV_TIMEOUT, on_forget, c, &now);
	c->keepers->forgetting = true;
}

static void let_go(struct clerk *c, const char *why)
{
	out_printf(&c->log, "clerk: the new keeper is let go: %s\n", why);
	out_text(&c->log, "nothing was changed: the keeper that signs goes on\n");
	out_flush(&c->log);
	c->keepers->done = c->keepers->next;
	c->keepers->next = NULL;
	forget_soon(c);
}

static void use_terms(struct clerk *c, const struct terms *t)
{
	c->terms = *t;
	c->decider.templates = t->templates;
	c->decider.authority_ends = t->authority.not_after;
}

static void remember_version(struct keepers *keepers, struct str version)
{
	keepers->version = (struct str){ keepers->version_text, MIN(version.n, sizeof keepers->version_text) };
	memcpy(keepers->version_text, version.p, keepers->version.n);
}

/* In store and log before anything is signed. */
static bool keep_change(struct clerk *c, struct str version)
{
	if (!batch_open(c) || !upkeep_terms(c)) {
		batch_broken(c, job_new(NULL, 0, 0, NULL));
		return false;
	}
	struct json *record = audit_begin(c->audit, "keeper", authority_now());
	json_put_str(record, "was", c->keepers->version);
	json_put_str(record, "is", version);
	audit_end(c->audit);
	return batch_commit(c);
}

static void take(struct clerk *c, struct str version)
{
	struct keepers *keepers = c->keepers;
	struct terms old = c->terms, new;
	struct arena *a = arena_new();
	struct diag *d = diag_new(a);
	batch_commit(c);
	if (!terms_read(a, c->folder, &new, d)) {
		diag_print(d, &c->log, false);
		let_go(c, "the clerk cannot read what it read");
	} else if (!str_eq(new.version, version)) {
		let_go(c, "it read other templates or another certificate than the clerk; send SIGHUP again");
	} else {
		use_terms(c, &new);
		ocsp_forget(c->ocsp);
		if (keep_change(c, version)) {
			bool same = str_eq(old.chain.v[0], new.chain.v[0]);
			c->leaving = c->keeper;
			c->n_leaving = c->n_signing;
			c->n_signing = 0;
			keepers->old_terms = old.arena == c->arena ? NULL : old.arena;
			c->keeper = keepers->next;
			keepers->next = NULL;
			remember_version(keepers, version);
			say(c, "the new keeper signs from now on");
			forget_soon(c);
			if (!same)
				upkeep_new_authority(c);
			return;
		}
		use_terms(c, &old);
		let_go(c, "the change cannot be kept in the store");
	}
	arena_free(a);
}

bool keepers_heard(struct clerk *c, struct link *l, enum message_type type, const void *message)
{
	struct keepers *keepers = c->keepers;
	const struct tell_keeper *ready = message;
	if (l == keepers->next && message && type == TELL_KEEPER) {
		take(c, ready->version);
	} else if (l == keepers->next) {
		let_go(c, message ? "it answers before it was asked" : "it ended");
	} else if (l == c->leaving) {
		forget_soon(c); /* once this was its last answer */
		return !message && !c->n_leaving;
	} else if (l == keepers->done) {
		return true;
	} else if (l == c->keeper && message && type == TELL_KEEPER) {
		if (!str_eq(ready->version, c->terms.version))
			say(c, "the keeper read other templates or another certificate; SIGHUP reads both anew");
		remember_version(keepers, ready->version);
	} else {
		return false;
	}
	return true;
}

static const uint64_t of_keeper = 1u << TELL_CERTIFICATE | 1u << TELL_SIGNED | 1u << CALL_FAILED | 1u << TELL_KEEPER;

/* One byte, and the descriptor of a link. */
static int received(int control)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} beside;
	char byte;
	struct iovec bytes = { &byte, 1 };
	struct msghdr m = {
		.msg_iov = &bytes, .msg_iovlen = 1, .msg_control = &beside, .msg_controllen = sizeof beside
	};
	int fd = -1;
	if (recvmsg(control, &m, MSG_CMSG_CLOEXEC) != 1)
		return -1;
	const struct cmsghdr *h = CMSG_FIRSTHDR(&m);
	if (h && h->cmsg_level == SOL_SOCKET && h->cmsg_type == SCM_RIGHTS && h->cmsg_len == CMSG_LEN(sizeof fd))
		memcpy(&fd, CMSG_DATA(h), sizeof fd);
	return fd;
}

static void on_control(evutil_socket_t fd, short what, void *ctx)
{
	struct clerk *c = ctx;
	struct keepers *keepers = c->keepers;
	int link = received(fd);
	if (link < 0)
		return;
	if (keepers->next || c->leaving || keepers->done) {
		close(link); /* one at a time: the supervisor waits for the end of the old one */
		say(c, "a new keeper came while another was on its way, and is let go; send SIGHUP again");
		return;
	}
	keepers->next = link_new(c->base, link, of_keeper, KEEPER_FRAME, keepers->heard, c);
}

void keepers_start(struct clerk *c, int keeper, int control, link_heard *heard)
{
	struct keepers *keepers = c->keepers = ARENA_NEW(c->arena, struct keepers);
	keepers->heard = heard;
	c->keeper = link_new(c->base, keeper, of_keeper, KEEPER_FRAME, keepers->heard, c);
	if (control < 0)
		return;
	evutil_make_socket_nonblocking(control);
	keepers->control = event_new(c->base, control, EV_READ | EV_PERSIST, on_control, c);
	event_add(keepers->control, NULL);
}

void keepers_end(struct clerk *c)
{
	struct keepers *keepers = c->keepers;
	link_free(c->keeper);
	link_free(keepers->next);
	link_free(c->leaving);
	link_free(keepers->done);
}
