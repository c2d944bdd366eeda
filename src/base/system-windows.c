/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths go to the functions of the system that take UTF-16: those that take bytes know only the characters of one
 * code page.
 */
#define _CRT_RAND_S /* rand_s() */

#include "base/system.h"

#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <sys/stat.h>
#include <windows.h>
#include <shellapi.h>

#include "base/vec.h"

/* UTF-16 text of at most this many units. */
enum { MOST_UNITS = 32768 };
typedef wchar_t wide_path[MOST_UNITS];

static bool fail(int error)
{
	errno = error;
	return false;
}

static int errno_of(DWORD error)
{
	switch (error) {
	case ERROR_FILE_NOT_FOUND:
	case ERROR_PATH_NOT_FOUND:
	case ERROR_INVALID_NAME:
	case ERROR_BAD_NETPATH:
	case ERROR_BAD_PATHNAME:
	case ERROR_INVALID_DRIVE:
		return ENOENT;
	case ERROR_ACCESS_DENIED:
	case ERROR_SHARING_VIOLATION:
	case ERROR_LOCK_VIOLATION:
	case ERROR_WRITE_PROTECT:
		return EACCES;
	case ERROR_ALREADY_EXISTS:
	case ERROR_FILE_EXISTS:
		return EEXIST;
	case ERROR_DIRECTORY:
		return ENOTDIR;
	case ERROR_DISK_FULL:
	case ERROR_HANDLE_DISK_FULL:
		return ENOSPC;
	case ERROR_TOO_MANY_OPEN_FILES:
		return EMFILE;
	case ERROR_FILENAME_EXCED_RANGE:
		return ENAMETOOLONG;
	default:
		return EIO;
	}
}

static bool fail_as_system(void)
{
	return fail(errno_of(GetLastError()));
}

static bool widen(const char *path, wide_path ret)
{
	if (!*path)
		return fail(ENOENT);
	return MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path, -1, ret, MOST_UNITS) > 0 || fail(ENOENT);
}

static char *narrow(struct arena *a, const wchar_t *text)
{
	int n = WideCharToMultiByte(CP_UTF8, 0, text, -1, NULL, 0, NULL, NULL);
	char *ret = arena_alloc(a, (size_t)n + 1);
	WideCharToMultiByte(CP_UTF8, 0, text, -1, ret, n, NULL, NULL);
	return ret;
}

/* The arguments live as long as the program. */
static void take_arguments(int *argc, char ***argv)
{
	int n;
	wchar_t **wide = CommandLineToArgvW(GetCommandLineW(), &n);
	struct arena *a = arena_new();
	if (!wide)
		return;
	char **all = ARENA_ARRAY(a, char *, (size_t)n + 1);
	for (int i = 0; i < n; i++)
		all[i] = narrow(a, wide[i]);
	LocalFree(wide);
	*argc = n;
	*argv = all;
}

static UINT code_page_before;

static void restore_code_page(void)
{
	SetConsoleOutputCP(code_page_before);
}

static HANDLE handle_of(int fd)
{
	return (HANDLE)_get_osfhandle(fd);
}

