/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/probe.h"
#include "probe/protocols/table.h"

#define X(name) extern const struct probe probe_##name;
PROBES(X)
#undef X

const struct probe *const probes[] = {
#define X(name) &probe_##name,
	PROBES(X)
#undef X
		NULL
};

const struct probe *probe_find(struct str name, uint8_t protocol)
{
	for (size_t i = 0; probes[i]; i++)
		if (str_is(name, probes[i]->name))
			return protocol == PROTO_UDP && probes[i]->over_udp ? probes[i]->over_udp : probes[i];
	return NULL;
}
