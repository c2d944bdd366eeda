/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/tls.h"

#include <errno.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "probe/tls-priv.h"

enum {
	LEAST_RSA_BITS = 2048,
	LEAST_EC_BITS = 224,
	CERTIFICATES_MAX = 256 << 10, /* bytes of a chain; a certificate of megabytes is refused */
	SOON = 30,                    /* days before the end of a certificate */
	DAY = 86400,
	NAMES_MAX = 100,
};

struct tls_session {
	SSL *ssl;
	BIO *in, *out; /* the session's */
	struct arena *arena;
	struct str name;
	bool asked_certificate, got_alert, closed;
	int alert;
	enum tls_state state;
};

static void free_tls(void *ctx)
{
	SSL_free(((struct tls_session *)ctx)->ssl);
}

static struct str last_error(struct arena *a)
{
	char text[256] = "";
	unsigned long code = ERR_peek_last_error();
	const char *reason = ERR_reason_error_string(code);
	if (!reason) {
		ERR_error_string_n(code, text, sizeof text);
		reason = text;
	}
	struct str s = str_printf(a, "%s", reason);
	ERR_clear_error();
	return s;
}

/* Called when the server asks for a certificate; none is given. */
static int note_request(SSL *ssl, void *ctx)
{
	struct tls_session *t = SSL_get_app_data(ssl);
	t->asked_certificate = true;
	return 1;
}

void tls_settings_free(void *ctx)
{
	SSL_CTX_free(((struct tls_settings *)ctx)->context);
}

struct tls_settings *tls_settings_new(struct arena *a, const char *ca, struct str *why)
{
	struct tls_settings *s = ARENA_NEW(a, struct tls_settings);
	s->context = SSL_CTX_new(TLS_client_method());
	if (!s->context) {
		*why = last_error(a);
		return NULL;
	}
	arena_at_end(a, tls_settings_free, s);
	/* Old versions and weak keys are reported, not refused. */
	SSL_CTX_set_security_level(s->context, 0);
	SSL_CTX_set_min_proto_version(s->context, TLS1_VERSION);
	SSL_CTX_set_options(s->context, SSL_OP_LEGACY_SERVER_CONNECT);
	SSL_CTX_set_verify(s->context, SSL_VERIFY_NONE, NULL);
	SSL_CTX_set_max_cert_list(s->context, CERTIFICATES_MAX);
	SSL_CTX_set_cert_cb(s->context, note_request, NULL);
	if (ca && access(ca, R_OK) != 0) {
		*why = str_printf(a, "%s: %s", ca, strerror(errno));
		return NULL;
	}
	if (ca ? SSL_CTX_load_verify_file(s->context, ca) != 1 : SSL_CTX_set_default_verify_paths(s->context) != 1) {
		*why = str_printf(a, "%s: %.*s", ca ? ca : "the system's certificates", STR_ARG(last_error(a)));
		return NULL;
	}
	return s;
}

static void note_alert(const SSL *ssl, int where, int value)
{
	struct tls_session *t = SSL_get_app_data(ssl);
	if ((where & SSL_CB_READ_ALERT) != SSL_CB_READ_ALERT)
		return;
	if ((value & 0xff) == SSL3_AD_CLOSE_NOTIFY)
		return;
	t->got_alert = true;
	t->alert = value;
}

struct tls_session *tls_new(struct arena *a, const struct tls_settings *s, struct str name)
{
	struct tls_session *t = ARENA_NEW(a, struct tls_session);
	*t = (struct tls_session){ .arena = a, .name = name };
	t->ssl = SSL_new(s->context);
	t->in = BIO_new(BIO_s_mem());
	t->out = BIO_new(BIO_s_mem());
	if (!t->ssl || !t->in || !t->out)
		out_of_memory(1);
	arena_at_end(a, free_tls, t);
	BIO_set_mem_eof_return(t->in, -1);
	SSL_set_bio(t->ssl, t->in, t->out);
	SSL_set_app_data(t->ssl, t);
	SSL_set_info_callback(t->ssl, note_alert);
	if (str_find(name, '.') != SIZE_MAX)
		SSL_set_tlsext_host_name(t->ssl, cstr(a, name));
	if (s->server)
		SSL_set_accept_state(t->ssl);
	else
		SSL_set_connect_state(t->ssl);
	return t;
}

