/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Request sheets for firewalls, ours and those of others: a row with the
 * names of the columns, then one row a rule; the first match decides, and
 * what no row permits is denied.
 *
 * Columns are found by name, in any order.  A value in a column of unknown
 * meaning makes its row an unknown line, because it may narrow the rule;
 * columns that are known to be administrative are ignored.
 */
#include "dialect/csv/csv.h"

#include "base/vec.h"
#include "dialect/common/csv-table.h"
#include "dialect/common/ranges.h"
#include "dialect/common/names.h"

enum column {
	COLUMN_UNKNOWN,
	COLUMN_PAPER, /* who asked, when, for which ticket */
	COLUMN_ID,
	COLUMN_WHY,
	COLUMN_NAMES,
	COLUMN_FROM,
	COLUMN_TO, /* names for readers; addresses when there is no better column */
	COLUMN_SOURCE,
	COLUMN_DESTINATION,
	COLUMN_SOURCE_ZONE,
	COLUMN_DESTINATION_ZONE,
	COLUMN_PROTOCOL,
	COLUMN_PORTS,
	COLUMN_SOURCE_PORTS,
	COLUMN_ACTION,
	COLUMN_ENABLED,
	COLUMN_DIRECTION,
	COLUMN_CONDITION, /* narrows in a way that packets do not show */
	N_COLUMNS,
};

static const struct {
	const char *names; /* as csv_plain_name() makes them */
	enum column column;
} column_names[] = {
	{ "id # no nr number flow flowid rule ruleid ruleno rulenumber name rulename seq sequence position order line",
	  COLUMN_ID },
	{ "why comment comments description desc reason reasons remark remarks note notes justification purpose "
	  "businessjustification about documents document",
	  COLUMN_WHY },
	{ "services servicename servicenames application applicationname", COLUMN_NAMES },
	{ "from sourcehost sourcename sourcehostname sourcesystem sourcegroup srchost srcname client fromhost",
	  COLUMN_FROM },
	{ "to destinationhost destinationname destinationhostname destinationsystem destinationgroup dsthost dstname "
	  "server tohost target",
	  COLUMN_TO },
	{ "source src sourceaddress sourceaddresses sourceip sourceips srcip srcaddr srcaddress sourcenetwork "
	  "sourceipaddress sourcesubnet sourcecidr fromaddress fromaddresses sources",
	  COLUMN_SOURCE },
	{ "destination dst dest destinationaddress destinationaddresses destinationip destinationips dstip dstaddr "
	  "dstaddress "
	  "destip destinationnetwork destinationipaddress destinationsubnet destinationcidr toaddress toaddresses "
	  "destinations",
	  COLUMN_DESTINATION },
	{ "sourcezone srczone fromzone sourceinterface srcintf", COLUMN_SOURCE_ZONE },
	{ "destinationzone dstzone tozone destinationinterface dstintf destzone", COLUMN_DESTINATION_ZONE },
	{ "protocol proto protocols ipprotocol transport l4protocol", COLUMN_PROTOCOL },
	{ "ports port destinationport destinationports dstport dstports destport dport dports targetport service "
	  "portservice serviceport tcpudpport",
	  COLUMN_PORTS },
	{ "sourceport sourceports srcport srcports sport sports", COLUMN_SOURCE_PORTS },
	{ "action permission access policy verdict allowdeny permitdeny", COLUMN_ACTION },
	{ "enabled status state active approved", COLUMN_ENABLED },
	{ "direction dir flowdirection", COLUMN_DIRECTION },
	{ "until expires expiry expirydate expiration validuntil enddate schedule time user users sourceuser group app "
	  "appid profile",
	  COLUMN_CONDITION },
	{ "requester requestor requestedby owner ticket change changeno request requestid date created createdby "
	  "approvedby approver contact department project environment reference crosses firewall firewalls "
	  "section erratum line site log logging hits hitcount lasthit vlan category tags tag",
	  COLUMN_PAPER },
};

struct sheet {
	struct arena *arena;
	struct csv csv;
	struct ruleset *rules;
	uint32_t chain;
	enum column columns[MOST_CSV_COLUMNS];
	struct str titles[MOST_CSV_COLUMNS];
	bool told[MOST_CSV_COLUMNS]; /* the column is unknown */
	size_t n;
};

