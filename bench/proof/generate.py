#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Rule sets to measure proofs with.

usage: generate.py SHAPE RULES FOLDER [--ipv6] [--dialect nftables|cisco-asa|raw]

Writes FOLDER/estate.yaml (what is needed) and FOLDER/rules.* (what is there).

Shapes:
  estate   client subnets x servers x services, one rule each, with denies, wildcards, RPC
           ranges, a few rules too many and a few missing
  allow    an allow list: disjoint permits, nothing else
  cross    rules that overlap as much as they can: wide sources with narrow destinations
           and the reverse, permit and deny in turn
  relations  an estate of so many relations, to be emitted; no rules
  acl, fw, ipc   after the field's filter-set families, with parameters of our own: how
           long prefixes are, how often ports are any, a range, or one

The same arguments make the same bytes.  raw writes one rule a line as numbers, for the
peers in this folder: action proto srclo srchi dstlo dsthi sportlo sporthi dportlo dporthi.
"""
import ipaddress, os, random, sys

SERVICES = [("tcp", 53, 53), ("udp", 53, 53), ("tcp", 88, 88), ("udp", 88, 88), ("tcp", 135, 135), ("tcp", 389, 389),
            ("udp", 389, 389), ("tcp", 445, 445), ("tcp", 464, 464), ("tcp", 636, 636), ("tcp", 3268, 3268),
            ("tcp", 49152, 65535), ("tcp", 80, 80), ("tcp", 443, 443), ("tcp", 1433, 1433), ("tcp", 8530, 8530)]
KINDS = [SERVICES[0:8], SERVICES[4:12], [SERVICES[i] for i in (4, 7, 11, 12, 13, 14, 15, 1)]]
PROTOCOLS = {"tcp": 6, "udp": 17, "icmp": 1, "any": 0}


class Net:
    """Addresses of one family: client subnets, servers, prefixes."""

    def __init__(self, v6):
        self.v6 = v6

    def client(self, i):
        return f"2001:db8:{0x2000 + i:x}::/48" if self.v6 else f"10.{64 + i // 256}.{i % 256}.0/24"

    def clients(self):
        return "2001:db8:2000::/36" if self.v6 else "10.64.0.0/10"

    def server(self, i):
        return f"2001:db8:1::{i + 10:x}" if self.v6 else f"10.1.{i // 200}.{i % 200 + 10}"

    def servers(self):
        return "2001:db8:1::/48" if self.v6 else "10.1.0.0/16"

    def other(self, r):
        if self.v6:
            return f"2001:db8:{r.randrange(0x5000, 0x6000):x}::/48"
        return f"172.{r.randrange(16, 32)}.{r.randrange(256)}.0/24"


def sizes(n):
    """Clients and servers whose product with eight services is about n."""
    servers = max(3, int((n / 8 / 8) ** 0.5))
    return max(2, round(n / 8 / servers)), servers


def estate_like(r, n, net):
    n_clients, n_servers = sizes(n)
    rules = []
    for s in range(n_servers):
        kind = KINDS[s % 3]
        if r.random() < 0.3:
            rules.append(("deny", None, net.other(r), net.server(s), None, None))
        for c in range(n_clients):
            for proto, lo, hi in kind:
                if r.random() < 0.0005:
                    continue  # missing
                rules.append(("permit", proto, net.client(c), net.server(s), None, (lo, hi)))
        if r.random() < 0.05:
            rules.append(("permit", "tcp", None, net.server(s), None, (9000 + s, 9000 + s)))  # surplus
        if r.random() < 0.05:
            rules.append(("deny", "tcp", net.client(r.randrange(n_clients)), None, None, (445, 445)))
    needed = [("permit", proto, net.client(c), net.server(s), None, (lo, hi)) for s in range(n_servers)
              for c in range(n_clients) for proto, lo, hi in KINDS[s % 3]]
    estate = ["estate: bench", "zones:", f"  servers: {{ subnets: ['{net.servers()}'] }}",
              f"  clients: {{ subnets: ['{net.clients()}'] }}", "hosts:"]
    for c in range(n_clients):
        estate.append(f"  c{c}: {{ address: '{net.client(c)}', joined: workgroup, roles: [workgroup-computer] }}")
    for s in range(n_servers):
        estate.append(f"  s{s}: {{ address: '{net.server(s)}', joined: workgroup, roles: [workgroup-computer] }}")
    estate += ["firewalls:", "  edge: { zones: [servers, clients], dialect: nftables }", "allow:"]
    clients = ", ".join(f"c{c}" for c in range(n_clients))
    for k, kind in enumerate(KINDS):
        names = ", ".join(f"s{s}" for s in range(n_servers) if s % 3 == k)
        if not names:
            continue
        for proto, lo, hi in kind:
            ports = f"{lo}" if lo == hi else f"{lo}-{hi}"
            estate.append(f"  - {{ from: [{clients}], to: [{names}], protocol: {proto}, ports: '{ports}', "
                          f"why: bench, owner: bench }}")
    return rules, estate, needed


SMALL_ESTATE = """estate: bench
zones:
  servers: { subnets: ['%s'] }
  clients: { subnets: ['%s'] }
