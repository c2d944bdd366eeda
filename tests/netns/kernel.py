#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""kernel.py PORTOLAN [ROUNDS]: the kernel agrees with the plan.  TAP.

Emitted rules are loaded into a router made of network namespaces, one more
namespace a zone.  Packets with any source address are put on the wire of their
zone; what arrives at the zone of their destination is compared with the plan,
which is read here from JSON and judged by a few lines that know nothing of
portolan's own sets.  First packets of TCP, UDP, ICMP and ICMPv6, replies to
those that passed, and replies to nothing.

Hosts' own rules are loaded in both directions where the router itself is the
host: raw sockets see what its filter lets in, the wires what it lets out.
"""
import ipaddress, json, os, random, select, shutil, socket, struct, subprocess, sys, tempfile, time

from packets import build, checksum, ident_of

PORTOLAN = os.path.abspath(sys.argv[1])
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 3
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TAG = f"pt{os.getpid() % 10000}"


def sh(*args, check=True, stdin=None):
    p = subprocess.run(args, capture_output=True, input=stdin)
    if check and p.returncode:
        raise RuntimeError(f"{' '.join(args)}: {p.stderr.decode(errors='replace').strip()}")
    return p


def why_not():
    if os.geteuid() != 0:
        return "not root: no network namespaces"
    for tool in ("ip", "nft"):
        if not shutil.which(tool):
            return f"there is no {tool} here"
    if sh("ip", "netns", "add", f"{TAG}x", check=False).returncode:
        return "network namespaces are not allowed here"
    p = sh("ip", "netns", "exec", f"{TAG}x", "sysctl", "-n", "net.ipv4.ip_forward", check=False)
    sh("ip", "netns", "del", f"{TAG}x", check=False)
    if p.returncode:
        return f"a namespace cannot be entered here: {p.stderr.decode().strip()}"
    p = sh("unshare", "-n", "nft", "list", "ruleset", check=False)
    return f"nft does not work here: {p.stderr.decode().strip()}" if p.returncode else None


class Router:
    """A router and one namespace for each zone, with a link between."""

    def __init__(self, zones):
        self.zones = zones              # name -> list of subnets, or ["any"]
        self.ns = {z: f"{TAG}z{i}" for i, z in enumerate(zones)}
        self.router = f"{TAG}r"
        try:
            self.up()
        except RuntimeError:
            self.down()
            raise

    def up(self):
        zones = self.zones
        sh("ip", "netns", "add", self.router)
        self.inside("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1",
                    "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.default.rp_filter=0",
                    "net.ipv6.conf.all.accept_dad=0", "net.ipv6.conf.default.accept_dad=0",
                    "net.ipv4.icmp_ratelimit=0")
        self.inside("sysctl", "-qw", "net.netfilter.nf_conntrack_tcp_loose=0", check=False)
        self.mac = {}
        for i, (zone, subnets) in enumerate(zones.items(), 1):
            ns = self.ns[zone]
            sh("ip", "netns", "add", ns)
            sh("ip", "link", "add", "wire", "netns", ns, "type", "veth", "peer", "name", f"z{i}", "netns", self.router)
            self.inside("ip", "addr", "add", f"169.254.{i}.1/24", "dev", f"z{i}")
            self.inside("ip", "addr", "add", f"fd00:{i}::1/64", "dev", f"z{i}", "nodad")
            self.inside("ip", "link", "set", f"z{i}", "up")
            sh("ip", "-n", ns, "addr", "add", f"169.254.{i}.2/24", "dev", "wire")
            sh("ip", "-n", ns, "addr", "add", f"fd00:{i}::2/64", "dev", "wire", "nodad")
            sh("ip", "-n", ns, "link", "set", "wire", "up")
            mac = json.loads(self.inside("ip", "-j", "link", "show", f"z{i}").stdout)[0]["address"]
            self.mac[zone] = bytes.fromhex(mac.replace(":", ""))
            peer = json.loads(sh("ip", "-n", ns, "-j", "link", "show", "wire").stdout)[0]["address"]
            # neighbours are written down: the test is about the filter, not about ARP
            self.inside("ip", "neigh", "replace", f"169.254.{i}.2", "lladdr", peer, "dev", f"z{i}")
            self.inside("ip", "neigh", "replace", f"fd00:{i}::2", "lladdr", peer, "dev", f"z{i}")
            for subnet in subnets:
                for net in (["0.0.0.0/0", "::/0"] if subnet == "any" else [subnet]):
                    via = f"fd00:{i}::2" if ":" in net else f"169.254.{i}.2"
                    self.inside("ip", "route", "replace", net, "via", via, "dev", f"z{i}")

    def inside(self, *args, check=True, stdin=None):
        return sh("ip", "netns", "exec", self.router, *args, check=check, stdin=stdin)

    def load(self, dialect, path):
        self.inside("nft", "flush", "ruleset")
        if dialect == "nftables":
            self.inside("nft", "-f", path)
        elif dialect == "iptables":
            parts = iptables_parts(open(path).read())
            self.inside("ipset", "destroy", check=False)
            for tool, text in parts:
                if tool != "ipset":
                    self.inside(tool, "--test", stdin=text.encode())
                args = ["ipset", "restore"] if tool == "ipset" else [tool]
                self.inside(*args, stdin=text.encode())

    def load_more(self, dialect, path):
        """Beside what is loaded: the other side of a host."""
        if dialect == "nftables":
            self.inside("nft", "-f", path)
            return
        for tool, text in iptables_parts(open(path).read()):
            self.inside(*(["ipset", "restore"] if tool == "ipset" else [tool, "--noflush"]), stdin=text.encode())

    def saved(self, dialect):
        """What the router's own tools print of the rules that are loaded."""
        tools = {"nftables": [("nft", "list", "ruleset")],
                 "iptables": [("ipset", "save"), ("iptables-save",), ("ip6tables-save", "-c")]}
        return b"".join(self.inside(*t).stdout for t in tools[dialect])

    def down(self):
        for ns in [self.router, *self.ns.values()]:
            sh("ip", "netns", "del", ns, check=False)


