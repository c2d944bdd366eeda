/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/probe-run.h"
#include "cli/progress.h"

#include <errno.h>
#include <unistd.h>

#include "base/vec.h"
#include "cli/estate.h"
#include "cli/explain.h"
#include "cli/interrupt.h"
#include "cli/probe-causes.h"
#include "cli/probe-place.h"
#include "cli/scrape.h"
#include "cli/secret.h"
#include "probe/names.h"
#include "probe/posture.h"
#include "probe/socket.h"
#include "probe/tls.h"
#include "report/probe/format.h"

/* A whole number within limits; *value stays when the option is absent. */
static void read_number(struct invocation *call, const char *name, unsigned least, unsigned most, unsigned *value)
{
	const char *text = option(call, name);
	uint32_t n;
	if (!text)
		return;
	if (!str_to_u32(str_of(text), most, &n) || n < least)
		diag_error(call->diag, NOWHERE, "--%s \"%s\" is not a number from %u to %u", name, text, least, most);
	else
		*value = n;
}

/* Seconds with at most three decimals, as milliseconds. */
static bool parse_seconds(struct str s, unsigned *ret)
{
	enum { MOST = 3600, DECIMALS = 3 };
	struct str whole;
	uint32_t seconds = 0, part = 0;
	str_cut(&s, '.', &whole);
	if (s.n > DECIMALS || (whole.n == 0 && s.n == 0))
		return false;
	if (whole.n && !str_to_u32(whole, MOST, &seconds))
		return false;
	if (s.n && !str_to_u32(s, 999, &part))
		return false;
	for (size_t i = s.n; i < DECIMALS; i++)
		part *= 10;
	*ret = seconds * 1000 + part;
	return *ret > 0;
}

static void read_timeout(struct invocation *call, unsigned *value)
{
	const char *text = option(call, "timeout");
	if (text && !parse_seconds(str_of(text), value))
		diag_error(call->diag, NOWHERE, "--timeout \"%s\" is not a number of seconds, such as 3.5", text);
}

static void show_progress(void *ctx, size_t done, size_t all)
{
	progress_count(done, all, "flows");
}

static struct engine_options read_engine(struct invocation *call)
{
	struct engine_options o = engine_defaults;
	enum { MOST_IN_FLIGHT = 100000, MOST_RATE = 100000, MOST_TRIES = 16 };
	unsigned in_flight = 0;
	read_number(call, "in-flight", 1, MOST_IN_FLIGHT, &in_flight);
	if (in_flight) {
		o.in_flight = in_flight;
		o.per_address = MIN(o.per_address, in_flight);
	}
	read_number(call, "rate", 0, MOST_RATE, &o.rate);
	read_number(call, "tries", 1, MOST_TRIES, &o.tries);
	read_timeout(call, &o.timeout);
	o.no_trace = option_given(call, "no-trace");
	o.ca = option(call, "ca");
	o.progress = show_progress;
	return o;
}

/* Without an estate: HOST SERVICE... */
static bool tasks_of_words(struct invocation *call, struct probe_report *r, unsigned timeout, struct probe_tasks *ret)
{
	struct probe_names host = { .host = str_of(call->operands[0]) };
	const struct catalogue *c = invocation_catalogue(call);
	struct addr address;
	struct str why;
	static const char *const of_estates[] = { "from",   "as",      "to",       "service", "flow",
						  "sample", "targets", "negative", "explain", "prometheus-listen" };
	for (size_t i = 0; i < ARRAY_LEN(of_estates); i++)
		if (option_given(call, of_estates[i]))
			diag_error(call->diag, NOWHERE, "--%s needs an estate", of_estates[i]);
	if (call->n_operands < 2) {
		diag_error(call->diag, NOWHERE, "an operand is missing: name services of %s, such as ldap or tcp/8080",
			   call->operands[0]);
		diag_note(call->diag, NOWHERE, "an estate is a file that ends in .yaml");
	}
	if (!c || diag_errors(call->diag))
		return false;
	if (addr_parse(host.host, &address)) {
		host.addresses = &address;
		host.n = 1;
		return probe_tasks_of_words(call->arena, c, &host, call->operands + 1, call->n_operands - 1, ret,
					    call->diag);
	}
	/* words are checked before the resolver is asked */
	struct addr none = { IPV4, 0 };
	host.addresses = &none;
	host.n = 1;
	if (!probe_tasks_of_words(call->arena, c, &host, call->operands + 1, call->n_operands - 1, ret, call->diag))
		return false;
	struct name_lookup name = { .name = host.host };
	if (!names_resolve(call->arena, &name, 1, timeout, &why))
		return diag_machine(call->diag, errno, "%.*s", STR_ARG(why));
	if (name.n == 0) {
		for (size_t i = 0; i < ret->n; i++) {
			ret->tasks[i].probe = NULL;
			ret->tasks[i].preset = REASON_UNRESOLVED;
			ret->tasks[i].preset_text =
				str_printf(call->arena, "its name has no address: %.*s", STR_ARG(name.why));
			ret->subjects[i].no_address = true;
		}
		return true;
	}
	host.addresses = name.v;
	host.n = name.n;
	return probe_tasks_of_words(call->arena, c, &host, call->operands + 1, call->n_operands - 1, ret, call->diag);
}

