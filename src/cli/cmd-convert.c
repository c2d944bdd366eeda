/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portolan convert: rules of one language in another.
 */
#include "cli/known.h"
#include "cli/readback.h"
#include "cli/rules.h"
#include "cli/settings.h"
#include "prove/products.h"

enum { MOST_BOXES_OF_A_RULE = 4096 };

/* A rule that was understood in part cannot be written again. */
static bool report_uncertain(struct invocation *call, const struct ruleset *r)
{
	bool any = false;
	for (size_t i = 0; i < r->unknown.n && i < 50; i++, any = true)
		diag_error(call->diag, r->unknown.v[i].at, "not understood: %s", r->unknown.v[i].why);
	for (size_t c = 0; c < r->chains.n; c++)
		for (size_t i = 0; i < r->chains.v[c].rules.n; i++) {
			const struct rule *rule = &r->chains.v[c].rules.v[i];
			if (!rule->perhaps)
				continue;
			diag_error(call->diag, rule->at, "the match of this rule is uncertain: %s", rule->perhaps);
			any = true;
		}
	if (!any)
		diag_error(call->diag, NOWHERE,
			   "rules name interfaces whose addresses are unknown; use --estate FILE --at FIREWALL");
	return false;
}

static struct str about_rule(struct arena *a, const struct rule *r)
{
	if (!r)
		return STR("the default of the rule list");
	if (r->comment.n)
		return r->comment;
	if (r->name.n)
		return r->name;
	return r->at.line ? str_printf(a, "%s:%u", r->at.source->name, r->at.line) : STR("");
}

static bool has_family(const struct addrset *s, enum family f)
{
	return !s || addrset_part(*s, f).n;
}

/*
 * True for a file of one family: nothing that it says is uncertain, but what its platform does
 * with the other family, of which it says nothing, is.
 */
static bool is_of_one_family(const struct ruleset *r, enum family *ret)
{
	bool uncertain[2] = { false, false }, written[2] = { false, false };
	for (size_t c = 0; c < r->chains.n; c++)
		for (size_t i = 0; i < r->chains.v[c].rules.n; i++) {
			const struct rule *rule = &r->chains.v[c].rules.v[i];
			if (rule->perhaps && !rule->implicit)
				return false;
			for (int f = IPV4; f <= IPV6; f++)
				if (has_family(rule->match.src, (enum family)f) &&
				    has_family(rule->match.dst, (enum family)f)) {
					uncertain[f] |= rule->perhaps != NULL;
					written[f] |= !rule->implicit;
				}
		}
	*ret = uncertain[IPV4] ? IPV6 : IPV4;
	return !r->unknown.n && uncertain[IPV4] != uncertain[IPV6] && written[*ret] &&
	       !written[*ret == IPV4 ? IPV6 : IPV4];
}

/* The products of one family's packets. */
static struct products products_of_family(struct arena *a, const struct ruleset *r, const struct rules_context *at,
					  enum family f)
{
	struct flowbox all = flowbox_all(a);
	const struct flowbox *judged = at->judged.n ? at->judged.boxes : &all;
	size_t n = at->judged.n ? at->judged.n : 1, used = 0;
	struct flowbox *boxes = ARENA_ARRAY(a, struct flowbox, n);
	for (size_t i = 0; i < n; i++) {
		boxes[used] = judged[i];
		boxes[used].src = addrset_part(judged[i].src, f);
		boxes[used].dst = addrset_part(judged[i].dst, f);
		used += boxes[used].src.n && boxes[used].dst.n;
	}
	return products_of(a, r, at->known_map, boxes, used, MOST_BOXES_OF_A_RULE);
}

