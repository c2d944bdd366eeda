/* SPDX-License-Identifier: Apache-2.0 */
/* What an item of a bundle is about, beyond its protocol and ports. */
#include "plan/policy-priv.h"

enum service_kind item_kind(const struct builder *b, const struct bundle_item *it)
{
	const struct catalogue *c = b->plan->estate->catalogue;
	if (it->service == NO_SERVICE)
		return SERVICE_PLAIN;
	const struct service *s = &c->services[it->service];
	if (str_is(s->application, "dcerpc-epm"))
		return SERVICE_RPC_MAPPER;
	if (s->resolves == SERVICE_RPC && it->ports.lo != it->ports.hi)
		return SERVICE_RPC_RANGE;
	if (s->resolves == SERVICE_DYNAMIC && str_is(s->application, "tftp"))
		return SERVICE_TFTP_DATA;
	return SERVICE_PLAIN;
}

int item_cmp(const struct bundle_item *a, const struct bundle_item *b)
{
	int c = CMP(a->protocol, b->protocol);
	c = c ? c : CMP(a->has_ports, b->has_ports);
	c = c ? c : CMP(a->icmp, b->icmp);
	c = c ? c : CMP(a->ports.lo, b->ports.lo);
	return c ? c : CMP(a->ports.hi, b->ports.hi);
}

bool item_is_echo(const struct bundle_item *it)
{
	return it->protocol == PROTO_ICMP && it->icmp == ICMP_ECHOES && it->service == NO_SERVICE;
}

const char *item_ports_text(const struct bundle_item *it, char buf[ITEM_PORTS])
{
	char ports[PORT_TEXT];
	if (it->icmp == ICMP_TYPES)
		snprintf(buf, ITEM_PORTS, it->ports.lo == it->ports.hi ? "type %u" : "types %u-%u", it->ports.lo,
			 it->ports.hi);
	else
		snprintf(buf, ITEM_PORTS, "%s",
			 it->has_ports            ? port_range_text(it->ports, ports)
			 : it->icmp == ICMP_WHOLE ? "all"
			 : item_is_echo(it)       ? "echo"
						  : "-");
	return buf;
}

const char *item_text(const struct bundle_item *it, char buf[ITEM_TEXT])
{
	char ports[ITEM_PORTS], proto[PROTOCOL_TEXT];
	bool bare = !it->has_ports && it->icmp == ICMP_ECHOES && !item_is_echo(it);
	snprintf(buf, ITEM_TEXT, "%s%s%s", protocol_text(it->protocol, proto), bare ? "" : " ",
		 bare ? "" : item_ports_text(it, ports));
	return buf;
}

static int interface_cmp(const void *left, const void *right)
{
	return CMP(*(const uint16_t *)left, *(const uint16_t *)right);
}

const uint16_t *item_rpc_interfaces(struct arena *a, const struct bundle_item *it, size_t *n)
{
	VEC(uint16_t) ids = { 0 };
	*n = 0;
	for (size_t i = 0; i < it->n_reasons; i++) {
		const struct need *need = it->reasons[i].need;
		if (!need || !need->n_interfaces)
			return NULL;
		for (size_t j = 0; j < need->n_interfaces; j++)
			*VEC_ADD(a, &ids) = need->interfaces[j];
	}
	if (ids.n)
		sort_items(ids.v, ids.n, sizeof *ids.v, interface_cmp);
	for (size_t i = 0; i < ids.n; i++)
		if (!*n || ids.v[*n - 1] != ids.v[i])
			ids.v[(*n)++] = ids.v[i];
	return ids.v;
}

struct strs item_names(struct arena *a, const struct bundle_item *it)
{
	VEC(struct str) names = { 0 };
	for (size_t i = 0; i < it->n_reasons; i++) {
		const struct need *need = it->reasons[i].need;
		for (size_t j = 0; need && !it->reasons[i].back && j < need->names.n; j++)
			*VEC_ADD(a, &names) = need->names.v[j];
	}
	return strs_unique(names.v, names.n);
}
