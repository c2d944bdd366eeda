/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What differs between systems: system-posix.c and system-windows.c implement it, and the build takes one of them, as
 * with every other pair of files that end so.
 *
 * Paths and arguments are UTF-8 everywhere.  After a failure errno says why, in POSIX's words.
 */
#pragma once

#include "base/str.h"

/* First of all in main(): arguments as UTF-8, streams that keep every byte, a terminal that takes UTF-8. */
void system_begin(int *argc, char ***argv);

enum path_kind { PATH_ABSENT, PATH_FILE, PATH_FOLDER, PATH_FIFO, PATH_LINK, PATH_OTHER };

/* What a path stands for; an absent one has an errno. */
struct path_state {
	enum path_kind kind;
	uint64_t device, number; /* the same for the same file */
	uint64_t size;
	int64_t seconds; /* of the last change, since 1970 */
	uint32_t nanoseconds;
};

/* Behind the links of the path. */
struct path_state system_path(const char *path);

/* PATH_LINK for what stands for another path. */
enum path_kind system_link_kind(const char *path);

/*
 * Opens a file for reading, and never waits for a FIFO.  -1 with errno when it cannot be opened, in which case ret->kind is
 * PATH_ABSENT, or for what is no file, when ret->kind says what it is.
 */
int system_open(const char *path, struct path_state *ret);

/* Opens what is there and is not a file, such as /dev/null, for writing; -1 with errno. */
int system_open_device(const char *path);

/* What a path stands for behind its links, which need not exist.  NULL with errno. */
const char *system_link_target(struct arena *a, const char *path);

/* Creates a file only for its user, and replaces the XXXXXX at the end of its path; a descriptor for writing, or -1 with errno. */
int system_create_temporary(char *path);

/* Gives a new file the owner and the mode of the old one; those of any new file where there is none. */
bool system_keep_owner(int fd, const char *old);

/* The mode, but for the umask, where files have one; and the content on the disk. */
bool system_settle(int fd, unsigned mode);

/* In one step; what has the new name is replaced. */
bool system_rename(const char *from, const char *to);
bool system_remove(const char *path);

/* Where temporary files belong. */
const char *system_temporary_folder(struct arena *a);

/* The mode is for systems that have one. */
bool system_make_folder(const char *path, unsigned mode);

/* The names in a folder, without . and .., in byte order.  NULL with errno. */
const char **system_folder(struct arena *a, const char *path, size_t *n);

/* True when a path is not below the current folder. */
bool system_is_absolute(struct str path);

/* Of a terminal; 0: it is none. */
unsigned system_width(int fd);
bool system_takes_colours(int fd);

void system_sleep(unsigned milliseconds);

/*
 * Calls a function after so many milliseconds and then at each interval, in the middle of whatever runs: it may call
 * only what a signal handler may.  NULL ends that.  Processes that are started have none.  Windows does not call it.
 */
void system_every(unsigned after, unsigned interval, void (*tick)(void));

#ifdef _WIN32
/* What the C library lacks, or has under another name. */
#define timegm _mkgmtime
void *memmem(const void *in, size_t n, const void *what, size_t n_what);
#endif