static struct policy *make_policy(struct invocation *call, const struct ruleset *r, const struct rules_context *at,
				  struct audit_options *known)
{
	struct products e =
		products_of(call->arena, r, at->known_map, at->judged.boxes, at->judged.n, MOST_BOXES_OF_A_RULE);
	enum family family;
	if (e.uncertain && is_of_one_family(r, &family)) {
		e = products_of_family(call->arena, r, at, family);
		if (!e.uncertain)
			diag_warn(call->diag, NOWHERE,
				  "%s has rules for IPv%d alone: what is written permits no IPv%d, whatever the old "
				  "platform does with it",
				  r->source->name, family == IPV4 ? 4 : 6, family == IPV4 ? 6 : 4);
	}
	if (e.uncertain) {
		report_uncertain(call, r);
		return NULL;
	}
	if (e.too_many) {
		diag_error(call->diag, NOWHERE, "a rule's share is more than %d boxes; it cannot be written readably",
			   MOST_BOXES_OF_A_RULE);
		return NULL;
	}
	size_t n = 0;
	for (size_t i = 0; i < e.n; i++)
		n += e.v[i].n;
	struct policy_part *parts = ARENA_ARRAY(call->arena, struct policy_part, n);
	n = 0;
	for (size_t i = 0; i < e.n; i++)
		for (size_t j = 0; j < e.v[i].n; j++)
			parts[n++] = (struct policy_part){
				.src = e.v[i].boxes[j].src,
				.dst = e.v[i].boxes[j].dst,
				.services = e.v[i].boxes[j].services,
				.n_services = e.v[i].boxes[j].n_services,
				.about = about_rule(call->arena, e.v[i].rule),
			};
	struct str name = at->plan ? place_name(at->plan, &at->at) : STR("converted");
	struct policy *p = policy_assemble(call->arena, name, parts, n, known_service, known);
	if (at->plan) {
		const struct policy *own = plan_policy(call->arena, at->plan, &at->at, (struct policy_options){ 0 });
		p->zones = own->zones;
		p->n_zones = own->n_zones;
		p->outside = own->outside;
		p->side = own->side;
		p->estate = own->estate;
	}
	return p;
}

/* A subnet is a /16 at most, or a /44 of IPv6 ("Subnet CIDR blocks", Amazon VPC User Guide); nothing filters within it. */
static bool may_be_one_subnet(struct addr a, struct addr b)
{
	unsigned rest = a.family == IPV4 ? 32 - 16 : 128 - 44;
	return a.n >> rest == b.n >> rest;
}

/*
 * A routed list becomes what comes to the hosts behind it.  Where the language filters both
 * directions, what those hosts open to each other, or to anything, would be lost on its way out.
 */
static bool loses_nothing(struct invocation *call, const struct dialect *to, const struct policy *p)
{
	struct addrset own = NO_ADDRS;
	char src[ADDR_TEXT], dst[ADDR_TEXT];
	for (size_t i = 0; i < p->n_relations; i++)
		own = addrset_union(call->arena, own, p->groups[p->relations[i].dst].addresses);
	for (size_t i = 0; i < p->n_relations; i++) {
		const struct relation *r = &p->relations[i];
		struct addrset from = addrset_intersect(call->arena, p->groups[r->src].addresses, own);
		struct addrset to_them = p->groups[r->dst].addresses;
		for (size_t f = 0; f < from.n; f++)
			for (size_t t = 0; t < to_them.n; t++) {
				if (from.v[f].family != to_them.v[t].family)
					continue;
				struct addr a = { from.v[f].family, from.v[f].lo }, b = { a.family, to_them.v[t].hi };
				if (may_be_one_subnet(a, b) &&
				    may_be_one_subnet((struct addr){ a.family, from.v[f].hi },
						      (struct addr){ a.family, to_them.v[t].lo }))
					continue;
				return diag_error(
					call->diag, NOWHERE,
					"%s filter both directions, and these rules are written for what comes to "
					"their hosts: a packet from %s to %s (\"%.*s\") would be lost where it leaves",
					to->title, addr_text(a, src), addr_text(b, dst), STR_ARG(r->title));
			}
	}
	return true;
}

