/* SPDX-License-Identifier: Apache-2.0 */
/* Tasks of services that are named on the command line. */
#include "probe/tasks-priv.h"

static bool parse_endpoint(const struct service_endpoint *e, unsigned *protocol, uint16_t *port)
{
	struct port_range r;
	*port = 0;
	if (!protocol_parse(e->protocol, protocol))
		return false;
	if (!protocol_has_ports(*protocol))
		return true;
	if (port_range_parse(e->ports, &r) != PORT_OK || r.lo != r.hi)
		return false;
	*port = r.lo;
	return true;
}

static void add(struct task_list *list, const struct catalogue *c, const struct probe_names *host, int service,
		unsigned protocol, uint16_t port)
{
	struct probe_subject subject = { .host = host->host };
	if (service >= 0)
		subject.service = c->services[service].id;
	for (size_t i = 0; i < host->n; i++) {
		struct probe_task task = { .target = {
						   .host = host->host, .address = host->addresses[i], .port = port } };
		struct target *t = &task.target;
		t->protocol =
			protocol == PROTO_ICMP && t->address.family == IPV6 ? (uint8_t)PROTO_ICMP6 : (uint8_t)protocol;
		t->ports = (struct port_range){ port, port };
		target_name(t, host->host);
		t->tls = service >= 0 && service_is_tls(&c->services[service]);
		task.probe = probe_of_service(c, service, t->protocol);
		tasks_add(list, &task, &subject);
	}
}

/* "tcp/8080", "udp/53", "8080". */
static bool add_port(struct task_list *list, const struct catalogue *c, const struct probe_names *host, struct str word)
{
	struct str rest = word, head = NO_STR;
	unsigned protocol = PROTO_TCP;
	uint16_t port;
	if (str_find(word, '/') != SIZE_MAX) {
		str_cut(&rest, '/', &head);
		if (!protocol_parse(head, &protocol) || (protocol != PROTO_TCP && protocol != PROTO_UDP))
			return false;
	}
	if (port_parse(rest, &port) != PORT_OK)
		return false;
	add(list, c, host, -1, protocol, port);
	return true;
}

static bool sends(const struct catalogue *c, int service, unsigned protocol)
{
	return protocol == PROTO_TCP || probe_of_service(c, service, (uint8_t)protocol)->start;
}

/* What nothing can be sent to is left out where the service has another endpoint. */
static bool add_service(struct task_list *list, const struct catalogue *c, const struct probe_names *host, int service)
{
	const struct service *s = &c->services[service];
	unsigned protocol;
	uint16_t port;
	bool any = false, some_send = false;
	for (size_t i = 0; i < s->n_endpoints; i++)
		some_send |= parse_endpoint(&s->endpoints[i], &protocol, &port) && sends(c, service, protocol);
	for (size_t i = 0; i < s->n_endpoints; i++) {
		if (!parse_endpoint(&s->endpoints[i], &protocol, &port) || (some_send && !sends(c, service, protocol)))
			continue;
		add(list, c, host, service, protocol, port);
		any = true;
	}
	return any;
}

bool probe_tasks_of_words(struct arena *a, const struct catalogue *c, const struct probe_names *host,
			  const char *const *words, size_t n, struct probe_tasks *ret, struct diag *d)
{
	struct task_list list = { .arena = a };
	bool ok = true;
	for (size_t i = 0; i < n; i++) {
		struct str word = str_of(words[i]);
		int service = catalogue_service_called(c, word);
		if (service >= 0) {
			if (!add_service(&list, c, host, service))
				ok = diag_error(d, NOWHERE,
						"%s has no port of its own; an estate tells where it listens",
						words[i]);
			continue;
		}
		if (add_port(&list, c, host, word))
			continue;
		struct strs all = catalogue_service_names(a, c);
		ok = diag_error(d, NOWHERE, "\"%s\" is neither a service nor a port (8080, tcp/8080, udp/53)",
				words[i]);
		diag_suggest(d, word, all.v, all.n);
	}
	tasks_finish(&list, ret);
	return ok;
}
