/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/keeper.h"

#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include "authority/naming.h"
#include "authority/processes.h"
#include "base/vec.h"
#include "pki/certificate.h"
#include "pki/der.h"
#include "pki/cmc.h"
#include "pki/crl.h"
#include "pki/hresult.h"
#include "pki/ocsp.h"
#include "pki/key.h"

enum {
	KEY_FILE_MAX = 64 << 10,
	BACKDATED_MOST = 900, /* seconds: clocks of clients are late */
	SLACK = 60,
};

struct keeper_key {
	EVP_PKEY *key;
	const EVP_MD *md;
	X509 *const *chain; /* its own certificate first */
	size_t n_chain;
};

struct keeper {
	const struct authority_config *config;
	const struct templates *templates;
	struct keeper_key keys[AUTHORITY_KEYS_MAX];
	size_t n_keys;
	const struct keeper_key *last; /* which signs certificates */
	int64_t not_after;             /* of it */
	struct {
		int64_t minute;
		uint64_t n;
	} signed_; /* certificates of the minute */
};

/* Reading */

static void free_key(void *key)
{
	EVP_PKEY_free(key);
}

static int give_password(char *to, int room, int writing, void *ctx)
{
	const struct str *password = ctx;
	if (password->n > (size_t)room)
		return -1;
	memcpy(to, password->p, password->n);
	return (int)password->n;
}

/* A file beside the configuration, unless its path begins with a slash. */
static const char *beside(struct arena *a, const char *folder, struct str name)
{
	return str_starts(name, "/") ? cstr(a, name) : arena_printf(a, "%s/%.*s", folder, STR_ARG(name));
}

bool keeper_password(struct arena *a, const char *folder, const struct authority_config *c, struct str *ret,
		     struct diag *d)
{
	*ret = STR("");
	if (!c->key_password_file.s.n)
		return true;
	struct source *s = source_read(a, beside(a, folder, c->key_password_file.s), 4096, d);
	if (!s)
		return false;
	struct str rest = s->text;
	return str_cut(&rest, '\n', ret) || diag_error(d, NOWHERE, "\"%s\" is empty", s->name);
}

/* The key is the owner's alone (ESC5): a key that others may read is not a secret. */
static bool check_mode(const char *path, struct diag *d)
{
	struct stat st;
	if (stat(path, &st) == 0 && (st.st_mode & 077))
		return diag_error(d, NOWHERE, "\"%s\" has mode %03o; others can read the key: chmod 600", path,
				  st.st_mode & 0777u);
	return true;
}

const EVP_MD *keeper_digest(const EVP_PKEY *key)
{
	return EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_security_bits(key) > 128 ? EVP_sha384() : EVP_sha256();
}

EVP_PKEY *keeper_key(struct arena *a, const char *folder, const struct authority_config *c, size_t key,
		     X509 *certificate, struct diag *d)
{
	const char *path = key ? authority_key_file(a, folder, key, ".key") : beside(a, folder, c->key.s);
	struct str password;
	struct source *s = source_read(a, path, KEY_FILE_MAX, d);
	if (!s || !check_mode(path, d) || !keeper_password(a, folder, c, &password, d))
		return NULL;
	BIO *b = BIO_new_mem_buf(s->text.p, (int)s->text.n);
	EVP_PKEY *read = PEM_read_bio_PrivateKey(b, NULL, give_password, &password);
	BIO_free(b);
	explicit_bzero((void *)(uintptr_t)s->text.p, s->text.n);
	if (password.n)
		explicit_bzero((void *)(uintptr_t)password.p, password.n);
	if (!read) {
		diag_error(d, NOWHERE, "\"%s\" is not a private key, or its password is wrong", path);
		return NULL;
	}
	arena_at_end(a, free_key, read);
	if (X509_check_private_key(certificate, read) != 1) {
		diag_error(d, NOWHERE, "%s is not the certificate of the key",
			   strrchr(authority_key_file(a, folder, key, ".pem"), '/') + 1);
		return NULL;
	}
	return read;
}

static bool read_key(struct keeper *keeper, struct arena *a, const char *folder, struct diag *d)
{
	size_t number = keeper->n_keys;
	struct keeper_key *signer = &keeper->keys[number];
	signer->chain = authority_chain_of(a, folder, number, &signer->n_chain, d);
	signer->key = signer->chain ? keeper_key(a, folder, keeper->config, number, signer->chain[0], d) : NULL;
	if (!signer->key)
		return false;
	if (X509_check_ca(signer->chain[0]) != 1)
		return diag_error(d, NOWHERE, "%s is not the certificate of an authority",
				  strrchr(authority_key_file(a, folder, number, ".pem"), '/') + 1);
	signer->md = keeper_digest(signer->key);
	keeper->last = signer;
	keeper->n_keys++;
	return true;
}

