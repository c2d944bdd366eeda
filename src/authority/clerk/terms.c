/* SPDX-License-Identifier: Apache-2.0 */
/* What the clerk read of the folder: templates, and the certificates of each key. */
#include "authority/clerk/clerk.h"
#include "authority/keeper.h"

static bool read_key(struct terms *t, const char *folder, size_t key, struct diag *d)
{
	size_t n;
	X509 *const *chain = authority_chain_of(t->arena, folder, key, &n, d);
	if (!chain)
		return false;
	t->chain = (struct strs_field){ ARENA_ARRAY(t->arena, struct str, n), n };
	t->sent = (struct strs_field){ ARENA_ARRAY(t->arena, struct str, n), n };
	for (size_t i = 0; i < n; i++)
		t->chain.v[i] = t->sent.v[i] = certificate_der(t->arena, chain[i]);
	/* OpenSSL takes the first issuer that fits, and goes no further than a root that it does not trust */
	for (size_t i = 0; i + 1 < n; i++)
		if (authority_chain_has_link(chain[i], chain[i + 1])) {
			t->sent.v[i] = t->chain.v[i + 1];
			t->sent.v[i + 1] = t->chain.v[i];
			i++;
		}
	const char *wrong = certificate_read(t->arena, t->chain.v[0], &t->keys[key]);
	t->authority = t->keys[key];
	return !wrong || diag_error(d, NOWHERE, "\"%s\": %s", authority_key_file(t->arena, folder, key, ".pem"), wrong);
}

bool terms_read(struct arena *a, const char *folder, struct terms *ret, struct diag *d)
{
	size_t n = MAX(authority_keys(folder), (size_t)1);
	*ret = (struct terms){ .arena = a };
	ret->templates = templates_read(a, arena_printf(a, "%s/templates", folder), d);
	if (!ret->templates)
		return false;
	for (; ret->n_keys < n; ret->n_keys++)
		if (!read_key(ret, folder, ret->n_keys, d))
			return false;
	ret->version = keeper_version(a, ret->templates, &ret->chain);
	return true;
}

bool key_is_over(const struct clerk *c, size_t key)
{
	return authority_now() >= c->terms.keys[key].not_after;
}

const struct published *published_first(const struct clerk *c)
{
	const struct published *first = &c->published[c->terms.n_keys - 1];
	for (size_t key = 0; key + 1 < c->terms.n_keys; key++)
		if (!key_is_over(c, key) && c->published[key].next < first->next)
			first = &c->published[key];
	return first;
}
