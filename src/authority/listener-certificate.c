/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/listener-certificate.h"

#include <openssl/pem.h>
#include <openssl/rand.h>

#include "authority/folder.h"
#include "authority/processes.h"
#include "base/vec.h"
#include "pki/certificate.h"
#include "pki/der.h"
#include "pki/key.h"

enum { TLS_FILE_MAX = 256 << 10 };

struct str new_serial(struct arena *a)
{
	unsigned char *p = arena_alloc(a, SERIAL_BYTES);
	if (RAND_bytes(p, SERIAL_BYTES) != 1)
		out_of_memory(SERIAL_BYTES);
	p[0] = (p[0] & 0x3f) | 0x40; /* positive, and of one length */
	return (struct str){ (const char *)p, SERIAL_BYTES };
}

static EVP_PKEY *key_for(struct arena *a, const struct template *t)
{
	static const char *const curves[N_KEYS] = { [KEY_P256] = "p-256", [KEY_P384] = "p-384", [KEY_P521] = "p-521" };
	if (t->key.n != KEY_RSA)
		return key_made(curves[t->key.n]);
	return key_made(arena_printf(a, "rsa-%llu", (unsigned long long)t->key_bits.n));
}

bool listener_certificate_asked(struct arena *a, const struct authority_config *c, const struct templates *templates,
				int64_t authority_ends, struct ask_certificate *ret, struct str *key, struct diag *d)
{
	const struct template *t = template_named(templates, STR(LISTENER_TEMPLATE));
	if (!t)
		return diag_error(d, NOWHERE,
				  "there is no template \"" LISTENER_TEMPLATE "\" for the listeners' certificate");
	EVP_PKEY *made = key_for(a, t);
	PKCS8_PRIV_KEY_INFO *info = made ? EVP_PKEY2PKCS8(made) : NULL;
	unsigned char *private = NULL, *public = NULL;
	int n_private = info ? i2d_PKCS8_PRIV_KEY_INFO(info, &private) : 0,
	    n_public = made ? i2d_PUBKEY(made, &public) : 0;
	PKCS8_PRIV_KEY_INFO_free(info);
	EVP_PKEY_free(made);
	struct subject_part *part = ARENA_NEW(a, struct subject_part);
	struct alternative *name = ARENA_NEW(a, struct alternative);
	int64_t now = authority_now();
	*part = (struct subject_part){ STR("2.5.4.3"), c->host.s };
	*name = (struct alternative){ ALTERNATIVE_DNS, c->host.s };
	*key = der_taken(a, private, n_private);
	*ret = (struct ask_certificate){
		.template_name = t->name.s,
		.template_hash = t->hash,
		.serial = new_serial(a),
		.key = der_taken(a, public, n_public),
		.subject = { part, 1 },
		.alternatives = { name, 1 },
		.not_before = now - BACKDATED,
		.not_after = MIN(now + (int64_t)t->validity.n, authority_ends),
	};
	return (key->n && ret->key.n) || diag_error(d, NOWHERE, "a key for the listeners cannot be made");
}

static struct str pem_of_key(struct arena *a, struct str pkcs8)
{
	const unsigned char *p = (const unsigned char *)pkcs8.p;
	EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &p, (long)pkcs8.n);
	struct str pem = key ? key_pem(a, key) : NO_STR;
	EVP_PKEY_free(key);
	return pem;
}

bool listener_certificate_keep(struct arena *a, const char *folder, const struct tell_tls *tls, struct diag *d)
{
	struct str pem = NO_STR, key = pem_of_key(a, tls->key);
	for (size_t i = 0; i < tls->chain.n; i++) {
		struct certificate c;
		if (certificate_read(a, tls->chain.v[i], &c))
			return diag_error(d, NOWHERE, "the chain of the listeners cannot be read");
		struct str one = certificate_pem(a, c.x509);
		pem = str_printf(a, "%.*s%.*s", STR_ARG(pem), STR_ARG(one));
	}
	if (!key.n)
		return diag_error(d, NOWHERE, "the key of the listeners cannot be written");
	return authority_write(a, arena_printf(a, "%s/state/tls.key", folder), key, true, d) &&
	       authority_write(a, arena_printf(a, "%s/state/tls.pem", folder), pem, false, d);
}

bool listener_certificate_read(struct arena *a, const char *folder, struct tell_tls *ret, int64_t *ends, struct diag *d)
{
	struct source *pem = source_read(a, arena_printf(a, "%s/state/tls.pem", folder), TLS_FILE_MAX, d),
		      *key = source_read(a, arena_printf(a, "%s/state/tls.key", folder), TLS_FILE_MAX, d);
	VEC(struct str) chain = { 0 };
	struct certificate leaf;
	unsigned char *p = NULL;
	if (!pem || !key)
		return false;
	BIO *b = BIO_new_mem_buf(pem->text.p, (int)pem->text.n);
	for (X509 *c; chain.n < 8 && (c = PEM_read_bio_X509(b, NULL, NULL, NULL)); X509_free(c))
		*VEC_ADD(a, &chain) = certificate_der(a, c);
	BIO_free(b);
	b = BIO_new_mem_buf(key->text.p, (int)key->text.n);
	EVP_PKEY *read = PEM_read_bio_PrivateKey(b, NULL, NULL, NULL);
	BIO_free(b);
	PKCS8_PRIV_KEY_INFO *info = read ? EVP_PKEY2PKCS8(read) : NULL;
	int length = info ? i2d_PKCS8_PRIV_KEY_INFO(info, &p) : 0;
	ret->key = der_taken(a, p, length);
	PKCS8_PRIV_KEY_INFO_free(info);
	bool pair = read && chain.n && !certificate_read(a, chain.v[0], &leaf) &&
		    X509_check_private_key(leaf.x509, read) == 1;
	EVP_PKEY_free(read);
	ret->chain = (struct strs_field){ chain.v, chain.n };
	if (!chain.n || !ret->key.n || certificate_read(a, chain.v[0], &leaf))
		return diag_error(d, NOWHERE, "\"%s\" or its key is not what was written", pem->name);
	/* two files: a crash between them leaves what does not fit, and a new pair is made at once */
	*ends = pair ? leaf.not_after : 0;
	return true;
}
