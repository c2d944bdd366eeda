/* SPDX-License-Identifier: Apache-2.0 */
#include "report/proof/format.h"

#include "report/proof/formats.h"

#define DECLARE(name) extern const struct proof_format proof_format_##name;
PROOF_FORMATS(DECLARE)
#define ROW(name) &proof_format_##name,
const struct proof_format *const proof_formats[] = { PROOF_FORMATS(ROW) NULL };

const struct proof_format *proof_format_find(struct str name)
{
	for (size_t i = 0; proof_formats[i]; i++)
		if (str_is(name, proof_formats[i]->name))
			return proof_formats[i];
	return NULL;
}
