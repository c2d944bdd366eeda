/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The built-in catalogue against tests/data/facts, in both directions: nothing
 * that the documents state is lost, and nothing is invented.  The comparison is
 * itself tested: each thing that it compares is changed once, and it must
 * complain.
 */
#include "test.h"

#include "base/strmap.h"
#include "base/vec.h"
#include "model/catalogue.h"

enum { MOST_BYTES = 4 << 20, MOST_COLUMNS = 16, PROTO_LOST = 0 };

/* Tables */

struct table {
	struct str *cells; /* rows * columns of them */
	size_t rows, columns;
};

static struct str cell(const struct table *t, size_t row, size_t column)
{
	return t->cells[row * t->columns + column];
}

static bool refuse(struct arena *a, struct str *why, size_t line, const char *what)
{
	*why = str_printf(a, "line %zu %s", line, what);
	return false;
}

/* Strict: a cell that is empty, padded or too many would only hide a mistake. */
static bool table_parse(struct arena *a, struct str text, const char *header, struct table *ret, struct str *why)
{
	VEC(struct str) cells = { 0 };
	struct str line, value, first;
	size_t columns = 1, n = 0;

	if (!text.n || text.p[text.n - 1] != '\n')
		return refuse(a, why, 0, "does not end, so the file is cut");
	if (!str_is_utf8(text))
		return refuse(a, why, 0, "is not UTF-8");
	text.n--;
	if (!str_cut(&text, '\n', &first) || !str_is(first, header))
		return refuse(a, why, 1, "is another header");
	for (const char *p = header; *p; p++)
		columns += *p == '\t';
	while (str_cut(&text, '\n', &line)) {
		size_t n_cells = 0;
		n++;
		while (str_cut(&line, '\t', &value)) {
			if (!value.n || !str_eq(value, str_trim(value)))
				return refuse(a, why, n + 1, "has an empty or padded cell");
			*VEC_ADD(a, &cells) = value;
			n_cells++;
		}
		if (n_cells != columns)
			return refuse(a, why, n + 1, "has the wrong number of cells");
	}
	if (!n)
		return refuse(a, why, 2, "is missing");
	*ret = (struct table){ cells.v, n, columns };
	return true;
}

static struct table table_read(struct arena *a, const char *file, const char *header)
{
	const char *root = getenv("PORTOLAN_SOURCE");
	struct diag *d = diag_new(a);
	struct table t = { 0 };
	struct str why = STR("");

	if (!root)
		fail_msg("PORTOLAN_SOURCE is not set: run this test through meson");
	const struct source *s = source_read(a, arena_printf(a, "%s/tests/data/facts/%s", root, file), MOST_BYTES, d);
	if (!s)
		fail_msg("%.*s", STR_ARG(diag_text(a, d)));
	if (!table_parse(a, s->text, header, &t, &why))
		fail_msg("%s: %.*s", file, STR_ARG(why));
	return t;
}

/* Facts: a row of a flow file, or half of one that names both TCP and UDP */

struct fact {
	struct str document, part, from, to, service, ports;
	uint32_t line;     /* 0: none */
	unsigned protocol; /* PROTO_LOST where the document lost it */
	bool both, either, changeable, uncertain;
	bool beside; /* from comments on a document: in the catalogue, an erratum */
	struct strs settings, names;
};

struct facts {
	struct fact *v;
	size_t n, room;
};

struct complaints {
	struct str *v;
	size_t n, room;
};

static void complain(struct arena *a, struct complaints *c, struct str text)
{
	*VEC_ADD(a, c) = text;
}

static bool has_part(struct str notes, const char *beginning)
{
	struct str part;
	while (str_cut(&notes, ';', &part))
		if (str_starts(str_trim(part), beginning))
			return true;
	return false;
}

/* "names: a.example,b.example" of the notes */
static struct strs read_names(struct arena *a, struct str notes)
{
	VEC(struct str) v = { 0 };
	struct str part, name;
	while (str_cut(&notes, ';', &part)) {
		part = str_trim(part);
		if (!str_starts(part, "names: "))
			continue;
		part = str_skip(part, strlen("names: "));
		while (str_cut(&part, ',', &name))
			*VEC_ADD(a, &v) = name;
	}
	return (struct strs){ v.v, v.n };
}

