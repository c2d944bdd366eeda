/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hosts: their roles with the implied ones, their system, their addresses and the
 * zone that contains them.
 */
#include "base/strmap.h"
#include "base/vec.h"
#include "model/estate-maker.h"

enum { MOST_ROLES_OF_A_HOST = 256 };

static int cmp_role(const void *left, const void *right)
{
	return CMP(*(const role_id *)left, *(const role_id *)right);
}

static bool add_role(role_id *roles, size_t *n, role_id r)
{
	for (size_t i = 0; i < *n; i++)
		if (roles[i] == r)
			return false;
	if (*n == MOST_ROLES_OF_A_HOST)
		return false;
	roles[(*n)++] = r;
	return true;
}

static struct role_ids sorted_roles(struct maker *m, role_id *roles, size_t n)
{
	role_id *copy = ARENA_ARRAY(m->arena, role_id, n);
	if (n)
		memcpy(copy, roles, n * sizeof *roles);
	sort_items(copy, n, sizeof *copy, cmp_role);
	return (struct role_ids){ copy, n };
}

static void resolve_roles(struct maker *m, struct host *h)
{
	const struct catalogue *c = m->estate->catalogue;
	role_id roles[MOST_ROLES_OF_A_HOST];
	size_t n = 0;

	for (size_t i = 0; i < h->roles_said.n; i++) {
		struct name name = h->roles_said.v[i];
		int id = catalogue_role(c, name.s);
		if (id < 0)
			unknown_role(m, name);
		else if (!add_role(roles, &n, (role_id)id))
			diag_warn(m->diag, name.at, "\"%.*s\" has the role \"%.*s\" twice", STR_ARG(h->name.s),
				  STR_ARG(name.s));
	}
	/* roles grows during the loop: an implied role may imply more */
	for (size_t i = 0; i < n; i++) {
		const struct role *r = &c->roles[roles[i]];
		for (size_t j = 0; j < r->implies.n; j++)
			add_role(roles, &n, r->implies.v[j]);
		if (h->joined.n == JOINED_DOMAIN)
			for (size_t j = 0; j < r->implies_joined.n; j++)
				add_role(roles, &n, r->implies_joined.v[j]);
		if (r->old_system != NO_SYSTEM && catalogue_older_than(c, h->system, r->old_system))
			for (size_t j = 0; j < r->implies_old.n; j++)
				add_role(roles, &n, r->implies_old.v[j]);
	}
	h->roles = sorted_roles(m, roles, n);
}

static void resolve_system(struct maker *m, struct host *h)
{
	h->system = NO_SYSTEM;
	if (!h->os.s.p)
		return;
	int id = catalogue_system(m->estate->catalogue, h->os.s);
	if (id < 0)
		unknown_name(m, "os", h->os, m->system_words);
	else
		h->system = (uint16_t)id;
}

static void check_features(struct maker *m, const struct host *h)
{
	struct strs known = m->estate->catalogue->features;
	for (size_t i = 0; i < h->features.n; i++) {
		struct name f = h->features.v[i];
		bool found = false;
		for (size_t j = 0; j < known.n && !found; j++)
			found = str_eq(known.v[j], f.s);
		if (!found)
			unknown_name(m, "feature", f, known);
	}
}

static bool only_external_roles(struct maker *m, const struct host *h)
{
	const struct catalogue *c = m->estate->catalogue;
	for (size_t i = 0; i < h->roles.n; i++)
		if (c->roles[h->roles.v[i]].kind != ROLE_EXTERNAL)
			return false;
	return h->roles.n > 0;
}

static struct str zone_name(const struct estate *e, uint16_t zone)
{
	return zone == NO_ZONE ? STR("none") : e->zones[zone].name.s;
}

