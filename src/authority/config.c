/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/config.h"

#include "authority/post-url.h"
#include "base/strmap.h"
#include "base/vec.h"
#include "doc/rows.h"
#include "pki/names.h"

enum { CONFIG_FILE_MAX = 256 << 10, LISTENERS_MAX = 16, INSTANCES_MAX = 64 };

static const char *const asks_words[N_ASKS] = { "never", "first-handshake", "by-path" };
static const char *const protocol_words[N_INSTANCES] = { "cep", "ces", "est" };
static const char *const login_words[N_LOGINS] = { "password", "certificate", "either" };
static const char *const tls_words[] = { "1.2", "1.3" };

#define COUNT(row, name_, member, least, most_, sentence)                                                   \
	{                                                                                                   \
		.key = name_, .type = FIELD_NUMBER, .offset = offsetof(struct row, member), .min = (least), \
		.max = (most_), .help = sentence                                                            \
	}

static const struct field listener_fields[] = {
	NEEDED(listener_config, "name", FIELD_NAME, name, "Its name, which instances use."),
	ROW(listener_config, "address", FIELD_TEXT, address, "The address that it binds; default: every address."),
	COUNT(listener_config, "port", port, 1, 65535, "Its TCP port; required."),
	ROW(listener_config, "plain", FIELD_FLAG, plain, "Plain HTTP, which serves only CRL, certificate and OCSP."),
	ROW(listener_config, "metrics", FIELD_FLAG, metrics,
	    "Plain HTTP, which serves only /metrics; its address is a loopback address, by default 127.0.0.1."),
	CHOICE(listener_config, "client-certificate", asks, asks_words,
	       "When a client certificate is asked for; default by-path: after the request is known."),
	CHOICE(listener_config, "tls-least", tls_least, tls_words, "The lowest version of TLS; default 1.2."),
	CHOICE(listener_config, "tls-most", tls_most, tls_words,
	       "The highest version of TLS; default 1.3, or 1.2 with by-path."),
};
static const struct record listener_record =
	RECORD(listener_config, "a listener", listener_fields, NO_OFFSET, offsetof(struct listener_config, at));

static const struct field instance_fields[] = {
	CHOICE(instance_config, "protocol", protocol, protocol_words, "cep, ces or est; required."),
	CHOICE(instance_config, "login", login, login_words, "How clients authenticate; required."),
	ROW(instance_config, "key-based-renewal", FIELD_FLAG, key_based_renewal,
	    "cep: only the templates that are set for it; ces: allows it."),
	ROW(instance_config, "renewal-only", FIELD_FLAG, renewal_only, "ces: takes nothing but renewals."),
	COUNT(instance_config, "priority", priority, 1, INT32_MAX, "The lowest is tried first."),
	ROW(instance_config, "path", FIELD_TEXT, path, "The path of its address; default: as AD CS names it."),
	ROW(instance_config, "template", FIELD_NAME, fallback, "The template of requests that name none."),
	ROW(instance_config, "policy", FIELD_TEXT, policy, "Its policy id, which is that of the authority."),
	ROW(instance_config, "listeners", FIELD_NAMES, listeners, "The listeners it is on; default: all with TLS."),
	ROW(instance_config, "url", FIELD_TEXT, url, "Its address as clients see it; default: from host and port."),
};
static const struct record instance_record =
	RECORD(instance_config, "an instance", instance_fields, NO_OFFSET, offsetof(struct instance_config, at));

