/* SPDX-License-Identifier: Apache-2.0 */
/* Checks on domains and on sites of the directory. */
#include "lint/checks.h"
#include "lint/common.h"

static bool is_controller(struct linting *l, const struct host *h)
{
	return lint_has_role(l, h, "domain-controller");
}

static bool is_member(struct linting *l, const struct host *h)
{
	return lint_has_role(l, h, "domain-member") && !is_controller(l, h);
}

/* By domain: a controller of it, or a member of it, is in the estate. */
static bool *domains_of(struct linting *l, bool (*is)(struct linting *l, const struct host *h))
{
	bool *ret = ARENA_ARRAY(l->arena, bool, l->estate->n_domains);
	for (size_t i = 0; i < l->estate->n_hosts; i++) {
		const struct host *h = &l->estate->hosts[i];
		if (h->domain >= 0 && is(l, h))
			ret[h->domain] = true;
	}
	return ret;
}

static void domain_without_controller(struct linting *l)
{
	const struct estate *e = l->estate;
	const bool *served = domains_of(l, is_controller), *joined = domains_of(l, is_member);
	for (size_t i = 0; i < e->n_domains; i++) {
		if (!joined[i] || served[i])
			continue;
		struct finding *f =
			lint_report(l, &check_domain_without_controller, NULL, e->domains[i].name.at,
				    "the domain \"%.*s\" has members and no domain controller: the plan has no flows "
				    "to its own",
				    STR_ARG(e->domains[i].name.s));
		lint_way_out(l, f, "write domain: %.*s at its domain controllers", STR_ARG(e->domains[i].name.s));
	}
}

CHECK(domain_without_controller, "domain-without-controller", LEVEL_WARNING, NULL, NULL, 0, "85",
      "A domain has members in the estate, and no domain controller.");

/* The first host of the kind that is in no site, and how many more there are. */
static const struct host *first_outside(struct linting *l, bool (*is)(struct linting *l, const struct host *h),
					size_t *others)
{
	const struct host *first = NULL;
	*others = 0;
	for (size_t i = 0; i < l->estate->n_hosts; i++) {
		const struct host *h = &l->estate->hosts[i];
		if (h->ad_site >= 0 || h->implied || !is(l, h))
			continue;
		*others += first != NULL;
		first = first ? first : h;
	}
	return first;
}

static void look_outside(struct linting *l, bool (*is)(struct linting *l, const struct host *h), const char *so)
{
	size_t others;
	const struct host *h = first_outside(l, is, &others);
	if (!h)
		return;
	const char *are = others ? arena_printf(l->arena, " and %zu more are", others) : " is";
	struct finding *f = lint_report(l, &check_outside_ad_sites, h, h->name.at,
					"\"%.*s\"%s in no site of the directory: %s", STR_ARG(h->name.s), are, so);
	lint_way_out(l, f, "add the subnet or the zone to a site under ad-sites:, or write ad-site: there");
}

static void outside_ad_sites(struct linting *l)
{
	if (!l->estate->n_ad_sites)
		return;
	look_outside(l, is_controller, "every host of the forest uses such a domain controller");
	look_outside(l, is_member, "such a member uses the domain controllers of every site");
}

CHECK(outside_ad_sites, "outside-ad-sites", LEVEL_NOTE, NULL, NULL, 0, "85",
      "The estate has sites of the directory, and a domain member or a controller is in none.");
