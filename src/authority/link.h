/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One end of a socketpair between two processes of the authority, on libevent's loop.
 *
 * Frame: u32 length of what follows, u32 tag, u8 type, fields; big-endian.  A frame that is too long, of an unknown type, or
 * that message_read() refuses ends the link: the other side is broken or subverted.
 */
#pragma once

#include "authority/messages.h"

enum { LINK_FRAME_MAX = 64 << 20 };

struct link;
struct event_base;

/*
 * Something came: message is the struct of the type, alive until the function returns.  message NULL: the other side is gone, or
 * broke the schema (why).
 */
typedef void link_heard(void *ctx, struct link *l, uint32_t tag, enum message_type type, const void *message,
			const char *why);

/* accepts: the types that the other side may send, as bits.  longest: of a frame. */
struct link *link_new(struct event_base *base, int fd, uint64_t accepts, size_t longest, link_heard *heard, void *ctx);
void link_free(struct link *l);

/*
 * Queues a message.  An answer that its reader would refuse is sent as CALL_FAILED; of a question the caller has to know
 * that it fits (message_fits()).  A question is given a fresh tag, which is returned; an answer is sent with the question's.
 */
uint32_t link_ask(struct link *l, enum message_type type, const void *message);
void link_answer(struct link *l, uint32_t tag, enum message_type type, const void *message);

/* Questions that came and have no answer yet. */
size_t link_unanswered(const struct link *l);

/* Without a loop: for commands that ask once.  False when the other side is gone. */
bool link_call(int fd, enum message_type type, const void *message, struct arena *a, enum message_type *ret_type,
	       const void **ret);
