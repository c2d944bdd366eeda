/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogue's facts about ports, for rule sets without an estate. */
#pragma once

#include "flow/assemble.h"
#include "model/catalogue.h"
#include "prove/audit.h"

/* Well-known ports, the endpoint mapper and the dynamic ranges; made in the arena. */
struct audit_options known_ports(struct arena *a, const struct catalogue *c);

/* A service_namer; ctx: the struct audit_options of known_ports(). */
struct str known_service(void *ctx, const struct service_term *t);
