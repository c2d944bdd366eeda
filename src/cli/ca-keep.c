/* SPDX-License-Identifier: Apache-2.0 */
/* Copies of an authority, and the proof of its audit log. */
#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "authority/folder.h"
#include "authority/keeper.h"
#include "authority/processes.h"
#include "authority/walls.h"
#include "cli/ca.h"

enum { FILE_MOST = 1 << 30 };

static bool copy_file(struct ca_call *ca, const char *from, const char *to, const char *name, bool needed)
{
	struct arena *a = arena_new();
	struct stat st;
	const char *path = arena_printf(a, "%s/%s", from, name);
	bool there = stat(path, &st) == 0, ok = !needed;
	if (there) {
		struct source *s = source_read(a, path, FILE_MOST, ca->call->diag);
		ok = s && authority_write(a, arena_printf(a, "%s/%s", to, name), s->text, (st.st_mode & 077) == 0,
					  ca->call->diag);
	} else if (needed) {
		diag_machine(ca->call->diag, errno, "%s", path);
	}
	arena_free(a);
	return ok;
}

static bool copy_templates(struct ca_call *ca, const char *from, const char *to)
{
	struct arena *a = ca->call->arena;
	DIR *dir = opendir(arena_printf(a, "%s/templates", from));
	bool ok = dir != NULL;
	if (!ok)
		return diag_machine(ca->call->diag, errno, "%s/templates", from);
	for (struct dirent *e; ok && (e = readdir(dir));)
		if (str_ends(str_of(e->d_name), ".yaml"))
			ok = copy_file(ca, from, to, arena_printf(a, "templates/%s", e->d_name), true);
	closedir(dir);
	return ok;
}

/* A copy is for whoever made it; an authority is entered by processes of other users, as `ca init` makes it. */
static bool make_folders(struct ca_call *ca, const char *to, mode_t mode)
{
	static const char *const inner[] = { "", "/templates", "/state" };
	for (size_t i = 0; i < ARRAY_LEN(inner); i++) {
		const char *path = arena_printf(ca->call->arena, "%s%s", to, inner[i]);
		if (mkdir(path, strcmp(inner[i], "/state") == 0 ? 0700 : mode) < 0)
			return diag_machine(ca->call->diag, errno, "cannot make \"%s\"", path);
	}
	return true;
}

/* Of the keys after the first: the certificate last, as they were made (authority/keys.h). */
static bool copy_keys(struct ca_call *ca, const char *from, const char *to)
{
	struct arena *a = ca->call->arena;
	size_t n = authority_keys(from);
	for (size_t key = 1; key < n; key++)
		if (!copy_file(ca, from, to, authority_key_file(a, ".", key, ".key"), true) ||
		    !copy_file(ca, from, to, authority_key_file(a, ".", key, ".pem"), true))
			return false;
	return true;
}

/* Everything but the store and the log, which come last and in an order that keeps them true to each other. */
static bool copy_rest(struct ca_call *ca, const char *from, const char *to)
{
	return copy_file(ca, from, to, "authority.yaml", true) && copy_templates(ca, from, to) &&
	       copy_file(ca, from, to, "ca.key", false) && copy_file(ca, from, to, "ca.pem", false) &&
	       copy_keys(ca, from, to) && copy_file(ca, from, to, "ca.csr", false) &&
	       copy_file(ca, from, to, "state/tls.pem", false) && copy_file(ca, from, to, "state/tls.key", false);
}

/* The store first: what it holds has its records in a log that is copied later. */
enum status ca_backup(struct ca_call *ca)
{
	const char *to = ca->operands[0];
	struct store *s = ca_store(ca);
	if (!s)
		return STATUS_INPUT;
	if (!make_folders(ca, to, 0700) || !copy_rest(ca, ca->folder, to))
		return STATUS_INPUT;
	if (!store_copy(s, arena_printf(ca->call->arena, "%s/state/authority.db", to)))
		return ca_store_failed(ca, s);
	if (!copy_file(ca, ca->folder, to, "state/audit.log", true))
		return STATUS_INPUT;
	printf("The copy is in %s. It holds the key of the authority.\n", to);
	return STATUS_WELL;
}

