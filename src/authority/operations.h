/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What operators do: approve, deny, revoke, accounts.  The clerk runs them for whoever connects to its socket, and `portolan
 * ca` itself while no clerk runs.  The caller holds the transaction.
 */
#pragma once

#include <sys/types.h>

#include "authority/audit.h"
#include "authority/decide.h"

struct operator_id {
	uid_t uid;
	struct str name; /* of the Unix user */
};

/* What has to follow once it is on disk. */
struct operation_effects {
	uint64_t sign; /* a request that was approved; 0: none */
	bool crl;      /* a new list of revoked certificates */
};

void operation_run(const struct decider *by, struct audit *audit, struct arena *a, const struct operator_id *who,
		   const struct ask_operation *ask, int64_t now, struct tell_operation *ret,
		   struct operation_effects *effects);

/* The name of a Unix user, or its number. */
struct operator_id operator_of(struct arena *a, uid_t uid);

/* What an approval is bound to: the request and the version of the template, as 16 hexadecimal digits. */
struct str request_binding(struct arena *a, const struct request_row *r);

/* The message that the keeper gets for a request, as the store keeps it, and back. */
struct str ask_packed(struct arena *a, const struct ask_certificate *ask);
bool ask_unpacked(struct arena *a, struct str bytes, struct ask_certificate *ret);

/* NULL, or why it is not a name that an account may be allowed: "web1.contoso.com", ".contoso.com", "ip:10.0.0.1", "cn:Web 1". */
const char *allowed_name_refused(struct str entry);
