/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/check-config.h"

#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <sys/stat.h>

#include "base/vec.h"
#include "cli/estate.h"
#include "doc/rows.h"

struct estate_row {
	struct loc at;
	struct names files, each;
	struct name rules, dialect;
};

struct accept_row {
	struct loc at;
	struct name id, why, owner, until;
};

struct check_file {
	struct records estates, accept;
};

static const struct field estate_fields[] = {
	ROW(estate_row, "files", FIELD_TEXTS, files,
	    "The files of one estate, the later over the earlier; a pattern stands for all files that match, by name."),
	ROW(estate_row, "each", FIELD_TEXTS, each, "Files that are an estate each; patterns too."),
	ROW(estate_row, "rules", FIELD_TEXT, rules,
	    "Where the rules of a firewall lie that has no config:, with {name} for its name; a pattern that matches "
	    "one file."),
	ROW(estate_row, "dialect", FIELD_NAME, dialect,
	    "The dialect of those rules where the estate states none; default: guessed."),
};
static const struct record estate_row_record =
	RECORD(estate_row, "an estate", estate_fields, NO_OFFSET, offsetof(struct estate_row, at));

static const struct field accept_fields[] = {
	NEEDED(accept_row, "id", FIELD_TEXT, id, "The id of the finding, as the report shows it."),
	NEEDED(accept_row, "why", FIELD_TEXT, why, "The reason, in one sentence."),
	NEEDED(accept_row, "owner", FIELD_TEXT, owner, "Who answers for it."),
	NEEDED(accept_row, "until", FIELD_TEXT, until, "The last day that it is accepted, YYYY-MM-DD."),
};
static const struct record accept_record =
	RECORD(accept_row, "an accepted finding", accept_fields, NO_OFFSET, offsetof(struct accept_row, at));

static const struct field check_fields[] = {
	NESTED(check_file, "estates", FIELD_RECORDS, estates, estate_row_record,
	       "The estates to check; default: every estate that is found in the folder."),
	NESTED(check_file, "accept", FIELD_RECORDS, accept, accept_record,
	       "Findings that are known and accepted for a time."),
};
const struct record check_record = RECORD(check_file, "a check", check_fields, NO_OFFSET, NO_OFFSET);

typedef VEC(const char *) path_vec;

struct looking {
	struct arena *arena;
	struct diag *diag;
	const char *folder;
	VEC(struct checked_estate) found;
	size_t n_visited;
};

/* A path of the folder, without a leading "./". */
static const char *within(struct arena *a, const char *folder, struct str path)
{
	if ((path.n && path.p[0] == '/') || strcmp(folder, ".") == 0)
		return cstr(a, path);
	return arena_printf(a, "%s/%.*s", folder, STR_ARG(path));
}

/* The characters of a folder's own name are no pattern. */
static const char *escaped(struct arena *a, const char *s)
{
	char *ret = arena_printf(a, "%s%s", s, s), *to = ret;
	for (; *s; s++) {
		if (char_in(*s, "*?[\\"))
			*to++ = '\\';
		*to++ = *s;
	}
	*to = '\0';
	return ret;
}

/* Every file that a pattern matches, by name. */
static bool match(struct arena *a, const char *folder, struct str pattern, struct loc at, struct diag *d, path_vec *ret)
{
	glob_t g = { 0 };
	int error = glob(within(a, escaped(a, folder), pattern), GLOB_ERR, NULL, &g);
	for (size_t i = 0; error == 0 && i < g.gl_pathc; i++)
		*VEC_ADD(a, ret) = arena_strdup(a, g.gl_pathv[i]);
	globfree(&g);
	if (error == GLOB_NOMATCH)
		return diag_error(d, at, "no file matches \"%.*s\"", STR_ARG(pattern));
	return error == 0 || diag_machine(d, errno, "cannot read the folder of \"%.*s\"", STR_ARG(pattern));
}

static void add_estate(struct looking *l, path_vec files, const struct estate_row *row)
{
	*VEC_ADD(l->arena, &l->found) = (struct checked_estate){
		.files = files.v,
		.n_files = files.n,
		.rules = row ? row->rules.s : NO_STR,
		.dialect = row ? row->dialect.s : NO_STR,
		.folder = l->folder,
	};
}

static bool take_row(struct looking *l, const struct estate_row *row)
{
	path_vec one = { 0 }, each = { 0 };
	bool ok = true;
	if (!row->files.n && !row->each.n)
		return diag_error(l->diag, row->at, "an estate needs files: or each:");
	for (size_t i = 0; i < row->files.n; i++)
		ok &= match(l->arena, l->folder, row->files.v[i].s, row->files.v[i].at, l->diag, &one);
	for (size_t i = 0; i < row->each.n; i++)
		ok &= match(l->arena, l->folder, row->each.v[i].s, row->each.v[i].at, l->diag, &each);
	if (one.n)
		add_estate(l, one, row);
	for (size_t i = 0; i < each.n; i++) {
		path_vec files = { 0 };
		if (strcmp(each.v[i], within(l->arena, l->folder, STR("portolan.yaml"))) == 0)
			continue; /* a pattern of all YAML files does not mean this one */
		*VEC_ADD(l->arena, &files) = each.v[i];
		add_estate(l, files, row);
	}
	return ok;
}

