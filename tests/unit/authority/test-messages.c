/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <event2/event.h>
#include <sys/socket.h>
#include <unistd.h>

#include "authority/link.h"

static uint64_t seed = 1;

static uint64_t draw(uint64_t most)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return most == UINT64_MAX ? seed >> 1 : (seed >> 33) % (most + 1);
}

static struct str draw_bytes(struct arena *a, uint64_t most)
{
	size_t n = draw(most < 40 ? most : 40);
	char *p = arena_alloc(a, n);
	for (size_t i = 0; i < n; i++)
		p[i] = (char)draw(255);
	return (struct str){ p, n };
}

struct list {
	void *v;
	size_t n;
};

/* Any message of a shape, within its limits. */
static void fill(struct arena *a, const struct message_shape *shape, char *message)
{
	for (size_t i = 0; i < shape->n; i++) {
		const struct message_field *f = &shape->fields[i];
		void *at = message + f->offset;
		struct list *list = at;
		switch (f->kind) {
		case FIELD_OF_NUMBER:
			*(uint64_t *)at = draw(f->most);
			break;
		case FIELD_OF_TIME:
			*(int64_t *)at = (int64_t)draw(UINT32_MAX);
			break;
		case FIELD_OF_YES:
			*(bool *)at = draw(1);
			break;
		case FIELD_OF_BYTES:
			*(struct str *)at = draw_bytes(a, f->most);
			break;
		case FIELD_OF_STRS:
			list->n = draw(f->most < 4 ? f->most : 4);
			list->v = ARENA_ARRAY(a, struct str, list->n);
			for (size_t m = 0; m < list->n; m++)
				((struct str *)list->v)[m] = draw_bytes(a, MESSAGE_STR_MAX);
			break;
		case FIELD_OF_LIST:
			list->n = draw(f->most < 4 ? f->most : 4);
			list->v = arena_array(a, list->n, f->of->size);
			for (size_t m = 0; m < list->n; m++)
				fill(a, f->of, (char *)list->v + m * f->of->size);
			break;
		case FIELD_OF_MESSAGE:
			fill(a, f->of, at);
			break;
		}
	}
}

static struct str packed(struct arena *a, const struct message_shape *shape, const void *message)
{
	struct out o = out_memory(1 << 24);
	message_write(&o, shape, message);
	struct str s = str_dup(a, out_view(&o));
	out_free(&o);
	return s;
}

static void every_message_survives_writing_and_reading(void **state)
{
	for (unsigned type = 0; type < N_MESSAGES; type++) {
		const struct message_shape *shape = message_shape(type);
		if (!shape)
			continue;
		for (int round = 0; round < 50; round++) {
			struct arena *a = arena_new();
			void *message = arena_alloc(a, shape->size), *back = arena_alloc(a, shape->size);
			fill(a, shape, message);
			struct str once = packed(a, shape, message);
			if (!message_read(a, shape, once, back))
				fail_msg("%s is not read", shape->name);
			if (!str_eq(once, packed(a, shape, back)))
				fail_msg("%s changes", shape->name);
			arena_free(a);
		}
	}
}

static void a_message_that_is_cut_or_longer_is_refused(void **state)
{
	for (unsigned type = 0; type < N_MESSAGES; type++) {
		const struct message_shape *shape = message_shape(type);
		if (!shape)
			continue;
		struct arena *a = arena_new();
		void *message = arena_alloc(a, shape->size);
		fill(a, shape, message);
		struct str once = packed(a, shape, message);
		for (size_t n = 0; n < once.n; n++)
			if (message_read(a, shape, str_first(once, n), arena_alloc(a, shape->size)))
				fail_msg("%s is read when cut at %zu of %zu", shape->name, n, once.n);
		char *longer = arena_memdup(a, once.p, once.n); /* a NUL follows */
		assert_false(message_read(a, shape, (struct str){ longer, once.n + 1 }, arena_alloc(a, shape->size)));
		arena_free(a);
	}
}

static void limits_of_fields_hold(void **state)
{
	struct arena *a = arena_new();
	struct ask_password too_long = { .password = { arena_alloc(a, 5000), 5000 } }, back;
	const struct message_shape *shape = message_shape(ASK_PASSWORD);
	assert_false(message_read(a, shape, packed(a, shape, &too_long), &back));
	struct ask_cmc wrong = { .status = 4 }, none;
	shape = message_shape(ASK_CMC);
	assert_false(message_read(a, shape, packed(a, shape, &wrong), &none));
	arena_free(a);
}

struct heard {
	struct event_base *base;
	unsigned messages;
	uint32_t tag;
	char text[64];
	char why[128];
};

static void on_heard(void *ctx, struct link *l, uint32_t tag, enum message_type type, const void *message,
		     const char *why)
{
	struct heard *h = ctx;
	if (!message) {
		snprintf(h->why, sizeof h->why, "%s", why);
		event_base_loopbreak(h->base);
		return;
	}
	h->messages++;
	h->tag = tag;
	snprintf(h->text, sizeof h->text, "%.*s", STR_ARG(((const struct call_failed *)message)->text));
	event_base_loopbreak(h->base);
}

/* Sends raw bytes to a link and says what it made of them. */
static struct heard hear(const void *p, size_t n, size_t step)
{
	int ends[2];
	struct heard h = { .base = event_base_new() };
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	struct link *l = link_new(h.base, ends[0], UINT64_C(1) << CALL_FAILED, 4096, on_heard, &h);
	for (size_t at = 0; at < n; at += step) {
		size_t piece = n - at < step ? n - at : step;
		assert_int_equal(send(ends[1], (const char *)p + at, piece, 0), (int)piece);
		event_base_loop(h.base, EVLOOP_NONBLOCK);
	}
	event_base_loop(h.base, EVLOOP_NONBLOCK);
	link_free(l);
	close(ends[1]);
	event_base_free(h.base);
	return h;
}

static void a_link_takes_frames_in_any_pieces(void **state)
{
	static const unsigned char frame[] = { 0, 0, 0, 5 + 4, 0, 0, 0, 7, CALL_FAILED, 5, 2, 'h', 'i' };
	for (size_t step = 1; step <= sizeof frame; step++) {
		struct heard h = hear(frame, sizeof frame, step);
		assert_int_equal(h.messages, 1);
		assert_int_equal(h.tag, 7);
		assert_string_equal(h.text, "hi");
	}
}

static void a_link_ends_when_the_other_side_breaks_the_schema(void **state)
{
	static const unsigned char too_long[] = { 0, 1, 0, 0, 0, 0, 0, 7, CALL_FAILED },
				   other_type[] = { 0, 0, 0, 7, 0, 0, 0, 7, ASK_PASSWORD, 0, 0 },
				   no_such[] = { 0, 0, 0, 5, 0, 0, 0, 7, 63 },
				   malformed[] = { 0, 0, 0, 6, 0, 0, 0, 7, CALL_FAILED, 5 };
	assert_string_equal(hear(too_long, sizeof too_long, 99).why, "a frame of an impossible length");
	assert_string_equal(hear(other_type, sizeof other_type, 99).why,
			    "a message of a type that is not expected here");
	assert_string_equal(hear(no_such, sizeof no_such, 99).why, "a message of a type that is not expected here");
	assert_string_equal(hear(malformed, sizeof malformed, 99).why, "a message that does not have its shape");
}

RUN_TESTS(T(every_message_survives_writing_and_reading), T(a_message_that_is_cut_or_longer_is_refused),
	  T(limits_of_fields_hold), T(a_link_takes_frames_in_any_pieces),
	  T(a_link_ends_when_the_other_side_breaks_the_schema))
