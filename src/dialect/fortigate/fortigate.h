/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of FortiGate's reader share: the tree of a configuration
 * (tree.c), address and service objects (objects.c), services of the factory (predefined.c), virtual IPs (vip.c),
 * and policies (read.c).
 */
#pragma once

#include "base/vec.h"
#include "dialect/common/config-tree.h"
#include "dialect/common/match.h"
#include "dialect/dialect.h"

enum forti_state { NOT_RESOLVED, RESOLVING, RESOLVED };

/* What an address or service object stands for. */
struct forti_object {
	const struct config_node *node;
	enum forti_state state;
	/* Of an uncertain one: all that it may be, and what it is for certain. */
	struct addrset addresses, sure_addresses;
	const struct service_term *terms, *sure_terms;
	size_t n_terms, n_sure_terms;
	const char *perhaps;
	VEC(uint32_t) translations; /* of a virtual IP, or of a group of them; as a rule's target has them */
};

struct forti {
	struct arena *keep, *scratch;
	const struct source *source;
	const struct read_options *options;
	struct ruleset *rules;
	struct diag *diag;
	struct config_tree tree;
	const struct config_node *device; /* the virtual domain, or the root */
	size_t copied;                    /* members copied into other groups */
	struct strmap objects;            /* "KIND NAME" -> struct forti_object; KIND: 4, 6 or s */
	struct strmap selections;         /* number of a node -> struct selection */
	VEC(struct selection *) all_selections;
	struct strmap known;       /* attributes of policies; only their presence matters */
	struct addrset translated; /* external addresses of virtual IPs */
	bool central;              /* central NAT: policies compare what is behind it, and name no virtual IPs */
};

/* config ... edit ... set ... next ... end as a tree; false after an error. */
bool forti_build(struct forti *f);

/* A named entry of one of the device's lists; NULL: there is none. */
const struct config_node *forti_find(const struct forti *f, const char *list, struct str name);

static inline const struct config_node *forti_member(const struct forti *f, const struct config_node *n,
						     const char *name)
{
	return config_get(&f->tree, n, str_of(name));
}

static inline struct str forti_value(const struct forti *f, const struct config_node *n, const char *name)
{
	const struct config_node *said = forti_member(f, n, name);
	return said && said->values.n ? said->values.v[0] : NO_STR;
}

/* NULL: there is no such object, or an error was reported. */
const struct forti_object *forti_address(struct forti *f, struct str name, enum family family);
const struct forti_object *forti_service(struct forti *f, struct str name);

/* "445", "49152-65535", "123:1024-65535": destination, and source after a colon. */
static inline bool forti_port_term(struct str s, uint8_t protocol, struct service_term *ret)
{
	size_t colon = str_find(s, ':');
	*ret = (struct service_term){ protocol, protocol, ALL_PORTS, ALL_PORTS };
	return port_numbers_parse(colon == SIZE_MAX ? s : str_first(s, colon), &ret->port) &&
	       (colon == SIZE_MAX || port_numbers_parse(str_skip(s, colon + 1), &ret->sport));
}

/* Adds what a service of the factory stands for; nothing where there is none of that name.  predefined.c. */
void forti_predefined(struct forti *f, struct str name, term_vec *terms);

/* The object of a name, made on first use; KIND is that of `objects`. */
struct forti_object *forti_object_of(struct forti *f, char kind, struct str name);

/* Virtual IPs, in their order; before policies are read.  Ended by the caller.  vip.c. */
struct translator forti_read_vips(struct forti *f);

bool fortigate_parse(struct arena *a, const struct source *s, const struct read_options *o, struct ruleset **ret,
		     struct diag *d);
