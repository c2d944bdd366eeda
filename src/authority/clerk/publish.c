/* SPDX-License-Identifier: Apache-2.0 */
/* What anybody may fetch: the list of revoked certificates, the authority's certificate, OCSP responses. */
#include <openssl/ocsp.h>

#include "authority/clerk/clerk.h"
#include "authority/folder.h"
#include "pki/ocsp.h"

enum {
	CRL_FILE_MAX = 48 << 20,
	OCSP_SECONDS = 3600,
	HOUR = 3600,
	AGAIN_SECONDS = 60, /* until what failed is tried again */
};

static const char *crl_path(struct clerk *c, struct arena *a, size_t key)
{
	return cstr(a, authority_key_url(a, str_printf(a, "%s/state/%.*s.crl", c->folder, STR_ARG(c->config->name.s)),
					 key));
}

static void take_list(struct clerk *c, size_t key, struct str crl, int64_t made, int64_t next)
{
	c->published[key].made = made;
	c->published[key].next = next;
	link_ask(c->front, TELL_CRL, &(struct tell_crl){ .key = key, .bytes = crl });
}

static bool keep_times(struct clerk *c, struct arena *a, size_t key, int64_t made, int64_t next)
{
	return batch_open(c) && store_set_number(c->store, authority_key_number(a, "crl-made", key), made) &&
	       store_set_number(c->store, authority_key_number(a, "crl-next", key), next);
}

/* The lists that were made before the process began. */
bool published_read(struct clerk *c, struct diag *d)
{
	struct arena *a = arena_new();
	bool ok = true;
	for (size_t key = 0; ok && key < c->terms.n_keys; key++) {
		int64_t made, next;
		ok = store_number(c->store, authority_key_number(a, "crl-made", key), &made) &&
		     store_number(c->store, authority_key_number(a, "crl-next", key), &next);
		struct source *s = ok && made ? source_read(a, crl_path(c, a, key), CRL_FILE_MAX, diag_new(a)) : NULL;
		if (s)
			take_list(c, key, s->text, made, next);
	}
	arena_free(a);
	return ok || diag_error(d, NOWHERE, "the store: %s", store_error(c->store));
}

static void renew(struct clerk *c, size_t key);

static void told_list(struct clerk *c, struct job *j, enum message_type type, const void *message)
{
	const struct tell_signed *told = message;
	const struct ask_crl *ask = j->asked;
	struct diag *d = diag_new(j->arena);
	size_t key = ask->key;
	struct published *published = &c->published[key];
	/* what was revoked meanwhile is not in it */
	int64_t next = published->stale ? 0 : ask->next;
	published->asked = false;
	if (type != TELL_SIGNED) {
		out_printf(&c->log, "clerk: the keeper refused the CRL: %.*s\n",
			   STR_ARG(((const struct call_failed *)message)->text));
	} else if (!authority_write(j->arena, crl_path(c, j->arena, key), told->bytes, false, d)) {
		/* what is on disk keeps its own times */
		out_text(&c->log, "clerk: the CRL cannot be written\n");
		take_list(c, key, told->bytes, ask->now, next);
	} else if (!keep_times(c, j->arena, key, ask->now, next)) {
		batch_broken(c, j);
		return;
	} else {
		take_list(c, key, told->bytes, ask->now, next);
		struct json *record = audit_begin(c->audit, "crl", ask->now);
		json_put_u64(record, "number", ask->number);
		json_put_u64(record, "key", key);
		json_put_u64(record, "revoked", ask->revoked.n);
		json_put_str(record, "sha256", sha256_hex(j->arena, told->bytes));
		audit_end(c->audit);
	}
	out_flush(&c->log);
	job_free(j);
	if (published->stale) {
		published->stale = false;
		renew(c, key);
	}
}

bool published_due(struct clerk *c)
{
	c->revoking = true;
	struct arena *a = arena_new();
	bool ok = true;
	for (size_t key = 0; ok && key < c->terms.n_keys; key++) {
		c->published[key].next = 0;
		ok = store_set_number(c->store, authority_key_number(a, "crl-next", key), 0);
	}
	arena_free(a);
	return ok;
}

