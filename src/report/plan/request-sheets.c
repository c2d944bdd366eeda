/* SPDX-License-Identifier: Apache-2.0 */
#include "report/plan/request-sheets.h"

#include "base/unique.h"
#include "report/plan/request.h"

enum { LONGEST_SHEET_NAME = 31 }; /* Excel's limit */

/* The columns that are there to be filled in come last. */
static const struct sheet_column columns[] = {
	{ "row", 5 },           { "change", 9 },   { "from", 16 },   { "from addresses", 18 }, { "to", 16 },
	{ "to addresses", 18 }, { "service", 26 }, { "reason", 38 }, { "document", 22 },       { "owner", 12 },
	{ "valid until", 11 },  { "remark", 18 },  { "rule", 11 },   { "ticket", 11 },         { "signed off", 12 },
};

static const struct sheet_column host_columns[] = {
	{ "firewall", 18 }, { "row", 5 }, { "side", 6 }, { "host", 22 }, { "addresses", 44 },
};

/* A side whose hosts are in their own sheet. */
struct listed {
	struct str firewall;
	uint32_t row;
	const char *side;
	struct id_set endpoints;
};

struct sheets {
	struct workbook *book;
	const struct plan_report *report;
	struct arena *arena;
	struct sheet sheet;
	struct str firewall; /* of the sheet */
	uint32_t row;
	VEC(struct listed) listed;
};

static void note_side(struct sheets *s, const char *name, const struct request_side *side)
{
	if (!side->listed)
		return;
	size_t bytes = side->endpoints.n * sizeof *side->endpoints.v;
	struct id_set kept = { (const uint32_t *)arena_memdup(s->arena, side->endpoints.v, bytes), side->endpoints.n };
	*VEC_ADD(s->arena, &s->listed) = (struct listed){ s->firewall, s->row, name, kept };
}

static void put_row(void *ctx, const struct request_row *row)
{
	struct sheets *s = ctx;
	CLEANUP(arena_freep) struct arena *a = arena_new();
	s->book->arena = a;
	sheet_number(&s->sheet, ++s->row);
	for (size_t i = 0; i < N_REQUEST_COLUMNS; i++)
		sheet_text(&s->sheet, row->cells[i]);
	sheet_text(&s->sheet, NO_STR); /* ticket */
	sheet_text(&s->sheet, NO_STR); /* signed off */
	sheet_end_row(&s->sheet);
	note_side(s, "from", &row->from);
	note_side(s, "to", &row->to);
}

/* Names of firewalls are letters, digits and . _ - ; names of sheets differ in more than case. */
static const char *sheet_name(struct arena *a, struct unique_names *names, struct str firewall)
{
	enum { ROOM = 6 }; /* "-10000" */
	struct str name = firewall.n > LONGEST_SHEET_NAME ? str_first(firewall, LONGEST_SHEET_NAME - ROOM) : firewall;
	struct str key = str_lower(a, name), unique = unique_name(names, key);
	if (unique.n == key.n)
		return cstr(a, name);
	name = str_first(name, LONGEST_SHEET_NAME - ROOM);
	return arena_printf(a, "%.*s%.*s", STR_ARG(name), STR_ARG(str_skip(unique, key.n)));
}

static lxw_error write_request(struct sheets *s, const struct plan_request *q, struct unique_names *names)
{
	struct str estate = plan_estate(s->report->plan)->name.s;
	s->firewall = place_name(s->report->plan, &q->at);
	s->row = 0;
	s->sheet = sheet_begin(s->book, SHEET_REQUEST, sheet_name(s->arena, names, s->firewall), columns,
			       ARRAY_LEN(columns));
	sheet_page_title(&s->sheet, arena_printf(s->arena, "%.*s: request for the firewall %.*s%s", STR_ARG(estate),
						 STR_ARG(s->firewall),
						 q->against ? ", the difference to the rules that are there" : ""));
	request_rows(s->report, q, put_row, s);
	sheet_end(&s->sheet);
	return s->sheet.error;
}

static void put_hosts(struct sheet *to, const struct plan *p, const struct listed *side)
{
	size_t n;
	char text[RANGE_TEXT];
	const struct endpoint *ends = plan_endpoints(p, &n);
	for (size_t i = 0; i < side->endpoints.n; i++) {
		const struct endpoint *e = &ends[side->endpoints.v[i]];
		for (size_t j = 0; j < e->addresses.n; j++) {
			sheet_text(to, side->firewall);
			sheet_number(to, side->row);
			sheet_text(to, str_of(side->side));
			sheet_text(to, e->name);
			sheet_text(to, str_of(addr_range_text(&e->addresses.v[j], text)));
			sheet_end_row(to);
		}
	}
}

static lxw_error write_hosts(struct sheets *s)
{
	struct sheet hosts = sheet_begin(s->book, SHEET_LISTS, "Hosts", host_columns, ARRAY_LEN(host_columns));
	for (size_t i = 0; i < s->listed.n; i++) {
		CLEANUP(arena_freep) struct arena *a = arena_new();
		s->book->arena = a;
		put_hosts(&hosts, s->report->plan, &s->listed.v[i]);
	}
	sheet_end(&hosts);
	return hosts.error;
}

lxw_error write_request_sheets(struct workbook *w, const struct plan_report *r)
{
	static const char *const taken[] = { "hosts", "flows", "reasons", "advice", "documents", "history" };
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct sheets s = { .book = w, .report = r, .arena = a };
	struct unique_names names = unique_names_new(a);
	lxw_error first = LXW_NO_ERROR;
	for (size_t i = 0; i < ARRAY_LEN(taken); i++)
		unique_name(&names, str_of(taken[i]));
	for (size_t i = 0; i < r->n_requests; i++) {
		lxw_error e = write_request(&s, &r->requests[i], &names);
		first = first ? first : e;
	}
	lxw_error e = s.listed.n ? write_hosts(&s) : LXW_NO_ERROR;
	return first ? first : e;
}
