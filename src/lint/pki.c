/* SPDX-License-Identifier: Apache-2.0 */
/* Checks on certificate enrolment: CEP, CES, the CA that they serve, and their clients. */
#include "lint/checks.h"
#include "lint/common.h"

/* Every CEP and CES application of the estate, with its host. */
static void each_service(struct linting *l, bool policy,
			 void (*look)(struct linting *l, const struct host *h, const struct enrol_service *s))
{
	const struct estate *e = l->estate;
	for (size_t i = 0; i < e->n_hosts; i++) {
		const struct records *r =
			policy ? &e->hosts[i].enrolment.policy_services : &e->hosts[i].enrolment.enrollment_services;
		const struct enrol_service *services = r->v;
		for (size_t j = 0; j < r->n; j++)
			look(l, &e->hosts[i], &services[j]);
	}
}

static bool is_web_enrolment(struct linting *l, const struct host *h)
{
	return lint_has_role(l, h, "certificate-enrollment-policy-web-service") ||
	       lint_has_role(l, h, "certificate-enrollment-web-service");
}

/* The port of the one HTTPS binding */

static void enrollment_port_custom(struct linting *l)
{
	const struct estate *e = l->estate;
	service_id https = lint_service(l, "https");
	struct port_range usual;
	if (https == NO_SERVICE || !lint_default_ports(l, "https", &usual))
		return;
	for (size_t i = 0; i < e->n_hosts; i++) {
		const struct port_setting *s = host_port(&e->hosts[i], https);
		if (!s || s->ports.lo == usual.lo || !is_web_enrolment(l, &e->hosts[i]))
			continue;
		struct finding *f = lint_report(
			l, &check_enrollment_port_custom, &e->hosts[i], s->at,
			"CEP and CES on port %u work, but Microsoft supports them in a limited way", s->ports.lo);
		lint_way_out(l, f, "use %u where nothing else needs it, or expect limited support", usual.lo);
	}
}

CHECK(enrollment_port_custom, "enrollment-port-custom", LEVEL_NOTE, "cep-ces-custom-port", "Summary", 19, "115 116",
      "CEP and CES listen on a port other than 443.");

/* The port in a URI against the binding of the host that it names. */
static void check_uri_port(struct linting *l, const struct host *server, struct loc at, struct str text)
{
	struct uri u;
	struct port_range usual = { 0, 0 }, bound = lint_port(l, server, "https");
	lint_default_ports(l, "https", &usual);
	if (!lint_uri(text, &u)) {
		struct finding *f = lint_report(l, &check_enrollment_uri_port, server, at,
						"\"%.*s\" is not an https:// URI", STR_ARG(text));
		lint_way_out(l, f, "write it as https://HOST:PORT/PATH");
		return;
	}
	/* of a host without their roles no binding is known: it is not IIS */
	uint16_t port = u.port ? u.port : usual.lo;
	if (port == bound.lo || !is_web_enrolment(l, server))
		return;
	struct finding *f = lint_report(l, &check_enrollment_uri_port, server, at,
					"this URI has port %u, but \"%.*s\" listens on %u", port,
					STR_ARG(server->name.s), bound.lo);
	const struct port_setting *s = host_port(server, lint_service(l, "https"));
	if (s)
		lint_other(l, f, s->at, "the binding is set here");
	lint_way_out(l, f, "one HTTPS binding carries all of the web services: use its port in every URI");
}

static void check_service_uri(struct linting *l, const struct host *h, const struct enrol_service *s)
{
	if (s->uri.s.n)
		check_uri_port(l, h, s->uri.at, s->uri.s);
}

/* The host of the policy or enrolment service that a URI names; NULL: unknown. */
static const struct host *server_of(struct linting *l, struct str uri)
{
	const struct estate *e = l->estate;
	struct uri u, other;
	if (!lint_uri(uri, &u))
		return NULL;
	for (size_t i = 0; i < e->n_hosts; i++) {
		const struct host *h = &e->hosts[i];
		const struct records *lists[] = { &h->enrolment.policy_services, &h->enrolment.enrollment_services };
		for (size_t j = 0; j < 2; j++) {
			const struct enrol_service *services = lists[j]->v;
			for (size_t m = 0; m < lists[j]->n; m++)
				if (lint_uri(services[m].uri.s, &other) && str_ieq(other.host, u.host))
					return h;
		}
		/* "cepces1" or "cepces1.contoso.com" */
		size_t dot = str_find(u.host, '.');
		if (is_web_enrolment(l, h) && str_ieq(dot == SIZE_MAX ? u.host : str_first(u.host, dot), h->name.s))
			return h;
	}
	return NULL;
}

