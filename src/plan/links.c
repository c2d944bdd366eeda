/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What groups need of each other.
 *
 * For each facet of each group: the needs that one of its roles starts, and for
 * each of them the facets of the other role in scope (same site, same forest ...),
 * found by an index, never by trying all pairs.  The result for a pair of groups is
 * a bundle (bundle.c).
 */
#include "plan/bundle-priv.h"

/* A need in one of its two directions, from the role that starts it. */
struct start {
	const struct need *need;
	bool back;
	role_id from, to; /* of the flow; from is ROLE_ANY for every host */
};

typedef VEC(struct start) start_vec;
typedef VEC(const struct hand_rule *) hand_vec;

/* Facets with one role, by the key of a scope: the site or the forest. */
struct bucketed {
	index_vec *by_site, *by_forest; /* [key + 1]; the first is for facets without a key */
	index_vec all;
};

/* A forest that another one has a trust with. */
struct peer {
	uint32_t forest;
	bool trusted, trusting; /* it is trusted by the other; it trusts the other */
	bool of_forests;        /* not an external trust */
};
typedef VEC(struct peer) peer_vec;

struct linker {
	struct plan *plan;
	struct arena *scratch;         /* for one group at a time */
	start_vec *starts;             /* by role; the last is for every host */
	start_vec *used;               /* by the role that uses: names */
	struct bucketed *facets;       /* by role; the last is for every Windows computer of the estate */
	index_vec *children;           /* of a site */
	peer_vec *peers;               /* of a forest */
	index_vec *host_endpoints;     /* by host */
	struct strmap other_endpoints; /* addresses of allow: by name; index_vec */
	hand_vec *hands;               /* by endpoint: the rows of allow: that begin there */
	struct draft *drafts;
	size_t n_drafts;
	uint32_t *draft_of; /* by group, one more than the index; 0: none */
	struct bundler bundles;
	struct chooser *chooser;
	bool *asked_site, *asked_forest; /* by host: reported */
};

bool plan_uses_need(const struct estate *e, const struct plan_options *o, const struct need *n)
{
	if (!e->documents[n->document - e->catalogue->documents] || n->unplanned.n || !n->protocol)
		return false;
	if (n->administration == ADMINISTRATION_BOUNDED && !e->bounds_administration)
		return false;
	if (o->as_documented)
		return n->erratum == NO_ERRATUM;
	return n->erratum != ERRATUM_WITHDRAWS && !n->withdrawn;
}

/* Index */

static size_t any_role(const struct linker *l)
{
	return l->plan->estate->catalogue->n_roles;
}

static struct role_ids one_role(const role_id *r)
{
	return (struct role_ids){ r, 1 };
}

static void add_starts(struct linker *l, const struct need *n, bool back)
{
	struct arena *a = l->plan->arena;
	struct role_ids from = n->from_members.n ? n->from_members : one_role(&n->from);
	struct role_ids to = n->to_members.n ? n->to_members : one_role(&n->to);
	if (back) {
		struct role_ids swap = from;
		from = to;
		to = swap;
	}
	for (size_t t = 0; t < to.n; t++) {
		struct start s = { n, back, ROLE_ANY, to.v[t] };
		if (to.v[t] == ROLE_ANY && !n->administration)
			continue; /* "any host": not a conversation of a particular role */
		if (n->from != ROLE_ANY || back) {
			for (size_t f = 0; f < from.n; f++) {
				s.from = from.v[f];
				if (s.from != ROLE_ANY)
					*VEC_ADD(a, &l->starts[s.from]) = s;
			}
			continue;
		}
		for (size_t f = 0; f < n->clients.n; f++) {
			s.from = n->clients.v[f];
			*VEC_ADD(a, &l->starts[s.from]) = s;
		}
		s.from = ROLE_ANY;
		if (s.to == ROLE_ANY)
			continue;
		if (n->clients_any)
			*VEC_ADD(a, &l->starts[any_role(l)]) = s;
		*VEC_ADD(a, &l->used[s.to]) = s;
	}
}

