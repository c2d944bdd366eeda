/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a template must not say.  The classes ESC1 to ESC16 are weaknesses of AD CS that its administrators know by these numbers;
 * those that are not here cannot be written: there is no key for a security extension left out (ESC9, ESC16), for policies
 * of a request (ESC13), or for names from request attributes (ESC6).
 */
#include "authority/template-fields.h"

static void check_names(const struct template *t, struct diag *d)
{
	bool supplied = t->subject.n == SUBJECT_SUPPLIED;
	if (supplied && template_authenticates(t) && !t->approval.on && !t->allow_list.on) {
		diag_error(d, t->subject.at,
			   "who enrols may name anybody, the certificate authenticates, and nobody approves it (ESC1)");
		diag_note(d, NOWHERE, "add approval: true, or allow-list: true, or subject: account");
	}
	if (supplied && template_has_eku(t, EKU_SERVER_AUTH) && !t->allow_list.on) {
		diag_error(d, t->subject.at,
			   "who enrols may name any server; a template for servers needs allow-list: true");
		diag_note(d, NOWHERE, "\"portolan ca user\" sets the names that an account may use");
	}
	if (!supplied && (t->alternatives.n || t->wildcards.on || t->allow_list.on))
		diag_error(d,
			   t->alternatives.n ? t->alternatives.at
			   : t->wildcards.on ? t->wildcards.at
					     : t->allow_list.at,
			   "names come from the account; names:, wildcards: and allow-list: are for subject: supplied");
	if (t->wildcards.on && !template_takes(t, ALTERNATIVE_DNS))
		diag_error(d, t->wildcards.at, "wildcards: needs dns in names:");
}

static void check_usages(const struct template *t, struct diag *d)
{
	if (!t->n_eku_oids)
		diag_error(d, t->ekus.at.line ? t->ekus.at : t->at,
			   "a certificate without extended key usages serves any purpose (ESC2)");
	for (size_t i = 0; i < t->n_eku_oids; i++) {
		if (str_is(t->eku_oids[i], EKU_ANY))
			diag_error(d, t->ekus.v[i].at, "the certificate would serve any purpose (ESC2)");
		if (str_is(t->eku_oids[i], EKU_ENROLMENT_AGENT) && !t->approval.on)
			diag_error(d, t->ekus.v[i].at,
				   "an enrolment agent signs for others; its template needs approval: true (ESC3)");
	}
	if (!t->usage_bits)
		diag_error(d, t->usages.at.line ? t->usages.at : t->at,
			   "a template needs usages:, such as digital-signature");
}

static void check_key(const struct template *t, struct diag *d)
{
	if (!template_oid_ok(t->oid.s))
		diag_error(d, t->oid.at,
			   "\"%.*s\" is not an object identifier whose arcs are below 4294967296; Windows would drop "
			   "the templates that follow",
			   STR_ARG(t->oid.s));
	if (t->key.n == KEY_RSA)
		return;
	if (t->key_bits.at.line)
		diag_error(d, t->key_bits.at, "key-bits: is for RSA keys");
	if (t->key_spec.n)
		diag_error(d, t->key_spec.at, "an elliptic key has no key-spec: in a key storage provider");
	if (t->schema.n < 3)
		diag_error(d, t->schema.at.line ? t->schema.at : t->key.at, "elliptic keys need schema: 3 or 4");
}

static void check_renewal(const struct template *t, struct diag *d)
{
	static const struct {
		size_t offset;
		const char *why;
	} needed[] = {
		{ offsetof(struct template, previous_approval),
		  "needs previous-approval: true, because nobody approves a renewal" },
		{ offsetof(struct template, approval),
		  "needs approval: true: who holds the first certificate renews it for ever" },
		{ offsetof(struct template, reuse_subject),
		  "needs reuse-subject: true, because there is no account to take names from" },
	};
	if (t->renewal.n >= t->validity.n)
		diag_error(d, t->renewal.at, "the time to renew is not shorter than the validity");
	if (!t->key_based_renewal.on) {
		if (t->reuse_subject.on && t->subject.n != SUBJECT_SUPPLIED)
			diag_error(d, t->reuse_subject.at, "reuse-subject: is for subject: supplied");
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(needed); i++)
		if (!((const struct flag *)((const char *)t + needed[i].offset))->on)
			diag_error(d, t->key_based_renewal.at, "key-based-renewal: %s", needed[i].why);
	if (t->subject.n != SUBJECT_SUPPLIED)
		diag_error(d, t->key_based_renewal.at, "key-based-renewal: needs subject: supplied");
	if (!template_has_eku(t, EKU_CLIENT_AUTH))
		diag_error(d, t->key_based_renewal.at,
			   "key-based-renewal: needs client-authentication in ekus:, because the old certificate "
			   "authenticates the client");
	if (!(t->usage_bits & KU_DIGITAL_SIGNATURE))
		diag_error(d, t->key_based_renewal.at, "key-based-renewal: needs digital-signature in usages:");
}

static void check_rights(const struct names *list, struct diag *d)
{
	for (size_t i = 0; i < list->n; i++) {
		struct str who = list->v[i].s;
		struct str name = str_starts(who, "@") ? str_skip(who, 1) : who;
		if (!str_is(who, "*") && !str_is_visible(name))
			diag_error(d, list->v[i].at, "\"%.*s\" is not an account or a @group", STR_ARG(who));
		if (str_starts(who, "@") && !name.n)
			diag_error(d, list->v[i].at, "a group needs a name after the @");
	}
}

void template_lint(const struct template *t, struct diag *d)
{
	check_names(t, d);
	check_usages(t, d);
	check_key(t, d);
	check_renewal(t, d);
	check_rights(&t->read, d);
	check_rights(&t->enrol, d);
	check_rights(&t->autoenrol, d);
}
