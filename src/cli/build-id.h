/* SPDX-License-Identifier: Apache-2.0 */
/* Which build of the program runs: answers of another one are not its own. */
#pragma once

#include "base/out.h"

/*
 * Writes the build ids of the program and of its libraries, as the linker gave
 * them.  False when one of them has none.
 */
bool build_id(struct out *ret);
