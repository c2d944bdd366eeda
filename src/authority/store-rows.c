/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of the store: what they are as structs, and which of them are asked for. */
#include <openssl/rand.h>

#include "authority/store-sqlite.h"
#include "base/vec.h"

const char *const request_states[N_REQUEST_STATES] = { "signing", "pending", "approved", "issued", "denied" };

/* Accounts */

static void read_account(struct arena *a, sqlite3_stmt *q, struct account *ret)
{
	*ret = (struct account){
		.name = sql_column(a, q, 0),
		.hash = sql_column(a, q, 1),
		.dns_name = sql_column(a, q, 2),
		.sid = sql_column(a, q, 3),
		.owner = sql_column(a, q, 4),
		.groups = sql_column_lines(a, q, 5),
		.allowed = sql_column_lines(a, q, 6),
		.locked = sqlite3_column_int(q, 7) != 0,
		.changed = sqlite3_column_int64(q, 8),
	};
}

enum store_found store_account(struct store *s, struct arena *a, struct str name, struct account *ret)
{
	sqlite3_stmt *q = sql_query(s, ACCOUNT);
	sql_bind_text(q, 1, name);
	enum store_found found = sql_step(s, q);
	if (found == STORE_FOUND)
		read_account(a, q, ret);
	sql_done(q);
	return found;
}

bool store_account_put(struct store *s, const struct account *account)
{
	sqlite3_stmt *q = sql_query(s, ACCOUNT_PUT);
	sql_bind_text(q, 1, account->name);
	sql_bind_text(q, 2, account->hash);
	sql_bind_text(q, 3, account->dns_name);
	sql_bind_text(q, 4, account->sid);
	sql_bind_text(q, 5, account->owner);
	sql_bind_lines(q, 6, &account->groups);
	sql_bind_lines(q, 7, &account->allowed);
	sqlite3_bind_int(q, 8, account->locked);
	sqlite3_bind_int64(q, 9, account->changed);
	return sql_execute(s, q);
}

/* Certificates */

static void read_certificate(struct arena *a, sqlite3_stmt *q, struct certificate_row *ret)
{
	*ret = (struct certificate_row){
		.serial = sql_column(a, q, 0),
		.der = sql_column(a, q, 1),
		.account = sql_column(a, q, 2),
		.template_name = sql_column(a, q, 3),
		.template_oid = sql_column(a, q, 4),
		.lineage = sql_column(a, q, 5),
		.not_before = sqlite3_column_int64(q, 6),
		.not_after = sqlite3_column_int64(q, 7),
		.made = sqlite3_column_int64(q, 8),
		.revoked = sqlite3_column_int64(q, 9),
		.reason = (uint64_t)sqlite3_column_int64(q, 10),
		.issuer = (uint64_t)sqlite3_column_int64(q, 11),
	};
}

static enum store_found find_certificate(struct store *s, struct arena *a, sqlite3_stmt *q, struct certificate_row *ret)
{
	enum store_found found = sql_step(s, q);
	if (found == STORE_FOUND)
		read_certificate(a, q, ret);
	sql_done(q);
	return found;
}

enum store_found store_certificate_by_hash(struct store *s, struct arena *a, struct str hash,
					   struct certificate_row *ret)
{
	sqlite3_stmt *q = sql_query(s, CERTIFICATE_BY_HASH);
	sql_bind_text(q, 1, hash);
	return find_certificate(s, a, q, ret);
}

enum store_found store_certificate(struct store *s, struct arena *a, struct str serial, struct certificate_row *ret)
{
	sqlite3_stmt *q = sql_query(s, CERTIFICATE);
	sql_bind_bytes(q, 1, serial);
	return find_certificate(s, a, q, ret);
}

bool store_certificate_add(struct store *s, const struct certificate_row *c, struct str hash, struct str key_hash,
			   uint64_t request)
{
	sqlite3_stmt *q = sql_query(s, CERTIFICATE_ADD);
	sql_bind_bytes(q, 1, c->serial);
	sql_bind_bytes(q, 2, c->der);
	sql_bind_text(q, 3, c->account);
	sql_bind_text(q, 4, c->template_name);
	sql_bind_text(q, 5, c->template_oid);
	sql_bind_bytes(q, 6, c->lineage);
	sqlite3_bind_int64(q, 7, c->not_before);
	sqlite3_bind_int64(q, 8, c->not_after);
	sqlite3_bind_int64(q, 9, c->made);
	sqlite3_bind_int64(q, 10, c->revoked);
	sqlite3_bind_int64(q, 11, (int64_t)c->reason);
	sqlite3_bind_int64(q, 12, (int64_t)c->issuer);
	sql_bind_text(q, 13, hash);
	sql_bind_text(q, 14, key_hash);
	sqlite3_bind_int64(q, 15, (int64_t)request);
	return sql_execute(s, q);
}

