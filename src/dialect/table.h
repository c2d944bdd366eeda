/* SPDX-License-Identifier: Apache-2.0 */
/* One line a dialect, in the order that they are listed to people. */
#define DIALECTS(X) \
	X(nftables) \
	X(iptables) \
	X(cisco_ios) \
	X(cisco_asa) \
	X(fortigate) \
	X(junos) \
	X(paloalto) \
	X(csv)
