/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The forms in which proofs are shown.
 *
 * To add one: write report/proof-NAME.c with a struct proof_format at its end
 * and add NAME to report/proof-formats.h.
 */
#pragma once

#include "plan/policy.h"
#include "prove/compare.h"
#include "prove/edit.h"

/* The proof of one place. */
struct proved {
	struct place at;
	struct str name;
	const char *dialect;	/* its name */
	const char *path;
	struct proof proof;	/* required[].what is a struct flow */
	size_t n_required;
	const struct edits *edits;	/* NULL: not asked for */
};

/*
 * All firewalls that were proved, together: a packet passes when every one of
 * them on its path lets it.  The comparison is of what is needed with what passes.
 */
struct proved_path {
	struct comparison comparison;
	const struct required *required;	/* marked by comparison.loses */
	size_t n_required;
	bool whole;	/* every firewall of the estate was proved */
};

struct proof_report {
	const struct plan *plan;
	const struct proved *v;
	size_t n;
	const struct proved_path *path;	/* of more than one firewall; else NULL */
	enum verdict verdict;	/* of all: the worst, unproved before fails */
	unsigned width;
	bool colour;
};

struct proof_format {
	const char *name;
	const char *title;
	void (*write)(struct out *o, const struct proof_report *r);
};

extern const struct proof_format *const proof_formats[];	/* ends with NULL */
const struct proof_format *proof_format_find(struct str name);

/*
 * A rule as it was written may be several in the rule set; what they let through
 * becomes one surplus, with a packet of the first.  For people: the prover works with rules.
 */
void proof_join_lines(struct arena *a, struct proof *p);

/* Sets the verdict of the whole. */
void proof_report_finish(struct proof_report *r);

/* Parts of JSON that several writers share. */
struct json;
void json_witness(struct json *j, const struct packet *p);	/* "witness": {...} */
void json_decided(struct json *j, const struct shown *s);	/* "decided-by": {...} */
void json_region(struct json *j, struct arena *a, const struct region *r);

/* Text forms that several writers share; made in the arena. */
struct str region_addrs(struct arena *a, struct addrset s);
struct str region_protocol(struct arena *a, struct portset s);
struct str region_ports(struct arena *a, const struct region *r);
struct str region_sports(struct arena *a, const struct region *r);	/* source ports or ICMP codes; empty: all */
struct str region_text(struct arena *a, const struct region *r);	/* all of it in one line */
/* What a difference means and what would mend it, in one sentence each. */
/* " as RPC interface UUID", or nothing. */
struct str interface_text(struct arena *a, struct str uuid);
struct str missing_text(struct arena *a, const struct missing *m);
/* Of n that are missing from one end and, the same services of each, to one or more. */
struct str missing_mend(struct arena *a, const struct proof *p, const struct missing *v, size_t n);
struct str surplus_text(struct arena *a, const struct surplus *s);
struct str surplus_mend(struct arena *a, const struct proof *p, const struct surplus *s);
struct str edit_text(struct arena *a, const struct edit *e);	/* "before line 7: permit tcp 443 from ... to ..." */
struct str decided_by(struct arena *a, const struct shown *s);
