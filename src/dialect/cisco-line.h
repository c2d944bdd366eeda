/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "dialect/dialect.h"

/* For struct dialect: which lines of IOS and ASA are entries that stand alone. */
enum line_kind cisco_line_kind(struct str line);
