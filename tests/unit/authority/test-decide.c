/* SPDX-License-Identifier: Apache-2.0 */
/* Decisions: what is issued, what waits, and each refusal with the code that an administrator will look up. */
#include "world.h"

#include "authority/decide.h"
#include "pki/certificate.h"

enum { HOUR = 3600, DAY = 86400 };

struct scene {
	struct world *w;
	struct arena *a;
	struct store *store;
	struct decider by;
	struct asker who;
	struct ask_enrol ask;
	int64_t now;
	struct decision got;
};

static struct strs_field strs(struct arena *a, const char *one)
{
	struct strs_field list = { ARENA_ARRAY(a, struct str, 1), 0 };
	if (one)
		list.v[list.n++] = str_of(one);
	return list;
}

static struct hints hint_named(struct arena *a, const char *name)
{
	struct hint *h = ARENA_NEW(a, struct hint);
	*h = (struct hint){ .name = str_of(name) };
	return (struct hints){ h, 1 };
}

/* A machine of the group, with its own key, that asks by password for a first certificate. */
static struct scene scene_new(void)
{
	struct world *w = world_new();
	struct arena *a = w->a;
	struct scene s = { .w = w, .a = a, .now = authority_now() };
	s.store = store_open(a, arena_printf(a, "%s/state/authority.db", w->folder), false, w->d);
	s.by = (struct decider){ w->config, w->templates, s.store, s.now + 3650 * (int64_t)DAY };
	s.who.account = (struct account){ .name = STR("m1"), .hash = STR("!"), .groups = strs(a, "machines") };
	s.ask = (struct ask_enrol){ .protocol = STR("ces"),
				    .key = new_public_key(a, "P-256"),
				    .subject = subject_cn(a, "m1.contoso.com"),
				    .alternatives = one_alternative(a, ALTERNATIVE_DNS, "m1.contoso.com"),
				    .hints = hint_named(a, "machine") };
	assert_true(store_begin(s.store) && store_account_put(s.store, &s.who.account) && store_commit(s.store));
	return s;
}

static void scene_free(struct scene *s)
{
	world_free(s->w);
}

static void run(struct scene *s)
{
	decide(&s->by, s->a, &s->who, &s->ask, s->now, &s->got);
}

static void assert_refused(struct scene *s, enum hresult code, const char *reason)
{
	run(s);
	if (s->got.outcome != ENROL_REFUSED)
		fail_msg("not refused: %s", s->got.reason);
	assert_contains(str_of(s->got.reason), reason);
	assert_int_equal(s->got.code, code);
}

static void assert_outcome(struct scene *s, enum enrol_outcome outcome)
{
	run(s);
	if (s->got.outcome != outcome)
		fail_msg("%s", s->got.reason);
}

/* What the decision says, signed and stored; and the same machine that comes back with it when it is time to renew. */
static struct certificate_row issue(struct scene *s)
{
	const void *answer;
	struct certificate_row *row = &s->who.tls;
	s->got.ask.serial = new_serial(s->a);
	assert_int_equal(keeper_answer(s->w->keeper, s->a, ASK_CERTIFICATE, &s->got.ask, &answer), TELL_CERTIFICATE);
	*row = (struct certificate_row){ .serial = s->got.ask.serial,
					 .der = ((const struct tell_certificate *)answer)->certificate,
					 .account = s->got.account,
					 .template_name = s->got.t->name.s,
					 .template_oid = s->got.t->oid.s,
					 .lineage = s->got.lineage.n ? s->got.lineage : s->got.ask.serial,
					 .not_before = s->got.ask.not_before,
					 .not_after = s->got.ask.not_after,
					 .made = s->now };
	assert_true(store_begin(s->store) &&
		    store_certificate_add(s->store, row, sha256_hex(s->a, row->der), sha256_hex(s->a, s->ask.key), 1) &&
		    store_commit(s->store));
	return *row;
}