static void find_zone(struct maker *m, struct host *h)
{
	struct estate *e = m->estate;
	struct owners_seen seen = { .first = NOT_SEEN, .other = NOT_SEEN };
	char text[RANGE_TEXT];

	h->zone = NO_ZONE;
	if (h->zone_said.s.p) {
		int z = estate_zone(e, h->zone_said.s);
		if (z < 0)
			unknown_name(m, "zone", h->zone_said, m->zone_words);
		else
			h->zone = (uint16_t)z;
		return;
	}
	if (h->any) {
		int z = estate_zone(e, STR("internet"));
		h->zone = z >= 0 ? (uint16_t)z : e->any_zone;
		return;
	}
	for (size_t i = 0; i < h->addresses.n; i++)
		owners_see(&e->owners, h->addresses.v[i], &seen);
	if (seen.first == NOT_SEEN)
		return; /* no address: reported */
	if (seen.other != NOT_SEEN) {
		char other[RANGE_TEXT];
		diag_error(m->diag, h->address_texts.at, "\"%.*s\" spans two zones: %s is in \"%.*s\", %s in \"%.*s\"",
			   STR_ARG(h->name.s), addr_range_text(&seen.first_range, text),
			   STR_ARG(zone_name(e, seen.first)), addr_range_text(&seen.other_range, other),
			   STR_ARG(zone_name(e, seen.other)));
		diag_note(m->diag, NOWHERE, "split it into one host for each zone");
		return;
	}
	/* the zone that is made for outside parties is not for the estate's own machines */
	if (seen.first == NO_ZONE || (e->zones[seen.first].implied && !only_external_roles(m, h))) {
		diag_error(m->diag, h->address_texts.at, "no zone contains %s of \"%.*s\"",
			   addr_range_text(&seen.first_range, text), STR_ARG(h->name.s));
		diag_note(m->diag, NOWHERE, "add the subnet to a zone, or set zone:");
		return;
	}
	h->zone = seen.first;
}

static bool names_range(const struct names *texts)
{
	for (size_t i = 0; i < texts->n; i++) {
		struct addr_range r;
		if (addr_range_parse(texts->v[i].s, &r) == RANGE_OK && r.lo != r.hi)
			return true;
	}
	return false;
}

static void resolve_addresses(struct maker *m, struct host *h)
{
	bool ok = read_addresses(m, &h->address_texts, "an address", &h->addresses, &h->any);
	if (h->any && h->addresses.n)
		diag_error(m->diag, h->address_texts.at, "\"any\" includes every address; leave the others out");
	if (!h->address_texts.n) {
		if (only_external_roles(m, h))
			h->any = true;
		else
			diag_error(m->diag, h->name.at, "\"%.*s\" has no address", STR_ARG(h->name.s));
	}
	h->is_group =
		h->machines.n == MACHINES_BY_ADDRESS ? names_range(&h->address_texts) : h->machines.n == MACHINES_MANY;
	h->zone = NO_ZONE;
	if (ok)
		find_zone(m, h);
	if (h->any)
		h->addresses = NO_ADDRS;
}

struct owner {
	struct addr_range range;
	const struct host *host;
	struct loc at;
};

static int owner_cmp(const void *left, const void *right)
{
	const struct owner *a = left, *b = right;
	int c = addr_range_cmp(&a->range, &b->range);
	return c ? c : str_cmp(a->host->name.s, b->host->name.s);
}

/*
 * The same address, or exactly the same subnet, on two hosts is a mistake; one host inside
 * another's subnet is not.
 */
static void refuse_shared_addresses(struct maker *m)
{
	struct estate *e = m->estate;
	size_t total = 0, n = 0;
	for (size_t i = 0; i < e->n_hosts; i++)
		total += e->hosts[i].address_texts.n;
	struct owner *owners = ARENA_ARRAY(m->arena, struct owner, total);
	/* as written: in a host's set, adjacent addresses are one range */
	for (size_t i = 0; i < e->n_hosts; i++)
		for (size_t j = 0; j < e->hosts[i].address_texts.n; j++) {
			const struct name *t = &e->hosts[i].address_texts.v[j];
			struct owner o = { .host = &e->hosts[i], .at = t->at };
			if (addr_range_parse(t->s, &o.range) == RANGE_OK)
				owners[n++] = o;
		}
	sort_items(owners, n, sizeof *owners, owner_cmp);
	for (size_t i = 1; i < n; i++) {
		char text[RANGE_TEXT];
		if (addr_range_cmp(&owners[i].range, &owners[i - 1].range) != 0)
			continue;
		if (owners[i].host == owners[i - 1].host) {
			diag_error(m->diag, owners[i].at, "\"%.*s\" has the address %s twice",
				   STR_ARG(owners[i].host->name.s), addr_range_text(&owners[i].range, text));
			diag_note(m->diag, owners[i - 1].at, "the other one is here");
			continue;
		}
		diag_error(m->diag, owners[i].at, "\"%.*s\" and \"%.*s\" both have the address %s",
			   STR_ARG(owners[i - 1].host->name.s), STR_ARG(owners[i].host->name.s),
			   addr_range_text(&owners[i].range, text));
		diag_note(m->diag, owners[i - 1].at, "\"%.*s\" has it here", STR_ARG(owners[i - 1].host->name.s));
	}
}

