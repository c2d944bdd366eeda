/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portolan ports: the needs of the documents, searched and sorted.
 */
#include "base/vec.h"
#include "cli/command.h"
#include "model/pair.h"
#include "report/needs.h"

struct filter {
	const struct catalogue *catalogue;
	int role, role_too, from, to, service, document; /* -1: any */
	uint16_t port;                                   /* 0: any */
	VEC(struct str) texts;
	const struct role_set *one, *other; /* of role and role_too, when both are given */
	bool as_documented, current;
};

static bool role_matches(int wanted, role_id id, struct role_ids members)
{
	if (wanted < 0 || id == wanted)
		return true;
	for (size_t i = 0; i < members.n; i++)
		if (members.v[i] == wanted)
			return true;
	return false;
}

static bool starts(int wanted, const struct need *n)
{
	return role_matches(wanted, n->from, n->from_members) ||
	       (n->from == ROLE_ANY && n->clients.n && role_matches(wanted, ROLE_ANY, n->clients));
}

static bool either_side(int wanted, const struct need *n)
{
	return starts(wanted, n) || role_matches(wanted, n->to, n->to_members);
}

static bool text_matches(const struct catalogue *c, const struct need *n, struct str text)
{
	const struct str where[] = { n->document->title,
				     n->document->id,
				     n->section,
				     n->why,
				     n->note,
				     need_from(c, n),
				     need_to(c, n),
				     c->services[n->service].id,
				     c->services[n->service].name };
	for (size_t i = 0; i < ARRAY_LEN(where); i++)
		if (str_contains_ci(where[i], text))
			return true;
	for (size_t i = 0; i < n->document->aka.n; i++)
		if (called_alike(n->document->aka.v[i], text))
			return true;
	return false;
}

static bool port_matches(const struct need *n, uint16_t port)
{
	for (size_t i = 0; i < n->ports.n; i++)
		if (n->ports.v[i].lo <= port && port <= n->ports.v[i].hi)
			return true;
	return port == 0;
}

/* What is between two hosts is what a plan has: errata replace what they correct. */
static bool is_planned(const struct filter *f, const struct need *n)
{
	return !n->unplanned.n && n->protocol &&
	       (f->as_documented || (n->erratum != ERRATUM_WITHDRAWS && !n->withdrawn));
}

static bool matches(const struct filter *f, const struct need *n)
{
	if (f->as_documented && n->erratum)
		return false;
	if (f->current && n->document->superseded)
		return false;
	if (f->document >= 0 && n->document != &f->catalogue->documents[f->document])
		return false;
	if (f->service >= 0 && n->service != f->service)
		return false;
	if (!port_matches(n, f->port))
		return false;
	if (!starts(f->from, n) || !role_matches(f->to, n->to, n->to_members))
		return false;
	if (f->other ? !is_planned(f, n) || !pair_needs(n, f->one, f->other) : !either_side(f->role, n))
		return false;
	for (size_t i = 0; i < f->texts.n; i++)
		if (!text_matches(f->catalogue, n, f->texts.v[i]))
			return false;
	return true;
}

static uint16_t read_port(struct invocation *call, struct str s)
{
	uint16_t port = 0;
	enum port_parse p = port_parse(s, &port);
	if (p != PORT_OK)
		diag_error(call->diag, NOWHERE, "\"%.*s\" is not a port: %s", STR_ARG(s), port_parse_why(p));
	return port;
}

static bool take_role(struct filter *f, int role)
{
	if (role < 0 || f->role_too >= 0)
		return false;
	*(f->role < 0 ? &f->role : &f->role_too) = role;
	return true;
}

static bool take(int *which, int found)
{
	if (found < 0 || *which >= 0)
		return false;
	*which = found;
	return true;
}

