/* SPDX-License-Identifier: Apache-2.0 */
/* The two halves of nftables. */
#pragma once

#include "dialect/dialect.h"

bool nftables_parse(struct arena *a, const struct source *s, const struct read_options *o, struct ruleset **ret,
		    struct diag *d);
