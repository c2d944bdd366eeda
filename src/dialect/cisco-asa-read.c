/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading Cisco ASA: running configurations and listings of access lists.
 *
 * Traffic that enters an interface meets the list that is bound there, then the
 * global one; where there is none, the interfaces' security levels decide.
 * Addresses in lists are real ones (8.3 and later), so translation is no matter.
 */
#include "dialect/cisco-asa.h"

#include "dialect/cisco.h"

struct asa_interface {
	struct str name;
	uint32_t level;
	bool level_said, shut;
	struct loc at;
};

struct asa {
	struct cisco *c;
	VEC(struct asa_interface) interfaces;
	struct asa_interface current;
	bool in_interface, equal_levels;
	uint32_t version;	/* 802 is 8.2 */
};

static void end_interface(struct asa *s)
{
	if (s->in_interface && s->current.name.n && !s->current.shut)
		*VEC_ADD(s->c->keep, &s->interfaces) = s->current;
	s->in_interface = false;
}

static bool read_interface_line(struct asa *s)
{
	const words *w = &s->c->words;
	if (words_begin(w, "nameif %")) {
		s->current.name = str_dup(s->c->keep, w->v[1]);
		/* the one name that has a level by itself */
		if (!s->current.level_said)
			s->current.level = str_is(w->v[1], "inside") ? 100 : 0;
	} else if (words_begin(w, "security-level %")) {
		s->current.level_said = str_to_u32(w->v[1], 100, &s->current.level);
	} else if (words_begin(w, "shutdown")) {
		s->current.shut = true;
	} else {
		return false;
	}
	return true;
}

static enum cisco_kind kind_of(struct str word, bool *known)
{
	*known = true;
	if (str_is(word, "network"))
		return CISCO_NETWORK;
	if (str_is(word, "service"))
		return CISCO_SERVICE;
	if (str_is(word, "protocol"))
		return CISCO_PROTOCOL;
	if (str_is(word, "icmp-type"))
		return CISCO_ICMP;
	*known = false;
	return CISCO_NETWORK;
}

static bool read_group_header(struct cisco *c)
{
	const words *w = &c->words;
	bool known;
	if (!words_begin(w, "object-group % %") && !words_begin(w, "object network %") && !words_begin(w, "object service %"))
		return false;
	bool object = str_is(w->v[0], "object");
	enum cisco_kind kind = kind_of(w->v[1], &known);
	struct cisco_group *g = cisco_group(c, object ? 'o' : 'g', w->v[2], true);
	g->single = object;
	cisco_begin_group(c, g, kind);
	if (!known)
		g->perhaps = "a group of a kind that is not modelled";
	if (!object && kind == CISCO_SERVICE && w->n > 3) {
		g->typed.lo = str_is(w->v[3], "udp") ? PROTO_UDP : PROTO_TCP;
		g->typed.hi = str_is(w->v[3], "tcp") ? PROTO_TCP : PROTO_UDP;
	}
	return true;
}

/*
 * `line N` puts an entry before the one that is there.  A listing says N in order, and
 * so says nothing new; where it is not in order, the list is not in the order of the file.
 */
static void count_line(struct cisco *c, struct cisco_list *l, struct str number)
{
	uint32_t n;
	if (!number.n) {
		l->position++;
		l->position_said = false;
		return;
	}
	if (!str_to_u32(number, UINT32_MAX, &n) || n < l->position || (n == l->position && !l->position_said))
		ruleset_unknown(c->rules, lines_at(&c->lines), c->line,
				"an entry that is put between others; list the access list and read that");
	else
		l->position = n;
	l->position_said = true;
}

static void read_list_line(struct cisco *c)
{
	const words *w = &c->words;
	/* the parts into which a listing takes an entry are indented below it */
	if (line_indent(c->line) > 0 || w->n < 3 || words_begin(w, "access-list cached") || words_begin(w, "access-list alert-interval"))
		return;
	size_t i = 2;
	struct str number = NO_STR;
	if (str_is(w->v[i], "line") && w->n > i + 2) {
		number = w->v[i + 1];
		i += 2;
	}
	if (str_is(w->v[i], "remark"))
		count_line(c, cisco_list_of(c, IPV4, w->v[1], true), number);
	if (str_is(w->v[i], "remark") || str_is(w->v[i], "ethertype") || str_is(w->v[i], "webtype") || str_is(w->v[i], "rename"))
		return;
	/* "access-list A; 3 elements; name hash: 0x1" */
	if (w->v[1].n && w->v[1].p[w->v[1].n - 1] == ';')
		return;
	struct cisco_list *l = cisco_list_of(c, IPV4, w->v[1], true);
	if (!l->defined)
		l->at = lines_at(&c->lines);
	count_line(c, l, number);
	cisco_add_entry(c, l, false, 0);
}