bool store_certificate_revoke(struct store *s, struct str serial, int64_t at, uint64_t reason)
{
	sqlite3_stmt *q = sql_query(s, CERTIFICATE_REVOKE);
	sqlite3_bind_int64(q, 1, at);
	sqlite3_bind_int64(q, 2, (int64_t)reason);
	sql_bind_bytes(q, 3, serial);
	return sql_execute(s, q) && sqlite3_changes(s->db) == 1;
}

enum key_history store_key_history(struct store *s, struct str key_hash, struct str account)
{
	sqlite3_stmt *bad = sql_query(s, KEY_BAD), *other = sql_query(s, KEY_OTHER);
	sql_bind_text(bad, 1, key_hash);
	enum store_found found = sql_step(s, bad);
	sql_done(bad);
	if (found != STORE_NONE)
		return found == STORE_FOUND ? KEY_COMPROMISED : KEY_HISTORY_FAILED;
	sql_bind_text(other, 1, key_hash);
	sql_bind_text(other, 2, account);
	found = sql_step(s, other);
	sql_done(other);
	return found == STORE_FOUND ? KEY_OF_ANOTHER : found == STORE_NONE ? KEY_UNKNOWN : KEY_HISTORY_FAILED;
}

static size_t count(struct store *s, sqlite3_stmt *q)
{
	size_t n = sql_step(s, q) == STORE_FOUND ? (size_t)sqlite3_column_int64(q, 0) : SIZE_MAX;
	sql_done(q);
	return n;
}

size_t store_count_of_account(struct store *s, struct str account, struct str template_name, int64_t since, size_t most)
{
	sqlite3_stmt *q = sql_query(s, COUNT_ACCOUNT);
	sql_bind_text(q, 1, account);
	sql_bind_text(q, 2, template_name);
	sqlite3_bind_int64(q, 3, since);
	sqlite3_bind_int64(q, 4, (int64_t)most);
	return count(s, q);
}

size_t store_count_of_lineage(struct store *s, struct str lineage, int64_t since, size_t most)
{
	sqlite3_stmt *q = sql_query(s, COUNT_LINEAGE);
	sql_bind_bytes(q, 1, lineage);
	sqlite3_bind_int64(q, 2, since);
	sqlite3_bind_int64(q, 3, (int64_t)most);
	return count(s, q);
}

bool store_count(struct store *s, struct store_totals *ret)
{
	size_t pending = count(s, sql_query(s, TOTAL_PENDING)),
	       certificates = count(s, sql_query(s, TOTAL_CERTIFICATES)),
	       revoked = count(s, sql_query(s, TOTAL_REVOKED));
	*ret = (struct store_totals){ .pending = pending, .certificates = certificates, .revoked = revoked };
	return pending != SIZE_MAX && certificates != SIZE_MAX && revoked != SIZE_MAX;
}

/* Requests */

static void read_request(struct arena *a, sqlite3_stmt *q, struct request_row *ret)
{
	*ret = (struct request_row){
		.id = (uint64_t)sqlite3_column_int64(q, 0),
		.state = (enum request_state)sqlite3_column_int(q, 1),
		.protocol = sql_column(a, q, 2),
		.message_id = sql_column(a, q, 3),
		.body_hash = sql_column(a, q, 4),
		.account = sql_column(a, q, 5),
		.via = sql_column(a, q, 6),
		.address = sql_column(a, q, 7),
		.csr = sql_column(a, q, 8),
		.key_hash = sql_column(a, q, 9),
		.template_name = sql_column(a, q, 10),
		.template_hash = sql_column(a, q, 11),
		.ask = sql_column(a, q, 12),
		.lineage = sql_column(a, q, 13),
		.text = sql_column(a, q, 14),
		.decided_by = sql_column(a, q, 15),
		.made = sqlite3_column_int64(q, 16),
		.decided = sqlite3_column_int64(q, 17),
		.serial = sql_column(a, q, 18),
	};
}