static void enrollment_uri_port(struct linting *l)
{
	const struct estate *e = l->estate;
	each_service(l, true, check_service_uri);
	each_service(l, false, check_service_uri);
	for (size_t i = 0; i < e->n_hosts; i++) {
		const struct enrol_policy *policies = e->hosts[i].enrolment.policies.v;
		for (size_t j = 0; j < e->hosts[i].enrolment.policies.n; j++) {
			const struct host *server = server_of(l, policies[j].uri.s);
			if (server)
				check_uri_port(l, server, policies[j].uri.at, policies[j].uri.s);
		}
	}
}

CHECK(enrollment_uri_port, "enrollment-uri-port", LEVEL_ERROR, "cep-ces-custom-port", "Configure the client computer",
      253, "116 118 120", "The URI of a CEP or CES has a port other than that of its host's website.");

/* The pair of instances */

struct instance_pair {
	const struct enrol_service *first, *renewal; /* by password, by certificate */
};

static struct instance_pair pair_of(const struct records *r)
{
	struct instance_pair p = { NULL, NULL };
	const struct enrol_service *services = r->v;
	for (size_t i = 0; i < r->n; i++) {
		if (services[i].auth.n == AUTH_PASSWORD)
			p.first = &services[i];
		if (services[i].auth.n == AUTH_CERTIFICATE)
			p.renewal = &services[i];
	}
	return p;
}

static void renewal_pair_incomplete(struct linting *l)
{
	const struct estate *e = l->estate;
	for (size_t i = 0; i < e->n_hosts; i++) {
		const struct enrolment *n = &e->hosts[i].enrolment;
		const struct records *lists[] = { &n->policy_services, &n->enrollment_services };
		for (size_t j = 0; j < 2; j++) {
			struct instance_pair p = pair_of(lists[j]);
			if (!p.renewal || p.first)
				continue;
			struct finding *f = lint_report(l, &check_renewal_pair_incomplete, &e->hosts[i], p.renewal->at,
							"certificates renew here, but no instance issues the first one "
							"to a workgroup computer");
			lint_way_out(l, f,
				     "install a second instance whose clients sign in with user name and password");
		}
	}
}

CHECK(renewal_pair_incomplete, "renewal-pair-incomplete", LEVEL_WARNING, "cep-ces-custom-port", "Scenario", 34,
      "117 113", "A web server has key-based renewal and no instance for the first enrolment.");

static void cep_ids_differ(struct linting *l)
{
	const struct estate *e = l->estate;
	for (size_t i = 0; i < e->n_hosts; i++) {
		struct instance_pair p = pair_of(&e->hosts[i].enrolment.policy_services);
		if (!p.first || !p.renewal || !p.first->id.s.n || !p.renewal->id.s.n ||
		    str_ieq(p.first->id.s, p.renewal->id.s))
			continue;
		struct finding *f = lint_report(l, &check_cep_ids_differ, &e->hosts[i], p.renewal->id.at,
						"the two policy services have different IDs");
		lint_other(l, f, p.first->id.at, "the other ID is here");
		lint_way_out(l, f, "copy the ID of the first instance into the application settings of the second");
	}
}

CHECK(cep_ids_differ, "cep-ids-differ", LEVEL_ERROR, "cep-ces-custom-port", "Step 2 Check the IIS Manager console", 176,
      "122", "The two policy services of a pair have different IDs; clients treat them as two policies.");