static void come_back(struct scene *s)
{
	assert_outcome(s, ENROL_PENDING);
	issue(s);
	s->who.by_certificate = true;
	s->now = s->who.tls.not_after - 4 * HOUR;
	s->ask.renewal_only = true;
	s->ask.way = WAY_CERTIFICATE;
	s->ask.key = new_public_key(s->a, "P-256");
}

/* First certificates */

static void a_first_request_waits_for_approval(void **state)
{
	struct scene s = scene_new();
	assert_outcome(&s, ENROL_PENDING);
	assert_false(s.got.renewal);
	assert_str_equal(s.got.account, "m1");
	assert_int_equal(s.got.ask.not_after, s.now + 2 * DAY);
	scene_free(&s);
}

static void who_has_no_right_is_refused(void **state)
{
	struct scene s = scene_new();
	s.who.account.groups.n = 0;
	assert_refused(&s, HR_TEMPLATE_DENIED, "may not enrol");
	s.who.account.groups = strs(s.a, "MACHINES");
	assert_outcome(&s, ENROL_PENDING);
	s.who.account.locked = true;
	assert_refused(&s, HR_ACCESS_DENIED, "locked");
	scene_free(&s);
}

static void every_way_to_name_a_template_has_to_name_the_same(void **state)
{
	struct scene s = scene_new();
	struct hint *h = ARENA_ARRAY(s.a, struct hint, 2);
	s.ask.hints = (struct hints){ h, 0 };
	assert_refused(&s, HR_NO_TEMPLATE, "no template");
	h[0] = (struct hint){ .name = STR("machine") };
	h[1] = (struct hint){ .oid = STR("1.3.6.1.4.1.311.21.8.1.2.3.1.2") };
	s.ask.hints.n = 2;
	assert_refused(&s, HR_TEMPLATE_CONFLICT, "several");
	h[1].oid = STR("1.3.6.1.4.1.311.21.8.1.2.3.1.1");
	assert_outcome(&s, ENROL_PENDING);
	h[1].has_version = true;
	h[1].major = 100;
	h[1].minor = 1;
	assert_refused(&s, HR_BAD_TEMPLATE_VERSION, "later version");
	h[1] = (struct hint){ .name = STR("DomainController") };
	assert_refused(&s, HR_UNSUPPORTED_TEMPLATE, "no such template");
	scene_free(&s);
}

static void a_key_that_is_weak_or_known_is_refused(void **state)
{
	struct scene s = scene_new();
	struct str key = s.ask.key;
	s.ask.sha1 = true;
	assert_refused(&s, HR_BAD_SIGNATURE, "SHA-1");
	s.ask.sha1 = false;
	s.ask.key = new_public_key(s.a, "P-384");
	assert_refused(&s, HR_KEY_LENGTH, "curve");
	s.ask.key = key;
	assert_outcome(&s, ENROL_PENDING);
	issue(&s);
	s.who.account.name = STR("m2");
	assert_refused(&s, HR_INVALID_ARGUMENT, "another account");
	s.who.account.name = STR("m1");
	assert_true(store_begin(s.store) && store_certificate_revoke(s.store, s.who.tls.serial, s.now, 1) &&
		    store_commit(s.store));
	assert_refused(&s, HR_REVOKED, "compromise");
	scene_free(&s);
}

static void names_come_from_the_account_where_the_template_says_so(void **state)
{
	struct scene s = scene_new();
	s.ask.hints = hint_named(s.a, "computer");
	assert_refused(&s, HR_DNS_REQUIRED, "no DNS name");
	s.who.account.dns_name = STR("m1.contoso.com");
	s.ask.subject = subject_cn(s.a, "administrator");
	s.ask.alternatives = one_alternative(s.a, ALTERNATIVE_UPN, "administrator@contoso.com");
	assert_outcome(&s, ENROL_ISSUED);
	assert_str_equal(s.got.ask.subject.v[0].value, "m1.contoso.com");
	assert_int_equal(s.got.ask.alternatives.n, 1);
	assert_str_equal(s.got.ask.alternatives.v[0].value, "m1.contoso.com");
	scene_free(&s);
}

