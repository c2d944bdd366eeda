/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs that make an authority, serve it and check it. */
#include <pwd.h>
#include <unistd.h>

#include "authority/create.h"
#include "authority/folder.h"
#include "authority/processes.h"
#include "authority/serve.h"
#include "authority/take-over.h"
#include "authority/duration.h"
#include "authority/template-fields.h"
#include "authority/template-ldif.h"
#include "base/names.h"
#include "cli/ca.h"
#include "cli/password.h"
#include "cli/secret.h"

static bool take_port(struct ca_call *ca, const char *name, uint64_t otherwise, uint64_t *ret)
{
	const char *text = option(ca->call, name);
	*ret = otherwise;
	if (!text || (str_to_u64(str_of(text), 65535, ret) && *ret))
		return true;
	return diag_error(ca->call->diag, NOWHERE, "--%s \"%s\" is not a port", name, text);
}

/* Separate users need to be there; without them, as root, the processes keep root and serve says so. */
static const char *users_for_init(void)
{
	return geteuid() == 0 && !getpwnam("portolan-ca") ? "root" : NULL;
}

static bool read_taken(struct ca_call *ca, struct take_over *taken)
{
	struct invocation *call = ca->call;
	struct str password;
	if (!taken->pfx)
		return diag_error(call->diag, NOWHERE, "--import-crl goes with --import-pfx");
	if (option_given(call, "request") || option(call, "key"))
		return diag_error(call->diag, NOWHERE,
				  "--import-pfx brings its key: it goes with neither --request nor --key");
	if (!option_password(call, "Password of the PFX: ", false, &password))
		return false;
	taken->password = cstr(call->arena, password);
	bool ok = take_over_read(call->arena, taken, call->diag);
	explicit_bzero((void *)(uintptr_t)taken->password, password.n);
	if (password.n)
		explicit_bzero((void *)(uintptr_t)password.p, password.n);
	return ok;
}

enum status ca_init(struct ca_call *ca)
{
	struct invocation *call = ca->call;
	const char *name = option(call, "name"), *host = option(call, "host"), *key = option(call, "key");
	struct authority_creation c = { .folder = ca->folder,
					.name = str_of(name),
					.host = str_of(host),
					.request = option_given(call, "request"),
					.key = MAKE_RSA_3072,
					.key_password_file = option(call, "key-password-file"),
					.users = users_for_init() };
	if (!name || !host)
		diag_error(call->diag, NOWHERE, "init needs --name NAME and --host HOST");
	if (c.request && option_given(call, "root"))
		diag_error(call->diag, NOWHERE, "--root and --request are two kinds of authority");
	take_port(ca, "port", 49999, &c.port);
	take_port(ca, "plain-port", 49980, &c.plain_port);
	if (key)
		c.key = (enum authority_key_kind)NAME_FIND(authority_key_kinds, str_of(key));
	if (diag_errors(call->diag) || !option_secret(call, "key-password-file", 8, &c.key_password))
		return STATUS_INPUT;
	if (c.key_password_file && c.key_password_file[0] != '/')
		c.key_password_file = realpath(c.key_password_file, NULL);
	struct take_over taken = { .pfx = option(call, "import-pfx"), .crl = option(call, "import-crl") };
	if (taken.pfx || taken.crl) {
		if (!read_taken(ca, &taken))
			return STATUS_INPUT;
		c.take_over = &taken;
	}
	if (!authority_create(call->arena, &c, call->diag))
		return STATUS_INPUT;
	if (c.take_over && !taken.crl)
		diag_warn(call->diag, NOWHERE,
			  "without --import-crl, what was revoked before is in no list of this authority");
	printf(c.request ? "The request is in %s/ca.csr; \"portolan ca install %s CERTIFICATES.pem\" completes it.\n"
			 : "The authority is in %s. \"portolan ca serve %s\" starts it; its certificate is ca.pem.\n",
	       ca->folder, ca->folder);
	return STATUS_WELL;
}

enum status ca_rekey(struct ca_call *ca)
{
	struct invocation *call = ca->call;
	const char *kind = option(call, "key");
	size_t key;
	if (!authority_rekey(call->arena, ca->folder,
			     kind ? (enum authority_key_kind)NAME_FIND(authority_key_kinds, str_of(kind))
				  : MAKE_RSA_3072,
			     &key, call->diag))
		return STATUS_INPUT;
	printf("The new key is %s, and its certificate %s, which clients need.\n"
	       "SIGHUP to \"portolan ca serve\" begins to sign with it; what the key before it issued stays valid.\n",
	       authority_key_file(call->arena, ca->folder, key, ".key"),
	       authority_key_file(call->arena, ca->folder, key, ".pem"));
	return STATUS_WELL;
}

enum status ca_install(struct ca_call *ca)
{
	return authority_install(ca->call->arena, ca->folder, ca->operands[0], ca->call->diag) ? STATUS_WELL
											       : STATUS_INPUT;
}