static const struct field authority_fields[] = {
	NEEDED(authority_config, "name", FIELD_NAME, name, "The name of the authority: letters, digits and hyphens."),
	NEEDED(authority_config, "host", FIELD_TEXT, host, "The DNS name by which clients reach it."),
	NEEDED(authority_config, "policy", FIELD_TEXT, policy,
	       "The id of its enrolment policy, {GUID}; it never changes."),
	ROW(authority_config, "display", FIELD_TEXT, display, "The name of the policy for people."),
	ROW(authority_config, "key", FIELD_TEXT, key, "The file of its key; default ca.key."),
	ROW(authority_config, "key-password-file", FIELD_TEXT, key_password_file,
	    "The file with the password of the key."),
	COUNT(authority_config, "next-update-hours", next_update_hours, 1, 8760,
	      "How long Windows clients keep the policy; default 8."),
	COUNT(authority_config, "crl-days", crl_days, 1, 366, "How long a CRL is valid; default 7."),
	COUNT(authority_config, "crl-overlap-hours", crl_overlap_hours, 1, 8760,
	      "How long before its end the next CRL is made; default 24."),
	COUNT(authority_config, "skew", skew, 0, 86400,
	      "Seconds that a timestamp of a message may be off; default 900."),
	COUNT(authority_config, "memory-of-passwords", memory_of_passwords, 0, 3600,
	      "Seconds that a right password is remembered; default 300."),
	COUNT(authority_config, "most-a-minute", most_a_minute, 1, 10000000,
	      "Certificates that are signed in a minute at most; default 60000."),
	ROW(authority_config, "basic", FIELD_FLAG, basic,
	    "HTTP Basic is accepted where a message has no UsernameToken."),
	ROW(authority_config, "notice-command", FIELD_TEXT, notice_command,
	    "The command that is run for each notice, with the notice as JSON on its standard input."),
	ROW(authority_config, "notice-url", FIELD_TEXT, notice_url,
	    "The address, https or http, to which each notice is posted as JSON."),
	ROW(authority_config, "notice-ca", FIELD_TEXT, notice_ca,
	    "The file of certificates that the server of notice-url is trusted by; default what the system trusts."),
	ROW(authority_config, "users", FIELD_NAME, users,
	    "The prefix of the users of the processes when root starts them; default portolan."),
	NESTED(authority_config, "listeners", FIELD_RECORDS, listeners, listener_record, "The ports that it binds."),
	NESTED(authority_config, "instances", FIELD_RECORDS, instances, instance_record, "The services on them."),
};
const struct record authority_record = RECORD(authority_config, "an authority", authority_fields, NO_OFFSET, NO_OFFSET);

/* What is read */

struct reading {
	struct arena *arena;
	struct diag *diag;
	struct authority_config *config;
	struct listener_config *listeners;
	struct instance_config *instances;
	size_t n_listeners, n_instances;
};

static void set_default(struct number *n, uint64_t value)
{
	if (!n->at.line)
		n->n = value;
}

static bool is_short_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = ascii_lower(s.p[i]);
		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-')
			return false;
	}
	return s.n > 0 && s.n <= 64;
}

static bool is_guid(struct str s)
{
	static const char shape[] = "{xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx}";
	if (s.n != sizeof shape - 1)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = ascii_lower(s.p[i]);
		bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
		if (shape[i] == 'x' ? !hex : s.p[i] != shape[i])
			return false;
	}
	return true;
}

