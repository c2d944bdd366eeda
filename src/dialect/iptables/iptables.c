/* SPDX-License-Identifier: Apache-2.0 */
/*
 * iptables: what iptables-restore, ip6tables-restore and ipset restore read, in
 * one file with a mark before each part.  The reader is in read.c.
 *
 * A relation becomes one rule a family and protocol: ipsets on both sides, and
 * up to fifteen ports in one rule (multiport).  Only the chain that filters is
 * replaced; the rest of the filter table stays as it is.
 */
#include "dialect/iptables/iptables.h"

#include "base/vec.h"
#include "dialect/common/link.h"
#include "dialect/common/patch.h"
#include "dialect/common/services.h"
#include "dialect/common/text.h"

enum {
	LONGEST_SET_NAME = 31,  /* ipset(8): IPSET_MAXNAMELEN without its NUL */
	LONGEST_COMMENT = 255,  /* iptables-extensions(8): 256 with the NUL */
	MOST_SLOTS = 15,        /* of multiport; a range takes two */
	USUAL_ELEMENTS = 65536, /* ipset(8): maxelem by default */
};

struct writer {
	struct arena *arena;
	struct out *o;
	const struct policy *p;
	const struct relation *r;
	enum family family;
	const char *chain;
	/* of a part: single ranges of either side, and the number of the next rule */
	const struct addr_range *one_src, *one_dst;
	uint32_t *number;
};

static const char *chain_of(enum policy_side side)
{
	return side == POLICY_INBOUND ? "INPUT" : side == POLICY_OUTBOUND ? "OUTPUT" : "FORWARD";
}

static bool is_whole_family(struct addrset s, enum family f)
{
	return s.n == 1 && s.v[0].lo == 0 && s.v[0].hi == addr_max(f);
}

static struct addrset group_part(const struct writer *w, size_t group)
{
	return addrset_part(w->p->groups[group].addresses, w->family);
}

/* A single range is written in place. */
static bool needs_set(struct addrset s)
{
	return s.n > 1;
}

static bool is_used(const struct writer *w, size_t group)
{
	for (size_t i = 0; i < w->p->n_relations; i++) {
		const struct relation *r = &w->p->relations[i];
		if ((r->src == group || r->dst == group) && group_part(w, r->src).n && group_part(w, r->dst).n)
			return true;
	}
	return false;
}

static struct str set_name(const struct writer *w, size_t group)
{
	struct str name = w->p->groups[group].name;
	if (w->family == IPV6)
		name = str_printf(w->arena, "%.*s_6", STR_ARG(name));
	return text_name(w->arena, name, "-_.", '-', LONGEST_SET_NAME);
}

static void put_set(const struct writer *w, size_t group)
{
	char text[RANGE_TEXT];
	size_t n;
	struct addr_range *ranges = addrset_prefixes(w->arena, group_part(w, group), &n);
	struct str name = set_name(w, group);

	text_comment_lines(w->o, "# ", w->p->groups[group].about);
	out_printf(w->o, "create %.*s hash:net family inet%s", STR_ARG(name), w->family == IPV6 ? "6" : "");
	if (n > USUAL_ELEMENTS)
		out_printf(w->o, " maxelem %zu", n);
	out_printf(w->o, " -exist\nflush %.*s\n", STR_ARG(name));
	for (size_t i = 0; i < n; i++)
		out_printf(w->o, "add %.*s %s\n", STR_ARG(name), addr_range_text(&ranges[i], text));
}

static void put_sets(struct writer *w)
{
	for (size_t i = 0; i < w->p->n_groups; i++)
		for (int f = IPV4; f <= IPV6; f++) {
			w->family = (enum family)f;
			struct addrset s = group_part(w, i);
			if (needs_set(s) && is_used(w, i))
				put_set(w, i);
		}
}

