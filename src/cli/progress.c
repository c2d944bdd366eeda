/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A timer draws the line, so that work that takes long without counting anything shows it too.  The timer interrupts
 * whatever runs: draw() only reads what is here, and calls nothing but write().
 */
#include "cli/progress.h"

#include <errno.h>
#include <unistd.h>

#include "base/system.h"
#include "probe/timer.h"

enum {
	AFTER_MILLISECONDS = 1000,
	EACH_MILLISECONDS = 250,
	LONGEST_LINE = 160,
};

static struct {
	volatile bool begun;
	volatile bool shown;
	bool at_once; /* for tests: at each count, not by the timer */
	unsigned width;
	int64_t began;
	const char *command;
	const char *volatile what;
	volatile size_t done, all;
} progress;

struct line {
	char text[LONGEST_LINE + 16];
	size_t n, most;
};

static void put(struct line *l, const char *text, size_t n)
{
	for (size_t i = 0; i < n && l->n < l->most; i++)
		l->text[l->n++] = text[i];
}

static void put_number(struct line *l, size_t number)
{
	char text[12];
	put(l, text, (size_t)(u32_text(text, (uint32_t)MIN(number, (size_t)UINT32_MAX)) - text));
}

static void write_all(const char *text, size_t n)
{
	int error = errno;
	/* a terminal that does not take it loses nothing that matters */
	ssize_t written = write(2, text, n);
	(void)written;
	errno = error;
}

static void draw(void)
{
	static const char end[] = "\033[K";
	struct line l = { .most = MIN((size_t)progress.width - 1, (size_t)LONGEST_LINE) + 1 };
	const char *what = progress.what;
	if (!progress.begun)
		return;
	put(&l, "\r", 1);
	put(&l, progress.command, strlen(progress.command));
	put(&l, ": ", 2);
	if (what) {
		put_number(&l, progress.done);
		put(&l, " of ", 4);
		put_number(&l, progress.all);
		put(&l, " ", 1);
		put(&l, what, strlen(what) - (progress.all == 1));
		put(&l, ", ", 2);
	}
	put_number(&l, (size_t)((clock_now() - progress.began) / 1000000));
	put(&l, " s", 2);
	l.most = sizeof l.text;
	put(&l, end, sizeof end - 1);
	progress.shown = true;
	write_all(l.text, l.n);
}

void progress_begin(const struct invocation *call)
{
	const char *after = getenv("PORTOLAN_PROGRESS_AFTER");
	if (call->quiet || !system_takes_colours(2))
		return;
	progress.command = call->command->name;
	progress.what = NULL;
	progress.width = MAX(system_width(2), 2u);
	progress.began = clock_now();
	progress.at_once = after && strcmp(after, "0") == 0;
	progress.begun = true;
	if (progress.at_once)
		draw();
	else
		system_every(AFTER_MILLISECONDS, EACH_MILLISECONDS, draw);
}

void progress_count(size_t done, size_t all, const char *what)
{
	progress.done = done;
	progress.all = all;
	progress.what = what;
	if (progress.at_once)
		draw();
}

void progress_end(void)
{
	static const char erase[] = "\r\033[K";
	if (!progress.begun)
		return;
	system_every(0, 0, NULL);
	progress.begun = false;
	progress.at_once = false;
	if (progress.shown)
		write_all(erase, sizeof erase - 1);
	progress.shown = false;
}
