/* SPDX-License-Identifier: Apache-2.0 */
#include "net/port.h"

#include "base/vec.h"

static const struct {
	const char *name;
	unsigned number;
} protocols[] = {
	{ "icmp", PROTO_ICMP },    { "tcp", PROTO_TCP },     { "udp", PROTO_UDP },   { "dccp", PROTO_DCCP },
	{ "gre", PROTO_GRE },      { "esp", PROTO_ESP },     { "ah", PROTO_AH },     { "ipv6-icmp", PROTO_ICMP6 },
	{ "icmpv6", PROTO_ICMP6 }, { "icmp6", PROTO_ICMP6 }, { "sctp", PROTO_SCTP }, { "udplite", PROTO_UDPLITE },
};

static const struct port_range with_ports[] = { { PROTO_TCP, PROTO_TCP },
						{ PROTO_UDP, PROTO_UDP },
						{ PROTO_DCCP, PROTO_DCCP },
						{ PROTO_SCTP, PROTO_SCTP },
						{ PROTO_UDPLITE, PROTO_UDPLITE } };
const struct portset protocols_with_ports = { with_ports, ARRAY_LEN(with_ports) };

bool protocol_has_ports(unsigned p)
{
	return p == PROTO_TCP || p == PROTO_UDP || p == PROTO_SCTP || p == PROTO_DCCP || p == PROTO_UDPLITE;
}

const char *protocol_text(unsigned protocol, char buf[PROTOCOL_TEXT])
{
	const char *name = protocol == PROTO_TCP     ? "tcp"
			   : protocol == PROTO_UDP   ? "udp"
			   : protocol == PROTO_ICMP  ? "icmp"
			   : protocol == PROTO_ICMP6 ? "ipv6-icmp"
						     : NULL;
	/* always into the buffer: callers may read it */
	if (name)
		memcpy(buf, name, strlen(name) + 1);
	else
		u32_text(buf, protocol);
	return buf;
}

bool protocol_parse(struct str s, unsigned *ret)
{
	uint32_t n;
	for (size_t i = 0; i < ARRAY_LEN(protocols); i++)
		if (str_iis(s, protocols[i].name)) {
			*ret = protocols[i].number;
			return true;
		}
	if (s.n > 3 || !str_to_u32(s, 255, &n))
		return false;
	*ret = n;
	return true;
}

enum port_parse port_parse(struct str s, uint16_t *ret)
{
	uint64_t n;
	if (!str_to_u64(s, UINT64_MAX, &n))
		return PORT_BAD;
	if (n > 65535)
		return PORT_TOO_LARGE;
	if (n == 0)
		return PORT_ZERO;
	*ret = (uint16_t)n;
	return PORT_OK;
}

enum port_parse port_range_parse(struct str s, struct port_range *ret)
{
	size_t dash = str_find(s, '-');
	struct port_range r;
	enum port_parse p = port_parse(dash == SIZE_MAX ? s : str_first(s, dash), &r.lo);
	if (p != PORT_OK)
		return p;
	r.hi = r.lo;
	if (dash != SIZE_MAX && (p = port_parse(str_skip(s, dash + 1), &r.hi)) != PORT_OK)
		return p;
	if (r.hi < r.lo)
		return PORT_REVERSED;
	*ret = r;
	return PORT_OK;
}

bool port_numbers_parse(struct str s, struct port_range *ret)
{
	size_t dash = str_find(s, '-');
	uint32_t lo, hi;
	if (!str_to_u32(str_first(s, MIN(dash, s.n)), 65535, &lo))
		return false;
	hi = lo;
	if (dash != SIZE_MAX && !str_to_u32(str_skip(s, dash + 1), 65535, &hi))
		return false;
	*ret = (struct port_range){ (uint16_t)lo, (uint16_t)hi };
	return lo <= hi;
}

