/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Firewall rules of Google Cloud VPC networks, as
 * `gcloud compute firewall-rules list --format json` prints them.
 *
 * Rules are evaluated by priority; at equal priority a denial wins.  By default
 * egress is permitted and ingress denied; rules are stateful.  A rule has one
 * family.  Between zones each relation is stated in both directions, because a
 * packet between two machines of a network leaves one and enters the other.
 */
#include "base/strmap.h"
#include "base/vec.h"
#include "dialect/common/json-rules.h"
#include "dialect/common/ranges.h"
#include "dialect/common/match.h"
#include "dialect/common/services.h"
#include "dialect/common/text.h"
#include "dialect/common/withdraw.h"
#include "doc/json.h"
#include "doc/json-tree.h"

enum {
	USUAL_PRIORITY = 1000,
	LAST_PRIORITY = 65534,
	LONGEST_NAME = 63,
	LONGEST_NETWORK = 63,
	LONGEST_DESCRIPTION = 2048,
};

/*
 * A rule without a network would be one of the network "default", which may not be meant, or not be there.  Names there
 * have no capitals, so a rule of this one is refused.
 */
#define NO_NETWORK "NETWORK"

/* Writing */

struct gcp_writer {
	struct json *j;
	struct arena *arena;
	const struct policy *p;
	struct diag *diag;
	bool ok;
};

static void put_ranges(struct gcp_writer *w, const char *key, struct addrset s)
{
	size_t n;
	char text[RANGE_TEXT], address[ADDR_TEXT];
	struct addr_range *ranges = addrset_prefixes(w->arena, s, &n);
	json_key(w->j, key);
	json_list(w->j);
	for (size_t i = 0; i < n; i++) {
		snprintf(text, sizeof text, "%s/%u",
			 addr_text((struct addr){ ranges[i].family, ranges[i].lo }, address),
			 addr_range_first_prefix(&ranges[i]));
		json_text(w->j, text);
	}
	json_end(w->j);
}

static void put_service(struct gcp_writer *w, const struct service_item *s, struct str title)
{
	char proto[PROTOCOL_TEXT], port[PORT_TEXT];
	bool ported = s->protocol_lo == PROTO_TCP || s->protocol_lo == PROTO_UDP || s->protocol_lo == PROTO_SCTP;
	const char *name = protocol_text(s->protocol_lo, proto);
	if (s->protocol_lo == PROTO_ICMP6 || s->protocol_lo == PROTO_SCTP)
		snprintf(proto, sizeof proto, "%s", s->protocol_lo == PROTO_SCTP ? "sctp" : "58"), name = proto;
	if (item_has_ports(s) && !ported && !portset_is_all(s->ports)) {
		w->ok = diag_error(w->diag, NOWHERE, "Google Cloud supports ports of TCP, UDP and SCTP only (\"%.*s\")",
				   STR_ARG(title));
		return;
	}
	json_object(w->j);
	json_put_text(w->j, "IPProtocol", item_is_any(s) ? "all" : name);
	if (item_has_ports(s) && !portset_is_all(s->ports)) {
		json_key(w->j, "ports");
		json_list(w->j);
		for (size_t i = 0; i < s->ports.n; i++)
			json_text(w->j, port_range_text(s->ports.v[i], port));
		json_end(w->j);
	}
	json_end(w->j);
}

/* Lower-case letters, digits and hyphens; a letter first. */
static struct str rule_name(struct gcp_writer *w, struct str name)
{
	struct str s = str_lower(w->arena, text_name(w->arena, name, "-", '-', LONGEST_NAME));
	while (s.n && s.p[s.n - 1] == '-')
		s.n--;
	return s;
}

static void begin_rule(struct gcp_writer *w, struct str name, struct str about, bool ingress, unsigned priority)
{
	json_object(w->j);
	json_put_str(w->j, "name", rule_name(w, name));
	CLEANUP(out_free) struct out text = out_memory(2 * LONGEST_DESCRIPTION);
	text_put_limited(&text, LONGEST_DESCRIPTION, "", about, NO_STR);
	json_put_str(w->j, "description", out_view(&text));
	struct str network = policy_setting(w->p, "network");
	json_put_str(w->j, "network",
		     str_printf(w->arena, "global/networks/%.*s", STR_ARG(network.n ? network : STR(NO_NETWORK))));
	json_put_text(w->j, "direction", ingress ? "INGRESS" : "EGRESS");
	json_put_u64(w->j, "priority", priority);
}

