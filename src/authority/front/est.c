/* SPDX-License-Identifier: Apache-2.0 */
/* Enrollment over Secure Transport (RFC 7030; RFC 8951 for the encoding). */
#include "authority/front/enrolling.h"
#include "pki/cmc.h"

static const char plain[] = "text/plain; charset=utf-8";

/* "/label/operation": the label names a template (RFC 7030 3.2.2). */
static struct str operation_of(const struct web_request *r, struct str *label)
{
	struct str rest = str_skip(r->rest, 1), first;
	*label = STR("");
	if (str_find(rest, '/') == SIZE_MAX)
		return rest;
	str_cut(&rest, '/', &first);
	*label = first;
	return rest;
}

static bool is_operation(const struct web_request *r, const char *name)
{
	struct str label;
	return str_is(operation_of(r, &label), name);
}

/* A password says who asks; without one the certificate has to. */
static bool wants_certificate(const struct web_request *r)
{
	return r->instance->login.n != LOGIN_PASSWORD &&
	       (is_operation(r, "simplereenroll") || (is_operation(r, "simpleenroll") && r->who.username.n == 0));
}

static void say(struct exchange *ex, unsigned status, const char *text)
{
	exchange_note(ex, "%s", text);
	exchange_answer(ex, status, plain, str_printf(ex->arena, "%s\n", text));
}

/* RFC 7030 3.2.3: a client without a certificate is asked for a password. */
static void challenge(struct exchange *ex, const char *text)
{
	if (ex->request.instance->login.n != LOGIN_CERTIFICATE)
		exchange_field(ex, "WWW-Authenticate", STR("Basic realm=\"enrolment\", charset=\"UTF-8\""));
	say(ex, 401, text);
}

/* False when the exchange was answered (RFC 9110 15.5.6: a 405 says what is allowed). */
static bool is_method(struct exchange *ex, bool post)
{
	if (str_is(ex->request.method, "POST") == post)
		return true;
	exchange_field(ex, "Allow", post ? STR("POST") : STR("GET, HEAD"));
	say(ex, 405, post ? "This address takes application/pkcs10 by POST." : "This address takes GET.");
	return false;
}

static void enrol(struct exchange *ex, struct str label, bool again)
{
	struct web_request *r = &ex->request;
	struct request_fault fault = { 0 };
	bool by_certificate = r->who.username.n == 0;
	struct str der;
	if (!is_method(ex, true))
		return;
	if (!str_iis(r->type, "application/pkcs10")) {
		say(ex, 415, "The content is not application/pkcs10.");
		return;
	}
	if (by_certificate && (r->who.certificate.n == 0 || r->instance->login.n == LOGIN_PASSWORD)) {
		challenge(ex, "A password or a certificate of this authority is needed.");
		return;
	}
	if ((!by_certificate && r->instance->login.n == LOGIN_CERTIFICATE) || (again && !by_certificate)) {
		say(ex, 401, "A certificate of this authority is needed.");
		return;
	}
	if (!base64_read(ex->arena, r->body, REQUEST_BYTES_MAX, &der)) {
		say(ex, 400, "The request is not base64, or too long.");
		return;
	}
	if (!by_certificate)
		r->who.certificate = STR("");
	if (!enrolling_ask(ex, "est", by_certificate ? WAY_CERTIFICATE : WAY_PASSWORD, der, label, STR(""), false,
			   again, &fault))
		say(ex, 400, arena_printf(ex->arena, "The request is refused: %s.", fault.text));
}

static void ask(struct exchange *ex)
{
	struct str label, operation = operation_of(&ex->request, &label);
	if (str_is(operation, "simpleenroll") || str_is(operation, "simplereenroll"))
		enrol(ex, label, str_is(operation, "simplereenroll"));
	else if (!str_is(operation, "cacerts") && !str_is(operation, "csrattrs"))
		say(ex, 404, "There is nothing at this address.");
	else if (!is_method(ex, false))
		return;
	else if (str_is(operation, "cacerts"))
		exchange_ask(ex, ASK_PUBLISHED, &(struct ask_published){ .kind = PUBLISHED_CHAIN });
	else
		/* Templates decide what is in a certificate; a request has to say nothing more than its names. */
		exchange_answer(ex, 204, plain, STR(""));
}

static void answer_certificates(struct exchange *ex, const struct str *ders, size_t n)
{
	struct str cms = certificates_only(ex->arena, ders, n);
	exchange_field(ex, "Content-Transfer-Encoding", STR("base64"));
	exchange_answer(ex, 200, "application/pkcs7-mime; smime-type=certs-only",
			str_printf(ex->arena, "%.*s\n", STR_ARG(base64_made(ex->arena, cms))));
}

static void told_enrol(struct exchange *ex, const struct tell_enrol *told)
{
	const char *text = cstr(ex->arena, told->text);
	switch ((enum enrol_outcome)told->outcome) {
	case ENROL_ISSUED:
		answer_certificates(ex, &told->certificate, 1);
		break;
	case ENROL_PENDING:
		exchange_field(ex, "Retry-After", str_printf(ex->arena, "%llu", (unsigned long long)told->retry_after));
		exchange_answer(ex, 202, plain,
				str_printf(ex->arena, "Request %llu waits for a decision.\n",
					   (unsigned long long)told->request_id));
		break;
	case ENROL_NOT_ALLOWED:
		challenge(ex, text);
		break;
	case ENROL_REFUSED:
		say(ex, 403, text);
		break;
	case ENROL_BROKEN:
		exchange_field(ex, "Retry-After", str_printf(ex->arena, "%llu", (unsigned long long)told->retry_after));
		say(ex, 503, text);
		break;
	}
}

static void told(struct exchange *ex, enum message_type type, const void *message)
{
	const struct tell_published *published = message;
	const struct call_failed *failed = message;
	if (type == TELL_ENROL)
		told_enrol(ex, message);
	else if (type == TELL_PUBLISHED)
		answer_certificates(ex, published->chain.v, published->chain.n);
	else
		say(ex, 503, cstr(ex->arena, failed->text));
}

const struct web_protocol web_est = {
	.name = "est",
	.longest_body = 64 << 10,
	.wants_certificate = wants_certificate,
	.ask = ask,
	.told = told,
};