static void look_at_name(struct linting *l, const struct host *h, const struct enrol_service *s)
{
	const char *wanted = s->auth.n == AUTH_PASSWORD ? "ADPolicyProvider_CEP_UsernamePassword"
			     : s->auth.n == AUTH_CERTIFICATE && s->key_based_renewal.on
				     ? "KeyBasedRenewal_ADPolicyProvider_CEP_Certificate"
			     : s->auth.n == AUTH_CERTIFICATE ? "ADPolicyProvider_CEP_Certificate"
							     : NULL;
	if (!wanted || !s->application.s.n || str_iis(s->application.s, wanted))
		return;
	struct finding *f = lint_report(l, &check_cep_application_name, h, s->application.at,
					"Windows names an application with this authentication %s, not \"%.*s\"",
					wanted, STR_ARG(s->application.s));
	lint_way_out(l, f, "check in the IIS console which instance this is");
}

static void cep_application_name(struct linting *l)
{
	each_service(l, true, look_at_name);
}

CHECK(cep_application_name, "cep-application-name", LEVEL_WARNING, "cep-ces-custom-port",
      "Step 2 Check the IIS Manager console", 173, "121",
      "The application name of a policy service does not match its authentication.");

static void look_for_password_renewal(struct linting *l, const struct host *h, const struct enrol_service *s)
{
	if (s->auth.n != AUTH_PASSWORD || !s->key_based_renewal.on)
		return;
	struct finding *f = lint_report(l, &check_key_based_renewal_with_password, h, s->key_based_renewal.at,
					"key-based renewal belongs to the instance with certificate authentication");
	lint_way_out(l, f,
		     "remove key-based-renewal: here, and set it on the instance with certificate authentication");
}

static void key_based_renewal_with_password(struct linting *l)
{
	each_service(l, true, look_for_password_renewal);
	each_service(l, false, look_for_password_renewal);
}

CHECK(key_based_renewal_with_password, "key-based-renewal-with-password", LEVEL_ERROR, "cep-ces-custom-port",
      "Step 1: Install the instance", 102, "123",
      "Key-based renewal is enabled on an instance whose clients sign in with user name and password.");

static void look_at_switches(struct linting *l, const struct host *h, const struct enrol_service *s)
{
	if (s->auth.n != AUTH_CERTIFICATE || (s->renewal_only.on && s->key_based_renewal.on))
		return;
	struct finding *f = lint_report(l, &check_ces_switches, h, s->at, "this renewal instance lacks %s%s%s",
					s->renewal_only.on ? "" : "-RenewalOnly",
					!s->renewal_only.on && !s->key_based_renewal.on ? " and " : "",
					s->key_based_renewal.on ? "" : "-AllowKeyBasedRenewal");
	lint_way_out(
		l, f,
		"install it with -RenewalOnly -AllowKeyBasedRenewal (renewal-only: true, key-based-renewal: true)");
}

static void ces_switches(struct linting *l)
{
	each_service(l, false, look_at_switches);
}

CHECK(ces_switches, "ces-switches", LEVEL_WARNING, "cep-ces-custom-port",
      "Step 1: Install the CEP and CES for key-based renewal", 156, "125",
      "A CES with certificate authentication was not installed with -RenewalOnly and -AllowKeyBasedRenewal.");

static const char *ces_suffix(uint64_t auth)
{
	return auth == AUTH_PASSWORD      ? "UsernamePassword"
	       : auth == AUTH_CERTIFICATE ? "Certificate"
	       : auth == AUTH_KERBEROS    ? "Kerberos"
					  : "Anonymous";
}

static void look_at_ces_uri(struct linting *l, const struct host *h, const struct enrol_service *s)
{
	struct uri u;
	if (!s->uri.s.n || !s->ca.s.n || !lint_uri(s->uri.s, &u))
		return;
	struct str wanted =
		str_printf(l->arena, "/%.*s_CES_%s/service.svc/CES", STR_ARG(s->ca.s), ces_suffix(s->auth.n));
	if (str_ieq(u.path, wanted))
		return;
	struct finding *f = lint_report(l, &check_ces_uri_pattern, h, s->uri.at, "the path of this URI is not %.*s",
					STR_ARG(wanted));
	lint_way_out(l, f, "take the URI from the application settings of the instance");
}

static void ces_uri_pattern(struct linting *l)
{
	each_service(l, false, look_at_ces_uri);
}