/* Unique in a project, which may have the rules of several places. */
static struct str rule_id(struct gcp_writer *w, struct str id, struct str direction, enum family f)
{
	return str_printf(w->arena, "portolan-%.*s-%.*s%.*s%s", STR_ARG(w->p->name), STR_ARG(id), STR_ARG(direction),
			  f == IPV6 ? "-6" : "");
}

static void put_relation(struct gcp_writer *w, const struct relation *r, enum family f, bool ingress)
{
	struct addrset src = addrset_part(w->p->groups[r->src].addresses, f);
	struct addrset dst = addrset_part(w->p->groups[r->dst].addresses, f);
	struct addrset *filtered = ingress ? &dst : &src;
	*filtered = addrset_minus(w->arena, *filtered, w->p->outside);
	struct service_items items = services_merged(w->arena, &w->p->services[r->services]);
	size_t n = 0;
	for (size_t i = 0; i < items.n; i++)
		n += item_in_family(&items.v[i], f);
	if (!src.n || !dst.n || !n)
		return;
	struct str name = rule_id(w, r->id, ingress ? STR("-in") : STR("-out"), f);
	begin_rule(w, name, text_about(w->arena, LONGEST_DESCRIPTION, r), ingress, USUAL_PRIORITY);
	put_ranges(w, "sourceRanges", src);
	put_ranges(w, "destinationRanges", dst);
	json_key(w->j, "allowed");
	json_list(w->j);
	for (size_t i = 0; i < items.n; i++)
		if (item_in_family(&items.v[i], f))
			put_service(w, &items.v[i], r->title);
	json_end(w->j);
	json_end(w->j);
}

/*
 * The host's own addresses, which the relations of a plan name in full; a policy of other origin may name some of them.
 * Between zones, and where they are unknown: everything.
 */
static struct addrset local_part(struct gcp_writer *w, enum family f)
{
	struct addrset local = NO_ADDRS;
	struct addr_range all = addr_range_all(f);
	bool named = w->p->side != POLICY_TRANSIT && w->p->n_relations && w->p->ask.n;
	for (size_t i = 0; i < w->p->n_relations && named; i++)
		local = addrset_union(w->arena, local, local_end(w->p, &w->p->relations[i]));
	return named ? addrset_part(local, f) : addrset_of(w->arena, &all, 1);
}

/*
 * What is not permitted is denied, in either direction: egress is permitted by default, and the networks that Google
 * Cloud makes permit ingress from themselves, at this priority, at which a denial wins.
 */
static void put_denial(struct gcp_writer *w, enum family f, bool ingress)
{
	struct addr_range all = addr_range_all(f);
	struct addrset local = local_part(w, f), remote = addrset_of(w->arena, &all, 1);
	if (!local.n)
		return;
	begin_rule(w, rule_id(w, ingress ? STR("deny-in") : STR("deny-out"), NO_STR, f),
		   ingress ? STR("other ingress is denied") : STR("other egress is denied"), ingress, LAST_PRIORITY);
	put_ranges(w, "sourceRanges", ingress ? remote : local);
	put_ranges(w, "destinationRanges", ingress ? local : remote);
	json_key(w->j, "denied");
	json_list(w->j);
	json_object(w->j);
	json_put_text(w->j, "IPProtocol", "all");
	json_end(w->j);
	json_end(w->j);
	if (w->p->log_denials) {
		json_key(w->j, "logConfig");
		json_object(w->j);
		json_put_bool(w->j, "enable", true);
		json_end(w->j);
	}
	json_end(w->j);
}

static bool emit(const struct policy *p, struct out *o, struct diag *d)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct json j = json_to(o);
	struct gcp_writer w = { .j = &j, .arena = a, .p = p, .diag = d, .ok = true };
	json_list_lines(&j);
	for (size_t i = 0; i < p->n_relations; i++)
		for (int f = IPV4; f <= IPV6; f++) {
			if (p->side != POLICY_OUTBOUND)
				put_relation(&w, &p->relations[i], (enum family)f, true);
			if (p->side != POLICY_INBOUND)
				put_relation(&w, &p->relations[i], (enum family)f, false);
		}
	for (int f = IPV4; f <= IPV6; f++) {
		if (p->side != POLICY_OUTBOUND)
			put_denial(&w, (enum family)f, true);
		if (p->side != POLICY_INBOUND)
			put_denial(&w, (enum family)f, false);
	}
	json_end(&j);
	out_char(o, '\n');
	return w.ok;
}

