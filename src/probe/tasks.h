/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What to probe: tasks of a plan's flows from this machine, of flows that are forbidden or not
 * planned, or of services that are named.
 */
#pragma once

#include "plan/plan.h"
#include "probe/engine.h"
#include "probe/socket.h"

enum {
	TASKS_MAX = 1000000,
	SAMPLE_DEFAULT = 3, /* machines of a subnet, ports of a range */
};

/* What a report says of a task, beside the result. */
struct probe_subject {
	struct str flow;                        /* its id; empty: none */
	struct str from;                        /* the own host; empty: not known */
	struct str host;                        /* of the estate, or as it was given */
	struct str service;                     /* of the catalogue */
	struct str interface;                   /* RPC: its id in the catalogue */
	bool nothing;                           /* no reply is expected: forbidden, or not planned */
	bool no_address;                        /* no machine is named */
	const struct endpoint *source, *target; /* of the plan; NULL: there is none */
};

struct probe_tasks {
	struct probe_task *tasks;
	struct probe_subject *subjects;
	size_t n;
};

struct probe_choice {
	const struct plan *plan;
	const bool *from, *to;                  /* by endpoint of the plan */
	struct addr_list own;                   /* addresses of this machine; none: it is assumed to be another */
	int service;                            /* -1: any */
	const struct error_code *const *errors; /* only flows that one of these stands for; NULL: any */
	size_t n_errors;
	struct str flow; /* an id; empty: any */
	bool has_source;
	struct addr source;
	size_t sample;             /* machines of a subnet, ports of a range */
	struct addr_list machines; /* named beside the estate */
	size_t negative;           /* of flows that are not planned */
};

/* False after an error in d: more than TASKS_MAX. */
bool probe_tasks_of_plan(struct arena *a, const struct probe_choice *choice, struct probe_tasks *ret, struct diag *d);

/* One service of one host: a word such as ldap, rpc, tcp/8080, udp/53.  False after an error in d. */
struct probe_names {
	struct str host; /* as it was given */
	const struct addr *addresses;
	size_t n;
};
bool probe_tasks_of_words(struct arena *a, const struct catalogue *c, const struct probe_names *host,
			  const char *const *words, size_t n, struct probe_tasks *ret, struct diag *d);

/* What the user gives beside the plan; empty: nothing. */
struct probe_given {
	struct str token;  /* shared with portolan listen; it replies where no protocol does */
	struct str secret; /* shared with RADIUS servers */
	struct str path;   /* of a URL, beginning with a slash */
};
void probe_tasks_give(struct probe_tasks *tasks, const struct probe_given *given);

/* The probe of a service's application; one of a plain port when the catalogue names none. */
const struct probe *probe_of_service(const struct catalogue *c, int service, uint8_t protocol);

/* Whether a result is what was expected. */
enum probe_judgement { PROBE_WELL, PROBE_FAILS, PROBE_UNPROVED };
enum probe_judgement probe_judge(const struct probe_task *task, const struct probe_subject *subject,
				 const struct probe_result *result, bool strict);

/* What portolan listen shares: what the services of a plan are on the wire. */

/* TLS comes before its application protocol, which does not say so. */
bool service_is_tls(const struct service *s);

/* A name with dots is a DNS name; what follows its first dot, with a dot in it, is its domain. */
void target_name(struct target *t, struct str name);

void target_interface(struct target *t, const struct interface *from);

/* True when the host has the role of this id; false for NULL. */
bool host_plays(const struct catalogue *c, const struct host *h, const char *id);

/* At most n ports of a range: the first, the last, and others spread between them.  Returns how many. */
size_t spread_ports(struct port_range r, size_t n, uint16_t *ret);
