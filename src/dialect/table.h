/* SPDX-License-Identifier: Apache-2.0 */
/* One line a dialect, in the order of listings. */
#define DIALECTS(X)     \
	X(nftables)     \
	X(iptables)     \
	X(windows)      \
	X(windows_pol)  \
	X(cisco_ios)    \
	X(cisco_asa)    \
	X(fortigate)    \
	X(junos)        \
	X(paloalto)     \
	X(paloalto_xml) \
	X(pf)           \
	X(aws_sg)       \
	X(aws_nacl)     \
	X(azure_nsg)    \
	X(gcp)          \
	X(kubernetes)   \
	X(csv)
