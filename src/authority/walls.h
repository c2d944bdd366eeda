/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walls around the processes of the authority: a user of its own when root started it, no capabilities, no new privileges, and
 * a list of system calls.  What a process needs from files is opened before, but for the clerk, whose store writes files.
 */
#pragma once

#include "authority/config.h"

enum walled { WALLED_FRONT, WALLED_CLERK, WALLED_HASHER, WALLED_KEEPER, WALLED_COURIER, N_WALLED };

/* "front", ... */
extern const char *const walled_names[N_WALLED];

/*
 * "portolan-web", ...: the user of a process, by the prefix of the configuration.  NULL when it keeps its user: an ordinary user
 * started it, or the configuration says users: root.
 */
const char *walled_user(struct arena *a, enum walled who, const struct authority_config *c);

/* The user and the capabilities alone, for what runs commands of the operator.  False after an error in d. */
bool walls_user(struct arena *a, enum walled who, const struct authority_config *c, struct diag *d);

/*
 * Gives up what the process does not need, and ignores the signals that a terminal sends to all: processes end when their links
 * do.  False after an error in d.
 */
bool walls_raise(struct arena *a, enum walled who, const struct authority_config *c, struct diag *d);

/* The same for what posts notices (authority/poster.h): the courier's user, and connections. */
bool walls_raise_poster(struct arena *a, const struct authority_config *c, struct diag *d);
