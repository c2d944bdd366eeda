/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the store share: statements, prepared once and named, with the values that go in and come out. */
#pragma once

#include <sqlite3.h>

#include "authority/store.h"

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
	ENDING,
	IMPORT,
	IMPORTED,
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

struct store {
	sqlite3 *db;
	sqlite3_stmt *statements[N_STATEMENTS];
	int error; /* of the last failure */
};

/* Keeps the code of a failure; always false. */
bool sql_failed(struct store *s, int code);

/* A statement to bind values to, from 1 on; bytes that are bound have to live until sql_done(). */
sqlite3_stmt *sql_query(struct store *s, enum statement which);
void sql_bind_text(sqlite3_stmt *q, int i, struct str text);
void sql_bind_bytes(sqlite3_stmt *q, int i, struct str bytes);
void sql_bind_lines(sqlite3_stmt *q, int i, const struct strs_field *list); /* a list as lines; no member holds one */

/* A row, or none; the statement is free for the next use after sql_done(). */
enum store_found sql_step(struct store *s, sqlite3_stmt *q);
void sql_done(sqlite3_stmt *q);
bool sql_execute(struct store *s, sqlite3_stmt *q); /* both, of a statement without rows */

/* Values of a row, from 0 on, in the arena. */
struct str sql_column(struct arena *a, sqlite3_stmt *q, int i);
struct strs_field sql_column_lines(struct arena *a, sqlite3_stmt *q, int i);
