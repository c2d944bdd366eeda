/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of all messages, with the limit of each field. */
#include "authority/messages.h"

enum {
	CERTIFICATE_MAX = 16 << 10,
	REQUEST_MAX = 32 << 10,
	KEY_MAX = 4 << 10,
	SIGNED_MAX = 96 << 10,
	CRL_MAX = 48 << 20,
	REVOKED_MAX = 1000000,
};

#define NUMBER(of, member, limit)                                                                                \
	{                                                                                                        \
		.name = #member, .kind = FIELD_OF_NUMBER, .offset = offsetof(struct of, member), .most = (limit) \
	}
#define TIME(of, member)                                                                      \
	{                                                                                     \
		.name = #member, .kind = FIELD_OF_TIME, .offset = offsetof(struct of, member) \
	}
#define YES(of, member)                                                                      \
	{                                                                                    \
		.name = #member, .kind = FIELD_OF_YES, .offset = offsetof(struct of, member) \
	}
#define BYTES(of, member, limit)                                                                                \
	{                                                                                                       \
		.name = #member, .kind = FIELD_OF_BYTES, .offset = offsetof(struct of, member), .most = (limit) \
	}
#define STRS(of, member, limit)                                                                                \
	{                                                                                                      \
		.name = #member, .kind = FIELD_OF_STRS, .offset = offsetof(struct of, member), .most = (limit) \
	}
#define LIST(of_, member, limit, shape)                                                                          \
	{                                                                                                        \
		.name = #member, .kind = FIELD_OF_LIST, .offset = offsetof(struct of_, member), .most = (limit), \
		.of = &shape                                                                                     \
	}
#define PART(of_, member, shape)                                                                                \
	{                                                                                                       \
		.name = #member, .kind = FIELD_OF_MESSAGE, .offset = offsetof(struct of_, member), .of = &shape \
	}
#define SHAPE(of)                                                           \
	{                                                                   \
#of, sizeof(struct of), of##_fields, ARRAY_LEN(of##_fields) \
	}

static const struct message_field subject_part_fields[] = {
	BYTES(subject_part, oid, 128),
	BYTES(subject_part, value, NAME_VALUE_MAX),
};
static const struct message_shape subject_part_shape = SHAPE(subject_part);

static const struct message_field alternative_fields[] = {
	NUMBER(alternative, kind, N_ALTERNATIVES - 1),
	BYTES(alternative, value, NAME_VALUE_MAX),
};
static const struct message_shape alternative_shape = SHAPE(alternative);

static const struct message_field identity_fields[] = {
	BYTES(identity, address, 64),
	BYTES(identity, username, 256),
	BYTES(identity, password, 1024),
	BYTES(identity, certificate, CERTIFICATE_MAX),
};
static const struct message_shape identity_shape = SHAPE(identity);

static const struct message_field ask_policy_fields[] = {
	PART(ask_policy, who, identity_shape),
	NUMBER(ask_policy, way, N_WAYS - 1),
	YES(ask_policy, key_based_renewal),
};
static const struct message_shape ask_policy_shape = SHAPE(ask_policy);

static const struct message_field template_view_fields[] = {
	BYTES(template_view, name, 128),
	BYTES(template_view, display, 256),
	BYTES(template_view, oid, 128),
	NUMBER(template_view, schema, 4),
	NUMBER(template_view, major, INT32_MAX),
	NUMBER(template_view, minor, INT32_MAX),
	NUMBER(template_view, validity, INT64_MAX),
	NUMBER(template_view, renewal, INT64_MAX),
	YES(template_view, enrol),
	YES(template_view, autoenrol),
	NUMBER(template_view, key_bits, 16384),
	NUMBER(template_view, key_spec, 2),
	BYTES(template_view, key_algorithm, 128),
	STRS(template_view, providers, 16),
	NUMBER(template_view, key_flags, UINT32_MAX),
	NUMBER(template_view, name_flags, UINT32_MAX),
	NUMBER(template_view, enrolment_flags, UINT32_MAX),
	NUMBER(template_view, general_flags, UINT32_MAX),
	STRS(template_view, ekus, 64),
	NUMBER(template_view, usages, UINT16_MAX),
};
static const struct message_shape template_view_shape = SHAPE(template_view);