bool store_request_add(struct store *s, struct request_row *r)
{
	enum { TRIES = 8 };
	for (int i = 0; i < TRIES; i++) {
		sqlite3_stmt *q = sql_query(s, REQUEST_ADD);
		uint32_t id;
		RAND_bytes((unsigned char *)&id, sizeof id);
		r->id = (id & INT32_MAX) ? id & INT32_MAX : 1;
		const struct str texts_of_row[] = { r->protocol, r->message_id, r->body_hash,
						    r->account,  r->via,        r->address };
		sqlite3_bind_int64(q, 1, (int64_t)r->id);
		sqlite3_bind_int(q, 2, r->state);
		for (int j = 0; j < (int)ARRAY_LEN(texts_of_row); j++)
			sql_bind_text(q, 3 + j, texts_of_row[j]);
		sql_bind_bytes(q, 9, r->csr);
		sql_bind_text(q, 10, r->key_hash);
		sql_bind_text(q, 11, r->template_name);
		sql_bind_text(q, 12, r->template_hash);
		sql_bind_bytes(q, 13, r->ask);
		sql_bind_bytes(q, 14, r->lineage);
		sql_bind_text(q, 15, r->text);
		sql_bind_text(q, 16, r->decided_by);
		sqlite3_bind_int64(q, 17, r->made);
		sqlite3_bind_int64(q, 18, r->decided);
		sql_bind_bytes(q, 19, r->serial);
		if (sql_execute(s, q))
			return true;
		if (s->error != SQLITE_CONSTRAINT_PRIMARYKEY && s->error != SQLITE_CONSTRAINT_ROWID)
			return false;
	}
	return false;
}

bool store_request_change(struct store *s, const struct request_row *r)
{
	sqlite3_stmt *q = sql_query(s, REQUEST_CHANGE);
	sqlite3_bind_int64(q, 1, (int64_t)r->id);
	sqlite3_bind_int(q, 2, r->state);
	sql_bind_text(q, 3, r->template_hash);
	sql_bind_bytes(q, 4, r->ask);
	sql_bind_text(q, 5, r->text);
	sql_bind_text(q, 6, r->decided_by);
	sqlite3_bind_int64(q, 7, r->decided);
	sql_bind_bytes(q, 8, r->serial);
	sql_bind_bytes(q, 9, r->lineage);
	return sql_execute(s, q) && (sqlite3_changes(s->db) == 1 || sql_failed(s, SQLITE_NOTFOUND));
}

bool store_request_remove(struct store *s, uint64_t id)
{
	sqlite3_stmt *q = sql_query(s, REQUEST_REMOVE);
	sqlite3_bind_int64(q, 1, (int64_t)id);
	return sql_execute(s, q);
}

static enum store_found find_request(struct store *s, struct arena *a, sqlite3_stmt *q, struct request_row *ret)
{
	enum store_found found = sql_step(s, q);
	if (found == STORE_FOUND)
		read_request(a, q, ret);
	sql_done(q);
	return found;
}

enum store_found store_request(struct store *s, struct arena *a, uint64_t id, struct request_row *ret)
{
	sqlite3_stmt *q = sql_query(s, REQUEST);
	sqlite3_bind_int64(q, 1, (int64_t)id);
	return find_request(s, a, q, ret);
}

enum store_found store_request_by_message(struct store *s, struct arena *a, struct str message_id,
					  struct request_row *ret)
{
	sqlite3_stmt *q = sql_query(s, REQUEST_BY_MESSAGE);
	sql_bind_text(q, 1, message_id);
	return find_request(s, a, q, ret);
}

enum store_found store_request_by_body(struct store *s, struct arena *a, struct str account, struct str body_hash,
				       int64_t since, struct request_row *ret)
{
	sqlite3_stmt *q = sql_query(s, REQUEST_BY_BODY);
	sql_bind_text(q, 1, body_hash);
	sql_bind_text(q, 2, account);
	sqlite3_bind_int64(q, 3, since);
	return find_request(s, a, q, ret);
}

enum store_found store_request_by_key(struct store *s, struct arena *a, struct str account, struct str key_hash,
				      struct request_row *ret)
{
	sqlite3_stmt *q = sql_query(s, REQUEST_BY_KEY);
	sql_bind_text(q, 1, key_hash);
	sql_bind_text(q, 2, account);
	return find_request(s, a, q, ret);
}

/* Lists: each row in an arena that is emptied for the next */

bool store_accounts(struct store *s, store_each_account *each, void *ctx)
{
	struct arena *a = arena_new();
	sqlite3_stmt *q = sql_query(s, ACCOUNTS);
	enum store_found found;
	for (; (found = sql_step(s, q)) == STORE_FOUND; arena_reset(a)) {
		struct account account;
		read_account(a, q, &account);
		each(ctx, &account);
	}
	sql_done(q);
	arena_free(a);
	return found == STORE_NONE;
}

bool store_requests(struct store *s, bool only_open, store_each_request *each, void *ctx)
{
	struct arena *a = arena_new();
	sqlite3_stmt *q = sql_query(s, only_open ? REQUESTS_OPEN : REQUESTS);
	enum store_found found;
	for (; (found = sql_step(s, q)) == STORE_FOUND; arena_reset(a)) {
		struct request_row r;
		read_request(a, q, &r);
		each(ctx, &r);
	}
	sql_done(q);
	arena_free(a);
	return found == STORE_NONE;
}