static void put_side(const struct writer *w, size_t group, bool source)
{
	char text[RANGE_TEXT];
	unsigned length;
	const struct addr_range *one = source ? w->one_src : w->one_dst;
	struct addrset s = one ? (struct addrset){ one, 1 } : group_part(w, group);
	if (is_whole_family(s, w->family))
		return;
	if (needs_set(s))
		out_printf(w->o, "-m set --match-set %.*s %s ", STR_ARG(set_name(w, group)), source ? "src" : "dst");
	else if (addr_range_is_prefix(&s.v[0], &length))
		out_printf(w->o, "-%c %s ", source ? 's' : 'd', addr_range_text(&s.v[0], text));
	else
		out_printf(w->o, "-m iprange --%s-range %s ", source ? "src" : "dst", addr_range_text(&s.v[0], text));
}

static const char *program_of(enum family f)
{
	return f == IPV6 ? "ip6tables" : "iptables";
}

static void begin_rule(const struct writer *w)
{
	if (w->number)
		out_printf(w->o, "%s -I %s %u ", program_of(w->family), w->chain, (*w->number)++);
	else
		out_printf(w->o, "-A %s ", w->chain);
	put_side(w, w->r->src, true);
	put_side(w, w->r->dst, false);
}

static void end_rule(const struct writer *w)
{
	out_text(w->o, "-m comment --comment \"");
	text_put_title(w->o, LONGEST_COMMENT, w->number ? "\"\\$`!" : "\"\\", w->r->id, w->r);
	out_text(w->o, w->r->denies ? "\" -j DROP\n" : "\" -j ACCEPT\n");
}

static void put_range(struct out *o, struct port_range r)
{
	if (r.lo == r.hi)
		out_printf(o, "%u", r.lo);
	else
		out_printf(o, "%u:%u", r.lo, r.hi);
}

/* Ports from `from` on that fit into one rule; returns the first that does not. */
static size_t fill_slots(struct portset s, size_t from)
{
	size_t slots = 0, i = from;
	for (; i < s.n; i++) {
		slots += s.v[i].lo == s.v[i].hi ? 1 : 2;
		if (slots > MOST_SLOTS)
			break;
	}
	return i;
}

static void put_ports(const struct writer *w, const struct service_item *s)
{
	char proto[PROTOCOL_TEXT];
	for (size_t i = 0; i < s->ports.n;) {
		size_t next = fill_slots(s->ports, i);
		begin_rule(w);
		out_printf(w->o, "-p %s ", protocol_text(s->protocol_lo, proto));
		if (s->sport.lo > 0 || s->sport.hi < 65535) {
			out_text(w->o, "--sport ");
			put_range(w->o, s->sport);
			out_char(w->o, ' ');
		}
		if (!portset_is_all(s->ports)) {
			out_text(w->o, next - i > 1 ? "-m multiport --dports " : "--dport ");
			for (size_t j = i; j < next; j++) {
				if (j > i)
					out_char(w->o, ',');
				put_range(w->o, s->ports.v[j]);
			}
			out_char(w->o, ' ');
		}
		end_rule(w);
		i = next;
	}
}

static void put_icmp(const struct writer *w, const struct service_item *s)
{
	bool v6 = w->family == IPV6;
	begin_rule(w);
	out_text(w->o, v6 ? "-p ipv6-icmp " : "-p icmp ");
	if (s->type >= 0)
		out_printf(w->o, "--%s %d", v6 ? "icmpv6-type" : "icmp-type", s->type);
	if (s->type >= 0 && s->code >= 0)
		out_printf(w->o, "/%d", s->code);
	if (s->type >= 0)
		out_char(w->o, ' ');
	end_rule(w);
}

static void put_item(struct writer *w, const struct service_item *s)
{
	if (!item_in_family(s, w->family))
		return;
	if (item_has_ports(s)) {
		put_ports(w, s);
	} else if (s->protocol_lo == s->protocol_hi && protocol_is_icmp(s->protocol_lo)) {
		put_icmp(w, s);
	} else {
		begin_rule(w);
		/* in iptables, protocol 0 means all protocols; u32 tests the byte of the header itself */
		if (!item_is_any(s) && s->protocol_lo == 0)
			out_printf(w->o, "-m u32 --u32 \"%s\" ", w->family == IPV6 ? "0x3&0xff=0x0" : "0x6&0xff=0x0");
		else if (!item_is_any(s))
			out_printf(w->o, "-p %u ", s->protocol_lo);
		end_rule(w);
	}
}

