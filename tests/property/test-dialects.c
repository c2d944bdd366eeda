/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The laws that every row of the dialect table obeys, over random policies.
 */
#include "test.h"

#include "random-policy.h"

#include "flow/assemble.h"
#include "prove/compare.h"
#include "prove/products.h"

static void check_round_trip(struct arena *a, const struct dialect *x, const struct policy *p)
{
	struct diag *d = diag_new(a);
	struct str text;
	if (!emit(a, x, p, &text, d))
		fail_msg("%s: %.*s", x->name, STR_ARG(diag_text(a, d)));
	const struct ruleset *r = read(a, x, p->side, text, d);
	if (!r)
		fail_msg("%s: %.*s\n%.*s", x->name, STR_ARG(diag_text(a, d)), STR_ARG(text));
	struct proof k = prove_policy(a, p, r);
	if (k.verdict != VERDICT_HOLDS) {
		explain(x, text, &k);
		fail_msg("%s: what is emitted and read back is not what was asked for", x->name);
	}
}

/* Rules for no flow state the default of their platform, so that they are not an empty file. */
static void rules_for_no_flow_hold(void **state)
{
	for (size_t i = 0; dialects[i]; i++)
		for (int side = POLICY_TRANSIT; side <= POLICY_OUTBOUND; side++) {
			if (!dialects[i]->emit || !dialects[i]->parse ||
			    !writes_side(dialects[i], (enum policy_side)side))
				continue;
			CLEANUP(arena_freep) struct arena *a = arena_new();
			struct policy *p = random_policy(a, dialects[i], (enum policy_side)side);
			struct diag *d = diag_new(a);
			struct str text;
			p->n_groups = p->n_services = p->n_relations = 0;
			assert_true(emit(a, dialects[i], p, &text, d));
			const struct ruleset *r = read(a, dialects[i], p->side, text, d);
			assert_non_null(r);
			struct interface_map map = zone_map(a, p);
			struct proof k = prove(a, r, &(struct proof_question){ .map = &map });
			if (k.verdict != VERDICT_HOLDS) {
				explain(dialects[i], text, &k);
				fail_msg("%s, side %d: rules for no flow do not hold", dialects[i]->name, side);
			}
		}
}

/* Where every rule set holds, several of them together permit what is needed and nothing else. */
static void check_together(struct arena *a, const struct dialect *x, const struct policy *p)
{
	struct diag *d = diag_new(a);
	struct interface_map map = zone_map(a, p);
	struct flowbox judged[N_ZONES * N_ZONES];
	struct policy half = *p;
	struct filter filters[2];
	struct str text;
	const struct required *required = required_of(a, p);
	size_t n = judged_of(a, p, judged), cut = n / 2, n_beside;
	const struct flowbox *beside = dialect_beside(a, x, p->side, &n_beside);
	struct flowbox *boxes = ARENA_ARRAY(a, struct flowbox, p->n_relations + n_beside);

	for (size_t i = 0; i < p->n_relations; i++)
		boxes[i] = required[i].box;
	for (size_t i = 0; i < n_beside; i++)
		boxes[p->n_relations + i] = beside[i];
	/* each sees some of the packets, and is written for them and some more */
	for (size_t i = 0; i < ARRAY_LEN(filters); i++) {
		assert_true(emit(a, x, &half, &text, d));
		filters[i] = (struct filter){ read(a, x, p->side, text, d), &map, i ? judged + cut : judged,
					      i ? n - cut : MAX(cut, (size_t)1) };
		assert_non_null(filters[i].rules);
		if (filters[i].rules->replies == REPLIES_BY_FLAG || filters[i].rules->replies == REPLIES_BY_RULE)
			return; /* rules for replies permit more than is needed */
		struct proof_question q = { .map = &map,
					    .required = required,
					    .n_required = p->n_relations,
					    .tolerated = beside,
					    .n_tolerated = n_beside,
					    .judged = filters[i].judged,
					    .n_judged = filters[i].n_judged };
		struct proof k = prove(a, filters[i].rules, &q);
		assert_int_equal(k.verdict, VERDICT_HOLDS);
	}
	struct permits needed = { .boxes = boxes, .n_boxes = p->n_relations + n_beside },
		       passes = { .filters = filters, .n_filters = ARRAY_LEN(filters) };
	struct compare_options o = {
		.judged = judged, .n_judged = n, .required = required, .n_required = p->n_relations
	};
	struct comparison c = compare(a, &needed, &passes, &o);
	assert_int_equal(c.n_added, 0);
	for (size_t i = 0; i < p->n_relations; i++)
		assert_false(c.loses[i]);
}

