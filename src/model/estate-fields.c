/* SPDX-License-Identifier: Apache-2.0 */
#include "model/estate-fields.h"

#include "base/vec.h"
#include "doc/rows.h"

static const char *const enrol_auth_names[N_AUTHS] = {
	[AUTH_ANONYMOUS] = "anonymous",
	[AUTH_KERBEROS] = "kerberos",
	[AUTH_PASSWORD] = "username-password",
	[AUTH_CERTIFICATE] = "certificate",
};

static const char *const machines_names[N_MACHINES] = {
	[MACHINES_BY_ADDRESS] = "by-address",
	[MACHINES_ONE] = "one",
	[MACHINES_MANY] = "many",
};
static const char *const joined_names[] = { [JOINED_DOMAIN] = "domain", [JOINED_WORKGROUP] = "workgroup" };
static const char *const tls_names[] = { [TLS_BOTH] = "both", [TLS_ONLY] = "only", [TLS_NO] = "no" };
static const char *const direction_names[N_TRUST_DIRECTIONS] = {
	[TRUST_ONE_WAY] = "one-way",
	[TRUST_TWO_WAY] = "two-way",
	[TRUST_NONE] = "none",
};
static const char *const trust_kind_names[N_TRUST_KINDS] = {
	[TRUST_OF_FORESTS] = "forest",
	[TRUST_EXTERNAL] = "external",
};
static const char *const subject_names[] = { "in-request", "from-directory" };

/* Custom values */

static bool decode_port_value(struct decode *d, const struct node *n, struct port_range *ret)
{
	struct name text;
	if (!decode_text(d, n, &text))
		return false;
	enum port_parse p = port_range_parse(text.s, ret);
	if (p != PORT_OK)
		return diag_error(d->diag, n->at, "\"%.*s\" is not a port: %s", STR_ARG(text.s), port_parse_why(p));
	return true;
}

static void decode_rpc_range(struct decode *d, const struct node *n, void *into)
{
	struct port_span *ret = into;
	struct port_range r;
	if (!decode_port_value(d, n, &r))
		return;
	if (r.lo == r.hi) {
		diag_error(d->diag, n->at, "expected a range N-M; for a single port of one role use rpc:");
		return;
	}
	*ret = (struct port_span){ r, n->at };
}

static void decode_service_ports(struct decode *d, const struct node *n, void *into)
{
	const struct estate_words *words = d->ctx;
	struct port_settings *ret = into;
	if (n->kind != NODE_MAP) {
		diag_error(d->diag, n->at, "\"ports\" is a map from services to ports, such as { https: 8443 }");
		return;
	}
	struct port_setting *settings = ARENA_ARRAY(d->arena, struct port_setting, n->n);
	size_t used = 0;
	for (size_t i = 0; i < n->n; i++) {
		const struct node *key = n->pairs[i].key;
		struct port_setting s = { .name = { key->text, key->at }, .at = n->pairs[i].value->at };
		int id = catalogue_service(words->catalogue, key->text);
		if (id < 0) {
			diag_error(d->diag, key->at, "there is no service \"%.*s\"", STR_ARG(key->text));
			diag_suggest(d->diag, key->text, words->services.v, words->services.n);
		}
		if (!decode_port_value(d, n->pairs[i].value, &s.ports) || id < 0)
			continue;
		s.index = (uint16_t)id;
		settings[used++] = s;
	}
	*ret = (struct port_settings){ settings, used };
}

