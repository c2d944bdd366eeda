/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Probes: what to send, what came, and what that means, for one application protocol each.
 *
 * A probe is a small state machine without I/O and without a clock.  The engine
 * connects, calls start(), sends what the protocol put, hands over what comes, and
 * stops at the first verdict.  A test does the same with the bytes of a transcript.
 *
 * To add one: write probe/protocols/NAME.c with one or more struct probe at its end, add their names to
 * probe/protocols/table.h, and give each a transcript in tests/data/transcripts.
 * A protocol that no exchange can prove has a row without callbacks that says why.
 */
#pragma once

#include "net/addr.h"
#include "net/port.h"
#include "probe/reason.h"
#include "wire/bytes.h"
#include "wire/rpc.h"

/* What marks an answer of portolan listen: probes look for these words, people read them. */
#define STAND_IN         "portolan-listen"
#define STAND_IN_NAME    "PORTOLAN-LISTEN"   /* where a name of 15 upper-case letters is wanted */
#define STAND_IN_SUBJECT "portolan stand-in" /* organization of its certificates */

/* Limits of one exchange.  What a server sends beyond them ends it with other-service. */
enum {
	EXCHANGE_SEND_MAX = 2048,     /* bytes that a protocol sends at a time */
	EXCHANGE_INPUT_MAX = 1 << 16, /* bytes of a stream that wait for the protocol */
	EXCHANGE_TOTAL_MAX = 1 << 18, /* bytes that a stream may bring in all */
	EXCHANGE_ROUNDS_MAX = 64,     /* sends of one exchange */
	EVIDENCE_MAX = 256,           /* bytes of one field */
	EVIDENCE_FIELDS_MAX = 32,
	RANDOM_BYTES = 64,
};

struct rpc_interface {
	struct str name;
	struct rpc_syntax syntax;
	bool dcom; /* no mapper knows its port; the object exporter hands it out after a logon */
};

/*
 * What the endpoint mapper of one server says of several interfaces, asked over one connection by
 * the survey of a probe, for the exchanges that need it.
 */
struct rpc_mapped {
	struct rpc_syntax interface;
	bool known; /* it replied; n == 0: the server does not run the interface */
	struct rpc_endpoint *endpoints;
	size_t n;
};

struct rpc_mapping {
	struct rpc_mapped *v;
	size_t n, room;
	bool stand_in;       /* portolan listen replied */
	struct arena *arena; /* of the endpoints */
};

/* How an exchange is weaker than usual, to see whether a server accepts that (probe/posture.h). */
enum weaken {
	WEAKEN_NOTHING,
	WEAKEN_TLS_1_1, /* no newer version is offered */
	WEAKEN_TLS_1_0,
	WEAKEN_NLA, /* Remote Desktop without CredSSP */
	WEAKEN_RC4, /* Kerberos with RC4 alone */
};

/* What the plan says of the service that is asked.  An empty string is not known, and then not compared. */
struct target {
	struct str host;      /* its name in the estate, or as it was given */
	struct str name;      /* DNS name: dc1.contoso.com */
	struct str domain;    /* DNS name of its Active Directory domain */
	struct str site;      /* Active Directory site */
	struct str instance;  /* of SQL Server */
	struct str path;      /* of a URL, beginning with a slash */
	struct str principal; /* Kerberos: whom to ask for; empty: portolan-probe */
	struct str secret;    /* RADIUS: shared; SNMP: community */
	struct str token;     /* shared with the stand-in that listens; empty: none */
	struct addr address;
	struct addr source; /* the own address */
	uint16_t source_port;
	uint8_t protocol;                       /* IP protocol: 6, 17, 1, 58 */
	uint16_t port;                          /* where the exchange begins; RPC: the endpoint mapper's */
	struct port_range ports;                /* of the flow: where a dynamic port must lie */
	struct rpc_interface interface;         /* name.n == 0: none is known */
	bool dcom_endpoint;                     /* the port is the static one of a DCOM server */
	bool tls;                               /* the service speaks TLS although its application does not say so */
	bool domain_controller, global_catalog; /* roles that the plan gives it */
	enum weaken weaken;
};

/* A certificate and session as TLS gave them, for protocols that compare identities. */
struct tls_peer {
	struct str version; /* "TLSv1.3" */
	struct str subject, issuer;
	bool name_matches;      /* target->name is one of its names; true when no name is known */
	bool asked_certificate; /* the server sent a CertificateRequest */
};

enum advice_level { ADVICE_NOTE, ADVICE_WARNING, ADVICE_ERROR };

struct advice_found {
	const char *id; /* "clock-offset" */
	enum advice_level level;
	struct str text;
	const struct advice_found *next;
};

struct evidence {
	const char *key;
	struct str value; /* as the server sent it; escaped where it is shown */
};

/* What the engine is to do next. */
enum step {
	STEP_WAIT,   /* send what was put, and wait for input */
	STEP_TLS,    /* send what was put, then shake hands; secured() follows */
	STEP_FOLLOW, /* connect to follow_port of the same address; start() of follow comes next, with the same state */
	STEP_DONE,   /* reason and text are set */
};