static void firewalls_that_hold_alone_hold_together(void **state)
{
	each_round(rounds(60), check_together);
}

static void what_is_emitted_and_read_back_permits_exactly_what_was_asked_for(void **state)
{
	each_round(rounds(500), check_round_trip);
}

/* RPC ranges of a random policy are for some of these; none: unknown for which. */
static const struct policy_interface interfaces[] = {
	{ STR_INIT("drsuapi"), STR_INIT("e3514235-4b06-11d1-ab04-00c04fc2dcd2") },
	{ STR_INIT("netlogon"), STR_INIT("12345678-1234-abcd-ef00-01234567cffb") },
	{ STR_INIT("lsarpc"), STR_INIT("12345778-1234-abcd-ef00-0123456789ab") },
	{ STR_INIT("samr"), STR_INIT("12345778-1234-abcd-ef00-0123456789ac") },
};

static void name_interfaces(struct arena *a, const struct policy *p)
{
	for (size_t i = 0; i < p->n_services; i++)
		for (size_t k = 0; k < p->services[i].n; k++) {
			struct policy_service *s = (struct policy_service *)&p->services[i].v[k];
			size_t from = rnd(ARRAY_LEN(interfaces) + 1);
			if (s->kind != SERVICE_RPC_RANGE)
				continue;
			s->interfaces = &interfaces[from];
			s->n_interfaces =
				from < ARRAY_LEN(interfaces) ? 1 + rnd((uint32_t)(ARRAY_LEN(interfaces) - from)) : 0;
		}
}

/* Each service of each relation as a flow of its own. */
static size_t flows_of(struct arena *a, const struct policy *p, struct required **ret)
{
	VEC(struct required) v = { 0 };
	for (size_t i = 0; i < p->n_relations; i++) {
		const struct relation *r = &p->relations[i];
		const struct policy_services *l = &p->services[r->services];
		for (size_t k = 0; k < l->n; k++) {
			struct str *uuids = ARENA_ARRAY(a, struct str, l->v[k].n_interfaces);
			for (size_t m = 0; m < l->v[k].n_interfaces; m++)
				uuids[m] = l->v[k].interfaces[m].uuid;
			*VEC_ADD(a, &v) = (struct required){
				.box = { p->groups[r->src].addresses, p->groups[r->dst].addresses, &l->v[k].term, 1 },
				.client_ports = { 1024, 65535 },
				.helper = l->v[k].kind == SERVICE_RPC_RANGE ? HELPER_RPC : HELPER_NONE,
				.rpc_interfaces = uuids,
				.n_rpc_interfaces = l->v[k].n_interfaces,
			};
		}
	}
	*ret = v.v;
	return v.n;
}

/* The assigned ports are permitted in every form; without one interface, the flows that use it are missing. */
static void check_ways_of_rpc(struct arena *a, const struct dialect *x, const struct policy *p)
{
	struct policy changed = *p;
	struct diag *d = diag_new(a);
	struct flowbox judged[N_ZONES * N_ZONES];
	struct interface_map map = zone_map(a, p);
	struct required *flows;
	struct str text;

	name_interfaces(a, p);
	size_t n = flows_of(a, p, &flows), n_judged = judged_of(a, p, judged);
	changed.rpc = (enum rpc_way)rnd(x->inspects_rpc ? N_RPC_WAYS : RPC_BY_INSPECTION);
	assert_true(emit(a, x, &changed, &text, d));
	const struct ruleset *r = read(a, x, p->side, text, d);
	assert_non_null(r);
	size_t n_beside;
	const struct flowbox *beside = beside_of(a, p, r, &n_beside);
	struct proof_question q = { .map = &map,
				    .required = flows,
				    .n_required = n,
				    .tolerated = beside,
				    .n_tolerated = n_beside,
				    .judged = judged,
				    .n_judged = n_judged };
	struct proof k = prove(a, r, &q);
	if (k.verdict != VERDICT_HOLDS) {
		explain(x, text, &k);
		fail_msg("%s, by %s: what is emitted and read back is not what was asked for", x->name,
			 rpc_way_names[changed.rpc]);
	}
	if (!r->rpc_interfaces.n)
		return;
	/* a rule of one interface less */
	struct ruleset less = *r;
	struct str lost = r->rpc_interfaces.v[rnd((uint32_t)r->rpc_interfaces.n)];
	memset(&less.chains, 0, sizeof less.chains);
	for (size_t c = 0; c < r->chains.n; c++) {
		struct chain *chain = VEC_ADD(a, &less.chains);
		*chain = r->chains.v[c];
		memset(&chain->rules, 0, sizeof chain->rules);
		for (size_t i = 0; i < r->chains.v[c].rules.n; i++) {
			const struct rule *rule = &r->chains.v[c].rules.v[i];
			if (!rule->rpc || !str_eq(r->rpc_interfaces.v[rule->rpc - 1], lost))
				*VEC_ADD(a, &chain->rules) = *rule;
		}
	}
	k = prove(a, &less, &q);
	assert_int_equal(k.n_surplus, 0);
	for (size_t i = 0; i < k.n_missing; i++)
		assert_true(str_eq(k.missing[i].rpc_interface, lost));
}