static const struct message_field enrolment_uri_fields[] = {
	NUMBER(enrolment_uri, authentication, 8),
	NUMBER(enrolment_uri, priority, INT32_MAX),
	YES(enrolment_uri, renewal_only),
	BYTES(enrolment_uri, uri, 2048),
};
static const struct message_shape enrolment_uri_shape = SHAPE(enrolment_uri);

static const struct message_field tell_policy_fields[] = {
	NUMBER(tell_policy, code, UINT32_MAX),
	BYTES(tell_policy, text, 1024),
	BYTES(tell_policy, policy_id, 64),
	BYTES(tell_policy, friendly_name, 256),
	NUMBER(tell_policy, next_update_hours, 8760),
	TIME(tell_policy, changed),
	BYTES(tell_policy, authority, CERTIFICATE_MAX),
	STRS(tell_policy, former, AUTHORITY_KEYS_MAX - 1),
	YES(tell_policy, enrol),
	LIST(tell_policy, templates, 200, template_view_shape),
	LIST(tell_policy, uris, 32, enrolment_uri_shape),
};
static const struct message_shape tell_policy_shape = SHAPE(tell_policy);

static const struct message_field hint_fields[] = {
	BYTES(hint, name, 256),          BYTES(hint, oid, 128),           YES(hint, has_version),
	NUMBER(hint, major, UINT32_MAX), NUMBER(hint, minor, UINT32_MAX),
};
static const struct message_shape hint_shape = SHAPE(hint);

static const struct message_field ask_enrol_fields[] = {
	PART(ask_enrol, who, identity_shape),
	NUMBER(ask_enrol, way, N_WAYS - 1),
	YES(ask_enrol, renewal),
	YES(ask_enrol, renewal_only),
	BYTES(ask_enrol, protocol, 16),
	BYTES(ask_enrol, message_id, 256),
	BYTES(ask_enrol, body_hash, 32),
	BYTES(ask_enrol, csr, REQUEST_MAX),
	BYTES(ask_enrol, key, KEY_MAX),
	BYTES(ask_enrol, key_algorithm, 16),
	NUMBER(ask_enrol, key_bits, 16384),
	LIST(ask_enrol, subject, SUBJECT_PARTS_MAX, subject_part_shape),
	LIST(ask_enrol, alternatives, ALTERNATIVES_MAX, alternative_shape),
	LIST(ask_enrol, hints, 8, hint_shape),
	BYTES(ask_enrol, renewed, CERTIFICATE_MAX),
	YES(ask_enrol, renewed_signed),
	YES(ask_enrol, sha1),
	YES(ask_enrol, cmc),
};
static const struct message_shape ask_enrol_shape = SHAPE(ask_enrol);

static const struct message_field ask_status_fields[] = {
	PART(ask_status, who, identity_shape),     NUMBER(ask_status, way, N_WAYS - 1), BYTES(ask_status, protocol, 16),
	NUMBER(ask_status, request_id, INT32_MAX), BYTES(ask_status, key, KEY_MAX),     YES(ask_status, cmc),
};
static const struct message_shape ask_status_shape = SHAPE(ask_status);

static const struct message_field tell_enrol_fields[] = {
	NUMBER(tell_enrol, outcome, ENROL_BROKEN),
	NUMBER(tell_enrol, code, UINT32_MAX),
	BYTES(tell_enrol, text, 1024),
	NUMBER(tell_enrol, request_id, INT32_MAX),
	BYTES(tell_enrol, certificate, CERTIFICATE_MAX),
	STRS(tell_enrol, chain, 8),
	BYTES(tell_enrol, cmc, SIGNED_MAX),
	NUMBER(tell_enrol, retry_after, UINT32_MAX),
};
static const struct message_shape tell_enrol_shape = SHAPE(tell_enrol);

static const struct message_field ask_published_fields[] = {
	NUMBER(ask_published, kind, N_PUBLISHED - 1),
	NUMBER(ask_published, key, AUTHORITY_KEYS_MAX - 1),
	BYTES(ask_published, request, 4096),
};
static const struct message_shape ask_published_shape = SHAPE(ask_published);

static const struct message_field tell_published_fields[] = {
	YES(tell_published, found),     BYTES(tell_published, bytes, CRL_MAX),
	STRS(tell_published, chain, 8), TIME(tell_published, made),
	TIME(tell_published, next),
};
static const struct message_shape tell_published_shape = SHAPE(tell_published);

