/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading PAN-OS: the security rules of one virtual system or device group, with
 * the pre- and post-rules of what is above it.
 */
#include "dialect/paloalto/paloalto.h"

#include "dialect/common/translations.h"

/* Attributes that are read elsewhere in this file, or do not affect packets that open connections. */
static const char known[] = "from to source destination negate-source negate-destination application service action "
			    "disabled rule-type schedule "
			    "target description tag group-tag uuid log-start log-end log-setting profile-setting "
			    "option qos icmp-unreachable "
			    "disable-inspect";

static void look_at_conditions(struct pan_rule *r)
{
	static const char conditions[] =
		"source-user category source-hip destination-hip hip-profiles source-imsi source-imei "
		"source-nw-slice saas-user-list saas-tenant-list";
	for (size_t i = 0; i < r->node->children.n; i++) {
		const struct config_node *n = r->node->children.v[i];
		if (!n->children.n && str_is_one_of(n->word, "from to service application"))
			pan_missing(r, n->word, "value of");
		bool any = !n->children.n || (n->children.n == 1 && str_is(n->children.v[0]->word, "any"));
		if (n->inactive || str_is_one_of(n->word, known))
			continue;
		if (!str_is_one_of(n->word, conditions))
			ruleset_unknown(r->p->rules, n->at, n->line, "the meaning of \"%.*s\" here is unknown",
					STR_ARG(n->word));
		else if (!any)
			pan_perhaps(r, "a condition about users, devices or categories");
	}
	if (config_child(&r->p->tree, r->node, "schedule"))
		pan_perhaps(r, "a schedule");
	const struct config_node *devices = CONFIG(&r->p->tree, r->node, "target", "devices");
	const struct config_node *tags = CONFIG(&r->p->tree, r->node, "target", "tags");
	if ((devices && devices->children.n) || (tags && tags->children.n))
		pan_perhaps(r, "a rule for some of the devices");
}

struct pan_ends {
	struct interface_names in, out;
};

static void add_rule(struct pan_rule *r, uint32_t chain, const struct reach *reach, struct pan_ends ends)
{
	struct pan *p = r->p;
	struct rule *rule = ruleset_rule(p->rules, chain, r->node->at);
	rule->match = reach_match(reach);
	rule->match.in = ends.in;
	rule->match.out = ends.out;
	rule->action = str_is(config_value(&p->tree, r->node, "action"), "allow") ? ACTION_PERMIT : ACTION_DENY;
	rule->perhaps = r->perhaps;
	rule->name = r->node->word;
	rule->comment = config_value(&p->tree, r->node, "description");
	rule->text = str_printf(p->keep, "rule %.*s", STR_ARG(r->node->word));
	ruleset_keep(p->rules, &rule->match);
}

static bool names_hold(struct interface_names names, struct str name)
{
	bool found = !names.n;
	for (size_t i = 0; i < names.n; i++)
		found |= str_eq(names.v[i], name);
	return found;
}

/* Removes names; names.n 0, which means any, becomes all but these.  False: none is left. */
static bool names_less(struct arena *a, struct interface_names *names, const struct str *less, size_t n)
{
	VEC(struct str) rest = { 0 };
	if (!names->n) {
		*names = (struct interface_names){ .v = less, .n = n, .negated = true };
		return true;
	}
	for (size_t i = 0; i < names->n; i++)
		if (!names_hold((struct interface_names){ .v = less, .n = n }, names->v[i]))
			*VEC_ADD(a, &rest) = names->v[i];
	*names = (struct interface_names){ .v = rest.v, .n = rest.n };
	return rest.n > 0;
}

/*
 * Intrazone traffic is considered only where the estate has several of its
 * zones behind one of the firewall's.
 */
