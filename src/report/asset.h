/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Style and script of the HTML reports, from report/html/, compiled in.
 */
#pragma once

#include "base/str.h"

struct asset {
	struct str text;
	const char *hash; /* for Content-Security-Policy: "sha256-..." */
};

extern const struct asset asset_map_css;
extern const struct asset asset_page_css;
extern const struct asset asset_plan_css;
extern const struct asset asset_plan_js;
extern const struct asset asset_proof_css;
