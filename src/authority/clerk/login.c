/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who asks.  A password is compared by the hasher; who guesses waits, and an unknown account costs what a known one does.  A
 * certificate is compared with the store's, byte by byte, at every request.
 */
#include "authority/clerk/clerk.h"
#include "net/addr.h"

static const struct identity *identity_of(const struct job *j, bool policy, enum enrolment_way *way)
{
	if (policy) {
		const struct ask_policy *ask = j->asked;
		*way = (enum enrolment_way)ask->way;
		return &ask->who;
	}
	const struct ask_enrol *ask = j->asked; /* ask_status begins with the same members */
	*way = (enum enrolment_way)ask->way;
	return &ask->who;
}

/* What is counted as one client: an IPv4 address, or an IPv6 network of 64 bits, of which one host has every address. */
static struct str network_of(struct arena *a, struct str address)
{
	enum { HOST_BITS = 64 };
	struct addr at;
	char text[ADDR_TEXT];
	if (!addr_parse(address, &at) || at.family == IPV4)
		return address;
	at.n = at.n >> HOST_BITS << HOST_BITS;
	return str_dup(a, str_of(addr_text(at, text)));
}

static void record_refusal(struct clerk *c, const struct identity *who, const char *why)
{
	struct json *record = audit_begin(c->audit, "login-refused", authority_now());
	json_put_str(record, "account", str_first(who->username, 256));
	json_put_str(record, "address", who->address);
	json_put_text(record, "why", why);
	audit_end(c->audit);
}

static void not_allowed(struct clerk *c, struct job *j, const char *text)
{
	struct tell_enrol *enrol = ARENA_NEW(j->arena, struct tell_enrol);
	struct tell_policy *policy = ARENA_NEW(j->arena, struct tell_policy);
	*enrol = (struct tell_enrol){ .outcome = ENROL_NOT_ALLOWED, .code = HR_ACCESS_DENIED, .text = str_of(text) };
	*policy = (struct tell_policy){ .code = HR_ACCESS_DENIED, .text = str_of(text) };
	if (j->is_policy)
		job_answer_later(c, j, TELL_POLICY, policy);
	else
		job_answer_later(c, j, TELL_ENROL, enrol);
}

static void busy(struct clerk *c, struct job *j)
{
	struct call_failed *failed = ARENA_NEW(j->arena, struct call_failed);
	*failed = (struct call_failed){ HR_BUSY, refusal_text(HR_BUSY) };
	job_answer(j, CALL_FAILED, failed);
}

/* Passwords */

static void login_by_password(struct clerk *c, struct job *j);

static void park(struct clerk *c, struct job *j)
{
	if (c->n_parked == PARKED_MAX) {
		busy(c, j);
		return;
	}
	struct job **end = &c->parked;
	while (*end)
		end = &(*end)->next;
	j->next = NULL;
	*end = j;
	c->n_parked++;
}

/* A password was looked at: what waited for that is judged by its result. */
static void resume(struct clerk *c)
{
	struct job *parked = c->parked;
	c->parked = NULL;
	c->n_parked = 0;
	for (struct job *next; parked; parked = next) {
		next = parked->next;
		login_by_password(c, parked);
	}
}

static void judge_password(struct clerk *c, struct job *j, enum message_type type, const void *message)
{
	const struct tell_password *told = message;
	enum enrolment_way way;
	const struct identity *who = identity_of(j, j->is_policy, &way);
	if (type != TELL_PASSWORD || told->busy) {
		busy(c, j);
		return;
	}
	if (told->right && j->account_usable) {
		logins_right(c->logins, j->asker.account.hash, j->asker.account.name, who->password,
			     network_of(j->arena, who->address), authority_now());
		j->after_login(c, j);
		return;
	}
	logins_wrong(c->logins, who->username, network_of(j->arena, who->address), authority_now());
	record_refusal(c, who, j->account_usable ? "a wrong password" : "an account that is unknown or locked");
	not_allowed(c, j, "Wrong user name or password.");
}

static void told_password(struct clerk *c, struct job *j, enum message_type type, const void *message)
{
	enum enrolment_way way;
	const struct identity *who = identity_of(j, j->is_policy, &way);
	logins_end(c->logins, who->username, network_of(j->arena, who->address));
	judge_password(c, j, type, message);
	resume(c);
}

