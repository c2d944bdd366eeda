/* SPDX-License-Identifier: Apache-2.0 */
/* What a process gives up once it has what it needs.  False, with errno, when the system refuses. */
#pragma once

#include <sys/types.h>

#include "base/common.h"

/* Another user with no further groups; true and nothing done when it is not root. */
bool confine_user(uid_t user, gid_t group);

/* Every capability, and the way to gain new ones. */
bool confine_privileges(void);

/* Every system call but these; others fail with EPERM.  Nothing with sanitizers, which open files and map memory of their own. */
bool confine_calls(const int *calls, size_t n);