enum status ca_serve(struct ca_call *ca)
{
	struct out log = out_fd(2);
	struct serve_options o = { .folder = ca->folder, .clock = option(ca->call, "clock"), .log = &log };
	bool ok = authority_serve(ca->call->arena, &o, ca->call->diag);
	out_flush(&log);
	out_free(&log);
	return ok ? STATUS_WELL : STATUS_MACHINE;
}

static const struct templates *templates_of(struct ca_call *ca)
{
	struct arena *a = ca->call->arena;
	const char *inner = arena_printf(a, "%s/templates", ca->folder);
	return templates_read(a, access(inner, F_OK) == 0 ? inner : ca->folder, ca->call->diag);
}

enum status ca_template_lint(struct ca_call *ca)
{
	const struct templates *t = templates_of(ca);
	if (!t)
		return STATUS_INPUT;
	printf("%zu template%s, nothing to report\n", t->n, t->n == 1 ? "" : "s");
	return STATUS_WELL;
}

static void show_template(struct arena *a, const struct template *t)
{
	printf("%.*s (%.*s) %llu.%llu\n", STR_ARG(t->name.s), STR_ARG(t->oid.s), (unsigned long long)t->major.n,
	       (unsigned long long)t->minor.n);
	printf("  validity %.*s, renewal %.*s, key %s", STR_ARG(duration_text(a, t->validity.n)),
	       STR_ARG(duration_text(a, t->renewal.n)), template_key_words[t->key.n]);
	if (t->key.n == KEY_RSA)
		printf(" of %llu bits", (unsigned long long)t->key_bits.n);
	printf(", subject %s\n  ekus", template_subject_words[t->subject.n]);
	for (size_t i = 0; i < t->n_eku_oids; i++)
		printf("%s %.*s", i ? "," : "", STR_ARG(eku_word(t->eku_oids[i])));
	printf("\n  flags: enrolment 0x%llx, names 0x%llx, key 0x%llx, general 0x%llx\n",
	       (unsigned long long)template_enrolment_flags(t), (unsigned long long)template_name_flags(t),
	       (unsigned long long)template_key_flags(t), (unsigned long long)template_general_flags(t));
}

enum status ca_template_show(struct ca_call *ca)
{
	const struct templates *t = templates_of(ca);
	if (!t)
		return STATUS_INPUT;
	const struct template *one = ca->n ? template_named(t, str_of(ca->operands[0])) : NULL;
	if (ca->n && !one) {
		diag_error(ca->call->diag, NOWHERE, "there is no template \"%s\"", ca->operands[0]);
		return STATUS_INPUT;
	}
	for (size_t i = 0; i < t->n; i++)
		if (!one || one == &t->v[i])
			show_template(ca->call->arena, &t->v[i]);
	return STATUS_WELL;
}

/* Written when this authority takes it; what it became is said in any case. */
static bool import_one(struct ca_call *ca, const struct imported_template *t)
{
	struct arena *a = ca->call->arena;
	struct diag *d = diag_new(a);
	struct template read;
	const char *path = arena_printf(a, "%s/templates/%.*s.yaml", ca->folder, STR_ARG(t->name));
	printf("%.*s\n", STR_ARG(str_shown(a, t->name)));
	for (size_t i = 0; i < t->n_notes; i++)
		printf("  %.*s\n", STR_ARG(str_shown(a, t->notes[i])));
	if (t->refused) {
		printf("  not imported: %s\n", t->refused);
		return false;
	}
	struct source *s = source_of_text(a, arena_printf(a, "%.*s.yaml", STR_ARG(t->name)), t->yaml);
	if (!template_read(a, s, &read, d)) {
		for (size_t i = 0; i < diag_count(d); i++)
			printf("  %s: %s\n", diag_entry(d, i)->level == DIAG_ERROR ? "not imported" : "note",
			       diag_entry(d, i)->text);
		return false;
	}
	if (access(path, F_OK) == 0) {
		printf("  not imported: there is a file %s\n", path);
		return false;
	}
	if (!authority_write(a, path, t->yaml, false, ca->call->diag))
		return false;
	printf("  %s\n", path);
	return true;
}

enum status ca_template_import(struct ca_call *ca)
{
	struct invocation *call = ca->call;
	struct source *s = source_read(call->arena, ca->operands[0], LDIF_FILE_MAX, call->diag);
	struct imported_templates all;
	bool ok = true;
	if (!s || !templates_import(call->arena, s, &all, call->diag))
		return STATUS_INPUT;
	if (!all.n) {
		diag_error(call->diag, NOWHERE, "\"%s\" holds no pKICertificateTemplate", ca->operands[0]);
		return STATUS_INPUT;
	}
	for (size_t i = 0; i < all.n; i++)
		ok &= import_one(ca, &all.v[i]);
	return ok ? STATUS_WELL : STATUS_NO;
}
