/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/probe-place.h"

#include <errno.h>

#include "base/vec.h"
#include "probe/socket.h"

enum {
	MOST_TARGETS = 1 << 24, /* bytes of --targets */
	MOST_SAMPLE = 100000,
	MOST_NEGATIVE = 100000,
};

struct place {
	struct invocation *call;
	const struct plan *plan;
	const struct endpoint *ends;
	size_t n;
	struct addr_list own;
};

static void suggest_place(struct place *p, const char *text, bool hosts_only)
{
	struct arena *a = p->call->arena;
	const struct estate *e = plan_estate(p->plan);
	VEC(struct str) words = { 0 };
	for (size_t i = 0; i < p->n; i++)
		*VEC_ADD(a, &words) = p->ends[i].name;
	for (size_t i = 0; !hosts_only && i < e->n_zones; i++)
		*VEC_ADD(a, &words) = e->zones[i].name.s;
	struct strs roles = catalogue_role_words(a, e->catalogue);
	for (size_t i = 0; !hosts_only && i < roles.n; i++)
		*VEC_ADD(a, &words) = roles.v[i];
	diag_error(p->call->diag, NOWHERE, "there is no host%s \"%s\"", hosts_only ? "" : ", zone or role", text);
	diag_suggest(p->call->diag, str_of(text), words.v, words.n);
}

static bool is_mine(const struct place *p, const struct endpoint *e)
{
	for (size_t i = 0; i < p->own.n; i++)
		if (addrset_holds(e->addresses, p->own.v[i]))
			return true;
	return false;
}

static struct str own_text(const struct place *p)
{
	struct str s = STR("");
	char text[ADDR_TEXT];
	for (size_t i = 0; i < p->own.n; i++)
		s = str_printf(p->call->arena, "%.*s%s%s", STR_ARG(s), i ? ", " : "", addr_text(p->own.v[i], text));
	return s.n ? s : STR("none");
}

/* Marks the endpoints that this machine is. */
static bool find_from(struct place *p, bool *from, bool *assumed)
{
	const char *as = option(p->call, "as"), *name = as ? as : option(p->call, "from");
	size_t found = 0, mine = 0;
	if (as && option(p->call, "from"))
		return diag_error(p->call->diag, NOWHERE,
				  "use --from or --as: --as assumes that this machine is the host");
	*assumed = as != NULL;
	for (size_t i = 0; i < p->n; i++) {
		bool named = name && str_is(p->ends[i].name, name),
		     own = !as && !p->ends[i].any && is_mine(p, &p->ends[i]);
		found += named;
		mine += named && own;
		from[i] = as ? named : name ? named && own : own;
		found += !name && own;
	}
	if (name && !found) {
		suggest_place(p, name, true);
		return false;
	}
	if (as || (name ? mine : found))
		return true;
	if (name)
		diag_error(p->call->diag, NOWHERE, "\"%s\" is not this machine, whose addresses are: %.*s", name,
			   STR_ARG(own_text(p)));
	else
		diag_error(p->call->diag, NOWHERE, "no host of the estate has an address of this machine: %.*s",
			   STR_ARG(own_text(p)));
	diag_note(p->call->diag, NOWHERE, "--as HOST assumes that it is that host");
	return false;
}

static bool find_to(struct place *p, bool *to)
{
	const char *text = option(p->call, "to");
	const struct estate *e = plan_estate(p->plan);
	int zone = text ? estate_zone(e, str_of(text)) : -1,
	    role = text ? catalogue_role(e->catalogue, str_of(text)) : -1;
	size_t found = 0;
	for (size_t i = 0; i < p->n; i++) {
		const struct endpoint *end = &p->ends[i];
		to[i] = !text || str_is(end->name, text) || (zone >= 0 && end->zone == zone) ||
			(role >= 0 && end->host && host_has_role(end->host, (role_id)role));
		found += to[i];
	}
	if (!found && text && zone < 0 && role < 0)
		suggest_place(p, text, false);
	return found > 0 || !text || zone >= 0 || role >= 0;
}

