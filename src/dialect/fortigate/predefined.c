/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The services that FortiOS has from the factory, as "show firewall service custom" prints them (FortiOS 7).
 * An administrator may change them, and then a whole configuration says so: they stand for themselves only
 * in an extract without that list.
 */
#include "dialect/fortigate/fortigate.h"

static const struct predefined {
	const char *name, *tcp, *udp;
} with_ports[] = {
	{ "AFS3", "7000-7009", "7000-7009" },
	{ "AOL", "5190-5194", NULL },
	{ "BGP", "179", NULL },
	{ "CVSPSERVER", "2401", "2401" },
	{ "DCE-RPC", "135", "135" },
	{ "DHCP", NULL, "67-68" },
	{ "DHCP6", NULL, "546 547" },
	{ "DNS", "53", "53" },
	{ "FINGER", "79", NULL },
	{ "FTP", "21", NULL },
	{ "FTP_GET", "21", NULL },
	{ "FTP_PUT", "21", NULL },
	{ "GOPHER", "70", NULL },
	{ "H323", "1720 1503", "1719" },
	{ "HTTP", "80", NULL },
	{ "HTTPS", "443", NULL },
	{ "IKE", NULL, "500 4500" },
	{ "IMAP", "143", NULL },
	{ "IMAPS", "993", NULL },
	{ "Internet-Locator-Service", "389", NULL },
	{ "IRC", "6660-6669", NULL },
	{ "KERBEROS", "88 464", "88 464" },
	{ "L2TP", "1701", "1701" },
	{ "LDAP", "389", NULL },
	{ "LDAP_UDP", NULL, "389" },
	{ "MGCP", NULL, "2427 2727" },
	{ "MMS", "1755", "1024-5000" },
	{ "MS-SQL", "1433 1434", NULL },
	{ "MYSQL", "3306", NULL },
	{ "NetMeeting", "1720", NULL },
	{ "NFS", "111 2049", "111 2049" },
	{ "NNTP", "119", NULL },
	{ "NTP", "123", "123" },
	{ "ONC-RPC", "111", "111" },
	{ "PC-Anywhere", "5631", "5632" },
	{ "POP3", "110", NULL },
	{ "POP3S", "995", NULL },
	{ "PPTP", "1723", NULL },
	{ "QUAKE", NULL, "26000 27000 27910 27960" },
	{ "RADIUS", NULL, "1812 1813" },
	{ "RADIUS-OLD", NULL, "1645 1646" },
	{ "RAUDIO", NULL, "7070" },
	{ "RDP", "3389", NULL },
	{ "REXEC", "512", NULL },
	{ "RIP", NULL, "520" },
	{ "RLOGIN", "513:512-1023", NULL },
	{ "RSH", "514:512-1023", NULL },
	{ "RTSP", "554 7070 8554", "554" },
	{ "SAMBA", "139", NULL },
	{ "SCCP", "2000", NULL },
	{ "SIP", "5060", "5060" },
	{ "SIP-MSNmessenger", "1863", NULL },
	{ "SMB", "445", NULL },
	{ "SMTP", "25", NULL },
	{ "SMTPS", "465", NULL },
	{ "SNMP", "161-162", "161-162" },
	{ "SOCKS", "1080", "1080" },
	{ "SQUID", "3128", NULL },
	{ "SSH", "22", NULL },
	{ "SYSLOG", NULL, "514" },
	{ "TALK", NULL, "517-518" },
	{ "TELNET", "23", NULL },
	{ "TFTP", NULL, "69" },
	{ "TRACEROUTE", NULL, "33434-33535" },
	{ "UUCP", "540", NULL },
	{ "VDOLIVE", "7000-7010", NULL },
	{ "VNC", "5900", NULL },
	{ "WAIS", "210", NULL },
	{ "WINFRAME", "1494 2598", NULL },
	{ "WINS", "1512", "1512" },
	{ "X-WINDOWS", "6000-6063", NULL },
};

/* A protocol by its number, and of ICMP one type. */
static const struct predefined_protocol {
	const char *name;
	uint8_t protocol;
	int type;
} protocols[] = {
	{ "GRE", PROTO_GRE, -1 },
	{ "ESP", PROTO_ESP, -1 },
	{ "AH", PROTO_AH, -1 },
	{ "OSPF", 89, -1 },
	{ "PING", PROTO_ICMP, 8 },
	{ "TIMESTAMP", PROTO_ICMP, 13 },
	{ "INFO_REQUEST", PROTO_ICMP, 15 },
	{ "INFO_ADDRESS", PROTO_ICMP, 17 },
	{ "PING6", PROTO_ICMP6, 128 },
};

static void add_ports(struct forti *f, uint8_t protocol, const char *list, term_vec *terms)
{
	struct str rest = str_of(list ? list : ""), ports;
	struct service_term t;
	while (str_word(&rest, &ports))
		if (forti_port_term(ports, protocol, &t))
			*VEC_ADD(f->keep, terms) = t;
}

void forti_predefined(struct forti *f, struct str name, term_vec *terms)
{
	for (size_t i = 0; i < ARRAY_LEN(with_ports); i++)
		if (str_is(name, with_ports[i].name)) {
			add_ports(f, PROTO_TCP, with_ports[i].tcp, terms);
			add_ports(f, PROTO_UDP, with_ports[i].udp, terms);
		}
	for (size_t i = 0; i < ARRAY_LEN(protocols); i++)
		if (str_is(name, protocols[i].name)) {
			struct service_term t = service_of(protocols[i].protocol, ALL_PORTS);
			if (protocols[i].type >= 0)
				t.port =
					(struct port_range){ (uint16_t)protocols[i].type, (uint16_t)protocols[i].type };
			*VEC_ADD(f->keep, terms) = t;
		}
}