static bool is_number(struct str s)
{
	uint32_t v;
	return str_to_u32(s, 99, &v);
}

/* "yes:iis", "no:4", "no" */
static bool read_configurable(struct arena *a, struct str text, struct fact *f)
{
	VEC(struct str) v = { 0 };
	struct str rest = text, head, id;

	str_cut(&rest, ':', &head);
	f->changeable = str_is(head, "yes");
	if (!f->changeable && !str_is(head, "no"))
		return false;
	while (str_cut(&rest, ',', &id)) {
		if (!id.n)
			return false;
		if (is_number(id))
			id = str_printf(a, "%.*s%s%.*s-note-%.*s", STR_ARG(f->document), f->part.n ? "-" : "",
					STR_ARG(f->part), STR_ARG(id));
		*VEC_ADD(a, &v) = id;
	}
	f->settings = (struct strs){ v.v, v.n };
	return true;
}

static bool read_protocol(struct str text, struct fact *f)
{
	f->both = str_is(text, "both");
	f->protocol = PROTO_LOST;
	if (f->both)
		f->protocol = PROTO_TCP;
	else if (str_starts(text, "ip"))
		return protocol_parse(str_skip(text, 2), &f->protocol);
	else if (!str_is(text, "?"))
		return protocol_parse(text, &f->protocol);
	return true;
}

static const char documents_header[] = "document\tline\tsection\tfrom\tto\tdirection\tservice\tproto\tports\t"
				       "configurable\tnotes";
static const char current_header[] = "document\tline\tsection\tfrom\tto\tdirection\tservice\tproto\tports\t"
				     "configurable\tnotes\tsource";

enum { DOCUMENT, LINE, SECTION, FROM, TO, DIRECTION, SERVICE, PROTO, PORTS, CONFIGURABLE, NOTES };

static bool fact_read(struct arena *a, const struct table *t, size_t row, struct fact *ret)
{
	struct fact f = {
		.from = cell(t, row, FROM),
		.to = cell(t, row, TO),
		.service = cell(t, row, SERVICE),
		.ports = cell(t, row, PORTS),
		.uncertain = has_part(cell(t, row, NOTES), "uncertain:"),
		.either = str_is(cell(t, row, DIRECTION), "<-->"),
		.names = read_names(a, cell(t, row, NOTES)),
	};
	f.part = cell(t, row, SECTION);
	str_cut(&f.part, '/', &f.document);
	f.beside = str_is(f.part, "comments");
	if (!str_is(cell(t, row, LINE), "-") && !str_to_u32(cell(t, row, LINE), UINT32_MAX, &f.line))
		return false;
	if (!f.either && !str_is(cell(t, row, DIRECTION), "-->"))
		return false;
	if (!read_protocol(cell(t, row, PROTO), &f) || !read_configurable(a, cell(t, row, CONFIGURABLE), &f))
		return false;
	*ret = f;
	return true;
}

static void facts_add(struct arena *a, const struct table *t, struct facts *ret)
{
	for (size_t row = 0; row < t->rows; row++) {
		struct fact f;
		if (!fact_read(a, t, row, &f))
			fail_msg("line %zu says what no row can say", row + 2);
		*VEC_ADD(a, ret) = f;
		if (f.both) {
			f.protocol = PROTO_UDP;
			*VEC_ADD(a, ret) = f;
		}
	}
}

static struct facts facts_read(struct arena *a)
{
	struct facts facts = { 0 };
	struct table older = table_read(a, "documents-flows.tsv", documents_header);
	struct table current = table_read(a, "flows-current.tsv", current_header);
	facts_add(a, &older, &facts);
	facts_add(a, &current, &facts);
	return facts;
}

/* The comparison */

static const struct catalogue *cat = &catalogue_builtin;

static bool strs_equal(struct strs x, struct strs y)
{
	if (x.n != y.n)
		return false;
	for (size_t i = 0; i < x.n; i++)
		if (!str_eq(x.v[i], y.v[i]))
			return false;
	return true;
}

