/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ports of a need as documents write them: "443", "67,68", "80|8530",
 * "49152-65535", "dynamic", "echo-request", "-" and "?" (missing).
 */
#pragma once

#include "doc/fields.h"
#include "model/catalogue.h"

enum { MOST_PORTS_OF_A_NEED = 32 };

bool ports_parse(struct arena *a, const struct name *text, struct ports *ret, struct diag *d);
