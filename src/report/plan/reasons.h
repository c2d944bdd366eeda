/* SPDX-License-Identifier: Apache-2.0 */
/* Why a flow is needed, and which document says so. */
#pragma once

#include "plan/plan.h"

/* What it is needed for, a sentence. */
struct str reason_why(const struct reason *r);

/* "AD DS port requirements, "Section", line 12": a reason's citation; for one by hand, its owner. */
struct str reason_citation(struct arena *a, const struct reason *r);

/* A row of tolerate: "any icmp from clients to servers: the platform ... (network, until 2027-01-01)". */
struct str hand_text(struct arena *a, const struct hand_rule *h);

/*
 * Shows what rows of decline: take out as lines of text, those of a pair of hosts and a row together:
 * "pc -> dc1  tcp 135, tcp 445: tier 0 (platform team, until 2027-01-01)".
 */
void declined_texts(const struct plan *p, void (*show)(void *ctx, struct str line), void *ctx);

/* As an object of "tolerated" in portolan.plan/1 and portolan.proof/1. */
struct json;
void hand_json(struct json *j, const struct hand_rule *h);

/* An RPC interface with its UUID and version, as portolan.plan/1 and portolan.ports/1 have it. */
void interface_json(struct json *j, const struct interface *i);

/* As an object of "reasons" in portolan.plan/1. */
void reason_json(struct json *j, const struct catalogue *c, const struct reason *r);
