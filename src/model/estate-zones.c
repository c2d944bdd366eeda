/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Zones, and which addresses belong to each.
 *
 * Prefixes nest or are disjoint.  They are sorted by their first address, the wider
 * first; one sweep with a stack of open prefixes cuts the address space into
 * ranges, each of which belongs to its narrowest prefix (longest-prefix match).
 *
 * A host with zone: outside of that zone's subnets adds its own prefixes.  The same
 * sweep then decides for all prefixes, those of other hosts included, so that a wide
 * host takes nothing from a narrower subnet or host.
 */
#include "base/vec.h"
#include "model/estate-maker.h"

struct subnet {
	struct addr_range range;
	uint16_t zone;
	struct name text;
};

static int by_place(const void *left, const void *right)
{
	const struct subnet *a = left, *b = right;
	int c = CMP(a->range.family, b->range.family);
	c = c ? c : CMP(a->range.lo, b->range.lo);
	c = c ? c : CMP(b->range.hi, a->range.hi);
	return c ? c : CMP(a->zone, b->zone);
}

static int by_name(const void *left, const void *right)
{
	return str_cmp(((const struct zone *)left)->name.s, ((const struct zone *)right)->name.s);
}

typedef VEC(struct subnet) subnets;

static void add_subnets(struct maker *m, uint16_t zone, subnets *all)
{
	struct zone *z = &m->estate->zones[zone];
	for (size_t i = 0; i < z->subnets.n; i++) {
		struct name text = z->subnets.v[i];
		struct names one = { &text, 1, text.at };
		struct addrset set;
		bool any = false;
		size_t n_prefixes;
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
		struct addr_range *prefixes = addrset_prefixes(m->arena, set, &n_prefixes);
		for (size_t j = 0; j < n_prefixes; j++)
			*VEC_ADD(m->arena, all) = (struct subnet){ prefixes[j], zone, text };
	}
}

static void refuse_equal(struct maker *m, const struct subnet *sorted, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		if (addr_range_cmp(&sorted[i].range, &sorted[i - 1].range) != 0)
			continue;
		const struct zone *a = &m->estate->zones[sorted[i - 1].zone], *b = &m->estate->zones[sorted[i].zone];
		if (a == b)
			diag_error(m->diag, sorted[i].text.at, "zone \"%.*s\" names %.*s twice", STR_ARG(a->name.s),
				   STR_ARG(sorted[i].text.s));
		else
			diag_error(m->diag, sorted[i].text.at, "the zones \"%.*s\" and \"%.*s\" both contain %.*s",
				   STR_ARG(a->name.s), STR_ARG(b->name.s), STR_ARG(sorted[i].text.s));
		diag_note(m->diag, sorted[i - 1].text.at, "the other place is here");
	}
}

struct cutter {
	struct arena *arena;
	VEC(struct zone_range) ranges;
};

static void cut(struct cutter *c, enum family f, u128 lo, u128 hi, uint16_t zone)
{
	struct zone_range *last = c->ranges.n ? &c->ranges.v[c->ranges.n - 1] : NULL;
	if (last && last->zone == zone && last->range.family == f && last->range.hi + 1 == lo)
		last->range.hi = hi;
	else
		*VEC_ADD(c->arena, &c->ranges) = (struct zone_range){ { f, lo, hi }, zone };
}

/* Closes the innermost open subnets that end before `until`; *at moves past the range that was cut. */
static size_t close_before(struct cutter *c, const struct subnet *const *open, size_t depth, enum family f, u128 until,
			   bool to_end, u128 *at)
{
	while (depth) {
		const struct subnet *top = open[depth - 1];
		if (!to_end && top->range.family == f && top->range.hi >= until)
			break;
		if (*at <= top->range.hi) {
			cut(c, top->range.family, *at, top->range.hi, top->zone);
			*at = top->range.hi + 1; /* wraps only at the very end of a family */
		}
		depth--;
		if (top->range.hi == addr_max(top->range.family))
			return 0; /* whatever encloses it ends here too */
	}
	return depth;
}

static void cut_ranges(struct maker *m, const struct subnet *sorted, size_t n)
{
	struct cutter c = { .arena = m->arena };
	const struct subnet *open[130]; /* prefixes nest at most 129 deep in a family */
	size_t depth = 0;
	u128 at = 0;

	for (size_t i = 0; i < n; i++) {
		const struct subnet *s = &sorted[i];
		if (depth && open[depth - 1]->range.family != s->range.family) {
			close_before(&c, open, depth, s->range.family, 0, true, &at);
			depth = 0;
		}
		depth = close_before(&c, open, depth, s->range.family, s->range.lo, false, &at);
		if (depth && at < s->range.lo)
			cut(&c, s->range.family, at, s->range.lo - 1, open[depth - 1]->zone);
		at = s->range.lo;
		if (i && addr_range_cmp(&sorted[i - 1].range, &s->range) == 0)
			continue; /* reported */
		open[depth++] = s;
	}
	close_before(&c, open, depth, IPV4, 0, true, &at);
	m->estate->zone_ranges = c.ranges.v;
	m->estate->n_zone_ranges = c.ranges.n;
}

