/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes of passwords, as crypt(5) has them. */
#pragma once

#include "base/str.h"

enum { PASSWORD_MAX = 256 };

/* yescrypt; empty when the system has no random bytes. */
struct str password_hash(struct arena *a, const char *password);

/* Any hash that libcrypt knows, so that accounts can be imported; in constant time once it is computed. */
bool password_right(const char *password, const char *hash);
