/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What to bind: the ports that a plan has at a host, or services that are named.
 */
#pragma once

#include "listen/listener.h"
#include "plan/plan.h"
#include "probe/tasks.h"

/* Ports of a range that are bound: the first, the last, and five spread between them. */
enum { LISTEN_RANGE_PORTS = 7, LISTEN_PORTS_MAX = 10000 };

struct listen_ports {
	struct listen_port *v;
	size_t n;
};

/*
 * Every port that flows of the plan reach at the host, on each of its addresses; service < 0: of all services.
 * False after an error in d: the host is many machines, or has no address.
 */
bool listen_ports_of_plan(struct arena *a, const struct plan *p, const struct host *h, int service,
			  struct listen_ports *ret, struct diag *d);

/* Services and ports by name, as portolan probe takes them, on the addresses. */
bool listen_ports_of_words(struct arena *a, const struct catalogue *c, const struct probe_names *host,
			   const char *const *words, size_t n, struct listen_ports *ret, struct diag *d);
