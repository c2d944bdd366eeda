/* SPDX-License-Identifier: Apache-2.0 */
/* Identifies the build of the program: results of another build are not valid for it. */
#pragma once

#include "base/out.h"

/*
 * Writes the build ids of the program and of its libraries, as the linker gave
 * them.  False when one of them has none.
 */
bool build_id(struct out *ret);
