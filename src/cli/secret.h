/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets of files: on the command line, other users would see them. */
#pragma once

#include "cli/command.h"

enum { TOKEN_LEAST = 16 }; /* bytes of a token that probe and listen share */

/*
 * The line in the file that the option names; *ret stays empty without the option.  False after an error: the file has
 * several lines, or fewer than least bytes.
 */
bool option_secret(struct invocation *call, const char *name, size_t least, struct str *ret);
