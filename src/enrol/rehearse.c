/* SPDX-License-Identifier: Apache-2.0 */
#include "enrol/rehearse.h"

#include <openssl/x509v3.h>
#include <time.h>

#include "pki/der.h"
#include "pki/ocsp.h"

enum { CLOCK_OFF = 300 /* seconds */ };

static void add(struct rehearsal *r, const char *what, bool ok, struct str text)
{
	if (r->n < REHEARSAL_STEPS)
		r->v[r->n++] = (struct rehearsal_step){ what, ok, text };
	r->failed |= !ok;
}

/* "host:port" of an address. */
static struct str place_of(struct arena *a, struct str url)
{
	struct str rest = str_skip(url, str_find_text(url, STR("://")) + strlen("://"));
	struct str place = str_first(rest, str_find(rest, '/'));
	if (str_find(place, ':') != SIZE_MAX)
		return place;
	return str_printf(a, "%.*s:%s", STR_ARG(place), str_istarts(url, "http://") ? "80" : "443");
}

/* What failed decides which step did not work; those before it did. */
static bool add_way(struct enrol_call *call, struct rehearsal *r, struct str url, const struct web_answer *answer)
{
	static const struct {
		enum web_trouble trouble;
		const char *what;
	} steps[] = { { WEB_NAME, "name" }, { WEB_CONNECT, "connection" }, { WEB_TLS, "tls" } };
	struct str place = place_of(call->arena, url);
	enum web_trouble trouble = answer->trouble == WEB_TIME ? WEB_CONNECT : answer->trouble;
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		if (trouble == steps[i].trouble) {
			add(r, steps[i].what, false,
			    str_printf(call->arena, "%.*s: %.*s", STR_ARG(place), STR_ARG(answer->why)));
			r->advice =
				trouble == WEB_CONNECT
					? str_printf(call->arena, "open TCP from this machine to %.*s", STR_ARG(place))
				: trouble == WEB_NAME ? STR("the name has no address here: look at DNS")
						      : STR("add the authority's certificate with --ca, or use the "
							    "name that the server's certificate has");
			return false;
		}
		add(r, steps[i].what, true, place);
	}
	if (trouble == WEB_WELL)
		return true;
	add(r, "answer", false, answer->why);
	return false;
}

static bool try_address(struct enrol_call *call, struct rehearsal *r, struct web_answer *ret)
{
	struct web_identity identity = { .trusted = call->state.trusted.n ? cstr(call->arena, call->state.trusted)
									  : NULL };
	*ret = web_ask(call->web, call->arena, &identity, r->url, NULL, STR(""));
	return add_way(call, r, r->url, ret);
}

static bool try_policy(struct enrol_call *call, struct rehearsal *r, struct policy_view *policy)
{
	enum enrol_end end;
	if (!enrol_policy(call, r->url, false, policy, &end)) {
		add(r, "policy", false, call->message);
		r->advice = STR("the service answers, but not to this user: look at name and password");
		return false;
	}
	add(r, "policy", true,
	    str_printf(call->arena, "%.*s, %zu %s", STR_ARG(policy->id), policy->templates.n,
		       policy->templates.n == 1 ? "template" : "templates"));
	for (size_t i = 0; i < policy->templates.n; i++) {
		const struct template_view *t = &policy->templates.v[i];
		if (!str_ieq(t->name, r->template_name))
			continue;
		add(r, "template", true, t->name);
		add(r, "permission", t->enrol, t->enrol ? STR("may enrol") : STR("may read it and not enrol"));
		if (!t->enrol)
			r->advice = STR("the template has to name this account under enrol:");
		return t->enrol;
	}
	add(r, "template", false,
	    str_printf(call->arena, "\"%.*s\" is not shown to this user", STR_ARG(r->template_name)));
	r->advice = STR("the template has to name this account under read: and enrol:");
	return false;
}

static bool try_services(struct enrol_call *call, struct rehearsal *r, const struct policy_view *policy)
{
	bool any = false;
	for (size_t i = 0; i < policy->uris.n; i++) {
		const struct enrolment_uri *u = &policy->uris.v[i];
		struct web_identity identity = { .trusted = call->state.trusted.n
								    ? cstr(call->arena, call->state.trusted)
								    : NULL };
		struct web_answer answer = web_ask(call->web, call->arena, &identity, u->uri, NULL, STR(""));
		bool ok = answer.trouble == WEB_WELL;
		add(r, "enrolment", ok,
		    ok ? u->uri : str_printf(call->arena, "%.*s: %.*s", STR_ARG(u->uri), STR_ARG(answer.why)));
		if (!ok) {
			r->advice = str_printf(call->arena, "open TCP from this machine to %.*s",
					       STR_ARG(place_of(call->arena, u->uri)));
			return false;
		}
		any |= u->authentication == AUTHENTICATION_PASSWORD && !u->renewal_only;
	}
	if (!any)
		add(r, "enrolment", false, STR("the policy names no address for enrolment by password"));
	return any;
}