static void a_template_with_a_list_takes_only_names_of_the_list(void **state)
{
	static const struct {
		const char *entry, *name;
		enum alternative_kind kind;
		bool ok;
	} rows[] = {
		{ "web1.contoso.com", "web1.contoso.com", ALTERNATIVE_DNS, true },
		{ "web1.contoso.com", "WEB1.Contoso.COM", ALTERNATIVE_DNS, true },
		{ "web1.contoso.com", "web2.contoso.com", ALTERNATIVE_DNS, false },
		{ "web1.contoso.com", "a.web1.contoso.com", ALTERNATIVE_DNS, false },
		{ ".contoso.com", "a.b.contoso.com", ALTERNATIVE_DNS, true },
		{ ".contoso.com", "contoso.com", ALTERNATIVE_DNS, false },
		{ ".contoso.com", "evilcontoso.com", ALTERNATIVE_DNS, false },
		{ ".contoso.com", "contoso.com.evil.example", ALTERNATIVE_DNS, false },
		{ NULL, "web1.contoso.com", ALTERNATIVE_DNS, false },
		{ "ip:10.0.0.1", "\x0a\x00\x00\x01", ALTERNATIVE_IP, true },
		{ "ip:10.0.0.1", "\x0a\x00\x00\x02", ALTERNATIVE_IP, false },
		{ "10.0.0.1", "\x0a\x00\x00\x01", ALTERNATIVE_IP, false },
	};
	struct scene s = scene_new();
	s.who.account.name = STR("web");
	s.ask.hints = hint_named(s.a, "server");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct alternative *name = ARENA_NEW(s.a, struct alternative);
		bool ip = rows[i].kind == ALTERNATIVE_IP;
		*name = (struct alternative){ rows[i].kind, { rows[i].name, ip ? 4 : strlen(rows[i].name) } };
		s.ask.subject.n = 0;
		s.ask.alternatives = (struct alternatives){ name, 1 };
		s.who.account.allowed = strs(s.a, rows[i].entry);
		run(&s);
		if ((s.got.outcome == ENROL_ISSUED) != rows[i].ok)
			fail_msg("row %zu: %s", i, s.got.reason);
		if (ip)
			continue;
		/* a common name is a name of the host too */
		s.ask.subject = subject_cn(s.a, rows[i].name);
		s.ask.alternatives.n = 0;
		run(&s);
		if ((s.got.outcome == ENROL_ISSUED) != rows[i].ok)
			fail_msg("row %zu as a subject: %s", i, s.got.reason);
	}
	scene_free(&s);
}

static void a_list_holds_even_where_an_operator_approves(void **state)
{
	struct scene s = scene_new();
	s.who.account.allowed = strs(s.a, "m2.contoso.com");
	assert_refused(&s, HR_BAD_REQUEST_SUBJECT, "may not have");
	s.who.account.allowed = strs(s.a, "m1.contoso.com");
	assert_outcome(&s, ENROL_PENDING);
	scene_free(&s);
}

static void a_request_without_a_subject_is_refused(void **state)
{
	struct scene s = scene_new();
	s.ask.subject.n = s.ask.alternatives.n = 0;
	assert_refused(&s, HR_BAD_REQUEST_SUBJECT, "no subject");
	s.ask.alternatives = one_alternative(s.a, ALTERNATIVE_UPN, "administrator@contoso.com");
	assert_refused(&s, HR_BAD_REQUEST_SUBJECT, "kind");
	scene_free(&s);
}

static void a_client_in_a_loop_gets_so_many_a_day(void **state)
{
	struct scene s = scene_new();
	struct request_row row = { .state = REQUEST_PENDING, .account = STR("m1"), .template_name = STR("machine") };
	for (int i = 0; i < 5; i++) {
		assert_outcome(&s, ENROL_PENDING);
		row.made = s.now;
		assert_true(store_begin(s.store) && store_request_add(s.store, &row) && store_commit(s.store));
	}
	assert_refused(&s, HR_ACCESS_DENIED, "in a day");
	s.now += DAY + 1;
	assert_outcome(&s, ENROL_PENDING);
	scene_free(&s);
}

