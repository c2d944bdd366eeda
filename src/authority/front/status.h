/* SPDX-License-Identifier: Apache-2.0 */
/* The statuses that the front answers with. */
#pragma once

#include <stddef.h>

struct http_status {
	unsigned number;
	const char *reason;
};

enum { N_STATUSES = 17 };
extern const struct http_status http_statuses[N_STATUSES];

/* Where a status is among them; N_STATUSES: it is not. */
size_t status_place(unsigned number);

/* "Not Found" */
const char *status_reason(unsigned number);
