/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan to browse: one HTML file with the map, the flows, the advice and the
 * documents.
 *
 * Its data are objects of portolan.plan/1, with the same keys. But what the plan
 * stores once, they store once: equivalent hosts are one box, what a box needs of
 * another is a bundle, and reasons have numbers.  A report of five hundred hosts is
 * a hundredth of the size of its plan in JSON.
 */
#include "base/strmap.h"
#include "base/vec.h"
#include "doc/json.h"
#include "report/findings.h"
#include "report/html.h"
#include "report/map/svg.h"
#include "report/plan/format.h"
#include "report/plan/reasons.h"
#include "report/plan/words.h"

enum { MOST_REPORT = 1 << 30 }; /* bytes of data; browsers do not open more */

/* Numbers for objects that are identified by their addresses. */
struct numbers {
	struct strmap map;
	VEC(const void *) v;
};

static size_t number_of(struct arena *a, struct numbers *n, const void *what)
{
	struct str key = { (const char *)&what, sizeof what };
	uintptr_t number = (uintptr_t)strmap_get(&n->map, key);
	if (number)
		return number - 1;
	*VEC_ADD(a, &n->v) = what;
	strmap_add(&n->map, str_dup(a, key), (void *)(uintptr_t)n->v.n);
	return n->v.n - 1;
}

struct writer {
	struct json json;
	struct arena *arena;
	const struct plan_report *report;
	const struct map *map;
	const struct catalogue *catalogue;
	struct numbers bundles;
	struct strmap reason_numbers;
	VEC(const struct reason *) reasons;
	bool *roles, *services, *documents; /* that occur */
};

static void put_host(struct writer *w, const struct endpoint *e)
{
	struct json *j = &w->json;
	char text[RANGE_TEXT];
	json_object(j);
	json_put_str(j, "host", e->name);
	json_put_str(j, "zone", e->zone_name);
	json_key(j, "addresses");
	json_list(j);
	if (e->any)
		json_text(j, "any");
	for (size_t i = 0; !e->any && i < e->addresses.n; i++)
		json_text(j, addr_range_text(&e->addresses.v[i], text));
	json_end(j);
	json_end(j);
}

static void put_boxes(struct writer *w)
{
	struct json *j = &w->json;
	json_key(j, "boxes");
	json_list_lines(j);
	for (size_t i = 0; i < w->map->n_boxes; i++) {
		const struct map_box *b = &w->map->boxes[i];
		const struct host *h = b->ends[0]->host;
		json_object(j);
		json_put_str(j, "name", b->name);
		json_put_u64(j, "zone", b->zone);
		if (h && h->system != NO_SYSTEM)
			json_put_str(j, "system", w->catalogue->systems[h->system].name);
		json_key(j, "roles");
		json_list(j);
		for (size_t role = 0; h && role < h->roles.n; role++) {
			json_str(j, w->catalogue->roles[h->roles.v[role]].id);
			w->roles[h->roles.v[role]] = true;
		}
		json_end(j);
		json_key(j, "hosts");
		json_list(j);
		for (size_t end = 0; end < b->n; end++)
			put_host(w, b->ends[end]);
		json_end(j);
		json_end(j);
	}
	json_end(j);
}

static void put_zones(struct writer *w)
{
	struct json *j = &w->json;
	const struct estate *e = plan_estate(w->report->plan);
	json_key(j, "zones");
	json_list_lines(j);
	for (size_t i = 0; i < w->map->n_zones; i++) {
		const struct map_zone *z = &w->map->zones[i];
		json_object(j);
		json_put_str(j, "zone", z->name);
		json_key(j, "subnets");
		json_list(j);
		for (size_t subnet = 0; z->zone != NO_ZONE && subnet < e->zones[z->zone].subnets.n; subnet++)
			json_str(j, e->zones[z->zone].subnets.v[subnet].s);
		json_end(j);
		json_end(j);
	}
	json_end(j);
	json_key(j, "firewalls");
	json_list(j);
	for (size_t i = 0; i < e->n_firewalls; i++)
		json_str(j, e->firewalls[i].name.s);
	json_end(j);
}

