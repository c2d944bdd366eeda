/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/operations.h"

#include <pwd.h>

#include "authority/naming.h"
#include "base/names.h"
#include "pki/certificate.h"
#include "pki/key.h"

enum { HASH_MAX = 512, ACCOUNT_NAME_MAX = 256 };

struct operation {
	const struct decider *by;
	struct audit *audit;
	struct arena *arena;
	const struct operator_id *who;
	const struct ask_operation *ask;
	int64_t now;
	struct tell_operation *ret;
	struct operation_effects *effects;
};

static void say(struct operation *o, enum hresult code, const char *text)
{
	o->ret->code = code;
	o->ret->text = str_of(text);
}

static void say_broken(struct operation *o)
{
	say(o, HR_BUSY, arena_printf(o->arena, "the store failed: %s", store_error(o->by->store)));
}

struct operator_id operator_of(struct arena *a, uid_t uid)
{
	const struct passwd *p = getpwuid(uid);
	return (struct operator_id){ uid, p ? str_of(arena_strdup(a, p->pw_name)) : str_printf(a, "%u", uid) };
}

struct str request_binding(struct arena *a, const struct request_row *r)
{
	enum { DIGITS = 16 };
	struct str csr = sha256_hex(a, r->csr);
	return str_first(sha256_hex(a, str_printf(a, "%.*s\n%.*s\n%llu", STR_ARG(csr), STR_ARG(r->template_hash),
						  (unsigned long long)r->id)),
			 DIGITS);
}

struct str ask_packed(struct arena *a, const struct ask_certificate *ask)
{
	struct out o = out_memory(1 << 20);
	message_write(&o, message_shape(ASK_CERTIFICATE), ask);
	struct str bytes = str_dup(a, out_view(&o));
	out_free(&o);
	return bytes;
}

bool ask_unpacked(struct arena *a, struct str bytes, struct ask_certificate *ret)
{
	*ret = (struct ask_certificate){ 0 };
	return message_read(a, message_shape(ASK_CERTIFICATE), bytes, ret);
}

const char *allowed_name_refused(struct str entry)
{
	static const char *const kinds[] = { "ip:", "email:", "uri:", "upn:", "cn:" };
	if (!entry.n || entry.n > NAME_VALUE_MAX || !str_is_visible(entry))
		return "it is empty, too long or not text";
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (str_starts(entry, kinds[i]))
			return entry.n > strlen(kinds[i]) ? NULL : "nothing follows its kind";
	struct str name = str_starts(entry, ".") ? str_skip(entry, 1) : entry;
	return dns_name_ok(name, !str_starts(entry, "."))
		       ? NULL
		       : "it is not a DNS name, a suffix such as .contoso.com, or a kind "
			 "and a name such as ip:10.0.0.1";
}

/* A record about what an operator did; more keys may follow. */
static struct json *record(struct operation *o, const char *event)
{
	struct json *j = audit_begin(o->audit, event, o->now);
	json_put_str(j, "operator", o->who->name);
	json_put_some(j, "break-glass", o->ask->break_glass);
	return j;
}

/* Requests */

static bool find_request(struct operation *o, struct request_row *r)
{
	switch (store_request(o->by->store, o->arena, o->ask->request_id, r)) {
	case STORE_FOUND:
		break;
	case STORE_NONE:
		say(o, HR_NO_REQUEST, "there is no such request");
		return false;
	case STORE_FAILED:
		say_broken(o);
		return false;
	}
	if (r->state != REQUEST_PENDING) {
		say(o, HR_BAD_REQUEST_STATUS, arena_printf(o->arena, "the request is %s", request_states[r->state]));
		return false;
	}
	return true;
}

/* Nobody approves their own; whoever answers for the account is named in it. */
static bool may_approve(struct operation *o, const struct request_row *r)
{
	struct account account = { 0 };
	if (store_account(o->by->store, o->arena, r->account, &account) == STORE_FAILED) {
		say_broken(o);
		return false;
	}
	bool own = account.owner.n && (str_eq(account.owner, o->who->name) ||
				       str_eq(account.owner, str_printf(o->arena, "%u", o->who->uid)));
	if (!own || (o->who->uid == 0 && o->ask->break_glass.n))
		return true;
	json_put_u64(record(o, "approval-refused"), "request", r->id);
	audit_end(o->audit);
	say(o, HR_ACCESS_DENIED, "the account of the request is your own; somebody else has to approve it");
	return false;
}

