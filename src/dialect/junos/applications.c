/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Junos applications: the services that the application list of a policy matches.
 *
 * An application with a uuid matches connections to one RPC interface, at
 * any port that the endpoint mapper assigns to it: the MS-RPC ALG, which is on
 * unless it is disabled, reads the mapper's replies (Junos OS, "RPC ALG",
 * "Understanding Microsoft RPC ALGs").
 */
#include "dialect/common/names.h"
#include "dialect/junos/junos.h"

static const char any_interface[] = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/* An attribute below a node, at any place on its line: a term is written on one line. */
static struct str attribute(const struct junos *junos, const struct config_node *n, const char *key, unsigned depth)
{
	struct str s = config_value(&junos->tree, n, key);
	for (size_t i = 0; n && !s.n && depth < 10 && i < n->children.n; i++)
		if (!str_is(n->children.v[i]->word, "term"))
			s = attribute(junos, n->children.v[i], key, depth + 1);
	return s;
}

static bool ports_of(struct str s, struct port_range *ret)
{
	return !s.n || port_name_range(s, '-', "junos", ret);
}

static bool byte_of(struct str s, bool v6, bool code, struct port_range *ret)
{
	uint16_t type, n = ANY_CODE;
	uint32_t number;
	if (!s.n)
		return true;
	if (code ? !str_to_u32(s, 255, &number) : !icmp_name_parse(s, v6, &type, &n))
		return false;
	*ret = code ? (struct port_range){ (uint16_t)number, (uint16_t)number } : (struct port_range){ type, type };
	return true;
}

static void add_plain(struct srx_policy *p, struct service_term t)
{
	*VEC_ADD(p->junos->scratch, &p->services.sure) = t;
}

/* "e3514235-4b06-11d1-ab04-00c04fc2dcd2" */
static bool is_uuid(struct str s)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	bool is = s.n == sizeof form - 1;
	for (size_t i = 0; is && i < s.n; i++)
		is = form[i] == '-' ? s.p[i] == '-' : memchr("0123456789abcdefABCDEF", s.p[i], 22) != NULL;
	return is;
}

/* Its index in the rule set, + 1; 0 when there are too many. */
static uint32_t interface_number(struct srx_policy *p, struct str uuid)
{
	struct ruleset *r = p->junos->rules;
	uuid = str_lower(p->junos->scratch, uuid);
	if (str_is(uuid, any_interface))
		return RPC_ANY_INTERFACE;
	for (size_t i = 0; i < r->rpc_interfaces.n; i++)
		if (str_eq(r->rpc_interfaces.v[i], uuid))
			return (uint32_t)i + 1;
	if (r->rpc_interfaces.n == MOST_RPC_INTERFACES)
		return 0;
	*VEC_ADD(p->junos->keep, &r->rpc_interfaces) = str_dup(p->junos->keep, uuid);
	return (uint32_t)r->rpc_interfaces.n;
}

static void add_by_interface(struct srx_policy *p, struct str uuid, struct service_term t)
{
	uint32_t interface = is_uuid(uuid) ? interface_number(p, uuid) : 0;
	if (interface) {
		*VEC_ADD(p->junos->scratch, &p->by_interface) = (struct srx_rpc_term){ interface, t };
		return;
	}
	ruleset_unknown(p->junos->rules, p->node->at, p->node->line,
			is_uuid(uuid) ? "policies name too many different RPC interfaces (\"%.*s\")"
				      : "\"%.*s\" is not a UUID",
			STR_ARG(uuid));
	p->bad = true;
}

/* "ignore" disables every ALG for what the application matches; at the mapper's port, the ALG learns interfaces. */
static void look_at_alg(struct srx_policy *p, const struct config_node *n, const struct service_term *t)
{
	uint16_t mapper;
	bool ignored = str_is(attribute(p->junos, n, "application-protocol", 0), "ignore") ||
		       str_is(attribute(p->junos, n, "alg", 0), "ignore");
	if (ignored && port_name_parse(STR("epmap"), "junos", &mapper) && t->protocol_lo <= PROTO_TCP &&
	    t->protocol_hi >= PROTO_TCP && t->port.lo <= mapper && t->port.hi >= mapper)
		p->junos->mapper_ignored = true;
}