static void add_rules(struct pan_rule *r, uint32_t chain, const struct reach *reach)
{
	struct pan *p = r->p;
	const struct read_options *o = p->options;
	struct str type = pan_value_of(p, r->node, "rule-type");
	bool inside = str_is(type, "intrazone"), between = str_is(type, "interzone");
	struct pan_ends ends = { pan_zones(p, config_child(&p->tree, r->node, "from")),
				 pan_zones(p, config_child(&p->tree, r->node, "to")) };
	if (type.n && !inside && !between && !str_is(type, "universal"))
		pan_perhaps(r, "a rule of a type that is not modelled");
	for (size_t i = 0; i < o->n_shared && (inside || between); i++) {
		struct interface_names one = { .v = &o->shared[i], .n = 1 };
		struct pan_ends some = { one, inside ? one : ends.out };
		if (names_hold(ends.in, o->shared[i]) && (inside || names_less(p->keep, &some.out, &o->shared[i], 1)))
			add_rule(r, chain, reach, some);
	}
	if (inside && !o->n_shared)
		ruleset_idle(p->rules, r->node->at, r->node->line, "traffic within a zone");
	if (inside || (between && o->n_shared && !names_less(p->keep, &ends.in, o->shared, o->n_shared)))
		return;
	add_rule(r, chain, reach, ends);
}

static void read_rule(struct pan *p, uint32_t chain, const struct config_node *node)
{
	struct pan_rule r = { .p = p, .node = node };
	struct str action = pan_value_of(p, node, "action");
	arena_reset(p->scratch);
	if (node->inactive || str_is(pan_value_of(p, node, "disabled"), "yes")) {
		ruleset_idle(p->rules, node->at, node->line, "disabled");
		return;
	}
	struct partial_set src = pan_side(&r, "source", "negate-source"),
			   dst = pan_side(&r, "destination", "negate-destination");
	struct named_services services = pan_services(&r);
	look_at_conditions(&r);
	if (!str_is(action, "allow") && !str_is(action, "deny") && !str_is(action, "drop") &&
	    !str_starts(action, "reset-"))
		pan_missing(&r, action, "action");
	if (r.bad)
		return;
	struct partial_reach reach = partial_reach(p->scratch, src, dst, &services, r.vague);
	if (!r.perhaps && reach_is_split(&reach))
		add_rules(&r, chain, &reach.sure);
	pan_perhaps(&r, reach.vague);
	add_rules(&r, chain, &reach.most);
}

static void read_rules(struct pan *p, uint32_t chain, const struct config_node *scope, const char *base)
{
	const struct config_node *list = CONFIG(&p->tree, scope, base, "security", "rules");
	for (size_t i = 0; list && i < list->children.n; i++)
		read_rule(p, chain, list->children.v[i]);
}

/* Rules of other rulebases that drop what security rules permit: DoS protection, and forwarding by policy. */
static void look_at_drops(struct pan *p, const struct config_node *scope, const char *base)
{
	static const struct {
		const char *list, *action, *why;
	} drops[] = {
		{ "dos", "deny", "a DoS protection rule that denies is not modelled" },
		{ "pbf", "discard", "policy-based forwarding that discards packets is not modelled" },
	};
	for (size_t i = 0; i < ARRAY_LEN(drops); i++) {
		const struct config_node *list = CONFIG(&p->tree, scope, base, drops[i].list, "rules");
		for (size_t j = 0; list && j < list->children.n; j++) {
			const struct config_node *n = list->children.v[j],
						 *action = config_child(&p->tree, n, "action");
			if (str_is(config_value(&p->tree, n, "disabled"), "yes"))
				continue;
			if (str_is(config_value(&p->tree, n, "action"), drops[i].action) ||
			    config_child(&p->tree, action, drops[i].action))
				ruleset_unknown(p->rules, n->at, n->line, "%s", drops[i].why);
		}
	}
}

/* The default rules, which may be overridden: interzone-default and intrazone-default. */
static const struct config_node *default_rule(struct pan *p, const char *name)
{
	static const char *const bases[] = { "rulebase", "post-rulebase" };
	for (size_t i = 0; i < p->n_scopes; i++)
		for (size_t j = 0; j < ARRAY_LEN(bases); j++) {
			const struct config_node *n =
				CONFIG(&p->tree, p->scopes[i], bases[j], "default-security-rules", "rules", name);
			if (n && config_child(&p->tree, n, "action"))
				return n;
		}
	return NULL;
}

