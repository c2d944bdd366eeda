/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/pager.h"

void pager_begin(const struct invocation *call)
{
}

void pager_end(struct invocation *call)
{
}