void tls_weaken(struct tls_session *t, enum weaken how)
{
	if (how == WEAKEN_TLS_1_1 || how == WEAKEN_TLS_1_0)
		SSL_set_max_proto_version(t->ssl, how == WEAKEN_TLS_1_1 ? TLS1_1_VERSION : TLS1_VERSION);
}

enum tls_state tls_take(struct tls_session *t, const void *p, size_t n)
{
	if (n)
		BIO_write(t->in, p, (int)n);
	if (t->state != TLS_BUSY)
		return t->state;
	ERR_clear_error();
	int done = SSL_do_handshake(t->ssl);
	if (done == 1)
		t->state = TLS_UP;
	else if (SSL_get_error(t->ssl, done) != SSL_ERROR_WANT_READ)
		t->state = TLS_FAILED;
	return t->state;
}

struct str tls_failure(const struct tls_session *t, bool *alert)
{
	*alert = t->got_alert;
	if (t->got_alert) {
		ERR_clear_error();
		return str_of(SSL_alert_desc_string_long(t->alert));
	}
	return last_error(t->arena);
}

size_t tls_outgoing(struct tls_session *t, void *p, size_t room)
{
	int n = BIO_read(t->out, p, (int)MIN(room, (size_t)INT32_MAX));
	return n > 0 ? (size_t)n : 0;
}

size_t tls_read(struct tls_session *t, void *p, size_t room)
{
	size_t n = 0;
	ERR_clear_error();
	if (SSL_read_ex(t->ssl, p, room, &n) == 1)
		return n;
	int why = SSL_get_error(t->ssl, 0);
	t->closed |= why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE;
	return 0;
}

bool tls_is_closed(const struct tls_session *t)
{
	return t->closed;
}

bool tls_write(struct tls_session *t, const void *p, size_t n)
{
	size_t done = 0;
	ERR_clear_error();
	return SSL_write_ex(t->ssl, p, n, &done) == 1 && done == n;
}

static struct str name_text(struct arena *a, const X509_NAME *name)
{
	BIO *to = BIO_new(BIO_s_mem());
	char *p;
	if (!to)
		out_of_memory(1);
	X509_NAME_print_ex(to, name, 0, XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB);
	long n = BIO_get_mem_data(to, &p);
	struct str s = str_dup(a, str_first((struct str){ p, n > 0 ? (size_t)n : 0 }, EVIDENCE_MAX));
	BIO_free(to);
	return s;
}

/* "2027-01-31T12:00:00Z", and whether it is before now. */
static struct str time_text(struct arena *a, const ASN1_TIME *t, int64_t now, int64_t *left)
{
	struct tm when;
	int days = 0, seconds = 0;
	time_t base = (time_t)now;
	ASN1_TIME *from = ASN1_TIME_set(NULL, base);
	*left = 0;
	if (from && ASN1_TIME_diff(&days, &seconds, from, t) == 1)
		*left = (int64_t)days * DAY + seconds;
	ASN1_TIME_free(from);
	if (ASN1_TIME_to_tm(t, &when) != 1)
		return STR("unreadable");
	return str_printf(a, "%04d-%02d-%02dT%02d:%02d:%02dZ", when.tm_year + 1900, when.tm_mon + 1, when.tm_mday,
			  when.tm_hour, when.tm_min, when.tm_sec);
}

static void judge_dates(struct tls_session *t, struct exchange *ex, const X509 *cert, int64_t now)
{
	int64_t left, begun;
	struct str end = time_text(ex->arena, X509_get0_notAfter(cert), now, &left);
	time_text(ex->arena, X509_get0_notBefore(cert), now, &begun);
	exchange_evidence(ex, "certificate-not-after", end);
	if (left < 0)
		exchange_advice(ex, "certificate-expired", ADVICE_ERROR, "its certificate expired on %.*s",
				STR_ARG(end));
	else if (left < (int64_t)SOON * DAY)
		exchange_advice(ex, "certificate-expires", ADVICE_WARNING, "its certificate expires on %.*s",
				STR_ARG(end));
	if (begun > 0)
		exchange_advice(ex, "certificate-not-yet-valid", ADVICE_ERROR,
				"its certificate is not valid yet, or the clock of this machine is wrong");
}

