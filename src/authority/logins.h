/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is remembered of passwords: right ones for some minutes, because clients repeat them in each message; wrong ones, so that
 * guessing becomes slow.  Both in tables of a fixed size.  Logins by certificate never meet this.
 */
#pragma once

#include "base/str.h"

struct logins;

/* remember: seconds; 0: right passwords are not remembered. */
struct logins *logins_new(struct arena *a, uint64_t remember);

/* What is remembered belongs to the account's hash: once that changes, nothing is. */
bool logins_knows(const struct logins *l, struct str hash, struct str account, struct str password, int64_t now);
void logins_right(struct logins *l, struct str hash, struct str account, struct str password, struct str address,
		  int64_t now);
void logins_wrong(struct logins *l, struct str account, struct str address, int64_t now);

/* Seconds until another password of the account, or from the address, is looked at; 0: now. */
enum { LOGIN_WAIT_ACCOUNT_MOST = 30, LOGIN_WAIT_ADDRESS_MOST = 60 };
int64_t logins_wait(const struct logins *l, struct str account, struct str address, int64_t now);

/*
 * A password is being looked at, until logins_end().  At once, an account and an address have as many as they may have
 * wrong before they wait, and one when they have waited: guesses that come together are no more than those that come one
 * after the other.  False: another has to end first.
 */
bool logins_begin(struct logins *l, struct str account, struct str address, int64_t now);
void logins_end(struct logins *l, struct str account, struct str address);