static void put_relation(struct writer *w, const struct relation *r)
{
	struct service_items s = services_merged(w->arena, &w->p->services[r->services]);
	w->r = r;
	if (!group_part(w, r->src).n || !group_part(w, r->dst).n)
		return;
	text_comment_lines(w->o, "# ", r->about);
	for (size_t i = 0; i < s.n; i++)
		put_item(w, &s.v[i]);
}

static void put_link_need(const struct writer *w, const struct link_need *need)
{
	char text[RANGE_TEXT];
	bool in = w->p->side == POLICY_INBOUND;
	struct addrset peer = link_need_peer(w->arena, need);
	out_printf(w->o, "-A %s -%c %s ", w->chain, in ? 's' : 'd', addr_range_text(&peer.v[0], text));
	if (need->protocol == PROTO_ICMP6)
		out_printf(w->o, "-p ipv6-icmp --icmpv6-type %u", need->types.lo);
	else
		out_printf(w->o, "-p udp --sport %u --dport %u", in ? need->remote : need->local,
			   in ? need->local : need->remote);
	out_text(w->o, " -j ACCEPT\n");
}

/* A host's own filter must not block neighbour discovery (RFC 4861): no routed packet has a hop limit of 255. */
static void put_host_needs(const struct writer *w)
{
	out_printf(w->o, "-A %s -%c lo -j ACCEPT\n", w->chain, w->p->side == POLICY_INBOUND ? 'i' : 'o');
	for (int type = 133; w->family == IPV6 && type <= 136; type++)
		out_printf(w->o, "-A %s -p ipv6-icmp --icmpv6-type %d -m hl --hl-eq 255 -j ACCEPT\n", w->chain, type);
	for (const struct link_need *need = link_needs; w->family == IPV6 && need->name; need++)
		if (link_need_is_of(need, BESIDE_LINK, w->p->side))
			put_link_need(w, need);
}

static void put_table(struct writer *w)
{
	out_printf(w->o, "*filter\n:%s DROP [0:0]\n-F %s\n", w->chain, w->chain);
	out_printf(w->o, "-A %s -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n", w->chain);
	out_printf(w->o, "-A %s -m conntrack --ctstate INVALID -j DROP\n", w->chain);
	if (w->p->side != POLICY_TRANSIT)
		put_host_needs(w);
	for (size_t i = 0; i < w->p->n_relations; i++)
		put_relation(w, &w->p->relations[i]);
	if (w->p->log_denials)
		out_printf(w->o, "-A %s -j LOG --log-prefix \"portolan denied: \"\n", w->chain);
	out_text(w->o, "COMMIT\n");
}

/* The IPv6 addresses of the same group are in a separate set. */
static bool means_other(struct str name, bool services)
{
	return !services && str_ends(name, "_6");
}

static const struct dialect_loading iptables_loading = {
	.loads = LOADS_REPLACES_OWN,
	.load = "each part with the command above it, tables with --noflush",
	.keep = "netfilter-persistent save",
	.undo = "iptables-restore and ip6tables-restore with what iptables-save wrote before",
};

static bool emit(const struct policy *p, struct out *o, struct diag *d)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct writer w = { .arena = a, .o = o, .p = p, .chain = chain_of(p->side) };

	text_header(o, "# ", p, "iptables", &iptables_loading);
	out_text(o, "\n# ipset restore\n");
	put_sets(&w);
	/* without this part IPv6 would pass: the default policy of a chain is ACCEPT */
	out_text(o, "\n# iptables-restore\n");
	w.family = IPV4;
	put_table(&w);
	out_text(o, "\n# ip6tables-restore\n");
	w.family = IPV6;
	put_table(&w);
	return true;
}

/* Patches */

struct patcher {
	struct writer w;
	const struct patch_request *request;
	int64_t *shift; /* by chain: rules that were inserted less those that were deleted */
	struct out *apply;
	VEC(struct str) undo; /* from the last to the first */
	bool too_many;
};

