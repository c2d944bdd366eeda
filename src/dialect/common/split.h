/* SPDX-License-Identifier: Apache-2.0 */
/* Policies within what a platform takes in one list. */
#pragma once

#include "dialect/dialect.h"

/*
 * Groups and services that are larger than the dialect's lists become several, and
 * relations that name them one for each of their pairs; long names become shorter,
 * and stay different, and names that mean something else there are changed.  What is permitted stays the same.  False, with an error in
 * d, when it would be too many.
 */
bool split_policy(struct arena *a, const struct dialect *dialect, struct policy *p, struct diag *d);
