/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests: the same one again has the same answer, a new one is decided, kept, and signed or shown to an operator.
 */
#include "authority/clerk/clerk.h"
#include "authority/listener-certificate.h"
#include "pki/cmc.h"

enum {
	POLL_SECONDS = 300, /* what a client whose request waits is told */
	BUSY_SECONDS = 5,
	SIGNING_SECONDS = 30,    /* the keeper takes less, or its answer was lost */
	REPEAT_SECONDS = 600,    /* the same request of the same account is the same one */
	COLLECT_SECONDS = 86400, /* EST asks for what was approved by its request again */
};

static void refuse(struct clerk *c, struct job *j, enum hresult code, uint64_t id)
{
	job_answer_enrol(
		c, j, true,
		(struct tell_enrol){
			.outcome = ENROL_REFUSED, .code = code, .text = refusal_text(code), .request_id = id });
}

static void record(struct clerk *c, const struct job *j, const char *event)
{
	const struct ask_enrol *ask = j->asked;
	const struct request_row *row = &j->row;
	struct json *record = audit_begin(c->audit, event, authority_now());
	if (row->id)
		json_put_u64(record, "request", row->id);
	json_put_str(record, "account", row->account.n ? row->account : j->asker.account.name);
	json_put_str(record, "template",
		     row->template_name.n ? row->template_name
		     : j->decision.t      ? j->decision.t->name.s
					  : STR(""));
	if (ask) {
		json_put_str(record, "protocol", ask->protocol);
		json_put_str(record, "address", ask->who.address);
		json_put_text(record, "by", j->asker.by_certificate ? "certificate" : "password");
	}
	if (j->decision.reason)
		json_put_text(record, "why", j->decision.reason);
	if (j->certificate.der.n)
		json_put_str(record, "sha256", sha256_hex(j->arena, j->certificate.der));
	audit_end(c->audit);
}

static void notice_of(struct clerk *c, const struct job *j, enum notice_kind kind, const char *why)
{
	const struct request_row *row = &j->row;
	const struct decision *decision = &j->decision;
	notice(c, &(struct tell_notice){ .kind = kind,
					 .account = row->account.n ? row->account : j->asker.account.name,
					 .template_name = row->template_name.n ? row->template_name
							  : decision->t        ? decision->t->name.s
									       : NO_STR,
					 .request_id = row->id,
					 .text = str_of(why) });
}

/* Answers about a request that is in the store */

static void told_cmc(struct clerk *c, struct job *j, enum message_type type, const void *message)
{
	struct tell_enrol tell = { .outcome = ENROL_ISSUED,
				   .text = STR("Issued"),
				   .request_id = j->row.id,
				   .certificate = j->certificate.der,
				   .chain = c->terms.sent };
	if (type != TELL_SIGNED)
		tell = (struct tell_enrol){ .outcome = ENROL_BROKEN,
					    .code = HR_BUSY,
					    .text = refusal_text(HR_BUSY),
					    .retry_after = BUSY_SECONDS };
	else
		tell.cmc = str_dup(j->arena, ((const struct tell_signed *)message)->bytes);
	/* the certificate may be of the batch that is not on disk yet */
	job_answer_enrol(c, j, true, tell);
}

static void tell_issued(struct clerk *c, struct job *j, bool cmc)
{
	if (store_certificate(c->store, j->arena, j->row.serial, &j->certificate) != STORE_FOUND) {
		batch_broken(c, j);
	} else if (cmc) {
		struct ask_cmc ask = { .status = CMC_ISSUED, .text = STR("Issued"), .certificate = j->certificate.der };
		job_ask(c, j, c->keeper, ASK_CMC, &ask, told_cmc);
	} else {
		job_answer_enrol(c, j, true,
				 (struct tell_enrol){ .outcome = ENROL_ISSUED,
						      .text = STR("Issued"),
						      .request_id = j->row.id,
						      .certificate = j->certificate.der,
						      .chain = c->terms.sent });
	}
}