static void collect_addresses(struct maker *m)
{
	struct estate *e = m->estate;
	VEC(struct addr_range) all = { 0 };
	size_t *count = ARENA_ARRAY(m->arena, size_t, e->n_zones);
	struct addr_range **sets = ARENA_ARRAY(m->arena, struct addr_range *, e->n_zones);

	for (size_t i = 0; i < e->n_zone_ranges; i++)
		count[e->zone_ranges[i].zone]++;
	for (size_t z = 0; z < e->n_zones; z++) {
		sets[z] = ARENA_ARRAY(m->arena, struct addr_range, count[z]);
		count[z] = 0;
	}
	for (size_t i = 0; i < e->n_zone_ranges; i++) {
		uint16_t z = e->zone_ranges[i].zone;
		sets[z][count[z]++] = e->zone_ranges[i].range;
		*VEC_ADD(m->arena, &all) = e->zone_ranges[i].range;
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
	sort_items(e->zones, e->n_zones, sizeof *e->zones, by_name);
	e->any_zone = (uint16_t)estate_zone(e, STR("internet"));
}

void make_zones(struct maker *m)
{
	struct estate *e = m->estate;
	subnets all = { 0 };

	e->zones = m->file->zones.v;
	e->n_zones = m->file->zones.n;
	e->any_zone = NO_ZONE;
	if (e->n_zones > MOST_ZONES) {
		diag_error(m->diag, m->file->zones.at, "more than %d zones", MOST_ZONES);
		e->n_zones = 0;
	}
	sort_items(e->zones, e->n_zones, sizeof *e->zones, by_name);
	imply_internet(m);
	for (size_t z = 0; z < e->n_zones; z++)
		add_subnets(m, (uint16_t)z, &all);
	sort_items(all.v, all.n, sizeof *all.v, by_place);
	refuse_equal(m, all.v, all.n);
	cut_ranges(m, all.v, all.n);
	collect_addresses(m);

	struct str *words = ARENA_ARRAY(m->arena, struct str, e->n_zones);
	for (size_t z = 0; z < e->n_zones; z++)
		words[z] = e->zones[z].name.s;
	m->zone_words = (struct strs){ words, e->n_zones };
}

static void add_host_prefixes(struct maker *m, const struct host *h, subnets *all)
{
	for (size_t i = 0; i < h->address_texts.n; i++) {
		struct name text = h->address_texts.v[i];
		struct addr_range r;
		size_t n;
		if (addr_range_parse(text.s, &r) != RANGE_OK)
			continue;
		struct addr_range *prefixes = addrset_prefixes(m->arena, (struct addrset){ &r, 1 }, &n);
		for (size_t j = 0; j < n; j++)
			*VEC_ADD(m->arena, all) = (struct subnet){ prefixes[j], h->zone, text };
	}
}

/* Two prefixes of the same length that belong to different zones: neither is the longest. */
static void refuse_ties(struct maker *m, const struct subnet *sorted, size_t n)
{
	const struct estate *e = m->estate;
	for (size_t i = 1; i < n; i++) {
		char text[RANGE_TEXT];
		if (addr_range_cmp(&sorted[i].range, &sorted[i - 1].range) != 0 || sorted[i].zone == sorted[i - 1].zone)
			continue;
		diag_error(m->diag, sorted[i].text.at, "%s is in zone \"%.*s\" by this line and in \"%.*s\" by another",
			   addr_range_text(&sorted[i].range, text), STR_ARG(e->zones[sorted[i].zone].name.s),
			   STR_ARG(e->zones[sorted[i - 1].zone].name.s));
		diag_note(m->diag, sorted[i - 1].text.at, "the other line is here");
	}
}

void settle_zones(struct maker *m)
{
	struct estate *e = m->estate;
	subnets all = { 0 };

	for (size_t z = 0; z < e->n_zones; z++)
		add_subnets(m, (uint16_t)z, &all);
	for (size_t i = 0; i < e->n_hosts; i++)
		if (e->hosts[i].zone != NO_ZONE)
			add_host_prefixes(m, &e->hosts[i], &all);
	sort_items(all.v, all.n, sizeof *all.v, by_place);
	refuse_ties(m, all.v, all.n);
	cut_ranges(m, all.v, all.n);
	collect_addresses(m);
}
