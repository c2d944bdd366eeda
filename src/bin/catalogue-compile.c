/* SPDX-License-Identifier: Apache-2.0 */
/*
 * catalogue-compile FOLDER OUTPUT.c: the catalogue's YAML as C data, so that the
 * program needs no file and no parser for it.  Part of the build; not installed.
 */
#include "base/file.h"
#include "model/catalogue.h"

static void put_str(struct out *o, struct str s)
{
	out_text(o, "{ \"");
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c == '"' || c == '\\')
			out_printf(o, "\\%c", c);
		else if (c < 0x20 || c >= 0x7f || c == '?')
			out_printf(o, "\\%03o", c);
		else
			out_char(o, (char)c);
	}
	out_printf(o, "\", %zu }", s.n);
}

static void put_strs(struct out *o, struct strs s)
{
	if (!s.n) {
		out_text(o, "{ 0 }");
		return;
	}
	out_text(o, "{ (const struct str[]){ ");
	for (size_t i = 0; i < s.n; i++) {
		put_str(o, s.v[i]);
		out_text(o, ", ");
	}
	out_printf(o, "}, %zu }", s.n);
}

static void put_roles(struct out *o, struct role_ids ids)
{
	if (!ids.n) {
		out_text(o, "{ 0 }");
		return;
	}
	out_text(o, "{ (const role_id[]){ ");
	for (size_t i = 0; i < ids.n; i++)
		out_printf(o, "%u, ", ids.v[i]);
	out_printf(o, "}, %zu }", ids.n);
}

static void member_str(struct out *o, const char *name, struct str s)
{
	out_printf(o, ".%s = ", name);
	put_str(o, s);
	out_text(o, ", ");
}

static void member_strs(struct out *o, const char *name, struct strs s)
{
	out_printf(o, ".%s = ", name);
	put_strs(o, s);
	out_text(o, ", ");
}

static void put_range(struct out *o, const char *name, struct port_range r)
{
	out_printf(o, ".%s = { %u, %u }, ", name, r.lo, r.hi);
}

static void put_documents(struct out *o, const struct catalogue *c)
{
	out_text(o, "static const struct document documents[] = {\n");
	for (size_t i = 0; i < c->n_documents; i++) {
		const struct document *d = &c->documents[i];
		out_text(o, "{ ");
		member_str(o, "id", d->id);
		member_str(o, "title", d->title);
		member_str(o, "product", d->product);
		member_str(o, "date", d->date);
		member_str(o, "source", d->source);
		member_str(o, "about", d->about);
		out_text(o, ".aka = ");
		put_strs(o, d->aka);
		out_text(o, ", .supersedes = ");
		put_strs(o, d->supersedes);
		out_printf(o, ", .superseded = %d, .functions = %d },\n", d->superseded, d->functions);
	}
	out_text(o, "};\n");
}

static void put_role_table(struct out *o, const struct catalogue *c)
{
	out_text(o, "static const struct role roles[] = {\n");
	for (size_t i = 0; i < c->n_roles; i++) {
		const struct role *r = &c->roles[i];
		out_text(o, "{ ");
		member_str(o, "id", r->id);
		member_str(o, "name", r->name);
		member_str(o, "product", r->product);
		out_text(o, ".aka = ");
		put_strs(o, r->aka);
		out_printf(o, ", .kind = %d, .implies = ", r->kind);
		put_roles(o, r->implies);
		out_text(o, ", .implies_joined = ");
		put_roles(o, r->implies_joined);
		out_text(o, ", .implies_old = ");
		put_roles(o, r->implies_old);
		out_text(o, ", .not_asked_by = ");
		put_roles(o, r->not_asked_by);
		out_printf(o, ", .old_system = %u, .ended_system = %u, .located = %d, .instanced = %d, ", r->old_system,
			   r->ended_system, r->located, r->instanced);
		member_str(o, "ended", r->ended);
		member_str(o, "ended_source", r->ended_source);
		member_str(o, "ended_document", r->ended_document);
		member_str(o, "note", r->note);
		out_text(o, "},\n");
	}
	out_text(o, "};\n");
}

static void put_services(struct out *o, const struct catalogue *c)
{
	out_text(o, "static const struct service services[] = {\n");
	for (size_t i = 0; i < c->n_services; i++) {
		const struct service *s = &c->services[i];
		out_text(o, "{ ");
		member_str(o, "id", s->id);
		member_str(o, "name", s->name);
		out_text(o, ".aka = ");
		put_strs(o, s->aka);
		out_text(o, ", ");
		member_str(o, "application", s->application);
		member_str(o, "follows", s->follows);
		out_printf(o, ".resolves = %d, .following = %d, .n_endpoints = %zu, ", s->resolves, s->following,
			   s->n_endpoints);
		if (s->n_endpoints) {
			out_text(o, ".endpoints = (const struct service_endpoint[]){ ");
			for (size_t j = 0; j < s->n_endpoints; j++) {
				const struct service_endpoint *e = &s->endpoints[j];
				out_text(o, "{ ");
				member_str(o, "protocol", e->protocol);
				member_str(o, "ports", e->ports);
				member_str(o, "where", e->where);
				member_str(o, "note", e->note);
				out_printf(o, ".changeable = %d }, ", e->changeable);
			}
			out_text(o, "} ");
		}
		out_text(o, "},\n");
	}
	out_text(o, "};\n");
}