bool store_certificates(struct store *s, store_each_certificate *each, void *ctx)
{
	struct arena *a = arena_new();
	sqlite3_stmt *q = sql_query(s, CERTIFICATES);
	enum store_found found;
	for (; (found = sql_step(s, q)) == STORE_FOUND; arena_reset(a)) {
		struct certificate_row c;
		read_certificate(a, q, &c);
		each(ctx, &c);
	}
	sql_done(q);
	arena_free(a);
	return found == STORE_NONE;
}

bool store_ending(struct store *s, struct ending after, int64_t until, size_t most, store_each_ending *each, void *ctx,
		  struct ending *next)
{
	sqlite3_stmt *q = sql_query(s, ENDING);
	enum { NUMBER = 12, RENEWED };
	enum store_found found;
	sqlite3_bind_int64(q, 1, after.not_after);
	sqlite3_bind_int64(q, 2, after.number);
	sqlite3_bind_int64(q, 3, until);
	sqlite3_bind_int64(q, 4, (int64_t)most);
	*next = (struct ending){ until, INT64_MAX };
	size_t n = 0;
	while ((found = sql_step(s, q)) == STORE_FOUND) {
		struct arena *a = arena_new();
		struct certificate_row row;
		read_certificate(a, q, &row);
		each(ctx, &row, sqlite3_column_int(q, RENEWED) != 0);
		if (++n == most)
			*next = (struct ending){ row.not_after, sqlite3_column_int64(q, NUMBER) };
		arena_free(a);
	}
	sql_done(q);
	return found == STORE_NONE;
}

static struct revoked read_revoked(struct arena *a, sqlite3_stmt *q)
{
	return (struct revoked){ sql_column(a, q, 0), sqlite3_column_int64(q, 1),
				 (uint64_t)sqlite3_column_int64(q, 2) };
}

bool store_import_revocation(struct store *s, struct str serial, int64_t at, uint64_t reason)
{
	sqlite3_stmt *q = sql_query(s, IMPORT);
	sql_bind_bytes(q, 1, serial);
	sqlite3_bind_int64(q, 2, at);
	sqlite3_bind_int64(q, 3, (int64_t)reason);
	return sql_execute(s, q);
}

enum store_found store_imported(struct store *s, struct arena *a, struct str serial, struct revoked *ret)
{
	sqlite3_stmt *q = sql_query(s, IMPORTED);
	sql_bind_bytes(q, 1, serial);
	enum store_found found = sql_step(s, q);
	if (found == STORE_FOUND)
		*ret = read_revoked(a, q);
	sql_done(q);
	return found;
}

bool store_revoked(struct store *s, struct arena *a, uint64_t issuer, int64_t now, struct revocations *ret)
{
	VEC(struct revoked) list = { 0 };
	sqlite3_stmt *q = sql_query(s, REVOKED);
	enum store_found found;
	sqlite3_bind_int64(q, 1, now);
	sqlite3_bind_int64(q, 2, (int64_t)issuer);
	while ((found = sql_step(s, q)) == STORE_FOUND)
		*VEC_ADD(a, &list) = read_revoked(a, q);
	sql_done(q);
	*ret = (struct revocations){ list.v, list.n };
	return found == STORE_NONE;
}

/* Values with a name */

bool store_text(struct store *s, struct arena *a, const char *name, struct str *ret)
{
	sqlite3_stmt *q = sql_query(s, META);
	sql_bind_text(q, 1, str_of(name));
	enum store_found found = sql_step(s, q);
	*ret = found == STORE_FOUND ? sql_column(a, q, 0) : NO_STR;
	sql_done(q);
	return found != STORE_FAILED;
}

bool store_set_text(struct store *s, const char *name, struct str value)
{
	sqlite3_stmt *q = sql_query(s, META_PUT);
	sql_bind_text(q, 1, str_of(name));
	sql_bind_bytes(q, 2, value);
	return sql_execute(s, q);
}

bool store_number(struct store *s, const char *name, int64_t *ret)
{
	sqlite3_stmt *q = sql_query(s, META);
	sql_bind_text(q, 1, str_of(name));
	enum store_found found = sql_step(s, q);
	*ret = found == STORE_FOUND ? sqlite3_column_int64(q, 0) : 0;
	sql_done(q);
	return found != STORE_FAILED;
}

bool store_set_number(struct store *s, const char *name, int64_t value)
{
	sqlite3_stmt *q = sql_query(s, META_PUT);
	sql_bind_text(q, 1, str_of(name));
	sqlite3_bind_int64(q, 2, value);
	return sql_execute(s, q);
}