struct probe;

struct exchange {
	struct arena *arena; /* lives as long as the result */
	const struct target *target;
	const struct probe *probe;
	void *state;           /* probe->state_size bytes, zeroed at first */
	const uint8_t *random; /* RANDOM_BYTES: identifiers and nonces come from here, so that a test may fix them */
	bool secure;           /* inside TLS */
	struct rpc_mapping *mapping; /* of a survey; NULL: none was made, and the exchange asks for itself */
	/* what the protocol answers */
	struct buffer send; /* emptied by the engine after it was sent */
	enum step step;
	uint16_t follow_port;
	const struct probe *follow;
	enum probe_reason reason;
	struct str text; /* what was found, for people; one line */
	bool stand_in;   /* portolan listen answered */
	bool has_clock;
	int64_t clock; /* the server's time, in milliseconds since 1970 */
	struct evidence evidence[EVIDENCE_FIELDS_MAX];
	size_t n_evidence;
	const struct advice_found *advice; /* the newest first */
};

struct probe {
	const char *name;       /* an application: of the catalogue's services */
	const char *title;      /* "LDAP": for people */
	enum probe_reason best; /* the best that this protocol can reach */
	const char *why_not;    /* where best is not proven: why no more can be proved; NULL otherwise */
	const char *follows;    /* what may be sent after the first packet, for --dry-run; NULL: nothing */
	size_t state_size;
	const struct probe *over_udp; /* what asks the same service over UDP; NULL: the same exchange does */
	unsigned patience;            /* milliseconds to wait when silence is expected; 0: the engine's time-out */
	bool replies_elsewhere;       /* UDP replies come from another port of the target (TFTP) */
	bool tls_first;               /* TLS begins with the connection: secured() comes before start() */
	uint16_t source_port;         /* the replies come only to this source port (DHCP); 0: any will do */
	/* Asks what several exchanges with one server have in common, and puts it into ex->mapping; NULL: they have nothing. */
	const struct probe *survey;
	/* Where there is a survey: whether an exchange with this target needs it. */
	bool (*needs_survey)(const struct target *t);
	/* Before it connects, with ex->mapping: follows what the survey found, ends the exchange, or leaves it as it is. */
	void (*surveyed)(struct exchange *ex);
	/* Connected; UDP: nothing was sent yet.  NULL: nothing can be asked. */
	void (*start)(struct exchange *ex);
	/*
	 * What came: for a stream all bytes not yet consumed, for UDP one datagram.  Returns how many
	 * bytes were consumed; fewer than came means that the rest is incomplete.
	 */
	size_t (*input)(struct exchange *ex, const uint8_t *p, size_t n);
	/* TLS is up.  NULL: start() follows (tls_first), or nothing. */
	void (*secured)(struct exchange *ex, const struct tls_peer *peer);
	/* The server closed the stream in order.  NULL: other-service, "closed without a reply". */
	void (*closed)(struct exchange *ex);
	/* Nothing came for patience or the time-out.  NULL: the engine's verdict (silent, no-answer ...). */
	void (*quiet)(struct exchange *ex);
};

/* By the application's name and the IP protocol; NULL: none. */
const struct probe *probe_find(struct str name, uint8_t protocol);
extern const struct probe *const probes[]; /* ends with NULL */

/* The buffer to put bytes into; they are sent when the callback returns. */
struct buffer *exchange_send(struct exchange *ex);

void exchange_tls(struct exchange *ex);
void exchange_follow(struct exchange *ex, uint16_t port, const struct probe *with);

/* The verdict.  The first one counts. */
void exchange_done(struct exchange *ex, enum probe_reason reason, const char *fmt, ...) PRINTF(3, 4);

/* other-service, with the first bytes that came, named where they are known ("looks like HTTP"). */
void exchange_foreign(struct exchange *ex, const uint8_t *p, size_t n);

/* Marks the exchange when the text of a reply names the stand-in. */
void exchange_check_stand_in(struct exchange *ex, struct str text);

/* Copies the value, at most EVIDENCE_MAX bytes of it. */
void exchange_evidence(struct exchange *ex, const char *key, struct str value);
void exchange_evidence_number(struct exchange *ex, const char *key, uint64_t value);
void exchange_advice(struct exchange *ex, const char *id, enum advice_level level, const char *fmt, ...) PRINTF(4, 5);
void exchange_clock(struct exchange *ex, int64_t milliseconds);

/* True when the names are equal but for case and a final dot.  Where one of them is a single label, first labels are compared. */
bool exchange_same_name(struct str planned, struct str found);

/*
 * Compares the names that a server gives with the plan's; either may be empty.  Keeps them as evidence,
 * and ends the exchange with other-identity at a difference, with proven when something was compared, and with service when nothing
 * could be.  what begins the text: "an LDAP server".
 */
void exchange_identify(struct exchange *ex, const char *what, struct str host, struct str domain);