/* The lists of all keys are made anew. */
static bool lists_due(struct store *s, struct arena *a)
{
	bool ok = true;
	for (size_t key = 0; ok && key < AUTHORITY_KEYS_MAX; key++)
		ok = store_set_number(s, authority_key_number(a, "crl-next", key), 0);
	return ok;
}

/*
 * Serial numbers are random and so never repeat; numbers of lists are counted, and go on far beyond those that were
 * published after the copy was made.
 */
static bool go_on(struct ca_call *ca)
{
	enum { LISTS_MISSED_AT_MOST = 1 << 20 };
	struct arena *a = ca->call->arena;
	struct diag *d = ca->call->diag;
	int64_t number;
	struct store *s = store_open(a, arena_printf(a, "%s/state/authority.db", ca->folder), false, d);
	struct audit *audit = s ? audit_open(a, arena_printf(a, "%s/state/audit.log", ca->folder), d) : NULL;
	if (!audit)
		return false;
	json_put_str(audit_begin(audit, "restored", authority_now()), "operator", operator_of(a, getuid()).name);
	audit_end(audit);
	bool ok = audit_flush(audit) && store_begin(s) && store_number(s, "crl-number", &number) &&
		  store_set_number(s, "crl-number", number + LISTS_MISSED_AT_MOST) && lists_due(s, a) &&
		  store_commit(s);
	return ok || diag_error(d, NOWHERE, "the store: %s", store_error(s));
}

enum status ca_restore(struct ca_call *ca)
{
	const char *from = ca->operands[0];
	struct arena *a = ca->call->arena;
	const struct authority_config *c;
	if (!make_folders(ca, ca->folder, 0755) || !copy_rest(ca, from, ca->folder) ||
	    !copy_file(ca, from, ca->folder, "state/authority.db", true) ||
	    !copy_file(ca, from, ca->folder, "state/audit.log", true) || !go_on(ca) ||
	    !(c = authority_config_read(a, ca->folder, ca->call->diag)) ||
	    !authority_give_state(a, ca->folder, walled_user(a, WALLED_CLERK, c), ca->call->diag))
		return STATUS_INPUT;
	printf("The authority is in %s.\n", ca->folder);
	return STATUS_WELL;
}

/* The audit log */

struct proof {
	struct arena *arena;
	const struct authority_config *config;
	X509 *authorities[AUTHORITY_KEYS_MAX];
	size_t n;
};

static bool is_signed_by(EVP_PKEY *key, struct str text, struct str signature)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool ok = md && EVP_DigestVerifyInit(md, NULL, keeper_digest(key), NULL, key) == 1 &&
		  EVP_DigestVerify(md, (const unsigned char *)signature.p, signature.n, (const unsigned char *)text.p,
				   text.n) == 1;
	EVP_MD_CTX_free(md);
	return ok;
}

static bool is_signed(void *ctx, const struct ask_statement *said, struct str signature)
{
	struct proof *p = ctx;
	struct str text = statement_text(p->arena, p->config->name.s, said);
	for (size_t i = 0; i < p->n; i++)
		if (is_signed_by(X509_get0_pubkey(p->authorities[i]), text, signature))
			return true;
	return false;
}

static bool read_authorities(struct ca_call *ca, struct proof *p)
{
	size_t keys = MAX(authority_keys(ca->folder), (size_t)1), n;
	for (; p->n < keys; p->n++) {
		X509 *const *chain = authority_chain_of(p->arena, ca->folder, p->n, &n, ca->call->diag);
		if (!chain)
			return false;
		p->authorities[p->n] = chain[0];
	}
	return true;
}

enum status ca_audit_verify(struct ca_call *ca)
{
	struct arena *a = ca->call->arena;
	struct proof p = { .arena = a, .config = authority_config_read(a, ca->folder, ca->call->diag) };
	struct audit_report r;
	if (!p.config || !read_authorities(ca, &p) ||
	    !audit_verify(a, arena_printf(a, "%s/state/audit.log", ca->folder), is_signed, &p, &r, ca->call->diag))
		return STATUS_INPUT;
	if (r.why) {
		printf("line %llu: %s\n", (unsigned long long)r.wrong_line, r.why);
		return STATUS_NO;
	}
	printf("%llu records, %llu signed statements: the chain is whole\n", (unsigned long long)r.records,
	       (unsigned long long)r.statements);
	return STATUS_WELL;
}
