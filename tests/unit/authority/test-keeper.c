/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper, asked by a clerk that is subverted: nothing outside of its templates is signed. */
#include "world.h"

#include "pki/certificate.h"
#include "pki/cmc.h"

enum { DAY = 86400 };

static struct ask_certificate asked(struct world *w, const char *template)
{
	const struct template *t = template_named(w->templates, str_of(template));
	int64_t now = authority_now();
	return (struct ask_certificate){ .template_name = t->name.s,
					 .template_hash = t->hash,
					 .serial = new_serial(w->a),
					 .key = new_public_key(w->a, "P-256"),
					 .subject = subject_cn(w->a, "m1"),
					 .not_before = now - 300,
					 .not_after = now + (int64_t)t->validity.n };
}

static struct str refusal(struct world *w, const struct ask_certificate *ask)
{
	const void *answer;
	enum message_type type = keeper_answer(w->keeper, w->a, ASK_CERTIFICATE, ask, &answer);
	return type == CALL_FAILED ? ((const struct call_failed *)answer)->text : STR("signed");
}

static void what_is_inside_of_a_template_is_signed(void **state)
{
	struct world *w = world_new();
	struct ask_certificate ask = asked(w, "machine");
	const void *answer;
	struct certificate c;
	ask.alternatives = one_alternative(w->a, ALTERNATIVE_DNS, "m1.contoso.com");
	ask.cmc = true;
	assert_int_equal(keeper_answer(w->keeper, w->a, ASK_CERTIFICATE, &ask, &answer), TELL_CERTIFICATE);
	const struct tell_certificate *told = answer;
	assert_null(certificate_read(w->a, told->certificate, &c));
	assert_str_equal(c.template_oid, "1.3.6.1.4.1.311.21.8.1.2.3.1.1");
	assert_true(str_eq(c.serial, ask.serial));
	assert_true(str_eq(c.key, ask.key));
	assert_true(told->cmc.n > 0);
	assert_int_equal(X509_check_ca(c.x509), 0);
	world_free(w);
}

static void change_name(struct world *w, struct ask_certificate *ask)
{
	ask->template_name = STR("domain-controller");
}

static void change_hash(struct world *w, struct ask_certificate *ask)
{
	ask->template_hash = template_named(w->templates, STR("server"))->hash;
}

static void ask_for_upn(struct world *w, struct ask_certificate *ask)
{
	ask->alternatives = one_alternative(w->a, ALTERNATIVE_UPN, "administrator@contoso.com");
}

static void ask_for_unknown_kind(struct world *w, struct ask_certificate *ask)
{
	ask->alternatives = one_alternative(w->a, ALTERNATIVE_OTHER, "\x88\x01\x2a");
}

static void ask_for_wildcard(struct world *w, struct ask_certificate *ask)
{
	ask->alternatives = one_alternative(w->a, ALTERNATIVE_DNS, "*.contoso.com");
}

static void ask_for_nul(struct world *w, struct ask_certificate *ask)
{
	ask->alternatives = one_alternative(w->a, ALTERNATIVE_DNS, "web");
	ask->alternatives.v[0].value = STR("web.contoso.com\0.evil.example");
}

static void ask_for_no_name(struct world *w, struct ask_certificate *ask)
{
	ask->subject.n = 0;
}

static void ask_for_odd_attribute(struct world *w, struct ask_certificate *ask)
{
	ask->subject.v[0].oid = STR("2.5.4.72");
}

static void ask_for_longer(struct world *w, struct ask_certificate *ask)
{
	ask->not_after += 2 * DAY;
}

static void ask_for_past(struct world *w, struct ask_certificate *ask)
{
	ask->not_before -= DAY;
}

static void ask_for_future(struct world *w, struct ask_certificate *ask)
{
	ask->not_before += DAY;
}

static void ask_with_other_curve(struct world *w, struct ask_certificate *ask)
{
	ask->key = new_public_key(w->a, "P-384");
}

static void ask_with_small_curve(struct world *w, struct ask_certificate *ask)
{
	ask->key = new_public_key(w->a, "P-224");
}

static void ask_with_rsa(struct world *w, struct ask_certificate *ask)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
	ask->key = public_key(w->a, key);
	EVP_PKEY_free(key);
}

static void ask_with_own_key(struct world *w, struct ask_certificate *ask)
{
	size_t n;
	ask->key = public_key(w->a, X509_get0_pubkey(keeper_chain(w->keeper, &n)[0]));
}

static void ask_with_no_key(struct world *w, struct ask_certificate *ask)
{
	ask->key = STR("0\x03\x02\x01\x01");
}

static void ask_with_short_serial(struct world *w, struct ask_certificate *ask)
{
	ask->serial.n = 1;
}

