/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The prover: what is required against what is permitted, for every packet.
 *
 *	missing = required - permitted
 *	surplus = permitted - required
 *
 * within the packets that the firewall judges.  Where a rule is uncertain, both
 * readings are computed: what is missing even if every uncertain rule permits is
 * missing; what depends on an uncertain rule is conditional.  Nothing is sampled.
 */
#pragma once

#include "flow/ruleset.h"
#include "prove/engine.h"

/* What a firewall may open by itself where it follows the protocol that negotiates it. */
enum helper {
	HELPER_NONE,
	HELPER_TFTP, /* the data of a transfer */
	HELPER_RPC,  /* the ports that the RPC endpoint mapper assigns */
};

/* One flow that must be permitted. */
struct required {
	struct flowbox box;
	/*
	 * What may be permitted for it without being surplus, when that is more: it
	 * contains the box.  A rule for an ICMP type permits all of its codes, and the
	 * need is of the only code that exists (RFC 792).  No services: only the box.
	 */
	struct flowbox tolerated;
	/*
	 * What the firewall's translation has to make of the box's packets, where it has to: as many
	 * services as the box has, each what becomes of the one of the same number.  Replies are to it.
	 * No services: the packets arrive as they are sent.
	 */
	struct flowbox arrives;
	struct port_range client_ports;   /* from which its conversations come, for the replies */
	enum helper helper;               /* that opens it if the firewall has it */
	const struct str *rpc_interfaces; /* of HELPER_RPC: the UUIDs that it is for; none: any */
	size_t n_rpc_interfaces;
	const void *what; /* the caller's */
};

static inline const struct flowbox *required_widest(const struct required *r)
{
	return r->tolerated.n_services ? &r->tolerated : &r->box;
}

/*
 * What is asked of the rules of one place.  The rules themselves are not part of it:
 * the same question is asked of the rules as they are, of the few that a change meets
 * (prove/reprove.h), and of the rules with edits made (prove/edit.h); its bytes are
 * the key of a kept proof (prove/proof-pack.h).  Nothing in it is copied: it lives as
 * long as the proofs of it, whose findings point to its flows.
 */
struct proof_question {
	const struct interface_map *map; /* where addresses are, for rules that name interfaces; NULL: unknown */
	const struct required *required; /* the flows that have to pass */
	size_t n_required;
	const struct flowbox *tolerated; /* what may pass and need not */
	size_t n_tolerated;
	const struct flowbox
		*judged; /* the packets that come to this place: a union of boxes; required flows do anyway */
	size_t n_judged;
	enum engine engine; /* zero: whichever comes to an end */
	size_t most;        /* the most differences of each kind that are computed; the rest is counted.  0: all */
};

/* A packet that shows a difference, and what decides it. */
struct shown {
	struct packet witness;
	const struct rule *by;     /* NULL: a chain's policy, or no rule at all */
	const struct chain *chain; /* where it was decided; NULL: nowhere */
};

struct missing {
	const struct required *required;
	struct shown shown;
	bool reply;               /* the replies are missing, not the request */
	const char *condition;    /* what the permission depends on; NULL: it is certainly missing */
	struct str rpc_interface; /* the one that is not permitted, where rules name some; a UUID or empty */
};

/* A readable part of a difference. */
struct region {
	struct addrset src, dst;
	struct portset protocols, sports, ports;
};

struct surplus {
	const struct region *regions; /* the first few */
	size_t n_regions;
	bool more_regions;
	struct shown shown;
	const char *condition;    /* NULL: certainly permitted */
	bool invalid;             /* packets that connection tracking calls invalid, and no first packets */
	struct str rpc_interface; /* that it is permitted for, at any port; a UUID or empty */
};

enum verdict { VERDICT_HOLDS, VERDICT_FAILS, VERDICT_UNPROVED, N_VERDICTS };
extern const char *const verdict_names[N_VERDICTS];

struct proof {
	enum verdict verdict;
	const struct ruleset *rules;
	size_t n_rules;
	const struct missing *missing;
	size_t n_missing;        /* computed */
	size_t all_missing;      /* of all flows */
	size_t helped;           /* flows that no rule permits and a helper of the firewall opens */
	size_t by_rpc_interface; /* flows that rules permit by their RPC interfaces, at the ports that the mapper names */
	const struct surplus *surplus;
	size_t n_surplus;
	bool more_surplus;
	bool accepts_any_ack;     /* a stateless list passes replies that belong to no request */
	struct packet any_ack;    /* one of them */
	bool undecided;           /* no engine finished: the results are invalid */
	enum engine engine;       /* that finished */
	const char *why_unproved; /* one sentence; NULL unless unproved */
};

/* The proof lives in the arena. */
struct proof prove(struct arena *a, const struct ruleset *r, const struct proof_question *q);

/* Of a question without packets: that there is no difference proves nothing. */
void proof_unjudged(struct proof *proof);

/*
 * The rules that apply to packets of no RPC interface; r itself where none is
 * named.  It excludes what rules permit by interface.
 */
const struct ruleset *rules_without_rpc(struct arena *a, const struct ruleset *r);

/* The replies to a flow's packets.  terms has room for 2 * the box's services. */
struct flowbox reply_box(const struct flowbox *b, struct port_range client_ports, struct service_term *terms);

/*
 * The packets of a box that connection tracking may call invalid (nf_conntrack_proto_tcp.c, _icmp.c,
 * _icmpv6.c): TCP, and ICMP that is not a query; in IPv6, nor neighbour discovery or multicast listeners,
 * which are untracked.  No services: there are none.
 */
struct flowbox invalid_box(struct arena *a, const struct flowbox *b);

/*
 * The replies that a stateless list may permit for a flow: to any port that a request
 * may come from; from_any_port: a list that cannot distinguish a server's port from a
 * client's.
 */
struct flowbox answers_box(const struct required *r, bool from_any_port, struct service_term *terms);
