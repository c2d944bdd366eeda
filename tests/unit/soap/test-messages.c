/* SPDX-License-Identifier: Apache-2.0 */
#include "enrolment.h"
#include "pki/request.h"
#include "soap/wstep.h"
#include "soap/xcep.h"

static struct soap_request envelope(struct arena *a, const char *name)
{
	struct soap_request r;
	struct soap_fault fault;
	if (!soap_read_request(a, enrolment_file(a, name), &r, &fault))
		fail_msg("%s: %.*s", name, STR_ARG(fault.text));
	return r;
}

static void captured_policy_requests_are_read(void **state)
{
	static const char *const names[] = { "01-cepces-getpolicies-username.xml",
					     "04-cepces-getpolicies-client-certificate.xml",
					     "10-cepces-created-in-local-time.xml",
					     "30-windows-shaped-getpolicies.xml" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct arena *a = arena_new();
		struct soap_request r = envelope(a, names[i]);
		struct xcep_request policy;
		struct soap_fault fault;
		assert_str_equal(r.action, ACTION_GET_POLICIES);
		assert_true(xcep_read_request(a, r.body, &policy, &fault));
		assert_int_equal(r.has_token, i != 1);
		if (r.has_token) {
			assert_str_equal(r.username, "alice@example.test");
			assert_str_equal(r.password, "Correct-Horse-9");
		}
		assert_true(r.message_id.n > 0);
		assert_int_equal(policy.has_last_update, i == 3);
		arena_free(a);
	}
}

static struct cert_request certificate_request(struct arena *a, const char *name, enum hresult code)
{
	struct soap_request r = envelope(a, name);
	struct soap_fault fault;
	struct wstep_request token;
	struct request_fault why = { 0 };
	struct cert_request request;
	struct str der;
	assert_str_equal(r.action, ACTION_RST);
	if (!wstep_read_request(a, r.body, r.action, &token, &fault))
		fail_msg("%s: %.*s", name, STR_ARG(fault.text));
	assert_int_equal(token.kind, WSTEP_ISSUE);
	assert_true(base64_read(a, token.token, REQUEST_BYTES_MAX, &der));
	if (!request_read(a, der, &request, &why) && why.code != code)
		fail_msg("%s: %s", name, why.text);
	assert_int_equal(why.code, code);
	return request;
}

static void captured_and_shaped_requests_say_the_same(void **state)
{
	static const struct {
		const char *name;
		bool by_oid, renewed;
	} rows[] = {
		{ "02-cepces-issue-username.xml", false, false },
		{ "06-certmonger-issue-username.xml", false, false },
		{ "31-windows-shaped-issue-pkcs10-labelled-pkcs7.xml", true, false },
		{ "32-windows-shaped-issue-cmc.xml", true, false },
		{ "36-windows-shaped-issue-cmc-null-signed.xml", true, false },
		{ "33-windows-shaped-renew-pkcs7.xml", true, true },
		{ "34-windows-shaped-renew-cmc.xml", true, true },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct arena *a = arena_new();
		struct cert_request r = certificate_request(a, rows[i].name, HR_WELL);
		assert_str_equal(r.key_algorithm, "rsa");
		assert_int_equal(r.key_bits, 2048);
		if (r.n_hints != 1)
			fail_msg("%s names %zu templates", rows[i].name, r.n_hints);
		if (rows[i].by_oid) {
			assert_str_equal(r.hints[0].oid, "1.3.6.1.4.1.311.21.8.1.2.3.4.5.1");
			assert_int_equal(r.hints[0].major, 100);
			assert_int_equal(r.hints[0].minor, 3);
		} else {
			assert_true(r.hints[0].name.n > 0);
		}
		assert_int_equal(r.renewed_signed, rows[i].renewed);
		assert_int_equal(r.renewed.n > 0, rows[i].renewed);
		arena_free(a);
	}
}

static void names_of_a_request_are_fields(void **state)
{
	struct arena *a = arena_new();
	struct cert_request r = certificate_request(a, "32-windows-shaped-issue-cmc.xml", HR_WELL);
	assert_str_equal(subject_text(a, &r.subject), "CN=host1.example.test");
	assert_int_equal(r.alternatives.n, 1);
	assert_str_equal(alternative_text(a, &r.alternatives.v[0]), "dns:host1.example.test");
	arena_free(a);
}

static void an_empty_body_is_a_fault_that_names_its_message(void **state)
{
	struct arena *a = arena_new();
	struct soap_request r;
	struct soap_fault fault;
	assert_false(soap_read_request(a, enrolment_file(a, "09-cepces-broken-head-empty-body.xml"), &r, &fault));
	assert_contains(fault.text, "body");
	assert_true(r.message_id.n > 0);
	arena_free(a);
}

static void status_queries_are_read_with_and_without_a_token(void **state)
{
	static const char *const names[] = { "03-cepces-query-status-username.xml",
					     "35-windows-shaped-query-status.xml" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct arena *a = arena_new();
		struct soap_request r = envelope(a, names[i]);
		struct soap_fault fault;
		struct wstep_request token;
		assert_true(wstep_read_request(a, r.body, r.action, &token, &fault));
		assert_int_equal(token.kind, WSTEP_QUERY);
		assert_true(token.request_id > 0);
		arena_free(a);
	}
}

