/* SPDX-License-Identifier: Apache-2.0 */
#include "enrol/enrol.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "pki/certificate.h"
#include "pki/cmc.h"
#include "pki/der.h"
#include "pki/key.h"
#include "pki/uuid.h"
#include "pki/hresult.h"
#include "soap/wstep.h"

enum { MESSAGE_MAX = 1 << 20 };

static const char soap_type[] = "application/soap+xml; charset=utf-8", oid_ec[] = "1.2.840.10045.2.1";

static struct str new_message_id(struct arena *a)
{
	return str_printf(a, "urn:uuid:%.*s", STR_ARG(uuid_made(a)));
}

static struct web_identity identity_of(struct enrol_call *call, bool by_pair)
{
	struct arena *a = call->arena;
	struct web_identity i = { .trusted = call->state.trusted.n ? cstr(a, call->state.trusted) : NULL };
	if (by_pair) {
		i.certificate = file_bytes(a, enrol_pair_path(a, &call->folder, "certificate.pem"), call->diag);
		i.key = file_bytes(a, enrol_pair_path(a, &call->folder, "key.pem"), call->diag);
	}
	return i;
}

static enum enrol_end unreachable(struct enrol_call *call, struct str url, struct str why)
{
	call->message = str_printf(call->arena, "%.*s: %.*s", STR_ARG(url), STR_ARG(why));
	return ENROL_END_NETWORK;
}

/*
 * Sends an envelope.  The body of the answer, or NULL with an end: a fault is a denial, anything else did not reach an
 * enrolment service.
 */
static const struct xml *exchange(struct enrol_call *call, struct str url, bool by_pair, struct out *envelope,
				  enum enrol_end *end)
{
	struct arena *a = call->arena;
	struct web_identity identity = identity_of(call, by_pair);
	struct str message = str_dup(a, out_view(envelope));
	struct soap_fault fault = { 0 };
	bool is_fault = false;
	const char *why = "";
	explicit_bzero(envelope->buf, envelope->n);
	out_free(envelope);
	struct web_answer answer = web_ask(call->web, a, &identity, url, soap_type, message);
	explicit_bzero((void *)(uintptr_t)message.p, message.n);
	if (identity.key.p)
		explicit_bzero((void *)(uintptr_t)identity.key.p, identity.key.n);
	if (answer.trouble != WEB_WELL) {
		*end = unreachable(call, url, answer.why);
		return NULL;
	}
	const struct xml *body = soap_read_answer(a, answer.body, &fault, &is_fault, &why);
	if (!body) {
		*end = unreachable(call, url,
				   str_printf(a, "HTTP status %u and an answer that is not an enrolment service's (%s)",
					      answer.status, why));
	} else if (is_fault && (fault.hresult == HR_BUSY || fault.hresult == HR_DISK_FULL)) {
		*end = unreachable(call, url, fault.text); /* another address, or later */
	} else if (is_fault) {
		call->message = fault.text;
		call->code = fault.hresult;
		call->request_id = fault.request_id;
		*end = ENROL_END_DENIED;
	}
	return is_fault ? NULL : body;
}

static struct str user_of(const struct enrol_call *call, bool by_pair)
{
	return by_pair ? STR("") : call->username;
}

bool enrol_policy(struct enrol_call *call, struct str url, bool by_pair, struct policy_view *ret, enum enrol_end *end)
{
	struct out o = out_memory(MESSAGE_MAX);
	xcep_write_request(&o, new_message_id(call->arena), url, user_of(call, by_pair), call->password);
	const struct xml *body = exchange(call, url, by_pair, &o, end);
	if (!body)
		return false;
	const char *why = xcep_read_answer(call->arena, body, ret);
	if (why)
		*end = unreachable(call, url, str_of(why));
	return !why;
}

static struct str pem_of(struct arena *a, struct str der)
{
	X509 *c = der_certificate(der);
	struct str pem = c ? certificate_pem(a, c) : NO_STR;
	X509_free(c);
	return pem;
}

/* The certificates above the leaf, as far as the CMC answer has them. */
static size_t chain_of(struct arena *a, const struct wstep_answer *answer, struct str **chain)
{
	struct str *ders;
	size_t n = 0, n_ders = 0;
	if (answer->cmc.n == 0 || !certificates_in(a, answer->cmc, &ders, &n_ders))
		return 0;
	*chain = ARENA_ARRAY(a, struct str, n_ders);
	for (size_t i = 0; i < n_ders; i++) {
		struct str pem = str_eq(ders[i], answer->leaf) ? NO_STR : pem_of(a, ders[i]);
		if (pem.p)
			(*chain)[n++] = pem;
	}
	return n;
}

