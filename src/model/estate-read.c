/* SPDX-License-Identifier: Apache-2.0 */
#include "base/vec.h"
#include "model/estate-priv.h"

static void choose_documents(struct maker *m)
{
	struct estate *e = m->estate;
	const struct catalogue *c = e->catalogue;

	e->documents = ARENA_ARRAY(m->arena, bool, c->n_documents);
	e->documents_said = m->file->documents;
	for (size_t i = 0; i < c->n_documents; i++)
		e->documents[i] = m->file->documents.n == 0 && !c->documents[i].superseded;
	for (size_t i = 0; i < m->file->documents.n; i++) {
		struct name n = m->file->documents.v[i];
		int id = catalogue_document(c, n.s);
		if (id < 0)
			unknown_name(m, "document", n, catalogue_document_words(m->arena, c));
		else
			e->documents[id] = true;
	}
}

static int by_name(const void *x, const void *y)
{
	return str_cmp(((const struct cert_template *)x)->name.s, ((const struct cert_template *)y)->name.s);
}

static void make_templates(struct maker *m)
{
	struct estate *e = m->estate;
	e->templates = m->file->templates.v;
	e->n_templates = m->file->templates.n;
	sort_items(e->templates, e->n_templates, sizeof *e->templates, by_name);
	for (size_t i = 0; i < e->n_templates; i++) {
		struct name os = e->templates[i].compatibility;
		if (os.s.p && catalogue_system(e->catalogue, os.s) < 0)
			unknown_name(m, "os", os, m->system_words);
	}
}

struct estate *estate_of_tree(struct arena *a, const struct catalogue *c, const struct node *root, struct diag *d)
{
	struct estate *e = ARENA_NEW(a, struct estate);
	struct estate_file *file = ARENA_NEW(a, struct estate_file);
	struct maker m = {
		.arena = a,
		.diag = d,
		.estate = e,
		.file = file,
		.role_words = catalogue_role_words(a, c),
		.service_words = catalogue_service_words(a, c),
		.system_words = catalogue_system_words(a, c),
	};
	struct estate_words words = { c, m.role_words, m.service_words };
	struct decode decode = { a, d, &words };
	size_t errors = diag_errors(d);

	e->arena = a;
	e->catalogue = c;
	record_decode(&decode, &estate_record, root, file);
	e->name = file->name;
	choose_documents(&m);
	make_zones(&m);
	make_hosts(&m);
	make_sites(&m);
	make_firewalls(&m);
	make_templates(&m);
	return diag_errors(d) == errors ? e : NULL;
}

struct estate *estate_read(struct arena *a, const struct catalogue *c, const char *const *paths, size_t n,
			   struct diag *d)
{
	const struct node *root = NULL;
	bool ok = true;

	for (size_t i = 0; i < n; i++) {
		struct source *s = source_read(a, paths[i], YAML_MOST_BYTES, d);
		const struct node *node = s ? yaml_parse(a, s, d) : NULL;
		if (!node)
			ok = false;
		else
			root = node_overlay(a, root, node);
	}
	return ok && root ? estate_of_tree(a, c, root, d) : NULL;
}

/* Every kind of thing is an array sorted by the struct name that it begins with. */
static int find(const void *v, size_t n, size_t size, struct str name)
{
	size_t lo = 0, hi = n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = str_cmp(((const struct name *)((const char *)v + mid * size))->s, name);
		if (c == 0)
			return (int)mid;
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return -1;
}

_Static_assert(offsetof(struct host, name) == 0 && offsetof(struct zone, name) == 0 &&
		       offsetof(struct firewall, name) == 0 && offsetof(struct site, name) == 0,
	       "find() takes the name from the beginning");

int estate_host(const struct estate *e, struct str name)
{
	return find(e->hosts, e->n_hosts, sizeof *e->hosts, name);
}

int estate_zone(const struct estate *e, struct str name)
{
	return find(e->zones, e->n_zones, sizeof *e->zones, name);
}

int estate_firewall(const struct estate *e, struct str name)
{
	return find(e->firewalls, e->n_firewalls, sizeof *e->firewalls, name);
}

int estate_site(const struct estate *e, struct str name)
{
	return find(e->sites, e->n_sites, sizeof *e->sites, name);
}
