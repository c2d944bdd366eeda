/* SPDX-License-Identifier: Apache-2.0 */
/* What the clerk does unasked: the listeners' certificate, the CRL in time, statements; and what operators ask. */
#include "authority/clerk/clerk.h"
#include "authority/listener-certificate.h"
#include "pki/request.h"

enum { AGAIN_SECONDS = 60 /* until what failed is tried again */, STATEMENT_SECONDS = 3600 };

/* The certificate of the listeners */

static void hand_over(struct clerk *c, const struct tell_tls *tls)
{
	link_ask(c->front, TELL_TLS, tls);
}

/* The key that signed it; n_keys: none did. */
static size_t issuer_of(const struct clerk *c, X509 *x509)
{
	size_t key = 0;
	while (key < c->terms.n_keys && X509_verify(x509, X509_get0_pubkey(c->terms.keys[key].x509)) != 1)
		key++;
	return key;
}

/* It is in the store like any other, of no account: clients ask OCSP about it, and an operator may revoke it. */
static bool keep_listener(struct clerk *c, struct arena *a, struct str der)
{
	const struct template *t = template_named(c->terms.templates, STR(LISTENER_TEMPLATE));
	struct certificate_row row;
	struct certificate read;
	struct str hash = sha256_hex(a, der);
	enum store_found found = store_certificate_by_hash(c->store, a, hash, &row);
	if (found != STORE_NONE)
		return found == STORE_FOUND;
	if (certificate_read(a, der, &read) || read.serial.n != SERIAL_BYTES)
		return true; /* made by another authority */
	size_t key = issuer_of(c, read.x509);
	if (key == c->terms.n_keys)
		return true;
	row = (struct certificate_row){ .serial = read.serial,
					.der = der,
					.template_name = STR(LISTENER_TEMPLATE),
					.template_oid = t ? t->oid.s : STR(""),
					.lineage = read.serial,
					.issuer = key,
					.not_before = read.not_before,
					.not_after = read.not_after,
					.made = authority_now() };
	struct json *record = audit_begin(c->audit, "issued", row.made);
	json_put_text(record, "template", LISTENER_TEMPLATE);
	json_put_str(record, "sha256", hash);
	audit_end(c->audit);
	return store_certificate_add(c->store, &row, hash, sha256_hex(a, read.key), 0);
}

struct listener_job {
	struct ask_certificate ask;
	struct str key;
};

static void told_listener(struct clerk *c, struct job *j, enum message_type type, const void *message)
{
	const struct listener_job *own = j->asked;
	const struct tell_certificate *told = message;
	struct diag *d = diag_new(j->arena);
	c->tls_asked = false;
	if (type != TELL_CERTIFICATE) {
		out_printf(&c->log, "clerk: the keeper refused the listeners' certificate: %.*s\n",
			   STR_ARG(((const struct call_failed *)message)->text));
		out_flush(&c->log);
		job_free(j);
		return;
	}
	size_t n = c->terms.sent.n;
	struct str *chain = ARENA_ARRAY(j->arena, struct str, n + 1);
	chain[0] = str_dup(j->arena, told->certificate);
	for (size_t i = 0; i < n; i++)
		chain[i + 1] = c->terms.sent.v[i];
	struct tell_tls tls = { .chain = { chain, n + 1 }, .key = own->key };
	if (!batch_open(c) || !keep_listener(c, j->arena, chain[0])) {
		batch_broken(c, j);
		return;
	}
	batch_commit(c);
	if (!listener_certificate_keep(j->arena, c->folder, &tls, d))
		out_text(&c->log, "clerk: the listeners' certificate cannot be written\n");
	out_flush(&c->log);
	c->tls_ends = own->ask.not_after;
	hand_over(c, &tls);
	job_free(j);
}

static void renew_listener(struct clerk *c)
{
	const struct template *t = template_named(c->terms.templates, STR(LISTENER_TEMPLATE));
	int64_t now = authority_now();
	/* the authority's own end is theirs too: a new one would not last longer */
	if (c->tls_asked || !t || now < c->tls_ends - (int64_t)t->renewal.n ||
	    c->tls_ends >= c->terms.authority.not_after || now < c->tls_tried + AGAIN_SECONDS)
		return;
	c->tls_tried = now;
	struct job *j = job_new(NULL, 0, 0, NULL);
	struct listener_job *own = ARENA_NEW(j->arena, struct listener_job);
	struct diag *d = diag_new(j->arena);
	if (!listener_certificate_asked(j->arena, c->config, c->terms.templates, c->terms.authority.not_after,
					&own->ask, &own->key, d)) {
		job_free(j);
		return;
	}
	j->asked = own;
	c->tls_asked = true;
	job_ask(c, j, c->keeper, ASK_CERTIFICATE, &own->ask, told_listener);
}

/* Statements */

static void told_statement(struct clerk *c, struct job *j, enum message_type type, const void *message)
{
	const struct ask_statement *ask = j->asked;
	if (type == TELL_SIGNED) {
		struct json *record = audit_begin(c->audit, "statement", ask->now);
		json_put_u64(record, "records", ask->records);
		json_put_str(record, "signature", base64_made(j->arena, ((const struct tell_signed *)message)->bytes));
		audit_end(c->audit);
	}
	job_free(j);
}

