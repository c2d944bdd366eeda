/* SPDX-License-Identifier: Apache-2.0 */
#include "report/check/format.h"

#include "report/check/formats.h"

#define DECLARE(name) extern const struct check_format check_format_##name;
CHECK_FORMATS(DECLARE)
#define ROW(name) &check_format_##name,
const struct check_format *const check_formats[] = { CHECK_FORMATS(ROW) NULL };

const struct check_format *check_format_find(struct str name)
{
	for (size_t i = 0; check_formats[i]; i++)
		if (str_is(name, check_formats[i]->name))
			return check_formats[i];
	return NULL;
}