/* Why a term may match less than its protocol and ports; NULL: it does not. */
static const char *vague_term(const struct junos *junos, const struct config_node *n, unsigned protocol)
{
	if (attribute(junos, n, "rpc-program-number", 0).n)
		return "an application by its RPC program";
	if (attribute(junos, n, "uuid", 0).n)
		return "an RPC interface without a protocol";
	if (protocol == ANY_PROTOCOL &&
	    (attribute(junos, n, "application-protocol", 0).n || attribute(junos, n, "alg", 0).n))
		return "an application without a protocol";
	return NULL;
}

static void add_term(struct srx_policy *p, const struct config_node *n)
{
	struct junos *junos = p->junos;
	struct service_term t = ANY_SERVICE;
	struct str protocol = attribute(junos, n, "protocol", 0);
	unsigned number = ANY_PROTOCOL;
	bool ok = !protocol.n || protocol_name_parse(protocol, &number);
	if (ok && number != ANY_PROTOCOL)
		t.protocol_lo = t.protocol_hi = (uint8_t)number;
	bool v6 = number == PROTO_ICMP6;
	if (ok && protocol_is_icmp(number))
		ok = byte_of(attribute(junos, n, v6 ? "icmp6-type" : "icmp-type", 0), v6, false, &t.port) &&
		     byte_of(attribute(junos, n, v6 ? "icmp6-code" : "icmp-code", 0), v6, true, &t.sport);
	else if (ok && protocol_has_ports(number))
		ok = ports_of(attribute(junos, n, "destination-port", 0), &t.port) &&
		     ports_of(attribute(junos, n, "source-port", 0), &t.sport);
	else if (ok && (attribute(junos, n, "destination-port", 0).n || attribute(junos, n, "source-port", 0).n))
		ok = false;
	if (!ok) {
		srx_missing(p, n->word, "meaning of application");
		return;
	}
	look_at_alg(p, n, &t);
	struct str uuid = attribute(junos, n, "uuid", 0);
	const char *vague = vague_term(junos, n, number);
	if (uuid.n && (number == PROTO_TCP || number == PROTO_UDP))
		add_by_interface(p, uuid, t);
	else if (vague)
		named_services_may_be(junos->scratch, &p->services, t, vague);
	else
		add_plain(p, t);
}

/* Predefined applications, by the names of their services; what is missing here is not guessed. */
static const struct known_application {
	const char *name;
	uint8_t protocol;
	const char *service; /* NULL: all ports */
	const char *uuid;    /* NULL: no RPC */
} known_applications[] = {
	{ "junos-tcp-any", PROTO_TCP, NULL, NULL },
	{ "junos-udp-any", PROTO_UDP, NULL, NULL },
	{ "junos-icmp-all", PROTO_ICMP, NULL, NULL },
	{ "junos-icmp6-all", PROTO_ICMP6, NULL, NULL },
	{ "junos-gre", PROTO_GRE, NULL, NULL },
	{ "junos-dns-udp", PROTO_UDP, "domain", NULL },
	{ "junos-dns-tcp", PROTO_TCP, "domain", NULL },
	{ "junos-http", PROTO_TCP, "http", NULL },
	{ "junos-https", PROTO_TCP, "https", NULL },
	{ "junos-ssh", PROTO_TCP, "ssh", NULL },
	{ "junos-telnet", PROTO_TCP, "telnet", NULL },
	{ "junos-ftp", PROTO_TCP, "ftp", NULL },
	{ "junos-tftp", PROTO_UDP, "tftp", NULL },
	{ "junos-smtp", PROTO_TCP, "smtp", NULL },
	{ "junos-ntp", PROTO_UDP, "ntp", NULL },
	{ "junos-ldap", PROTO_TCP, "ldap", NULL },
	{ "junos-syslog", PROTO_UDP, "syslog", NULL },
	{ "junos-radius", PROTO_UDP, "radius", NULL },
	{ "junos-radacct", PROTO_UDP, "radius-acct", NULL },
	{ "junos-imap", PROTO_TCP, "imap", NULL },
	{ "junos-imaps", PROTO_TCP, "imaps", NULL },
	{ "junos-pop3", PROTO_TCP, "pop3", NULL },
	{ "junos-bgp", PROTO_TCP, "bgp", NULL },
	{ "junos-smb", PROTO_TCP, "microsoft-ds", NULL },
	{ "junos-smb", PROTO_TCP, "netbios-ssn", NULL },
	{ "junos-smb-session", PROTO_TCP, "microsoft-ds", NULL },
	{ "junos-nbname", PROTO_UDP, "netbios-ns", NULL },
	{ "junos-nbds", PROTO_UDP, "netbios-dgm", NULL },
	{ "junos-sql-monitor", PROTO_UDP, "ms-sql-m", NULL },
	{ "junos-ms-rpc-tcp", PROTO_TCP, "epmap", NULL },
	{ "junos-ms-rpc-udp", PROTO_UDP, "epmap", NULL },
	{ "junos-ms-rpc", PROTO_TCP, "epmap", NULL },
	{ "junos-ms-rpc", PROTO_UDP, "epmap", NULL },
	{ "junos-ms-rpc-uuid-any-tcp", PROTO_TCP, NULL, any_interface },
	{ "junos-ms-rpc-uuid-any-udp", PROTO_UDP, NULL, any_interface },
	{ "junos-ms-rpc-any", PROTO_TCP, "epmap", NULL },
	{ "junos-ms-rpc-any", PROTO_UDP, "epmap", NULL },
	{ "junos-ms-rpc-any", PROTO_TCP, NULL, any_interface },
	{ "junos-ms-rpc-any", PROTO_UDP, NULL, any_interface },
};

