/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP and HTTPS, and the services that are recognized by one request: WinRM, WSUS, OCSP, a web
 * proxy, Intel AMT.  The request goes to the planned path; no redirect is followed.
 */
#include "probe/probe.h"
#include "wire/http.h"
#include "wire/ntlm.h"

enum { BODY_MAX = 4096 };

struct http_state {
	bool reading_body, is_head, negotiating;
	struct http_head head;
	struct http_body body;
	struct buffer text; /* the first bytes of the body */
	bool named;         /* the certificate has the planned name */
};

enum kind { KIND_WEB, KIND_WINRM, KIND_WSUS, KIND_OCSP, KIND_PROXY, KIND_AMT };

static enum kind kind_of(const struct exchange *ex)
{
	static const struct {
		const char *name;
		enum kind kind;
	} rows[] = {
		{ "winrm", KIND_WINRM },   { "wsman", KIND_WINRM }, { "wsus", KIND_WSUS },
		{ "wsus-tls", KIND_WSUS }, { "ocsp", KIND_OCSP },   { "http-proxy", KIND_PROXY },
		{ "amt-tls", KIND_AMT },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (str_is(str_of(ex->probe->name), rows[i].name))
			return rows[i].kind;
	return KIND_WEB;
}

/* DSP0226 11: the only question that WS-Management answers without a logon. */
static const char identify[] = "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" "
			       "xmlns:i=\"http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd\">"
			       "<s:Header/><s:Body><i:Identify/></s:Body></s:Envelope>";

static void put_host(struct buffer *to, const struct exchange *ex)
{
	const struct target *t = ex->target;
	struct str name = t->name.n ? t->name : t->host;
	put_text(to, "Host: ");
	put_str(to, name);
	if (t->port != (ex->secure ? 443 : 80))
		put_str(to, str_printf(ex->arena, ":%u", t->port));
	put_text(to, "\r\nUser-Agent: portolan-probe\r\n");
}

static void put_negotiate(struct buffer *to)
{
	uint8_t bytes[128];
	struct buffer token = buffer_over(bytes, sizeof bytes);
	ntlm_put_negotiate(&token);
	put_text(to, "Authorization: Negotiate ");
	put_base64(to, buffer_view(&token));
	put_text(to, "\r\n");
}

static void request(struct exchange *ex)
{
	struct http_state *s = ex->state;
	const struct target *t = ex->target;
	struct buffer *to = exchange_send(ex);
	enum kind kind = kind_of(ex);
	const char *path = kind == KIND_WINRM ? "/wsman" : kind == KIND_WSUS ? "/ClientWebService/client.asmx" : "/";
	s->is_head = kind == KIND_WEB && t->path.n == 0;
	if (kind == KIND_PROXY)
		put_text(to, "OPTIONS http://portolan-probe.invalid/ HTTP/1.1\r\nMax-Forwards: 0\r\n");
	else if (kind == KIND_WINRM)
		put_text(to, "POST /wsman HTTP/1.1\r\n");
	else
		put_str(to, str_printf(ex->arena, "%s %.*s HTTP/1.1\r\n", s->is_head ? "HEAD" : "GET",
				       STR_ARG(t->path.n ? t->path : str_of(path))));
	put_host(to, ex);
	if (s->negotiating)
		put_negotiate(to);
	if (kind == KIND_WINRM)
		put_str(to,
			str_printf(
				ex->arena,
				"WSMANIDENTIFY: unauthenticated\r\nContent-Type: application/soap+xml;charset=UTF-8\r\n"
				"Content-Length: %zu\r\n",
				s->negotiating ? (size_t)0 : sizeof identify - 1));
	put_text(to, "\r\n");
	if (kind == KIND_WINRM && !s->negotiating)
		put_text(to, identify);
}

static void secured(struct exchange *ex, const struct tls_peer *peer)
{
	struct http_state *s = ex->state;
	s->named = peer->name_matches && ex->target->name.n;
	if (peer->asked_certificate)
		exchange_evidence(ex, "client-certificate", STR("asked for"));
	request(ex);
}

/* The scheme among the challenges, with its token. */
static bool challenge(const struct http_head *h, const char *scheme, struct str *token)
{
	struct str value;
	for (size_t i = 0; (value = http_field_nth(h, "WWW-Authenticate", i)).p; i++) {
		struct str word;
		if (str_word(&value, &word) && str_iis(word, scheme)) {
			*token = str_trim(value);
			return true;
		}
	}
	return false;
}

/* The path of an NTLM challenge: the names of the server. */
static bool read_challenge(struct exchange *ex, struct ntlm_names *names)
{
	struct http_state *s = ex->state;
	struct str token, bytes;
	char *buf = arena_alloc(ex->arena, NTLM_BASE64_MAX);
	return (challenge(&s->head, "Negotiate", &token) || challenge(&s->head, "NTLM", &token)) && token.n &&
	       get_base64(token, buf, NTLM_BASE64_MAX, &bytes) && ntlm_read_challenge(bytes, names);
}

static bool is_proxy(const struct http_head *h)
{
	return http_field(h, "Via").p || http_field(h, "X-Squid-Error").p || http_field(h, "Proxy-Authenticate").p ||
	       http_field(h, "X-Cache").p || h->status == 407 || h->status == 511;
}

static void judge_winrm(struct exchange *ex, struct str server)
{
	struct http_state *s = ex->state;
	struct str token, text = buffer_view(&s->text);
	struct ntlm_names names;
	if (str_find_text(text, STR("IdentifyResponse")) != SIZE_MAX) {
		exchange_done(ex, s->named ? REASON_PROVEN : REASON_SERVICE, "WS-Management identifies itself");
	} else if (s->negotiating && read_challenge(ex, &names)) {
		exchange_identify(ex, "WS-Management", str_of(names.host), str_of(names.domain));
	} else if (!s->negotiating && s->head.status == 401 && s->head.keep_alive &&
		   challenge(&s->head, "Negotiate", &token)) {
		s->negotiating = true;
		request(ex);
	} else if (s->head.status == 401) {
		exchange_done(ex, s->named ? REASON_PROVEN : REASON_SERVICE, "WS-Management asks for a logon");
	} else if (s->head.status == 404 && str_starts(server, "Microsoft-HTTPAPI/")) {
		exchange_done(ex, REASON_OTHER_SERVICE, "Windows listens, but WinRM has no listener for this name");
	} else {
		exchange_done(ex, REASON_OTHER_SERVICE, "a web server without WS-Management: status %u",
			      s->head.status);
	}
}

static void judge_wsus(struct exchange *ex)
{
	struct http_state *s = ex->state;
	if (s->head.status == 503)
		exchange_done(ex, REASON_OTHER_SERVICE, "IIS replies, but the WSUS application pool is stopped");
	else if (s->head.status == 404)
		exchange_done(ex, REASON_OTHER_SERVICE, "a web server without WSUS");
	else if (s->head.status < 500)
		exchange_done(ex, s->named ? REASON_PROVEN : REASON_SERVICE, "WSUS replies with the status %u",
			      s->head.status);
	else
		exchange_done(ex, REASON_SERVICE, "WSUS replies, but fails with the status %u", s->head.status);
}

static void judge_web(struct exchange *ex, struct str server)
{
	struct http_state *s = ex->state;
	const struct target *t = ex->target;
	struct str location = http_field(&s->head, "Location");
	if (location.p)
		exchange_evidence(ex, "location", location);
	if (str_starts(server, "Microsoft-HTTPAPI/") && (s->head.status == 400 || s->head.status == 404))
		exchange_done(ex, t->path.n ? REASON_OTHER_SERVICE : REASON_SERVICE,
			      "Windows listens, but no web site is bound to this name and port");
	else if (t->path.n && s->head.status == 404)
		exchange_done(ex, REASON_OTHER_SERVICE, "a web server without %.*s", STR_ARG(t->path));
	else if (s->head.status == 503)
		exchange_done(ex, REASON_SERVICE, "a web server whose service is stopped: status 503");
	else
		exchange_done(ex, s->named || (t->path.n && s->head.status == 200) ? REASON_PROVEN : REASON_SERVICE,
			      "a web server replies with the status %u", s->head.status);
}

static void judge(struct exchange *ex)
{
	struct http_state *s = ex->state;
	struct str server = http_field(&s->head, "Server");
	enum kind kind = kind_of(ex);
	if (server.p) {
		exchange_evidence(ex, "server", server);
		exchange_check_stand_in(ex, server);
	}
	if (!s->negotiating)
		exchange_evidence_number(ex, "status", s->head.status);
	if (kind == KIND_PROXY)
		exchange_done(ex, is_proxy(&s->head) ? REASON_SERVICE : REASON_OTHER_SERVICE,
			      is_proxy(&s->head) ? "a web proxy replies with the status %u"
						 : "a web server that does not look like a proxy: status %u",
			      s->head.status);
	else if (is_proxy(&s->head))
		exchange_done(ex, REASON_OTHER_SERVICE, "a web proxy replies in place of the target");
	else if (kind == KIND_AMT)
		exchange_done(ex,
			      str_starts(server, "Intel(R) Active Management Technology") ? REASON_SERVICE
											  : REASON_OTHER_SERVICE,
			      "%s",
			      str_starts(server, "Intel(R) Active Management Technology")
				      ? "Intel AMT replies"
				      : "a web server that is not Intel AMT");
	else if (kind == KIND_WINRM)
		judge_winrm(ex, server);
	else if (kind == KIND_WSUS)
		judge_wsus(ex);
	else
		judge_web(ex, server);
}

static size_t read_head(struct exchange *ex, const uint8_t *p, size_t n)
{
	struct http_state *s = ex->state;
	size_t length;
	struct str bytes = str_dup(ex->arena, (struct str){ (const char *)p, MIN(n, (size_t)HTTP_HEAD_MAX) });
	static const char begin[] = "HTTP/1.";
	if (memcmp(p, begin, MIN(n, sizeof begin - 1)) != 0) {
		exchange_foreign(ex, p, n);
		return n;
	}
	switch (http_read_head(HTTP_REPLY, s->is_head, bytes, &s->head, &length)) {
	case HTTP_MORE:
		return 0;
	case HTTP_BAD:
		exchange_evidence(ex, "first-bytes", str_first(bytes, 24));
		exchange_done(ex, REASON_OTHER_SERVICE, "the HTTP reply is malformed: %s", s->head.error);
		return n;
	case HTTP_OK:
		break;
	}
	if (s->head.status < 200)
		return length; /* 100 Continue: the reply comes after it */
	s->body = http_body_of(&s->head);
	s->text = buffer_over(arena_alloc(ex->arena, BODY_MAX), BODY_MAX);
	s->reading_body = !s->body.done;
	if (!s->reading_body)
		judge(ex);
	return length;
}

static size_t input(struct exchange *ex, const uint8_t *p, size_t n)
{
	struct http_state *s = ex->state;
	if (!s->reading_body)
		return read_head(ex, p, n);
	struct str piece;
	size_t used = http_read_body(&s->body, (struct str){ (const char *)p, n }, &piece);
	put_str(&s->text, str_first(piece, s->text.room - s->text.n));
	if (s->body.error) {
		exchange_done(ex, REASON_OTHER_SERVICE, "the HTTP reply is malformed: %s", s->body.error);
	} else if (s->body.done || s->text.n == s->text.room) {
		/* The rest of a long body is not needed; the connection cannot be used again then. */
		s->head.keep_alive &= s->body.done;
		s->reading_body = false;
		judge(ex);
	}
	return used;
}

static void closed(struct exchange *ex)
{
	struct http_state *s = ex->state;
	if (s->reading_body && s->body.framing == HTTP_TO_THE_END) {
		s->head.keep_alive = false;
		judge(ex);
	} else if (s->negotiating) {
		exchange_done(ex, s->named ? REASON_PROVEN : REASON_SERVICE, "WS-Management asks for a logon");
	} else {
		exchange_done(ex, REASON_OTHER_SERVICE, "it closes the connection %s",
			      s->reading_body ? "within its reply" : "without a reply");
	}
}

#define HTTP_PROBE(symbol, text, called, first, reached, why, later) \
	const struct probe probe_##symbol = {                        \
		.name = text,                                        \
		.title = called,                                     \
		.best = reached,                                     \
		.why_not = why,                                      \
		.follows = later,                                    \
		.state_size = sizeof(struct http_state),             \
		.over_udp = &probe_no_udp,                           \
		.tls_first = first,                                  \
		.start = request,                                    \
		.secured = secured,                                  \
		.input = input,                                      \
		.closed = closed,                                    \
	}

