/* SPDX-License-Identifier: Apache-2.0 */
/* What the forms of a plan say in the same words. */
#pragma once

#include "base/out.h"
#include "plan/plan.h"

/* "10.1.0.10, 10.1.0.11", or "any": the addresses of an endpoint as text. */
struct str endpoint_addresses_text(struct arena *a, const struct endpoint *e);

/* "desktops (clients) -> dc1 (servers), by inside": a line. */
void flow_pair_text(struct out *o, bool colour, const struct estate *e, const struct flow *f);

/* "protocol", "ports" and for messages of ICMP that are named by hand "icmp-types" of an item: what tells flows apart. */
struct json;
void json_item(struct json *j, const struct bundle_item *it);

/* "12 flows between 3 hosts in 2 zones" */
struct str plan_summary(struct arena *a, const struct plan *p);