static bool use_source(struct invocation *call, struct probe_tasks *tasks)
{
	const char *text = option(call, "source");
	struct addr source;
	if (!text)
		return true;
	if (!addr_parse(str_of(text), &source))
		return diag_error(call->diag, NOWHERE, "--source \"%s\" is not an address", text);
	for (size_t i = 0; i < tasks->n; i++)
		if (tasks->tasks[i].target.address.family == source.family) {
			tasks->tasks[i].target.source = source;
			tasks->tasks[i].has_source = true;
		}
	return true;
}

static bool is_path(struct str s)
{
	enum { PATH_BYTES_MAX = 1024 };
	bool ok = str_starts(s, "/") && s.n <= PATH_BYTES_MAX;
	/* it becomes a part of a request line */
	for (size_t i = 0; i < s.n; i++)
		ok &= s.p[i] > ' ' && s.p[i] <= '~';
	return ok;
}

static void read_given(struct invocation *call, struct probe_given *ret)
{
	const char *path = option(call, "path");
	option_secret(call, "token-file", TOKEN_LEAST, &ret->token);
	option_secret(call, "secret-file", 1, &ret->secret);
	if (!path)
		return;
	ret->path = str_of(path);
	if (!is_path(ret->path))
		diag_error(call->diag, NOWHERE,
			   "--path \"%s\" is not the path of a URL: it begins with /, without spaces or "
			   "characters beyond ASCII",
			   path);
	if (is_estate_path(call->operands[0]) && !option(call, "service") && !option(call, "flow"))
		diag_error(call->diag, NOWHERE, "--path needs --service or --flow: other web servers have other paths");
}

/* The principal of --posture; empty: none. */
static struct str read_principal(struct invocation *call)
{
	enum { PRINCIPAL_BYTES_MAX = 256 };
	struct str name = option(call, "principal") ? str_of(option(call, "principal")) : NO_STR;
	if (!option_given(call, "principal"))
		return name;
	if (!option_given(call, "posture"))
		diag_error(call->diag, NOWHERE, "--principal needs --posture, which asks whether its RC4 is accepted");
	if (!name.n || name.n > PRINCIPAL_BYTES_MAX || str_find(name, '@') != SIZE_MAX || !str_is_visible(name))
		diag_error(
			call->diag, NOWHERE,
			"--principal \"%s\" is not the name of an account, such as svc-web: the realm is that of the "
			"domain controller",
			option(call, "principal"));
	return name;
}

/* Runs the probes, and what --posture asks after them.  False after an error. */
static bool run_probes(struct invocation *call, const struct probe_tasks *tasks, const struct engine_options *options,
		       struct str principal, struct probe_result *results)
{
	struct str why;
	progress_begin(call);
	if (!engine_run(call->arena, tasks->tasks, tasks->n, options, results, &why) ||
	    (option_given(call, "posture") && !posture_ask(call->arena, tasks, principal, options, results, &why)))
		return diag_machine(call->diag, errno, "%.*s", STR_ARG(why));
	progress_end();
	return true;
}