static void put_pairs(struct writer *w)
{
	struct json *j = &w->json;
	char id[FLOW_ID];
	json_key(j, "pairs");
	json_list_lines(j);
	for (size_t i = 0; i < w->map->n_pairs; i++) {
		const struct map_pair *p = &w->map->pairs[i];
		const struct map_box *from = &w->map->boxes[p->from], *to = &w->map->boxes[p->to];
		json_object(j);
		json_put_u64(j, "from", p->from);
		json_put_u64(j, "to", p->to);
		json_put_u64(j, "bundle", number_of(w->arena, &w->bundles, p->bundle));
		json_put_u64(j, "flows", p->n_flows);
		json_key(j, "crosses");
		json_list(j);
		for (size_t crossed = 0; crossed < p->path.n; crossed++)
			json_u64(j, p->path.firewalls[crossed]);
		json_end(j);
		if (from->n == 1 && to->n == 1) {
			json_key(j, "ids");
			json_list(j);
			for (size_t item = 0; item < p->bundle->n; item++)
				json_text(j, flow_id(&(struct flow){ .from = from->ends[0],
								     .to = to->ends[0],
								     .item = &p->bundle->items[item] },
						     id));
			json_end(j);
		}
		json_end(j);
	}
	json_end(j);
}

/* Bundles share their reasons: equal lists get one number. */
static size_t reason_number(struct writer *w, const struct reason *r)
{
	struct reason plain = { 0 }; /* its padding too: it is compared as bytes */
	memset(&plain, 0, sizeof plain);
	plain.need = r->need;
	plain.hand = r->hand;
	plain.from_role = r->from_role;
	plain.to_role = r->to_role;
	struct str key = { (const char *)&plain, sizeof plain };
	uintptr_t number = (uintptr_t)strmap_get(&w->reason_numbers, key);
	if (number)
		return number - 1;
	*VEC_ADD(w->arena, &w->reasons) = r;
	strmap_add(&w->reason_numbers, str_dup(w->arena, key), (void *)(uintptr_t)w->reasons.n);
	return w->reasons.n - 1;
}

static void put_item(struct writer *w, const struct bundle_item *it)
{
	struct json *j = &w->json;
	char text[ITEM_PORTS], proto[PROTOCOL_TEXT];
	json_object(j);
	json_put_text(j, "protocol", protocol_text(it->protocol, proto));
	json_put_text(j, "ports", item_ports_text(it, text));
	json_put_str(j, "service", it->service == NO_SERVICE ? STR("by-hand") : w->catalogue->services[it->service].id);
	if (it->service != NO_SERVICE)
		w->services[it->service] = true;
	json_key(j, "reasons");
	json_list(j);
	for (size_t i = 0; i < it->n_reasons; i++)
		json_u64(j, reason_number(w, &it->reasons[i]));
	json_end(j);
	json_end(j);
}

static void put_bundles(struct writer *w)
{
	struct json *j = &w->json;
	json_key(j, "bundles");
	json_list_lines(j);
	for (size_t i = 0; i < w->bundles.v.n; i++) {
		const struct bundle *b = w->bundles.v.v[i];
		json_list(j);
		for (size_t item = 0; item < b->n; item++)
			put_item(w, &b->items[item]);
		json_end(j);
	}
	json_end(j);
	json_key(j, "reasons");
	json_list_lines(j);
	for (size_t i = 0; i < w->reasons.n; i++) {
		const struct reason *r = w->reasons.v[i];
		reason_json(j, w->catalogue, r);
		if (r->need)
			w->documents[r->need->document - w->catalogue->documents] = true;
	}
	json_end(j);
}

/* The names of the ids that occur. */
static void put_names(struct writer *w)
{
	struct json *j = &w->json;
	const struct catalogue *c = w->catalogue;
	json_key(j, "roles");
	json_list_lines(j);
	for (size_t i = 0; i < c->n_roles; i++) {
		if (!w->roles[i])
			continue;
		json_object(j);
		json_put_str(j, "id", c->roles[i].id);
		json_put_str(j, "name", c->roles[i].name);
		json_end(j);
	}
	json_end(j);
	json_key(j, "services");
	json_list_lines(j);
	for (size_t i = 0; i < c->n_services; i++) {
		if (!w->services[i])
			continue;
		json_object(j);
		json_put_str(j, "id", c->services[i].id);
		json_put_str(j, "name", c->services[i].name);
		json_end(j);
	}
	json_end(j);
}

