/* SPDX-License-Identifier: Apache-2.0 */
/* The libraries that this program is made with, and their versions. */
#pragma once

#include "base/out.h"

/* A line each. */
void libraries_put(struct out *o, struct arena *a);
