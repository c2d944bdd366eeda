/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verbs that change something: a clerk that runs is asked over its socket; else this program takes the lock and does what
 * the clerk would.
 */
#include <errno.h>
#include <pwd.h>
#include <unistd.h>

#include "authority/folder.h"
#include "authority/hasher.h"
#include "authority/link.h"
#include "authority/processes.h"
#include "authority/walls.h"
#include "base/names.h"
#include "cli/ca.h"
#include "cli/password.h"
#include "pki/certificate.h"
#include "pki/crl.h"

/* What root writes has to be the clerk's, or the clerk could not go on with it. */
static bool become_clerk(struct ca_call *ca, const struct authority_config *c)
{
	const char *user = walled_user(ca->call->arena, WALLED_CLERK, c);
	const struct passwd *p = user ? getpwnam(user) : NULL;
	if (!user)
		return true;
	if (!p)
		return diag_error(ca->call->diag, c->users.at, "there is no user \"%s\"", user);
	return (setegid(p->pw_gid) == 0 && seteuid(p->pw_uid) == 0) ||
	       diag_machine(ca->call->diag, errno, "the user \"%s\" cannot be taken", user);
}

/* Without a clerk. */
static bool run_here(struct ca_call *ca, const struct ask_operation *ask, struct tell_operation *ret)
{
	struct arena *a = ca->call->arena;
	struct diag *d = ca->call->diag;
	struct decider by = { .config = authority_config_read(a, ca->folder, d) };
	if (by.config)
		by.templates = templates_read(a, arena_printf(a, "%s/templates", ca->folder), d);
	if (!by.templates || !become_clerk(ca, by.config) || !authority_lock(a, ca->folder, d))
		return false;
	by.store = store_open(a, arena_printf(a, "%s/state/authority.db", ca->folder), false, d);
	struct audit *audit = by.store ? audit_open(a, arena_printf(a, "%s/state/audit.log", ca->folder), d) : NULL;
	struct operator_id who = operator_of(a, getuid());
	struct operation_effects effects;
	if (!audit)
		return false;
	if (!store_begin(by.store))
		return diag_error(d, NOWHERE, "the store: %s", store_error(by.store));
	operation_run(&by, audit, a, &who, ask, authority_now(), ret, &effects);
	/* the clerk makes a list when it starts and finds none that holds */
	bool ok = !effects.crl || store_set_number(by.store, "crl-next", 0);
	if (!audit_flush(audit))
		return diag_machine(d, errno, "the audit log");
	if (!ok || !store_commit(by.store))
		return diag_error(d, NOWHERE, "the store: %s", store_error(by.store));
	if (effects.sign || effects.crl)
		printf("No clerk runs: %s when \"portolan ca serve\" starts.\n",
		       effects.crl ? "the next CRL is made" : "the certificate is signed");
	return true;
}

static enum status operate(struct ca_call *ca, const struct ask_operation *ask)
{
	struct tell_operation tell = { 0 };
	int fd = authority_connect(ca->folder);
	if (fd >= 0) {
		enum message_type type;
		const void *answer;
		bool heard = link_call(fd, ASK_OPERATION, ask, ca->call->arena, &type, &answer);
		close(fd);
		if (!heard || (type != TELL_OPERATION && type != CALL_FAILED)) {
			diag_machine(ca->call->diag, heard ? EPROTO : ECONNRESET, "the clerk of \"%s\"", ca->folder);
			return STATUS_MACHINE;
		}
		if (type == CALL_FAILED) {
			const struct call_failed *failed = answer;
			tell = (struct tell_operation){ failed->code, failed->text };
		} else {
			tell = *(const struct tell_operation *)answer;
		}
	} else if (!run_here(ca, ask, &tell)) {
		return STATUS_INPUT;
	}
	if (tell.code) {
		fprintf(stderr, "error: %.*s\n", STR_ARG(tell.text));
		return STATUS_NO;
	}
	printf("%.*s\n", STR_ARG(tell.text));
	return STATUS_WELL;
}

static struct str text_option(struct ca_call *ca, const char *name)
{
	const char *text = option(ca->call, name);
	return text ? str_of(text) : STR("");
}

static bool take_request(struct ca_call *ca, uint64_t *ret)
{
	return (str_to_u64(str_of(ca->operands[0]), INT32_MAX, ret) && *ret) ||
	       diag_error(ca->call->diag, NOWHERE, "\"%s\" is not the number of a request", ca->operands[0]);
}

enum status ca_approve(struct ca_call *ca)
{
	struct ask_operation ask = { .kind = OPERATION_APPROVE,
				     .binding = text_option(ca, "hash"),
				     .break_glass = text_option(ca, "break-glass") };
	return take_request(ca, &ask.request_id) ? operate(ca, &ask) : STATUS_INPUT;
}

enum status ca_deny(struct ca_call *ca)
{
	struct ask_operation ask = { .kind = OPERATION_DENY, .text = text_option(ca, "why") };
	return take_request(ca, &ask.request_id) ? operate(ca, &ask) : STATUS_INPUT;
}

