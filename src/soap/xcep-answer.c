/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GetPoliciesResponse (MS-XCEP 3.1.4.1.2): every element of a sequence in its order, nil ones too.  Windows
 * refuses an answer where one is missing or misplaced.
 */
#include <openssl/x509v3.h>

#include "base/vec.h"
#include "pki/extension.h"
#include "pki/request.h"
#include "soap/xcep.h"

/* Groups of OIDs (MS-XCEP 3.1.4.1.3.16). */
enum { GROUP_HASH = 1, GROUP_KEY = 3, GROUP_EXTENSION = 6, GROUP_TEMPLATE = 9 };

struct oid {
	struct str value, name;
	unsigned group;
};

/* OIDs of one message, numbered in the order of their first use. */
struct oids {
	struct arena *arena;
	VEC(struct oid) list;
};

static size_t number_of(struct oids *t, struct str value, unsigned group, struct str name)
{
	for (size_t i = 0; i < t->list.n; i++)
		if (str_eq(t->list.v[i].value, value) && t->list.v[i].group == group)
			return i;
	*VEC_ADD(t->arena, &t->list) = (struct oid){ value, name, group };
	return t->list.n - 1;
}

static void put_extension(struct out *o, struct oids *oids, const char *oid, const char *name, bool critical,
			  struct str der)
{
	out_text(o, "<extension>");
	soap_put_number(o, "oIDReference", number_of(oids, str_of(oid), GROUP_EXTENSION, str_of(name)));
	soap_put_flag(o, "critical", critical);
	soap_put(o, "value", base64_made(oids->arena, der));
	out_text(o, "</extension>");
}

static void put_extensions(struct out *o, struct oids *oids, const struct template_view *t)
{
	struct arena *a = oids->arena;
	out_text(o, "<extensions>");
	if (t->schema >= 2)
		put_extension(o, oids, "1.3.6.1.4.1.311.21.7", "Certificate Template Information", false,
			      extension_template(a, t->oid, t->major, t->minor));
	else
		put_extension(o, oids, "1.3.6.1.4.1.311.20.2", "Certificate Template Name", false,
			      extension_template_name(a, t->name));
	if (t->ekus.n > 0)
		put_extension(o, oids, "2.5.29.37", "Enhanced Key Usage", false,
			      extension_ekus(a, t->ekus.v, t->ekus.n));
	if (t->usages)
		put_extension(o, oids, "2.5.29.15", "Key Usage", true, extension_usages(a, t->usages));
	if (t->ekus.n > 0 && t->schema >= 2)
		put_extension(o, oids, "1.3.6.1.4.1.311.21.10", "Application Policies", false,
			      extension_application_policies(a, t->ekus.v, t->ekus.n));
	out_text(o, "</extensions>");
}

static void put_key(struct out *o, struct oids *oids, const struct template_view *t)
{
	out_text(o, "<privateKeyAttributes>");
	soap_put_number(o, "minimalKeyLength", t->key_bits);
	if (t->key_spec)
		soap_put_number(o, "keySpec", t->key_spec);
	else
		soap_put(o, "keySpec", NO_STR);
	soap_put(o, "keyUsageProperty", NO_STR);
	soap_put(o, "permissions", NO_STR);
	if (t->key_algorithm.n > 0)
		soap_put_number(o, "algorithmOIDReference",
				number_of(oids, t->key_algorithm, GROUP_KEY, STR("Public key algorithm")));
	else
		soap_put(o, "algorithmOIDReference", NO_STR);
	if (t->providers.n > 0) {
		out_text(o, "<cryptoProviders>");
		for (size_t i = 0; i < t->providers.n; i++)
			soap_put(o, "provider", t->providers.v[i]);
		out_text(o, "</cryptoProviders>");
	} else {
		soap_put(o, "cryptoProviders", NO_STR);
	}
	out_text(o, "</privateKeyAttributes>");
}

