/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON writer, streaming: no tree, keys in the order they are written, one line an
 * item on request.  Bytes that are not UTF-8 become U+FFFD, so that the output is
 * always valid (RFC 8259, 8.1).
 */
#pragma once

#include "base/out.h"

enum { JSON_MOST_DEPTH = 32 };

struct json {
	struct out *out;
	unsigned depth;
	char close[JSON_MOST_DEPTH]; /* what ends the collection at this depth */
	bool comma[JSON_MOST_DEPTH]; /* it has a member */
	bool lines[JSON_MOST_DEPTH]; /* each of its members begins a line */
	bool after_key;
};

struct json json_to(struct out *out);

void json_object(struct json *j);
void json_list(struct json *j);
/* A collection whose members each begin a line: diffs and greps read better. */
void json_object_lines(struct json *j);
void json_list_lines(struct json *j);
void json_end(struct json *j); /* of the innermost collection */

void json_key(struct json *j, const char *key);
void json_str(struct json *j, struct str s);
void json_text(struct json *j, const char *s);
void json_u64(struct json *j, uint64_t value);
void json_raw(struct json *j, const char *json); /* already JSON */

/* key and value in one */
void json_put_str(struct json *j, const char *key, struct str s);
void json_put_some(struct json *j, const char *key, struct str s); /* nothing of an empty one */
void json_put_text(struct json *j, const char *key, const char *s);
void json_put_u64(struct json *j, const char *key, uint64_t value);
void json_put_i64(struct json *j, const char *key, int64_t value);
void json_put_bool(struct json *j, const char *key, bool value);

/* A string in quotes, escaped; for writers that need only that. */
void json_quote(struct out *o, struct str s);
