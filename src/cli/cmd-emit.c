/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portolan emit: the rules of one place, or of all.
 */
#include <errno.h>

#include "base/system.h"
#include "cli/progress.h"
#include "cli/readback.h"
#include "cli/rules.h"
#include "cli/settings.h"

static enum rpc_way rpc_way_of(const struct invocation *call)
{
	const char *said = option(call, "rpc");
	enum rpc_way way = RPC_BY_INTERFACE;
	while (said && strcmp(said, rpc_way_names[way]) != 0)
		way++;
	return way;
}

static bool can_write(struct invocation *call, const struct plan *p, const struct place *at,
		      const struct dialect *dialect)
{
	if (!dialect->emit)
		return diag_error(call->diag, NOWHERE, "%s can be read but not written", dialect->title);
	if (at->firewall >= 0 && !dialect->for_transit)
		return diag_error(call->diag, NOWHERE, "%s filters hosts; \"%.*s\" is between zones", dialect->title,
				  STR_ARG(place_name(p, at)));
	if (at->host >= 0 && !dialect->for_hosts)
		return diag_error(call->diag, NOWHERE, "%s filters between zones; \"%.*s\" is a host", dialect->title,
				  STR_ARG(place_name(p, at)));
	if (at->host >= 0 && option(call, "side") && str_is(str_of(option(call, "side")), "both") && !dialect->one_list)
		return diag_error(
			call->diag, NOWHERE,
			"%s has a list for what comes in and one for what goes out; use --side in, and --side "
			"out",
			dialect->title);
	if (option_given(call, "log") && !dialect->logs_denials)
		return diag_error(call->diag, NOWHERE, "--log: rules of %s cannot log what they deny", dialect->title);
	if (rpc_way_of(call) == RPC_BY_INSPECTION && !dialect->inspects_rpc)
		return diag_error(call->diag, NOWHERE, "portolan cannot make %s inspect RPC; use --rpc ports",
				  dialect->title);
	return true;
}

/* The services of --without, by their number in the catalogue; NULL: there are none.  False after an error. */
static bool read_without(struct invocation *call, const struct catalogue *c, const bool **ret)
{
	struct str rest = str_of(option(call, "without") ? option(call, "without") : ""), name;
	bool *without = rest.n ? ARENA_ARRAY(call->arena, bool, c->n_services) : NULL;
	*ret = without;
	while (str_cut(&rest, ',', &name)) {
		VEC(struct str) words = { 0 };
		bool known = false;
		for (size_t i = 0; i < c->n_services; i++) {
			bool is = str_eq(c->services[i].id, name);
			without[i] |= is;
			known |= is;
			*VEC_ADD(call->arena, &words) = c->services[i].id;
		}
		if (known)
			continue;
		diag_error(call->diag, NOWHERE, "there is no service \"%.*s\"", STR_ARG(name));
		diag_suggest(call->diag, name, words.v, words.n);
		return false;
	}
	return true;
}

enum { MOST_NAMED = 12 }; /* endpoints of a side of a line; more are named by their zones */

static void put_side(struct arena *a, struct out *o, const struct endpoint *ends, struct id_set ids)
{
	for (size_t i = 0; i < ids.n; i++) {
		bool said = false;
		struct str name = ids.n > MOST_NAMED ? ends[ids.v[i]].zone_name : ends[ids.v[i]].name;
		for (size_t j = 0; j < i && !said; j++)
			said = ids.n > MOST_NAMED && str_eq(ends[ids.v[j]].zone_name, name);
		if (!said)
			out_printf(o, "%s%.*s", i ? ", " : "", STR_ARG(yaml_name(a, name)));
	}
}

/* The rows of tolerate: with which all of ICMP could be written. */
static void suggest_widening(struct invocation *call, const struct plan *p, const struct dialect *dialect,
			     const struct policy *policy, const struct relation_made *made)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	CLEANUP(out_free) struct out o = out_memory(1 << 20);
	const struct policy *wide = dialect_widen_icmp(a, dialect, policy);
	size_t n;
	const struct endpoint *ends = plan_endpoints(p, &n);
	if (wide == policy || !dialect_can_say(dialect, wide, diag_new(a)))
		return;
	diag_note(call->diag, NOWHERE, "to permit all of ICMP instead: --widen icmp, with these lines in the estate:");
	diag_note(call->diag, NOWHERE, "tolerate:");
	for (size_t i = 0; i < policy->n_relations; i++) {
		uint32_t services = policy->relations[i].services;
		if (!memcmp(wide->services[services].v, policy->services[services].v,
			    wide->services[services].n * sizeof *wide->services->v) &&
		    wide->services[services].n == policy->services[services].n)
			continue;
		o.n = 0;
		out_text(&o, "  - { from: [");
		put_side(a, &o, ends, made[i].from);
		out_text(&o, "], to: [");
		put_side(a, &o, ends, made[i].to);
		out_text(&o, "], protocol: icmp, why: ..., owner: ... }");
		diag_note(call->diag, NOWHERE, "%.*s", STR_ARG(out_view(&o)));
	}
}