/* Fetches what is published, or asks OCSP when there is a request. */
static bool try_published(struct enrol_call *call, struct rehearsal *r, const char *what, struct str url,
			  struct str request)
{
	struct web_identity none = { .plain = true };
	struct web_answer answer =
		web_ask(call->web, call->arena, &none, url, request.n ? "application/ocsp-request" : NULL, request);
	bool ok = answer.trouble == WEB_WELL && answer.status == 200;
	add(r, what, ok,
	    ok                           ? url
	    : answer.trouble == WEB_WELL ? str_printf(call->arena, "%.*s: HTTP status %u", STR_ARG(url), answer.status)
					 : str_printf(call->arena, "%.*s: %.*s", STR_ARG(url), STR_ARG(answer.why)));
	if (!ok)
		r->advice =
			str_printf(call->arena, "open TCP from this machine to %.*s: clients check certificates there",
				   STR_ARG(place_of(call->arena, url)));
	return ok;
}

static struct str text_of(struct arena *a, const ASN1_STRING *s)
{
	return str_dup(a, (struct str){ (const char *)ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s) });
}

static struct str ocsp_request(struct arena *a, X509 *server, struct str authority)
{
	X509 *issuer = der_certificate(authority);
	struct str question = issuer ? ocsp_question(a, server, issuer) : STR("");
	X509_free(issuer);
	return question;
}

static bool try_points(struct enrol_call *call, struct rehearsal *r, const DIST_POINT *p)
{
	const GENERAL_NAMES *names = p->distpoint && p->distpoint->type == 0 ? p->distpoint->name.fullname : NULL;
	for (int n = 0; names && n < sk_GENERAL_NAME_num(names); n++) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(names, n);
		if (g->type == GEN_URI &&
		    !try_published(call, r, "crl", text_of(call->arena, g->d.uniformResourceIdentifier), STR("")))
			return false;
	}
	return true;
}

static bool try_access(struct enrol_call *call, struct rehearsal *r, const ACCESS_DESCRIPTION *d, struct str request)
{
	bool ocsp = OBJ_obj2nid(d->method) == NID_ad_OCSP;
	if (d->location->type != GEN_URI || (ocsp && request.n == 0))
		return true;
	return try_published(call, r, ocsp ? "ocsp" : "aia",
			     text_of(call->arena, d->location->d.uniformResourceIdentifier), ocsp ? request : STR(""));
}

/* The addresses in the server's own certificate, which each client checks first. */
static void try_checks(struct enrol_call *call, struct rehearsal *r, X509 *server, struct str authority)
{
	STACK_OF(DIST_POINT) *points = X509_get_ext_d2i(server, NID_crl_distribution_points, NULL, NULL);
	AUTHORITY_INFO_ACCESS *access = X509_get_ext_d2i(server, NID_info_access, NULL, NULL);
	struct str request = ocsp_request(call->arena, server, authority);
	bool ok = true;
	for (int i = 0; ok && i < sk_DIST_POINT_num(points); i++)
		ok = try_points(call, r, sk_DIST_POINT_value(points, i));
	for (int i = 0; ok && i < sk_ACCESS_DESCRIPTION_num(access); i++)
		ok = try_access(call, r, sk_ACCESS_DESCRIPTION_value(access, i), request);
	sk_DIST_POINT_pop_free(points, DIST_POINT_free);
	AUTHORITY_INFO_ACCESS_free(access);
}

/* Certificates are judged by the clock of whoever looks at them. */
static bool try_clock(struct enrol_call *call, struct rehearsal *r, int64_t date)
{
	long long off = (long long)(date - time(NULL));
	bool ok = date == 0 || (off <= CLOCK_OFF && off >= -CLOCK_OFF);
	add(r, "clock", ok,
	    date == 0 ? STR("the server does not say its time")
		      : str_printf(call->arena, "%lld seconds from the server's", off));
	if (!ok)
		r->advice = STR("set the clock of this machine, or of the server");
	return ok;
}

void enrol_rehearse(struct enrol_call *call, struct rehearsal *r)
{
	struct policy_view policy;
	struct web_answer look;
	if (!try_address(call, r, &look) || !try_clock(call, r, look.date) || !try_policy(call, r, &policy) ||
	    !try_services(call, r, &policy))
		return;
	X509 *server = der_certificate(look.certificate);
	if (server)
		try_checks(call, r, server, policy.authority);
	X509_free(server);
}
