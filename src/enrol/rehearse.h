/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that an enrolment needs, tried in its order, and no certificate kept: the name, TCP, TLS and the server's name, the
 * policy, the template, the permission, the enrolment service, and the addresses that certificates are checked by.
 */
#pragma once

#include "enrol/enrol.h"

enum { REHEARSAL_STEPS = 32 };

struct rehearsal_step {
	const char *what; /* "name", "connection", "tls", "policy", ... */
	bool ok;
	struct str text;
};

struct rehearsal {
	struct str url, template_name;
	struct rehearsal_step v[REHEARSAL_STEPS];
	size_t n;
	bool failed;
	struct str advice; /* what to open or to change, at the first failure */
};

void enrol_rehearse(struct enrol_call *call, struct rehearsal *r);
