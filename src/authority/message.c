/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/message.h"

#include "base/pack.h"

/* All lists look like this, and so does a list of strings. */
struct list {
	void *v;
	size_t n;
};

static void write_fields(struct out *to, const struct message_shape *shape, const char *message)
{
	for (size_t i = 0; i < shape->n; i++) {
		const struct message_field *f = &shape->fields[i];
		const void *at = message + f->offset;
		const struct list *list = at;
		switch (f->kind) {
		case FIELD_OF_NUMBER:
			pack_number(to, *(const uint64_t *)at);
			break;
		case FIELD_OF_TIME:
			pack_number(to, (uint64_t) * (const int64_t *)at);
			break;
		case FIELD_OF_YES:
			pack_flag(to, *(const bool *)at);
			break;
		case FIELD_OF_BYTES:
			pack_bytes(to, *(const struct str *)at);
			break;
		case FIELD_OF_STRS:
			pack_number(to, list->n);
			for (size_t m = 0; m < list->n; m++)
				pack_bytes(to, ((const struct str *)list->v)[m]);
			break;
		case FIELD_OF_LIST:
			pack_number(to, list->n);
			for (size_t m = 0; m < list->n; m++)
				write_fields(to, f->of, (const char *)list->v + m * f->of->size);
			break;
		case FIELD_OF_MESSAGE:
			write_fields(to, f->of, at);
			break;
		}
	}
}

static bool list_fits(const struct message_field *f, const struct list *list)
{
	bool fits = list->n <= f->most;
	for (size_t i = 0; fits && i < list->n; i++)
		fits = f->kind == FIELD_OF_STRS ? ((const struct str *)list->v)[i].n <= MESSAGE_STR_MAX
						: message_fits(f->of, (const char *)list->v + i * f->of->size);
	return fits;
}

bool message_fits(const struct message_shape *shape, const void *message)
{
	bool fits = true;
	for (size_t i = 0; fits && i < shape->n; i++) {
		const struct message_field *f = &shape->fields[i];
		const void *at = (const char *)message + f->offset;
		switch (f->kind) {
		case FIELD_OF_NUMBER:
			fits = *(const uint64_t *)at <= f->most;
			break;
		case FIELD_OF_TIME:
			fits = *(const int64_t *)at >= 0;
			break;
		case FIELD_OF_YES:
			break;
		case FIELD_OF_BYTES:
			fits = ((const struct str *)at)->n <= f->most;
			break;
		case FIELD_OF_STRS:
		case FIELD_OF_LIST:
			fits = list_fits(f, at);
			break;
		case FIELD_OF_MESSAGE:
			fits = message_fits(f->of, at);
			break;
		}
	}
	return fits;
}

static struct str read_bytes(struct pack_reader *c, uint64_t most)
{
	struct str s = unpack_bytes(c);
	if (s.n > most)
		unpack_spoil(c);
	return c->bad ? STR("") : s;
}

static void read_fields(struct arena *a, struct pack_reader *c, const struct message_shape *shape, char *message);

/* Each member takes a byte at least, so a count is never more than the bytes that came. */
static void read_list(struct arena *a, struct pack_reader *c, const struct message_field *f, struct list *list)
{
	size_t n = unpack_count(c, 1), size = f->kind == FIELD_OF_STRS ? sizeof(struct str) : f->of->size;
	if (n > f->most) {
		unpack_spoil(c);
		return;
	}
	list->v = arena_array(a, n, size);
	list->n = n;
	for (size_t m = 0; m < n && !c->bad; m++) {
		if (f->kind == FIELD_OF_STRS)
			((struct str *)list->v)[m] = read_bytes(c, MESSAGE_STR_MAX);
		else
			read_fields(a, c, f->of, (char *)list->v + m * size);
	}
}

static void read_fields(struct arena *a, struct pack_reader *c, const struct message_shape *shape, char *message)
{
	for (size_t i = 0; i < shape->n && !c->bad; i++) {
		const struct message_field *f = &shape->fields[i];
		void *at = message + f->offset;
		switch (f->kind) {
		case FIELD_OF_NUMBER:
			*(uint64_t *)at = unpack_number(c, f->most);
			break;
		case FIELD_OF_TIME:
			*(int64_t *)at = (int64_t)unpack_number(c, INT64_MAX);
			break;
		case FIELD_OF_YES:
			*(bool *)at = unpack_flag(c);
			break;
		case FIELD_OF_BYTES:
			*(struct str *)at = read_bytes(c, f->most);
			break;
		case FIELD_OF_STRS:
		case FIELD_OF_LIST:
			read_list(a, c, f, at);
			break;
		case FIELD_OF_MESSAGE:
			read_fields(a, c, f->of, at);
			break;
		}
	}
}

void message_write(struct out *to, const struct message_shape *shape, const void *message)
{
	write_fields(to, shape, message);
}

bool message_read(struct arena *a, const struct message_shape *shape, struct str bytes, void *ret)
{
	struct pack_reader c = pack_reader_of(bytes);
	read_fields(a, &c, shape, ret);
	return pack_reader_done(&c);
}
