/* SPDX-License-Identifier: Apache-2.0 */
/* How tables of fields (doc/fields.h) are written. */
#pragma once

#include "doc/fields.h"

/* clang-format would take the braces of these macros for blocks. */
/* clang-format off */
#define ROW(row, name, type_, member, sentence) \
	{ .key = name, .type = type_, .offset = offsetof(struct row, member), .help = sentence }
#define NEEDED(row, name, type_, member, sentence) \
	{ .key = name, .type = type_, .offset = offsetof(struct row, member), .required = true, .help = sentence }
#define CHOICE(row, name, member, words, sentence)                                   \
	{ .key = name, .type = FIELD_CHOICE, .offset = offsetof(struct row, member), \
	  .choices = words, .n_choices = ARRAY_LEN(words), .help = sentence }
#define NESTED(row, name, type_, member, record_, sentence)                   \
	{ .key = name, .type = type_, .offset = offsetof(struct row, member), \
	  .record = &record_, .help = sentence }
#define CUSTOM(row, name, member, fn, json, sentence)                                \
	{ .key = name, .type = FIELD_CUSTOM, .offset = offsetof(struct row, member), \
	  .decode = fn, .schema = json, .help = sentence }
#define RECORD(row, words, table, key, place)                                                       \
	{ .what = words, .size = sizeof(struct row), .fields = table, .n_fields = ARRAY_LEN(table), \
	  .key_offset = key, .at_offset = place }
/* clang-format on */
