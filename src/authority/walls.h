/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walls around the processes of the authority: a user of its own when root started it, no capabilities, no new privileges, and
 * a list of system calls.  What a process needs from files is opened before, but for the clerk, whose store writes files.
 */
#pragma once

#include "base/str.h"

enum walled { WALLED_FRONT, WALLED_CLERK, WALLED_HASHER, WALLED_KEEPER, N_WALLED };

/* "front", ... */
extern const char *const walled_names[N_WALLED];

/* "portolan-web", ...: the users take the place of "portolan" by the prefix of the configuration. */
struct str walled_user(struct arena *a, enum walled who, struct str prefix);

/*
 * Gives up what the process does not need.  user: NULL keeps the user, which an ordinary user's trial has to.  False with *why.
 */
bool walls_raise(enum walled who, const char *user, struct str *why);