static enum column column_of(struct arena *a, struct str title)
{
	struct str plain = csv_plain_name(a, title), word;
	for (size_t i = 0; i < ARRAY_LEN(column_names); i++) {
		struct str rest = str_of(column_names[i].names);
		while (str_word(&rest, &word))
			if (str_eq(word, plain))
				return column_names[i].column;
	}
	return COLUMN_UNKNOWN;
}

static bool has_column(const struct sheet *s, enum column c)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->columns[i] == c)
			return true;
	return false;
}

static void rename_column(struct sheet *s, enum column from, enum column to)
{
	for (size_t i = 0; i < s->n && !has_column(s, to); i++)
		if (s->columns[i] == from)
			s->columns[i] = to;
}

/* Where ports have a column of their own, a column called service holds names for readers. */
static void demote_services(struct sheet *s)
{
	size_t n = 0;
	for (size_t i = 0; i < s->n; i++)
		n += s->columns[i] == COLUMN_PORTS;
	for (size_t i = 0; i < s->n && n > 1; i++)
		if (s->columns[i] == COLUMN_PORTS && str_is(csv_plain_name(s->arena, s->titles[i]), "service")) {
			s->columns[i] = COLUMN_NAMES;
			n--;
		}
}

/* True when the row names columns; name columns serve as addresses where there are no better ones. */
static bool take_titles(struct sheet *s)
{
	s->n = s->csv.n;
	for (size_t i = 0; i < s->n; i++) {
		s->titles[i] = str_dup(s->arena, s->csv.cells[i]);
		s->columns[i] = column_of(s->arena, s->titles[i]);
	}
	demote_services(s);
	rename_column(s, COLUMN_FROM, COLUMN_SOURCE);
	rename_column(s, COLUMN_TO, COLUMN_DESTINATION);
	rename_column(s, COLUMN_NAMES, COLUMN_PORTS);
	return has_column(s, COLUMN_SOURCE) && has_column(s, COLUMN_DESTINATION) &&
	       (has_column(s, COLUMN_PORTS) || has_column(s, COLUMN_PROTOCOL));
}

/* The first cell of a kind that is not empty. */
static struct str cell(const struct sheet *s, enum column c)
{
	for (size_t i = 0; i < s->n && i < s->csv.n; i++)
		if (s->columns[i] == c && s->csv.cells[i].n)
			return s->csv.cells[i];
	return STR("");
}

static bool is_any(struct str s)
{
	return str_iis(s, "any") || str_iis(s, "all") || str_is(s, "*") || str_is(s, "-") || str_iis(s, "n/a") ||
	       str_iis(s, "none");
}

/* Words of a cell, separated by blanks, commas, semicolons, bars and line ends; "a - b" is one. */
static bool next_word(struct str *rest, struct str *ret)
{
	static const char parting[] = " ,;|\n\r\t";
	while (rest->n && strchr(parting, rest->p[0]) && rest->p[0])
		*rest = str_skip(*rest, 1);
	if (!rest->n)
		return false;
	size_t n = 0;
	while (n < rest->n && !(rest->p[n] && strchr(parting, rest->p[n])))
		n++;
	size_t j = n;
	while (j < rest->n && rest->p[j] == ' ')
		j++;
	if (j > n && j + 1 < rest->n && rest->p[j] == '-' && rest->p[j + 1] == ' ') {
		for (j++; j < rest->n && rest->p[j] == ' '; j++)
			;
		while (j < rest->n && !(rest->p[j] && strchr(parting, rest->p[j])))
			j++;
		n = j;
	}
	*ret = str_first(*rest, n);
	*rest = str_skip(*rest, n);
	return true;
}

struct sheet_row {
	struct loc at;
	const char *perhaps;
	bool broken;
};

static void not_understood(struct sheet *s, struct sheet_row *row, const char *what, struct str text)
{
	if (!row->broken)
		ruleset_unknown(s->rules, row->at, s->csv.row, "%s \"%.*s\"", what, STR_ARG(str_first(text, 100)));
	row->broken = true;
}

