/* SPDX-License-Identifier: Apache-2.0 */
/* Timers: a heap of what is to happen next, and the clocks that it goes by. */
#pragma once

#include "base/arena.h"

struct timer {
	int64_t at;                   /* microseconds of clock_now() */
	size_t place;                 /* in the heap, from 1; 0: not set */
	void (*fire)(struct timer *); /* it is no longer set when this is called */
};

struct timers {
	struct arena *arena;
	struct timer **heap;
	size_t n, room;
};

/* Sets it, or moves it. */
void timer_set(struct timers *all, struct timer *t, int64_t at);
void timer_stop(struct timers *all, struct timer *t);

/* Fires all that are due, those too that are set meanwhile for now or before. */
void timers_fire(struct timers *all, int64_t now);

/* Milliseconds until the next one, rounded up; most when that is sooner. */
int timers_wait(const struct timers *all, int64_t now, int most);

int64_t clock_now(void);  /* microseconds that only grow */
int64_t clock_wall(void); /* milliseconds since 1970 */
