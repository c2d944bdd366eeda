/* SPDX-License-Identifier: Apache-2.0 */
/* What every SARIF 2.1.0 log (OASIS) of this program has, whatever its results are. */
#pragma once

#include "doc/json.h"
#include "lint/lint.h"

/* The log, and its only run up to the list of rules: the caller puts the rules and ends the list. */
struct json sarif_begin(struct out *o);

/* A kind of finding. */
struct sarif_kind {
	const char *id, *title, *about;
	enum level level;
	struct str help; /* where it is explained */
	struct str uri;  /* of the same; empty: none */
};
void sarif_rule(struct json *j, const struct sarif_kind *kind);

/* After the rules, up to the list of results; whether the tool could do its work. */
void sarif_results(struct json *j, bool successful);

/* Ends the list of results; members of the run may follow. */
void sarif_end_results(struct json *j);
void sarif_end(struct json *j);

/* "key": {"text": ...} */
void sarif_message(struct json *j, const char *key, struct str text);

/* "physicalLocation": a file, with the line and columns that are known, and the text of that line, or none. */
void sarif_physical(struct json *j, struct loc at, struct str snippet);

/*
 * The members of a result's only location: where it is, and what it belongs to, as people name it, or nothing.
 */
void sarif_location(struct json *j, struct loc at, struct str snippet, struct str belongs_to);

/* What stays the same of a result while the same is wrong, so that it is not taken for a new one. */
void sarif_fingerprint(struct json *j, struct str print);
