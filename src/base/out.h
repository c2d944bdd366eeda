/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Output streams: a file descriptor, buffered, or memory with an upper limit.
 *
 * A write never fails at the call: the first error is kept, later output is
 * dropped, and out_done() returns whether all of it was written.
 */
#pragma once

#include "base/str.h"

struct out {
	char *buf;
	size_t n; /* bytes in buf */
	size_t room;
	size_t ceiling; /* of a memory stream: more than that is an error */
	int fd;         /* -1: memory */
	int error;      /* errno of the first write that failed, EFBIG above the limit */
};

/* Buffered writing to a descriptor, which stays the caller's. */
struct out out_fd(int fd);

/* Into memory, at most ceiling bytes.  Free with out_free(). */
struct out out_memory(size_t ceiling);

void out_bytes(struct out *o, const void *p, size_t n);
void out_str(struct out *o, struct str s);
void out_text(struct out *o, const char *s);
void out_char(struct out *o, char c);
void out_repeat(struct out *o, char c, size_t n);
void out_u64(struct out *o, uint64_t value);
void out_printf(struct out *o, const char *fmt, ...) PRINTF(2, 3);

/* The content of a memory stream; valid until the next write. */
struct str out_view(const struct out *o);

/* Writes what is buffered.  False when anything was lost; errno is set. */
bool out_flush(struct out *o);
void out_free(struct out *o);
