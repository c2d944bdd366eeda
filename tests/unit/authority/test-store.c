/* SPDX-License-Identifier: Apache-2.0 */
/* The store: what is committed is there, what is not is not, and numbers do not repeat. */
#include "world.h"

#include <sqlite3.h>

#include "authority/store.h"

enum { NOW = 1764500000 };

static struct store *open_store(struct world *w)
{
	struct store *s = store_open(w->a, arena_printf(w->a, "%s/state/authority.db", w->folder), false, w->d);
	if (!s)
		fail_msg("%.*s", STR_ARG(diag_text(w->a, w->d)));
	return s;
}

static struct certificate_row certificate(struct world *w, const char *account)
{
	struct str serial = new_serial(w->a);
	return (struct certificate_row){ .serial = serial,
					 .der = str_printf(w->a, "certificate %.*s", STR_ARG(serial)),
					 .account = str_of(account),
					 .template_name = STR("machine"),
					 .template_oid = STR("1.2.3"),
					 .lineage = serial,
					 .not_before = NOW,
					 .not_after = NOW + 1000,
					 .made = NOW };
}

static bool add(struct world *w, struct store *s, const struct certificate_row *c, const char *key)
{
	return store_certificate_add(s, c, str_printf(w->a, "hash of %.*s", STR_ARG(c->der)), str_of(key), 1);
}

static void what_is_committed_is_read_by_another_and_what_is_rolled_back_by_nobody(void **state)
{
	struct world *w = world_new();
	struct store *s = open_store(w), *other = open_store(w);
	struct certificate_row c = certificate(w, "m1"), gone = certificate(w, "m1"), got;
	assert_true(store_begin(s) && add(w, s, &c, "k1"));
	assert_int_equal(store_certificate(other, w->a, c.serial, &got), STORE_NONE);
	assert_true(store_commit(s));
	assert_int_equal(store_certificate(other, w->a, c.serial, &got), STORE_FOUND);
	assert_true(str_eq(got.der, c.der) && str_eq(got.lineage, c.lineage) && got.not_after == c.not_after);
	assert_true(store_begin(s) && add(w, s, &gone, "k2"));
	store_rollback(s);
	assert_int_equal(store_certificate(s, w->a, gone.serial, &got), STORE_NONE);
	world_free(w);
}

static void a_serial_number_is_there_once(void **state)
{
	struct world *w = world_new();
	struct store *s = open_store(w);
	struct certificate_row c = certificate(w, "m1"), again = certificate(w, "m2");
	again.serial = c.serial;
	assert_true(store_begin(s) && add(w, s, &c, "k1"));
	assert_false(add(w, s, &again, "k2"));
	assert_true(store_commit(s));
	world_free(w);
}

static void an_account_is_found_in_any_case_and_keeps_its_lists(void **state)
{
	struct world *w = world_new();
	struct store *s = open_store(w);
	struct str groups[] = { STR("machines"), STR("web servers") },
		   allowed[] = { STR(".contoso.com"), STR("cn:Web 1") };
	struct account m1 = { .name = STR("M1"), .hash = STR("h"), .groups = { groups, 2 }, .allowed = { allowed, 2 } },
		       got;
	assert_true(store_begin(s) && store_account_put(s, &m1) && store_commit(s));
	assert_int_equal(store_account(s, w->a, STR("m1"), &got), STORE_FOUND);
	assert_int_equal(got.groups.n, 2);
	assert_str_equal(got.groups.v[1], "web servers");
	assert_str_equal(got.allowed.v[1], "cn:Web 1");
	assert_int_equal(store_account(s, w->a, STR("m1 "), &got), STORE_NONE);
	assert_int_equal(store_account(s, w->a, STR("m1' OR '1'='1"), &got), STORE_NONE);
	world_free(w);
}

static void a_message_id_is_there_once_and_requests_have_positive_numbers(void **state)
{
	struct world *w = world_new();
	struct store *s = open_store(w);
	struct request_row r = { .account = STR("m1"), .message_id = STR("urn:uuid:1"), .body_hash = STR("b") }, got;
	assert_true(store_begin(s) && store_request_add(s, &r));
	assert_in_range(r.id, 1, INT32_MAX);
	uint64_t first = r.id;
	assert_false(store_request_add(s, &r));
	r.message_id = NO_STR;
	assert_true(store_request_add(s, &r) && store_request_add(s, &r) && store_commit(s));
	assert_int_equal(store_request_by_message(s, w->a, STR("urn:uuid:1"), &got), STORE_FOUND);
	assert_int_equal(got.id, first);
	assert_int_equal(store_request_by_message(s, w->a, STR(""), &got), STORE_NONE);
	r.id = 77777777;
	assert_false(store_request_change(s, &r)); /* there is no such request */
	world_free(w);
}

