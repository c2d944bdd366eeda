/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/http.h"

/* RFC 9110 5.6.2: the characters of a token. */
static bool is_token_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       char_in(c, "!#$%&'*+-.^_`|~");
}

static bool is_token(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_token_char(s.p[i]))
			return false;
	return s.n > 0;
}

/* RFC 9110 5.5: a field value has visible characters, blanks and tabs, and bytes above 0x7f. */
static bool is_field_text(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (((unsigned char)s.p[i] < 0x20 && s.p[i] != '\t') || s.p[i] == 0x7f)
			return false;
	return true;
}

static struct str trim_blanks(struct str s)
{
	while (s.n && (*s.p == ' ' || *s.p == '\t'))
		s = str_skip(s, 1);
	while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s;
}

static bool fail(struct http_head *h, unsigned status, const char *error)
{
	if (!h->error) {
		h->error = error;
		h->error_status = status;
	}
	return false;
}

/* "HTTP/1.1"; other major versions are refused. */
static bool read_version(struct http_head *h, struct str s)
{
	if (s.n != 8 || !str_starts(s, "HTTP/") || s.p[6] != '.' || s.p[5] < '0' || s.p[5] > '9' || s.p[7] < '0' ||
	    s.p[7] > '9')
		return fail(h, 400, "the version is not HTTP/1.1");
	if (s.p[5] != '1')
		return fail(h, 505, "the version is not HTTP/1.x");
	h->minor = s.p[7] == '0' ? 0 : 1;
	return true;
}

static bool read_request_line(struct http_head *h, struct str line)
{
	size_t first = str_find(line, ' ');
	struct str rest = str_skip(line, first == SIZE_MAX ? line.n : first + 1);
	size_t second = str_find(rest, ' ');
	h->method = str_first(line, first);
	h->target = str_first(rest, second);
	if (first == SIZE_MAX || second == SIZE_MAX)
		return fail(h, 400,
			    "the request line is not a method, a target and a version with one blank between them");
	struct str version = str_skip(rest, second + 1);
	if (!is_token(h->method))
		return fail(h, 400, "the method is not a token");
	for (size_t i = 0; i < h->target.n; i++)
		if ((unsigned char)h->target.p[i] <= 0x20 || (unsigned char)h->target.p[i] >= 0x7f)
			return fail(h, 400, "the target has a control character or a byte that is not ASCII");
	if (h->target.n == 0)
		return fail(h, 400, "the target is empty");
	return read_version(h, version);
}

static bool read_status_line(struct http_head *h, struct str line)
{
	struct str version, code;
	if (!str_cut(&line, ' ', &version) || !read_version(h, version))
		return fail(h, 400, "the reply does not begin with HTTP/1.x");
	uint32_t status;
	if (!str_cut(&line, ' ', &code) || code.n != 3 || !str_to_u32(code, 999, &status) || status < 100)
		return fail(h, 400, "the status is not three digits");
	h->status = status;
	h->reason = line;
	return is_field_text(line) || fail(h, 400, "the reason has a control character");
}

static bool read_field(struct http_head *h, struct str line)
{
	size_t colon = str_find(line, ':');
	if (*line.p == ' ' || *line.p == '\t')
		return fail(h, 400, "a line is folded");
	if (colon == SIZE_MAX)
		return fail(h, 400, "a field has no colon");
	struct http_field f = { str_first(line, colon), trim_blanks(str_skip(line, colon + 1)) };
	if (!is_token(f.name))
		return fail(h, 400, "the name of a field is not a token, or a blank stands before its colon");
	if (!is_field_text(f.value))
		return fail(h, 400, "the value of a field has a control character");
	if (h->n_fields == HTTP_FIELDS_MAX)
		return fail(h, 431, "there are too many fields");
	h->fields[h->n_fields++] = f;
	return true;
}

struct str http_field_nth(const struct http_head *h, const char *name, size_t nth)
{
	for (size_t i = 0; i < h->n_fields; i++)
		if (str_iis(h->fields[i].name, name) && nth-- == 0)
			return h->fields[i].value;
	return NO_STR;
}

struct str http_field(const struct http_head *h, const char *name)
{
	return http_field_nth(h, name, 0);
}

