/* SPDX-License-Identifier: Apache-2.0 */
/* No library is apart from the program: the build is the content of its file. */
#include "base/build-id.h"

#include <windows.h>

#include "base/hash.h"
#include "base/pack.h"

bool build_id(struct out *ret)
{
	enum { MOST_UNITS = 32768 };
	static wchar_t path[MOST_UNITS];
	uint64_t hash = 0;
	DWORD n = GetModuleFileNameW(NULL, path, MOST_UNITS);
	FILE *f = n && n < MOST_UNITS ? _wfopen(path, L"rb") : NULL;
	char buf[1 << 16];
	if (!f)
		return false;
	for (size_t got; (got = fread(buf, 1, sizeof buf, f)) > 0;)
		hash = hash64_seed(buf, got, hash);
	bool ok = !ferror(f);
	fclose(f);
	pack_number(ret, hash);
	return ok;
}
