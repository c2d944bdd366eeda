/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "dialect/dialect.h"

/* Applications that every PAN-OS has and that are nothing but a protocol; ends with no name. */
struct pan_protocol {
	const char *name;
	uint8_t number;
};
extern const struct pan_protocol pan_protocols[];

bool paloalto_parse(struct arena *a, const struct source *s, const struct read_options *o, struct ruleset **ret,
		    struct diag *d);
