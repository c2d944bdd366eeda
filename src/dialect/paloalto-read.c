/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading PAN-OS: set commands, and the XML of an exported configuration, of
 * which both become the same tree of words (an XML entry is its name, a member
 * its text).
 */
#include "dialect/paloalto.h"

#include <expat.h>

#include "dialect/junos.h"
#include "dialect/match.h"
#include "dialect/names.h"

typedef VEC(struct addr_range) range_list;
typedef VEC(struct service_term) term_list;

struct pan {
	struct junos j;		/* the tree, which Junos' set lines share */
	const struct outline_node *scopes[3];	/* where names are looked up, the nearest first */
	size_t n_scopes;
};

/* XML */

struct xml {
	struct pan *p;
	XML_Parser parser;
	struct outline_node *at;
	unsigned depth;
	struct out text;
	bool leaf, refused;
};

static struct loc xml_place(struct xml *x)
{
	return loc_line(x->p->j.source, (uint32_t)XML_GetCurrentLineNumber(x->parser));
}

static void on_start(void *ctx, const XML_Char *name, const XML_Char **attributes)
{
	struct xml *x = ctx;
	const char *word = name;
	if (++x->depth > MOST_OUTLINE_DEPTH || x->refused) {
		x->refused = true;
		return;
	}
	if (strcmp(name, "entry") == 0)
		for (size_t i = 0; attributes[i]; i += 2)
			if (strcmp(attributes[i], "name") == 0)
				word = attributes[i + 1];
	x->text.n = 0;
	x->leaf = true;
	/* a member is known by its text, at its end */
	if (strcmp(name, "member") != 0)
		x->at = outline_add(&x->p->j.outline, x->at, str_of(word), xml_place(x),
				    str_of(arena_strdup(x->p->j.keep, word)));
}

static void on_end(void *ctx, const XML_Char *name)
{
	struct xml *x = ctx;
	bool member = strcmp(name, "member") == 0;
	struct str text = str_trim(out_view(&x->text));
	x->depth--;
	if (x->refused)
		return;
	if (x->leaf && text.n)
		outline_add(&x->p->j.outline, x->at, text, xml_place(x), x->at->line);
	x->leaf = false;
	x->text.n = 0;
	if (!member && x->at->parent)
		x->at = x->at->parent;
}

static void on_text(void *ctx, const XML_Char *s, int n)
{
	struct xml *x = ctx;
	if (x->text.n + (size_t)n < LONGEST_RULE_LINE)
		out_bytes(&x->text, s, (size_t)n);
}

static void on_doctype(void *ctx, const XML_Char *name, const XML_Char *system, const XML_Char *public, int internal)
{
	struct xml *x = ctx;
	x->refused = true;
	XML_StopParser(x->parser, XML_FALSE);
}

static bool build_xml(struct pan *p)
{
	struct str text = p->j.source->text;
	struct xml x = { .p = p, .at = p->j.root, .text = out_memory(2 * LONGEST_RULE_LINE) };
	x.parser = XML_ParserCreate(NULL);
	if (!x.parser)
		out_of_memory(text.n);
	XML_SetUserData(x.parser, &x);
	XML_SetElementHandler(x.parser, on_start, on_end);
	XML_SetCharacterDataHandler(x.parser, on_text);
	XML_SetStartDoctypeDeclHandler(x.parser, on_doctype);
	bool ok = text.n <= MOST_RULES_BYTES && XML_Parse(x.parser, text.p, (int)text.n, 1) == XML_STATUS_OK && !x.refused;
	if (!ok)
		diag_error(p->j.diag, xml_place(&x), "%s",
			   x.refused ? "a document type, or elements too deep, which no configuration has" :
				       XML_ErrorString(XML_GetErrorCode(x.parser)));
	XML_ParserFree(x.parser);
	out_free(&x.text);
	return ok;
}

/* Set lines: one may say several attributes of a rule or a service. */

static bool is_known_by(struct str word)
{
	return str_is(word, "ident-by-icmp-type") || str_is(word, "ident-by-icmp6-type");
}

/* Words up to the name of what the attributes belong to. */
static size_t prefix_length(const words *w)
{
	for (size_t i = 1; i + 2 < w->n; i++) {
		if (is_known_by(w->v[i]) && str_is(w->v[i - 1], "default"))
			return i + 1;
		if (str_is(w->v[i], "rules") && str_is(w->v[i - 1], "security"))
			return i + 2;
		if (str_is(w->v[i], "service") && i + 4 < w->n && str_is(w->v[i + 2], "protocol"))
			return i + 4;
	}
	return 0;
}

