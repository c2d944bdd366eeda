/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kubernetes NetworkPolicy (networking.k8s.io/v1), as YAML or JSON.
 *
 * A policy applies to pods, which it selects by labels: it is a host's own firewall,
 * and the host is the pods.  Permissions of policies add up; a direction that no
 * policy of a pod covers is open.  Addresses are given by ipBlock; peers that
 * are selected by labels are uncertain, unless the file has the pods as well
 * (pods.c).
 */
#include "dialect/kubernetes/kubernetes.h"

#include "dialect/common/match.h"
#include "dialect/common/services.h"
#include "dialect/common/text.h"
#include "doc/json-tree.h"

enum { LONGEST_NAME = 63 - 4 }; /* followed by "-out" */

/* Writing */

static void put_blocks(struct out *o, struct arena *a, const char *key, struct addrset s)
{
	/* the first member of a rule follows its hyphen */
	size_t n;
	char address[ADDR_TEXT];
	struct addr_range *ranges = addrset_prefixes(a, s, &n);
	out_printf(o, "    - %s:\n", key);
	for (size_t i = 0; i < n; i++)
		out_printf(o, "        - ipBlock: { cidr: \"%s/%u\" }\n",
			   addr_text((struct addr){ ranges[i].family, ranges[i].lo }, address),
			   addr_range_first_prefix(&ranges[i]));
}

static void put_ports(struct out *o, const struct service_items *items, bool first)
{
	out_printf(o, "    %c ports:\n", first ? '-' : ' ');
	for (size_t i = 0; i < items->n; i++) {
		const struct service_item *s = &items->v[i];
		const char *name = s->protocol_lo == PROTO_TCP ? "TCP" : "UDP";
		if (portset_is_all(s->ports)) {
			out_printf(o, "        - { protocol: %s }\n", name);
			continue;
		}
		for (size_t j = 0; j < s->ports.n; j++) {
			out_printf(o, "        - { protocol: %s, port: %u", name, s->ports.v[j].lo);
			if (s->ports.v[j].hi != s->ports.v[j].lo)
				out_printf(o, ", endPort: %u", s->ports.v[j].hi);
			out_text(o, " }\n");
		}
	}
}

/* Without a list of peers: all peers; without a list of ports: all ports. */
static void put_relation(struct out *o, struct arena *a, const struct policy *p, const struct relation *r)
{
	bool in = p->side != POLICY_OUTBOUND;
	struct addrset remote = remote_end(a, p, r);
	struct service_items items = services_merged(a, &p->services[r->services]);
	if (!remote.n || !items.n)
		return;
	text_comment_lines(o, "    # ", r->about);
	bool everybody = addrset_equal(remote, addrset_all(a)), everything = false;
	for (size_t i = 0; i < items.n; i++)
		everything |= item_is_any(&items.v[i]);
	if (everybody && everything)
		out_text(o, "    - {}\n");
	if (!everybody)
		put_blocks(o, a, in ? "from" : "to", remote);
	if (!everything)
		put_ports(o, &items, everybody);
}

static const struct dialect_loading kubernetes_loading = {
	.loads = LOADS_REPLACES_OWN,
	.load = "kubectl apply -f FILE",
	.undo = "kubectl delete -f FILE",
};

static bool emit(const struct policy *p, struct out *o, struct diag *d)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	bool in = p->side != POLICY_OUTBOUND;
	if (!one_local_end(a, p))
		return diag_error(
			d, NOWHERE,
			"a NetworkPolicy selects pods, not addresses; these relations have several endpoints there");
	for (size_t i = 0; i < p->n_relations; i++) {
		struct service_items items = services_merged(a, &p->services[p->relations[i].services]);
		for (size_t j = 0; j < items.n; j++)
			for (size_t m = 0; m < items.v[j].ports.n; m++)
				if (items.v[j].ports.v[m].lo == 0 && items.v[j].ports.v[m].hi < 65535)
					return diag_error(d, NOWHERE,
							  "a NetworkPolicy cannot express port 0 (\"%.*s\")",
							  STR_ARG(p->relations[i].title));
	}
	struct str name = str_lower(a, text_name(a, p->name, "-", '-', LONGEST_NAME));
	text_header(o, "# ", p, "Kubernetes; applies to the pods with this label", &kubernetes_loading);
	out_printf(o, "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: %.*s-%s\n",
		   STR_ARG(name), in ? "in" : "out");
	out_printf(o, "spec:\n  podSelector:\n    matchLabels:\n      app: \"%.*s\"\n  policyTypes:\n    - %s\n",
		   STR_ARG(name), in ? "Ingress" : "Egress");
	out_printf(o, "  %s:%s\n", in ? "ingress" : "egress", p->n_relations ? "" : " []");
	for (size_t i = 0; i < p->n_relations; i++)
		put_relation(o, a, p, &p->relations[i]);
	return true;
}

