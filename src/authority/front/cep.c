/* SPDX-License-Identifier: Apache-2.0 */
/* Certificate Enrollment Policy web service (MS-XCEP). */
#include "authority/front/soap-service.h"
#include "base/vec.h"
#include "pki/hresult.h"
#include "soap/xcep.h"

enum { ANSWER_MAX = 4 << 20 };

static void ask(struct exchange *ex)
{
	struct soap_request r;
	struct soap_fault fault = { 0 };
	struct xcep_request *policy = ARENA_NEW(ex->arena, struct xcep_request);
	if (!soap_begin_exchange(ex, &r))
		return;
	bool ok = str_is(r.action, ACTION_GET_POLICIES);
	if (!ok)
		fault = (struct soap_fault){ .code = SOAP_SENDER, .text = STR("The action is not served here.") };
	if (!ok || !xcep_read_request(ex->arena, r.body, policy, &fault)) {
		soap_answer_fault(ex, &fault);
		return;
	}
	ex->own = policy;
	exchange_ask(ex, ASK_POLICY,
		     &(struct ask_policy){ .who = ex->request.who,
					   .way = soap_way(ex),
					   .key_based_renewal = ex->request.instance->key_based_renewal.on });
}

static void answer(struct exchange *ex, const struct tell_policy *told)
{
	const struct xcep_request *asked = ex->own;
	VEC(struct template_view) shown = { 0 };
	struct policy_view view = {
		.id = told->policy_id,
		.friendly_name = told->friendly_name,
		.next_update_hours = told->next_update_hours,
		/* never for a client that has nothing yet */
		.unchanged = asked->has_last_update && asked->last_update >= told->changed,
		.authority = told->authority,
		.former = told->former,
		.enrol = told->enrol,
		.uris = told->uris,
	};
	for (size_t i = 0; i < told->templates.n; i++)
		if (xcep_shows(asked, &told->templates.v[i]))
			*VEC_ADD(ex->arena, &shown) = told->templates.v[i];
	view.templates = (struct template_views){ shown.v, shown.n };
	struct out o = out_memory(ANSWER_MAX);
	xcep_write_answer(ex->arena, &o, &view, ex->relates_to);
	soap_answer(ex, &o);
}

static void told(struct exchange *ex, enum message_type type, const void *message)
{
	const struct tell_policy *policy = message;
	if (type != TELL_POLICY) {
		soap_answer_failure(ex, message);
	} else if (policy->code == HR_WELL) {
		answer(ex, policy);
	} else {
		soap_answer_fault(ex, &(struct soap_fault){ .code = SOAP_SENDER,
							    .subcode = "wsse:FailedAuthentication",
							    .text = policy->text });
	}
}

const struct web_protocol web_cep = {
	.name = "cep",
	.longest_body = 64 << 10,
	.wants_certificate = soap_wants_certificate,
	.ask = ask,
	.told = told,
};