static void set_line(struct pan *p, const words *w, struct loc loc, struct str line)
{
	size_t prefix = prefix_length(w);
	struct outline_node *at = p->j.root;
	if (!prefix || prefix >= w->n) {
		junos_add_path(&p->j, at, w, 1, loc, line);
		return;
	}
	words head = { w->v, prefix, prefix };
	at = junos_add_path(&p->j, at, &head, 1, loc, line);
	for (size_t i = prefix; i < w->n;) {
		size_t end = i + 2;
		if (i + 1 < w->n && str_is(w->v[i + 1], "["))
			while (end < w->n && !str_is(w->v[end - 1], "]"))
				end++;
		words one = { w->v, MIN(end, w->n), MIN(end, w->n) };
		junos_add_path(&p->j, at, &one, i, loc, line);
		i = end;
	}
}

static struct outline_node *find_path(struct pan *p, const words *w, size_t to)
{
	struct outline_node *at = p->j.root;
	for (size_t i = 1; i < to && at; i++)
		at = outline_get(&p->j.outline, at, w->v[i]);
	return at;
}

/* delete PATH; move PATH before NAME, after NAME, top or bottom. */
static bool change_line(struct pan *p, const words *w)
{
	bool ends = str_is(w->v[w->n - 1], "top") || str_is(w->v[w->n - 1], "bottom"), before;
	if (str_is(w->v[0], "delete") && w->n > 1) {
		struct outline_node *n = find_path(p, w, w->n);
		if (n)
			outline_delete(&p->j.outline, n);
		return true;
	}
	if (!str_is(w->v[0], "move") || w->n < 4)
		return false;
	size_t at = w->n - (ends ? 1 : 2);
	struct outline_node *what = find_path(p, w, at), *where = NULL;
	if (!what || what == p->j.root)
		return false;
	before = str_is(w->v[at], "top") || str_is(w->v[at], "before");
	if (!ends && !before && !str_is(w->v[at], "after"))
		return false;
	if (!ends)
		where = outline_get(&p->j.outline, what->parent, w->v[at + 1]);
	if (!ends && !where)
		return false;
	outline_move(&p->j.outline, what->parent, what, where, before);
	return true;
}

static bool quote_is_open(struct str line)
{
	bool open = false;
	for (size_t i = 0; i < line.n; i++)
		open ^= line.p[i] == '"' && (!i || line.p[i - 1] != '\\');
	return open;
}

static bool build_set(struct pan *p)
{
	struct lines l = lines_of(p->j.source);
	struct str line;
	while (lines_next(&l, &line)) {
		words w = { 0 };
		struct loc at = lines_at(&l);
		struct str first = line, more;
		p->j.rules->n_lines++;
		arena_reset(p->j.scratch);
		/* a description in quotes may have several lines */
		for (bool open = quote_is_open(line); open && line.n <= LONGEST_RULE_LINE && lines_next(&l, &more);) {
			line.n = (size_t)(more.p + more.n - line.p);
			open ^= quote_is_open(more);
		}
		if (line.n > LONGEST_RULE_LINE)
			return diag_error(p->j.diag, lines_at(&l), "this line is too long");
		words_split(p->j.scratch, line, &w);
		line = first;
		if (!w.n || !w.v[0].n || w.v[0].p[0] == '#')
			continue;
		if (str_is(w.v[0], "set") && w.n > 1)
			set_line(p, &w, at, line);
		else if (!change_line(p, &w))
			ruleset_unknown(p->j.rules, at, line, "this is no set command");
	}
	outline_sweep(&p->j.outline);
	return true;
}

/* Objects */

struct pan_rule {
	struct pan *p;
	const struct outline_node *node;
	const char *perhaps;
	bool bad;
};

static void perhaps(struct pan_rule *r, const char *why)
{
	if (!r->perhaps)
		r->perhaps = why;
}

static void missing(struct pan_rule *r, struct str name, const char *what)
{
	ruleset_unknown(r->p->j.rules, r->node->at, r->node->line, "there is no %s \"%.*s\" in this file", what, STR_ARG(name));
	r->bad = true;
}

static const struct outline_node *find(struct pan *p, const char *list, struct str name)
{
	for (size_t i = 0; i < p->n_scopes; i++) {
		const struct outline_node *n = outline_get(&p->j.outline, junos_child(&p->j, p->scopes[i], list), name);
		if (n && !n->inactive)
			return n;
	}
	return NULL;
}

