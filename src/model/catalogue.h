/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The catalogue: what Windows services need, according to published documents, with
 * the errata that correct them.
 *
 * It is data, written in YAML (catalogue/, portolan-catalogue(5)) and compiled
 * into the binary: catalogue_builtin.  catalogue_read() makes the same value
 * from a folder at run time.  Everything here is constant once made; indices
 * are positions in the arrays of struct catalogue, which are sorted by id.
 */
#pragma once

#include "base/diag.h"
#include "net/port.h"

typedef uint16_t role_id;
typedef uint16_t service_id;
typedef uint16_t system_id;

enum {
	ROLE_ANY = 0xffff, /* "*" in a document: any client of the service */
	NO_SYSTEM = 0xffff,
	NO_SERVICE = 0xffff,
};

struct role_ids {
	const role_id *v;
	size_t n;
};

struct strs {
	const struct str *v;
	size_t n;
};

/* Sorts the words, and keeps one of each, in their place. */
struct strs strs_unique(struct str *words, size_t n);

/* "a, b", and after the first few "and 3 more". */
struct str strs_text(struct arena *a, struct strs words, size_t most);

/* Where a host with the role is, when the estate does not state it. */
enum role_kind {
	ROLE_WINDOWS,  /* a Windows computer of the estate: joined to a domain unless it states otherwise */
	ROLE_DEVICE,   /* other equipment of the estate: a phone, a switch, a Mac */
	ROLE_EXTERNAL, /* an outside party: in zone internet unless the estate places it */
};

/* Whether clients find a server of the role by their site of the directory. */
enum located {
	NOT_LOCATED,
	LOCATED_BY_DOMAIN, /* one of each domain that they use */
	LOCATED_BY_FOREST, /* one of the forest: it knows all domains */
	N_LOCATED,
};

struct role {
	struct str id, name, product;
	struct strs aka;
	enum role_kind kind;
	struct role_ids implies;        /* a host with this role has those too */
	struct role_ids implies_joined; /* and those, when it is joined to a domain */
	struct role_ids implies_old;    /* and those, when its system is older than old_system */
	system_id old_system;
	struct role_ids not_asked_by; /* roles whose hosts ask it nothing as one that it implies */
	enum located located;
	bool instanced; /* a database instance (instances:) takes it over from its host */
	struct str note;
	struct str ended;          /* with what it ended: "Configuration Manager, version 1910"; empty: it did not */
	struct str ended_source;   /* where that is published */
	struct str ended_document; /* only where this document applies; empty: wherever */
	system_id ended_system;    /* only with this system or a newer one; NO_SYSTEM: with any */
};

/* How the plan finds the port on the host that listens. */
enum service_ports {
	SERVICE_FIXED,      /* the need's ports, or the host's ports: */
	SERVICE_RPC,        /* the host's dynamic TCP range, its rpc-range, or its static port for the role */
	SERVICE_RPC_STATIC, /* only the static port, where the host has one */
	SERVICE_DYNAMIC,    /* the host's dynamic range */
};

/* How the port of a service is derived from the one that it follows. */
enum following {
	FOLLOWS_NEXT,   /* 443 for 80, else one more: WSUS over TLS */
	FOLLOWS_BEFORE, /* one less: the data port of active FTP */
};

struct service_endpoint {
	struct str protocol; /* "tcp", "udp", "icmp" or a number */
	struct str ports;    /* as in needs; "?" where the document lacks it */
	bool changeable;
	struct str where; /* how it is changed, or why it cannot be */
	struct str note;
};

struct service {
	struct str id, name, application;
	struct strs aka; /* what people call it */
	enum service_ports resolves;
	struct str follows; /* the service whose port decides this one's; empty: none */
	enum following following;
	const struct service_endpoint *endpoints;
	size_t n_endpoints;
};

/* Operating systems, oldest first: the order is what "older than" means. */
struct system {
	struct str id, name;
	bool windows;
	uint32_t generation; /* 60 for Vista and Server 2008 (NT 6.0), 61 for 7 and 2008 R2 ... */
	struct port_range dynamic_tcp, dynamic_udp;
	struct str source; /* the citation of the ranges */
};

/* What an administrator changes in Windows to move a port. */
struct setting {
	struct str id, text, source;
	struct str pins; /* the role whose RPC service it gives a static port: rpc: {ROLE: N}; or empty */
};

/* An RPC interface, by name and UUID (MS- documents, "Standards Assignments"). */
struct interface {
	struct str id, uuid, version, title, source;
	bool dcom; /* not registered with the endpoint mapper */
};

/*
 * A program of Windows, and the services that it listens for.  Rules of Windows Firewall are
 * bound to programs.  One program has several rows where the host's roles decide.
 */