const char *port_parse_why(enum port_parse p)
{
	switch (p) {
	case PORT_OK:
		break;
	case PORT_REVERSED:
		return "the range ends before it begins";
	case PORT_TOO_LARGE:
		return "ports end at 65535";
	case PORT_ZERO:
		return "port 0 is reserved and nothing listens on it";
	case PORT_BAD:
		return "a port is a whole number from 1 to 65535, a range N-M";
	}
	return "";
}

const char *port_range_text(struct port_range r, char buf[PORT_TEXT])
{
	char *p = u32_text(buf, r.lo);
	if (r.lo != r.hi) {
		*p++ = '-';
		u32_text(p, r.hi);
	}
	return buf;
}

static int cmp(const void *left, const void *right)
{
	const struct port_range *a = left, *b = right;
	int c = CMP(a->lo, b->lo);
	return c ? c : CMP(a->hi, b->hi);
}

struct portset portset_of(struct arena *a, const struct port_range *ranges, size_t n)
{
	struct port_range *sorted = ARENA_ARRAY(a, struct port_range, n);
	size_t out = 0;
	if (n)
		memcpy(sorted, ranges, n * sizeof *ranges);
	sort_items(sorted, n, sizeof *sorted, cmp);
	for (size_t i = 0; i < n; i++) {
		if (out && sorted[i].lo <= (uint32_t)sorted[out - 1].hi + 1)
			sorted[out - 1].hi = MAX(sorted[out - 1].hi, sorted[i].hi);
		else
			sorted[out++] = sorted[i];
	}
	return (struct portset){ sorted, out };
}

struct portset portset_union(struct arena *a, struct portset left, struct portset right)
{
	struct port_range *ranges = ARENA_ARRAY(a, struct port_range, left.n + right.n);
	if (left.n)
		memcpy(ranges, left.v, left.n * sizeof *ranges);
	if (right.n)
		memcpy(ranges + left.n, right.v, right.n * sizeof *ranges);
	return portset_of(a, ranges, left.n + right.n);
}

struct portset portset_intersect(struct arena *a, struct portset left, struct portset right)
{
	VEC(struct port_range) ranges = { 0 };
	for (size_t i = 0, j = 0; i < left.n && j < right.n;) {
		uint16_t lo = MAX(left.v[i].lo, right.v[j].lo), hi = MIN(left.v[i].hi, right.v[j].hi);
		if (lo <= hi)
			*VEC_ADD(a, &ranges) = (struct port_range){ lo, hi };
		left.v[i].hi < right.v[j].hi ? i++ : j++;
	}
	return (struct portset){ ranges.v, ranges.n };
}

struct portset portset_minus(struct arena *a, struct portset left, struct portset right)
{
	VEC(struct port_range) ranges = { 0 };
	for (size_t i = 0; i < left.n; i++) {
		uint32_t lo = left.v[i].lo, hi = left.v[i].hi;
		for (size_t j = 0; j < right.n && lo <= hi; j++) {
			if (right.v[j].hi < lo || right.v[j].lo > hi)
				continue;
			if (right.v[j].lo > lo)
				*VEC_ADD(a, &ranges) =
					(struct port_range){ (uint16_t)lo, (uint16_t)(right.v[j].lo - 1) };
			lo = (uint32_t)right.v[j].hi + 1;
		}
		if (lo <= hi)
			*VEC_ADD(a, &ranges) = (struct port_range){ (uint16_t)lo, (uint16_t)hi };
	}
	return (struct portset){ ranges.v, ranges.n };
}

bool portset_equal(struct portset left, struct portset right)
{
	return left.n == right.n && (left.n == 0 || memcmp(left.v, right.v, left.n * sizeof *left.v) == 0);
}

bool portset_holds(struct portset set, uint16_t port)
{
	for (size_t i = 0; i < set.n; i++)
		if (set.v[i].lo <= port && port <= set.v[i].hi)
			return true;
	return false;
}

bool portset_is_all(struct portset set)
{
	return set.n == 1 && set.v[0].lo == 0 && set.v[0].hi == 65535;
}