static void decode_rpc_ports(struct decode *d, const struct node *n, void *into)
{
	const struct estate_words *words = d->ctx;
	struct port_settings *ret = into;
	VEC(struct port_setting) settings = { 0 };
	if (n->kind != NODE_MAP) {
		diag_error(d->diag, n->at,
			   "\"rpc\" is a map from roles to static ports, such as { certification-authority: 49200 }");
		return;
	}
	for (size_t i = 0; i < n->n; i++) {
		const struct node *key = n->pairs[i].key, *value = n->pairs[i].value;
		const struct node *const *items = &value;
		size_t n_items = 1;
		int id = catalogue_role(words->catalogue, key->text);
		if (id < 0) {
			diag_error(d->diag, key->at, "there is no role \"%.*s\"", STR_ARG(key->text));
			diag_suggest(d->diag, key->text, words->roles.v, words->roles.n);
		}
		if (value->kind == NODE_LIST) {
			items = value->items;
			n_items = value->n;
		}
		for (size_t j = 0; j < n_items; j++) {
			struct port_setting s = { .name = { key->text, key->at }, .at = items[j]->at };
			if (!decode_port_value(d, items[j], &s.ports) || id < 0)
				continue;
			if (s.ports.lo != s.ports.hi) {
				diag_error(d->diag, s.at, "a static port is one port, not a range");
				continue;
			}
			s.index = (uint16_t)id;
			*VEC_ADD(d->arena, &settings) = s;
		}
	}
	*ret = (struct port_settings){ settings.v, settings.n };
}

static void keep_node(struct decode *d, const struct node *n, void *into)
{
	*(const struct node **)into = n;
}

#define PORT_SCHEMA \
	"{\"type\":[\"integer\",\"string\"],\"pattern\":\"^[0-9]+(-[0-9]+)?$\",\"minimum\":1,\"maximum\":65535}"
#define PORT_MAP_SCHEMA "{\"type\":\"object\",\"additionalProperties\":" PORT_SCHEMA "}"
#define RPC_MAP_SCHEMA                                                                                   \
	"{\"type\":\"object\",\"additionalProperties\":{\"oneOf\":[{\"type\":\"integer\",\"minimum\":1," \
	"\"maximum\":65535},{\"type\":\"array\",\"items\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":65535}}]}}"
#define RANGE_SCHEMA "{\"type\":\"string\",\"pattern\":\"^[0-9]+-[0-9]+$\"}"
#define TEXTS_MAP_SCHEMA                                                                   \
	"{\"type\":\"object\",\"additionalProperties\":{\"oneOf\":[{\"type\":\"string\"}," \
	"{\"type\":\"array\",\"items\":{\"type\":\"string\"}}]}}"

/* Zones, firewalls, routes, sites */

static const struct field zone_fields[] = {
	NEEDED(zone, "subnets", FIELD_TEXTS, subnets,
	       "Its subnets, IPv4 or IPv6; any is every address in no other zone."),
};
static const struct record zone_record = RECORD(zone, "a zone", zone_fields, offsetof(struct zone, name), NO_OFFSET);

static const struct field firewall_fields[] = {
	ROW(firewall_row, "zones", FIELD_NAMES, zones,
	    "The zones that it connects; every firewall but a pair has them."),
	ROW(firewall_row, "members", FIELD_NAMES, members,
	    "Of a pair: the firewalls that stand in parallel, each with a row of its own."),
	ROW(firewall_row, "dialect", FIELD_NAME, dialect, "Its rule language."),
	ROW(firewall_row, "config", FIELD_TEXT, config, "The file with its rules, beside the estate file."),
	CUSTOM(firewall_row, "interfaces", interfaces, keep_node, TEXTS_MAP_SCHEMA,
	       "Its names for its zones, one or several each: interfaces or zones of its own, as the dialect "
	       "requires."),
	ROW(firewall_row, "other-interfaces", FIELD_NAME, other,
	    "The zone behind its interfaces that interfaces: omits."),
};
static const struct record firewall_record =
	RECORD(firewall_row, "a firewall", firewall_fields, offsetof(struct firewall_row, name),
	       offsetof(struct firewall_row, at));

static const struct field route_fields[] = {
	NEEDED(route_row, "from", FIELD_NAME, from, "The zone where the conversation begins."),
	NEEDED(route_row, "to", FIELD_NAME, to, "The zone that it goes to."),
	NEEDED(route_row, "via", FIELD_NAMES, via, "The firewalls on the path, in order."),
};
static const struct record route_record =
	RECORD(route_row, "a route", route_fields, NO_OFFSET, offsetof(struct route_row, at));

