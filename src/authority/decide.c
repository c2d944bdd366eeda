/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/decide.h"

#include "authority/naming.h"
#include "authority/template-fields.h"
#include "pki/certificate.h"
#include "pki/key.h"

enum { DAY = 86400 };

/* What is known of one request while it is decided. */
struct deciding {
	const struct decider *by;
	struct arena *arena;
	const struct asker *who;
	const struct ask_enrol *asked;
	int64_t now;
	bool has_old, signed_by_old;
	struct certificate_row old; /* the certificate that may be renewed */
	struct certificate old_read;
	struct decision *ret;
};

static bool refuse(struct deciding *d, enum hresult code, const char *reason)
{
	d->ret->outcome = ENROL_REFUSED;
	d->ret->code = code;
	d->ret->reason = reason;
	return false;
}

static bool broken(struct deciding *d)
{
	d->ret->outcome = ENROL_BROKEN;
	d->ret->code = store_disk_full(d->by->store) ? HR_DISK_FULL : HR_BUSY;
	d->ret->reason = "the store failed";
	return false;
}

struct str refusal_text(enum hresult code)
{
	static const struct {
		enum hresult code;
		const char *text;
	} texts[] = {
		{ HR_ACCESS_DENIED, "The request is not allowed here." },
		{ HR_INVALID_ARGUMENT, "The request cannot be accepted." },
		{ HR_BAD_SIGNATURE, "The signature of the request is not accepted." },
		{ HR_REVOKED, "The certificate is revoked." },
		{ HR_EXPIRED, "The certificate has expired." },
		{ HR_BAD_REQUEST_SUBJECT, "The subject or a name of the request is missing or not allowed." },
		{ HR_NO_REQUEST, "There is no such request." },
		{ HR_BAD_REQUEST_STATUS, "It is too early to renew the certificate." },
		{ HR_BAD_RENEWAL_CERTIFICATE, "The certificate that is to be renewed is not accepted." },
		{ HR_TEMPLATE_DENIED, "The account may not enrol for this template." },
		{ HR_DENIED_BY_MANAGER, "An operator denied the request." },
		{ HR_UNSUPPORTED_TEMPLATE, "The template is not offered by this authority." },
		{ HR_NO_TEMPLATE, "The request names no template." },
		{ HR_TEMPLATE_CONFLICT, "The request names several templates, or not that of the certificate." },
		{ HR_BAD_RENEWAL_SUBJECT, "Subject and names of a renewal are those of the old certificate." },
		{ HR_BAD_TEMPLATE_VERSION, "The request is for a later version of the template." },
		{ HR_DNS_REQUIRED, "The account has no DNS name." },
		{ HR_KEY_LENGTH, "The key is not one that the template takes." },
		{ HR_RENEWAL_BAD_KEY, "The template requires that a renewal keeps its key." },
		{ HR_BUSY, "The authority is busy; try again." },
		{ HR_DISK_FULL, "The authority cannot store the request; try again later." },
	};
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (texts[i].code == code)
			return str_of(texts[i].text);
	return STR("The request was refused.");
}

bool account_in(const struct account *account, const struct names *list)
{
	for (size_t i = 0; i < list->n; i++) {
		struct str who = list->v[i].s;
		if (str_is(who, "*") || str_ieq(who, account->name))
			return true;
		if (!str_starts(who, "@"))
			continue;
		for (size_t j = 0; j < account->groups.n; j++)
			if (str_ieq(str_skip(who, 1), account->groups.v[j]))
				return true;
	}
	return false;
}

/* The certificate that is renewed: the one that the request names and whose key signed it, or that of TLS */

static bool find_named(struct deciding *d)
{
	if (!d->asked->renewed_signed)
		return refuse(d, HR_BAD_RENEWAL_CERTIFICATE, "the old certificate's key did not sign the request");
	enum store_found found =
		store_certificate_by_hash(d->by->store, d->arena, sha256_hex(d->arena, d->asked->renewed), &d->old);
	if (found == STORE_FAILED)
		return broken(d);
	if (found == STORE_NONE || !str_eq(d->old.der, d->asked->renewed))
		return refuse(d, HR_BAD_RENEWAL_CERTIFICATE, "the old certificate is not one of ours");
	if (d->who->by_certificate && !str_eq(d->old.serial, d->who->tls.serial))
		return refuse(d, HR_BAD_RENEWAL_CERTIFICATE, "the old certificate is not that of the connection");
	d->signed_by_old = true;
	return true;
}

