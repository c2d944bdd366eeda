/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/root.h"

#include <openssl/pem.h>

#include "authority/folder.h"
#include "authority/keeper.h"
#include "authority/keys.h"
#include "authority/listener-certificate.h"
#include "authority/processes.h"
#include "pki/certificate.h"
#include "pki/der.h"
#include "pki/key.h"

enum { ROOT_YEARS = 10, YEAR = 365 * 86400 };

bool root_write_key(struct arena *a, const char *path, EVP_PKEY *key, struct str password, struct diag *d)
{
	BIO *b = BIO_new(BIO_s_secmem());
	char *text = NULL;
	bool ok = b && PEM_write_bio_PKCS8PrivateKey(b, key, password.n ? EVP_aes_256_cbc() : NULL,
						     password.n ? password.p : NULL, (int)password.n, NULL, NULL);
	long n = ok ? BIO_get_mem_data(b, &text) : 0;
	ok = n > 0 ? authority_write(a, path, (struct str){ text, (size_t)n }, true, d)
		   : diag_error(d, NOWHERE, "the key cannot be written");
	BIO_free(b);
	return ok;
}

static struct str public_of(struct arena *a, EVP_PKEY *key)
{
	unsigned char *p = NULL;
	int n = i2d_PUBKEY(key, &p);
	return der_taken(a, p, n);
}

struct str root_made(struct arena *a, const struct root *r, struct str *why)
{
	struct certificate_profile p = { .authority = true,
					 .path_length = 0,
					 .usages = KU_KEY_CERT_SIGN | KU_CRL_SIGN | KU_DIGITAL_SIGNATURE };
	int64_t now = authority_now(), ends = now + (int64_t)ROOT_YEARS * YEAR;
	EVP_PKEY *signer = r->issuer ? r->signer : r->key;
	struct certificate_fields f = { .serial = new_serial(a),
					.key = public_of(a, r->key),
					.subject = r->subject,
					.not_before = now - BACKDATED,
					.not_after = r->issuer ? MIN(ends, r->issuer_ends) : ends };
	return certificate_made(a, &p, &f, r->issuer, signer, keeper_digest(signer), why);
}

/* A new key in the place of the last one */

struct rekeying {
	struct arena *arena;
	const char *folder;
	const struct authority_config *config;
	X509 *const *chain; /* of the key of now */
	size_t n_chain, key;
	EVP_PKEY *signer;
	struct diag *diag;
};

static bool read_last(struct rekeying *on)
{
	size_t keys = authority_keys(on->folder);
	if (keys == AUTHORITY_KEYS_MAX)
		return diag_error(on->diag, NOWHERE, "the authority has %d keys, and may have no more",
				  AUTHORITY_KEYS_MAX);
	on->key = keys;
	on->chain = authority_chain_of(on->arena, on->folder, keys ? keys - 1 : 0, &on->n_chain, on->diag);
	if (!on->chain)
		return false;
	if (X509_self_signed(on->chain[0], 1) != 1)
		return diag_error(on->diag, NOWHERE,
				  "the authority is below another one, which has to sign its new key: make a new "
				  "authority with init --request");
	on->signer = keeper_key(on->arena, on->folder, on->config, keys - 1, on->chain[0], on->diag);
	return on->signer != NULL;
}

static void add_pem(struct arena *a, struct str *to, X509 *c)
{
	struct str one = certificate_pem(a, c);
	*to = str_printf(a, "%.*s%.*s", STR_ARG(*to), STR_ARG(one));
}

static bool add_made(struct rekeying *on, const struct root *r, struct str *to)
{
	struct str why = NO_STR, der = root_made(on->arena, r, &why);
	X509 *c = der.n ? der_certificate(der) : NULL;
	if (!c)
		return diag_error(on->diag, NOWHERE, "the certificate of the new key: %.*s", STR_ARG(why));
	add_pem(on->arena, to, c);
	X509_free(c);
	return true;
}

/* Its own certificate, the link to the key before it, and the certificates of that one. */
static bool write_chain(struct rekeying *on, EVP_PKEY *key)
{
	struct arena *a = on->arena;
	struct certificate before;
	struct str pem = NO_STR;
	if (certificate_read(a, certificate_der(a, on->chain[0]), &before))
		return diag_error(on->diag, NOWHERE, "the certificate of the authority cannot be read");
	struct root own = { .subject = before.subject, .key = key }, link = { .subject = before.subject,
									      .key = key,
									      .issuer = on->chain[0],
									      .signer = on->signer,
									      .issuer_ends = before.not_after };
	if (before.not_after <= authority_now())
		return diag_error(on->diag, NOWHERE, "the authority has expired; make a new one");
	if (!add_made(on, &own, &pem) || !add_made(on, &link, &pem))
		return false;
	for (size_t i = 0; i < on->n_chain; i++)
		add_pem(a, &pem, on->chain[i]);
	return authority_write(a, authority_key_file(a, on->folder, on->key, ".pem"), pem, false, on->diag);
}

bool authority_rekey(struct arena *a, const char *folder, enum authority_key_kind kind, size_t *ret, struct diag *d)
{
	struct rekeying on = { .arena = a, .folder = folder, .config = authority_config_read(a, folder, d), .diag = d };
	struct str password;
	if (!on.config || !read_last(&on) || !keeper_password(a, folder, on.config, &password, d))
		return false;
	EVP_PKEY *key = key_made(authority_key_kinds[kind]);
	bool ok = key ? root_write_key(a, authority_key_file(a, folder, on.key, ".key"), key, password, d) &&
				  write_chain(&on, key)
		      : diag_error(d, NOWHERE, "a key cannot be made");
	EVP_PKEY_free(key);
	explicit_bzero((void *)(uintptr_t)password.p, password.n);
	*ret = on.key;
	return ok;
}
