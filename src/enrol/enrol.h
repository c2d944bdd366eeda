/* SPDX-License-Identifier: Apache-2.0 */
/* The enrolment client: policy, request, waiting, renewal, by MS-XCEP and MS-WSTEP. */
#pragma once

#include "enrol/csr.h"
#include "enrol/state.h"
#include "enrol/web.h"

enum enrol_end {
	ENROL_END_ISSUED,
	ENROL_END_PENDING,
	ENROL_END_DENIED,  /* the server said no */
	ENROL_END_NETWORK, /* nobody could be reached */
	ENROL_END_INPUT,   /* an error in the diagnostics */
};

struct enrol_call {
	struct arena *arena;
	struct diag *diag;
	struct web *web;
	struct enrol_folder folder;
	struct enrol_state state;
	struct str username, password;
	/* of the end */
	struct str message; /* the server's words, or what failed */
	uint32_t code;      /* HRESULT of a denial; 0: none */
	uint64_t request_id;
};

struct enrol_wish {
	struct str policy_url;
	struct str template_name;
	struct subject_parts subject;
	struct alternatives alternatives;
	int key; /* enum enrol_key; -1: as the template says */
};

/* Reads the policy of an address: by password, or with the pair in use.  False after an end, which is in *end. */
bool enrol_policy(struct enrol_call *call, struct str url, bool by_pair, struct policy_view *ret, enum enrol_end *end);

/* A new certificate: policy, key, request. */
enum enrol_end enrol_new(struct enrol_call *call, const struct enrol_wish *wish);

/* Asks for the request that waits. */
enum enrol_end enrol_poll(struct enrol_call *call);

/* A new certificate by the one in use; new_key: with another key. */
enum enrol_end enrol_renew(struct enrol_call *call, bool new_key);

/* Seconds since 1970. */
int64_t certificate_end(const X509 *c);
