/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration Manager sites and Active Directory forests: every name that
 * is used anywhere, and which site is above which.
 */
#include "base/vec.h"
#include "model/estate-maker.h"

static int by_text(const void *left, const void *right)
{
	return str_cmp(*(const struct str *)left, *(const struct str *)right);
}

static int by_name(const void *left, const void *right)
{
	return str_cmp(((const struct site *)left)->name.s, ((const struct site *)right)->name.s);
}

static struct strs unique(struct str *words, size_t n)
{
	size_t out = 0;
	if (n)
		sort_items(words, n, sizeof *words, by_text);
	for (size_t i = 0; i < n; i++)
		if (out == 0 || !str_eq(words[out - 1], words[i]))
			words[out++] = words[i];
	return (struct strs){ words, out };
}

typedef VEC(struct str) words;

static void see(struct maker *m, words *w, struct name n)
{
	if (n.s.p)
		*VEC_ADD(m->arena, w) = n.s;
}

static void set_parent(struct maker *m, struct name site, struct name parent)
{
	struct estate *e = m->estate;
	struct site *s = &e->sites[estate_site(e, site.s)];
	int p = estate_site(e, parent.s);

	if (s->parent >= 0 && s->parent != p) {
		diag_error(m->diag, parent.at, "site \"%.*s\" has two parents, \"%.*s\" and \"%.*s\"", STR_ARG(site.s),
			   STR_ARG(parent.s), STR_ARG(e->sites[s->parent].name.s));
		diag_note(m->diag, s->parent_at, "the other one is here");
		return;
	}
	s->parent = p;
	s->parent_at = parent.at;
}

static void refuse_cycles(struct maker *m)
{
	struct estate *e = m->estate;
	bool *reported = ARENA_ARRAY(m->arena, bool, e->n_sites);
	for (size_t i = 0; i < e->n_sites; i++) {
		size_t steps = 0;
		int at = (int)i;
		while (at >= 0 && steps <= e->n_sites && !reported[at]) {
			at = e->sites[at].parent;
			steps++;
		}
		if (at < 0 || reported[at])
			continue;
		/* at is on the cycle: name all of it */
		CLEANUP(out_free) struct out all = out_memory(65536);
		int from = at;
		do {
			reported[at] = true;
			out_printf(&all, "%.*s > ", STR_ARG(e->sites[at].name.s));
			at = e->sites[at].parent;
		} while (at != from);
		out_str(&all, e->sites[from].name.s);
		diag_error(m->diag, e->sites[from].parent_at, "these sites are each other's parents: %.*s",
			   STR_ARG(out_view(&all)));
	}
}

void make_sites(struct maker *m)
{
	struct estate *e = m->estate;
	const struct site_row *rows = m->file->sites.v;
	words sites = { 0 }, forests = { 0 };

	for (size_t i = 0; i < m->file->sites.n; i++) {
		see(m, &sites, rows[i].name);
		see(m, &sites, rows[i].parent);
	}
	for (size_t i = 0; i < e->n_hosts; i++) {
		const struct host *h = &e->hosts[i];
		const struct instance *instances = h->instances.v;
		see(m, &sites, h->site);
		see(m, &sites, h->parent);
		see(m, &forests, h->forest);
		for (size_t j = 0; j < h->instances.n; j++)
			see(m, &sites, instances[j].site);
	}
	struct strs names = unique(sites.v, sites.n);
	e->forests = unique(forests.v, forests.n);
	e->sites = ARENA_ARRAY(m->arena, struct site, names.n);
	e->n_sites = names.n;
	for (size_t i = 0; i < names.n; i++)
		e->sites[i] = (struct site){ .name = { names.v[i], NOWHERE }, .parent = -1 };
	sort_items(e->sites, e->n_sites, sizeof *e->sites, by_name);

	for (size_t i = 0; i < m->file->sites.n; i++)
		if (rows[i].parent.s.p)
			set_parent(m, rows[i].name, rows[i].parent);
	for (size_t i = 0; i < e->n_hosts; i++) {
		const struct host *h = &e->hosts[i];
		if (!h->parent.s.p)
			continue;
		if (h->site.s.p)
			set_parent(m, h->site, h->parent);
		else
			diag_error(m->diag, h->parent.at, "\"%.*s\" says parent: but no site:", STR_ARG(h->name.s));
	}
	refuse_cycles(m);
}
