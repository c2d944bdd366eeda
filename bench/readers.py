#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""readers.py PORTOLAN [NAME...]: how long readers take for large and for hostile files.

Each case is a file of about fifty megabytes or a million rules, made here: rules
one after the other, or what a stranger would write to make a reader slow.  The
time is that of `portolan why`, which reads a file and looks for one packet.
"""
import os, resource, subprocess, sys, tempfile

N = 1000000
LIMIT_SECONDS, LIMIT_GIGABYTES = 120, 8


def host(i):
    return f"10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}"


def port(i):
    return i % 60000 + 1


def rows(head, row, tail="", part=1, between=""):
    """A head, one of `part` rows of all by their numbers, and a tail."""
    def make(n):
        yield head
        for i in range(n // part):
            yield (between if i else "") + row(i)
        yield tail
    return make


def chain(*parts):
    """Several one after the other."""
    def make(n):
        for part in parts:
            yield from part(n)
    return make


# Single rules, and what many of them begin and end with.

IOS = rows("ip access-list extended EDGE\n", lambda i: f" permit tcp host {host(i)} host 10.0.0.1 eq {port(i)}\n")
IPSET_RULES = "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -m set --match-set S src -j ACCEPT\nCOMMIT\n"
NFT_CHAIN = "chain c {\ntype filter hook forward priority 0; policy drop;\n"
NFT_SET = "table inet t {\nset s {\ntype ipv4_addr\n"
JUNOS_POLICY = "security policies from-zone a to-zone b policy"
PAN_RULE = "from a to b source {} destination any application any service any action allow\n"
FORTI_POLICIES = "config firewall policy\n"
REG_HEAD = ("Windows Registry Editor Version 5.00\n\n"
            "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\WindowsFirewall\\FirewallRules]\n")
POLICIES = rows("", lambda i: "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n"
                f"  name: p{i}\nspec:\n  podSelector: {{ matchLabels: {{ a: b{i} }} }}\n"
                f"  ingress:\n    - from:\n        - podSelector: {{ matchLabels: {{ a: b{i} }} }}\n", part=10)


# What takes more than a row.

def ios_no(n):
    yield from IOS(n)
    for i in range(n, 0, -1):
        if i % 2:
            yield f" no {10 * i}\n"


def ios_no_forward(n):
    """Each goes as soon as it has come, behind all that stay."""
    yield from IOS(n // 2)
    for i in range(n // 2):
        yield f" permit tcp host {host(i)} any eq 7\n no {10 * (n // 2 + 1)}\n"


def iptables_chains(n):
    yield "*filter\n:FORWARD DROP [0:0]\n"
    for i in range(min(n, 90000)):
        yield f":C{i} - [0:0]\n"
    for i in range(n // 2):
        yield f"-A FORWARD -s {host(i)}/32 -j C{i % 90000}\n"
    yield "COMMIT\n"


def nft_set_used(n):
    """One set by two keys in turn: its elements are read again each time."""
    yield from rows(NFT_SET + "elements = { ", lambda i: f"{host(2 * i)}, ", "}\n}\n" + NFT_CHAIN)(20000)
    for i in range(n // 500):
        yield "ip saddr @s accept\nip daddr @s accept\n"
    yield "}\n}\n"


def junos_insert(n):
    for i in range(n // 10):
        p = f"set {JUNOS_POLICY} p{i}"
        yield f"{p} match source-address any destination-address any application any\n{p} then permit\n"
    for i in range(1, n // 10):
        yield f"insert {JUNOS_POLICY} p{i} before policy p0\n"


def paloalto_move(n):
    for i in range(n // 10):
        yield f"set rulebase security rules r{i} " + PAN_RULE.format("any")
    for i in range(1, n // 10):
        yield f"move rulebase security rules r{i} before r0\n"


def fortigate_move(n):
    k = n // 20
    yield FORTI_POLICIES
    for i in range(k):
        yield f'    edit {i + 1}\n        set srcaddr "all"\n        set dstaddr "all"\n        set service "ALL"\n    next\n'
    for i in range(2, k):
        yield f"    move {i} before 1\n"
    for i in range(2, k):
        yield f"    move {i} after {k}\n"
    yield "end\n"


def fortigate_unselect(n):
    k = n // 10
    yield "config firewall addrgrp\n    edit g\n        set member" + "".join(f" a{i}" for i in range(k)) + "\n"
    for i in range(k - 1, -1, -1):
        yield f"        unselect member a{k - 1 - i}\n"
    yield "    next\nend\n" + FORTI_POLICIES + "end\n"


def pf_list(n):
    yield from rows("pass proto tcp from { ", lambda i: f"{host(2 * i)} ", "} to any port { ", part=8)(n)
    for i in range(30000):
        yield f"{2 * i + 1} "
    yield "}\n"


def windows_reg_long(n):
    yield REG_HEAD
    for k in range(20):
        yield f'"r{k}"="v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=1|'
        for i in range(60000):
            yield f"RA4={host(2 * i)}|"
        yield 'Name=r|"\n'


def kubernetes_pods(n):
    yield from POLICIES(n // 100)
    for i in range(n // 100):
        yield f"---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: p{i}\n  labels: {{ a: b{i} }}\nstatus:\n  podIP: {host(i)}\n"


def junos_row(i):
    p = f"set {JUNOS_POLICY} p{i}"
    return (f"set security address-book global address h{i} {host(i)}/32\n{p} match source-address h{i}\n"
            f"{p} match destination-address any\n{p} match application any\n{p} then permit\n")


def junos_delete_row(i):
    p = f"{JUNOS_POLICY} p{i % 7}"
    return f"set {p} match application any\nset {p} then permit\ndelete {p}\n"


def ios_bindings(n):
    yield "ip access-list extended A\n permit ip any any\n"
    for i in range(n // 3):
        yield f"interface Vlan{i}\n ip address {host(256 * i + 1)} 255.255.255.0\n ip access-group A in\n"


def asa_bindings(n):
    for i in range(n // 4):
        yield f"interface Vlan{i}\n nameif n{i}\n security-level {i % 100}\n"
    yield "access-list A extended permit ip any any\n"
    for i in range(n // 4):
        yield f"access-group A in interface n{i}\n"


def nft_defines(n):
    for i in range(n // 2):
        yield f"define d{i} = {{ {host(2 * i)}, {host(2 * i + 2000000)} }}\n"
    yield "table inet t {\n" + NFT_CHAIN
    for i in range(n // 2):
        yield f"ip saddr $d{i} accept\n"
    yield "}\n}\n"


def nft_doubling(n):
    """Each define holds the one before twice."""
    yield "define d0 = 10.0.0.1\n"
    for i in range(1, 60):
        yield f"define d{i} = {{ $d{i - 1}, $d{i - 1} }}\n"
    yield "table inet t {\n" + NFT_CHAIN
    for i in range(n):
        yield f"ip saddr $d59 tcp dport {port(i)} accept\n"
    yield "}\n}\n"


def nft_tables(n):
    for i in range(n // 5):
        yield f"table inet t{i} {{\nchain c {{\nip saddr {host(i)} accept\n}}\n}}\n"


def nft_calls(n):
    yield "table inet t {\n"
    for i in range(n // 4):
        yield f"chain c{i} {{\nip saddr {host(i)} accept\n}}\n"
    yield NFT_CHAIN
    for i in range(n // 4):
        yield f"ip daddr {host(i)} jump c{i}\n"
    yield "}\n}\n"


def asa_objects(n):
    for i in range(n // 5):
        yield f"object network o{i}\n host {host(i)}\nobject-group network g{i}\n network-object object o{i}\n"
        yield f"access-list A extended permit tcp any object-group g{i} eq 80\n"


def asa_policies(n):
    for i in range(n // 4):
        yield f"policy-map p{i}\n class c\n  inspect dcerpc\nservice-policy p{i} interface outside\n"


def pf_redirections(n):
    for i in range(n // 2):
        yield f"rdr on em0 inet proto tcp from any to {host(i)} port 443 -> 10.0.0.1 port {port(i)}\n"
    for i in range(n // 2):
        yield f"pass in inet proto tcp to 192.0.2.1 port {port(i)}\n"


def asa_nat(n):
    for i in range(n // 3):
        yield f"object network o{i}\n host {host(i)}\n nat (inside,outside) static {host(i + 9000000)}\n"


def junos_braces(n):
    yield "security { policies { from-zone a to-zone b {\n"
    for i in range(n // 2):
        yield f"policy p{i} {{ match {{ source-address any; destination-address any; application any; }}\n then {{ permit; }} }}\n"
    yield "} } }\n"


def junos_nat(n):
    for i in range(n // 2):
        r = f"set security nat static rule-set r rule n{i}"
        yield f"{r} match destination-address {host(i)}/32\n{r} then static-nat prefix {host(i + 9000000)}/32\n"


def fortigate_objects(n):
    k = n // 8
    yield "config firewall address\n"
    for i in range(k):
        yield f'    edit "a{i}"\n        set subnet {host(i)} 255.255.255.255\n    next\n'
    yield "end\nconfig firewall addrgrp\n"
    for i in range(k):
        yield f'    edit "g{i}"\n        set member "a{i}"\n    next\n'
    yield "end\n" + FORTI_POLICIES
    for i in range(k):
        yield f'    edit {i + 1}\n        set srcaddr "g{i}"\n        set dstaddr "all"\n        set service "ALL"\n    next\n'
    yield "end\n"


def paloalto_objects(n):
    for i in range(n // 4):
        yield f"set address a{i} ip-netmask {host(i)}/32\nset address-group g{i} static a{i}\n"
        yield f"set service s{i} protocol tcp port {port(i)}\n"
        yield f"set rulebase security rules r{i} from any to any source g{i} destination any application any service s{i} action allow\n"


def pf_macros(n):
    for i in range(n // 2):
        yield f'm{i} = "{host(i)}"\n'
    for i in range(n // 2):
        yield f"pass from $m{i} to any\n"


def pf_anchors(n):
    for i in range(n // 3):
        yield f'anchor "a{i}" {{\npass from {host(i)} to any\n}}\n'


def windows_netsh(n):
    yield "\n"
    for i in range(n // 8):
        yield f"Rule Name:                            r{i}\n" + "-" * 70 + "\nEnabled:                              Yes\n"
        yield f"Direction:                            In\nProtocol:                             TCP\nLocalPort:                            {port(i)}\n"
        yield f"RemoteIP:                             {host(i)}/32\nAction:                               Allow\n\n"


def windows_script(n):
    for i in range(n):
        yield f"New-NetFirewallRule -Name 'r{i}' -DisplayName 'r' -Direction Inbound -Action Allow -Protocol TCP -LocalPort {port(i)} -RemoteAddress {host(i)}\n"


def windows_netsh_script(n):
    for i in range(n):
        yield f"netsh advfirewall firewall add rule name=r{i} dir=in action=allow protocol=TCP localport={port(i)} remoteip={host(i)}\n"


def iptables_nat(n):
    yield "*nat\n:PREROUTING ACCEPT [0:0]\n"
    for i in range(n // 2):
        yield f"-A PREROUTING -d {host(i)}/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination {host(i + 9000000)}\n"
    yield "COMMIT\n*filter\n:FORWARD DROP [0:0]\n"
    for i in range(n // 2):
        yield f"-A FORWARD -d {host(i + 9000000)}/32 -j ACCEPT\n"
    yield "COMMIT\n"


def ipset_sets(n):
    for i in range(n // 3):
        yield f"create s{i} hash:ip family inet\nadd s{i} {host(i)}\n"
    yield "*filter\n:FORWARD DROP [0:0]\n"
    for i in range(n // 3):
        yield f"-A FORWARD -m set --match-set s{i} src -j ACCEPT\n"
    yield "COMMIT\n"


# What it is called, its language, whether it is of a host, and how it is made.
CASES = [
    ("ios", "cisco-ios", False, IOS),
    ("ios-no", "cisco-ios", False, ios_no),
    ("ios-no-forward", "cisco-ios", False, ios_no_forward),
    ("asa", "cisco-asa", False, rows("", lambda i: f"access-list edge extended permit tcp host {host(i)} host 10.0.0.1 eq {port(i)}\n")),
    ("asa-group", "cisco-asa", False, rows("object-group network G\n", lambda i: f" network-object host {host(2 * i)}\n",
                                           "access-list edge extended permit tcp object-group G any eq 80\n")),
    ("iptables", "iptables", False, rows("*filter\n:FORWARD DROP [0:0]\n",
                                         lambda i: f"-A FORWARD -s {host(i)}/32 -d 10.0.0.1/32 -p tcp -m tcp --dport {port(i)} -j ACCEPT\n",
                                         "COMMIT\n")),
    ("iptables-chains", "iptables", False, iptables_chains),
    ("ipset", "iptables", False, rows("create S hash:ip family inet\n", lambda i: f"add S {host(2 * i)}\n", IPSET_RULES)),
    ("ipset-exceptions", "iptables", False, rows("create S hash:net family inet\n",
                                                 lambda i: f"add S {host(4 * i)}/30\nadd S {host(4 * i)}/31 nomatch\n", IPSET_RULES, part=2)),
    ("nftables", "nftables", False, rows("table inet t {\n" + NFT_CHAIN,
                                         lambda i: f"ip saddr {host(i)} ip daddr 10.0.0.1 tcp dport {port(i)} accept\n", "}\n}\n")),
    ("nft-set", "nftables", False, rows(NFT_SET + "flags interval\nelements = { ", lambda i: f"{host(2 * i)}, ",
                                        "}\n}\n" + NFT_CHAIN + "ip saddr @s accept\n}\n}\n")),
    ("nft-set-used", "nftables", False, nft_set_used),
    ("nft-elements", "nftables", False, rows(NFT_SET + "}\n" + NFT_CHAIN + "ip saddr @s accept\n}\n}\n",
                                             lambda i: f"add element inet t s {{ {host(2 * i)} }}\n")),
    ("junos", "junos", False, rows("", junos_row, part=5)),
    ("junos-insert", "junos", False, junos_insert),
    ("junos-delete", "junos", False, rows("", junos_delete_row, part=4)),
    ("junos-list", "junos", False, chain(
        rows("security { address-book { global { address-set s {\n", lambda i: f"address h{i};\n"),
        rows("} } } policies { from-zone a to-zone b { policy p { match { source-address [ ", lambda i: f"h{i} ",
             "]; destination-address any; application any; } then { permit; } } } } }\n"))),
    ("paloalto", "paloalto", False, rows("", lambda i: f"set rulebase security rules r{i} " + PAN_RULE.format(host(i)), part=2)),
    ("paloalto-move", "paloalto", False, paloalto_move),
    ("paloalto-xml", "paloalto", False, rows(
        "<config><devices><entry name='l'><vsys><entry name='v'><rulebase><security><rules>\n",
        lambda i: f"<entry name='r{i}'><from><member>a</member></from><to><member>b</member></to><source><member>{host(i)}</member></source>"
        "<destination><member>any</member></destination><application><member>any</member></application>"
        "<service><member>any</member></service><action>allow</action></entry>\n",
        "</rules></security></rulebase></entry></vsys></entry></devices></config>\n", part=4)),
    ("fortigate", "fortigate", False, rows(
        FORTI_POLICIES,
        lambda i: f'    edit {i + 1}\n        set srcintf "a"\n        set dstintf "b"\n        set srcaddr "all"\n'
        '        set dstaddr "all"\n        set action accept\n        set schedule "always"\n        set service "ALL"\n    next\n',
        "end\n", part=8)),
    ("fortigate-move", "fortigate", False, fortigate_move),
    ("fortigate-unselect", "fortigate", False, fortigate_unselect),
    ("pf", "pf", False, rows("", lambda i: f"pass quick proto tcp from {host(i)} to 10.0.0.1 port {port(i)}\n")),
    ("pf-table", "pf", False, rows("table <t> { ", lambda i: f"{host(2 * i)} ", "}\npass from <t> to any\n")),
    ("pf-exceptions", "pf", False, rows("table <t> { ", lambda i: f"{host(4 * i)}/30 !{host(4 * i)}/31 ", "}\npass from <t> to any\n", part=4)),
    ("pf-list", "pf", False, pf_list),
    ("windows", "windows", True, rows(
        "PSPath,Name,DisplayName,Enabled,Direction,Action,Profile,Protocol,LocalPort,RemotePort,RemoteAddress,Program,Service,PolicyStoreSourceType\n",
        lambda i: f"x,r{i},r,True,Inbound,Allow,Any,TCP,{port(i)},Any,{host(i)},Any,Any,GroupPolicy\n", part=2)),
    ("windows-reg", "windows", True, rows(
        REG_HEAD, lambda i: f'"r{i}"="v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort={port(i)}|RA4={host(i)}|Name=r|"\n', part=2)),
    ("windows-reg-long", "windows", True, windows_reg_long),
    ("windows-json", "windows", True, rows(
        '{"PolicyStore": "ActiveStore", "Rules": [\n',
        lambda i: f'{{"Name": "r{i}", "Enabled": 1, "Profile": 0, "Direction": 1, "Action": 2, "Protocol": "TCP", "LocalPort": "{port(i)}", '
        f'"RemoteAddress": "{host(i)}", "Program": "Any", "Service": "Any", "PolicyStoreSourceType": 2}}\n', "]}\n", part=5, between=",")),
    ("aws-sg", "aws-sg", True, rows(
        '{"SecurityGroups": [{"GroupId": "sg-1", "GroupName": "g", "IpPermissionsEgress": [], "IpPermissions": [\n',
        lambda i: f'{{"IpProtocol": "tcp", "FromPort": {port(i)}, "ToPort": {port(i)}, "IpRanges": [{{"CidrIp": "{host(i)}/32"}}]}}\n',
        "]}]}\n", part=2, between=",")),
    ("aws-nacl", "aws-nacl", True, rows(
        '{"NetworkAcls": [{"NetworkAclId": "acl-1", "Entries": [\n',
        lambda i: f'{{"RuleNumber": {i % 32766 + 1}, "Egress": false, "RuleAction": "allow", "Protocol": "-1", "CidrBlock": "{host(i)}/32"}}\n',
        "]}]}\n", part=2, between=",")),
    ("azure", "azure-nsg", True, rows(
        '{"name": "nsg", "securityRules": [\n',
        lambda i: f'{{"name": "r{i}", "priority": {i % 3900 + 100}, "direction": "Inbound", "access": "Allow", "protocol": "Tcp", '
        f'"sourceAddressPrefix": "{host(i)}", "destinationAddressPrefix": "*", "sourcePortRange": "*", "destinationPortRange": "80"}}\n',
        "]}\n", part=4, between=",")),
    ("gcp", "gcp", True, rows(
        "[\n",
        lambda i: f'{{"name": "r{i}", "direction": "INGRESS", "priority": {i % 65536}, "sourceRanges": ["{host(i)}"], '
        '"allowed": [{"IPProtocol": "tcp", "ports": ["80"]}]}\n', "]\n", part=4, between=",")),
    ("kubernetes", "kubernetes", True, rows(
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: p\nspec:\n  podSelector: {}\n  policyTypes: [ Ingress ]\n  ingress:\n",
        lambda i: f"    - from:\n        - ipBlock:\n            cidr: {host(i)}/32\n      ports:\n        - port: {port(i)}\n", part=4)),
    ("kubernetes-policies", "kubernetes", True, POLICIES),
    ("kubernetes-pods", "kubernetes", False, kubernetes_pods),
    ("ios-bindings", "cisco-ios", False, ios_bindings),
    ("asa-bindings", "cisco-asa", False, asa_bindings),
    ("asa-objects", "cisco-asa", False, asa_objects),
    ("asa-nat", "cisco-asa", False, asa_nat),
    ("asa-policies", "cisco-asa", False, asa_policies),
    ("pf-redirections", "pf", False, pf_redirections),
    ("iptables-nat", "iptables", False, iptables_nat),
    ("ipset-sets", "iptables", False, ipset_sets),
    ("nft-defines", "nftables", False, nft_defines),
    ("nft-doubling", "nftables", False, nft_doubling),
    ("nft-tables", "nftables", False, nft_tables),
    ("nft-calls", "nftables", False, nft_calls),
    ("junos-braces", "junos", False, junos_braces),
    ("junos-nat", "junos", False, junos_nat),
    ("fortigate-objects", "fortigate", False, fortigate_objects),
    ("paloalto-objects", "paloalto", False, paloalto_objects),
    ("pf-macros", "pf", False, pf_macros),
    ("pf-anchors", "pf", False, pf_anchors),
    ("windows-netsh", "windows", True, windows_netsh),
    ("windows-script", "windows", True, windows_script),
    ("windows-netsh-script", "windows", True, windows_netsh_script),
    ("csv", "csv", False, rows("source,destination,protocol,ports,action\n", lambda i: f"{host(i)},10.0.0.1,tcp,{port(i)},allow\n")),
]


def limit():
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT_GIGABYTES << 30, LIMIT_GIGABYTES << 30))
    resource.setrlimit(resource.RLIMIT_CPU, (LIMIT_SECONDS, LIMIT_SECONDS))


def main():
    portolan, wanted = os.path.abspath(sys.argv[1]), sys.argv[2:]
    print(f"{'case':22} {'MB':>6} {'seconds':>8} {'MB used':>8}  status")
    with tempfile.TemporaryDirectory() as work:
        for name, dialect, of_host, make in CASES:
            if wanted and name not in wanted:
                continue
            path = os.path.join(work, name)
            side = ["--side", "in"] if of_host else []
            with open(path, "w") as f:
                f.writelines(make(N))
            p = subprocess.Popen([portolan, "why", "--dialect", dialect, *side, path, "10.0.0.9", "10.0.0.1", "tcp/80"],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=limit)
            err = p.stderr.read()
            _, status, usage = os.wait4(p.pid, 0)
            print(f"{name:22} {os.path.getsize(path) >> 20:6} {usage.ru_utime + usage.ru_stime:8.1f} {usage.ru_maxrss >> 10:8}  "
                  f"{os.waitstatus_to_exitcode(status)} {err[:100].decode(errors='replace').splitlines()[:1] if err else ''}", flush=True)
            os.unlink(path)


if __name__ == "__main__":
    main()