static void put_systems(struct out *o, const struct catalogue *c)
{
	out_text(o, "static const struct system systems[] = {\n");
	for (size_t i = 0; i < c->n_systems; i++) {
		const struct system *s = &c->systems[i];
		out_text(o, "{ ");
		member_str(o, "id", s->id);
		member_str(o, "name", s->name);
		member_str(o, "source", s->source);
		put_range(o, "dynamic_tcp", s->dynamic_tcp);
		put_range(o, "dynamic_udp", s->dynamic_udp);
		out_printf(o, ".windows = %d, .generation = %u },\n", s->windows, s->generation);
	}
	out_text(o, "};\n");
}

static void put_settings(struct out *o, const struct catalogue *c)
{
	out_text(o, "static const struct setting settings[] = {\n");
	for (size_t i = 0; i < c->n_settings; i++) {
		out_text(o, "{ ");
		member_str(o, "id", c->settings[i].id);
		member_str(o, "text", c->settings[i].text);
		member_str(o, "source", c->settings[i].source);
		member_str(o, "pins", c->settings[i].pins);
		out_text(o, "},\n");
	}
	out_text(o, "};\nstatic const struct interface interfaces[] = {\n");
	for (size_t i = 0; i < c->n_interfaces; i++) {
		const struct interface *f = &c->interfaces[i];
		out_text(o, "{ ");
		member_str(o, "id", f->id);
		member_str(o, "uuid", f->uuid);
		member_str(o, "version", f->version);
		member_str(o, "title", f->title);
		member_str(o, "source", f->source);
		out_printf(o, ".dcom = %d },\n", f->dcom);
	}
	out_text(o, "};\n");
}

static void put_programs(struct out *o, const struct catalogue *c)
{
	out_text(o, "static const struct program programs[] = {\n");
	for (size_t i = 0; i < c->n_programs; i++) {
		const struct program *p = &c->programs[i];
		out_text(o, "{ ");
		member_str(o, "id", p->id);
		member_str(o, "path", p->path);
		member_str(o, "source", p->source);
		out_text(o, ".windows_services = ");
		put_strs(o, p->windows_services);
		out_text(o, ", .roles = ");
		put_roles(o, p->roles);
		out_printf(o, ", .shared = %d, .n_services = %zu, .services = (const service_id[]){ ", p->shared,
			   p->n_services);
		for (size_t j = 0; j < p->n_services; j++)
			out_printf(o, "%u, ", p->services[j]);
		out_printf(o, "0 }, .n_interfaces = %zu, .interfaces = (const uint16_t[]){ ", p->n_interfaces);
		for (size_t j = 0; j < p->n_interfaces; j++)
			out_printf(o, "%u, ", p->interfaces[j]);
		out_printf(o, "0 }, .n_protocols = %zu, .protocols = (const uint8_t[]){ ", p->n_protocols);
		for (size_t j = 0; j < p->n_protocols; j++)
			out_printf(o, "%u, ", p->protocols[j]);
		out_text(o, "0 } },\n");
	}
	out_text(o, "};\n");
}

static void put_errors(struct out *o, const struct catalogue *c)
{
	out_text(o, "static const struct error_code errors[] = {\n");
	for (size_t i = 0; i < c->n_errors; i++) {
		const struct error_code *e = &c->errors[i];
		out_text(o, "{ ");
		member_str(o, "id", e->id);
		member_str(o, "meaning", e->meaning);
		member_str(o, "where", e->where);
		member_str(o, "otherwise", e->otherwise);
		member_str(o, "uncertain", e->uncertain);
		member_str(o, "source", e->source);
		member_strs(o, "win32", e->win32);
		member_strs(o, "codes", e->codes);
		member_strs(o, "events", e->events);
		member_strs(o, "names", e->names);
		out_printf(o, ".n_flows = %zu, .flows = (const struct error_flow[]){ ", e->n_flows);
		for (size_t j = 0; j < e->n_flows; j++)
			out_printf(o, "{ %u, %u, %u }, ", e->flows[j].from, e->flows[j].to, e->flows[j].service);
		out_text(o, "{ 0 } } },\n");
	}
	out_text(o, "};\n");
}

