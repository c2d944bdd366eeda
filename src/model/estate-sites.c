/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration Manager sites and Active Directory forests: every name in use,
 * which site is the parent of which, and which forests trust which.
 */
#include "base/strmap.h"
#include "base/vec.h"
#include "model/estate-maker.h"

typedef VEC(struct str) words;

/* A number without its leading zeros; other names as they are. */
static struct str plain_number(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return s;
	while (s.n > 1 && s.p[0] == '0')
		s = str_skip(s, 1);
	return s;
}

/* YAML has 001 and 1 for one number; here they would be two sites. */
static void see(struct maker *m, struct strmap *numbers, words *w, struct name n)
{
	if (!n.s.p)
		return;
	struct str plain = plain_number(n.s);
	const struct name *known = strmap_get(numbers, plain);
	if (!known) {
		struct name *first = ARENA_NEW(m->arena, struct name);
		*first = n;
		strmap_add(numbers, plain, first);
	} else if (!str_eq(known->s, n.s)) {
		diag_error(m->diag, n.at, "\"%.*s\" and \"%.*s\" are one number, and two names", STR_ARG(known->s),
			   STR_ARG(n.s));
		diag_note(m->diag, known->at, "the other one is here");
	}
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
		/* at is on the cycle: name every member */
		CLEANUP(out_free) struct out all = out_memory(65536);
		int from = at;
		do {
			reported[at] = true;
			out_printf(&all, "%.*s > ", STR_ARG(e->sites[at].name.s));
			at = e->sites[at].parent;
		} while (at != from);
		out_str(&all, e->sites[from].name.s);
		diag_error(m->diag, e->sites[from].parent_at, "these sites form a cycle of parents: %.*s",
			   STR_ARG(out_view(&all)));
	}
}

static int find_forest(struct maker *m, struct name n)
{
	const struct strs *forests = &m->estate->forests;
	for (size_t i = 0; i < forests->n; i++)
		if (str_eq(forests->v[i], n.s))
			return (int)i;
	return n.s.p ? unknown_name(m, "forest", n, *forests) : -1;
}

static bool same_forests(const struct trust *left, const struct trust *right)
{
	return (left->trusting == right->trusting && left->trusted == right->trusted) ||
	       (left->trusting == right->trusted && left->trusted == right->trusting);
}

static int trust_cmp(const void *left, const void *right)
{
	const struct trust *a = left, *b = right;
	int c = CMP(MIN(a->trusting, a->trusted), MIN(b->trusting, b->trusted));
	c = c ? c : CMP(MAX(a->trusting, a->trusted), MAX(b->trusting, b->trusted));
	return c ? c : CMP(a->at.line, b->at.line);
}

/* A one-way trust each way is one that is two-way, and is written so. */
static void make_trusts(struct maker *m)
{
	struct estate *e = m->estate;
	const struct trust_row *rows = m->file->trusts.v;
	size_t n = m->file->trusts.n;
	if (n > MOST_TRUSTS) {
		diag_error(m->diag, m->file->trusts.at, "more than %d trusts", MOST_TRUSTS);
		return;
	}
	e->trusts = ARENA_ARRAY(m->arena, struct trust, n);
	for (size_t i = 0; i < n; i++) {
		int trusting = find_forest(m, rows[i].trusting), trusted = find_forest(m, rows[i].trusted);
		if (trusting < 0 || trusted < 0)
			continue;
		if (trusting == trusted) {
			diag_error(m->diag, rows[i].at, "a trust is between two forests");
			continue;
		}
		e->trusts[e->n_trusts++] = (struct trust){
			.at = rows[i].at,
			.trusting = (uint32_t)trusting,
			.trusted = (uint32_t)trusted,
			.direction = (enum trust_direction)rows[i].direction.n,
			.kind = (enum trust_kind)rows[i].kind.n,
		};
	}
	sort_items(e->trusts, e->n_trusts, sizeof *e->trusts, trust_cmp);
	for (size_t i = 1; i < e->n_trusts; i++)
		if (same_forests(&e->trusts[i - 1], &e->trusts[i])) {
			diag_error(m->diag, e->trusts[i].at,
				   "two rows about these two forests; both ways is direction: two-way");
			diag_note(m->diag, e->trusts[i - 1].at, "the other one is here");
		}
}

void make_sites(struct maker *m)
{
	struct estate *e = m->estate;
	const struct site_row *rows = m->file->sites.v;
	words sites = { 0 }, forests = { 0 };
	struct strmap site_numbers = strmap_new(m->arena), forest_numbers = strmap_new(m->arena);

	for (size_t i = 0; i < m->file->sites.n; i++) {
		see(m, &site_numbers, &sites, rows[i].name);
		see(m, &site_numbers, &sites, rows[i].parent);
	}
	for (size_t i = 0; i < e->n_hosts; i++) {
		const struct host *h = &e->hosts[i];
		const struct instance *instances = h->instances.v;
		see(m, &site_numbers, &sites, h->site);
		see(m, &site_numbers, &sites, h->parent);
		see(m, &forest_numbers, &forests, h->forest);
		for (size_t j = 0; j < h->instances.n; j++)
			see(m, &site_numbers, &sites, instances[j].site);
	}
	struct strs names = strs_unique(sites.v, sites.n);
	e->forests = strs_unique(forests.v, forests.n);
	e->sites = ARENA_ARRAY(m->arena, struct site, names.n);
	e->n_sites = names.n;
	for (size_t i = 0; i < names.n; i++)
		e->sites[i] = (struct site){ .name = { names.v[i], NOWHERE }, .parent = -1 };
	sort_items(e->sites, e->n_sites, sizeof *e->sites, named_cmp);

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
			diag_error(m->diag, h->parent.at, "\"%.*s\" has parent: but no site:", STR_ARG(h->name.s));
	}
	refuse_cycles(m);
	make_trusts(m);
}