static void tell_row(struct clerk *c, struct job *j, bool cmc)
{
	switch (j->row.state) {
	case REQUEST_ISSUED:
		tell_issued(c, j, cmc);
		return;
	case REQUEST_DENIED:
		job_answer_enrol(
			c, j, true,
			(struct tell_enrol){ .outcome = ENROL_REFUSED,
					     .code = HR_DENIED_BY_MANAGER,
					     .text = j->row.text.n ? j->row.text : refusal_text(HR_DENIED_BY_MANAGER),
					     .request_id = j->row.id });
		return;
	case REQUEST_SIGNING:
		job_answer_enrol(c, j, true,
				 (struct tell_enrol){ .outcome = ENROL_BROKEN,
						      .code = HR_BUSY,
						      .text = refusal_text(HR_BUSY),
						      .retry_after = BUSY_SECONDS });
		return;
	case REQUEST_PENDING:
	case REQUEST_APPROVED:
	case N_REQUEST_STATES:
		break;
	}
	job_answer_enrol(c, j, true,
			 (struct tell_enrol){ .outcome = ENROL_PENDING,
					      .text = STR("Taken Under Submission"),
					      .request_id = j->row.id,
					      .retry_after = POLL_SECONDS });
}

/* Signing */

/* Nobody waits for it but who approved it, if somebody did. */
static void not_signed(struct job *j)
{
	job_answer(j, CALL_FAILED, &(struct call_failed){ HR_BUSY, refusal_text(HR_BUSY) });
}

/* Nothing is wrong with the request: it may come again, or, once it was approved, is signed later. */
static void keeper_busy(struct clerk *c, struct job *j)
{
	if (!j->to) {
		c->sign_again = authority_now() + 60;
		not_signed(j);
	} else if (!batch_open(c) || !store_request_remove(c->store, j->row.id)) {
		batch_broken(c, j);
	} else {
		job_answer_enrol(c, j, true,
				 (struct tell_enrol){ .outcome = ENROL_BROKEN,
						      .code = HR_BUSY,
						      .text = refusal_text(HR_BUSY),
						      .retry_after = BUSY_SECONDS });
	}
}

static void told_certificate(struct clerk *c, struct job *j, enum message_type type, const void *message)
{
	const struct tell_certificate *told = message;
	const struct ask_enrol *ask = j->asked;
	struct request_row *row = &j->row;
	if (type != TELL_CERTIFICATE) {
		const struct call_failed *failed = message;
		if (failed->code == HR_BUSY) {
			keeper_busy(c, j);
			return;
		}
		out_printf(&c->log, "clerk: the keeper refused request %llu: %.*s\n", (unsigned long long)row->id,
			   STR_ARG(failed->text));
		out_flush(&c->log);
		j->decision.reason = cstr(j->arena, failed->text);
		record(c, j, "keeper-refused");
		if (row->lineage.n)
			notice_of(c, j, NOTICE_RENEWAL, j->decision.reason);
		row->state = REQUEST_DENIED;
		row->text = refusal_text(HR_ACCESS_DENIED);
		row->decided = authority_now();
		if (!batch_open(c) || !store_request_change(c->store, row))
			batch_broken(c, j);
		else
			refuse(c, j, HR_ACCESS_DENIED, row->id);
		return;
	}
	struct certificate_row *certificate = &j->certificate;
	certificate->der = str_dup(j->arena, told->certificate);
	row->state = REQUEST_ISSUED;
	row->serial = certificate->serial;
	row->decided = authority_now();
	if (!batch_open(c) ||
	    !store_certificate_add(c->store, certificate, sha256_hex(j->arena, certificate->der), row->key_hash,
				   row->id) ||
	    !store_request_change(c->store, row)) {
		batch_broken(c, j);
		return;
	}
	record(c, j, "issued");
	job_answer_enrol(c, j, true,
			 (struct tell_enrol){ .outcome = ENROL_ISSUED,
					      .text = STR("Issued"),
					      .request_id = row->id,
					      .certificate = certificate->der,
					      .chain = c->terms.sent,
					      .cmc = ask && ask->cmc ? str_dup(j->arena, told->cmc) : NO_STR });
}

