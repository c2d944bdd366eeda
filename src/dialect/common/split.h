/* SPDX-License-Identifier: Apache-2.0 */
/* Policies within the list limits of a platform. */
#pragma once

#include "dialect/dialect.h"

/*
 * Groups and services that exceed the dialect's lists are split, and
 * relations that name them become one for each pair of parts; long names are shortened
 * but stay unique, and reserved names are changed.  What is permitted stays the same.  False, with
 * an error in d, when there would be too many.
 */
bool split_policy(struct arena *a, const struct dialect *dialect, struct policy *p, struct diag *d);
