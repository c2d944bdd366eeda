/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a directory of YAML into a catalogue: first the vocabularies (vocabulary/),
 * then every document, whose names are looked up in them.  Tables of fields
 * describe each kind of map; portolan-catalogue(5) is checked against them.
 */
#include <errno.h>

#include "base/strmap.h"
#include "base/system.h"
#include "model/catalogue-read.h"
#include "model/condition.h"
#include "model/ports.h"

enum {
	MOST_DOCUMENTS = 1000,
	MOST_NEEDS = 60000,
	LONGEST_HOST_NAME = 253, /* RFC 1035 */
};

static struct role_ids find_roles(struct reader *r, struct names names)
{
	role_id *roles = ARENA_ARRAY(r->arena, role_id, names.n);
	size_t n = 0;
	for (size_t i = 0; i < names.n; i++) {
		int id = reader_role(r, names.v[i]);
		if (id >= 0)
			roles[n++] = (role_id)id;
	}
	return (struct role_ids){ roles, n };
}

static int by_id(const void *left, const void *right)
{
	return str_cmp(*(const struct str *)left, *(const struct str *)right);
}

static bool read_systems(struct reader *r, const char *folder)
{
	struct records *rows = reader_words(r, folder, "vocabulary/systems.yaml", &systems_record, 0);
	if (!rows)
		return false;
	struct system *systems = ARENA_ARRAY(r->arena, struct system, rows->n);
	const struct system_row *row = rows->v;
	for (size_t i = 0; i < rows->n; i++) {
		systems[i] = (struct system){
			.id = row[i].id.s,
			.name = row[i].name.s,
			.windows = row[i].generation.n > 0,
			.generation = (uint32_t)row[i].generation.n,
			.dynamic_tcp = row[i].dynamic_tcp,
			.dynamic_udp = row[i].dynamic_udp,
			.source = row[i].source.s,
		};
	}
	r->cat.systems = systems;
	r->cat.n_systems = rows->n;
	r->system_words = catalogue_system_words(r->arena, &r->cat);
	return true;
}

static bool read_settings(struct reader *r, const char *folder)
{
	struct records *rows = reader_words(r, folder, "vocabulary/settings.yaml", &settings_record, 0);
	if (!rows)
		return false;
	struct setting *settings = ARENA_ARRAY(r->arena, struct setting, rows->n);
	struct str *w = ARENA_ARRAY(r->arena, struct str, rows->n);
	const struct setting_row *row = rows->v;
	for (size_t i = 0; i < rows->n; i++)
		settings[i] =
			(struct setting){ row[i].id.s, row[i].text.s, row_text(row[i].source), row_text(row[i].pins) };
	sort_items(settings, rows->n, sizeof *settings, by_id);
	for (size_t i = 0; i < rows->n; i++)
		w[i] = settings[i].id;
	r->cat.settings = settings;
	r->cat.n_settings = rows->n;
	r->setting_words = (struct strs){ w, rows->n };
	return true;
}

static bool read_interfaces(struct reader *r, const char *folder)
{
	struct records *rows = reader_words(r, folder, "vocabulary/interfaces.yaml", &interfaces_record, 0);
	if (!rows)
		return false;
	struct interface *interfaces = ARENA_ARRAY(r->arena, struct interface, rows->n);
	struct str *w = ARENA_ARRAY(r->arena, struct str, rows->n);
	const struct interface_row *row = rows->v;
	for (size_t i = 0; i < rows->n; i++)
		interfaces[i] = (struct interface){ row[i].id.s,    row[i].uuid.s,   row[i].version.s,
						    row[i].title.s, row[i].source.s, row[i].dcom.on };
	sort_items(interfaces, rows->n, sizeof *interfaces, by_id);
	for (size_t i = 0; i < rows->n; i++)
		w[i] = interfaces[i].id;
	r->cat.interfaces = interfaces;
	r->cat.n_interfaces = rows->n;
	r->interface_words = (struct strs){ w, rows->n };
	return true;
}