static bool read_keys(struct keeper *keeper, struct arena *a, const char *folder, struct diag *d)
{
	size_t n = MAX(authority_keys(folder), (size_t)1);
	struct tm tm;
	while (keeper->n_keys < n)
		if (!read_key(keeper, a, folder, d))
			return false;
	if (!ASN1_TIME_to_tm(X509_get0_notAfter(keeper->last->chain[0]), &tm))
		return diag_error(d, NOWHERE, "the validity of the authority's certificate is malformed");
	keeper->not_after = timegm(&tm);
	return true;
}

struct keeper *keeper_open(struct arena *a, const char *folder, const struct authority_config *c, struct diag *d)
{
	struct keeper *keeper = ARENA_NEW(a, struct keeper);
	keeper->config = c;
	keeper->templates = templates_read(a, arena_printf(a, "%s/templates", folder), d);
	return keeper->templates && read_keys(keeper, a, folder, d) ? keeper : NULL;
}

X509 *const *keeper_chain(const struct keeper *keeper, size_t *n)
{
	*n = keeper->last->n_chain;
	return keeper->last->chain;
}

struct str keeper_version(struct arena *a, const struct templates *t, const struct strs_field *chain)
{
	enum { VERSION_MAX = 1 << 20 };
	struct out o = out_memory(VERSION_MAX);
	for (size_t i = 0; i < chain->n; i++)
		out_printf(&o, "%.*s ", STR_ARG(sha256_hex(a, chain->v[i])));
	for (size_t i = 0; i < t->n; i++)
		out_printf(&o, " %.*s", STR_ARG(t->v[i].hash));
	struct str version = sha256_hex(a, out_view(&o));
	out_free(&o);
	return version;
}

struct str keeper_own_version(struct arena *a, const struct keeper *keeper)
{
	struct strs_field chain = { ARENA_ARRAY(a, struct str, keeper->last->n_chain), keeper->last->n_chain };
	for (size_t i = 0; i < chain.n; i++)
		chain.v[i] = certificate_der(a, keeper->last->chain[i]);
	return keeper_version(a, keeper->templates, &chain);
}

/* Answers: each returns NULL, or why it was refused */

static const char *validity_refused(const struct keeper *keeper, const struct template *t,
				    const struct ask_certificate *m)
{
	int64_t now = authority_now();
	if (m->not_before < now - BACKDATED_MOST || m->not_before > now + SLACK)
		return "a validity that does not begin now";
	if (m->not_after <= m->not_before || m->not_after > now + (int64_t)t->validity.n + SLACK)
		return "a validity that is longer than the template's";
	if (m->not_after > keeper->not_after)
		return "a validity beyond the authority's own";
	return NULL;
}

static bool within_rate(struct keeper *keeper)
{
	int64_t minute = authority_now() / 60;
	if (keeper->signed_.minute != minute) {
		keeper->signed_.minute = minute;
		keeper->signed_.n = 0;
	}
	return keeper->signed_.n++ < keeper->config->most_a_minute.n;
}

/* Clients find the list and the certificate of the key that signed theirs. */
static const struct str *urls_of_key(struct arena *a, const struct keeper *keeper, const struct str *urls, size_t n)
{
	struct str *own = ARENA_ARRAY(a, struct str, n);
	for (size_t i = 0; i < n; i++)
		own[i] = authority_key_url(a, urls[i], keeper->n_keys - 1);
	return own;
}

static struct certificate_profile profile_of(struct arena *a, const struct keeper *keeper, const struct template *t,
					     struct str sid)
{
	const struct authority_config *c = keeper->config;
	struct certificate_profile p = {
		.usages = t->usage_bits,
		.ekus = t->eku_oids,
		.n_ekus = t->n_eku_oids,
		.application_policies = true,
		.major = t->major.n,
		.minor = t->minor.n,
		.aia = urls_of_key(a, keeper, c->aia_urls, c->n_aia_urls),
		.n_aia = c->n_aia_urls,
		.ocsp_no_check = t->ocsp_no_check.on,
		.sid = sid,
	};
	if (t->schema.n == 1)
		p.template_name = t->name.s;
	else
		p.template_oid = t->oid.s;
	if (!t->no_revocation.on) {
		p.crl = urls_of_key(a, keeper, c->crl_urls, c->n_crl_urls);
		p.n_crl = c->n_crl_urls;
		p.ocsp = c->ocsp_urls;
		p.n_ocsp = c->n_ocsp_urls;
	}
	return p;
}

