/* SPDX-License-Identifier: Apache-2.0 */
/* Access lists of Cisco IOS and ASA as chains, and the rules that jump to them. */
#include "dialect/cisco/cisco.h"

struct cisco_list *cisco_list_of(struct cisco *c, enum family f, struct str name, bool make)
{
	struct str key = str_printf(c->scratch, "%c %.*s", c->asa ? 'b' : f == IPV6 ? '6' : '4', STR_ARG(name));
	struct cisco_list *l = strmap_get(&c->lists, key);
	if (!l && make) {
		l = ARENA_NEW(c->keep, struct cisco_list);
		key = str_dup(c->keep, key);
		l->name = str_skip(key, 2);
		l->family = f;
		l->both = c->asa;
		l->at = lines_at(&c->lines);
		strmap_add(&c->lists, key, l);
		*VEC_ADD(c->keep, &c->all_lists) = l;
	}
	return l;
}

/* The entries of one sequence number. */
struct numbered {
	uint32_t sequence; /* the key */
	uint32_t last;     /* entry, plus one */
};

static void heap_add(struct cisco *c, struct cisco_list *l, uint32_t entry)
{
	size_t i = l->heap.n;
	*VEC_ADD(c->keep, &l->heap) = entry;
	for (; i && l->entries.v[l->heap.v[(i - 1) / 2]].sequence < l->entries.v[entry].sequence; i = (i - 1) / 2)
		l->heap.v[i] = l->heap.v[(i - 1) / 2];
	l->heap.v[i] = entry;
}

static void heap_pop(struct cisco_list *l)
{
	uint32_t entry = l->heap.v[--l->heap.n];
	size_t i = 0, child;
	for (; (child = 2 * i + 1) < l->heap.n; i = child) {
		if (child + 1 < l->heap.n &&
		    l->entries.v[l->heap.v[child + 1]].sequence > l->entries.v[l->heap.v[child]].sequence)
			child++;
		if (l->entries.v[l->heap.v[child]].sequence <= l->entries.v[entry].sequence)
			break;
		l->heap.v[i] = l->heap.v[child];
	}
	l->heap.v[i] = entry;
}

static void index_entry(struct cisco *c, struct cisco_list *l, uint32_t i)
{
	struct cisco_entry *e = &l->entries.v[i];
	struct numbered *n =
		strmap_get(&l->by_sequence, (struct str){ (const char *)&e->sequence, sizeof e->sequence });
	if (!n) {
		n = ARENA_NEW(c->keep, struct numbered);
		n->sequence = e->sequence;
		strmap_add(&l->by_sequence, (struct str){ (const char *)&n->sequence, sizeof n->sequence }, n);
	}
	e->previous = n->last;
	n->last = i + 1;
	heap_add(c, l, i);
}

void cisco_remove_entry(struct cisco *c, struct cisco_list *l, uint32_t sequence)
{
	if (!l->indexed) {
		l->indexed = true;
		l->by_sequence = strmap_new(c->keep);
		for (uint32_t i = 0; i < l->entries.n; i++)
			index_entry(c, l, i);
	}
	struct numbered *n = strmap_get(&l->by_sequence, (struct str){ (const char *)&sequence, sizeof sequence });
	if (!n)
		return;
	for (uint32_t i = n->last; i; i = l->entries.v[i - 1].previous)
		l->entries.v[i - 1].removed = true;
	n->last = 0;
	while (l->heap.n && l->entries.v[l->heap.v[0]].removed)
		heap_pop(l);
	/* an unnumbered entry follows the highest number that remains */
	l->last_sequence = l->heap.n ? l->entries.v[l->heap.v[0]].sequence : 0;
}

void cisco_clear_list(struct cisco_list *l)
{
	l->entries.n = l->heap.n = 0;
	l->last_sequence = 0;
	l->indexed = l->defined = false;
}

void cisco_add_entry(struct cisco *c, struct cisco_list *l, bool sequence_said, uint32_t sequence)
{
	uint32_t step = l->last_sequence > UINT32_MAX - 10 ? 0 : 10;
	if (!sequence_said)
		sequence = l->last_sequence + step;
	l->last_sequence = MAX(l->last_sequence, sequence);
	l->defined = true;
	*VEC_ADD(c->keep, &l->entries) = (struct cisco_entry){ .line = c->line,
							       .number = c->lines.number,
							       .sequence = sequence,
							       .order = (uint32_t)l->entries.n,
							       .said = sequence_said };
	if (l->indexed)
		index_entry(c, l, (uint32_t)l->entries.n - 1);
}