static bool agree(const struct fact *f, const struct need *n)
{
	return str_eq(f->document, n->document->id) && str_eq(f->part, n->part) && str_eq(f->from, need_from(cat, n)) &&
	       str_eq(f->to, need_to(cat, n)) && f->either == n->either &&
	       str_eq(f->service, cat->services[n->service].id) && f->protocol == n->protocol && f->both == n->both &&
	       str_eq(f->ports, n->ports.text) && f->changeable == n->changeable &&
	       strs_equal(f->settings, n->settings) && strs_equal(f->names, n->names) && f->line == n->line &&
	       f->uncertain == (n->uncertain.n > 0) && f->beside == (n->erratum == ERRATUM_ADDS);
}

static struct str fact_text(struct arena *a, const struct fact *f)
{
	char proto[PROTOCOL_TEXT];
	return str_printf(a, "no need says: %.*s%s%.*s line %u: %.*s %s %.*s, %.*s %s %.*s", STR_ARG(f->document),
			  f->part.n ? "/" : "", STR_ARG(f->part), f->line, STR_ARG(f->from), f->either ? "<-->" : "-->",
			  STR_ARG(f->to), STR_ARG(f->service), f->protocol ? protocol_text(f->protocol, proto) : "?",
			  STR_ARG(f->ports));
}

/* Each fact takes one need that no other fact took; what is left over is a complaint. */
static struct complaints compare(struct arena *a, struct facts facts, const struct need *needs, size_t n_needs)
{
	struct complaints c = { 0 };
	bool *taken = ARENA_ARRAY(a, bool, n_needs);

	for (size_t i = 0; i < facts.n; i++) {
		size_t k = 0;
		while (k < n_needs && (taken[k] || !agree(&facts.v[i], &needs[k])))
			k++;
		if (k < n_needs)
			taken[k] = true;
		else
			complain(a, &c, fact_text(a, &facts.v[i]));
	}
	for (size_t k = 0; k < n_needs; k++)
		if (!taken[k] && needs[k].erratum == NO_ERRATUM)
			complain(a, &c, str_printf(a, "no fact says: %.*s", STR_ARG(needs[k].id)));
	return c;
}

static struct complaints citations(struct arena *a, const struct need *needs, size_t n)
{
	struct complaints c = { 0 };
	for (size_t i = 0; i < n; i++) {
		const struct need *need = &needs[i];
		if (!need->source.n || !need->section.n)
			complain(a, &c, str_printf(a, "no citation: %.*s", STR_ARG(need->id)));
		if (need->erratum && str_eq(need->source, need->document->source))
			complain(a, &c, str_printf(a, "no source of its own: %.*s", STR_ARG(need->id)));
		if (!need->why.n)
			complain(a, &c, str_printf(a, "no why: %.*s", STR_ARG(need->id)));
	}
	return c;
}

static const char roles_header[] = "id\tname\tproduct\tdocuments\taka";
static const char services_header[] = "proto\tport\tservice_id\tname\tapp_protocol\tchangeable\twhere\talso";

static struct complaints compare_roles(struct arena *a, const struct table *t)
{
	struct complaints c = { 0 };
	struct strmap seen = strmap_new(a);

	for (size_t i = 0; i < t->rows; i++) {
		int r = catalogue_role(cat, cell(t, i, 0));
		if (r < 0)
			complain(a, &c, str_printf(a, "no role: %.*s", STR_ARG(cell(t, i, 0))));
		else if (!cat->roles[r].name.n)
			complain(a, &c, str_printf(a, "no name: %.*s", STR_ARG(cell(t, i, 0))));
		strmap_add(&seen, cell(t, i, 0), &seen);
	}
	for (size_t i = 0; i < cat->n_roles; i++)
		if (!strmap_get(&seen, cat->roles[i].id))
			complain(a, &c, str_printf(a, "not in the table: %.*s", STR_ARG(cat->roles[i].id)));
	return c;
}

static struct str endpoint_key(struct arena *a, struct str service, struct str protocol, struct str ports)
{
	return str_printf(a, "%.*s %.*s/%.*s", STR_ARG(service), STR_ARG(protocol), STR_ARG(ports));
}

