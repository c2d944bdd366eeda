/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/common/names.h"

/*
 * IANA service names as in Debian's services(5), and those of Cisco IOS and
 * ASA and of Junos, some of which mean other ports: the ASA's "kerberos" is that
 * of version 4, and so is the "kpasswd" of Junos.
 */
static const struct {
	const char *name;
	uint16_t port;
	const char *vendor; /* NULL: any */
} ports[] = {
	{ "tcpmux", 1, NULL },
	{ "echo", 7, NULL },
	{ "discard", 9, NULL },
	{ "systat", 11, NULL },
	{ "daytime", 13, NULL },
	{ "netstat", 15, NULL },
	{ "qotd", 17, NULL },
	{ "chargen", 19, NULL },
	{ "ftp-data", 20, NULL },
	{ "ftp", 21, NULL },
	{ "ssh", 22, NULL },
	{ "telnet", 23, NULL },
	{ "smtp", 25, NULL },
	{ "time", 37, NULL },
	{ "nameserver", 42, NULL },
	{ "nicname", 43, "cisco" },
	{ "whois", 43, NULL },
	{ "tacacs", 49, NULL },
	{ "tacacs-ds", 65, "junos" },
	{ "domain", 53, NULL },
	{ "dns", 53, NULL },
	{ "bootps", 67, NULL },
	{ "dhcps", 67, NULL },
	{ "bootpc", 68, NULL },
	{ "dhcpc", 68, NULL },
	{ "tftp", 69, NULL },
	{ "gopher", 70, NULL },
	{ "finger", 79, NULL },
	{ "http", 80, NULL },
	{ "www", 80, NULL },
	{ "www-http", 80, NULL },
	{ "kerberos", 88, NULL },
	{ "kerberos-sec", 88, NULL },
	{ "krb5", 88, NULL },
	{ "hostname", 101, NULL },
	{ "hostnames", 101, NULL },
	{ "iso-tsap", 102, NULL },
	{ "pop2", 109, NULL },
	{ "pop3", 110, NULL },
	{ "pop-3", 110, NULL },
	{ "sunrpc", 111, NULL },
	{ "rpc", 111, "cisco" },
	{ "portmapper", 111, NULL },
	{ "auth", 113, NULL },
	{ "ident", 113, NULL },
	{ "nntp", 119, NULL },
	{ "ntp", 123, NULL },
	{ "epmap", 135, NULL },
	{ "loc-srv", 135, NULL },
	{ "msrpc", 135, NULL },
	{ "netbios-ns", 137, NULL },
	{ "netbios-dgm", 138, NULL },
	{ "netbios-ss", 139, "cisco" },
	{ "netbios-ssn", 139, NULL },
	{ "imap", 143, NULL },
	{ "imap2", 143, NULL },
	{ "imap4", 143, NULL },
	{ "snmp", 161, NULL },
	{ "snmptrap", 162, NULL },
	{ "snmp-trap", 162, NULL },
	{ "xdmcp", 177, NULL },
	{ "bgp", 179, NULL },
	{ "irc", 194, NULL },
	{ "dnsix", 195, "cisco" },
	{ "mobile-ip", 434, "cisco" },
	{ "ldap", 389, NULL },
	{ "pim-auto-rp", 496, "cisco" },
	{ "https", 443, NULL },
	{ "microsoft-ds", 445, NULL },
	{ "smb", 445, NULL },
	{ "cifs", 445, NULL },
	{ "kpasswd", 464, NULL },
	{ "isakmp", 500, NULL },
	{ "exec", 512, NULL },
	{ "rsh", 514, "cisco" },
	{ "biff", 512, NULL },
	{ "login", 513, NULL },
	{ "who", 513, NULL },
	{ "rlogin", 513, NULL },
	{ "cmd", 514, "cisco" },
	{ "shell", 514, NULL },
	{ "syslog", 514, NULL },
	{ "lpd", 515, NULL },
	{ "printer", 515, NULL },
	{ "talk", 517, NULL },
	{ "ntalk", 518, NULL },
	{ "rip", 520, NULL },
	{ "route", 520, NULL },
	{ "uucp", 540, NULL },
	{ "klogin", 543, NULL },
	{ "kshell", 544, NULL },
	{ "rtsp", 554, NULL },
	{ "submission", 587, NULL },
	{ "ipp", 631, NULL },
	{ "ldaps", 636, NULL },
	{ "ldp", 646, NULL },
	{ "domain-s", 853, NULL },
	{ "rsync", 873, NULL },
	{ "ftps", 990, NULL },
	{ "ftps-data", 989, NULL },
	{ "imaps", 993, NULL },
	{ "pop3s", 995, NULL },
	{ "socks", 1080, NULL },
	{ "nfs", 2049, NULL },
	{ "lotusnotes", 1352, "cisco" },
	{ "openvpn", 1194, NULL },
	{ "ms-sql-s", 1433, NULL },
	{ "ms-sql-m", 1434, NULL },
	{ "citrix-ica", 1494, NULL },
	{ "sqlnet", 1521, "cisco" },
	{ "l2f", 1701, NULL },
	{ "h323", 1720, "cisco" },
	{ "pptp", 1723, NULL },
	{ "radius", 1645, "cisco" },
	{ "radius-acct", 1646, "cisco" },
	{ "radius", 1812, NULL },
	{ "radius-acct", 1813, NULL },
	{ "mysql", 3306, NULL },
	{ "ms-wbt-server", 3389, NULL },
	{ "rdp", 3389, NULL },
	{ "ctiqbe", 2748, "cisco" },
	{ "cifs", 3020, "cisco" },
	{ "globalcatLDAP", 3268, NULL },
	{ "globalcatLDAPssl", 3269, NULL },
	{ "ipsec-nat-t", 4500, NULL },
	{ "non500-isakmp", 4500, "cisco" },
	{ "sip", 5060, NULL },
	{ "sip-tls", 5061, NULL },
	{ "aol", 5190, "cisco" },
	{ "secureid-udp", 5510, "cisco" },
	{ "postgresql", 5432, NULL },
	{ "pcanywhere-data", 5631, "cisco" },
	{ "pcanywhere-status", 5632, "cisco" },
	{ "wsman", 5985, NULL },
	{ "wsmans", 5986, NULL },
	{ "x11", 6000, NULL },
	{ "drip", 3949, "cisco" },
	{ "connectedapps-plain", 15001, "cisco" },
	{ "connectedapps-tls", 15002, "cisco" },
	{ "vxlan", 4789, NULL },
	{ "http-alt", 8080, NULL },
	{ "webcache", 8080, NULL },
	{ "kerberos", 750, "cisco" },
	{ "onep-plain", 15001, "cisco" },
	{ "onep-tls", 15002, "cisco" },
	{ "kpasswd", 761, "junos" },
	{ "krb-prop", 754, "junos" },
	{ "krbupdate", 760, "junos" },
	{ "radacct", 1813, "junos" },
	{ "dhcp", 67, "junos" },
	{ "cmd", 514, "junos" },
	{ "nfsd", 2049, "junos" },
	{ "timed", 525, "junos" },
	{ "afs", 1483, "junos" },
	{ "cvspserver", 2401, "junos" },
	{ "eklogin", 2105, "junos" },
	{ "ekshell", 2106, "junos" },
	{ "msdp", 639, "junos" },
	{ "rkinit", 2108, "junos" },
	{ "snpp", 444, "junos" },
	{ "mobileip-agent", 434, "junos" },
	{ "mobilip-mn", 435, "junos" },
	{ "zephyr-clt", 2103, "junos" },
	{ "zephyr-hm", 2104, "junos" },
};

