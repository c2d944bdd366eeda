/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/version.h"

#include <ares.h>
#include <event2/event.h>
#include <expat.h>
#include <openssl/crypto.h>
#include <seccomp.h>
#include <sqlite3.h>
#include <xxhash.h>
#include <yaml.h>

#include "enrol/curl-library.h"
#include "report/columns.h"
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

static void put_libraries(struct out *o, struct arena *a)
{
	const struct scmp_version *seccomp = seccomp_version();
	unsigned xxhash = XXH_versionNumber();

	out_text(o, "libraries:\n");
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

static void put_documents(struct out *o, struct arena *a, const struct catalogue *c)
{
	static const char *const titles[] = { "document", "date" };
	struct columns *columns = columns_new(a, titles, ARRAY_LEN(titles), 1);
	out_printf(o, "catalogue: %zu documents, %zu needs\n", c->n_documents, c->n_needs);
	for (size_t i = 0; i < c->n_documents; i++) {
		struct str date = c->documents[i].date,
			   cells[] = { c->documents[i].id, date.n ? date : STR("undated") };
		columns_row(columns, cells);
	}
	columns_print(columns, o, 0, false);
}

enum status version(struct invocation *call, int argc, char **argv)
{
	bool verbose = argc == 1 && (strcmp(argv[0], "-v") == 0 || strcmp(argv[0], "--verbose") == 0);
	struct file f;
	if (argc > 0 && !verbose) {
		diag_error(call->diag, NOWHERE, "--version takes -v and nothing else, not \"%s\"", argv[argc > 1]);
		return STATUS_INPUT;
	}
	if (!file_create(&f, call->arena, NULL, call->diag))
		return STATUS_MACHINE;
	out_text(&f.out, "portolan " PORTOLAN_VERSION "\n");
	if (verbose) {
		out_text(&f.out, "released: " PORTOLAN_RELEASED "\ncommit: ");
		out_printf(&f.out, "%s\n", portolan_commit);
		put_libraries(&f.out, call->arena);
		put_documents(&f.out, call->arena, &catalogue_builtin);
	}
	return file_commit(&f, call->diag) ? STATUS_WELL : STATUS_MACHINE;
}
