/* SPDX-License-Identifier: Apache-2.0 */
#include "model/catalogue.h"

#include "base/vec.h"

const struct condition_word condition_words[N_CONDITIONS] = {
	[COND_JOINED] = { "joined", "the host is joined to a domain (no joined: workgroup)" },
	[COND_INTERNET_ONLY] = { "internet-only", "the host has internet-only: true" },
	[COND_OLDER_THAN] = { "older-than SYSTEM",
			      "the host's os is a Windows of an older generation; an absent os is the newest" },
	[COND_AT_LEAST] = { "at-least SYSTEM", "the host's os is of that generation or newer, not Windows, or absent" },
	[COND_FEATURE] = { "feature NAME",
			   "the host lists the optional function under features:; A|B is one of several" },
	[COND_ROLE] = { "role ROLE", "the host has the role" },
	[COND_TLS] = { "tls", "the host uses TLS here (no tls: no)" },
	[COND_PLAIN] = { "plain", "the host also accepts connections without TLS (no tls: only)" },
	[COND_SITE_SERVER_INITIATES] = { "site-server-initiates", "the host has site-server-initiates: true" },
	[COND_STATIC_RPC] = { "static-rpc", "the host sets a static port for the role under rpc:" },
	[COND_PORT_SET] = { "port-set SERVICE", "the host sets a port for the service under ports:" },
	[COND_PLACED] = { "placed", "the estate names a host with the role: an outside party that it omits is "
				    "not assumed" },
	[COND_INSTEAD_OF] = { "instead-of ROLE",
			      "the estate names a host with the role of this side, or none with the other role" },
	[COND_COMES_THROUGH] = { "comes-through ROLE",
				 "the host is outside, in the zone of all other addresses, and the "
				 "estate has a host with the role" },
	[COND_NAMED_INSTANCE] = { "named-instance", "the host has instances: besides MSSQLSERVER" },
};

const char *const erratum_names[N_ERRATA] = {
	[NO_ERRATUM] = "no",
	[ERRATUM_ADDS] = "adds",
	[ERRATUM_WITHDRAWS] = "withdraws",
	[ERRATUM_CORRECTS] = "corrects",
};

static int word_cmp(const void *left, const void *right)
{
	return str_cmp(*(const struct str *)left, *(const struct str *)right);
}

struct strs strs_unique(struct str *words, size_t n)
{
	size_t out = 0;
	if (n)
		sort_items(words, n, sizeof *words, word_cmp);
	for (size_t i = 0; i < n; i++)
		if (!out || !str_eq(words[out - 1], words[i]))
			words[out++] = words[i];
	return (struct strs){ words, out };
}

struct str strs_text(struct arena *a, struct strs words, size_t most)
{
	CLEANUP(out_free) struct out o = out_memory(1 << 20);
	for (size_t i = 0; i < MIN(words.n, most); i++) {
		out_text(&o, i ? ", " : "");
		out_str(&o, words.v[i]);
	}
	if (words.n > most)
		out_printf(&o, " and %zu more", words.n - most);
	return str_dup(a, out_view(&o));
}

/* Every vocabulary is an array of structs that begin with their id. */
static int find(const void *items, size_t n, size_t size, struct str id)
{
	size_t lo = 0, hi = n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = str_cmp(*(const struct str *)((const char *)items + mid * size), id);
		if (c == 0)
			return (int)mid;
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return -1;
}

_Static_assert(offsetof(struct role, id) == 0 && offsetof(struct service, id) == 0 &&
		       offsetof(struct document, id) == 0 && offsetof(struct setting, id) == 0 &&
		       offsetof(struct interface, id) == 0,
	       "find() takes the id from the beginning");

int catalogue_role(const struct catalogue *c, struct str id)
{
	return find(c->roles, c->n_roles, sizeof *c->roles, id);
}

int catalogue_service(const struct catalogue *c, struct str id)
{
	return find(c->services, c->n_services, sizeof *c->services, id);
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80);
}

bool called_alike(struct str left, struct str right)
{
	size_t i = 0, j = 0;
	for (;;) {
		while (i < left.n && !is_letter(ascii_lower(left.p[i])))
			i++;
		while (j < right.n && !is_letter(ascii_lower(right.p[j])))
			j++;
		if (i == left.n || j == right.n)
			return i == left.n && j == right.n && left.n > 0;
		if (ascii_lower(left.p[i++]) != ascii_lower(right.p[j++]))
			return false;
	}
}

static bool is_called(struct str id, struct str name, struct strs aka, struct str word)
{
	bool is = called_alike(id, word) || called_alike(name, word);
	for (size_t i = 0; i < aka.n && !is; i++)
		is = called_alike(aka.v[i], word);
	return is;
}

