/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Domains and sites of the directory, and which of them each host is in.
 */
#include "model/estate-maker.h"

/* Indices; -1 after an error. */
static int find_domain(struct maker *m, struct strs words, struct name n)
{
	int i = estate_domain(m->estate, n.s);
	return i >= 0 ? i : unknown_name(m, "domain", n, words);
}

static int find_ad_site(struct maker *m, struct strs words, struct name n)
{
	int i = estate_ad_site(m->estate, n.s);
	return i >= 0 ? i : unknown_name(m, "site of the directory", n, words);
}

/* More of a kind than are kept for pairs of them. */
static bool too_many(struct maker *m, const struct records *rows, size_t most, const char *what)
{
	return rows->n > most && !diag_error(m->diag, rows->at, "more than %zu %s", most, what);
}

/* Domains */

static void resolve_uses_of_domain(struct maker *m, struct domain *d, struct strs words)
{
	uint16_t *uses = ARENA_ARRAY(m->arena, uint16_t, d->uses_said.n);
	for (size_t i = 0; i < d->uses_said.n; i++) {
		int used = find_domain(m, words, d->uses_said.v[i]);
		if (used >= 0)
			uses[d->n_uses++] = (uint16_t)used;
	}
	d->uses = uses;
}

/* A host is in the forest of its domain. */
static void place_in_domain(struct maker *m, struct host *h, struct strs words)
{
	h->domain = h->domain_said.s.p ? find_domain(m, words, h->domain_said) : -1;
	if (h->domain < 0)
		return;
	const struct name *forest = &m->estate->domains[h->domain].forest;
	if (h->forest.s.p && forest->s.p && !str_eq(h->forest.s, forest->s)) {
		diag_error(m->diag, h->forest.at, "\"%.*s\" is in forest \"%.*s\" and its domain in \"%.*s\"",
			   STR_ARG(h->name.s), STR_ARG(h->forest.s), STR_ARG(forest->s));
		diag_note(m->diag, forest->at, "the forest of the domain is here");
	}
	if (!h->forest.s.p)
		h->forest = *forest;
}

static void make_domains(struct maker *m)
{
	struct estate *e = m->estate;
	e->domains = m->file->domains.v;
	e->n_domains = too_many(m, &m->file->domains, MOST_DOMAINS, "domains") ? 0 : m->file->domains.n;
	sort_items(e->domains, e->n_domains, sizeof *e->domains, named_cmp);
	struct strs words = names_of(m, e->domains, e->n_domains, sizeof *e->domains);
	for (size_t i = 0; i < e->n_domains; i++)
		resolve_uses_of_domain(m, &e->domains[i], words);
	for (size_t i = 0; i < e->n_hosts; i++)
		place_in_domain(m, &e->hosts[i], words);
}

/* Sites of the directory */

static void add_subnets(struct maker *m, uint16_t site, prefix_vec *all)
{
	const struct names *subnets = &m->estate->ad_sites[site].subnets;
	for (size_t i = 0; i < subnets->n; i++) {
		struct name text = subnets->v[i];
		struct names one = { &text, 1, text.at };
		struct addrset set;
		bool any = false;
		if (!read_addresses(m, &one, "a subnet", &set, &any))
			continue;
		if (any)
			diag_error(m->diag, text.at, "\"any\" is not a subnet of a site: name its zones under zones:");
		prefixes_add(m->arena, all, set, site, text);
	}
}

static void refuse_equal_subnets(struct maker *m, const prefix_vec *sorted)
{
	const struct ad_site *sites = m->estate->ad_sites;
	for (size_t i = 1; i < sorted->n; i++) {
		const struct prefix *one = &sorted->v[i - 1], *other = &sorted->v[i];
		if (addr_range_cmp(&one->range, &other->range) != 0)
			continue;
		diag_error(m->diag, other->text.at, "the sites \"%.*s\" and \"%.*s\" both contain %.*s",
			   STR_ARG(sites[one->owner].name.s), STR_ARG(sites[other->owner].name.s),
			   STR_ARG(other->text.s));
		diag_note(m->diag, one->text.at, "the other place is here");
	}
}

static struct owners owners_of_addresses(struct maker *m)
{
	prefix_vec all = { 0 };
	for (size_t i = 0; i < m->estate->n_ad_sites; i++)
		add_subnets(m, (uint16_t)i, &all);
	prefixes_sort(&all);
	refuse_equal_subnets(m, &all);
	return owners_of(m->arena, &all, NO_OWNER);
}