static void put_defaults(struct pan *p, uint32_t chain)
{
	const struct config_node *inside = default_rule(p, "intrazone-default"),
				 *between = default_rule(p, "interzone-default");
	const struct read_options *o = p->options;
	struct chain *c = &p->rules->chains.v[chain];
	if (o->n_shared && (!inside || str_is(pan_value_of(p, inside, "action"), "allow")))
		for (size_t i = 0; i < o->n_shared; i++) {
			struct rule *rule = ruleset_rule(p->rules, chain, inside ? inside->at : c->at);
			rule->match.in = rule->match.out = (struct interface_names){ .v = &o->shared[i], .n = 1 };
			rule->action = ACTION_PERMIT;
			rule->implicit = !inside;
			rule->text = STR("intrazone-default: traffic within a zone is permitted");
		}
	else if (o->n_shared)
		for (size_t i = 0; i < o->n_shared; i++) {
			struct rule *rule = ruleset_rule(p->rules, chain, inside->at);
			rule->match.in = rule->match.out = (struct interface_names){ .v = &o->shared[i], .n = 1 };
			rule->action = ACTION_DENY;
			rule->text = STR("intrazone-default");
		}
	c->fallthrough = between && str_is(pan_value_of(p, between, "action"), "allow") ? ACTION_PERMIT : ACTION_DENY;
	if (between)
		c->policy_at = between->at;
}

static bool has_rules(struct pan *p, const struct config_node *n)
{
	return CONFIG(&p->tree, n, "rulebase", "security") || CONFIG(&p->tree, n, "pre-rulebase", "security") ||
	       CONFIG(&p->tree, n, "post-rulebase", "security");
}

/* The requested virtual system or device group, or the only one that has rules. */
static const struct config_node *choose_scope(struct pan *p, const struct config_node *root, size_t *n)
{
	static const char *const kinds[] = { "vsys", "device-group" };
	const struct config_node *found = !p->options->part.n && has_rules(p, root) ? root : NULL;
	*n = found != NULL;
	for (size_t j = 0; j < ARRAY_LEN(kinds); j++) {
		const struct config_node *list = config_child(&p->tree, root, kinds[j]);
		for (size_t i = 0; list && i < list->children.n; i++) {
			const struct config_node *one = list->children.v[i];
			if (p->options->part.n ? !str_eq(one->word, p->options->part) : !has_rules(p, one))
				continue;
			found = one;
			++*n;
		}
	}
	return found;
}

/* The word after parent-dg in Panorama's own section beside the configuration. */
static struct str parent_of(struct pan *p, const struct config_node *config, struct str group)
{
	const struct config_node *devices = CONFIG(&p->tree, config, "readonly", "devices");
	struct str parent = NO_STR;
	for (size_t i = 0; devices && i < devices->children.n && !parent.n; i++) {
		const struct config_node *list = config_child(&p->tree, devices->children.v[i], "device-group");
		parent = config_value(&p->tree, config_get(&p->tree, list, group), "parent-dg");
	}
	return parent;
}

/* A scope and its ancestors: in that order names are looked up and rules are placed. */
static void find_scopes(struct pan *p, const struct config_node *config, const struct config_node *root,
			const struct config_node *scope, const struct config_node *shared)
{
	const struct config_node *groups = config_child(&p->tree, root, "device-group");
	bool said = config_child(&p->tree, config, "readonly") != NULL;
	p->scopes[p->n_scopes++] = scope;
	if (scope->parent == groups && groups && groups->children.n > 1 && !said)
		ruleset_unknown(p->rules, scope->at, scope->line,
				"the file does not state which device groups are above this one; the XML that Panorama "
				"exports does");
	while (scope->parent == groups && groups && p->n_scopes + 2 < MOST_SCOPES) {
		struct str above = parent_of(p, config, scope->word);
		const struct config_node *parent = above.n ? config_get(&p->tree, groups, above) : NULL;
		if (above.n && !str_is(above, "shared") && !parent)
			ruleset_unknown(p->rules, scope->at, scope->line,
					"there is no device group \"%.*s\", the parent of this one", STR_ARG(above));
		if (!parent)
			break;
		p->scopes[p->n_scopes++] = scope = parent;
	}
	if (shared)
		p->scopes[p->n_scopes++] = shared;
}

