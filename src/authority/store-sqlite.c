/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Statements are prepared once and named by an enum; columns are listed once a table, and rows are read in that order.
 */
#include <openssl/rand.h>
#include <sqlite3.h>

#include "authority/store.h"
#include "base/vec.h"

const char *const request_states[N_REQUEST_STATES] = { "signing", "pending", "approved", "issued", "denied" };

/* Each entry takes a store from its number to the next; what was released is never changed. */
static const char *const migrations[] = {
	"CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;"
	"CREATE TABLE accounts (name TEXT PRIMARY KEY COLLATE NOCASE, hash TEXT NOT NULL, dns_name TEXT NOT NULL,"
	" sid TEXT NOT NULL, owner TEXT NOT NULL, groups TEXT NOT NULL, allowed TEXT NOT NULL, locked INTEGER NOT NULL,"
	" changed INTEGER NOT NULL);"
	"CREATE TABLE certificates (serial BLOB PRIMARY KEY, sha256 TEXT NOT NULL UNIQUE, der BLOB NOT NULL,"
	" account TEXT NOT NULL COLLATE NOCASE, template TEXT NOT NULL, template_oid TEXT NOT NULL,"
	" lineage BLOB NOT NULL, key_hash TEXT NOT NULL, request INTEGER NOT NULL, not_before INTEGER NOT NULL,"
	" not_after INTEGER NOT NULL, made INTEGER NOT NULL, revoked INTEGER NOT NULL DEFAULT 0,"
	" reason INTEGER NOT NULL DEFAULT 0);"
	"CREATE INDEX certificates_key ON certificates (key_hash, account);"
	"CREATE INDEX certificates_compromised ON certificates (key_hash) WHERE reason = 1;"
	"CREATE INDEX certificates_revoked ON certificates (revoked) WHERE revoked > 0;"
	"CREATE TABLE requests (id INTEGER PRIMARY KEY, state INTEGER NOT NULL, protocol TEXT NOT NULL,"
	" message_id TEXT NOT NULL, body_hash TEXT NOT NULL, account TEXT NOT NULL COLLATE NOCASE, via TEXT NOT NULL,"
	" address TEXT NOT NULL, csr BLOB NOT NULL, key_hash TEXT NOT NULL, template TEXT NOT NULL,"
	" template_hash TEXT NOT NULL, ask BLOB NOT NULL, lineage BLOB NOT NULL, text TEXT NOT NULL,"
	" decided_by TEXT NOT NULL, made INTEGER NOT NULL, decided INTEGER NOT NULL, serial BLOB NOT NULL);"
	"CREATE UNIQUE INDEX requests_message ON requests (message_id) WHERE message_id <> '';"
	"CREATE INDEX requests_account ON requests (account, template, made, state, lineage);"
	"CREATE INDEX requests_lineage ON requests (lineage, made) WHERE lineage <> x'';"
	"CREATE INDEX requests_body ON requests (body_hash);"
	"CREATE INDEX requests_key ON requests (key_hash);"
	"CREATE INDEX requests_open ON requests (state) WHERE state IN (0, 1, 2);",
};

#define ACCOUNT_COLUMNS "name, hash, dns_name, sid, owner, groups, allowed, locked, changed"
#define CERTIFICATE_COLUMNS \
	"serial, der, account, template, template_oid, lineage, not_before, not_after, made, revoked, reason"
#define REQUEST_COLUMNS                                                                                               \
	"id, state, protocol, message_id, body_hash, account, via, address, csr, key_hash, template, template_hash, " \
	"ask, lineage, text, decided_by, made, decided, serial"

