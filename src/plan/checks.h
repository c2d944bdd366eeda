/* SPDX-License-Identifier: Apache-2.0 */
/* One line a check, in the order of their ids. */
#pragma once

#include "plan/lint.h"

#define CHECKS(X)                   \
	X(no_way_between_zones)     \
	X(party_outside_not_placed) \
	X(static_port_in_dynamic_range)

#define DECLARE_CHECK(name) extern const struct check check_##name;
CHECKS(DECLARE_CHECK)