bool port_name_parse(struct str s, const char *vendor, uint16_t *ret)
{
	uint32_t n;
	int found = -1;
	if (str_to_u32(s, 65535, &n)) {
		*ret = (uint16_t)n;
		return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(ports); i++) {
		if (!str_iis(s, ports[i].name))
			continue;
		bool own = ports[i].vendor && vendor && strcmp(ports[i].vendor, vendor) == 0;
		if (own) {
			*ret = ports[i].port;
			return true;
		}
		if (!ports[i].vendor)
			found = ports[i].port;
	}
	if (found < 0)
		return false;
	*ret = (uint16_t)found;
	return true;
}

bool port_name_range(struct str s, char separator, const char *vendor, struct port_range *ret)
{
	if (port_name_parse(s, vendor, &ret->lo)) {
		ret->hi = ret->lo;
		return true;
	}
	size_t at = str_find(s, separator);
	if (at == SIZE_MAX)
		return false;
	struct str lo = str_trim(str_first(s, at)), hi = str_trim(str_skip(s, at + 1));
	*ret = ALL_PORTS;
	if ((lo.n && !port_name_parse(lo, vendor, &ret->lo)) || (hi.n && !port_name_parse(hi, vendor, &ret->hi)))
		return false;
	return ret->lo <= ret->hi && (lo.n || hi.n);
}

