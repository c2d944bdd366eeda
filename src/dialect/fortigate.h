/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "dialect/dialect.h"

bool fortigate_parse(struct arena *a, const struct source *s, const struct read_options *o, struct ruleset **ret,
		     struct diag *d);