static bool read_services(struct reader *r, const char *folder)
{
	struct records *rows = reader_words(r, folder, "vocabulary/services.yaml", &services_record, 0);
	if (!rows)
		return false;
	struct service *services = ARENA_ARRAY(r->arena, struct service, rows->n);
	const struct service_row *row = rows->v;
	for (size_t i = 0; i < rows->n; i++) {
		const struct endpoint_row *ends = row[i].endpoints.v;
		struct service_endpoint *e = ARENA_ARRAY(r->arena, struct service_endpoint, row[i].endpoints.n);
		for (size_t j = 0; j < row[i].endpoints.n; j++)
			e[j] = (struct service_endpoint){ ends[j].protocol.s, ends[j].ports.s, ends[j].changeable.on,
							  row_text(ends[j].where), row_text(ends[j].note) };
		services[i] = (struct service){
			.id = row[i].id.s,
			.name = row[i].name.s,
			.aka = row_texts(r->arena, row[i].aka),
			.application = row_text(row[i].application),
			.resolves = (enum service_ports)row[i].resolves.n,
			.follows = row_text(row[i].follows),
			.following = (enum following)row[i].following.n,
			.endpoints = e,
			.n_endpoints = row[i].endpoints.n,
		};
	}
	sort_items(services, rows->n, sizeof *services, by_id);
	r->cat.services = services;
	r->cat.n_services = rows->n;
	r->service_words = catalogue_service_words(r->arena, &r->cat);
	for (size_t i = 0; i < rows->n; i++)
		if (row[i].follows.s.p && catalogue_service(&r->cat, row[i].follows.s) < 0)
			reader_unknown(r, "service", row[i].follows, r->service_words);
	return true;
}

static system_id find_system(struct reader *r, struct name system)
{
	int id = system.s.p ? catalogue_system(&r->cat, system.s) : -1;
	if (system.s.p && id < 0)
		reader_unknown(r, "system", system, r->system_words);
	return id < 0 ? NO_SYSTEM : (system_id)id;
}

static int role_row_by_id(const void *left, const void *right)
{
	return str_cmp(((const struct role_row *)left)->id.s, ((const struct role_row *)right)->id.s);
}

static bool read_roles(struct reader *r, const char *folder)
{
	struct records *rows = reader_words(r, folder, "vocabulary/roles.yaml", &roles_record, 0);
	if (!rows)
		return false;
	struct role *roles = ARENA_ARRAY(r->arena, struct role, rows->n);
	struct role_row *row = rows->v;
	sort_items(row, rows->n, sizeof *row, role_row_by_id);
	for (size_t i = 0; i < rows->n; i++)
		roles[i].id = row[i].id.s;
	r->cat.roles = roles;
	r->cat.n_roles = rows->n;
	r->role_words = catalogue_role_words(r->arena, &r->cat);
	for (size_t i = 0; i < rows->n; i++) {
		roles[i] = (struct role){
			.id = row[i].id.s,
			.name = row[i].name.s,
			.product = row_text(row[i].product),
			.aka = row_texts(r->arena, row[i].aka),
			.kind = (enum role_kind)row[i].kind.n,
			.implies = find_roles(r, row[i].implies),
			.implies_joined = find_roles(r, row[i].implies_joined),
			.implies_old = find_roles(r, row[i].implies_old),
			.old_system = find_system(r, row[i].old_system),
			.not_asked_by = find_roles(r, row[i].not_asked_by),
			.located = (enum located)row[i].located.n,
			.instanced = row[i].instanced.on,
			.note = row_text(row[i].note),
			.ended = row_text(row[i].ended),
			.ended_source = row_text(row[i].ended_source),
			.ended_document = row_text(row[i].ended_document),
			.ended_system = find_system(r, row[i].ended_system),
		};
		if (row[i].ended.s.p && !row[i].ended_source.s.p)
			diag_error(r->diag, row[i].ended.at, "an end needs its own \"ended-source\"");
	}
	for (size_t i = 0; i < r->cat.n_settings; i++) {
		struct str pins = r->cat.settings[i].pins;
		if (pins.n && catalogue_role(&r->cat, pins) < 0)
			diag_error(r->diag, NOWHERE, "the setting \"%.*s\" pins \"%.*s\", which is not a role",
				   STR_ARG(r->cat.settings[i].id), STR_ARG(pins));
	}
	return true;
}

static const uint16_t *find_interfaces(struct reader *r, struct names names, size_t *n)
{
	uint16_t *ids = ARENA_ARRAY(r->arena, uint16_t, names.n);
	*n = 0;
	for (size_t i = 0; i < names.n; i++) {
		int id = catalogue_interface(&r->cat, names.v[i].s);
		if (id < 0)
			reader_unknown(r, "interface", names.v[i], r->interface_words);
		else
			ids[(*n)++] = (uint16_t)id;
	}
	return ids;
}