static const struct field site_fields[] = {
	ROW(site_row, "parent", FIELD_NAME, parent, "The site above it in the Configuration Manager hierarchy."),
};
static const struct record site_record =
	RECORD(site_row, "a site", site_fields, offsetof(struct site_row, name), NO_OFFSET);

static const struct field domain_fields[] = {
	ROW(domain, "forest", FIELD_NAME, forest, "The forest that it belongs to."),
	ROW(domain, "uses", FIELD_NAMES, uses_said,
	    "Other domains whose controllers its members use; absent: all of the forest; []: none."),
};
static const struct record domain_record =
	RECORD(domain, "a domain", domain_fields, offsetof(struct domain, name), offsetof(struct domain, at));

static const struct field ad_site_fields[] = {
	ROW(ad_site, "subnets", FIELD_TEXTS, subnets, "Its subnets, IPv4 or IPv6; the longest prefix wins."),
	ROW(ad_site, "zones", FIELD_NAMES, zones_said, "Zones whose hosts are in it, unless a subnet says otherwise."),
	ROW(ad_site, "links", FIELD_NAMES, links_said, "The sites that a site link joins it with, in both directions."),
};
static const struct record ad_site_record = RECORD(ad_site, "a site of the directory", ad_site_fields,
						   offsetof(struct ad_site, name), offsetof(struct ad_site, at));

static const struct field trust_fields[] = {
	NEEDED(trust_row, "trusting", FIELD_NAME, trusting, "The forest whose resources are used."),
	NEEDED(trust_row, "trusted", FIELD_NAME, trusted, "The forest whose people use them."),
	CHOICE(trust_row, "direction", direction, direction_names,
	       "one-way (the default), two-way, or none: there is no trust, and advice ends."),
	CHOICE(trust_row, "kind", kind, trust_kind_names, "forest (the default) or external."),
};
static const struct record trust_record =
	RECORD(trust_row, "a trust", trust_fields, NO_OFFSET, offsetof(struct trust_row, at));

/* clang-format off */
#define HAND_FIELDS \
	NEEDED(hand_row, "from", FIELD_TEXTS, from, "Hosts, zones or addresses that open the conversation."), \
	NEEDED(hand_row, "to", FIELD_TEXTS, to, "Hosts, zones or addresses that listen."), \
	ROW(hand_row, "protocol", FIELD_TEXT, protocol, "tcp, udp, icmp, or an IP protocol number."), \
	ROW(hand_row, "ports", FIELD_TEXTS, ports, "N or N-M, or a list of them; absent: all."), \
	ROW(hand_row, "icmp-types", FIELD_TEXTS, icmp_types, \
	    "Of icmp: echo, or types of IPv4 as N or N-M; absent: all of ICMP."), \
	ROW(hand_row, "why", FIELD_TEXT, why, "The reason, in one sentence; allow:, decline: and tolerate: need it."), \
	ROW(hand_row, "owner", FIELD_TEXT, owner, "The owner; allow:, decline: and tolerate: need it."), \
	ROW(hand_row, "until", FIELD_TEXT, until, "The last day that it is valid, YYYY-MM-DD."),
/* clang-format on */
static const struct field hand_fields[] = { HAND_FIELDS };
static const struct field decline_fields[] = {
	ROW(hand_row, "service", FIELD_NAME, service, "Only what is needed of this service."), HAND_FIELDS
};
static const struct record allow_record =
	RECORD(hand_row, "a flow by hand", hand_fields, NO_OFFSET, offsetof(struct hand_row, at));
static const struct record decline_record =
	RECORD(hand_row, "a declined flow", decline_fields, NO_OFFSET, offsetof(struct hand_row, at));
static const struct record tolerate_record =
	RECORD(hand_row, "a tolerated flow", hand_fields, NO_OFFSET, offsetof(struct hand_row, at));
static const struct record forbid_record =
	RECORD(hand_row, "a forbidden flow", hand_fields, NO_OFFSET, offsetof(struct hand_row, at));

/* Certificate enrolment */