static enum enrol_end take_issued(struct enrol_call *call, const struct wstep_answer *answer)
{
	struct arena *a = call->arena;
	struct str *chain = NULL, pem = pem_of(a, answer->leaf);
	size_t n = chain_of(a, answer, &chain);
	if (!pem.p) {
		diag_error(call->diag, NOWHERE, "the certificate that came cannot be read");
		return ENROL_END_INPUT;
	}
	if (!pair_install(a, &call->folder, pem, chain, n, call->diag))
		return ENROL_END_INPUT;
	call->state.request_id = 0;
	call->state.poll = call->state.username = STR("");
	return state_write(a, &call->folder, &call->state, call->diag) ? ENROL_END_ISSUED : ENROL_END_INPUT;
}

static enum enrol_end take_answer(struct enrol_call *call, const struct xml *body, struct str asked)
{
	struct wstep_answer answer;
	const char *why = wstep_read_answer(call->arena, body, &answer);
	if (why)
		return unreachable(call, asked, str_of(why));
	call->request_id = answer.request_id;
	call->message = answer.message;
	if (answer.issued)
		return take_issued(call, &answer);
	call->state.request_id = answer.request_id;
	call->state.poll = answer.poll.n ? answer.poll : asked;
	call->state.username = call->username;
	return state_write(call->arena, &call->folder, &call->state, call->diag) ? ENROL_END_PENDING : ENROL_END_INPUT;
}

/* The next address by priority of those that take this authentication; tried ones have authentication 0. */
static struct enrolment_uri *next_uri(const struct enrolment_uris *uris, uint64_t authentication, bool renewal)
{
	struct enrolment_uri *best = NULL;
	for (size_t i = 0; i < uris->n; i++) {
		struct enrolment_uri *u = &uris->v[i];
		if (u->authentication == authentication && (renewal || !u->renewal_only) &&
		    (!best || u->priority < best->priority))
			best = u;
	}
	return best;
}

/* Tries every address by its priority, until one answers. */
static enum enrol_end send_request(struct enrol_call *call, struct str request, bool cms, bool by_pair)
{
	struct arena *a = call->arena;
	struct enrolment_uris left = { arena_array(a, call->state.uris.n, sizeof *left.v), call->state.uris.n };
	struct enrolment_uri *u;
	enum enrol_end end = ENROL_END_NETWORK;
	uint64_t way = by_pair ? AUTHENTICATION_CERTIFICATE : AUTHENTICATION_PASSWORD;
	for (size_t i = 0; i < left.n; i++)
		left.v[i] = call->state.uris.v[i];
	call->message =
		str_printf(a, "the policy names no address for enrolment by %s", by_pair ? "certificate" : "password");
	while ((u = next_uri(&left, way, by_pair)) != NULL) {
		struct out o = out_memory(MESSAGE_MAX);
		u->authentication = 0;
		wstep_write_request(a, &o, new_message_id(a), u->uri, user_of(call, by_pair), call->password, request,
				    cms, 0);
		const struct xml *body = exchange(call, u->uri, by_pair, &o, &end);
		if (body)
			return take_answer(call, body, u->uri);
		if (end != ENROL_END_NETWORK)
			return end;
	}
	return end;
}

static const struct template_view *find_template(struct enrol_call *call, const struct policy_view *policy,
						 struct str name)
{
	struct str *names = ARENA_ARRAY(call->arena, struct str, policy->templates.n);
	for (size_t i = 0; i < policy->templates.n; i++) {
		names[i] = policy->templates.v[i].name;
		if (str_ieq(names[i], name))
			return &policy->templates.v[i];
	}
	diag_error(call->diag, NOWHERE, "the policy shows no template \"%.*s\" to this user", STR_ARG(name));
	diag_suggest(call->diag, name, names, policy->templates.n);
	for (size_t i = 0; i < policy->templates.n; i++)
		diag_note(call->diag, NOWHERE, "it shows \"%.*s\"", STR_ARG(names[i]));
	return NULL;
}

static void take_policy(struct enrol_call *call, const struct policy_view *policy, const struct template_view *t,
			struct str url)
{
	struct enrol_state *s = &call->state;
	s->policy_url = url;
	s->policy_id = policy->id;
	s->template_name = t->name;
	s->template_oid = t->schema >= 2 ? t->oid : STR("");
	s->major = t->major;
	s->minor = t->minor;
	s->renewal = t->renewal;
	s->uris = policy->uris;
}

static enum enrol_key key_for(const struct template_view *t, int wish)
{
	if (wish >= 0)
		return (enum enrol_key)wish;
	if (str_is(t->key_algorithm, oid_ec))
		return t->key_bits <= 256 ? ENROL_P256 : t->key_bits <= 384 ? ENROL_P384 : ENROL_P521;
	return t->key_bits <= 2048 ? ENROL_RSA_2048 : t->key_bits <= 3072 ? ENROL_RSA_3072 : ENROL_RSA_4096;
}

