/* SPDX-License-Identifier: Apache-2.0 */
/* Certificate Enrollment web service (MS-WSTEP). */
#include "authority/front/enrolling.h"
#include "authority/front/soap-service.h"
#include "soap/wstep.h"

enum { ANSWER_MAX = 1 << 20 };

static void refuse(struct exchange *ex, uint32_t code, const char *text)
{
	soap_answer_fault(ex, &(struct soap_fault){ .code = SOAP_SENDER,
						    .subcode = "wst:InvalidRequest",
						    .text = soap_reason(ex->arena, str_of(text), code),
						    .detail = true,
						    .hresult = code });
}

static void issue(struct exchange *ex, const struct soap_request *r, const struct wstep_request *token)
{
	struct request_fault fault = { 0 };
	struct str der;
	if (token->several_templates) {
		refuse(ex, HR_TEMPLATE_CONFLICT, "The request names several templates.");
	} else if (!base64_read(ex->arena, token->token, REQUEST_BYTES_MAX, &der)) {
		refuse(ex, HR_INVALID_DATA, "The request is not base64, or too long.");
	} else if (!enrolling_ask(ex, "ces", soap_way(ex), der, token->template, r->message_id, true, false, &fault)) {
		/* "a CMS that nobody signed": the log and the administrator read the same */
		refuse(ex, fault.code, arena_printf(ex->arena, "The request is refused: %s.", fault.text));
	}
}

static void ask(struct exchange *ex)
{
	struct soap_request r;
	struct soap_fault fault = { 0 };
	struct wstep_request token;
	if (!soap_begin_exchange(ex, &r))
		return;
	bool ok = str_is(r.action, ACTION_RST) || str_is(r.action, ACTION_KET);
	if (!ok)
		fault = (struct soap_fault){ .code = SOAP_SENDER, .text = STR("The action is not served here.") };
	if (!ok || !wstep_read_request(ex->arena, r.body, r.action, &token, &fault)) {
		soap_answer_fault(ex, &fault);
		return;
	}
	switch (token.kind) {
	case WSTEP_ISSUE:
		issue(ex, &r, &token);
		break;
	case WSTEP_QUERY:
		exchange_ask(ex, ASK_STATUS,
			     &(struct ask_status){ .who = ex->request.who,
						   .way = soap_way(ex),
						   .protocol = STR("ces"),
						   .request_id = token.request_id,
						   .cmc = true });
		break;
	case WSTEP_KEY_EXCHANGE:
		refuse(ex, HR_INVALID_ARGUMENT, "Keys are not archived here.");
		break;
	}
}

static void answer(struct exchange *ex, const struct tell_enrol *told)
{
	bool issued = told->outcome == ENROL_ISSUED;
	struct out o = out_memory(ANSWER_MAX);
	wstep_write_answer(ex->arena, &o,
			   &(struct wstep_answer){
				   .issued = issued,
				   .message = told->text.n ? told->text
					      : issued     ? STR("Issued")
							   : STR("Taken Under Submission"),
				   .cmc = told->cmc,
				   .leaf = told->certificate,
				   .poll = ex->request.instance->url.s,
				   .request_id = told->request_id,
			   },
			   ex->relates_to);
	soap_answer(ex, &o);
}

static void told(struct exchange *ex, enum message_type type, const void *message)
{
	const struct tell_enrol *enrol = message;
	if (type != TELL_ENROL)
		soap_answer_failure(ex, message);
	else if (enrol->outcome == ENROL_ISSUED || enrol->outcome == ENROL_PENDING)
		answer(ex, enrol);
	else
		soap_answer_refusal(ex, enrol);
}

const struct web_protocol web_ces = {
	.name = "ces",
	.longest_body = 256 << 10,
	.wants_certificate = soap_wants_certificate,
	.ask = ask,
	.told = told,
};