/* The services of the catalogue that the language has no words for; flows by hand have no service to leave out. */
static void suggest_leaving_out(struct invocation *call, const struct catalogue *c, const struct dialect *dialect,
				const struct policy *policy)
{
	CLEANUP(out_free) struct out names = out_memory(1 << 20);
	bool by_hand = false;
	for (size_t s = 0; s < c->n_services; s++) {
		bool unsaid = false;
		for (size_t i = 0; i < policy->n_services; i++)
			for (size_t j = 0; j < policy->services[i].n; j++) {
				const struct policy_service *one = &policy->services[i].v[j];
				bool cannot = !dialect_can_say_service(dialect, &one->term);
				unsaid |= cannot && str_eq(one->name, c->services[s].id);
				by_hand |= cannot && str_is(one->name, "by-hand");
			}
		if (unsaid)
			out_printf(&names, "%s%.*s", names.n ? "," : "", STR_ARG(c->services[s].id));
	}
	if (names.n)
		diag_note(call->diag, NOWHERE,
			  "to leave out what the language cannot express: --without %.*s; prove reports it missing",
			  STR_ARG(out_view(&names)));
	if (by_hand)
		diag_note(call->diag, NOWHERE, "a flow of allow: is not a service; to leave it out, remove its line");
}

/*
 * The file that was loaded before, whose rules the new one removes: of --after, or that of the same name in the folder of
 * --after when every place is written.  NULL: there is none.
 */
static bool read_before(struct invocation *call, const struct dialect *dialect, const char *path,
			const struct source **ret)
{
	const char *after = option(call, "after");
	*ret = NULL;
	if (!after)
		return true;
	if (option_given(call, "all")) {
		const char *name = strrchr(path, '/');
		after = arena_printf(call->arena, "%s%s", after, name);
		if (system_path(after).kind == PATH_ABSENT && errno == ENOENT)
			return true; /* a place that is new */
	}
	if (dialect->loading->loads == LOADS_ADDS && !dialect->withdraw && !dialect->removal)
		return diag_error(call->diag, NOWHERE,
				  "--after: portolan does not know how %s removes what an earlier file left",
				  dialect->title);
	if (dialect->removal && !path)
		return diag_error(call->diag, NOWHERE,
				  "--after: a file of %s cannot remove rules; with -o FILE the commands that do are "
				  "written into FILE.remove",
				  dialect->title);
	struct source *s = source_read(call->arena, after, MOST_RULES_BYTES, call->diag);
	if (!s)
		return false;
	if (dialect->withdraw && !dialect_is_ours(s->text))
		return diag_error(call->diag, NOWHERE,
				  "%s: this does not begin like a file that portolan wrote; what others wrote is not "
				  "removed",
				  after);
	*ret = s;
	return true;
}

/* The commands that remove what the earlier file made, beside the new file. */
static bool write_removal(struct invocation *call, const struct dialect *dialect, const char *path, struct str before,
			  struct str commands)
{
	struct file f;
	const char *beside = arena_printf(call->arena, "%s.remove", path);
	if (!file_create(&f, call->arena, beside, call->diag))
		return false;
	bool all = strcmp(dialect->removal->when, "before") == 0;
	out_printf(&f.out, "# What %.*s made%s; to be run %s %.*s is loaded\n%.*s",
		   STR_ARG(str_shown(call->arena, before)), all ? "" : " and the new file has not",
		   dialect->removal->when, STR_ARG(str_shown(call->arena, str_of(path))), STR_ARG(commands));
	if (!file_commit(&f, call->diag))
		return false;
	diag_say(call->diag, "%s: commands that remove what %.*s made%s; run them %s the new file is loaded", beside,
		 STR_ARG(before), all ? "" : " and the new file has not", dialect->removal->when);
	return true;
}

/* Whether a file has both sides of a host: where the host has one list, unless one side is asked for. */
static bool has_both_sides(const struct invocation *call, const struct place *at, const struct dialect *dialect)
{
	const char *side = option(call, "side");
	return at->host >= 0 && dialect->one_list && (!side || strcmp(side, "both") == 0);
}

struct written_policy {
	struct policy policy;
	const struct relation_made *made; /* of each relation */
};

