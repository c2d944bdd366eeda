/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading Cisco IOS and IOS-XE: running configurations, and listings of access
 * lists.  Statements about other subjects are skipped; what filters in ways
 * that are not modelled (zone policies, inspection, NAT) is an unknown line.
 */
#include "dialect/cisco/cisco.h"

static void begin_list(struct cisco *c, enum family f, struct str name, bool standard)
{
	c->list = cisco_list_of(c, f, name, true);
	c->list->standard = standard;
	c->list->at = lines_at(&c->lines);
}

/* Lists 1-99 and 1300-1999 match sources only. */
static bool is_standard_number(struct str name)
{
	uint32_t n;
	return str_to_u32(name, UINT32_MAX, &n) && ((n >= 1 && n <= 99) || (n >= 1300 && n <= 1999));
}

static bool is_list_number(struct str name)
{
	uint32_t n;
	return is_standard_number(name) ||
	       (str_to_u32(name, UINT32_MAX, &n) && ((n >= 100 && n <= 199) || (n >= 2000 && n <= 2699)));
}

static bool read_group_header(struct cisco *c)
{
	const words *w = &c->words;
	if (!words_begin(w, "object-group % %"))
		return false;
	struct str kind = w->v[1], name = w->v[w->n - 1];
	if (str_is(kind, "ip") && w->n > 3) {
		name = w->v[3]; /* object-group ip address NAME */
		kind = str_is(w->v[2], "address") ? STR("network") : STR("port");
	} else {
		name = w->v[2];
	}
	if (str_is(kind, "network") || str_is(kind, "v6-network")) {
		cisco_begin_group(c, cisco_group(c, 'g', name, true), CISCO_NETWORK);
		c->group->wildcard = str_is(w->v[1], "ip");
	} else if (str_is(kind, "service") || str_is(kind, "v6-service") || str_is(kind, "port")) {
		cisco_begin_group(c, cisco_group(c, 'g', name, true), CISCO_SERVICE);
		if (str_is(kind, "port"))
			c->group->typed = (struct port_range){ PROTO_TCP, PROTO_UDP };
	} else if (str_is(kind, "protocol")) {
		cisco_begin_group(c, cisco_group(c, 'g', name, true), CISCO_PROTOCOL);
	} else {
		cisco_begin_group(c, cisco_group(c, 'g', name, true), CISCO_NETWORK);
		c->group->perhaps = "a group of a kind that is not modelled";
		c->group->strange = true;
	}
	return true;
}

static bool read_list_header(struct cisco *c)
{
	const words *w = &c->words;
	if (words_begin(w, "ip access-list extended %") || words_begin(w, "ip access-list standard %"))
		begin_list(c, IPV4, w->v[3], str_is(w->v[2], "standard"));
	else if (words_begin(w, "Extended IP access list %") || words_begin(w, "Standard IP access list %"))
		begin_list(c, IPV4, w->v[4], str_is(w->v[0], "Standard"));
	else if (words_begin(w, "IPv6 access list %") || words_begin(w, "IPV6 access list %"))
		begin_list(c, IPV6, w->v[3], false);
	else if (words_begin(w, "IP access list %"))
		begin_list(c, IPV4, w->v[3], false);
	else if (words_begin(w, "ip access-list %") && w->n == 3)
		begin_list(c, IPV4, w->v[2], false);
	else if (words_begin(w, "ipv6 access-list %") && w->n == 3)
		begin_list(c, IPV6, w->v[2], false);
	else if (words_begin(w, "ipv6 access-list % permit") || words_begin(w, "ipv6 access-list % deny"))
		cisco_add_entry(c, cisco_list_of(c, IPV6, w->v[2], true), false, 0);
	else if (words_begin(w, "access-list %") && w->n > 2 && is_list_number(w->v[1])) {
		struct cisco_list *l = cisco_list_of(c, IPV4, w->v[1], true);
		l->standard = is_standard_number(w->v[1]);
		if (!str_is(w->v[2], "remark"))
			cisco_add_entry(c, l, false, 0);
		c->at_entry = !str_is(w->v[2], "remark");
	} else if (words_begin(w, "access-list %") && is_list_number(w->v[1])) {
		cisco_unknown(c, "an entry ends after the number of its list");
	} else if (words_begin(w, "no access-list") && w->n > 3) {
		cisco_unknown(c, "this removes an entry or the whole list, depending on the version; list the access "
				 "list and read that");
	} else if (words_begin(w, "ip access-list resequence") || words_begin(w, "ipv6 access-list resequence")) {
		cisco_unknown(c, "this renumbers the entries; list the access list and read that");
	} else if (words_begin(w, "no ip access-list") || words_begin(w, "no ipv6 access-list") ||
		   words_begin(w, "no access-list")) {
		struct cisco_list *l = cisco_list_of(c, str_is(w->v[1], "ipv6") ? IPV6 : IPV4, w->v[w->n - 1], false);
		if (l)
			cisco_clear_list(l);
	} else {
		return false;
	}
	return true;
}