static void index_needs(struct linker *l)
{
	const struct catalogue *c = l->plan->estate->catalogue;
	l->starts = ARENA_ARRAY(l->plan->arena, start_vec, c->n_roles + 1);
	l->used = ARENA_ARRAY(l->plan->arena, start_vec, c->n_roles);
	for (size_t i = 0; i < c->n_needs; i++) {
		const struct need *n = &c->needs[i];
		if (!plan_uses_need(l->plan->estate, &l->plan->options, n))
			continue;
		add_starts(l, n, false);
		if (n->either)
			add_starts(l, n, true);
	}
}

static void add_peer(struct linker *l, const struct trust *t, uint32_t of, uint32_t forest)
{
	bool both = t->direction == TRUST_TWO_WAY;
	*VEC_ADD(l->plan->arena, &l->peers[of]) = (struct peer){
		.forest = forest,
		.trusted = both || forest == t->trusted,
		.trusting = both || forest == t->trusting,
		.of_forests = t->kind == TRUST_OF_FORESTS,
	};
}

static void index_trusts(struct linker *l)
{
	const struct estate *e = l->plan->estate;
	l->peers = ARENA_ARRAY(l->plan->arena, peer_vec, MAX(e->forests.n, (size_t)1));
	for (size_t i = 0; i < e->n_trusts; i++) {
		const struct trust *t = &e->trusts[i];
		if (t->direction == TRUST_NONE)
			continue;
		add_peer(l, t, t->trusting, t->trusted);
		add_peer(l, t, t->trusted, t->trusting);
	}
}

static bool is_windows(const struct catalogue *c, const struct facet *f)
{
	for (size_t i = 0; i < f->roles.n; i++)
		if (c->roles[f->roles.v[i]].kind == ROLE_WINDOWS)
			return true;
	return false;
}

static void add_facet(struct linker *l, struct bucketed *b, uint32_t facet)
{
	struct plan *p = l->plan;
	const struct estate *e = p->estate;
	const struct facet *f = &p->facets[facet];
	if (!b->by_site) {
		b->by_site = ARENA_ARRAY(p->arena, index_vec, e->n_sites + 1);
		b->by_forest = ARENA_ARRAY(p->arena, index_vec, MAX(e->forests.n, (size_t)1) + 1);
	}
	*VEC_ADD(p->arena, &b->all) = facet;
	*VEC_ADD(p->arena, &b->by_site[f->site + 1]) = facet;
	*VEC_ADD(p->arena, &b->by_forest[f->forest + 1]) = facet;
}

static void index_facets(struct linker *l)
{
	struct plan *p = l->plan;
	const struct estate *e = p->estate;
	l->facets = ARENA_ARRAY(p->arena, struct bucketed, e->catalogue->n_roles + 1);
	for (uint32_t i = 0; i < p->n_facets; i++) {
		const struct facet *f = &p->facets[i];
		for (size_t j = 0; j < f->roles.n; j++)
			add_facet(l, &l->facets[f->roles.v[j]], i);
		if (!f->host->implied && !f->instance_ports && is_windows(e->catalogue, f))
			add_facet(l, &l->facets[any_role(l)], i);
	}
	index_trusts(l);
	l->children = ARENA_ARRAY(p->arena, index_vec, e->n_sites);
	for (size_t s = 0; s < e->n_sites; s++)
		if (e->sites[s].parent >= 0)
			*VEC_ADD(p->arena, &l->children[e->sites[s].parent]) = (uint32_t)s;
}

/* Drafts */

static struct draft *draft_for(struct linker *l, uint32_t group)
{
	if (!l->draft_of[group]) {
		l->drafts[l->n_drafts] = (struct draft){ .group = group };
		l->draft_of[group] = (uint32_t)++l->n_drafts;
	}
	return &l->drafts[l->draft_of[group] - 1];
}

static bool has_role(const struct facet *f, role_id role)
{
	for (size_t i = 0; i < f->roles.n; i++)
		if (f->roles.v[i] == role)
			return true;
	return false;
}

