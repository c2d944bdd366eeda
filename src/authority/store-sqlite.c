/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The database of the store: its tables and statements, and how they are run.  Columns are listed once a table, and rows are read
 * in that order (store-rows.c).
 */
#include "authority/store-sqlite.h"
#include "base/vec.h"

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
	"ALTER TABLE certificates ADD COLUMN issuer INTEGER NOT NULL DEFAULT 0;"
	"CREATE INDEX certificates_end ON certificates (not_after) WHERE revoked = 0;"
	"CREATE INDEX certificates_lineage ON certificates (lineage, not_after);"
	"CREATE TABLE imported_revocations (serial BLOB PRIMARY KEY, revoked INTEGER NOT NULL, reason INTEGER NOT NULL)"
	" WITHOUT ROWID;",
};

#define ACCOUNT_COLUMNS "name, hash, dns_name, sid, owner, groups, allowed, locked, changed"
#define CERTIFICATE_COLUMNS \
	"serial, der, account, template, template_oid, lineage, not_before, not_after, made, revoked, reason, issuer"
#define REQUEST_COLUMNS                                                                                               \
	"id, state, protocol, message_id, body_hash, account, via, address, csr, key_hash, template, template_hash, " \
	"ask, lineage, text, decided_by, made, decided, serial"

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
			    ", sha256, key_hash, request) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[CERTIFICATE_REVOKE] = "UPDATE certificates SET revoked = ?, reason = ? WHERE serial = ? AND revoked = 0",
	[CERTIFICATES] = "SELECT " CERTIFICATE_COLUMNS " FROM certificates ORDER BY made, serial",
	[ENDING] =
		"SELECT " CERTIFICATE_COLUMNS ", rowid, EXISTS (SELECT 1 FROM certificates later WHERE later.lineage ="
		" certificates.lineage AND later.not_after > certificates.not_after AND later.revoked = 0)"
		" FROM certificates WHERE revoked = 0 AND (not_after, rowid) > (?, ?) AND not_after <= ? AND"
		" account <> '' ORDER BY not_after, rowid LIMIT ?",
	[REVOKED] =
		"SELECT serial, revoked, reason FROM certificates WHERE revoked > 0 AND not_after > ?1 AND issuer = ?2"
		" UNION ALL SELECT serial, revoked, reason FROM imported_revocations WHERE ?2 = 0",
	[IMPORT] = "INSERT OR IGNORE INTO imported_revocations (serial, revoked, reason) VALUES (?, ?, ?)",
	[IMPORTED] = "SELECT serial, revoked, reason FROM imported_revocations WHERE serial = ?",
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

/* Opening */

static void close_store(void *ctx)
{
	struct store *s = ctx;
	for (size_t i = 0; i < N_STATEMENTS; i++)
		sqlite3_finalize(s->statements[i]);
	sqlite3_close(s->db);
}

bool sql_failed(struct store *s, int code)
{
	s->error = code;
	return false;
}

static bool run(struct store *s, const char *sql)
{
	int code = sqlite3_exec(s->db, sql, NULL, NULL, NULL);
	return code == SQLITE_OK || sql_failed(s, code);
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

sqlite3_stmt *sql_query(struct store *s, enum statement which)
{
	sqlite3_reset(s->statements[which]);
	return s->statements[which];
}

void sql_bind_text(sqlite3_stmt *q, int i, struct str text)
{
	sqlite3_bind_text64(q, i, text.p ? text.p : "", text.n, SQLITE_STATIC, SQLITE_UTF8);
}

void sql_bind_bytes(sqlite3_stmt *q, int i, struct str bytes)
{
	sqlite3_bind_blob64(q, i, bytes.p ? bytes.p : "", bytes.n, SQLITE_STATIC);
}

void sql_bind_lines(sqlite3_stmt *q, int i, const struct strs_field *list)
{
	struct out o = out_memory(1 << 20);
	for (size_t j = 0; j < list->n; j++)
		out_printf(&o, "%.*s\n", STR_ARG(list->v[j]));
	struct str text = out_view(&o);
	sqlite3_bind_text64(q, i, text.p ? text.p : "", text.n, SQLITE_TRANSIENT, SQLITE_UTF8);
	out_free(&o);
}

struct str sql_column(struct arena *a, sqlite3_stmt *q, int i)
{
	const char *p = sqlite3_column_blob(q, i);
	return str_dup(a, (struct str){ p ? p : "", (size_t)sqlite3_column_bytes(q, i) });
}

struct strs_field sql_column_lines(struct arena *a, sqlite3_stmt *q, int i)
{
	VEC(struct str) list = { 0 };
	struct str rest = sql_column(a, q, i), line;
	while (str_cut(&rest, '\n', &line))
		if (line.n)
			*VEC_ADD(a, &list) = line;
	return (struct strs_field){ list.v, list.n };
}

enum store_found sql_step(struct store *s, sqlite3_stmt *q)
{
	int code = sqlite3_step(q);
	if (code == SQLITE_ROW)
		return STORE_FOUND;
	if (code == SQLITE_DONE)
		return STORE_NONE;
	sql_failed(s, code);
	return STORE_FAILED;
}

void sql_done(sqlite3_stmt *q)
{
	sqlite3_reset(q);
	sqlite3_clear_bindings(q);
}

bool sql_execute(struct store *s, sqlite3_stmt *q)
{
	enum store_found found = sql_step(s, q);
	sql_done(q);
	return found != STORE_FAILED;
}

bool store_begin(struct store *s)
{
	return sql_execute(s, sql_query(s, BEGIN));
}

bool store_commit(struct store *s)
{
	if (sql_execute(s, sql_query(s, COMMIT)))
		return true;
	int error = s->error;
	store_rollback(s);
	return sql_failed(s, error);
}

void store_rollback(struct store *s)
{
	if (!sqlite3_get_autocommit(s->db))
		sql_execute(s, sql_query(s, ROLLBACK));
}

bool store_copy(struct store *s, const char *path)
{
	sqlite3_stmt *q = NULL;
	if (sqlite3_prepare_v2(s->db, "VACUUM INTO ?", -1, &q, NULL) != SQLITE_OK)
		return sql_failed(s, sqlite3_errcode(s->db));
	sql_bind_text(q, 1, str_of(path));
	int code = sqlite3_step(q);
	sqlite3_finalize(q);
	return code == SQLITE_DONE || sql_failed(s, code);
}