static void check_authority(struct reading *r)
{
	struct authority_config *c = r->config;
	if (!is_short_name(c->name.s))
		diag_error(r->diag, c->name.at, "\"%.*s\" is part of addresses: up to 64 letters, digits and hyphens",
			   STR_ARG(c->name.s));
	if (!dns_name_ok(c->host.s, false))
		diag_error(r->diag, c->host.at, "\"%.*s\" is not a DNS name", STR_ARG(c->host.s));
	if (!is_guid(c->policy.s))
		diag_error(r->diag, c->policy.at,
			   "\"%.*s\" is not a policy id, such as {7f0f5f0c-2f7f-4ec5-9d2c-1c8d0a1b2c3d}",
			   STR_ARG(c->policy.s));
	if (str_starts(c->key.s, "pkcs11:"))
		diag_error(r->diag, c->key.at, "keys in PKCS#11 tokens are not supported; name a file");
	if (c->notice_command.s.n && !str_starts(c->notice_command.s, "/"))
		diag_error(r->diag, c->notice_command.at, "\"%.*s\" is not a path that begins with /",
			   STR_ARG(c->notice_command.s));
	struct post_url url;
	const char *wrong = c->notice_url.s.n ? post_url_read(r->arena, c->notice_url.s, &url) : NULL;
	if (wrong)
		diag_error(r->diag, c->notice_url.at, "\"%.*s\": %s", STR_ARG(c->notice_url.s), wrong);
	if (c->notice_ca.s.n && !str_starts(c->notice_ca.s, "/"))
		diag_error(r->diag, c->notice_ca.at, "\"%.*s\" is not a path that begins with /",
			   STR_ARG(c->notice_ca.s));
	if (!c->display.s.n)
		c->display = c->name;
	if (!c->key.s.n)
		c->key.s = STR("ca.key");
	if (!c->users.s.n)
		c->users.s = STR("portolan");
	set_default(&c->next_update_hours, 8);
	set_default(&c->crl_days, 7);
	set_default(&c->crl_overlap_hours, 24);
	set_default(&c->skew, 900);
	set_default(&c->memory_of_passwords, 300);
	set_default(&c->most_a_minute, 60000);
	if (c->crl_overlap_hours.n >= c->crl_days.n * 24)
		diag_error(r->diag, c->crl_overlap_hours.at.line ? c->crl_overlap_hours.at : c->crl_days.at,
			   "the next CRL would be made before the last one begins; crl-overlap-hours: is less than "
			   "crl-days:");
}

static bool is_loopback(struct addr a)
{
	enum { LOOPBACK = 127 };
	return a.family == IPV4 ? a.n >> 24 == LOOPBACK : a.n == 1;
}

/* What metrics tell of an authority is for its own machine. */
static void check_metrics(struct reading *r, struct listener_config *l)
{
	struct addr address;
	if (!l->address.s.n)
		l->address.s = STR("127.0.0.1");
	else if (addr_parse(l->address.s, &address) && !is_loopback(address))
		diag_error(r->diag, l->address.at,
			   "metrics: is for a loopback address; have a proxy beside it authenticate others");
	if (l->plain.on)
		diag_error(r->diag, l->plain.at,
			   "a listener is for metrics, or plain: true for CRL, certificate and OCSP");
	l->plain.on = true;
}

static void check_listener(struct reading *r, struct listener_config *l)
{
	struct addr address;
	if (!l->port.at.line)
		diag_error(r->diag, l->at, "a listener needs the key \"port\"");
	if (l->address.s.n && !addr_parse(l->address.s, &address))
		diag_error(r->diag, l->address.at, "\"%.*s\" is not an address", STR_ARG(l->address.s));
	if (l->metrics.on)
		check_metrics(r, l);
	set_default(&l->asks, l->plain.on ? ASKS_NEVER : ASKS_BY_PATH);
	set_default(&l->tls_least, 0);
	set_default(&l->tls_most, l->asks.n == ASKS_BY_PATH ? 0 : 1);
	if (l->plain.on && (l->asks.at.line || l->tls_least.at.line || l->tls_most.at.line))
		diag_error(r->diag, l->at, "a plain listener has no TLS, and so no client certificates");
	if (!l->plain.on && l->asks.n == ASKS_BY_PATH && l->tls_most.n > 0)
		diag_error(r->diag, l->tls_most.at,
			   "by-path asks by a renegotiation, which TLS 1.3 does not have; use tls-most: 1.2, or "
			   "client-certificate: first-handshake");
	if (l->tls_least.n > l->tls_most.n)
		diag_error(r->diag, l->tls_least.at, "tls-least: is above tls-most:");
	for (const struct listener_config *other = r->listeners; other < l; other++) {
		if (str_eq(other->name.s, l->name.s)) {
			diag_error(r->diag, l->name.at, "there are two listeners \"%.*s\"", STR_ARG(l->name.s));
			diag_note(r->diag, other->name.at, "the other one is here");
		}
		if (other->port.n == l->port.n &&
		    (!other->address.s.n || !l->address.s.n || str_eq(other->address.s, l->address.s))) {
			diag_error(r->diag, l->port.at, "two listeners have the port %llu",
				   (unsigned long long)l->port.n);
			diag_note(r->diag, other->port.at, "the other one is here");
		}
	}
}

