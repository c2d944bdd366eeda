/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The laws of relations and the flows that they represent, at every place of the
 * examples and of random estates.
 */
#include "test.h"

#include <ctype.h>

#include "random-rules.h"

#include "base/strmap.h"
#include "base/vec.h"
#include "plan/policy.h"

/* Estates */

static const char *const some_roles[] = {
	"domain-controller",
	"global-catalog-server",
	"dns-server",
	"certification-authority",
	"file-server",
	"certificate-client",
	"domain-member",
	"wsus-server",
	"windows-update-client",
	"print-server",
	"entra-connect-server",
	"sql-server",
	"web-server",
	"time-server",
};

/* Three zones behind two firewalls; single machines, alike ones, subnets of them, and flows by hand to bare addresses. */
static struct str random_estate(struct arena *a)
{
	CLEANUP(out_free) struct out o = out_memory(1 << 20);
	out_text(
		&o,
		"estate: laws\n"
		"zones: { a: { subnets: [10.1.0.0/16] }, b: { subnets: [10.2.0.0/16] }, c: { subnets: [10.3.0.0/16] }, "
		"internet: { subnets: [any] } }\n"
		"firewalls: { edge: { zones: [a, b] }, far: { zones: [b, c, internet] } }\nhosts:\n");
	size_t n = 2 + rnd(9);
	for (size_t i = 0; i < n; i++) {
		unsigned zone = 1 + rnd(3);
		static const char *const stems[] = { "h", "h", "h", "h", "dns-server-", "web.one_", "2nd.", "3_-" };
		out_printf(&o, "  \"%s%zu\": { os: %s, address: ", stems[rnd(ARRAY_LEN(stems))], i,
			   rnd(4) ? "windows-server-2019" : "windows-xp");
		if (rnd(5) == 0)
			out_printf(&o, "10.%u.%zu.0/24", zone, 100 + i);
		else
			out_printf(&o, "10.%u.0.%zu", zone, 10 + i);
		out_printf(&o, ", roles: [%s", some_roles[rnd(ARRAY_LEN(some_roles))]);
		for (unsigned k = rnd(3); k; k--)
			out_printf(&o, ", %s", some_roles[rnd(ARRAY_LEN(some_roles))]);
		out_printf(&o, "]%s%s }\n", rnd(3) ? "" : ", host-firewall: { dialect: windows }",
			   rnd(3) ? "" : ", uses: [file-server, print-server]");
	}
	out_text(&o, "  net: { address: any, zone: internet, roles: [end-user] }\nallow:\n");
	for (size_t i = 0; i < 4; i++)
		out_printf(&o, "  - { from: 10.%u.200.%u, to: 10.%u.%u.0/24, protocol: %s, why: law, owner: test }\n",
			   1 + rnd(3), rnd(200), 1 + rnd(3), 201 + rnd(3), rnd(3) ? "tcp, ports: 443" : "icmp");
	return str_dup(a, out_view(&o));
}

static const struct plan *plan_of(struct arena *a, struct estate *e, struct diag *d)
{
	const struct plan *p = e ? plan_make(a, e, &(struct plan_options){ 0 }, d) : NULL;
	if (!p)
		fail_msg("%.*s", STR_ARG(diag_text(a, d)));
	return p;
}

static void each_place(const struct plan *p,
		       void (*check)(struct arena *a, const struct plan *p, const struct place *at))
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	CLEANUP(arena_freep) struct arena *list = arena_new();
	const struct estate *e = plan_estate(p);
	size_t n;
	struct place *places = plan_places(list, p, &n);
	for (size_t i = 0; i < n; i++, arena_reset(a))
		check(a, p, &places[i]);
	/* languages whose rules are at each host; of some, only at the one that receives */
	for (size_t i = 0; i < n; i++)
		for (int incoming = 0; incoming <= 1 && places[i].firewall >= 0; incoming++, arena_reset(a)) {
			places[i].each_host = true;
			places[i].incoming = incoming;
			check(a, p, &places[i]);
		}
	/* rules can also be emitted for a host without host-firewall: */
	for (size_t i = 0; i < e->n_hosts; i++)
		for (enum policy_side side = POLICY_INBOUND; side <= POLICY_OUTBOUND; side++, arena_reset(a)) {
			struct place at = place_of_host((int)i, side);
			if (!e->hosts[i].implied)
				check(a, p, &at);
		}
}