/* The number is kept before the list is signed, so that no number serves twice. */
static void renew(struct clerk *c, size_t key)
{
	enum { DAY = 86400 };
	int64_t number, now = authority_now();
	struct published *published = &c->published[key];
	published->tried = now;
	if (published->asked) {
		published->stale = true;
		return;
	}
	struct job *j = job_new(NULL, 0, 0, NULL);
	struct ask_crl *ask = ARENA_NEW(j->arena, struct ask_crl);
	if (!store_number(c->store, "crl-number", &number) || !batch_open(c) ||
	    !store_set_number(c->store, "crl-number", number + 1) ||
	    !store_revoked(c->store, j->arena, key, now, &ask->revoked)) {
		batch_broken(c, j);
		return;
	}
	ask->number = (uint64_t)number + 1;
	ask->key = key;
	ask->now = now;
	ask->next = MIN(now + (int64_t)c->config->crl_days.n * DAY, MAX(c->terms.keys[key].not_after, now + 1));
	j->asked = ask;
	published->asked = true;
	job_ask(c, j, c->keeper, ASK_CRL, ask, told_list);
}

void published_renew(struct clerk *c)
{
	for (size_t key = 0; key < c->terms.n_keys; key++)
		if (key + 1 == c->terms.n_keys || !key_is_over(c, key))
			renew(c, key);
}

void published_tick(struct clerk *c)
{
	int64_t now = authority_now(), overlap = (int64_t)c->config->crl_overlap_hours.n * HOUR;
	for (size_t key = 0; key < c->terms.n_keys; key++) {
		const struct published *p = &c->published[key];
		if (now >= p->next - overlap && p->next < c->terms.keys[key].not_after &&
		    now >= p->tried + AGAIN_SECONDS && !(p->next && key_is_over(c, key)))
			renew(c, key);
	}
}

/* OCSP */

static void tell_bytes(struct job *j, struct str bytes, int64_t made, int64_t next)
{
	job_answer(j, TELL_PUBLISHED,
		   &(struct tell_published){ .found = bytes.n > 0, .bytes = bytes, .made = made, .next = next });
}

struct ocsp_job {
	struct ask_ocsp ask;
	uint64_t epoch; /* when its status was read; 0: the response is not for others */
};

static void told_ocsp(struct clerk *c, struct job *j, enum message_type type, const void *message)
{
	const struct ocsp_job *own = j->asked;
	const struct tell_signed *told = message;
	if (type != TELL_SIGNED) {
		tell_bytes(j, ocsp_refused(j->arena, OCSP_RESPONSE_STATUS_TRYLATER), 0, 0);
		return;
	}
	if (own->epoch && !c->revoking)
		ocsp_keep(c->ocsp, own->epoch, own->ask.key, own->ask.singles.v[0].certificate_id, told->bytes,
			  own->ask.now, own->ask.next);
	tell_bytes(j, told->bytes, own->ask.now, own->ask.next);
}

/* Revoked by the product that had the key before: of what it did not revoke nothing is known. */
static bool find_imported(struct clerk *c, struct arena *a, struct str serial, struct ocsp_single *ret)
{
	struct revoked imported;
	enum store_found found = store_imported(c->store, a, serial, &imported);
	if (found == STORE_FOUND) {
		ret->status = V_OCSP_CERTSTATUS_REVOKED;
		ret->at = imported.at;
		ret->reason = imported.reason;
	}
	return found != STORE_FAILED;
}

static bool find_status(struct clerk *c, struct arena *a, size_t key, const struct ocsp_asked *asked,
			struct ocsp_single *ret)
{
	struct certificate_row row;
	*ret = (struct ocsp_single){ .certificate_id = asked->id, .status = V_OCSP_CERTSTATUS_UNKNOWN };
	if (!asked->ours)
		return true;
	switch (store_certificate(c->store, a, asked->serial, &row)) {
	case STORE_NONE:
		return key != 0 || find_imported(c, a, asked->serial, ret);
	case STORE_FAILED:
		return false;
	case STORE_FOUND:
		break;
	}
	if (row.issuer != key)
		return true;
	ret->status = row.revoked ? V_OCSP_CERTSTATUS_REVOKED : V_OCSP_CERTSTATUS_GOOD;
	ret->at = row.revoked;
	ret->reason = row.reason;
	return true;
}

