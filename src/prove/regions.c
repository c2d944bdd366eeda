/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A node's runs that lead to the same child are one group of values.  A path of
 * groups from the root to membership is a region; nodes share children, so hosts
 * and ports that behave alike form one region without any search for rectangles.
 */
#include "prove/regions.h"

#include "base/vec.h"

struct walker {
	struct arena *arena;
	const struct space *space;
	const struct diagrams *m;
	size_t most;
	bool more;
	VEC(struct region) found;
	struct spans path[N_DIMS]; /* v NULL: the whole field */
};

static struct addrset addrs_of(struct walker *w, enum dim d)
{
	struct span whole = { 0, space_size(w->space, d) - 1 };
	struct spans s = w->path[d].v ? w->path[d] : (struct spans){ &whole, 1 };
	struct addrset all = NO_ADDRS;
	for (size_t i = 0; i < s.n; i++)
		all = addrset_union(w->arena, all, space_addrs(w->arena, w->space, d, s.v[i]));
	return all;
}

static struct portset ports_of(struct walker *w, enum dim d)
{
	struct span whole = { 0, space_size(w->space, d) - 1 };
	struct spans s = w->path[d].v ? w->path[d] : (struct spans){ &whole, 1 };
	struct portset all = NO_PORTS;
	for (size_t i = 0; i < s.n; i++)
		all = portset_union(w->arena, all, space_ports(w->arena, w->space, d, s.v[i]));
	return all;
}

/* Some protocol and ports of a region belong to a packet of the family that can exist. */
static bool has_service(const struct region *r, enum family f)
{
	for (size_t i = 0; i < r->protocols.n; i++)
		for (unsigned p = r->protocols.v[i].lo; p <= r->protocols.v[i].hi; p++) {
			if (protocol_has_ports(p))
				return true;
			if (protocol_is_icmp(p)) {
				if ((p == PROTO_ICMP6) == (f == IPV6) && r->ports.v[0].lo <= 255 &&
				    r->sports.v[0].lo <= 255)
					return true;
			} else if (portset_holds(r->ports, 0) && portset_holds(r->sports, 0)) {
				return true;
			}
		}
	return false;
}

/*
 * Leaves out the family that no possible packet has, except where the side is everything and
 * prints as such.
 */
static bool tidy(struct arena *a, struct region *r)
{
	bool v4 = addrset_part(r->src, IPV4).n && addrset_part(r->dst, IPV4).n && has_service(r, IPV4);
	bool v6 = addrset_part(r->src, IPV6).n && addrset_part(r->dst, IPV6).n && has_service(r, IPV6);
	if (v4 != v6) {
		struct addrset all = addrset_all(a);
		enum family f = v4 ? IPV4 : IPV6;
		if (!addrset_equal(r->src, all))
			r->src = addrset_part(r->src, f);
		if (!addrset_equal(r->dst, all))
			r->dst = addrset_part(r->dst, f);
	}
	bool icmp = r->protocols.n > 0;
	for (size_t i = 0; i < r->protocols.n; i++)
		icmp &= protocol_is_icmp(r->protocols.v[i].lo) && r->protocols.v[i].lo == r->protocols.v[i].hi;
	if (icmp) {
		struct port_range types = { 0, 255 };
		r->ports = portset_intersect(a, r->ports, portset_of(a, &types, 1));
		r->sports = portset_intersect(a, r->sports, portset_of(a, &types, 1));
	}
	return v4 || v6;
}

static void walk(struct walker *w, diagram root)
{
	enum dim d;
	const struct run *runs;
	uint32_t n;

	if (w->more || root == VALUE_NONE)
		return;
	if (!diagram_node(w->m, root, &d, &runs, &n)) {
		struct region r = {
			.src = addrs_of(w, DIM_SRC),
			.dst = addrs_of(w, DIM_DST),
			.protocols = ports_of(w, DIM_PROTOCOL),
			.sports = ports_of(w, DIM_SPORT),
			.ports = ports_of(w, DIM_PORT),
		};
		if (!tidy(w->arena, &r))
			return;
		w->more = w->found.n == w->most;
		if (!w->more)
			*VEC_ADD(w->arena, &w->found) = r;
		return;
	}
	struct spans outer = w->path[d];
	struct span *group = ARENA_ARRAY(w->arena, struct span, n);
	for (uint32_t i = 0; i < n; i++) {
		size_t size = 0;
		bool first = true;
		/* the group is visited at its first run */
		for (uint32_t j = 0; j < i && first; j++)
			first = runs[j].child != runs[i].child;
		if (!first || runs[i].child == VALUE_NONE)
			continue;
		for (uint32_t j = i; j < n; j++)
			if (runs[j].child == runs[i].child)
				group[size++] = (struct span){ j ? runs[j - 1].last + 1 : 0, runs[j].last };
		w->path[d] = (struct spans){ group, size };
		walk(w, runs[i].child);
	}
	w->path[d] = outer;
}

const struct region *regions_of(struct arena *a, const struct space *s, const struct diagrams *m, diagram set,
				size_t most, size_t *n, bool *more)
{
	struct walker w = { .arena = a, .space = s, .m = m, .most = most };
	walk(&w, set);
	*n = w.found.n;
	*more = w.more;
	return w.found.v;
}

const struct region *region_of_point(struct arena *a, const struct space *s, const uint32_t point[N_DIMS])
{
	struct region *r = ARENA_NEW(a, struct region);
	struct span at[N_DIMS];
	for (int d = 0; d < N_DIMS; d++)
		at[d] = (struct span){ point[d], point[d] };
	*r = (struct region){
		.src = space_addrs(a, s, DIM_SRC, at[DIM_SRC]),
		.dst = space_addrs(a, s, DIM_DST, at[DIM_DST]),
		.protocols = space_ports(a, s, DIM_PROTOCOL, at[DIM_PROTOCOL]),
		.sports = space_ports(a, s, DIM_SPORT, at[DIM_SPORT]),
		.ports = space_ports(a, s, DIM_PORT, at[DIM_PORT]),
	};
	return r;
}