bool begins_an_estate(const char *path)
{
	enum { ENOUGH = 1 << 16 };
	char head[ENOUGH];
	struct stat st;
	if (!is_estate_path(path) || stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return false;
	FILE *f = fopen(path, "rb");
	if (!f)
		return true; /* reading it says why */
	struct str text = { head, fread(head, 1, sizeof head, f) };
	fclose(f);
	return str_starts(text, "estate:") || str_find_text(text, STR("\nestate:")) != SIZE_MAX;
}

static int by_name(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Folders without those that are hidden or links; files by name. */
static bool look(struct looking *l, const char *folder, size_t depth)
{
	path_vec entries = { 0 };
	DIR *dir = opendir(folder);
	if (!dir)
		return diag_machine(l->diag, errno, "cannot open the folder \"%s\"", folder);
	for (struct dirent *e; (e = readdir(dir));)
		if (e->d_name[0] != '.')
			*VEC_ADD(l->arena, &entries) = within(l->arena, folder, str_of(e->d_name));
	closedir(dir);
	l->n_visited += entries.n;
	if (l->n_visited > MOST_VISITED || depth > DEEPEST_FOLDER)
		return diag_error(l->diag, NOWHERE,
				  "\"%s\" is too large to be searched for estates; name them in portolan.yaml",
				  l->folder);
	qsort(entries.v, entries.n, sizeof *entries.v, by_name);
	for (size_t i = 0; i < entries.n; i++) {
		struct stat st;
		if (lstat(entries.v[i], &st) == 0 && S_ISDIR(st.st_mode)) {
			if (!look(l, entries.v[i], depth + 1))
				return false;
		} else if (begins_an_estate(entries.v[i])) {
			path_vec files = { 0 };
			*VEC_ADD(l->arena, &files) = entries.v[i];
			add_estate(l, files, NULL);
		}
	}
	return true;
}

static bool take_accepted(struct looking *l, const struct records *rows, struct checked_folder *ret)
{
	const struct accept_row *all = rows->v;
	bool ok = true;
	if (rows->n > MOST_ACCEPTED)
		return diag_error(l->diag, rows->at, "more than %d of them", MOST_ACCEPTED);
	ret->accepted = ARENA_ARRAY(l->arena, struct acceptance, rows->n);
	for (size_t i = 0; i < rows->n; i++) {
		const struct accept_row *row = &all[i];
		if (row->until.s.p && !str_is_date(row->until.s))
			ok = diag_error(l->diag, row->until.at, "\"%.*s\" is not a date YYYY-MM-DD",
					STR_ARG(row->until.s));
		ret->accepted[i] =
			(struct acceptance){ row->id.s, row->why.s, row->owner.s, row->until.s, row->at, false };
	}
	ret->n_accepted = rows->n;
	return ok;
}

static bool take_file(struct looking *l, const char *path, struct checked_folder *ret)
{
	struct check_file file = { 0 };
	struct decode decode = { l->arena, l->diag, NULL };
	struct source *s = source_read(l->arena, path, MOST_CONFIG_BYTES, l->diag);
	const struct node *n = s ? yaml_parse(l->arena, s, l->diag) : NULL;
	if (!n || !record_decode(&decode, &check_record, n, &file))
		return false;
	const struct estate_row *rows = file.estates.v;
	bool ok = take_accepted(l, &file.accept, ret);
	for (size_t i = 0; i < file.estates.n; i++)
		ok &= take_row(l, &rows[i]);
	return ok && (file.estates.n || look(l, l->folder, 0));
}

bool checked_folder_read(struct arena *a, const char *folder, struct diag *d, struct checked_folder *ret)
{
	struct looking l = { .arena = a, .diag = d, .folder = folder };
	struct stat st;
	const char *path = within(a, folder, STR("portolan.yaml"));
	*ret = (struct checked_folder){ 0 };
	if (lstat(path, &st) == 0 ? !take_file(&l, path, ret) : !look(&l, folder, 0))
		return false;
	if (!l.found.n)
		return diag_error(d, NOWHERE, "there is no estate in \"%s\"", folder);
	if (l.found.n > MOST_CHECKED)
		return diag_error(d, NOWHERE, "\"%s\" has more than %d estates", folder, MOST_CHECKED);
	ret->v = l.found.v;
	ret->n = l.found.n;
	return true;
}

const char *checked_rules(struct arena *a, const struct checked_estate *e, struct str place, struct diag *d)
{
	CLEANUP(out_free) struct out pattern = out_memory(1 << 16);
	struct str rest = e->rules;
	path_vec found = { 0 };
	if (!rest.n)
		return NULL;
	for (size_t i; (i = str_find_text(rest, STR("{name}"))) != SIZE_MAX;
	     rest = str_skip(rest, i + strlen("{name}"))) {
		out_str(&pattern, str_first(rest, i));
		out_str(&pattern, place);
	}
	out_str(&pattern, rest);
	struct diag *unmatched = diag_new(a);
	if (!match(a, e->folder, str_dup(a, out_view(&pattern)), NOWHERE, unmatched, &found))
		return NULL;
	if (found.n > 1) {
		diag_error(d, NOWHERE, "\"%.*s\" matches \"%s\" and \"%s\"; the rules of a place are one file",
			   STR_ARG(out_view(&pattern)), found.v[0], found.v[1]);
		return NULL;
	}
	return found.v[0];
}
