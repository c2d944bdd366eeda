/* SPDX-License-Identifier: Apache-2.0 */
/* The output of flows and their reasons in `why`. */
#pragma once

#include "cli/command.h"

struct json;

/* Each pair of endpoints once, then its flows with their reasons; flows in the plan's order. */
void why_put_flows(struct invocation *call, struct out *o, const struct estate *e, const struct flow *flows, size_t n);

/* The key "flows" of the answer. */
void why_json_flows(struct json *j, const struct estate *e, const struct flow *flows, size_t n);

/* "tcp 443" */
struct str why_ports_text(struct arena *a, const struct bundle_item *it);