static void login_by_password(struct clerk *c, struct job *j)
{
	enum enrolment_way way;
	const struct identity *who = identity_of(j, j->is_policy, &way);
	struct str network = network_of(j->arena, who->address);
	struct account *account = &j->asker.account;
	enum store_found found = store_account(c->store, j->arena, who->username, account);
	int64_t now = authority_now();
	if (found == STORE_FAILED) {
		busy(c, j);
		return;
	}
	j->account_usable = found == STORE_FOUND && !account->locked;
	if (!who->username.n) {
		not_allowed(c, j, "A user name and a password are needed.");
	} else if (j->account_usable && logins_knows(c->logins, account->hash, account->name, who->password, now)) {
		j->after_login(c, j);
	} else if (logins_wait(c->logins, who->username, network, now) > 0) {
		not_allowed(c, j, "Wrong user name or password.");
	} else if (!logins_begin(c->logins, who->username, network, now)) {
		park(c, j);
	} else {
		struct ask_password ask = { .password = who->password,
					    .hash = found == STORE_FOUND ? account->hash : str_of(c->no_hash) };
		job_ask(c, j, c->hasher, ASK_PASSWORD, &ask, told_password);
	}
}

/* Certificates */

static const char *certificate_refused(struct clerk *c, struct job *j, const struct identity *who, bool *failed)
{
	struct certificate_row *row = &j->asker.tls;
	struct certificate read;
	int64_t now = authority_now();
	enum store_found found =
		store_certificate_by_hash(c->store, j->arena, sha256_hex(j->arena, who->certificate), row);
	*failed = found == STORE_FAILED;
	if (found != STORE_FOUND || !str_eq(row->der, who->certificate)) {
		*row = (struct certificate_row){ 0 };
		return "The certificate is not one of this authority.";
	}
	if (row->revoked)
		return "The certificate is revoked.";
	if (now >= row->not_after || now < row->not_before)
		return "The certificate has expired, or is not valid yet.";
	if (certificate_read(j->arena, row->der, &read) || !read.client_auth || !read.may_sign)
		return "The certificate is not for the authentication of clients.";
	return NULL;
}

static void login_by_certificate(struct clerk *c, struct job *j, const struct identity *who)
{
	bool failed = false;
	const char *wrong =
		who->certificate.n ? certificate_refused(c, j, who, &failed) : "A client certificate is needed.";
	if (failed) {
		busy(c, j);
		return;
	}
	if (!wrong) {
		j->asker.by_certificate = true;
		enum store_found found = store_account(c->store, j->arena, j->asker.tls.account, &j->asker.account);
		if (found == STORE_FAILED) {
			busy(c, j);
			return;
		}
		if (found == STORE_NONE || j->asker.account.locked)
			wrong = "The account of the certificate is locked.";
	}
	if (!wrong) {
		j->after_login(c, j);
		return;
	}
	/* the client meant to renew what the store has, or to read the policy for it */
	if (j->asker.tls.account.n)
		notice(c, &(struct tell_notice){ .kind = NOTICE_RENEWAL,
						 .account = j->asker.tls.account,
						 .template_name = j->asker.tls.template_name,
						 .text = str_of(wrong) });
	/*
	 * Certificates that are not ours cost nothing to show: an address that goes on is not recorded each time.  It is counted
	 * apart from passwords, which others behind the same address may have right.
	 */
	struct str counted = str_printf(j->arena, "tls %.*s", STR_ARG(network_of(j->arena, who->address)));
	int64_t now = authority_now();
	if (logins_wait(c->logins, STR(""), counted, now) == 0)
		record_refusal(c, who, wrong);
	logins_wrong(c->logins, STR(""), counted, now);
	not_allowed(c, j, wrong);
}

void login(struct clerk *c, struct job *j, bool policy, void (*after)(struct clerk *c, struct job *j))
{
	enum enrolment_way way;
	const struct identity *who = identity_of(j, policy, &way);
	j->is_policy = policy;
	j->after_login = after;
	if (way == WAY_CERTIFICATE)
		login_by_certificate(c, j, who);
	else
		login_by_password(c, j);
}