/* The family of a chain, by what is in it.  A base chain begins with a rule about the other family. */
static enum family family_of(const struct chain *c)
{
	for (size_t i = 0; i < c->rules.n; i++) {
		const struct rule *r = &c->rules.v[i];
		if (r->match.src && r->match.src->n)
			return r->implicit ? (r->match.src->v[0].family == IPV6 ? IPV4 : IPV6)
					   : r->match.src->v[0].family;
	}
	return IPV4;
}

/* The chain of the same name in the other family, which a base chain calls first; NULL: there is none. */
static const struct chain *sibling(const struct ruleset *r, const struct chain *c)
{
	bool calls = c->rules.n && c->rules.v[0].implicit && c->rules.v[0].action == ACTION_CALL;
	return calls ? &r->chains.v[c->rules.v[0].target] : NULL;
}

static uint32_t last_number(const struct chain *c)
{
	uint32_t last = 0;
	for (size_t i = 0; i < c->rules.n; i++)
		last = MAX(last, c->rules.v[i].number);
	return last;
}

static void put_box(struct patcher *p, const struct chain *chain, uint32_t *number)
{
	struct writer *w = &p->w;
	struct addrset src = group_part(w, w->r->src), dst = group_part(w, w->r->dst);
	struct service_items s = services_merged(w->arena, &w->p->services[w->r->services]);
	uint32_t first = *number;
	p->too_many |= src.n * dst.n > MOST_PATCHED || p->undo.n > MOST_PATCHED;
	if (p->too_many)
		return;
	w->chain = cstr(w->arena, chain->name);
	w->number = number;
	for (size_t i = 0; i < src.n; i++)
		for (size_t j = 0; j < dst.n; j++) {
			w->one_src = &src.v[i];
			w->one_dst = &dst.v[j];
			for (size_t m = 0; m < s.n; m++)
				put_item(w, &s.v[m]);
		}
	p->shift[chain - p->request->rules->chains.v] += *number - first;
	for (uint32_t i = first; i < *number; i++)
		*VEC_ADD(w->arena, &p->undo) =
			str_printf(w->arena, "%s -D %s %u\n", program_of(w->family), w->chain, i);
}

/* Before its rule, or, in the chain of the other family, as the last. */
static void put_added(struct patcher *p, const struct patch_step *step)
{
	const struct ruleset *rules = p->request->rules;
	enum family own = family_of(step->chain);
	for (int f = IPV4; f <= IPV6; f++) {
		const struct chain *chain = own == (enum family)f ? step->chain : sibling(rules, step->chain);
		p->w.family = (enum family)f;
		if (!chain || !group_part(&p->w, p->w.r->src).n || !group_part(&p->w, p->w.r->dst).n)
			continue;
		bool before = chain == step->chain && step->at && !step->at->implicit;
		uint32_t number = before ? step->at->number : last_number(chain) + 1;
		number = (uint32_t)(number + p->shift[chain - rules->chains.v]);
		put_box(p, chain, &number);
	}
}

/*
 * Statements of a patch are pasted into a shell, and names and rules of the file are in them: what a shell would read as
 * anything but a word is not written.
 */
static bool is_plain_to_shells(struct str s)
{
	static const char also[] = " -_.,:/=+@%\"", expanded[] = "$`\\!";
	bool quoted = false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool negates = c == '!' && i + 1 < s.n && s.p[i + 1] == ' ';
		bool inside = quoted && c >= ' ' && !strchr(expanded, c);
		if (!char_is_plain(c, also) && !negates && !inside)
			return false;
		quoted ^= c == '"';
	}
	return !quoted;
}

