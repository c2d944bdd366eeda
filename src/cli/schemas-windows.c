/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/schemas.h"

#include "cli/check-config.h"
#include "cli/estate.h"
#include "model/catalogue-fields.h"

const struct schema_row schemas[] = {
	{ "estate", "portolan estate", &estate_record, true },
	{ "catalogue", "document of the portolan catalogue", &document_record, false },
	{ "check", "portolan.yaml", &check_record, false },
};
const size_t n_schemas = ARRAY_LEN(schemas);
