/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Needs of the catalogue, as text and as JSON: the output of `portolan ports`.
 */
#pragma once

#include "base/out.h"
#include "model/catalogue.h"

struct need_list {
	const struct catalogue *catalogue;
	const struct need *const *v;
	size_t n;
	bool grouped; /* text: under their documents and sections; else a flat table in the order given */
	unsigned width;
	bool colour;
};

void needs_text(struct out *o, const struct need_list *l);
void needs_json(struct out *o, const struct need_list *l); /* portolan.ports/1 */
void needs_csv(struct out *o, const struct need_list *l);
void needs_markdown(struct out *o, const struct need_list *l);