static const struct field enrol_service_fields[] = {
	ROW(enrol_service, "application", FIELD_TEXT, application, "The application's name in IIS."),
	CHOICE(enrol_service, "authentication", auth, enrol_auth_names, "How its clients authenticate."),
	ROW(enrol_service, "id", FIELD_TEXT, id, "Policy service: the ID in its application settings."),
	ROW(enrol_service, "uri", FIELD_TEXT, uri, "The URI that its clients use."),
	ROW(enrol_service, "ca", FIELD_TEXT, ca, "Enrolment service: the name of the CA."),
	ROW(enrol_service, "service-account", FIELD_TEXT, account, "Enrolment service: the account it runs under."),
	ROW(enrol_service, "renewal-only", FIELD_FLAG, renewal_only, "Enrolment service: installed with -RenewalOnly."),
	ROW(enrol_service, "key-based-renewal", FIELD_FLAG, key_based_renewal,
	    "Installed with -KeyBasedRenewal (policy) or -AllowKeyBasedRenewal (enrolment)."),
	ROW(enrol_service, "iis-users", FIELD_FLAG, in_iis_users, "The service account is in the IIS users group."),
	ROW(enrol_service, "any-protocol", FIELD_FLAG, any_protocol,
	    "The service account may delegate with any authentication protocol."),
	ROW(enrol_service, "delegates-to", FIELD_TEXTS, delegates_to,
	    "The service principal names that the account may delegate to."),
};
static const struct record enrol_service_record = RECORD(
	enrol_service, "an enrolment web service", enrol_service_fields, NO_OFFSET, offsetof(struct enrol_service, at));

static const struct field enrol_policy_fields[] = {
	NEEDED(enrol_policy, "uri", FIELD_TEXT, uri, "The URI of the policy service."),
	CHOICE(enrol_policy, "authentication", auth, enrol_auth_names, "How the client authenticates."),
	{ .key = "priority",
	  .type = FIELD_NUMBER,
	  .offset = offsetof(struct enrol_policy, priority),
	  .max = UINT32_MAX,
	  .help = "The lowest is tried first." },
};
static const struct record enrol_policy_record =
	RECORD(enrol_policy, "an enrolment policy", enrol_policy_fields, NO_OFFSET, offsetof(struct enrol_policy, at));

static const struct field enrolment_fields[] = {
	NESTED(enrolment, "policy-services", FIELD_RECORDS, policy_services, enrol_service_record,
	       "The CEP applications of this web server."),
	NESTED(enrolment, "enrollment-services", FIELD_RECORDS, enrollment_services, enrol_service_record,
	       "The CES applications of this web server."),
	ROW(enrolment, "enrollment-servers", FIELD_TEXTS, enrollment_servers,
	    "CA: the values of msPKI-Enrollment-Servers; the five fields concatenated or on separate lines."),
	ROW(enrolment, "renew-on-behalf", FIELD_FLAG, renew_on_behalf, "CA: the renew-on-behalf flag is set."),
	NESTED(enrolment, "policies", FIELD_RECORDS, policies, enrol_policy_record, "Client: its enrolment policies."),
	ROW(enrolment, "auto-enrollment", FIELD_FLAG, auto_enrollment,
	    "Client: the local policy for auto-enrollment is on."),
	ROW(enrolment, "enrollment-policy", FIELD_FLAG, enrollment_policy,
	    "Client: the local policy for certificate enrollment policies is on."),
	ROW(enrolment, "computer-account", FIELD_FLAG, computer_account,
	    "Client in a workgroup: it has a computer account in the directory."),
};
static const struct record enrolment_record =
	RECORD(enrolment, "enrollment", enrolment_fields, NO_OFFSET, offsetof(struct enrolment, at));

