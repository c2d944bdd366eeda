/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP and what is recognized over it: every reply names the stand-in in its Server field.
 */
#include "listen/stand-in.h"
#include "wire/http.h"

struct http_state {
	struct http_head head;
	struct http_body body;
	bool reading;
};

static const char identified[] =
	"<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"><s:Body>"
	"<w:IdentifyResponse xmlns:w=\"http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd\">"
	"<w:ProductVendor>" STAND_IN "</w:ProductVendor></w:IdentifyResponse></s:Body></s:Envelope>";

static bool is(const struct session *s, const char *name)
{
	return str_is(str_of(s->stand_in->name), name);
}

static void put_reply(struct session *s, const char *status, const char *fields, const char *body, bool with_body)
{
	put_str(session_send(s),
		str_printf(s->arena,
			   "HTTP/1.1 %s\r\nServer: %s\r\n%sContent-Length: %zu\r\nConnection: close\r\n\r\n%s", status,
			   is(s, "amt-tls") ? "Intel(R) Active Management Technology " STAND_IN : STAND_IN, fields,
			   strlen(body), with_body ? body : ""));
	s->close = true;
}

static void reply(struct session *s)
{
	struct http_state *state = s->state;
	const struct http_head *h = &state->head;
	bool winrm = (is(s, "winrm") || is(s, "wsman")) && str_is(h->method, "POST") && str_is(h->target, "/wsman");
	s->heard = "a request";
	if (winrm && http_field(h, "WSMANIDENTIFY").p)
		put_reply(s, "200 OK", "Content-Type: application/soap+xml;charset=UTF-8\r\n", identified, true);
	else if (winrm)
		put_reply(s, "401 Unauthorized", "WWW-Authenticate: Basic realm=\"" STAND_IN "\"\r\n", "", true);
	else if (is(s, "http-proxy"))
		put_reply(s, "407 Proxy Authentication Required",
			  "Proxy-Authenticate: Basic realm=\"" STAND_IN "\"\r\n", "", true);
	else if (str_is(h->method, "GET") || str_is(h->method, "HEAD"))
		put_reply(s, "200 OK", "Content-Type: text/plain\r\n", STAND_IN "\n", str_is(h->method, "GET"));
	else
		put_reply(s, "501 Not Implemented", "", "", true);
}

static size_t read_head(struct session *s, const uint8_t *p, size_t n)
{
	struct http_state *state = s->state;
	size_t length = n;
	/* The head's strings outlive the input while its body is read. */
	struct str bytes = str_dup(s->arena, (struct str){ (const char *)p, MIN(n, (size_t)HTTP_HEAD_MAX) });
	switch (http_read_head(HTTP_REQUEST, false, bytes, &state->head, &length)) {
	case HTTP_MORE:
		return 0;
	case HTTP_BAD:
		s->heard = "a malformed request";
		put_reply(s, str_printf(s->arena, "%u Refused", state->head.error_status).p, "", "", true);
		return n;
	case HTTP_OK:
		break;
	}
	state->body = http_body_of(&state->head);
	state->reading = !state->body.done;
	if (!state->reading)
		reply(s);
	else if (state->head.expects_continue)
		put_text(session_send(s), "HTTP/1.1 100 Continue\r\n\r\n");
	return length;
}

static size_t input(struct session *s, const uint8_t *p, size_t n)
{
	struct http_state *state = s->state;
	if (!state->reading)
		return read_head(s, p, n);
	struct str piece;
	size_t used = http_read_body(&state->body, (struct str){ (const char *)p, n }, &piece);
	if (state->body.error || state->body.read > SESSION_INPUT_MAX)
		session_foreign(s);
	else if (state->body.done)
		reply(s);
	return used;
}

#define HTTP_STAND_IN(symbol, text, tls)                 \
	const struct stand_in stand_in_##symbol = {      \
		.name = text,                            \
		.state_size = sizeof(struct http_state), \
		.tls_first = tls,                        \
		.input = input,                          \
	}

HTTP_STAND_IN(http, "http", false);
HTTP_STAND_IN(https, "https", true);
HTTP_STAND_IN(ocsp, "ocsp", false);
HTTP_STAND_IN(winrm, "winrm", false);
HTTP_STAND_IN(wsman, "wsman", true);
HTTP_STAND_IN(wsus, "wsus", false);
HTTP_STAND_IN(wsus_tls, "wsus-tls", true);
HTTP_STAND_IN(http_proxy, "http-proxy", false);
HTTP_STAND_IN(amt_tls, "amt-tls", true);
