/* SPDX-License-Identifier: Apache-2.0 */
/* Templates: what they say to clients, and what they must not say. */
#include "test.h"

#include "authority/duration.h"
#include "authority/template-fields.h"

/* A machine of a workgroup: a person approves its first certificate, which then renews itself. */
#define NAMED                                              \
	"name: Machine\noid: 1.3.6.1.4.1.311.21.8.1.2.3\n" \
	"usages: [digital-signature, key-encipherment]\n"
#define TIMES   "validity: 2 days\nrenewal: 8 hours\n"
#define CLIENT  "ekus: client-authentication\n"
#define RENEWAL "approval: true\nprevious-approval: true\nreuse-subject: true\nkey-based-renewal: true\n"
#define SEED    NAMED TIMES CLIENT RENEWAL "subject: supplied\nnames: dns\nmachine: true\nautoenrol: \"*\"\n"

static bool read_text(struct arena *a, const char *text, struct template *ret, struct diag *d)
{
	return template_read(a, source_of_text(a, "t.yaml", str_of(text)), ret, d);
}

static void the_machine_of_a_workgroup_has_the_flags_that_windows_expects(void **state)
{
	struct arena *a = arena_new();
	struct diag *d = diag_new(a);
	struct template t;
	assert_true(read_text(a, SEED, &t, d));
	assert_int_equal(t.validity.n, 172800);
	assert_int_equal(t.renewal.n, 28800);
	assert_int_equal(template_enrolment_flags(&t), 0x2 | 0x20 | 0x40 | 0x10000);
	assert_int_equal(template_name_flags(&t), 0x9);
	assert_int_equal(template_general_flags(&t), 0x40);
	assert_int_equal(template_key_flags(&t), 0);
	arena_free(a);
}

static void names_from_the_account_are_dns_for_machines(void **state)
{
	struct arena *a = arena_new();
	struct diag *d = diag_new(a);
	struct template t;
	assert_true(read_text(a, NAMED TIMES CLIENT "subject: account\nmachine: true\n", &t, d));
	assert_int_equal(template_name_flags(&t), 0x18000000);
	assert_true(read_text(a, NAMED TIMES CLIENT "subject: account\n", &t, d));
	assert_int_equal(template_name_flags(&t), 0x40000000);
	arena_free(a);
}

static const struct {
	const char *text, *wrong;
} refused[] = {
	{ NAMED TIMES CLIENT "subject: supplied\nnames: dns\n", "ESC1" },
	{ NAMED TIMES "ekus: smart-card-logon\nsubject: supplied\nnames: upn\n", "ESC1" },
	{ NAMED TIMES "ekus: 1.3.6.1.5.2.3.4\nsubject: supplied\n", "ESC1" },
	{ NAMED TIMES "subject: account\n", "ESC2" },
	{ NAMED TIMES "subject: account\nekus: any-purpose\n", "ESC2" },
	{ NAMED TIMES "subject: account\nekus: [client-authentication, 2.5.29.37.0]\n", "ESC2" },
	{ NAMED TIMES "subject: account\nekus: enrolment-agent\n", "ESC3" },
	{ NAMED TIMES "ekus: server-authentication\nsubject: supplied\napproval: true\n", "allow-list: true" },
	{ NAMED TIMES CLIENT "subject: account\nnames: dns\n", "names come from the account" },
	{ NAMED TIMES CLIENT "subject: supplied\napproval: true\nwildcards: true\n", "needs dns" },
	{ NAMED TIMES CLIENT "subject: supplied\napproval: true\nnames: other\n", "not a kind of name" },
	{ NAMED TIMES CLIENT "subject: account\nreuse-subject: true\n", "is for subject: supplied" },
	{ NAMED TIMES CLIENT "subject: account\nkey: p-256\n", "schema: 3" },
	{ NAMED TIMES CLIENT "subject: account\nkey: p-256\nschema: 3\nkey-bits: 2048\n", "is for RSA" },
	{ NAMED TIMES CLIENT "subject: account\nkey-bits: 1024\n", "from 2048" },
	{ NAMED CLIENT "subject: account\nvalidity: 2 days\nrenewal: 48 hours\n", "not shorter" },
	{ NAMED CLIENT "subject: account\nvalidity: two days\nrenewal: 1 hour\n", "not a time" },
	{ NAMED CLIENT "subject: account\nrenewal: 1 hour\n", "\"validity\"" },
	{ NAMED TIMES CLIENT, "\"subject\"" },
	{ NAMED TIMES "subject: account\nekus: client-authentification\n", "not an extended key usage" },
	{ NAMED TIMES CLIENT "subject: account\nenrol: \"@\"\n", "after the @" },
	{ NAMED TIMES CLIENT "subject: supplied\nprevious-approval: true\nreuse-subject: true\nallow-list: true\n"
			     "key-based-renewal: true\n",
	  "needs approval" },
	{ NAMED TIMES CLIENT "subject: supplied\napproval: true\nreuse-subject: true\nkey-based-renewal: true\n",
	  "needs previous-approval" },
	{ NAMED TIMES CLIENT "subject: supplied\napproval: true\nprevious-approval: true\nkey-based-renewal: true\n",
	  "needs reuse-subject" },
	{ NAMED TIMES "ekus: code-signing\nsubject: supplied\n" RENEWAL, "needs client-authentication" },
	{ "name: Machine\noid: 2.25.340282366920938463463374607431768211455\nusages: digital-signature\n" TIMES CLIENT
	  "subject: account\n",
	  "below 4294967296" },
	{ "name: Machine\noid: 1.2.3\nusages: key-cert-sign\n" TIMES CLIENT "subject: account\n", "not a key usage" },
	{ "name: Machine\noid: 1.2.3\n" TIMES CLIENT "subject: account\n", "needs usages" },
	{ SEED "security-extension: false\n", "no key" },
};