static void put_attributes(struct out *o, struct oids *oids, const struct template_view *t)
{
	out_text(o, "<attributes>");
	soap_put(o, "commonName", t->name);
	soap_put_number(o, "policySchema", t->schema);
	out_text(o, "<certificateValidity>");
	soap_put_number(o, "validityPeriodSeconds", t->validity);
	soap_put_number(o, "renewalPeriodSeconds", t->renewal);
	out_text(o, "</certificateValidity><permission>");
	soap_put_flag(o, "enroll", t->enrol);
	soap_put_flag(o, "autoEnroll", t->autoenrol);
	out_text(o, "</permission>");
	put_key(o, oids, t);
	out_text(o, "<revision>");
	soap_put_number(o, "majorRevision", t->major);
	soap_put_number(o, "minorRevision", t->minor);
	out_text(o, "</revision>");
	soap_put(o, "supersededPolicies", NO_STR);
	soap_put_number(o, "privateKeyFlags", t->key_flags);
	soap_put_number(o, "subjectNameFlags", t->name_flags);
	soap_put_number(o, "enrollmentFlags", t->enrolment_flags);
	soap_put_number(o, "generalFlags", t->general_flags);
	/* nil for schema 1 and 2 (MS-XCEP 3.1.4.1.3.1) */
	if (t->schema >= 3)
		soap_put_number(o, "hashAlgorithmOIDReference",
				number_of(oids, STR("2.16.840.1.101.3.4.2.1"), GROUP_HASH, STR("sha256")));
	else
		soap_put(o, "hashAlgorithmOIDReference", NO_STR);
	soap_put(o, "rARequirements", NO_STR);
	soap_put(o, "keyArchivalAttributes", NO_STR);
	put_extensions(o, oids, t);
	out_text(o, "</attributes>");
}

static void put_authority(struct arena *a, struct out *o, const struct policy_view *p, struct str certificate,
			  size_t id)
{
	out_text(o, "<cA><uris>");
	for (size_t i = 0; i < p->uris.n; i++) {
		const struct enrolment_uri *u = &p->uris.v[i];
		out_text(o, "<cAURI>");
		soap_put_number(o, "clientAuthentication", u->authentication);
		soap_put(o, "uri", u->uri);
		soap_put_number(o, "priority", u->priority);
		soap_put_flag(o, "renewalOnly", u->renewal_only);
		out_text(o, "</cAURI>");
	}
	out_text(o, "</uris>");
	soap_put(o, "certificate", base64_made(a, certificate));
	/* nobody enrols with a key that was replaced */
	soap_put_flag(o, "enrollPermission", p->enrol && id == 0);
	soap_put_number(o, "cAReferenceID", id);
	out_text(o, "</cA>");
}

static void put_authorities(struct arena *a, struct out *o, const struct policy_view *p)
{
	out_text(o, "<cAs>");
	put_authority(a, o, p, p->authority, 0);
	for (size_t i = 0; i < p->former.n; i++)
		put_authority(a, o, p, p->former.v[i], i + 1);
	out_text(o, "</cAs>");
}

static void put_oids(struct out *o, const struct oids *oids)
{
	out_text(o, "<oIDs>");
	for (size_t i = 0; i < oids->list.n; i++) {
		out_text(o, "<oID>");
		soap_put(o, "value", oids->list.v[i].value);
		soap_put_number(o, "group", oids->list.v[i].group);
		soap_put_number(o, "oIDReferenceID", i);
		soap_put(o, "defaultName", oids->list.v[i].name);
		out_text(o, "</oID>");
	}
	out_text(o, "</oIDs>");
}

static void put_policies(struct out *o, struct oids *oids, const struct policy_view *p)
{
	out_text(o, "<policies>");
	for (size_t i = 0; i < p->templates.n; i++) {
		const struct template_view *t = &p->templates.v[i];
		out_text(o, "<policy>");
		soap_put_number(o, "policyOIDReference", number_of(oids, t->oid, GROUP_TEMPLATE, t->display));
		out_text(o, "<cAs><cAReference>0</cAReference></cAs>");
		put_attributes(o, oids, t);
		out_text(o, "</policy>");
	}
	out_text(o, "</policies>");
}

void xcep_write_answer(struct arena *a, struct out *o, const struct policy_view *p, struct str relates_to)
{
	struct oids oids = { .arena = a };
	soap_begin_answer(o, ACTION_GET_POLICIES_RESPONSE, relates_to);
	out_text(o, "<GetPoliciesResponse xmlns=\"" NS_XCEP "\"><response>");
	soap_put(o, "policyID", p->id);
	soap_put(o, "policyFriendlyName", p->friendly_name);
	soap_put_number(o, "nextUpdateHours", p->next_update_hours);
	if (p->unchanged) {
		soap_put_flag(o, "policiesNotChanged", true);
		soap_put(o, "policies", NO_STR);
		out_text(o, "</response>");
		soap_put(o, "cAs", NO_STR);
		soap_put(o, "oIDs", NO_STR);
	} else {
		soap_put(o, "policiesNotChanged", NO_STR);
		put_policies(o, &oids, p);
		out_text(o, "</response>");
		put_authorities(a, o, p);
		put_oids(o, &oids);
	}
	out_text(o, "</GetPoliciesResponse>");
	soap_end(o);
}
