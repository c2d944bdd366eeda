/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exports of PowerShell: Get-NetFirewallRule as JSON or CSV, with its filters
 * joined to their rules (one object a rule) or beside them (lists of objects that
 * share an InstanceID).
 */
#include "dialect/common/csv-table.h"
#include "dialect/common/json-rules.h"
#include "dialect/windows/windows.h"
#include "doc/json-tree.h"

typedef VEC(struct windows_rule *) rule_vec;

struct exported {
	struct windows *w;
	rule_vec rules;
	VEC(const struct node *) filters;
	struct strmap by_instance;
};

/* Lists are joined; {"value": [...], "Count": 2} is what PowerShell 5 makes of a list. */
static struct str value_text(struct arena *a, const struct node *n)
{
	if (!n || node_says_nothing(n))
		return NO_STR;
	if (n->kind == NODE_SCALAR)
		return n->text;
	if (n->kind == NODE_MAP)
		return value_text(a, node_either(n, "value", "Value"));
	CLEANUP(out_free) struct out o = out_memory(SIZE_MAX);
	for (size_t i = 0; i < n->n; i++) {
		struct str s = value_text(a, n->items[i]);
		out_printf(&o, "%s%.*s", o.n && s.n ? "," : "", STR_ARG(s));
	}
	return str_dup(a, out_view(&o));
}

static bool is_filter_key(struct str key)
{
	return str_ends(key, "Filter") || str_ends(key, "Filters");
}

static void take_members(struct exported *exported, struct windows_rule *r, const struct node *map)
{
	struct windows *w = exported->w;
	for (size_t i = 0; i < map->n; i++) {
		const struct pair *p = &map->pairs[i];
		if (is_filter_key(p->key->text) && p->value->kind == NODE_MAP) {
			take_members(exported, r, p->value);
			continue;
		}
		int f = windows_field_find(p->key->text);
		if (f >= 0)
			windows_field_add(w, r, (enum windows_field)f, value_text(w->arena, p->value));
		else if (!node_says_nothing(p->value))
			ruleset_unknown(w->rules, p->key->at, node_text(w->arena, map),
					"the meaning of \"%.*s\" is unknown", STR_ARG(str_first(p->key->text, 64)));
	}
}

/* The numbers of PowerShell's enumerations: actions are 0, 2 and 4, truth values 0, 1 and 2. */
static struct str setting_word(struct str name, struct str value)
{
	bool action = str_ends(name, "Action");
	if (str_is(value, action ? "0" : "2"))
		return STR("NotConfigured");
	if (!action)
		return value;
	return str_is(value, "2") ? STR("Allow") : str_is(value, "4") ? STR("Block") : value;
}

static void take_profile(struct windows *w, const struct node *map)
{
	struct str name = node_str(map, "Name");
	int p = windows_profile_find(name.n ? name : node_str(map, "Profile"));
	for (size_t i = 0; p >= 0 && i < map->n; i++) {
		struct str key = map->pairs[i].key->text,
			   value = setting_word(key, value_text(w->arena, map->pairs[i].value));
		windows_setting(&w->settings[p], key, value, map->pairs[i].key->at);
	}
	if (p < 0)
		ruleset_unknown(w->rules, map->at, node_text(w->arena, map),
				"these settings belong to no known profile");
}

static void collect(struct exported *exported, const struct node *n);

static void collect_map(struct exported *exported, const struct node *n)
{
	struct windows *w = exported->w;
	if (node_get(n, "Direction") && node_get(n, "Action")) {
		struct windows_rule *r = ARENA_NEW(w->arena, struct windows_rule);
		r->at = n->at;
		r->text = node_text(w->arena, n);
		take_members(exported, r, n);
		*VEC_ADD(w->arena, &exported->rules) = r;
		struct str id = r->fields[WF_INSTANCE].n ? r->fields[WF_INSTANCE] : r->fields[WF_NAME];
		if (id.n)
			strmap_add(&exported->by_instance, id, r);
		return;
	}
	if (node_get(n, "DefaultInboundAction")) {
		take_profile(w, n);
		return;
	}
	if (node_get(n, "InstanceID")) {
		*VEC_ADD(w->arena, &exported->filters) = n;
		return;
	}
	bool any = false;
	for (size_t i = 0; i < n->n; i++) {
		const struct node *value = n->pairs[i].value;
		w->whole_store |= value->kind == NODE_SCALAR && str_iis(value->text, "ActiveStore");
		if (value->kind != NODE_SCALAR) {
			collect(exported, value);
			any = true;
		}
	}
	if (!any)
		ruleset_unknown(w->rules, n->at, node_text(w->arena, n),
				"this is neither a rule, a filter nor a profile");
}