hosts:
  c: { address: '%s', joined: workgroup, roles: [workgroup-computer] }
  s: { address: '%s', joined: workgroup, roles: [workgroup-computer] }
firewalls:
  edge: { zones: [servers, clients], dialect: nftables }
allow:
  - { from: c, to: s, protocol: tcp, ports: 443, why: bench, owner: bench }"""


def small_needs(net):
    return [("permit", "tcp", net.client(0), net.server(0), None, (443, 443))]


def small_estate(net):
    return (SMALL_ESTATE % (net.servers(), net.clients(), net.client(0), net.server(0))).split("\n")


def allow_list(r, n, net):
    rules = []
    for i in range(n):
        proto, lo, hi = SERVICES[i % 16]
        rules.append(("permit", proto, net.client(i // 16 % 8192), net.server(i // 16 // 8192 * 7 + i % 7), None, (lo, hi)))
    return rules, small_estate(net), small_needs(net)


def prefix(r, net, base, lengths):
    """A random prefix below a base network, its length drawn from a table."""
    b = ipaddress.ip_network(base)
    total = sum(w for _, w in lengths)
    x = r.random() * total
    for length, w in lengths:
        x -= w
        if x <= 0:
            break
    if length is None:
        return None
    length = max(b.prefixlen, length * (4 if net.v6 else 1))
    bits = b.max_prefixlen
    host = r.getrandbits(bits - b.prefixlen) >> (bits - length) << (bits - length) if length > b.prefixlen else 0
    return str(ipaddress.ip_network((int(b.network_address) | host, length)))


def cross(r, n, net):
    rules = []
    for i in range(n):
        wide, narrow = [(12, 1), (16, 2), (20, 2)], [(28, 1), (32, 2)]
        a, b = (wide, narrow) if i % 2 else (narrow, wide)
        proto, lo, hi = SERVICES[r.randrange(16)]
        rules.append((r.choice(["permit", "deny"]), proto, prefix(r, net, net.clients(), a),
                      prefix(r, net, net.servers(), b), None, (lo, hi)))
    return rules, small_estate(net), small_needs(net)


SHAPES = {
    # source lengths, destination lengths, share of any source port, of one destination port, of ranges, any protocol
    "acl": ([(16, 1), (24, 4), (32, 3), (None, 1)], [(24, 2), (28, 1), (32, 6)], 0.98, 0.65, 0.20, 0.05),
    "fw": ([(None, 4), (16, 2), (24, 2), (32, 3)], [(None, 3), (16, 2), (24, 2), (32, 4)], 0.80, 0.45, 0.25, 0.12),
    "ipc": ([(16, 1), (24, 3), (32, 4), (None, 1)], [(16, 1), (24, 3), (32, 5), (None, 1)], 0.90, 0.50, 0.20, 0.10),
}


def classbench_like(shape):
    def make(r, n, net):
        src, dst, any_sport, one, ranged, any_proto = SHAPES[shape]
        rules = []
        for _ in range(n):
            action = "permit" if r.random() < 0.7 else "deny"
            s, d = prefix(r, net, net.clients(), src), prefix(r, net, net.servers(), dst)
            if r.random() < any_proto:
                rules.append((action, None, s, d, None, None))
                continue
            sport = None if r.random() < any_sport else r.choice([(53, 53), (123, 123), (1024, 65535), (500, 500)])
            x = r.random()
            if x < one:
                p = r.choice([53, 80, 88, 135, 389, 443, 445, 1433, 3389, r.randrange(1, 65536)])
                dport = (p, p)
            elif x < one + ranged:
                lo = r.choice([1024, 49152, 8000, 137, r.randrange(1, 60000)])
                dport = (lo, r.choice([65535, min(65535, lo + 100), lo + 2]))
            else:
                dport = None
            rules.append((action, r.choice(["tcp", "tcp", "udp"]), s, d, sport, dport))
        return rules, small_estate(net), small_needs(net)
    return make


def relations(r, n, net):
    """An estate of n relations that nothing joins, to be emitted; there are no rules."""
    m = int(n ** 0.5) + 1
    estate = ["estate: bench", "zones:", f"  servers: {{ subnets: ['{net.servers()}'] }}",
              f"  clients: {{ subnets: ['{net.clients()}'] }}", "hosts:"]
    for side, address in (("c", net.client), ("s", net.server)):
        estate += [f"  {side}{i}: {{ address: '{address(i)}', joined: workgroup, roles: [workgroup-computer] }}"
                   for i in range(m)]
    estate += ["firewalls:", "  edge: { zones: [servers, clients], dialect: nftables }", "allow:"]
    estate += [f"  - {{ from: c{k // m}, to: s{k % m}, protocol: tcp, ports: {r.randrange(1024, 61000)}, why: bench, owner: bench }}"
               for k in range(n)]
    return [], estate, []


MAKERS = {"estate": estate_like, "allow": allow_list, "cross": cross, "relations": relations, **{s: classbench_like(s) for s in SHAPES}}


def text(p):
    return str(p[0]) if p[0] == p[1] else f"{p[0]}-{p[1]}"


def write_nftables(f, rules, net):
    ip = "ip6" if net.v6 else "ip"
    f.write("table inet bench {\n\tchain forward {\n\t\ttype filter hook forward priority filter; policy drop;\n"
            "\t\tct state established,related accept\n")
    for action, proto, src, dst, sport, dport in rules:
        parts = ["\t\t"]
        if src:
            parts.append(f"{ip} saddr {src} ")
        if dst:
            parts.append(f"{ip} daddr {dst} ")
        if proto and not sport and not dport:
            parts.append(f"meta l4proto {proto} ")
        if sport:
            parts.append(f"{proto} sport {text(sport)} ")
        if dport:
            parts.append(f"{proto} dport {text(dport)} ")
        f.write("".join(parts) + ("accept\n" if action == "permit" else "drop\n"))
    f.write("\t}\n}\n")


def write_raw(f, rules, net):
    bits = 128 if net.v6 else 32

    def ends(p):
        if not p:
            return 0, (1 << bits) - 1
        x = ipaddress.ip_network(p)
        return int(x.network_address), int(x.broadcast_address)

    for action, proto, src, dst, sport, dport in rules:
        s, d = ends(src), ends(dst)
        sp, dp = sport or (0, 65535), dport or (0, 65535)
        print(1 if action == "permit" else 0, PROTOCOLS[proto] if proto else 0, *s, *d, *sp, *dp, file=f)


def write_cisco_asa(f, rules, net):
    for action, proto, src, dst, sport, dport in rules:
        ends = []
        for side, ports in ((src, sport), (dst, dport)):
            if not side:
                where = "any6" if net.v6 else "any4"
            else:
                n = ipaddress.ip_network(side)
                where = (f"host {n.network_address}" if n.prefixlen == n.max_prefixlen else
                         str(n) if net.v6 else f"{n.network_address} {n.netmask}")
            ends.append(where + ("" if not ports else f" eq {ports[0]}" if ports[0] == ports[1] else
                                 f" range {ports[0]} {ports[1]}"))
        f.write(f"access-list edge extended {action} {proto or 'ip'} {' '.join(ends)}\n")
    f.write("access-group edge global\n")


WRITERS = {"nftables": ("nft", write_nftables), "raw": ("raw", write_raw),
           "cisco-asa": ("asa", write_cisco_asa)}


def main():
    args = [a for a in sys.argv[1:] if not a.startswith("--")]
    shape, n, folder = args[0], int(args[1]), args[2]
    dialect = next((a.split("=")[1] for a in sys.argv if a.startswith("--dialect=")), "nftables")
    net = Net("--ipv6" in sys.argv)
    rules, estate, needed = MAKERS[shape](random.Random(f"{shape}{n}{net.v6}"), n, net)
    os.makedirs(folder, exist_ok=True)
    ending, write = WRITERS[dialect]
    with open(os.path.join(folder, "estate.yaml"), "w", encoding="ascii") as f:
        f.write("\n".join(estate) + "\n")
    with open(os.path.join(folder, "rules." + ending), "w", encoding="ascii") as f:
        write(f, rules, net)
    if dialect == "raw":
        with open(os.path.join(folder, "needed.raw"), "w", encoding="ascii") as f:
            write(f, needed, net)
    print(f"{folder}: {len(rules)} rules")


if __name__ == "__main__":
    main()
