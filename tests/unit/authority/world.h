/* SPDX-License-Identifier: Apache-2.0 */
/* An authority in a folder of its own, for tests; removed with the arena. */
#pragma once

#include "test.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "authority/create.h"
#include "authority/folder.h"
#include "authority/keeper.h"
#include "authority/listener-certificate.h"
#include "authority/processes.h"

struct world {
	struct arena *a;
	struct diag *d;
	const char *folder;
	const struct authority_config *config;
	const struct templates *templates;
	struct keeper *keeper;
};

static inline void world_remove(void *folder)
{
	char command[256];
	snprintf(command, sizeof command, "rm -rf '%s'", (const char *)folder);
	if (system(command) != 0)
		fail();
}

static inline void world_write(struct world *w, const char *name, const char *text)
{
	assert_true(authority_write(w->a, arena_printf(w->a, "%s/%s", w->folder, name), str_of(text), false, w->d));
}

/* A template with the numbers of the published walk-through, for the group "machines", and one that any server may have. */
#define MACHINE                                                                                                       \
	"name: machine\noid: 1.3.6.1.4.1.311.21.8.1.2.3.1.1\nmachine: true\nvalidity: 2 days\nrenewal: 8 hours\n"     \
	"usages: [digital-signature, key-encipherment]\nekus: client-authentication\nsubject: supplied\nnames: dns\n" \
	"reuse-subject: true\napproval: true\nprevious-approval: true\nkey-based-renewal: true\nenrol: "              \
	"\"@machines\"\n"                                                                                             \
	"schema: 3\nkey: p-256\n"
#define SERVER                                                                                                     \
	"name: server\noid: 1.3.6.1.4.1.311.21.8.1.2.3.1.2\nvalidity: 30 days\nrenewal: 5 days\n"                  \
	"usages: digital-signature\nekus: server-authentication\nsubject: supplied\nnames: [dns, ip]\nschema: 3\n" \
	"allow-list: true\nenrol: [web, \"@servers\"]\nkey: p-256\n"
#define USER                                                                                                       \
	"name: computer\noid: 1.3.6.1.4.1.311.21.8.1.2.3.1.3\nmachine: true\nvalidity: 30 days\nrenewal: 5 days\n" \
	"usages: digital-signature\nekus: client-authentication\nsubject: account\nenrol: \"*\"\nschema: 3\nkey: " \
	"p-256\n"

static inline struct world *world_new(void)
{
	struct arena *a = arena_new();
	struct world *w = ARENA_NEW(a, struct world);
	char *folder = arena_strdup(a, "/tmp/portolan-test.XXXXXX");
	assert_non_null(mkdtemp(folder));
	arena_at_end(a, world_remove, folder);
	*w = (struct world){ .a = a, .d = diag_new(a), .folder = folder };
	struct authority_creation c = { .folder = folder,
					.name = STR("ENTCA"),
					.host = STR("ca.contoso.com"),
					.port = 49999,
					.plain_port = 49980,
					.key = MAKE_P256,
					.users = "root" };
	if (!authority_create(a, &c, w->d))
		fail_msg("%.*s", STR_ARG(diag_text(a, w->d)));
	world_write(w, "templates/machine.yaml", MACHINE);
	world_write(w, "templates/server.yaml", SERVER);
	world_write(w, "templates/computer.yaml", USER);
	w->config = authority_config_read(a, folder, w->d);
	w->templates = templates_read(a, arena_printf(a, "%s/templates", folder), w->d);
	if (!w->config || !w->templates)
		fail_msg("%.*s", STR_ARG(diag_text(a, w->d)));
	w->keeper = keeper_open(a, folder, w->config, w->d);
	if (!w->keeper)
		fail_msg("%.*s", STR_ARG(diag_text(a, w->d)));
	return w;
}

static inline void world_free(struct world *w)
{
	arena_free(w->a);
}

static inline struct str public_key(struct arena *a, EVP_PKEY *key)
{
	unsigned char *p = NULL;
	int n = i2d_PUBKEY(key, &p);
	struct str der = str_dup(a, (struct str){ (char *)p, (size_t)n });
	OPENSSL_free(p);
	return der;
}

static inline struct str new_public_key(struct arena *a, const char *curve)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", curve);
	struct str der = public_key(a, key);
	EVP_PKEY_free(key);
	return der;
}

static inline struct subject_parts subject_cn(struct arena *a, const char *name)
{
	struct subject_part *part = ARENA_NEW(a, struct subject_part);
	*part = (struct subject_part){ STR("2.5.4.3"), str_of(name) };
	return (struct subject_parts){ part, 1 };
}

static inline struct alternatives one_alternative(struct arena *a, enum alternative_kind kind, const char *value)
{
	struct alternative *name = ARENA_NEW(a, struct alternative);
	*name = (struct alternative){ kind, str_of(value) };
	return (struct alternatives){ name, 1 };
}
