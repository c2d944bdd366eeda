/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What clients fetch before they trust anything: CRL, the authority's certificate, OCSP (RFC 5280 4.2.1.13, 4.2.2.1; RFC 6960
 * appendix A).  Over plain HTTP, since the server's own certificate is checked by it.
 */
#include "authority/front/exchange.h"
#include "pki/request.h"

enum { OCSP_MAX = 4096 };

static const char plain[] = "text/plain; charset=utf-8";

static void say(struct exchange *ex, unsigned status, const char *text)
{
	exchange_note(ex, "%s", text);
	exchange_answer(ex, status, plain, str_printf(ex->arena, "%s\n", text));
}

static void ask_ocsp(struct exchange *ex)
{
	struct ask_published question = { .kind = PUBLISHED_OCSP, .request = ex->request.body };
	bool post = str_is(ex->request.method, "POST");
	if (post && !str_iis(ex->request.type, "application/ocsp-request")) {
		say(ex, 415, "The content is not application/ocsp-request.");
		return;
	}
	if (!post &&
	    !base64_read(ex->arena, str_skip(ex->request.path, strlen("/ocsp/")), OCSP_MAX, &question.request)) {
		say(ex, 400, "The request is not base64, or too long.");
		return;
	}
	exchange_ask(ex, ASK_PUBLISHED, &question);
}

/* The name in the path is the authority's, with the number of a key and the ending. */
static bool is_named(const struct exchange *ex, const char *ending, size_t *key)
{
	struct str name = str_skip(ex->request.path, 1), authority = ex->request.config->name.s;
	struct str after = str_skip(name, authority.n);
	size_t n = after.n - MIN(after.n, strlen(ending));
	return str_ieq(str_first(name, authority.n), authority) && str_iis(str_skip(after, n), ending) &&
	       authority_key_named(str_first(after, n), key);
}

static void ask(struct exchange *ex)
{
	struct str path = ex->request.path;
	size_t key;
	bool crl = is_named(ex, ".crl", &key);
	if (str_is(path, "/ocsp") || str_starts(path, "/ocsp/")) {
		ask_ocsp(ex);
	} else if (!crl && !is_named(ex, ".crt", &key)) {
		say(ex, 404, "There is nothing at this address.");
	} else if (str_is(ex->request.method, "POST")) {
		exchange_field(ex, "Allow", STR("GET, HEAD"));
		say(ex, 405, "This address takes GET.");
	} else if (!crl) {
		exchange_ask(ex, ASK_PUBLISHED, &(struct ask_published){ .kind = PUBLISHED_AUTHORITY, .key = key });
	} else if (!exchange_answer_crl(ex, key, "application/pkix-crl")) {
		say(ex, 503, "There is no list yet.");
	}
}

static void told(struct exchange *ex, enum message_type type, const void *message)
{
	const struct tell_published *published = message;
	if (type != TELL_PUBLISHED)
		say(ex, 503, cstr(ex->arena, ((const struct call_failed *)message)->text));
	else if (!published->found)
		say(ex, 404, "There is nothing at this address.");
	else
		exchange_answer(ex, 200,
				str_starts(ex->request.path, "/ocsp") ? "application/ocsp-response"
								      : "application/pkix-cert",
				published->bytes);
}

const struct web_protocol web_publish = {
	.name = "publish",
	.longest_body = OCSP_MAX,
	.ask = ask,
	.told = told,
};
