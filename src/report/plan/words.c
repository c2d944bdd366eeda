/* SPDX-License-Identifier: Apache-2.0 */
#include "report/plan/words.h"

#include "doc/json.h"
#include "report/columns.h"

struct str endpoint_addresses_text(struct arena *a, const struct endpoint *e)
{
	CLEANUP(out_free) struct out o = out_memory(1 << 20);
	char text[RANGE_TEXT];
	if (e->any)
		return STR("any");
	for (size_t i = 0; i < e->addresses.n; i++)
		out_printf(&o, "%s%s", i ? ", " : "", addr_range_text(&e->addresses.v[i], text));
	return str_dup(a, out_view(&o));
}

void flow_pair_text(struct out *o, bool colour, const struct estate *e, const struct flow *f)
{
	put_styled(o, colour, STYLE_BOLD, f->from->name);
	out_printf(o, " (%.*s) -> ", STR_ARG(f->from->zone_name));
	put_styled(o, colour, STYLE_BOLD, f->to->name);
	out_printf(o, " (%.*s)", STR_ARG(f->to->zone_name));
	for (size_t i = 0; i < f->n_crosses; i++)
		out_printf(o, "%s%.*s", i ? ", " : ", by ", STR_ARG(e->firewalls[f->crosses[i]].name.s));
	out_char(o, '\n');
}

void json_item(struct json *j, const struct bundle_item *it)
{
	char ports[PORT_TEXT], proto[PROTOCOL_TEXT];
	json_put_text(j, "protocol", protocol_text(it->protocol, proto));
	json_put_text(j, "ports", it->has_ports ? port_range_text(it->ports, ports) : "-");
	if (it->icmp == ICMP_TYPES)
		json_put_text(j, "icmp-types", port_range_text(it->ports, ports));
	else if (it->icmp == ICMP_WHOLE || item_is_echo(it))
		json_put_text(j, "icmp-types", it->icmp == ICMP_WHOLE ? "all" : "echo");
}

struct str plan_summary(struct arena *a, const struct plan *p)
{
	const struct estate *e = plan_estate(p);
	size_t hosts = 0, flows = plan_flow_count(p);
	for (size_t i = 0; i < e->n_hosts; i++)
		hosts += !e->hosts[i].implied;
	return str_printf(a, "%zu %s between %zu %s in %zu %s", flows, flows == 1 ? "flow" : "flows", hosts,
			  hosts == 1 ? "host" : "hosts", e->n_zones, e->n_zones == 1 ? "zone" : "zones");
}