/* Reading */

struct gcp_rule {
	const struct node *node;
	uint32_t priority, order;
	bool ingress, deny;
};

struct gcp_reader {
	struct arena *arena;
	const struct source *source;
	const struct read_options *options;
	struct ruleset *rules;
	VEC(struct gcp_rule) found;
	struct strmap networks;
	size_t n_found;
};

static void add_rule(struct gcp_reader *reader, const struct node *n)
{
	struct gcp_rule r = { .node = n, .priority = USUAL_PRIORITY, .order = (uint32_t)reader->found.n };
	struct str direction = node_str(n, "direction"), priority = node_str(n, "priority"),
		   network = node_str(n, "network");
	size_t slash = network.n;
	while (slash && network.p[slash - 1] != '/')
		slash--;
	network = str_skip(network, slash);
	reader->n_found++;
	if (reader->options->part.n && !str_eq(network, reader->options->part))
		return;
	if (network.n)
		strmap_add(&reader->networks, network, reader);
	reader->rules->n_lines++;
	r.ingress = !direction.n || str_iis(direction, "INGRESS");
	r.deny = node_get(n, "denied") && !node_says_nothing(node_get(n, "denied"));
	if ((!r.ingress && !str_iis(direction, "EGRESS")) ||
	    (priority.n && !str_to_u32(priority, 65535, &r.priority))) {
		ruleset_unknown(reader->rules, n->at, node_text(reader->arena, n),
				"its direction or priority is not understood");
		return;
	}
	if (str_iis(node_str(n, "disabled"), "true")) {
		ruleset_idle(reader->rules, n->at, node_text(reader->arena, n), "it is disabled");
		return;
	}
	*VEC_ADD(reader->arena, &reader->found) = r;
}

static void walk(struct gcp_reader *reader, const struct node *n)
{
	for (size_t i = 0; n->kind == NODE_LIST && i < n->n; i++)
		walk(reader, n->items[i]);
	if (n->kind != NODE_MAP)
		return;
	if (node_get(n, "allowed") || node_get(n, "denied")) {
		add_rule(reader, n);
		return;
	}
	if (node_get(n, "ruleTupleCount") || (node_get(n, "match") && node_get(n, "action"))) {
		reader->n_found++;
		ruleset_unknown(reader->rules, n->at, node_text(reader->arena, n),
				"a rule of a firewall policy, which precedes the rules of a network");
		return;
	}
	for (size_t i = 0; i < n->n; i++)
		walk(reader, n->pairs[i].value);
}

static int rule_cmp(const void *a, const void *b)
{
	const struct gcp_rule *one = a, *other = b;
	int c = CMP(one->priority, other->priority);
	c = c ? c : CMP(other->deny, one->deny);
	return c ? c : CMP(one->order, other->order);
}

static bool add_ranges(struct gcp_reader *reader, const struct node *list, range_vec *ranges)
{
	struct node_list l = node_list(reader->arena, list);
	for (size_t i = 0; i < l.n; i++)
		if (l.v[i]->kind != NODE_SCALAR || !range_add(reader->arena, l.v[i]->text, ranges))
			return false;
	return true;
}

static bool add_service(struct gcp_reader *reader, const struct node *n, term_vec *terms)
{
	struct str protocol = node_str(n, "IPProtocol");
	struct node_list ports = node_list(reader->arena, node_get(n, "ports"));
	unsigned number;
	if (str_iis(protocol, "all")) {
		*VEC_ADD(reader->arena, terms) = ANY_SERVICE;
		return !ports.n;
	}
	if (str_iis(protocol, "ipip"))
		number = 4;
	else if (str_iis(protocol, "sctp"))
		number = PROTO_SCTP;
	else if (!protocol_parse(protocol, &number))
		return false;
	if (!ports.n)
		*VEC_ADD(reader->arena, terms) = service_of((uint8_t)number, ALL_PORTS);
	for (size_t i = 0; i < ports.n; i++) {
		struct port_range range;
		if (ports.v[i]->kind != NODE_SCALAR || !protocol_has_ports(number) ||
		    !port_numbers_parse(ports.v[i]->text, &range))
			return false;
		*VEC_ADD(reader->arena, terms) = service_of((uint8_t)number, range);
	}
	return true;
}

