/* SPDX-License-Identifier: Apache-2.0 */
/* The two halves of azure-nsg: the writer (azure.c) and the reader (read.c). */
#pragma once

#include "dialect/dialect.h"

bool azure_parse(struct arena *a, const struct source *s, const struct read_options *o, struct ruleset **ret,
		 struct diag *d);