static void collect(struct exported *exported, const struct node *n)
{
	if (n->kind == NODE_LIST)
		for (size_t i = 0; i < n->n; i++)
			collect(exported, n->items[i]);
	else if (n->kind == NODE_MAP)
		collect_map(exported, n);
	else if (!node_says_nothing(n))
		ruleset_unknown(exported->w->rules, n->at, node_text(exported->w->arena, n),
				"this is neither a rule, a filter nor a profile");
}

bool windows_read_json(struct windows *w)
{
	const struct node *n = json_parse(w->arena, w->source, w->diag);
	struct exported exported = { .w = w, .by_instance = strmap_new(w->arena) };
	if (!n)
		return false;
	collect(&exported, n);
	for (size_t i = 0; i < exported.filters.n; i++) {
		struct windows_rule *r =
			strmap_get(&exported.by_instance, node_str(exported.filters.v[i], "InstanceID"));
		if (r)
			take_members(&exported, r, exported.filters.v[i]);
		else
			ruleset_unknown(w->rules, exported.filters.v[i]->at, node_text(w->arena, exported.filters.v[i]),
					"the rule of this filter is not in the export");
	}
	for (size_t i = 0; i < exported.rules.n; i++) {
		windows_check_seen(w, exported.rules.v[i]);
		windows_rule_take(w, exported.rules.v[i]);
	}
	return true;
}

bool windows_read_csv(struct windows *w)
{
	struct csv c = csv_of(w->arena, w->source);
	int fields[MOST_CSV_COLUMNS];
	bool told[MOST_CSV_COLUMNS] = { false };
	struct str titles[MOST_CSV_COLUMNS];
	size_t errors = diag_errors(w->diag), n;
	if (!csv_next(&c, w->diag))
		return false;
	n = c.n;
	uint32_t seen = 0;
	for (size_t i = 0; i < n; i++) {
		titles[i] = c.cells[i];
		fields[i] = windows_field_find(titles[i]);
		if (fields[i] >= 0)
			seen |= 1u << fields[i];
	}
	if (!(seen & 1u << WF_DIRECTION) || !(seen & 1u << WF_ACTION))
		return diag_error(w->diag, loc_line(w->source, 1),
				  "the columns Direction and Action are missing from this export");
	while (csv_next(&c, w->diag)) {
		struct windows_rule r = { .at = loc_line(w->source, c.row_line), .text = c.row, .seen = seen };
		for (size_t i = 0; i < c.n; i++) {
			if (i < n && fields[i] >= 0) {
				windows_field_add(w, &r, (enum windows_field)fields[i], c.cells[i]);
			} else if (c.cells[i].n && !(i < n && told[i])) {
				if (i < n)
					told[i] = true;
				ruleset_unknown(w->rules, r.at, c.row, "the meaning of column \"%.*s\" is unknown",
						STR_ARG(i < n ? titles[i] : STR("")));
			}
			w->whole_store |= str_iis(c.cells[i], "ActiveStore");
		}
		windows_check_seen(w, &r);
		windows_rule_take(w, &r);
	}
	return diag_errors(w->diag) == errors;
}

bool windows_is_tree(struct str text)
{
	struct str head = str_first(text, 16384);
	bool names = str_find_text(head, STR("DisplayName")) != SIZE_MAX ||
		     str_find_text(head, STR("LocalPort")) != SIZE_MAX ||
		     str_find_text(head, STR("InstanceID")) != SIZE_MAX;
	return names && str_find_text(head, STR("Direction")) != SIZE_MAX &&
	       str_find_text(head, STR("Action")) != SIZE_MAX;
}