static bool within_limits(struct pan_rule *r, size_t depth)
{
	if (++r->p->j.copied <= MOST_MEMBERS && depth <= MOST_GROUP_DEPTH)
		return true;
	if (!r->bad)
		diag_error(r->p->j.diag, r->node->at, "groups stand in each other too deep, or have too many members");
	r->bad = true;
	return false;
}

static void everything(struct pan_rule *r, range_list *to)
{
	*VEC_ADD(r->p->j.scratch, to) = addr_range_all(IPV4);
	*VEC_ADD(r->p->j.scratch, to) = addr_range_all(IPV6);
}

static void add_address(struct pan_rule *r, struct str name, range_list *to, size_t depth)
{
	struct pan *p = r->p;
	const struct outline_node *one = find(p, "address", name), *group = one ? NULL : find(p, "address-group", name);
	struct addr_range a;
	if (!within_limits(r, depth))
		return;
	if (one) {
		struct str mask = junos_value(&p->j, one, "ip-netmask"), range = junos_value(&p->j, one, "ip-range");
		if ((mask.n && addr_range_parse(mask, &a) <= RANGE_HOST_BITS) || (range.n && addr_range_parse(range, &a) <= RANGE_HOST_BITS)) {
			*VEC_ADD(p->j.scratch, to) = a;
			return;
		}
		perhaps(r, junos_child(&p->j, one, "fqdn") ? "a name that the firewall looks up itself" :
							     "an address object of a kind that is not modelled");
		everything(r, to);
	} else if (group) {
		const struct outline_node *members = junos_child(&p->j, group, "static");
		for (size_t i = 0; members && i < members->children.n && !r->bad; i++)
			add_address(r, members->children.v[i]->word, to, depth + 1);
		if (!members) {
			perhaps(r, "a group that tags decide");
			everything(r, to);
		}
	} else if (str_is(name, "any")) {
		everything(r, to);
	} else if (addr_range_parse(name, &a) <= RANGE_HOST_BITS) {
		*VEC_ADD(p->j.scratch, to) = a;
	} else if (find(p, "external-list", name)) {
		perhaps(r, "an external list");
		everything(r, to);
	} else {
		missing(r, name, "address");
	}
}

static struct addrset side(struct pan_rule *r, const char *key, const char *negate)
{
	const struct outline_node *n = junos_child(&r->p->j, r->node, key);
	range_list v = { 0 };
	for (size_t i = 0; n && i < n->children.n && !r->bad; i++)
		add_address(r, n->children.v[i]->word, &v, 0);
	if (!n)
		everything(r, &v);
	struct addrset s = addrset_of(r->p->j.scratch, v.v, v.n);
	return str_is(junos_value(&r->p->j, r->node, negate), "yes") ? addrset_minus(r->p->j.scratch, everywhere_set(), s) : s;
}

static bool port_list(struct pan_rule *r, struct str list, struct portset *ret)
{
	VEC(struct port_range) v = { 0 };
	struct str one;
	*ret = all_port_set();
	if (!list.n)
		return true;
	while (str_cut(&list, ',', &one))
		if (!port_name_range(str_trim(one), '-', NULL, VEC_ADD(r->p->j.scratch, &v)))
			return false;
	*ret = portset_of(r->p->j.scratch, v.v, v.n);
	return true;
}

