/* SPDX-License-Identifier: Apache-2.0 */
#include "base/out.h"

#include <errno.h>
#include <unistd.h>

enum {
	OUT_BUFFER = 1 << 16,
	MOST_AT_ONCE = 1 << 30, /* Windows counts what is written at once in 32 bits */
};

struct out out_fd(int fd)
{
	char *buf = malloc(OUT_BUFFER);
	if (!buf)
		out_of_memory(OUT_BUFFER);
	return (struct out){ .buf = buf, .room = OUT_BUFFER, .fd = fd };
}

struct out out_memory(size_t ceiling)
{
	return (struct out){ .fd = -1, .ceiling = ceiling };
}

static void write_all(struct out *o, const char *p, size_t n)
{
	while (n && !o->error) {
		ssize_t done = write(o->fd, p, MIN(n, (size_t)MOST_AT_ONCE));
		if (done < 0) {
			if (errno != EINTR)
				o->error = errno;
			continue;
		}
		p += done;
		n -= (size_t)done;
	}
}

static void make_room(struct out *o, size_t n)
{
	if (o->fd >= 0) {
		write_all(o, o->buf, o->n);
		o->n = 0;
		return;
	}
	if (n > o->ceiling || o->n > o->ceiling - n) {
		o->error = EFBIG;
		return;
	}
	size_t room = MAX(o->room * 2, o->n + n);
	room = MIN(MAX(room, (size_t)256), o->ceiling);
	char *buf = realloc(o->buf, room);
	if (!buf)
		out_of_memory(room);
	o->buf = buf;
	o->room = room;
}

void out_bytes(struct out *o, const void *p, size_t n)
{
	if (o->error || !n)
		return;
	if (o->room - o->n < n) {
		make_room(o, n);
		if (o->error)
			return;
		if (o->fd >= 0 && n >= o->room) {
			write_all(o, p, n);
			return;
		}
	}
	memcpy(o->buf + o->n, p, n);
	o->n += n;
}

void out_str(struct out *o, struct str s)
{
	out_bytes(o, s.p, s.n);
}

void out_text(struct out *o, const char *s)
{
	out_bytes(o, s, strlen(s));
}

void out_char(struct out *o, char c)
{
	out_bytes(o, &c, 1);
}

void out_repeat(struct out *o, char c, size_t n)
{
	while (n--)
		out_char(o, c);
}

void out_u64(struct out *o, uint64_t value)
{
	char digits[20];
	size_t at = sizeof digits;
	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	out_bytes(o, digits + at, sizeof digits - at);
}

void out_printf(struct out *o, const char *fmt, ...)
{
	char small[512];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(small, sizeof small, fmt, ap);
	va_end(ap);
	assert(n >= 0);
	if ((size_t)n < sizeof small) {
		out_bytes(o, small, (size_t)n);
		return;
	}
	char *big = malloc((size_t)n + 1);
	if (!big)
		out_of_memory((size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(big, (size_t)n + 1, fmt, ap);
	va_end(ap);
	out_bytes(o, big, (size_t)n);
	free(big);
}

struct str out_view(const struct out *o)
{
	return (struct str){ o->buf ? o->buf : "", o->n };
}

bool out_flush(struct out *o)
{
	if (o->fd >= 0) {
		write_all(o, o->buf, o->n);
		o->n = 0;
	}
	errno = o->error;
	return !o->error;
}

void out_free(struct out *o)
{
	free(o->buf);
	*o = (struct out){ .fd = -1 };
}