/* Two columns of one kind with different values: which of them counts is unknown. */
static void check_doubles(struct sheet *s, struct sheet_row *row)
{
	struct str said[N_COLUMNS] = { 0 };
	for (size_t i = 0; i < s->n && i < s->csv.n; i++) {
		enum column c = s->columns[i];
		struct str text = s->csv.cells[i];
		if (c < COLUMN_SOURCE || c == COLUMN_CONDITION || c == COLUMN_ENABLED || !text.n)
			continue;
		if (said[c].n && !str_ieq(said[c], text))
			not_understood(s, row, "another column contradicts this:", text);
		said[c] = text;
	}
}

/* A word such as 255.255.0.0 after an address is its mask. */
static bool add_mask(struct sheet *s, struct str word, const char *end_of_address, range_vec *ranges)
{
	struct addr_range *last = ranges->n ? &ranges->v[ranges->n - 1] : NULL;
	char text[ADDR_TEXT];
	if (!str_starts(word, "255.") || !end_of_address || !last || last->family != IPV4 || last->lo != last->hi)
		return false;
	for (const char *p = end_of_address; p < word.p; p++)
		if (*p != ' ' && *p != '\t')
			return false;
	addr_text((struct addr){ IPV4, last->lo }, text);
	range_vec masked = { 0 };
	if (!range_add(s->arena, str_printf(s->arena, "%s/%.*s", text, STR_ARG(word)), &masked))
		return false;
	*last = masked.v[0];
	return true;
}

/* NULL: any. */
static const struct addrset *read_addresses(struct sheet *s, struct sheet_row *row, enum column c)
{
	struct str rest = cell(s, c), word;
	range_vec ranges = { 0 };
	bool any = false, name = false;
	const char *end = NULL;
	if (!rest.n)
		not_understood(s, row, "there is no address in column", STR("source or destination"));
	while (next_word(&rest, &word)) {
		if (add_mask(s, word, end, &ranges))
			continue;
		end = NULL;
		if (is_any(word))
			any = true;
		else if (!range_add(s->arena, word, &ranges))
			name = true;
		else
			end = word.p + word.n;
	}
	if (name && !any && !row->perhaps)
		row->perhaps = "an address that is given by name";
	if (any || name)
		return NULL;
	struct addrset *set = ARENA_NEW(s->arena, struct addrset);
	*set = range_vec_set(s->arena, &ranges);
	return set;
}

struct protocols {
	uint8_t v[8];
	size_t n;
	bool any;
};

static bool read_protocols(struct str cell, struct protocols *ret)
{
	struct str word, rest = cell;
	*ret = (struct protocols){ 0 };
	while (rest.n) {
		unsigned number;
		size_t n = 0;
		while (n < rest.n && !char_in(rest.p[n], "/+&,; \n|"))
			n++;
		word = str_first(rest, n);
		rest = str_skip(rest, n + 1);
		if (!word.n || str_iis(word, "and") || str_iis(word, "or"))
			continue;
		if (is_any(word) || str_iis(word, "ip")) {
			ret->any = true;
			continue;
		}
		if (str_istarts(word, "icmpv4"))
			word = STR("icmp");
		if (!protocol_parse(word, &number) || ret->n == ARRAY_LEN(ret->v))
			return false;
		ret->v[ret->n++] = (uint8_t)number;
	}
	return true;
}

static bool small_range(struct str s, struct port_range *ret)
{
	size_t dash = str_find(s, '-');
	uint32_t lo, hi;
	if (str_iis(s, "any")) {
		*ret = ALL_PORTS;
		return true;
	}
	if (!str_to_u32(str_trim(str_first(s, dash == SIZE_MAX ? s.n : dash)), 65535, &lo))
		return false;
	hi = lo;
	if (dash != SIZE_MAX && !str_to_u32(str_trim(str_skip(s, dash + 1)), 65535, &hi))
		return false;
	*ret = (struct port_range){ (uint16_t)lo, (uint16_t)hi };
	return lo <= hi;
}