/* An id in either case comes before what another is called. */
int catalogue_service_called(const struct catalogue *c, struct str word)
{
	for (size_t i = 0; i < c->n_services; i++)
		if (str_ieq(c->services[i].id, word))
			return (int)i;
	for (size_t i = 0; i < c->n_services; i++)
		if (is_called(c->services[i].id, NO_STR, c->services[i].aka, word))
			return (int)i;
	return -1;
}

int catalogue_role_called(const struct catalogue *c, struct str word)
{
	for (size_t i = 0; i < c->n_roles; i++)
		if (str_ieq(c->roles[i].id, word))
			return (int)i;
	for (size_t i = 0; i < c->n_roles; i++)
		if (is_called(c->roles[i].id, c->roles[i].name, c->roles[i].aka, word))
			return (int)i;
	return -1;
}

int catalogue_document(const struct catalogue *c, struct str id)
{
	return find(c->documents, c->n_documents, sizeof *c->documents, id);
}

int catalogue_setting(const struct catalogue *c, struct str id)
{
	return find(c->settings, c->n_settings, sizeof *c->settings, id);
}

int catalogue_interface(const struct catalogue *c, struct str id)
{
	return find(c->interfaces, c->n_interfaces, sizeof *c->interfaces, id);
}

int catalogue_system(const struct catalogue *c, struct str id)
{
	/* few, and in order of age */
	for (size_t i = 0; i < c->n_systems; i++)
		if (str_eq(c->systems[i].id, id))
			return (int)i;
	return -1;
}

bool catalogue_older_than(const struct catalogue *c, system_id system, system_id than)
{
	return system != NO_SYSTEM && c->systems[system].windows &&
	       c->systems[system].generation < c->systems[than].generation;
}

static struct strs words(struct arena *a, const void *items, size_t n, size_t size)
{
	struct str *w = ARENA_ARRAY(a, struct str, n);
	for (size_t i = 0; i < n; i++)
		w[i] = *(const struct str *)((const char *)items + i * size);
	return (struct strs){ w, n };
}

struct strs catalogue_role_words(struct arena *a, const struct catalogue *c)
{
	return words(a, c->roles, c->n_roles, sizeof *c->roles);
}

struct strs catalogue_service_words(struct arena *a, const struct catalogue *c)
{
	return words(a, c->services, c->n_services, sizeof *c->services);
}

struct strs catalogue_service_names(struct arena *a, const struct catalogue *c)
{
	VEC(struct str) all = { 0 };
	for (size_t i = 0; i < c->n_services; i++) {
		*VEC_ADD(a, &all) = c->services[i].id;
		for (size_t j = 0; j < c->services[i].aka.n; j++)
			*VEC_ADD(a, &all) = c->services[i].aka.v[j];
	}
	return (struct strs){ all.v, all.n };
}

struct strs catalogue_system_words(struct arena *a, const struct catalogue *c)
{
	return words(a, c->systems, c->n_systems, sizeof *c->systems);
}

struct strs catalogue_document_words(struct arena *a, const struct catalogue *c)
{
	return words(a, c->documents, c->n_documents, sizeof *c->documents);
}

struct str role_text(const struct catalogue *c, role_id role)
{
	return role == ROLE_ANY ? STR("*") : c->roles[role].id;
}

struct str need_from(const struct catalogue *c, const struct need *n)
{
	return role_text(c, n->from);
}

struct str need_to(const struct catalogue *c, const struct need *n)
{
	return role_text(c, n->to);
}

static bool lists_role(struct role_ids ids, role_id role)
{
	for (size_t i = 0; i < ids.n; i++)
		if (ids.v[i] == role)
			return true;
	return false;
}

bool role_is_not_asked(const struct role *r, role_id as, role_id by)
{
	return lists_role(r->implies, as) && lists_role(r->not_asked_by, by);
}

static const char *const scope_texts[N_SCOPES] = {
	[SCOPE_FOREST] = "they are in one forest",
	[SCOPE_OWN_FOREST] = "they are in one forest",
	[SCOPE_FOREST_TRUST] = "they are in one forest, or in two with a trust",
	[SCOPE_TRUST] = "they are in two forests with a trust",
	[SCOPE_TRUSTED_SIDE] = "the client's forest trusts the server's",
	[SCOPE_TRUSTING_SIDE] = "the server's forest trusts the client's",
	[SCOPE_SITE] = "they are in one site",
	[SCOPE_RELATED_SITES] = "one's site is the parent of the other's",
};

