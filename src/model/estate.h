/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An estate: the user's network as portolan-estate(5) describes it, read,
 * checked and with its names resolved.
 *
 * Hosts keep the place of every value, because later checks (lint/lint.h) have
 * to blame them.  Indices are positions in the estate's arrays; hosts and
 * zones are sorted by name, so nothing depends on the order of the files.
 */
#pragma once

#include "doc/fields.h"
#include "model/catalogue.h"
#include "model/owners.h"
#include "net/addrset.h"

enum {
	MOST_HOSTS = 2000000,
	MOST_ZONES = 4000, /* paths are kept for pairs of them */
	MOST_FIREWALLS = 10000,
	MOST_TRUSTS = 10000,
	MOST_DOMAINS = 4000,
	MOST_AD_SITES = 4000,        /* distances are kept for pairs of them */
	MOST_RULES_BY_HAND = 100000, /* of allow:, decline:, tolerate: and forbid: each */
	NO_ZONE = NO_OWNER,
};

struct zone {
	struct name name;
	struct names subnets;
	bool any;                 /* every address in no other zone */
	bool implied;             /* zone "internet", made because the estate has no zone for outside parties */
	struct addrset addresses; /* exactly those that belong to it: longest prefix wins */
};

/* A port that the estate sets for a service or a role of a host. */
struct port_setting {
	struct name name; /* the service or the role */
	uint16_t index;   /* its id */
	struct port_range ports;
	struct loc at; /* of the value */
};

struct port_settings {
	const struct port_setting *v;
	size_t n;
};

/* A port range and its location; range.lo is 0 when the key was absent. */
struct port_span {
	struct port_range range;
	struct loc at;
};

/* A database instance of a host with several (instances:). */
struct instance {
	struct name name, site;
	struct port_settings ports;
	struct loc at;
};

/*
 * How a certificate client authenticates (MS-XCEP, clientAuthentication: the index is the
 * value's bit).
 */
enum enrol_auth { AUTH_ANONYMOUS, AUTH_KERBEROS, AUTH_PASSWORD, AUTH_CERTIFICATE, N_AUTHS };

/* One application of CEP (policy) or CES (enrolment) on a web server. */
struct enrol_service {
	struct loc at;
	struct name application; /* its name in IIS */
	struct number auth;      /* enum enrol_auth */
	struct name id;          /* CEP: the policy id */
	struct name uri;
	struct name ca;      /* CES: the CA's name in its URI */
	struct name account; /* CES: the service account */
	struct flag renewal_only, key_based_renewal, in_iis_users, any_protocol;
	struct names delegates_to;
};

struct enrol_policy {
	struct loc at;
	struct name uri;
	struct number auth, priority;
};

/* The part of a host in certificate enrolment, as CEP, CES, CA or client. */
struct enrolment {
	struct loc at;
	struct records policy_services, enrollment_services; /* of struct enrol_service */
	struct names enrollment_servers;                     /* msPKI-Enrollment-Servers of a CA */
	struct records policies;                             /* of struct enrol_policy: of a client */
	struct flag renew_on_behalf, auto_enrollment, enrollment_policy, computer_account;
};

/* A certificate template for key-based renewal. */
struct cert_template {
	struct name name;
	struct loc at;
	struct number subject; /* 0: in the request, 1: from the directory */
	struct flag reuse_subject, manager_approval, key_based_renewal;
	struct name compatibility;
	struct names enroll; /* accounts with Read and Enroll */
};

/* A port of a published address that leads to another port of the host. */
struct published_port {
	uint16_t outside, inside;
	struct loc at;
};

/*
 * The addresses by which a firewall that translates is asked for a host.  They stand for all addresses
 * that the host has of their families; a port leads to itself unless `ports` says otherwise.
 */
struct published {
	struct name firewall_said;
	struct names address_texts;
	struct loc at;
	const struct published_port *ports; /* sorted by `inside`, which occurs once, as does `outside` */
	size_t n_ports;
	/* resolved */
	int firewall;
	struct addrset addresses;
};