/* What follows "tcp/": ports, or source ports > ports; what follows "icmp/": a type, or type/code. */
static bool read_numbers(struct str text, unsigned protocol, struct service_term *t)
{
	if (protocol_has_ports(protocol)) {
		size_t arrow = str_find(text, '>');
		if (arrow != SIZE_MAX) {
			if (!small_range(str_first(text, arrow), &t->sport))
				return false;
			text = str_skip(text, arrow + 1);
		}
		if (small_range(text, &t->port))
			return true;
		uint16_t port;
		bool known = port_name_parse(text, NULL, &port);
		t->port = (struct port_range){ port, port };
		return known;
	}
	if (!protocol_is_icmp(protocol))
		return is_any(text);
	size_t slash = str_find(text, '/');
	if (slash != SIZE_MAX && !small_range(str_skip(text, slash + 1), &t->sport))
		return false;
	return small_range(str_first(text, slash == SIZE_MAX ? text.n : slash), &t->port);
}

/* The protocol column permits it. */
static bool is_said(const struct protocols *said, unsigned protocol)
{
	bool found = said->any || !said->n;
	for (size_t i = 0; i < said->n; i++)
		found |= said->v[i] == protocol;
	return found;
}

static bool read_service(struct sheet *s, struct str word, const struct protocols *said, term_vec *terms)
{
	struct service_term t = ANY_SERVICE;
	size_t slash = str_find(word, '/');
	unsigned protocol;
	struct port_range range;

	if (slash == SIZE_MAX)
		slash = str_find(word, ':');
	if (is_any(word) || (str_iis(word, "ip") && slash == SIZE_MAX)) {
		for (size_t i = 0; i < said->n; i++)
			*VEC_ADD(s->arena, terms) = service_of(said->v[i], ALL_PORTS);
		if (!said->n)
			*VEC_ADD(s->arena, terms) = t;
		return said->n || said->any || str_iis(word, "any") || str_iis(word, "all") || str_iis(word, "ip");
	}
	if (slash != SIZE_MAX) {
		struct str left = str_first(word, slash), right = str_skip(word, slash + 1);
		if (str_iis(left, "protocol") && small_range(right, &range) && range.hi <= 255) {
			t.protocol_lo = (uint8_t)range.lo;
			t.protocol_hi = (uint8_t)range.hi;
			*VEC_ADD(s->arena, terms) = t;
			return true;
		}
		/* "443/tcp" as in services(5), too */
		bool number = left.n && left.p[0] >= '0' && left.p[0] <= '9';
		if (number && protocol_parse(right, &protocol)) {
			right = left;
		} else if (str_istarts(left, "protocol/") || number || !protocol_parse(left, &protocol)) {
			return false;
		}
		t.protocol_lo = t.protocol_hi = (uint8_t)protocol;
		if (!read_numbers(right, protocol, &t) || !is_said(said, protocol))
			return false;
		*VEC_ADD(s->arena, terms) = t;
		return true;
	}
	bool digits = word.n && word.p[0] >= '0' && word.p[0] <= '9';
	if (!digits && protocol_parse(word, &protocol)) {
		*VEC_ADD(s->arena, terms) = service_of((uint8_t)protocol, ALL_PORTS);
		return true;
	}
	for (size_t i = 0; i < said->n; i++) {
		t = service_of(said->v[i], ALL_PORTS);
		if (!read_numbers(word, said->v[i], &t))
			return false;
		*VEC_ADD(s->arena, terms) = t;
	}
	return said->n > 0;
}

/* "protocol/132/49152-65535": a protocol without a name, with ports. */
static bool read_numbered(struct sheet *s, struct str word, term_vec *terms)
{
	struct str rest = str_skip(word, strlen("protocol/")), number;
	uint32_t protocol;
	if (!str_istarts(word, "protocol/") || !str_cut(&rest, '/', &number) || !rest.n ||
	    !str_to_u32(number, 255, &protocol))
		return false;
	struct service_term t = service_of((uint8_t)protocol, ALL_PORTS);
	if (!read_numbers(rest, protocol, &t))
		return false;
	*VEC_ADD(s->arena, terms) = t;
	return true;
}

