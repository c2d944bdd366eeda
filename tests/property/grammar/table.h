/* SPDX-License-Identifier: Apache-2.0 */
/* One line a grammar. */
#define GRAMMARS(X)   \
	X(cisco_ios)  \
	X(cisco_asa)  \
	X(iptables)   \
	X(nftables)   \
	X(junos)      \
	X(fortigate)  \
	X(paloalto)   \
	X(pf)         \
	X(windows)    \
	X(aws_sg)     \
	X(aws_nacl)   \
	X(azure_nsg)  \
	X(gcp)        \
	X(kubernetes) \
	X(csv)
