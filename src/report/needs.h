/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Needs of the catalogue for people and programs: what `portolan ports` shows.
 */
#pragma once

#include "base/out.h"
#include "model/catalogue.h"

struct need_list {
	const struct catalogue *catalogue;
	const struct need *const *v;
	size_t n;
	bool grouped;	/* text: under their documents and sections; else a flat table in the order given */
	unsigned width;
	bool colour;
};

void needs_text(struct out *o, const struct need_list *l);
void needs_json(struct out *o, const struct need_list *l);	/* portolan.ports/1 */
void needs_csv(struct out *o, const struct need_list *l);
void needs_markdown(struct out *o, const struct need_list *l);

/* "tcp", "udp", "icmp", a number, or "?" where the document lost it. */
struct str need_protocol(struct arena *a, const struct need *n);

/* The ports as DESIGN's JSON has them: "-" for none and for what is not known. */
struct str need_ports(const struct need *n);

/* How the port is changed, or why it is not: the settings' texts. */
struct str need_change_text(struct arena *a, const struct catalogue *c, const struct need *n);