static int by_sequence(const void *one, const void *other)
{
	const struct cisco_entry *a = one, *b = other;
	int c = CMP(a->sequence, b->sequence);
	return c ? c : CMP(a->order, b->order);
}

struct rule *cisco_implicit(struct cisco *c, uint32_t chain, enum action action, const char *text)
{
	struct rule *rule = ruleset_rule(c->rules, chain, c->rules->chains.v[chain].at);
	rule->action = action;
	rule->implicit = true;
	rule->text = str_of(text);
	return rule;
}

/* Where the entry begins: after its number, or after "access-list NAME extended". */
static size_t entry_start(struct cisco *c, struct cisco_list *l)
{
	const words *w = &c->words;
	uint32_t n;
	size_t i = 0;
	if (str_is(w->v[0], "access-list")) {
		i = 2;
		if (i + 1 < w->n && str_is(w->v[i], "line"))
			i += 2;
		if (i < w->n && (str_is(w->v[i], "extended") || str_is(w->v[i], "standard"))) {
			l->standard = str_is(w->v[i], "standard");
			i++;
		}
	} else if (str_is(w->v[0], "ipv6") && w->n > 2) {
		i = 3;
	} else if (w->n > 1 && str_is(w->v[0], "sequence")) {
		i = 2;
	} else if (str_to_u32(w->v[0], UINT32_MAX, &n)) {
		i = 1;
	}
	return i;
}

enum line_kind cisco_line_kind(struct str line)
{
	struct str rest = line, w[4] = { NO_STR, NO_STR, NO_STR, NO_STR };
	uint32_t number;
	for (size_t i = 0; i < ARRAY_LEN(w) && str_word(&rest, &w[i]); i++)
		;
	bool numbered = str_to_u32(w[0], UINT32_MAX, &number), plain = str_is(w[0], "permit") || str_is(w[0], "deny");
	if (str_is(w[0], "no"))
		return str_to_u32(w[1], UINT32_MAX, &number) || str_is(w[1], "permit") || str_is(w[1], "deny") ||
				       str_is(w[1], "access-list") || str_is(w[1], "sequence")
			       ? LINE_DISTURBS
			       : LINE_CONTEXT;
	if (str_find_text(line, STR(" reflect ")) != SIZE_MAX)
		return LINE_CONTEXT;
	if (str_is(w[0], "access-list")) {
		if (str_is(w[2], "line"))
			return LINE_DISTURBS;
		plain = str_is(w[2], "permit") || str_is(w[2], "deny") ||
			(str_is(w[2], "extended") && (str_is(w[3], "permit") || str_is(w[3], "deny")));
	} else if (numbered) {
		return str_is(w[1], "permit") || str_is(w[1], "deny") ? LINE_NUMBERED : LINE_CONTEXT;
	}
	return plain ? LINE_RULE : LINE_CONTEXT;
}

/* Before its implicit deny, an IPv6 list permits neighbour discovery (nd-na, nd-ns); no routed packet matches that. */
static void permit_neighbours(struct cisco *c, uint32_t chain)
{
	struct draft_match m = draft_match_new(c->keep);
	draft_family(&m, IPV6);
	draft_icmp(&m, true, port_set(c->keep, 135, 136), all_port_set());
	m.never = true;
	draft_into(&m, cisco_implicit(c, chain, ACTION_PERMIT, "implicit: neighbour discovery"));
}

/* Reports a group that is not in this file; a listing of the list alone expands it. */
static bool lacks_groups(struct cisco *c)
{
	const words *w = &c->words;
	for (size_t i = 0; i + 1 < w->n; i++) {
		bool object = str_is(w->v[i], "object");
		if (!object && !str_is(w->v[i], "object-group"))
			continue;
		const struct cisco_group *g = cisco_group(c, object ? 'o' : 'g', w->v[i + 1], false);
		if (!g || !g->defined)
			return true;
	}
	return false;
}