enum statement {
	BEGIN,
	COMMIT,
	ROLLBACK,
	ACCOUNT,
	ACCOUNT_PUT,
	ACCOUNTS,
	CERTIFICATE_BY_HASH,
	CERTIFICATE,
	CERTIFICATE_ADD,
	CERTIFICATE_REVOKE,
	CERTIFICATES,
	REVOKED,
	KEY_OTHER,
	KEY_BAD,
	COUNT_ACCOUNT,
	COUNT_LINEAGE,
	TOTAL_PENDING,
	TOTAL_CERTIFICATES,
	TOTAL_REVOKED,
	REQUEST,
	REQUEST_BY_MESSAGE,
	REQUEST_BY_BODY,
	REQUEST_BY_KEY,
	REQUEST_ADD,
	REQUEST_CHANGE,
	REQUEST_REMOVE,
	REQUESTS,
	REQUESTS_OPEN,
	META,
	META_PUT,
	N_STATEMENTS,
};

static const char *const texts[N_STATEMENTS] = {
	[BEGIN] = "BEGIN IMMEDIATE",
	[COMMIT] = "COMMIT",
	[ROLLBACK] = "ROLLBACK",
	[ACCOUNT] = "SELECT " ACCOUNT_COLUMNS " FROM accounts WHERE name = ?",
	[ACCOUNT_PUT] = "INSERT OR REPLACE INTO accounts (" ACCOUNT_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[ACCOUNTS] = "SELECT " ACCOUNT_COLUMNS " FROM accounts ORDER BY name",
	[CERTIFICATE_BY_HASH] = "SELECT " CERTIFICATE_COLUMNS " FROM certificates WHERE sha256 = ?",
	[CERTIFICATE] = "SELECT " CERTIFICATE_COLUMNS " FROM certificates WHERE serial = ?",
	[CERTIFICATE_ADD] = "INSERT INTO certificates (" CERTIFICATE_COLUMNS
			    ", sha256, key_hash, request) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[CERTIFICATE_REVOKE] = "UPDATE certificates SET revoked = ?, reason = ? WHERE serial = ? AND revoked = 0",
	[CERTIFICATES] = "SELECT " CERTIFICATE_COLUMNS " FROM certificates ORDER BY made, serial",
	[REVOKED] = "SELECT serial, revoked, reason FROM certificates WHERE revoked > 0 AND not_after > ?",
	/* two ranges of the index, since one key may have very many certificates of its own account */
	[KEY_OTHER] = "SELECT 1 WHERE EXISTS (SELECT 1 FROM certificates WHERE key_hash = ?1 AND account < ?2)"
		      " OR EXISTS (SELECT 1 FROM certificates WHERE key_hash = ?1 AND account > ?2)",
	[KEY_BAD] = "SELECT 1 FROM certificates WHERE key_hash = ? AND reason = 1 AND revoked > 0 LIMIT 1",
	[COUNT_ACCOUNT] =
		"SELECT count(*) FROM (SELECT 1 FROM requests WHERE account = ? AND template = ? AND made > ? AND"
		" state <> 4 AND lineage = x'' LIMIT ?)",
	[COUNT_LINEAGE] =
		"SELECT count(*) FROM (SELECT 1 FROM requests WHERE lineage = ? AND lineage <> x'' AND made > ? AND"
		" state <> 4 LIMIT ?)",
	[TOTAL_PENDING] = "SELECT count(*) FROM requests WHERE state IN (0, 1, 2) AND state = 1",
	/* none is ever removed, so that the last one's number is how many there are */
	[TOTAL_CERTIFICATES] = "SELECT coalesce(max(rowid), 0) FROM certificates",
	[TOTAL_REVOKED] = "SELECT count(*) FROM certificates WHERE revoked > 0",
	[REQUEST] = "SELECT " REQUEST_COLUMNS " FROM requests WHERE id = ?",
	[REQUEST_BY_MESSAGE] = "SELECT " REQUEST_COLUMNS " FROM requests WHERE message_id = ? AND message_id <> ''",
	[REQUEST_BY_BODY] =
		"SELECT " REQUEST_COLUMNS
		" FROM requests WHERE body_hash = ? AND account = ? AND made > ? ORDER BY made DESC LIMIT 1",
	[REQUEST_BY_KEY] = "SELECT " REQUEST_COLUMNS
			   " FROM requests WHERE key_hash = ? AND account = ? ORDER BY made DESC LIMIT 1",
	[REQUEST_ADD] = "INSERT INTO requests (" REQUEST_COLUMNS
			") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[REQUEST_CHANGE] = "UPDATE requests SET state = ?2, template_hash = ?3, ask = ?4, text = ?5, decided_by = ?6,"
			   " decided = ?7, serial = ?8, lineage = ?9 WHERE id = ?1",
	[REQUEST_REMOVE] = "DELETE FROM requests WHERE id = ?",
	[REQUESTS] = "SELECT " REQUEST_COLUMNS " FROM requests ORDER BY made, id",
	[REQUESTS_OPEN] = "SELECT " REQUEST_COLUMNS " FROM requests WHERE state IN (0, 1, 2) ORDER BY made, id",
	[META] = "SELECT value FROM meta WHERE name = ?",
	[META_PUT] = "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)",
};