static void answers_are_read_by_the_client(void **state)
{
	struct arena *a = arena_new();
	struct soap_fault fault;
	bool is_fault;
	const char *why = NULL;
	struct policy_view policy;
	struct wstep_answer answer;
	struct xml *node = soap_read_answer(a, enrolment_file(a, "20-policies.xml"), &fault, &is_fault, &why);
	assert_null(xcep_read_answer(a, node, &policy));
	assert_int_equal(policy.templates.n, 1);
	assert_str_equal(policy.templates.v[0].name, "KBRMachine");
	assert_str_equal(policy.templates.v[0].oid, "1.3.6.1.4.1.311.21.8.1.2.3.4.5.1");
	assert_int_equal(policy.templates.v[0].enrolment_flags, 0x2 | 0x20 | 0x40 | 0x10000);
	assert_int_equal(policy.uris.n, 2);
	assert_true(policy.uris.v[1].renewal_only);

	node = soap_read_answer(a, enrolment_file(a, "24-issued.xml"), &fault, &is_fault, &why);
	assert_null(wstep_read_answer(a, node, &answer));
	assert_true(answer.issued);
	assert_int_equal(answer.request_id, 61);
	assert_true(answer.cmc.n > 0 && answer.leaf.n > 0);

	node = soap_read_answer(a, enrolment_file(a, "26-pending.xml"), &fault, &is_fault, &why);
	assert_null(wstep_read_answer(a, node, &answer));
	assert_false(answer.issued);
	assert_int_equal(answer.request_id, 62);
	assert_true(str_ends(answer.poll, "TEST-CA_CES_UsernamePassword/service.svc/CES"));

	node = soap_read_answer(a, enrolment_file(a, "28-denied.fault.xml"), &fault, &is_fault, &why);
	assert_non_null(node);
	assert_true(is_fault && fault.detail && fault.invalid_request);
	assert_int_equal(fault.hresult, HR_DENIED_BY_MANAGER);
	assert_int_equal(fault.request_id, 62);
	arena_free(a);
}

static struct str written(struct arena *a, struct out *o)
{
	struct str s = str_dup(a, out_view(o));
	out_free(o);
	return s;
}

/* What the server writes, the client reads as the same. */
static void a_policy_survives_writing_and_reading(void **state)
{
	struct arena *a = arena_new();
	struct template_view t = {
		.name = STR("Machine<&>"),
		.display = STR("Machine \"x\""),
		.oid = STR("1.3.6.1.4.1.311.21.8.5.6"),
		.schema = 2,
		.major = 100,
		.minor = 7,
		.validity = 172800,
		.renewal = 28800,
		.enrol = true,
		.key_bits = 2048,
		.key_spec = 1,
		.enrolment_flags = 0x10042,
		.name_flags = 9,
		.general_flags = 0x40,
	};
	struct enrolment_uri u = { AUTHENTICATION_CERTIFICATE, 1, true, STR("https://a/b?c&d") };
	struct policy_view p = { .id = STR("{1}"),
				 .friendly_name = STR("n"),
				 .next_update_hours = 8,
				 .authority = STR("\x30\x01"),
				 .enrol = true,
				 .templates = { &t, 1 },
				 .uris = { &u, 1 } };
	struct out o = out_memory(1 << 20);
	xcep_write_answer(a, &o, &p, STR("urn:uuid:1"));
	struct soap_fault fault;
	bool is_fault;
	const char *why = NULL;
	struct policy_view back;
	struct xml *node = soap_read_answer(a, written(a, &o), &fault, &is_fault, &why);
	assert_non_null(node);
	assert_null(xcep_read_answer(a, node, &back));
	assert_str_equal(back.id, "{1}");
	assert_str_equal(back.templates.v[0].name, "Machine<&>");
	assert_str_equal(back.templates.v[0].oid, "1.3.6.1.4.1.311.21.8.5.6");
	assert_int_equal(back.templates.v[0].enrolment_flags, 0x10042);
	assert_int_equal(back.templates.v[0].renewal, 28800);
	assert_str_equal(back.uris.v[0].uri, "https://a/b?c&d");
	assert_true(back.uris.v[0].renewal_only);
	arena_free(a);
}