/* The list as a chain, its entries in order; an implicit deny at its end when requested. */
static uint32_t make_list(struct cisco *c, struct cisco_list *l, bool implicit_deny)
{
	if (l->made)
		return l->chain;
	l->made = true;
	l->chain = ruleset_chain(c->rules, l->name, l->at);
	sort_items(l->entries.v, l->entries.n, sizeof *l->entries.v, by_sequence);
	const struct cisco_entry *before = NULL;
	bool in_parts = false;
	for (size_t i = 0; i < l->entries.n; i++) {
		const struct cisco_entry *e = &l->entries.v[i];
		if (e->removed || (e->part && !in_parts))
			continue;
		arena_reset(c->scratch);
		c->line = e->line;
		c->lines.number = e->number;
		/* some versions refuse the second entry, others replace the first by it */
		if (before && e->said && before->said && before->sequence == e->sequence)
			cisco_unknown(c, "another entry has the same number");
		before = e;
		c->sequence = e->said ? e->sequence : 0;
		cisco_split(c);
		if (!e->part)
			in_parts = i + 1 < l->entries.n && l->entries.v[i + 1].part && lacks_groups(c);
		if (in_parts && !e->part)
			continue;
		cisco_read_entry(c, l, entry_start(c, l));
	}
	if (implicit_deny && !l->both && l->family == IPV6)
		permit_neighbours(c, l->chain);
	if (implicit_deny)
		cisco_implicit(c, l->chain, ACTION_DENY, "implicit: what no entry permits is denied");
	return l->chain;
}

/*
 * A later statement for an interface and a direction replaces an earlier one.  They are found by
 * the interface: it has one of each direction and family at most.
 */
void cisco_add_binding(struct cisco *c, const struct cisco_binding *b)
{
	struct cisco_bound *first = strmap_get(&c->bound, b->interface);
	for (struct cisco_bound *i = first; i; i = i->next) {
		struct cisco_binding *have = &c->bindings.v[i->binding];
		if (have->out == b->out && (have->both || have->family == b->family)) {
			*have = *b;
			return;
		}
	}
	struct cisco_bound *bound = ARENA_NEW(c->keep, struct cisco_bound);
	bound->binding = c->bindings.n;
	*VEC_ADD(c->keep, &c->bindings) = *b;
	if (first) {
		bound->next = first->next;
		first->next = bound;
	} else {
		strmap_add(&c->bound, str_dup(c->keep, b->interface), bound);
	}
}

void cisco_bind(struct cisco *c, uint32_t base, const struct cisco_binding *b, bool implicit_deny)
{
	struct cisco_list *l = cisco_list_of(c, b->family, b->list, false);
	if (!l || !l->defined) {
		ruleset_unknown(c->rules, b->at, b->text, "there is no access list \"%.*s\" in this file",
				STR_ARG(b->list));
		return;
	}
	/* interfaces with one list are one rule: a zone that is behind them is filtered, by whichever its packets come */
	if (l->bound_as && l->bound_base == base && l->bound_as->both == b->both && l->bound_as->family == b->family &&
	    b->interface.n && l->bound.n) {
		struct rule *first = &c->rules->chains.v[base].rules.v[l->bound_rule];
		*VEC_ADD(c->keep, &l->bound) = b->interface;
		*(b->out ? &first->match.out : &first->match.in) =
			(struct interface_names){ .v = l->bound.v, .n = l->bound.n };
		return;
	}
	uint32_t target = make_list(c, l, implicit_deny);
	struct rule *rule = ruleset_rule(c->rules, base, b->at);
	struct draft_match m = draft_match_new(c->keep);
	if (!b->both)
		draft_family(&m, b->family);
	if (b->interface.n) {
		l->bound.n = 0;
		*VEC_ADD(c->keep, &l->bound) = b->interface;
		l->bound_as = b;
		l->bound_base = base;
		l->bound_rule = c->rules->chains.v[base].rules.n - 1;
		struct interface_names names = { .v = l->bound.v, .n = l->bound.n };
		if (b->out)
			draft_out(&m, names);
		else
			draft_in(&m, names);
	}
	draft_into(&m, rule);
	rule->action = implicit_deny ? ACTION_GOTO : ACTION_CALL;
	rule->target = target;
	rule->implicit = true;
	rule->text = b->text;
}