static void state(struct clerk *c, int64_t now)
{
	struct job *j = job_new(NULL, 0, 0, NULL);
	struct ask_statement *ask = ARENA_NEW(j->arena, struct ask_statement);
	*ask = (struct ask_statement){ .head = str_dup(j->arena, audit_head(c->audit)),
				       .records = audit_records(c->audit),
				       .now = now };
	j->asked = ask;
	c->statement_at = now + STATEMENT_SECONDS;
	job_ask(c, j, c->keeper, ASK_STATEMENT, ask, told_statement);
}

void upkeep_tick(struct clerk *c)
{
	int64_t now = authority_now();
	batch_commit(c); /* records of the log that nobody waits for */
	published_tick(c);
	if (c->sign_again && now >= c->sign_again) {
		c->sign_again = 0;
		clerk_sign_approved(c);
	}
	if (now >= c->statement_at)
		state(c, now);
	renew_listener(c);
	notices_tick(c);
}

/* Operators */

void clerk_operation(struct clerk *c, struct job *j, uid_t uid)
{
	struct operator_id who = operator_of(j->arena, uid);
	struct tell_operation *tell = ARENA_NEW(j->arena, struct tell_operation);
	struct operation_effects effects;
	if (!batch_open(c)) {
		batch_broken(c, j);
		return;
	}
	operation_run(&c->decider, c->audit, j->arena, &who, j->asked, authority_now(), tell, &effects);
	tell->text = str_dup(j->arena, tell->text);
	if (effects.crl && !published_due(c)) {
		batch_broken(c, j);
	} else if (!effects.sign) {
		job_answer_later(c, j, TELL_OPERATION, tell);
		if (effects.crl && batch_commit(c))
			published_renew(c);
	} else if (batch_commit(c)) {
		clerk_sign_now(c, effects.sign, j);
	} else {
		job_answer(j, CALL_FAILED, &(struct call_failed){ HR_BUSY, refusal_text(HR_BUSY) });
	}
}

/* The start */

struct unsigned_requests {
	struct arena *arena;
	VEC(uint64_t) ids;
};

static void add_unsigned(void *ctx, const struct request_row *r)
{
	struct unsigned_requests *list = ctx;
	if (r->state == REQUEST_SIGNING)
		*VEC_ADD(list->arena, &list->ids) = r->id;
}

/* Nobody heard of requests that were being signed when the process ended: they never were. */
static bool forget_unsigned(struct clerk *c)
{
	struct unsigned_requests list = { .arena = arena_new() };
	bool ok = store_requests(c->store, true, add_unsigned, &list);
	for (size_t i = 0; ok && i < list.ids.n; i++)
		ok = store_request_remove(c->store, list.ids.v[i]);
	arena_free(list.arena);
	return ok;
}

/* Clients that know the policy since before it changed read it again. */
static bool note_policy(struct clerk *c)
{
	struct arena *a = arena_new();
	struct out o = out_memory(1 << 20);
	struct str before;
	const struct instance_config *instances = c->config->instances.v;
	for (size_t i = 0; i < c->terms.templates->n; i++)
		out_printf(&o, "%.*s %.*s\n", STR_ARG(c->terms.templates->v[i].hash),
			   STR_ARG(c->terms.templates->v[i].display.s));
	for (size_t i = 0; i < c->config->instances.n; i++)
		out_printf(&o, "%.*s %llu %llu %d %d\n", STR_ARG(instances[i].url.s),
			   (unsigned long long)instances[i].login.n, (unsigned long long)instances[i].priority.n,
			   instances[i].renewal_only.on, instances[i].key_based_renewal.on);
	out_str(&o, sha256_hex(a, c->terms.chain.v[0]));
	struct str hash = sha256_hex(a, out_view(&o));
	out_free(&o);
	bool ok = store_text(c->store, a, "policy-hash", &before) &&
		  (str_eq(before, hash) || (store_set_text(c->store, "policy-hash", hash) &&
					    store_set_number(c->store, "policy-changed", authority_now())));
	if (ok && !str_eq(before, hash)) {
		struct json *record = audit_begin(c->audit, "policy", authority_now());
		json_put_str(record, "was", before);
		json_put_str(record, "is", hash);
		audit_end(c->audit);
	}
	arena_free(a);
	return ok;
}

bool upkeep_terms(struct clerk *c)
{
	return note_policy(c);
}

/* Nothing that the one before signed is renewed by itself in time. */
void upkeep_new_authority(struct clerk *c)
{
	c->tls_ends = c->tls_tried = 0;
	if (batch_open(c) && published_due(c))
		published_renew(c);
}

bool upkeep_start(struct clerk *c, struct diag *d)
{
	struct arena *a = arena_new();
	struct tell_tls tls = { 0 };
	if (!listener_certificate_read(a, c->folder, &tls, &c->tls_ends, d)) {
		arena_free(a);
		return false;
	}
	bool ok = store_begin(c->store) && forget_unsigned(c) && note_policy(c) &&
		  keep_listener(c, a, tls.chain.v[0]) && audit_flush(c->audit) && store_commit(c->store);
	if (!ok) {
		store_rollback(c->store);
		diag_error(d, NOWHERE, "the store: %s", store_error(c->store));
	}
	ok = ok && published_read(c, d);
	if (ok) {
		json_put_text(audit_begin(c->audit, "start", authority_now()), "version", PORTOLAN_VERSION);
		audit_end(c->audit);
		hand_over(c, &tls);
	}
	arena_free(a);
	return ok;
}