static void add_service(struct pan_rule *r, struct str name, term_list *to, size_t depth)
{
	struct pan *p = r->p;
	const struct outline_node *one = find(p, "service", name), *group = one ? NULL : find(p, "service-group", name);
	static const char *const names[] = { "tcp", "udp", "sctp" };
	static const uint8_t numbers[] = { PROTO_TCP, PROTO_UDP, PROTO_SCTP };
	if (!within_limits(r, depth))
		return;
	for (size_t k = 0; one && k < ARRAY_LEN(names); k++) {
		const struct outline_node *n = JUNOS(&p->j, one, "protocol", names[k]);
		struct portset ports, sports;
		if (!n)
			continue;
		if (!port_list(r, junos_value(&p->j, n, "port"), &ports) || !port_list(r, junos_value(&p->j, n, "source-port"), &sports)) {
			missing(r, name, "meaning of service");
			return;
		}
		for (size_t i = 0; i < ports.n; i++)
			for (size_t m = 0; m < sports.n; m++)
				*VEC_ADD(p->j.scratch, to) = (struct service_term){ numbers[k], numbers[k], sports.v[m], ports.v[i] };
	}
	if (one)
		return;
	const struct outline_node *members = group ? junos_child(&p->j, group, "members") : NULL;
	for (size_t i = 0; members && i < members->children.n && !r->bad; i++)
		add_service(r, members->children.v[i]->word, to, depth + 1);
	if (group)
		return;
	if (str_is(name, "any")) {
		*VEC_ADD(p->j.scratch, to) = ANY_SERVICE;
	} else if (str_is(name, "service-http") || str_is(name, "service-https")) {
		static const char *const web[] = { "http", "http-alt", "https" };
		for (size_t i = str_is(name, "service-http") ? 0 : 2; i < (str_is(name, "service-http") ? 2u : 3u); i++) {
			uint16_t port = 0;
			port_name_parse(str_of(web[i]), NULL, &port);
			*VEC_ADD(p->j.scratch, to) = service_of(PROTO_TCP, (struct port_range){ port, port });
		}
	} else {
		missing(r, name, "service");
	}
}

/* Applications */

const struct pan_protocol pan_protocols[] = {
	{ "gre", PROTO_GRE },
	{ "ipsec-esp", PROTO_ESP },
	{ "ipsec-ah", PROTO_AH },
	{ NULL, 0 },
};

static struct service_term icmp_term(bool v6, struct port_range types, struct port_range codes)
{
	uint8_t protocol = v6 ? PROTO_ICMP6 : PROTO_ICMP;
	return (struct service_term){ protocol, protocol, codes, types };
}

/* A number of at most 255 below a node; all of them where nothing is said. */
static bool byte_of(struct pan *p, const struct outline_node *n, const char *word, struct port_range *ret)
{
	struct str s = junos_value(&p->j, n, word);
	uint32_t number;
	*ret = (struct port_range){ 0, 255 };
	if (!s.n)
		return true;
	if (!str_to_u32(s, 255, &number))
		return false;
	*ret = (struct port_range){ (uint16_t)number, (uint16_t)number };
	return true;
}

/* An application of the file's own; exact when a type of ICMP or a protocol's number is all that it is known by. */
static bool own_application(struct pan *p, const struct outline_node *app, term_list *to)
{
	static const char *const kinds[] = { "ident-by-icmp-type", "ident-by-icmp6-type" };
	const struct outline_node *known_by = junos_child(&p->j, app, "default");
	struct str number = junos_value(&p->j, known_by, "ident-by-ip-protocol");
	struct port_range type, code;
	if (!known_by || known_by->children.n != 1 || junos_child(&p->j, app, "signature"))
		return false;
	if (number.n) {
		if (!byte_of(p, known_by, "ident-by-ip-protocol", &type))
			return false;
		*VEC_ADD(p->j.scratch, to) = service_of((uint8_t)type.lo, ALL_PORTS);
		return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		const struct outline_node *n = junos_child(&p->j, known_by, kinds[i]);
		if (!junos_value(&p->j, n, "type").n || !byte_of(p, n, "type", &type) || !byte_of(p, n, "code", &code))
			continue;
		*VEC_ADD(p->j.scratch, to) = icmp_term(i == 1, type, code);
		return true;
	}
	return false;
}

/* What an application is when its packets' headers say so; false when the firewall must look at what is said. */
static bool add_application(struct pan_rule *r, struct str name, term_list *to, size_t depth)
{
	struct pan *p = r->p;
	const struct outline_node *own = find(p, "application", name), *group = own ? NULL : find(p, "application-group", name);
	if (!within_limits(r, depth))
		return false;
	if (own)
		return own_application(p, own, to);
	if (group) {
		const struct outline_node *members = junos_child(&p->j, group, "members");
		bool exact = members && members->children.n;
		for (size_t i = 0; exact && i < members->children.n; i++)
			exact = add_application(r, members->children.v[i]->word, to, depth + 1);
		return exact;
	}
	if (str_is(name, "ping") || str_is(name, "ping6")) {
		uint16_t echo = str_is(name, "ping6") ? 128 : 8;
		*VEC_ADD(p->j.scratch, to) = icmp_term(echo == 128, (struct port_range){ echo, echo }, (struct port_range){ 0, 255 });
		return true;
	}
	if (str_is(name, "icmp") || str_is(name, "ipv6-icmp")) {
		perhaps(r, "ICMP, but for types that are applications of their own");
		*VEC_ADD(p->j.scratch, to) = service_of(str_is(name, "icmp") ? PROTO_ICMP : PROTO_ICMP6, ALL_PORTS);
		return true;
	}
	for (size_t i = 0; pan_protocols[i].name; i++)
		if (str_is(name, pan_protocols[i].name)) {
			*VEC_ADD(p->j.scratch, to) = service_of(pan_protocols[i].number, ALL_PORTS);
			return true;
		}
	return false;
}

