/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/timer.h"

#include <time.h>

static void put(struct timers *all, size_t place, struct timer *t)
{
	all->heap[place - 1] = t;
	t->place = place;
}

static void rise(struct timers *all, struct timer *t)
{
	size_t place = t->place;
	while (place > 1 && all->heap[place / 2 - 1]->at > t->at) {
		put(all, place, all->heap[place / 2 - 1]);
		place /= 2;
	}
	put(all, place, t);
}

static void sink(struct timers *all, struct timer *t)
{
	size_t place = t->place;
	for (;;) {
		size_t child = place * 2;
		if (child > all->n)
			break;
		if (child < all->n && all->heap[child]->at < all->heap[child - 1]->at)
			child++;
		if (all->heap[child - 1]->at >= t->at)
			break;
		put(all, place, all->heap[child - 1]);
		place = child;
	}
	put(all, place, t);
}

void timer_set(struct timers *all, struct timer *t, int64_t at)
{
	t->at = at;
	if (!t->place) {
		if (all->n == all->room) {
			size_t room = all->room ? all->room * 2 : 64;
			all->heap = arena_grow(all->arena, all->heap, all->n, room, sizeof *all->heap);
			all->room = room;
		}
		put(all, ++all->n, t);
	}
	rise(all, t);
	sink(all, t);
}

void timer_stop(struct timers *all, struct timer *t)
{
	if (!t->place)
		return;
	struct timer *last = all->heap[--all->n];
	size_t place = t->place;
	t->place = 0;
	if (last == t)
		return;
	put(all, place, last);
	rise(all, last);
	sink(all, last);
}

void timers_fire(struct timers *all, int64_t now)
{
	while (all->n && all->heap[0]->at <= now) {
		struct timer *t = all->heap[0];
		timer_stop(all, t);
		t->fire(t);
	}
}

int timers_wait(const struct timers *all, int64_t now, int most)
{
	if (!all->n)
		return most;
	int64_t left = all->heap[0]->at - now;
	if (left <= 0)
		return 0;
	return (int)MIN((left + 999) / 1000, (int64_t)most);
}

static int64_t read_clock(clockid_t which, int64_t unit)
{
	struct timespec t;
	clock_gettime(which, &t);
	return t.tv_sec * unit + t.tv_nsec / (1000000000 / unit);
}

int64_t clock_now(void)
{
	return read_clock(CLOCK_MONOTONIC, 1000000);
}

int64_t clock_wall(void)
{
	return read_clock(CLOCK_REALTIME, 1000);
}