static void add_endpoint(struct arena *a, struct strmap *m, struct str service, struct str protocol, struct str ports)
{
	if (str_starts(protocol, "ip"))
		protocol = str_skip(protocol, 2);
	strmap_add(m, endpoint_key(a, service, protocol, ports), m);
}

/* Every service has exactly the endpoints of the rows that name it, first or under also. */
static struct complaints compare_services(struct arena *a, const struct table *t)
{
	struct complaints c = { 0 };
	struct strmap table = strmap_new(a), catalogue = strmap_new(a);

	for (size_t i = 0; i < t->rows; i++) {
		struct str also = cell(t, i, 7), id;
		if (!str_is(cell(t, i, 2), "-"))
			add_endpoint(a, &table, cell(t, i, 2), cell(t, i, 0), cell(t, i, 1));
		while (!str_is(also, "-") && str_cut(&also, ',', &id))
			add_endpoint(a, &table, id, cell(t, i, 0), cell(t, i, 1));
	}
	for (size_t i = 0; i < cat->n_services; i++) {
		const struct service *s = &cat->services[i];
		for (size_t k = 0; k < s->n_endpoints; k++)
			add_endpoint(a, &catalogue, s->id, s->endpoints[k].protocol, s->endpoints[k].ports);
	}
	for (size_t i = 0; i < table.room; i++)
		if (table.slots[i].value && !strmap_get(&catalogue, table.slots[i].key))
			complain(a, &c, str_printf(a, "no endpoint: %.*s", STR_ARG(table.slots[i].key)));
	for (size_t i = 0; i < catalogue.room; i++)
		if (catalogue.slots[i].value && !strmap_get(&table, catalogue.slots[i].key))
			complain(a, &c, str_printf(a, "not in the table: %.*s", STR_ARG(catalogue.slots[i].key)));
	return c;
}

static void none(const struct complaints *c)
{
	for (size_t i = 0; i < c->n; i++)
		print_message("# %.*s\n", STR_ARG(c->v[i]));
	assert_int_equal(c->n, 0);
}

/* The catalogue agrees with the facts */

static void every_fact_is_one_need_and_every_need_is_a_fact(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct complaints c = compare(a, facts_read(a), cat->needs, cat->n_needs);
	none(&c);
}

static void every_need_has_a_citation_and_every_erratum_its_own(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct complaints c = citations(a, cat->needs, cat->n_needs);
	none(&c);
}

static void every_role_of_the_table_is_in_the_catalogue_and_no_other(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct table t = table_read(a, "roles.tsv", roles_header);
	struct complaints c = compare_roles(a, &t);
	none(&c);
}

static void every_service_has_the_endpoints_of_the_table_and_no_others(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct table t = table_read(a, "services.tsv", services_header);
	struct complaints c = compare_services(a, &t);
	none(&c);
}

/* The comparison notices what it is there to notice */

static struct fact *find_fact(struct facts *f, const char *document, uint32_t line)
{
	for (size_t i = 0; i < f->n; i++)
		if (str_is(f->v[i].document, document) && f->v[i].line == line)
			return &f->v[i];
	fail_msg("%s has no row of line %u", document, line);
	return NULL;
}

static void change_document(struct fact *f)
{
	f->document = STR("wsus");
}
static void change_part(struct fact *f)
{
	f->part = STR("sql");
}
static void change_line(struct fact *f)
{
	f->line++;
}
static void change_from(struct fact *f)
{
	f->from = STR("sms-provider");
}
static void change_to(struct fact *f)
{
	f->to = STR("sms-provider");
}
static void change_direction(struct fact *f)
{
	f->either = !f->either;
}
static void change_service(struct fact *f)
{
	f->service = STR("rpc-static");
}
static void change_protocol(struct fact *f)
{
	f->protocol = PROTO_UDP;
}
static void change_to_both(struct fact *f)
{
	f->both = true;
}
static void change_ports(struct fact *f)
{
	f->ports = STR("136");
}
static void change_changeable(struct fact *f)
{
	f->changeable = !f->changeable;
}
static void change_uncertain(struct fact *f)
{
	f->uncertain = !f->uncertain;
}
static void change_beside(struct fact *f)
{
	f->beside = !f->beside;
}