static bool only_headers(struct pan_rule *r, term_list *to)
{
	const struct outline_node *n = junos_child(&r->p->j, r->node, "application");
	bool exact = n && n->children.n;
	for (size_t i = 0; exact && i < n->children.n; i++)
		exact = add_application(r, n->children.v[i]->word, to, 0);
	if (!exact)
		to->n = 0;
	return exact;
}

/* True when a rule's services leave its applications their own ports, or all. */
static bool any_service(struct pan *p, const struct outline_node *list)
{
	bool any = !list || !list->children.n;
	for (size_t i = 0; list && i < list->children.n; i++)
		any |= str_is(list->children.v[i]->word, "any") || str_is(list->children.v[i]->word, "application-default");
	return any;
}

static term_list services(struct pan_rule *r)
{
	struct pan *p = r->p;
	const struct outline_node *apps = junos_child(&p->j, r->node, "application"), *list = junos_child(&p->j, r->node, "service");
	term_list v = { 0 };
	if (only_headers(r, &v)) {
		if (!any_service(p, list))
			perhaps(r, "an application and services that leave it nothing");
		return v;
	}
	for (size_t i = 0; apps && i < apps->children.n; i++)
		if (!str_is(apps->children.v[i]->word, "any"))
			perhaps(r, "an application that the firewall recognises");
	for (size_t i = 0; list && i < list->children.n && !r->bad; i++) {
		if (!str_is(list->children.v[i]->word, "application-default")) {
			add_service(r, list->children.v[i]->word, &v, 0);
			continue;
		}
		perhaps(r, "the ports that applications use by themselves");
		*VEC_ADD(p->j.scratch, &v) = ANY_SERVICE;
	}
	if (!list)
		*VEC_ADD(p->j.scratch, &v) = ANY_SERVICE;
	return v;
}

/* Rules */

static struct interface_names zone_names(struct pan *p, const struct outline_node *n)
{
	VEC(struct str) v = { 0 };
	for (size_t i = 0; n && i < n->children.n; i++) {
		if (str_is(n->children.v[i]->word, "any"))
			return (struct interface_names){ 0 };
		*VEC_ADD(p->j.keep, &v) = n->children.v[i]->word;
	}
	return (struct interface_names){ v.v, v.n, false };
}

static void look_at_conditions(struct pan_rule *r)
{
	static const char *const odd[] = { "source-user", "category", "source-hip", "destination-hip", "hip-profiles" };
	for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
		struct str s = junos_value(&r->p->j, r->node, odd[i]);
		if (s.n && !str_is(s, "any"))
			perhaps(r, "a condition about users, devices or categories");
	}
	if (junos_child(&r->p->j, r->node, "schedule"))
		perhaps(r, "a schedule");
	struct str type = junos_value(&r->p->j, r->node, "rule-type");
	if (type.n && !str_is(type, "universal") && !str_is(type, "interzone"))
		perhaps(r, "a rule for traffic inside a zone");
}

static void read_rule(struct pan *p, uint32_t chain, const struct outline_node *node)
{
	struct pan_rule r = { .p = p, .node = node };
	struct str action = junos_value(&p->j, node, "action");
	arena_reset(p->j.scratch);
	if (node->inactive || str_is(junos_value(&p->j, node, "disabled"), "yes")) {
		ruleset_idle(p->j.rules, node->at, node->line, "disabled");
		return;
	}
	struct addrset src = side(&r, "source", "negate-source"), dst = side(&r, "destination", "negate-destination");
	term_list terms = services(&r);
	look_at_conditions(&r);
	if (!str_is(action, "allow") && !str_is(action, "deny") && !str_is(action, "drop") && !str_starts(action, "reset-"))
		missing(&r, action, "action");
	if (r.bad)
		return;
	struct rule *rule = ruleset_rule(p->j.rules, chain, node->at);
	rule->match = (struct match){ .src = &src, .dst = &dst, .services = terms.v, .n_services = terms.n,
				      .in = zone_names(p, junos_child(&p->j, node, "from")),
				      .out = zone_names(p, junos_child(&p->j, node, "to")),
				      .never = !src.n || !dst.n || !terms.n };
	rule->action = str_is(action, "allow") ? ACTION_PERMIT : ACTION_DENY;
	rule->perhaps = r.perhaps;
	rule->name = node->word;
	rule->comment = junos_value(&p->j, node, "description");
	rule->text = str_printf(p->j.keep, "rule %.*s", STR_ARG(node->word));
	ruleset_keep(p->j.rules, &rule->match);
}

