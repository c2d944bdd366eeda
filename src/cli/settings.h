/* SPDX-License-Identifier: Apache-2.0 */
/* What a platform has to be told and no plan knows: --set KEY=VALUE, by the table of its dialect. */
#pragma once

#include "cli/command.h"
#include "dialect/dialect.h"

/*
 * The settings of the command line, by the table of a dialect.  They live as long as the invocation.  A key that the dialect
 * does not have is an error, unless it may be one of any dialect; what is not given and has to be is a warning.  False after
 * errors.
 */
bool settings_read(struct invocation *call, const struct dialect *dialect, bool of_any, struct policy *p);

#define OPTION_SET                                                                                   \
	{                                                                                            \
		"set", 0, "KEY=VALUE...", NULL,                                                      \
			"what the platform has to be told and no plan knows, as network=NAME of gcp" \
	}