/* Some address of the host is in another zone than the host. */
static bool is_displaced(const struct estate *e, const struct host *h)
{
	struct owners_seen seen = { .first = NOT_SEEN, .other = NOT_SEEN };
	for (size_t i = 0; i < h->addresses.n; i++)
		owners_see(&e->owners, h->addresses.v[i], &seen);
	return h->addresses.n && (seen.first != h->zone || seen.other != NOT_SEEN);
}

typedef VEC(struct addr_range) ranges;

/* The addresses of a range that are in the zone. */
static void add_part_in(struct maker *m, struct addr_range r, uint16_t zone, ranges *ret)
{
	const struct estate *e = m->estate;
	u128 at = r.lo;
	size_t i = owners_at(&e->owners, r.family, r.lo);
	for (; i < e->owners.n; i++) {
		const struct owned_range *z = &e->owners.v[i];
		if (z->range.family != r.family || z->range.lo > r.hi)
			break;
		if (z->range.lo > at && zone == e->any_zone)
			*VEC_ADD(m->arena, ret) = (struct addr_range){ r.family, at, z->range.lo - 1 };
		if (z->owner == zone)
			*VEC_ADD(m->arena, ret) =
				(struct addr_range){ r.family, MAX(at, z->range.lo), MIN(z->range.hi, r.hi) };
		if (z->range.hi >= r.hi)
			return;
		at = z->range.hi + 1;
	}
	if (zone == e->any_zone)
		*VEC_ADD(m->arena, ret) = (struct addr_range){ r.family, at, r.hi };
}

/* A host keeps the addresses that no longer prefix puts into another zone. */
static void keep_own_addresses(struct maker *m, struct host *h)
{
	ranges own = { 0 };
	for (size_t i = 0; i < h->addresses.n; i++)
		add_part_in(m, h->addresses.v[i], h->zone, &own);
	if (!own.n)
		diag_error(m->diag, h->address_texts.at,
			   "no address of \"%.*s\" is in zone \"%.*s\": longer prefixes put all of them into others",
			   STR_ARG(h->name.s), STR_ARG(zone_name(m->estate, h->zone)));
	h->addresses = addrset_of(m->arena, own.v, own.n);
}

/* Hosts may state a zone whose subnets do not contain them: the longest prefix wins, theirs included. */
static void place_addresses(struct maker *m)
{
	struct estate *e = m->estate;
	bool displaced = false;
	for (size_t i = 0; i < e->n_hosts && !displaced; i++)
		displaced = e->hosts[i].zone_said.s.p && e->hosts[i].zone != NO_ZONE && is_displaced(e, &e->hosts[i]);
	if (!displaced || diag_errors(m->diag))
		return;
	settle_zones(m);
	for (size_t i = 0; i < e->n_hosts && !diag_errors(m->diag); i++)
		if (e->hosts[i].zone != NO_ZONE && is_displaced(e, &e->hosts[i]))
			keep_own_addresses(m, &e->hosts[i]);
}