static void read_services(struct sheet *s, struct sheet_row *row, term_vec *terms)
{
	struct str protocol = cell(s, COLUMN_PROTOCOL), rest = cell(s, COLUMN_PORTS), word;
	struct protocols said;
	struct port_range from;
	if (!read_protocols(protocol, &said))
		not_understood(s, row, "this is not a protocol:", protocol);
	if (!rest.n) {
		for (size_t i = 0; i < said.n; i++)
			*VEC_ADD(s->arena, terms) = service_of(said.v[i], ALL_PORTS);
		if (said.any)
			*VEC_ADD(s->arena, terms) = ANY_SERVICE;
		if (!said.n && !said.any)
			not_understood(s, row, "there are no ports in column", STR("ports"));
	}
	while (next_word(&rest, &word))
		if (!read_numbered(s, word, terms) && !read_service(s, word, &said, terms))
			not_understood(s, row, "this is not a port, or its protocol is missing:", word);
	struct str sports = cell(s, COLUMN_SOURCE_PORTS);
	if (!sports.n || is_any(sports))
		return;
	term_vec all = *terms;
	*terms = (term_vec){ 0 };
	while (next_word(&sports, &word)) {
		if (!small_range(word, &from))
			not_understood(s, row, "this is not a source port:", word);
		for (size_t i = 0; i < all.n; i++) {
			if (all.v[i].protocol_lo != all.v[i].protocol_hi || !protocol_has_ports(all.v[i].protocol_lo)) {
				not_understood(s, row, "source ports of a protocol that has no ports:", word);
				break;
			}
			struct service_term t = all.v[i];
			t.sport = from;
			*VEC_ADD(s->arena, terms) = t;
		}
	}
}

static struct interface_names read_zone(struct sheet *s, enum column c)
{
	struct str name = cell(s, c);
	if (!name.n || is_any(name))
		return (struct interface_names){ 0 };
	struct str *copy = ARENA_ARRAY(s->arena, struct str, 1);
	copy[0] = name;
	return (struct interface_names){ .v = copy, .n = 1 };
}

static void look_at_strange_columns(struct sheet *s, struct sheet_row *row)
{
	for (size_t i = 0; i < s->csv.n; i++) {
		enum column c = i < s->n ? s->columns[i] : COLUMN_UNKNOWN;
		if (!s->csv.cells[i].n)
			continue;
		if (c == COLUMN_CONDITION && !is_any(s->csv.cells[i]) && !row->perhaps)
			row->perhaps = arena_printf(s->arena, "a condition in column \"%.*s\"", STR_ARG(s->titles[i]));
		if (c != COLUMN_UNKNOWN || (i < s->n && s->told[i]))
			continue;
		if (i < s->n)
			s->told[i] = true;
		ruleset_unknown(s->rules, row->at, s->csv.row, "the meaning of column \"%.*s\" is unknown",
				STR_ARG(i < s->n ? s->titles[i] : STR("")));
	}
}

enum in_force { COUNTS, STAYS_OUT, UNCLEAR };

/* All columns of this kind have to agree. */
static enum in_force read_enabled(struct sheet *s, struct sheet_row *row)
{
	bool yes = false, no = false;
	for (size_t i = 0; i < s->n && i < s->csv.n; i++) {
		struct str text = s->csv.cells[i];
		if (s->columns[i] != COLUMN_ENABLED || !text.n)
			continue;
		bool out = str_iis_one_of(text, "no false disabled inactive off 0 rejected removed decommissioned");
		bool in = str_iis_one_of(text, "yes true enabled active on 1 approved implemented done open live new");
		no |= out;
		yes |= in;
		if (!in && !out)
			not_understood(s, row, "whether it is in force is unclear:", text);
		else if (yes && no)
			not_understood(s, row, "another column contradicts this:", text);
	}
	return row->broken ? UNCLEAR : no ? STAYS_OUT : COUNTS;
}