/* By zone, one more than the site that names it; 0: none does. */
static const uint16_t *sites_of_zones(struct maker *m)
{
	const struct estate *e = m->estate;
	uint16_t *ret = ARENA_ARRAY(m->arena, uint16_t, e->n_zones);
	for (size_t i = 0; i < e->n_ad_sites; i++) {
		const struct names *said = &e->ad_sites[i].zones_said;
		for (size_t j = 0; j < said->n; j++) {
			int z = estate_zone(e, said->v[j].s);
			if (z < 0)
				unknown_name(m, "zone", said->v[j], m->zone_words);
			else if (ret[z] && ret[z] != i + 1)
				diag_error(m->diag, said->v[j].at, "zone \"%.*s\" is in site \"%.*s\" too",
					   STR_ARG(said->v[j].s), STR_ARG(e->ad_sites[ret[z] - 1].name.s));
			else
				ret[z] = (uint16_t)(i + 1);
		}
	}
	return ret;
}

typedef VEC(uint16_t) site_vec;

/* A site link joins two sites, whichever of them names it. */
static void make_links(struct maker *m, struct strs words)
{
	struct estate *e = m->estate;
	site_vec *links = ARENA_ARRAY(m->arena, site_vec, e->n_ad_sites);
	for (size_t i = 0; i < e->n_ad_sites; i++) {
		const struct names *said = &e->ad_sites[i].links_said;
		for (size_t j = 0; j < said->n; j++) {
			int other = find_ad_site(m, words, said->v[j]);
			if (other < 0)
				continue;
			*VEC_ADD(m->arena, &links[i]) = (uint16_t)other;
			*VEC_ADD(m->arena, &links[other]) = (uint16_t)i;
		}
	}
	for (size_t i = 0; i < e->n_ad_sites; i++) {
		e->ad_sites[i].links = links[i].v;
		e->ad_sites[i].n_links = links[i].n;
	}
}

static struct str site_name(const struct estate *e, uint16_t site)
{
	return site == NO_OWNER ? STR("none") : e->ad_sites[site].name.s;
}

/* Its own word, else its subnet, else its zone. */
static int place_in_ad_site(struct maker *m, const struct host *h, struct strs words, const struct owners *owners,
			    const uint16_t *by_zone)
{
	const struct estate *e = m->estate;
	struct owners_seen seen = { .first = NOT_SEEN, .other = NOT_SEEN };
	if (h->ad_site_said.s.p)
		return find_ad_site(m, words, h->ad_site_said);
	for (size_t i = 0; i < h->addresses.n; i++)
		owners_see(owners, h->addresses.v[i], &seen);
	if (seen.other != NOT_SEEN) {
		char text[RANGE_TEXT], other[RANGE_TEXT];
		diag_error(m->diag, h->address_texts.at,
			   "\"%.*s\" spans two sites of the directory: %s is in \"%.*s\", %s in \"%.*s\"",
			   STR_ARG(h->name.s), addr_range_text(&seen.first_range, text),
			   STR_ARG(site_name(e, seen.first)), addr_range_text(&seen.other_range, other),
			   STR_ARG(site_name(e, seen.other)));
		diag_note(m->diag, NOWHERE, "split it into one host for each site, or set ad-site:");
		return -1;
	}
	if (seen.first < NOT_SEEN)
		return seen.first;
	return h->zone == NO_ZONE ? -1 : by_zone[h->zone] - 1;
}

static void make_ad_sites(struct maker *m)
{
	struct estate *e = m->estate;
	e->ad_sites = m->file->ad_sites.v;
	e->n_ad_sites =
		too_many(m, &m->file->ad_sites, MOST_AD_SITES, "sites of the directory") ? 0 : m->file->ad_sites.n;
	sort_items(e->ad_sites, e->n_ad_sites, sizeof *e->ad_sites, named_cmp);
	struct strs words = names_of(m, e->ad_sites, e->n_ad_sites, sizeof *e->ad_sites);
	struct owners owners = owners_of_addresses(m);
	const uint16_t *by_zone = sites_of_zones(m);
	make_links(m, words);
	for (size_t i = 0; i < e->n_hosts; i++)
		e->hosts[i].ad_site = place_in_ad_site(m, &e->hosts[i], words, &owners, by_zone);
}

void make_directory(struct maker *m)
{
	make_domains(m);
	make_ad_sites(m);
}
