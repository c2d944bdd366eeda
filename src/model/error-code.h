/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Codes of errors, as people read them: 1722, 0x6ba, 0x800706BA, -2147023174, event 5719, WS_E_ENDPOINT_NOT_FOUND.
 *
 * One code may have several meanings: what a number stands for depends on who reports it.
 */
#pragma once

#include "model/estate.h"

/* A decimal number, signed or not, or a hexadecimal one with 0x, of 32 bits. */
bool error_number_parse(struct str s, uint32_t *ret);

/* The meanings of a code, in the catalogue's order; *n is 0 when there are none. */
const struct error_code *const *error_codes_find(struct arena *a, const struct catalogue *c, struct str code,
						 size_t *n);

/* The names of codes, for a suggestion. */
struct strs error_code_names(struct arena *a, const struct catalogue *c);

/* Which of its flows this is, by number; -1: none.  A NULL host has no roles. */
int error_code_flow(const struct error_code *e, const struct host *from, const struct host *to, int service);