/* Renewals */

static void a_renewal_by_the_old_certificate_is_issued_with_its_names(void **state)
{
	struct scene s = scene_new();
	come_back(&s);
	s.who.account.groups.n = 0; /* holding the key is enough */
	assert_outcome(&s, ENROL_ISSUED);
	assert_true(s.got.renewal);
	assert_true(str_eq(s.got.lineage, s.who.tls.serial));
	s.ask.subject.n = s.ask.alternatives.n = 0; /* a bare request: TLS proves the old one */
	assert_outcome(&s, ENROL_ISSUED);
	assert_str_equal(s.got.ask.subject.v[0].value, "m1.contoso.com");
	assert_str_equal(s.got.ask.alternatives.v[0].value, "m1.contoso.com");
	scene_free(&s);
}

static void a_renewal_may_change_neither_subject_nor_names(void **state)
{
	struct scene s = scene_new();
	come_back(&s);
	struct subject_parts subject = s.ask.subject;
	s.ask.subject = subject_cn(s.a, "dc1.contoso.com");
	assert_refused(&s, HR_BAD_RENEWAL_SUBJECT, "subject differs");
	s.ask.subject = subject;
	s.ask.alternatives = one_alternative(s.a, ALTERNATIVE_DNS, "dc1.contoso.com");
	assert_refused(&s, HR_BAD_RENEWAL_SUBJECT, "names differ");
	scene_free(&s);
}

static void a_renewal_waits_until_its_time_and_ends_with_the_certificate(void **state)
{
	struct scene s = scene_new();
	come_back(&s);
	s.now = s.who.tls.not_after - 8 * HOUR - 1;
	assert_refused(&s, HR_BAD_REQUEST_STATUS, "too early");
	s.now++;
	assert_outcome(&s, ENROL_ISSUED);
	s.now = s.who.tls.not_after - 1;
	assert_outcome(&s, ENROL_ISSUED);
	s.now++;
	assert_refused(&s, HR_EXPIRED, "expired");
	scene_free(&s);
}

static void a_revoked_certificate_or_a_locked_account_does_not_renew(void **state)
{
	struct scene s = scene_new();
	come_back(&s);
	s.who.account.locked = true;
	assert_refused(&s, HR_ACCESS_DENIED, "locked");
	s.who.account.locked = false;
	s.who.tls.revoked = s.now;
	assert_refused(&s, HR_REVOKED, "revoked");
	scene_free(&s);
}

static void only_renewals_of_templates_that_are_set_for_it_are_taken_there(void **state)
{
	struct scene s = scene_new();
	come_back(&s);
	s.ask.hints = hint_named(s.a, "computer");
	assert_refused(&s, HR_TEMPLATE_CONFLICT, "only renewals");
	s.who.by_certificate = false;
	s.ask.hints = hint_named(s.a, "machine");
	assert_refused(&s, HR_ACCESS_DENIED, "only renewals");
	/* a certificate of a template without key-based renewal */
	s.ask.renewal_only = false;
	s.who.account.dns_name = STR("m1.contoso.com");
	s.ask.hints = hint_named(s.a, "computer");
	assert_outcome(&s, ENROL_ISSUED);
	s.now = authority_now();
	run(&s);
	issue(&s);
	s.now = s.who.tls.not_after - HOUR;
	s.who.by_certificate = s.ask.renewal_only = true;
	assert_refused(&s, HR_TEMPLATE_DENIED, "not for key-based renewal");
	scene_free(&s);
}