static void what_a_template_must_not_say_is_an_error_with_a_place(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		struct arena *a = arena_new();
		struct diag *d = diag_new(a);
		struct template t;
		bool ok = read_text(a, refused[i].text, &t, d);
		struct str text = diag_text(a, d);
		if (ok)
			fail_msg("row %zu is accepted", i);
		assert_contains(text, refused[i].wrong);
		assert_int_not_equal(diag_entry(d, 0)->at.line, 0);
		arena_free(a);
	}
}

static void the_hash_covers_everything_but_the_name_for_people(void **state)
{
	struct arena *a = arena_new();
	struct diag *d = diag_new(a);
	struct template t, same, other;
	assert_true(read_text(a, SEED, &t, d));
	assert_true(read_text(a, SEED "display: Machines of the workgroup\n", &same, d));
	assert_true(read_text(a, SEED "most-a-day: 6\n", &other, d));
	assert_true(str_eq(t.hash, same.hash));
	assert_false(str_eq(t.hash, other.hash));
	assert_true(read_text(a, SEED "enrol: [a, b]\n", &t, d));
	assert_true(read_text(a, SEED "enrol: \"a,1:b\"\n", &other, d));
	assert_false(str_eq(t.hash, other.hash));
	arena_free(a);
}

static void durations_are_read_as_they_are_written(void **state)
{
	static const uint64_t seconds[] = { 60, 3600, 7200, 86400, 172800, 604800, 365 * 86400, 90 * 60 };
	struct arena *a = arena_new();
	uint64_t back;
	for (size_t i = 0; i < ARRAY_LEN(seconds); i++) {
		assert_true(duration_read(duration_text(a, seconds[i]), &back));
		assert_int_equal(back, seconds[i]);
	}
	assert_false(duration_read(STR("0 days"), &back));
	assert_false(duration_read(STR("41 years"), &back));
	assert_false(duration_read(STR("2 days ago"), &back));
	assert_false(duration_read(STR("days"), &back));
	arena_free(a);
}

RUN_TESTS(T(the_machine_of_a_workgroup_has_the_flags_that_windows_expects),
	  T(names_from_the_account_are_dns_for_machines), T(what_a_template_must_not_say_is_an_error_with_a_place),
	  T(the_hash_covers_everything_but_the_name_for_people), T(durations_are_read_as_they_are_written))