static bool find_old(struct deciding *d)
{
	if (d->asked->renewed.n) {
		if (!find_named(d))
			return false;
	} else if (d->who->by_certificate) {
		d->old = d->who->tls;
	} else {
		return true;
	}
	d->has_old = true;
	if (certificate_read(d->arena, d->old.der, &d->old_read))
		return refuse(d, HR_BAD_RENEWAL_CERTIFICATE, "the old certificate cannot be read");
	return true;
}

static bool old_is_valid(struct deciding *d)
{
	if (d->old.revoked)
		return refuse(d, HR_REVOKED, "the old certificate is revoked");
	if (d->now >= d->old.not_after)
		return refuse(d, HR_EXPIRED, "the old certificate has expired");
	if (d->now < d->old.not_before - BACKDATED)
		return refuse(d, HR_EXPIRED, "the old certificate is not valid yet");
	return true;
}

/* Which template: every way in which the request names one says the same */

static bool find_template(struct deciding *d)
{
	const struct templates *all = d->by->templates;
	const struct template *t = NULL;
	for (size_t i = 0; i < d->asked->hints.n; i++) {
		const struct hint *h = &d->asked->hints.v[i];
		const struct template *by_name = h->name.n ? template_named(all, h->name) : NULL,
				      *by_oid = h->oid.n ? template_by_oid(all, h->oid) : NULL;
		if ((h->name.n && !by_name) || (h->oid.n && !by_oid))
			return refuse(d, HR_UNSUPPORTED_TEMPLATE, "there is no such template");
		const struct template *named = by_name ? by_name : by_oid;
		if ((by_name && by_oid && by_name != by_oid) || (t && named && named != t))
			return refuse(d, HR_TEMPLATE_CONFLICT, "the request names several templates");
		t = named ? named : t;
		if (t && h->has_version && (h->major > t->major.n || (h->major == t->major.n && h->minor > t->minor.n)))
			return refuse(d, HR_BAD_TEMPLATE_VERSION, "the request is for a later version of the template");
	}
	if (!t && d->has_old)
		t = template_named(all, d->old.template_name);
	if (!t)
		return refuse(d, d->has_old ? HR_UNSUPPORTED_TEMPLATE : HR_NO_TEMPLATE,
			      "the request names no template");
	d->ret->t = t;
	return true;
}

/* A renewal has the template of the old certificate, by its object identifier; of schema 1 by its name. */
static bool is_renewal(const struct deciding *d)
{
	const struct template *t = d->ret->t;
	return d->has_old &&
	       (t->schema.n == 1 ? str_ieq(d->old.template_name, t->name.s) : str_eq(d->old.template_oid, t->oid.s));
}

/* Who may */

static bool check_rights(struct deciding *d)
{
	const struct template *t = d->ret->t;
	const struct account *account = &d->who->account;
	if (!account->name.n || account->locked)
		return refuse(d, HR_ACCESS_DENIED, "the account is locked, or was removed");
	if (d->has_old && !str_ieq(d->old.account, account->name))
		return refuse(d, HR_ACCESS_DENIED, "the old certificate belongs to another account");
	if ((d->asked->renewal || d->asked->renewal_only) && !d->ret->renewal)
		return refuse(d, d->has_old ? HR_TEMPLATE_CONFLICT : HR_ACCESS_DENIED, "only renewals are taken here");
	bool by_key = d->ret->renewal && t->key_based_renewal.on;
	if (d->asked->renewal_only && !by_key)
		return refuse(d, HR_TEMPLATE_DENIED, "the template is not for key-based renewal");
	if (!by_key && !account_in(account, &t->enrol))
		return refuse(d, HR_TEMPLATE_DENIED, "the account may not enrol for the template");
	return true;
}