static void begin_console(void)
{
	code_page_before = GetConsoleOutputCP();
	if (code_page_before && SetConsoleOutputCP(CP_UTF8))
		atexit(restore_code_page);
	for (int fd = 1; fd <= 2; fd++) {
		DWORD mode;
		if (GetConsoleMode(handle_of(fd), &mode))
			SetConsoleMode(handle_of(fd), mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
	}
}

void system_begin(int *argc, char ***argv)
{
	for (int fd = 0; fd <= 2; fd++)
		_setmode(fd, _O_BINARY);
	begin_console();
	take_arguments(argc, argv);
}

static enum path_kind kind_of(DWORD attributes)
{
	return attributes & FILE_ATTRIBUTE_DIRECTORY ? PATH_FOLDER : PATH_FILE;
}

static HANDLE open_to_look(const wide_path path)
{
	return CreateFileW(path, FILE_READ_ATTRIBUTES, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
			   OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
}

/* FILETIME counts 100 ns since 1601. */
static void take_time(const FILETIME *from, struct path_state *ret)
{
	const int64_t seconds_from_1601_to_1970 = 11644473600, ticks = 10000000;
	int64_t all = (int64_t)((uint64_t)from->dwHighDateTime << 32 | from->dwLowDateTime);
	ret->seconds = all / ticks - seconds_from_1601_to_1970;
	ret->nanoseconds = (uint32_t)(all % ticks * 100);
}

static struct path_state state_of(HANDLE file)
{
	BY_HANDLE_FILE_INFORMATION info;
	struct path_state ret = { .kind = PATH_OTHER };
	DWORD type = GetFileType(file);
	if (type == FILE_TYPE_PIPE)
		ret.kind = PATH_FIFO;
	if (type != FILE_TYPE_DISK || !GetFileInformationByHandle(file, &info))
		return ret;
	ret.kind = kind_of(info.dwFileAttributes);
	ret.device = info.dwVolumeSerialNumber;
	ret.number = (uint64_t)info.nFileIndexHigh << 32 | info.nFileIndexLow;
	ret.size = (uint64_t)info.nFileSizeHigh << 32 | info.nFileSizeLow;
	take_time(&info.ftLastWriteTime, &ret);
	return ret;
}

struct path_state system_path(const char *path)
{
	struct path_state absent = { .kind = PATH_ABSENT };
	wide_path wide;
	if (!widen(path, wide))
		return absent;
	HANDLE file = open_to_look(wide);
	if (file == INVALID_HANDLE_VALUE) {
		fail_as_system();
		return absent;
	}
	struct path_state ret = state_of(file);
	CloseHandle(file);
	return ret;
}

enum path_kind system_link_kind(const char *path)
{
	wide_path wide;
	DWORD attributes = widen(path, wide) ? GetFileAttributesW(wide) : INVALID_FILE_ATTRIBUTES;
	if (attributes == INVALID_FILE_ATTRIBUTES)
		return PATH_ABSENT;
	return attributes & FILE_ATTRIBUTE_REPARSE_POINT ? PATH_LINK : kind_of(attributes);
}

int system_open(const char *path, struct path_state *ret)
{
	wide_path wide;
	*ret = system_path(path);
	if (ret->kind != PATH_FILE)
		return -1;
	int fd = widen(path, wide) ? _wopen(wide, _O_RDONLY | _O_BINARY | _O_NOINHERIT) : -1;
	if (fd < 0)
		ret->kind = PATH_ABSENT;
	return fd;
}

int system_open_device(const char *path)
{
	wide_path wide;
	return widen(path, wide) ? _wopen(wide, _O_WRONLY | _O_BINARY | _O_NOINHERIT) : -1;
}

const char *system_link_target(struct arena *a, const char *path)
{
	wide_path wide, target;
	if (system_link_kind(path) != PATH_LINK || !widen(path, wide))
		return path;
	HANDLE file = open_to_look(wide);
	if (file == INVALID_HANDLE_VALUE) {
		fail_as_system();
		return NULL;
	}
	DWORD n = GetFinalPathNameByHandleW(file, target, MOST_UNITS, FILE_NAME_NORMALIZED);
	CloseHandle(file);
	if (n == 0 || n >= MOST_UNITS) {
		fail_as_system();
		return NULL;
	}
	return narrow(a, target);
}

int system_create_temporary(char *path)
{
	static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyz";
	enum { LETTERS = 6, TRIES = 100 };
	char *end = path + strlen(path) - LETTERS;
	for (size_t i = 0; i < TRIES; i++) {
		wide_path wide;
		unsigned number;
		if (rand_s(&number) != 0)
			return -1;
		for (size_t j = 0; j < LETTERS; j++, number /= 36)
			end[j] = letters[number % 36];
		int fd = widen(path, wide) ? _wopen(wide, _O_WRONLY | _O_CREAT | _O_EXCL | _O_BINARY | _O_NOINHERIT,
						    _S_IREAD | _S_IWRITE)
					   : -1;
		if (fd >= 0 || errno != EEXIST)
			return fd;
	}
	return -1;
}

bool system_keep_owner(int fd, const char *old)
{
	return true; /* ReplaceFileW() keeps them */
}

bool system_settle(int fd, unsigned mode)
{
	return _commit(fd) == 0;
}

bool system_rename(const char *from, const char *to)
{
	wide_path wide_from, wide_to;
	if (!widen(from, wide_from) || !widen(to, wide_to))
		return false;
	bool ok = GetFileAttributesW(wide_to) == INVALID_FILE_ATTRIBUTES
			  ? MoveFileExW(wide_from, wide_to, MOVEFILE_REPLACE_EXISTING)
			  : ReplaceFileW(wide_to, wide_from, NULL, 0, NULL, NULL);
	return ok || fail_as_system();
}

bool system_remove(const char *path)
{
	wide_path wide;
	return widen(path, wide) && (DeleteFileW(wide) || fail_as_system());
}

/* Its short name, where it has one: libraries that take bytes find it whatever the name of the user. */
const char *system_temporary_folder(struct arena *a)
{
	wide_path wide, shorter;
	DWORD n = GetTempPathW(MOST_UNITS, wide);
	if (n == 0 || n >= MOST_UNITS)
		return ".";
	while (n > 1 && wide[n - 1] == L'\\')
		wide[--n] = L'\0';
	DWORD m = GetShortPathNameW(wide, shorter, MOST_UNITS);
	return narrow(a, m > 0 && m < MOST_UNITS ? shorter : wide);
}

bool system_make_folder(const char *path, unsigned mode)
{
	wide_path wide;
	return widen(path, wide) && (CreateDirectoryW(wide, NULL) || fail_as_system());
}

static int by_name(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

const char **system_folder(struct arena *a, const char *path, size_t *n)
{
	VEC(const char *) names = { 0 };
	WIN32_FIND_DATAW entry;
	wide_path wide;
	if (!widen(arena_printf(a, "%s/*", path), wide))
		return NULL;
	HANDLE search = FindFirstFileW(wide, &entry);
	if (search == INVALID_HANDLE_VALUE && GetLastError() != ERROR_FILE_NOT_FOUND) {
		fail_as_system();
		return NULL;
	}
	for (BOOL more = search != INVALID_HANDLE_VALUE; more; more = FindNextFileW(search, &entry))
		if (wcscmp(entry.cFileName, L".") != 0 && wcscmp(entry.cFileName, L"..") != 0)
			*VEC_ADD(a, &names) = narrow(a, entry.cFileName);
	if (search != INVALID_HANDLE_VALUE)
		FindClose(search);
	sort_items(names.v, names.n, sizeof *names.v, by_name);
	*n = names.n;
	return names.n ? names.v : ARENA_ARRAY(a, const char *, 1);
}

/* "/x", "\x", "C:x" and "C:\x". */
bool system_is_absolute(struct str path)
{
	return str_starts(path, "/") || str_starts(path, "\\") || (path.n > 1 && path.p[1] == ':');
}

unsigned system_width(int fd)
{
	CONSOLE_SCREEN_BUFFER_INFO info;
	if (!GetConsoleScreenBufferInfo(handle_of(fd), &info))
		return 0;
	return (unsigned)(info.srWindow.Right - info.srWindow.Left + 1);
}

bool system_takes_colours(int fd)
{
	DWORD mode;
	return GetConsoleMode(handle_of(fd), &mode) && (mode & ENABLE_VIRTUAL_TERMINAL_PROCESSING);
}

void system_sleep(unsigned milliseconds)
{
	Sleep(milliseconds);
}

void system_every(unsigned after, unsigned interval, void (*tick)(void))
{
}

void *memmem(const void *in, size_t n, const void *what, size_t n_what)
{
	const char *at = in, *end = at + n;
	if (n_what == 0)
		return (void *)in;
	while ((size_t)(end - at) >= n_what &&
	       (at = memchr(at, *(const char *)what, (size_t)(end - at) - n_what + 1))) {
		if (memcmp(at, what, n_what) == 0)
			return (void *)at;
		at++;
	}
	return NULL;
}