static void each_estate(void (*check)(struct arena *a, const struct plan *p, const struct place *at))
{
	static const char *const examples[] = { "contoso", "branch" };
	const char *root = getenv("PORTOLAN_SOURCE");
	for (size_t i = 0; i < ARRAY_LEN(examples); i++) {
		CLEANUP(arena_freep) struct arena *a = arena_new();
		struct diag *d = diag_new(a);
		const char *path = arena_printf(a, "%s/examples/%s/estate.yaml", root ? root : ".", examples[i]);
		each_place(plan_of(a, estate_read(a, &catalogue_builtin, &path, 1, d), d), check);
	}
	for (seed = 1; seed < 40; seed++) {
		uint64_t this = seed;
		CLEANUP(arena_freep) struct arena *a = arena_new();
		struct diag *d = diag_new(a);
		const struct source *s = source_of_text(a, "random.yaml", random_estate(a));
		const struct node *root_node = yaml_parse(a, s, d);
		if (!root_node)
			fail_msg("%.*s", STR_ARG(diag_text(a, d)));
		each_place(plan_of(a, estate_of_tree(a, &catalogue_builtin, root_node, d), d), check);
		seed = this;
	}
}

/* What a relation is made of */

struct flows {
	struct arena *arena;
	VEC(struct flow) v;
};

static void add_flow(void *ctx, const struct flow *f)
{
	struct flows *k = ctx;
	*VEC_ADD(k->arena, &k->v) = *f;
}

static struct flows flows_of(struct arena *a, const struct plan *p, const struct relation_made *made)
{
	struct flows k = { .arena = a };
	plan_each_of(p, made, add_flow, &k);
	return k;
}

static struct str id_of(struct arena *a, const struct flow *f)
{
	char id[FLOW_ID];
	return str_dup(a, str_of(flow_id(f, id)));
}

/* Counts down a flow of the place, which is to be met once. */
static void check_partition(struct arena *a, const struct plan *p, const struct place *at)
{
	const struct relation_made *made;
	const struct policy *policy =
		plan_policy_made(a, p, at, (struct policy_options){ .by_rpc_interface = rnd(2) }, &made);
	struct strmap place = strmap_new(a);
	struct flows wanted = { .arena = a };
	size_t met = 0;

	plan_each_at(p, at, add_flow, &wanted);
	for (size_t i = 0; i < wanted.v.n; i++)
		if (!strmap_add(&place, id_of(a, &wanted.v.v[i]), &wanted.v.v[i]))
			fail_msg("two flows are called %.*s", STR_ARG(id_of(a, &wanted.v.v[i])));
	for (size_t i = 0; i < policy->n_relations; i++) {
		struct flows mine = flows_of(a, p, &made[i]);
		const struct flow *last = NULL;
		assert_true(mine.v.n > 0);
		for (size_t k = 0; k < mine.v.n; k++, met++) {
			struct str id = id_of(a, &mine.v.v[k]);
			struct flow *f = strmap_get(&place, id);
			if (!f || !f->item)
				fail_msg("%.*s has %.*s, which %s", STR_ARG(policy->relations[i].id), STR_ARG(id),
					 f ? "another has too" : "the post does not see");
			/* in the plan's order, with the plan's reasons */
			assert_true(!last || last < f);
			assert_ptr_equal(f->item, mine.v.v[k].item);
			assert_true(f->from == mine.v.v[k].from && f->to == mine.v.v[k].to);
			assert_int_equal(f->n_crosses, mine.v.v[k].n_crosses);
			f->item = NULL;
			last = f;
		}
	}
	assert_int_equal(met, wanted.v.n);
}

static void every_flow_at_a_place_is_in_one_of_its_relations(void **state)
{
	each_estate(check_partition);
}

static bool has_term(const struct policy_services *s, const struct service_term *t)
{
	for (size_t i = 0; i < s->n; i++)
		if (memcmp(&s->v[i].term, t, sizeof *t) == 0)
			return true;
	return false;
}

