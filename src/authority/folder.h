/* SPDX-License-Identifier: Apache-2.0 */
/* The folder of an authority: its files, who writes them, and the socket of its operators. */
#pragma once

#include "base/diag.h"

/* Writes a file, 0600 when it is secret; replaces it as a whole. */
bool authority_write(struct arena *a, const char *path, struct str bytes, bool secret, struct diag *d);

/*
 * One process at a time writes the store and the audit log.  Taken until the program ends.  False, after an error, when another
 * has it.
 */
bool authority_lock(struct arena *a, const char *folder, struct diag *d);

/* Gives state/ and what is in it to the user; nothing to do when it is NULL. */
bool authority_give_state(struct arena *a, const char *folder, const char *user, struct diag *d);

/* A connection to the clerk that serves the folder; -1: none does. */
int authority_connect(const char *folder);