static void read_row(struct sheet *s)
{
	struct sheet_row row = { .at = loc_line(s->csv.source, s->csv.row_line) };
	struct str action = cell(s, COLUMN_ACTION), direction = cell(s, COLUMN_DIRECTION);
	term_vec terms = { 0 };

	if (read_enabled(s, &row) == STAYS_OUT) {
		ruleset_idle(s->rules, row.at, s->csv.row, "its row states that it is not in force");
		return;
	}
	check_doubles(s, &row);
	bool deny = str_iis_one_of(action, "deny block drop reject denied blocked no");
	if (action.n && !deny && !str_iis_one_of(action, "permit allow accept pass allowed permitted yes open add"))
		not_understood(s, &row, "this is not an action:", action);
	bool both = str_iis_one_of(direction, "both bidirectional two-way bi <-> <->");
	if (direction.n && !both &&
	    !str_iis_one_of(direction,
			    "in out inbound outbound ingress egress forward one-way oneway unidirectional ->"))
		not_understood(s, &row, "this is not a direction:", direction);
	look_at_strange_columns(s, &row);
	struct rule r = { .at = row.at,
			  .action = deny ? ACTION_DENY : ACTION_PERMIT,
			  .name = cell(s, COLUMN_ID),
			  .comment = cell(s, COLUMN_WHY),
			  .text = s->csv.row };
	r.match.src = read_addresses(s, &row, COLUMN_SOURCE);
	r.match.dst = read_addresses(s, &row, COLUMN_DESTINATION);
	r.match.in = read_zone(s, COLUMN_SOURCE_ZONE);
	r.match.out = read_zone(s, COLUMN_DESTINATION_ZONE);
	read_services(s, &row, &terms);
	if (row.broken)
		return;
	r.match.services = terms.v;
	r.match.n_services = terms.n;
	r.match.never = !terms.n;
	r.perhaps = row.perhaps;
	*ruleset_rule(s->rules, s->chain, row.at) = r;
	if (!both)
		return;
	struct rule *back = ruleset_rule(s->rules, s->chain, row.at);
	*back = r;
	back->match.src = r.match.dst;
	back->match.dst = r.match.src;
	back->match.in = r.match.out;
	back->match.out = r.match.in;
}

bool csv_parse(struct arena *a, const struct source *source, const struct read_options *o, struct ruleset **ret,
	       struct diag *d)
{
	(void)o;
	enum { MOST_ROWS_ABOVE = 50 };
	size_t errors = diag_errors(d);
	struct sheet *s = ARENA_NEW(a, struct sheet);
	*s = (struct sheet){ .arena = a, .csv = csv_of(a, source), .rules = ruleset_new(a, source, "csv") };
	struct ruleset *r = s->rules;
	*ret = r;
	s->chain = ruleset_chain(r, STR("sheet"), loc_line(source, 1));
	r->chains.v[s->chain].fallthrough = ACTION_DENY;
	*VEC_ADD(a, &r->bases) = s->chain;
	r->replies = REPLIES_FREE;
	bool titles = false;
	for (size_t i = 0; i < MOST_ROWS_ABOVE && !titles && csv_next(&s->csv, d); i++) {
		titles = take_titles(s);
		r->n_ignored += !titles;
	}
	if (!titles)
		return diag_errors(d) == errors &&
		       diag_error(d, loc_line(source, 1),
				  "the row with the names of columns is missing: source, destination and ports");
	while (csv_next(&s->csv, d)) {
		if (r->chains.v[s->chain].rules.n >= MOST_RULES)
			return diag_error(d, loc_line(source, s->csv.row_line), "there are more than %d rules",
					  MOST_RULES);
		r->n_lines++;
		read_row(s);
	}
	r->n_understood = r->n_lines - MIN(r->unknown.n, r->n_lines);
	return diag_errors(d) == errors;
}

/* A header row: several cells, with sources and destinations among them. */
static bool is_title_row(struct str line)
{
	size_t parted = 0;
	for (size_t i = 0; i < line.n; i++) {
		if (line.p[i] == '{' || line.p[i] == '#')
			return false;
		parted += line.p[i] == ',' || line.p[i] == ';' || line.p[i] == '\t';
	}
	bool src =
		str_contains_ci(line, STR("source")) || str_contains_ci(line, STR("src")) || str_istarts(line, "from");
	bool dst = str_contains_ci(line, STR("dest")) || str_contains_ci(line, STR("dst"));
	return parted >= 2 && src && dst;
}

unsigned csv_resembles(struct str text)
{
	struct str head = str_first(text, 4096), line;
	for (int i = 0; i < 20 && str_cut(&head, '\n', &line); i++)
		if (is_title_row(line))
			return 70;
	return 0;
}
