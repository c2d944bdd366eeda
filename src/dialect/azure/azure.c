/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Azure network security groups, as `az network nsg show` and ARM print them.
 *
 * Rules are evaluated by priority within a direction; the first match decides;
 * groups are stateful.  The platform's default rules follow the user's: the one
 * for VirtualNetwork permits whatever is routed there, so the emitted rules end
 * with one that denies.
 *
 * A packet between two subnets leaves one and enters the other: rules for a
 * firewall between zones state each relation in both directions, and may be
 * assigned to any of the subnets.
 */
#include "dialect/azure/azure.h"

#include "dialect/common/services.h"
#include "dialect/common/text.h"
#include "doc/json.h"

enum {
	FIRST_PRIORITY = 100,
	LAST_PRIORITY = 4096,
	MOST_NSG_RULES = 1000,
	MOST_NSG_ADDRESSES = 4000, /* of all rules of a group, as sources and as destinations */
	LONGEST_NAME = 80,
	LONGEST_DESCRIPTION = 140,
};

struct nsg_writer {
	struct json *j; /* NULL: only counted */
	struct arena *arena;
	const struct policy *p;
	struct diag *diag;
	bool inbound, ok;
	size_t n;
	size_t n_sources, n_destinations; /* prefixes of all rules */
	struct kept_numbers priorities;
};

static void put_prefixes(struct nsg_writer *w, const char *side, struct addrset s, enum family f)
{
	size_t n;
	char key[48], text[RANGE_TEXT], address[ADDR_TEXT];
	struct addr_range *ranges = addrset_prefixes(w->arena, addrset_part(s, f), &n);
	snprintf(key, sizeof key, "%sAddressPrefixes", side);
	json_key(w->j, key);
	json_list(w->j);
	for (size_t i = 0; i < n; i++) {
		unsigned length = addr_range_first_prefix(&ranges[i]);
		addr_text((struct addr){ f, ranges[i].lo }, address);
		if (length == addr_bits(f))
			json_text(w->j, address);
		else {
			snprintf(text, sizeof text, "%s/%u", address, length);
			json_text(w->j, text);
		}
	}
	json_end(w->j);
}

static void put_ports(struct nsg_writer *w, const char *side, struct portset s)
{
	char key[40], text[PORT_TEXT];
	bool all = portset_is_all(s) || !s.n;
	snprintf(key, sizeof key, "%sPortRange%s", side, all ? "" : "s");
	json_key(w->j, key);
	if (all) {
		json_text(w->j, "*");
		return;
	}
	json_list(w->j);
	for (size_t i = 0; i < s.n; i++)
		json_text(w->j, port_range_text(s.v[i], text));
	json_end(w->j);
}

static void begin_rule(struct nsg_writer *w, struct str name, struct str about, const char *protocol,
		       const char *access, size_t priority)
{
	struct json *j = w->j;
	CLEANUP(out_free) struct out o = out_memory(1 << 12);
	json_object(j);
	json_put_str(j, "name", text_name(w->arena, name, "-_.", '-', LONGEST_NAME));
	json_key(j, "properties");
	json_object(j);
	if (about.n) {
		text_put_limited(&o, LONGEST_DESCRIPTION, "", about, STR(""));
		json_put_str(j, "description", out_view(&o));
	}
	json_put_u64(j, "priority", priority);
	json_put_text(j, "direction", w->inbound ? "Inbound" : "Outbound");
	json_put_text(j, "access", access);
	json_put_text(j, "protocol", protocol);
}

static const char *protocol_word(struct nsg_writer *w, const struct service_item *s, const struct relation *r)
{
	if (item_is_any(s))
		return "*";
	if (s->protocol_lo == PROTO_TCP)
		return "Tcp";
	if (s->protocol_lo == PROTO_UDP)
		return "Udp";
	if (s->protocol_lo == PROTO_ICMP)
		return "Icmp";
	/* SecurityRuleProtocol of the REST reference, from 2019-02-01 */
	if (s->protocol_lo == PROTO_ESP)
		return "Esp";
	if (s->protocol_lo == PROTO_AH)
		return "Ah";
	w->ok = diag_error(w->diag, NOWHERE, "Azure does not support protocol %u (\"%.*s\")", s->protocol_lo,
			   STR_ARG(r->title));
	return NULL;
}

static void put_item(struct nsg_writer *w, const struct relation *r, const struct service_item *s, enum family f,
		     size_t number)
{
	struct addrset src = addrset_part(w->p->groups[r->src].addresses, f);
	struct addrset dst = addrset_part(w->p->groups[r->dst].addresses, f);
	struct addrset *filtered = w->inbound ? &dst : &src;
	*filtered = addrset_minus(w->arena, *filtered, w->p->outside);
	if (!src.n || !dst.n || !item_in_family(s, f))
		return;
	const char *word = protocol_word(w, s, r);
	if (!word)
		return;
	w->n++;
	if (!w->j) {
		w->n_sources += addrset_count_prefixes(src);
		w->n_destinations += addrset_count_prefixes(dst);
		return;
	}
	struct str name = str_printf(w->arena, "portolan-%.*s-%s-%zu%s", STR_ARG(r->id), w->inbound ? "in" : "out",
				     number + 1, f == IPV6 ? "-6" : "");
	struct str about = text_about(w->arena, LONGEST_DESCRIPTION, r);
	struct portset from = item_has_ports(s) ? portset_of(w->arena, &s->sport, 1) : NO_PORTS;
	begin_rule(w, name, about, word, "Allow", kept_number(&w->priorities, name));
	put_ports(w, "source", from);
	put_ports(w, "destination", item_has_ports(s) ? s->ports : NO_PORTS);
	put_prefixes(w, "source", src, f);
	put_prefixes(w, "destination", dst, f);
	json_end(w->j);
	json_end(w->j);
}

