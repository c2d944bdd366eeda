/* SPDX-License-Identifier: Apache-2.0 */
/* Names of tables, chains and sets. */
#include "dialect/nftables/nftables.h"

/* Words that nft 1.0.6 takes for its own wherever they are; tests/data/words/nftables.txt has all of its scanner's. */
static const char reserved[] =
	"accept add ah all and arp auto-merge bridge cgroup chain comment comp constant continue "
	"counter cpu create ct day dccp define delete describe device devices dnat drop dst dup "
	"dynamic ecn element elements eq esp ether exists expires export exthdr fib flags flow "
	"flowtable flush frag fwd gc-interval ge get goto gt handle hbh hook hour ibriport ibrname "
	"icmp icmpv6 igmp iif iifgroup iifname iiftype import include index inet insert interval ip "
	"ip6 ipsec jhash jump le limit list log lshift lt map mark masquerade meta meter mh missing "
	"monitor ne netdev nftrace not notrack numgen obriport obrname offload oif oifgroup oifname "
	"oiftype or osf pkttype policy position priority queue quota random redefine redirect reject "
	"rename replace reset return rshift rt rt0 rt2 rtclassid rule ruleset sctp secmark set size "
	"skgid skuid snat socket srh symhash synproxy table tcp th time timeout tproxy type typeof "
	"udp udplite undefine update vlan vmap xor xt";

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The scanner's pattern of strings that are not quoted. */
static bool is_name(struct str s)
{
	if (!s.n || !(is_letter(s.p[0]) || s.p[0] == '_' || s.p[0] == '.'))
		return false;
	for (size_t i = 1; i < s.n; i++)
		if (!is_letter(s.p[i]) && !(s.p[i] >= '0' && s.p[i] <= '9') && !char_in(s.p[i], "/-_.\\"))
			return false;
	return true;
}

void nft_check_name(struct nft *n, const struct token *name)
{
	if (name->kind == TOK_STRING)
		return;
	if (!is_name(name->text))
		nft_refuse_at(n, name->at, "this is not a name");
	else if (str_is_one_of(name->text, reserved))
		nft_refuse_at(n, name->at, "a word of the language is not a name");
}