struct program {
	struct str id, path;          /* "%SystemRoot%\\System32\\lsass.exe"; or System, the kernel */
	struct strs windows_services; /* that run in it, by their short names */
	bool shared;                  /* others run in it too: a rule must name the service */
	const service_id *services;
	size_t n_services;
	struct role_ids roles;      /* only on a host with one of them; none: anywhere */
	const uint16_t *interfaces; /* of RPC, that it registers */
	size_t n_interfaces;
	const uint8_t *protocols; /* of IP, without ports, that are its own whatever their content */
	size_t n_protocols;
	struct str source;
};

/* A flow that an error stands for. */
struct error_flow {
	role_id from, to; /* or ROLE_ANY */
	service_id service;
};

/* What a code of an error, or the id of an event, means where a port may be closed (model/error-code.h). */
struct error_code {
	struct str id;
	struct strs win32;  /* numbers, which are found as HRESULTs too */
	struct strs codes;  /* other numbers */
	struct strs events; /* ids in a log of Windows */
	struct strs names;  /* "RPC_S_SERVER_UNAVAILABLE" */
	struct str meaning, where;
	const struct error_flow *flows; /* the likeliest first; none: the far end replied */
	size_t n_flows;
	struct str otherwise; /* what else gives the code */
	struct str uncertain, source;
};

struct document {
	struct str id, title, product, date, source, about;
	struct strs aka;        /* what people call its product */
	struct strs supersedes; /* ids of older versions of it */
	bool superseded;        /* a newer version is in this catalogue */
	bool functions;         /* its sections are named after functions of Windows: "Group Policy" */
};

/*
 * Conditions.  A need has a list of them, all of which must hold for a pair of
 * hosts.  condition_words explains each in one sentence.
 */
enum condition_kind {
	COND_JOINED,
	COND_INTERNET_ONLY,
	COND_OLDER_THAN,
	COND_AT_LEAST,
	COND_FEATURE,
	COND_ROLE,
	COND_TLS,
	COND_PLAIN,
	COND_SITE_SERVER_INITIATES,
	COND_STATIC_RPC,
	COND_PORT_SET,
	COND_PLACED,
	COND_INSTEAD_OF,
	COND_COMES_THROUGH,
	COND_NAMED_INSTANCE,
	N_CONDITIONS,
};

enum side { SIDE_FROM, SIDE_TO, SIDE_EITHER };

/* Of a need that either side may start, the flows that a condition governs. */
enum direction { DIRECTION_BOTH, DIRECTION_FORWARD, DIRECTION_BACK };

struct condition {
	enum condition_kind kind;
	enum side side;
	enum direction direction;
	bool negated;
	uint16_t index;     /* the role, the system or the service */
	struct str feature; /* of COND_FEATURE (one name, or A|B) and COND_PORT_SET (a service) */
	struct str text;    /* as written */
};

extern const struct condition_word {
	const char *word; /* as it stands in the catalogue: "older-than SYSTEM" */
	const char *text;
} condition_words[N_CONDITIONS];

/* Which hosts a need pairs. */
enum scope {
	SCOPE_NONE,          /* any two */
	SCOPE_FOREST,        /* two of one forest */
	SCOPE_OWN_FOREST,    /* two of one forest; a host that names none goes with all */
	SCOPE_FOREST_TRUST,  /* two of one forest, or of two with a trust between them */
	SCOPE_TRUST,         /* two of two forests with a trust between them */
	SCOPE_TRUSTED_SIDE,  /* "to" in a forest that "from"'s forest trusts, by a forest trust */
	SCOPE_TRUSTING_SIDE, /* "to" in a forest that trusts "from"'s forest, by a forest trust */
	SCOPE_SITE,          /* two of one Configuration Manager site */
	SCOPE_RELATED_SITES, /* two of sites that are parent and child */
	N_SCOPES,
};

/* Whether a need is administration, which an estate may bound (tier:, administers:). */
enum administration {
	NOT_ADMINISTRATION,
	ADMINISTRATION_KEPT,    /* planned too where the estate bounds nothing */
	ADMINISTRATION_BOUNDED, /* planned only where it does */
	N_ADMINISTRATIONS,
};

enum ports_kind {
	PORTS_LIST,         /* all of the ranges */
	PORTS_ALTERNATIVES, /* one of the ranges is in use */
	PORTS_DYNAMIC,
	PORTS_NONE,    /* the protocol has none */
	PORTS_ECHO,    /* ICMP echo request */
	PORTS_UNKNOWN, /* missing in the document, or the administrator's choice */
};

struct ports {
	enum ports_kind kind;
	const struct port_range *v;
	size_t n;
	struct str text; /* as in the document: "80|8530" */
};