static void check_listeners(struct reading *r)
{
	size_t plain = 0, metrics = 0;
	for (size_t i = 0; i < r->n_listeners; i++) {
		check_listener(r, &r->listeners[i]);
		metrics += r->listeners[i].metrics.on;
		plain += r->listeners[i].plain.on && !r->listeners[i].metrics.on;
	}
	if (r->n_listeners > LISTENERS_MAX)
		diag_error(r->diag, r->config->listeners.at, "there are more than %d listeners", LISTENERS_MAX);
	if (!plain)
		diag_error(
			r->diag, r->config->listeners.at,
			"a listener with plain: true is needed: clients fetch CRL, certificate and OCSP over it before "
			"they trust the others");
	if (plain + metrics == r->n_listeners)
		diag_error(r->diag, r->config->listeners.at, "a listener with TLS is needed");
}

static const struct listener_config *listener_named(const struct reading *r, struct str name)
{
	for (size_t i = 0; i < r->n_listeners; i++)
		if (str_eq(r->listeners[i].name.s, name))
			return &r->listeners[i];
	return NULL;
}

static void all_listeners(struct reading *r, struct instance_config *instance)
{
	struct name *names = ARENA_ARRAY(r->arena, struct name, r->n_listeners);
	instance->listeners.v = names;
	for (size_t i = 0; i < r->n_listeners; i++)
		if (!r->listeners[i].plain.on)
			names[instance->listeners.n++] = r->listeners[i].name;
}

static void check_instance_listeners(struct reading *r, struct instance_config *instance)
{
	if (!instance->listeners.n)
		all_listeners(r, instance);
	for (size_t i = 0; i < instance->listeners.n; i++) {
		const struct name *name = &instance->listeners.v[i];
		const struct listener_config *l = listener_named(r, name->s);
		struct loc at = instance->listeners.at.line ? name->at : instance->at;
		if (!l)
			diag_error(r->diag, at, "there is no listener \"%.*s\"", STR_ARG(name->s));
		else if (l->plain.on)
			diag_error(r->diag, at,
				   "the listener \"%.*s\" is plain HTTP, which nobody may enrol over (ESC11)",
				   STR_ARG(name->s));
		else if (instance->login.n == LOGIN_CERTIFICATE && l->asks.n == ASKS_NEVER)
			diag_error(r->diag, at,
				   "the listener \"%.*s\" never asks for a client certificate, and this instance needs "
				   "one",
				   STR_ARG(name->s));
	}
}

static void set_path(struct reading *r, struct instance_config *instance)
{
	const char *login = instance->login.n == LOGIN_PASSWORD ? "UsernamePassword" : "Certificate";
	if (instance->path.s.n) {
		if (instance->path.s.p[0] != '/' || !str_is_visible(instance->path.s) ||
		    str_find(instance->path.s, ' ') != SIZE_MAX || str_find(instance->path.s, '?') != SIZE_MAX)
			diag_error(r->diag, instance->path.at,
				   "\"%.*s\" is not a path: it begins with / and has no query",
				   STR_ARG(instance->path.s));
		return;
	}
	if (instance->protocol.n == INSTANCE_EST)
		instance->path.s = STR("/.well-known/est");
	else if (instance->protocol.n == INSTANCE_CEP)
		instance->path.s = str_printf(r->arena, "/%sADPolicyProvider_CEP_%s/service.svc/CEP",
					      instance->key_based_renewal.on ? "KeyBasedRenewal_" : "", login);
	else
		instance->path.s =
			str_printf(r->arena, "/%.*s_CES_%s/service.svc/CES", STR_ARG(r->config->name.s), login);
}

/* The port that an address of https names; false when it is not one. */
static bool port_of_url(struct str url, uint32_t *ret)
{
	if (!str_istarts(url, "https://"))
		return false;
	struct str rest = str_skip(url, strlen("https://"));
	struct str host = str_first(rest, str_find(rest, '/'));
	size_t colon = str_find(host, ':');
	*ret = 443;
	return dns_name_ok(str_first(host, colon), false) &&
	       (colon == SIZE_MAX || str_to_u32(str_skip(host, colon + 1), 65535, ret));
}

