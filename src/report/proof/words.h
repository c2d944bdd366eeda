/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a difference means and what would mend it, a sentence each, and edits, in
 * words that hold for every dialect.
 */
#pragma once

#include "report/proof/report.h"

struct str missing_text(struct arena *a, const struct proof *p, const struct missing *m);
struct str surplus_text(struct arena *a, const struct proof *p, const struct surplus *s);

/* The first row of forbid: that a surplus breaks; NULL: none. */
const struct hand_rule *surplus_forbidden(struct arena *a, const struct plan *p, const struct surplus *s);

/* "forbidden by contoso.yaml:12: the reason" */
struct str forbidden_text(struct arena *a, const struct hand_rule *r);

/* Of n flows that are missing from one endpoint to one or more, with the same services each. */
struct str missing_mend(struct arena *a, const struct proof *p, const struct missing *missing, size_t n);
struct str surplus_mend(struct arena *a, const struct proof *p, const struct surplus *s);

/* "before line 7: permit tcp 443 from ... to ..." */
struct str edit_text(struct arena *a, const struct edit *e);