static void read_binding(struct cisco *c)
{
	const words *w = &c->words;
	struct cisco_binding b = { .list = str_dup(c->keep, w->v[1]), .both = true, .at = lines_at(&c->lines), .text = c->line };
	if (words_begin(w, "access-group % global")) {
		*VEC_ADD(c->keep, &c->bindings) = b;
		return;
	}
	if (!words_begin(w, "access-group % in interface %") && !words_begin(w, "access-group % out interface %")) {
		cisco_unknown(c, "a list is bound in no direction");
		return;
	}
	if (w->n > 5 && str_is(w->v[5], "control-plane"))
		return;
	b.out = str_is(w->v[2], "out");
	b.interface = str_dup(c->keep, w->v[4]);
	if (w->n > 5 && str_is(w->v[5], "per-user-override"))
		cisco_unknown(c, "lists of users are not modelled");
	*VEC_ADD(c->keep, &c->bindings) = b;
}

static void look_at_others(struct asa *s)
{
	struct cisco *c = s->c;
	const words *w = &c->words;
	if (words_begin(w, "same-security-traffic permit inter-interface")) {
		s->equal_levels = true;
	} else if (words_begin(w, "name % %")) {
		struct str *address = ARENA_NEW(c->keep, struct str);
		*address = str_dup(c->keep, w->v[1]);
		strmap_add(&c->aliases, str_dup(c->keep, w->v[2]), address);
	} else if (words_begin(w, "inspect %")) {
		c->rules->helps_rpc |= str_is(w->v[1], "dcerpc");
		c->rules->helps_tftp |= str_is(w->v[1], "tftp");
		c->rules->helps_ftp |= str_is(w->v[1], "ftp");
	} else if (words_begin(w, "ASA Version %") || words_begin(w, "PIX Version %")) {
		struct str rest = w->v[2], part;
		uint32_t major = 0, minor = 0;
		if (str_cut(&rest, '.', &part) && str_to_u32(part, 99, &major))
			str_to_u32(str_first(rest, MIN(rest.n, (size_t)1)), 9, &minor);
		s->version = major * 100 + minor;
	} else if (words_begin(w, "static (%") && s->version && s->version < 803) {
		cisco_unknown(c, "before 8.3 lists name translated addresses, and translation is not modelled");
	}
}

static void read_line(struct asa *s)
{
	struct cisco *c = s->c;
	const words *w = &c->words;
	bool indented = line_indent(c->line) > 0;

	if (indented && s->in_interface && read_interface_line(s))
		return;
	if (indented && c->group) {
		if (!cisco_group_line(c))
			cisco_unknown(c, "this is no member of such a group");
		return;
	}
	if (words_begin(w, "clear configure access-list %")) {
		struct cisco_list *l = cisco_list_of(c, IPV4, w->v[3], false);
		if (l)
			cisco_clear_list(l);
		return;
	}
	if (words_begin(w, "access-list %")) {
		read_list_line(c);
		return;
	}
	if (!indented) {
		c->group = NULL;
		end_interface(s);
	}
	if (!indented && words_begin(w, "interface %")) {
		s->in_interface = true;
		s->current = (struct asa_interface){ .at = lines_at(&c->lines) };
	} else if (words_begin(w, "access-group % %")) {
		read_binding(c);
	} else if (!read_group_header(c)) {
		look_at_others(s);
	}
}

static struct interface_names one_name(struct arena *a, struct str name)
{
	struct str *v = ARENA_NEW(a, struct str);
	*v = name;
	return (struct interface_names){ v, 1, false };
}

/* Where an interface has no list, levels decide: from the higher to the lower. */
static void add_levels(struct asa *s, uint32_t base, const struct asa_interface *from)
{
	struct cisco *c = s->c;
	for (size_t i = 0; i < s->interfaces.n; i++) {
		const struct asa_interface *to = &s->interfaces.v[i];
		if (str_eq(to->name, from->name))
			continue;
		bool permits = from->level > to->level || (from->level == to->level && s->equal_levels);
		struct rule *rule = cisco_implicit(c, base, permits ? ACTION_PERMIT : ACTION_DENY, "");
		rule->at = from->at;
		rule->text = str_printf(c->keep, "implicit: from %.*s (level %u) to %.*s (level %u)", STR_ARG(from->name), from->level,
					STR_ARG(to->name), to->level);
		rule->match.in = one_name(c->keep, from->name);
		rule->match.out = one_name(c->keep, to->name);
	}
}

