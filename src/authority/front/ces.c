/* SPDX-License-Identifier: Apache-2.0 */
/* Certificate Enrollment web service (MS-WSTEP). */
#include "authority/front/enrolling.h"
#include "authority/front/soap-service.h"
#include "soap/wstep.h"

enum { ANSWER_MAX = 1 << 20 };

static void refuse(struct exchange *x, uint32_t code, const char *text)
{
	soap_answer_fault(x, &(struct soap_fault){ .code = SOAP_SENDER,
						   .subcode = "wst:InvalidRequest",
						   .text = soap_reason(x->arena, str_of(text), code),
						   .detail = true,
						   .hresult = code });
}

static void issue(struct exchange *x, const struct soap_request *r, const struct wstep_request *token)
{
	struct request_fault fault = { 0 };
	struct str der;
	if (token->several_templates) {
		refuse(x, HR_TEMPLATE_CONFLICT, "The request names several templates.");
	} else if (!base64_read(x->arena, token->token, REQUEST_BYTES_MAX, &der)) {
		refuse(x, HR_INVALID_DATA, "The request is not base64, or too long.");
	} else if (!enrolling_ask(x, "ces", soap_way(x), der, token->template, r->message_id, true, false, &fault)) {
		/* "a CMS that nobody signed": the log and the administrator read the same */
		refuse(x, fault.code, arena_printf(x->arena, "The request is refused: %s.", fault.text));
	}
}

static void ask(struct exchange *x)
{
	struct soap_request r;
	struct soap_fault fault = { 0 };
	struct wstep_request token;
	if (!soap_begin_exchange(x, &r))
		return;
	bool ok = str_is(r.action, ACTION_RST) || str_is(r.action, ACTION_KET);
	if (!ok)
		fault = (struct soap_fault){ .code = SOAP_SENDER, .text = STR("The action is not served here.") };
	if (!ok || !wstep_read_request(x->arena, r.body, r.action, &token, &fault)) {
		soap_answer_fault(x, &fault);
		return;
	}
	switch (token.kind) {
	case WSTEP_ISSUE:
		issue(x, &r, &token);
		break;
	case WSTEP_QUERY:
		exchange_ask(x, ASK_STATUS,
			     &(struct ask_status){ .who = x->request.who,
						   .way = soap_way(x),
						   .protocol = STR("ces"),
						   .request_id = token.request_id,
						   .cmc = true });
		break;
	case WSTEP_KEY_EXCHANGE:
		refuse(x, HR_INVALID_ARGUMENT, "Keys are not archived here.");
		break;
	}
}

static void answer(struct exchange *x, const struct tell_enrol *told)
{
	bool issued = told->outcome == ENROL_ISSUED;
	struct out o = out_memory(ANSWER_MAX);
	wstep_write_answer(x->arena, &o,
			   &(struct wstep_answer){
				   .issued = issued,
				   .message = told->text.n ? told->text
					      : issued     ? STR("Issued")
							   : STR("Taken Under Submission"),
				   .cmc = told->cmc,
				   .leaf = told->certificate,
				   .poll = x->request.instance->url.s,
				   .request_id = told->request_id,
			   },
			   x->relates_to);
	soap_answer(x, &o);
}

static void told(struct exchange *x, enum message_type type, const void *message)
{
	const struct tell_enrol *enrol = message;
	if (type != TELL_ENROL)
		soap_answer_failure(x, message);
	else if (enrol->outcome == ENROL_ISSUED || enrol->outcome == ENROL_PENDING)
		answer(x, enrol);
	else
		soap_answer_refusal(x, enrol);
}

const struct web_protocol web_ces = {
	.name = "ces",
	.longest_body = 256 << 10,
	.wants_certificate = soap_wants_certificate,
	.ask = ask,
	.told = told,
};