/* crypto map M 10 ipsec-isakmp, with match address LIST below it; and crypto map M on an interface. */
static bool read_tunnel(struct cisco *c)
{
	const words *w = &c->words;
	bool in_block = line_indent(c->line) > 0;
	struct cisco_tunnel t = { .at = lines_at(&c->lines), .text = c->line };
	if (!in_block && words_begin(w, "crypto map % % ipsec-isakmp")) {
		c->map = t.map = str_dup(c->keep, w->v[2]);
		/* clients with any address */
		if (w->n > 5 && str_is(w->v[5], "dynamic"))
			*VEC_ADD(c->keep, &c->tunnels) = t;
	} else if (in_block && c->map.n && words_begin(w, "match address %")) {
		t.map = c->map;
		t.list = str_dup(c->keep, w->v[2]);
		*VEC_ADD(c->keep, &c->tunnels) = t;
	} else if (in_block && c->interface.n && words_begin(w, "crypto map %")) {
		t.map = str_dup(c->keep, w->v[2]);
		*VEC_ADD(c->keep, &c->tunnel_interfaces) = t;
	} else {
		return false;
	}
	return true;
}

/* What filters or changes packets in ways that are not modelled. */
static void look_at_others(struct cisco *c)
{
	static const char inspects[] = "inspection and zone policies are not modelled";
	static const char translates[] = "address translation is not modelled";
	static const char binds[] = "a list that is bound in this way is not modelled";
	static const char asks[] = "connections that wait for a login are not modelled";
	static const struct {
		const char *pattern, *why;
		bool in_block;
	} odd[] = {
		{ "zone-pair security", inspects, false },
		{ "zone-member security", inspects, true },
		{ "ip inspect % in", inspects, true },
		{ "ip inspect % out", inspects, true },
		{ "ip ips % in", inspects, true },
		{ "ip ips % out", inspects, true },
		{ "utd enable", inspects, true },
		{ "cts role-based enforcement", "filters by security group tags are not modelled", false },
		{ "cts role-based enforcement", "filters by security group tags are not modelled", true },
		{ "ip nat outside source list", translates, false },
		{ "ip nat outside source route-map", translates, false },
		{ "ip nat source", translates, false },
		{ "vlan filter", binds, false },
		{ "ip port access-group", binds, true },
		{ "ipv6 port traffic-filter", binds, true },
		{ "ipv4 access-group", "IOS XR access lists are not read", true },
		{ "ipv6 access-group", "IOS XR access lists are not read", true },
		{ "ipv4 access-list", "IOS XR access lists are not read", false },
		{ "mac access-group %", binds, true },
		{ "no ip access-group", binds, true },
		{ "no ipv6 traffic-filter", binds, true },
		{ "ip admission %", asks, true },
		{ "ip auth-proxy %", asks, true },
		{ "no object-group", "this removes a group or its members", false },
	};
	const words *w = &c->words;
	bool in_block = line_indent(c->line) > 0;
	if (read_tunnel(c) || cisco_ios_nat(c))
		return;
	for (size_t i = 0; i < ARRAY_LEN(odd); i++)
		if (odd[i].in_block == in_block && words_begin(w, odd[i].pattern)) {
			cisco_unknown(c, odd[i].why);
			return;
		}
	if (in_block && cisco_drops_all(w))
		cisco_unknown(c, "a policy that drops packets is not modelled");
}

