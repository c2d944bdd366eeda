/* SPDX-License-Identifier: Apache-2.0 */
/* What `portolan check` found in a folder: a part for each estate and for each rule file, for the formats that show it. */
#pragma once

#include "base/str.h"
#include "lint/lint.h"

/* What a finding does to the verdict while nobody accepts it. */
enum check_weight {
	WEIGHT_NONE,      /* worth knowing */
	WEIGHT_NO,        /* certainly wrong */
	WEIGHT_UNCERTAIN, /* depends on a match that cannot be decided */
	WEIGHT_INPUT,     /* there is no verdict */
	N_WEIGHTS,
};

/* A row of accept: in portolan.yaml. */
struct acceptance {
	struct str id, why, owner, until; /* until: YYYY-MM-DD, the last day */
	struct loc at;
	bool used;
};

struct check_finding {
	struct str id;   /* "sites/north.yaml:edge:s-0123456789abcdef"; each is there once */
	struct str kind; /* "missing", or the id of a check of lint */
	struct str title, text, parts, witness, rule, needed, document, mend; /* empty: none */
	struct str file;
	uint32_t line; /* 0: the file as a whole */
	enum level level;
	enum check_weight weight;
	bool open_ended;             /* its id does not say how much is wrong, so it cannot be accepted */
	struct acceptance *accepted; /* NULL: by nobody */
	bool overdue;                /* accepted, until a day that is over: it counts */
};

enum part_kind { PART_ESTATE, PART_RULES, PART_WITHOUT_RULES, N_PART_KINDS };

/* An estate with its plan and lint, or the rules of one of its places. */
struct check_part {
	enum part_kind kind;
	struct str estate;   /* its first file, as the folder is read */
	struct str name;     /* of the estate or the place */
	struct str file;     /* of the rules; empty: of the estate */
	struct str dialect;  /* of rules */
	struct str summary;  /* "14 flows, 1 warning", "2 missing, nothing surplus" */
	struct str messages; /* of reading: errors and warnings with their places, as lines */
	unsigned status;     /* an exit status, of reading alone: what no finding says */
	struct check_finding *v;
	size_t n;
};

struct check_report {
	struct check_part *v; /* each estate, followed by its places */
	size_t n;
	struct acceptance *accepted;
	size_t n_accepted;
	bool strict; /* warnings of lint count */
	unsigned width;
	bool colour;
};

/* True of a finding that makes the check fail. */
bool check_counts(const struct check_finding *f);

/* The exit status of a part and of all: the worst. */
unsigned check_part_status(const struct check_part *p);
unsigned check_status(const struct check_report *r);

/* "planned", "holds", "accepted", "fails", "unproved" ...: of a part. */
const char *check_word(const struct check_part *p);

/* "2 estates and 14 rule files: 3 findings, 1 accepted" */
struct str check_sum(struct arena *a, const struct check_report *r);
