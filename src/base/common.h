/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every file may assume: fixed-width integers, bool, and a few macros for what
 * is long in C.
 */
#pragma once

#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef _WIN32
/* Formats are those of C, not of the oldest library of Windows. */
#define PRINTF(fmt, args) __attribute__((format(__MINGW_PRINTF_FORMAT, fmt, args)))
#else
#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#endif
#define NORETURN __attribute__((noreturn))
#define UNUSED   __attribute__((unused))

/* CLEANUP(buf_free) struct buf b; runs buf_free(&b) when b goes out of scope. */
#define CLEANUP(fn) __attribute__((cleanup(fn)))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

/* Three-way comparison without the overflow of a subtraction. */
#define CMP(a, b) (((a) > (b)) - ((a) < (b)))

/* In place of qsort(): what compares equal stays in its order, on every system.  NULL is an empty array. */
typedef int compare_with(const void *left, const void *right, void *ctx);
void sort_items(void *items, size_t n, size_t size, int (*cmp)(const void *, const void *));
void sort_items_with(void *items, size_t n, size_t size, compare_with *cmp, void *ctx);

/* bsearch() that accepts NULL for an empty array, which C does not allow. */
static inline void *find_sorted(const void *key, const void *items, size_t n, size_t size,
				int (*cmp)(const void *, const void *))
{
	return n ? bsearch(key, items, n, size, cmp) : NULL;
}