CHECK(ces_uri_pattern, "ces-uri-pattern", LEVEL_ERROR, "cep-ces-custom-port",
      "Step 4: Edit the CA enrollment services Object on Active Directory", 226, "126",
      "The URI of a CES does not have the path that follows from its CA and its authentication.");

/* msPKI-Enrollment-Servers: priority, authentication, renewal-only, URI, key-based renewal (MS-XCEP, 3.1.4.1.3.1). */
struct server_value {
	unsigned priority, auth;
	bool renewal_only, key_based;
	struct str uri;
};

/* The five fields are on separate lines in the directory, and concatenated in copies. */
static bool read_server_value(struct str s, struct server_value *ret)
{
	enum { PRIORITY_DIGITS = 10 };
	size_t at = str_find_text(s, STR("https://"));
	char digits[PRIORITY_DIGITS + 2];
	size_t n = 0;
	uint32_t priority;
	if (at == SIZE_MAX)
		return false;
	/* the last two are one digit each, with or without something between them */
	for (size_t i = 0; i < at; i++) {
		if (s.p[i] == '\n' || s.p[i] == ' ' || s.p[i] == '\r')
			continue;
		if (s.p[i] < '0' || s.p[i] > '9' || n == sizeof digits)
			return false;
		digits[n++] = s.p[i];
	}
	struct str uri = str_trim(str_skip(s, at));
	if (n < 3 || uri.n < 2 || !str_to_u32((struct str){ digits, n - 2 }, UINT32_MAX, &priority))
		return false;
	bool renewal_only = digits[n - 1] == '1';
	char last = uri.p[uri.n - 1];
	uri = str_first(uri, uri.n - 1);
	while (uri.n && char_in(uri.p[uri.n - 1], " \r\n"))
		uri.n--;
	if ((last != '0' && last != '1') || (!renewal_only && digits[n - 1] != '0'))
		return false;
	*ret = (struct server_value){ priority, (unsigned)(digits[n - 2] - '0'), renewal_only, last == '1', uri };
	return ret->auth == 1 || ret->auth == 2 || ret->auth == 4 || ret->auth == 8;
}

/* The CES of the estate with this URI. */
static const struct enrol_service *service_with(struct linting *l, struct str uri)
{
	const struct estate *e = l->estate;
	for (size_t i = 0; i < e->n_hosts; i++) {
		const struct enrol_service *services = e->hosts[i].enrolment.enrollment_services.v;
		for (size_t j = 0; j < e->hosts[i].enrolment.enrollment_services.n; j++)
			if (str_ieq(services[j].uri.s, uri))
				return &services[j];
	}
	return NULL;
}

static void check_server_value(struct linting *l, const struct host *ca, const struct name *value)
{
	struct server_value said;
	if (!read_server_value(value->s, &said)) {
		struct finding *f = lint_report(l, &check_enrollment_servers_value, ca, value->at,
						"this is not a value of msPKI-Enrollment-Servers");
		lint_way_out(l, f,
			     "priority, authentication (1, 2, 4 or 8), renewal-only, URI, key-based renewal: "
			     "140https://...0");
		return;
	}
	const struct host *server = server_of(l, said.uri);
	if (server)
		check_uri_port(l, server, value->at, said.uri);
	const struct enrol_service *s = service_with(l, said.uri);
	if (!s)
		return;
	bool auth = said.auth == 1u << s->auth.n, renewal = said.renewal_only == s->renewal_only.on,
	     key = said.key_based == s->key_based_renewal.on;
	if (auth && renewal && key)
		return;
	struct finding *f = lint_report(l, &check_enrollment_servers_value, ca, value->at,
					"%s of this value differs from the web service",
					!auth      ? "the authentication"
					: !renewal ? "renewal-only"
						   : "key-based renewal");
	lint_other(l, f, s->at, "the web service is here");
	lint_way_out(l, f, "%u%u%u<URI>%u matches the service", said.priority, 1u << s->auth.n, s->renewal_only.on,
		     s->key_based_renewal.on);
}

static void enrollment_servers_value(struct linting *l)
{
	const struct estate *e = l->estate;
	for (size_t i = 0; i < e->n_hosts; i++)
		for (size_t j = 0; j < e->hosts[i].enrolment.enrollment_servers.n; j++)
			check_server_value(l, &e->hosts[i], &e->hosts[i].enrolment.enrollment_servers.v[j]);
}