/* MS-XCEP's sequence: the order of the elements of a template, nil ones present. */
static void every_element_of_a_template_is_written_in_its_order(void **state)
{
	static const char *const order[] = {
		"commonName",         "policySchema",          "certificateValidity",
		"permission",         "privateKeyAttributes",  "revision",
		"supersededPolicies", "privateKeyFlags",       "subjectNameFlags",
		"enrollmentFlags",    "generalFlags",          "hashAlgorithmOIDReference",
		"rARequirements",     "keyArchivalAttributes", "extensions",
	};
	struct arena *a = arena_new();
	struct template_view t = { .name = STR("T"), .oid = STR("1.2.3"), .schema = 2, .display = STR("T") };
	struct policy_view p = { .id = STR("{1}"), .templates = { &t, 1 } };
	struct out o = out_memory(1 << 20);
	xcep_write_answer(a, &o, &p, NO_STR);
	const char *why = NULL;
	struct xml *node = xml_read(a, written(a, &o), &why);
	const struct xml *body = xml_child(xml_child(node, NS_SOAP, "Body"), NS_XCEP, "GetPoliciesResponse"),
			 *policy = xml_child(xml_child(xml_child(body, NS_XCEP, "response"), NS_XCEP, "policies"),
					     NS_XCEP, "policy"),
			 *at = xml_child(policy, NS_XCEP, "attributes")->first;
	for (size_t i = 0; i < ARRAY_LEN(order); i++, at = at->next) {
		assert_non_null(at);
		assert_string_equal(at->name, order[i]);
	}
	assert_null(at);
	arena_free(a);
}

static void tokens_count_only_where_they_belong(void **state)
{
	static const char
		head[] = "<s:Envelope xmlns:s='" NS_SOAP "' xmlns:a='" NS_WSA "' xmlns:o='" NS_WSSE
			 "'><s:Header><a:Action>x</a:Action>",
		token[] = "<o:UsernameToken><o:Username>u</o:Username><o:Password>p</o:Password></o:UsernameToken>",
		tail[] = "</s:Header><s:Body><x/></s:Body></s:Envelope>";
	struct arena *a = arena_new();
	struct soap_request r;
	struct soap_fault fault;
	/* in its place */
	assert_true(
		soap_read_request(a, str_printf(a, "%s<o:Security>%s</o:Security>%s", head, token, tail), &r, &fault));
	assert_true(r.has_token);
	/* inside of something else */
	assert_true(soap_read_request(a, str_printf(a, "%s<o:Security><w>%s</w></o:Security>%s", head, token, tail), &r,
				      &fault));
	assert_false(r.has_token);
	assert_true(soap_read_request(a, str_printf(a, "%s%s%s", head, token, tail), &r, &fault));
	assert_false(r.has_token);
	/* twice */
	assert_false(soap_read_request(a, str_printf(a, "%s<o:Security>%s%s</o:Security>%s", head, token, token, tail),
				       &r, &fault));
	assert_false(soap_read_request(
		a, str_printf(a, "%s<o:Security>%s</o:Security><o:Security/>%s", head, token, tail), &r, &fault));
	arena_free(a);
}

static void documents_with_a_type_are_refused(void **state)
{
	static const char *const texts[] = {
		"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>",
		"<!DOCTYPE x SYSTEM 'file:///etc/passwd'><x/>",
		"<?xml version='1.0'?><?php node?><node/>",
		"<node>&unknown;</node>",
		"<node/><y/>",
		"",
	};
	struct arena *a = arena_new();
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		const char *why = NULL;
		assert_null(xml_read(a, str_of(texts[i]), &why));
		assert_non_null(why);
	}
	arena_free(a);
}

static void deep_and_wide_documents_are_refused(void **state)
{
	struct arena *a = arena_new();
	struct out deep = out_memory(1 << 20), wide = out_memory(1 << 20);
	const char *why = NULL;
	for (int i = 0; i <= XML_DEPTH_MAX; i++)
		out_text(&deep, "<node>");
	assert_null(xml_read(a, written(a, &deep), &why));
	assert_string_equal(why, "elements too deep");
	out_text(&wide, "<node>");
	for (int i = 0; i <= XML_ELEMENTS_MAX; i++)
		out_text(&wide, "<y/>");
	out_text(&wide, "</node>");
	assert_null(xml_read(a, written(a, &wide), &why));
	assert_string_equal(why, "too many elements");
	arena_free(a);
}

static void times_without_a_zone_are_utc(void **state)
{
	int64_t t;
	assert_true(soap_time(STR("2026-11-20T23:25:00.000Z"), &t));
	assert_int_equal(t, 1795217100);
	assert_true(soap_time(STR("2026-11-20T23:25:00"), &t));
	assert_int_equal(t, 1795217100);
	assert_true(soap_time(STR("2026-11-21T00:25:00+01:00"), &t));
	assert_int_equal(t, 1795217100);
	assert_true(soap_time(STR("0001-01-01T00:00:00"), &t));
	assert_true(t < 0);
	assert_false(soap_time(STR("2026-13-20T23:25:00Z"), &t));
	assert_false(soap_time(STR("yesterday"), &t));
}

RUN_TESTS(T(captured_policy_requests_are_read), T(captured_and_shaped_requests_say_the_same),
	  T(names_of_a_request_are_fields), T(an_empty_body_is_a_fault_that_names_its_message),
	  T(status_queries_are_read_with_and_without_a_token), T(answers_are_read_by_the_client),
	  T(a_policy_survives_writing_and_reading), T(every_element_of_a_template_is_written_in_its_order),
	  T(tokens_count_only_where_they_belong), T(documents_with_a_type_are_refused),
	  T(deep_and_wide_documents_are_refused), T(times_without_a_zone_are_utc))
