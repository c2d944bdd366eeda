/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/keys.h"

#include <openssl/pem.h>
#include <unistd.h>

enum { PEM_FILE_MAX = 64 << 10 };

const char *const authority_key_kinds[N_MAKE_KEYS] = { "rsa-2048", "rsa-3072", "p-256", "p-384" };

const char *authority_key_file(struct arena *a, const char *folder, size_t key, const char *ending)
{
	return key ? arena_printf(a, "%s/ca-%zu%s", folder, key, ending) : arena_printf(a, "%s/ca%s", folder, ending);
}

const char *authority_key_number(struct arena *a, const char *name, size_t key)
{
	return key ? arena_printf(a, "%s-%zu", name, key) : name;
}

size_t authority_keys(const char *folder)
{
	struct arena *a = arena_new();
	size_t n = 0;
	while (n < AUTHORITY_KEYS_MAX && access(authority_key_file(a, folder, n, ".pem"), F_OK) == 0)
		n++;
	arena_free(a);
	return n;
}

struct str authority_key_url(struct arena *a, struct str url, size_t key)
{
	size_t dot = url.n;
	while (dot > 0 && url.p[dot - 1] != '.')
		dot--;
	if (!key || !dot)
		return url;
	return str_printf(a, "%.*s-%zu.%.*s", STR_ARG(str_first(url, dot - 1)), key, STR_ARG(str_skip(url, dot)));
}

bool authority_key_named(struct str after, size_t *ret)
{
	*ret = 0;
	if (!after.n)
		return true;
	if (after.n != 2 || after.p[0] != '-' || after.p[1] < '1' || after.p[1] >= '0' + AUTHORITY_KEYS_MAX)
		return false;
	*ret = (size_t)(after.p[1] - '0');
	return true;
}

static void free_certificate(void *c)
{
	X509_free(c);
}

X509 *const *authority_chain_of(struct arena *a, const char *folder, size_t key, size_t *n, struct diag *d)
{
	X509 **chain = ARENA_ARRAY(a, X509 *, AUTHORITY_CHAIN_MAX);
	struct source *s = source_read(a, authority_key_file(a, folder, key, ".pem"), PEM_FILE_MAX, d);
	*n = 0;
	if (!s)
		return NULL;
	BIO *b = BIO_new_mem_buf(s->text.p, (int)s->text.n);
	for (X509 *c; *n < AUTHORITY_CHAIN_MAX && (c = PEM_read_bio_X509(b, NULL, NULL, NULL));) {
		chain[(*n)++] = c;
		arena_at_end(a, free_certificate, c);
	}
	BIO_free(b);
	if (!*n)
		diag_error(d, NOWHERE, "\"%s\" holds no certificate", s->name);
	return *n ? chain : NULL;
}

X509 *const *authority_chain(struct arena *a, const char *folder, size_t *n, struct diag *d)
{
	size_t keys = authority_keys(folder);
	return authority_chain_of(a, folder, keys ? keys - 1 : 0, n, d);
}

X509 *authority_certificate(struct arena *a, const char *folder, struct diag *d)
{
	size_t n;
	X509 *const *chain = authority_chain(a, folder, &n, d);
	return chain ? chain[0] : NULL;
}

bool authority_chain_has_link(X509 *first, X509 *second)
{
	return X509_cmp(first, second) != 0 &&
	       X509_NAME_cmp(X509_get_subject_name(first), X509_get_subject_name(second)) == 0 &&
	       EVP_PKEY_eq(X509_get0_pubkey(first), X509_get0_pubkey(second)) == 1;
}