static const char rate_reached[] = "more certificates in a minute than the configuration allows";

static const char *certificate_refused(struct keeper *keeper, const struct template *t, const struct ask_certificate *m)
{
	if (!t)
		return "there is no such template";
	if (!str_eq(t->hash, m->template_hash))
		return "the template is not the one that the keeper read";
	EVP_PKEY *key = key_of(m->key);
	const char *wrong = key ? key_refused(t, key) : "the key is malformed";
	for (size_t i = 0; i < keeper->n_keys && !wrong; i++)
		if (EVP_PKEY_eq(key, keeper->keys[i].key) == 1)
			wrong = "the key is the authority's own";
	EVP_PKEY_free(key);
	if (!wrong)
		wrong = names_refused(t, &m->subject, &m->alternatives);
	if (!wrong)
		wrong = validity_refused(keeper, t, m);
	if (!wrong && m->sid.n && !template_authenticates(t))
		wrong = "a security identifier in a certificate that does not log on";
	if (!wrong && !within_rate(keeper))
		wrong = rate_reached;
	return wrong;
}

static struct str make_cmc(struct keeper *keeper, struct arena *a, enum cmc_status status, const char *text,
			   uint64_t id, X509 *leaf, struct str *why)
{
	struct cmc_answer answer = { .status = status,
				     .text = text,
				     .request_id = id,
				     .now = authority_now(),
				     .leaf = leaf,
				     .chain = keeper->last->chain,
				     .n_chain = keeper->last->n_chain };
	return cmc_answer_made(a, &answer, keeper->last->key, keeper->last->md, why);
}

enum { LONGEST_CERTIFICATE = 16 << 10 }; /* what authority/messages.c lets through */

static struct str answer_certificate(struct keeper *keeper, struct arena *a, const struct ask_certificate *m,
				     struct tell_certificate *ret)
{
	const struct template *t = template_named(keeper->templates, m->template_name);
	const char *wrong = certificate_refused(keeper, t, m);
	struct str why = NO_STR;
	if (wrong)
		return str_of(wrong);
	struct certificate_profile p = profile_of(a, keeper, t, m->sid);
	struct certificate_fields f = { .serial = m->serial,
					.key = m->key,
					.subject = m->subject,
					.alternatives = m->alternatives,
					.not_before = m->not_before,
					.not_after = m->not_after };
	ret->certificate =
		certificate_made(a, &p, &f, keeper->last->chain[0], keeper->last->key, keeper->last->md, &why);
	if (!why.n && ret->certificate.n > LONGEST_CERTIFICATE)
		return STR("a certificate that is too long");
	if (why.n || !m->cmc)
		return why;
	X509 *leaf = der_certificate(ret->certificate);
	ret->cmc = make_cmc(keeper, a, CMC_ISSUED, "Issued", 0, leaf, &why);
	X509_free(leaf);
	return why;
}

static bool is_ours(const struct keeper *keeper, X509 *leaf)
{
	for (size_t i = 0; i < keeper->n_keys; i++)
		if (X509_verify(leaf, keeper->keys[i].key) == 1)
			return true;
	return false;
}

/* Only a certificate of ours is said to be issued. */
static struct str answer_cmc(struct keeper *keeper, struct arena *a, const struct ask_cmc *m, struct tell_signed *ret)
{
	struct str why = NO_STR;
	X509 *leaf = NULL;
	if (m->status != CMC_ISSUED && m->status != CMC_FAILED && m->status != CMC_PENDING)
		return STR("there is no such status");
	if (m->status == CMC_ISSUED) {
		leaf = der_certificate(m->certificate);
		if (!leaf || !is_ours(keeper, leaf)) {
			X509_free(leaf);
			return STR("the certificate is not the authority's");
		}
	}
	ret->bytes = make_cmc(keeper, a, (enum cmc_status)m->status, cstr(a, m->text), m->request_id, leaf, &why);
	X509_free(leaf);
	return why;
}

