/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/vec.h"
#include "doc/json-tree.h"
#include "pki/request.h"

enum { LINE_MAX_BYTES = 64 << 10, PENDING_MAX = 64 << 20, HEX_MAX = 2 * AUDIT_HASH };

struct audit {
	int fd;
	struct out pending; /* lines that are not on disk */
	struct out line;
	struct json json;
	unsigned char head[AUDIT_HASH], kept_head[AUDIT_HASH]; /* kept: of what is on disk */
	uint64_t records, kept_records;
	off_t size; /* of what is on disk */
};

static void hex_of(const unsigned char *bytes, char to[HEX_MAX + 1])
{
	for (size_t i = 0; i < AUDIT_HASH; i++)
		snprintf(to + 2 * i, 3, "%02x", bytes[i]);
}

static void free_audit(void *ctx)
{
	struct audit *l = ctx;
	out_free(&l->pending);
	out_free(&l->line);
	if (l->fd >= 0)
		close(l->fd);
}

/* All of the log, in pieces; false when it cannot be read, and then nothing is cut off. */
static bool read_log(int fd, char *p, size_t size)
{
	enum { PIECE = 1 << 20 };
	for (size_t at = 0; at < size;) {
		ssize_t n = pread(fd, p + at, MIN(size - at, (size_t)PIECE), (off_t)at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += (size_t)n;
	}
	return true;
}

/* A crash may leave a part of a line at the end: it was never told to anybody, and is cut off. */
static bool go_on(struct audit *l, struct arena *a, const char *path, struct diag *d)
{
	struct arena *own = arena_new();
	struct stat st;
	if (fstat(l->fd, &st) != 0) {
		arena_free(own);
		return diag_machine(d, errno, "cannot read \"%s\"", path);
	}
	size_t size = (size_t)st.st_size;
	char *p = arena_alloc(own, size);
	if (!read_log(l->fd, p, size)) {
		arena_free(own);
		return diag_machine(d, errno, "cannot read \"%s\"", path);
	}
	size_t whole = size;
	while (whole && p[whole - 1] != '\n')
		whole--;
	struct str rest = { p, whole }, line;
	while (str_cut(&rest, '\n', &line)) {
		SHA256((const unsigned char *)line.p, line.n, l->head);
		l->records++;
	}
	memcpy(l->kept_head, l->head, AUDIT_HASH);
	l->kept_records = l->records;
	l->size = (off_t)whole;
	arena_free(own);
	return whole == size || ftruncate(l->fd, l->size) == 0 || diag_machine(d, errno, "cannot write \"%s\"", path);
}

struct audit *audit_open(struct arena *a, const char *path, struct diag *d)
{
	struct audit *l = ARENA_NEW(a, struct audit);
	l->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	l->pending = out_memory(PENDING_MAX);
	l->line = out_memory(LINE_MAX_BYTES);
	arena_at_end(a, free_audit, l);
	if (l->fd < 0) {
		diag_machine(d, errno, "cannot write \"%s\"", path);
		return NULL;
	}
	return go_on(l, a, path, d) ? l : NULL;
}

struct json *audit_begin(struct audit *l, const char *event, int64_t now)
{
	l->line.n = 0;
	l->json = json_to(&l->line);
	json_object(&l->json);
	json_put_u64(&l->json, "record", l->records + 1);
	json_put_i64(&l->json, "time", now);
	json_put_text(&l->json, "event", event);
	return &l->json;
}

void audit_end(struct audit *l)
{
	char before[HEX_MAX + 1];
	hex_of(l->head, before);
	json_put_text(&l->json, "before", before);
	json_end(&l->json);
	while (l->line.n && l->line.buf[l->line.n - 1] == '\n')
		l->line.n--;
	SHA256((const unsigned char *)l->line.buf, l->line.n, l->head);
	out_bytes(&l->pending, l->line.buf, l->line.n);
	out_char(&l->pending, '\n');
	l->records++;
}

bool audit_flush(struct audit *l)
{
	bool ok = !l->pending.error && !l->line.error;
	off_t at = l->size;
	for (size_t n = 0; ok && n < l->pending.n;) {
		ssize_t wrote = pwrite(l->fd, l->pending.buf + n, l->pending.n - n, at);
		ok = wrote > 0 || (wrote < 0 && errno == EINTR);
		n += wrote > 0 ? (size_t)wrote : 0;
		at += wrote > 0 ? wrote : 0;
	}
	ok = ok && (l->pending.n == 0 || fdatasync(l->fd) == 0);
	if (ok) {
		l->size = at;
		memcpy(l->kept_head, l->head, AUDIT_HASH);
		l->kept_records = l->records;
	} else {
		if (ftruncate(l->fd, l->size) < 0)
			ok = false; /* the next flush writes over it */
		memcpy(l->head, l->kept_head, AUDIT_HASH);
		l->records = l->kept_records;
	}
	l->pending.n = 0;
	l->pending.error = 0;
	l->line.error = 0;
	return ok;
}

struct str audit_head(const struct audit *l)
{
	return (struct str){ (const char *)l->head, AUDIT_HASH };
}

uint64_t audit_records(const struct audit *l)
{
	return l->records;
}

/* Verifying */

struct audit_hash {
	unsigned char bytes[AUDIT_HASH];
};

struct verifying {
	struct arena *arena, *whole; /* of one line; of all */
	unsigned char head[AUDIT_HASH];
	VEC(struct audit_hash) heads; /* after 0, 1, 2 ... records: a statement may come some records after its head */
	bool (*statement)(void *ctx, const struct ask_statement *said, struct str signature);
	void *ctx;
	struct audit_report *ret;
};

static struct str text_of(const struct node *line, const char *key)
{
	const struct node *n = node_get(line, key);
	return n && n->kind == NODE_SCALAR ? n->text : NO_STR;
}

static const char *check_statement(struct verifying *on, const struct node *line)
{
	struct str signature;
	uint64_t records, time;
	struct ask_statement said = { 0 };
	on->ret->statements++;
	if (!str_to_u64(text_of(line, "records"), INT64_MAX, &records) ||
	    !str_to_u64(text_of(line, "time"), INT64_MAX, &time) || records >= on->heads.n ||
	    !base64_read(on->arena, text_of(line, "signature"), LINE_MAX_BYTES, &signature))
		return "a statement that is malformed";
	said.head = (struct str){ (const char *)on->heads.v[records].bytes, AUDIT_HASH };
	said.records = records;
	said.now = (int64_t)time;
	if (on->statement && !on->statement(on->ctx, &said, signature))
		return "a statement that the authority did not sign";
	return NULL;
}

static const char *check_line(struct verifying *on, struct str text)
{
	char before[HEX_MAX + 1];
	struct diag *d = diag_new(on->arena);
	struct source *s = source_of_text(on->arena, "line", text);
	const struct node *values = json_parse(on->arena, s, d),
			  *line = values && values->n == 1 ? values->items[0] : NULL;
	uint64_t record;
	const char *wrong = NULL;
	hex_of(on->head, before);
	if (!line || line->kind != NODE_MAP)
		return "a line that is not a record";
	if (!str_is(text_of(line, "before"), before))
		return "the hash is not that of the line before";
	if (!str_to_u64(text_of(line, "record"), INT64_MAX, &record) || record != on->ret->records + 1)
		return "a record is missing";
	if (str_is(text_of(line, "event"), "statement"))
		wrong = check_statement(on, line);
	SHA256((const unsigned char *)text.p, text.n, on->head);
	on->ret->records++;
	memcpy(VEC_ADD(on->whole, &on->heads)->bytes, on->head, AUDIT_HASH);
	return wrong;
}

bool audit_verify(struct arena *a, const char *path,
		  bool (*statement)(void *ctx, const struct ask_statement *said, struct str signature), void *ctx,
		  struct audit_report *ret, struct diag *d)
{
	enum { LOG_MAX = 1 << 30 };
	struct source *s = source_read(a, path, LOG_MAX, d);
	struct verifying on = { .arena = arena_new(), .whole = a, .statement = statement, .ctx = ctx, .ret = ret };
	*ret = (struct audit_report){ 0 };
	struct str rest = s ? s->text : NO_STR, line;
	(void)VEC_ADD(a, &on.heads);
	while (!ret->why && str_cut(&rest, '\n', &line)) {
		ret->why = check_line(&on, line);
		if (ret->why)
			ret->wrong_line = ret->records + 1;
		arena_reset(on.arena);
	}
	arena_free(on.arena);
	return s != NULL;
}
