/* SPDX-License-Identifier: Apache-2.0 */
/* Checks on ports: who listens where, and what may come in the way. */
#include "plan/checks.h"
#include "plan/lint.h"

static void check_static(struct linting *l, const struct host *h, const struct port_setting *s)
{
	struct port_range dynamic = host_dynamic_range(linting_estate(l), h, PROTO_TCP);
	char port[PORT_TEXT], range[PORT_TEXT];

	if (s->ports.hi < dynamic.lo || s->ports.lo > dynamic.hi)
		return;
	struct finding *f = lint_report(l, &check_static_port_in_dynamic_range, h, s->at,
					"port %s of \"%.*s\" lies in the dynamic range %s of \"%.*s\"",
					port_range_text(s->ports, port), STR_ARG(s->name.s),
					port_range_text(dynamic, range), STR_ARG(h->name.s));
	lint_way_out(l, f,
		     "reserve it: netsh int ipv4 add excludedportrange tcp startport=%u numberofports=%u; or move it "
		     "below %u",
		     s->ports.lo, s->ports.hi - s->ports.lo + 1u, dynamic.lo);
}

static void static_port_in_dynamic_range(struct linting *l)
{
	const struct estate *e = linting_estate(l);
	for (size_t i = 0; i < e->n_hosts; i++) {
		const struct host *h = &e->hosts[i];
		for (size_t k = 0; k < h->ports.n; k++)
			check_static(l, h, &h->ports.v[k]);
		for (size_t k = 0; k < h->rpc.n; k++)
			check_static(l, h, &h->rpc.v[k]);
	}
}

const struct check check_static_port_in_dynamic_range = {
	.id = "static-port-in-dynamic-range",
	.level = LEVEL_WARNING,
	.about = "A port that the estate fixes lies in the dynamic range of its host, so that Windows may give it to "
		 "another service first.",
	.document = "cep-ces-custom-port",
	.section = "Scenario",
	.line = 38,
	.rules = "23 24 139 140 142",
	.run = static_port_in_dynamic_range,
};
