/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portolan listen: answers in place of servers that do not exist yet.
 */
#include <errno.h>

#include "base/vec.h"
#include "cli/estate.h"
#include "cli/interrupt.h"
#include "cli/secret.h"
#include "listen/log.h"
#include "probe/timer.h"

/* "30s", "90m", "2h", or seconds; as milliseconds. */
static bool parse_duration(struct str s, int64_t *ret)
{
	enum { MOST = 30 * 86400 };
	static const struct {
		const char *ending;
		uint32_t seconds;
	} units[] = { { "h", 3600 }, { "m", 60 }, { "s", 1 }, { "", 1 } };
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		uint32_t n;
		if (!str_ends(s, units[i].ending))
			continue;
		if (!str_to_u32(str_first(s, s.n - strlen(units[i].ending)), MOST / units[i].seconds, &n) || n == 0)
			return false;
		*ret = (int64_t)n * units[i].seconds * 1000;
		return true;
	}
	return false;
}

static void suggest_host(struct invocation *call, const struct estate *e, const char *text)
{
	VEC(struct str) names = { 0 };
	for (size_t i = 0; i < e->n_hosts; i++)
		*VEC_ADD(call->arena, &names) = e->hosts[i].name.s;
	diag_error(call->diag, NOWHERE, "there is no host \"%s\"", text);
	diag_suggest(call->diag, str_of(text), names.v, names.n);
}

static bool ports_of_estate(struct invocation *call, struct listen_ports *ports, struct str *as)
{
	const char *name = option(call, "as");
	for (size_t i = 0; i < call->n_operands; i++)
		if (!is_estate_path(call->operands[i]))
			diag_error(call->diag, NOWHERE, "\"%s\" is not an estate (a file that ends in .yaml)",
				   call->operands[i]);
	if (!name)
		diag_error(call->diag, NOWHERE, "which host? Add --as HOST");
	if (diag_errors(call->diag))
		return false;
	const struct plan *plan = invocation_plan(call);
	if (!plan)
		return false;
	const struct estate *e = plan_estate(plan);
	int host = estate_host(e, str_of(name)), service;
	if (host < 0) {
		suggest_host(call, e, name);
		return false;
	}
	service = option_named(call, e->catalogue, "service", "service", catalogue_service_called,
			       catalogue_service_names);
	if (diag_errors(call->diag))
		return false;
	*as = str_of(name);
	return listen_ports_of_plan(call->arena, plan, &e->hosts[host], service, ports, call->diag);
}

/* Without an estate: NAME SERVICE..., on --address or on all addresses of this machine. */
static bool ports_of_words(struct invocation *call, struct listen_ports *ports)
{
	struct probe_names host = { .host = str_of(call->operands[0]) };
	const struct catalogue *c = invocation_catalogue(call);
	const char *text = option(call, "address");
	struct addr_list own;
	struct addr address;
	if (option_given(call, "as") || option_given(call, "service"))
		diag_error(call->diag, NOWHERE, "--%s needs an estate", option_given(call, "as") ? "as" : "service");
	if (text && !addr_parse(str_of(text), &address))
		diag_error(call->diag, NOWHERE, "--address \"%s\" is not an address", text);
	if (call->n_operands < 2)
		diag_error(call->diag, NOWHERE, "name services after %s, such as ldap, or ports, such as tcp/8080",
			   call->operands[0]);
	if (!c || diag_errors(call->diag))
		return false;
	if (text) {
		host.addresses = &address;
		host.n = 1;
	} else if (!own_addresses(call->arena, &own)) {
		return diag_machine(call->diag, errno, "the addresses of this machine");
	} else {
		host.addresses = own.v;
		host.n = own.n;
	}
	if (host.n == 0)
		return diag_error(call->diag, NOWHERE,
				  "this machine has no address but loopback; add --address ADDRESS");
	return listen_ports_of_words(call->arena, c, &host, call->operands + 1, call->n_operands - 1, ports,
				     call->diag);
}

/* What both sides were given: the token, and the secret of RADIUS. */
static bool read_secrets(struct invocation *call, struct listen_ports *ports)
{
	struct str token = NO_STR, secret = NO_STR;
	if (!option_secret(call, "token-file", TOKEN_LEAST, &token) || !option_secret(call, "secret-file", 1, &secret))
		return false;
	for (size_t i = 0; i < ports->n; i++) {
		ports->v[i].planned.token = token;
		if (str_is(str_of(ports->v[i].stand_in->name), "radius"))
			ports->v[i].planned.secret = secret;
	}
	return true;
}