/* The rules are the last operand; the files before it are the estate, as those of --estate are. */
static bool find_context(struct invocation *call, struct rules_context *ret)
{
	size_t n_estates = call->n_operands - 1, n_options;
	const char *const *options = option_all(call, "estate", &n_options);
	if (n_estates && n_options)
		return diag_error(call->diag, NOWHERE, "the estate is given twice: before the rules, and by --estate");
	if (count_estate_operands(call, 0) < n_estates)
		return diag_error(call->diag, NOWHERE,
				  "\"%s\" is not a file of an estate; rules are one file, the last",
				  call->operands[count_estate_operands(call, 0)]);
	return context_of_files(call, n_estates ? call->operands : options, n_estates + n_options, ret);
}

static enum status run(struct invocation *call)
{
	struct rules_context at;
	bool ok = true;
	const struct dialect *from = dialect_option(call, "from", &ok), *to = dialect_option(call, "to", &ok);
	struct file f;

	if (!option(call, "to"))
		ok = diag_error(call->diag, NOWHERE, "specify the target language: --to DIALECT");
	if (to && !to->emit)
		ok = diag_error(call->diag, NOWHERE, "%s can be read but not written", to->title);
	if (!ok || !find_context(call, &at))
		return STATUS_INPUT;
	if (at.plan && from) {
		place_speaks(at.plan, &at.at, from);
		at.judged = plan_judged(call->arena, at.plan, &at.at);
	}
	struct read_options o = invocation_reading(call, &at);
	o.dialect_option = "--from";
	bool routed = !to->for_transit && o.side == POLICY_TRANSIT;
	if (routed)
		o.side = POLICY_INBOUND;
	const struct ruleset *r = invocation_rules(call, call->operands[call->n_operands - 1], from, &o, at.known_map);
	const struct catalogue *c = r ? invocation_catalogue(call) : NULL;
	if (!c)
		return STATUS_INPUT;
	struct audit_options known = known_ports(call->arena, c);
	struct policy *p = make_policy(call, r, &at, &known);
	if (!p)
		return STATUS_INPUT;
	p->side = o.side;
	if (!settings_read(call, to, false, p))
		return STATUS_INPUT;
	if (routed && to->both_directions && !loses_nothing(call, to, p))
		return STATUS_INPUT;
	if (!file_create(&f, call->arena, option(call, "output"), call->diag))
		return STATUS_MACHINE;
	if (!emit_checked(call, to, p, &(struct expectation){ .reading = &o }, &f)) {
		file_abandon(&f);
		return STATUS_INPUT;
	}
	return file_commit(&f, call->diag) ? STATUS_WELL : STATUS_MACHINE;
}

static const struct option_row options[] = {
	{ "to", 0, "DIALECT", NULL, "the target language" },
	{ "from", 0, "DIALECT", NULL, "the language of RULES; guessed by default" },
	{ "part", 0, "NAME", NULL, "the chain, hook or access list that filters" },
	{ "estate", 0, "FILE...", NULL, "an estate with the addresses behind interfaces and zones" },
	{ "at", 0, "FIREWALL", NULL, "the firewall of the estate whose rules these are" },
	{ "host", 0, "HOST", NULL, "the host of the estate whose rules these are" },
	{ "side", 0, "SIDE", "in out", "of a host: what comes in or what goes out" },
	OPTION_SET,
	OPTION_OUTPUT,
	OPTION_CATALOGUE,
	OPTIONS_END,
};

const struct command command_convert = {
	.name = "convert",
	.summary = "translate rules into another firewall language",
	.arguments = "[ESTATE.yaml...] RULES",
	.about =
		"Reads rules, computes exactly what they permit, and writes that in another language: as many rules as "
		"the old ones that permit, in their order and with their comments, and none that only deny. What is "
		"not understood, or cannot be expressed exactly, is an error.",
	.options = options,
	.least = 1,
	.most = 100,
	.run = run,
};