static struct written_policy policy_of(struct arena *a, const struct plan *p, const struct place *at,
				       struct policy_options wanted, bool both)
{
	struct written_policy in, out;
	in.policy = *plan_policy_made(a, p, at, wanted, &in.made);
	if (!both)
		return in;
	struct place goes = place_of_host(at->host, POLICY_OUTBOUND);
	out.policy = *plan_policy_made(a, p, &goes, wanted, &out.made);
	struct relation_made *made =
		ARENA_ARRAY(a, struct relation_made, in.policy.n_relations + out.policy.n_relations);
	for (size_t i = 0; i < in.policy.n_relations + out.policy.n_relations; i++)
		made[i] = i < in.policy.n_relations ? in.made[i] : out.made[i - in.policy.n_relations];
	struct policy all = policy_both(a, &in.policy, &out.policy);
	all.ask = str_printf(a, "%.*s; of what goes out, with --side out", STR_ARG(all.ask));
	return (struct written_policy){ all, made };
}

struct unpublished {
	struct diag *diag;
	const struct place *at;
	const struct host *refused; /* the last that was reported */
};

/* Rules for a published host need a translation, which is not written. */
static void refuse_published(void *ctx, const struct flow *f)
{
	struct unpublished *u = ctx;
	const struct published *p = flow_published(u->at, f);
	if (!p || u->refused == f->to->host)
		return;
	u->refused = f->to->host;
	diag_error(u->diag, p->at, "\"%.*s\" is published at \"%.*s\", and portolan writes no address translation",
		   STR_ARG(f->to->name), STR_ARG(p->firewall_said.s));
}

/* Its hosts may have these rules, which would deny what passes inside zones. */
static void warn_between(struct invocation *call, const struct plan *p, const struct place *at,
			 const struct dialect *dialect)
{
	if (at->firewall < 0 || !dialect->at_each_host || at->each_host)
		return;
	diag_warn(call->diag, NOWHERE,
		  "the estate says that \"%.*s\" stands between zones, so flows inside zones are not written; hosts "
		  "would "
		  "deny them",
		  STR_ARG(place_name(p, at)));
}

static bool write_place(struct invocation *call, const struct plan *p, const struct place *where,
			const struct dialect *dialect, const bool *without, const char *path)
{
	struct place settled = *where, *at = &settled;
	struct file f;
	CLEANUP(arena_freep) struct arena *a = arena_new();
	enum rpc_way way = rpc_way_of(call);
	const struct source *before;
	CLEANUP(out_free) struct out removal = out_memory(MOST_RULES_BYTES);
	place_speaks(p, at, dialect);
	warn_between(call, p, at, dialect);
	struct unpublished u = { call->diag, at, NULL };
	if (plan_publishes(p))
		plan_each_at(p, at, refuse_published, &u);
	progress_end();
	struct policy set = { 0 };
	if (u.refused || !can_write(call, p, at, dialect) ||
	    !settings_read(call, dialect, option_given(call, "all"), &set) ||
	    !read_before(call, dialect, path, &before) || !file_create(&f, call->arena, path, call->diag))
		return false;
	struct policy_options wanted = { .by_rpc_interface = way == RPC_BY_INTERFACE && dialect->names_interfaces,
					 .without = without };
	struct written_policy made = policy_of(a, p, at, wanted, has_both_sides(call, at, dialect));
	struct policy policy = made.policy;
	policy.rpc = way;
	policy.log_denials = option_given(call, "log");
	policy.settings = set.settings;
	policy.n_settings = set.n_settings;
	const struct policy *written = option(call, "widen") ? dialect_widen_icmp(a, dialect, &policy) : &policy;
	struct read_options reading = place_reading(a, p, at);
	struct expectation expected = { .reading = &reading, .asked = &policy, .before = before, .removal = &removal };
	if (written != &policy)
		expected.tolerated = place_tolerated(a, p, at, dialect, &expected.n_tolerated);
	if (!emit_checked(call, dialect, written, &expected, &f)) {
		suggest_widening(call, p, dialect, &policy, made.made);
		if (!without && written == &policy && !dialect_can_say(dialect, &policy, diag_new(a)))
			suggest_leaving_out(call, plan_estate(p)->catalogue, dialect, &policy);
		file_abandon(&f);
		return false;
	}
	/* before the new file takes the place of the earlier one, which says what is to be removed */
	if (before && dialect->removal &&
	    !write_removal(call, dialect, path, str_of(before->name), out_view(&removal))) {
		file_abandon(&f);
		return false;
	}
	if (!file_commit(&f, call->diag))
		return false;
	if (dialect->has_no_comments && path)
		diag_say(call->diag, "%s: %.*s", path, STR_ARG(dialect_loading_text(call->arena, dialect->loading)));
	return true;
}

