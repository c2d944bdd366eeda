/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages between the processes of the authority: one schema, one writer, one reader.
 *
 * A message is a C struct that a table describes (authority/messages.h).  On the socket it is a length, a tag that
 * the answer repeats, its type, and its fields in the order of the table.  The reader trusts nothing: every
 * length has a limit, every list a count, and what is left over is an error.
 */
#pragma once

#include "base/str.h"

enum message_kind {
	FIELD_OF_NUMBER, /* uint64_t */
	FIELD_OF_TIME,   /* int64_t, seconds since 1970 */
	FIELD_OF_YES,    /* bool */
	FIELD_OF_BYTES,  /* struct str, at most `most` bytes */
	FIELD_OF_LIST,   /* struct { member *v; size_t n; }, at most `most` members, each by `of` */
	FIELD_OF_STRS, /* struct { struct str *v; size_t n; }, at most `most`, of at most MESSAGE_STR_MAX bytes each */
	FIELD_OF_MESSAGE, /* a struct inside, by `of` */
};

enum { MESSAGE_STR_MAX = 64 << 10 };

struct message_field {
	const char *name;
	enum message_kind kind;
	size_t offset;
	uint64_t most;
	const struct message_shape *of;
};

struct message_shape {
	const char *name;
	size_t size;
	const struct message_field *fields;
	size_t n;
};

struct out;

/* Whether a reader would take it: every field within its limit.  What may come from a client is asked before it is written. */
bool message_fits(const struct message_shape *shape, const void *message);

void message_write(struct out *to, const struct message_shape *shape, const void *message);

/* Into a zeroed struct; strings lie in the bytes, lists in the arena.  False: not such a message. */
bool message_read(struct arena *a, const struct message_shape *shape, struct str bytes, void *ret);