/* A port, a role, a service or a document, by its id or by what people call it. */
static bool take_words(struct invocation *call, struct filter *f, struct str words)
{
	const struct catalogue *c = f->catalogue;
	uint64_t number;
	if (str_to_u64(words, UINT64_MAX, &number)) {
		f->port = read_port(call, words);
		return true;
	}
	return take_role(f, catalogue_role(c, words)) || take(&f->service, catalogue_service(c, words)) ||
	       take(&f->document, catalogue_document(c, words)) ||
	       take(&f->service, catalogue_service_called(c, words)) || take_role(f, catalogue_role_called(c, words));
}

enum { MOST_WORDS_OF_A_NAME = 6 };

/* Several words may be one name, "print server": the longest that is one. */
static void read_words(struct invocation *call, struct filter *f)
{
	for (size_t i = 0; i < call->n_operands;) {
		size_t n = MIN(call->n_operands - i, (size_t)MOST_WORDS_OF_A_NAME);
		for (; n > 0; n--) {
			CLEANUP(out_free) struct out o = out_memory(1 << 16);
			for (size_t j = 0; j < n; j++)
				out_printf(&o, "%s%s", j ? " " : "", call->operands[i + j]);
			if (take_words(call, f, out_view(&o)))
				break;
		}
		if (!n)
			*VEC_ADD(call->arena, &f->texts) = str_of(call->operands[i]);
		i += MAX(n, (size_t)1);
	}
}

/* A word that found nothing may be misspelt. */
static void suggest_words(struct invocation *call, const struct filter *f)
{
	const struct catalogue *c = f->catalogue;
	VEC(struct str) words = { 0 };
	for (size_t i = 0; i < c->n_roles; i++) {
		*VEC_ADD(call->arena, &words) = c->roles[i].id;
		for (size_t j = 0; j < c->roles[i].aka.n; j++)
			*VEC_ADD(call->arena, &words) = c->roles[i].aka.v[j];
	}
	struct strs services = catalogue_service_names(call->arena, c);
	for (size_t i = 0; i < services.n; i++)
		*VEC_ADD(call->arena, &words) = services.v[i];
	for (size_t i = 0; i < c->n_documents; i++)
		*VEC_ADD(call->arena, &words) = c->documents[i].id;
	for (size_t i = 0; i < f->texts.n; i++)
		diag_suggest(call->diag, f->texts.v[i], words.v, words.n);
}

static void no_need(struct invocation *call, const struct filter *f)
{
	diag_warn(call->diag, NOWHERE, "no document has a matching need");
	suggest_words(call, f);
}

static int by_catalogue(const struct need *a, const struct need *b)
{
	return CMP((uintptr_t)a, (uintptr_t)b);
}

static int compare_service(const void *left, const void *right)
{
	const struct need *a = *(const struct need *const *)left, *b = *(const struct need *const *)right;
	int c = CMP(a->service, b->service);
	return c ? c : by_catalogue(a, b);
}

/* Ports without a number come last. */
static uint32_t first_port(const struct need *n)
{
	return n->ports.n ? n->ports.v[0].lo : UINT32_MAX;
}

static int compare_port(const void *left, const void *right)
{
	const struct need *a = *(const struct need *const *)left, *b = *(const struct need *const *)right;
	int c = CMP(first_port(a), first_port(b));
	c = c ? c : CMP(a->protocol, b->protocol);
	c = c ? c : CMP(a->service, b->service);
	return c ? c : by_catalogue(a, b);
}

static const struct {
	const char *name;
	void (*write)(struct out *o, const struct need_list *l);
} formats[] = { { "text", needs_text }, { "json", needs_json }, { "csv", needs_csv }, { "markdown", needs_markdown } };