static void put_conditions(struct out *o, const struct need *n)
{
	if (!n->n_conditions)
		return;
	out_printf(o, ".n_conditions = %zu, .conditions = (const struct condition[]){ ", n->n_conditions);
	for (size_t i = 0; i < n->n_conditions; i++) {
		const struct condition *condition = &n->conditions[i];
		out_printf(o, "{ .kind = %d, .side = %d, .direction = %d, .negated = %d, .index = %u, ",
			   condition->kind, condition->side, condition->direction, condition->negated,
			   condition->index);
		member_str(o, "feature", condition->feature);
		member_str(o, "text", condition->text);
		out_text(o, "}, ");
	}
	out_text(o, "}, ");
}

static void put_ports(struct out *o, const struct ports *p)
{
	out_printf(o, ".ports = { .kind = %d, ", p->kind);
	member_str(o, "text", p->text);
	if (p->n) {
		out_printf(o, ".n = %zu, .v = (const struct port_range[]){ ", p->n);
		for (size_t i = 0; i < p->n; i++)
			out_printf(o, "{ %u, %u }, ", p->v[i].lo, p->v[i].hi);
		out_text(o, "} ");
	}
	out_text(o, "}, ");
}

static void put_need(struct out *o, const struct catalogue *c, const struct need *n)
{
	out_text(o, "{ ");
	member_str(o, "id", n->id);
	out_printf(o, ".document = &documents[%zu], ", (size_t)(n->document - c->documents));
	member_str(o, "part", n->part);
	member_str(o, "section", n->section);
	member_str(o, "source", n->source);
	out_printf(o, ".line = %u, .from = %u, .to = %u, .from_members = ", n->line, n->from, n->to);
	put_roles(o, n->from_members);
	out_text(o, ", .to_members = ");
	put_roles(o, n->to_members);
	out_text(o, ", .clients = ");
	put_roles(o, n->clients);
	out_printf(o, ", .clients_any = %d, .either = %d, .service = %u, .protocol = %u, .both = %d, ", n->clients_any,
		   n->either, n->service, n->protocol, n->both);
	put_ports(o, &n->ports);
	put_range(o, "plan_default", n->plan_default);
	out_printf(o, ".changeable = %d, .settings = ", n->changeable);
	put_strs(o, n->settings);
	out_printf(o, ", .scope = %d, .administration = %d, ", n->scope, n->administration);
	put_conditions(o, n);
	if (n->n_interfaces) {
		out_printf(o, ".n_interfaces = %zu, .interfaces = (const uint16_t[]){ ", n->n_interfaces);
		for (size_t i = 0; i < n->n_interfaces; i++)
			out_printf(o, "%u, ", n->interfaces[i]);
		out_text(o, "}, ");
	}
	member_str(o, "why", n->why);
	member_str(o, "note", n->note);
	member_str(o, "uncertain", n->uncertain);
	out_text(o, ".names = ");
	put_strs(o, n->names);
	out_text(o, ", ");
	member_str(o, "unplanned", n->unplanned);
	out_printf(o, ".erratum = %d, .withdrawn = %d },\n", n->erratum, n->withdrawn);
}

static void put_catalogue(struct out *o, const struct catalogue *c)
{
	out_text(o, "/* made by catalogue-compile */\n#include \"model/catalogue.h\"\n");
	put_documents(o, c);
	put_role_table(o, c);
	put_services(o, c);
	put_systems(o, c);
	put_settings(o, c);
	put_programs(o, c);
	put_errors(o, c);
	out_text(o, "static const struct need needs[] = {\n");
	for (size_t i = 0; i < c->n_needs; i++)
		put_need(o, c, &c->needs[i]);
	out_text(o, "};\nconst struct catalogue catalogue_builtin = {\n");
	static const char *const arrays[] = { "documents",  "roles",    "services", "systems", "settings",
					      "interfaces", "programs", "errors",   "needs" };
	for (size_t i = 0; i < ARRAY_LEN(arrays); i++)
		out_printf(o, ".%s = %s, .n_%s = sizeof %s / sizeof %s[0],\n", arrays[i], arrays[i], arrays[i],
			   arrays[i], arrays[i]);
	out_text(o, ".features = ");
	put_strs(o, c->features);
	out_text(o, ",\n};\n");
}

int main(int argc, char **argv)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct diag *d = diag_new(a);
	struct file f;

	if (argc != 3) {
		fprintf(stderr, "usage: catalogue-compile FOLDER OUTPUT.c\n");
		return 2;
	}
	const struct catalogue *c = catalogue_read(a, argv[1], d);
	if (c && file_create(&f, a, argv[2], d)) {
		put_catalogue(&f.out, c);
		file_commit(&f, d);
	}
	struct out err = out_fd(2);
	diag_print(d, &err, false);
	out_flush(&err);
	out_free(&err);
	return diag_errors(d) ? 1 : 0;
}