/* Reading */

/* Rules of other interfaces and networks; and kinds called policies that are not network policies. */
static bool is_other_policy(struct str kind)
{
	static const char harmless[] =
		"PodSecurityPolicy ValidatingAdmissionPolicy MutatingAdmissionPolicy ClusterPolicy Policy "
		"ImagePolicy RetentionPolicy BackupPolicy";
	if (str_is_one_of(kind, harmless))
		return false;
	return str_ends(kind, "Policy") || str_ends(kind, "Firewall") || str_is(kind, "HostEndpoint") ||
	       str_is(kind, "Tier");
}

static void take_object(struct k8s *k8s, const struct node *n)
{
	struct str kind = node_str(n, "kind"), version = node_str(n, "apiVersion"),
		   name = node_str(node_get(n, "metadata"), "name");
	if (str_is(kind, "NetworkPolicy") &&
	    (str_is(version, "networking.k8s.io/v1") || str_starts(version, "extensions/"))) {
		k8s->rules->n_lines++;
		*VEC_ADD(k8s->arena, &k8s->policies) = (struct k8s_policy){
			.node = n, .spec = node_get(n, "spec"), .name = name, .space = k8s_space(n)
		};
	} else if (is_other_policy(kind)) {
		ruleset_unknown(k8s->rules, n->at,
				str_printf(k8s->arena, "kind: %.*s of %.*s", STR_ARG(kind), STR_ARG(version)),
				"a policy of another interface, which is not modelled");
	} else if (str_is(kind, "Pod")) {
		*VEC_ADD(k8s->arena, &k8s->pods) = n;
	} else if (str_is(kind, "Namespace")) {
		strmap_add(&k8s->spaces, name, (void *)n);
	} else {
		k8s->rules->n_ignored++;
	}
}

static void walk(struct k8s *k8s, const struct node *n)
{
	const struct node *items = node_get(n, "items");
	if (n->kind == NODE_LIST) {
		for (size_t i = 0; i < n->n; i++)
			walk(k8s, n->items[i]);
	} else if (items && items->kind == NODE_LIST && str_ends(node_str(n, "kind"), "List")) {
		walk(k8s, items);
	} else if (n->kind == NODE_MAP && n->n) {
		take_object(k8s, n);
	}
}

/* The peers of a rule. */
struct peers {
	bool any;
	struct addrset set;
	const char *perhaps; /* there may be others */
	struct addrset maybe;
	const char *why_maybe;
};

static bool read_block(struct k8s *k8s, const struct node *block, struct addrset *ret)
{
	range_vec in = { 0 }, out = { 0 };
	struct node_list except = node_list(k8s->arena, node_get(block, "except"));
	if (!range_add(k8s->arena, node_str(block, "cidr"), &in))
		return false;
	for (size_t i = 0; i < except.n; i++)
		if (except.v[i]->kind != NODE_SCALAR || !range_add(k8s->arena, except.v[i]->text, &out))
			return false;
	*ret = addrset_minus(k8s->arena, range_vec_set(k8s->arena, &in), range_vec_set(k8s->arena, &out));
	return true;
}

static bool read_peers(struct k8s *k8s, const struct k8s_policy *p, const struct node *list, struct peers *ret)
{
	struct node_list l = node_list(k8s->arena, list);
	VEC(struct addr_range) ranges = { 0 };
	*ret = (struct peers){ .any = l.n == 0, .maybe = NO_ADDRS };
	for (size_t i = 0; i < l.n; i++) {
		const struct node *block = node_get(l.v[i], "ipBlock"), *pods = node_get(l.v[i], "podSelector");
		const struct node *spaces = node_get(l.v[i], "namespaceSelector");
		struct addrset one = NO_ADDRS;
		if ((!block && !pods && !spaces) || (block && (pods || spaces)) || !k8s_selector_is_known(k8s, pods) ||
		    !k8s_selector_is_known(k8s, spaces))
			return false;
		node_check_members(k8s->rules, l.v[i], "ipBlock podSelector namespaceSelector");
		if (block)
			node_check_members(k8s->rules, block, "cidr except");
		if (block && !read_block(k8s, block, &one))
			return false;
		if (!block && !k8s->pods.n)
			ret->perhaps = "pods that are not in the file";
		else if (!block) {
			const struct pod_set *some = k8s_pods(k8s, pods, spaces, p->space);
			one = some->set;
			if (some->maybe.n) {
				ret->maybe = addrset_union(k8s->arena, ret->maybe, some->maybe);
				ret->why_maybe = some->why;
			}
		}
		for (size_t j = 0; j < one.n; j++)
			*VEC_ADD(k8s->arena, &ranges) = one.v[j];
	}
	ret->set = ranges.n ? addrset_of(k8s->arena, ranges.v, ranges.n) : NO_ADDRS;
	return true;
}

