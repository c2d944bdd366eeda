/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes of a wire protocol: a cursor to read them and a buffer to write them.
 *
 * Both keep the first mistake.  A cursor that was asked for more than is left returns
 * zeros from then on, and bad says so: a reader reads a whole structure and asks once.
 * A buffer that is full drops what follows and says so in the same way.  Neither
 * allocates, does I/O, or keeps a pointer beyond the memory that it was given.
 */
#pragma once

#include "base/str.h"

struct cursor {
	const uint8_t *p; /* the next byte */
	size_t n;         /* bytes left */
	bool bad;         /* more was asked for than there was, or the reader called cursor_spoil() */
};

struct cursor cursor_of(const void *p, size_t n);

uint8_t get_u8(struct cursor *c);
uint16_t get_be16(struct cursor *c);
uint32_t get_be32(struct cursor *c);
uint64_t get_be64(struct cursor *c);
uint16_t get_le16(struct cursor *c);
uint32_t get_le32(struct cursor *c);
uint64_t get_le64(struct cursor *c);

/* The next n bytes where they lie; an empty string when there are fewer. */
struct str get_bytes(struct cursor *c, size_t n);

/* A cursor over the next n bytes, which are skipped here.  Bad when there are fewer. */
struct cursor get_part(struct cursor *c, size_t n);

/* The bytes before the next NUL, which is skipped; bad when there is none. */
struct str get_text(struct cursor *c);

void skip_bytes(struct cursor *c, size_t n);

/* Marks what is read as malformed: nothing is left. */
void cursor_spoil(struct cursor *c);

struct buffer {
	uint8_t *p;
	size_t n, room;
	bool full; /* something did not fit */
};

/* A buffer over memory of the caller. */
struct buffer buffer_over(void *p, size_t room);

void put_u8(struct buffer *to, uint8_t value);
void put_be16(struct buffer *to, uint16_t value);
void put_be32(struct buffer *to, uint32_t value);
void put_be64(struct buffer *to, uint64_t value);
void put_le16(struct buffer *to, uint16_t value);
void put_le32(struct buffer *to, uint32_t value);
void put_le64(struct buffer *to, uint64_t value);
void put_bytes(struct buffer *to, const void *p, size_t n);
void put_str(struct buffer *to, struct str s);
void put_text(struct buffer *to, const char *s); /* without its NUL */
void put_zeros(struct buffer *to, size_t n);

/* ASCII as UTF-16LE; other bytes become U+FFFD. */
void put_utf16(struct buffer *to, struct str s);

/*
 * A length that is known only after what it counts: hole_be16() leaves the room and returns
 * its place, fill_be16() writes the number of bytes that came after it, plus more.
 */
size_t hole_be16(struct buffer *to);
void fill_be16(struct buffer *to, size_t place, size_t more);
size_t hole_le16(struct buffer *to);
void fill_le16(struct buffer *to, size_t place, size_t more);
size_t hole_be32(struct buffer *to);
void fill_be32(struct buffer *to, size_t place, size_t more);
size_t hole_le32(struct buffer *to);
void fill_le32(struct buffer *to, size_t place, size_t more);

struct str buffer_view(const struct buffer *p);
