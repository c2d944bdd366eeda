/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pattern.h"

#include <errno.h>

#include "base/system.h"
#include "base/vec.h"

typedef VEC(const char *) path_vec;

static const char special[] = "*?[\\";

/*
 * Whether the class at the beginning of the pattern, behind its [, has the character; *n is its length with the ].  False
 * with *n == 0 when it has no end, and the [ is meant as it is.
 */
static bool class_has(struct str pattern, char c, size_t *n)
{
	bool inverse = pattern.n && pattern.p[0] == '!', has = false;
	size_t begin = inverse, i = begin;
	*n = 0;
	while (i < pattern.n && (pattern.p[i] != ']' || i == begin)) {
		unsigned char lo = (unsigned char)pattern.p[i], hi = lo, letter = (unsigned char)c;
		if (lo == '\\' && i + 1 < pattern.n)
			lo = hi = (unsigned char)pattern.p[++i];
		i++;
		if (i + 1 < pattern.n && pattern.p[i] == '-' && pattern.p[i + 1] != ']') {
			i += pattern.p[i + 1] == '\\' && i + 2 < pattern.n ? 2 : 1;
			hi = (unsigned char)pattern.p[i++];
		}
		has |= lo <= letter && letter <= hi;
	}
	if (i >= pattern.n)
		return false;
	*n = i + 1;
	return has != inverse;
}

/* Whether what the pattern begins with, which is no *, matches the character; *n is its length. */
static bool matches_one(struct str pattern, char c, size_t *n)
{
	*n = 1;
	if (pattern.p[0] == '?')
		return true;
	if (pattern.p[0] == '[') {
		size_t length;
		bool has = class_has(str_skip(pattern, 1), c, &length);
		*n += length;
		if (length)
			return has;
	}
	if (pattern.p[0] == '\\' && pattern.n > 1)
		return *n = 2, pattern.p[1] == c;
	return pattern.p[0] == c;
}

bool pattern_matches(struct str pattern, struct str name)
{
	struct str again = NO_STR, again_name = NO_STR; /* behind the last *, and the name where it was tried */
	size_t n;
	if (str_starts(name, ".") && !str_starts(pattern, ".") && !str_starts(pattern, "\\."))
		return false;
	for (;;) {
		if (pattern.n && pattern.p[0] == '*') {
			again = pattern = str_skip(pattern, 1);
			again_name = name;
		} else if (pattern.n && name.n && matches_one(pattern, name.p[0], &n)) {
			pattern = str_skip(pattern, n);
			name = str_skip(name, 1);
		} else if (!pattern.n && !name.n) {
			return true;
		} else if (!again.p || !again_name.n) {
			return false;
		} else {
			name = again_name = str_skip(again_name, 1);
			pattern = again;
		}
	}
}

const char *pattern_escaped(struct arena *a, const char *text)
{
	char *ret = arena_alloc(a, 2 * strlen(text) + 1), *to = ret;
	for (; *text; text++) {
		if (char_in(*text, special))
			*to++ = '\\';
		*to++ = *text;
	}
	return ret;
}

static bool has_wildcard(struct str part)
{
	for (size_t i = 0; i < part.n; i++) {
		if (part.p[i] == '\\')
			i++;
		else if (char_in(part.p[i], special))
			return true;
	}
	return false;
}

static const char *unescaped(struct arena *a, struct str part)
{
	char *ret = arena_alloc(a, part.n + 1), *to = ret;
	for (size_t i = 0; i < part.n; i++) {
		i += part.p[i] == '\\' && i + 1 < part.n;
		*to++ = part.p[i];
	}
	return ret;
}

static const char *joined(struct arena *a, const char *folder, const char *name)
{
	return folder ? arena_printf(a, "%s/%s", folder, name) : name;
}

/* The paths of a folder, NULL for the current one, that match.  False with errno. */
static bool expand(struct arena *a, const char *folder, struct str part, path_vec *ret)
{
	size_t n;
	const char **names = system_folder(a, !folder ? "." : *folder ? folder : "/", &n);
	for (size_t i = 0; names && i < n; i++)
		if (pattern_matches(part, str_of(names[i])))
			*VEC_ADD(a, ret) = joined(a, folder, names[i]);
	return names || errno == ENOTDIR;
}

static int by_name(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

const char **pattern_paths(struct arena *a, const char *pattern, size_t *n)
{
	struct str rest = str_of(pattern), part;
	path_vec paths = { 0 }, found = { 0 };
	bool expanded = false;
	*VEC_ADD(a, &paths) = NULL;
	while (str_cut(&rest, '/', &part)) {
		path_vec next = { 0 };
		bool expands = has_wildcard(part);
		for (size_t i = 0; i < paths.n; i++) {
			if (!expands)
				*VEC_ADD(a, &next) = joined(a, paths.v[i], unescaped(a, part));
			else if (!expand(a, paths.v[i], part, &next) && !(expanded && errno == ENOENT))
				return NULL;
		}
		expanded |= expands;
		paths = next;
	}
	for (size_t i = 0; i < paths.n; i++)
		if (paths.v[i] && system_link_kind(paths.v[i]) != PATH_ABSENT)
			*VEC_ADD(a, &found) = paths.v[i];
	sort_items(found.v, found.n, sizeof *found.v, by_name);
	*n = found.n;
	return found.n ? found.v : ARENA_ARRAY(a, const char *, 1);
}
