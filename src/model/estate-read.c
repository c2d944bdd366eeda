/* SPDX-License-Identifier: Apache-2.0 */
#include "base/vec.h"
#include "model/estate-maker.h"

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

static void make_templates(struct maker *m)
{
	struct estate *e = m->estate;
	e->templates = m->file->templates.v;
	e->n_templates = m->file->templates.n;
	sort_items(e->templates, e->n_templates, sizeof *e->templates, named_cmp);
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
	make_directory(&m);
	make_sites(&m);
	make_firewalls(&m);
	make_published(&m);
	make_hands(&m);
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