static void sign(struct clerk *c, struct job *j, struct ask_certificate *ask, const struct template *t)
{
	ask->serial = new_serial(j->arena);
	j->certificate = (struct certificate_row){
		.serial = ask->serial,
		.account = j->row.account,
		.template_name = t->name.s,
		.template_oid = t->oid.s,
		.lineage = j->row.lineage.n ? j->row.lineage : ask->serial,
		.not_before = ask->not_before,
		.not_after = ask->not_after,
		.made = authority_now(),
		.issuer = c->terms.n_keys - 1,
	};
	job_ask(c, j, c->keeper, ASK_CERTIFICATE, ask, told_certificate);
}

/* What an operator approved: the times are those of now. */
static void sign_row(struct clerk *c, uint64_t id, struct job *approval)
{
	struct job *j = job_new(NULL, 0, 0, NULL);
	struct ask_certificate *ask = ARENA_NEW(j->arena, struct ask_certificate);
	j->approval = approval;
	if (store_request(c->store, j->arena, id, &j->row) != STORE_FOUND || j->row.state != REQUEST_APPROVED ||
	    !ask_unpacked(j->arena, j->row.ask, ask)) {
		not_signed(j);
		return;
	}
	const struct template *t = template_named(c->terms.templates, ask->template_name);
	if (!t || !str_eq(t->hash, ask->template_hash)) {
		/* it was approved under another version: somebody has to look again */
		j->row.state = REQUEST_PENDING;
		if (!batch_open(c) || !store_request_change(c->store, &j->row))
			batch_broken(c, j);
		else
			not_signed(j);
		return;
	}
	int64_t now = authority_now();
	ask->not_before = now - BACKDATED;
	ask->not_after = MIN(now + (int64_t)t->validity.n, c->decider.authority_ends);
	ask->cmc = false;
	j->decision.reason = "approved";
	sign(c, j, ask, t);
}

struct approved {
	struct arena *arena;
	VEC(uint64_t) ids;
};

static void add_approved(void *ctx, const struct request_row *r)
{
	struct approved *list = ctx;
	if (r->state == REQUEST_APPROVED)
		*VEC_ADD(list->arena, &list->ids) = r->id;
}

void clerk_sign_approved(struct clerk *c)
{
	struct approved list = { .arena = arena_new() };
	store_requests(c->store, true, add_approved, &list);
	for (size_t i = 0; i < list.ids.n; i++)
		sign_row(c, list.ids.v[i], NULL);
	arena_free(list.arena);
}

void clerk_sign_now(struct clerk *c, uint64_t id, struct job *approval)
{
	sign_row(c, id, approval);
}

/* New requests */

static void keep(struct clerk *c, struct job *j)
{
	const struct ask_enrol *ask = j->asked;
	struct decision *decision = &j->decision;
	bool waits = decision->outcome == ENROL_PENDING;
	j->row = (struct request_row){
		.state = waits ? REQUEST_PENDING : REQUEST_SIGNING,
		.protocol = ask->protocol,
		.message_id = ask->message_id,
		.body_hash = sha256_hex(j->arena, ask->body_hash),
		.account = decision->account,
		.via = j->asker.by_certificate ? sha256_hex(j->arena, j->asker.tls.der) : NO_STR,
		.address = ask->who.address,
		.csr = ask->csr,
		.key_hash = sha256_hex(j->arena, ask->key),
		.template_name = decision->t->name.s,
		.template_hash = decision->t->hash,
		.ask = ask_packed(j->arena, &decision->ask),
		.lineage = decision->lineage,
		.made = authority_now(),
	};
	if (!batch_open(c) || !store_request_add(c->store, &j->row)) {
		batch_broken(c, j);
		return;
	}
	if (waits) {
		record(c, j, "pending");
		notice_of(c, j, NOTICE_PENDING, "a request waits for an operator");
		tell_row(c, j, ask->cmc);
	} else {
		sign(c, j, &decision->ask, decision->t);
	}
}

/* What was issued is revoked or has expired, or is what is being renewed by the same request: it does not answer this one. */
static bool is_over(struct clerk *c, const struct job *j)
{
	struct certificate_row row;
	if (j->asker.by_certificate && str_eq(j->row.serial, j->asker.tls.serial))
		return true;
	return store_certificate(c->store, j->arena, j->row.serial, &row) == STORE_FOUND &&
	       (row.revoked || authority_now() >= row.not_after);
}

