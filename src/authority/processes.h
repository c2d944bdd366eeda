/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The processes of `ca serve` and what each may do.  Each main function runs a loop until its links end, and never returns
 * before; walls_*() (authority/walls.h) were raised by then.
 *
 *  front   TCP, TLS, HTTP, XML, CMS     opens nothing after its start, connects nowhere, has neither key nor store
 *  clerk   store, accounts, decisions   no network, no exec, not the authority's key
 *  hasher  password hashes              no files, no network
 *  keeper  the authority's key          no store, no network
 *  courier notices                      neither key nor store, no network; its runner runs the operator's command
 */
#pragma once

#include "authority/config.h"
#include "base/diag.h"

/* Now, in seconds since 1970: the system's clock, or a test's (a file whose time is the clock). */
int64_t authority_now(void);

/* Opens the file of a test's clock: seconds since 1970, as text.  False, and errno, when it cannot be read. */
bool authority_clock(const char *path);

/* Each reads what it needs before it is confined; false after errors in d, else it runs until told to end. */
struct keeper_start {
	const char *folder;
	const struct authority_config *config;
	int clerk; /* socket */
};
bool keeper_run(struct arena *a, const struct keeper_start *s, struct diag *d);

struct clerk_start {
	const char *folder;
	const struct authority_config *config;
	int front, keeper, hasher;
	int courier;   /* -1: none */
	int operators; /* a listening Unix socket; -1: none */
	int control;   /* over which new keepers are handed in (authority/serve.c); -1: none */
};
bool clerk_run(struct arena *a, const struct clerk_start *s, struct diag *d);

struct hasher_start {
	const struct authority_config *config;
	int clerk;
};
bool hasher_run(struct arena *a, const struct hasher_start *s, struct diag *d);

struct courier_start {
	const struct authority_config *config;
	int clerk;
};
bool courier_run(struct arena *a, const struct courier_start *s, struct diag *d);

struct front_start {
	const struct authority_config *config;
	const int *listeners; /* bound sockets, in the order of the configuration */
	int clerk;
};
bool front_run(struct arena *a, const struct front_start *s, struct diag *d);
