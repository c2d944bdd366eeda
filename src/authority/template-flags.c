/* SPDX-License-Identifier: Apache-2.0 */
/* What follows from a template: what its certificates are for, and the flags by which Windows clients see it. */
#include "authority/template-fields.h"

bool template_has_eku(const struct template *t, const char *oid)
{
	for (size_t i = 0; i < t->n_eku_oids; i++)
		if (str_is(t->eku_oids[i], oid))
			return true;
	return false;
}

bool template_authenticates(const struct template *t)
{
	return t->n_eku_oids == 0 || template_has_eku(t, EKU_CLIENT_AUTH) ||
	       template_has_eku(t, EKU_SMART_CARD_LOGON) || template_has_eku(t, EKU_PKINIT_CLIENT) ||
	       template_has_eku(t, EKU_ANY);
}

bool template_takes(const struct template *t, uint64_t kind)
{
	for (size_t i = 0; i < t->alternatives.n; i++)
		if (str_is(t->alternatives.v[i].s, alternative_words[kind]))
			return true;
	return false;
}

uint64_t template_enrolment_flags(const struct template *t)
{
	return (t->approval.on ? 0x2 : 0) | (t->autoenrol.n ? 0x20 : 0) | (t->previous_approval.on ? 0x40 : 0) |
	       (t->ocsp_no_check.on ? 0x1000 : 0) | (t->no_revocation.on ? 0x4000 : 0) |
	       (t->basic_constraints.on ? 0x8000 : 0) | (t->key_based_renewal.on ? 0x10000 : 0);
}

uint64_t template_key_flags(const struct template *t)
{
	return (t->exportable.on ? 0x10 : 0) | (t->same_key.on ? 0x80 : 0);
}

uint64_t template_name_flags(const struct template *t)
{
	enum {
		SUPPLIED = 0x1,
		REUSED = 0x8,
		DNS_IN_NAMES = 0x08000000,
		DNS_AS_SUBJECT = 0x10000000,
		COMMON_NAME = 0x40000000
	};
	if (t->subject.n == SUBJECT_SUPPLIED)
		return SUPPLIED | (t->reuse_subject.on ? REUSED : 0);
	return t->machine.on ? DNS_IN_NAMES | DNS_AS_SUBJECT : COMMON_NAME;
}

uint64_t template_general_flags(const struct template *t)
{
	enum { MACHINE_TYPE = 0x40 };
	return t->machine.on ? MACHINE_TYPE : 0;
}