def iptables_parts(text):
    """The parts of an emitted iptables file, by the marks before them."""
    parts, tool = [], None
    for line in text.splitlines(keepends=True):
        mark = line.strip().lstrip("# ")
        if line.startswith("#") and mark in ("ipset restore", "iptables-restore", "ip6tables-restore"):
            tool = mark.split()[0]
            parts.append([tool, ""])
        elif tool:
            parts[-1][1] += line
    return parts


class Wires:
    """A packet socket in each zone's namespace."""

    def __init__(self, router):
        self.router, self.sockets = router, {}
        libc_setns = __import__("ctypes").CDLL(None, use_errno=True).setns
        home = os.open("/proc/self/ns/net", os.O_RDONLY)
        for zone, ns in router.ns.items():
            fd = os.open(f"/var/run/netns/{ns}", os.O_RDONLY)
            libc_setns(fd, 0)
            s = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 << 20)
            s.bind(("wire", 3))
            s.setblocking(False)
            self.sockets[zone] = s
            libc_setns(home, 0)
            os.close(fd)
        os.close(home)

    def send(self, zone, packet):
        kind = 0x0800 if packet[0] >> 4 == 4 else 0x86DD
        self.sockets[zone].sendto(packet, ("wire", kind, 0, 0, self.router.mac[zone]))

    def collect(self, quiet=0.3):
        """(zone, ident) of everything that arrives until nothing has for a while."""
        seen, last = set(), time.monotonic()
        while time.monotonic() - last < quiet:
            ready, _, _ = select.select(list(self.sockets.values()), [], [], 0.05)
            for zone, s in self.sockets.items():
                if s not in ready:
                    continue
                try:
                    while True:
                        data, address = s.recvfrom(2048)
                        if address[2] == 4:     # outgoing
                            continue
                        seen.add((zone, ident_of(data)))
                        last = time.monotonic()
                except BlockingIOError:
                    pass
        return seen


