/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What no exchange can prove: protocols that are not published, or that a client begins with a logon.  Over
 * TCP a connection is the best that can be seen; over UDP and other protocols only the stand-in of portolan
 * listen decides.
 */
#include "probe/probe.h"

enum { PATIENCE = 500 };

/* Something that speaks first is not one of these. */
static size_t input(struct exchange *ex, const uint8_t *p, size_t n)
{
	exchange_foreign(ex, p, n);
	return n;
}

static void quiet(struct exchange *ex)
{
	exchange_done(ex, REASON_ACCEPTS, "accepts connections; no more can be asked: %s", ex->probe->why_not);
}

static void secured(struct exchange *ex, const struct tls_peer *peer)
{
	if (peer->name_matches && ex->target->name.n)
		exchange_done(ex, REASON_PROVEN, "TLS with a certificate of %.*s", STR_ARG(ex->target->name));
	else
		exchange_done(ex, REASON_SERVICE, "TLS");
}

/* UDP: documents list it, and nothing of Windows listens. */
const struct probe probe_no_udp = {
	.name = "no-udp",
	.title = "a UDP service",
	.best = REASON_NEEDS_LISTENER,
	.why_not = "documents list this UDP port, but nothing of Windows listens on it; the rule can go",
};

#define UNPUBLISHED "the protocol is not published"
#define ONE_WAY     "the protocol sends no replies"

/* TCP accepts; over UDP only a stand-in decides. */
#define CONNECT_ONLY(symbol, text, called, why)    \
	static const struct probe udp_##symbol = { \
		.name = text,                      \
		.title = called,                   \
		.best = REASON_NEEDS_LISTENER,     \
		.why_not = why,                    \
	};                                         \
	const struct probe probe_##symbol = {      \
		.name = text,                      \
		.title = called,                   \
		.best = REASON_ACCEPTS,            \
		.why_not = why,                    \
		.over_udp = &udp_##symbol,         \
		.patience = PATIENCE,              \
		.input = input,                    \
		.quiet = quiet,                    \
	}

#define NOTHING_TO_ASK(symbol, text, called, why) \
	const struct probe probe_##symbol = {     \
		.name = text,                     \
		.title = called,                  \
		.best = REASON_NEEDS_LISTENER,    \
		.why_not = why,                   \
	}

CONNECT_ONLY(configmgr_rc, "configmgr-rc", "remote control", UNPUBLISHED);
CONNECT_ONLY(configmgr_notify, "configmgr-notify", "client notification", UNPUBLISHED);
CONNECT_ONLY(proxy, "proxy", "the firewall client protocol", UNPUBLISHED);
CONNECT_ONLY(scom, "scom", "Operations Manager", UNPUBLISHED);
CONNECT_ONLY(dpm, "dpm", "the protection agent", UNPUBLISHED);
CONNECT_ONLY(wcf, "wcf", "a WCF service", "the address of the service is not published");
CONNECT_ONLY(scom_acs, "scom-acs", "Audit Collection Services", UNPUBLISHED);
CONNECT_ONLY(mom, "mom", "MOM", UNPUBLISHED);
CONNECT_ONLY(olap, "olap", "OLAP Services", UNPUBLISHED);
CONNECT_ONLY(xmla, "xmla", "Analysis Services", "a client begins with a logon");
CONNECT_ONLY(ssas_browser, "ssas-browser", "the SQL Server Browser", UNPUBLISHED);
CONNECT_ONLY(msmq, "msmq", "Message Queuing", "a client begins with a session of its own queue");
CONNECT_ONLY(mssql_broker, "mssql-broker", "Service Broker", "a client begins with a logon");
CONNECT_ONLY(mssql_mirroring, "mssql-mirroring", "database mirroring", "a client begins with a logon");
CONNECT_ONLY(dhcp_failover, "dhcp-failover", "DHCP failover", "a server logs an error when an unknown partner speaks");
CONNECT_ONLY(wins_repl, "wins-repl", "WINS replication", "a server begins a replication with a partner that it knows");
CONNECT_ONLY(lpd, "lpd", "LPD", "a client begins with a print job");
CONNECT_ONLY(raw_print, "raw-print", "raw printing", "a printer prints whatever it is sent");
CONNECT_ONLY(vmconnect, "vmconnect", "the console of a virtual machine",
	     "a client begins with the id of a virtual machine");
CONNECT_ONLY(cluster, "cluster", "the cluster service", UNPUBLISHED);
CONNECT_ONLY(smb_direct, "smb-direct", "SMB Direct", "it needs RDMA hardware");
CONNECT_ONLY(hyperv_lm, "hyperv-lm", "live migration", "a client begins with a logon");
CONNECT_ONLY(delivery, "do", "Delivery Optimization", UNPUBLISHED);
CONNECT_ONLY(bootstrap, "bootstrap", "the installation bootstrap service", UNPUBLISHED);
CONNECT_ONLY(x400, "x400", "X.400", "a client begins with a logon");
CONNECT_ONLY(mms, "mms", "MMS", "the protocol is withdrawn");
CONNECT_ONLY(ftp_data, "ftp-data", "FTP data", "a data connection belongs to a session on the control port");
CONNECT_ONLY(discard, "discard", "the discard service", ONE_WAY);
CONNECT_ONLY(socks, "socks", "SOCKS", "a client asks the proxy to connect elsewhere");
CONNECT_ONLY(aspnet_state, "aspnet-state", "the ASP.NET state service", "a question for a state names an application");

NOTHING_TO_ASK(configmgr_wup, "configmgr-wup", "the wake-up proxy", UNPUBLISHED);
NOTHING_TO_ASK(wds_multicast, "wds-multicast", "multicast", "data is sent to a group after a session over RPC");
NOTHING_TO_ASK(wol, "wol", "Wake on LAN", ONE_WAY);
NOTHING_TO_ASK(teredo, "teredo", "Teredo", "the protocol is withdrawn");
NOTHING_TO_ASK(rtp, "rtp", "RTP", "media belongs to a session that was set up elsewhere");
NOTHING_TO_ASK(rtcp, "rtcp", "RTCP", "media belongs to a session that was set up elsewhere");
NOTHING_TO_ASK(rdp_dtls, "rdp-dtls", "Remote Desktop over UDP", "UDP carries it only after a session over TCP");
NOTHING_TO_ASK(peer_cache, "peer-cache", "Peer Cache", UNPUBLISHED);
NOTHING_TO_ASK(netbios_dgm, "netbios-dgm", "the NetBIOS datagram service",
	       "its replies go to UDP 138 of a machine that has joined");
NOTHING_TO_ASK(ms_theater, "ms-theater", "MS Theater", "the protocol is withdrawn");
NOTHING_TO_ASK(madcap, "madcap", "MADCAP", "a client begins with a lease of a group");
NOTHING_TO_ASK(any_port, "any-port", "any protocol", "a range of all ports names no service");
NOTHING_TO_ASK(gre, "gre", "GRE", "packets belong to a tunnel that was set up elsewhere");
NOTHING_TO_ASK(esp, "esp", "ESP", "packets belong to a security association");
NOTHING_TO_ASK(ah, "ah", "AH", "packets belong to a security association");

const struct probe probe_tls = {
	.name = "tls",
	.title = "TLS",
	.best = REASON_PROVEN,
	.over_udp = &probe_no_udp,
	.tls_first = true,
	.secured = secured,
	.input = input,
};