/* The key that issued what is asked about; the last one where none did.  False: one response would be of several keys. */
static bool key_asked(struct clerk *c, struct arena *a, struct str der, struct ocsp_request *r, size_t *ret,
		      const char **wrong)
{
	size_t n = 0;
	*ret = c->terms.n_keys - 1;
	for (size_t key = c->terms.n_keys; key-- > 0;) {
		bool ours = false;
		*wrong = ocsp_request_read(a, der, c->terms.keys[key].x509, r);
		if (*wrong)
			return true;
		for (size_t i = 0; i < r->n; i++)
			ours |= r->v[i].ours;
		if (ours)
			*ret = key;
		n += ours;
	}
	*wrong = ocsp_request_read(a, der, c->terms.keys[*ret].x509, r);
	return n <= 1;
}

static void answer_ocsp(struct clerk *c, struct job *j, struct str der)
{
	struct ocsp_request r;
	int64_t now = authority_now();
	const char *wrong;
	size_t key;
	bool one = key_asked(c, j->arena, der, &r, &key, &wrong);
	if (wrong || !one) {
		tell_bytes(j,
			   ocsp_refused(j->arena, wrong ? OCSP_RESPONSE_STATUS_MALFORMEDREQUEST
							: OCSP_RESPONSE_STATUS_UNAUTHORIZED),
			   0, 0);
		return;
	}
	struct str bytes;
	int64_t made, next;
	/* a nonce is one client's, and a certificate that is unknown may be issued the next moment */
	bool for_all = r.n == 1 && !r.nonce.n && r.v[0].ours && !c->revoking;
	if (for_all && ocsp_find(c->ocsp, key, r.v[0].id, now, &bytes, &made, &next)) {
		tell_bytes(j, bytes, made, next);
		return;
	}
	struct ocsp_job *own = ARENA_NEW(j->arena, struct ocsp_job);
	struct ask_ocsp *ask = &own->ask;
	*ask = (struct ask_ocsp){ .key = key, .nonce = r.nonce, .now = now, .next = now + OCSP_SECONDS };
	ask->singles.v = ARENA_ARRAY(j->arena, struct ocsp_single, r.n);
	for (size_t i = 0; i < r.n; i++) {
		if (find_status(c, j->arena, key, &r.v[i], &ask->singles.v[ask->singles.n++]))
			continue;
		tell_bytes(j, ocsp_refused(j->arena, OCSP_RESPONSE_STATUS_TRYLATER), 0, 0);
		return;
	}
	if (for_all && ask->singles.v[0].status != V_OCSP_CERTSTATUS_UNKNOWN)
		own->epoch = ocsp_epoch(c->ocsp);
	j->asked = own;
	job_ask(c, j, c->keeper, ASK_OCSP, ask, told_ocsp);
}

static void tell_state(struct clerk *c, struct job *j)
{
	struct store_totals totals;
	if (!store_count(c->store, &totals)) {
		job_answer(j, CALL_FAILED, &(struct call_failed){ HR_BUSY, refusal_text(HR_BUSY) });
		return;
	}
	job_answer(j, TELL_STATE,
		   &(struct tell_state){ .pending = totals.pending,
					 .certificates = totals.certificates,
					 .revoked = totals.revoked,
					 .hashing = c->n_hashing,
					 .crl_ends = published_first(c)->next,
					 .listeners_end = c->tls_ends,
					 .authority_ends = c->terms.authority.not_after });
}

void clerk_published(struct clerk *c, struct job *j)
{
	const struct ask_published *ask = j->asked;
	const struct certificate *key;
	struct tell_published chain = { .found = true, .chain = c->terms.sent };
	switch ((enum published_kind)ask->kind) {
	case PUBLISHED_AUTHORITY:
		if (ask->key >= c->terms.n_keys) {
			tell_bytes(j, NO_STR, 0, 0);
			return;
		}
		key = &c->terms.keys[ask->key];
		tell_bytes(j, key->der, key->not_before, key->not_after);
		return;
	case PUBLISHED_OCSP:
		answer_ocsp(c, j, ask->request);
		return;
	case PUBLISHED_STATE:
		tell_state(c, j);
		return;
	case PUBLISHED_CHAIN:
	case N_PUBLISHED:
		break;
	}
	job_answer(j, TELL_PUBLISHED, &chain);
}
