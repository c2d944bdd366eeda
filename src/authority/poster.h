/* SPDX-License-Identifier: Apache-2.0 */
/* The outlet of notices that posts them to one address. */
#pragma once

#include "authority/outlet.h"
#include "authority/post-url.h"
#include "authority/processes.h"

/*
 * Resolves the address, reads what it trusts, and forks the process that posts.  It connects to nothing else, follows no redirection,
 * and reads the status alone.  The courier's end of the link; -1 after errors.
 */
int poster_start(struct arena *a, const struct courier_start *s, struct diag *d);
