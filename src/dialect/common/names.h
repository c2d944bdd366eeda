/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names that rule languages use for numbers: ports, protocols, ICMP types.
 * Readers accept them; emitters write numbers.
 */
#pragma once

#include "net/port.h"

/*
 * A port by number or name.  Some names depend on the vendor, which
 * `vendor` selects: "cisco" has `www`, `lpd`, `sqlnet` ... in addition to the IANA
 * service names that Windows and Unix share, "junos" some of its own.  PORT_ZERO is not an error here:
 * packets can have that port.
 */
bool port_name_parse(struct str s, const char *vendor, uint16_t *ret);

/* "N", "N-M" or "N:M" (with `separator`), or a name; an omitted end means the first or last port. */
bool port_name_range(struct str s, char separator, const char *vendor, struct port_range *ret);

/* An ICMP or ICMPv6 type by name or number, with the code that the name implies; code 256: all. */
enum { ANY_CODE = 256 };
bool icmp_name_parse(struct str s, bool v6, uint16_t *type, uint16_t *code);

/* A protocol by number or by any of its names in rule languages (ip, ahp, eigrp ...); "ip" is 256: any. */
enum { ANY_PROTOCOL = 256 };
bool protocol_name_parse(struct str s, unsigned *ret);
