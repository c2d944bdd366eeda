/* SPDX-License-Identifier: Apache-2.0 */
/* What every SARIF 2.1.0 log (OASIS) of this program has, whatever its results are. */
#pragma once

#include "doc/json.h"
#include "lint/lint.h"

/* The log, and its only run up to the list of rules: the caller puts the rules and ends the list. */
struct json sarif_begin(struct out *o);

/* A kind of finding. */
void sarif_rule(struct json *j, const char *id, const char *title, const char *about, enum level level);

/* After the rules, up to the list of results; whether the tool could do its work. */
void sarif_results(struct json *j, bool successful);
void sarif_end(struct json *j);

/* "key": {"text": ...} */
void sarif_message(struct json *j, const char *key, struct str text);

/*
 * The members of a result's only location: a path; a line of it, or 0; the text of that line, or none; and what it belongs
 * to, as people name it.
 */
void sarif_location(struct json *j, const char *path, uint32_t line, struct str snippet, struct str belongs_to);