extern const struct probe probe_no_udp;
static const char negotiates[] = "the request again with an NTLM NEGOTIATE, whose challenge is not answered";
static const char without_name[] = "plain HTTP names no server; a planned path that replies is the best proof";

HTTP_PROBE(http, "http", "HTTP", false, REASON_PROVEN, without_name, NULL);
HTTP_PROBE(https, "https", "HTTPS", true, REASON_PROVEN, NULL, NULL);
HTTP_PROBE(winrm, "winrm", "WinRM", false, REASON_PROVEN, NULL, negotiates);
HTTP_PROBE(wsman, "wsman", "WS-Management", true, REASON_PROVEN, NULL, negotiates);
HTTP_PROBE(wsus, "wsus", "WSUS", false, REASON_SERVICE, without_name, NULL);
HTTP_PROBE(wsus_tls, "wsus-tls", "WSUS", true, REASON_PROVEN, NULL, NULL);
HTTP_PROBE(ocsp, "ocsp", "OCSP", false, REASON_SERVICE, without_name, NULL);
HTTP_PROBE(http_proxy, "http-proxy", "a web proxy", false, REASON_SERVICE, without_name, NULL);
HTTP_PROBE(amt_tls, "amt-tls", "Intel AMT", true, REASON_SERVICE, "the reply names no server", NULL);