static const struct message_field tell_state_fields[] = {
	NUMBER(tell_state, pending, INT64_MAX),
	NUMBER(tell_state, certificates, INT64_MAX),
	NUMBER(tell_state, revoked, INT64_MAX),
	NUMBER(tell_state, hashing, INT64_MAX),
	TIME(tell_state, crl_ends),
	TIME(tell_state, listeners_end),
	TIME(tell_state, authority_ends),
};
static const struct message_shape tell_state_shape = SHAPE(tell_state);

static const struct message_field tell_crl_fields[] = {
	NUMBER(tell_crl, key, AUTHORITY_KEYS_MAX - 1),
	BYTES(tell_crl, bytes, CRL_MAX),
};
static const struct message_shape tell_crl_shape = SHAPE(tell_crl);

static const struct message_field tell_tls_fields[] = {
	STRS(tell_tls, chain, 8),
	BYTES(tell_tls, key, 16384),
};
static const struct message_shape tell_tls_shape = SHAPE(tell_tls);

static const struct message_field ask_password_fields[] = {
	BYTES(ask_password, password, 1024),
	BYTES(ask_password, hash, 512),
};
static const struct message_shape ask_password_shape = SHAPE(ask_password);

static const struct message_field tell_password_fields[] = {
	YES(tell_password, right),
	YES(tell_password, busy),
	BYTES(tell_password, hash, 512),
};
static const struct message_shape tell_password_shape = SHAPE(tell_password);

static const struct message_field ask_certificate_fields[] = {
	BYTES(ask_certificate, template_name, 128),
	BYTES(ask_certificate, template_hash, 64),
	BYTES(ask_certificate, serial, 20),
	BYTES(ask_certificate, key, KEY_MAX),
	LIST(ask_certificate, subject, SUBJECT_PARTS_MAX, subject_part_shape),
	LIST(ask_certificate, alternatives, ALTERNATIVES_MAX, alternative_shape),
	TIME(ask_certificate, not_before),
	TIME(ask_certificate, not_after),
	BYTES(ask_certificate, sid, 256),
	YES(ask_certificate, cmc),
};
static const struct message_shape ask_certificate_shape = SHAPE(ask_certificate);

static const struct message_field tell_certificate_fields[] = {
	BYTES(tell_certificate, certificate, CERTIFICATE_MAX),
	BYTES(tell_certificate, cmc, SIGNED_MAX),
};
static const struct message_shape tell_certificate_shape = SHAPE(tell_certificate);

static const struct message_field ask_cmc_fields[] = {
	NUMBER(ask_cmc, status, 3),
	BYTES(ask_cmc, text, 1024),
	NUMBER(ask_cmc, request_id, INT32_MAX),
	BYTES(ask_cmc, certificate, CERTIFICATE_MAX),
};
static const struct message_shape ask_cmc_shape = SHAPE(ask_cmc);

static const struct message_field revoked_fields[] = {
	BYTES(revoked, serial, 20),
	TIME(revoked, at),
	NUMBER(revoked, reason, 10),
};
static const struct message_shape revoked_shape = SHAPE(revoked);

static const struct message_field ask_crl_fields[] = {
	NUMBER(ask_crl, number, INT64_MAX),
	NUMBER(ask_crl, key, AUTHORITY_KEYS_MAX - 1),
	TIME(ask_crl, now),
	TIME(ask_crl, next),
	LIST(ask_crl, revoked, REVOKED_MAX, revoked_shape),
};
static const struct message_shape ask_crl_shape = SHAPE(ask_crl);

static const struct message_field ocsp_single_fields[] = {
	BYTES(ocsp_single, certificate_id, 512),
	NUMBER(ocsp_single, status, 2),
	TIME(ocsp_single, at),
	NUMBER(ocsp_single, reason, 10),
};
static const struct message_shape ocsp_single_shape = SHAPE(ocsp_single);

static const struct message_field ask_ocsp_fields[] = {
	NUMBER(ask_ocsp, key, AUTHORITY_KEYS_MAX - 1),
	LIST(ask_ocsp, singles, 16, ocsp_single_shape),
	BYTES(ask_ocsp, nonce, 64),
	TIME(ask_ocsp, now),
	TIME(ask_ocsp, next),
};
static const struct message_shape ask_ocsp_shape = SHAPE(ask_ocsp);