static const struct addrset *set_or_any(struct gcp_reader *reader, const range_vec *ranges)
{
	struct addrset *s = ARENA_NEW(reader->arena, struct addrset);
	if (!ranges->n)
		return NULL;
	*s = range_vec_set(reader->arena, ranges);
	return s;
}

static bool says(const struct node *n, const char *key)
{
	const struct node *value = node_get(n, key);
	return value && !node_says_nothing(value);
}

static void read_rule(struct gcp_reader *reader, uint32_t chain, const struct gcp_rule *g)
{
	const struct node *n = g->node;
	range_vec src = { 0 }, dst = { 0 };
	term_vec terms = { 0 };
	struct node_list services = node_list(reader->arena, node_get(n, g->deny ? "denied" : "allowed"));
	bool ok = add_ranges(reader, node_get(n, "sourceRanges"), &src) &&
		  add_ranges(reader, node_get(n, "destinationRanges"), &dst);
	for (size_t i = 0; i < services.n; i++)
		ok = ok && add_service(reader, services.v[i], &terms);
	if (!ok) {
		ruleset_unknown(reader->rules, n->at, node_text(reader->arena, n),
				"its ranges, protocols or ports are not understood");
		return;
	}
	for (size_t i = 0; i < services.n; i++)
		node_check_members(reader->rules, services.v[i], "IPProtocol ports");
	node_check_members(reader->rules, n,
			   "kind id creationTimestamp name description network priority sourceRanges destinationRanges "
			   "sourceTags targetTags "
			   "sourceServiceAccounts targetServiceAccounts allowed denied direction logConfig disabled "
			   "selfLink enableLogging "
			   "params selfLinkWithId");
	bool named = says(n, "sourceTags") || says(n, "sourceServiceAccounts");
	const char *target = says(n, "targetTags") || says(n, "targetServiceAccounts")
				     ? "tags of machines that are not in the file"
				     : NULL;
	struct rule r = { .at = n->at,
			  .action = g->deny ? ACTION_DENY : ACTION_PERMIT,
			  .name = node_str(n, "name"),
			  .comment = node_str(n, "description"),
			  .text = node_text(reader->arena, n),
			  .perhaps = target };
	/* without ranges: all of IPv4, 0.0.0.0/0 */
	range_vec *said = g->ingress ? &src : &dst;
	if (!said->n && !named)
		*VEC_ADD(reader->arena, said) = addr_range_all(IPV4);
	r.match.src = set_or_any(reader, &src);
	r.match.dst = set_or_any(reader, &dst);
	r.match.services = terms.v;
	r.match.n_services = terms.n;
	r.match.never = !terms.n;
	/* ranges or tags: either suffices */
	if (src.n || !named)
		*ruleset_rule(reader->rules, chain, n->at) = r;
	if (named) {
		r.match.src = NULL;
		r.perhaps = "tags of machines that are not in the file";
		*ruleset_rule(reader->rules, chain, n->at) = r;
	}
}

static void read_direction(struct gcp_reader *reader, bool ingress)
{
	uint32_t chain = ruleset_chain(reader->rules, ingress ? STR("ingress") : STR("egress"),
				       (struct loc){ reader->source, 0, 0, 0 });
	*VEC_ADD(reader->arena, &reader->rules->bases) = chain;
	reader->rules->chains.v[chain].fallthrough = ingress ? ACTION_DENY : ACTION_PERMIT;
	ruleset_unfiltered(reader->rules, chain, &reader->options->outside, ingress);
	for (size_t i = 0; i < reader->found.n; i++)
		if (reader->found.v[i].ingress == ingress)
			read_rule(reader, chain, &reader->found.v[i]);
}

