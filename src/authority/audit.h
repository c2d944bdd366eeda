/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit log: a line of JSON for each thing that happened.  Each line ends with the SHA-256 of the line before, so that
 * nothing can be taken out or changed without all that follows; every hour the keeper signs the last hash.
 *
 * Lines are written before what they tell of is committed: a crash leaves a line without a certificate, never a
 * certificate without a line.
 */
#pragma once

#include "authority/messages.h"
#include "base/diag.h"
#include "doc/json.h"

enum { AUDIT_HASH = 32 };

struct audit;

/* Goes on where the file ends; makes it when it is absent.  NULL after errors. */
struct audit *audit_open(struct arena *a, const char *path, struct diag *d);

/* Begins a record and gives its writer; more keys may follow.  It is in memory until audit_flush(). */
struct json *audit_begin(struct audit *l, const char *event, int64_t now);
void audit_end(struct audit *l);

/* What was recorded is on disk.  False when it is not; the records are dropped, and the chain is as before them. */
bool audit_flush(struct audit *l);

/* The hash of the last line, and how many there are. */
struct str audit_head(const struct audit *l);
uint64_t audit_records(const struct audit *l);

struct audit_report {
	uint64_t records, statements;
	uint64_t wrong_line; /* the first that breaks the chain; 0: none */
	const char *why;
};

/*
 * Reads a whole log.  statement: asked for each signed statement whether the signature is the authority's; NULL: not asked.
 * False when the file cannot be read.
 */
bool audit_verify(struct arena *a, const char *path,
		  bool (*statement)(void *ctx, const struct ask_statement *said, struct str signature), void *ctx,
		  struct audit_report *ret, struct diag *d);
