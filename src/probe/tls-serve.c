/* SPDX-License-Identifier: Apache-2.0 */
/* A server's side of TLS, with a certificate that is thrown away. */
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "probe/tls-priv.h"

enum { VALID = 30 * 86400, EARLIER = 3600, COMMON_NAME_MAX = 64 };

static bool add_extension(X509 *to, int nid, const char *value)
{
	X509V3_CTX context;
	X509V3_set_ctx_nodb(&context);
	X509V3_set_ctx(&context, to, to, NULL, NULL, 0);
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	bool ok = extension && X509_add_ext(to, extension, -1) == 1;
	X509_EXTENSION_free(extension);
	return ok;
}

static bool set_subject(X509 *to, struct str name, const char *organization)
{
	X509_NAME *subject = X509_get_subject_name(to);
	struct str common = str_first(name, COMMON_NAME_MAX);
	return X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)common.p, (int)common.n,
					  -1, 0) == 1 &&
	       X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_UTF8, (const unsigned char *)organization, -1, -1,
					  0) == 1 &&
	       X509_set_issuer_name(to, subject) == 1;
}

/* Signed by its own key: nobody trusts it, and nobody should. */
static X509 *make_certificate(struct arena *a, EVP_PKEY *key, struct str name, const char *organization)
{
	X509 *made = X509_new();
	/* A name with letters that a DNS name does not have would be read as more than one. */
	bool plain = str_is_plain(name, "-._");
	bool ok = made && X509_set_version(made, X509_VERSION_3) == 1 &&
		  ASN1_INTEGER_set(X509_get_serialNumber(made), 1) == 1 &&
		  X509_gmtime_adj(X509_getm_notBefore(made), -EARLIER) &&
		  X509_gmtime_adj(X509_getm_notAfter(made), VALID) && X509_set_pubkey(made, key) == 1 &&
		  set_subject(made, name, organization) &&
		  (!plain || add_extension(made, NID_subject_alt_name, arena_printf(a, "DNS:%.*s", STR_ARG(name)))) &&
		  add_extension(made, NID_ext_key_usage, "serverAuth") && X509_sign(made, key, EVP_sha256()) > 0;
	if (ok)
		return made;
	X509_free(made);
	return NULL;
}

struct tls_settings *tls_settings_serving(struct arena *a, struct str name, const char *organization, struct str *why)
{
	struct tls_settings *s = ARENA_NEW(a, struct tls_settings);
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = key ? make_certificate(a, key, name, organization) : NULL;
	s->server = true;
	s->context = certificate ? SSL_CTX_new(TLS_server_method()) : NULL;
	if (s->context)
		arena_at_end(a, tls_settings_free, s);
	bool ok = s->context && SSL_CTX_use_certificate(s->context, certificate) == 1 &&
		  SSL_CTX_use_PrivateKey(s->context, key) == 1 &&
		  SSL_CTX_set_min_proto_version(s->context, TLS1_2_VERSION) == 1;
	X509_free(certificate);
	EVP_PKEY_free(key);
	if (!ok) {
		const char *reason = ERR_reason_error_string(ERR_peek_last_error());
		*why = str_printf(a, "a certificate for %.*s: %s", STR_ARG(name), reason ? reason : "OpenSSL refuses");
		ERR_clear_error();
		return NULL;
	}
	SSL_CTX_set_session_cache_mode(s->context, SSL_SESS_CACHE_OFF);
	return s;
}