/* Whether a request in the store is this one again, which then has the same answer. */
static bool is_again(struct clerk *c, const struct job *j)
{
	const struct ask_enrol *ask = j->asked;
	const struct request_row *r = &j->row;
	int64_t age = authority_now() - MAX(r->made, r->decided);
	switch (r->state) {
	case REQUEST_PENDING:
	case REQUEST_APPROVED:
		return true;
	case REQUEST_SIGNING:
		return age < SIGNING_SECONDS;
	case REQUEST_ISSUED:
		if (is_over(c, j))
			return false;
		break;
	default:
		break;
	}
	return age < (ask->message_id.n ? REPEAT_SECONDS : COLLECT_SECONDS);
}

/* True when the job was answered. */
static bool answer_again(struct clerk *c, struct job *j)
{
	const struct ask_enrol *ask = j->asked;
	struct str body_hash = sha256_hex(j->arena, ask->body_hash), account = j->asker.account.name;
	enum store_found found = STORE_NONE;
	bool by_message = false;
	if (ask->message_id.n) {
		found = store_request_by_message(c->store, j->arena, ask->message_id, &j->row);
		by_message = found == STORE_FOUND;
	}
	if (found == STORE_NONE)
		found = store_request_by_body(c->store, j->arena, account, body_hash, 0, &j->row);
	if (found == STORE_FAILED) {
		batch_broken(c, j);
		return true;
	}
	if (found == STORE_NONE)
		return false;
	if (by_message && (!str_ieq(j->row.account, account) || !str_eq(j->row.body_hash, body_hash))) {
		j->row = (struct request_row){ 0 };
		j->decision.reason = "the message id was used with another request";
		record(c, j, "refused");
		refuse(c, j, HR_INVALID_ARGUMENT, 0);
		return true;
	}
	bool again = by_message ? (j->row.state != REQUEST_SIGNING || is_again(c, j)) &&
					  !(j->row.state == REQUEST_ISSUED && is_over(c, j))
				: is_again(c, j);
	if (again) {
		tell_row(c, j, ask->cmc);
		return true;
	}
	/* its answer was lost before it was kept */
	if (j->row.state == REQUEST_SIGNING && (!batch_open(c) || !store_request_remove(c->store, j->row.id))) {
		batch_broken(c, j);
		return true;
	}
	j->row = (struct request_row){ 0 };
	return false;
}

static void enrol(struct clerk *c, struct job *j)
{
	if (answer_again(c, j))
		return;
	decide(&c->decider, j->arena, &j->asker, j->asked, authority_now(), &j->decision);
	switch (j->decision.outcome) {
	case ENROL_ISSUED:
	case ENROL_PENDING:
		keep(c, j);
		return;
	case ENROL_BROKEN:
		batch_broken(c, j);
		return;
	case ENROL_REFUSED:
	case ENROL_NOT_ALLOWED:
		break;
	}
	record(c, j, "refused");
	if (j->asker.by_certificate || ((const struct ask_enrol *)j->asked)->renewed.n)
		notice_of(c, j, NOTICE_RENEWAL, j->decision.reason);
	refuse(c, j, j->decision.code, 0);
}

void clerk_enrol(struct clerk *c, struct job *j)
{
	login(c, j, false, enrol);
}

/* Polls: who asks for somebody else's request hears what is said of one that is not there */

static void status(struct clerk *c, struct job *j)
{
	const struct ask_status *ask = j->asked;
	enum store_found found = ask->key.n ? store_request_by_key(c->store, j->arena, j->asker.account.name,
								   sha256_hex(j->arena, ask->key), &j->row)
					    : store_request(c->store, j->arena, ask->request_id, &j->row);
	bool cmc = ask->cmc;
	if (found == STORE_FAILED) {
		batch_broken(c, j);
		return;
	}
	bool own = found == STORE_FOUND && str_ieq(j->row.account, j->asker.account.name);
	/* by certificate: the one that the request came with, since an account may have several machines */
	if (own && j->asker.by_certificate)
		own = str_eq(j->row.via, sha256_hex(j->arena, j->asker.tls.der));
	j->asked = NULL;
	if (own)
		tell_row(c, j, cmc);
	else
		refuse(c, j, HR_NO_REQUEST, 0);
}

void clerk_status(struct clerk *c, struct job *j)
{
	login(c, j, false, status);
}
