/* SPDX-License-Identifier: Apache-2.0 */
#include "model/catalogue.h"

#include "base/vec.h"

const struct condition_word condition_words[N_CONDITIONS] = {
	[COND_JOINED] = { "joined", "the host is joined to a domain (it does not say joined: workgroup)" },
	[COND_INTERNET_ONLY] = { "internet-only", "the host says internet-only: true" },
	[COND_OLDER_THAN] = { "older-than SYSTEM",
			      "the host's os is a Windows of an older generation; one that is not said is the newest" },
	[COND_AT_LEAST] = { "at-least SYSTEM",
			    "the host's os is of that generation or a newer one, no Windows, or not said" },
	[COND_FEATURE] = { "feature NAME",
			   "the host lists the optional function under features:; A|B is one of several" },
	[COND_ROLE] = { "role ROLE", "the host has the role" },
	[COND_TLS] = { "tls", "the host uses TLS here (it does not say tls: no)" },
	[COND_PLAIN] = { "plain", "the host answers without TLS too (it does not say tls: only)" },
	[COND_SITE_SERVER_INITIATES] = { "site-server-initiates", "the host says site-server-initiates: true" },
	[COND_STATIC_RPC] = { "static-rpc", "the host gives the role a static port under rpc:" },
	[COND_PORT_SET] = { "port-set SERVICE", "the host gives the service a port of its own under ports:" },
	[COND_PLACED] = { "placed", "the estate names a host with the role: an outside party that it leaves out is "
				    "not assumed" },
};

const char *const scope_names[N_SCOPES] = {
	[SCOPE_NONE] = "none",
	[SCOPE_FOREST] = "forest",
	[SCOPE_SITE] = "site",
	[SCOPE_RELATED_SITES] = "related-sites",
};

const char *const erratum_names[N_ERRATA] = {
	[NO_ERRATUM] = "no",
	[ERRATUM_ADDS] = "adds",
	[ERRATUM_WITHDRAWS] = "withdraws",
	[ERRATUM_CORRECTS] = "corrects",
};

/* Every vocabulary is an array of structs that begin with their id. */
static int find(const void *v, size_t n, size_t size, struct str id)
{
	size_t lo = 0, hi = n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = str_cmp(*(const struct str *)((const char *)v + mid * size), id);
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

static struct strs words(struct arena *a, const void *v, size_t n, size_t size)
{
	struct str *w = ARENA_ARRAY(a, struct str, n);
	for (size_t i = 0; i < n; i++)
		w[i] = *(const struct str *)((const char *)v + i * size);
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

struct strs catalogue_system_words(struct arena *a, const struct catalogue *c)
{
	return words(a, c->systems, c->n_systems, sizeof *c->systems);
}

struct strs catalogue_document_words(struct arena *a, const struct catalogue *c)
{
	return words(a, c->documents, c->n_documents, sizeof *c->documents);
}

struct str need_from(const struct catalogue *c, const struct need *n)
{
	return n->from == ROLE_ANY ? STR("*") : c->roles[n->from].id;
}

struct str need_to(const struct catalogue *c, const struct need *n)
{
	return n->to == ROLE_ANY ? STR("*") : c->roles[n->to].id;
}

static const char *const scope_texts[N_SCOPES] = {
	[SCOPE_FOREST] = "same forest",
	[SCOPE_SITE] = "same site",
	[SCOPE_RELATED_SITES] = "parent or child site",
};

struct str need_condition_text(struct arena *a, const struct need *n)
{
	CLEANUP(out_free) struct out o = out_memory(4096);
	if (scope_texts[n->scope])
		out_text(&o, scope_texts[n->scope]);
	for (size_t i = 0; i < n->n_conditions; i++) {
		if (o.n)
			out_text(&o, "; ");
		out_str(&o, n->conditions[i].text);
	}
	return str_dup(a, out_view(&o));
}
