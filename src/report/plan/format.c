/* SPDX-License-Identifier: Apache-2.0 */
#include "report/plan/format.h"

#include "report/plan/formats.h"

#define DECLARE(name) extern const struct plan_format plan_format_##name;
PLAN_FORMATS(DECLARE)
#define ROW(name) &plan_format_##name,
const struct plan_format *const plan_formats[] = { PLAN_FORMATS(ROW) NULL };

const struct plan_format *plan_format_find(struct str name)
{
	for (size_t i = 0; plan_formats[i]; i++)
		if (str_is(name, plan_formats[i]->name))
			return plan_formats[i];
	return NULL;
}