static void read_program(struct reader *r, const struct program_row *row, struct program *ret)
{
	service_id *services = ARENA_ARRAY(r->arena, service_id, row->services.n);
	uint8_t *protocols = ARENA_ARRAY(r->arena, uint8_t, row->protocols.n);
	uint32_t number;
	*ret = (struct program){
		.id = row->id.s,
		.path = row->program.s,
		.windows_services = row_texts(r->arena, row->windows_services),
		.shared = row->shared.on,
		.services = services,
		.roles = find_roles(r, row->roles),
		.protocols = protocols,
		.source = row->source.s,
	};
	ret->interfaces = find_interfaces(r, row->interfaces, &ret->n_interfaces);
	for (size_t i = 0; i < row->services.n; i++) {
		int id = catalogue_service(&r->cat, row->services.v[i].s);
		if (id < 0)
			reader_unknown(r, "service", row->services.v[i], r->service_words);
		else
			services[ret->n_services++] = (service_id)id;
	}
	for (size_t i = 0; i < row->protocols.n; i++) {
		if (str_to_u32(row->protocols.v[i].s, 255, &number))
			protocols[ret->n_protocols++] = (uint8_t)number;
		else
			diag_error(r->diag, row->protocols.v[i].at, "\"%.*s\" is not the number of a protocol",
				   STR_ARG(row->protocols.v[i].s));
	}
}

static bool read_programs(struct reader *r, const char *folder)
{
	struct records *rows = reader_words(r, folder, "vocabulary/programs.yaml", &programs_record, 0);
	if (!rows)
		return false;
	struct program *programs = ARENA_ARRAY(r->arena, struct program, rows->n);
	const struct program_row *row = rows->v;
	for (size_t i = 0; i < rows->n; i++)
		read_program(r, &row[i], &programs[i]);
	sort_items(programs, rows->n, sizeof *programs, by_id);
	r->cat.programs = programs;
	r->cat.n_programs = rows->n;
	return true;
}

/* A document's sections and needs */

struct context {
	struct reader *r;
	const struct document *document;
	const struct document_row *doc;
	const struct section_row *section;
	size_t first_need; /* of this document */
};

static struct name pick(struct name inner, struct name outer)
{
	return inner.s.p ? inner : outer;
}

static void add_features(struct reader *r, struct str alternatives)
{
	struct str name;
	while (str_cut(&alternatives, '|', &name))
		*VEC_ADD(r->arena, &r->features) = name;
}

static void read_conditions(struct context *c, struct need *n, const struct names *lists[],
			    const enum direction *directions, size_t n_lists)
{
	struct reader *r = c->r;
	size_t total = 0;
	for (size_t i = 0; i < n_lists; i++)
		total += lists[i]->n;
	struct condition *conditions = ARENA_ARRAY(r->arena, struct condition, total);
	size_t used = 0;
	for (size_t i = 0; i < n_lists; i++) {
		for (size_t j = 0; j < lists[i]->n; j++) {
			struct condition cond = { .direction = directions[i] };
			if (!condition_parse(&r->cat, r->arena, &lists[i]->v[j], &cond, r->diag))
				continue;
			if (cond.kind == COND_FEATURE)
				add_features(r, cond.feature);
			conditions[used++] = cond;
		}
	}
	n->conditions = conditions;
	n->n_conditions = used;
}

/* Of a host, with * and <word> for what varies: no character that a comment of a rule could not hold. */
static bool is_host_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!char_in(s.p[i], "abcdefghijklmnopqrstuvwxyz0123456789-.*<>"))
			return false;
	return s.n > 0 && s.n <= LONGEST_HOST_NAME;
}

static struct strs find_host_names(struct reader *r, struct names names)
{
	for (size_t i = 0; i < names.n; i++)
		if (!is_host_name(names.v[i].s))
			diag_error(r->diag, names.v[i].at, "\"%.*s\" is not the name of a host in small letters",
				   STR_ARG(names.v[i].s));
	return row_texts(r->arena, names);
}