static void set_url(struct reading *r, struct instance_config *instance)
{
	uint32_t port;
	if (!instance->url.s.n) {
		const struct listener_config *l =
			instance->listeners.n ? listener_named(r, instance->listeners.v[0].s) : NULL;
		instance->url.s = str_printf(r->arena, "https://%.*s:%llu%.*s", STR_ARG(r->config->host.s),
					     (unsigned long long)(l ? l->port.n : 0), STR_ARG(instance->path.s));
		return;
	}
	if (!port_of_url(instance->url.s, &port)) {
		diag_error(r->diag, instance->url.at, "\"%.*s\" is not an address that begins with https://",
			   STR_ARG(instance->url.s));
		return;
	}
	for (size_t i = 0; i < instance->listeners.n; i++) {
		const struct listener_config *l = listener_named(r, instance->listeners.v[i].s);
		if (l && l->port.n == port)
			return;
	}
	diag_error(r->diag, instance->url.at, "no listener of this instance has the port %u", port);
}

static void check_kind(struct reading *r, struct instance_config *instance)
{
	if (!instance->protocol.at.line)
		diag_error(r->diag, instance->at, "an instance needs the key \"protocol\": cep, ces or est");
	if (!instance->login.at.line)
		diag_error(r->diag, instance->at,
			   "an instance needs the key \"login\": password, certificate or either");
	if (instance->login.n == LOGIN_EITHER && instance->protocol.n != INSTANCE_EST)
		diag_error(r->diag, instance->login.at,
			   "clients of cep and ces expect one way to log in at an address: password or certificate");
	if (instance->key_based_renewal.on && instance->login.n != LOGIN_CERTIFICATE)
		diag_error(r->diag, instance->key_based_renewal.at,
			   "key-based renewal is by the old certificate; with passwords it does not work");
	if (instance->renewal_only.on && instance->protocol.n != INSTANCE_CES)
		diag_error(r->diag, instance->renewal_only.at, "renewal-only: is for ces");
	if (instance->renewal_only.on && instance->login.n != LOGIN_CERTIFICATE)
		diag_error(r->diag, instance->renewal_only.at, "renewal-only: needs login: certificate");
	if (instance->policy.s.n && !str_ieq(instance->policy.s, r->config->policy.s)) {
		diag_error(r->diag, instance->policy.at,
			   "the policy id differs from the authority's; clients would take them for two policies");
		diag_note(r->diag, r->config->policy.at, "the authority's is here");
	}
	set_default(&instance->priority, instance->login.n == LOGIN_CERTIFICATE ? 1 : 10);
}

static bool share_listener(const struct instance_config *a, const struct instance_config *b)
{
	for (size_t i = 0; i < a->listeners.n; i++)
		for (size_t j = 0; j < b->listeners.n; j++)
			if (str_eq(a->listeners.v[i].s, b->listeners.v[j].s))
				return true;
	return false;
}

static void check_pair(struct reading *r, const struct instance_config *a, const struct instance_config *b)
{
	if (str_ieq(a->path.s, b->path.s) && share_listener(a, b)) {
		diag_error(r->diag, b->at, "two instances of one listener have the path \"%.*s\"", STR_ARG(b->path.s));
		diag_note(r->diag, a->at, "the other one is here");
	}
}

/* Clients try the lowest first: that has to be the one for which they have what it asks. */
static void check_priority(struct reading *r, const struct instance_config *renewal)
{
	const struct instance_config *first = NULL;
	for (size_t i = 0; i < r->n_instances; i++) {
		const struct instance_config *other = &r->instances[i];
		if (other->protocol.n == renewal->protocol.n && other->login.n == LOGIN_PASSWORD &&
		    other->priority.n <= renewal->priority.n && (!first || other->priority.n < first->priority.n))
			first = other;
	}
	if (!first || !renewal->key_based_renewal.on || renewal->login.n != LOGIN_CERTIFICATE)
		return;
	diag_error(r->diag,
		   renewal->priority.at.line ? renewal->priority.at
		   : first->priority.at.line ? first->priority.at
					     : renewal->at,
		   "the instance for key-based renewal has priority %llu, one with passwords %llu; the lower is tried "
		   "first, and renewals would ask for a password",
		   (unsigned long long)renewal->priority.n, (unsigned long long)first->priority.n);
}

