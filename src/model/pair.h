/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a host of one role needs of a host of another, and the other way round: the needs that a
 * plan of these two hosts has, where the features and uses: that they depend on are said.
 */
#pragma once

#include "model/catalogue.h"

/* The roles of a host, by number: those that it is given, and those that come with them. */
struct role_set {
	const struct catalogue *catalogue;
	const bool *has;
	bool windows; /* one of them is of a Windows computer */
};

/* A host with this one role, joined to a domain and of the newest system. */
struct role_set role_set_of(struct arena *a, const struct catalogue *c, role_id role);

/* True when the first opens conversations for this need with the second. */
bool pair_opens(const struct need *n, const struct role_set *from, const struct role_set *to);

/* True when one of the two opens conversations for this need with the other. */
bool pair_needs(const struct need *n, const struct role_set *one, const struct role_set *other);