static void rpc_is_permitted_by_interface_by_port_or_by_inspection(void **state)
{
	each_round(rounds(200), check_ways_of_rpc);
}

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("-_.", c);
}

/* A word of a text that could name a group, possibly after a prefix that the writer added. */
static struct str random_word(struct str text)
{
	size_t at = rnd((uint32_t)text.n), end = at;
	while (at && is_name_char(text.p[at - 1]))
		at--;
	while (end < text.n && is_name_char(text.p[end]))
		end++;
	struct str word = str_first(str_skip(text, at), end - at);
	size_t dash = str_find(word, '-');
	if (dash != SIZE_MAX && rnd(2))
		word = str_skip(word, dash + 1);
	bool letter = word.n && ((word.p[0] | 32) >= 'a' && (word.p[0] | 32) <= 'z');
	return letter && word.n <= 63 ? word : NO_STR;
}

static bool is_taken(const struct policy *p, struct str name)
{
	for (size_t i = 0; i < p->n_groups; i++)
		if (str_ieq(p->groups[i].name, name))
			return true;
	for (size_t i = 0; i < p->n_services; i++)
		if (str_ieq(p->services[i].name, name))
			return true;
	return false;
}

/* Groups and services get names that the language, or its writer, uses for something else. */
static void check_names(struct arena *a, const struct dialect *x, const struct policy *p)
{
	struct diag *d = diag_new(a);
	struct policy named = *p;
	struct policy_group *groups = ARENA_ARRAY(a, struct policy_group, p->n_groups);
	struct policy_services *services = ARENA_ARRAY(a, struct policy_services, p->n_services);
	struct str text;
	memcpy(groups, p->groups, p->n_groups * sizeof *groups);
	memcpy(services, p->services, p->n_services * sizeof *services);
	named.groups = groups;
	named.services = services;
	assert_true(emit(a, x, p, &text, d));
	for (size_t i = 0; i < p->n_groups + p->n_services; i++) {
		struct str word = random_word(text);
		if (!word.n || is_taken(&named, word))
			continue;
		if (i < p->n_groups)
			groups[i].name = word;
		else
			services[i - p->n_groups].name = word;
	}
	check_round_trip(a, x, &named);
}

static void names_that_a_language_uses_for_something_else_are_safe(void **state)
{
	each_round(rounds(150), check_names);
}

static void check_same_bytes(struct arena *a, const struct dialect *x, const struct policy *p)
{
	struct diag *d = diag_new(a);
	struct str one = { 0 }, two = { 0 };
	assert_true(emit(a, x, p, &one, d));
	assert_true(emit(a, x, p, &two, d));
	assert_true(str_eq(one, two));
}

static void the_same_policy_gives_the_same_bytes(void **state)
{
	each_round(rounds(20), check_same_bytes);
}