struct store {
	sqlite3 *db;
	sqlite3_stmt *statements[N_STATEMENTS];
	int error; /* of the last failure */
};

/* Opening */

static void close_store(void *ctx)
{
	struct store *s = ctx;
	for (size_t i = 0; i < N_STATEMENTS; i++)
		sqlite3_finalize(s->statements[i]);
	sqlite3_close(s->db);
}

static bool failed(struct store *s, int code)
{
	s->error = code;
	return false;
}

static bool run(struct store *s, const char *sql)
{
	int code = sqlite3_exec(s->db, sql, NULL, NULL, NULL);
	return code == SQLITE_OK || failed(s, code);
}

static int64_t version_of(struct store *s)
{
	sqlite3_stmt *q = NULL;
	int64_t version = -1;
	if (sqlite3_prepare_v2(s->db, "PRAGMA user_version", -1, &q, NULL) == SQLITE_OK &&
	    sqlite3_step(q) == SQLITE_ROW)
		version = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	return version;
}

static bool migrate(struct store *s, struct diag *d, const char *path)
{
	int64_t version = version_of(s);
	if (version < 0 || version > (int64_t)ARRAY_LEN(migrations))
		return diag_error(d, NOWHERE, "\"%s\" is not a store, or one of a later version", path);
	for (; version < (int64_t)ARRAY_LEN(migrations); version++) {
		char set[64];
		snprintf(set, sizeof set, "PRAGMA user_version = %lld", (long long)version + 1);
		if (!run(s, "BEGIN IMMEDIATE") || !run(s, migrations[version]) || !run(s, set) || !run(s, "COMMIT"))
			return diag_error(d, NOWHERE, "cannot bring \"%s\" to version %lld: %s", path,
					  (long long)version + 1, sqlite3_errmsg(s->db));
	}
	return true;
}