/* A role of the one that listens is not asked by hosts such as the other (a read-only domain controller). */
static bool is_not_asked(const struct plan *p, const struct start *s, const struct facet *from, const struct facet *to)
{
	for (size_t i = 0; i < to->roles.n; i++) {
		const struct role *r = &p->estate->catalogue->roles[to->roles.v[i]];
		for (size_t j = 0; j < r->not_asked_by.n; j++)
			if (has_role(from, r->not_asked_by.v[j]) && role_is_not_asked(r, s->to, r->not_asked_by.v[j]))
				return true;
	}
	return false;
}

static void join(struct linker *l, const struct start *s, const struct facet *from, const struct facet *to)
{
	struct plan *p = l->plan;
	const struct need *n = s->need;

	if (from->host->implied || (to->host->implied && s->back))
		return; /* an outside party that is not placed never opens a conversation */
	if (from->group == to->group && p->groups[from->group].members.n == 1 &&
	    !endpoint_is_many(&p->endpoints[p->groups[from->group].members.endpoints[0]]))
		return;
	if (!plan_conditions_hold(p, n, s->back, s->back ? to : from, s->back ? from : to))
		return;
	if (plan_is_reply(p->estate, from->host, n) || is_not_asked(p, s, from, to))
		return;
	if (n->administration && p->estate->bounds_administration &&
	    !host_administers(p->estate, s->back ? to->host : from->host, s->back ? from->host : to->host))
		return;
	struct bundle_item item = { .protocol = n->protocol, .service = n->service };
	struct reason r = { .need = n, .back = s->back, .from_role = s->from, .to_role = s->to };
	if (!protocol_has_ports(n->protocol)) {
		draft_add(l->scratch, draft_for(l, to->group), &item, &r);
		return;
	}
	struct resolved_ports ports;
	plan_ports(p->estate, to->host, to->instance_ports, n, &ports);
	item.has_ports = true;
	for (size_t i = 0; i < ports.n; i++) {
		item.ports = ports.v[i];
		draft_add(l->scratch, draft_for(l, to->group), &item, &r);
	}
}

static void join_all(struct linker *l, const struct start *s, const struct facet *from, const index_vec *to)
{
	struct looking looking = { s->need, s->back, s->to, from };
	if (chooser_bounds(l->chooser, &looking))
		to = chooser_pick(l->chooser, &looking, to);
	for (size_t i = 0; i < to->n; i++)
		join(l, s, from, &l->plan->facets[to->v[i]]);
}

/* A host that must state its site or forest, because there are several. */
static void ask(struct linker *l, const struct facet *f, const struct start *s, const char *key, struct strs known,
		bool *asked)
{
	struct plan *p = l->plan;
	size_t i = (size_t)(f->host - p->estate->hosts);
	CLEANUP(out_free) struct out list = out_memory(4096);
	if (asked[i] || f->host->implied)
		return;
	asked[i] = true;
	for (size_t j = 0; j < known.n && j < 6; j++)
		out_printf(&list, "%s%.*s", j ? ", " : "", STR_ARG(known.v[j]));
	if (known.n > 6)
		out_text(&list, " ...");
	diag_error(p->diag, f->host->name.at, "\"%.*s\" lacks %s:, and there are several (%.*s)",
		   STR_ARG(f->host->name.s), key, STR_ARG(out_view(&list)));
	diag_note(p->diag, NOWHERE, "\"%.*s\" needs it to know which hosts belong together", STR_ARG(s->need->section));
}

static void ask_site(struct linker *l, const struct facet *f, const struct start *s)
{
	const struct estate *e = l->plan->estate;
	struct str *words = ARENA_ARRAY(l->scratch, struct str, e->n_sites);
	for (size_t i = 0; i < e->n_sites; i++)
		words[i] = e->sites[i].name.s;
	ask(l, f, s, "site", (struct strs){ words, e->n_sites }, l->asked_site);
}

static void join_site(struct linker *l, const struct start *s, const struct facet *f, const struct bucketed *to)
{
	const struct estate *e = l->plan->estate;
	if (!e->n_sites) {
		join_all(l, s, f, &to->all);
		return;
	}
	if (f->site < 0)
		ask_site(l, f, s);
	for (size_t i = 0; i < to->by_site[0].n; i++)
		ask_site(l, &l->plan->facets[to->by_site[0].v[i]], s);
	if (f->site >= 0)
		join_all(l, s, f, &to->by_site[f->site + 1]);
}