static bool check_key(struct deciding *d)
{
	const struct template *t = d->ret->t;
	if (d->asked->sha1 && !t->sha1_requests.on)
		return refuse(d, HR_BAD_SIGNATURE,
			      "the request is signed with SHA-1, which the template does not take");
	EVP_PKEY *key = key_of(d->asked->key);
	const char *wrong = key ? key_refused(t, key) : "a malformed key";
	EVP_PKEY_free(key);
	if (wrong)
		return refuse(d, HR_KEY_LENGTH, wrong);
	if (d->ret->renewal && t->same_key.on && !str_eq(d->asked->key, d->old_read.key))
		return refuse(d, HR_RENEWAL_BAD_KEY, "the template requires the old key");
	switch (store_key_history(d->by->store, sha256_hex(d->arena, d->asked->key), d->who->account.name)) {
	case KEY_UNKNOWN:
		return true;
	case KEY_OF_ANOTHER:
		return refuse(d, HR_INVALID_ARGUMENT, "the key is in a certificate of another account");
	case KEY_COMPROMISED:
		return refuse(d, HR_REVOKED, "a certificate of the key was revoked for its compromise");
	case KEY_HISTORY_FAILED:
		break;
	}
	return broken(d);
}

/* Names */

static bool dns_allowed(const struct account *account, struct str name)
{
	if (account->dns_name.n && str_ieq(name, account->dns_name))
		return true;
	for (size_t i = 0; i < account->allowed.n; i++) {
		struct str entry = account->allowed.v[i];
		/* a suffix allows what is below it, and a wildcard only below a suffix */
		if (str_starts(entry, ".") ? dns_name_below(name, str_skip(entry, 1)) && name.n >= entry.n
					   : str_ieq(name, entry))
			return true;
	}
	return false;
}

static bool text_allowed(const struct account *account, struct str text)
{
	for (size_t i = 0; i < account->allowed.n; i++)
		if (str_ieq(account->allowed.v[i], text))
			return true;
	return false;
}

static bool common_name_allowed(struct arena *a, const struct account *account, struct str name)
{
	return str_ieq(name, account->name) || dns_allowed(account, name) ||
	       text_allowed(account, str_printf(a, "cn:%.*s", STR_ARG(name)));
}

/*
 * With a list, every name has to be in it; so do the parts of the subject by which others know a host or a person.  Without one, a
 * template that an operator approves leaves the judgement to that person.
 */
static bool check_allowed(struct deciding *d, const struct subject_parts *subject, const struct alternatives *names)
{
	static const char plain[] = "2.5.4.6 2.5.4.7 2.5.4.8 2.5.4.9 2.5.4.10 2.5.4.11"; /* C, L, ST, street, O, OU */
	const struct account *account = &d->who->account;
	if (!d->ret->t->allow_list.on && !account->allowed.n && d->ret->t->approval.on)
		return true;
	for (size_t i = 0; i < subject->n; i++) {
		struct str oid = subject->v[i].oid, value = subject->v[i].value;
		if (str_is(oid, "2.5.4.3") ? !common_name_allowed(d->arena, account, value)
					   : !str_is_one_of(oid, plain))
			return refuse(d, HR_BAD_REQUEST_SUBJECT, "the account may not have this subject");
	}
	for (size_t i = 0; i < names->n; i++)
		if (names->v[i].kind == ALTERNATIVE_DNS
			    ? !dns_allowed(account, names->v[i].value)
			    : !text_allowed(account, alternative_text(d->arena, &names->v[i])))
			return refuse(d, HR_BAD_REQUEST_SUBJECT, "the account may not have this name");
	return true;
}

static bool names_of_renewal(struct deciding *d, struct ask_certificate *ask)
{
	const struct ask_enrol *asked = d->asked;
	bool bare = !d->signed_by_old; /* TLS proved the old certificate: the request may leave its names out */
	if (!(bare && asked->subject.n == 0) && !subject_eq(&asked->subject, &d->old_read.subject))
		return refuse(d, HR_BAD_RENEWAL_SUBJECT, "the subject differs from the old certificate's");
	if (asked->alternatives.n && !alternatives_eq(&asked->alternatives, &d->old_read.alternatives))
		return refuse(d, HR_BAD_RENEWAL_SUBJECT, "the names differ from the old certificate's");
	ask->subject = d->old_read.subject;
	ask->alternatives = d->old_read.alternatives;
	return true;
}

