/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kerberos 5 (RFC 4120) without a key: an AS-REQ for a principal, the shape of a password change
 * (RFC 3244), and the KRB-ERROR that comes back.
 */
#pragma once

#include "wire/ber.h"

enum { KERBEROS_ERROR = BER_APPLICATION(30), KERBEROS_AS_REP = BER_APPLICATION(11) };

enum kerberos_code {
	KDC_ERR_C_PRINCIPAL_UNKNOWN = 6,
	KDC_ERR_ETYPE_NOSUPP = 14,
	KDC_ERR_CLIENT_REVOKED = 18,
	KDC_ERR_PREAUTH_REQUIRED = 25,
	KRB_AP_ERR_SKEW = 37,
	KRB_ERR_RESPONSE_TOO_BIG = 52,
	KDC_ERR_WRONG_REALM = 68,
};

/*
 * The message at the start of a stream, behind its length (RFC 4120 7.2.2), or a datagram; *used counts the length.
 * KERBEROS_NOT: it is empty or has more than most bytes.
 */
enum kerberos_parse { KERBEROS_MORE, KERBEROS_OK, KERBEROS_NOT };
enum kerberos_parse kerberos_parse(bool stream, const uint8_t *p, size_t n, size_t most, struct str *message,
				   size_t *used);

/* The length of a stream's message, around what is put between them; a datagram has none. */
size_t kerberos_begin(struct buffer *to, bool stream);
void kerberos_end(struct buffer *to, size_t place);

/* An AS-REQ without pre-authentication, which offers AES and RC4, or RC4 alone.  The realm goes in upper case. */
void kerberos_put_as_req(struct buffer *to, struct str principal, struct str realm, uint32_t nonce, bool only_rc4);

/* A kpasswd request whose AP-REQ and KRB-PRIV have the right shape and no meaning: nobody is named, nothing changes. */
void kerberos_put_kpasswd(struct buffer *to, struct str realm);

/* What a KRB-ERROR says; strings are empty where the field is absent. */
struct kerberos_error {
	bool has_time;
	int64_t time; /* of the server, milliseconds since 1970 */
	int64_t code;
	struct str client_realm, realm, text, data;
	struct str service[2]; /* the first two parts of the service's name */
};

/* bytes begin with the tag KERBEROS_ERROR. */
bool kerberos_read_error(struct str bytes, struct kerberos_error *ret);

/* The body of a kpasswd reply: the KRB-ERROR in it. */
bool kerberos_read_kpasswd(struct str bytes, struct kerberos_error *ret);

/* What an AS-REQ asks for; empty where absent. */
struct kerberos_request {
	struct str realm, service[2];
};
bool kerberos_read_as_req(struct str bytes, struct kerberos_request *ret);

/* A KRB-ERROR at a time, for a service of a realm. */
void kerberos_put_error(struct buffer *to, int64_t milliseconds, int code, struct str realm, const char *service,
			struct str instance, struct str text);

/* A kpasswd reply around it; false when the bytes are not a kpasswd request. */
bool kerberos_is_kpasswd(struct str bytes);

/* The first salt of the PA-ETYPE-INFO2 in the data of a PREAUTH_REQUIRED; empty when there is none. */
struct str kerberos_salt(struct str data);

/* True when that PA-ETYPE-INFO2 names RC4 (RFC 4757) among its types. */
bool kerberos_offers_rc4(struct str data);

/* "KDC_ERR_PREAUTH_REQUIRED"; NULL for codes without a name here. */
const char *kerberos_code_name(int64_t code);
