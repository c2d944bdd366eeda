/* SPDX-License-Identifier: Apache-2.0 */
/* Times as people write them: "2 days", "8 hours". */
#pragma once

#include "doc/fields.h"

enum { DURATION_MAX = 40 * 365 * 86400 }; /* seconds */

/* minutes, hours, days, weeks and years of 365 days.  False when it is something else, zero, or longer than DURATION_MAX. */
bool duration_read(struct str text, uint64_t *ret);

/* In the largest unit that divides it: "2 days". */
struct str duration_text(struct arena *a, uint64_t seconds);

/* For tables of fields: into a struct number, in seconds. */
void decode_duration(struct decode *d, const struct node *n, void *into);
#define DURATION_SCHEMA "{\"type\":\"string\",\"pattern\":\"^[0-9]+ (minute|hour|day|week|year)s?$\"}"
