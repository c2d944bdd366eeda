/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/common/split.h"

#include "base/strmap.h"
#include "base/vec.h"
#include "dialect/common/text.h"

enum { MOST_PARTS = 100000 }; /* relations in the result */

/* The members of the new list that an old one became. */
struct parts {
	size_t first, n;
};

struct splitter {
	struct arena *arena;
	const struct dialect *dialect;
	VEC(struct policy_group) groups;
	VEC(struct policy_services) services;
	VEC(struct relation) relations;
};

static struct str name_of(struct splitter *s, struct str name, size_t part)
{
	if (part)
		name = str_printf(s->arena, "%.*s-part-%zu", STR_ARG(name), part + 1);
	return s->dialect->longest_name ? text_name(s->arena, name, "-_.", '-', s->dialect->longest_name) : name;
}

/* Platforms without ranges write them as prefixes, which are counted. */
static struct parts split_group(struct splitter *s, const struct policy_group *g)
{
	struct parts parts = { s->groups.n, 0 };
	size_t most = s->dialect->most_addresses;
	const struct addr_range *ranges = g->addresses.v;
	for (size_t i = 0; i < g->addresses.n || !parts.n;) {
		size_t from = i, n = 0;
		for (; i < g->addresses.n; i++) {
			size_t more = most ? addrset_count_prefixes((struct addrset){ &ranges[i], 1 }) : 0;
			if (i > from && n + more > most)
				break;
			n += more;
		}
		*VEC_ADD(s->arena, &s->groups) =
			(struct policy_group){ name_of(s, g->name, parts.n++),
					       addrset_of(s->arena, ranges + from, i - from), g->about };
	}
	return parts;
}

static struct parts split_services(struct splitter *s, const struct policy_services *l)
{
	struct parts parts = { s->services.n, 0 };
	size_t most = s->dialect->most_services ? s->dialect->most_services : l->n;
	for (size_t i = 0; i < l->n || !parts.n; i += most)
		*VEC_ADD(s->arena, &s->services) =
			(struct policy_services){ name_of(s, l->name, parts.n++), l->v + i, MIN(l->n - i, most) };
	return parts;
}

static void name_part(struct splitter *s, const struct relation *r, size_t part, struct relation *one)
{
	one->id = str_printf(s->arena, "%.*s-%zu", STR_ARG(r->id), part);
	if (!relation_says_id(r))
		return;
	one->about = str_printf(s->arena, "%.*s%.*s", STR_ARG(one->id), STR_ARG(str_skip(r->about, r->id.n)));
	one->services_at += (uint32_t)(one->id.n - r->id.n);
}

static bool split_relation(struct splitter *s, const struct relation *r, const struct parts *groups,
			   const struct parts *services, struct diag *d)
{
	struct parts src = groups[r->src], dst = groups[r->dst], list = services[r->services];
	size_t n = src.n * dst.n * list.n, part = 0;
	if (s->relations.n + n > MOST_PARTS)
		return diag_error(d, NOWHERE,
				  "%s would need more than %d rules, because its lists are limited (\"%.*s\")",
				  s->dialect->title, MOST_PARTS, STR_ARG(r->title));
	for (size_t i = 0; i < src.n; i++)
		for (size_t j = 0; j < dst.n; j++)
			for (size_t m = 0; m < list.n; m++) {
				struct relation *one = VEC_ADD(s->arena, &s->relations);
				*one = *r;
				if (part++)
					name_part(s, r, part, one);
				one->src = (uint32_t)(src.first + i);
				one->dst = (uint32_t)(dst.first + j);
				one->services = (uint32_t)(list.first + m);
			}
	return true;
}

/*
 * Reserved names and duplicates (some languages have a single name space for
 * groups of hosts and of services) are changed; the others stay.
 */
struct renamer {
	struct arena *arena;
	const struct dialect *dialect;
	struct strmap taken;
	bool services;
};

static bool is_free(const struct renamer *renamer, struct str name)
{
	return !strmap_get(&renamer->taken, name) &&
	       !(renamer->dialect->means_other && renamer->dialect->means_other(name, renamer->services));
}

static struct str kept_apart(struct renamer *renamer, struct str name)
{
	const char *kind = renamer->services ? "services" : "group";
	struct str wanted = name;
	for (unsigned n = 1; !is_free(renamer, wanted); n++) {
		wanted = n == 1   ? str_printf(renamer->arena, "%.*s-%s", STR_ARG(name), kind)
			 : n == 2 ? str_printf(renamer->arena, "%s-%.*s", kind, STR_ARG(name))
				  : str_printf(renamer->arena, "%s-%u-%.*s-%s", kind, n, STR_ARG(name), kind);
		if (renamer->dialect->longest_name)
			wanted = text_name(renamer->arena, wanted, "-_.", '-', renamer->dialect->longest_name);
	}
	strmap_add(&renamer->taken, wanted, renamer);
	return wanted;
}

static void keep_names_apart(struct splitter *s)
{
	struct renamer renamer = { .arena = s->arena, .dialect = s->dialect, .taken = strmap_new(s->arena) };
	for (size_t i = 0; i < s->groups.n; i++)
		s->groups.v[i].name = kept_apart(&renamer, s->groups.v[i].name);
	renamer.services = true;
	for (size_t i = 0; i < s->services.n; i++)
		s->services.v[i].name = kept_apart(&renamer, s->services.v[i].name);
}

bool split_policy(struct arena *a, const struct dialect *dialect, struct policy *p, struct diag *d)
{
	struct splitter s = { .arena = a, .dialect = dialect };
	struct parts *groups = ARENA_ARRAY(a, struct parts, p->n_groups),
		     *services = ARENA_ARRAY(a, struct parts, p->n_services);
	if (!dialect->most_addresses && !dialect->most_services && !dialect->longest_name && !dialect->means_other)
		return true;
	for (size_t i = 0; i < p->n_groups; i++)
		groups[i] = split_group(&s, &p->groups[i]);
	for (size_t i = 0; i < p->n_services; i++)
		services[i] = split_services(&s, &p->services[i]);
	for (size_t i = 0; i < p->n_relations; i++)
		if (!split_relation(&s, &p->relations[i], groups, services, d))
			return false;
	keep_names_apart(&s);
	p->groups = s.groups.v;
	p->n_groups = s.groups.n;
	p->services = s.services.v;
	p->n_services = s.services.n;
	p->relations = s.relations.v;
	p->n_relations = s.relations.n;
	return true;
}
