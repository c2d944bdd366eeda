/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/take-over.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "authority/folder.h"
#include "authority/processes.h"
#include "authority/store.h"
#include "base/vec.h"
#include "pki/certificate.h"
#include "pki/crl.h"
#include "pki/der.h"
#include "pki/key.h"

enum { LIST_FILE_MAX = 48 << 20, LISTS_MISSED_AT_MOST = 1 << 20 };

static const char *authority_refused(const struct pfx *read)
{
	X509 *own = read->chain[0];
	uint32_t usage = X509_get_key_usage(own);
	if (X509_check_ca(own) != 1)
		return "its certificate is not that of an authority";
	if (!(usage & KU_KEY_CERT_SIGN) || !(usage & KU_CRL_SIGN))
		return "its certificate may not sign certificates and lists of revoked ones";
	if (X509_cmp_time(X509_get0_notAfter(own), &(time_t){ authority_now() }) <= 0)
		return "its certificate has expired";
	if (!X509_get0_subject_key_id(own))
		return "its certificate has no subject key identifier, by which clients find it";
	return key_weak(read->key);
}

static struct str der_of_list(struct arena *a, struct str text)
{
	BIO *b = BIO_new_mem_buf(text.p, (int)text.n);
	X509_CRL *list = str_starts(text, "-----BEGIN") ? PEM_read_bio_X509_CRL(b, NULL, NULL, NULL) : NULL;
	unsigned char *p = NULL;
	int n = list ? i2d_X509_CRL(list, &p) : 0;
	struct str der = list ? der_taken(a, p, n) : text;
	X509_CRL_free(list);
	BIO_free(b);
	return der;
}

static bool read_list(struct arena *a, struct take_over *t, struct diag *d)
{
	struct source *s = source_read(a, t->crl, LIST_FILE_MAX, d);
	const char *wrong = s ? crl_read(a, der_of_list(a, s->text), t->read.chain[0], &t->list) : NULL;
	if (s && !wrong && t->list.number > INT64_MAX - LISTS_MISSED_AT_MOST)
		wrong = "its number is too large to go on from";
	return s && (!wrong || diag_error(d, NOWHERE, "\"%s\": %s", t->crl, wrong));
}

bool take_over_read(struct arena *a, struct take_over *t, struct diag *d)
{
	struct source *s = source_read(a, t->pfx, PFX_FILE_MAX, d);
	const char *wrong = s ? pfx_read(a, s->text, t->password, &t->read) : NULL;
	if (!s)
		return false;
	if (s->text.n)
		explicit_bzero((void *)(uintptr_t)s->text.p, s->text.n);
	wrong = wrong ? wrong : authority_refused(&t->read);
	if (wrong)
		return diag_error(d, NOWHERE, "\"%s\": %s", t->pfx, wrong);
	if (t->read.left)
		diag_warn(d, NOWHERE, "\"%s\" holds %zu certificate%s outside of the chain, left out here", t->pfx,
			  t->read.left, t->read.left == 1 ? "" : "s");
	return !t->crl || read_list(a, t, d);
}

bool take_over_write_chain(struct arena *a, const char *folder, const struct take_over *t, struct diag *d)
{
	struct str pem = NO_STR;
	for (size_t i = 0; i < t->read.n; i++) {
		struct str one = certificate_pem(a, t->read.chain[i]);
		pem = str_printf(a, "%.*s%.*s", STR_ARG(pem), STR_ARG(one));
	}
	return authority_write(a, arena_printf(a, "%s/ca.pem", folder), pem, false, d);
}

static bool put_list(struct store *s, const struct crl_fields *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (!store_import_revocation(s, list->entries[i].serial, list->entries[i].at, list->entries[i].reason))
			return false;
	return true;
}

bool take_over_write_store(struct arena *a, const char *folder, const struct take_over *t, struct diag *d)
{
	int64_t number = t->crl ? (int64_t)t->list.number : authority_now();
	/* a database that is open may not be inherited, so that it is closed again at once */
	struct arena *own = arena_new();
	struct store *s = store_open(own, arena_printf(a, "%s/state/authority.db", folder), false, d);
	bool ok = s && store_begin(s) && put_list(s, &t->list) &&
		  store_set_number(s, "crl-number", number + LISTS_MISSED_AT_MOST) && store_commit(s);
	if (s && !ok)
		diag_error(d, NOWHERE, "the store: %s", store_error(s));
	arena_free(own);
	return ok;
}
