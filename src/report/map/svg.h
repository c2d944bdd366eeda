/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The map as SVG: by itself, or as a part of the HTML report, whose script makes it
 * interactive.
 */
#pragma once

#include "base/out.h"
#include "report/map/map.h"

/*
 * The <svg> element of a placed map.  In the report (alone: false) boxes carry
 * data-box and lines data-pair, their numbers in map.boxes and map.pairs, and a line
 * and the arrow that it ends in share a data-arrow; alone, titles describe what is
 * under the pointer, and the style is included.
 */
void put_map(struct out *o, const struct map *m, bool alone);