static void revoked_certificates_are_listed_until_they_expire(void **state)
{
	struct world *w = world_new();
	struct store *s = open_store(w);
	struct certificate_row c = certificate(w, "m1"), good = certificate(w, "m1");
	struct revocations list;
	assert_true(store_begin(s) && add(w, s, &c, "k1") && add(w, s, &good, "k2"));
	assert_true(store_certificate_revoke(s, c.serial, NOW + 1, 1));
	assert_false(store_certificate_revoke(s, c.serial, NOW + 2, 4)); /* the first reason stays */
	assert_false(store_certificate_revoke(s, new_serial(w->a), NOW, 0));
	assert_true(store_revoked(s, w->a, 0, NOW + 999, &list));
	assert_int_equal(list.n, 1);
	assert_true(str_eq(list.v[0].serial, c.serial) && list.v[0].at == NOW + 1 && list.v[0].reason == 1);
	assert_true(store_revoked(s, w->a, 0, NOW + 1000, &list));
	assert_int_equal(list.n, 0);
	assert_true(store_revoked(s, w->a, 1, NOW + 999, &list)); /* the other key has a list of its own */
	assert_int_equal(list.n, 0);
	assert_int_equal(store_key_history(s, STR("k1"), STR("m1")), KEY_COMPROMISED);
	assert_int_equal(store_key_history(s, STR("k2"), STR("M1")), KEY_UNKNOWN);
	assert_int_equal(store_key_history(s, STR("k2"), STR("m2")), KEY_OF_ANOTHER);
	world_free(w);
}

/* What version 1 did not have is taken away again. */
static void a_store_of_the_first_version_is_brought_forward(void **state)
{
	struct world *w = world_new();
	sqlite3 *db = NULL;
	struct certificate_row row = certificate(w, "m1"), read;
	const char *path = arena_printf(w->a, "%s/old.db", w->folder);
	struct arena *a = arena_new();
	struct store *s = store_open(a, path, false, w->d);
	row.issuer = 1;
	assert_true(store_begin(s) && add(w, s, &row, "k1") && store_commit(s));
	arena_free(a);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db,
				      "DROP INDEX certificates_end; DROP INDEX certificates_lineage;"
				      "DROP TABLE imported_revocations;"
				      "ALTER TABLE certificates DROP COLUMN issuer; PRAGMA user_version = 1",
				      NULL, NULL, NULL),
			 SQLITE_OK);
	sqlite3_close(db);
	s = store_open(w->a, path, false, w->d);
	assert_non_null(s);
	assert_int_equal(store_certificate(s, w->a, row.serial, &read), STORE_FOUND);
	assert_int_equal(read.issuer, 0);
	assert_int_equal(read.not_after, row.not_after);
	world_free(w);
}

static void a_store_of_a_later_version_is_refused(void **state)
{
	struct world *w = world_new();
	const char *path = arena_printf(w->a, "%s/later.db", w->folder);
	sqlite3 *db;
	assert_non_null(store_open(w->a, path, false, w->d));
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 1000", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_null(store_open(w->a, path, false, w->d));
	assert_contains(diag_text(w->a, w->d), "later version");
	world_free(w);
}

static void a_copy_is_whole_while_others_write(void **state)
{
	struct world *w = world_new();
	struct store *s = open_store(w), *writer = open_store(w);
	struct certificate_row c = certificate(w, "m1"), later = certificate(w, "m1"), got;
	const char *path = arena_printf(w->a, "%s/copy.db", w->folder);
	assert_true(store_begin(writer) && add(w, writer, &c, "k1") && store_commit(writer));
	assert_true(store_begin(writer) && add(w, writer, &later, "k2"));
	assert_true(store_copy(s, path));
	assert_true(store_commit(writer));
	struct store *copy = store_open(w->a, path, false, w->d);
	assert_int_equal(store_certificate(copy, w->a, c.serial, &got), STORE_FOUND);
	assert_int_equal(store_certificate(copy, w->a, later.serial, &got), STORE_NONE);
	world_free(w);
}

RUN_TESTS(T(what_is_committed_is_read_by_another_and_what_is_rolled_back_by_nobody), T(a_serial_number_is_there_once),
	  T(an_account_is_found_in_any_case_and_keeps_its_lists),
	  T(a_message_id_is_there_once_and_requests_have_positive_numbers),
	  T(revoked_certificates_are_listed_until_they_expire), T(a_store_of_a_later_version_is_refused),
	  T(a_store_of_the_first_version_is_brought_forward), T(a_copy_is_whole_while_others_write))