/* RFC 792, RFC 950, RFC 4443, RFC 4861 and the names of nft, iptables and Cisco. */
static const struct {
	const char *name;
	bool v6;
	uint16_t type, code;
} icmp_names[] = {
	{ "echo-reply", false, 0, ANY_CODE },
	{ "pong", false, 0, ANY_CODE },
	{ "destination-unreachable", false, 3, ANY_CODE },
	{ "unreachable", false, 3, ANY_CODE },
	{ "net-unreachable", false, 3, 0 },
	{ "network-unreachable", false, 3, 0 },
	{ "host-unreachable", false, 3, 1 },
	{ "protocol-unreachable", false, 3, 2 },
	{ "port-unreachable", false, 3, 3 },
	{ "fragmentation-needed", false, 3, 4 },
	{ "packet-too-big", false, 3, 4 },
	{ "source-route-failed", false, 3, 5 },
	{ "network-unknown", false, 3, 6 },
	{ "host-unknown", false, 3, 7 },
	{ "host-isolated", false, 3, 8 },
	{ "dod-net-prohibited", false, 3, 9 },
	{ "network-prohibited", false, 3, 9 },
	{ "dod-host-prohibited", false, 3, 10 },
	{ "host-prohibited", false, 3, 10 },
	{ "net-tos-unreachable", false, 3, 11 },
	{ "TOS-network-unreachable", false, 3, 11 },
	{ "host-tos-unreachable", false, 3, 12 },
	{ "TOS-host-unreachable", false, 3, 12 },
	{ "administratively-prohibited", false, 3, 13 },
	{ "communication-prohibited", false, 3, 13 },
	{ "host-precedence-unreachable", false, 3, 14 },
	{ "host-precedence-violation", false, 3, 14 },
	{ "precedence-unreachable", false, 3, 15 },
	{ "precedence-cutoff", false, 3, 15 },
	{ "source-quench", false, 4, ANY_CODE },
	{ "redirect", false, 5, ANY_CODE },
	{ "network-redirect", false, 5, 0 },
	{ "net-redirect", false, 5, 0 },
	{ "host-redirect", false, 5, 1 },
	{ "net-tos-redirect", false, 5, 2 },
	{ "TOS-network-redirect", false, 5, 2 },
	{ "host-tos-redirect", false, 5, 3 },
	{ "TOS-host-redirect", false, 5, 3 },
	{ "alternate-address", false, 6, ANY_CODE },
	{ "echo-request", false, 8, ANY_CODE },
	{ "echo", false, 8, ANY_CODE },
	{ "ping", false, 8, ANY_CODE },
	{ "router-advertisement", false, 9, ANY_CODE },
	{ "router-solicitation", false, 10, ANY_CODE },
	{ "router-solicit", false, 10, ANY_CODE },
	{ "time-exceeded", false, 11, ANY_CODE },
	{ "ttl-exceeded", false, 11, ANY_CODE },
	{ "ttl-zero-during-transit", false, 11, 0 },
	{ "ttl-zero-during-reassembly", false, 11, 1 },
	{ "reassembly-timeout", false, 11, 1 },
	{ "parameter-problem", false, 12, ANY_CODE },
	{ "general-parameter-problem", false, 12, 0 },
	{ "ip-header-bad", false, 12, 0 },
	{ "option-missing", false, 12, 1 },
	{ "required-option-missing", false, 12, 1 },
	{ "no-room-for-option", false, 12, 2 },
	{ "timestamp-request", false, 13, ANY_CODE },
	{ "timestamp", false, 13, ANY_CODE },
	{ "timestamp-reply", false, 14, ANY_CODE },
	{ "info-request", false, 15, ANY_CODE },
	{ "information-request", false, 15, ANY_CODE },
	{ "info-reply", false, 16, ANY_CODE },
	{ "information-reply", false, 16, ANY_CODE },
	{ "address-mask-request", false, 17, ANY_CODE },
	{ "mask-request", false, 17, ANY_CODE },
	{ "address-mask-reply", false, 18, ANY_CODE },
	{ "mask-reply", false, 18, ANY_CODE },
	{ "traceroute", false, 30, ANY_CODE },
	{ "conversion-error", false, 31, ANY_CODE },
	{ "mobile-redirect", false, 32, ANY_CODE },
	{ "destination-unreachable", true, 1, ANY_CODE },
	{ "unreachable", true, 1, ANY_CODE },
	{ "no-route", true, 1, 0 },
	{ "no-admin", true, 1, 1 },
	{ "communication-prohibited", true, 1, 1 },
	{ "beyond-scope", true, 1, 2 },
	{ "address-unreachable", true, 1, 3 },
	{ "addr-unreachable", true, 1, 3 },
	{ "port-unreachable", true, 1, 4 },
	{ "failed-policy", true, 1, 5 },
	{ "reject-route", true, 1, 6 },
	{ "packet-too-big", true, 2, ANY_CODE },
	{ "too-big", true, 2, ANY_CODE },
	{ "time-exceeded", true, 3, ANY_CODE },
	{ "hop-limit", true, 3, 0 },
	{ "ttl-exceeded", true, 3, ANY_CODE },
	{ "ttl-zero-during-transit", true, 3, 0 },
	{ "reassembly-timeout", true, 3, 1 },
	{ "ttl-zero-during-reassembly", true, 3, 1 },
	{ "parameter-problem", true, 4, ANY_CODE },
	{ "header", true, 4, 0 },
	{ "bad-header", true, 4, 0 },
	{ "unknown-header-type", true, 4, 1 },
	{ "next-header", true, 4, 1 },
	{ "unknown-option", true, 4, 2 },
	{ "parameter-option", true, 4, 2 },
	{ "echo-request", true, 128, ANY_CODE },
	{ "echo", true, 128, ANY_CODE },
	{ "ping", true, 128, ANY_CODE },
	{ "echo-reply", true, 129, ANY_CODE },
	{ "pong", true, 129, ANY_CODE },
	{ "mld-listener-query", true, 130, ANY_CODE },
	{ "membership-query", true, 130, ANY_CODE },
	{ "membership-report", true, 131, ANY_CODE },
	{ "membership-termination", true, 132, ANY_CODE },
	{ "mld-query", true, 130, ANY_CODE },
	{ "mld-listener-report", true, 131, ANY_CODE },
	{ "mld-report", true, 131, ANY_CODE },
	{ "mld-listener-done", true, 132, ANY_CODE },
	{ "mld-listener-reduction", true, 132, ANY_CODE },
	{ "mld-reduction", true, 132, ANY_CODE },
	{ "nd-router-solicit", true, 133, ANY_CODE },
	{ "router-solicitation", true, 133, ANY_CODE },
	{ "router-solicit", true, 133, ANY_CODE },
	{ "nd-router-advert", true, 134, ANY_CODE },
	{ "router-advertisement", true, 134, ANY_CODE },
	{ "nd-neighbor-solicit", true, 135, ANY_CODE },
	{ "neighbor-solicitation", true, 135, ANY_CODE },
	{ "neighbor-solicit", true, 135, ANY_CODE },
	{ "neighbour-solicitation", true, 135, ANY_CODE },
	{ "nd-ns", true, 135, ANY_CODE },
	{ "nd-neighbor-advert", true, 136, ANY_CODE },
	{ "neighbor-advertisement", true, 136, ANY_CODE },
	{ "neighbour-advertisement", true, 136, ANY_CODE },
	{ "nd-na", true, 136, ANY_CODE },
	{ "nd-redirect", true, 137, ANY_CODE },
	{ "neighbor-redirect", true, 137, ANY_CODE },
	{ "redirect", true, 137, ANY_CODE },
	{ "router-renumbering", true, 138, ANY_CODE },
	{ "ind-neighbor-solicit", true, 141, ANY_CODE },
	{ "ind-neighbor-advert", true, 142, ANY_CODE },
	{ "mld2-listener-report", true, 143, ANY_CODE },
};

