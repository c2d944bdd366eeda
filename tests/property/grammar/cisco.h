/* SPDX-License-Identifier: Apache-2.0 */
/* What the grammars of the two Cisco languages share. */
#pragma once

#include "grammar.h"

struct cisco_icmp {
	const char *name;
	int type, code;
};

/* A port operator with its ports, in numbers or names; "" and nothing added for all. */
const char *cisco_said_ports(struct draft *w, bool udp, bool several, struct ports *to);
/* The same, never empty. */
const char *cisco_some_ports(struct draft *w, bool udp, bool several, struct ports *to);
/* A protocol without ports, as a name or a number. */
const char *cisco_other_protocol(struct draft *w, unsigned *number);
/* An ICMP message; a number now and then, with its code. */
const char *cisco_said_icmp(struct draft *w, bool v6, bool codes, int *type, int *code);