class Ears:
    """Raw sockets in the router's namespace: what its own filter lets in, and a socket for what it sends."""

    def __init__(self, router):
        libc_setns = __import__("ctypes").CDLL(None, use_errno=True).setns
        home, fd = os.open("/proc/self/ns/net", os.O_RDONLY), os.open(f"/var/run/netns/{router.router}", os.O_RDONLY)
        libc_setns(fd, 0)
        self.ears = {}
        for family, numbers in ((socket.AF_INET, (6, 17, 1, 47)), (socket.AF_INET6, (6, 17, 58, 47))):
            for number in numbers:
                s = socket.socket(family, socket.SOCK_RAW, number)
                s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 << 20)
                s.setblocking(False)
                self.ears[s] = number
        self.mouth = {4: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW),
                      6: socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW)}
        self.mouth[6].setsockopt(socket.IPPROTO_IPV6, 36, 1)    # IPV6_HDRINCL
        libc_setns(home, 0)
        os.close(home)
        os.close(fd)

    def say(self, packet, dst):
        try:
            self.mouth[packet[0] >> 4].sendto(packet, (dst, 0))
        except PermissionError:     # the filter dropped it, and reports it
            pass

    def heard(self, quiet=0.3):
        seen, last = set(), time.monotonic()
        while time.monotonic() - last < quiet:
            for s in select.select(list(self.ears), [], [], 0.05)[0]:
                try:
                    while True:
                        data = s.recv(4096)
                        if s.family == socket.AF_INET6:     # comes without its header
                            data = struct.pack("!IHBB32x", 6 << 28, len(data), self.ears[s], 64) + data
                        seen.add(ident_of(data))
                        last = time.monotonic()
                except BlockingIOError:
                    pass
        return seen

    def close(self):
        for s in [*self.ears, *self.mouth.values()]:
            s.close()


# The plan, judged by a few lines

class Plan:
    def __init__(self, estate, counts):
        self.o = json.loads(sh(PORTOLAN, "plan", *estate, "--format", "json", check=False).stdout)
        self.flows = []
        for f in self.o["flows"]:
            if not counts(f):
                continue
            self.flows.append((f["from"]["zone"], self.nets(f["from"]), f["to"]["zone"], self.nets(f["to"]),
                               f["protocol"], f["ports"]))

    @staticmethod
    def nets(end):
        out = []
        for a in end["addresses"]:
            if a == "any":
                out.append(None)
            elif "-" in a:
                lo, hi = (ipaddress.ip_address(x) for x in a.split("-"))
                out += list(ipaddress.summarize_address_range(lo, hi))
            else:
                out.append(ipaddress.ip_network(a))
        return out

    @staticmethod
    def holds(nets, zone, address, at_zone):
        return any((n is None and zone == at_zone) or (n is not None and address.version == n.version and address in n)
                   for n in nets)

    def permits(self, src_zone, src, dst_zone, dst, proto, port):
        a, b = ipaddress.ip_address(src), ipaddress.ip_address(dst)
        for fz, fn, tz, tn, p, ports in self.flows:
            if p != proto or not self.holds(fn, fz, a, src_zone) or not self.holds(tn, tz, b, dst_zone):
                continue
            if ports == "-":
                return True
            lo, _, hi = ports.partition("-")
            if int(lo) <= port <= int(hi or lo):
                return True
        return False


def sample(rng, zone, subnets, hosts):
    """An address of a zone: often one of a host, else any of its subnets."""
    own = [n for z, nets in hosts for n in nets if z == zone and n is not None]
    nets = own if own and rng.random() < 0.7 else \
        [ipaddress.ip_network(s) for s in subnets if s != "any"] or [ipaddress.ip_network("203.0.113.0/24")]
    net = rng.choice(nets)
    return str(net.network_address + min(net.num_addresses - 1, rng.choice([0, 1, 2, 7, rng.randrange(250)])))


def questions(rng, plan, zones, n):
    ports = sorted({int(x) for f in plan.flows if f[5] != "-" for x in f[5].split("-")})
    ports = sorted({min(65535, max(1, p + d)) for p in ports for d in (-1, 0, 1)} | {22, 3389, 8080, 50000})
    hosts = [(f[0], f[1]) for f in plan.flows] + [(f[2], f[3]) for f in plan.flows]
    kinds = ["tcp", "tcp", "tcp", "udp", "udp", "icmp", "47"]
    out = []
    for i in range(n):
        if plan.flows and rng.random() < 0.4:       # near a flow of the plan
            fz, fn, tz, tn, proto, fp = rng.choice(plan.flows)
            src = sample(rng, fz, zones[fz], [(fz, fn)])
            dst = sample(rng, tz, zones[tz], [(tz, tn)])
            port = int(rng.choice(fp.split("-"))) + rng.choice([0, 0, 0, 1, -1]) if fp != "-" else 0
            if rng.random() < 0.2:
                proto = rng.choice(kinds)
        else:
            fz, tz = rng.sample(list(zones), 2)
            src, dst = sample(rng, fz, zones[fz], hosts), sample(rng, tz, zones[tz], hosts)
            proto, port = rng.choice(kinds), rng.choice(ports)
        if ipaddress.ip_address(src).version != ipaddress.ip_address(dst).version:
            continue
        out.append((fz, src, tz, dst, proto, max(1, min(65535, port)), 20000 + i % 40000))
    # one conversation once: a second packet of it would belong to the first
    return list({(q[1], q[3], q[4], q[5] if q[4] in ("tcp", "udp") else 0, q[6]): q for q in out}.values())