static const struct {
	void (*change)(struct world *w, struct ask_certificate *ask);
	const char *why;
} refused[] = {
	{ change_name, "no such template" },
	{ change_hash, "not the one" },
	{ ask_for_upn, "kind" },
	{ ask_for_unknown_kind, "kind" },
	{ ask_for_wildcard, "wildcard" },
	{ ask_for_nul, "malformed DNS name" },
	{ ask_for_no_name, "neither" },
	{ ask_for_odd_attribute, "attribute" },
	{ ask_for_longer, "longer" },
	{ ask_for_past, "begin now" },
	{ ask_for_future, "begin now" },
	{ ask_with_other_curve, "curve" },
	{ ask_with_small_curve, "curve" },
	{ ask_with_rsa, "algorithm" },
	{ ask_with_own_key, "authority's own" },
	{ ask_with_no_key, "malformed" },
	{ ask_with_short_serial, "serial" },
};

static void nothing_outside_of_a_template_is_signed(void **state)
{
	struct world *w = world_new();
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		struct ask_certificate ask = asked(w, "machine");
		assert_str_equal(refusal(w, &ask), "signed");
		refused[i].change(w, &ask);
		assert_contains(refusal(w, &ask), refused[i].why);
	}
	world_free(w);
}

static void a_sid_is_only_for_certificates_that_log_on(void **state)
{
	struct world *w = world_new();
	struct ask_certificate ask = asked(w, "server");
	assert_str_equal(refusal(w, &ask), "signed");
	ask.sid = STR("S-1-5-21-1-2-3-500");
	assert_contains(refusal(w, &ask), "security identifier");
	world_free(w);
}

static void nothing_is_valid_for_longer_than_the_authority(void **state)
{
	struct world *w = world_new();
	world_write(w, "templates/server.yaml", SERVER "major-version: 101\n");
	char *text = arena_strdup(w->a, SERVER);
	memcpy(strstr(text, "30 days"), "20 year", 7);
	world_write(w, "templates/server.yaml", text);
	w->templates = templates_read(w->a, arena_printf(w->a, "%s/templates", w->folder), w->d);
	w->keeper = keeper_open(w->a, w->folder, w->config, w->d);
	struct ask_certificate ask = asked(w, "server");
	assert_contains(refusal(w, &ask), "beyond the authority");
	world_free(w);
}

static void a_cmc_answer_names_only_certificates_of_ours(void **state)
{
	struct world *w = world_new(), *other = world_new();
	struct ask_certificate ask = asked(other, "machine");
	struct ask_cmc cmc = { .status = CMC_ISSUED, .text = STR("Issued") };
	const void *answer;
	assert_int_equal(keeper_answer(other->keeper, w->a, ASK_CERTIFICATE, &ask, &answer), TELL_CERTIFICATE);
	cmc.certificate = ((const struct tell_certificate *)answer)->certificate;
	assert_int_equal(keeper_answer(other->keeper, w->a, ASK_CMC, &cmc, &answer), TELL_SIGNED);
	assert_int_equal(keeper_answer(w->keeper, w->a, ASK_CMC, &cmc, &answer), CALL_FAILED);
	world_free(other);
	world_free(w);
}

static void a_message_for_another_process_is_refused(void **state)
{
	struct world *w = world_new();
	const void *answer;
	struct ask_password ask = { .password = STR("x") };
	assert_int_equal(keeper_answer(w->keeper, w->a, ASK_PASSWORD, &ask, &answer), CALL_FAILED);
	world_free(w);
}

static void more_than_the_rate_is_refused(void **state)
{
	struct world *w = world_new();
	((struct authority_config *)(uintptr_t)w->config)->most_a_minute.n = 3;
	struct ask_certificate ask = asked(w, "machine");
	int refusals = 0;
	for (int i = 0; i < 8; i++) /* a minute may end meanwhile, once */
		refusals += str_find_text(refusal(w, &ask), STR("minute")) != SIZE_MAX;
	assert_in_range(refusals, 2, 5);
	world_free(w);
}

static void a_key_that_others_can_read_is_refused(void **state)
{
	struct world *w = world_new();
	assert_int_equal(chmod(arena_printf(w->a, "%s/ca.key", w->folder), 0640), 0);
	assert_null(keeper_open(w->a, w->folder, w->config, w->d));
	assert_contains(diag_text(w->a, w->d), "chmod 600");
	world_free(w);
}

RUN_TESTS(T(what_is_inside_of_a_template_is_signed), T(nothing_outside_of_a_template_is_signed),
	  T(a_sid_is_only_for_certificates_that_log_on), T(nothing_is_valid_for_longer_than_the_authority),
	  T(a_cmc_answer_names_only_certificates_of_ours), T(a_message_for_another_process_is_refused),
	  T(more_than_the_rate_is_refused), T(a_key_that_others_can_read_is_refused))
