/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portolan ca: a certification authority with enrolment over HTTPS.  Each verb is a line of the table.
 */
#include "cli/ca.h"
#include "cli/password.h"

static const struct ca_verb verbs[] = {
	{ "init", "DIR", 1, 1, ca_init },
	{ "install", "DIR CERTIFICATES.pem", 2, 2, ca_install },
	{ "rekey", "DIR", 1, 1, ca_rekey },
	{ "serve", "DIR", 1, 1, ca_serve },
	{ "check", "DIR", 1, 1, ca_check },
	{ "user add", "DIR NAME", 2, 2, ca_user_add },
	{ "user set", "DIR NAME", 2, 2, ca_user_set },
	{ "user passwd", "DIR NAME", 2, 2, ca_user_password },
	{ "user lock", "DIR NAME", 2, 2, ca_user_lock },
	{ "user unlock", "DIR NAME", 2, 2, ca_user_unlock },
	{ "user list", "DIR", 1, 1, ca_user_list },
	{ "pending", "DIR", 1, 1, ca_pending },
	{ "approve", "DIR REQUEST", 2, 2, ca_approve },
	{ "deny", "DIR REQUEST", 2, 2, ca_deny },
	{ "revoke", "DIR SERIAL", 2, 2, ca_revoke },
	{ "list", "DIR", 1, 1, ca_list },
	{ "show", "DIR REQUEST|SERIAL", 2, 2, ca_show },
	{ "crl", "DIR", 1, 1, ca_crl },
	{ "template lint", "DIR", 1, 1, ca_template_lint },
	{ "template show", "DIR [NAME]", 1, 2, ca_template_show },
	{ "template import", "DIR FILE.ldf", 2, 2, ca_template_import },
	{ "audit verify", "DIR", 1, 1, ca_audit_verify },
	{ "export", "DIR", 1, 1, ca_export },
	{ "estate", "DIR", 1, 1, ca_estate },
	{ "client-kit", "DIR KIT", 2, 2, ca_client_kit },
	{ "backup", "DIR COPY", 2, 2, ca_backup },
	{ "restore", "DIR COPY", 2, 2, ca_restore },
};

/* How many operands the words of a verb take; 0: it is another one. */
static size_t matches(const struct ca_verb *verb, const char *const *operands, size_t n)
{
	struct str rest = str_of(verb->words), word;
	size_t used = 0;
	while (str_word(&rest, &word)) {
		if (used == n || !str_is(word, operands[used]))
			return 0;
		used++;
	}
	return used;
}

static void suggest_verb(struct invocation *call)
{
	struct str *words = ARENA_ARRAY(call->arena, struct str, ARRAY_LEN(verbs));
	const char *typed = call->operands[0];
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		words[i] = str_of(verbs[i].words);
		if (str_find(words[i], ' ') != SIZE_MAX && call->n_operands > 1 &&
		    str_is(str_first(words[i], str_find(words[i], ' ')), call->operands[0]))
			typed = arena_printf(call->arena, "%s %s", call->operands[0], call->operands[1]);
	}
	diag_error(call->diag, NOWHERE, "\"ca\" has no verb \"%s\"", typed);
	diag_suggest(call->diag, str_of(typed), words, ARRAY_LEN(verbs));
}

static enum status run(struct invocation *call)
{
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		size_t used = matches(&verbs[i], call->operands, call->n_operands);
		if (!used)
			continue;
		size_t n = call->n_operands - used;
		if (n < verbs[i].least || n > verbs[i].most) {
			diag_error(call->diag, NOWHERE, "%s",
				   n < verbs[i].least ? "an operand is missing" : "too many operands");
			diag_note(call->diag, NOWHERE, "usage: portolan ca %s %s", verbs[i].words, verbs[i].arguments);
			return STATUS_INPUT;
		}
		struct ca_call ca = {
			.call = call, .folder = call->operands[used], .operands = call->operands + used + 1, .n = n - 1
		};
		return verbs[i].run(&ca);
	}
	suggest_verb(call);
	return STATUS_INPUT;
}

static const struct option_row options[] = {
	{ "name", 0, "NAME", NULL, "init: the authority's name, of letters, digits and hyphens" },
	{ "host", 0, "HOST", NULL, "init: the DNS name by which clients reach it" },
	{ "port", 'p', "PORT", NULL, "init: the port of the services (49999)" },
	{ "plain-port", 0, "PORT", NULL, "init: the port of CRL, certificate and OCSP (49980)" },
	{ "key", 'k', "KIND", "rsa-2048 rsa-3072 p-256 p-384", "init, rekey: the authority's key (rsa-3072)" },
	{ "root", 0, NULL, NULL, "init: sign its own certificate; this is the default" },
	{ "request", 0, NULL, NULL, "init: make a certificate request, for install to complete" },
	{ "key-password-file", 0, "FILE", NULL, "init: encrypt the key with the password in FILE, which serve reads" },
	{ "import-pfx", 0, "FILE", NULL, "init: take over the key and the certificates in a PFX (PKCS#12)" },
	{ "import-crl", 0, "FILE", NULL,
	  "init: the last CRL of the authority that is taken over: what it revoked stays revoked" },
	{ "clock", 0, "FILE", NULL, "serve: take the time from FILE, in seconds since 1970; for tests and rehearsals" },
	OPTIONS_PASSWORD,
	{ "group", 'g', "GROUP...", NULL, "user: a group of the account, as templates name it without @" },
	{ "allow", 0, "NAME...", NULL,
	  "user: a name that it may ask for: web1.contoso.com, .contoso.com, ip:10.0.0.1" },
	{ "dns-name", 0, "NAME", NULL, "user: its DNS name, for templates whose subject is from the account" },
	{ "sid", 0, "SID", NULL, "user: its security identifier in Active Directory" },
	{ "owner", 0, "USER", NULL, "user: the Unix user that answers for it, who may not approve its requests" },
	{ "hash", 0, "DIGITS", NULL, "approve: only what pending showed with these digits" },
	{ "why", 0, "TEXT", NULL, "deny, revoke: the reason; the client sees it when a request is denied" },
	{ "reason", 'r', "REASON",
	  "unspecified key-compromise affiliation-changed superseded cessation-of-operation privilege-withdrawn",
	  "revoke: the reason in the CRL" },
	{ "break-glass", 0, "WHY", NULL, "approve: as root, a request of your own; it is recorded" },
	{ "address", 'a', "ADDRESS...", NULL,
	  "estate: an address of the authority, where its listeners are bound to all" },
	{ "from", 0, "ZONE...", NULL, "estate: a zone or host of the estate that its clients are in" },
	OPTION_FORMAT("text json"),
	OPTION_OUTPUT,
	OPTIONS_END,
};

const struct command command_ca = {
	.name = "ca",
	.summary = "run a certification authority that machines enrol with over one HTTPS port",
	.arguments = "VERB DIR ...",
	.about = "Verbs: init, install, rekey, serve, check; user add, user set, user passwd, user lock, user unlock, "
		 "user "
		 "list; "
		 "pending, approve, deny, revoke, list, show, crl; template lint, template show, template import; "
		 "audit verify, export, estate, client-kit, "
		 "backup, restore. init makes a working authority in a folder; serve answers enrolment policy and "
		 "enrolment services of Windows (MS-XCEP, MS-WSTEP) and EST.",
	.options = options,
	.least = 1,
	.most = 5,
	.run = run,
};
