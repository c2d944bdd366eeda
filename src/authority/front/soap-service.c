/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/front/soap-service.h"

#include "authority/processes.h"
#include "pki/hresult.h"

enum { ENVELOPE_MAX = 4 << 20 };

static const char media_type[] = "application/soap+xml; charset=utf-8";

struct str soap_reason(struct arena *a, struct str text, uint64_t code)
{
	return str_printf(a, "%.*s 0x%08X (%s)", STR_ARG(text), (unsigned)code, hresult_name((uint32_t)code));
}

enum enrolment_way soap_way(const struct exchange *ex)
{
	return ex->request.instance->login.n == LOGIN_CERTIFICATE ? WAY_CERTIFICATE : WAY_PASSWORD;
}

bool soap_wants_certificate(const struct web_request *r)
{
	return str_is(r->method, "POST") && r->instance->login.n == LOGIN_CERTIFICATE;
}

void soap_answer(struct exchange *ex, struct out *envelope)
{
	exchange_answer(ex, 200, media_type, str_dup(ex->arena, out_view(envelope)));
	out_free(envelope);
}

void soap_answer_fault(struct exchange *ex, const struct soap_fault *fault)
{
	struct out o = out_memory(ENVELOPE_MAX);
	soap_write_fault(&o, fault, ex->relates_to);
	exchange_note(ex, "%.*s", STR_ARG(fault->text));
	exchange_answer(ex, 500, media_type, str_dup(ex->arena, out_view(&o)));
	out_free(&o);
}

/* A clock that is wrong by hours would let old messages in; what a client says without a timestamp is not judged. */
static bool is_in_time(const struct exchange *ex, const struct soap_request *r)
{
	int64_t now = authority_now(), skew = (int64_t)ex->request.config->skew.n;
	return (!r->has_created || r->created <= now + skew) && (!r->has_expires || r->expires >= now - skew);
}

static void answer_look(struct exchange *ex)
{
	exchange_answer(ex, 200, "text/plain; charset=utf-8",
			STR("This address serves certificate enrolment by POST.\n"));
}

static void take_identity(struct exchange *ex, const struct soap_request *r)
{
	struct identity *who = &ex->request.who;
	bool basic = ex->request.config->basic.on && !r->has_token;
	who->username = r->has_token ? r->username : basic ? who->username : STR("");
	who->password = r->has_token ? r->password : basic ? who->password : STR("");
	if (soap_way(ex) == WAY_CERTIFICATE)
		who->username = who->password = STR("");
	else
		who->certificate = STR("");
}

bool soap_begin_exchange(struct exchange *ex, struct soap_request *ret)
{
	struct soap_fault fault = { 0 };
	if (!str_is(ex->request.method, "POST")) {
		answer_look(ex);
		return false;
	}
	if (!str_iis(ex->request.type, "application/soap+xml")) {
		exchange_note(ex, "the content is not application/soap+xml");
		exchange_answer(ex, 415, "text/plain; charset=utf-8",
				STR("The content is not application/soap+xml.\n"));
		return false;
	}
	bool ok = soap_read_request(ex->arena, ex->request.body, ret, &fault);
	ex->relates_to = ret->message_id.p ? ret->message_id : STR("");
	if (ok && !is_in_time(ex, ret)) {
		fault = (struct soap_fault){ .code = SOAP_SENDER,
					     .subcode = "wsse:FailedAuthentication",
					     .text = STR(
						     "The timestamp of the message is not now. Compare the clocks.") };
		ok = false;
	}
	if (!ok)
		soap_answer_fault(ex, &fault);
	else
		take_identity(ex, ret);
	return ok;
}

void soap_answer_refusal(struct exchange *ex, const struct tell_enrol *told)
{
	struct soap_fault fault = {
		.code = SOAP_RECEIVER,
		.text = soap_reason(ex->arena, told->text, told->code),
		.detail = true,
		.hresult = (uint32_t)told->code,
		.invalid_request = told->outcome == ENROL_REFUSED,
		.request_id = told->request_id,
	};
	if (told->outcome == ENROL_NOT_ALLOWED)
		fault = (struct soap_fault){ .code = SOAP_SENDER,
					     .subcode = "wsse:FailedAuthentication",
					     .text = told->text };
	soap_answer_fault(ex, &fault);
}

void soap_answer_failure(struct exchange *ex, const struct call_failed *failed)
{
	soap_answer_fault(ex, &(struct soap_fault){ .code = SOAP_RECEIVER,
						    .text = soap_reason(ex->arena, failed->text, failed->code),
						    .detail = true,
						    .hresult = (uint32_t)failed->code });
}