static bool add_known(struct srx_policy *p, struct str name)
{
	bool found = false;
	for (size_t i = 0; i < ARRAY_LEN(known_applications); i++) {
		const struct known_application *known = &known_applications[i];
		struct service_term t = service_of(known->protocol, ALL_PORTS);
		uint16_t port;
		if (!str_is(name, known->name))
			continue;
		if (known->service && port_name_parse(str_of(known->service), "junos", &port))
			t.port = (struct port_range){ port, port };
		if (known->uuid)
			add_by_interface(p, str_of(known->uuid), t);
		else
			add_plain(p, t);
		found = true;
	}
	if (str_is(name, "junos-icmp-ping") || str_is(name, "junos-ping")) {
		add_plain(p, service_of(PROTO_ICMP, (struct port_range){ 8, 8 }));
		found = true;
	}
	return found;
}

static void add_application(struct srx_policy *p, struct str name, size_t depth)
{
	struct junos *junos = p->junos;
	const struct config_node *all = config_child(&junos->tree, junos->tree.root, "applications");
	const struct config_node *one = config_get(&junos->tree, config_child(&junos->tree, all, "application"), name);
	const struct config_node *set =
		config_get(&junos->tree, config_child(&junos->tree, all, "application-set"), name);
	if (!srx_within_limits(p, depth))
		return;
	if (str_is(name, "any")) {
		add_plain(p, ANY_SERVICE);
	} else if (one && !one->inactive) {
		const struct config_node *terms = config_child(&junos->tree, one, "term");
		for (size_t i = 0; terms && i < terms->children.n; i++)
			if (!terms->children.v[i]->inactive)
				add_term(p, terms->children.v[i]);
		if (!terms)
			add_term(p, one);
	} else if (set && !set->inactive) {
		static const char *const kinds[] = { "application", "application-set" };
		for (size_t j = 0; j < ARRAY_LEN(kinds); j++) {
			const struct config_node *list = config_child(&junos->tree, set, kinds[j]);
			for (size_t i = 0; list && i < list->children.n && !p->bad; i++)
				add_application(p, list->children.v[i]->word, depth + 1);
		}
	} else if (!add_known(p, name)) {
		named_services_doubt(junos->scratch, &p->services, not_in_this_file(junos->keep, "application", name));
	}
}

void srx_applications(struct srx_policy *p)
{
	const struct config_node *list = config_child(&p->junos->tree, p->match, "application");
	if (!list)
		add_plain(p, ANY_SERVICE);
	for (size_t i = 0; list && i < list->children.n && !p->bad; i++)
		add_application(p, list->children.v[i]->word, 0);
}