static void join_related(struct linker *l, const struct start *s, const struct facet *f, const struct bucketed *to)
{
	const struct estate *e = l->plan->estate;
	if (f->site < 0)
		return; /* one site, or none: there are no parents or children */
	if (e->sites[f->site].parent >= 0)
		join_all(l, s, f, &to->by_site[e->sites[f->site].parent + 1]);
	for (size_t i = 0; i < l->children[f->site].n; i++)
		join_all(l, s, f, &to->by_site[l->children[f->site].v[i] + 1]);
}

static bool is_across(const struct start *s, const struct peer *p)
{
	bool trusted = s->back ? p->trusting : p->trusted, trusting = s->back ? p->trusted : p->trusting;
	switch (s->need->scope) {
	case SCOPE_TRUSTED_SIDE:
		return trusted && p->of_forests;
	case SCOPE_TRUSTING_SIDE:
		return trusting && p->of_forests;
	default:
		return true;
	}
}

static void join_trust(struct linker *l, const struct start *s, const struct facet *f, const struct bucketed *to)
{
	if (f->forest < 0)
		return; /* one that names no forest takes part in no trust */
	const peer_vec *peers = &l->peers[f->forest];
	for (size_t i = 0; i < peers->n; i++)
		if (is_across(s, &peers->v[i]))
			join_all(l, s, f, &to->by_forest[peers->v[i].forest + 1]);
}

/* A host asks the servers of its own forest; one that names none, and a server that does, is anybody's. */
static void join_own_forest(struct linker *l, const struct start *s, const struct facet *f, const struct bucketed *to)
{
	if (f->forest < 0) {
		join_all(l, s, f, &to->all);
		return;
	}
	join_all(l, s, f, &to->by_forest[0]);
	join_all(l, s, f, &to->by_forest[f->forest + 1]);
}

static void join_forest(struct linker *l, const struct start *s, const struct facet *f, const struct bucketed *to)
{
	const struct estate *e = l->plan->estate;
	if (f->forest < 0)
		ask(l, f, s, "forest", e->forests, l->asked_forest);
	for (size_t i = 0; i < to->by_forest[0].n; i++)
		ask(l, &l->plan->facets[to->by_forest[0].v[i]], s, "forest", e->forests, l->asked_forest);
	if (f->forest >= 0)
		join_all(l, s, f, &to->by_forest[f->forest + 1]);
}

static void start(struct linker *l, const struct start *s, const struct facet *f)
{
	const struct bucketed *to = &l->facets[s->to == ROLE_ANY ? any_role(l) : s->to];
	if (!to->all.n)
		return;
	switch (s->need->scope) {
	case SCOPE_NONE:
		join_all(l, s, f, &to->all);
		break;
	case SCOPE_SITE:
		join_site(l, s, f, to);
		break;
	case SCOPE_RELATED_SITES:
		join_related(l, s, f, to);
		break;
	case SCOPE_FOREST:
		join_forest(l, s, f, to);
		break;
	case SCOPE_OWN_FOREST:
		join_own_forest(l, s, f, to);
		break;
	case SCOPE_FOREST_TRUST:
		join_forest(l, s, f, to);
		join_trust(l, s, f, to);
		break;
	case SCOPE_TRUST:
	case SCOPE_TRUSTED_SIDE:
	case SCOPE_TRUSTING_SIDE:
		join_trust(l, s, f, to);
		break;
	case N_SCOPES:
		break;
	}
}

static void start_all(struct linker *l, const struct facet *f)
{
	for (size_t i = 0; i < f->roles.n; i++) {
		const start_vec *starts = &l->starts[f->roles.v[i]];
		for (size_t j = 0; j < starts->n; j++)
			start(l, &starts->v[j], f);
	}
	for (size_t i = 0; i < f->uses.n; i++) {
		struct use use = f->uses.v[i];
		const start_vec *starts = &l->used[use.role];
		for (size_t j = 0; j < starts->n; j++)
			if (use.service == NO_SERVICE || use.service == starts->v[j].need->service)
				start(l, &starts->v[j], f);
	}
	if (!is_windows(l->plan->estate->catalogue, f))
		return;
	const start_vec *any = &l->starts[any_role(l)];
	for (size_t j = 0; j < any->n; j++)
		start(l, &any->v[j], f);
}