static void a_signed_renewal_names_a_certificate_of_the_store_and_of_the_connection(void **state)
{
	struct scene s = scene_new();
	come_back(&s);
	struct certificate_row own = s.who.tls;
	s.ask.renewed = own.der;
	assert_refused(&s, HR_BAD_RENEWAL_CERTIFICATE, "did not sign");
	s.ask.renewed_signed = true;
	assert_outcome(&s, ENROL_ISSUED);
	s.ask.subject.n = 0; /* the signed form repeats its subject */
	assert_refused(&s, HR_BAD_RENEWAL_SUBJECT, "subject differs");
	s.ask.subject = subject_cn(s.a, "m1.contoso.com");
	s.ask.renewed = s.w->keeper ? certificate_der(s.a, keeper_chain(s.w->keeper, &(size_t){ 0 })[0]) : NO_STR;
	assert_refused(&s, HR_BAD_RENEWAL_CERTIFICATE, "not one of ours");
	s.ask.renewed = own.der;
	s.who.tls.serial = new_serial(s.a);
	assert_refused(&s, HR_BAD_RENEWAL_CERTIFICATE, "of the connection");
	scene_free(&s);
}

static void a_renewal_on_behalf_of_another_account_is_refused(void **state)
{
	struct scene s = scene_new();
	come_back(&s);
	s.ask.renewed = s.who.tls.der;
	s.ask.renewed_signed = true;
	s.ask.renewal_only = s.who.by_certificate = false;
	assert_outcome(&s, ENROL_ISSUED);
	s.who.account.name = STR("m2");
	assert_refused(&s, HR_ACCESS_DENIED, "another account");
	scene_free(&s);
}

static void a_look_alike_of_another_root_is_not_ours(void **state)
{
	struct scene s = scene_new(), other = scene_new();
	come_back(&s);
	struct certificate read;
	assert_null(certificate_read(s.a, s.who.tls.der, &read));
	/* the other authority signs the same serial, subject, names and template */
	assert_outcome(&other, ENROL_PENDING);
	other.got.ask.serial = read.serial;
	other.got.ask.subject = read.subject;
	other.got.ask.alternatives = read.alternatives;
	const void *answer;
	assert_int_equal(keeper_answer(other.w->keeper, other.a, ASK_CERTIFICATE, &other.got.ask, &answer),
			 TELL_CERTIFICATE);
	s.ask.renewed = ((const struct tell_certificate *)answer)->certificate;
	s.ask.renewed_signed = true;
	s.who.by_certificate = false;
	assert_refused(&s, HR_BAD_RENEWAL_CERTIFICATE, "not one of ours");
	scene_free(&other);
	scene_free(&s);
}

static void the_text_for_the_client_is_not_the_reason(void **state)
{
	struct scene s = scene_new();
	s.who.account.allowed = strs(s.a, "m2.contoso.com");
	assert_refused(&s, HR_BAD_REQUEST_SUBJECT, "may not have");
	assert_int_equal(str_find_text(refusal_text(s.got.code), str_of(s.got.reason)), SIZE_MAX);
	scene_free(&s);
}

RUN_TESTS(T(a_first_request_waits_for_approval), T(who_has_no_right_is_refused),
	  T(every_way_to_name_a_template_has_to_name_the_same), T(a_key_that_is_weak_or_known_is_refused),
	  T(names_come_from_the_account_where_the_template_says_so),
	  T(a_template_with_a_list_takes_only_names_of_the_list), T(a_list_holds_even_where_an_operator_approves),
	  T(a_request_without_a_subject_is_refused), T(a_client_in_a_loop_gets_so_many_a_day),
	  T(a_renewal_by_the_old_certificate_is_issued_with_its_names),
	  T(a_renewal_may_change_neither_subject_nor_names),
	  T(a_renewal_waits_until_its_time_and_ends_with_the_certificate),
	  T(a_revoked_certificate_or_a_locked_account_does_not_renew),
	  T(only_renewals_of_templates_that_are_set_for_it_are_taken_there),
	  T(a_signed_renewal_names_a_certificate_of_the_store_and_of_the_connection),
	  T(a_renewal_on_behalf_of_another_account_is_refused), T(a_look_alike_of_another_root_is_not_ours),
	  T(the_text_for_the_client_is_not_the_reason))