struct host_firewall {
	struct name dialect, config;
	struct loc at; /* line 0: none */
};

/* What a host administers: a host, the hosts of a zone, of a role or of a tier; -1: not this. */
struct administered {
	int host, zone, role, tier;
};

/* A role whose services a host uses, or one service of it. */
struct use {
	struct name role_said, service_said;
	/* resolved */
	role_id role;
	service_id service; /* NO_SERVICE: all of them */
};

struct uses {
	const struct use *v; /* sorted by role, then service, once the names are resolved */
	size_t n;
};

enum machines { MACHINES_BY_ADDRESS, MACHINES_ONE, MACHINES_MANY, N_MACHINES };
enum joined { JOINED_DOMAIN, JOINED_WORKGROUP };
enum tls { TLS_BOTH, TLS_ONLY, TLS_NO };

struct host {
	struct name name;
	struct loc at;
	/* as written */
	struct names address_texts, roles_said, features, administers_said;
	struct number tier;
	struct uses uses;
	struct name zone_said, os, site, forest, domain_said, ad_site_said, parent;
	struct number joined, tls, machines;
	struct flag internet_only, site_server_initiates, remote_registry;
	struct port_settings ports; /* by service */
	struct port_settings rpc;   /* by role, which may occur twice (NTDS and Netlogon) */
	struct port_span rpc_range;
	struct number tftp_reply_port;
	struct records instances; /* of struct instance */
	struct enrolment enrolment;
	struct host_firewall firewall;
	struct published *published; /* one for each firewall at most */
	size_t n_published;
	/* resolved */
	struct addrset addresses; /* empty with any */
	bool any;                 /* address: any, or an outside party without an address */
	bool implied;             /* an outside party that the estate does not place */
	bool is_group;            /* an address as written is a range or a prefix: many machines */
	int domain, ad_site;      /* of the directory; -1: not said */
	uint16_t zone;
	uint16_t system;       /* NO_SYSTEM: not said */
	struct role_ids roles; /* said and implied, sorted */
	const struct administered *administers;
	size_t n_administers;
};

struct firewall {
	struct name name;
	struct names zones_said;
	const uint16_t *zones; /* sorted */
	size_t n_zones;
	struct name dialect, config;
	const struct names *interfaces; /* by zones[i]; none where not said */
	int pair;                       /* that it is a member of; -1: none */
	uint16_t first;                 /* of the pair that it is a member of, the first; itself without one */
	int other;                      /* the zone behind its other interfaces: an index of zones; -1: not said */
	struct loc at;
};

/* Firewalls that stand in parallel: a packet goes over one of them, and any may be it. */
struct firewall_pair {
	struct name name;
	const uint16_t *members; /* sorted; the zones of all are the same */
	size_t n_members;
};

struct route {
	struct name from, to;
	uint16_t from_zone, to_zone;
	struct names via;
	const uint16_t *firewalls; /* with all members of a pair that via: names */
	const struct loc *places;  /* by firewall: where via: names it */
	size_t n_firewalls;
	struct loc at;
};

/* One endpoint of a row by hand. */
struct endpoint_set {
	struct name text; /* a host, a zone, or addresses */
	struct addrset addresses;
	int host, zone; /* -1: none */
};

struct hand_rule {
	struct loc at;
	const struct endpoint_set *from, *to;
	size_t n_from, n_to;
	uint8_t protocol;          /* 0: any; PROTO_ICMP without types: that of both families */
	struct portset ports;      /* empty: all */
	struct portset icmp_types; /* of the protocol; empty, and no echo: all */
	bool icmp_echo;            /* the echo request of either family */
	int service;               /* of decline:, by index; -1: none */
	struct name service_said;
	struct name why, owner, until;
};

struct site {
	struct name name;
	int parent; /* -1: none */
	struct loc parent_at;
};

