/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/enrol-report.h"

#include <time.h>

#include "doc/json.h"
#include "pki/certificate.h"
#include "pki/hresult.h"

static const char *const states[] = {
	[ENROL_END_ISSUED] = "issued",
	[ENROL_END_PENDING] = "pending",
	[ENROL_END_DENIED] = "denied",
};

static struct str day(struct arena *a, int64_t seconds)
{
	char text[32];
	time_t t = (time_t)seconds;
	struct tm tm;
	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&t, &tm));
	return str_dup(a, str_of(text));
}

/* The certificate in use; false when there is none. */
static bool in_use(struct enrol_call *call, struct certificate *ret)
{
	EVP_PKEY *key;
	X509 *x509;
	if (!enrol_has_pair(call->arena, &call->folder) ||
	    !pair_read(call->arena, &call->folder, &key, &x509, call->diag))
		return false;
	bool ok = !certificate_read(call->arena, certificate_der(call->arena, x509), ret);
	EVP_PKEY_free(key);
	X509_free(x509);
	return ok;
}

void enrol_report_text(void *answer, struct out *o)
{
	const struct enrol_report *r = answer;
	struct enrol_call *call = r->call;
	struct arena *a = call->arena;
	struct certificate c;
	switch (r->end) {
	case ENROL_END_PENDING:
		out_printf(o, "pending: request %llu waits for a decision: %.*s\n",
			   (unsigned long long)call->request_id, STR_ARG(str_shown(a, call->message)));
		out_printf(o, "\"portolan enrol status\" asks again\n");
		return;
	case ENROL_END_DENIED:
		out_printf(o, "denied: %.*s\n", STR_ARG(str_shown(a, call->message)));
		return;
	default:
		break;
	}
	if (!in_use(call, &c))
		return;
	out_printf(o, "certificate %.*s\n", STR_ARG(str_shown(a, subject_text(a, &c.subject))));
	for (size_t i = 0; i < c.alternatives.n; i++)
		out_printf(o, "  %.*s\n", STR_ARG(str_shown(a, alternative_text(a, &c.alternatives.v[i]))));
	out_printf(o, "  serial     %.*s\n", STR_ARG(str_hex(a, c.serial)));
	out_printf(o, "  valid      %.*s to %.*s\n", STR_ARG(day(a, c.not_before)), STR_ARG(day(a, c.not_after)));
	if (call->state.renewal)
		out_printf(o, "  renewal    from %.*s\n", STR_ARG(day(a, c.not_after - (int64_t)call->state.renewal)));
	out_printf(o, "  key        %s\n", enrol_pair_path(a, &call->folder, "key.pem"));
	out_printf(o, "  file       %s\n", enrol_pair_path(a, &call->folder, "certificate.pem"));
	out_printf(o, "  chain      %s\n", enrol_pair_path(a, &call->folder, "chain.pem"));
}

static void put_certificate(struct json *j, struct enrol_call *call)
{
	struct arena *a = call->arena;
	struct certificate c;
	if (!in_use(call, &c))
		return;
	json_key(j, "certificate");
	json_object(j);
	json_put_str(j, "subject", subject_text(a, &c.subject));
	json_key(j, "names");
	json_list(j);
	for (size_t i = 0; i < c.alternatives.n; i++)
		json_str(j, alternative_text(a, &c.alternatives.v[i]));
	json_end(j);
	json_put_str(j, "serial", str_hex(a, c.serial));
	json_put_str(j, "not-before", day(a, c.not_before));
	json_put_str(j, "not-after", day(a, c.not_after));
	json_put_str(j, "renewal-from", day(a, c.not_after - (int64_t)call->state.renewal));
	json_put_text(j, "key", enrol_pair_path(a, &call->folder, "key.pem"));
	json_put_text(j, "file", enrol_pair_path(a, &call->folder, "certificate.pem"));
	json_put_text(j, "chain", enrol_pair_path(a, &call->folder, "chain.pem"));
	json_end(j);
}

void enrol_report_json(void *answer, struct out *o)
{
	const struct enrol_report *r = answer;
	struct enrol_call *call = r->call;
	struct json j = json_to(o);
	json_object_lines(&j);
	json_put_text(&j, "format", "portolan.enrol/1");
	json_put_text(&j, "state", states[r->end]);
	json_put_str(&j, "template", call->state.template_name.p ? call->state.template_name : STR(""));
	if (call->request_id)
		json_put_u64(&j, "request", call->request_id);
	if (call->message.n > 0)
		json_put_str(&j, "message", call->message);
	if (call->code) {
		json_put_str(&j, "code", str_printf(call->arena, "0x%08X", call->code));
		json_put_text(&j, "name", hresult_name(call->code));
	}
	put_certificate(&j, call);
	json_end(&j);
	out_char(o, '\n');
}

void rehearsal_text(void *answer, struct out *o)
{
	const struct rehearsal *r = answer;
	for (size_t i = 0; i < r->n; i++)
		out_printf(o, "%-4s  %-12s %.*s\n", r->v[i].ok ? "ok" : "FAIL", r->v[i].what, STR_ARG(r->v[i].text));
	if (r->advice.n > 0)
		out_printf(o, "      %.*s\n", STR_ARG(r->advice));
}

void rehearsal_json(void *answer, struct out *o)
{
	const struct rehearsal *r = answer;
	struct json j = json_to(o);
	json_object_lines(&j);
	json_put_text(&j, "format", "portolan.enrol/1");
	json_put_text(&j, "state", r->failed ? "failed" : "rehearsed");
	json_key(&j, "steps");
	json_list_lines(&j);
	for (size_t i = 0; i < r->n; i++) {
		json_object(&j);
		json_put_text(&j, "step", r->v[i].what);
		json_put_bool(&j, "ok", r->v[i].ok);
		json_put_str(&j, "text", r->v[i].text);
		json_end(&j);
	}
	json_end(&j);
	if (r->advice.n > 0)
		json_put_str(&j, "advice", r->advice);
	json_end(&j);
	out_char(o, '\n');
}