/* Pairs of endpoints of a relation; a machine and itself are none, though they may be in a product. */
static size_t pairs_of(const struct plan *p, const struct relation_made *made)
{
	size_t n = 0, n_endpoints;
	const struct endpoint *endpoints = plan_endpoints(p, &n_endpoints);
	for (size_t i = 0; i < made->from.n; i++)
		for (size_t j = 0; j < made->to.n; j++)
			n += made->from.v[i] != made->to.v[j] || endpoint_is_many(&endpoints[made->to.v[j]]);
	return n;
}

static void check_sets(struct arena *a, const struct plan *p, const struct place *at)
{
	const struct relation_made *made;
	const struct policy *policy =
		plan_policy_made(a, p, at, (struct policy_options){ .by_rpc_interface = rnd(2) }, &made);
	for (size_t i = 0; i < policy->n_relations; i++) {
		const struct relation *r = &policy->relations[i];
		const struct policy_services *services = &policy->services[r->services];
		struct flows mine = flows_of(a, p, &made[i]);
		struct addrset src = NO_ADDRS, dst = NO_ADDRS;
		size_t n_terms = 0;
		for (size_t k = 0; k < mine.v.n; k++) {
			struct service_term terms[2];
			struct flowbox box = flow_box(&mine.v.v[k], terms);
			src = addrset_union(a, src, box.src);
			dst = addrset_union(a, dst, box.dst);
			for (size_t t = 0; t < box.n_services; t++)
				assert_true(has_term(services, &terms[t]));
			if (mine.v.v[k].from == mine.v.v[0].from && mine.v.v[k].to == mine.v.v[0].to)
				n_terms += box.n_services;
		}
		assert_true(addrset_equal(src, policy->groups[r->src].addresses));
		assert_true(addrset_equal(dst, policy->groups[r->dst].addresses));
		/* a product: each pair of endpoints has all of the services */
		assert_int_equal(mine.v.n, pairs_of(p, &made[i]) * made[i].n_items);
		assert_int_equal(n_terms, services->n);
	}
}

static void a_relation_permits_what_its_flows_need(void **state)
{
	each_estate(check_sets);
}

static bool says_interfaces(const struct catalogue *c, const struct policy_service *s, const uint16_t *ids, size_t n)
{
	bool same = s->n_interfaces == n;
	for (size_t i = 0; same && i < n; i++)
		same = str_eq(s->interfaces[i].uuid, c->interfaces[ids[i]].uuid);
	return same;
}

/* The ports that the endpoint mapper assigns, in the relations of a language that names interfaces. */
static void check_interfaces(struct arena *a, const struct plan *p, const struct place *at)
{
	const struct catalogue *c = plan_estate(p)->catalogue;
	const struct relation_made *made;
	const struct policy *policy =
		plan_policy_made(a, p, at, (struct policy_options){ .by_rpc_interface = true }, &made);
	for (size_t i = 0; i < policy->n_relations; i++) {
		const struct policy_services *l = &policy->services[policy->relations[i].services];
		struct flows mine = flows_of(a, p, &made[i]);
		for (size_t k = 0; k < mine.v.n; k++) {
			struct service_term terms[2];
			size_t n, same = 0, ranges = 0;
			const uint16_t *ids = item_rpc_interfaces(a, mine.v.v[k].item, &n);
			flow_box(&mine.v.v[k], terms);
			for (size_t m = 0; m < l->n; m++) {
				if (l->v[m].kind != SERVICE_RPC_RANGE ||
				    memcmp(&l->v[m].term, &terms[0], sizeof terms[0]) != 0)
					continue;
				ranges++;
				same += says_interfaces(c, &l->v[m], ids, n);
			}
			assert_true(!ranges || same == 1);
		}
	}
}

static void an_rpc_service_names_the_interfaces_that_each_of_its_flows_uses(void **state)
{
	each_estate(check_interfaces);
}

/* Comments */

