/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packets, and what decides them, for people and for programs: what proofs and
 * differences show in the same words.  Texts are made in the arena.
 */
#pragma once

#include "prove/compare.h"

struct str region_addrs(struct arena *a, struct addrset s);
struct str region_protocol(struct arena *a, struct portset s);
struct str region_ports(struct arena *a, const struct region *r);
struct str region_sports(struct arena *a, const struct region *r); /* source ports or ICMP codes; empty: all */
struct str region_text(struct arena *a, const struct region *r);   /* all of it on one line */

/* " (translated: 10.0.0.1 -> 10.1.0.20 tcp 49152 -> 8443)" where the rules that decide see another packet; or nothing. */
struct str translated_text(struct arena *a, const struct ruleset *r, const struct shown *s);

/* "rules.nft:7: the rule", or words for a default. */
struct str decided_by(struct arena *a, const struct shown *s);

/* " as RPC interface UUID"; of a host's rules " as an RPC service of PROGRAM"; or nothing. */
struct str interface_text(struct arena *a, struct str uuid);

/* The rules of hosts tell RPC services apart by the program that they are of, others by a UUID. */
bool interface_is_program(struct str interface);

struct json;
void json_witness(struct json *j, const struct packet *p); /* "witness": {...} */
void json_translated(struct json *j, const struct ruleset *r, const struct chain *chain,
		     const struct packet *sent);           /* "translated": {...}, or nothing */
void json_decided(struct json *j, const struct shown *s);  /* "decided-by": {...} */
void json_interface(struct json *j, struct str interface); /* "rpc-interface" or "rpc-program"; nothing for none */
void json_region(struct json *j, struct arena *a, const struct region *r);