const char cisco_out_of_tunnel[] = "what comes out of a tunnel bypasses the lists";

void cisco_add_tunnel_rule(struct cisco *c, uint32_t base, const struct addrset *src, const struct addrset *dst,
			   struct loc at, struct str text)
{
	struct rule *rule = ruleset_rule(c->rules, base, at);
	rule->match.src = src;
	rule->match.dst = dst;
	rule->action = ACTION_PERMIT;
	rule->perhaps = cisco_out_of_tunnel;
	rule->implicit = true;
	rule->text = text;
	ruleset_keep(c->rules, &rule->match);
}

bool cisco_add_tunnel(struct cisco *c, uint32_t base, struct str list)
{
	struct cisco_list *l = cisco_list_of(c, IPV4, list, false);
	if (!l || !l->defined)
		return false;
	struct cisco_list own = *l;
	own.name = str_printf(c->keep, "%.*s (crypto map)", STR_ARG(l->name));
	own.made = false;
	uint32_t chain = make_list(c, &own, false);
	for (size_t i = 0; i < c->rules->chains.v[chain].rules.n; i++) {
		const struct rule rule = c->rules->chains.v[chain].rules.v[i];
		if (rule.action == ACTION_PERMIT && !rule.match.never)
			cisco_add_tunnel_rule(c, base, rule.match.dst, rule.match.src, rule.at, rule.text);
	}
	return true;
}

/* "edge-in, edge-out": the names that --part accepts. */
static struct str list_names(struct cisco *c)
{
	enum { A_FEW = 8 };
	CLEANUP(out_free) struct out o = out_memory(1 << 20);
	size_t n = 0;
	for (size_t i = 0; i < c->all_lists.n; i++)
		if (c->all_lists.v[i]->defined && n++ < A_FEW)
			out_printf(&o, "%s%.*s", n > 1 ? ", " : "", STR_ARG(c->all_lists.v[i]->name));
	if (n > A_FEW)
		out_printf(&o, " and %zu more", n - A_FEW);
	return str_dup(c->keep, out_view(&o));
}

bool cisco_bind_unbound(struct cisco *c)
{
	const struct cisco_list *only[2] = { NULL, NULL };
	size_t n[2] = { 0, 0 };
	if (c->has_interfaces && !c->options->part.n) {
		ruleset_unknown(
			c->rules, (struct loc){ c->source, 0, 0, 0 }, NO_STR,
			"no interface here has an access list; to read a list as if it were bound: --part NAME");
		return false;
	}
	for (size_t i = 0; i < c->all_lists.n; i++) {
		const struct cisco_list *l = c->all_lists.v[i];
		if (!l->defined || (c->options->part.n && !str_eq(l->name, c->options->part)))
			continue;
		only[l->family] = l;
		n[l->family]++;
	}
	if (n[IPV4] > 1 || n[IPV6] > 1) {
		ruleset_unknown(
			c->rules, (struct loc){ c->source, 0, 0, 0 }, NO_STR,
			"no access list is bound to an interface here; name the list that filters, --part NAME: %.*s",
			STR_ARG(list_names(c)));
		return false;
	}
	if (c->options->part.n && c->all_lists.n && !n[IPV4] && !n[IPV6])
		ruleset_unknown(c->rules, (struct loc){ c->source, 0, 0, 0 }, NO_STR,
				"there is no access list \"%.*s\" here; there %s %.*s", STR_ARG(c->options->part),
				c->all_lists.n == 1 ? "is" : "are", STR_ARG(list_names(c)));
	for (int f = IPV4; f <= IPV6; f++)
		if (n[f])
			*VEC_ADD(c->keep, &c->bindings) = (struct cisco_binding){
				.list = only[f]->name,
				.family = (enum family)f,
				.both = only[f]->both,
				.at = only[f]->at,
				.text = STR("the requested list, or the only one"),
			};
	return n[IPV4] || n[IPV6];
}

bool cisco_drops_all(const words *w)
{
	if (w->n == 1 && str_is(w->v[0], "drop"))
		return true;
	for (size_t i = 0; i + 1 < w->n; i++)
		if (str_is(w->v[i], "conform-action") && str_is(w->v[i + 1], "drop"))
			return true;
	return words_begin(w, "set interface %") && str_iis(w->v[w->n - 1], "Null0");
}
