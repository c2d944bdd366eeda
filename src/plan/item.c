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