static bool serial_of(struct arena *a, struct str hex, struct str *ret)
{
	char *p = arena_alloc(a, SERIAL_BYTES);
	if (hex.n != 2 * SERIAL_BYTES)
		return false;
	for (size_t i = 0; i < SERIAL_BYTES; i++) {
		unsigned byte;
		char digits[3] = { hex.p[2 * i], hex.p[2 * i + 1], '\0' };
		if (strspn(digits, "0123456789abcdefABCDEF") != 2 || sscanf(digits, "%2x", &byte) != 1)
			return false;
		p[i] = (char)byte;
	}
	*ret = (struct str){ p, SERIAL_BYTES };
	return true;
}

enum status ca_revoke(struct ca_call *ca)
{
	struct ask_operation ask = { .kind = OPERATION_REVOKE, .text = text_option(ca, "why") };
	const char *reason = option(ca->call, "reason");
	if (reason)
		ask.reason = (uint64_t)NAME_FIND(revocation_reasons, str_of(reason));
	if (serial_of(ca->call->arena, str_of(ca->operands[0]), &ask.serial))
		return operate(ca, &ask);
	diag_error(ca->call->diag, NOWHERE, "\"%s\" is not a serial number of 32 hexadecimal digits", ca->operands[0]);
	return STATUS_INPUT;
}

enum status ca_crl(struct ca_call *ca)
{
	return operate(ca, &(struct ask_operation){ .kind = OPERATION_CRL });
}

/* Accounts.  A hash is made here: the password itself goes nowhere. */

static bool take_hash(struct ca_call *ca, struct str *ret)
{
	struct arena *a = ca->call->arena;
	struct str password;
	if (!option_password(ca->call, "Password of the account", true, &password))
		return false;
	if (password.n > PASSWORD_MAX || memchr(password.p, '\0', password.n))
		return diag_error(ca->call->diag, NOWHERE, "the password is longer than %d bytes, or not text",
				  PASSWORD_MAX);
	*ret = password_hash(a, cstr(a, password));
	return ret->n || diag_error(ca->call->diag, NOWHERE, "the password cannot be hashed");
}

static struct strs_field list_option(struct ca_call *ca, const char *name)
{
	size_t n;
	const char *const *given = option_all(ca->call, name, &n);
	struct strs_field list = { ARENA_ARRAY(ca->call->arena, struct str, n), 0 };
	/* an empty one empties the list */
	for (size_t i = 0; i < n; i++)
		if (given[i][0])
			list.v[list.n++] = str_of(given[i]);
	return list;
}

static struct ask_operation account_asked(struct ca_call *ca, enum operation_kind kind)
{
	return (struct ask_operation){ .kind = kind,
				       .account = str_of(ca->operands[0]),
				       .has_dns_name = option_given(ca->call, "dns-name"),
				       .has_sid = option_given(ca->call, "sid"),
				       .has_owner = option_given(ca->call, "owner"),
				       .has_groups = option_given(ca->call, "group"),
				       .has_allowed = option_given(ca->call, "allow"),
				       .dns_name = text_option(ca, "dns-name"),
				       .sid = text_option(ca, "sid"),
				       .owner = text_option(ca, "owner"),
				       .groups = list_option(ca, "group"),
				       .allowed = list_option(ca, "allow") };
}

static bool check_allowed(struct ca_call *ca, const struct ask_operation *ask)
{
	for (size_t i = 0; i < ask->allowed.n; i++) {
		const char *wrong = allowed_name_refused(ask->allowed.v[i]);
		if (wrong)
			diag_error(ca->call->diag, NOWHERE, "--allow \"%.*s\": %s", STR_ARG(ask->allowed.v[i]), wrong);
	}
	return diag_errors(ca->call->diag) == 0;
}

enum status ca_user_add(struct ca_call *ca)
{
	struct ask_operation ask = account_asked(ca, OPERATION_ACCOUNT);
	ask.add = true;
	return check_allowed(ca, &ask) && take_hash(ca, &ask.hash) ? operate(ca, &ask) : STATUS_INPUT;
}

enum status ca_user_set(struct ca_call *ca)
{
	struct ask_operation ask = account_asked(ca, OPERATION_ACCOUNT);
	return check_allowed(ca, &ask) ? operate(ca, &ask) : STATUS_INPUT;
}

enum status ca_user_password(struct ca_call *ca)
{
	struct ask_operation ask = { .kind = OPERATION_PASSWORD, .account = str_of(ca->operands[0]) };
	return take_hash(ca, &ask.hash) ? operate(ca, &ask) : STATUS_INPUT;
}

enum status ca_user_lock(struct ca_call *ca)
{
	return operate(ca, &(struct ask_operation){ .kind = OPERATION_LOCK, .account = str_of(ca->operands[0]) });
}

enum status ca_user_unlock(struct ca_call *ca)
{
	return operate(ca, &(struct ask_operation){ .kind = OPERATION_UNLOCK, .account = str_of(ca->operands[0]) });
}