/* Flows by hand: the endpoints of a row are alone in their groups. */

static void add_hand_link(struct linker *l, const struct hand_rule *h, uint32_t to)
{
	struct bundle_item item = { .protocol = h->protocol, .service = NO_SERVICE };
	struct reason r = { .hand = h, .from_role = ROLE_ANY, .to_role = ROLE_ANY };
	struct draft *d = draft_for(l, to);
	struct portset ranges = h->ports;
	if (protocol_is_icmp(h->protocol)) {
		ranges = h->icmp_types;
		if (h->icmp_echo)
			draft_add(l->scratch, d, &item, &r);
		else if (!ranges.n && h->protocol == PROTO_ICMP)
			item.icmp = ICMP_WHOLE;
	}
	if (!ranges.n) {
		if (!h->icmp_echo)
			draft_add(l->scratch, d, &item, &r);
		return;
	}
	item.has_ports = protocol_has_ports(h->protocol);
	item.icmp = item.has_ports ? ICMP_ECHOES : ICMP_TYPES;
	for (size_t i = 0; i < ranges.n; i++) {
		item.ports = ranges.v[i];
		draft_add(l->scratch, d, &item, &r);
	}
}

/* The endpoints that one side of a row is about. */
static index_vec endpoints_of(const struct linker *l, const struct endpoint_set *s)
{
	const index_vec none = { 0 };
	if (s->host >= 0)
		return l->host_endpoints[s->host];
	const index_vec *numbers = strmap_get(&l->other_endpoints, s->text.s);
	return numbers ? *numbers : none;
}

static void index_hands(struct linker *l)
{
	struct plan *p = l->plan;
	const struct estate *e = p->estate;
	l->host_endpoints = ARENA_ARRAY(p->arena, index_vec, e->n_hosts);
	l->other_endpoints = strmap_new(p->arena);
	l->hands = ARENA_ARRAY(p->arena, hand_vec, p->n_endpoints);
	for (size_t i = 0; i < p->n_endpoints; i++) {
		const struct endpoint *endpoint = &p->endpoints[i];
		index_vec *numbers = endpoint->host ? &l->host_endpoints[endpoint->host - e->hosts]
						    : strmap_get(&l->other_endpoints, endpoint->name);
		if (!numbers) {
			numbers = ARENA_NEW(p->arena, index_vec);
			strmap_add(&l->other_endpoints, endpoint->name, numbers);
		}
		*VEC_ADD(p->arena, numbers) = (uint32_t)i;
	}
	for (size_t i = 0; i < e->n_allow; i++)
		for (size_t j = 0; j < e->allow[i].n_from; j++) {
			index_vec from = endpoints_of(l, &e->allow[i].from[j]);
			for (size_t m = 0; m < from.n; m++)
				*VEC_ADD(p->arena, &l->hands[from.v[m]]) = &e->allow[i];
		}
}

static void add_hand_links(struct linker *l, uint32_t group)
{
	struct plan *p = l->plan;
	uint32_t number = p->groups[group].members.endpoints[0];
	const struct endpoint *from = &p->endpoints[number];
	const hand_vec *hands = &l->hands[number];

	for (size_t i = 0; i < hands->n; i++)
		for (size_t m = 0; m < hands->v[i]->n_to; m++) {
			index_vec to = endpoints_of(l, &hands->v[i]->to[m]);
			for (size_t t = 0; t < to.n; t++)
				if (to.v[t] != number || endpoint_is_many(from))
					add_hand_link(l, hands->v[i], p->endpoints[to.v[t]].group);
		}
}