/* Read, taken apart, written and read again: the permitted set stays what it is. */
static void check_print_again(struct arena *a, const struct dialect *x, const struct policy *p)
{
	struct diag *d = diag_new(a);
	struct interface_map map = zone_map(a, p);
	struct flowbox judged[N_ZONES * N_ZONES];
	struct str text, again = { 0 };
	size_t n, parts = 0;

	assert_true(emit(a, x, p, &text, d));
	const struct ruleset *r = read(a, x, p->side, text, d);
	assert_non_null(r);
	n = judged_of(a, p, judged);
	if (r->replies == REPLIES_BY_FLAG || r->replies == REPLIES_BY_RULE)
		return; /* rules for replies would be read as permitted conversations */
	struct products e = products_of(a, r, &map, judged, n, 4096);
	assert_false(e.uncertain || e.too_many);
	for (size_t i = 0; i < e.n; i++)
		parts += e.v[i].n;
	struct policy_part *v = ARENA_ARRAY(a, struct policy_part, parts);
	parts = 0;
	for (size_t i = 0; i < e.n; i++)
		for (size_t k = 0; k < e.v[i].n; k++)
			v[parts++] =
				(struct policy_part){ e.v[i].boxes[k].src, e.v[i].boxes[k].dst,
						      e.v[i].boxes[k].services, e.v[i].boxes[k].n_services, STR("") };
	struct policy *made = policy_assemble(a, p->name, v, parts, NULL, NULL);
	made->zones = p->zones;
	made->n_zones = p->n_zones;
	made->side = p->side;
	if (!emit(a, x, made, &again, d))
		fail_msg("%s: %.*s", x->name, STR_ARG(diag_text(a, d)));
	const struct ruleset *twice = read(a, x, p->side, again, d);
	assert_non_null(twice);
	struct filter one = { r, &map, judged, n }, two = { twice, &map, judged, n };
	struct permits old = { .filters = &one, .n_filters = 1 }, new = { .filters = &two, .n_filters = 1 };
	struct comparison c =
		compare(a, &old, &new, &(struct compare_options){ .judged = judged, .n_judged = n, .most = 10 });
	if (!c.equal || c.uncertain)
		fail_msg("%s: what was\n%.*s\nis written again as\n%.*s", x->name, STR_ARG(text), STR_ARG(again));
}

static void what_is_read_can_be_written_again(void **state)
{
	each_round(rounds(50), check_print_again);
}

/* One relation less, wider or narrower: the proof names that difference and no other. */
static void check_mutation(struct arena *a, const struct dialect *x, const struct policy *p)
{
	struct diag *d = diag_new(a);
	struct policy changed = *p;
	struct policy_group *groups = ARENA_ARRAY(a, struct policy_group, p->n_groups);
	struct relation *relations = ARENA_ARRAY(a, struct relation, p->n_relations);
	struct str text;
	struct packet w;

	memcpy(groups, p->groups, p->n_groups * sizeof *groups);
	memcpy(relations, p->relations, p->n_relations * sizeof *relations);
	changed.groups = groups;
	changed.relations = relations;
	uint32_t victim = rnd((uint32_t)p->n_relations);
	if (rnd(2)) {
		relations[victim] = relations[--changed.n_relations];
		if (!changed.n_relations)
			return;
	} else {
		struct addr_range more = parse("10.1.200.7");
		/* of a host's own firewall: the other side */
		struct addrset *wider =
			&groups[p->side == POLICY_INBOUND ? relations[victim].src : relations[victim].dst].addresses;
		if (addrset_holds(*wider, (struct addr){ IPV4, more.lo }))
			return;
		/* from a zone to itself nothing crosses a firewall between zones (policy_split) */
		if (p->n_zones &&
		    addrset_overlaps(groups[relations[victim].src].addresses, p->zones[N_ZONES - 1].addresses))
			return;
		*wider = addrset_union(a, *wider, addrset_of(a, &more, 1));
	}
	if (is_too_large(x, &changed))
		return;
	assert_true(emit(a, x, &changed, &text, d));
	const struct ruleset *r = read(a, x, p->side, text, d);
	assert_non_null(r);
	struct proof k = prove_policy(a, p, r);
	struct interface_map map = zone_map(a, p);
	struct reading reading = { .upper = true };
	const struct rule *by;
	uint32_t chain;
	for (size_t i = 0; i < k.n_missing; i++) {
		w = k.missing[i].shown.witness;
		if (k.missing[i].reply)
			continue;
		assert_true(flowbox_holds(&k.missing[i].required->box, &w));
		assert_int_equal(ruleset_decide(r, &w, &map, reading, &by, &chain), ACTION_DENY);
		assert_ptr_equal(by, k.missing[i].shown.by);
	}
	for (size_t i = 0; i < k.n_surplus; i++) {
		w = k.surplus[i].shown.witness;
		for (size_t m = 0; m < p->n_relations; m++) {
			struct flowbox b = policy_box(a, p, &p->relations[m]);
			assert_false(flowbox_holds(&b, &w));
		}
		assert_int_equal(ruleset_decide(r, &w, &map, reading, &by, &chain), ACTION_PERMIT);
		assert_ptr_equal(by, k.surplus[i].shown.by);
	}
	/* the proof of the changed policy itself holds */
	struct proof own = prove_policy(a, &changed, r);
	assert_int_equal(own.verdict, VERDICT_HOLDS);
}