static void read_binding(struct cisco *c)
{
	const words *w = &c->words;
	bool v6 = words_begin(w, "ipv6 traffic-filter %");
	struct str direction = w->n > 3 ? w->v[3] : NO_STR;
	if (!str_is(direction, "in") && !str_is(direction, "out")) {
		cisco_unknown(c, "the list is bound in no direction");
		return;
	}
	if (!c->interface.n) {
		cisco_unknown(c, "the list is bound to no interface");
		return;
	}
	cisco_add_binding(c, &(struct cisco_binding){
				     .list = str_dup(c->keep, w->v[2]),
				     .interface = c->interface,
				     .out = str_is(direction, "out"),
				     .family = v6 ? IPV6 : IPV4,
				     .at = lines_at(&c->lines),
				     .text = c->line,
			     });
}

/* A line inside the block of an access list; false when it is not one. */
static bool read_list_line(struct cisco *c)
{
	const words *w = &c->words;
	uint32_t n;
	size_t i = 0;
	bool said = false;
	if (str_is(w->v[0], "no") && (w->n == 2 || (w->n == 3 && str_is(w->v[1], "sequence"))) &&
	    str_to_u32(w->v[w->n - 1], UINT32_MAX, &n)) {
		cisco_remove_entry(c, c->list, n);
		return true;
	}
	if (str_is(w->v[0], "sequence") && w->n > 2)
		i = 1;
	if (i < w->n && str_to_u32(w->v[i], UINT32_MAX, &n)) {
		said = true;
		i++;
	}
	if (i >= w->n)
		return false;
	struct str what = w->v[i];
	if (str_is(what, "remark") || str_is(what, "statistics") || str_is(what, "fragments") || str_is(what, "exit")) {
		return true;
	}
	if (!str_is(what, "permit") && !str_is(what, "deny") && !str_is(what, "evaluate") && !said)
		return false;
	/* IOS-XE writes the sequence number of an IPv6 entry at its end */
	if (!said && w->n > 2 && str_is(w->v[w->n - 2], "sequence"))
		said = str_to_u32(w->v[w->n - 1], UINT32_MAX, &n);
	cisco_add_entry(c, c->list, said, n);
	return true;
}

/*
 * banner login ^C ... ^C: the word after the kind begins with the delimiter that ends the
 * text.  macro name M ... @.
 */
static void begin_text(struct cisco *c)
{
	const words *w = &c->words;
	struct str line = str_trim(c->line), rest;
	if (words_begin(w, "macro name %"))
		c->until = STR("@");
	if (!words_begin(w, "banner % %"))
		return;
	struct str end = str_first(w->v[2], w->v[2].p[0] == '^' && w->v[2].n > 1 ? 2 : 1);
	size_t at = str_find_text(line, end);
	rest = at == SIZE_MAX ? NO_STR : str_skip(line, at + end.n);
	if (str_find_text(rest, end) == SIZE_MAX)
		c->until = str_dup(c->keep, end);
}

/* "permit ...", "10 deny ...": outside of a list, as in a file that was put together. */
static bool is_lost_entry(const words *w)
{
	uint32_t number;
	size_t at = w->n > 1 && str_to_u32(w->v[0], UINT32_MAX, &number) ? 1 : 0;
	return w->n && str_is_one_of(w->v[at], "permit deny");
}

