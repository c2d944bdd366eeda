/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of an estate's firewalls, where config: names them, that decide single flows. */
#pragma once

#include "cli/command.h"
#include "net/addr.h"
#include "plan/plan.h"
#include "report/probe/cause.h"

struct deciders;

struct decided_flow {
	const struct endpoint *from, *to;
	struct addr source, destination; /* of one family */
	uint8_t protocol;
	uint16_t port;  /* of TCP, UDP and their like */
	bool permitted; /* the question is what permits it; else, what denies it */
};

/* No rules are read yet. */
struct deciders *deciders_new(struct invocation *call, const struct plan *p);

/*
 * By firewall and host on the path, what permits or denies it.  Reads the rules of a place at the first flow that
 * crosses it; when they cannot be read, warns once, and the place decides nothing.
 */
struct probe_causes deciders_of(struct deciders *d, const struct decided_flow *f);