/* A domain of a forest. */
struct domain {
	struct name name;
	struct loc at;
	struct name forest;
	struct names uses_said; /* line 0: every domain of the forest */
	/* resolved */
	const uint16_t *uses; /* the domains whose controllers its members use besides its own */
	size_t n_uses;
};

/* A site of the directory: hosts use the domain controllers of theirs, or of the nearest. */
struct ad_site {
	struct name name;
	struct loc at;
	struct names subnets, zones_said, links_said;
	/* resolved */
	const uint16_t *links; /* the sites beside it, both ways */
	size_t n_links;
};

enum trust_direction { TRUST_ONE_WAY, TRUST_TWO_WAY, TRUST_NONE, N_TRUST_DIRECTIONS };
enum trust_kind { TRUST_OF_FORESTS, TRUST_EXTERNAL, N_TRUST_KINDS };

/* Whether two forests trust each other: people of the trusted one may use the trusting one. */
struct trust {
	struct loc at;
	uint32_t trusting, trusted; /* forests, by index */
	enum trust_direction direction;
	enum trust_kind kind;
};

struct estate {
	struct arena *arena;
	const struct catalogue *catalogue;
	struct name name;
	bool *documents; /* by index: applies to this estate */
	struct names documents_said;
	struct zone *zones;
	size_t n_zones;
	struct owners owners; /* the zones that addresses belong to; the rest is that of the zone that is "any" */
	uint16_t any_zone;    /* NO_ZONE: none */
	struct host *hosts;
	size_t n_hosts;
	struct firewall *firewalls;
	size_t n_firewalls;
	struct firewall_pair *pairs;
	size_t n_pairs;
	struct route *routes;
	size_t n_routes;
	struct hand_rule *allow, *decline, *tolerate, *forbid;
	size_t n_allow, n_decline, n_tolerate, n_forbid;
	struct site *sites; /* every site that is named, sorted */
	size_t n_sites;
	struct strs forests;    /* likewise */
	struct domain *domains; /* sorted by name, as sites of the directory are */
	size_t n_domains;
	struct ad_site *ad_sites;
	size_t n_ad_sites;
	struct trust *trusts;
	size_t n_trusts;
	struct cert_template *templates;
	size_t n_templates;
	bool bounds_administration; /* some host says its tier or what it administers */
};

/* The table of the whole file, for the schema and the manual. */
extern const struct record estate_record;

/*
 * Reads files, the later over the earlier.  NULL after errors in d; warnings
 * may be there beside a result.
 */
struct estate *estate_read(struct arena *a, const struct catalogue *c, const char *const *paths, size_t n,
			   struct diag *d);
struct estate *estate_of_tree(struct arena *a, const struct catalogue *c, const struct node *root, struct diag *d);

/* -1 when there is none. */
int estate_host(const struct estate *e, struct str name);
int estate_zone(const struct estate *e, struct str name);
int estate_firewall(const struct estate *e, struct str name);
int estate_site(const struct estate *e, struct str name);
int estate_pair(const struct estate *e, struct str name);
int estate_domain(const struct estate *e, struct str name);
int estate_ad_site(const struct estate *e, struct str name);

bool host_has_role(const struct host *h, role_id role);
bool host_has_feature(const struct host *h, struct str feature);
const struct port_setting *host_port(const struct host *h, service_id service);

/* What a firewall is asked for the host by; NULL: its own addresses. */
const struct published *host_published(const struct host *h, int firewall);
uint16_t published_port(const struct published *p, uint16_t inside); /* the port that leads to the host's */

/* True when the estate lets the first host administer the second. */
bool host_administers(const struct estate *e, const struct host *h, const struct host *other);

/* True when the host names the role under uses:, for this service among others. */
bool host_uses(const struct host *h, role_id role, service_id service);

/* The range from which the host's system assigns ports; its rpc-range for TCP if it is set. */
struct port_range host_dynamic_range(const struct estate *e, const struct host *h, unsigned protocol);

/* The addresses that a flow endpoint of this host has: of its zone for "any". */
struct addrset host_addresses(const struct estate *e, const struct host *h);