def judge(plan, zones, wires, rng, n):
    """Sends, listens and compares; a list of what differed."""
    asked = questions(rng, plan, zones, n)
    wires.collect(0.05)
    for i, (fz, src, tz, dst, proto, port, sport) in enumerate(asked):
        wires.send(fz, build(src, dst, proto, sport, port, 0x50000000 + i))
    seen = wires.collect()
    wrong, passed = [], 0
    for i, (fz, src, tz, dst, proto, port, sport) in enumerate(asked):
        want, got = plan.permits(fz, src, tz, dst, proto, port), (tz, 0x50000000 + i) in seen
        passed += got
        if want != got:
            wrong.append(f"{src} -> {dst} {proto} {port}: {'should pass' if want else 'should not pass'}")
    # replies to what passed come back, replies to nothing do not
    for i, (fz, src, tz, dst, proto, port, sport) in enumerate(asked):
        if proto in ("tcp", "udp", "icmp"):
            back = build(dst, src, proto, sport, "reply", 0x60000000 + i) if proto == "icmp" else \
                build(dst, src, proto, port, sport, 0x60000000 + i, flags=0x12)
            if proto == "tcp":      # the reply acknowledges the first packet
                a, b = ipaddress.ip_address(dst), ipaddress.ip_address(src)
                off = 20 if a.version == 4 else 40
                body = bytearray(back[off:])
                body[8:12] = struct.pack("!I", (0x50000000 + i + 1) & 0xFFFFFFFF)
                body[16:18] = b"\0\0"
                pseudo = a.packed + b.packed + (struct.pack("!BBH", 0, 6, len(body)) if a.version == 4 else
                                                struct.pack("!IBBBB", len(body), 0, 0, 0, 6))
                body[16:18] = struct.pack("!H", checksum(pseudo + bytes(body)))
                back = back[:off] + bytes(body)
            wires.send(tz, back)
    seen = wires.collect()
    for i, (fz, src, tz, dst, proto, port, sport) in enumerate(asked):
        if proto not in ("tcp", "udp", "icmp"):
            continue
        there = plan.permits(fz, src, tz, dst, proto, port)
        back = proto == "udp" and plan.permits(tz, dst, fz, src, proto, sport)
        got = (fz, 0x60000000 + i) in seen
        if got != (there or back):
            wrong.append(f"reply {dst} -> {src} {proto} from {port}: {'should' if there else 'should not'} come back")
    return wrong, len(asked), passed


def finds_neighbours(router, zone, i):
    """The router's own filter lets it find its neighbours, and them find it (IPv6)."""
    ns, own = router.ns[zone], f"fd00:{i}::1"
    sh("ip", "-n", ns, "neigh", "flush", "dev", "wire", check=False)
    sh("ip", "netns", "exec", ns, sys.executable, "-c",
       f"import socket; socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).sendto(b'x', ('{own}', 9))")
    for _ in range(30):
        if b"lladdr" in sh("ip", "-n", ns, "neigh", "show", own).stdout:
            return True
        time.sleep(0.1)
    return False


