/* SPDX-License-Identifier: Apache-2.0 */
#include "report/map/words.h"

#include "base/out.h"

struct str bundle_text(struct arena *a, const struct bundle *b)
{
	CLEANUP(out_free) struct out o = out_memory(1 << 20);
	char ports[ITEM_PORTS], proto[PROTOCOL_TEXT];
	for (size_t i = 0; i < b->n; i++) {
		const struct bundle_item *it = &b->items[i];
		bool more = i && b->items[i - 1].protocol == it->protocol;
		if (!more)
			out_printf(&o, "%s%s", i ? "; " : "", protocol_text(it->protocol, proto));
		if (it->has_ports || it->icmp)
			out_printf(&o, "%s%s", more ? ", " : " ", item_ports_text(it, ports));
	}
	return str_dup(a, out_view(&o));
}

struct str box_text(struct arena *a, const struct map_box *b)
{
	return b->n > 1 ? str_printf(a, "%.*s (%zu hosts)", STR_ARG(b->name), b->n) : b->name;
}