static const struct message_field ask_statement_fields[] = {
	BYTES(ask_statement, head, 32),
	NUMBER(ask_statement, records, INT64_MAX),
	TIME(ask_statement, now),
};
static const struct message_shape ask_statement_shape = SHAPE(ask_statement);

static const struct message_field tell_keeper_fields[] = {
	BYTES(tell_keeper, version, 64),
};
static const struct message_shape tell_keeper_shape = SHAPE(tell_keeper);

static const struct message_field tell_signed_fields[] = {
	BYTES(tell_signed, bytes, CRL_MAX),
};
static const struct message_shape tell_signed_shape = SHAPE(tell_signed);

static const struct message_field tell_notice_fields[] = {
	NUMBER(tell_notice, kind, N_NOTICES - 1),
	BYTES(tell_notice, account, 256),
	BYTES(tell_notice, template_name, 128),
	BYTES(tell_notice, text, 1024),
	BYTES(tell_notice, serial, 40),
	NUMBER(tell_notice, request_id, INT32_MAX),
	TIME(tell_notice, at),
	TIME(tell_notice, ends),
};
static const struct message_shape tell_notice_shape = SHAPE(tell_notice);

static const struct message_field call_failed_fields[] = {
	NUMBER(call_failed, code, UINT32_MAX),
	BYTES(call_failed, text, 1024),
};
static const struct message_shape call_failed_shape = SHAPE(call_failed);

static const struct message_field ask_operation_fields[] = {
	NUMBER(ask_operation, kind, N_OPERATIONS - 1),
	NUMBER(ask_operation, request_id, INT32_MAX),
	BYTES(ask_operation, binding, 64),
	BYTES(ask_operation, text, 1024),
	BYTES(ask_operation, break_glass, 1024),
	BYTES(ask_operation, serial, 20),
	NUMBER(ask_operation, reason, 10),
	BYTES(ask_operation, account, 256),
	BYTES(ask_operation, hash, 512),
	YES(ask_operation, has_dns_name),
	YES(ask_operation, has_sid),
	YES(ask_operation, has_owner),
	YES(ask_operation, has_groups),
	YES(ask_operation, has_allowed),
	YES(ask_operation, add),
	BYTES(ask_operation, dns_name, 253),
	BYTES(ask_operation, sid, 256),
	BYTES(ask_operation, owner, 256),
	STRS(ask_operation, groups, 64),
	STRS(ask_operation, allowed, 256),
};
static const struct message_shape ask_operation_shape = SHAPE(ask_operation);

static const struct message_field tell_operation_fields[] = {
	NUMBER(tell_operation, code, UINT32_MAX),
	BYTES(tell_operation, text, 4096),
};
static const struct message_shape tell_operation_shape = SHAPE(tell_operation);

const struct message_shape *message_shape(unsigned type)
{
	static const struct message_shape *const shapes[N_MESSAGES] = {
		[ASK_POLICY] = &ask_policy_shape,
		[TELL_POLICY] = &tell_policy_shape,
		[ASK_ENROL] = &ask_enrol_shape,
		[ASK_STATUS] = &ask_status_shape,
		[TELL_ENROL] = &tell_enrol_shape,
		[ASK_PUBLISHED] = &ask_published_shape,
		[TELL_PUBLISHED] = &tell_published_shape,
		[TELL_STATE] = &tell_state_shape,
		[TELL_TLS] = &tell_tls_shape,
		[ASK_PASSWORD] = &ask_password_shape,
		[TELL_PASSWORD] = &tell_password_shape,
		[ASK_CERTIFICATE] = &ask_certificate_shape,
		[TELL_CERTIFICATE] = &tell_certificate_shape,
		[ASK_CMC] = &ask_cmc_shape,
		[ASK_CRL] = &ask_crl_shape,
		[ASK_OCSP] = &ask_ocsp_shape,
		[ASK_STATEMENT] = &ask_statement_shape,
		[TELL_SIGNED] = &tell_signed_shape,
		[CALL_FAILED] = &call_failed_shape,
		[ASK_OPERATION] = &ask_operation_shape,
		[TELL_OPERATION] = &tell_operation_shape,
		[TELL_NOTICE] = &tell_notice_shape,
		[TELL_CRL] = &tell_crl_shape,
		[TELL_KEEPER] = &tell_keeper_shape,
	};
	return type < N_MESSAGES ? shapes[type] : NULL;
}