enum erratum {
	NO_ERRATUM,
	ERRATUM_ADDS,      /* a need that the document omits */
	ERRATUM_WITHDRAWS, /* needs of the document that nothing uses: same service and protocol,
				   same roles unless ROLE_ANY */
	ERRATUM_CORRECTS,  /* the same need, corrected; replaces those of the
				   document with the same service, protocol and
				   roles */
	N_ERRATA,
};
extern const char *const erratum_names[N_ERRATA];

struct need {
	struct str id;
	const struct document *document;
	struct str part; /* of the document: "sql"; empty for the main part */
	struct str section;
	uint32_t line; /* 0 where none is known */
	struct str source;
	role_id from, to;
	struct role_ids from_members, to_members; /* what a collective role stands for; empty: itself */
	struct role_ids clients;                  /* when from is ROLE_ANY: the roles that the plan uses */
	bool clients_any;                         /* every host */
	bool either;                              /* either side may start */
	service_id service;
	uint8_t protocol; /* PROTO_ICMP stands for both families' echo */
	bool both;        /* the document names TCP and UDP in one row; this is one of the two */
	struct ports ports;
	struct port_range plan_default; /* lo 0: none; what is planned when the host sets none */
	bool changeable;
	struct strs settings; /* ids of what changes the port, or explains why nothing does */
	enum scope scope;
	enum administration administration;
	const struct condition *conditions;
	size_t n_conditions;
	const uint16_t *interfaces;
	size_t n_interfaces;
	struct strs names; /* that a vendor publishes for the "to" instead of addresses: "*.wns.windows.com" */
	struct str why, note, uncertain;
	struct str unplanned; /* why the plan omits it; empty: it does not */
	enum erratum erratum;
	bool withdrawn; /* an erratum of this document withdraws or corrects it */
};

struct catalogue {
	const struct document *documents;
	size_t n_documents;
	const struct role *roles;
	size_t n_roles;
	const struct service *services;
	size_t n_services;
	const struct system *systems; /* in their own order */
	size_t n_systems;
	const struct setting *settings;
	size_t n_settings;
	const struct interface *interfaces;
	size_t n_interfaces;
	const struct program *programs; /* by id */
	size_t n_programs;
	const struct error_code *errors; /* by id */
	size_t n_errors;
	const struct need *needs; /* by document, part, then the order of the file */
	size_t n_needs;
	struct strs features; /* every feature that a condition names, sorted */
};

extern const struct catalogue catalogue_builtin;

/* Reads a folder of YAML files.  NULL after errors in d. */
const struct catalogue *catalogue_read(struct arena *a, const char *folder, struct diag *d);

/* A catalogue of the one document in s, which uses the roles, services ... of another. */
const struct catalogue *catalogue_read_text(struct arena *a, const struct catalogue *words, const struct source *s,
					    struct diag *d);

/* -1 when there is none.  Names are compared exactly. */
int catalogue_role(const struct catalogue *c, struct str id);
int catalogue_service(const struct catalogue *c, struct str id);
int catalogue_system(const struct catalogue *c, struct str id);

/*
 * By its id, its name, or what people call it, in either case and without regard to spaces and
 * signs: "print server", "AD FS" and "adfs".
 */
int catalogue_service_called(const struct catalogue *c, struct str word);
int catalogue_role_called(const struct catalogue *c, struct str word);

/* True when hosts with the role `by` ask this role nothing as a host with the role `as`. */
bool role_is_not_asked(const struct role *r, role_id as, role_id by);

/* True of two words that differ in case, spaces and signs alone. */
bool called_alike(struct str left, struct str right);
int catalogue_document(const struct catalogue *c, struct str id);
int catalogue_setting(const struct catalogue *c, struct str id);
int catalogue_interface(const struct catalogue *c, struct str id);

/*
 * Whether a host's system is a Windows of an older generation.  An absent system
 * (NO_SYSTEM) and one other than Windows count as the newest.
 */
bool catalogue_older_than(const struct catalogue *c, system_id system, system_id than);

/* The ids as words, for suggestions and completion. */
struct strs catalogue_role_words(struct arena *a, const struct catalogue *c);
struct strs catalogue_service_names(struct arena *a, const struct catalogue *c); /* ids, and what people call them */
struct strs catalogue_service_words(struct arena *a, const struct catalogue *c);
struct strs catalogue_system_words(struct arena *a, const struct catalogue *c);
struct strs catalogue_document_words(struct arena *a, const struct catalogue *c);

/* The role's id, or "*". */
struct str role_text(const struct catalogue *c, role_id role);

/* "from", "to" or "*" of a need. */
struct str need_from(const struct catalogue *c, const struct need *n);
struct str need_to(const struct catalogue *c, const struct need *n);

/* Any port at all: what a firewall has to let through, and nothing that listens. */
bool need_is_any_port(const struct need *n);

/* The conditions and the scope as one line for reports; empty when there are none. */
struct str need_condition_text(struct arena *a, const struct catalogue *c, const struct need *n);