static void every_witness_of_a_mutated_emission_is_true_by_the_naive_evaluator(void **state)
{
	each_round(rounds(100), check_mutation);
}

/* The text with a member that no platform has, at the beginning of its nth object; false when it has fewer. */
static bool with_member(struct arena *a, struct str text, size_t nth, struct str *ret)
{
	struct str rest = text;
	size_t at = 0;
	for (size_t i = 0; i <= nth; i++) {
		size_t next = str_find(rest, '{');
		if (next == SIZE_MAX)
			return false;
		at += next + 1;
		rest = str_skip(text, at);
	}
	bool empty = str_find(str_trim(str_first(rest, 1)), '}') == 0;
	*ret = str_printf(a, "%.*s\"surelyUnknown\": true%s%.*s", (int)at, text.p, empty ? "" : ",", STR_ARG(rest));
	return true;
}

/* Objects around the rules, of which platforms show more than rules depend on. */
static size_t objects_around(const struct dialect *x)
{
	return strncmp(x->name, "aws-", 4) == 0 ? 1 : strcmp(x->name, "azure-nsg") == 0 ? 2 : 0;
}

/* Whether the member was put into a tag, which says nothing of packets. */
static bool is_in_tags(struct str text)
{
	size_t at = str_find_text(text, STR("surelyUnknown"));
	bool in = false;
	for (size_t i = 0; i < at; i++)
		if (text.p[i] == ']')
			in = false;
		else if (str_find_text(str_first(str_skip(text, i), 8), STR("\"Tags\":[")) == 0)
			in = true;
	return in;
}

/* What a reader does not know of may change what the rules do: it is an error or a line that is not understood. */
static void check_members(struct arena *a, const struct dialect *x, const struct policy *p)
{
	struct diag *d = diag_new(a);
	struct str text, more;
	if (!emit(a, x, p, &text, d) || !text.n || (text.p[0] != '{' && text.p[0] != '['))
		return;
	for (size_t i = objects_around(x); with_member(a, text, i, &more); i++) {
		const struct ruleset *r = read(a, x, p->side, more, diag_new(a));
		if (r && !r->unknown.n && !is_in_tags(more))
			fail_msg("%s: an unknown member of object %zu is passed over: %.*s", x->name, i,
				 STR_ARG(str_first(more, 3000)));
	}
}

static void no_member_of_an_object_is_passed_over(void **state)
{
	each_round(rounds(4), check_members);
}

