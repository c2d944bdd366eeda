/* SPDX-License-Identifier: Apache-2.0 */
/* TLS without sockets: a server of OpenSSL at the other end of two buffers, with certificates made here. */
#include "probe/tls.h"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <time.h>
#include <unistd.h>

#include "test.h" /* after src/wire, whose skip() is a macro of cmocka */

enum { DAY = 86400 };

struct wish {
	const char *names;        /* "DNS:dc1.contoso.com"; NULL: no subject alternative name */
	unsigned rsa;             /* bits; 0: an elliptic curve */
	long begins, ends;        /* seconds from now */
	size_t padding;           /* bytes of a remark in it */
	const char *organization; /* NULL: none */
	bool asks, refuses_names; /* for a certificate of the client; with an alert */
};

struct server {
	SSL_CTX *context;
	SSL *ssl;
	BIO *in, *out;
	X509 *cert;
	EVP_PKEY *key;
};

static const struct wish good = { .names = "DNS:dc1.contoso.com,DNS:ldap.contoso.com",
				  .begins = -DAY,
				  .ends = 90 * DAY };

static void add_extension(X509 *cert, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	assert_non_null(e);
	X509_add_ext(cert, e, -1);
	X509_EXTENSION_free(e);
}

static void make_certificate(struct server *s, const struct wish *w)
{
	X509_NAME *name = X509_NAME_new();
	s->key = w->rsa ? EVP_RSA_gen(w->rsa) : EVP_EC_gen("P-256");
	s->cert = X509_new();
	X509_set_version(s->cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(s->cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(s->cert), w->begins);
	X509_gmtime_adj(X509_getm_notAfter(s->cert), w->ends);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"dc1", -1, -1, 0);
	if (w->organization)
		X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC, (const unsigned char *)w->organization, -1, -1, 0);
	X509_set_subject_name(s->cert, name);
	X509_set_issuer_name(s->cert, name);
	X509_NAME_free(name);
	if (w->names)
		add_extension(s->cert, NID_subject_alt_name, w->names);
	if (w->padding) {
		char *text = malloc(w->padding + 1);
		memset(text, 'a', w->padding);
		text[w->padding] = 0;
		add_extension(s->cert, NID_netscape_comment, text);
		free(text);
	}
	X509_set_pubkey(s->cert, s->key);
	assert_true(X509_sign(s->cert, s->key, EVP_sha256()) > 0);
}

