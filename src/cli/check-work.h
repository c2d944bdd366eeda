/* SPDX-License-Identifier: Apache-2.0 */
/* Plans, lints and proves what a folder has. */
#pragma once

#include "cli/cache.h"
#include "cli/check-config.h"
#include "cli/command.h"

/* The parts of all estates, in their order.  A cache with folder -1 is none.  False after errors of the machine. */
bool check_work(struct invocation *call, const struct checked_folder *folder, struct cache *cache,
		struct check_report *ret);
