/* SPDX-License-Identifier: Apache-2.0 */
/* GetPoliciesResponse as a client reads it. */
#include "base/vec.h"
#include "pki/request.h"
#include "soap/xcep.h"

enum { AUTHORITY_MAX = 16 << 10 };

static struct str text_of(const struct xml *node, const char *name)
{
	return xml_text(xml_child(node, NS_XCEP, name));
}

static uint64_t number_of(const struct xml *node, const char *name)
{
	uint64_t n = 0;
	return str_to_u64(text_of(node, name), INT64_MAX, &n) ? n : 0;
}

static bool flag_of(const struct xml *node, const char *name)
{
	return str_is(text_of(node, name), "true") || str_is(text_of(node, name), "1");
}

/* The OID of a number in this message. */
static struct str oid_of(const struct xml *body, struct str reference)
{
	const struct xml *node = xml_child(xml_child(body, NS_XCEP, "oIDs"), NS_XCEP, "oID");
	for (; node; node = xml_next(node, NS_XCEP, "oID"))
		if (reference.n > 0 && str_eq(text_of(node, "oIDReferenceID"), reference))
			return text_of(node, "value");
	return STR("");
}

static struct template_view read_template(const struct xml *body, const struct xml *policy)
{
	const struct xml *t = xml_child(policy, NS_XCEP, "attributes"),
			 *validity = xml_child(t, NS_XCEP, "certificateValidity"),
			 *permission = xml_child(t, NS_XCEP, "permission"),
			 *key = xml_child(t, NS_XCEP, "privateKeyAttributes"),
			 *revision = xml_child(t, NS_XCEP, "revision");
	return (struct template_view){
		.name = text_of(t, "commonName"),
		.display = text_of(t, "commonName"),
		.oid = oid_of(body, text_of(policy, "policyOIDReference")),
		.schema = number_of(t, "policySchema"),
		.validity = number_of(validity, "validityPeriodSeconds"),
		.renewal = number_of(validity, "renewalPeriodSeconds"),
		.enrol = flag_of(permission, "enroll"),
		.autoenrol = flag_of(permission, "autoEnroll"),
		.key_bits = number_of(key, "minimalKeyLength"),
		.key_spec = number_of(key, "keySpec"),
		.key_algorithm = oid_of(body, text_of(key, "algorithmOIDReference")),
		.major = number_of(revision, "majorRevision"),
		.minor = number_of(revision, "minorRevision"),
		.key_flags = number_of(t, "privateKeyFlags"),
		.name_flags = number_of(t, "subjectNameFlags"),
		.enrolment_flags = number_of(t, "enrollmentFlags"),
		.general_flags = number_of(t, "generalFlags"),
	};
}

static const char *read_authority(struct arena *a, const struct xml *body, struct policy_view *ret)
{
	const struct xml *authority = xml_child(xml_child(body, NS_XCEP, "cAs"), NS_XCEP, "cA"),
			 *node = xml_child(xml_child(authority, NS_XCEP, "uris"), NS_XCEP, "cAURI");
	VEC(struct enrolment_uri) uris = { 0 };
	for (; node; node = xml_next(node, NS_XCEP, "cAURI")) {
		if (uris.n == XCEP_URIS_MAX)
			return "too many addresses";
		*VEC_ADD(a, &uris) = (struct enrolment_uri){
			.authentication = number_of(node, "clientAuthentication"),
			.priority = number_of(node, "priority"),
			.renewal_only = flag_of(node, "renewalOnly"),
			.uri = text_of(node, "uri"),
		};
	}
	ret->uris = (struct enrolment_uris){ uris.v, uris.n };
	ret->enrol = flag_of(authority, "enrollPermission");
	if (!base64_read(a, text_of(authority, "certificate"), AUTHORITY_MAX, &ret->authority))
		return "an authority whose certificate is not base64";
	return NULL;
}

const char *xcep_read_answer(struct arena *a, const struct xml *body, struct policy_view *ret)
{
	*ret = (struct policy_view){ 0 };
	if (!xml_is(body, NS_XCEP, "GetPoliciesResponse"))
		return "not a GetPoliciesResponse";
	const struct xml *response = xml_child(body, NS_XCEP, "response"),
			 *policy = xml_child(xml_child(response, NS_XCEP, "policies"), NS_XCEP, "policy");
	VEC(struct template_view) templates = { 0 };
	ret->id = text_of(response, "policyID");
	ret->friendly_name = text_of(response, "policyFriendlyName");
	ret->next_update_hours = number_of(response, "nextUpdateHours");
	ret->unchanged = flag_of(response, "policiesNotChanged");
	for (; policy; policy = xml_next(policy, NS_XCEP, "policy")) {
		if (templates.n == XCEP_TEMPLATES_MAX)
			return "too many templates";
		*VEC_ADD(a, &templates) = read_template(body, policy);
	}
	ret->templates = (struct template_views){ templates.v, templates.n };
	return read_authority(a, body, ret);
}