/* Takes out what rows of decline: are about. */
static void decline(struct linker *l, uint32_t group, struct draft *d)
{
	struct plan *p = l->plan;
	row_vec rows = { 0 };
	size_t kept = 0;
	plan_decliners(p, l->scratch, group, d->group, &rows);
	for (size_t i = 0; i < d->items.n && rows.n; i++) {
		struct draft_item *it = &d->items.v[i];
		const struct hand_rule *row = plan_declined_by(p, &rows, &it->item, it->reasons.v, it->reasons.n);
		if (!row) {
			d->items.v[kept++] = *it;
			continue;
		}
		struct declined *declined = VEC_ADD(p->arena, &p->declined);
		*declined = (struct declined){ group, d->group, it->item, row };
		declined->item.service = draft_service(p->estate->catalogue, it);
		declined->item.n_reasons = 0;
	}
	if (rows.n)
		d->items.n = kept;
}

static int declined_cmp(const void *left, const void *right)
{
	const struct declined *a = left, *b = right;
	int c = CMP(a->from, b->from);
	c = c ? c : CMP(a->to, b->to);
	return c ? c : item_cmp(&a->item, &b->item);
}

static int link_cmp(const void *left, const void *right)
{
	const struct plan_link *a = left, *b = right;
	int c = CMP(a->from, b->from);
	return c ? c : CMP(a->to, b->to);
}

/* How many pairs of endpoints a link stands for. */
static size_t link_pairs(const struct plan *p, const struct plan_link *link)
{
	const struct group *from = &p->groups[link->from], *to = &p->groups[link->to];
	size_t pairs = from->members.n * to->members.n;
	if (!link->same)
		return pairs;
	for (size_t i = 0; i < from->members.n; i++)
		pairs -= !endpoint_is_many(&p->endpoints[from->members.endpoints[i]]);
	return pairs;
}

static void link_group(struct linker *l, uint32_t g)
{
	struct plan *p = l->plan;
	const struct group *group = &p->groups[g];
	size_t first = p->links.n;

	for (uint32_t i = 0; i < group->n_facets; i++)
		start_all(l, &p->facets[group->first_facet + i]);
	if (p->estate->n_allow && group->members.n == 1)
		add_hand_links(l, g);
	for (size_t i = 0; i < l->n_drafts; i++) {
		uint32_t to = l->drafts[i].group;
		l->draft_of[to] = 0;
		if (p->estate->n_decline)
			decline(l, g, &l->drafts[i]);
		if (!l->drafts[i].items.n)
			continue;
		struct plan_link *link = VEC_ADD(p->arena, &p->links);
		*link = (struct plan_link){ g, l->drafts[i].group, bundle_of(p, &l->bundles, &l->drafts[i]),
					    l->drafts[i].group == g };
		p->n_flows += link_pairs(p, link) * link->bundle->n;
	}
	if (p->links.n > first)
		sort_items(p->links.v + first, p->links.n - first, sizeof *p->links.v, link_cmp);
	l->n_drafts = 0;
}

void plan_make_links(struct plan *p)
{
	struct linker l = {
		.plan = p,
		.drafts = ARENA_ARRAY(p->arena, struct draft, p->n_groups),
		.draft_of = ARENA_ARRAY(p->arena, uint32_t, p->n_groups),
		.bundles = bundler_new(p->arena),
		.chooser = chooser_new(p),
		.asked_site = ARENA_ARRAY(p->arena, bool, p->estate->n_hosts),
		.asked_forest = ARENA_ARRAY(p->arena, bool, p->estate->n_hosts),
	};
	index_needs(&l);
	index_facets(&l);
	if (p->estate->n_allow)
		index_hands(&l);
	p->first_link = ARENA_ARRAY(p->arena, uint32_t, p->n_groups + 1);
	for (uint32_t g = 0; g < p->n_groups; g++) {
		l.scratch = arena_new();
		p->first_link[g] = (uint32_t)p->links.n;
		link_group(&l, g);
		arena_free(l.scratch);
	}
	p->first_link[p->n_groups] = (uint32_t)p->links.n;
	if (p->declined.n)
		sort_items(p->declined.v, p->declined.n, sizeof *p->declined.v, declined_cmp);
	bundler_free(&l.bundles);
}
