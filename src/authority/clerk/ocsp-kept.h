/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OCSP responses that were signed and still hold, by key of the authority and certificate: an answer to many clients is signed once.
 *
 * A place holds one response; another one that falls into it takes it.  ocsp_forget() makes all worthless.
 */
#pragma once

#include "base/str.h"

enum { OCSP_KEPT = 4096 };

struct ocsp_kept;
struct ocsp_kept *ocsp_kept_new(struct arena *a); /* freed with it */

/* The response, alive until the next call; false: there is none that holds at that time. */
bool ocsp_find(struct ocsp_kept *kept, uint64_t key, struct str id, int64_t now, struct str *ret, int64_t *made,
	       int64_t *next);

/* since: what ocsp_epoch() said when the status was read; where it was forgotten meanwhile, it is not kept. */
void ocsp_keep(struct ocsp_kept *kept, uint64_t since, uint64_t key, struct str id, struct str response, int64_t made,
	       int64_t next);
uint64_t ocsp_epoch(const struct ocsp_kept *kept);
void ocsp_forget(struct ocsp_kept *kept);