/* 200 client subnets to 4 domain controllers on 16 services. */
static void one_relation_stays_one_relation(void **state)
{
	static const uint16_t ports[] = { 53, 88, 135, 139, 389, 445, 464, 636, 3268, 3269, 9389 };
	struct arena *a = arena_new();
	struct addr_range clients[200], dcs[4];
	struct policy_service services[16];
	for (size_t i = 0; i < 200; i++)
		clients[i] = prefix_range((struct addr){ IPV4, 0x0a140000u + (uint32_t)i * 512 }, 24);
	for (size_t i = 0; i < 4; i++)
		dcs[i] = (struct addr_range){ IPV4, 0x0a01000a + (u128)i * 7, 0x0a01000a + (u128)i * 7 };
	for (size_t i = 0; i < 16; i++) {
		struct port_range p = i < 11   ? (struct port_range){ ports[i], ports[i] }
				      : i < 15 ? (struct port_range){ (uint16_t[]){ 53, 88, 389, 464 }[i - 11],
								      (uint16_t[]){ 53, 88, 389, 464 }[i - 11] }
					       : (struct port_range){ 49152, 65535 };
		services[i] = (struct policy_service){ .name = STR("svc"),
						       .term = service_of(i < 11 || i == 15 ? PROTO_TCP : PROTO_UDP, p),
						       .kind = p.lo == 135     ? SERVICE_RPC_MAPPER
							       : p.lo == 49152 ? SERVICE_RPC_RANGE
									       : SERVICE_PLAIN };
	}
	struct policy_group groups[] = { { STR_INIT("clients"), addrset_of(a, clients, 200), STR_INIT("") },
					 { STR_INIT("domain-controllers"), addrset_of(a, dcs, 4), STR_INIT("") } };
	struct policy_services list = { STR_INIT("ad"), services, 16 };
	struct relation relation = { .id = STR_INIT("r-1"),
				     .about = STR_INIT("about"),
				     .title = STR_INIT("clients to domain-controllers"),
				     .dst = 1 };
	struct policy p = { .name = STR("edge"),
			    .estate = STR("test"),
			    .zones = make_zones(a),
			    .n_zones = N_ZONES,
			    .groups = groups,
			    .n_groups = 2,
			    .services = &list,
			    .n_services = 1,
			    .relations = &relation,
			    .n_relations = 1 };
	/* the clients' subnets lie in one zone here */
	struct policy_zone *zones = (struct policy_zone *)p.zones;
	struct addr_range wide[] = { parse("10.16.0.0/12"), parse("2001:db8:20::/48") };
	zones[0].addresses = addrset_of(a, wide, 2);

	for (size_t i = 0; dialects[i]; i++) {
		struct diag *d = diag_new(a);
		struct str text;
		if (!chosen(dialects[i]))
			continue;
		p.side = dialects[i]->for_transit ? POLICY_TRANSIT : POLICY_INBOUND;
		p.n_zones = dialects[i]->for_transit ? N_ZONES : 0;
		/* AWS counts each prefix with a port: 60 of a group, 40 of a network ACL */
		groups[0].addresses = addrset_of(a, clients,
						 strcmp(dialects[i]->name, "aws-sg") == 0     ? 3
						 : strcmp(dialects[i]->name, "aws-nacl") == 0 ? 2
											      : 200);
		if (!emit(a, dialects[i], &p, &text, d))
			fail_msg("%s: %.*s", dialects[i]->name, STR_ARG(diag_text(a, d)));
		const struct ruleset *r = read(a, dialects[i], p.side, text, d);
		if (!r)
			fail_msg("%s: %.*s", dialects[i]->name, STR_ARG(diag_text(a, d)));
		size_t n = ruleset_size(r);
		if (n > dialects[i]->rules_of_a_relation)
			fail_msg("%s writes %zu rules for one relation; %u are enough", dialects[i]->name, n,
				 dialects[i]->rules_of_a_relation);
	}
	arena_free(a);
}

/* Ids in a text: those with all of their digits in *whole, the others in the result. */
static size_t count_flow_ids(struct str text, size_t *whole)
{
	size_t cut = 0;
	*whole = 0;
	for (size_t at; (at = str_find_text(text, STR(" f-"))) != SIZE_MAX;) {
		size_t n = 0;
		text = str_skip(text, at + 3);
		while (n < text.n && strchr("0123456789abcdef", text.p[n]))
			n++;
		*whole += n == 16;
		cut += n > 0 && n < 16;
	}
	return cut;
}

static void check_flow_ids(struct arena *a, const struct dialect *x, const struct policy *p)
{
	struct diag *d = diag_new(a);
	struct str text;
	size_t whole;
	assert_true(emit(a, x, p, &text, d));
	/* a group policy is UTF-16, and AWS's access lists have no comments */
	if (strcmp(x->name, "windows-pol") == 0 || strcmp(x->name, "aws-nacl") == 0)
		return;
	if (count_flow_ids(text, &whole))
		fail_msg("%s writes half an id:\n%.*s", x->name, STR_ARG(text));
	for (size_t i = 0; i < p->n_relations; i++) {
		const struct relation *r = &p->relations[i];
		if (r->flow.n && str_find_text(text, r->id) != SIZE_MAX && str_find_text(text, r->flow) == SIZE_MAX)
			fail_msg("%s does not say that %.*s is %.*s", x->name, STR_ARG(r->id), STR_ARG(r->flow));
	}
}

static void a_rule_for_a_single_flow_names_its_id(void **state)
{
	each_round(rounds(60), check_flow_ids);
}

RUN_TESTS(T(rules_for_no_flow_hold), T(what_is_emitted_and_read_back_permits_exactly_what_was_asked_for),
	  T(firewalls_that_hold_alone_hold_together), T(rpc_is_permitted_by_interface_by_port_or_by_inspection),
	  T(names_that_a_language_uses_for_something_else_are_safe), T(the_same_policy_gives_the_same_bytes),
	  T(what_is_read_can_be_written_again), T(every_witness_of_a_mutated_emission_is_true_by_the_naive_evaluator),
	  T(no_member_of_an_object_is_passed_over), T(one_relation_stays_one_relation),
	  T(a_rule_for_a_single_flow_names_its_id))
