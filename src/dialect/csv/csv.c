/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CSV: the sheet that goes to a firewall team, one row a relation.  The reader
 * is in read.c; it takes other people's sheets too.
 *
 * Several addresses or ports in a cell are separated by blanks.
 * Ports carry their protocol, so that one row holds all of a relation:
 *
 *	tcp/88 tcp/49152-65535 udp/53    ports
 *	tcp                              all ports of a protocol
 *	tcp/1024-4999>53                 from source ports
 *	icmp/8 icmp/3/1 icmp             a type, a type and code, all
 *	protocol/47 protocol/40-49 any   other protocols, by number
 */
#include "dialect/csv/csv.h"

#include "dialect/common/services.h"

static void put_cell(struct out *o, struct str s, bool last)
{
	bool quoted = false;
	/* text that a spreadsheet would take for a formula is marked as text */
	bool formula = s.n > 0 && char_in(s.p[0], "=+-@\t");
	for (size_t i = 0; i < s.n; i++)
		quoted |= s.p[i] == ',' || s.p[i] == '"' || s.p[i] == '\n' || s.p[i] == '\r' || s.p[i] == ';';
	if (quoted)
		out_char(o, '"');
	if (formula)
		out_char(o, '\'');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			out_char(o, '"');
		out_char(o, (unsigned char)s.p[i] < 0x20 ? ' ' : s.p[i]);
	}
	if (quoted)
		out_char(o, '"');
	out_char(o, last ? '\n' : ',');
}

static void put_addresses(struct out *o, struct addrset s)
{
	static const struct addr_range all[] = { { IPV4, 0, UINT32_MAX }, { IPV6, 0, ~(u128)0 } };
	char text[RANGE_TEXT];
	if (addrset_equal(s, (struct addrset){ all, ARRAY_LEN(all) }))
		out_text(o, "any");
	else
		for (size_t i = 0; i < s.n; i++)
			out_printf(o, "%s%s", i ? " " : "", addr_range_text(&s.v[i], text));
	out_char(o, ',');
}

static void put_ports(struct out *o, const struct service_item *s)
{
	char proto[PROTOCOL_TEXT], from[PORT_TEXT], text[PORT_TEXT];
	const char *name = protocol_text(s->protocol_lo, proto);
	bool any_source = s->sport.lo == 0 && s->sport.hi == 65535, all = portset_is_all(s->ports);
	bool number = name[0] >= '0' && name[0] <= '9';
	for (size_t i = 0; i < s->ports.n; i++) {
		if (i)
			out_char(o, ' ');
		out_printf(o, "%s%s", number ? "protocol/" : "", name);
		if (all && any_source)
			return;
		out_char(o, '/');
		if (!any_source)
			out_printf(o, "%s>", port_range_text(s->sport, from));
		out_text(o, all ? "any" : port_range_text(s->ports.v[i], text));
	}
}

static void put_services(struct out *o, struct arena *a, const struct policy_services *services)
{
	struct service_items items = services_merged(a, services);
	for (size_t i = 0; i < items.n; i++) {
		const struct service_item *s = &items.v[i];
		if (i)
			out_char(o, ' ');
		if (item_has_ports(s)) {
			put_ports(o, s);
		} else if (item_is_any(s)) {
			out_text(o, "any");
		} else if (s->protocol_lo != s->protocol_hi) {
			out_printf(o, "protocol/%u-%u", s->protocol_lo, s->protocol_hi);
		} else if (!protocol_is_icmp(s->protocol_lo)) {
			out_printf(o, "protocol/%u", s->protocol_lo);
		} else {
			out_text(o, s->protocol_lo == PROTO_ICMP ? "icmp" : "icmp6");
			if (s->type >= 0)
				out_printf(o, "/%d", s->type);
			else if (s->code >= 0)
				out_text(o, "/any");
			if (s->code >= 0)
				out_printf(o, "/%d", s->code);
		}
	}
	out_char(o, ',');
}

static bool emit(const struct policy *p, struct out *o, struct diag *d)
{
	(void)d;
	CLEANUP(arena_freep) struct arena *a = arena_new();
	out_text(o, "id,from,source,to,destination,ports,services,why\n");
	for (size_t i = 0; i < p->n_relations; i++) {
		const struct relation *r = &p->relations[i];
		put_cell(o, r->id, false);
		put_cell(o, p->groups[r->src].name, false);
		put_addresses(o, p->groups[r->src].addresses);
		put_cell(o, p->groups[r->dst].name, false);
		put_addresses(o, p->groups[r->dst].addresses);
		put_services(o, a, &p->services[r->services]);
		put_cell(o, services_names(a, &p->services[r->services]), false);
		put_cell(o, r->about, true);
	}
	return true;
}

/* Rows; a cell may contain line ends within quotes. */
static enum line_kind line_kind(struct str line)
{
	size_t quotes = 0;
	for (size_t i = 0; i < line.n; i++)
		quotes += line.p[i] == '"';
	return quotes % 2 == 0 ? LINE_RULE : LINE_CONTEXT;
}

static const struct dialect_loading csv_loading = {
	.loads = LOADS_REPLACES_ALL,
	.load = "give it to whoever changes the firewall: it is the whole of what is to be permitted",
	.undo = "the sheet of before",
};

const struct dialect dialect_csv = {
	.name = "csv",
	.title = "request sheet as CSV",
	.ending = "csv",
	.loading = &csv_loading,
	.has_no_comments = true,
	.emit = emit,
	.parse = csv_parse,
	.resembles = csv_resembles,
	.line_kind = line_kind,
	.for_hosts = true,
	.for_transit = true,
	.rules_of_a_relation = 1,
};