enum enrol_end enrol_new(struct enrol_call *call, const struct enrol_wish *wish)
{
	struct policy_view policy;
	enum enrol_end end = ENROL_END_INPUT;
	if (!enrol_policy(call, wish->policy_url, false, &policy, &end))
		return end;
	const struct template_view *t = find_template(call, &policy, wish->template_name);
	if (!t)
		return ENROL_END_INPUT;
	take_policy(call, &policy, t, wish->policy_url);
	EVP_PKEY *key = key_made(enrol_key_words[key_for(t, wish->key)]);
	struct csr_wish csr = { .subject = wish->subject,
				.alternatives = wish->alternatives,
				.template_name = t->name,
				.template_oid = call->state.template_oid,
				.major = t->major,
				.minor = t->minor };
	struct str request = key ? csr_made(call->arena, &csr, key) : NO_STR;
	if (!request.p)
		diag_error(call->diag, NOWHERE, "the request cannot be made: OpenSSL refuses the names or the key");
	bool ok = request.p && next_key_write(call->arena, &call->folder, key, call->diag);
	EVP_PKEY_free(key);
	return ok ? send_request(call, request, false, false) : ENROL_END_INPUT;
}

enum enrol_end enrol_poll(struct enrol_call *call)
{
	enum enrol_end end = ENROL_END_NETWORK;
	bool by_pair = call->state.username.n == 0;
	struct out o = out_memory(MESSAGE_MAX);
	wstep_write_request(call->arena, &o, new_message_id(call->arena), call->state.poll, user_of(call, by_pair),
			    call->password, NO_STR, false, call->state.request_id);
	const struct xml *body = exchange(call, call->state.poll, by_pair, &o, &end);
	if (body)
		return take_answer(call, body, call->state.poll);
	/* the request is decided, or was forgotten: it waits no longer */
	if (end == ENROL_END_DENIED && (call->code == HR_DENIED_BY_MANAGER || call->code == HR_NO_REQUEST)) {
		call->state.request_id = 0;
		call->state.poll = call->state.username = STR("");
		if (!state_write(call->arena, &call->folder, &call->state, call->diag))
			return ENROL_END_INPUT;
	}
	return end;
}

/* The names of the certificate in use: a renewal may not change them. */
static bool names_of(struct enrol_call *call, X509 *old, struct csr_wish *wish)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(old, NID_subject_alt_name, NULL, NULL);
	const char *why = subject_of(call->arena, X509_get_subject_name(old), &wish->subject);
	if (!why)
		why = alternatives_of(call->arena, names, &wish->alternatives);
	GENERAL_NAMES_free(names);
	return !why || diag_error(call->diag, NOWHERE, "the certificate in use has %s", why);
}

/* A key like the old one. */
static EVP_PKEY *key_like(EVP_PKEY *old)
{
	int bits = EVP_PKEY_get_bits(old);
	if (EVP_PKEY_is_a(old, "EC"))
		return key_made(enrol_key_words[bits <= 256 ? ENROL_P256 : bits <= 384 ? ENROL_P384 : ENROL_P521]);
	return key_made(enrol_key_words[bits <= 2048   ? ENROL_RSA_2048
					: bits <= 3072 ? ENROL_RSA_3072
						       : ENROL_RSA_4096]);
}

enum enrol_end enrol_renew(struct enrol_call *call, bool new_key)
{
	EVP_PKEY *old_key, *key;
	X509 *old;
	struct csr_wish wish = { .template_name = call->state.template_name,
				 .template_oid = call->state.template_oid,
				 .major = call->state.major,
				 .minor = call->state.minor };
	if (!pair_read(call->arena, &call->folder, &old_key, &old, call->diag))
		return ENROL_END_INPUT;
	wish.renewed = old;
	key = new_key ? key_like(old_key) : old_key;
	struct str csr = names_of(call, old, &wish) && key ? csr_made(call->arena, &wish, key) : NO_STR;
	struct str request = csr.p ? csr_signed(call->arena, csr, old, old_key) : NO_STR;
	if (!request.p && !diag_errors(call->diag))
		diag_error(call->diag, NOWHERE, "the request cannot be made: OpenSSL refuses");
	bool ok = request.p && next_key_write(call->arena, &call->folder, key, call->diag);
	if (key != old_key)
		EVP_PKEY_free(key);
	EVP_PKEY_free(old_key);
	X509_free(old);
	call->username = STR("");
	return ok ? send_request(call, request, true, true) : ENROL_END_INPUT;
}

int64_t certificate_end(const X509 *c)
{
	struct tm t;
	return ASN1_TIME_to_tm(X509_get0_notAfter(c), &t) == 1 ? (int64_t)timegm(&t) : 0;
}