static void check_only_flow(struct arena *a, const struct plan *p, const struct place *at)
{
	const struct relation_made *made;
	const struct policy *policy =
		plan_policy_made(a, p, at, (struct policy_options){ .by_rpc_interface = rnd(2) }, &made);
	for (size_t i = 0; i < policy->n_relations; i++) {
		const struct relation *r = &policy->relations[i];
		struct flows mine = flows_of(a, p, &made[i]);
		if (mine.v.n > 1) {
			assert_int_equal(r->flow.n, 0);
			assert_true(str_find_text(r->about, STR("; f-")) == SIZE_MAX);
			continue;
		}
		struct str id = id_of(a, &mine.v.v[0]);
		assert_true(str_eq(r->flow, id));
		assert_true(r->about.n > id.n && str_eq(str_skip(r->about, r->about.n - id.n), id));
	}
}

static void the_comment_of_a_single_flow_ends_with_its_id_and_no_other_does(void **state)
{
	each_estate(check_only_flow);
}

/* The part of the text up to the services names the roles. */
static void check_roles(struct arena *a, const struct plan *p, const struct place *at)
{
	const struct catalogue *c = plan_estate(p)->catalogue;
	const struct relation_made *made;
	const struct policy *policy =
		plan_policy_made(a, p, at, (struct policy_options){ .by_rpc_interface = rnd(2) }, &made);
	for (size_t i = 0; i < policy->n_relations; i++) {
		const struct relation *r = &policy->relations[i];
		struct flows mine = flows_of(a, p, &made[i]);
		struct str ends = str_first(r->about, r->services_at);
		assert_true(str_find_text(ends, r->id) == 0);
		if (str_find_text(ends, STR(" more)")) != SIZE_MAX)
			continue;
		for (size_t k = 0; k < mine.v.n; k++)
			for (size_t m = 0; m < mine.v.v[k].item->n_reasons; m++) {
				const struct reason *why = &mine.v.v[k].item->reasons[m];
				if (!why->need)
					continue;
				role_id roles[] = { why->from_role, why->to_role };
				for (size_t x = 0; x < ARRAY_LEN(roles); x++)
					if (roles[x] != ROLE_ANY &&
					    str_find_text(ends, c->roles[roles[x]].id) == SIZE_MAX)
						fail_msg("\"%.*s\" does not say %.*s", STR_ARG(r->about),
							 STR_ARG(c->roles[roles[x]].id));
				if (str_find_text(r->about, why->need->document->id) == SIZE_MAX)
					fail_msg("\"%.*s\" does not say %.*s", STR_ARG(r->about),
						 STR_ARG(why->need->document->id));
			}
	}
}

static void the_roles_and_documents_of_every_reason_are_named(void **state)
{
	each_estate(check_roles);
}

/* Names that every language of rules accepts, whatever the estate calls things. */
static void check_name(struct str name)
{
	bool good = name.n && str_find_text(name, STR("--")) != 0;
	for (size_t i = 0; i < name.n; i++)
		good &= isascii((unsigned char)name.p[i]) &&
			(isalpha((unsigned char)name.p[i]) || (i && isdigit((unsigned char)name.p[i])) ||
			 (i && name.p[i] == '-'));
	if (!good)
		fail_msg("\"%.*s\" is not a name of letters, digits and hyphens that begins with a letter",
			 STR_ARG(name));
}

static void check_names(struct arena *a, const struct plan *p, const struct place *at)
{
	const struct relation_made *made;
	const struct policy *policy =
		plan_policy_made(a, p, at, (struct policy_options){ .by_rpc_interface = rnd(2) }, &made);
	for (size_t i = 0; i < policy->n_groups; i++)
		check_name(policy->groups[i].name);
	for (size_t i = 0; i < policy->n_services; i++)
		check_name(policy->services[i].name);
}

static void names_of_groups_are_letters_digits_and_hyphens(void **state)
{
	each_estate(check_names);
}

RUN_TESTS(T(every_flow_at_a_place_is_in_one_of_its_relations), T(a_relation_permits_what_its_flows_need),
	  T(an_rpc_service_names_the_interfaces_that_each_of_its_flows_uses),
	  T(the_comment_of_a_single_flow_ends_with_its_id_and_no_other_does),
	  T(the_roles_and_documents_of_every_reason_are_named), T(names_of_groups_are_letters_digits_and_hyphens))