/* The name of a port, as the API takes it (IANA_SVC_NAME): a quoted number is not one. */
static bool is_port_name(struct str s)
{
	enum { LONGEST_PORT_NAME = 15 };
	bool letter = false;
	for (size_t i = 0; i < s.n; i++) {
		bool digit = s.p[i] >= '0' && s.p[i] <= '9', lower = s.p[i] >= 'a' && s.p[i] <= 'z';
		bool dash = s.p[i] == '-' && i && i + 1 < s.n && s.p[i + 1] != '-';
		if (!digit && !lower && !dash)
			return false;
		letter |= lower;
	}
	return letter && s.n <= LONGEST_PORT_NAME;
}

/*
 * A name stands for a port that the pod defines: uncertain, any port of the protocol.
 * False for what the API server refuses: port 0, a quoted number, a range without a start.
 */
static bool read_port(struct k8s *k8s, const struct node *n, term_vec *terms, bool *named)
{
	struct str protocol = node_str(n, "protocol"), port = node_str(n, "port"), last = node_str(n, "endPort");
	const struct node *said = node_get(n, "port");
	unsigned number = PROTO_TCP;
	uint32_t lo = 0, hi = 65535;
	node_check_members(k8s->rules, n, "protocol port endPort");
	if (protocol.n && (!str_is_one_of(protocol, "TCP UDP SCTP") || !protocol_parse(protocol, &number)))
		return false;
	if (port.n && said->plain && str_to_u32(port, 65535, &lo)) {
		hi = lo;
		if (!lo)
			return false;
	} else if (port.n) {
		if (!is_port_name(port))
			return false;
		*named = true;
		lo = 0;
	}
	if (last.n && (!port.n || *named || !str_to_u32(last, 65535, &hi) || hi < lo))
		return false;
	*VEC_ADD(k8s->arena, terms) = service_of((uint8_t)number, (struct port_range){ (uint16_t)lo, (uint16_t)hi });
	return true;
}

static void put_rule(struct k8s *k8s, uint32_t chain, const struct k8s_policy *p, const struct node *n,
		     const term_vec *terms, const struct addrset *remote, const char *perhaps)
{
	struct rule *r = ruleset_rule(k8s->rules, chain, n->at);
	bool in = str_is(k8s->rules->chains.v[chain].name, "ingress");
	r->action = ACTION_PERMIT;
	r->match.src = in ? remote : p->pods;
	r->match.dst = in ? p->pods : remote;
	r->match.services = terms->v;
	r->match.n_services = terms->n;
	r->match.never = (remote && !remote->n) || (p->pods && !p->pods->n);
	r->perhaps = perhaps;
	r->name = p->name;
	r->text = node_text(k8s->arena, n);
}

/* Certain peers and the others become a rule each. */
static void put_peers(struct k8s *k8s, uint32_t chain, const struct k8s_policy *p, const struct node *n,
		      const term_vec *terms, const struct peers *peers, const char *perhaps)
{
	struct addrset *remote = ARENA_NEW(k8s->arena, struct addrset);
	*remote = peers->set;
	if (peers->any || peers->set.n || !peers->perhaps)
		put_rule(k8s, chain, p, n, terms, peers->any ? NULL : remote, perhaps);
	if (peers->perhaps && !peers->any)
		put_rule(k8s, chain, p, n, terms, NULL, peers->perhaps);
	if (peers->maybe.n && !peers->any) {
		remote = ARENA_NEW(k8s->arena, struct addrset);
		*remote = peers->maybe;
		put_rule(k8s, chain, p, n, terms, remote, peers->why_maybe);
	}
}

