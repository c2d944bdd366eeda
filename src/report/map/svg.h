/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The map as SVG: alone, or as a part of the HTML report, whose script then
 * brings it to life.
 */
#pragma once

#include "base/out.h"
#include "report/map/map.h"

/*
 * The <svg> element of a placed map.  In the report (alone: false) boxes carry
 * data-box and lines data-pair, their numbers in map.boxes and map.pairs, and a line
 * and the arrow that it ends in share a data-arrow; alone, what lies under the
 * pointer is told by titles, and style comes with it.
 */
void put_map(struct out *o, const struct map *m, bool alone);