static void read_line(struct cisco *c)
{
	const words *w = &c->words;
	bool indented = line_indent(c->line) > 0, at_entry = c->at_entry;
	c->at_entry = false;
	if (c->list && read_list_line(c)) {
		c->at_entry = true;
		return;
	}
	if (c->group && (indented || cisco_is_member(c))) {
		if (!cisco_group_line(c))
			cisco_unknown(c, "this is not a member of such a group");
		return;
	}
	c->at_entry = at_entry;
	if (cisco_is_broken(c))
		return;
	c->at_entry = false;
	if (!indented) {
		c->group = NULL;
		c->list = NULL;
		c->interface = c->map = NO_STR;
	}
	if (words_begin(w, "interface %")) {
		struct str name = str_skip(str_trim(c->line), strlen("interface"));
		c->interface = str_dup(c->keep, str_trim(name));
		c->has_interfaces = true;
	} else if (c->interface.n && indented && w->n == 1 && str_is(w->v[0], "shutdown")) {
		*VEC_ADD(c->keep, &c->shut) = c->interface;
	} else if (words_begin(w, "ip access-group %") || words_begin(w, "ipv6 traffic-filter %")) {
		read_binding(c);
	} else if (indented && c->list) {
		cisco_unknown(c, "this is not an entry of an access list");
	} else if (!indented && is_lost_entry(w)) {
		cisco_unknown(c, "an entry outside of an access list");
	} else if (!(!indented && cisco_removes_group(c)) && !read_group_header(c) && !read_list_header(c)) {
		look_at_others(c);
	}
}

/* A family without a list passes everywhere; lists do not state whether it is routed at all. */
static void finish_base(struct cisco *c, uint32_t base, bool bound[2])
{
	for (int f = IPV4; f <= IPV6; f++) {
		if (bound[f])
			continue;
		struct rule *rule = cisco_implicit(c, base, ACTION_PERMIT,
						   f == IPV6 ? "implicit: this file has no IPv6 list"
							     : "implicit: this file has no IPv4 list");
		struct draft_match m = draft_match_new(c->keep);
		draft_family(&m, (enum family)f);
		draft_perhaps(&m, f == IPV6 ? "no IPv6 list is bound, and whether IPv6 is routed is unknown"
					    : "no IPv4 list is bound, and whether IPv4 is routed is unknown");
		draft_into(&m, rule);
		rule = cisco_implicit(c, base, ACTION_DENY, "implicit: not routed");
		draft_into(
			&(struct draft_match){
				.arena = c->keep, .src = m.src, .dst = m.dst, .src_said = true, .dst_said = true },
			rule);
	}
	c->rules->chains.v[base].fallthrough = ACTION_PERMIT;
}

static bool is_shut(const struct cisco *c, struct str interface)
{
	for (size_t i = 0; i < c->shut.n; i++)
		if (interface.n && str_eq(c->shut.v[i], interface))
			return true;
	return false;
}

/* Nothing passes an interface that is shut down, whatever its list permits. */
static void bind_shut(struct cisco *c, uint32_t base, const struct cisco_binding *b)
{
	for (int out = 0; out < 2 && is_shut(c, b->interface); out++) {
		struct rule *rule = cisco_implicit(c, base, ACTION_DENY, "implicit: the interface is shut down");
		struct str *name = ARENA_NEW(c->keep, struct str);
		*name = b->interface;
		*(out ? &rule->match.out : &rule->match.in) = (struct interface_names){ .v = name, .n = 1 };
		rule->at = b->at;
	}
}

