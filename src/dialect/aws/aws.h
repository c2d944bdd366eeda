/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared by the two AWS dialects.
 *
 * Neither a security group nor a network ACL states which addresses it filters.
 * That is in other replies of the same API (describe-network-interfaces,
 * describe-subnets), which may follow or enclose it in the file.  Where they are
 * missing, tags hold the addresses; portolan writes these tags, and AWS keeps them.
 */
#pragma once

#include "base/strmap.h"
#include "base/vec.h"
#include "dialect/common/json-rules.h"
#include "dialect/common/ranges.h"
#include "dialect/dialect.h"
#include "doc/json.h"

#define AWS_MEMBERS_TAG "portolan:members"

enum {
	AWS_MOST_TAGS = 50, /* of one guard */
	AWS_LONGEST_TAG = 256,
	AWS_LONGEST_DESCRIPTION = 255,
};

/* Writes members as tags; an error when they do not fit. */
bool aws_put_member_tags(struct json *j, struct str name, struct addrset members, struct diag *d);

/* Of security groups (sg-removal.c). */
extern const struct dialect_removal aws_sg_removal;

/* Text without the characters that AWS refuses in descriptions, cut to its limit. */
struct str aws_description(struct arena *a, struct str text);

/* One group or ACL, as read. */
struct aws_guard {
	struct str id, name;
	const struct node *node;
	range_vec members;
	bool members_known;
	struct addrset set; /* of the members, once the whole file is read */
};

struct aws {
	struct arena *arena;
	const struct source *source;
	const struct read_options *options;
	struct ruleset *rules;
	struct diag *diag;
	VEC(struct aws_guard *) guards;
	struct strmap by_id, by_name;
	VEC(const struct node *) loose; /* separate rules (describe-security-group-rules) */
	struct strmap subnets;          /* id -> struct node with its blocks */
	struct strmap prefix_lists;     /* id -> struct node with Cidrs */
	bool has_inventory;
};

/* Reads the file and finds guards: maps that have `key`.  False after an error. */
bool aws_begin(struct aws *aws, struct arena *a, const struct source *s, const struct read_options *o,
	       struct ruleset **ret, struct diag *d, const char *dialect, const char *key, const char *other_key);

/* True when the guard is selected (options.part). */
bool aws_chosen(const struct aws *aws, const struct aws_guard *g);

/* Protocol and ports of a permission or entry, or ICMP type and code; false when they are not understood. */
bool aws_service(struct aws *aws, struct str protocol, const struct node *from, const struct node *to, struct match *m);

/* The chains that join guards of several places into one rule set: a packet without a guard at either end does not pass. */
struct aws_chains {
	uint32_t in, out, either;
	bool has_in, has_out, has_either; /* either: once all members are known */
};
struct aws_chains aws_chains_begin(struct aws *aws);
void aws_chains_end(struct aws *aws, const struct aws_chains *c);