/* One address a line; what follows # is a remark. */
static bool read_targets(struct place *p, struct addr_list *ret)
{
	struct arena *a = p->call->arena;
	const char *path = option(p->call, "targets");
	VEC(struct addr) found = { 0 };
	struct str line;
	if (!path)
		return true;
	struct source *s = source_read(a, path, MOST_TARGETS, p->call->diag);
	if (!s)
		return false;
	struct str rest = s->text;
	for (uint32_t n = 1; str_cut(&rest, '\n', &line); n++) {
		struct addr address;
		line = str_trim(str_first(line, str_find(line, '#')));
		if (!line.n)
			continue;
		if (addr_parse(line, &address))
			*VEC_ADD(a, &found) = address;
		else
			diag_error(p->call->diag, loc_line(s, n), "\"%.*s\" is not an address", STR_ARG(line));
	}
	*ret = (struct addr_list){ found.v, found.n };
	return diag_errors(p->call->diag) == 0;
}

static void read_count(struct invocation *call, const char *name, uint32_t most, size_t *ret)
{
	const char *text = option(call, name);
	uint32_t n;
	if (!text)
		return;
	if (str_to_u32(str_of(text), most, &n) && n > 0)
		*ret = n;
	else
		diag_error(call->diag, NOWHERE, "--%s \"%s\" is not a number from 1 to %u", name, text, most);
}

static bool read_source(struct place *p, struct probe_choice *choice)
{
	const char *text = option(p->call, "source");
	if (!text)
		return true;
	choice->has_source = addr_parse(str_of(text), &choice->source);
	return choice->has_source || diag_error(p->call->diag, NOWHERE, "--source \"%s\" is not an address", text);
}

/* Who asks, for the report: the first host that this machine is, and its address. */
static void describe(const struct place *p, const struct probe_choice *choice, struct probe_report *r)
{
	char text[ADDR_TEXT];
	size_t found = 0;
	r->estate = plan_estate(p->plan)->name.s;
	for (size_t i = 0; i < p->n; i++) {
		if (!choice->from[i] || found++)
			continue;
		r->host = p->ends[i].name;
		for (size_t j = 0; j < choice->own.n && !r->address.n; j++)
			if (addrset_holds(p->ends[i].addresses, choice->own.v[j]))
				r->address = str_dup(p->call->arena, str_of(addr_text(choice->own.v[j], text)));
	}
	if (choice->has_source)
		r->address = str_dup(p->call->arena, str_of(addr_text(choice->source, text)));
	r->several = found > 1;
}

bool probe_tasks_from_here(struct invocation *call, struct probe_report *r, struct probe_tasks *ret)
{
	struct place p = { .call = call, .plan = r->plan };
	p.ends = plan_endpoints(r->plan, &p.n);
	bool *from = ARENA_ARRAY(call->arena, bool, p.n), *to = ARENA_ARRAY(call->arena, bool, p.n);
	struct probe_choice choice = { .plan = r->plan, .from = from, .to = to, .sample = SAMPLE_DEFAULT };
	if (r->explained) {
		choice.errors = r->explained->meanings;
		choice.n_errors = r->explained->n;
	}
	if (option(call, "flow"))
		choice.flow = str_of(option(call, "flow"));
	if (!option_given(call, "as") && !own_addresses(call->arena, &p.own))
		return diag_machine(call->diag, errno, "cannot list the addresses of this machine");
	read_count(call, "sample", MOST_SAMPLE, &choice.sample);
	read_count(call, "negative", MOST_NEGATIVE, &choice.negative);
	/* every mistake in one run */
	bool ok = find_from(&p, from, &r->assumed);
	ok &= find_to(&p, to);
	choice.service = option_named(call, plan_estate(p.plan)->catalogue, "service", "service",
				      catalogue_service_called, catalogue_service_names);
	ok &= read_targets(&p, &choice.machines);
	ok &= read_source(&p, &choice);
	if (!ok || diag_errors(call->diag))
		return false;
	choice.own = p.own;
	describe(&p, &choice, r);
	if (!probe_tasks_of_plan(call->arena, &choice, ret, call->diag))
		return false;
	if (ret->n == 0 && choice.flow.n)
		return diag_error(call->diag, NOWHERE, "no flow from here has the id %.*s", STR_ARG(choice.flow));
	return true;
}
