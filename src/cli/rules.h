/* SPDX-License-Identifier: Apache-2.0 */
/* What commands that read or write rule sets share. */
#pragma once

#include "cli/estate.h"
#include "dialect/dialect.h"
#include "plan/policy.h"

/*
 * The post that --at or --host names.  False after an error.  With neither, an
 * estate with one firewall has only one that can be meant.
 */
bool invocation_post(struct invocation *v, const struct plan *p, struct post *ret);

/* --dialect, or what the estate says of the post; NULL after an error. */
const struct dialect *invocation_dialect(struct invocation *v, const struct plan *p, const struct post *at);

/* The addresses behind the interface and zone names of a post; ctx of the map lives in the arena. */
struct interface_map post_interfaces(struct arena *a, const struct plan *p, const struct post *at);

/* Reads a rule set file; NULL after errors.  x NULL: guessed from the text. */
const struct ruleset *invocation_rules(struct invocation *v, const char *path, const struct dialect *x,
				       const struct read_options *o);

/* A path of the estate file's folder, for config: paths. */
const char *beside(struct arena *a, const char *estate, struct str path);