/* "yes:iis", "no:4", "no", "yes": whether the port can be changed, and what changes it. */
static void read_change(struct context *c, struct need *n, struct name change)
{
	struct reader *r = c->r;
	struct str rest = change.s, head, id;
	VEC(struct str) words = { 0 };

	if (!change.s.p || !str_cut(&rest, ':', &head))
		return;
	if (!str_is(head, "yes") && !str_is(head, "no")) {
		diag_error(r->diag, change.at, "\"%.*s\" does not begin with yes or no", STR_ARG(change.s));
		return;
	}
	n->changeable = str_is(head, "yes");
	while (str_cut(&rest, ',', &id)) {
		uint32_t note;
		/* a bare number is a note of the document, or of its part */
		if (str_to_u32(id, 99, &note))
			id = n->part.n ? str_printf(r->arena, "%.*s-%.*s-note-%u", STR_ARG(n->document->id),
						    STR_ARG(n->part), note)
				       : str_printf(r->arena, "%.*s-note-%u", STR_ARG(n->document->id), note);
		if (catalogue_setting(&r->cat, id) < 0)
			reader_unknown(r, "setting", (struct name){ id, change.at }, r->setting_words);
		*VEC_ADD(r->arena, &words) = id;
	}
	n->settings = (struct strs){ words.v, words.n };
}

/* document/part/from-to-to/service-protocol[-erratum], with a number after the second of a kind */
static struct str make_id(struct context *c, const struct need *n)
{
	struct reader *r = c->r;
	char proto[PROTOCOL_TEXT];
	struct str from = need_from(&r->cat, n), to = need_to(&r->cat, n);
	if (n->from == ROLE_ANY)
		from = STR("any");
	if (n->to == ROLE_ANY)
		to = STR("any");
	return str_printf(r->arena, "%.*s/%.*s%s%.*s-to-%.*s/%.*s-%s%s", STR_ARG(n->document->id), STR_ARG(n->part),
			  n->part.n ? "/" : "", STR_ARG(from), STR_ARG(to), STR_ARG(r->cat.services[n->service].id),
			  n->protocol ? protocol_text(n->protocol, proto) : "unknown", n->erratum ? "-erratum" : "");
}

static void number_ids(struct reader *r, size_t first)
{
	struct strmap seen = strmap_new(r->arena);
	for (size_t i = first; i < r->needs.n; i++) {
		struct need *n = &r->needs.v[i];
		struct str plain = n->id;
		for (unsigned j = 2; !strmap_add(&seen, n->id, n); j++)
			n->id = str_printf(r->arena, "%.*s-%u", STR_ARG(plain), j);
	}
}

static void add_need(struct reader *r, const struct need *n, struct loc at)
{
	*VEC_ADD(r->arena, &r->needs) = *n;
	*VEC_ADD(r->arena, &r->places) = at;
}

static void read_need(struct context *c, const struct need_row *row)
{
	struct reader *r = c->r;
	const struct section_row *s = c->section;
	struct name from = pick(row->from, s->from), to = pick(row->to, s->to);
	struct need n = { .document = c->document, .line = (uint32_t)row->line.n };
	size_t errors = diag_errors(r->diag);

	if (!from.s.p || !to.s.p) {
		diag_error(r->diag, row->at, "this need lacks \"%s\", and so does its section",
			   from.s.p ? "to" : "from");
		return;
	}
	int from_id = reader_role(r, from), to_id = reader_role(r, to);
	int service = catalogue_service(&r->cat, row->service.s);
	if (service < 0)
		reader_unknown(r, "service", row->service, r->service_words);

	n.part = row_text(s->part);
	n.section = row_text(pick(row->section, s->title));
	n.source = row_text(pick(pick(row->source, s->source), c->doc->source));
	n.from = (role_id)from_id;
	n.to = (role_id)to_id;
	n.service = (service_id)service;
	n.from_members = find_roles(r, row->from_members.n ? row->from_members : s->from_members);
	n.to_members = find_roles(r, row->to_members.n ? row->to_members : s->to_members);
	const struct names *clients = row->clients.n ? &row->clients : &s->clients;
	n.clients_any = clients->n == 1 && str_is(clients->v[0].s, "*");
	if (!n.clients_any)
		n.clients = find_roles(r, *clients);
	n.either = (row->initiator.at.line ? row->initiator : s->initiator).n == 1;
	n.scope = (enum scope)(row->scope.at.line ? row->scope : s->scope.at.line ? s->scope : c->doc->scope).n;
	n.administration =
		(enum administration)(row->administration.at.line ? row->administration : s->administration).n;
	n.names = find_host_names(r, row->names.n ? row->names : s->names);
	n.why = row_text(pick(row->why, s->why));
	n.note = row_text(row->note);
	n.uncertain = row_text(row->uncertain);
	n.unplanned = row_text(pick(row->unplanned, s->unplanned));
	n.erratum = (enum erratum)row->erratum.n;
	ports_parse(r->arena, &row->ports, &n.ports, r->diag);
	if (row->plan_default.s.p && port_range_parse(row->plan_default.s, &n.plan_default) != PORT_OK)
		diag_error(r->diag, row->plan_default.at, "\"%.*s\" is not a port", STR_ARG(row->plan_default.s));
	read_change(c, &n, row->change);
	const struct names *lists[] = { &s->when, &row->when, &s->forward, &row->forward, &s->back, &row->back };
	static const enum direction directions[] = { DIRECTION_BOTH,    DIRECTION_BOTH, DIRECTION_FORWARD,
						     DIRECTION_FORWARD, DIRECTION_BACK, DIRECTION_BACK };
	read_conditions(c, &n, lists, directions, ARRAY_LEN(lists));
	n.interfaces = find_interfaces(r, row->interfaces.n ? row->interfaces : s->interfaces, &n.n_interfaces);
	if (!n.why.n)
		diag_error(r->diag, row->at, "this need lacks \"why\", and so does its section");
	if (n.erratum && !row->source.s.p)
		diag_error(r->diag, row->at, "an erratum needs its own \"source\"");

	unsigned protocol = 0;
	bool both = str_is(row->protocol.s, "both");
	if (both)
		protocol = PROTO_TCP;
	else if (!str_is(row->protocol.s, "?") && !protocol_parse(row->protocol.s, &protocol))
		diag_error(r->diag, row->protocol.at,
			   "\"%.*s\" is not a protocol: tcp, udp, both, icmp, a number, or ?",
			   STR_ARG(row->protocol.s));
	if (diag_errors(r->diag) != errors)
		return;
	if (r->needs.n + 2 > MOST_NEEDS) {
		diag_error(r->diag, row->at, "more than %d needs", MOST_NEEDS);
		return;
	}
	n.both = both;
	n.protocol = (uint8_t)protocol;
	n.id = make_id(c, &n);
	add_need(r, &n, row->at);
	if (both) {
		n.protocol = PROTO_UDP;
		n.id = make_id(c, &n);
		add_need(r, &n, row->at);
	}
}

