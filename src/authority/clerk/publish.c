/* SPDX-License-Identifier: Apache-2.0 */
/* What anybody may fetch: the list of revoked certificates, the authority's certificate, OCSP responses. */
#include <openssl/ocsp.h>

#include "authority/clerk/clerk.h"
#include "authority/folder.h"
#include "pki/ocsp.h"

enum { CRL_FILE_MAX = 48 << 20, OCSP_SECONDS = 3600 };

static const char *crl_path(struct clerk *c, struct arena *a)
{
	return arena_printf(a, "%s/state/%.*s.crl", c->folder, STR_ARG(c->config->name.s));
}

static void take_list(struct clerk *c, struct str crl, int64_t made, int64_t next)
{
	c->published.made = made;
	c->published.next = next;
	link_ask(c->front, TELL_CRL, &(struct tell_crl){ .bytes = crl });
}

/* The list that was made before the process began. */
bool published_read(struct clerk *c, struct diag *d)
{
	int64_t made, next;
	struct arena *a = arena_new();
	if (!store_number(c->store, "crl-made", &made) || !store_number(c->store, "crl-next", &next)) {
		arena_free(a);
		return diag_error(d, NOWHERE, "the store: %s", store_error(c->store));
	}
	struct source *s = made ? source_read(a, crl_path(c, a), CRL_FILE_MAX, diag_new(a)) : NULL;
	if (s)
		take_list(c, s->text, made, next);
	arena_free(a);
	return true;
}

static void told_list(struct clerk *c, struct job *j, enum message_type type, const void *message)
{
	const struct tell_signed *told = message;
	const struct ask_crl *ask = j->asked;
	struct diag *d = diag_new(j->arena);
	/* what was revoked meanwhile is not in it */
	int64_t next = c->published.stale ? 0 : ask->next;
	c->published.asked = false;
	if (type != TELL_SIGNED) {
		out_printf(&c->log, "clerk: the keeper refused the CRL: %.*s\n",
			   STR_ARG(((const struct call_failed *)message)->text));
	} else if (!authority_write(j->arena, crl_path(c, j->arena), told->bytes, false, d)) {
		/* what is on disk keeps its own times */
		out_text(&c->log, "clerk: the CRL cannot be written\n");
		take_list(c, told->bytes, ask->now, next);
	} else if (!batch_open(c) || !store_set_number(c->store, "crl-made", ask->now) ||
		   !store_set_number(c->store, "crl-next", next)) {
		batch_broken(c, j);
		return;
	} else {
		take_list(c, told->bytes, ask->now, next);
		struct json *record = audit_begin(c->audit, "crl", ask->now);
		json_put_u64(record, "number", ask->number);
		json_put_u64(record, "revoked", ask->revoked.n);
		json_put_str(record, "sha256", sha256_hex(j->arena, told->bytes));
		audit_end(c->audit);
	}
	out_flush(&c->log);
	job_free(j);
	if (c->published.stale) {
		c->published.stale = false;
		published_renew(c);
	}
}

bool published_due(struct clerk *c)
{
	c->published.next = 0;
	return store_set_number(c->store, "crl-next", 0);
}

/* The number is kept before the list is signed, so that no number serves twice. */
void published_renew(struct clerk *c)
{
	enum { DAY = 86400 };
	int64_t number, now = authority_now();
	c->crl_tried = now;
	if (c->published.asked) {
		c->published.stale = true;
		return;
	}
	struct job *j = job_new(NULL, 0, 0, NULL);
	struct ask_crl *ask = ARENA_NEW(j->arena, struct ask_crl);
	if (!store_number(c->store, "crl-number", &number) || !batch_open(c) ||
	    !store_set_number(c->store, "crl-number", number + 1) ||
	    !store_revoked(c->store, j->arena, now, &ask->revoked)) {
		batch_broken(c, j);
		return;
	}
	ask->number = (uint64_t)number + 1;
	ask->now = now;
	ask->next = MIN(now + (int64_t)c->config->crl_days.n * DAY, MAX(c->terms.authority.not_after, now + 1));
	j->asked = ask;
	c->published.asked = true;
	job_ask(c, j, c->keeper, ASK_CRL, ask, told_list);
}

/* OCSP */

static void tell_bytes(struct job *j, struct str bytes, int64_t made, int64_t next)
{
	job_answer(j, TELL_PUBLISHED,
		   &(struct tell_published){ .found = bytes.n > 0, .bytes = bytes, .made = made, .next = next });
}

static void told_ocsp(struct clerk *c, struct job *j, enum message_type type, const void *message)
{
	int64_t now = authority_now();
	if (type == TELL_SIGNED)
		tell_bytes(j, ((const struct tell_signed *)message)->bytes, now, now + OCSP_SECONDS);
	else
		tell_bytes(j, ocsp_refused(j->arena, OCSP_RESPONSE_STATUS_TRYLATER), 0, 0);
}

static bool find_status(struct clerk *c, struct arena *a, const struct ocsp_asked *asked, struct ocsp_single *ret)
{
	struct certificate_row row;
	*ret = (struct ocsp_single){ .certificate_id = asked->id, .status = V_OCSP_CERTSTATUS_UNKNOWN };
	if (!asked->ours)
		return true;
	switch (store_certificate(c->store, a, asked->serial, &row)) {
	case STORE_NONE:
		return true;
	case STORE_FAILED:
		return false;
	case STORE_FOUND:
		break;
	}
	ret->status = row.revoked ? V_OCSP_CERTSTATUS_REVOKED : V_OCSP_CERTSTATUS_GOOD;
	ret->at = row.revoked;
	ret->reason = row.reason;
	return true;
}

static void answer_ocsp(struct clerk *c, struct job *j, struct str der)
{
	struct ocsp_request r;
	int64_t now = authority_now();
	if (ocsp_request_read(j->arena, der, c->terms.authority.x509, &r)) {
		tell_bytes(j, ocsp_refused(j->arena, OCSP_RESPONSE_STATUS_MALFORMEDREQUEST), 0, 0);
		return;
	}
	struct ask_ocsp ask = { .nonce = r.nonce, .now = now, .next = now + OCSP_SECONDS };
	ask.singles.v = ARENA_ARRAY(j->arena, struct ocsp_single, r.n);
	for (size_t i = 0; i < r.n; i++) {
		if (find_status(c, j->arena, &r.v[i], &ask.singles.v[ask.singles.n++]))
			continue;
		tell_bytes(j, ocsp_refused(j->arena, OCSP_RESPONSE_STATUS_TRYLATER), 0, 0);
		return;
	}
	job_ask(c, j, c->keeper, ASK_OCSP, &ask, told_ocsp);
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
					 .crl_ends = c->published.next,
					 .listeners_end = c->tls_ends,
					 .authority_ends = c->terms.authority.not_after });
}

void clerk_published(struct clerk *c, struct job *j)
{
	const struct ask_published *ask = j->asked;
	struct tell_published chain = { .found = true, .chain = c->terms.chain };
	switch ((enum published_kind)ask->kind) {
	case PUBLISHED_AUTHORITY:
		tell_bytes(j, c->terms.chain.v[0], c->terms.authority.not_before, c->terms.authority.not_after);
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