/* The words for a condition that holds and for one that must not; %s is the role, %.*s the argument. */
static const struct {
	const char *holds, *not ;
} phrases[N_CONDITIONS] = {
	[COND_JOINED] = { "%.*s is joined to a domain", "%.*s is not joined to a domain" },
	[COND_INTERNET_ONLY] = { "%.*s is managed over the internet only",
				 "%.*s is not managed over the internet only" },
	[COND_OLDER_THAN] = { "%.*s runs a system older than %.*s", "%.*s does not run a system older than %.*s" },
	[COND_AT_LEAST] = { "%.*s runs %.*s or newer", "%.*s runs a system older than %.*s" },
	[COND_FEATURE] = { "%.*s uses the feature %.*s", "%.*s does not use the feature %.*s" },
	[COND_ROLE] = { "%.*s is also a %.*s", "%.*s is not a %.*s" },
	[COND_TLS] = { "%.*s uses TLS", "%.*s does not use TLS" },
	[COND_PLAIN] = { "%.*s accepts connections without TLS", "%.*s requires TLS" },
	[COND_SITE_SERVER_INITIATES] = { "%.*s waits for the site server", "%.*s does not wait for the site server" },
	[COND_STATIC_RPC] = { "%.*s has a static RPC port", "%.*s has no static RPC port" },
	[COND_PORT_SET] = { "%.*s has a port of its own for %.*s", "%.*s has the usual port for %.*s" },
	[COND_PLACED] = { "the estate has a %.*s", "the estate has no %.*s" },
	[COND_INSTEAD_OF] = { "the estate has a %.*s or no %.*s", "the estate has no %.*s but a %.*s" },
	[COND_COMES_THROUGH] = { "%.*s comes from outside through a %.*s",
				 "%.*s does not come from outside through a %.*s" },
	[COND_NAMED_INSTANCE] = { "%.*s has a named instance", "%.*s has no named instance" },
};

/* "A|B" reads "A or B". */
static struct str alternatives(struct arena *a, struct str s)
{
	CLEANUP(out_free) struct out o = out_memory(4096);
	struct str one;
	while (str_cut(&s, '|', &one))
		out_printf(&o, "%s%.*s", o.n ? " or " : "", STR_ARG(one));
	return str_dup(a, out_view(&o));
}

/* The role of one side, which that side must not have: the conversation never begins in this direction. */
static bool is_never(const struct need *n, const struct condition *condition)
{
	role_id role = condition->side == SIDE_FROM ? n->from : n->to;
	return condition->kind == COND_ROLE && condition->negated && condition->direction != DIRECTION_BOTH &&
	       condition->side != SIDE_EITHER && role == condition->index;
}

static void put_condition(struct out *o, struct arena *a, const struct catalogue *c, const struct need *n,
			  const struct condition *condition)
{
	struct str from = n->from == ROLE_ANY ? STR("the client") : need_from(c, n);
	struct str to = n->to == ROLE_ANY ? STR("the server") : need_to(c, n);
	struct str who = condition->side == SIDE_FROM ? from
			 : condition->side == SIDE_TO ? to
						      : str_printf(a, "%.*s or %.*s", STR_ARG(from), STR_ARG(to));
	bool by_system = condition->kind == COND_OLDER_THAN || condition->kind == COND_AT_LEAST;
	bool by_role = condition->kind == COND_ROLE || condition->kind == COND_INSTEAD_OF ||
		       condition->kind == COND_COMES_THROUGH;
	struct str what = by_role     ? c->roles[condition->index].id
			  : by_system ? c->systems[condition->index].name
				      : alternatives(a, condition->feature);
	const char *phrase = condition->negated ? phrases[condition->kind].not : phrases[condition->kind].holds;
	bool back = condition->direction == DIRECTION_BACK;

	if (is_never(n, condition)) {
		out_printf(o, "never from %.*s to %.*s", STR_ARG(back ? to : from), STR_ARG(back ? from : to));
		return;
	}
	if (condition->direction != DIRECTION_BOTH)
		out_printf(o, "from %.*s to %.*s only if ", STR_ARG(back ? to : from), STR_ARG(back ? from : to));
		/* the phrases are constants; those without an argument omit the second */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	out_text(o, arena_printf(a, phrase, STR_ARG(who), STR_ARG(what)));
#pragma GCC diagnostic pop
}

bool need_is_any_port(const struct need *n)
{
	return n->ports.kind == PORTS_LIST && n->ports.n == 1 && n->ports.v[0].lo <= 1 && n->ports.v[0].hi == 65535;
}

struct str need_condition_text(struct arena *a, const struct catalogue *c, const struct need *n)
{
	CLEANUP(out_free) struct out o = out_memory(65536);
	if (scope_texts[n->scope])
		out_text(&o, scope_texts[n->scope]);
	if (n->administration == ADMINISTRATION_BOUNDED)
		out_printf(&o, "%sthe estate says who administers what", o.n ? "; " : "");
	for (size_t i = 0; i < n->n_conditions; i++) {
		if (o.n)
			out_text(&o, "; ");
		put_condition(&o, a, c, n, &n->conditions[i]);
	}
	return str_dup(a, out_view(&o));
}