static const struct field template_fields[] = {
	CHOICE(cert_template, "subject", subject, subject_names, "Where the subject comes from."),
	ROW(cert_template, "reuse-subject", FIELD_FLAG, reuse_subject,
	    "Renewal uses the subject of the existing certificate."),
	ROW(cert_template, "manager-approval", FIELD_FLAG, manager_approval, "A CA manager approves each request."),
	ROW(cert_template, "key-based-renewal", FIELD_FLAG, key_based_renewal,
	    "The template allows key-based renewal."),
	ROW(cert_template, "compatibility", FIELD_NAME, compatibility, "The oldest CA that may use it: an os."),
	ROW(cert_template, "enroll", FIELD_TEXTS, enroll, "Accounts with Read and Enroll."),
};
static const struct record template_record =
	RECORD(cert_template, "a certificate template", template_fields, offsetof(struct cert_template, name),
	       offsetof(struct cert_template, at));

/* Hosts */

static const struct field instance_fields[] = {
	ROW(instance, "site", FIELD_NAME, site, "The site whose database it holds."),
	CUSTOM(instance, "ports", ports, decode_service_ports, PORT_MAP_SCHEMA,
	       "Its own ports: mssql, and sql-service-broker where it replicates."),
};
static const struct record instance_record = RECORD(instance, "a database instance", instance_fields,
						    offsetof(struct instance, name), offsetof(struct instance, at));

static const struct field host_firewall_fields[] = {
	NEEDED(host_firewall, "dialect", FIELD_NAME, dialect, "Its rule language."),
	ROW(host_firewall, "config", FIELD_TEXT, config, "The file with its rules, beside the estate file."),
};
static const struct record host_firewall_record =
	RECORD(host_firewall, "a host firewall", host_firewall_fields, NO_OFFSET, offsetof(struct host_firewall, at));

static const struct field host_fields[] = {
	{ .key = "address",
	  .type = FIELD_TEXTS,
	  .offset = offsetof(struct host, address_texts),
	  .help = "The addresses of one machine, or subnets and ranges of identical machines; any for an outside "
		  "party.",
	  .wrong = "ip ips ip-address ipv4 ipv6 addr addresses" },
	CHOICE(host, "machines", machines, machines_names,
	       "by-address (the default): ranges and prefixes are many machines, single addresses one; or one, many."),
	ROW(host, "zone", FIELD_NAME, zone_said, "Its zone; by default the one whose subnet contains its address."),
	ROW(host, "os", FIELD_NAME, os, "Its operating system, which determines the dynamic range."),
	ROW(host, "roles", FIELD_NAMES, roles_said, "Its roles."),
	{ .key = "uses",
	  .type = FIELD_CUSTOM,
	  .offset = offsetof(struct host, uses),
	  .decode = decode_uses,
	  .schema = uses_schema,
	  .help = "Roles whose services it uses, where a document names no clients (print-server, fax-server); "
		  "{ role: ROLE, service: SERVICE } is one service." },
	{ .key = "tier",
	  .type = FIELD_NUMBER,
	  .offset = offsetof(struct host, tier),
	  .max = 9,
	  .help = "Its tier of administration: hosts are administered from their own tier." },
	ROW(host, "administers", FIELD_NAMES, administers_said,
	    "What is administered from it: hosts, zones, roles, and tiers as tier-0."),
	ROW(host, "site", FIELD_NAME, site, "Its Configuration Manager site."),
	ROW(host, "parent", FIELD_NAME, parent, "The site above its site."),
	ROW(host, "forest", FIELD_NAME, forest, "Its Active Directory forest."),
	ROW(host, "domain", FIELD_NAME, domain_said, "Its domain, a member of domains:, which determines its forest."),
	ROW(host, "ad-site", FIELD_NAME, ad_site_said,
	    "Its site of the directory; by default the one whose subnets or zones contain it."),
	CHOICE(host, "joined", joined, joined_names, "domain (the default) or workgroup."),
	ROW(host, "internet-only", FIELD_FLAG, internet_only,
	    "A Configuration Manager client that is managed over the internet only."),
	ROW(host, "site-server-initiates", FIELD_FLAG, site_server_initiates,
	    "The site server opens the connections to this site system."),
	CHOICE(host, "tls", tls, tls_names, "both (the default); only: it accepts TLS alone; no: it never uses TLS."),
	ROW(host, "features", FIELD_NAMES, features, "Optional functions in use, such as wake-up-proxy."),
	CUSTOM(host, "ports", ports, decode_service_ports, PORT_MAP_SCHEMA,
	       "Ports that replace a service's default, where the documents allow it."),
	CUSTOM(host, "rpc-range", rpc_range, decode_rpc_range, RANGE_SCHEMA,
	       "The dynamic TCP range of this host, if it was narrowed."),
	CUSTOM(host, "rpc", rpc, decode_rpc_ports, RPC_MAP_SCHEMA,
	       "Static ports of a role's RPC service; domain-controller takes two, for NTDS and Netlogon."),
	{ .key = "tftp-reply-port",
	  .type = FIELD_NUMBER,
	  .offset = offsetof(struct host, tftp_reply_port),
	  .min = 1,
	  .max = 65535,
	  .help = "The port that its TFTP server replies from, if it is fixed." },
	ROW(host, "remote-registry", FIELD_FLAG, remote_registry, "The Remote Registry service runs."),
	NESTED(host, "instances", FIELD_RECORD_MAP, instances, instance_record,
	       "SQL Server instances, where one host has several."),
	NESTED(host, "enrollment", FIELD_RECORD, enrolment, enrolment_record,
	       "Certificate enrolment over HTTPS, as web server, CA or client."),
	NESTED(host, "host-firewall", FIELD_RECORD, firewall, host_firewall_record, "Its own firewall."),
	{ .key = "published",
	  .type = FIELD_CUSTOM,
	  .decode = decode_published,
	  .schema = published_schema,
	  .help = "Firewalls that translate, each with the addresses, and ports, by which it is asked for this host." },
};
static const struct record host_record =
	RECORD(host, "a host", host_fields, offsetof(struct host, name), offsetof(struct host, at));

