/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portolan --complete WORD...: what the last word, which may be empty, could become.  The scripts of cmd-completion.c
 * call it; people do not.
 *
 * A line for each: the word, a tab, what it is.  It reads the estate that the other words name, within the limits of
 * every reader, and says nothing of errors: then there are no words of the estate.  Only words that a shell takes as they are
 * come out, whatever a file holds.  Nothing comes out where a file is expected.
 */
#pragma once

#include "cli/command.h"

void complete(struct invocation *call, int argc, char **argv);
