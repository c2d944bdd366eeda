/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/interrupt.h"

static volatile sig_atomic_t interrupted;

static void note_interrupt(int signal)
{
	interrupted = 1;
}

const volatile sig_atomic_t *catch_interrupts(void)
{
	struct sigaction action = { .sa_handler = note_interrupt, .sa_flags = (int)SA_RESETHAND };
	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	return &interrupted;
}