static bool same_role(const struct need *erratum, role_id want, role_id have)
{
	return want == have || (want == ROLE_ANY && erratum->erratum == ERRATUM_WITHDRAWS);
}

static bool withdraws(const struct need *erratum, const struct need *n)
{
	return n->erratum == NO_ERRATUM && n->service == erratum->service && n->protocol == erratum->protocol &&
	       same_role(erratum, erratum->from, n->from) && same_role(erratum, erratum->to, n->to);
}

/* A withdrawal or a correction that matches no row is an error in the catalogue. */
static void apply_withdrawals(struct reader *r, size_t first)
{
	for (size_t i = first; i < r->needs.n; i++) {
		const struct need *erratum = &r->needs.v[i];
		size_t fits = 0;
		if (erratum->erratum != ERRATUM_WITHDRAWS && erratum->erratum != ERRATUM_CORRECTS)
			continue;
		for (size_t j = first; j < r->needs.n; j++)
			if (withdraws(erratum, &r->needs.v[j])) {
				r->needs.v[j].withdrawn = true;
				fits++;
			}
		if (!fits)
			diag_error(r->diag, r->places.v[i], "this erratum matches no need of its document: \"%.*s\"",
				   STR_ARG(erratum->id));
	}
}

static void read_document(struct reader *r, const struct document *document, const struct document_row *doc)
{
	struct context c = { .r = r, .document = document, .doc = doc, .first_need = r->needs.n };
	const struct section_row *sections = doc->sections.v;
	for (size_t i = 0; i < doc->sections.n; i++) {
		c.section = &sections[i];
		const struct need_row *rows = sections[i].needs.v;
		for (size_t j = 0; j < sections[i].needs.n; j++)
			read_need(&c, &rows[j]);
	}
	number_ids(r, c.first_need);
	apply_withdrawals(r, c.first_need);
}

/* Names of the folder's .yaml files, sorted; NULL after an error. */
static const char **list_files(struct reader *r, const char *folder, size_t *n)
{
	VEC(const char *) paths = { 0 };
	size_t n_names;
	const char **names = system_folder(r->arena, folder, &n_names);
	if (!names) {
		if (errno == ENOENT || errno == ENOTDIR)
			diag_error(r->diag, NOWHERE, "there is no catalogue folder \"%s\"", folder);
		else
			diag_machine(r->diag, errno, "cannot read the folder \"%s\"", folder);
		return NULL;
	}
	for (size_t i = 0; i < n_names; i++)
		if (names[i][0] != '.' && str_ends(str_of(names[i]), ".yaml"))
			*VEC_ADD(r->arena, &paths) = names[i];
	if (paths.n == 0 || paths.n > MOST_DOCUMENTS) {
		diag_error(r->diag, NOWHERE, "the catalogue folder \"%s\" has %s", folder,
			   paths.n ? "too many documents" : "no documents (*.yaml)");
		return NULL;
	}
	*n = paths.n;
	return paths.v;
}