/* The elements that enclose a reply of the API. */
static const struct config_node *unwrapped(struct pan *p)
{
	const struct config_node *root = p->tree.root, *result = CONFIG(&p->tree, root, "response", "result");
	root = result ? result : root;
	const struct config_node *config = config_child(&p->tree, root, "config");
	return config ? config : root;
}

/* Rules call interfaces by the name of their zone. */
static void read_members(struct pan *p, const struct config_node *scope)
{
	static const char *const kinds[] = { "layer3", "layer2", "virtual-wire", "tap" };
	const struct config_node *zones = config_child(&p->tree, scope, "zone");
	for (size_t i = 0; zones && i < zones->children.n; i++)
		for (size_t j = 0; j < ARRAY_LEN(kinds); j++) {
			const struct config_node *list = CONFIG(&p->tree, zones->children.v[i], "network", kinds[j]);
			for (size_t m = 0; list && m < list->children.n; m++)
				ruleset_member(p->rules, zones->children.v[i]->word, list->children.v[m]->word);
		}
}

/* Rules that Panorama pushed to a firewall are outside the firewall's own configuration. */
static void look_at_pushed(struct pan *p, const struct config_node *config)
{
	const struct config_node *pushed = config_child(&p->tree, config, "panorama");
	if (pushed && pushed->children.n)
		ruleset_unknown(p->rules, pushed->at, pushed->line,
				"rules that Panorama pushed are not read; export its configuration");
}

bool paloalto_parse(struct arena *a, const struct source *s, const struct read_options *o, struct ruleset **ret,
		    struct diag *d)
{
	CLEANUP(arena_freep) struct arena *scratch = arena_new();
	size_t errors = diag_errors(d), n;
	struct pan *p = ARENA_NEW(a, struct pan);
	*p = (struct pan){ .keep = a,
			   .scratch = scratch,
			   .source = s,
			   .options = o,
			   .diag = d,
			   .rules = ruleset_new(a, s, "paloalto"),
			   .tree = config_tree_new(a) };
	p->rules->replies = REPLIES_FREE;
	*ret = p->rules;
	if (str_find(str_first(s->text, 1 << 16), 0) != SIZE_MAX)
		return diag_error(d, (struct loc){ s, 1, 1, 0 }, "this is not text");
	if (!pan_build(p) || !config_is_whole(&p->tree, s, d))
		return false;
	const struct config_node *config = unwrapped(p), *root = config;
	const struct config_node *shared = config_child(&p->tree, config, "shared"),
				 *devices = config_child(&p->tree, config, "devices");
	if (devices && devices->children.n)
		root = devices->children.v[0];
	const struct config_node *scope = choose_scope(p, root, &n);
	if (!scope || n > 1) {
		ruleset_unknown(p->rules, (struct loc){ s, 0, 0, 0 }, NO_STR,
				scope ? "several virtual systems or device groups have rules; select one: --part NAME"
				      : "there are no security rules in the file");
		return diag_errors(d) == errors;
	}
	find_scopes(p, config, root, scope, shared);
	size_t own = p->n_scopes;
	if (scope != root)
		p->scopes[p->n_scopes++] = root;
	look_at_pushed(p, config);
	read_members(p, scope);
	uint32_t chain = ruleset_chain(p->rules, STR("security rules between zones"), scope->at);
	*VEC_ADD(a, &p->rules->bases) = chain;
	struct translator to = { .rules = p->rules };
	for (size_t i = own; i--;) {
		read_rules(p, chain, p->scopes[i], "pre-rulebase");
		pan_add_translations(p, &to, p->scopes[i], "pre-rulebase");
		look_at_drops(p, p->scopes[i], "pre-rulebase");
	}
	read_rules(p, chain, scope, "rulebase");
	pan_add_translations(p, &to, scope, "rulebase");
	look_at_drops(p, scope, "rulebase");
	for (size_t i = 0; i < own; i++) {
		read_rules(p, chain, p->scopes[i], "post-rulebase");
		pan_add_translations(p, &to, p->scopes[i], "post-rulebase");
		look_at_drops(p, p->scopes[i], "post-rulebase");
	}
	put_defaults(p, chain);
	translator_end(&to, &chain, 1);
	return diag_errors(d) == errors;
}
