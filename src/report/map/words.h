/* SPDX-License-Identifier: Apache-2.0 */
/* What the pictures of a map say in the same words. */
#pragma once

#include "report/map/map.h"

/* "tcp 53, 88; udp 53": what a pair needs, for a title. */
struct str bundle_text(struct arena *a, const struct bundle *b);

/* "dc1", or "app* (6 hosts)" */
struct str box_text(struct arena *a, const struct map_box *b);