static void read_rule(struct k8s *k8s, uint32_t chain, const struct k8s_policy *p, const struct node *n,
		      const char *why)
{
	bool in = str_is(k8s->rules->chains.v[chain].name, "ingress");
	struct node_list ports = node_list(k8s->arena, node_get(n, "ports"));
	term_vec terms = { 0 }, names = { 0 };
	struct peers peers;
	bool ok = n->kind == NODE_MAP || node_is_null(n);
	ok = ok && read_peers(k8s, p, node_get(n, in ? "from" : "to"), &peers);
	for (size_t i = 0; ok && i < ports.n; i++) {
		bool named = false;
		term_vec one = { 0 };
		ok = read_port(k8s, ports.v[i], &one, &named);
		if (ok)
			*VEC_ADD(k8s->arena, named ? &names : &terms) = one.v[0];
	}
	if (!ok) {
		ruleset_unknown(k8s->rules, n->at, node_text(k8s->arena, n), "its peers or ports are not understood");
		return;
	}
	node_check_members(k8s->rules, n, in ? "from ports" : "to ports");
	if (terms.n || !ports.n)
		put_peers(k8s, chain, p, n, &terms, &peers, why);
	if (names.n)
		put_peers(k8s, chain, p, n, &names, &peers, "a port that is named in the pod");
}

/* Without policyTypes: always ingress, and egress when the policy has egress rules. */
static bool has_type(const struct k8s_policy *p, bool in)
{
	const struct node *types = node_get(p->spec, "policyTypes");
	if (!types || node_says_nothing(types))
		return in || (node_get(p->spec, "egress") && !node_says_nothing(node_get(p->spec, "egress")));
	for (size_t i = 0; types->kind == NODE_LIST && i < types->n; i++)
		if (types->items[i]->kind == NODE_SCALAR && str_is(types->items[i]->text, in ? "Ingress" : "Egress"))
			return true;
	return false;
}

static bool chosen(const struct k8s *k8s, const struct k8s_policy *p)
{
	struct str part = k8s->options->part, name;
	if (!part.n || str_eq(part, p->name))
		return true;
	size_t slash = str_find(part, '/');
	name = slash == SIZE_MAX ? NO_STR : str_skip(part, slash + 1);
	return slash != SIZE_MAX && str_eq(str_first(part, slash), p->space) &&
	       (str_eq(name, p->name) || str_is(name, "*"));
}

static void read_direction(struct k8s *k8s, bool in, const char *why)
{
	struct loc at = { k8s->source, 0, 0, 0 };
	uint32_t chain = ruleset_chain(k8s->rules, in ? STR("ingress") : STR("egress"), at);
	bool isolated = false, placed = k8s->options->side == POLICY_TRANSIT && k8s->pods.n;
	*VEC_ADD(k8s->arena, &k8s->rules->bases) = chain;
	for (size_t i = 0; i < k8s->policies.n; i++) {
		const struct k8s_policy *p = &k8s->policies.v[i];
		struct node_list rules = node_list(k8s->arena, node_get(p->spec, in ? "ingress" : "egress"));
		if (!chosen(k8s, p) || !has_type(p, in))
			continue;
		isolated = true;
		for (size_t j = 0; j < rules.n; j++)
			read_rule(k8s, chain, p, rules.v[j], why);
	}
	/* an address that belongs to no pod is not filtered here */
	for (size_t i = 0; placed && i < k8s->policies.n; i++) {
		const struct k8s_policy *p = &k8s->policies.v[i];
		if (!chosen(k8s, p) || !has_type(p, in) || !p->pods || !p->pods->n)
			continue;
		struct rule *r = ruleset_rule(k8s->rules, chain, at);
		r->match.src = in ? NULL : p->pods;
		r->match.dst = in ? p->pods : NULL;
		r->action = ACTION_DENY;
		r->implicit = true;
		r->text = STR("implicit: all else to or from selected pods is denied");
	}
	k8s->rules->chains.v[chain].fallthrough = isolated && !placed ? ACTION_DENY : ACTION_PERMIT;
}

static bool same_selector(struct arena *a, const struct k8s_policy *left, const struct k8s_policy *right)
{
	const struct node *one = node_get(left->spec, "podSelector"), *other = node_get(right->spec, "podSelector");
	bool everybody = !one || !other || !one->n || !other->n; /* {}: all pods of the namespace */
	return str_eq(left->space, right->space) && (everybody || str_eq(node_text(a, one), node_text(a, other)));
}

