/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Classes of services.
 *
 * A service is a protocol, a destination port and a source port.  Services that no
 * box of a question distinguishes behave alike, and form one class (an atomic
 * predicate; Yang and Lam, ICNP 2013).  Within a class a box is a rectangle of
 * sources and destinations, which is what plane sweeps work on.
 */
#pragma once

#include "prove/workspace.h"

struct classes;

struct class
{
	uint32_t cell[3]; /* one of its services, as coordinates: protocol, port, source port */
	uint8_t families; /* a bit each, by enum family: packets of the class can be of it */
	size_t room;      /* the most members that it can have */
};

/*
 * The space must be frozen.  Boxes must live as long as the classes; they are numbered in
 * the order in which they are added.
 */
struct classes *classes_new(struct arena *a, const struct space *s);
void classes_add(struct classes *c, const struct box_id *box);

/* Counts its steps in *steps; false when they exceed `most`, or there are too many services. */
bool classes_make(struct classes *c, uint64_t *steps, uint64_t most);

size_t classes_count(const struct classes *c);
const struct class *classes_at(const struct classes *c, size_t i);

/*
 * The numbers of the boxes that have the class, each once, in no order; ids has room for the
 * class's members.
 */
size_t class_members(struct classes *c, const struct class *class, uint32_t *ids);
