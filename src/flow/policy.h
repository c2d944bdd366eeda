/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A policy: what one firewall must permit, ready to be written.
 *
 * The flows that cross the firewall, put together into as few relations as their
 * sets allow: these hosts to those hosts on these services.  Grouping, naming and
 * ordering are done here once, so that a dialect only formats.  Equal plans make
 * equal policies, and a small change of the plan a small change.
 *
 * A relation is exact: it is the product of its three sets.
 */
#pragma once

#include "base/diag.h"
#include "flow/packet.h"

/* A set of hosts under one name: an object group, a set, a table. */
struct policy_group {
	struct str name; /* letters, digits, - _ .; unique among groups; begins with a letter */
	struct addrset addresses;
	struct str about; /* the hosts in it, for a comment: "dc1, dc2" */
};

/* What a service is, for dialects that can express more than a port. */
enum service_kind {
	SERVICE_PLAIN,
	SERVICE_RPC_MAPPER, /* the RPC endpoint mapper */
	SERVICE_RPC_RANGE,  /* what it assigns: all of the listening hosts' dynamic range */
	SERVICE_TFTP_DATA,  /* replies of a TFTP server from a port of its choice */
};

/* An RPC interface, for languages that can name it instead of a port range. */
struct policy_interface {
	struct str name; /* "drsuapi"; unique */
	struct str uuid; /* in the form of RFC 9562, section 4, lower case */
};

struct policy_service {
	struct str name; /* the service's id: "ldap" */
	struct service_term term;
	enum service_kind kind;
	const struct policy_interface *interfaces; /* of an RPC range: its interfaces; none: unknown */
	size_t n_interfaces;
};

/* How the ports that the RPC endpoint mapper assigns are permitted. */
enum rpc_way {
	RPC_BY_INTERFACE,  /* by interface where it is known and the language can express it; else by port */
	RPC_BY_PORT,       /* the listening host's dynamic range */
	RPC_BY_INSPECTION, /* not at all: the firewall inspects the mapper's replies and opens those ports */
	N_RPC_WAYS,
};
extern const char *const rpc_way_names[N_RPC_WAYS];

/* Services under one name. */
struct policy_services {
	struct str name;                /* unique among services, as a group's name */
	const struct policy_service *v; /* by protocol and port */
	size_t n;
};

struct relation {
	struct str id;     /* "r-" and eight hexadecimal digits, from the names: stable while members change */
	struct str about;  /* endpoints with roles, services, documents and the flow's id, for a comment */
	struct str title;  /* short: "domain-member to domain-controller" */
	uint32_t src, dst; /* groups */
	uint32_t services;
	uint32_t services_at, services_n; /* the part of about that names the services; 0: none */
	struct str flow;                  /* the id of its flow; empty: several flows, or unknown */
	bool outbound;                    /* of POLICY_BOTH: the host opens it */
	bool denies;                      /* of a part: its packets are denied */
	struct str
		before; /* of a part: the rule that it is put before, as the language names it; empty: it is the last */
};

/* A side of the firewall. */
struct policy_zone {
	struct str name;              /* of the estate's zone */
	const struct str *interfaces; /* the firewall's names for it; by default the zone's name */
	size_t n_interfaces;          /* 1 or more */
	bool interfaces_said;
	struct addrset addresses;
	struct addrset within; /* whose packets to each other the rules filter as well; empty: they do not */
	bool outside;          /* rules are at each host, and not at these */
};

enum policy_side {
	POLICY_TRANSIT, /* a firewall between zones */
	POLICY_INBOUND, /* a host's own, for what comes in */
	POLICY_OUTBOUND,
	POLICY_BOTH, /* only to be written: a host's own, in one list; each relation is of one side */
};

/* What a platform has to be told and no plan knows: --set KEY=VALUE. */
struct policy_setting {
	struct str key, value;
};

struct policy {
	struct str name; /* the firewall or host */
	struct str estate;
	struct str ask; /* a line: how to list the flows of a relation; empty: unknown */
	enum policy_side side;
	enum rpc_way rpc;
	const struct policy_zone *zones; /* by name; of a host firewall: none */
	size_t n_zones;
	struct addrset outside; /* of a firewall whose rules are at each host: addresses without them */
	const struct policy_group *groups;
	size_t n_groups;
	const struct policy_services *services;
	size_t n_services;
	const struct relation *relations; /* in the order in which they are written */
	size_t n_relations;
	bool log_denials; /* what is denied because nothing permits it is logged, too */
	bool part;        /* rules for a list that is there: they and what they name are written, and nothing else */
	const struct policy_setting *settings;
	size_t n_settings;
};

/* The value of a setting; empty: it is not set. */
struct str policy_setting(const struct policy *p, const char *key);

/* The box of a relation; its services are made in the arena. */
struct flowbox policy_box(struct arena *a, const struct policy *p, const struct relation *r);

/* A host's two sides in one policy, with the names of both kept apart. */
struct policy policy_both(struct arena *a, const struct policy *in, const struct policy *out);

/* One side of it. */
struct policy policy_one_side(struct arena *a, const struct policy *both, enum policy_side side);

/* True when a name of an interface leads to both. */
bool policy_zones_share(const struct policy_zone *one, const struct policy_zone *other);

/*
 * The parts of a relation between pairs of zones, for firewalls whose rules
 * name zones: calls show with the two sets that remain.  Parts whose zones are
 * the same do not cross the firewall and are not shown.  A policy without zones
 * has one part, with ANY_ZONE on both sides.
 */
#define ANY_ZONE SIZE_MAX
void policy_split(struct arena *a, const struct policy *p, const struct relation *r,
		  void (*show)(void *ctx, size_t from_zone, size_t to_zone, struct addrset src, struct addrset dst),
		  void *ctx);