static enum status run(struct invocation *call)
{
	const struct catalogue *c = invocation_catalogue(call);
	if (!c)
		return STATUS_INPUT;
	struct filter f = {
		.catalogue = c,
		.role_too = -1,
		.role = option_named(call, c, "role", "role", catalogue_role, catalogue_role_words),
		.from = option_named(call, c, "from", "role", catalogue_role, catalogue_role_words),
		.to = option_named(call, c, "to", "role", catalogue_role, catalogue_role_words),
		.service =
			option_named(call, c, "service", "service", catalogue_service_called, catalogue_service_names),
		.document = option_named(call, c, "document", "document", catalogue_document, catalogue_document_words),
		.as_documented = option_given(call, "as-documented"),
		.current = option_given(call, "current"),
	};
	if (option(call, "port"))
		f.port = read_port(call, str_of(option(call, "port")));
	read_words(call, &f);
	if (diag_errors(call->diag))
		return STATUS_INPUT;

	struct role_set one, other;
	if (f.role_too >= 0) {
		one = role_set_of(call->arena, c, (role_id)f.role);
		other = role_set_of(call->arena, c, (role_id)f.role_too);
		f.one = &one;
		f.other = &other;
	}
	VEC(const struct need *) needs = { 0 };
	for (size_t i = 0; i < c->n_needs; i++)
		if (matches(&f, &c->needs[i]))
			*VEC_ADD(call->arena, &needs) = &c->needs[i];
	const char *sort = option(call, "sort");
	if (sort && needs.n && strcmp(sort, "document") != 0)
		sort_items(needs.v, needs.n, sizeof *needs.v,
			   strcmp(sort, "port") == 0 ? compare_port : compare_service);
	struct need_list list = {
		.one = f.one,
		.other = f.other,
		.one_name = f.role_too >= 0 ? c->roles[f.role].id : NO_STR,
		.other_name = f.role_too >= 0 ? c->roles[f.role_too].id : NO_STR,
		.catalogue = c,
		.v = needs.v,
		.n = needs.n,
		.grouped = !sort || strcmp(sort, "document") == 0,
		.width = call->width,
		.colour = call->colour_out,
	};
	struct file file;
	if (!file_create(&file, call->arena, option(call, "output"), call->diag))
		return STATUS_MACHINE;
	bool summed = f.role_too >= 0 && !sort && !option_given(call, "all");
	for (size_t i = 0; i < ARRAY_LEN(formats); i++)
		if (str_is(option_format(call), formats[i].name))
			(i == 0 && summed ? needs_sum_text : formats[i].write)(&file.out, &list);
	file_commit(&file, call->diag);
	if (!needs.n)
		no_need(call, &f);
	return needs.n ? STATUS_WELL : STATUS_NO;
}

static const struct option_row options[] = {
	{ "role", 'r', "ROLE", NULL, "needs of this role, either side" },
	{ "from", 0, "ROLE", NULL, "needs that this role starts" },
	{ "to", 0, "ROLE", NULL, "needs where this role listens" },
	{ "service", 's', "SERVICE", NULL, "needs on this service" },
	{ "port", 'p', "PORT", NULL, "needs on this port" },
	{ "document", 'd', "DOCUMENT", NULL, "needs of this document" },
	{ "all", 0, NULL, NULL, "of two roles: every need with all that is known of it, not a line for each port" },
	{ "current", 0, NULL, NULL, "only the newest version of each document" },
	OPTION_AS_DOCUMENTED,
	{ "sort", 0, "KEY", "document service port", "order; service and port make a flat table" },
	OPTION_FORMAT("text json csv markdown"),
	OPTION_OUTPUT,
	OPTION_CATALOGUE,
	OPTIONS_END,
};

const struct command command_ports = {
	.name = "ports",
	.summary = "show which ports a role, a service or a document needs, and why",
	.arguments = "[WORD...]",
	.about = "Shows the needs of the documents: who opens a conversation with whom, on which protocol and port, "
		 "why, "
		 "under which condition, whether and where the port can be changed, and the document. Words "
		 "narrow the list: a port, a role (or two, for what a plan has between their hosts), a service, a "
		 "document, or any "
		 "text.",
	.options = options,
	.most = 100,
	.run = run,
};
