/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP/1.1 heads and bodies, both directions, as strictly as RFC 9112 and RFC 9110 allow.
 *
 * One reader serves the probe, which reads replies of servers that it does not trust, and the
 * enrolment services, which read requests of clients that they do not trust.  So nothing is
 * guessed: a bare LF, a folded line, a blank before the colon, a control character, two lengths, a length beside a
 * transfer coding, a coding other than chunked are errors, each with its own words.
 * docs/decisions/http.md says why it is our own.
 */
#pragma once

#include "wire/bytes.h"

enum {
	HTTP_HEAD_MAX = 16 << 10, /* bytes of a head with its empty line */
	HTTP_FIELDS_MAX = 100,
	HTTP_CHUNK_LINE_MAX = 256, /* bytes of the line that begins a chunk */
};

struct http_field {
	struct str name, value; /* without blanks around the value */
};

enum http_kind { HTTP_REPLY, HTTP_REQUEST };

enum http_framing {
	HTTP_NO_BODY,
	HTTP_LENGTH, /* length bytes */
	HTTP_CHUNKED,
	HTTP_TO_THE_END, /* a reply only: until the connection ends */
};

struct http_head {
	enum http_kind kind;
	unsigned minor;  /* of HTTP/1.x: 0 or 1 */
	unsigned status; /* of a reply */
	struct str reason;
	struct str method, target; /* of a request */
	struct http_field fields[HTTP_FIELDS_MAX];
	size_t n_fields;
	enum http_framing framing;
	uint64_t length;
	bool keep_alive;
	bool expects_continue; /* Expect: 100-continue, in any case */
	const char *error;     /* what is wrong, for a log and a 400; a constant */
	unsigned error_status; /* 400, 431, 501, 505 */
};

enum http_parse { HTTP_MORE, HTTP_OK, HTTP_BAD };

/*
 * Reads a head at the start of the bytes.  HTTP_OK: *length bytes were the head; its strings
 * lie in the bytes.  HTTP_MORE: the empty line has not come, and fewer than HTTP_HEAD_MAX bytes have.
 * to_head: the reply is one to HEAD, which has no body.
 */
enum http_parse http_read_head(enum http_kind kind, bool to_head, struct str bytes, struct http_head *ret,
			       size_t *length);

/* The value of a field by its name in any case; p == NULL when absent.  Fields that may occur several times: by number. */
struct str http_field(const struct http_head *h, const char *name);
struct str http_field_nth(const struct http_head *h, const char *name, size_t nth);

/* The body, piece by piece. */
struct http_body {
	enum http_framing framing;
	uint64_t left; /* of the body or the chunk */
	uint64_t read; /* bytes of content so far */
	enum { CHUNK_SIZE, CHUNK_DATA, CHUNK_END, CHUNK_TRAILER } at;
	size_t trailer; /* bytes of trailers so far */
	bool done;
	const char *error;
};

struct http_body http_body_of(const struct http_head *h);

/*
 * Takes what it can of the bytes: returns how many were consumed, and in *piece the content among
 * them, which may be empty.  0 consumed and not done: more is needed.  Call until it consumes nothing.
 */
size_t http_read_body(struct http_body *b, struct str bytes, struct str *piece);

/* The next element of a list field such as Connection: commas and blanks around are gone. */
bool http_list(struct str *rest, struct str *ret);
