/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells the address sanitizer which bytes of an arena are allocated, so that it
 * detects an overrun inside a chunk.  Does nothing in an ordinary build.
 */
#pragma once

#if defined(__SANITIZE_ADDRESS__)
#define HAVE_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAVE_ASAN 1
#endif
#endif

#ifdef HAVE_ASAN
#include <sanitizer/asan_interface.h>
#define ASAN_POISON(p, n)   __asan_poison_memory_region((p), (n))
#define ASAN_UNPOISON(p, n) __asan_unpoison_memory_region((p), (n))
#else
#define ASAN_POISON(p, n)   ((void)0)
#define ASAN_UNPOISON(p, n) ((void)0)
#endif