/* Every place that says its dialect, into a folder. */
static bool write_all(struct invocation *call, const struct plan *p, const bool *without, const char *folder)
{
	size_t n, written = 0;
	struct place *places = plan_places(call->arena, p, &n);
	if (!system_make_folder(folder, 0777) && errno != EEXIST)
		return diag_machine(call->diag, errno, "cannot make the folder \"%s\"", folder);
	for (size_t i = 0; i < n; i++) {
		static const char *const sides[] = {
			[POLICY_TRANSIT] = "", [POLICY_INBOUND] = "-in", [POLICY_OUTBOUND] = "-out"
		};
		const struct estate *e = plan_estate(p);
		struct str said = places[i].firewall >= 0 ? e->firewalls[places[i].firewall].dialect.s
							  : e->hosts[places[i].host].firewall.dialect.s;
		if (!said.p && !option_given(call, "dialect"))
			continue;
		const struct dialect *dialect = invocation_dialect(call, p, &places[i]);
		if (!dialect)
			return false;
		bool both = has_both_sides(call, &places[i], dialect);
		if (both && places[i].side == POLICY_OUTBOUND)
			continue; /* the file of the other side has it */
		const char *path = arena_printf(call->arena, "%s/%.*s%s.%s", folder, STR_ARG(place_name(p, &places[i])),
						both ? "" : sides[places[i].side], dialect->ending);
		if (!write_place(call, p, &places[i], dialect, without, path))
			return false;
		printf("%s\n", path);
		written++;
	}
	if (!written)
		return diag_error(call->diag, NOWHERE, "no firewall of the estate has dialect:");
	return true;
}

static enum status run(struct invocation *call)
{
	progress_begin(call);
	const struct plan *p = invocation_plan(call);
	const bool *without;
	struct place at;
	if (!p || !read_without(call, plan_estate(p)->catalogue, &without))
		return STATUS_INPUT;
	if (without)
		diag_warn(call->diag, NOWHERE, "%s: left out; prove reports it missing", option(call, "without"));
	if (option_given(call, "all") && (option(call, "at") || option(call, "host"))) {
		diag_error(call->diag, NOWHERE, "--all means every place, --at and --host one; use either");
		return STATUS_INPUT;
	}
	if (option_given(call, "all")) {
		if (!option(call, "output")) {
			diag_error(call->diag, NOWHERE, "--all writes files; use -o DIR");
			return STATUS_INPUT;
		}
		write_all(call, p, without, option(call, "output"));
		return STATUS_WELL;
	}
	if (!invocation_place(call, p, &at))
		return STATUS_INPUT;
	const struct dialect *dialect = invocation_dialect(call, p, &at);
	if (dialect)
		write_place(call, p, &at, dialect, without, option(call, "output"));
	return STATUS_WELL;
}

static const struct option_row options[] = {
	{ "at", 0, "FIREWALL", NULL, "the firewall whose rules to write" },
	{ "host", 0, "HOST", NULL, "the host whose own firewall to use" },
	{ "side", 0, "SIDE", "in out both",
	  "of a host: what comes in, what goes out, or both, where the host has one list for them" },
	{ "all", 0, NULL, NULL, "every firewall and host with a dialect, into the folder of -o" },
	{ "dialect", 0, "NAME", NULL, "a dialect other than the estate's" },
	{ "after", 0, "FILE", NULL,
	  "remove what FILE, which was loaded before, has and the new rules have not; of --all: a folder" },
	{ "without", 0, "SERVICE,...", NULL,
	  "leave out services that the language cannot express; prove reports them missing" },
	{ "widen", 0, "WHAT", "icmp",
	  "write all of ICMP where the language cannot express less, and tolerate: of the estate covers it" },
	{ "rpc", 0, "WAY", "interfaces ports inspection",
	  "how to permit the ports that the RPC endpoint mapper assigns" },
	OPTION_SET,
	{ "anchor", 0, "NAME", NULL, "of pf: the file is for this anchor of the main file" },
	{ "log", 0, NULL, NULL, "log what is denied because no rule permits it" },
	OPTION_OUTPUT,
	OPTION_AS_DOCUMENTED,
	OPTION_CATALOGUE,
	OPTIONS_END,
};

const struct command command_emit = {
	.name = "emit",
	.summary = "write the rules that a firewall needs, in its own language",
	.arguments = "ESTATE.yaml...",
	.about = "Writes the rules that permit exactly what the plan needs at one firewall, few and readable, with "
		 "the reasons as comments where the language has them. What a language cannot express exactly is an "
		 "error. "
		 "The same plan gives the same bytes.",
	.options = options,
	.least = 1,
	.most = 100,
	.run = run,
};