static const struct field estate_fields[] = {
	NEEDED(estate_file, "estate", FIELD_NAME, name, "The name of the estate."),
	ROW(estate_file, "catalogue", FIELD_NAMES, documents,
	    "The ids of the documents that apply; absent: the newest version of each."),
	NESTED(estate_file, "zones", FIELD_RECORD_MAP, zones, zone_record, "Its network zones."),
	NESTED(estate_file, "hosts", FIELD_RECORD_MAP, hosts, host_record, "Its machines, and outside parties."),
	NESTED(estate_file, "firewalls", FIELD_RECORD_MAP, firewalls, firewall_record,
	       "The firewalls between the zones."),
	NESTED(estate_file, "routes", FIELD_RECORDS, routes, route_record,
	       "Which firewalls a conversation crosses, where there are several paths."),
	NESTED(estate_file, "sites", FIELD_RECORD_MAP, sites, site_record, "Configuration Manager sites."),
	NESTED(estate_file, "domains", FIELD_RECORD_MAP, domains, domain_record,
	       "Domains of Active Directory forests."),
	NESTED(estate_file, "ad-sites", FIELD_RECORD_MAP, ad_sites, ad_site_record,
	       "Sites of the directory, which determine the domain controllers that hosts use."),
	NESTED(estate_file, "trusts", FIELD_RECORDS, trusts, trust_record, "Trusts between Active Directory forests."),
	NESTED(estate_file, "templates", FIELD_RECORD_MAP, templates, template_record, "Certificate templates."),
	NESTED(estate_file, "allow", FIELD_RECORDS, allow, allow_record,
	       "Flows by hand, beside those of the documents."),
	NESTED(estate_file, "decline", FIELD_RECORDS, decline, decline_record,
	       "Flows that a document needs and this estate does without."),
	NESTED(estate_file, "tolerate", FIELD_RECORDS, tolerate, tolerate_record,
	       "What may pass and need not: neither missing nor surplus."),
	NESTED(estate_file, "forbid", FIELD_RECORDS, forbid, forbid_record, "What must never pass."),
};
const struct record estate_record = RECORD(estate_file, "an estate", estate_fields, NO_OFFSET, NO_OFFSET);
