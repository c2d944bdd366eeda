/* SPDX-License-Identifier: Apache-2.0 */
/* Which instance a request is for. */
#pragma once

#include "authority/front/exchange.h"

/* The protocol of a path on a listener; NULL: there is nothing.  Sets the instance, and the rest of the path. */
const struct web_protocol *route_find(const struct listener_config *l, struct web_request *r);

/* "/a%20b" as "/a b"; false when it is malformed, holds a NUL, or climbs by "..". */
bool route_decode(struct arena *a, struct str target, struct str *path, struct str *query);
