/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/assemble.h"

#include "base/hash.h"
#include "base/strmap.h"
#include "base/unique.h"
#include "base/vec.h"

struct assembler {
	struct arena *arena;
	struct unique_names names;
	struct strmap groups, services;
	VEC(struct policy_group) made_groups;
	VEC(struct policy_services) made_services;
	service_namer namer;
	void *ctx;
};

/* Letters and digits of a text, with hyphens for the rest. */
static struct str word(struct assembler *b, const char *prefix, const char *text)
{
	struct str s = str_printf(b->arena, "%s%s", prefix, text);
	char *p = (char *)s.p;
	for (size_t i = 0; i < s.n; i++)
		if (!((p[i] >= 'a' && p[i] <= 'z') || (p[i] >= 'A' && p[i] <= 'Z') || (p[i] >= '0' && p[i] <= '9')))
			p[i] = '-';
	return s;
}

static struct str group_name(struct assembler *b, struct addrset s)
{
	char text[RANGE_TEXT];
	if (addrset_equal(s, addrset_all(b->arena)))
		return STR("everywhere");
	if (s.n == 1 && s.v[0].lo == 0 && s.v[0].hi == addr_max(s.v[0].family))
		return s.v[0].family == IPV6 ? STR("every-ipv6") : STR("every-ipv4");
	addr_range_text(&s.v[0], text);
	struct str first = word(b, s.v[0].lo == s.v[0].hi ? "host-" : "net-", text);
	return s.n == 1 ? first : str_printf(b->arena, "%.*s-and-%zu-more", STR_ARG(first), s.n - 1);
}

static struct str about_group(struct assembler *b, struct addrset s)
{
	CLEANUP(out_free) struct out o = out_memory(1 << 16);
	char text[RANGE_TEXT];
	for (size_t i = 0; i < s.n && i < 8; i++)
		out_printf(&o, "%s%s", i ? ", " : "", addr_range_text(&s.v[i], text));
	if (s.n > 8)
		out_printf(&o, " and %zu more", s.n - 8);
	return str_dup(b->arena, out_view(&o));
}

/* The whole set as text: ranges have padding, so their bytes cannot be the key. */
static struct str set_key(struct assembler *b, struct addrset s)
{
	CLEANUP(out_free) struct out o = out_memory(SIZE_MAX);
	char text[RANGE_TEXT];
	for (size_t i = 0; i < s.n; i++)
		out_printf(&o, "%s ", addr_range_text(&s.v[i], text));
	return str_dup(b->arena, out_view(&o));
}

static uint32_t group_of(struct assembler *b, struct addrset s)
{
	struct str key = set_key(b, s);
	uintptr_t known = (uintptr_t)strmap_get(&b->groups, key);
	if (known)
		return (uint32_t)known - 1;
	*VEC_ADD(b->arena, &b->made_groups) = (struct policy_group){ .name = unique_name(&b->names, group_name(b, s)),
								     .addresses = s,
								     .about = about_group(b, s) };
	strmap_add(&b->groups, key, (void *)(uintptr_t)b->made_groups.n);
	return (uint32_t)b->made_groups.n - 1;
}

static int term_cmp(const void *left, const void *right)
{
	const struct service_term *a = left, *b = right;
	int c = CMP(a->protocol_lo, b->protocol_lo);
	c = c ? c : CMP(a->protocol_hi, b->protocol_hi);
	c = c ? c : CMP(a->port.lo, b->port.lo);
	c = c ? c : CMP(a->port.hi, b->port.hi);
	c = c ? c : CMP(a->sport.lo, b->sport.lo);
	return c ? c : CMP(a->sport.hi, b->sport.hi);
}

static struct str service_name(struct assembler *b, const struct service_term *t)
{
	char proto[PROTOCOL_TEXT], port[PORT_TEXT];
	struct str known = b->namer ? b->namer(b->ctx, t) : STR("");
	if (known.n)
		return known;
	if (t->protocol_lo != t->protocol_hi)
		return t->protocol_lo == 0 && t->protocol_hi == 255
			       ? STR("anything")
			       : str_printf(b->arena, "protocols-%u-%u", t->protocol_lo, t->protocol_hi);
	const char *name = protocol_text(t->protocol_lo, proto);
	const char *prefix = name[0] >= '0' && name[0] <= '9' ? "protocol-" : "";
	bool all = t->port.lo == 0 && t->port.hi >= (protocol_is_icmp(t->protocol_lo) ? 255 : 65535);
	if (all || (!protocol_has_ports(t->protocol_lo) && !protocol_is_icmp(t->protocol_lo)))
		return str_printf(b->arena, "%s%s", prefix, name);
	return str_printf(b->arena, "%s%s-%s", prefix, name, port_range_text(t->port, port));
}

static uint32_t services_of(struct assembler *b, const struct service_term *terms, size_t n)
{
	struct service_term *sorted = ARENA_ARRAY(b->arena, struct service_term, n);
	memcpy(sorted, terms, n * sizeof *terms);
	sort_items(sorted, n, sizeof *sorted, term_cmp);
	struct str key = { (const char *)sorted, n * sizeof *sorted };
	uintptr_t known = (uintptr_t)strmap_get(&b->services, key);
	if (known)
		return (uint32_t)known - 1;
	struct policy_service *made = ARENA_ARRAY(b->arena, struct policy_service, n);
	for (size_t i = 0; i < n; i++)
		made[i] = (struct policy_service){ .name = service_name(b, &sorted[i]), .term = sorted[i] };
	struct str name =
		n == 1 ? made[0].name : str_printf(b->arena, "%.*s-and-%zu-more", STR_ARG(made[0].name), n - 1);
	*VEC_ADD(b->arena, &b->made_services) = (struct policy_services){ unique_name(&b->names, name), made, n };
	strmap_add(&b->services, key, (void *)(uintptr_t)b->made_services.n);
	return (uint32_t)b->made_services.n - 1;
}

static struct str part_id(struct assembler *b, const struct policy_part *p)
{
	uint64_t h = addrset_hash(addrset_hash(1, p->src), p->dst);
	h = hash_mix(h, hash64(p->services, p->n_services * sizeof *p->services));
	return str_printf(b->arena, "r-%08x", (unsigned)(h ^ h >> 32));
}

struct policy *policy_assemble(struct arena *a, struct str name, const struct policy_part *parts, size_t n,
			       service_namer namer, void *ctx)
{
	struct assembler b = {
		.arena = a,
		.names = unique_names_new(a),
		.groups = strmap_new(a),
		.services = strmap_new(a),
		.namer = namer,
		.ctx = ctx,
	};
	struct policy *p = ARENA_NEW(a, struct policy);
	struct relation *relations = ARENA_ARRAY(a, struct relation, n);

	for (size_t i = 0; i < n; i++) {
		relations[i] = (struct relation){
			.id = part_id(&b, &parts[i]),
			.src = group_of(&b, parts[i].src),
			.dst = group_of(&b, parts[i].dst),
			.services = services_of(&b, parts[i].services, parts[i].n_services),
			.about = parts[i].about,
		};
		relations[i].title = str_printf(a, "%.*s to %.*s", STR_ARG(b.made_groups.v[relations[i].src].name),
						STR_ARG(b.made_groups.v[relations[i].dst].name));
	}
	*p = (struct policy){
		.name = name,
		.side = POLICY_TRANSIT,
		.groups = b.made_groups.v,
		.n_groups = b.made_groups.n,
		.services = b.made_services.v,
		.n_services = b.made_services.n,
		.relations = relations,
		.n_relations = n,
	};
	return p;
}