static void put_documents(struct writer *w)
{
	struct json *j = &w->json;
	const struct catalogue *c = w->catalogue;
	for (size_t i = 0; i < w->report->advice.n; i++) {
		int d = catalogue_document(c, cited_by(&w->report->advice.v[i]).document);
		if (d >= 0)
			w->documents[d] = true;
	}
	json_key(j, "documents");
	json_list_lines(j);
	for (size_t i = 0; i < c->n_documents; i++) {
		if (!w->documents[i])
			continue;
		json_object(j);
		json_put_str(j, "id", c->documents[i].id);
		json_put_str(j, "title", c->documents[i].title);
		json_put_str(j, "date", c->documents[i].date);
		json_put_str(j, "source", c->documents[i].source);
		json_end(j);
	}
	json_end(j);
}

static void put_data(struct writer *w)
{
	struct json *j = &w->json;
	json_object_lines(j);
	json_put_text(j, "format", "portolan.plan-report/1");
	json_put_str(j, "estate", plan_estate(w->report->plan)->name.s);
	put_zones(w);
	put_boxes(w);
	put_pairs(w);
	put_bundles(w);
	put_names(w);
	json_key(j, "advice");
	findings_json(j, &w->report->advice);
	put_documents(w);
	json_end(j);
}

static bool data_text(struct arena *a, const struct plan_report *r, const struct map *m, struct out *data,
		      struct diag *d)
{
	const struct catalogue *c = plan_estate(r->plan)->catalogue;
	struct writer w = {
		.json = json_to(data),
		.arena = a,
		.report = r,
		.map = m,
		.catalogue = c,
		.bundles.map = strmap_new(a),
		.reason_numbers = strmap_new(a),
		.roles = ARENA_ARRAY(a, bool, c->n_roles),
		.services = ARENA_ARRAY(a, bool, c->n_services),
		.documents = ARENA_ARRAY(a, bool, c->n_documents),
	};
	put_data(&w);
	if (data->error)
		return diag_error(d, NOWHERE,
				  "the report would be too large for a browser; plan a part of the estate, "
				  "or use --format csv");
	return true;
}

static const char head[] = "<a class=\"skip\" href=\"#flows\">Skip to the flows</a>\n"
			   "<header class=\"top\">\n<div>\n";

static const char filters[] =
	"</div>\n<nav aria-label=\"Parts\"><a href=\"#picture\">Map</a> <a href=\"#flows\">Flows</a> "
	"<a href=\"#advice\">Advice <span id=\"n-advice\" class=\"count\"></span></a> <a "
	"href=\"#documents\">Documents</a></nav>\n"
	"</header>\n"
	"<form class=\"filters\" id=\"filters\" role=\"search\" aria-label=\"Flows\">\n"
	"<label class=\"grow\"><span>Search</span><input id=\"search\" type=\"search\" autocomplete=\"off\" "
	"spellcheck=\"false\" "
	"placeholder=\"host, address, service, reason\"></label>\n"
	"<label><span>Zone</span><select id=\"zone\"><option value=\"\">all</option></select></label>\n"
	"<label><span>Role</span><select id=\"role\"><option value=\"\">all</option></select></label>\n"
	"<label><span>Protocol</span><select id=\"protocol\"><option value=\"\">all</option></select></label>\n"
	"<label><span>Port</span><input id=\"port\" size=\"9\" autocomplete=\"off\" inputmode=\"numeric\" "
	"placeholder=\"443\"></label>\n"
	"<button type=\"reset\" id=\"reset\">Clear</button>\n"
	"</form>\n"
	"<noscript><p class=\"note\">Without scripts this page shows the map only.</p></noscript>\n"
	"<main>\n<div class=\"parts\">\n"
	"<section id=\"picture\" aria-labelledby=\"map-title\">\n"
	"<div class=\"bar\"><h2 id=\"map-title\">Map</h2><p class=\"hint\">A line runs from the host that opens "
	"conversations to the one that "
	"listens, in the colour of the listening zone.</p>"
	"<div class=\"buttons\" role=\"group\" aria-label=\"Size of the map\">"
	"<button type=\"button\" id=\"smaller\" aria-label=\"Smaller\">\xe2\x88\x92</button>"
	"<button type=\"button\" id=\"fit\">Fit</button>"
	"<button type=\"button\" id=\"larger\" aria-label=\"Larger\">+</button></div></div>\n"
	"<div class=\"sheet\" id=\"sheet\">\n";

