/* SPDX-License-Identifier: Apache-2.0 */
#include "listen/stand-in.h"
#include "listen/stand-ins/table.h"

#define X(name) extern const struct stand_in stand_in_##name;
STAND_INS(X)
#undef X

const struct stand_in *const stand_ins[] = {
#define X(name) &stand_in_##name,
	STAND_INS(X)
#undef X
		NULL
};

/* UDP has stand-ins of its own where TCP speaks another protocol. */
static const char *over_udp(struct str application)
{
	return str_is(application, "ldap") ? "cldap" : NULL;
}

const struct stand_in *stand_in_find(struct str application, uint8_t protocol)
{
	const char *udp = protocol == PROTO_UDP ? over_udp(application) : NULL;
	struct str wanted = udp ? str_of(udp) : application;
	for (size_t i = 0; stand_ins[i]; i++)
		if (str_is(wanted, stand_ins[i]->name))
			return stand_ins[i];
	return &stand_in_token;
}