static void change_names(struct fact *f)
{
	static const struct str other = STR_INIT("other.example");
	f->names = (struct strs){ &other, 1 };
}
static void change_settings(struct fact *f)
{
	static const struct str iis[] = { STR_INIT("iis") };
	f->settings = (struct strs){ iis, 1 };
}

static void a_fact_changed_in_any_cell_is_noticed_on_both_sides(void **state)
{
	static void (*const changes[])(struct fact *) = {
		change_document,   change_part,      change_line,     change_from,     change_to,
		change_direction,  change_service,   change_protocol, change_to_both,  change_ports,
		change_changeable, change_uncertain, change_beside,   change_settings, change_names,
	};
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct facts facts = facts_read(a);
	struct fact *f = find_fact(&facts, "configmgr-2012", 520), before = *f;

	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		changes[i](f);
		struct complaints c = compare(a, facts, cat->needs, cat->n_needs);
		assert_int_equal(c.n, 2);
		assert_contains(c.v[0], "no need says: ");
		assert_contains(c.v[1], "no fact says: configmgr-2012/management-point-to-site-server/rpc-epm-tcp");
		*f = before;
	}
}

static void a_fact_left_out_leaves_a_need_without_a_fact(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct facts facts = facts_read(a);
	*find_fact(&facts, "configmgr-2012", 520) = facts.v[facts.n - 1];
	facts.n--;
	struct complaints c = compare(a, facts, cat->needs, cat->n_needs);
	assert_int_equal(c.n, 1);
	assert_contains(c.v[0], "no fact says: configmgr-2012/management-point-to-site-server/rpc-epm-tcp");
}

static void a_fact_that_is_listed_twice_requires_two_needs(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct facts facts = facts_read(a);
	struct fact twice = *find_fact(&facts, "configmgr-2012", 520);
	*VEC_ADD(a, &facts) = twice;
	struct complaints c = compare(a, facts, cat->needs, cat->n_needs);
	assert_int_equal(c.n, 1);
	assert_contains(c.v[0], "no need says: configmgr-2012 line 520: ");
}

static void an_erratum_needs_no_fact_but_an_ordinary_need_does(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct facts none_of_them = { 0 };
	struct need n = cat->needs[0];
	n.erratum = ERRATUM_ADDS;
	assert_int_equal(compare(a, none_of_them, &n, 1).n, 0);
	n.erratum = NO_ERRATUM;
	assert_int_equal(compare(a, none_of_them, &n, 1).n, 1);
}

static void a_need_without_citation_is_noticed(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct need n = cat->needs[0];

	assert_int_equal(citations(a, &n, 1).n, 0);
	n.source = STR("");
	assert_int_equal(citations(a, &n, 1).n, 1);
	n = cat->needs[0];
	n.section = STR("");
	assert_int_equal(citations(a, &n, 1).n, 1);
	n = cat->needs[0];
	n.why = STR("");
	assert_int_equal(citations(a, &n, 1).n, 1);
}

static void an_erratum_that_cites_its_document_is_noticed(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct need n = cat->needs[0];
	n.erratum = ERRATUM_CORRECTS;
	n.source = n.document->source;
	struct complaints c = citations(a, &n, 1);
	assert_int_equal(c.n, 1);
	assert_contains(c.v[0], "no source of its own");
}

static void a_role_too_many_or_too_few_is_noticed(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct table t = table_read(a, "roles.tsv", roles_header);

	t.cells[0] = STR("domain-controler");
	struct complaints c = compare_roles(a, &t);
	assert_int_equal(c.n, 2);
	assert_contains(c.v[0], "no role: domain-controler");
	assert_contains(c.v[1], "not in the table: domain-controller");
}