static bool read_policies(struct k8s *k8s, struct diag *d)
{
	const struct k8s_policy *first = NULL;
	bool differ = false;
	const char *why = NULL;
	for (size_t i = 0; i < k8s->policies.n; i++) {
		struct k8s_policy *p = &k8s->policies.v[i];
		if (!chosen(k8s, p))
			continue;
		if (!k8s_selector_is_known(k8s, node_get(p->spec, "podSelector")))
			ruleset_unknown(k8s->rules, p->node->at, p->name, "the selector of its pods is not understood");
		if (k8s->options->side == POLICY_TRANSIT && k8s->pods.n) {
			const struct pod_set *own = k8s_pods(k8s, node_get(p->spec, "podSelector"), NULL, p->space);
			p->pods = &own->set;
			if (own->maybe.n)
				ruleset_unknown(k8s->rules, p->node->at, p->name, "%s", own->why);
		}
		differ |= first && !same_selector(k8s->arena, first, p);
		first = first ? first : p;
		node_check_members(k8s->rules, p->spec ? p->spec : p->node,
				   "podSelector policyTypes ingress egress apiVersion kind metadata spec status");
	}
	if (!first)
		return diag_error(d, (struct loc){ k8s->source, 0, 0, 0 }, "there is no policy \"%.*s\" in the file",
				  STR_ARG(k8s->options->part));
	if (k8s->options->side == POLICY_TRANSIT && !k8s->pods.n)
		why = "the addresses of the pods, which are not in the file";
	else if (k8s->options->side != POLICY_TRANSIT && differ)
		why = "which pods the host is (--part POLICY)";
	if (k8s->options->side != POLICY_INBOUND)
		read_direction(k8s, false, why);
	if (k8s->options->side != POLICY_OUTBOUND)
		read_direction(k8s, true, why);
	return true;
}

static bool parse(struct arena *a, const struct source *s, const struct read_options *o, struct ruleset **ret,
		  struct diag *d)
{
	size_t errors = diag_errors(d);
	struct k8s *k8s = ARENA_NEW(a, struct k8s);
	struct str bare = str_first(s->text, 4096);
	*k8s = (struct k8s){ .arena = a,
			     .source = s,
			     .options = o,
			     .rules = ruleset_new(a, s, "kubernetes"),
			     .spaces = strmap_new(a),
			     .diag = d };
	*ret = k8s->rules;
	k8s->rules->replies = REPLIES_FREE;
	k8s->rules->order = "rules have no order";
	while (bare.n && char_in(bare.p[0], " \t\r\n"))
		bare = str_skip(bare, 1);
	const struct node *n = bare.n && bare.p[0] == '{' ? json_parse(a, s, d) : yaml_parse_several(a, s, d);
	if (!n)
		return false;
	node_check_whole(k8s->rules, n);
	walk(k8s, n);
	if (!k8s->policies.n && !k8s->rules->unknown.n)
		return diag_error(d, loc_line(s, 1), "this is not a NetworkPolicy");
	k8s_index_pods(k8s);
	if (k8s->policies.n && !read_policies(k8s, d))
		return false;
	k8s->rules->n_understood = k8s->rules->n_lines - MIN(k8s->rules->n_lines, k8s->rules->unknown.n);
	return diag_errors(d) == errors;
}

static unsigned resembles(struct str text)
{
	struct str head = str_first(text, 1 << 16);
	if (str_find_text(head, STR("kind: NetworkPolicy")) != SIZE_MAX ||
	    str_find_text(head, STR("\"NetworkPolicy\"")) != SIZE_MAX)
		return 95;
	return str_find_text(head, STR("networking.k8s.io/")) != SIZE_MAX ? 80 : 0;
}

const struct dialect dialect_kubernetes = {
	.name = "kubernetes",
	.title = "Kubernetes NetworkPolicy",
	.ending = "yaml",
	.loading = &kubernetes_loading,
	.emit = emit,
	.parse = parse,
	.resembles = resembles,
	.for_hosts = true,
	.cannot = CANNOT_ICMP | CANNOT_ICMP_CODES | CANNOT_WHOLE_ICMP | CANNOT_OTHER | CANNOT_IPSEC |
		  CANNOT_SOURCE_PORTS | CANNOT_PROTOCOL_RANGES,
	.rules_of_a_relation = 1,
};
