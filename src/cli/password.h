/* SPDX-License-Identifier: Apache-2.0 */
/* Passwords: of a file, of a descriptor, or typed; never on the command line, where other users see it. */
#pragma once

#include "cli/command.h"

#define OPTIONS_PASSWORD                                                               \
	{ "password-file", 0, "FILE", NULL, "read the password from FILE, one line" }, \
	{                                                                              \
		"password-fd", 0, "N", NULL, "read the password from descriptor N"     \
	}

/*
 * The password by the options, or typed at the terminal after the prompt; twice: typed again to be sure.  False after an
 * error in the diagnostics.
 */
bool option_password(struct invocation *call, const char *prompt, bool twice, struct str *ret);