struct store *store_open(struct arena *a, const char *path, bool read_only, struct diag *d)
{
	enum { WAIT_MS = 5000 };
	struct store *s = ARENA_NEW(a, struct store);
	int flags = read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	arena_at_end(a, close_store, s);
	if (sqlite3_open_v2(path, &s->db, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
		diag_error(d, NOWHERE, "cannot open \"%s\": %s", path, s->db ? sqlite3_errmsg(s->db) : "memory");
		return NULL;
	}
	sqlite3_busy_timeout(s->db, WAIT_MS);
	sqlite3_extended_result_codes(s->db, 1);
	if (!read_only && (!run(s, "PRAGMA journal_mode = WAL") || !run(s, "PRAGMA synchronous = FULL") ||
			   !run(s, "PRAGMA temp_store = MEMORY"))) {
		diag_error(d, NOWHERE, "cannot open \"%s\": %s", path, sqlite3_errmsg(s->db));
		return NULL;
	}
	if (read_only ? version_of(s) != (int64_t)ARRAY_LEN(migrations) : !migrate(s, d, path)) {
		if (read_only)
			diag_error(d, NOWHERE, "\"%s\" is not a store of this version", path);
		return NULL;
	}
	for (size_t i = 0; i < N_STATEMENTS; i++)
		if (sqlite3_prepare_v3(s->db, texts[i], -1, SQLITE_PREPARE_PERSISTENT, &s->statements[i], NULL) !=
		    SQLITE_OK) {
			diag_error(d, NOWHERE, "cannot read \"%s\": %s", path, sqlite3_errmsg(s->db));
			return NULL;
		}
	return s;
}

const char *store_error(const struct store *s)
{
	return sqlite3_errstr(s->error);
}

bool store_disk_full(const struct store *s)
{
	return (s->error & 0xff) == SQLITE_FULL || s->error == SQLITE_IOERR_WRITE;
}

/* Binding and reading */

static sqlite3_stmt *query(struct store *s, enum statement which)
{
	sqlite3_reset(s->statements[which]);
	return s->statements[which];
}

static void bind_text(sqlite3_stmt *q, int i, struct str text)
{
	sqlite3_bind_text64(q, i, text.p ? text.p : "", text.n, SQLITE_STATIC, SQLITE_UTF8);
}

static void bind_bytes(sqlite3_stmt *q, int i, struct str bytes)
{
	sqlite3_bind_blob64(q, i, bytes.p ? bytes.p : "", bytes.n, SQLITE_STATIC);
}

/* A list as lines; no member holds one. */
static void bind_lines(sqlite3_stmt *q, int i, const struct strs_field *list)
{
	struct out o = out_memory(1 << 20);
	for (size_t j = 0; j < list->n; j++)
		out_printf(&o, "%.*s\n", STR_ARG(list->v[j]));
	struct str text = out_view(&o);
	sqlite3_bind_text64(q, i, text.p ? text.p : "", text.n, SQLITE_TRANSIENT, SQLITE_UTF8);
	out_free(&o);
}

static struct str column(struct arena *a, sqlite3_stmt *q, int i)
{
	const char *p = sqlite3_column_blob(q, i);
	return str_dup(a, (struct str){ p ? p : "", (size_t)sqlite3_column_bytes(q, i) });
}

static struct strs_field column_lines(struct arena *a, sqlite3_stmt *q, int i)
{
	VEC(struct str) list = { 0 };
	struct str rest = column(a, q, i), line;
	while (str_cut(&rest, '\n', &line))
		if (line.n)
			*VEC_ADD(a, &list) = line;
	return (struct strs_field){ list.v, list.n };
}

/* A row, or none; the statement is free for the next use after done(). */
static enum store_found step(struct store *s, sqlite3_stmt *q)
{
	int code = sqlite3_step(q);
	if (code == SQLITE_ROW)
		return STORE_FOUND;
	if (code == SQLITE_DONE)
		return STORE_NONE;
	failed(s, code);
	return STORE_FAILED;
}

static void done(sqlite3_stmt *q)
{
	sqlite3_reset(q);
	sqlite3_clear_bindings(q);
}

static bool execute(struct store *s, sqlite3_stmt *q)
{
	enum store_found found = step(s, q);
	done(q);
	return found != STORE_FAILED;
}

bool store_begin(struct store *s)
{
	return execute(s, query(s, BEGIN));
}

bool store_commit(struct store *s)
{
	if (execute(s, query(s, COMMIT)))
		return true;
	int error = s->error;
	store_rollback(s);
	return failed(s, error);
}

void store_rollback(struct store *s)
{
	if (!sqlite3_get_autocommit(s->db))
		execute(s, query(s, ROLLBACK));
}

/* Accounts */

static void read_account(struct arena *a, sqlite3_stmt *q, struct account *ret)
{
	*ret = (struct account){
		.name = column(a, q, 0),
		.hash = column(a, q, 1),
		.dns_name = column(a, q, 2),
		.sid = column(a, q, 3),
		.owner = column(a, q, 4),
		.groups = column_lines(a, q, 5),
		.allowed = column_lines(a, q, 6),
		.locked = sqlite3_column_int(q, 7) != 0,
		.changed = sqlite3_column_int64(q, 8),
	};
}

enum store_found store_account(struct store *s, struct arena *a, struct str name, struct account *ret)
{
	sqlite3_stmt *q = query(s, ACCOUNT);
	bind_text(q, 1, name);
	enum store_found found = step(s, q);
	if (found == STORE_FOUND)
		read_account(a, q, ret);
	done(q);
	return found;
}

bool store_account_put(struct store *s, const struct account *account)
{
	sqlite3_stmt *q = query(s, ACCOUNT_PUT);
	bind_text(q, 1, account->name);
	bind_text(q, 2, account->hash);
	bind_text(q, 3, account->dns_name);
	bind_text(q, 4, account->sid);
	bind_text(q, 5, account->owner);
	bind_lines(q, 6, &account->groups);
	bind_lines(q, 7, &account->allowed);
	sqlite3_bind_int(q, 8, account->locked);
	sqlite3_bind_int64(q, 9, account->changed);
	return execute(s, q);
}

/* Certificates */

static void read_certificate(struct arena *a, sqlite3_stmt *q, struct certificate_row *ret)
{
	*ret = (struct certificate_row){
		.serial = column(a, q, 0),
		.der = column(a, q, 1),
		.account = column(a, q, 2),
		.template_name = column(a, q, 3),
		.template_oid = column(a, q, 4),
		.lineage = column(a, q, 5),
		.not_before = sqlite3_column_int64(q, 6),
		.not_after = sqlite3_column_int64(q, 7),
		.made = sqlite3_column_int64(q, 8),
		.revoked = sqlite3_column_int64(q, 9),
		.reason = (uint64_t)sqlite3_column_int64(q, 10),
	};
}

static enum store_found find_certificate(struct store *s, struct arena *a, sqlite3_stmt *q, struct certificate_row *ret)
{
	enum store_found found = step(s, q);
	if (found == STORE_FOUND)
		read_certificate(a, q, ret);
	done(q);
	return found;
}

enum store_found store_certificate_by_hash(struct store *s, struct arena *a, struct str hash,
					   struct certificate_row *ret)
{
	sqlite3_stmt *q = query(s, CERTIFICATE_BY_HASH);
	bind_text(q, 1, hash);
	return find_certificate(s, a, q, ret);
}

enum store_found store_certificate(struct store *s, struct arena *a, struct str serial, struct certificate_row *ret)
{
	sqlite3_stmt *q = query(s, CERTIFICATE);
	bind_bytes(q, 1, serial);
	return find_certificate(s, a, q, ret);
}

bool store_certificate_add(struct store *s, const struct certificate_row *c, struct str hash, struct str key_hash,
			   uint64_t request)
{
	sqlite3_stmt *q = query(s, CERTIFICATE_ADD);
	bind_bytes(q, 1, c->serial);
	bind_bytes(q, 2, c->der);
	bind_text(q, 3, c->account);
	bind_text(q, 4, c->template_name);
	bind_text(q, 5, c->template_oid);
	bind_bytes(q, 6, c->lineage);
	sqlite3_bind_int64(q, 7, c->not_before);
	sqlite3_bind_int64(q, 8, c->not_after);
	sqlite3_bind_int64(q, 9, c->made);
	sqlite3_bind_int64(q, 10, c->revoked);
	sqlite3_bind_int64(q, 11, (int64_t)c->reason);
	bind_text(q, 12, hash);
	bind_text(q, 13, key_hash);
	sqlite3_bind_int64(q, 14, (int64_t)request);
	return execute(s, q);
}

bool store_certificate_revoke(struct store *s, struct str serial, int64_t at, uint64_t reason)
{
	sqlite3_stmt *q = query(s, CERTIFICATE_REVOKE);
	sqlite3_bind_int64(q, 1, at);
	sqlite3_bind_int64(q, 2, (int64_t)reason);
	bind_bytes(q, 3, serial);
	return execute(s, q) && sqlite3_changes(s->db) == 1;
}

enum key_history store_key_history(struct store *s, struct str key_hash, struct str account)
{
	sqlite3_stmt *bad = query(s, KEY_BAD), *other = query(s, KEY_OTHER);
	bind_text(bad, 1, key_hash);
	enum store_found found = step(s, bad);
	done(bad);
	if (found != STORE_NONE)
		return found == STORE_FOUND ? KEY_COMPROMISED : KEY_HISTORY_FAILED;
	bind_text(other, 1, key_hash);
	bind_text(other, 2, account);
	found = step(s, other);
	done(other);
	return found == STORE_FOUND ? KEY_OF_ANOTHER : found == STORE_NONE ? KEY_UNKNOWN : KEY_HISTORY_FAILED;
}

static size_t count(struct store *s, sqlite3_stmt *q)
{
	size_t n = step(s, q) == STORE_FOUND ? (size_t)sqlite3_column_int64(q, 0) : SIZE_MAX;
	done(q);
	return n;
}

size_t store_count_of_account(struct store *s, struct str account, struct str template_name, int64_t since, size_t most)
{
	sqlite3_stmt *q = query(s, COUNT_ACCOUNT);
	bind_text(q, 1, account);
	bind_text(q, 2, template_name);
	sqlite3_bind_int64(q, 3, since);
	sqlite3_bind_int64(q, 4, (int64_t)most);
	return count(s, q);
}

size_t store_count_of_lineage(struct store *s, struct str lineage, int64_t since, size_t most)
{
	sqlite3_stmt *q = query(s, COUNT_LINEAGE);
	bind_bytes(q, 1, lineage);
	sqlite3_bind_int64(q, 2, since);
	sqlite3_bind_int64(q, 3, (int64_t)most);
	return count(s, q);
}

bool store_count(struct store *s, struct store_totals *ret)
{
	size_t pending = count(s, query(s, TOTAL_PENDING)), certificates = count(s, query(s, TOTAL_CERTIFICATES)),
	       revoked = count(s, query(s, TOTAL_REVOKED));
	*ret = (struct store_totals){ .pending = pending, .certificates = certificates, .revoked = revoked };
	return pending != SIZE_MAX && certificates != SIZE_MAX && revoked != SIZE_MAX;
}

/* Requests */

static void read_request(struct arena *a, sqlite3_stmt *q, struct request_row *ret)
{
	*ret = (struct request_row){
		.id = (uint64_t)sqlite3_column_int64(q, 0),
		.state = (enum request_state)sqlite3_column_int(q, 1),
		.protocol = column(a, q, 2),
		.message_id = column(a, q, 3),
		.body_hash = column(a, q, 4),
		.account = column(a, q, 5),
		.via = column(a, q, 6),
		.address = column(a, q, 7),
		.csr = column(a, q, 8),
		.key_hash = column(a, q, 9),
		.template_name = column(a, q, 10),
		.template_hash = column(a, q, 11),
		.ask = column(a, q, 12),
		.lineage = column(a, q, 13),
		.text = column(a, q, 14),
		.decided_by = column(a, q, 15),
		.made = sqlite3_column_int64(q, 16),
		.decided = sqlite3_column_int64(q, 17),
		.serial = column(a, q, 18),
	};
}

bool store_request_add(struct store *s, struct request_row *r)
{
	enum { TRIES = 8 };
	for (int i = 0; i < TRIES; i++) {
		sqlite3_stmt *q = query(s, REQUEST_ADD);
		uint32_t id;
		RAND_bytes((unsigned char *)&id, sizeof id);
		r->id = (id & INT32_MAX) ? id & INT32_MAX : 1;
		const struct str texts_of_row[] = { r->protocol, r->message_id, r->body_hash,
						    r->account,  r->via,        r->address };
		sqlite3_bind_int64(q, 1, (int64_t)r->id);
		sqlite3_bind_int(q, 2, r->state);
		for (int j = 0; j < (int)ARRAY_LEN(texts_of_row); j++)
			bind_text(q, 3 + j, texts_of_row[j]);
		bind_bytes(q, 9, r->csr);
		bind_text(q, 10, r->key_hash);
		bind_text(q, 11, r->template_name);
		bind_text(q, 12, r->template_hash);
		bind_bytes(q, 13, r->ask);
		bind_bytes(q, 14, r->lineage);
		bind_text(q, 15, r->text);
		bind_text(q, 16, r->decided_by);
		sqlite3_bind_int64(q, 17, r->made);
		sqlite3_bind_int64(q, 18, r->decided);
		bind_bytes(q, 19, r->serial);
		if (execute(s, q))
			return true;
		if (s->error != SQLITE_CONSTRAINT_PRIMARYKEY && s->error != SQLITE_CONSTRAINT_ROWID)
			return false;
	}
	return false;
}

bool store_request_change(struct store *s, const struct request_row *r)
{
	sqlite3_stmt *q = query(s, REQUEST_CHANGE);
	sqlite3_bind_int64(q, 1, (int64_t)r->id);
	sqlite3_bind_int(q, 2, r->state);
	bind_text(q, 3, r->template_hash);
	bind_bytes(q, 4, r->ask);
	bind_text(q, 5, r->text);
	bind_text(q, 6, r->decided_by);
	sqlite3_bind_int64(q, 7, r->decided);
	bind_bytes(q, 8, r->serial);
	bind_bytes(q, 9, r->lineage);
	return execute(s, q) && (sqlite3_changes(s->db) == 1 || failed(s, SQLITE_NOTFOUND));
}

bool store_request_remove(struct store *s, uint64_t id)
{
	sqlite3_stmt *q = query(s, REQUEST_REMOVE);
	sqlite3_bind_int64(q, 1, (int64_t)id);
	return execute(s, q);
}

static enum store_found find_request(struct store *s, struct arena *a, sqlite3_stmt *q, struct request_row *ret)
{
	enum store_found found = step(s, q);
	if (found == STORE_FOUND)
		read_request(a, q, ret);
	done(q);
	return found;
}

enum store_found store_request(struct store *s, struct arena *a, uint64_t id, struct request_row *ret)
{
	sqlite3_stmt *q = query(s, REQUEST);
	sqlite3_bind_int64(q, 1, (int64_t)id);
	return find_request(s, a, q, ret);
}

enum store_found store_request_by_message(struct store *s, struct arena *a, struct str message_id,
					  struct request_row *ret)
{
	sqlite3_stmt *q = query(s, REQUEST_BY_MESSAGE);
	bind_text(q, 1, message_id);
	return find_request(s, a, q, ret);
}

enum store_found store_request_by_body(struct store *s, struct arena *a, struct str account, struct str body_hash,
				       int64_t since, struct request_row *ret)
{
	sqlite3_stmt *q = query(s, REQUEST_BY_BODY);
	bind_text(q, 1, body_hash);
	bind_text(q, 2, account);
	sqlite3_bind_int64(q, 3, since);
	return find_request(s, a, q, ret);
}

enum store_found store_request_by_key(struct store *s, struct arena *a, struct str account, struct str key_hash,
				      struct request_row *ret)
{
	sqlite3_stmt *q = query(s, REQUEST_BY_KEY);
	bind_text(q, 1, key_hash);
	bind_text(q, 2, account);
	return find_request(s, a, q, ret);
}

/* Lists: each row in an arena that is emptied for the next */

bool store_accounts(struct store *s, store_each_account *each, void *ctx)
{
	struct arena *a = arena_new();
	sqlite3_stmt *q = query(s, ACCOUNTS);
	enum store_found found;
	for (; (found = step(s, q)) == STORE_FOUND; arena_reset(a)) {
		struct account account;
		read_account(a, q, &account);
		each(ctx, &account);
	}
	done(q);
	arena_free(a);
	return found == STORE_NONE;
}

bool store_requests(struct store *s, bool only_open, store_each_request *each, void *ctx)
{
	struct arena *a = arena_new();
	sqlite3_stmt *q = query(s, only_open ? REQUESTS_OPEN : REQUESTS);
	enum store_found found;
	for (; (found = step(s, q)) == STORE_FOUND; arena_reset(a)) {
		struct request_row r;
		read_request(a, q, &r);
		each(ctx, &r);
	}
	done(q);
	arena_free(a);
	return found == STORE_NONE;
}

bool store_certificates(struct store *s, store_each_certificate *each, void *ctx)
{
	struct arena *a = arena_new();
	sqlite3_stmt *q = query(s, CERTIFICATES);
	enum store_found found;
	for (; (found = step(s, q)) == STORE_FOUND; arena_reset(a)) {
		struct certificate_row c;
		read_certificate(a, q, &c);
		each(ctx, &c);
	}
	done(q);
	arena_free(a);
	return found == STORE_NONE;
}

bool store_revoked(struct store *s, struct arena *a, int64_t now, struct revocations *ret)
{
	VEC(struct revoked) list = { 0 };
	sqlite3_stmt *q = query(s, REVOKED);
	enum store_found found;
	sqlite3_bind_int64(q, 1, now);
	while ((found = step(s, q)) == STORE_FOUND)
		*VEC_ADD(a, &list) = (struct revoked){ column(a, q, 0), sqlite3_column_int64(q, 1),
						       (uint64_t)sqlite3_column_int64(q, 2) };
	done(q);
	*ret = (struct revocations){ list.v, list.n };
	return found == STORE_NONE;
}

/* Values with a name */

bool store_text(struct store *s, struct arena *a, const char *name, struct str *ret)
{
	sqlite3_stmt *q = query(s, META);
	bind_text(q, 1, str_of(name));
	enum store_found found = step(s, q);
	*ret = found == STORE_FOUND ? column(a, q, 0) : NO_STR;
	done(q);
	return found != STORE_FAILED;
}

bool store_set_text(struct store *s, const char *name, struct str value)
{
	sqlite3_stmt *q = query(s, META_PUT);
	bind_text(q, 1, str_of(name));
	bind_bytes(q, 2, value);
	return execute(s, q);
}

bool store_number(struct store *s, const char *name, int64_t *ret)
{
	sqlite3_stmt *q = query(s, META);
	bind_text(q, 1, str_of(name));
	enum store_found found = step(s, q);
	*ret = found == STORE_FOUND ? sqlite3_column_int64(q, 0) : 0;
	done(q);
	return found != STORE_FAILED;
}

bool store_set_number(struct store *s, const char *name, int64_t value)
{
	sqlite3_stmt *q = query(s, META_PUT);
	bind_text(q, 1, str_of(name));
	sqlite3_bind_int64(q, 2, value);
	return execute(s, q);
}

bool store_copy(struct store *s, const char *path)
{
	sqlite3_stmt *q = NULL;
	if (sqlite3_prepare_v2(s->db, "VACUUM INTO ?", -1, &q, NULL) != SQLITE_OK)
		return failed(s, sqlite3_errcode(s->db));
	bind_text(q, 1, str_of(path));
	int code = sqlite3_step(q);
	sqlite3_finalize(q);
	return code == SQLITE_DONE || failed(s, code);
}