static void check_instances(struct reading *r)
{
	if (r->n_instances > INSTANCES_MAX) {
		diag_error(r->diag, r->config->instances.at, "there are more than %d instances", INSTANCES_MAX);
		return;
	}
	for (size_t i = 0; i < r->n_instances; i++) {
		struct instance_config *instance = &r->instances[i];
		check_kind(r, instance);
		check_instance_listeners(r, instance);
		set_path(r, instance);
		set_url(r, instance);
		for (size_t j = 0; j < i; j++)
			check_pair(r, &r->instances[j], instance);
	}
	for (size_t i = 0; i < r->n_instances; i++)
		check_priority(r, &r->instances[i]);
}

/* The addresses that certificates carry: those of every plain listener. */
static void derive_urls(struct reading *r)
{
	struct authority_config *c = r->config;
	VEC(struct str) crl = { 0 }, aia = { 0 }, ocsp = { 0 };
	for (size_t i = 0; i < r->n_listeners; i++) {
		if (!r->listeners[i].plain.on || r->listeners[i].metrics.on)
			continue;
		struct str port = NO_STR;
		if (r->listeners[i].port.n != 80)
			port = str_printf(r->arena, ":%llu", (unsigned long long)r->listeners[i].port.n);
		struct str base = str_printf(r->arena, "http://%.*s%.*s", STR_ARG(c->host.s), STR_ARG(port));
		*VEC_ADD(r->arena, &crl) = str_printf(r->arena, "%.*s/%.*s.crl", STR_ARG(base), STR_ARG(c->name.s));
		*VEC_ADD(r->arena, &aia) = str_printf(r->arena, "%.*s/%.*s.crt", STR_ARG(base), STR_ARG(c->name.s));
		*VEC_ADD(r->arena, &ocsp) = str_printf(r->arena, "%.*s/ocsp", STR_ARG(base));
	}
	c->crl_urls = crl.v;
	c->n_crl_urls = crl.n;
	c->aia_urls = aia.v;
	c->n_aia_urls = aia.n;
	c->ocsp_urls = ocsp.v;
	c->n_ocsp_urls = ocsp.n;
}

struct source *authority_config_source(struct arena *a, const char *folder, struct diag *d)
{
	return source_read(a, arena_printf(a, "%s/authority.yaml", folder), CONFIG_FILE_MAX, d);
}

const struct authority_config *authority_config_read(struct arena *a, const char *folder, struct diag *d)
{
	struct source *s = authority_config_source(a, folder, d);
	return s ? authority_config_of(a, folder, s, d) : NULL;
}

const struct authority_config *authority_config_of(struct arena *a, const char *folder, const struct source *s,
						   struct diag *d)
{
	size_t errors = diag_errors(d);
	struct authority_config *c = ARENA_NEW(a, struct authority_config);
	const struct node *n = yaml_parse(a, s, d);
	struct decode decode = { .arena = a, .diag = d };
	if (!n || !record_decode(&decode, &authority_record, n, c))
		return NULL;
	c->folder = str_of(arena_strdup(a, folder));
	struct reading r = { .arena = a,
			     .diag = d,
			     .config = c,
			     .listeners = c->listeners.v,
			     .n_listeners = c->listeners.n,
			     .instances = c->instances.v,
			     .n_instances = c->instances.n };
	if (!c->listeners.at.line)
		c->listeners.at = loc_line(s, 1);
	check_authority(&r);
	check_listeners(&r);
	check_instances(&r);
	derive_urls(&r);
	return diag_errors(d) == errors ? c : NULL;
}
