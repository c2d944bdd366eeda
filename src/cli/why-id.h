/* SPDX-License-Identifier: Apache-2.0 */
/* The part of `why` that takes an id, as plans, proofs and the comments of rules show it. */
#pragma once

#include "cli/rules.h"

/*
 * portolan why ESTATE.yaml ID: the flow f-... or the flows of the relation r-...,
 * by all of the id or a beginning that only one has.  --at and --host narrow it to
 * one place; without them every place of the plan is looked at.
 */
enum status why_id(struct invocation *call, const struct plan *p, const char *id);
