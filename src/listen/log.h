/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the listener reports: its ports at first, then a line for each request.  Text for people, or
 * one JSON object a line (portolan.listen/1).
 */
#pragma once

#include "base/out.h"
#include "listen/ports.h"

struct listen_log {
	struct out *out;
	struct str as; /* the host; empty: none of an estate */
	bool json;
	size_t heard, foreign, refused;
};

/* What would be bound, and by which stand-in it would be answered. */
void listen_log_plan(struct listen_log *log, const struct listen_ports *ports);
void listen_log_ports(struct listen_log *log, const struct listen_ports *ports);
void listen_log_event(void *log, const struct listen_event *e);
void listen_log_end(struct listen_log *log);