bool icmp_name_parse(struct str s, bool v6, uint16_t *type, uint16_t *code)
{
	uint32_t n;
	if (str_to_u32(s, 255, &n)) {
		*type = (uint16_t)n;
		*code = ANY_CODE;
		return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(icmp_names); i++)
		if (icmp_names[i].v6 == v6 && str_iis(s, icmp_names[i].name)) {
			*type = icmp_names[i].type;
			*code = icmp_names[i].code;
			return true;
		}
	return false;
}

/* IANA protocol-numbers, and the words of Cisco, Juniper and the Linux tools. */
static const struct {
	const char *name;
	unsigned number;
} protocol_names[] = {
	{ "ip", ANY_PROTOCOL },  { "any", ANY_PROTOCOL },
	{ "all", ANY_PROTOCOL }, { "ipv6", ANY_PROTOCOL },
	{ "hopopt", 0 },         { "igmp", 2 },
	{ "ipinip", 4 },         { "ipip", 4 },
	{ "ipencap", 4 },        { "egp", 8 },
	{ "igrp", 9 },           { "igp", 9 },
	{ "rdp", 27 },           { "6in4", 41 },
	{ "ipv6-route", 43 },    { "ipv6-frag", 44 },
	{ "rsvp", 46 },          { "ahp", 51 },
	{ "snp", 109 },          { "eigrp", 88 },
	{ "ospf", 89 },          { "ospfigp", 89 },
	{ "nos", 94 },           { "pim", 103 },
	{ "pcp", 108 },          { "comp", 108 },
	{ "vrrp", 112 },         { "l2tp", 115 },
	{ "ipv6-nonxt", 59 },    { "ipv6-opts", 60 },
	{ "udp-lite", 136 },
};

bool protocol_name_parse(struct str s, unsigned *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(protocol_names); i++)
		if (str_iis(s, protocol_names[i].name)) {
			*ret = protocol_names[i].number;
			return true;
		}
	return protocol_parse(s, ret);
}