static bool parse(struct arena *a, const struct source *s, const struct read_options *o, struct ruleset **ret,
		  struct diag *d)
{
	size_t errors = diag_errors(d);
	struct gcp_reader *reader = ARENA_NEW(a, struct gcp_reader);
	*reader = (struct gcp_reader){
		.arena = a, .source = s, .options = o, .rules = ruleset_new(a, s, "gcp"), .networks = strmap_new(a)
	};
	*ret = reader->rules;
	reader->rules->replies = REPLIES_FREE;
	reader->rules->order = "rules are evaluated by priority";
	const struct node *n = json_parse(a, s, d);
	if (!n)
		return false;
	node_check_whole(reader->rules, n);
	walk(reader, n);
	if (!reader->n_found)
		return diag_error(d, loc_line(s, 1), "this is not a firewall rule: it has neither allowed nor denied");
	if (o->part.n && !reader->found.n)
		return diag_error(d, (struct loc){ s, 0, 0, 0 }, "there is no rule of network \"%.*s\" in the file",
				  STR_ARG(o->part));
	if (reader->networks.n > 1)
		ruleset_unknown(reader->rules, loc_line(s, 1), STR("the whole file"),
				"there are rules of %zu networks (--part NETWORK)", reader->networks.n);
	sort_items(reader->found.v, reader->found.n, sizeof *reader->found.v, rule_cmp);
	if (o->side != POLICY_INBOUND)
		read_direction(reader, false);
	if (o->side != POLICY_OUTBOUND)
		read_direction(reader, true);
	reader->rules->n_understood = reader->rules->n_lines - MIN(reader->rules->n_lines, reader->rules->unknown.n);
	return diag_errors(d) == errors;
}

static unsigned resembles(struct str text)
{
	struct str head = str_first(text, 1 << 16);
	if (str_find_text(head, STR("compute#firewall")) != SIZE_MAX)
		return 95;
	bool rule = str_find_text(head, STR("\"IPProtocol\"")) != SIZE_MAX &&
		    (str_find_text(head, STR("\"allowed\"")) != SIZE_MAX ||
		     str_find_text(head, STR("\"denied\"")) != SIZE_MAX);
	return rule ? 90 : 0;
}

typedef VEC(struct owned) owned_rules;

/* The names of the rules of a file; false when one is not a name that we give. */
static bool own_names(struct arena *a, const struct node *n, owned_rules *ret, struct diag *d)
{
	bool ok = true;
	for (size_t i = 0; n->kind == NODE_LIST && i < n->n && ok; i++)
		ok = own_names(a, n->items[i], ret, d);
	if (n->kind == NODE_LIST)
		return ok;
	struct str name = node_str(n, "name");
	if (!str_starts(name, "portolan-") || !str_is_plain(name, "-"))
		return diag_error(d, n->at,
				  "this is not a rule as portolan writes it; what others wrote is not removed");
	*VEC_ADD(a, ret) = (struct owned){ .path = name };
	return true;
}

static bool write_removal(struct arena *a, const struct source *before, const struct source *now, struct out *o,
			  struct diag *d)
{
	owned_rules was = { 0 }, is = { 0 };
	const struct node *old = json_parse(a, before, d), *new = json_parse(a, now, d);
	if (!old || !new || !own_names(a, old, &was, d) || !own_names(a, new, &is, d))
		return false;
	struct owned_list gone = owned_gone(a, (struct owned_list){ was.v, was.n }, (struct owned_list){ is.v, is.n });
	for (size_t i = 0; i < gone.n; i++)
		out_printf(o, "gcloud compute firewall-rules delete --quiet %.*s\n", STR_ARG(gone.v[i].path));
	return true;
}

static const struct dialect_removal gcp_removal = { .write = write_removal, .when = "after" };

static const struct dialect_loading gcp_loading = {
	.loads = LOADS_ADDS,
	.load = "gcloud compute firewall-rules create, for each rule, or update, where its name is there",
	.undo = "gcloud compute firewall-rules delete, for each rule",
};

static const struct dialect_setting gcp_settings[] = {
	{ .key = "network",
	  .about = "the VPC network of the rules",
	  .also = "-",
	  .longest = LONGEST_NETWORK,
	  .stands_for_it = NO_NETWORK },
	{ 0 },
};

const struct dialect dialect_gcp = {
	.name = "gcp",
	.title = "Google Cloud VPC firewall rules (JSON)",
	.ending = "json",
	.loading = &gcp_loading,
	.removal = &gcp_removal,
	.settings = gcp_settings,
	.has_no_comments = true,
	.emit = emit,
	.logs_denials = true,
	.parse = parse,
	.resembles = resembles,
	.for_hosts = true,
	.for_transit = true,
	.at_each_host = true,
	.cannot = CANNOT_ICMP | CANNOT_ICMP_CODES | CANNOT_SOURCE_PORTS | CANNOT_PROTOCOL_RANGES,
	/* ranges and ports of a rule */
	.most_addresses = 256,
	.most_services = 256,
	/* ingress and egress, and the denial of the rest of each, which takes a rule a family */
	.rules_of_a_relation = 6,
};
