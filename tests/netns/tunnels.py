# SPDX-License-Identifier: Apache-2.0
"""A network namespace whose devices are tunnels that end in this process: it sends packets, and sees which arrive."""
import fcntl, ipaddress, os, re, shutil, socket, struct, subprocess

from packets import ident_of

DEVICES = ("eth0", "vlan10", "eth1", "elsewhere")

# connection tracking is on from the beginning, and the host's own resets end no conversation
KEEPER = """flush ruleset
table inet keeper {
	chain output {
		type filter hook output priority raw - 100;
		tcp flags & rst == rst drop
	}
	chain late {
		type filter hook input priority 400;
		ct state new counter
	}
}
"""


def run(*command, text=None):
    return subprocess.run(command, input=text, capture_output=True, text=True)


def why_not():
    if os.geteuid() != 0:
        return "not root: no network namespaces"
    for tool in ("unshare", "ip", "nft", "ipset", "iptables-restore", "ip6tables-restore"):
        if not shutil.which(tool):
            return f"there is no {tool} here"
    if not os.path.exists("/dev/net/tun"):
        return "there are no tunnels here"
    p = run("unshare", "-n", "nft", "-f", "-", text=KEEPER)
    return f"nft does not work in a namespace here: {p.stderr.strip()}" if p.returncode else None


def printed(language):
    """The rules that are loaded, as the tools print them, but those of the namespace itself."""
    if language == "nftables":
        return re.sub(r"table inet keeper \{\n.*?\n\}\n", "", run("nft", "list", "ruleset").stdout, flags=re.S)
    return run("ipset", "save").stdout + run("iptables-save").stdout + run("ip6tables-save").stdout


class Tunnel:
    """A device whose other end is this process."""

    def __init__(self, name):
        self.fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(self.fd, 0x400454CA, struct.pack("16sH", name.encode(), 0x1001))     # TUNSETIFF; no header

    def send(self, packet):
        os.write(self.fd, packet)

    def arrived(self):
        """The marks of the packets that came out since the last time."""
        marks = set()
        while True:
            try:
                marks.add(ident_of(os.read(self.fd, 65536)))
            except BlockingIOError:
                return marks


class Host:
    def __init__(self):
        for name, value in (("net.ipv4.ip_forward", 1), ("net.ipv6.conf.all.forwarding", 1), ("net.ipv4.icmp_ratelimit", 0),
                            ("net.ipv4.conf.all.send_redirects", 0), ("net.ipv4.conf.default.send_redirects", 0),
                            ("net.ipv4.conf.all.rp_filter", 0), ("net.ipv4.conf.default.rp_filter", 0),
                            ("net.ipv4.conf.all.accept_local", 1)):
            run("sysctl", "-qw", f"{name}={value}")
        self.tunnels = {d: Tunnel(d) for d in DEVICES}
        run("ip", "link", "set", "lo", "up")
        for i, device in enumerate(DEVICES):
            run("ip", "link", "set", device, "up")
            run("ip", "addr", "add", f"192.168.250.{i}/32", "dev", device)     # masquerading needs one
            run("ip", "addr", "add", f"fd99::{i + 1}/128", "dev", device, "nodad")
        self.listeners = {}
        self.mouths = {4: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW),
                       6: socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW)}
        self.tracking = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)  # NETLINK_NETFILTER
        self.side = None
        run("nft", "-f", "-", text=KEEPER)
        for name in ("tcp_loose", "checksum"):
            run("sysctl", "-qw", f"net.netfilter.nf_conntrack_{name}=0")

    def place(self, second):
        """Which networks are behind which device."""
        self.second = second
        for family, *nets in (("-4", "10.0.0.0/24", "10.0.1.0/24", "default"),
                              ("-6", "2001:db8::/64", "2001:db8:0:1::/64", "default")):
            for net, device in zip(nets, ("eth0", second, "elsewhere")):
                run("ip", family, "route", "replace", net, "dev", device)

    def be(self, side):
        """A router, or a host that has every address."""
        if side == self.side:
            return
        self.side = side
        for family in ("-4", "-6"):
            for device in DEVICES:
                run("ip", family, "rule", "del", "iif", device, "lookup", "100")
                if side != "forward":
                    run("ip", family, "rule", "add", "iif", device, "lookup", "100")
            run("ip", family, "route", "replace", "local", "default", "dev", "lo", "table", "100")

    def device_of(self, address):
        a = ipaddress.ip_address(address)
        for nets, device in ((("10.0.0.0/24", "2001:db8::/64"), "eth0"), (("10.0.1.0/24", "2001:db8:0:1::/64"), self.second)):
            if any(a in ipaddress.ip_network(net) for net in nets):
                return device
        return "elsewhere"

    def listener(self, version, protocol):
        if (version, protocol) not in self.listeners:
            s = socket.socket(socket.AF_INET if version == 4 else socket.AF_INET6, socket.SOCK_RAW, protocol)
            s.setblocking(False)
            self.listeners[version, protocol] = s
        return self.listeners[version, protocol]

    def heard(self, version, protocol):
        """The marks of the packets that were let in since the last time."""
        marks, s = set(), self.listener(version, protocol)
        while True:
            try:
                data = s.recv(65536)
            except BlockingIOError:
                return marks
            head = b"" if version == 4 else struct.pack("!IHBB32x", 6 << 28, len(data), protocol, 64)
            marks.add(ident_of(head + data))

    def passes(self, q, sent, mark, side):
        """Sends a packet on a side, and tells whether it arrives."""
        to = self.tunnels[self.device_of(q.dst)]
        to.arrived()
        if side == "input":
            self.heard(q.version, q.protocol)
        if side == "output":
            self.say(q.version, sent, q.dst)
        else:
            self.tunnels[self.device_of(q.src)].send(sent)
        return mark in (self.heard(q.version, q.protocol) if side == "input" else to.arrived())

    def say(self, version, packet, dst):
        try:
            self.mouths[version].sendto(packet, (dst, 0))
        except PermissionError:     # dropped, and reported
            pass

    def clear(self):
        """No rules, no sets, no conversations."""
        run("nft", "-f", "-", text=KEEPER)
        run("ipset", "destroy")
        self.tracking.send(struct.pack("=IHHIIBBH", 20, 1 << 8 | 2, 5, 1, 0, 0, 0, 0))     # IPCTNL_MSG_CT_DELETE: all
        self.tracking.recv(65536)
