/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/link.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/out.h"
#include "pki/hresult.h"
#include "wire/bytes.h"

enum {
	HEAD = 9,         /* length, tag, type */
	HEAD_COUNTED = 5, /* tag and type are part of the length */
	READ_AT_ONCE = 256 << 10,
};

struct link {
	int fd;
	struct event *readable, *writable;
	struct evbuffer *in, *out;
	uint64_t accepts;
	size_t longest;
	uint32_t last_tag;
	size_t unanswered;
	bool broken;
	link_heard *heard;
	void *ctx;
	struct arena *arena; /* of the message that is being heard */
};

static uint32_t be32(const unsigned char *p)
{
	struct cursor c = cursor_of(p, 4);
	return get_be32(&c);
}

static void end_link(struct link *l, const char *why)
{
	if (l->broken)
		return;
	l->broken = true;
	event_del(l->readable);
	event_del(l->writable);
	l->heard(l->ctx, l, 0, 0, NULL, why);
}

/* What a frame says; NULL with the reason. */
static const void *read_frame(struct arena *a, uint64_t accepts, unsigned type, struct str fields, const char **why)
{
	const struct message_shape *shape = message_shape(type);
	void *message = shape ? arena_alloc(a, shape->size) : NULL;
	if (!shape || !(accepts >> type & 1))
		*why = "a message of a type that is not expected here";
	else if (!message_read(a, shape, fields, message))
		*why = "a message that does not have its shape";
	else
		return message;
	return NULL;
}

/* Takes the next frame from the buffer.  False when there is none, or the link ended. */
static bool take_frame(struct link *l)
{
	unsigned char head[HEAD];
	const char *why = NULL;
	if (evbuffer_copyout(l->in, head, HEAD) < HEAD)
		return false;
	size_t length = be32(head);
	if (length < HEAD_COUNTED || length > l->longest) {
		end_link(l, "a frame of an impossible length");
		return false;
	}
	if (evbuffer_get_length(l->in) < length + 4)
		return false;
	const unsigned char *whole = evbuffer_pullup(l->in, (ev_ssize_t)(length + 4));
	const void *message = read_frame(l->arena, l->accepts, head[8],
					 (struct str){ (const char *)whole + HEAD, length - HEAD_COUNTED }, &why);
	l->unanswered += message != NULL;
	if (!message)
		end_link(l, why);
	else
		l->heard(l->ctx, l, be32(head + 4), head[8], message, NULL);
	/* A message may carry a password. */
	explicit_bzero((void *)(uintptr_t)whole, length + 4);
	evbuffer_drain(l->in, length + 4);
	arena_reset(l->arena);
	return !l->broken;
}

static void on_readable(evutil_socket_t fd, short what, void *ctx)
{
	struct link *l = ctx;
	int n = evbuffer_read(l->in, fd, READ_AT_ONCE);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		end_link(l, "the other process ended");
		return;
	}
	while (take_frame(l))
		;
}

static void on_writable(evutil_socket_t fd, short what, void *ctx)
{
	struct link *l = ctx;
	if (evbuffer_get_length(l->out) > 0 && evbuffer_write(l->out, fd) < 0 && errno != EAGAIN && errno != EINTR)
		end_link(l, "the other process ended");
	else if (evbuffer_get_length(l->out) == 0)
		event_del(l->writable);
}

struct link *link_new(struct event_base *base, int fd, uint64_t accepts, size_t longest, link_heard *heard, void *ctx)
{
	struct link *l = calloc(1, sizeof *l);
	if (!l)
		out_of_memory(sizeof *l);
	evutil_make_socket_nonblocking(fd);
	*l = (struct link){
		.fd = fd,
		.readable = event_new(base, fd, EV_READ | EV_PERSIST, on_readable, l),
		.writable = event_new(base, fd, EV_WRITE | EV_PERSIST, on_writable, l),
		.in = evbuffer_new(),
		.out = evbuffer_new(),
		.accepts = accepts,
		.longest = longest,
		.heard = heard,
		.ctx = ctx,
		.arena = arena_new(),
	};
	if (!l->readable || !l->writable || !l->in || !l->out)
		out_of_memory(sizeof *l);
	event_add(l->readable, NULL);
	return l;
}

void link_free(struct link *l)
{
	if (!l)
		return;
	event_free(l->readable);
	event_free(l->writable);
	evbuffer_free(l->in);
	evbuffer_free(l->out);
	arena_free(l->arena);
	close(l->fd);
	free(l);
}

static struct out frame(uint32_t tag, enum message_type type, const void *message)
{
	struct out o = out_memory(LINK_FRAME_MAX);
	unsigned char head[HEAD] = { 0 };
	out_bytes(&o, head, HEAD);
	message_write(&o, message_shape(type), message);
	struct buffer head_of = buffer_over(o.buf, HEAD);
	put_be32(&head_of, (uint32_t)(o.n - 4));
	put_be32(&head_of, tag);
	put_u8(&head_of, (uint8_t)type);
	return o;
}

static void forget(struct out *o)
{
	explicit_bzero(o->buf, o->n);
	out_free(o);
}

static void send_message(struct link *l, uint32_t tag, enum message_type type, const void *message)
{
	if (l->broken)
		return;
	struct out o = frame(tag, type, message);
	if (o.error)
		end_link(l, "a message of ours is too long");
	else if (evbuffer_add(l->out, o.buf, o.n) != 0 || event_add(l->writable, NULL) != 0)
		out_of_memory(o.n);
	forget(&o);
}

void link_answer(struct link *l, uint32_t tag, enum message_type type, const void *message)
{
	const struct call_failed failed = { HR_INVALID_DATA, STR("the answer is too long") };
	bool fits = message_fits(message_shape(type), message);
	l->unanswered--;
	send_message(l, tag, fits ? type : CALL_FAILED, fits ? message : &failed);
}

size_t link_unanswered(const struct link *l)
{
	return l->unanswered;
}

uint32_t link_ask(struct link *l, enum message_type type, const void *message)
{
	uint32_t tag = ++l->last_tag ? l->last_tag : ++l->last_tag;
	send_message(l, tag, type, message);
	return tag;
}

static bool move_all(int fd, char *p, size_t n, bool write_it)
{
	while (n > 0) {
		ssize_t moved = write_it ? send(fd, p, n, MSG_NOSIGNAL) : recv(fd, p, n, 0);
		if (moved < 0 && errno == EINTR)
			continue;
		if (moved <= 0)
			return false;
		p += moved;
		n -= (size_t)moved;
	}
	return true;
}

bool link_call(int fd, enum message_type type, const void *message, struct arena *a, enum message_type *ret_type,
	       const void **ret)
{
	struct out o = frame(1, type, message);
	unsigned char head[HEAD];
	const char *why;
	bool sent = !o.error && move_all(fd, o.buf, o.n, true);
	forget(&o);
	if (!sent || !move_all(fd, (char *)head, HEAD, false))
		return false;
	size_t length = be32(head);
	if (length < HEAD_COUNTED || length > LINK_FRAME_MAX)
		return false;
	char *fields = arena_alloc(a, length - HEAD_COUNTED);
	if (!move_all(fd, fields, length - HEAD_COUNTED, false))
		return false;
	*ret_type = head[8];
	*ret = read_frame(a, UINT64_MAX, head[8], (struct str){ fields, length - HEAD_COUNTED }, &why);
	return *ret != NULL;
}