def judge_host(estate, host, addresses, zone, zones, router, rng, n):
    """Both directions of a host's own rules."""
    plans = {side: Plan(estate, lambda f: f[end]["host"] == host) for side, end in (("in", "to"), ("out", "from"))}
    ears, wires, wrong, passed, total = Ears(router), Wires(router), [], 0, 0
    for i, z in enumerate(router.zones, 1):
        if not finds_neighbours(router, z, i):
            wrong.append(f"{z}: neighbours do not find it")
    ears.heard(0.05)
    wires.collect(0.05)
    for side in ("in", "out"):
        # questions have a host of the plan at each endpoint; here one endpoint is the host
        asked, base = [], {"in": 0x30000000, "out": 0x40000000}[side]
        for fz, src, tz, dst, proto, port, sport in questions(rng, plans[side], zones, n):
            own = [a for a in addresses if ipaddress.ip_address(a).version == ipaddress.ip_address(src).version]
            other, oz = (src, fz) if side == "in" else (dst, tz)
            if not own or other in addresses:
                continue
            own = rng.choice(own)
            asked.append((oz, other, zone, own, proto, port, sport) if side == "in" else
                         (zone, own, oz, other, proto, port, sport))
        for i, (fz, src, tz, dst, proto, port, sport) in enumerate(asked):
            packet = build(src, dst, proto, sport, port, base + 2 * i)
            wires.send(fz, packet) if side == "in" else ears.say(packet, dst)
        heard, back = ears.heard(), wires.collect()
        for i, (fz, src, tz, dst, proto, port, sport) in enumerate(asked):
            want = plans[side].permits(fz, src, tz, dst, proto, port)
            got = base + 2 * i in heard if side == "in" else (tz, base + 2 * i) in back
            passed += got
            if want != got:
                wrong.append(f"{side}: {src} -> {dst} {proto} {port}: {'should pass' if want else 'should not pass'}")
            # the host replies to an echo, with the same mark
            if side == "in" and proto == "icmp" and (fz, base + 2 * i) in back and not want:
                wrong.append(f"{src} -> {dst} {proto}: got a reply, and should not")
            if side == "in" and proto == "icmp" and want and (fz, base + 2 * i) not in back:
                wrong.append(f"{src} -> {dst} {proto}: the reply does not come back")
        total += len(asked)
    ears.close()
    return wrong, total, passed


def zones_of(estate_text):
    """Zones and subnets, read from the JSON of the plan's own estate is not possible; a few lines of YAML are."""
    zones, inside = {}, False
    for line in estate_text.splitlines():
        if line.startswith("zones:"):
            inside = True
        elif inside and line[:1] not in (" ", "#", ""):
            break
        elif inside and "subnets:" in line:
            name = line.strip().split(":")[0]
            text = line.split("[", 1)[1].split("]", 1)[0]
            zones[name] = [x.strip().strip('"') for x in text.split(",")]
    return zones


def random_estate(rng):
    roles = ["domain-controller, global-catalog-server, dns-server", "certification-authority",
             "site-server, sms-provider", "management-point, distribution-point", "sql-server", "wsus-server",
             "software-update-point", "web-application-proxy", "federation-server", "entra-connect-server",
             "certificate-enrollment-web-service, certificate-enrollment-policy-web-service", "nps-server, radius-client",
             "domain-member, certificate-client, configmgr-client", "domain-member"]
    nets = {"servers": ("10.1.0", "2001:db8:1::"), "clients": ("10.20.0", "2001:db8:20::"),
            "dmz": ("192.0.2", "2001:db8:2::")}
    lines = ["estate: random", "zones:"]
    for z, (v4, v6) in nets.items():
        lines.append(f'  {z}: {{ subnets: [{v4}.0/24, "{v6}/48"] }}')
    lines += ["  internet: { subnets: [any] }", "hosts:"]
    for i in range(rng.randrange(5, 16)):
        v4, v6 = nets[rng.choice(list(nets))]
        address = rng.choice([f"{v4}.{10 + i}", f'[{v4}.{10 + i}, "{v6}{10 + i:x}"]', f'"{v6}{10 + i:x}"'])
        system = rng.choice(["windows-server-2022", "windows-server-2003", "windows-11"])
        lines.append(f"  h{i}: {{ address: {address}, os: {system}, site: P01, roles: [{rng.choice(roles)}] }}")
    lines += ["firewalls:", "  edge: { zones: [servers, clients, dmz, internet], dialect: nftables }"]
    return "\n".join(lines) + "\n"


def cases():
    """(name, estate files, firewall, dialect, zones)"""
    usable = usable_dialects()
    contoso = os.path.join(ROOT, "examples/contoso/estate.yaml")
    if os.path.exists(contoso):
        o = json.loads(sh(PORTOLAN, "plan", contoso, "--format", "json", check=False).stdout)
        for firewall in sorted({c for f in o["flows"] for c in f["crosses"]}):
            for d in usable:
                yield f"contoso, {firewall}, {d}", [contoso], firewall, d, zones_of(open(contoso).read())
    for i in range(ROUNDS):
        rng = random.Random(1000 + i)
        path = os.path.join(TMP, f"random{i}.yaml")
        open(path, "w").write(random_estate(rng))
        for d in usable:
            yield f"random estate {i}, {d}", [path], "edge", d, zones_of(open(path).read())


