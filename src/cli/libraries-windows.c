/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/libraries.h"

#include <expat.h>
#include <xlsxwriter.h>
#include <xxhash.h>
#include <yaml.h>
#include <zlib.h>

static void put_library(struct out *o, const char *name, const char *its_version)
{
	out_printf(o, "  %-14s  %s\n", name, its_version);
}

void libraries_put(struct out *o, struct arena *a)
{
	unsigned xxhash = XXH_versionNumber();
	put_library(o, "expat", XML_ExpatVersion() + strlen("expat_"));
	put_library(o, "libxlsxwriter", lxw_version());
	put_library(o, "libyaml", yaml_get_version_string());
	put_library(o, "xxHash", arena_printf(a, "%u.%u.%u", xxhash / 10000, xxhash / 100 % 100, xxhash % 100));
	put_library(o, "zlib", zlibVersion());
}
