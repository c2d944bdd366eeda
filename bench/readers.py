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


def ios(n):
    yield "ip access-list extended EDGE\n"
    for i in range(n):
        yield f" permit tcp host {host(i)} host 10.0.0.1 eq {i % 60000 + 1}\n"


def ios_no(n):
    yield from ios(n)
    for i in range(n, 0, -1):
        if i % 2:
            yield f" no {10 * i}\n"


def ios_no_forward(n):
    """Each goes as soon as it has come, behind all that stay."""
    yield from ios(n // 2)
    for i in range(n // 2):
        yield f" permit tcp host {host(i)} any eq 7\n no {10 * (n // 2 + 1)}\n"


def asa(n):
    for i in range(n):
        yield f"access-list edge extended permit tcp host {host(i)} host 10.0.0.1 eq {i % 60000 + 1}\n"


def asa_group(n):
    yield "object-group network G\n"
    for i in range(n):
        yield f" network-object host {host(2 * i)}\n"
    yield "access-list edge extended permit tcp object-group G any eq 80\n"


def iptables(n):
    yield "*filter\n:FORWARD DROP [0:0]\n"
    for i in range(n):
        yield f"-A FORWARD -s {host(i)}/32 -d 10.0.0.1/32 -p tcp -m tcp --dport {i % 60000 + 1} -j ACCEPT\n"
    yield "COMMIT\n"


def iptables_chains(n):
    yield "*filter\n:FORWARD DROP [0:0]\n"
    for i in range(min(n, 90000)):
        yield f":C{i} - [0:0]\n"
    for i in range(n // 2):
        yield f"-A FORWARD -s {host(i)}/32 -j C{i % 90000}\n"
    yield "COMMIT\n"


def ipset(n):
    yield "create S hash:ip family inet\n"
    for i in range(n):
        yield f"add S {host(2 * i)}\n"
    yield "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -m set --match-set S src -j ACCEPT\nCOMMIT\n"


def ipset_exceptions(n):
    yield "create S hash:net family inet\n"
    for i in range(n // 2):
        yield f"add S {host(4 * i)}/30\nadd S {host(4 * i)}/31 nomatch\n"
    yield "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -m set --match-set S src -j ACCEPT\nCOMMIT\n"


def nftables(n):
    yield "table inet t {\nchain c {\ntype filter hook forward priority 0; policy drop;\n"
    for i in range(n):
        yield f"ip saddr {host(i)} ip daddr 10.0.0.1 tcp dport {i % 60000 + 1} accept\n"
    yield "}\n}\n"


def nft_set(n):
    yield "table inet t {\nset s {\ntype ipv4_addr\nflags interval\nelements = { "
    for i in range(n):
        yield f"{host(2 * i)}, "
    yield "}\n}\nchain c {\ntype filter hook forward priority 0; policy drop;\nip saddr @s accept\n}\n}\n"


def nft_set_used(n):
    """One set by two keys in turn: its elements are read again each time."""
    yield "table inet t {\nset s {\ntype ipv4_addr\nelements = { "
    for i in range(20000):
        yield f"{host(2 * i)}, "
    yield "}\n}\nchain c {\ntype filter hook forward priority 0; policy drop;\n"
    for i in range(n // 500):
        yield "ip saddr @s accept\nip daddr @s accept\n"
    yield "}\n}\n"


def nft_elements(n):
    yield "table inet t {\nset s {\ntype ipv4_addr\n}\nchain c {\ntype filter hook forward priority 0; policy drop;\nip saddr @s accept\n}\n}\n"
    for i in range(n):
        yield f"add element inet t s {{ {host(2 * i)} }}\n"


def junos(n):
    for i in range(n // 5):
        p = f"set security policies from-zone a to-zone b policy p{i}"
        yield f"set security address-book global address h{i} {host(i)}/32\n{p} match source-address h{i}\n"
        yield f"{p} match destination-address any\n{p} match application any\n{p} then permit\n"


def junos_insert(n):
    k = n // 10
    for i in range(k):
        p = f"set security policies from-zone a to-zone b policy p{i}"
        yield f"{p} match source-address any destination-address any application any\n{p} then permit\n"
    for i in range(1, k):
        yield f"insert security policies from-zone a to-zone b policy p{i} before policy p0\n"


def junos_delete(n):
    for i in range(n // 4):
        p = "security policies from-zone a to-zone b policy"
        yield f"set {p} p{i % 7} match application any\nset {p} p{i % 7} then permit\ndelete {p} p{i % 7}\n"


def junos_list(n):
    yield "security { address-book { global { address-set s {\n"
    for i in range(n):
        yield f"address h{i};\n"
    yield "} } } policies { from-zone a to-zone b { policy p { match { source-address [ "
    for i in range(n):
        yield f"h{i} "
    yield "]; destination-address any; application any; } then { permit; } } } } }\n"


def paloalto(n):
    for i in range(n // 2):
        yield f"set rulebase security rules r{i} from a to b source {host(i)} destination any application any service any action allow\n"


def paloalto_move(n):
    k = n // 10
    for i in range(k):
        yield f"set rulebase security rules r{i} from a to b source any destination any application any service any action allow\n"
    for i in range(1, k):
        yield f"move rulebase security rules r{i} before r0\n"


def paloalto_xml(n):
    yield "<config><devices><entry name='l'><vsys><entry name='v'><rulebase><security><rules>\n"
    for i in range(n // 4):
        yield f"<entry name='r{i}'><from><member>a</member></from><to><member>b</member></to><source><member>{host(i)}</member></source>"
        yield "<destination><member>any</member></destination><application><member>any</member></application>"
        yield "<service><member>any</member></service><action>allow</action></entry>\n"
    yield "</rules></security></rulebase></entry></vsys></entry></devices></config>\n"


def fortigate(n):
    yield "config firewall policy\n"
    for i in range(n // 8):
        yield f'    edit {i + 1}\n        set srcintf "a"\n        set dstintf "b"\n        set srcaddr "all"\n        set dstaddr "all"\n'
        yield '        set action accept\n        set schedule "always"\n        set service "ALL"\n    next\n'
    yield "end\n"


def fortigate_move(n):
    k = n // 20
    yield "config firewall policy\n"
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
    yield "    next\nend\nconfig firewall policy\nend\n"


def pf(n):
    for i in range(n):
        yield f"pass quick proto tcp from {host(i)} to 10.0.0.1 port {i % 60000 + 1}\n"


def pf_table(n):
    yield "table <t> { "
    for i in range(n):
        yield f"{host(2 * i)} "
    yield "}\npass from <t> to any\n"


def pf_exceptions(n):
    yield "table <t> { "
    for i in range(n // 4):
        yield f"{host(4 * i)}/30 !{host(4 * i)}/31 "
    yield "}\npass from <t> to any\n"


def pf_list(n):
    yield "pass proto tcp from { "
    for i in range(n // 8):
        yield f"{host(2 * i)} "
    yield "} to any port { "
    for i in range(30000):
        yield f"{2 * i + 1} "
    yield "}\n"


def windows(n):
    yield "PSPath,Name,DisplayName,Enabled,Direction,Action,Profile,Protocol,LocalPort,RemotePort,RemoteAddress,Program,Service,PolicyStoreSourceType\n"
    for i in range(n // 2):
        yield f"x,r{i},r,True,Inbound,Allow,Any,TCP,{i % 60000 + 1},Any,{host(i)},Any,Any,GroupPolicy\n"


def windows_reg(n):
    yield "Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\WindowsFirewall\\FirewallRules]\n"
    for i in range(n // 2):
        yield f'"r{i}"="v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort={i % 60000 + 1}|RA4={host(i)}|Name=r|"\n'


def windows_reg_long(n):
    yield "Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\WindowsFirewall\\FirewallRules]\n"
    for k in range(20):
        yield f'"r{k}"="v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=1|'
        for i in range(60000):
            yield f"RA4={host(2 * i)}|"
        yield 'Name=r|"\n'


def windows_json(n):
    yield '{"PolicyStore": "ActiveStore", "Rules": [\n'
    for i in range(n // 5):
        yield ("," if i else "") + f'{{"Name": "r{i}", "Enabled": 1, "Profile": 0, "Direction": 1, "Action": 2, "Protocol": "TCP", "LocalPort": "{i % 60000 + 1}", '
        yield f'"RemoteAddress": "{host(i)}", "Program": "Any", "Service": "Any", "PolicyStoreSourceType": 2}}\n'
    yield "]}\n"


def aws_sg(n):
    yield '{"SecurityGroups": [{"GroupId": "sg-1", "GroupName": "g", "IpPermissionsEgress": [], "IpPermissions": [\n'
    for i in range(n // 2):
        yield ("," if i else "") + f'{{"IpProtocol": "tcp", "FromPort": {i % 60000 + 1}, "ToPort": {i % 60000 + 1}, "IpRanges": [{{"CidrIp": "{host(i)}/32"}}]}}\n'
    yield "]}]}\n"


def aws_nacl(n):
    yield '{"NetworkAcls": [{"NetworkAclId": "acl-1", "Entries": [\n'
    for i in range(n // 2):
        yield ("," if i else "") + f'{{"RuleNumber": {i % 32766 + 1}, "Egress": false, "RuleAction": "allow", "Protocol": "-1", "CidrBlock": "{host(i)}/32"}}\n'
    yield "]}]}\n"


def azure(n):
    yield '{"name": "nsg", "securityRules": [\n'
    for i in range(n // 4):
        yield ("," if i else "") + f'{{"name": "r{i}", "priority": {i % 3900 + 100}, "direction": "Inbound", "access": "Allow", "protocol": "Tcp", '
        yield f'"sourceAddressPrefix": "{host(i)}", "destinationAddressPrefix": "*", "sourcePortRange": "*", "destinationPortRange": "80"}}\n'
    yield "]}\n"


def gcp(n):
    yield "[\n"
    for i in range(n // 4):
        yield ("," if i else "") + f'{{"name": "r{i}", "direction": "INGRESS", "priority": {i % 65536}, "sourceRanges": ["{host(i)}"], "allowed": [{{"IPProtocol": "tcp", "ports": ["80"]}}]}}\n'
    yield "]\n"


def kubernetes(n):
    yield "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: p\nspec:\n  podSelector: {}\n  policyTypes: [ Ingress ]\n  ingress:\n"
    for i in range(n // 4):
        yield f"    - from:\n        - ipBlock:\n            cidr: {host(i)}/32\n      ports:\n        - port: {i % 60000 + 1}\n"


def kubernetes_policies(n):
    for i in range(n // 10):
        yield f"---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: p{i}\nspec:\n  podSelector: {{ matchLabels: {{ a: b{i} }} }}\n"
        yield f"  ingress:\n    - from:\n        - podSelector: {{ matchLabels: {{ a: b{i} }} }}\n"


def kubernetes_pods(n):
    yield from kubernetes_policies(n // 100)
    for i in range(n // 100):
        yield f"---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: p{i}\n  labels: {{ a: b{i} }}\nstatus:\n  podIP: {host(i)}\n"


def csv(n):
    yield "source,destination,protocol,ports,action\n"
    for i in range(n):
        yield f"{host(i)},10.0.0.1,tcp,{i % 60000 + 1},allow\n"


HOSTS = ["--side", "in"]
CASES = [
    ("ios", "cisco-ios", ios, []), ("ios-no", "cisco-ios", ios_no, []), ("ios-no-forward", "cisco-ios", ios_no_forward, []),
    ("asa", "cisco-asa", asa, []), ("asa-group", "cisco-asa", asa_group, []),
    ("iptables", "iptables", iptables, []), ("iptables-chains", "iptables", iptables_chains, []),
    ("ipset", "iptables", ipset, []), ("ipset-exceptions", "iptables", ipset_exceptions, []),
    ("nftables", "nftables", nftables, []), ("nft-set", "nftables", nft_set, []), ("nft-set-used", "nftables", nft_set_used, []),
    ("nft-elements", "nftables", nft_elements, []),
    ("junos", "junos", junos, []), ("junos-insert", "junos", junos_insert, []), ("junos-delete", "junos", junos_delete, []),
    ("junos-list", "junos", junos_list, []),
    ("paloalto", "paloalto", paloalto, []), ("paloalto-move", "paloalto", paloalto_move, []), ("paloalto-xml", "paloalto", paloalto_xml, []),
    ("fortigate", "fortigate", fortigate, []), ("fortigate-move", "fortigate", fortigate_move, []),
    ("fortigate-unselect", "fortigate", fortigate_unselect, []),
    ("pf", "pf", pf, []), ("pf-table", "pf", pf_table, []), ("pf-exceptions", "pf", pf_exceptions, []), ("pf-list", "pf", pf_list, []),
    ("windows", "windows", windows, HOSTS), ("windows-reg", "windows", windows_reg, HOSTS), ("windows-reg-long", "windows", windows_reg_long, HOSTS),
    ("windows-json", "windows", windows_json, HOSTS),
    ("aws-sg", "aws-sg", aws_sg, HOSTS), ("aws-nacl", "aws-nacl", aws_nacl, HOSTS), ("azure", "azure-nsg", azure, HOSTS), ("gcp", "gcp", gcp, HOSTS),
    ("kubernetes", "kubernetes", kubernetes, HOSTS), ("kubernetes-policies", "kubernetes", kubernetes_policies, HOSTS),
    ("kubernetes-pods", "kubernetes", kubernetes_pods, []),
    ("csv", "csv", csv, []),
]


def limit():
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT_GIGABYTES << 30, LIMIT_GIGABYTES << 30))
    resource.setrlimit(resource.RLIMIT_CPU, (LIMIT_SECONDS, LIMIT_SECONDS))


def main():
    portolan, wanted = os.path.abspath(sys.argv[1]), sys.argv[2:]
    print(f"{'case':22} {'MB':>6} {'seconds':>8} {'MB used':>8}  status")
    with tempfile.TemporaryDirectory() as work:
        for name, dialect, make, options in CASES:
            if wanted and name not in wanted:
                continue
            path = os.path.join(work, name)
            with open(path, "w") as f:
                f.writelines(make(N))
            p = subprocess.Popen([portolan, "why", "--dialect", dialect, *options, path, "10.0.0.9", "10.0.0.1", "tcp/80"],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=limit)
            err = p.stderr.read()
            _, status, usage = os.wait4(p.pid, 0)
            print(f"{name:22} {os.path.getsize(path) >> 20:6} {usage.ru_utime + usage.ru_stime:8.1f} {usage.ru_maxrss >> 10:8}  "
                  f"{os.waitstatus_to_exitcode(status)} {err[:100].decode(errors='replace').splitlines()[:1] if err else ''}", flush=True)
            os.unlink(path)


if __name__ == "__main__":
    main()