/* The template changed since the request was shown: it is judged by the new one, and shown again. */
static bool same_template(struct operation *o, struct request_row *r)
{
	const struct template *t = template_named(o->by->templates, r->template_name);
	struct ask_certificate ask;
	if (!t || !ask_unpacked(o->arena, r->ask, &ask)) {
		say(o, HR_UNSUPPORTED_TEMPLATE, "the template of the request is not there any more");
		return false;
	}
	if (str_eq(t->hash, r->template_hash))
		return true;
	EVP_PKEY *key = key_of(ask.key);
	const char *wrong = key ? key_refused(t, key) : "a malformed key";
	EVP_PKEY_free(key);
	if (!wrong)
		wrong = names_refused(t, &ask.subject, &ask.alternatives);
	if (wrong) {
		say(o, HR_UNSUPPORTED_TEMPLATE,
		    arena_printf(o->arena, "the template changed and does not take the request any more: %s", wrong));
		return false;
	}
	ask.template_hash = t->hash;
	r->template_hash = t->hash;
	r->ask = ask_packed(o->arena, &ask);
	if (!store_request_change(o->by->store, r))
		say_broken(o);
	else
		say(o, HR_BAD_TEMPLATE_VERSION,
		    "the template changed since the request was made; look at the request, and approve it again");
	return false;
}

static void approve(struct operation *o)
{
	struct request_row r;
	if (!find_request(o, &r) || !may_approve(o, &r) || !same_template(o, &r))
		return;
	if (o->ask->binding.n && !str_eq(o->ask->binding, request_binding(o->arena, &r))) {
		say(o, HR_BAD_REQUEST_STATUS, "the request or its template is not what was shown");
		return;
	}
	r.state = REQUEST_APPROVED;
	r.decided = o->now;
	r.decided_by = o->who->name;
	if (!store_request_change(o->by->store, &r)) {
		say_broken(o);
		return;
	}
	struct json *j = record(o, "approved");
	json_put_u64(j, "request", r.id);
	json_put_str(j, "account", r.account);
	json_put_str(j, "csr", sha256_hex(o->arena, r.csr));
	json_put_str(j, "template", r.template_hash);
	audit_end(o->audit);
	o->effects->sign = r.id;
	say(o, HR_WELL, arena_printf(o->arena, "request %llu is approved", (unsigned long long)r.id));
}

static void deny(struct operation *o)
{
	struct request_row r;
	if (!find_request(o, &r))
		return;
	r.state = REQUEST_DENIED;
	r.decided = o->now;
	r.decided_by = o->who->name;
	r.text = o->ask->text;
	if (!store_request_change(o->by->store, &r)) {
		say_broken(o);
		return;
	}
	struct json *j = record(o, "denied");
	json_put_u64(j, "request", r.id);
	json_put_str(j, "account", r.account);
	json_put_str(j, "why", r.text);
	audit_end(o->audit);
	say(o, HR_WELL, arena_printf(o->arena, "request %llu is denied", (unsigned long long)r.id));
}

static void revoke(struct operation *o)
{
	struct certificate_row c;
	enum store_found found = store_certificate(o->by->store, o->arena, o->ask->serial, &c);
	if (found == STORE_NONE) {
		say(o, HR_NO_REQUEST, "there is no certificate with this serial number");
		return;
	}
	if (found == STORE_FOUND && c.revoked) {
		say(o, HR_REVOKED, "the certificate is revoked already");
		return;
	}
	if (found == STORE_FAILED || !store_certificate_revoke(o->by->store, c.serial, o->now, o->ask->reason)) {
		say_broken(o);
		return;
	}
	struct json *j = record(o, "revoked");
	json_put_str(j, "sha256", sha256_hex(o->arena, c.der));
	json_put_str(j, "account", c.account);
	json_put_u64(j, "reason", o->ask->reason);
	json_put_str(j, "why", o->ask->text);
	audit_end(o->audit);
	o->effects->crl = true;
	say(o, HR_WELL, "the certificate is revoked");
}

/* Accounts */

