/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interfaces of a place: which addresses the estate places behind the names
 * that rules use.
 */
#pragma once

#include "base/pack.h"
#include "flow/ruleset.h"
#include "plan/policy.h"

/* The addresses behind the interface and zone names of a place; ctx of the map lives in the arena. */
struct interface_map place_interfaces(struct arena *a, const struct plan *p, const struct place *at);

/*
 * What becomes of the names in these rules that the estate does not give to a zone, which the map
 * learns.  They lead to the zone of other-interfaces:; without it, when every zone of the
 * firewall has interfaces:, they are assumed to lead elsewhere, and the rules say so.  A name that
 * stands for interfaces of a zone, or may, stays unknown.  To be called once the rules are read,
 * and again after they change.
 */
void interfaces_settle(const struct interface_map *map, struct ruleset *r);

/* All that the map of a place depends on. */
void pack_interfaces(struct out *o, const struct interface_map *map);

/* The names that two zones of a place share; in the arena. */
const struct str *place_shared_interfaces(struct arena *a, const struct plan *p, const struct place *at, size_t *n);