static void judge_key(struct exchange *ex, const X509 *cert)
{
	EVP_PKEY *key = X509_get0_pubkey(cert);
	if (!key)
		return;
	int bits = EVP_PKEY_get_bits(key),
	    least = EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA ? LEAST_RSA_BITS : LEAST_EC_BITS;
	exchange_evidence(ex, "certificate-key",
			  str_printf(ex->arena, "%s %d", OBJ_nid2sn(EVP_PKEY_get_base_id(key)), bits));
	if (bits < least)
		exchange_advice(ex, "certificate-key", ADVICE_WARNING,
				"the key of its certificate has %d bits; %d is the least", bits, least);
}

/* The DNS names of the certificate as evidence; false when it has none. */
static bool list_names(struct exchange *ex, X509 *cert)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	char text[EVIDENCE_MAX];
	struct buffer list = buffer_over(text, sizeof text);
	int n = names ? MIN(sk_GENERAL_NAME_num(names), (int)NAMES_MAX) : 0;
	for (int i = 0; i < n; i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		if (name->type != GEN_DNS)
			continue;
		if (list.n)
			put_text(&list, " ");
		put_str(&list, (struct str){ (const char *)ASN1_STRING_get0_data(name->d.dNSName),
					     (size_t)ASN1_STRING_length(name->d.dNSName) });
	}
	GENERAL_NAMES_free(names);
	if (list.n)
		exchange_evidence(ex, "certificate-names", buffer_view(&list));
	return list.n > 0;
}

static void judge_name(struct tls_session *t, struct exchange *ex, X509 *cert, struct tls_peer *peer)
{
	bool listed = list_names(ex, cert);
	peer->name_matches = true;
	if (!listed)
		exchange_advice(ex, "certificate-san", ADVICE_WARNING,
				"its certificate has no subject alternative name, which clients require");
	if (!ex->target->name.n)
		return;
	struct str name = ex->target->name;
	if (str_ends(name, "."))
		name.n--;
	/* one label is a name of the plan, not of DNS: it cannot be compared */
	if (str_find(name, '.') == SIZE_MAX)
		return;
	peer->name_matches = X509_check_host(cert, name.p, name.n, 0, NULL) == 1;
	if (!peer->name_matches)
		exchange_advice(ex, "certificate-name", ADVICE_ERROR, "its certificate is not for %.*s", STR_ARG(name));
}

static void judge_chain(struct tls_session *t, struct exchange *ex, X509 *cert)
{
	X509_STORE *trusted = SSL_CTX_get_cert_store(SSL_get_SSL_CTX(t->ssl));
	X509_STORE_CTX *context = X509_STORE_CTX_new();
	if (!context || X509_STORE_CTX_init(context, trusted, cert, SSL_get_peer_cert_chain(t->ssl)) != 1)
		out_of_memory(1);
	X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(context);
	X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_SERVER);
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_NO_CHECK_TIME); /* the dates are judged by themselves */
	if (X509_verify_cert(context) != 1)
		exchange_advice(ex, "certificate-chain", ADVICE_WARNING,
				"this machine does not trust its certificate: %s",
				X509_verify_cert_error_string(X509_STORE_CTX_get_error(context)));
	X509_STORE_CTX_free(context);
	ERR_clear_error();
}

static bool is_stand_in(const X509 *cert)
{
	char text[sizeof STAND_IN_SUBJECT + 1];
	int n = X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_organizationName, text, sizeof text);
	return n > 0 && str_is((struct str){ text, (size_t)n }, STAND_IN_SUBJECT);
}

void tls_judge(struct tls_session *t, struct exchange *ex, int64_t now, struct tls_peer *peer)
{
	int version = SSL_version(t->ssl);
	X509 *cert = SSL_get0_peer_certificate(t->ssl);
	*peer = (struct tls_peer){
		.version = str_of(SSL_get_version(t->ssl)),
		.name_matches = true,
		.asked_certificate = t->asked_certificate,
	};
	exchange_evidence(ex, "tls", peer->version);
	if (version < TLS1_2_VERSION)
		exchange_advice(ex, "tls-version", ADVICE_WARNING, "it offers no newer version than %s",
				SSL_get_version(t->ssl));
	if (!cert)
		return;
	peer->subject = name_text(ex->arena, X509_get_subject_name(cert));
	peer->issuer = name_text(ex->arena, X509_get_issuer_name(cert));
	exchange_evidence(ex, "certificate-subject", peer->subject);
	exchange_evidence(ex, "certificate-issuer", peer->issuer);
	ex->stand_in |= is_stand_in(cert);
	judge_name(t, ex, cert, peer);
	judge_dates(t, ex, cert, now);
	judge_key(ex, cert);
	judge_chain(t, ex, cert);
}
