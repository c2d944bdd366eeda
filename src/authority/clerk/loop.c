/* SPDX-License-Identifier: Apache-2.0 */
/* The clerk's loop: what comes from the front, the keeper, the hasher and operators. */
#include <errno.h>
#include <event2/event.h>
#include <openssl/rand.h>
#include <sys/socket.h>
#include <unistd.h>

#include "authority/clerk/clerk.h"
#include "authority/folder.h"
#include "authority/hasher.h"
#include "authority/walls.h"

enum { FRONT_FRAME = 256 << 10, HASHER_FRAME = 8 << 10, COURIER_FRAME = 16, OPERATOR_FRAME = 128 << 10 };

static void end(struct clerk *c)
{
	c->ending = true;
	event_base_loopbreak(c->base);
}

static void heard_front(void *ctx, struct link *l, uint32_t tag, enum message_type type, const void *message,
			const char *why)
{
	struct clerk *c = ctx;
	if (!message) {
		end(c); /* the front finished what it was asked */
		return;
	}
	struct job *j = job_new(l, tag, type, message);
	switch (type) {
	case ASK_POLICY:
		clerk_policy(c, j);
		break;
	case ASK_ENROL:
		clerk_enrol(c, j);
		break;
	case ASK_STATUS:
		clerk_status(c, j);
		break;
	default:
		clerk_published(c, j);
	}
}

static const char *helper_name(const struct clerk *c, const struct link *l)
{
	return l == c->keeper ? "keeper" : l == c->hasher ? "hasher" : "courier";
}

static void heard_helper(void *ctx, struct link *l, uint32_t tag, enum message_type type, const void *message,
			 const char *why)
{
	struct clerk *c = ctx;
	if (keepers_heard(c, l, type, message))
		return;
	if (message) {
		job_heard(c, l, tag, type, message);
		return;
	}
	out_printf(&c->log, "clerk: the %s ended: %s\n", helper_name(c, l), why);
	out_flush(&c->log);
	end(c);
}

/* Operators */

struct caller {
	struct clerk *clerk;
	struct link *link;
	uid_t uid;
};

/* A link may not be freed while it speaks, nor before what was asked over it is answered. */
static void free_caller(evutil_socket_t fd, short what, void *ctx)
{
	struct caller *caller = ctx;
	struct timeval soon = { 1, 0 };
	if (link_unanswered(caller->link) > 0) {
		event_base_once(caller->clerk->base, -1, EV_TIMEOUT, free_caller, caller, &soon);
		return;
	}
	link_free(caller->link);
	free(caller);
}

static void heard_operator(void *ctx, struct link *l, uint32_t tag, enum message_type type, const void *message,
			   const char *why)
{
	struct caller *caller = ctx;
	struct timeval now = { 0, 0 };
	if (message)
		clerk_operation(caller->clerk, job_new(l, tag, type, message), caller->uid);
	else
		event_base_once(caller->clerk->base, -1, EV_TIMEOUT, free_caller, caller, &now);
}

static void accept_operator(evutil_socket_t fd, short what, void *ctx)
{
	struct clerk *c = ctx;
	struct ucred peer;
	socklen_t length = sizeof peer;
	int came = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (came < 0)
		return;
	struct caller *caller = calloc(1, sizeof *caller);
	if (!caller || getsockopt(came, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0) {
		free(caller);
		close(came);
		return;
	}
	*caller = (struct caller){ .clerk = c, .uid = peer.uid };
	caller->link = link_new(c->base, came, 1u << ASK_OPERATION, OPERATOR_FRAME, heard_operator, caller);
}

/* Timers */

static void on_commit(evutil_socket_t fd, short what, void *ctx)
{
	batch_commit(ctx);
}

static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
	upkeep_tick(ctx);
}

/* The start */

static bool make_no_hash(struct clerk *c, struct diag *d)
{
	unsigned char bytes[16];
	if (RAND_bytes(bytes, sizeof bytes) != 1)
		return diag_error(d, NOWHERE, "there are no random bytes");
	struct str password = str_hex(c->arena, (struct str){ (const char *)bytes, sizeof bytes });
	struct str hash = password_hash(c->arena, password.p);
	c->no_hash = cstr(c->arena, hash);
	return hash.n || diag_error(d, NOWHERE, "passwords cannot be hashed");
}

/* The store and the log are written by the clerk's user, so they are opened once the walls are raised. */
static bool open_state(struct clerk *c, struct diag *d)
{
	if (!authority_lock(c->arena, c->folder, d))
		return false;
	c->store = store_open(c->arena, arena_printf(c->arena, "%s/state/authority.db", c->folder), false, d);
	c->audit = c->store ? audit_open(c->arena, arena_printf(c->arena, "%s/state/audit.log", c->folder), d) : NULL;
	c->decider = (struct decider){ .config = c->config,
				       .templates = c->terms.templates,
				       .store = c->store,
				       .authority_ends = c->terms.authority.not_after };
	return c->audit != NULL;
}

static void start_links(struct clerk *c, const struct clerk_start *s)
{
	uint64_t of_front = 1u << ASK_POLICY | 1u << ASK_ENROL | 1u << ASK_STATUS | 1u << ASK_PUBLISHED;
	c->front = link_new(c->base, s->front, of_front, FRONT_FRAME, heard_front, c);
	keepers_start(c, s->keeper, s->control, heard_helper);
	c->hasher = link_new(c->base, s->hasher, 1u << TELL_PASSWORD, HASHER_FRAME, heard_helper, c);
	if (s->courier >= 0)
		c->courier = link_new(c->base, s->courier, 0, COURIER_FRAME, heard_helper, c);
	if (s->operators >= 0) {
		evutil_make_socket_nonblocking(s->operators);
		c->operators = event_new(c->base, s->operators, EV_READ | EV_PERSIST, accept_operator, c);
		event_add(c->operators, NULL);
	}
}

static void run(struct clerk *c)
{
	struct timeval second = { 1, 0 };
	c->commit = evtimer_new(c->base, on_commit, c);
	c->tick = event_new(c->base, -1, EV_PERSIST, on_tick, c);
	event_add(c->tick, &second);
	clerk_sign_approved(c);
	upkeep_tick(c);
	event_base_dispatch(c->base);
	batch_commit(c);
}

bool clerk_run(struct arena *a, const struct clerk_start *s, struct diag *d)
{
	struct clerk *c = ARENA_NEW(a, struct clerk);
	*c = (struct clerk){ .arena = a, .folder = s->folder, .config = s->config, .base = event_base_new() };
	c->log = out_fd(2);
	c->waiting_arena = arena_new();
	c->ocsp = ocsp_kept_new(a);
	c->logins = logins_new(a, s->config->memory_of_passwords.n);
	if (!c->base)
		return diag_machine(d, ENOMEM, "the loop of the clerk");
	if (!terms_read(a, s->folder, &c->terms, d) || !make_no_hash(c, d) ||
	    !walls_raise(a, WALLED_CLERK, s->config, d) || !open_state(c, d))
		return false;
	start_links(c, s);
	notices_start(c);
	bool ok = upkeep_start(c, d);
	if (ok)
		run(c);
	link_free(c->front);
	keepers_end(c);
	link_free(c->hasher);
	if (c->courier)
		link_free(c->courier);
	out_flush(&c->log);
	return ok;
}
