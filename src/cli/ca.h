/* SPDX-License-Identifier: Apache-2.0 */
/* What the verbs of `portolan ca` share. */
#pragma once

#include "authority/operations.h"
#include "cli/command.h"

/* One call of a verb: its folder, and the operands after that. */
struct ca_call {
	struct invocation *call;
	const char *folder;
	const char *const *operands;
	size_t n;
};

struct ca_verb {
	const char *words; /* "user add" */
	const char *arguments;
	unsigned least, most; /* operands, the folder included */
	enum status (*run)(struct ca_call *ca);
};

enum status ca_init(struct ca_call *ca);
enum status ca_install(struct ca_call *ca);
enum status ca_rekey(struct ca_call *ca);
enum status ca_serve(struct ca_call *ca);
enum status ca_check(struct ca_call *ca);
enum status ca_template_lint(struct ca_call *ca);
enum status ca_template_show(struct ca_call *ca);
enum status ca_template_import(struct ca_call *ca);

enum status ca_approve(struct ca_call *ca);
enum status ca_deny(struct ca_call *ca);
enum status ca_revoke(struct ca_call *ca);
enum status ca_crl(struct ca_call *ca);
enum status ca_user_add(struct ca_call *ca);
enum status ca_user_set(struct ca_call *ca);
enum status ca_user_password(struct ca_call *ca);
enum status ca_user_lock(struct ca_call *ca);
enum status ca_user_unlock(struct ca_call *ca);

enum status ca_user_list(struct ca_call *ca);
enum status ca_pending(struct ca_call *ca);
enum status ca_list(struct ca_call *ca);
enum status ca_show(struct ca_call *ca);
enum status ca_export(struct ca_call *ca);

enum status ca_estate(struct ca_call *ca);
enum status ca_client_kit(struct ca_call *ca);

enum status ca_backup(struct ca_call *ca);
enum status ca_restore(struct ca_call *ca);
enum status ca_audit_verify(struct ca_call *ca);

/* The store of the folder, to read.  NULL after errors. */
struct store *ca_store(struct ca_call *ca);
struct str ca_time(struct arena *a, int64_t t); /* "2026-11-30 12:00:00Z" */
/* What a failed database said, as an error; STATUS_MACHINE. */
enum status ca_store_failed(struct ca_call *ca, struct store *s);
