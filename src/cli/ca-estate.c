/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portolan ca estate: the authority as a part of an estate, so that plan, lint and probe know it.
 *
 * It has no role of AD CS: those need a directory, which this authority does not use.  Its flows are those of its listeners.
 */
#include "cli/ca.h"

struct part {
	struct ca_call *ca;
	const struct authority_config *config;
	struct out *out;
};

static void put_list(struct out *o, const struct str *words, size_t n)
{
	out_char(o, '[');
	for (size_t i = 0; i < n; i++) {
		out_text(o, i ? ", " : "");
		json_quote(o, words[i]);
	}
	out_char(o, ']');
}

/* "KeyBasedRenewal_ADPolicyProvider_CEP_Certificate": what IIS would call the application. */
static struct str application_of(const struct instance_config *instance)
{
	struct str rest = str_skip(instance->path.s, 1);
	return str_first(rest, str_find(rest, '/'));
}

static void put_service(struct part *p, const struct instance_config *instance)
{
	struct out *o = p->out;
	bool is_policy = instance->protocol.n == INSTANCE_CEP;
	out_text(o, "        - application: ");
	json_quote(o, application_of(instance));
	out_printf(o, "\n          authentication: %s\n          uri: ",
		   instance->login.n == LOGIN_CERTIFICATE ? "certificate" : "username-password");
	json_quote(o, instance->url.s);
	out_text(o, is_policy ? "\n          id: " : "\n          ca: ");
	json_quote(o, is_policy ? p->config->policy.s : p->config->name.s);
	out_char(o, '\n');
	if (instance->renewal_only.on)
		out_text(o, "          renewal-only: true\n");
	if (instance->key_based_renewal.on)
		out_text(o, "          key-based-renewal: true\n");
}

/* msPKI-Enrollment-Servers: priority, authentication, renewal only, URI, key-based renewal. */
static void put_value(struct part *p, const struct instance_config *instance)
{
	enum { BY_PASSWORD = 4, BY_CERTIFICATE = 8 };
	struct str uri = instance->url.s;
	out_text(p->out, "        - ");
	json_quote(p->out,
		   str_printf(p->ca->call->arena, "%llu %d %d %.*s %d", (unsigned long long)instance->priority.n,
			      instance->login.n == LOGIN_CERTIFICATE ? BY_CERTIFICATE : BY_PASSWORD,
			      instance->renewal_only.on, STR_ARG(uri), instance->key_based_renewal.on));
	out_char(p->out, '\n');
}

static void put_services(struct part *p, enum instance_protocol protocol, const char *key,
			 void (*put)(struct part *p, const struct instance_config *instance))
{
	const struct instance_config *instances = p->config->instances.v;
	size_t n = 0;
	for (size_t i = 0; i < p->config->instances.n; i++) {
		if (instances[i].protocol.n != protocol)
			continue;
		if (n++ == 0)
			out_printf(p->out, "      %s:\n", key);
		put(p, &instances[i]);
	}
}

static void put_flow(struct part *p, const struct listener_config *l, const struct str *from, size_t n)
{
	struct out *o = p->out;
	out_text(o, "  - from: ");
	put_list(o, from, n);
	out_text(o, "\n    to: ");
	json_quote(o, p->config->host.s);
	out_printf(o, "\n    protocol: tcp\n    ports: %llu\n    why: ", (unsigned long long)l->port.n);
	json_quote(o, str_printf(p->ca->call->arena,
				 l->plain.on ? "CRL, certificate and OCSP of %.*s, which clients check over plain HTTP."
					     : "Enrolment and renewal with %.*s over HTTPS.",
				 STR_ARG(p->config->name.s)));
	out_text(o, "\n    owner: ");
	json_quote(o, str_printf(p->ca->call->arena, "the operators of %.*s", STR_ARG(p->config->name.s)));
	out_char(o, '\n');
}

static bool has_windows_services(const struct authority_config *c)
{
	const struct instance_config *instances = c->instances.v;
	for (size_t i = 0; i < c->instances.n; i++)
		if (instances[i].protocol.n != INSTANCE_EST)
			return true;
	return false;
}

static void put_part(struct part *p, const struct str *addresses, size_t n_addresses, const struct str *from,
		     size_t n_from)
{
	const struct listener_config *listeners = p->config->listeners.v;
	struct out *o = p->out;
	out_text(o, "# Add these to the lists of the estate: a list of a later file replaces that of an earlier one.\n"
		    "hosts:\n  ");
	json_quote(o, p->config->host.s);
	out_text(o, ":\n    address: ");
	put_list(o, addresses, n_addresses);
	out_text(o, "\n    machines: one\n    joined: workgroup\n");
	if (has_windows_services(p->config)) {
		out_text(o, "    enrollment:\n");
		put_services(p, INSTANCE_CEP, "policy-services", put_service);
		put_services(p, INSTANCE_CES, "enrollment-services", put_service);
		put_services(p, INSTANCE_CES, "enrollment-servers", put_value);
	}
	out_text(o, "allow:\n");
	for (size_t i = 0; i < p->config->listeners.n; i++)
		if (!listeners[i].metrics.on) /* it is asked from its own machine */
			put_flow(p, &listeners[i], from, n_from);
}

static struct str *words_of(struct ca_call *ca, const char *name, size_t *n)
{
	const char *const *given = option_all(ca->call, name, n);
	struct str *words = ARENA_ARRAY(ca->call->arena, struct str, *n);
	for (size_t i = 0; i < *n; i++)
		words[i] = str_of(given[i]);
	return words;
}

/* The addresses that listeners are bound to, where all are bound to some. */
static struct str *bound_addresses(struct ca_call *ca, const struct authority_config *c, size_t *n)
{
	const struct listener_config *listeners = c->listeners.v;
	struct str *found = ARENA_ARRAY(ca->call->arena, struct str, c->listeners.n);
	*n = 0;
	for (size_t i = 0; i < c->listeners.n; i++) {
		struct str address = listeners[i].address.s;
		size_t j = 0;
		if (listeners[i].metrics.on)
			continue;
		if (!address.n) {
			*n = 0;
			return found;
		}
		while (j < *n && !str_eq(found[j], address))
			j++;
		if (j == *n)
			found[(*n)++] = address;
	}
	return found;
}

enum status ca_estate(struct ca_call *ca)
{
	struct invocation *call = ca->call;
	size_t n_addresses, n_from;
	struct str *from = words_of(ca, "from", &n_from), *addresses = words_of(ca, "address", &n_addresses);
	struct part p = { .ca = ca, .config = authority_config_read(call->arena, ca->folder, call->diag) };
	struct file f;
	if (!p.config)
		return STATUS_INPUT;
	if (!n_addresses)
		addresses = bound_addresses(ca, p.config, &n_addresses);
	for (size_t i = 0; i < n_addresses; i++) {
		struct addr at;
		if (!addr_parse(addresses[i], &at))
			diag_error(call->diag, NOWHERE, "--address \"%.*s\" is not an address", STR_ARG(addresses[i]));
	}
	if (!n_addresses)
		diag_error(call->diag, NOWHERE, "the listeners are bound to every address; add --address ADDRESS");
	if (!n_from)
		diag_error(call->diag, NOWHERE, "add --from ZONE, with the zones or hosts that clients are in");
	if (diag_errors(call->diag))
		return STATUS_INPUT;
	if (!file_create(&f, call->arena, option(call, "output"), call->diag))
		return STATUS_MACHINE;
	p.out = &f.out;
	put_part(&p, addresses, n_addresses, from, n_from);
	return file_commit(&f, call->diag) ? STATUS_WELL : STATUS_MACHINE;
}
