/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The findings of a proof, one by one as text: for the formats that are lists.
 */
#pragma once

#include "lint/lint.h"
#include "report/proof/report.h"

enum proof_kind {
	PROOF_MISSING,
	PROOF_MISSING_PERHAPS, /* depends on what cannot be decided */
	PROOF_SURPLUS,
	PROOF_SURPLUS_PERHAPS,
	PROOF_NOT_UNDERSTOOD, /* a line of the rules */
	PROOF_UNPROVED,       /* why there is no verdict */
	PROOF_MORE,           /* differences that were not computed */
	PROOF_ANY_ACK,
	PROOF_NO_ERRORS,
	PROOF_INVALID,   /* only worth knowing */
	PROOF_ASSUMED,   /* what the file does not state */
	PROOF_TOLERATED, /* what may pass by decision */
	N_PROOF_KINDS,
};

struct proof_kind_row {
	const char *id;    /* for programs; stable */
	const char *title; /* "missing" */
	const char *about; /* a sentence or two */
	enum level level;
};
extern const struct proof_kind_row proof_kinds[N_PROOF_KINDS];

/* The rules of a SARIF log, in the order of the kinds. */
struct json;
void proof_kinds_sarif(struct json *j);

struct proof_finding {
	enum proof_kind kind;
	struct str id;        /* stable as long as the same fault persists at the same firewall */
	struct str title;     /* "desktops -> mp1 tcp 443 (https)" */
	struct str text;      /* what is wrong, a sentence without its full stop */
	struct str parts;     /* of a surplus: all of its regions, of a block of missing services: each; a line each */
	struct str witness;   /* a packet; empty: none */
	struct str rule;      /* what decides it; empty: nothing does */
	bool quoted;          /* rule is a text of the file, not a description of a default */
	struct loc at;        /* of the rule, or only its file */
	struct str forbidden; /* by which row of forbid:, and why; empty: by none */
	struct str why;       /* what the flow is needed for */
	struct str cite;      /* the document that requires it */
	struct str mend;
	const struct str *flows; /* of a block: the ids of what is missing */
	size_t n_flows;
};

/* Missing, surplus, then what was not understood; in the proof's order. */
struct proof_finding *proof_findings(struct arena *a, const struct proof_report *r, const struct proved *p, size_t *n);

/* The same for people, with what is missing in blocks (blocks.h); the id of a block is that of its first flow. */
struct proof_finding *proof_blocks(struct arena *a, const struct proof_report *r, const struct proved *p, size_t *n);

/* The titles of their kinds. */
const char *missing_title(const struct missing *m);
const char *surplus_title(const struct surplus *s);

/* "desktops -> mp1 tcp 443 (https)" */
struct str flow_title(struct arena *a, const struct proof_report *r, const struct flow *f);

/* "2 missing, 1 surplus", "nothing missing, nothing surplus" */
struct str proof_counts(struct arena *a, const struct proof *p);

/*
 * Of the whole path (report.path is there): how much passes, and what a surplus
 * is, a region a line.  All of it is in the findings of each firewall as well.
 */
struct str path_counts(struct arena *a, const struct proof_report *r);
struct str change_parts(struct arena *a, const struct change *c);
