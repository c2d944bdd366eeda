/* SPDX-License-Identifier: Apache-2.0 */
/* portolan ca check: the files of an authority, and, while it is served, every address that its certificates carry. */
#include <sys/stat.h>
#include <unistd.h>

#include "authority/folder.h"
#include "authority/keeper.h"
#include "authority/listener-certificate.h"
#include "authority/processes.h"
#include "cli/ca.h"
#include "enrol/web.h"
#include "pki/certificate.h"
#include "pki/crl.h"
#include "pki/ocsp.h"

/* Others may write a template or the configuration: ESC4 and ESC5. */
static void check_writers(struct ca_call *ca, const char *path)
{
	struct stat st;
	if (stat(path, &st) == 0 && (st.st_mode & 022))
		diag_error(ca->call->diag, NOWHERE, "\"%s\" has mode %03o; others can change it", path,
			   st.st_mode & 0777u);
}

static void check_fallbacks(struct ca_call *ca, const struct authority_config *c, const struct templates *t)
{
	const struct instance_config *instances = c->instances.v;
	for (size_t i = 0; i < c->instances.n; i++)
		if (instances[i].fallback.s.n && !template_named(t, instances[i].fallback.s))
			diag_error(ca->call->diag, instances[i].fallback.at, "there is no template \"%.*s\"",
				   STR_ARG(instances[i].fallback.s));
}

/* The addresses, as a client fetches them */

struct fetching {
	struct ca_call *ca;
	struct web *web;
	bool failed;
	size_t key;
	X509 *authority, *leaf; /* of the key; the leaf: the listeners' certificate, about which OCSP is asked */
};

static void judge(struct fetching *f, struct str url, struct str wrong)
{
	printf("  %.*s: %.*s\n", STR_ARG(url), STR_ARG(wrong.n ? wrong : STR("well")));
	f->failed |= wrong.n > 0;
}

static bool fetch(struct fetching *f, struct str url, const char *type, struct str body, struct str *ret)
{
	struct web_identity plain = { .plain = true };
	struct web_answer answer = web_ask(f->web, f->ca->call->arena, &plain, url, type, body);
	bool ok = answer.trouble == WEB_WELL && answer.status == 200;
	*ret = answer.body;
	if (!ok)
		judge(f, url,
		      answer.trouble == WEB_WELL ? str_printf(f->ca->call->arena, "the status is %u", answer.status)
						 : answer.why);
	return ok;
}

/* What the certificates of one key carry.  OCSP is asked about the listeners' certificate by the key that signed it. */
static void fetch_all(struct fetching *f, const struct authority_config *c)
{
	struct arena *a = f->ca->call->arena;
	struct str got, own = certificate_der(a, f->authority), url;
	for (size_t i = 0; i < c->n_crl_urls; i++)
		if (fetch(f, url = authority_key_url(a, c->crl_urls[i], f->key), NULL, NO_STR, &got))
			judge(f, url, str_of(crl_refused(got, f->authority, authority_now())));
	for (size_t i = 0; i < c->n_aia_urls; i++)
		if (fetch(f, url = authority_key_url(a, c->aia_urls[i], f->key), NULL, NO_STR, &got))
			judge(f, url, str_eq(got, own) ? NO_STR : STR("it is not the authority's certificate"));
	if (X509_verify(f->leaf, X509_get0_pubkey(f->authority)) != 1)
		return;
	for (size_t i = 0; i < c->n_ocsp_urls; i++)
		if (fetch(f, c->ocsp_urls[i], "application/ocsp-request", ocsp_question(a, f->leaf, f->authority),
			  &got))
			judge(f, c->ocsp_urls[i], str_of(ocsp_answer_refused(got, f->leaf, f->authority)));
}

static bool check_addresses(struct ca_call *ca, const struct authority_config *c, struct str leaf)
{
	struct arena *a = ca->call->arena;
	struct certificate read;
	int clerk = authority_connect(ca->folder);
	if (clerk < 0) {
		puts("It is not served now: the addresses of its certificates were not fetched.");
		return true;
	}
	close(clerk);
	struct fetching f = { .ca = ca, .web = web_open(a, ca->call->diag) };
	size_t keys = authority_keys(ca->folder), n;
	if (!f.web || !keys || certificate_read(a, leaf, &read))
		return false;
	f.leaf = read.x509;
	for (; f.key < keys; f.key++) {
		X509 *const *chain = authority_chain_of(a, ca->folder, f.key, &n, ca->call->diag);
		if (!chain)
			return false;
		f.authority = chain[0];
		if (f.key + 1 == keys || X509_cmp_current_time(X509_get0_notAfter(chain[0])) > 0)
			fetch_all(&f, c);
	}
	return !f.failed;
}

/* The keys, if there are several: which one signs, and until when the others hold. */
static bool say_keys(struct ca_call *ca)
{
	struct arena *a = ca->call->arena;
	size_t keys = authority_keys(ca->folder), n;
	for (size_t key = 0; keys > 1 && key < keys; key++) {
		struct certificate read;
		X509 *const *chain = authority_chain_of(a, ca->folder, key, &n, ca->call->diag);
		if (!chain || certificate_read(a, certificate_der(a, chain[0]), &read))
			return false;
		printf("  key %zu: until %s, %s\n", key, cstr(a, ca_time(a, read.not_after)),
		       key + 1 == keys ? "signs certificates" : "signs lists of what it issued");
	}
	return true;
}

enum status ca_check(struct ca_call *ca)
{
	struct arena *a = ca->call->arena;
	struct diag *d = ca->call->diag;
	const struct authority_config *c = authority_config_read(a, ca->folder, d);
	const struct templates *t = c ? templates_read(a, arena_printf(a, "%s/templates", ca->folder), d) : NULL;
	struct tell_tls tls;
	int64_t ends = 0, now = authority_now();
	if (c && t)
		check_fallbacks(ca, c, t);
	check_writers(ca, ca->folder);
	check_writers(ca, arena_printf(a, "%s/authority.yaml", ca->folder));
	check_writers(ca, arena_printf(a, "%s/templates", ca->folder));
	for (size_t i = 0; t && i < t->n; i++)
		check_writers(ca, t->v[i].name.at.source->name);
	if (!c || !t || diag_errors(d) || !keeper_open(a, ca->folder, c, d) ||
	    !listener_certificate_read(a, ca->folder, &tls, &ends, d))
		return STATUS_INPUT;
	if (ends <= now)
		diag_error(d, NOWHERE, "the certificate of the listeners ended at %s", cstr(a, ca_time(a, ends)));
	else if (ends < now + 7 * 86400)
		diag_warn(d, NOWHERE, "the certificate of the listeners ends at %s", cstr(a, ca_time(a, ends)));
	printf("%.*s: %zu listeners, %zu instances, %zu templates\n", STR_ARG(c->name.s), c->listeners.n,
	       c->instances.n, t->n);
	const struct instance_config *instances = c->instances.v;
	for (size_t i = 0; i < c->instances.n; i++)
		printf("  %.*s\n", STR_ARG(instances[i].url.s));
	if (!say_keys(ca))
		return STATUS_INPUT;
	return check_addresses(ca, c, tls.chain.v[0]) ? STATUS_WELL : STATUS_NO;
}