static enum status listen_now(struct invocation *call, struct listen_ports *ports, struct listen_log *log,
			      struct listen_options *options)
{
	struct str why = NO_STR;
	bool all = true, any = false;
	struct listener *l = listener_open(call->arena, ports->v, ports->n, &why);
	if (!l) {
		diag_machine(call->diag, errno, "%.*s", STR_ARG(why));
		return STATUS_MACHINE;
	}
	for (size_t i = 0; i < ports->n; i++) {
		all &= ports->v[i].bound;
		any |= ports->v[i].bound;
	}
	if (!any) {
		listen_log_ports(log, ports);
		return STATUS_NO;
	}
	if (!listener_confine(&why)) {
		diag_machine(call->diag, errno, "%.*s", STR_ARG(why));
		return STATUS_MACHINE;
	}
	listen_log_ports(log, ports);
	listener_run(l, options);
	listen_log_end(log);
	if (!out_flush(log->out)) {
		diag_machine(call->diag, errno, "the log");
		return STATUS_MACHINE;
	}
	return all ? STATUS_WELL : STATUS_NO;
}

static enum status run(struct invocation *call)
{
	enum { EIGHT_HOURS = 8 * 3600 * 1000 };
	struct listen_ports ports = { 0 };
	struct listen_options options = listen_defaults;
	struct listen_log log = { .json = str_is(option_format(call), "json") };
	int64_t time = EIGHT_HOURS;
	if (option_given(call, "for") && !parse_duration(str_of(option(call, "for")), &time))
		diag_error(call->diag, NOWHERE, "--for \"%s\" is not a time, such as 2h, 90m or 30s",
			   option(call, "for"));
	bool estate = is_estate_path(call->operands[0]);
	if (estate && option_given(call, "address"))
		diag_error(call->diag, NOWHERE,
			   "the estate says the address: --address is for services that are named without one");
	if (!(estate ? ports_of_estate(call, &ports, &log.as) : ports_of_words(call, &ports)) ||
	    !read_secrets(call, &ports) || diag_errors(call->diag))
		return STATUS_INPUT;
	if (ports.n == 0) {
		diag_error(call->diag, NOWHERE, "no flow of the plan reaches a port of \"%.*s\"", STR_ARG(log.as));
		return STATUS_INPUT;
	}
	struct out out = out_fd(1);
	log.out = &out;
	if (option_given(call, "dry-run")) {
		listen_log_plan(&log, &ports);
		bool written = out_flush(&out);
		if (!written)
			diag_machine(call->diag, errno, "cannot write standard output");
		out_free(&out);
		return written ? STATUS_WELL : STATUS_MACHINE;
	}
	options.end = clock_wall() + time;
	options.stop = catch_interrupts();
	signal(SIGPIPE, SIG_IGN); /* a log that nobody reads is an error of its write */
	options.log = listen_log_event;
	options.ctx = &log;
	enum status status = listen_now(call, &ports, &log, &options);
	out_free(&out);
	return status;
}

static const struct option_row options[] = {
	{ "as", 0, "HOST", NULL, "stand in for this host of the estate" },
	{ "service", 's', "SERVICE", NULL, "only its ports of this service" },
	{ "address", 0, "ADDRESS", NULL, "without an estate: bind this address, not all of the machine" },
	{ "for", 0, "TIME", NULL, "end after this time, such as 2h, 90m or 30s (8h)" },
	{ "token-file", 0, "FILE", NULL,
	  "answer probes that have the token in FILE, where a protocol has no exchange" },
	{ "secret-file", 0, "FILE", NULL, "sign RADIUS answers with the secret in FILE" },
	{ "dry-run", 'n', NULL, NULL, "bind nothing; print the ports and who answers there" },
	OPTION_FORMAT("text json"),
	OPTION_AS_DOCUMENTED,
	OPTION_CATALOGUE,
	OPTIONS_END,
};

const struct command command_listen = {
	.name = "listen",
	.summary = "answer in place of servers that do not exist yet, so that a path can be tested",
	.arguments = "ESTATE.yaml... --as HOST, or NAME SERVICE...",
	.about = "Binds every port that the plan has at a host, and answers each protocol so that portolan probe sees "
		 "the right service, marked as a stand-in. No login is accepted and nothing is stored. A line for "
		 "each request says who asked, and from which address.",
	.options = options,
	.least = 1,
	.most = 100,
	.run = run,
};