/* Every outside party that no host represents gets its own host, named after its role. */
static void imply_parties(struct maker *m)
{
	struct estate *e = m->estate;
	const struct catalogue *c = e->catalogue;
	bool *placed = ARENA_ARRAY(m->arena, bool, c->n_roles);
	size_t n = 0;

	for (size_t i = 0; i < e->n_hosts; i++)
		for (size_t j = 0; j < e->hosts[i].roles.n; j++)
			placed[e->hosts[i].roles.v[j]] = true;
	for (size_t r = 0; r < c->n_roles; r++)
		n += c->roles[r].kind == ROLE_EXTERNAL && !placed[r];
	struct host *wider = ARENA_ARRAY(m->arena, struct host, e->n_hosts + n);
	if (e->n_hosts)
		memcpy(wider, e->hosts, e->n_hosts * sizeof *wider);
	n = e->n_hosts;
	for (size_t r = 0; r < c->n_roles; r++) {
		if (c->roles[r].kind != ROLE_EXTERNAL || placed[r])
			continue;
		struct host *h = &wider[n];
		role_id id = (role_id)r;
		*h = (struct host){
			.name = { c->roles[r].id, m->file->hosts.at },
			.joined = { JOINED_WORKGROUP, NOWHERE },
			.any = true,
			.implied = true,
			.system = NO_SYSTEM,
		};
		/* a host of the user may have that name */
		if (estate_host(e, h->name.s) >= 0)
			h->name.s = str_printf(m->arena, "%.*s.outside", STR_ARG(c->roles[r].id));
		h->roles = sorted_roles(m, &id, 1);
		find_zone(m, h);
		n++;
	}
	e->hosts = wider;
	e->n_hosts = n;
	sort_items(e->hosts, e->n_hosts, sizeof *e->hosts, named_cmp);
}

static int tier_of(struct str s)
{
	uint32_t n;
	return str_starts(s, "tier-") && str_to_u32(str_skip(s, strlen("tier-")), 9, &n) ? (int)n : -1;
}

/* The words that "administers:" knows, for suggestions. */
static struct strs administered_words(struct maker *m)
{
	const struct strs lists[] = { m->host_words, m->zone_words, m->role_words };
	struct str *words = ARENA_ARRAY(m->arena, struct str, lists[0].n + lists[1].n + lists[2].n);
	size_t n = 0;
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		for (size_t j = 0; j < lists[i].n; j++)
			words[n++] = lists[i].v[j];
	return (struct strs){ words, n };
}

static void resolve_administered(struct maker *m, struct host *h)
{
	struct estate *e = m->estate;
	struct administered *list = ARENA_ARRAY(m->arena, struct administered, h->administers_said.n);
	for (size_t i = 0; i < h->administers_said.n; i++) {
		struct name said = h->administers_said.v[i];
		struct administered a = { estate_host(e, said.s), estate_zone(e, said.s),
					  catalogue_role(e->catalogue, said.s), tier_of(said.s) };
		/* an outside party that the estate omits is named after its role */
		if (a.host >= 0 && e->hosts[a.host].implied)
			a.host = -1;
		int kinds = (a.host >= 0) + (a.zone >= 0) + (a.role >= 0) + (a.tier >= 0);
		if (!kinds)
			unknown_name(m, "host, zone or role", said, administered_words(m));
		else if (kinds > 1)
			diag_error(m->diag, said.at, "\"%.*s\" is the name of two of a host, a zone, a role and a tier",
				   STR_ARG(said.s));
		else
			list[h->n_administers++] = a;
	}
	h->administers = list;
}

void make_hosts(struct maker *m)
{
	struct estate *e = m->estate;
	e->hosts = m->file->hosts.v;
	e->n_hosts = m->file->hosts.n;
	if (e->n_hosts > MOST_HOSTS) {
		diag_error(m->diag, m->file->hosts.at, "more than %d hosts", MOST_HOSTS);
		e->n_hosts = 0;
	}
	sort_items(e->hosts, e->n_hosts, sizeof *e->hosts, named_cmp);
	for (size_t i = 0; i < e->n_hosts; i++) {
		struct host *h = &e->hosts[i];
		resolve_system(m, h);
		resolve_roles(m, h);
		resolve_uses(m, h);
		check_features(m, h);
		resolve_addresses(m, h);
	}
	refuse_shared_addresses(m);
	place_addresses(m);
	imply_parties(m);
	m->host_words = names_of(m, e->hosts, e->n_hosts, sizeof *e->hosts);
	for (size_t i = 0; i < e->n_hosts; i++) {
		resolve_administered(m, &e->hosts[i]);
		e->bounds_administration |= e->hosts[i].tier.at.line || e->hosts[i].administers_said.n;
	}
}
