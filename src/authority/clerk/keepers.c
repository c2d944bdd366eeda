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
#include <openssl/pem.h>
#include <sys/socket.h>
#include <unistd.h>

#include "authority/clerk/clerk.h"
#include "authority/keeper.h"

enum { KEEPER_FRAME = 64 << 20 };

struct keepers {
	struct event *control;
	struct link *next, *leaving, *done; /* done: to be freed, outside of what was heard of it */
	size_t asked, asked_of_leaving;     /* and not answered yet */
	struct arena *old_terms;
	struct str version; /* that the keeper which signs told last */
	char version_text[64];
	bool forgetting;
};

/* Reading */

static bool read_chain(struct terms *t, const char *folder, struct diag *d)
{
	enum { PEM_MAX = 64 << 10, CHAIN_MAX = 8 };
	struct source *s = source_read(t->arena, arena_printf(t->arena, "%s/ca.pem", folder), PEM_MAX, d);
	VEC(struct str) chain = { 0 };
	if (!s)
		return false;
	BIO *b = BIO_new_mem_buf(s->text.p, (int)s->text.n);
	for (X509 *one; chain.n < CHAIN_MAX && (one = PEM_read_bio_X509(b, NULL, NULL, NULL)); X509_free(one))
		*VEC_ADD(t->arena, &chain) = certificate_der(t->arena, one);
	BIO_free(b);
	t->chain = (struct strs_field){ chain.v, chain.n };
	const char *wrong = chain.n ? certificate_read(t->arena, chain.v[0], &t->authority) : "it holds no certificate";
	return !wrong || diag_error(d, NOWHERE, "\"%s\": %s", s->name, wrong);
}

bool terms_read(struct arena *a, const char *folder, struct terms *ret, struct diag *d)
{
	*ret = (struct terms){ .arena = a };
	ret->templates = templates_read(a, arena_printf(a, "%s/templates", folder), d);
	if (!ret->templates || !read_chain(ret, folder, d))
		return false;
	ret->version = keeper_version(a, ret->templates, ret->chain.v[0]);
	return true;
}

/* Taking */

static void say(struct clerk *c, const char *text)
{
	out_printf(&c->log, "clerk: %s\n", text);
	out_flush(&c->log);
}

static void on_forget(evutil_socket_t fd, short what, void *ctx)
{
	struct clerk *c = ctx;
	struct keepers *k = c->keepers;
	k->forgetting = false;
	link_free(k->done);
	k->done = NULL;
	if (!k->leaving || k->asked_of_leaving)
		return;
	batch_commit(c); /* what waits for it was made of the old terms */
	link_free(k->leaving);
	k->leaving = NULL;
	if (k->old_terms)
		arena_free(k->old_terms);
	k->old_terms = NULL;
}

/* A link may not be freed while it speaks. */
static void forget_soon(struct clerk *c)
{
	struct timeval now = { 0, 0 };
	if (!c->keepers->forgetting)
		event_base_once(c->base, -1, EV_TIMEOUT, on_forget, c, &now);
	c->keepers->forgetting = true;
}

void keepers_asked(struct clerk *c, const struct link *at, bool answered)
{
	struct keepers *k = c->keepers;
	size_t *count = at == c->keeper ? &k->asked : at == k->leaving ? &k->asked_of_leaving : NULL;
	if (!count)
		return;
	*count += answered ? (size_t)-1 : 1;
	if (at == k->leaving && !*count)
		forget_soon(c);
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

static void remember_version(struct keepers *k, struct str version)
{
	k->version = (struct str){ k->version_text, MIN(version.n, sizeof k->version_text) };
	memcpy(k->version_text, version.p, k->version.n);
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
	struct keepers *k = c->keepers;
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
		if (keep_change(c, version)) {
			bool same = str_eq(old.chain.v[0], new.chain.v[0]);
			k->leaving = c->keeper;
			k->asked_of_leaving = k->asked;
			k->asked = 0;
			k->old_terms = old.arena == c->arena ? NULL : old.arena;
			c->keeper = k->next;
			k->next = NULL;
			remember_version(k, version);
			say(c, "the new keeper signs from now on");
			if (!k->asked_of_leaving)
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
	struct keepers *k = c->keepers;
	const struct tell_keeper *ready = message;
	if (l == k->next && message && type == TELL_KEEPER) {
		take(c, ready->version);
	} else if (l == k->next) {
		let_go(c, message ? "it answers before it was asked" : "it ended");
	} else if (l == k->leaving && !message) {
		return k->asked_of_leaving == 0; /* else what it was asked has no answer */
	} else if (l == k->done) {
		return true;
	} else if (l == c->keeper && message && type == TELL_KEEPER) {
		if (!str_eq(ready->version, c->terms.version))
			say(c, "the keeper read other templates or another certificate; SIGHUP reads both anew");
		remember_version(k, ready->version);
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
	struct keepers *k = c->keepers;
	int link = received(fd);
	if (link < 0)
		return;
	if (k->next || k->leaving || k->done) {
		close(link); /* one at a time: the supervisor waits for the end of the old one */
		return;
	}
	k->next = link_new(c->base, link, of_keeper, KEEPER_FRAME, clerk_heard, c);
}

void keepers_start(struct clerk *c, int keeper, int control)
{
	struct keepers *k = c->keepers = ARENA_NEW(c->arena, struct keepers);
	c->keeper = link_new(c->base, keeper, of_keeper, KEEPER_FRAME, clerk_heard, c);
	if (control < 0)
		return;
	evutil_make_socket_nonblocking(control);
	k->control = event_new(c->base, control, EV_READ | EV_PERSIST, on_control, c);
	event_add(k->control, NULL);
}

void keepers_end(struct clerk *c)
{
	struct keepers *k = c->keepers;
	link_free(c->keeper);
	link_free(k->next);
	link_free(k->leaving);
	link_free(k->done);
}