CHECK(enrollment_servers_value, "enrollment-servers-value", LEVEL_ERROR, "cep-ces-custom-port",
      "Step 4: Edit the CA enrollment services Object on Active Directory", 219, "127 128",
      "A value of msPKI-Enrollment-Servers cannot be read, or differs from the web service that it names.");

/* The service account */

static bool names(const struct names *list, struct str wanted)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_ieq(list->v[i].s, wanted))
			return true;
	return false;
}

static void look_at_rights(struct linting *l, const struct host *h, const struct enrol_service *s)
{
	const struct estate *e = l->estate;
	bool template = false, may_enroll = false;
	if (!s->account.s.n)
		return;
	for (size_t i = 0; i < e->n_templates; i++) {
		template |= e->templates[i].key_based_renewal.on;
		may_enroll |= e->templates[i].key_based_renewal.on && names(&e->templates[i].enroll, s->account.s);
	}
	if (s->in_iis_users.on && (may_enroll || !template))
		return;
	struct finding *f =
		lint_report(l, &check_service_account_rights, h, s->account.at, "\"%.*s\" %s", STR_ARG(s->account.s),
			    s->in_iis_users.on ? "may not enrol with the template for key-based renewal"
					       : "is not in the group of IIS users of the server");
	lint_way_out(l, f, "%s",
		     s->in_iis_users.on ? "give it Read and Enroll on the template (templates: enroll:)"
					: "add it to IIS_IUSRS there (iis-users: true)");
}

static void service_account_rights(struct linting *l)
{
	each_service(l, false, look_at_rights);
}

CHECK(service_account_rights, "service-account-rights", LEVEL_WARNING, "cep-ces-custom-port",
      "Step 1: Install the CEP and CES for key-based renewal", 166, "133",
      "The service account of a CES is not in the group of IIS users, or has no right to enrol with the template.");

static bool delegates(const struct enrol_service *s, const char *class)
{
	for (size_t i = 0; i < s->delegates_to.n; i++)
		if (str_istarts(s->delegates_to.v[i].s, class))
			return true;
	return false;
}

static void look_at_delegation(struct linting *l, const struct host *h, const struct enrol_service *s)
{
	if (!s->account.s.n || (s->any_protocol.on && delegates(s, "host/") && delegates(s, "rpcss/")))
		return;
	struct finding *f =
		lint_report(l, &check_delegation_missing, h, s->account.at, "\"%.*s\" %s", STR_ARG(s->account.s),
			    !s->any_protocol.on ? "may not delegate with any protocol"
						: "may not delegate to HOST and RPCSS of the CA");
	lint_way_out(
		l, f,
		"trust it for delegation with any protocol to HOST/CA and RPCSS/CA (any-protocol:, delegates-to:)");
}

static void delegation_missing(struct linting *l)
{
	each_service(l, false, look_at_delegation);
}

CHECK(delegation_missing, "delegation-missing", LEVEL_WARNING, "cep-ces-custom-port",
      "Step 2: Configure the service account for Constrained Delegation (S4U2Self)", 191, "134",
      "The service account of a CES lacks the constrained delegation to its CA.");

/* The CA and its templates */

static void renew_on_behalf_on(struct linting *l)
{
	const struct estate *e = l->estate;
	for (size_t i = 0; i < e->n_hosts; i++) {
		const struct enrolment *n = &e->hosts[i].enrolment;
		if (!n->renew_on_behalf.on)
			continue;
		struct finding *f =
			lint_report(l, &check_renew_on_behalf_on, &e->hosts[i], n->renew_on_behalf.at,
				    "the CA lets the service account renew for others, which delegation already does");
		lint_way_out(l, f, "turn the flag off; the account then needs no right on the CA");
	}
}

CHECK(renew_on_behalf_on, "renew-on-behalf-on", LEVEL_WARNING, "cep-ces-custom-port",
      "Step 2: Configure the service account for Constrained Delegation (S4U2Self)", 204, "135",
      "The renew-on-behalf flag of a CA is on, although constrained delegation replaces it.");