static const char *account_refused(const struct ask_operation *ask)
{
	if (!ask->account.n || ask->account.n > ACCOUNT_NAME_MAX || !str_is_visible(ask->account) ||
	    ask->account.p[0] == '@' || ask->account.p[0] == ' ' || ask->account.p[ask->account.n - 1] == ' ')
		return "the name of the account is empty, too long, or begins with @ or a blank";
	if (ask->dns_name.n && !dns_name_ok(ask->dns_name, false))
		return "the DNS name is malformed";
	if (ask->sid.n && !str_starts(ask->sid, "S-1-"))
		return "the security identifier does not begin with S-1-";
	if (!str_is_visible(ask->sid) || !str_is_visible(ask->owner))
		return "a value is not text";
	for (size_t i = 0; i < ask->groups.n; i++)
		if (!ask->groups.v[i].n || !str_is_visible(ask->groups.v[i]) || ask->groups.v[i].p[0] == '@')
			return "a group is empty, not text, or begins with @";
	for (size_t i = 0; i < ask->allowed.n; i++)
		if (allowed_name_refused(ask->allowed.v[i]))
			return "a name that is to be allowed is malformed";
	return NULL;
}

/* What is given replaces what was there. */
static void merge(const struct ask_operation *ask, struct account *account)
{
	if (ask->hash.n)
		account->hash = ask->hash;
	if (ask->has_dns_name)
		account->dns_name = ask->dns_name;
	if (ask->has_sid)
		account->sid = ask->sid;
	if (ask->has_owner)
		account->owner = ask->owner;
	if (ask->has_groups)
		account->groups = ask->groups;
	if (ask->has_allowed)
		account->allowed = ask->allowed;
}

static void change_account(struct operation *o)
{
	static const char *const events[N_OPERATIONS] = { [OPERATION_ACCOUNT] = "account",
							  [OPERATION_PASSWORD] = "account-password",
							  [OPERATION_LOCK] = "account-locked",
							  [OPERATION_UNLOCK] = "account-unlocked" };
	const struct ask_operation *ask = o->ask;
	struct account account = { .name = ask->account };
	const char *wrong = account_refused(ask);
	if (wrong) {
		say(o, HR_INVALID_ARGUMENT, wrong);
		return;
	}
	enum store_found found = store_account(o->by->store, o->arena, ask->account, &account);
	if (found == STORE_FAILED) {
		say_broken(o);
		return;
	}
	if (ask->add ? found == STORE_FOUND : found == STORE_NONE) {
		say(o, HR_INVALID_ARGUMENT, ask->add ? "there is such an account already" : "there is no such account");
		return;
	}
	merge(ask, &account);
	if (ask->kind == OPERATION_LOCK || ask->kind == OPERATION_UNLOCK)
		account.locked = ask->kind == OPERATION_LOCK;
	account.changed = o->now;
	if (!account.hash.n || account.hash.n > HASH_MAX) {
		say(o, HR_INVALID_ARGUMENT, "the account has no password");
		return;
	}
	/* what clients see of the policy may have changed with the account's rights */
	if (!store_account_put(o->by->store, &account) || !store_set_number(o->by->store, "policy-changed", o->now)) {
		say_broken(o);
		return;
	}
	struct json *j = record(o, ask->add ? "account-added" : events[ask->kind]);
	json_put_str(j, "account", account.name);
	audit_end(o->audit);
	say(o, HR_WELL, "done");
}

void operation_run(const struct decider *by, struct audit *audit, struct arena *a, const struct operator_id *who,
		   const struct ask_operation *ask, int64_t now, struct tell_operation *ret,
		   struct operation_effects *effects)
{
	struct operation o = { by, audit, a, who, ask, now, ret, effects };
	*ret = (struct tell_operation){ 0 };
	*effects = (struct operation_effects){ 0 };
	switch ((enum operation_kind)ask->kind) {
	case OPERATION_APPROVE:
		approve(&o);
		break;
	case OPERATION_DENY:
		deny(&o);
		break;
	case OPERATION_REVOKE:
		revoke(&o);
		break;
	case OPERATION_ACCOUNT:
	case OPERATION_PASSWORD:
	case OPERATION_LOCK:
	case OPERATION_UNLOCK:
		change_account(&o);
		break;
	case OPERATION_CRL:
		effects->crl = true;
		say(&o, HR_WELL, "a new list is made");
		break;
	case N_OPERATIONS:
		say(&o, HR_INVALID_ARGUMENT, "there is no such operation");
		break;
	}
}