static void an_endpoint_too_many_or_too_few_is_noticed(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct table t = table_read(a, "services.tsv", services_header);

	assert_str_equal(cell(&t, 0, 2), "echo");
	t.cells[1] = STR("6");
	struct complaints c = compare_services(a, &t);
	assert_int_equal(c.n, 2);
	assert_contains(c.v[0], "no endpoint: echo tcp/6");
	assert_contains(c.v[1], "not in the table: echo tcp/7");
}

static void a_service_that_only_shares_a_port_is_compared_too(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct table t = table_read(a, "services.tsv", services_header);

	for (size_t i = 0; i < t.rows; i++)
		if (str_is(cell(&t, i, 7), "dc-locator"))
			t.cells[i * t.columns + 7] = STR("dc-finder");
	struct complaints c = compare_services(a, &t);
	assert_int_equal(c.n, 2);
	assert_contains(c.v[0], "no endpoint: dc-finder udp/389");
}

/* Tables are read strictly */

static void a_table_that_is_not_exactly_one_is_refused(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{ "", "is cut" },
		{ "a\tb\nx\ty", "is cut" },
		{ "a\tc\nx\ty\n", "another header" },
		{ "a\tb\n", "is missing" },
		{ "a\tb\nx\n", "wrong number" },
		{ "a\tb\nx\ty\tz\n", "wrong number" },
		{ "a\tb\nx\t\n", "wrong number" },
		{ "a\tb\n\ty\n", "empty or padded" },
		{ "a\tb\nx\t y\n", "empty or padded" },
		{ "a\tb\r\nx\ty\r\n", "another header" },
		{ "a\tb\nx\ty\r\n", "empty or padded" },
		{ "a\tb\n\nx\ty\n", "wrong number" },
		{ "a\tb\nx\t\xff\n", "not UTF-8" },
	};
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct table t;
	struct str why;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		if (table_parse(a, str_of(cases[i].text), "a\tb", &t, &why))
			fail_msg("case %zu was read", i);
		assert_contains(why, cases[i].why);
	}
	assert_true(table_parse(a, STR("a\tb\nx\ty\n"), "a\tb", &t, &why));
	assert_int_equal(t.rows, 1);
	assert_str_equal(cell(&t, 0, 1), "y");
}

static void a_row_with_a_word_that_no_column_knows_is_refused(void **state)
{
	static const struct {
		size_t column;
		struct str wrong;
	} cases[] = {
		{ LINE, STR_INIT("12a") },           { DIRECTION, STR_INIT("->") },
		{ PROTO, STR_INIT("sctpp") },        { PROTO, STR_INIT("ip300") },
		{ CONFIGURABLE, STR_INIT("maybe") }, { CONFIGURABLE, STR_INIT("yes:iis,,rdp") },
	};
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct table t = table_read(a, "documents-flows.tsv", documents_header);
	struct fact f;

	assert_true(fact_read(a, &t, 0, &f));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct str before = t.cells[cases[i].column];
		t.cells[cases[i].column] = cases[i].wrong;
		if (fact_read(a, &t, 0, &f))
			fail_msg("\"%.*s\" was read", STR_ARG(cases[i].wrong));
		t.cells[cases[i].column] = before;
	}
}

RUN_TESTS(T(every_fact_is_one_need_and_every_need_is_a_fact), T(every_need_has_a_citation_and_every_erratum_its_own),
	  T(every_role_of_the_table_is_in_the_catalogue_and_no_other),
	  T(every_service_has_the_endpoints_of_the_table_and_no_others),
	  T(a_fact_changed_in_any_cell_is_noticed_on_both_sides), T(a_fact_left_out_leaves_a_need_without_a_fact),
	  T(a_fact_that_is_listed_twice_requires_two_needs), T(an_erratum_needs_no_fact_but_an_ordinary_need_does),
	  T(a_need_without_citation_is_noticed), T(an_erratum_that_cites_its_document_is_noticed),
	  T(a_role_too_many_or_too_few_is_noticed), T(an_endpoint_too_many_or_too_few_is_noticed),
	  T(a_service_that_only_shares_a_port_is_compared_too), T(a_table_that_is_not_exactly_one_is_refused),
	  T(a_row_with_a_word_that_no_column_knows_is_refused))
