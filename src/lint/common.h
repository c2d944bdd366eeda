/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a check is written with: the row that it is, what it is handed, how it
 * reports, and what it may ask of hosts and of the catalogue.
 */
#pragma once

#include "base/vec.h"
#include "lint/lint.h"

/* A check as one row; its function has the same name. */
#define CHECK(name, id_, level_, document_, section_, line_, rules_, about_) \
	const struct check check_##name = { .id = (id_),                     \
					    .level = (level_),               \
					    .about = (about_),               \
					    .document = (document_),         \
					    .section = (section_),           \
					    .line = (line_),                 \
					    .rules = (rules_),               \
					    .run = name }

/* The context of a check. */
struct linting {
	struct arena *arena; /* of the findings */
	const struct plan *plan;
	const struct estate *estate; /* the plan's */
	struct str today;            /* "YYYY-MM-DD"; empty: not said */
	VEC(struct finding *) found;
};

/*
 * Reports; text is formatted as printf does.  No host: the estate.  What to do
 * about it, and another place that it contradicts, may be added; that place may
 * be NOWHERE.
 */
struct finding *lint_report(struct linting *l, const struct check *c, const struct host *h, struct loc at,
			    const char *text, ...) PRINTF(5, 6);
void lint_way_out(struct linting *l, struct finding *f, const char *fmt, ...) PRINTF(3, 4);
void lint_other(struct linting *l, struct finding *f, struct loc at, const char *fmt, ...) PRINTF(4, 5);

/* A role by its id in the catalogue; false when the catalogue does not have it. */
bool lint_has_role(struct linting *l, const struct host *h, const char *role);

/* A service by its id; NO_SERVICE when the catalogue does not have it. */
service_id lint_service(struct linting *l, const char *service);

/* The default port of a service; false when the catalogue gives no number. */
bool lint_default_ports(struct linting *l, const char *service, struct port_range *ret);

/* The port that the estate sets for a service of a host, or else its default; lo 0: neither. */
struct port_range lint_port(struct linting *l, const struct host *h, const char *service);

/* Something that listens on a host: one service on one range. */
struct listener {
	const struct service *service;
	uint8_t protocol;
	struct port_range ports;
	const struct port_setting *setting; /* NULL: the documents' port */
	const struct need *need;            /* the host that sets the port */
};

/* What a host listens on at fixed ports, by protocol, port and service. */
struct listener *lint_listeners(struct linting *l, const struct host *h, size_t *n);

/* Parses "https://host:port/path"; port 0: absent.  False when it is not such a URI. */
struct uri {
	struct str host, path;
	uint16_t port;
};
bool lint_uri(struct str s, struct uri *ret);

/*
 * One host of each group of equivalent ones (same roles, system, settings, zone
 * ...), and the number of the others: for checks that would report the same for
 * all.
 */
void lint_each_kind(struct linting *l, void (*look)(struct linting *l, const struct host *h, size_t others));

/* ", and N hosts like it"; empty for none. */
const char *lint_others(struct linting *l, size_t others);