static const char flows[] =
	"</div>\n"
	"</section>\n"
	"<section id=\"flows\" aria-labelledby=\"flows-title\">\n"
	"<div class=\"bar\"><h2 id=\"flows-title\">Flows</h2><output id=\"shown\" "
	"aria-live=\"polite\"></output></div>\n"
	"<div class=\"rows\" id=\"rows\"><table id=\"table\" role=\"grid\" aria-labelledby=\"flows-title\">"
	"<thead id=\"titles\"></thead><tbody id=\"body\"></tbody></table>"
	"<p class=\"none\" id=\"none\" hidden>No flow matches.</p></div>\n"
	"</section>\n";

static const char rest[] =
	"<section id=\"advice\" aria-labelledby=\"advice-title\"><h2 id=\"advice-title\">Advice</h2>"
	"<div id=\"advice-body\"></div></section>\n"
	"<section id=\"documents\" aria-labelledby=\"documents-title\"><h2 id=\"documents-title\">Documents</h2>"
	"<div id=\"documents-body\"></div></section>\n"
	"</div>\n"
	"<aside id=\"details\" aria-labelledby=\"details-title\">"
	"<div class=\"bar\"><h2 id=\"details-title\" tabindex=\"-1\">Details</h2>"
	"<button type=\"button\" id=\"close\" aria-label=\"Close the details\" hidden>\xc3\x97</button></div>"
	"<div id=\"details-body\"></div></aside>\n"
	"</main>\n<div id=\"tip\" role=\"presentation\" hidden></div>\n";

/* Lines of a section that is there when it has any. */
struct lines {
	struct out *out;
	const char *title;
	bool begun;
};

static void put_line(void *ctx, struct str line)
{
	struct lines *l = ctx;
	if (!l->begun)
		out_printf(l->out, "<section><h2>%s</h2><ul class=\"cards\">\n", l->title);
	l->begun = true;
	html_element(l->out, "li", NULL, line);
}

static void end_lines(const struct lines *l)
{
	if (l->begun)
		out_text(l->out, "</ul></section>\n");
}

/* What rows of the estate take out of the plan, and what may pass besides: whoever signs a plan signs these too. */
static void put_hand_rows(struct out *o, struct arena *a, const struct plan *p)
{
	const struct estate *e = plan_estate(p);
	struct lines declined = { o, "Declined", false }, tolerated = { o, "Tolerated", false };
	declined_texts(p, put_line, &declined);
	end_lines(&declined);
	for (size_t i = 0; i < e->n_tolerate; i++)
		put_line(&tolerated, hand_text(a, &e->tolerate[i]));
	end_lines(&tolerated);
}

static bool write_html(struct out *o, const struct plan_report *r, struct diag *d)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	CLEANUP(out_free) struct out data = out_memory(MOST_REPORT);
	struct str estate = plan_estate(r->plan)->name.s;
	struct map *m = map_make(a, r->plan);
	bool placed = map_place(a, m);
	const struct html_page page = {
		.title = str_printf(a, "%.*s: flows", STR_ARG(estate)),
		.styles = { &asset_map_css, &asset_page_css, &asset_plan_css },
		.script = &asset_plan_js,
	};

	/* placing sorts the zones into the map's order, which numbers them */
	if (!data_text(a, r, m, &data, d))
		return false;
	html_begin(o, &page);
	out_text(o, head);
	html_element(o, "h1", NULL, estate);
	html_element(o, "p", NULL, plan_summary(a, r->plan));
	out_text(o, filters);
	if (placed)
		put_map(o, m, false);
	else
		html_element(o, "p", "note",
			     str_printf(a,
					"The map would have %zu boxes and %zu lines: too many to "
					"be readable.",
					m->n_boxes, m->n_pairs));
	out_text(o, flows);
	put_hand_rows(o, a, r->plan);
	out_text(o, rest);
	html_data(o, "data", out_view(&data));
	html_end(o, &page);
	return true;
}

const struct plan_format plan_format_html = {
	.name = "html",
	.whole = true,
	.title = "HTML, one file, with the map",
	.write = write_html,
};