bool http_list(struct str *rest, struct str *ret)
{
	while (str_cut(rest, ',', ret)) {
		*ret = trim_blanks(*ret);
		if (ret->n)
			return true;
	}
	return false;
}

/* RFC 9112 6.1 to 6.3. */
static bool read_framing(struct http_head *h, bool to_head)
{
	struct str length = http_field(h, "Content-Length"), coding = http_field(h, "Transfer-Encoding");
	if (http_field_nth(h, "Content-Length", 1).p)
		return fail(h, 400, "there are two Content-Length fields");
	if (http_field_nth(h, "Transfer-Encoding", 1).p)
		return fail(h, 400, "there are two Transfer-Encoding fields");
	if (length.p && coding.p)
		return fail(h, 400, "Content-Length stands beside Transfer-Encoding");
	if (length.p && !str_to_u64(length, INT64_MAX, &h->length))
		return fail(h, 400, "Content-Length is not a number");
	if (coding.p && h->minor == 0)
		return fail(h, 400, "HTTP/1.0 has no Transfer-Encoding");
	if (coding.p && !str_iis(coding, "chunked"))
		return fail(h, h->kind == HTTP_REQUEST ? 501 : 400, "the transfer coding is not chunked");
	h->framing = coding.p                ? HTTP_CHUNKED
		     : length.p              ? HTTP_LENGTH
		     : h->kind == HTTP_REPLY ? HTTP_TO_THE_END
					     : HTTP_NO_BODY;
	if (h->framing == HTTP_LENGTH && h->length == 0)
		h->framing = HTTP_NO_BODY;
	if (h->kind == HTTP_REPLY && (to_head || h->status < 200 || h->status == 204 || h->status == 304))
		h->framing = HTTP_NO_BODY;
	return true;
}

static bool read_meaning(struct http_head *h, bool to_head)
{
	if (h->kind == HTTP_REQUEST) {
		if (http_field_nth(h, "Host", 1).p)
			return fail(h, 400, "there are two Host fields");
		if (h->minor && !http_field(h, "Host").p)
			return fail(h, 400, "there is no Host field");
	}
	if (!read_framing(h, to_head))
		return false;
	h->keep_alive = h->minor > 0;
	struct str list, word;
	for (size_t i = 0; (list = http_field_nth(h, "Connection", i)).p; i++)
		while (http_list(&list, &word))
			if (str_iis(word, "close"))
				h->keep_alive = false;
	struct str expect = http_field(h, "Expect");
	h->expects_continue = str_iis(expect, "100-continue");
	if (h->kind == HTTP_REQUEST && expect.p && !h->expects_continue)
		return fail(h, 417, "the expectation is not 100-continue");
	return true;
}

/* The end of the head, after its empty line; SIZE_MAX when it has not come.  Spoils the head at a bare LF, CR or NUL. */
static size_t find_end(struct http_head *h, struct str bytes)
{
	for (size_t i = 0; i < bytes.n; i++) {
		char c = bytes.p[i];
		if (c == '\0')
			fail(h, 400, "there is a NUL");
		else if (c == '\n' && (i == 0 || bytes.p[i - 1] != '\r'))
			fail(h, 400, "a line ends with LF alone");
		else if (c == '\r' && i + 1 < bytes.n && bytes.p[i + 1] != '\n')
			fail(h, 400, "a CR stands alone");
		else if (c == '\n' && i >= 3 && bytes.p[i - 2] == '\n')
			return i + 1;
		if (h->error)
			return SIZE_MAX;
	}
	return SIZE_MAX;
}

