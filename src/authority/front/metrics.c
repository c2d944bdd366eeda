/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/front/metrics.h"

#include <inttypes.h>

enum { PAGE_MAX = 64 << 10 };

static const char *const outcome_words[METERED_OUTCOMES] = {
	[ENROL_ISSUED] = "issued",           [ENROL_PENDING] = "pending", [ENROL_REFUSED] = "refused",
	[ENROL_NOT_ALLOWED] = "not-allowed", [ENROL_BROKEN] = "broken",
};

/* The last row is of requests that were of no protocol. */
static const struct web_protocol *const metered[METERED_PROTOCOLS] = {
	&web_cep, &web_ces, &web_est, &web_publish, &web_kerberos, &web_metrics, NULL,
};

static size_t row_of(const struct web_protocol *protocol)
{
	size_t i = 0;
	while (metered[i] && metered[i] != protocol)
		i++;
	return i;
}

void metrics_answered(struct front_counts *counts, const struct web_protocol *protocol, unsigned status)
{
	size_t place = status_place(status);
	if (place < N_STATUSES)
		counts->answers[row_of(protocol)][place]++;
}

void metrics_told(struct front_counts *counts, const struct web_protocol *protocol, enum message_type type,
		  const void *message)
{
	const struct tell_enrol *told = message;
	if (type == TELL_ENROL && told->outcome < METERED_OUTCOMES)
		counts->outcomes[row_of(protocol)][told->outcome]++;
}

static void put_title(struct out *o, const char *name, const char *type, const char *help)
{
	out_printf(o, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static const char *label_of(size_t row)
{
	return metered[row] ? metered[row]->name : "none";
}

static void put_answers(struct out *o, const struct front_counts *counts)
{
	static const char name[] = "portolan_ca_http_answers_total";
	put_title(o, name, "counter", "Answers of HTTP by protocol and status.");
	for (size_t i = 0; i < METERED_PROTOCOLS; i++)
		for (size_t j = 0; j < N_STATUSES; j++)
			if (counts->answers[i][j])
				out_printf(o, "%s{protocol=\"%s\",status=\"%u\"} %" PRIu64 "\n", name, label_of(i),
					   http_statuses[j].number, counts->answers[i][j]);
}

static void put_outcomes(struct out *o, const struct front_counts *counts)
{
	static const char name[] = "portolan_ca_enrolment_answers_total";
	put_title(o, name, "counter", "Answers about certificates by protocol and outcome; each poll is one.");
	for (size_t i = 0; i < METERED_PROTOCOLS; i++)
		for (size_t j = 0; j < METERED_OUTCOMES; j++)
			if (counts->outcomes[i][j])
				out_printf(o, "%s{protocol=\"%s\",outcome=\"%s\"} %" PRIu64 "\n", name, label_of(i),
					   outcome_words[j], counts->outcomes[i][j]);
}

static void put_gauge(struct out *o, const char *name, const char *help, int64_t value)
{
	put_title(o, name, "gauge", help);
	out_printf(o, "%s %" PRId64 "\n", name, value);
}

static void put_state(struct out *o, const struct tell_state *state)
{
	const struct {
		const char *name, *help;
		int64_t value;
	} gauges[] = {
		{ "portolan_ca_pending_requests", "Requests that wait for an operator.", (int64_t)state->pending },
		{ "portolan_ca_certificates", "Certificates in the store, expired ones too.",
		  (int64_t)state->certificates },
		{ "portolan_ca_revoked_certificates", "Certificates in the store that are revoked.",
		  (int64_t)state->revoked },
		{ "portolan_ca_hasher_queue", "Passwords that wait for their hash, or are being hashed.",
		  (int64_t)state->hashing },
		{ "portolan_ca_crl_expiry_timestamp_seconds", "The nextUpdate of the CRL; 0: there is none that holds.",
		  state->crl_ends },
		{ "portolan_ca_listener_certificate_expiry_timestamp_seconds",
		  "The end of the certificate of the listeners.", state->listeners_end },
		{ "portolan_ca_authority_certificate_expiry_timestamp_seconds",
		  "The end of the certificate of the authority.", state->authority_ends },
	};
	for (size_t i = 0; i < ARRAY_LEN(gauges); i++)
		put_gauge(o, gauges[i].name, gauges[i].help, gauges[i].value);
}

static const char plain[] = "text/plain; charset=utf-8";

static void ask(struct exchange *ex)
{
	if (!str_is(ex->request.path, "/metrics")) {
		exchange_answer(ex, 404, plain, STR("There is nothing at this address.\n"));
	} else if (str_is(ex->request.method, "POST")) {
		exchange_field(ex, "Allow", STR("GET, HEAD"));
		exchange_answer(ex, 405, plain, STR("This address takes GET.\n"));
	} else {
		exchange_ask(ex, ASK_PUBLISHED, &(struct ask_published){ .kind = PUBLISHED_STATE });
	}
}

static void told(struct exchange *ex, enum message_type type, const void *message)
{
	struct out o = out_memory(PAGE_MAX);
	if (type != TELL_STATE) {
		exchange_answer(ex, 503, plain, STR("The clerk does not say how it is.\n"));
		return;
	}
	put_answers(&o, ex->counts);
	put_outcomes(&o, ex->counts);
	put_gauge(&o, "portolan_ca_connections", "Connections of clients, this one too.",
		  (int64_t)ex->counts->connections);
	put_state(&o, message);
	exchange_answer(ex, 200, "text/plain; version=0.0.4; charset=utf-8", str_dup(ex->arena, out_view(&o)));
	out_free(&o);
}

const struct web_protocol web_metrics = {
	.name = "metrics",
	.ask = ask,
	.told = told,
};
