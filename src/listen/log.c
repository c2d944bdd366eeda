/* SPDX-License-Identifier: Apache-2.0 */
#include "listen/log.h"

#include <time.h>

#include "doc/json.h"

enum { TIME_TEXT = 32, FIRST_BYTES = 16 };

/* "2026-11-30T08:00:00.123Z" */
static const char *time_text(int64_t now, char buf[TIME_TEXT])
{
	time_t seconds = (time_t)(now / 1000);
	struct tm when;
	if (!gmtime_r(&seconds, &when) || strftime(buf, TIME_TEXT, "%Y-%m-%dT%H:%M:%S", &when) == 0)
		return "";
	size_t n = strlen(buf);
	snprintf(buf + n, TIME_TEXT - n, ".%03dZ", (int)(now % 1000));
	return buf;
}

static const char *protocol_name(uint8_t protocol)
{
	return protocol == PROTO_UDP ? "udp" : "tcp";
}

static void put_port(struct json *j, const struct listen_port *p)
{
	char buf[ADDR_TEXT];
	json_put_str(j, "service", p->service.n ? p->service : str_of("by-hand"));
	json_put_text(j, "protocol", protocol_name(p->wish.protocol));
	json_put_text(j, "address", addr_text(p->wish.at, buf));
	json_put_u64(j, "port", p->wish.port);
}

static void put_list(struct json *j, const char *key, const struct listen_ports *ports, bool bound)
{
	json_key(j, key);
	json_list(j);
	for (size_t i = 0; i < ports->n; i++) {
		if (ports->v[i].bound != bound)
			continue;
		json_object(j);
		put_port(j, &ports->v[i]);
		if (!bound)
			json_put_text(j, "why", strerror(ports->v[i].errnum));
		json_end(j);
	}
	json_end(j);
}

static void ports_json(struct listen_log *log, const struct listen_ports *ports)
{
	struct json j = json_to(log->out);
	json_object(&j);
	json_put_text(&j, "format", "portolan.listen/1");
	json_put_some(&j, "as", log->as);
	put_list(&j, "listening", ports, true);
	put_list(&j, "not-bound", ports, false);
	json_end(&j);
	out_char(log->out, '\n');
}

static void ports_text(struct listen_log *log, const struct listen_ports *ports)
{
	char buf[ADDR_TEXT];
	size_t bound = 0;
	for (size_t i = 0; i < ports->n; i++)
		bound += ports->v[i].bound;
	out_printf(log->out, "listening on %zu of %zu ports%s%.*s\n", bound, ports->n, log->as.n ? " as " : "",
		   STR_ARG(log->as));
	for (size_t i = 0; i < ports->n; i++) {
		const struct listen_port *p = &ports->v[i];
		out_printf(log->out, "  %s %5u  %-15s %.*s", protocol_name(p->wish.protocol), p->wish.port,
			   addr_text(p->wish.at, buf), STR_ARG(p->service.n ? p->service : STR("by hand")));
		if (!p->bound)
			out_printf(log->out, "  not bound: %s", strerror(p->errnum));
		out_char(log->out, '\n');
	}
}

static void plan_json(struct listen_log *log, const struct listen_ports *ports)
{
	struct json j = json_to(log->out);
	json_object_lines(&j);
	json_put_text(&j, "format", "portolan.listen/1");
	json_put_some(&j, "as", log->as);
	json_key(&j, "ports");
	json_list_lines(&j);
	for (size_t i = 0; i < ports->n; i++) {
		json_object(&j);
		put_port(&j, &ports->v[i]);
		json_put_text(&j, "stand-in", ports->v[i].stand_in->name);
		json_end(&j);
	}
	json_end(&j);
	json_end(&j);
	out_char(log->out, '\n');
}

static const char *what_answers(const struct listen_port *p)
{
	if (p->stand_in != &stand_in_token)
		return p->stand_in->name;
	return p->wish.protocol == PROTO_TCP ? "accepts, and answers the token" : "is logged, and answers the token";
}

void listen_log_plan(struct listen_log *log, const struct listen_ports *ports)
{
	char buf[ADDR_TEXT];
	if (log->json) {
		plan_json(log, ports);
		return;
	}
	for (size_t i = 0; i < ports->n; i++) {
		const struct listen_port *p = &ports->v[i];
		out_printf(log->out, "%s %5u  %-15s %-24.*s %s\n", protocol_name(p->wish.protocol), p->wish.port,
			   addr_text(p->wish.at, buf), STR_ARG(p->service.n ? p->service : STR("by hand")),
			   what_answers(p));
	}
}

void listen_log_ports(struct listen_log *log, const struct listen_ports *ports)
{
	if (log->json)
		ports_json(log, ports);
	else
		ports_text(log, ports);
	out_flush(log->out);
}

static void event_json(struct listen_log *log, const struct listen_event *e)
{
	static const char *const words[] = { "heard", "foreign", "refused" };
	char time[TIME_TEXT], buf[ADDR_TEXT], hex[2 * FIRST_BYTES + 1] = "";
	struct json j = json_to(log->out);
	json_object(&j);
	json_put_text(&j, "time", time_text(e->now, time));
	json_put_text(&j, "what", words[e->what]);
	put_port(&j, e->port);
	json_key(&j, "from");
	json_object(&j);
	json_put_text(&j, "address", addr_text(e->peer.address, buf));
	json_put_u64(&j, "port", e->peer.port);
	json_put_bool(&j, "planned", e->planned);
	json_end(&j);
	if (e->heard)
		json_put_text(&j, "text", e->heard);
	for (size_t i = 0; i < MIN(e->bytes.n, (size_t)FIRST_BYTES); i++)
		snprintf(hex + 2 * i, 3, "%02x", (unsigned char)e->bytes.p[i]);
	if (e->bytes.n)
		json_put_text(&j, "first-bytes", hex);
	json_put_u64(&j, "received", e->received);
	json_put_u64(&j, "sent", e->sent);
	json_end(&j);
	out_char(log->out, '\n');
}

static void event_text(struct listen_log *log, const struct listen_event *e)
{
	static const char *const words[] = { "", "not understood: ", "refused: " };
	char time[TIME_TEXT], from[ADDR_TEXT];
	out_printf(log->out, "%s  %s %5u  from %s port %u%s: %s%s, %zu bytes, %zu sent\n", time_text(e->now, time),
		   protocol_name(e->port->wish.protocol), e->port->wish.port, addr_text(e->peer.address, from),
		   e->peer.port, e->planned ? "" : " (not planned)", words[e->what], e->heard ? e->heard : "bytes",
		   e->received, e->sent);
}

void listen_log_event(void *ctx, const struct listen_event *e)
{
	struct listen_log *log = ctx;
	*(e->what == LISTEN_HEARD ? &log->heard : e->what == LISTEN_FOREIGN ? &log->foreign : &log->refused) += 1;
	if (log->json)
		event_json(log, e);
	else
		event_text(log, e);
	out_flush(log->out);
}

void listen_log_end(struct listen_log *log)
{
	if (!log->json)
		out_printf(log->out, "%zu requests, %zu not understood, %zu refused\n", log->heard, log->foreign,
			   log->refused);
	out_flush(log->out);
}
