/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/template.h"

#include <dirent.h>
#include <errno.h>

#include "authority/template-fields.h"
#include "base/names.h"
#include "base/vec.h"
#include "pki/certificate.h"

enum { TEMPLATE_FILE_MAX = 64 << 10 };

/* What counts of a template: every key but the name for people, in the order of the table. */
static struct str hash_of(struct arena *a, const struct template *t)
{
	struct out o = out_memory(2 * TEMPLATE_FILE_MAX);
	for (size_t i = 0; i < template_record.n_fields; i++) {
		const struct field *f = &template_record.fields[i];
		const char *at = (const char *)t + f->offset;
		if (f->offset == offsetof(struct template, display))
			continue;
		out_printf(&o, "%s=", f->key);
		if (f->type == FIELD_TEXT || f->type == FIELD_NAME)
			out_str(&o, ((const struct name *)at)->s);
		else if (f->type == FIELD_FLAG)
			out_char(&o, ((const struct flag *)at)->on ? '1' : '0');
		else if (f->type == FIELD_NAMES || f->type == FIELD_TEXTS)
			for (size_t j = 0; j < ((const struct names *)at)->n; j++) {
				struct str s = ((const struct names *)at)->v[j].s;
				out_printf(&o, "%zu:%.*s,", s.n, STR_ARG(s));
			}
		else
			out_u64(&o, ((const struct number *)at)->n);
		out_char(&o, '\n');
	}
	struct str hash = sha256_hex(a, out_view(&o));
	out_free(&o);
	return hash;
}

static void set_default(struct number *n, uint64_t value)
{
	if (!n->at.line)
		n->n = value;
}

static void derive(struct arena *a, struct template *t, struct diag *d)
{
	set_default(&t->schema, 2);
	set_default(&t->major, 100);
	set_default(&t->key, KEY_RSA);
	set_default(&t->key_bits, 2048);
	set_default(&t->key_spec, t->key.n == KEY_RSA ? 1 : 0);
	set_default(&t->most_a_day, 5);
	if (!t->display.s.n)
		t->display = t->name;
	if (!t->read.n)
		t->read = t->enrol;
	for (size_t i = 0; i < t->usages.n; i++) {
		uint64_t bit = usage_bit(t->usages.v[i].s);
		if (!bit)
			diag_error(d, t->usages.v[i].at, "\"%.*s\" is not a key usage that a template may give",
				   STR_ARG(t->usages.v[i].s));
		t->usage_bits |= bit;
	}
	t->eku_oids = ARENA_ARRAY(a, struct str, t->ekus.n);
	for (size_t i = 0; i < t->ekus.n; i++) {
		struct str oid = eku_oid(t->ekus.v[i].s);
		if (!oid.n)
			diag_error(d, t->ekus.v[i].at, "\"%.*s\" is not an extended key usage or an object identifier",
				   STR_ARG(t->ekus.v[i].s));
		else
			t->eku_oids[t->n_eku_oids++] = oid;
	}
	for (size_t i = 0; i < t->alternatives.n; i++) {
		int kind = NAME_FIND(alternative_words, t->alternatives.v[i].s);
		if (kind < 0 || kind == ALTERNATIVE_OTHER)
			diag_error(d, t->alternatives.v[i].at,
				   "\"%.*s\" is not a kind of name: dns, email, uri, ip or upn",
				   STR_ARG(t->alternatives.v[i].s));
	}
	t->hash = hash_of(a, t);
}

bool template_read(struct arena *a, const struct source *s, struct template *ret, struct diag *d)
{
	size_t errors = diag_errors(d);
	const struct node *n = yaml_parse(a, s, d);
	struct decode decode = { .arena = a, .diag = d };
	*ret = (struct template){ 0 };
	if (!n || !record_decode(&decode, &template_record, n, ret))
		return false;
	if (!ret->validity.at.line)
		diag_error(d, ret->at, "a template needs the key \"validity\"");
	if (!ret->renewal.at.line)
		diag_error(d, ret->at, "a template needs the key \"renewal\"");
	if (!ret->subject.at.line)
		diag_error(d, ret->at, "a template needs the key \"subject\": supplied or account");
	derive(a, ret, d);
	if (diag_errors(d) == errors)
		template_lint(ret, d);
	return diag_errors(d) == errors;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The paths of the templates, in the order of their names; false after an error. */
static bool paths_of(struct arena *a, const char *folder, const char ***ret, size_t *n, struct diag *d)
{
	VEC(const char *) paths = { 0 };
	DIR *dir = opendir(folder);
	if (!dir)
		return diag_machine(d, errno, "cannot read \"%s\"", folder);
	for (struct dirent *e; (e = readdir(dir));)
		if (str_ends(str_of(e->d_name), ".yaml") && e->d_name[0] != '.')
			*VEC_ADD(a, &paths) = arena_printf(a, "%s/%s", folder, e->d_name);
	closedir(dir);
	sort_items(paths.v, paths.n, sizeof *paths.v, by_text);
	if (paths.n > TEMPLATES_MAX)
		return diag_error(d, NOWHERE, "\"%s\" has more than %d templates", folder, TEMPLATES_MAX);
	*ret = paths.v;
	*n = paths.n;
	return true;
}

static void check_unique(const struct templates *all, const struct template *t, struct diag *d)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct template *other = &all->v[i];
		bool name = str_ieq(other->name.s, t->name.s), oid = str_eq(other->oid.s, t->oid.s);
		if (!name && !oid)
			continue;
		diag_error(d, name ? t->name.at : t->oid.at, "another template has the %s \"%.*s\"",
			   name ? "name" : "object identifier", STR_ARG(name ? t->name.s : t->oid.s));
		diag_note(d, name ? other->name.at : other->oid.at, "it is here");
	}
}

const struct templates *templates_read(struct arena *a, const char *folder, struct diag *d)
{
	size_t errors = diag_errors(d), n = 0;
	const char **paths = NULL;
	struct templates *all = ARENA_NEW(a, struct templates);
	if (!paths_of(a, folder, &paths, &n, d))
		return NULL;
	all->v = ARENA_ARRAY(a, struct template, n);
	for (size_t i = 0; i < n; i++) {
		struct source *s = source_read(a, paths[i], TEMPLATE_FILE_MAX, d);
		if (s && template_read(a, s, &all->v[all->n], d)) {
			check_unique(all, &all->v[all->n], d);
			all->n++;
		}
	}
	return diag_errors(d) == errors ? all : NULL;
}

const struct template *template_named(const struct templates *t, struct str name)
{
	for (size_t i = 0; i < t->n; i++)
		if (str_ieq(t->v[i].name.s, name))
			return &t->v[i];
	return NULL;
}

const struct template *template_by_oid(const struct templates *t, struct str oid)
{
	for (size_t i = 0; i < t->n; i++)
		if (str_eq(t->v[i].oid.s, oid))
			return &t->v[i];
	return NULL;
}
