/* SPDX-License-Identifier: Apache-2.0 */
/* Commands that run for long and report what they have when they are interrupted. */
#pragma once

#include <signal.h>

/* The first SIGINT or SIGTERM from now on sets what is returned, the second one ends the program. */
const volatile sig_atomic_t *catch_interrupts(void);
