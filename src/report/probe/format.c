/* SPDX-License-Identifier: Apache-2.0 */
#include "report/probe/format.h"

#include "report/probe/formats.h"

#define DECLARE(name) extern const struct probe_format probe_format_##name;
PROBE_FORMATS(DECLARE)
#define ROW(name) &probe_format_##name,
const struct probe_format *const probe_formats[] = { PROBE_FORMATS(ROW) NULL };

const struct probe_format *probe_format_find(struct str name)
{
	for (size_t i = 0; probe_formats[i]; i++)
		if (str_is(name, probe_formats[i]->name))
			return probe_formats[i];
	return NULL;
}