static int refuse_name(SSL *ssl, int *alert, void *ctx)
{
	*alert = SSL_AD_UNRECOGNIZED_NAME;
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static void open_server(struct server *s, const struct wish *w)
{
	make_certificate(s, w);
	s->context = SSL_CTX_new(TLS_server_method());
	SSL_CTX_set_security_level(s->context, 0);
	SSL_CTX_use_certificate(s->context, s->cert);
	SSL_CTX_use_PrivateKey(s->context, s->key);
	if (w->asks)
		SSL_CTX_set_verify(s->context, SSL_VERIFY_PEER, NULL);
	if (w->refuses_names)
		SSL_CTX_set_tlsext_servername_callback(s->context, refuse_name);
	s->ssl = SSL_new(s->context);
	s->in = BIO_new(BIO_s_mem());
	s->out = BIO_new(BIO_s_mem());
	SSL_set_bio(s->ssl, s->in, s->out);
	SSL_set_accept_state(s->ssl);
}

static void close_server(struct server *s)
{
	SSL_free(s->ssl);
	SSL_CTX_free(s->context);
	X509_free(s->cert);
	EVP_PKEY_free(s->key);
}

/* Carries bytes to and fro until nothing moves. */
static enum tls_state shake_hands(struct server *s, struct tls_session *t)
{
	uint8_t bytes[4096];
	enum tls_state state = tls_take(t, NULL, 0);
	for (bool moved = true; moved;) {
		size_t n;
		int got;
		moved = false;
		while ((n = tls_outgoing(t, bytes, sizeof bytes)) > 0) {
			BIO_write(s->in, bytes, (int)n);
			moved = true;
		}
		SSL_do_handshake(s->ssl);
		while ((got = BIO_read(s->out, bytes, sizeof bytes)) > 0) {
			state = tls_take(t, bytes, (size_t)got);
			moved = true;
		}
	}
	return state;
}

struct judged {
	struct arena *arena;
	struct target target;
	struct exchange ex;
	struct tls_peer peer;
	struct server server;
	struct tls_session *session;
	enum tls_state state;
};

static struct judged *judge(const struct wish *w, const char *name, bool trusted)
{
	struct arena *a = arena_new();
	struct judged *j = ARENA_NEW(a, struct judged);
	char path[] = "/tmp/portolan-test-XXXXXX";
	struct str why = NO_STR;
	*j = (struct judged){ .arena = a, .target = { .name = str_of(name) } };
	j->ex = (struct exchange){ .arena = a, .target = &j->target };
	open_server(&j->server, w);
	if (trusted) {
		FILE *f = fdopen(mkstemp(path), "w");
		PEM_write_X509(f, j->server.cert);
		fclose(f);
	}
	struct tls_settings *settings = tls_settings_new(a, trusted ? path : NULL, &why);
	if (trusted)
		unlink(path);
	assert_non_null(settings);
	j->session = tls_new(a, settings, j->target.name);
	j->state = shake_hands(&j->server, j->session);
	if (j->state == TLS_UP)
		tls_judge(j->session, &j->ex, time(NULL), &j->peer);
	return j;
}

static void done(struct judged *j)
{
	close_server(&j->server);
	arena_free(j->arena);
}

static bool advises(const struct judged *j, const char *id)
{
	for (const struct advice_found *found = j->ex.advice; found; found = found->next)
		if (strcmp(found->id, id) == 0)
			return true;
	return false;
}

static struct str evidence_of(const struct judged *j, const char *key)
{
	for (size_t i = 0; i < j->ex.n_evidence; i++)
		if (strcmp(j->ex.evidence[i].key, key) == 0)
			return j->ex.evidence[i].value;
	return NO_STR;
}

static void a_good_certificate_needs_no_advice(void **state)
{
	struct judged *j = judge(&good, "DC1.contoso.com.", true);
	assert_int_equal(j->state, TLS_UP);
	assert_null(j->ex.advice);
	assert_true(j->peer.name_matches);
	assert_false(j->peer.asked_certificate);
	assert_str_equal(j->peer.version, "TLSv1.3");
	assert_str_equal(j->peer.subject, "CN=dc1");
	assert_str_equal(evidence_of(j, "certificate-names"), "dc1.contoso.com ldap.contoso.com");
	assert_str_equal(evidence_of(j, "certificate-key"), "id-ecPublicKey 256");
	done(j);
}

static void one_that_this_machine_does_not_trust_is_said(void **state)
{
	struct judged *j = judge(&good, "dc1.contoso.com", false);
	assert_int_equal(j->state, TLS_UP);
	assert_true(advises(j, "certificate-chain"));
	assert_true(j->peer.name_matches);
	done(j);
}

static void another_name_is_said_and_one_label_is_not_compared(void **state)
{
	struct judged *j = judge(&good, "dc2.contoso.com", true);
	assert_true(advises(j, "certificate-name"));
	assert_false(j->peer.name_matches);
	done(j);
	j = judge(&good, "dc2", true);
	assert_false(advises(j, "certificate-name"));
	assert_true(j->peer.name_matches);
	done(j);
}

static void dates_are_judged(void **state)
{
	struct wish w = good;
	w.begins = -20 * DAY;
	w.ends = -DAY;
	struct judged *j = judge(&w, "dc1.contoso.com", true);
	assert_true(advises(j, "certificate-expired"));
	done(j);
	w.ends = 10 * DAY;
	j = judge(&w, "dc1.contoso.com", true);
	assert_true(advises(j, "certificate-expires"));
	assert_false(advises(j, "certificate-expired"));
	done(j);
	w.begins = DAY;
	w.ends = 90 * DAY;
	j = judge(&w, "dc1.contoso.com", true);
	assert_true(advises(j, "certificate-not-yet-valid"));
	done(j);
}

static void a_short_key_and_a_missing_name_are_said(void **state)
{
	struct wish w = good;
	w.rsa = 1024;
	w.names = NULL;
	struct judged *j = judge(&w, "dc1.contoso.com", true);
	assert_int_equal(j->state, TLS_UP);
	assert_true(advises(j, "certificate-key"));
	assert_true(advises(j, "certificate-san"));
	done(j);
}

static void a_request_for_a_certificate_is_noticed(void **state)
{
	struct wish w = good;
	w.asks = true;
	struct judged *j = judge(&w, "dc1.contoso.com", true);
	assert_int_equal(j->state, TLS_UP);
	assert_true(j->peer.asked_certificate);
	done(j);
}

static bool is_stand_in(const char *organization)
{
	struct wish w = good;
	w.organization = organization;
	struct judged *j = judge(&w, "dc1.contoso.com", true);
	assert_int_equal(j->state, TLS_UP);
	bool stand_in = j->ex.stand_in;
	done(j);
	return stand_in;
}

static void the_whole_organization_marks_a_stand_in(void **state)
{
	assert_true(is_stand_in(STAND_IN_SUBJECT));
	assert_false(is_stand_in(NULL));
	assert_false(is_stand_in(STAND_IN_SUBJECT "s"));
	assert_false(is_stand_in("Users of " STAND_IN_SUBJECT));
}

static void an_alert_is_named(void **state)
{
	struct wish w = good;
	bool alert = false;
	w.refuses_names = true;
	struct judged *j = judge(&w, "dc1.contoso.com", true);
	assert_int_equal(j->state, TLS_FAILED);
	assert_contains(tls_failure(j->session, &alert), "unrecognized name");
	assert_true(alert);
	done(j);
}

static void a_certificate_of_megabytes_is_refused(void **state)
{
	struct wish w = good;
	bool alert = true;
	w.padding = 10 << 20;
	struct judged *j = judge(&w, "dc1.contoso.com", false);
	assert_int_equal(j->state, TLS_FAILED);
	tls_failure(j->session, &alert);
	assert_false(alert);
	done(j);
}

static void what_is_not_tls_fails(void **state)
{
	struct arena *a = arena_new();
	struct str why;
	struct tls_session *t = tls_new(a, tls_settings_new(a, NULL, &why), STR("dc1.contoso.com"));
	bool alert = true;
	assert_int_equal(tls_take(t, NULL, 0), TLS_BUSY);
	assert_int_equal(tls_take(t, "HTTP/1.1 400 Bad Request\r\n\r\n", 28), TLS_FAILED);
	assert_true(tls_failure(t, &alert).n > 0);
	assert_false(alert);
	arena_free(a);
}

static void bytes_go_both_ways_until_the_end_is_told(void **state)
{
	struct judged *j = judge(&good, "dc1.contoso.com", true);
	char bytes[8192];
	size_t n;
	assert_true(tls_write(j->session, "question", 8));
	n = tls_outgoing(j->session, bytes, sizeof bytes);
	BIO_write(j->server.in, bytes, (int)n);
	assert_int_equal(SSL_read(j->server.ssl, bytes, sizeof bytes), 8);
	assert_memory_equal(bytes, "question", 8);
	SSL_write(j->server.ssl, "reply", 5);
	SSL_shutdown(j->server.ssl);
	/* a byte at a time */
	size_t came = 0;
	char reply[8];
	while (BIO_read(j->server.out, bytes, 1) == 1) {
		tls_take(j->session, bytes, 1);
		came += tls_read(j->session, reply + came, sizeof reply - came);
	}
	assert_int_equal(came, 5);
	assert_memory_equal(reply, "reply", 5);
	assert_true(tls_is_closed(j->session));
	done(j);
}

static void a_file_without_certificates_is_an_error(void **state)
{
	struct arena *a = arena_new();
	struct str why = NO_STR;
	assert_null(tls_settings_new(a, "/dev/null", &why));
	assert_contains(why, "/dev/null: ");
	assert_null(tls_settings_new(a, "/nowhere", &why));
	assert_contains(why, "No such file");
	arena_free(a);
}

RUN_TESTS(T(a_good_certificate_needs_no_advice), T(one_that_this_machine_does_not_trust_is_said),
	  T(another_name_is_said_and_one_label_is_not_compared), T(dates_are_judged),
	  T(a_short_key_and_a_missing_name_are_said), T(a_request_for_a_certificate_is_noticed),
	  T(the_whole_organization_marks_a_stand_in), T(an_alert_is_named), T(a_certificate_of_megabytes_is_refused),
	  T(what_is_not_tls_fails), T(bytes_go_both_ways_until_the_end_is_told),
	  T(a_file_without_certificates_is_an_error))