static int document_row_by_id(const void *left, const void *right)
{
	return str_cmp(((const struct document_row *)left)->id.s, ((const struct document_row *)right)->id.s);
}

/* Adds the decoded documents to the catalogue: their names, which supersedes which, their needs. */
static bool make_documents(struct reader *r, struct document_row *rows, size_t n)
{
	sort_items(rows, n, sizeof *rows, document_row_by_id);
	struct document *documents = ARENA_ARRAY(r->arena, struct document, n);
	r->cat.documents = documents;
	r->cat.n_documents = n;
	for (size_t i = 0; i < n; i++) {
		if (i && str_eq(rows[i].id.s, rows[i - 1].id.s)) {
			diag_error(r->diag, rows[i].id.at, "two documents have the id \"%.*s\"", STR_ARG(rows[i].id.s));
			diag_note(r->diag, rows[i - 1].id.at, "the other one is here");
		}
		documents[i] = (struct document){
			.id = rows[i].id.s,
			.title = rows[i].title.s,
			.product = row_text(rows[i].product),
			.date = row_text(rows[i].date),
			.source = row_text(rows[i].source),
			.about = row_text(rows[i].about),
			.aka = row_texts(r->arena, rows[i].aka),
			.supersedes = row_texts(r->arena, rows[i].supersedes),
			.functions = rows[i].functions.on,
		};
	}
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < rows[i].supersedes.n; j++) {
			int old = catalogue_document(&r->cat, rows[i].supersedes.v[j].s);
			if (old >= 0)
				documents[old].superseded = true;
		}
	for (size_t i = 0; i < n; i++)
		read_document(r, &documents[i], &rows[i]);
	r->cat.needs = r->needs.v;
	r->cat.n_needs = r->needs.n;
	return diag_errors(r->diag) == 0;
}

static bool read_documents(struct reader *r, const char *folder)
{
	size_t n_files, n = 0;
	const char **files = list_files(r, folder, &n_files);
	if (!files)
		return false;
	struct document_row *rows = ARENA_ARRAY(r->arena, struct document_row, n_files);
	for (size_t i = 0; i < n_files; i++) {
		const struct node *node = reader_yaml(r, folder, files[i]);
		struct decode d = { r->arena, r->diag, NULL };
		if (node && record_decode(&d, &document_record, node, &rows[n]))
			n++;
	}
	return !diag_errors(r->diag) && make_documents(r, rows, n);
}

const struct catalogue *catalogue_read_text(struct arena *a, const struct catalogue *words, const struct source *s,
					    struct diag *d)
{
	struct reader *r = ARENA_NEW(a, struct reader);
	struct document_row *row = ARENA_NEW(a, struct document_row);
	struct decode decode = { a, d, NULL };
	size_t errors = diag_errors(d);
	r->arena = a;
	r->diag = d;
	r->cat = *words;
	r->role_words = catalogue_role_words(a, words);
	r->service_words = catalogue_service_words(a, words);
	r->system_words = catalogue_system_words(a, words);
	const struct node *node = yaml_parse(a, s, d);
	if (!node || !record_decode(&decode, &document_record, node, row) || !make_documents(r, row, 1) ||
	    diag_errors(d) != errors)
		return NULL;
	r->cat.features = strs_unique(r->features.v, r->features.n);
	return &r->cat;
}

const struct catalogue *catalogue_read(struct arena *a, const char *folder, struct diag *d)
{
	struct reader *r = ARENA_NEW(a, struct reader);
	r->arena = a;
	r->diag = d;
	bool ok = read_systems(r, folder);
	ok &= read_settings(r, folder);
	ok &= read_interfaces(r, folder);
	ok &= read_services(r, folder);
	ok = ok && read_roles(r, folder);
	ok = ok && read_programs(r, folder);
	ok = ok && read_errors(r, folder);
	ok = ok && read_documents(r, folder);
	if (!ok || diag_errors(d))
		return NULL;
	r->cat.features = strs_unique(r->features.v, r->features.n);
	return &r->cat;
}
