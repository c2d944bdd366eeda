/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Address translation of PAN-OS: security rules compare addresses and ports as they were sent, and the zone
 * to which a packet goes as it is behind the translation ("PAN-OS Administrator's Guide", NAT Policy Rules,
 * on destination NAT).  The first rule that matches decides; one that translates sources alone ends the search.
 */
#include "dialect/paloalto/paloalto.h"

#include "dialect/common/translations.h"

static const struct addrset *keep_set(struct pan *p, struct addrset s)
{
	struct addrset *kept = ARENA_NEW(p->keep, struct addrset);
	struct addr_range *ranges = ARENA_ARRAY(p->keep, struct addr_range, s.n);
	memcpy(ranges, s.v, s.n * sizeof *ranges);
	*kept = (struct addrset){ ranges, s.n };
	return kept;
}

/* translated-address and translated-port; false: not one of them is modelled. */
static bool read_target(struct pan *p, const struct config_node *node, struct stated_translation *s)
{
	struct pan_rule target = { .p = p, .node = node };
	struct str port = pan_value_of(p, node, "translated-port");
	struct port_range to;
	if (!config_child(&p->tree, node, "translated-address"))
		return false;
	s->to = keep_set(p, pan_side(&target, "translated-address", "-").sure);
	if (target.bad || target.vague)
		return false;
	if (!port.n)
		return true;
	bool one = s->n_services == 1 && protocol_has_ports(s->service->protocol_lo) &&
		   s->service->port.lo == s->service->port.hi;
	if (port_range_parse(port, &to) != PORT_OK || to.lo != to.hi || !one)
		return false;
	s->port = (struct port_map){ s->service->port, to };
	s->port_said = to.lo != s->service->port.lo;
	return true;
}

/* What static sources with "bi-directional" translate in the opposite direction. */
static void add_reverse(struct pan *p, struct translator *to, const struct config_node *n,
			const struct config_node *fixed)
{
	struct pan_rule target = { .p = p, .node = fixed };
	struct addrset mapped = pan_side(&target, "translated-address", "-").sure;
	bool known = !target.bad && !target.vague && mapped.n;
	translator_add(to, &(struct stated_translation){
				   .dst = known ? keep_set(p, mapped) : NULL, .at = n->at, .text = n->line });
}

static void add_rule(struct pan *p, struct translator *to, const struct config_node *n)
{
	struct pan_rule r = { .p = p, .node = n };
	const struct config_node *target = config_child(&p->tree, n, "destination-translation"),
				 *fixed = CONFIG(&p->tree, n, "source-translation", "static-ip");
	arena_reset(p->scratch);
	struct partial_set from = pan_side(&r, "source", "negate-source"),
			   to_whom = pan_side(&r, "destination", "negate-destination");
	struct named_services named = pan_services(&r);
	const struct partial_reach reach = partial_reach(p->scratch, from, to_whom, &named, r.vague);
	const struct reach most = reach.most;
	struct service_term *services = ARENA_ARRAY(p->keep, struct service_term, most.terms.n);
	memcpy(services, most.terms.v, most.terms.n * sizeof *services);
	struct stated_translation s = { .in = pan_zones(p, config_child(&p->tree, n, "from")),
					.out = pan_zones(p, config_child(&p->tree, n, "to")),
					.src = keep_set(p, most.src),
					.dst = keep_set(p, most.dst),
					.service = services,
					.n_services = most.terms.n,
					.only_names = true,
					.perhaps = r.perhaps ? r.perhaps : reach.vague,
					.at = n->at,
					.text = n->line };
	bool translates = target || config_child(&p->tree, n, "dynamic-destination-translation");
	s.same = !translates;
	if (r.bad) {
		ruleset_unknown(p->rules, n->at, n->line, "destination NAT that is not understood");
		return;
	}
	if (translates && (!target || !read_target(p, target, &s)))
		s.to = NULL;
	translator_add(to, &s);
	if (str_is(config_value(&p->tree, fixed, "bi-directional"), "yes"))
		add_reverse(p, to, n, fixed);
}

void pan_add_translations(struct pan *p, struct translator *to, const struct config_node *scope, const char *base)
{
	const struct config_node *list = CONFIG(&p->tree, scope, base, "nat", "rules");
	for (size_t i = 0; list && i < list->children.n; i++)
		if (!list->children.v[i]->inactive &&
		    !str_is(config_value(&p->tree, list->children.v[i], "disabled"), "yes"))
			add_rule(p, to, list->children.v[i]);
}
