/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Zones, and which addresses belong to each.
 *
 * A host with zone: outside of that zone's subnets adds its own prefixes.  The longest
 * prefix (model/owners.h) then decides for all of them, those of other hosts included, so
 * that a wide host takes nothing from a narrower subnet or host.
 */
#include "base/vec.h"
#include "model/estate-maker.h"

static void add_subnets(struct maker *m, uint16_t zone, prefix_vec *all)
{
	struct zone *z = &m->estate->zones[zone];
	for (size_t i = 0; i < z->subnets.n; i++) {
		struct name text = z->subnets.v[i];
		struct names one = { &text, 1, text.at };
		struct addrset set;
		bool any = false;
		if (!read_addresses(m, &one, "a subnet", &set, &any))
			continue;
		if (any) {
			if (m->estate->any_zone != NO_ZONE && m->estate->any_zone != zone) {
				diag_error(m->diag, text.at,
					   "two zones contain \"any\"; it is every address that "
					   "no other zone contains, so one can");
				diag_note(m->diag, m->estate->zones[m->estate->any_zone].name.at,
					  "the other one is \"%.*s\"",
					  STR_ARG(m->estate->zones[m->estate->any_zone].name.s));
				continue;
			}
			m->estate->any_zone = zone;
			z->any = true;
			continue;
		}
		prefixes_add(m->arena, all, set, zone, text);
	}
}

static void refuse_equal(struct maker *m, const struct prefix *sorted, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		if (addr_range_cmp(&sorted[i].range, &sorted[i - 1].range) != 0)
			continue;
		const struct zone *a = &m->estate->zones[sorted[i - 1].owner], *b = &m->estate->zones[sorted[i].owner];
		if (a == b)
			diag_error(m->diag, sorted[i].text.at, "zone \"%.*s\" names %.*s twice", STR_ARG(a->name.s),
				   STR_ARG(sorted[i].text.s));
		else
			diag_error(m->diag, sorted[i].text.at, "the zones \"%.*s\" and \"%.*s\" both contain %.*s",
				   STR_ARG(a->name.s), STR_ARG(b->name.s), STR_ARG(sorted[i].text.s));
		diag_note(m->diag, sorted[i - 1].text.at, "the other place is here");
	}
}

static void collect_addresses(struct maker *m)
{
	struct estate *e = m->estate;
	VEC(struct addr_range) all = { 0 };
	size_t *count = ARENA_ARRAY(m->arena, size_t, e->n_zones);
	struct addr_range **sets = ARENA_ARRAY(m->arena, struct addr_range *, e->n_zones);

	for (size_t i = 0; i < e->owners.n; i++)
		count[e->owners.v[i].owner]++;
	for (size_t z = 0; z < e->n_zones; z++) {
		sets[z] = ARENA_ARRAY(m->arena, struct addr_range, count[z]);
		count[z] = 0;
	}
	for (size_t i = 0; i < e->owners.n; i++) {
		uint16_t z = e->owners.v[i].owner;
		sets[z][count[z]++] = e->owners.v[i].range;
		*VEC_ADD(m->arena, &all) = e->owners.v[i].range;
	}
	for (size_t z = 0; z < e->n_zones; z++)
		e->zones[z].addresses = addrset_of(m->arena, sets[z], count[z]);
	if (e->any_zone == NO_ZONE)
		return;
	struct zone *any = &e->zones[e->any_zone];
	struct addrset others = addrset_of(m->arena, all.v, all.n);
	struct addrset rest = addrset_minus(m->arena, addrset_all(m->arena), others);
	any->addresses = addrset_union(m->arena, rest, any->addresses);
}

/*
 * Outside parties that the estate does not place are in zone "internet", or in the
 * zone that is "any"; an estate with neither gets one.
 */
static bool says_any(const struct zone *z)
{
	for (size_t i = 0; i < z->subnets.n; i++)
		if (str_is(z->subnets.v[i].s, "any"))
			return true;
	return false;
}

static void imply_internet(struct maker *m)
{
	struct estate *e = m->estate;
	if (estate_zone(e, STR("internet")) >= 0)
		return;
	for (size_t z = 0; z < e->n_zones; z++)
		if (says_any(&e->zones[z]))
			return;
	struct zone *wider = ARENA_ARRAY(m->arena, struct zone, e->n_zones + 1);
	if (e->n_zones)
		memcpy(wider, e->zones, e->n_zones * sizeof *wider);
	wider[e->n_zones] = (struct zone){
		.name = { STR("internet"), m->file->name.at },
		.any = true,
		.implied = true,
	};
	e->zones = wider;
	e->n_zones++;
	sort_items(e->zones, e->n_zones, sizeof *e->zones, named_cmp);
	e->any_zone = (uint16_t)estate_zone(e, STR("internet"));
}

void make_zones(struct maker *m)
{
	struct estate *e = m->estate;
	prefix_vec all = { 0 };

	e->zones = m->file->zones.v;
	e->n_zones = m->file->zones.n;
	e->any_zone = NO_ZONE;
	if (e->n_zones > MOST_ZONES) {
		diag_error(m->diag, m->file->zones.at, "more than %d zones", MOST_ZONES);
		e->n_zones = 0;
	}
	sort_items(e->zones, e->n_zones, sizeof *e->zones, named_cmp);
	imply_internet(m);
	for (size_t z = 0; z < e->n_zones; z++)
		add_subnets(m, (uint16_t)z, &all);
	prefixes_sort(&all);
	refuse_equal(m, all.v, all.n);
	e->owners = owners_of(m->arena, &all, e->any_zone);
	collect_addresses(m);

	m->zone_words = names_of(m, e->zones, e->n_zones, sizeof *e->zones);
}

static void add_host_prefixes(struct maker *m, const struct host *h, prefix_vec *all)
{
	for (size_t i = 0; i < h->address_texts.n; i++) {
		struct name text = h->address_texts.v[i];
		struct addr_range r;
		if (addr_range_parse(text.s, &r) == RANGE_OK)
			prefixes_add(m->arena, all, (struct addrset){ &r, 1 }, h->zone, text);
	}
}

/* Two prefixes of the same length that belong to different zones: neither is the longest. */
static void refuse_ties(struct maker *m, const struct prefix *sorted, size_t n)
{
	const struct estate *e = m->estate;
	for (size_t i = 1; i < n; i++) {
		char text[RANGE_TEXT];
		if (addr_range_cmp(&sorted[i].range, &sorted[i - 1].range) != 0 ||
		    sorted[i].owner == sorted[i - 1].owner)
			continue;
		diag_error(m->diag, sorted[i].text.at, "%s is in zone \"%.*s\" by this line and in \"%.*s\" by another",
			   addr_range_text(&sorted[i].range, text), STR_ARG(e->zones[sorted[i].owner].name.s),
			   STR_ARG(e->zones[sorted[i - 1].owner].name.s));
		diag_note(m->diag, sorted[i - 1].text.at, "the other line is here");
	}
}

void settle_zones(struct maker *m)
{
	struct estate *e = m->estate;
	prefix_vec all = { 0 };

	for (size_t z = 0; z < e->n_zones; z++)
		add_subnets(m, (uint16_t)z, &all);
	for (size_t i = 0; i < e->n_hosts; i++)
		if (e->hosts[i].zone != NO_ZONE)
			add_host_prefixes(m, &e->hosts[i], &all);
	prefixes_sort(&all);
	refuse_ties(m, all.v, all.n);
	e->owners = owners_of(m->arena, &all, e->any_zone);
	collect_addresses(m);
}