static const char *put_removed(struct patcher *p, const struct patch_step *step)
{
	struct arena *a = p->w.arena;
	struct str name = step->chain->name, head = str_printf(a, "-A %.*s ", STR_ARG(name)), text = step->at->text;
	const char *program = program_of(family_of(step->chain));
	int64_t *shift = &p->shift[step->chain - p->request->rules->chains.v];
	size_t at = str_find_text(text, head);
	if (!step->at->number || at == SIZE_MAX)
		return "a rule that would go is not one of the file";
	if (!is_plain_to_shells(text))
		return "a rule that would go has characters that a shell would read";
	uint32_t number = (uint32_t)(step->at->number + *shift);
	out_printf(p->apply, "%s -D %.*s %u\n", program, STR_ARG(name), number);
	*VEC_ADD(a, &p->undo) = str_printf(a, "%s -I %.*s %u %.*s\n", program, STR_ARG(name), number,
					   STR_ARG(str_skip(text, at + head.n)));
	--*shift;
	return NULL;
}

static const char *patch(struct arena *a, const struct patch_request *q, struct out *apply, struct out *undo)
{
	const struct policy *part = patch_part(a, q, NULL);
	struct patcher p = { .w = { .arena = a, .o = apply, .p = part }, .request = q, .apply = apply };
	size_t relation = 0;
	if (!part)
		return "it would be too many rules; emit writes new ones";
	if (!dialect_can_say(q->dialect, part, diag_new(a)))
		return "the language cannot express a rule that would be added";
	p.shift = ARENA_ARRAY(a, int64_t, q->rules->chains.n);
	for (size_t i = 0; i < q->n; i++) {
		if (!is_plain_to_shells(q->steps[i].chain->name))
			return "the name of a chain has characters that a shell would read";
		const char *why = q->steps[i].removes ? put_removed(&p, &q->steps[i]) : NULL;
		if (why)
			return why;
		for (size_t j = 0; j < q->steps[i].n_boxes; j++) {
			p.w.r = &part->relations[relation++];
			put_added(&p, &q->steps[i]);
		}
	}
	for (size_t i = p.undo.n; i--;)
		out_str(undo, p.undo.v[i]);
	return p.too_many ? "it would be too many rules; emit writes new ones" : NULL;
}

static const struct patch_writer iptables_patch = { .comment = "# ", .write = patch };

static unsigned resembles(struct str text)
{
	struct str head = str_first(text, 8192);
	if (str_find_text(head, STR("*filter\n")) != SIZE_MAX || str_find_text(head, STR("*filter\r")) != SIZE_MAX ||
	    str_starts(head, "# Generated by iptables-save") || str_starts(head, "# Generated by ip6tables-save"))
		return 95;
	if (str_find_text(head, STR("iptables -A ")) != SIZE_MAX || str_find_text(head, STR("\n-A ")) != SIZE_MAX ||
	    str_find_text(head, STR("Chain FORWARD (policy")) != SIZE_MAX ||
	    str_find_text(head, STR(":FORWARD ")) != SIZE_MAX)
		return 70;
	if (str_starts(head, "create ") && str_find_text(head, STR(" hash:")) != SIZE_MAX)
		return 60;
	return 0;
}

static enum line_kind line_kind(struct str line)
{
	size_t quotes = 0;
	for (size_t i = 0; i < line.n; i++)
		quotes += line.p[i] == '"';
	if (str_starts(line, "-A "))
		return quotes % 2 == 0 && !str_ends(line, "\\") ? LINE_RULE : LINE_CONTEXT;
	if (str_starts(line, "-I ") || str_starts(line, "-D ") || str_starts(line, "-R ") ||
	    str_starts(line, "iptables ") || str_starts(line, "ip6tables "))
		return LINE_DISTURBS;
	return LINE_CONTEXT;
}

const struct dialect dialect_iptables = {
	.name = "iptables",
	.title = "iptables, with ip6tables and ipset",
	.ending = "iptables",
	.loading = &iptables_loading,
	.patch = &iptables_patch,
	.means_other = means_other,
	.emit = emit,
	.logs_denials = true,
	.parse = iptables_parse,
	.resembles = resembles,
	.line_kind = line_kind,
	.for_hosts = true,
	.for_transit = true,
	.beside = BESIDE_LINK,
	.cannot = CANNOT_PROTOCOL_RANGES,
	.rules_of_a_relation = 10, /* established and invalid in both families; TCP and UDP */
};