def usable_dialects():
    dialects = {d["name"] for d in json.loads(sh(PORTOLAN, "dialects", "--format", "json").stdout)["dialects"] if d["emits"]}
    tools = {"nftables": "nft", "iptables": "iptables-restore"}
    return [d for d in ("nftables", "iptables") if d in dialects and shutil.which(tools[d])]


def host_cases():
    """(name, estate files, host, addresses, zone, dialect, zones): hosts that send and receive, with few addresses."""
    for i in range(ROUNDS):
        rng = random.Random(2000 + i)
        path = os.path.join(TMP, f"host{i}.yaml")
        open(path, "w").write(random_estate(rng))
        o = json.loads(sh(PORTOLAN, "plan", path, "--format", "json", check=False).stdout)
        ends = {f[e]["host"]: f[e] for f in o["flows"] for e in ("from", "to")
                if all("/" not in a and "-" not in a and a != "any" for a in f[e]["addresses"])}
        both = {f["from"]["host"] for f in o["flows"]} & {f["to"]["host"] for f in o["flows"]} & set(ends)
        if not both:
            continue
        host = rng.choice(sorted(both))
        for d in usable_dialects():
            yield (f"random estate {i}, own rules of {host}, {d}", [path], host, ends[host]["addresses"], ends[host]["zone"], d,
                   zones_of(open(path).read()))


def check_host(name, estate, host, addresses, zone, dialect, zones, rng):
    path = os.path.join(TMP, "rules")
    router = Router(zones)
    try:
        for a in addresses:
            router.inside("ip", "addr", "add", a, "dev", "lo", *(["nodad"] if ":" in a else []))
        router.inside("ip", "link", "set", "lo", "up")
        for side in ("in", "out"):
            sh(PORTOLAN, "emit", *estate, "--host", host, "--side", side, "--dialect", dialect, "-o", path)
            (router.load if side == "in" else router.load_more)(dialect, path)
        wrong, asked, passed = judge_host(estate, host, addresses, zone, zones, router, rng, 1500)
        with open(path, "wb") as f:
            f.write(router.saved(dialect))
        for side in ("in", "out"):
            p = sh(PORTOLAN, "prove", *estate, "--host", host, "--side", side, "--dialect", dialect, path, check=False)
            if p.returncode:
                wrong.append(f"{side}: what is loaded, listed: " + (p.stdout + p.stderr).decode().strip().replace("\n", "; ")[:500])
        return wrong, asked, passed
    finally:
        router.down()


def main():
    reason = why_not()
    if reason:
        print(f"1..0 # SKIP {reason}")
        return 0
    failed = n = 0
    for name, estate, firewall, dialect, zones in cases():
        n += 1
        rng = random.Random(n)
        path = os.path.join(TMP, "rules")
        router = None
        try:
            sh(PORTOLAN, "emit", *estate, "--at", firewall, "--dialect", dialect, "-o", path)
            plan = Plan(estate, lambda f: firewall in f["crosses"])
            used = {z for f in plan.flows for z in (f[0], f[2])}
            zones = {z: s for z, s in zones.items() if z in used}
            router = Router(zones)
            router.load(dialect, path)
            wrong, asked, passed = judge(plan, zones, Wires(router), rng, 3000)
            # what the tools print of it is read as the same set
            with open(path, "wb") as f:
                f.write(router.saved(dialect))
            p = sh(PORTOLAN, "prove", *estate, "--at", firewall, "--dialect", dialect, path, check=False)
            if p.returncode:
                wrong.append("what is loaded, listed: " + (p.stdout + p.stderr).decode().strip().replace("\n", "; ")[:500])
        except (RuntimeError, OSError, KeyError) as e:
            wrong, asked, passed = [f"{type(e).__name__}: {e}"], 0, 0
        finally:
            if router:
                router.down()
        failed += tell(n, name, wrong, asked, passed)
    for case in host_cases():
        n += 1
        try:
            wrong, asked, passed = check_host(*case, random.Random(n))
        except (RuntimeError, OSError, KeyError) as e:
            wrong, asked, passed = [f"{type(e).__name__}: {e}"], 0, 0
        failed += tell(n, case[0], wrong, asked, passed)
    print(f"1..{n}")
    return 1 if failed else 0


def tell(n, name, wrong, asked, passed):
    print(f"{'not ok' if wrong else 'ok'} {n} - {name}: {asked} packets, {passed} let through", flush=True)
    for w in wrong[:10]:
        print("# " + w)
    return bool(wrong)


with tempfile.TemporaryDirectory() as TMP:
    sys.exit(main())