/* Whatever the request says. */
static bool names_of_account(struct deciding *d, struct ask_certificate *ask)
{
	const struct account *account = &d->who->account;
	struct subject_part *part = ARENA_NEW(d->arena, struct subject_part);
	*part = (struct subject_part){ STR("2.5.4.3"), account->name };
	ask->subject = (struct subject_parts){ part, 1 };
	if (!d->ret->t->machine.on)
		return true;
	if (!account->dns_name.n)
		return refuse(d, HR_DNS_REQUIRED, "the account has no DNS name");
	part->value = account->dns_name;
	struct alternative *name = ARENA_NEW(d->arena, struct alternative);
	*name = (struct alternative){ ALTERNATIVE_DNS, account->dns_name };
	ask->alternatives = (struct alternatives){ name, 1 };
	return true;
}

static bool names_of_request(struct deciding *d, struct ask_certificate *ask)
{
	if (!d->asked->subject.n && !d->asked->alternatives.n)
		return refuse(d, HR_BAD_REQUEST_SUBJECT, "the request has no subject");
	ask->subject = d->asked->subject;
	ask->alternatives = d->asked->alternatives;
	return check_allowed(d, &ask->subject, &ask->alternatives);
}

static bool find_names(struct deciding *d, struct ask_certificate *ask)
{
	const struct template *t = d->ret->t;
	bool found = t->subject.n == SUBJECT_ACCOUNT ? names_of_account(d, ask)
		     : d->ret->renewal               ? names_of_renewal(d, ask)
						     : names_of_request(d, ask);
	if (!found)
		return false;
	const char *wrong = names_refused(t, &ask->subject, &ask->alternatives);
	return !wrong || refuse(d, HR_BAD_REQUEST_SUBJECT, wrong);
}

/* When, and how many */

static bool check_limits(struct deciding *d)
{
	const struct template *t = d->ret->t;
	if (d->ret->renewal && d->now < d->old.not_after - (int64_t)t->renewal.n)
		return refuse(d, HR_BAD_REQUEST_STATUS, "it is too early to renew");
	size_t n = d->ret->renewal ? store_count_of_lineage(d->by->store, d->old.lineage, d->now - DAY, t->most_a_day.n)
				   : store_count_of_account(d->by->store, d->who->account.name, t->name.s, d->now - DAY,
							    t->most_a_day.n);
	if (n == SIZE_MAX)
		return broken(d);
	if (n >= t->most_a_day.n)
		return refuse(d, HR_ACCESS_DENIED, "more certificates in a day than the template allows");
	return true;
}

static bool decide_all(struct deciding *d)
{
	struct decision *ret = d->ret;
	struct ask_certificate *ask = &ret->ask;
	if (!find_old(d) || !find_template(d))
		return false;
	ret->renewal = is_renewal(d);
	if (ret->renewal && !old_is_valid(d))
		return false;
	if (!check_rights(d) || !check_key(d) || !find_names(d, ask) || !check_limits(d))
		return false;
	const struct template *t = ret->t;
	ask->template_name = t->name.s;
	ask->template_hash = t->hash;
	ask->key = d->asked->key;
	ask->not_before = d->now - BACKDATED;
	ask->not_after = MIN(d->now + (int64_t)t->validity.n, d->by->authority_ends);
	ask->cmc = d->asked->cmc;
	if (template_authenticates(t))
		ask->sid = d->who->account.sid;
	ret->account = d->who->account.name;
	if (ret->renewal)
		ret->lineage = d->old.lineage;
	/* an approval covers the renewals only where the template says so */
	bool waits = t->approval.on && !(ret->renewal && t->previous_approval.on);
	ret->outcome = waits ? ENROL_PENDING : ENROL_ISSUED;
	ret->code = HR_WELL;
	ret->reason = waits ? "an operator decides" : ret->renewal ? "renewal" : "allowed";
	return true;
}

void decide(const struct decider *by, struct arena *a, const struct asker *who, const struct ask_enrol *asked,
	    int64_t now, struct decision *ret)
{
	struct deciding d = { .by = by, .arena = a, .who = who, .asked = asked, .now = now, .ret = ret };
	*ret = (struct decision){ .outcome = ENROL_REFUSED };
	decide_all(&d);
}
