/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Needs of the catalogue, as text and as JSON: the output of `portolan ports`.
 */
#pragma once

#include "base/out.h"
#include "model/catalogue.h"
#include "model/pair.h"

struct need_list {
	const struct catalogue *catalogue;
	const struct need *const *v;
	size_t n;
	const struct role_set *one, *other; /* of two roles: theirs */
	struct str one_name, other_name;
	bool grouped; /* text: under their documents and sections; else a flat table in the order given */
	unsigned width;
	bool colour;
};

void needs_text(struct out *o, const struct need_list *l);

/* How the port is changed, or why it cannot be: the settings' texts. */
struct str need_change_text(struct arena *a, const struct catalogue *c, const struct need *n);
struct str need_protocol(struct arena *a, const struct need *n);
struct str need_ports(const struct need *n);
void needs_sum_text(struct out *o,
		    const struct need_list *l); /* of two roles: a line for each port, with the documents behind it */
void needs_json(struct out *o, const struct need_list *l); /* portolan.ports/1 */
void needs_csv(struct out *o, const struct need_list *l);
void needs_markdown(struct out *o, const struct need_list *l);