/* The peers whose packets a crypto map decrypts, when its lists state them. */
static void add_tunnels(struct cisco *c, uint32_t base, bool first)
{
	for (size_t i = 0; i < c->tunnel_interfaces.n; i++) {
		const struct cisco_tunnel *tunnel = &c->tunnel_interfaces.v[i];
		bool known = false, all = true;
		for (size_t j = 0; j < c->tunnels.n; j++) {
			const struct cisco_tunnel *t = &c->tunnels.v[j];
			if (!str_eq(t->map, tunnel->map))
				continue;
			known = true;
			all &= t->list.n && cisco_add_tunnel(c, base, t->list);
		}
		if (!(known && all) && first)
			ruleset_unknown(c->rules, tunnel->at, tunnel->text, "%s", cisco_out_of_tunnel);
	}
}

static void make_bases(struct cisco *c)
{
	bool bound[2] = { false, false };
	size_t n = 0;
	for (size_t i = 0; i < c->bindings.n; i++)
		bound[c->bindings.v[i].family] = true;
	for (int out = 0; out < 2; out++) {
		uint32_t base = UINT32_MAX;
		for (size_t i = 0; i < c->bindings.n; i++) {
			const struct cisco_binding *b = &c->bindings.v[i];
			if (b->out != out)
				continue;
			if (base == UINT32_MAX) {
				base = ruleset_chain(c->rules, out ? STR("out") : STR("in"),
						     (struct loc){ c->source, 0, 0, 0 });
				*VEC_ADD(c->keep, &c->rules->bases) = base;
				for (size_t j = 0; j < c->bindings.n && !n; j++)
					bind_shut(c, base, &c->bindings.v[j]);
				if (!c->options->part.n)
					add_tunnels(c, base, !n);
			}
			if (!is_shut(c, b->interface))
				cisco_bind(c, base, b, true);
		}
		if (base != UINT32_MAX)
			finish_base(c, base, n++ ? (bool[]){ true, true } : bound);
	}
}

bool cisco_ios_parse(struct arena *a, const struct source *s, const struct read_options *o, struct ruleset **ret,
		     struct diag *d)
{
	CLEANUP(arena_freep) struct arena *scratch = arena_new();
	size_t errors = diag_errors(d);
	struct cisco *c = ARENA_NEW(a, struct cisco);
	*c = (struct cisco){ .keep = a,
			     .scratch = scratch,
			     .source = s,
			     .options = o,
			     .diag = d,
			     .rules = ruleset_new(a, s, "cisco-ios"),
			     .groups = strmap_new(a),
			     .aliases = strmap_new(a),
			     .lists = strmap_new(a),
			     .bound = strmap_new(a),
			     .own = strmap_new(a) };
	c->rules->replies = REPLIES_BY_FLAG;
	*ret = c->rules;
	if (str_find(str_first(s->text, 1 << 16), 0) != SIZE_MAX)
		return diag_error(d, (struct loc){ s, 1, 1, 0 }, "this is not text");
	c->lines = lines_of(s);
	while (lines_next(&c->lines, &c->line)) {
		c->rules->n_lines++;
		struct str t = str_trim(c->line);
		if (c->until.n) {
			if (str_find_text(c->line, c->until) != SIZE_MAX)
				c->until = NO_STR;
			continue;
		}
		if (t.n && t.p[0] == '!')
			c->group = NULL;
		if (!t.n || t.p[0] == '!' || cisco_is_too_long(c)) {
			c->at_entry = false;
			continue;
		}
		arena_reset(scratch);
		cisco_split(c);
		begin_text(c);
		read_line(c);
	}
	if ((o->part.n || !c->bindings.n) && diag_errors(d) == errors) {
		c->bindings.n = 0;
		if (!cisco_bind_unbound(c) && !c->rules->unknown.n)
			ruleset_unknown(c->rules, (struct loc){ s, 0, 0, 0 }, NO_STR,
					"there is no access list in the file");
	}
	if (c->until.n)
		ruleset_unknown(c->rules, (struct loc){ s, 0, 0, 0 }, NO_STR,
				"a text does not end; the file may be truncated");
	make_bases(c);
	cisco_ios_translate(c);
	return diag_errors(d) == errors;
}