static struct str answer_crl(struct keeper *keeper, struct arena *a, const struct ask_crl *m, struct tell_signed *ret)
{
	enum { DAY = 86400 };
	struct str why = NO_STR;
	struct crl_entry *entries = ARENA_ARRAY(a, struct crl_entry, m->revoked.n);
	struct crl_fields f = {
		.number = m->number, .now = m->now, .next = m->next, .entries = entries, .n = m->revoked.n
	};
	int64_t now = authority_now();
	if (m->key >= keeper->n_keys)
		return STR("there is no such key");
	const struct keeper_key *signer = &keeper->keys[m->key];
	if (m->now > now + SLACK || m->next > now + (int64_t)keeper->config->crl_days.n * DAY + SLACK)
		return STR("a list that is valid for longer than the configuration says");
	for (size_t i = 0; i < m->revoked.n; i++)
		entries[i] = (struct crl_entry){ m->revoked.v[i].serial, m->revoked.v[i].at, m->revoked.v[i].reason };
	ret->bytes = crl_made(a, &f, signer->chain[0], signer->key, signer->md, &why);
	return why;
}

static struct str answer_ocsp(struct keeper *keeper, struct arena *a, const struct ask_ocsp *m, struct tell_signed *ret)
{
	enum { DAY = 86400 };
	struct str why = NO_STR;
	struct ocsp_told *told = ARENA_ARRAY(a, struct ocsp_told, m->singles.n);
	struct ocsp_fields f = { .v = told, .n = m->singles.n, .nonce = m->nonce, .now = m->now, .next = m->next };
	if (m->key >= keeper->n_keys)
		return STR("there is no such key");
	const struct keeper_key *signer = &keeper->keys[m->key];
	if (m->now > authority_now() + SLACK || m->next > authority_now() + DAY + SLACK)
		return STR("a response that is valid for more than a day");
	for (size_t i = 0; i < m->singles.n; i++) {
		const struct ocsp_single *s = &m->singles.v[i];
		told[i] = (struct ocsp_told){ s->certificate_id, s->status, s->at, s->reason };
	}
	ret->bytes = ocsp_made(a, &f, signer->chain[0], signer->key, signer->md, &why);
	return why;
}

struct str statement_text(struct arena *a, struct str authority, const struct ask_statement *s)
{
	struct str head = str_hex(a, s->head);
	return str_printf(a, "portolan audit statement\nauthority %.*s\nrecords %llu\nhead %.*s\ntime %lld\n",
			  STR_ARG(authority), (unsigned long long)s->records, STR_ARG(head), (long long)s->now);
}

static struct str answer_statement(struct keeper *keeper, struct arena *a, const struct ask_statement *m,
				   struct tell_signed *ret)
{
	struct str text = statement_text(a, keeper->config->name.s, m);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	const struct keeper_key *signer = keeper->last;
	size_t n = (size_t)EVP_PKEY_get_size(signer->key);
	unsigned char *to = arena_alloc(a, n);
	bool ok = m->head.n == 32 && ctx && EVP_DigestSignInit(ctx, NULL, signer->md, NULL, signer->key) == 1 &&
		  EVP_DigestSign(ctx, to, &n, (const unsigned char *)text.p, text.n) == 1;
	EVP_MD_CTX_free(ctx);
	if (!ok)
		return STR("the statement cannot be signed");
	ret->bytes = (struct str){ (char *)to, n };
	return NO_STR;
}

enum message_type keeper_answer(struct keeper *keeper, struct arena *a, enum message_type type, const void *message,
				const void **ret)
{
	struct tell_certificate *certificate = ARENA_NEW(a, struct tell_certificate);
	struct tell_signed *bytes = ARENA_NEW(a, struct tell_signed);
	struct str why;
	*ret = type == ASK_CERTIFICATE ? (const void *)certificate : bytes;
	switch (type) {
	case ASK_CERTIFICATE:
		why = answer_certificate(keeper, a, message, certificate);
		break;
	case ASK_CMC:
		why = answer_cmc(keeper, a, message, bytes);
		break;
	case ASK_CRL:
		why = answer_crl(keeper, a, message, bytes);
		break;
	case ASK_OCSP:
		why = answer_ocsp(keeper, a, message, bytes);
		break;
	case ASK_STATEMENT:
		why = answer_statement(keeper, a, message, bytes);
		break;
	default:
		why = STR("the keeper does not answer that");
	}
	if (!why.n)
		return type == ASK_CERTIFICATE ? TELL_CERTIFICATE : TELL_SIGNED;
	struct call_failed *failed = ARENA_NEW(a, struct call_failed);
	*failed = (struct call_failed){ str_is(why, rate_reached) ? HR_BUSY : HR_ACCESS_DENIED, why };
	*ret = failed;
	return CALL_FAILED;
}
