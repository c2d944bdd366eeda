/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/libraries.h"

#include <ares.h>
#include <event2/event.h>
#include <expat.h>
#include <openssl/crypto.h>
#include <seccomp.h>
#include <sqlite3.h>
#include <xxhash.h>
#include <yaml.h>

#include "enrol/curl-library.h"
#include "report/xlsx-library.h"

static void put_library(struct out *o, const char *name, const char *its_version)
{
	out_printf(o, "  %-14s  %s\n", name, its_version);
}

/* Libraries that are loaded only when they are needed may be absent. */
static void put_loaded(struct out *o, struct arena *a)
{
	struct curl_library curl;
	struct xlsx_library xlsx;
	struct diag *unused = diag_new(a);
	if (curl_open(&curl, unused)) {
		/* "libcurl/7.88.1 OpenSSL/3.0.17 ..." */
		struct str all = str_of(curl.curl_version()), first;
		if (str_word(&all, &first))
			put_library(o, "libcurl", cstr(a, str_skip(first, str_find(first, '/') + 1)));
		curl_close(&curl);
	} else {
		put_library(o, "libcurl", "not installed");
	}
	if (xlsx_open(&xlsx, unused)) {
		put_library(o, "libxlsxwriter", xlsx.lxw_version());
		xlsx_close(&xlsx);
	} else {
		put_library(o, "libxlsxwriter", "not installed");
	}
}

void libraries_put(struct out *o, struct arena *a)
{
	const struct scmp_version *seccomp = seccomp_version();
	unsigned xxhash = XXH_versionNumber();

	put_library(o, "c-ares", ares_version(NULL));
	put_library(o, "expat", XML_ExpatVersion() + strlen("expat_"));
	put_library(o, "libevent", event_get_version());
	put_library(o, "libseccomp", arena_printf(a, "%u.%u.%u", seccomp->major, seccomp->minor, seccomp->micro));
	put_library(o, "libyaml", yaml_get_version_string());
	put_library(o, "OpenSSL", OpenSSL_version(OPENSSL_FULL_VERSION_STRING));
	put_library(o, "SQLite", sqlite3_libversion());
	put_library(o, "xxHash", arena_printf(a, "%u.%u.%u", xxhash / 10000, xxhash / 100 % 100, xxhash % 100));
	put_loaded(o, a);
}