static void put_relations(struct nsg_writer *w)
{
	for (size_t i = 0; i < w->p->n_relations; i++) {
		const struct relation *r = &w->p->relations[i];
		struct service_items items = services_merged(w->arena, &w->p->services[r->services]);
		for (int f = IPV4; f <= IPV6; f++)
			for (size_t j = 0; j < items.n; j++)
				put_item(w, r, &items.v[j], (enum family)f, j);
	}
}

static void put_direction_of(struct nsg_writer *w, bool inbound)
{
	struct nsg_writer count = *w;
	count.j = NULL;
	count.n = 0;
	count.inbound = inbound;
	put_relations(&count);
	w->ok &= count.ok;
	w->n_sources = count.n_sources;
	w->n_destinations = count.n_destinations;
	/* including the one that denies the rest */
	if (count.n >= MOST_NSG_RULES)
		w->ok = diag_error(w->diag, NOWHERE, "%zu rules exceed the %d of a network security group", count.n + 1,
				   MOST_NSG_RULES);
	if (!w->ok)
		return;
	w->inbound = inbound;
	w->n = 0;
	w->priorities = kept_numbers_new(w->arena, FIRST_PRIORITY, LAST_PRIORITY - 1, count.n);
	put_relations(w);
	/* names are unique in a group, whatever the direction */
	begin_rule(w, inbound ? STR("portolan-deny-the-rest-in") : STR("portolan-deny-the-rest-out"),
		   STR("the platform's default rules would permit the whole virtual network"), "*", "Deny",
		   LAST_PRIORITY);
	put_ports(w, "source", NO_PORTS);
	put_ports(w, "destination", NO_PORTS);
	json_put_text(w->j, "sourceAddressPrefix", "*");
	json_put_text(w->j, "destinationAddressPrefix", "*");
	json_end(w->j);
	json_end(w->j);
}

static void put_direction(struct nsg_writer *w, bool inbound)
{
	const struct policy *all = w->p;
	struct policy one = policy_one_side(w->arena, all, inbound ? POLICY_INBOUND : POLICY_OUTBOUND);
	w->p = &one;
	put_direction_of(w, inbound);
	w->p = all;
}

static bool emit(const struct policy *p, struct out *o, struct diag *d)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct json j = json_to(o);
	struct nsg_writer w = { .j = &j, .arena = a, .p = p, .diag = d, .ok = true };
	json_object_lines(&j);
	json_put_str(&j, "name", text_name(a, p->name, "-_.", '-', LONGEST_NAME));
	json_put_text(&j, "type", "Microsoft.Network/networkSecurityGroups");
	json_key(&j, "properties");
	json_object_lines(&j);
	json_key(&j, "securityRules");
	json_list_lines(&j);
	if (p->side != POLICY_OUTBOUND)
		put_direction(&w, true);
	if (p->side != POLICY_INBOUND)
		put_direction(&w, false);
	json_end(&j);
	json_end(&j);
	json_end(&j);
	out_char(o, '\n');
	size_t most = MAX(w.n_sources, w.n_destinations);
	if (most > MOST_NSG_ADDRESSES)
		w.ok = diag_error(d, NOWHERE,
				  "%zu %s addresses exceed the %d that the rules of a network security group may name",
				  most, most == w.n_sources ? "source" : "destination", MOST_NSG_ADDRESSES);
	return w.ok;
}

static unsigned resembles(struct str text)
{
	struct str head = str_first(text, 1 << 16);
	if (str_contains_ci(head, STR("networkSecurityGroups")) || str_contains_ci(head, STR("\"securityRules\"")) ||
	    str_contains_ci(head, STR("\"effectiveSecurityRules\"")))
		return 95;
	bool rule = str_contains_ci(head, STR("\"access\"")) && str_contains_ci(head, STR("AddressPrefix"));
	return rule ? 90 : 0;
}

static const struct dialect_loading azure_nsg_loading = {
	.loads = LOADS_REPLACES_ALL,
	.load = "az rest --method put, or az deployment group create",
	.undo = "the same with the group of before",
};

const struct dialect dialect_azure_nsg = {
	.name = "azure-nsg",
	.title = "Azure network security groups (JSON)",
	.ending = "json",
	.loading = &azure_nsg_loading,
	.has_no_comments = true,
	.emit = emit,
	.parse = azure_parse,
	.resembles = resembles,
	.for_hosts = true,
	.one_list = true,
	.for_transit = true,
	.at_each_host = true,
	.cannot = CANNOT_ICMP | CANNOT_ICMP_CODES | CANNOT_OTHER | CANNOT_PROTOCOL_RANGES,
	/* 4000 addresses and ports in a rule */
	.most_addresses = 1500,
	.most_services = 400,
	/* a rule is one protocol, in both directions, and each direction ends with a rule that denies */
	.rules_of_a_relation = 6,
};