static void template_settings(struct linting *l)
{
	const struct estate *e = l->estate;
	int oldest = catalogue_system(e->catalogue, STR("windows-server-2012-r2"));
	for (size_t i = 0; i < e->n_templates; i++) {
		const struct cert_template *t = &e->templates[i];
		int said = t->compatibility.s.n ? catalogue_system(e->catalogue, t->compatibility.s) : -1;
		bool old = said >= 0 && oldest >= 0 &&
			   catalogue_older_than(e->catalogue, (system_id)said, (system_id)oldest);
		const char *lacks = t->subject.n != 0      ? "the subject must be supplied in the request"
				    : !t->reuse_subject.on ? "renewal must use the subject of the existing certificate"
				    : !t->manager_approval.on ? "a CA manager must approve"
				    : old                     ? "compatibility must be Windows Server 2012 R2 or newer"
							      : NULL;
		if (!t->key_based_renewal.on || !lacks)
			continue;
		struct finding *f =
			lint_report(l, &check_template_settings, NULL, t->at,
				    "the template \"%.*s\" cannot renew by key: %s", STR_ARG(t->name.s), lacks);
		lint_way_out(l, f,
			     "subject: in-request, reuse-subject: true, manager-approval: true, compatibility: "
			     "windows-server-2012-r2");
	}
}

CHECK(template_settings, "template-settings", LEVEL_WARNING, "cep-ces-custom-port",
      "Configure the template for key-based renewal", 72, "136",
      "A template for key-based renewal lacks the required settings.");

static void no_template_for_renewal(struct linting *l)
{
	const struct estate *e = l->estate;
	bool any = false;
	for (size_t i = 0; i < e->n_templates; i++)
		any |= e->templates[i].key_based_renewal.on;
	for (size_t i = 0; i < e->n_hosts && !any && e->n_templates; i++) {
		const struct enrol_service *services = e->hosts[i].enrolment.policy_services.v;
		for (size_t j = 0; j < e->hosts[i].enrolment.policy_services.n; j++) {
			if (!services[j].key_based_renewal.on)
				continue;
			struct finding *f = lint_report(
				l, &check_no_template_for_renewal, &e->hosts[i], services[j].at,
				"in key-based renewal mode this returns no template: no template allows it");
			lint_way_out(l, f,
				     "set one template for key-based renewal (templates: key-based-renewal: true)");
		}
	}
}

CHECK(no_template_for_renewal, "no-template-for-renewal", LEVEL_WARNING, "cep-ces-custom-port",
      "Step 1: Install the CEP and CES for key-based renewal", 153, "124",
      "A policy service in key-based renewal mode has no template to return.");

/* Clients */

static void policy_priority(struct linting *l)
{
	const struct estate *e = l->estate;
	for (size_t i = 0; i < e->n_hosts; i++) {
		const struct enrol_policy *policies = e->hosts[i].enrolment.policies.v;
		size_t n = e->hosts[i].enrolment.policies.n;
		for (size_t a = 0; a < n; a++)
			for (size_t b = 0; b < n; b++) {
				if (policies[a].auth.n != AUTH_CERTIFICATE || policies[b].auth.n != AUTH_PASSWORD ||
				    policies[a].priority.n < policies[b].priority.n)
					continue;
				struct finding *f =
					lint_report(l, &check_policy_priority, &e->hosts[i], policies[a].at,
						    "renewal by certificate comes after user name and password");
				lint_other(l, f, policies[b].at, "the other policy is here");
				lint_way_out(
					l, f,
					"the lowest priority is tried first: set this one to 1 and the other to 10");
			}
	}
}

CHECK(policy_priority, "policy-priority", LEVEL_ERROR, "cep-ces-custom-port", "Configure the client computer", 270,
      "129 130 131", "A client asks for a password before it tries to renew with its certificate.");

