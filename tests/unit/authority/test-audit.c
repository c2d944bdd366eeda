/* SPDX-License-Identifier: Apache-2.0 */
/* The audit log: nothing can be changed, taken out or put in without being found. */
#include "world.h"

#include <signal.h>
#include <sys/resource.h>

#include "authority/audit.h"
#include "pki/request.h"

enum { RECORDS = 12 };

static const char *path_of(struct world *w)
{
	return arena_printf(w->a, "%s/log", w->folder);
}

static void record(struct audit *l, const char *event)
{
	json_put_text(audit_begin(l, event, 1764500000), "account", "m1");
	audit_end(l);
}

static struct audit *written(struct world *w)
{
	struct audit *l = audit_open(w->a, path_of(w), w->d);
	for (int i = 0; i < RECORDS; i++)
		record(l, "issued");
	assert_true(audit_flush(l));
	return l;
}

static struct audit_report verified(struct world *w)
{
	struct audit_report r;
	assert_true(audit_verify(w->a, path_of(w), NULL, NULL, &r, w->d));
	return r;
}

static struct str text_of(struct world *w)
{
	return source_read(w->a, path_of(w), 1 << 20, w->d)->text;
}

static void what_was_written_verifies(void **state)
{
	struct world *w = world_new();
	written(w);
	struct audit_report r = verified(w);
	assert_int_equal(r.records, RECORDS);
	assert_null(r.why);
	world_free(w);
}

static void a_log_goes_on_where_it_ended(void **state)
{
	struct world *w = world_new();
	written(w);
	written(w);
	assert_int_equal(verified(w).records, 2 * RECORDS);
	assert_null(verified(w).why);
	world_free(w);
}

static void a_byte_that_was_changed_is_found(void **state)
{
	struct world *w = world_new();
	written(w);
	struct str text = text_of(w);
	size_t last = text.n - 1;
	while (text.p[last - 1] != '\n')
		last--;
	for (size_t i = 0; i < last; i += 7) {
		char *changed = arena_memdup(w->a, text.p, text.n);
		changed[i] ^= 1;
		assert_true(authority_write(w->a, path_of(w), (struct str){ changed, text.n }, true, w->d));
		if (!verified(w).why)
			fail_msg("byte %zu was changed and not found", i);
	}
	world_free(w);
}

static void a_line_that_is_missing_is_found(void **state)
{
	struct world *w = world_new();
	written(w);
	struct str text = text_of(w);
	size_t first = str_find(text, '\n') + 1;
	assert_true(authority_write(w->a, path_of(w), str_skip(text, first), true, w->d));
	assert_int_equal(verified(w).wrong_line, 1);
	world_free(w);
}

static void a_part_of_a_line_after_a_crash_is_cut_off(void **state)
{
	struct world *w = world_new();
	written(w);
	struct str text = text_of(w), part = str_printf(w->a, "%.*s{\"record\":13,\"ti", STR_ARG(text));
	assert_true(authority_write(w->a, path_of(w), part, true, w->d));
	struct audit *l = audit_open(w->a, path_of(w), w->d);
	assert_int_equal(audit_records(l), RECORDS);
	record(l, "denied");
	assert_true(audit_flush(l));
	assert_int_equal(verified(w).records, RECORDS + 1);
	assert_null(verified(w).why);
	world_free(w);
}

static void a_flush_that_fails_drops_its_records_and_the_next_goes_on(void **state)
{
	struct world *w = world_new();
	struct audit *l = written(w);
	struct str head = str_dup(w->a, audit_head(l));
	struct rlimit before, small = { 0 };
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = (struct rlimit){ text_of(w).n + 20, before.rlim_max };
	record(l, "issued");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	bool flushed = audit_flush(l);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_false(flushed);
	assert_true(str_eq(audit_head(l), head));
	record(l, "issued");
	assert_true(audit_flush(l));
	assert_int_equal(verified(w).records, RECORDS + 1);
	assert_null(verified(w).why);
	world_free(w);
}

/* Statements */

static bool signed_by_keeper(void *ctx, const struct ask_statement *said, struct str signature)
{
	struct world *w = ctx;
	size_t n;
	struct str text = statement_text(w->a, w->config->name.s, said);
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool ok = EVP_DigestVerifyInit(md, NULL, EVP_sha256(), NULL,
				       X509_get0_pubkey(keeper_chain(w->keeper, &n)[0])) == 1 &&
		  EVP_DigestVerify(md, (const unsigned char *)signature.p, signature.n, (const unsigned char *)text.p,
				   text.n) == 1;
	EVP_MD_CTX_free(md);
	return ok;
}

static void a_statement_covers_the_records_before_it_even_some_later(void **state)
{
	struct world *w = world_new();
	struct audit *l = written(w);
	struct ask_statement ask = { .head = str_dup(w->a, audit_head(l)),
				     .records = audit_records(l),
				     .now = 1764500100 };
	const void *answer;
	struct audit_report r;
	record(l, "issued");
	assert_int_equal(keeper_answer(w->keeper, w->a, ASK_STATEMENT, &ask, &answer), TELL_SIGNED);
	struct json *j = audit_begin(l, "statement", ask.now);
	json_put_u64(j, "records", ask.records);
	json_put_str(j, "signature", base64_made(w->a, ((const struct tell_signed *)answer)->bytes));
	audit_end(l);
	assert_true(audit_flush(l));
	assert_true(audit_verify(w->a, path_of(w), signed_by_keeper, w, &r, w->d));
	assert_null(r.why);
	assert_int_equal(r.statements, 1);
	struct world *other = world_new();
	assert_true(audit_verify(w->a, path_of(w), signed_by_keeper, other, &r, w->d));
	assert_non_null(r.why);
	world_free(other);
	world_free(w);
}

RUN_TESTS(T(what_was_written_verifies), T(a_log_goes_on_where_it_ended), T(a_byte_that_was_changed_is_found),
	  T(a_line_that_is_missing_is_found), T(a_part_of_a_line_after_a_crash_is_cut_off),
	  T(a_flush_that_fails_drops_its_records_and_the_next_goes_on),
	  T(a_statement_covers_the_records_before_it_even_some_later))