static void read_rules(struct pan *p, uint32_t chain, const struct outline_node *scope, const char *base)
{
	const struct outline_node *list = JUNOS(&p->j, scope, base, "security", "rules");
	for (size_t i = 0; list && i < list->children.n; i++)
		read_rule(p, chain, list->children.v[i]);
}

static bool has_rules(struct pan *p, const struct outline_node *n)
{
	return JUNOS(&p->j, n, "rulebase", "security") || JUNOS(&p->j, n, "pre-rulebase", "security") ||
	       JUNOS(&p->j, n, "post-rulebase", "security");
}

/* The virtual system or device group that is asked for, or the only one that has rules. */
static const struct outline_node *choose_scope(struct pan *p, const struct outline_node *root, size_t *n)
{
	static const char *const kinds[] = { "vsys", "device-group" };
	const struct outline_node *found = !p->j.options->part.n && has_rules(p, root) ? root : NULL;
	*n = found != NULL;
	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		const struct outline_node *list = junos_child(&p->j, root, kinds[k]);
		for (size_t i = 0; list && i < list->children.n; i++) {
			const struct outline_node *one = list->children.v[i];
			if (p->j.options->part.n ? !str_eq(one->word, p->j.options->part) : !has_rules(p, one))
				continue;
			found = one;
			++*n;
		}
	}
	return found;
}

bool paloalto_parse(struct arena *a, const struct source *s, const struct read_options *o, struct ruleset **ret,
		    struct diag *d)
{
	CLEANUP(arena_freep) struct arena *scratch = arena_new();
	size_t errors = diag_errors(d), n;
	struct pan *p = ARENA_NEW(a, struct pan);
	p->j = (struct junos){ .keep = a, .scratch = scratch, .source = s, .options = o, .diag = d,
			       .rules = ruleset_new(a, s, "paloalto"), .outline = outline_new(a) };
	p->j.root = p->j.outline.root;
	p->j.rules->replies = REPLIES_FREE;
	*ret = p->j.rules;
	if (str_find(str_first(s->text, 1 << 16), 0) != SIZE_MAX)
		return diag_error(d, (struct loc){ s, 1, 1, 0 }, "this is not text");
	if (str_starts(str_trim(s->text), "<") ? !build_xml(p) : !build_set(p))
		return false;
	const struct outline_node *root = p->j.root, *config = junos_child(&p->j, root, "config");
	const struct outline_node *shared = junos_child(&p->j, config ? config : root, "shared");
	const struct outline_node *devices = junos_child(&p->j, config, "devices");
	if (devices && devices->children.n)
		root = devices->children.v[0];
	const struct outline_node *scope = choose_scope(p, root, &n);
	if (!scope || n > 1) {
		ruleset_unknown(p->j.rules, (struct loc){ s, 0, 0, 0 }, NO_STR,
				scope ? "several virtual systems or device groups have rules; say which: --part NAME" :
					"there are no security rules here");
		return diag_errors(d) == errors;
	}
	const struct outline_node *scopes[] = { scope, shared, root };
	for (size_t i = 0; i < ARRAY_LEN(scopes); i++)
		if (scopes[i])
			p->scopes[p->n_scopes++] = scopes[i];
	uint32_t chain = ruleset_chain(p->j.rules, STR("security rules between zones"), scope->at);
	*VEC_ADD(a, &p->j.rules->bases) = chain;
	read_rules(p, chain, shared, "pre-rulebase");
	read_rules(p, chain, scope, "pre-rulebase");
	read_rules(p, chain, scope, "rulebase");
	read_rules(p, chain, scope, "post-rulebase");
	read_rules(p, chain, shared, "post-rulebase");
	/* interzone-default; what stays inside a zone is not asked about */
	p->j.rules->chains.v[chain].fallthrough = ACTION_DENY;
	return diag_errors(d) == errors;
}
