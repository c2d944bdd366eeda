/* SPDX-License-Identifier: Apache-2.0 */
/* The address that notices are posted to. */
#pragma once

#include "base/str.h"

/* An address to post to: "https://host:port/path", http too. */
struct post_url {
	bool tls;
	struct str host; /* without the brackets of IPv6 */
	struct str port;
	struct str path;      /* "/" at least, with the query */
	struct str authority; /* as it goes into Host */
};
const char *post_url_read(struct arena *a, struct str text, struct post_url *ret); /* NULL, or what is wrong */
