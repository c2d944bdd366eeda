/* SPDX-License-Identifier: Apache-2.0 */
/* Findings of lint for people and for programs: what lint prints, and the advice of a plan. */
#pragma once

#include "base/out.h"
#include "lint/lint.h"

struct json;
struct catalogue;
void findings_json(struct json *j, const struct findings *f); /* a list */
void findings_text(struct out *o, const struct findings *f, unsigned width, bool colour);

/* The checks as rules of a SARIF log, in their order, and findings as its results. */
void checks_sarif(struct json *j, const struct catalogue *c);
void findings_sarif(struct json *j, const struct findings *f);

/* All of a SARIF log. */
void findings_sarif_log(struct out *o, const struct catalogue *c, const struct findings *f);

void findings_markdown(struct out *o, const struct findings *f);

/* What a finding cites: the check's rule, or the need that it is about. */
struct cited {
	struct str document, section; /* empty: none */
	uint32_t line;
};
struct cited cited_by(const struct finding *f);

/* "cep-ces-custom-port, "Scenario", line 38": the document behind a finding; empty: none. */
struct str finding_citation(struct arena *a, const struct finding *f);
