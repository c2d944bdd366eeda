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
	return is_operation(r, "simplereenroll") || (is_operation(r, "simpleenroll") && r->who.username.n == 0);
}

static void say(struct exchange *x, unsigned status, const char *text)
{
	exchange_note(x, "%s", text);
	exchange_answer(x, status, plain, str_printf(x->arena, "%s\n", text));
}

/* RFC 7030 3.2.3: a client without a certificate is asked for a password. */
static void challenge(struct exchange *x, const char *text)
{
	if (x->request.instance->login.n != LOGIN_CERTIFICATE)
		exchange_field(x, "WWW-Authenticate", STR("Basic realm=\"enrolment\", charset=\"UTF-8\""));
	say(x, 401, text);
}

static void enrol(struct exchange *x, struct str label, bool again)
{
	struct web_request *r = &x->request;
	struct request_fault fault = { 0 };
	bool by_certificate = r->who.username.n == 0;
	struct str der;
	if (!str_is(r->method, "POST") || !str_iis(r->type, "application/pkcs10")) {
		say(x, str_is(r->method, "POST") ? 415 : 405, "This address takes application/pkcs10 by POST.");
		return;
	}
	if (by_certificate && (r->who.certificate.n == 0 || r->instance->login.n == LOGIN_PASSWORD)) {
		challenge(x, "A password or a certificate of this authority is needed.");
		return;
	}
	if ((!by_certificate && r->instance->login.n == LOGIN_CERTIFICATE) || (again && !by_certificate)) {
		say(x, 401, "A certificate of this authority is needed.");
		return;
	}
	if (!base64_read(x->arena, r->body, REQUEST_BYTES_MAX, &der)) {
		say(x, 400, "The request is not base64, or too long.");
		return;
	}
	if (!by_certificate)
		r->who.certificate = STR("");
	if (!enrolling_ask(x, "est", by_certificate ? WAY_CERTIFICATE : WAY_PASSWORD, der, label, STR(""), false, again,
			   &fault))
		say(x, 400, arena_printf(x->arena, "The request is refused: %s.", fault.text));
}

static void ask(struct exchange *x)
{
	struct str label, operation = operation_of(&x->request, &label);
	if (str_is(operation, "cacerts"))
		exchange_ask(x, ASK_PUBLISHED, &(struct ask_published){ .kind = PUBLISHED_CHAIN });
	else if (str_is(operation, "simpleenroll") || str_is(operation, "simplereenroll"))
		enrol(x, label, str_is(operation, "simplereenroll"));
	else if (str_is(operation, "csrattrs"))
		/* Templates decide what is in a certificate; a request has to say nothing more than its names. */
		exchange_answer(x, 204, plain, STR(""));
	else
		say(x, 404, "There is nothing at this address.");
}

static void answer_certificates(struct exchange *x, const struct str *ders, size_t n)
{
	struct str cms = certificates_only(x->arena, ders, n);
	exchange_field(x, "Content-Transfer-Encoding", STR("base64"));
	exchange_answer(x, 200, "application/pkcs7-mime; smime-type=certs-only",
			str_printf(x->arena, "%.*s\n", STR_ARG(base64_made(x->arena, cms))));
}

static void told_enrol(struct exchange *x, const struct tell_enrol *told)
{
	const char *text = cstr(x->arena, told->text);
	switch ((enum enrol_outcome)told->outcome) {
	case ENROL_ISSUED:
		answer_certificates(x, &told->certificate, 1);
		break;
	case ENROL_PENDING:
		exchange_field(x, "Retry-After", str_printf(x->arena, "%llu", (unsigned long long)told->retry_after));
		exchange_answer(x, 202, plain,
				str_printf(x->arena, "Request %llu waits for a decision.\n",
					   (unsigned long long)told->request_id));
		break;
	case ENROL_NOT_ALLOWED:
		challenge(x, text);
		break;
	case ENROL_REFUSED:
		say(x, 403, text);
		break;
	case ENROL_BROKEN:
		exchange_field(x, "Retry-After", str_printf(x->arena, "%llu", (unsigned long long)told->retry_after));
		say(x, 503, text);
		break;
	}
}

static void told(struct exchange *x, enum message_type type, const void *message)
{
	const struct tell_published *published = message;
	const struct call_failed *failed = message;
	if (type == TELL_ENROL)
		told_enrol(x, message);
	else if (type == TELL_PUBLISHED)
		answer_certificates(x, published->chain.v, published->chain.n);
	else
		say(x, 503, cstr(x->arena, failed->text));
}

const struct web_protocol web_est = {
	.name = "est",
	.longest_body = 64 << 10,
	.wants_certificate = wants_certificate,
	.ask = ask,
	.told = told,
};