enum http_parse http_read_head(enum http_kind kind, bool to_head, struct str bytes, struct http_head *ret,
			       size_t *length)
{
	struct http_head *h = ret;
	h->kind = kind;
	h->n_fields = 0;
	h->error = NULL;
	h->error_status = 0;
	h->status = 0;
	h->length = 0;
	h->method = h->target = h->reason = NO_STR;
	size_t end = find_end(h, str_first(bytes, HTTP_HEAD_MAX));
	if (h->error)
		return HTTP_BAD;
	if (end == SIZE_MAX && bytes.n < HTTP_HEAD_MAX)
		return HTTP_MORE;
	if (end == SIZE_MAX) {
		fail(h, 431, "the head is too long");
		return HTTP_BAD;
	}
	struct str lines = str_first(bytes, end - 2), line;
	*length = end;
	bool ok = true;
	for (bool first = true; ok && str_cut(&lines, '\n', &line); first = false) {
		line.n -= line.n > 0; /* its CR */
		if (!first && line.n == 0)
			break;
		ok = !first                 ? read_field(h, line)
		     : kind == HTTP_REQUEST ? read_request_line(h, line)
					    : read_status_line(h, line);
	}
	return ok && read_meaning(h, to_head) ? HTTP_OK : HTTP_BAD;
}

struct http_body http_body_of(const struct http_head *h)
{
	return (struct http_body){ .framing = h->framing, .left = h->length, .done = h->framing == HTTP_NO_BODY };
}

/* The line at the start of the bytes, without CRLF; its length with it, 0 when it has not come. */
static size_t get_line(struct http_body *b, struct str bytes, struct str *line)
{
	size_t lf = str_find(str_first(bytes, HTTP_CHUNK_LINE_MAX), '\n');
	if (lf == SIZE_MAX) {
		if (bytes.n >= HTTP_CHUNK_LINE_MAX)
			b->error = "a line of a chunk is too long";
		return 0;
	}
	if (lf == 0 || bytes.p[lf - 1] != '\r') {
		b->error = "a line of a chunk ends with LF alone";
		return 0;
	}
	*line = str_first(bytes, lf - 1);
	return lf + 1;
}

/* chunk-size [ chunk-ext ]: hexadecimal, no sign, no blanks before it. */
static bool read_chunk_size(struct http_body *b, struct str line)
{
	size_t n = 0;
	b->left = 0;
	for (; n < line.n && n < 16 && hex_digit(line.p[n]) >= 0; n++)
		b->left = b->left << 4 | (uint64_t)hex_digit(line.p[n]);
	struct str extension = trim_blanks(str_skip(line, n));
	if (n == 0 || n == 16 || (extension.n && *extension.p != ';') || !is_field_text(extension)) {
		b->error = "the size of a chunk is not a hexadecimal number";
		return false;
	}
	return true;
}

static size_t read_chunk(struct http_body *b, struct str bytes, struct str *piece)
{
	struct str line;
	size_t n = 0;
	switch (b->at) {
	case CHUNK_SIZE:
		n = get_line(b, bytes, &line);
		if (n && read_chunk_size(b, line))
			b->at = b->left ? CHUNK_DATA : CHUNK_TRAILER;
		break;
	case CHUNK_DATA:
		n = (size_t)MIN((uint64_t)bytes.n, b->left);
		*piece = str_first(bytes, n);
		b->left -= n;
		if (b->left == 0)
			b->at = CHUNK_END;
		break;
	case CHUNK_END:
		n = bytes.n < 2 ? 0 : 2;
		if (n && memcmp(bytes.p, "\r\n", 2) != 0)
			b->error = "a chunk does not end with CRLF";
		b->at = n ? CHUNK_SIZE : CHUNK_END;
		break;
	case CHUNK_TRAILER:
		n = get_line(b, bytes, &line);
		b->trailer += n;
		b->done = n == 2;
		if (b->trailer > HTTP_HEAD_MAX)
			b->error = "the trailers are too long";
		break;
	}
	return b->error ? 0 : n;
}

size_t http_read_body(struct http_body *b, struct str bytes, struct str *piece)
{
	*piece = STR("");
	if (b->done || b->error || bytes.n == 0)
		return 0;
	size_t n = bytes.n;
	switch (b->framing) {
	case HTTP_NO_BODY:
		return 0;
	case HTTP_TO_THE_END:
		*piece = bytes;
		break;
	case HTTP_LENGTH:
		n = (size_t)MIN((uint64_t)n, b->left);
		*piece = str_first(bytes, n);
		b->left -= n;
		b->done = b->left == 0;
		break;
	case HTTP_CHUNKED:
		n = read_chunk(b, bytes, piece);
		break;
	}
	b->read += piece->n;
	return n;
}