static bool has_list(const struct cisco *c, struct str interface)
{
	for (size_t i = 0; i < c->bindings.n; i++)
		if (!c->bindings.v[i].out && str_eq(c->bindings.v[i].interface, interface))
			return true;
	return false;
}

static void make_inbound(struct asa *s)
{
	struct cisco *c = s->c;
	const struct cisco_binding *global = NULL;
	uint32_t base = ruleset_chain(c->rules, STR("in"), (struct loc){ c->source, 0, 0, 0 });
	*VEC_ADD(c->keep, &c->rules->bases) = base;
	for (size_t i = 0; i < c->bindings.n; i++)
		if (!c->bindings.v[i].out && !c->bindings.v[i].interface.n)
			global = &c->bindings.v[i];
	/* with a global list, what falls off an interface's list meets that before it is denied */
	for (size_t i = 0; i < c->bindings.n; i++)
		if (!c->bindings.v[i].out && c->bindings.v[i].interface.n)
			cisco_bind(c, base, &c->bindings.v[i], !global);
	if (global) {
		cisco_bind(c, base, global, true);
		return;
	}
	for (size_t i = 0; i < s->interfaces.n; i++)
		if (!has_list(c, s->interfaces.v[i].name))
			add_levels(s, base, &s->interfaces.v[i]);
	if (s->interfaces.n) {
		cisco_implicit(c, base, ACTION_DENY, "implicit: by no interface that is here");
		return;
	}
	struct rule *rule = cisco_implicit(c, base, ACTION_PERMIT, "implicit: an interface without a list");
	rule->perhaps = "the interface has no list here, and its security level is not in this file";
	cisco_implicit(c, base, ACTION_DENY, "implicit: an interface without a list");
}

static void make_outbound(struct cisco *c)
{
	uint32_t base = UINT32_MAX;
	for (size_t i = 0; i < c->bindings.n; i++) {
		if (!c->bindings.v[i].out)
			continue;
		if (base == UINT32_MAX) {
			base = ruleset_chain(c->rules, STR("out"), (struct loc){ c->source, 0, 0, 0 });
			*VEC_ADD(c->keep, &c->rules->bases) = base;
		}
		cisco_bind(c, base, &c->bindings.v[i], true);
	}
	if (base != UINT32_MAX)
		c->rules->chains.v[base].fallthrough = ACTION_PERMIT;
}

static void read_file(struct asa *s)
{
	struct cisco *c = s->c;
	c->lines = lines_of(c->source);
	while (lines_next(&c->lines, &c->line)) {
		c->rules->n_lines++;
		struct str t = str_trim(c->line);
		if (!t.n || t.p[0] == '!' || c->line.n > LONGEST_RULE_LINE) {
			if (t.n && line_indent(c->line) == 0)
				c->group = NULL;
			continue;
		}
		arena_reset(c->scratch);
		cisco_split(c);
		read_line(s);
	}
	end_interface(s);
}

bool cisco_asa_parse(struct arena *a, const struct source *s, const struct read_options *o, struct ruleset **ret,
		     struct diag *d)
{
	CLEANUP(arena_freep) struct arena *scratch = arena_new();
	size_t errors = diag_errors(d);
	struct cisco *c = ARENA_NEW(a, struct cisco);
	*c = (struct cisco){ .keep = a, .scratch = scratch, .source = s, .options = o, .diag = d, .asa = true,
			     .rules = ruleset_new(a, s, "cisco-asa"), .groups = strmap_new(a), .aliases = strmap_new(a),
			     .lists = strmap_new(a) };
	struct asa *x = ARENA_NEW(a, struct asa);
	x->c = c;
	c->rules->replies = REPLIES_FREE;
	*ret = c->rules;
	if (str_find(str_first(s->text, 1 << 16), 0) != SIZE_MAX)
		return diag_error(d, (struct loc){ s, 1, 1, 0 }, "this is not text");
	read_file(x);
	if (o->part.n)
		c->bindings.n = 0;
	if (!c->bindings.n && (o->part.n || !x->interfaces.n) && diag_errors(d) == errors) {
		if (!cisco_bind_unbound(c) && !c->rules->unknown.n)
			ruleset_unknown(c->rules, (struct loc){ s, 0, 0, 0 }, NO_STR, "there is no access list here");
	}
	if (c->bindings.n || x->interfaces.n)
		make_inbound(x);
	make_outbound(c);
	return diag_errors(d) == errors;
}