/* --prometheus-listen; port 0: it is not given. */
static struct scrape_place read_scrape(struct invocation *call, const char *text)
{
	static const char *const others[] = { "dry-run", "output", "posture", "negative", "format" };
	struct scrape_place at = { 0 };
	if (!text)
		return at;
	if (!scrape_place_parse(str_of(text), &at))
		diag_error(call->diag, NOWHERE,
			   "--prometheus-listen \"%s\" is not a place: a port, which is that of the loopback address, "
			   "ADDRESS:PORT, or [ADDRESS]:PORT",
			   text);
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (option_given(call, others[i]))
			diag_error(call->diag, NOWHERE, "--prometheus-listen and --%s exclude each other", others[i]);
	return at;
}

/* NULL after errors. */
static const struct plan *read_plan(struct invocation *call)
{
	for (size_t i = 0; i < call->n_operands; i++)
		if (!is_estate_path(call->operands[i]))
			diag_error(call->diag, NOWHERE,
				   "\"%s\" is not an estate (a file that ends in .yaml); --service and --to narrow "
				   "what is probed",
				   call->operands[i]);
	return diag_errors(call->diag) ? NULL : invocation_plan(call);
}

static enum status write_report(struct invocation *call, const struct probe_report *r)
{
	struct file f;
	static const enum status statuses[] = {
		[PROBE_WELL] = STATUS_WELL,
		[PROBE_FAILS] = STATUS_NO,
		[PROBE_UNPROVED] = STATUS_INPUT,
	};
	if (!file_create(&f, call->arena, option(call, "output"), call->diag))
		return STATUS_MACHINE;
	if (option_given(call, "dry-run"))
		probe_write_dry(&f.out, r);
	else
		probe_format_find(option_format(call))->write(&f.out, r);
	if (!file_commit(&f, call->diag))
		return STATUS_MACHINE;
	return option_given(call, "dry-run") ? STATUS_WELL : statuses[probe_report_verdict(r)];
}

enum status probe_run(struct invocation *call, const char *code, const char *place)
{
	struct probe_tasks tasks = { 0 };
	struct probe_given given = { 0 };
	struct probe_explained explained = { 0 };
	struct engine_options options = read_engine(call);
	struct probe_report r = {
		.tasks = &tasks,
		.strict = option_given(call, "strict"),
		.no_times = option_given(call, "no-times"),
		.redact = option_given(call, "redact"),
		.width = call->width,
		.colour = call->colour_out && !option_given(call, "output"),
	};
	struct str why;
	if (options.ca && !tls_settings_new(call->arena, options.ca, &why))
		diag_error(call->diag, NOWHERE, "--ca %.*s", STR_ARG(why));
	read_given(call, &given);
	struct str principal = read_principal(call);
	struct scrape_place scrape = read_scrape(call, place);
	if (scrape.port && code)
		diag_error(call->diag, NOWHERE, "--prometheus-listen explains no codes");
	if (is_estate_path(call->operands[0])) {
		r.plan = read_plan(call);
		if (r.plan && code) {
			explained.catalogue = plan_estate(r.plan)->catalogue;
			probe_code_find(call, explained.catalogue, code, &explained);
			r.explained = &explained;
		}
		if (!r.plan || !probe_tasks_from_here(call, &r, &tasks))
			return STATUS_INPUT;
	} else if (!tasks_of_words(call, &r, options.timeout, &tasks) || !use_source(call, &tasks)) {
		return STATUS_INPUT;
	}
	if (diag_errors(call->diag))
		return STATUS_INPUT;
	probe_tasks_give(&tasks, &given);
	struct probe_result *results = ARENA_ARRAY(call->arena, struct probe_result, tasks.n);
	for (size_t i = 0; i < tasks.n; i++)
		results[i].port = tasks.tasks[i].target.port;
	r.results = results;
	for (size_t i = 0; r.redact && !r.plan && i < tasks.n; i++)
		tasks.subjects[i].host = STR("target"); /* an estate would give it a name */
	options.stop = catch_interrupts();
	if (scrape.port)
		return scrape_serve(call, &scrape, &r, &options) ? STATUS_WELL : STATUS_MACHINE;
	if (!option_given(call, "dry-run") && !run_probes(call, &tasks, &options, principal, results))
		return STATUS_MACHINE;
	if (r.plan && !option_given(call, "dry-run"))
		probe_find_causes(call, &r);
	return write_report(call, &r);
}
