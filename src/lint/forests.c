/* SPDX-License-Identifier: Apache-2.0 */
/* Checks on forests and the trusts between them. */
#include "lint/checks.h"
#include "lint/common.h"

static bool is_said(const struct estate *e, size_t left, size_t right)
{
	for (size_t i = 0; i < e->n_trusts; i++)
		if ((e->trusts[i].trusting == left && e->trusts[i].trusted == right) ||
		    (e->trusts[i].trusting == right && e->trusts[i].trusted == left))
			return true;
	return false;
}

/* The first domain controller of each forest, by the forest's index; NULL: it has none. */
static const struct host **controllers_of(struct linting *l)
{
	const struct estate *e = l->estate;
	const struct host **ret = ARENA_ARRAY(l->arena, const struct host *, e->forests.n);
	for (size_t i = 0; i < e->n_hosts; i++) {
		const struct host *h = &e->hosts[i];
		if (!h->forest.s.p || !lint_has_role(l, h, "domain-controller"))
			continue;
		for (size_t f = 0; f < e->forests.n; f++)
			if (!ret[f] && str_eq(e->forests.v[f], h->forest.s))
				ret[f] = h;
	}
	return ret;
}

/* Of many forests, each is named with one other: neighbours in the order of their names. */
static void trust_not_said(struct linting *l)
{
	const struct estate *e = l->estate;
	const struct host **controllers = controllers_of(l);
	size_t last = SIZE_MAX;
	for (size_t f = 0; f < e->forests.n; f++) {
		if (!controllers[f])
			continue;
		if (last != SIZE_MAX && !is_said(e, last, f)) {
			struct str left = e->forests.v[last], right = e->forests.v[f];
			struct finding *found =
				lint_report(l, &check_trust_not_said, controllers[f], controllers[f]->forest.at,
					    "the forests \"%.*s\" and \"%.*s\" have domain controllers, and whether "
					    "they trust each other "
					    "is not said",
					    STR_ARG(left), STR_ARG(right));
			lint_other(l, found, controllers[last]->forest.at, "the other forest is here");
			lint_way_out(l, found,
				     "trusts: [ { trusting: %.*s, trusted: %.*s, direction: two-way } ], or one-way, "
				     "or none",
				     STR_ARG(left), STR_ARG(right));
		}
		last = f;
	}
}

CHECK(trust_not_said, "trust-not-said", LEVEL_NOTE, "ad-domains-and-trusts", "More information", 0, "85",
      "Two forests have domain controllers, and the estate says nothing of a trust between them.");