static void client_policies_off(struct linting *l)
{
	const struct estate *e = l->estate;
	for (size_t i = 0; i < e->n_hosts; i++) {
		const struct enrolment *n = &e->hosts[i].enrolment;
		if (!n->policies.n || (n->auto_enrollment.on && n->enrollment_policy.on))
			continue;
		struct finding *f =
			lint_report(l, &check_client_policies_off, &e->hosts[i], n->at,
				    "this client has enrolment policies, but its local policy for %s is not on",
				    n->auto_enrollment.on ? "certificate enrolment policies" : "auto-enrolment");
		lint_way_out(l, f,
			     "enable both under Public Key Policies (auto-enrollment: true, enrollment-policy: true)");
	}
}

CHECK(client_policies_off, "client-policies-off", LEVEL_WARNING, "cep-ces-custom-port", "Configure the client computer",
      240, "132", "A client has enrolment policies, but the local policies that enable them are off.");

static void client_without_account(struct linting *l)
{
	const struct estate *e = l->estate;
	for (size_t i = 0; i < e->n_hosts; i++) {
		const struct enrol_policy *policies = e->hosts[i].enrolment.policies.v;
		bool renews = false;
		for (size_t j = 0; j < e->hosts[i].enrolment.policies.n; j++)
			renews |= policies[j].auth.n == AUTH_CERTIFICATE;
		if (!renews || e->hosts[i].joined.n != JOINED_WORKGROUP || e->hosts[i].enrolment.computer_account.on)
			continue;
		struct finding *f = lint_report(
			l, &check_client_without_account, &e->hosts[i], e->hosts[i].enrolment.at,
			"a workgroup computer that renews by certificate needs a computer account in the directory");
		lint_way_out(l, f, "create one; it need not join the domain (computer-account: true)");
	}
}

CHECK(client_without_account, "client-without-account", LEVEL_WARNING, "cep-ces-custom-port",
      "Step 1: Create a computer account of the workgroup computer in Active Directory", 180, "119",
      "A workgroup computer renews by certificate and has no computer account in the directory.");

/* A workgroup computer has no ticket for DCOM: it enrols over HTTPS, or by hand. */
static void workgroup_without_policy_service(struct linting *l)
{
	const struct estate *e = l->estate;
	bool has_authority = false, has_service = false;
	for (size_t i = 0; i < e->n_hosts; i++) {
		has_authority |= lint_has_role(l, &e->hosts[i], "certification-authority");
		has_service |= lint_has_role(l, &e->hosts[i], "certificate-enrollment-policy-web-service");
	}
	for (size_t i = 0; i < e->n_hosts && has_authority && !has_service; i++) {
		const struct host *h = &e->hosts[i];
		if (h->joined.n != JOINED_WORKGROUP || !lint_has_role(l, h, "certificate-client"))
			continue;
		struct finding *f = lint_report(l, &check_workgroup_without_policy_service, h, h->name.at,
						"\"%.*s\" is in a workgroup, and no host is a "
						"certificate-enrollment-policy-web-service: the plan has no flow by "
						"which it enrols",
						STR_ARG(h->name.s));
		lint_way_out(l, f,
			     "add the enrolment web services, or take the role certificate-client away where "
			     "certificates are requested by hand");
		return;
	}
}

CHECK(workgroup_without_policy_service, "workgroup-without-policy-service", LEVEL_WARNING, "cep-ces-custom-port",
      "Scenario", 38, "113", "A certificate client is in a workgroup, and the estate has no policy service (CEP).");

/* RPC of the CA */

static void range_narrowed_on_ca(struct linting *l)
{
	const struct estate *e = l->estate;
	for (size_t i = 0; i < e->n_hosts; i++) {
		const struct host *h = &e->hosts[i];
		if (!lint_has_role(l, h, "certification-authority") || !h->rpc_range.range.lo || h->rpc.n)
			continue;
		struct finding *f = lint_report(l, &check_range_narrowed_on_ca, h, h->rpc_range.at,
						"a narrow range restricts all RPC of \"%.*s\", not only enrolment",
						STR_ARG(h->name.s));
		lint_way_out(
			l, f,
			"a static DCOM endpoint for the CA needs only one port (rpc: { certification-authority: N })");
	}
}

CHECK(range_narrowed_on_ca, "range-narrowed-on-ca", LEVEL_NOTE, "adcs-firewall-rules", "Comments", 184, "18 112",
      "The dynamic range of a CA is narrowed, which restricts all of its RPC; a static endpoint needs one port.");
