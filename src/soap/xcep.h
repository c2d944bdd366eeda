/* SPDX-License-Identifier: Apache-2.0 */
/* GetPolicies and its answer (MS-XCEP 3.1.4.1), both directions. */
#pragma once

#include "soap/envelope.h"

enum {
	AUTHENTICATION_PASSWORD = 4, /* MS-XCEP 3.1.4.1.3.2 */
	AUTHENTICATION_CERTIFICATE = 8,
	XCEP_TEMPLATES_MAX = 200,
	XCEP_URIS_MAX = 32,
};

struct strs_field {
	struct str *v;
	size_t n;
};

/* One template as a caller sees it. */
struct template_view {
	struct str name, display, oid;
	uint64_t schema, major, minor;
	uint64_t validity, renewal; /* seconds */
	bool enrol, autoenrol;
	uint64_t key_bits;
	uint64_t key_spec;        /* 0: none */
	struct str key_algorithm; /* OID; empty: RSA, not said */
	struct strs_field providers;
	uint64_t key_flags, name_flags, enrolment_flags, general_flags;
	struct strs_field ekus; /* dotted */
	uint64_t usages;        /* bits as X509v3 KeyUsage has them */
};

struct template_views {
	struct template_view *v;
	size_t n;
};

struct enrolment_uri {
	uint64_t authentication;
	uint64_t priority; /* lower is tried first */
	bool renewal_only;
	struct str uri;
};

struct enrolment_uris {
	struct enrolment_uri *v;
	size_t n;
};

struct policy_view {
	struct str id, friendly_name;
	uint64_t next_update_hours;
	bool unchanged;
	struct str authority;     /* its certificate, DER */
	struct strs_field former; /* those of its keys before, DER; templates refer to none of them */
	bool enrol;
	struct template_views templates;
	struct enrolment_uris uris;
};

struct xcep_request {
	bool has_last_update;
	int64_t last_update;
	bool has_filter;
	bool has_client, has_server; /* a version that is not nil */
	uint64_t client_version, server_version;
	struct strs_field oids; /* none: no filter */
};

bool xcep_read_request(struct arena *a, const struct xml *body, struct xcep_request *ret, struct soap_fault *fault);

/* MS-XCEP 3.1.4.1.3.23 hides templates that are newer than the versions of the filter. */
bool xcep_shows(const struct xcep_request *r, const struct template_view *t);

void xcep_write_answer(struct arena *a, struct out *o, const struct policy_view *p, struct str relates_to);

void xcep_write_request(struct out *o, struct str message_id, struct str to, struct str username, struct str password);

/* An answer, by a client.  NULL, or what is wrong with it. */
const char *xcep_read_answer(struct arena *a, const struct xml *body, struct policy_view *ret);
