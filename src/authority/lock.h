/* SPDX-License-Identifier: Apache-2.0 */
/* One process at a time writes the store and the audit log of a folder. */
#pragma once

#include "base/diag.h"

/* Taken until the program ends.  False, after an error, when another has it. */
bool authority_lock(struct arena *a, const char *folder, struct diag *d);
