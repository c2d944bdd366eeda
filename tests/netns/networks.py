# SPDX-License-Identifier: Apache-2.0
"""A small routed network of namespaces, for tests that need a firewall between a client and servers.

    client ---- firewall ---- servers

The addresses are those of documentation: a packet that escapes has nowhere to go.
"""
import os, shutil, subprocess

NETS = {"clients": ("192.0.2", "2001:db8:1"), "servers": ("198.51.100", "2001:db8:2")}
ROUTER = {4: "192.0.2.1", 6: "2001:db8:1::1"}  # the firewall, as the client sees it

# as nobody, without any capability
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs"]


def sh(*args, check=True, stdin=None):
    p = subprocess.run(args, capture_output=True, input=stdin)
    if check and p.returncode:
        raise RuntimeError(f"{' '.join(args)}: {p.stderr.decode(errors='replace').strip()}")
    return p


def inside(ns, *args, **more):
    return sh("ip", "netns", "exec", ns, *args, **more)


def why_not(tools=("ip", "nft", "setpriv")):
    """The reason why no such network can be here; None."""
    if os.geteuid() != 0:
        return "not root: no network namespaces"
    for tool in tools:
        if not shutil.which(tool):
            return f"there is no {tool} here"
    ns = f"px{os.getpid() % 10000}"
    if sh("ip", "netns", "add", ns, check=False).returncode:
        return "network namespaces are not allowed here"
    p = inside(ns, "nft", "list", "ruleset", check=False) if "nft" in tools else None
    sh("ip", "netns", "del", ns, check=False)
    return f"nft does not work here: {p.stderr.decode().strip()}" if p and p.returncode else None


class Network:
    """tag: of the names of its namespaces."""

    def __init__(self, tag):
        self.client, self.firewall, self.servers = (f"{tag}{os.getpid() % 10000}{part}" for part in "cfs")

    def link(self, ns, name, hosts):
        net4, net6 = NETS[name]
        sh("ip", "link", "add", "wire", "netns", ns, "type", "veth", "peer", "name", name, "netns", self.firewall)
        inside(self.firewall, "ip", "addr", "add", f"{net4}.1/24", "dev", name)
        inside(self.firewall, "ip", "addr", "add", f"{net6}::1/64", "dev", name, "nodad")
        inside(self.firewall, "ip", "link", "set", name, "up")
        for host in hosts:
            inside(ns, "ip", "addr", "add", f"{net4}.{host}/24", "dev", "wire")
            inside(ns, "ip", "addr", "add", f"{net6}::{host}/64", "dev", "wire", "nodad")
        for device in ("lo", "wire"):
            inside(ns, "ip", "link", "set", device, "up")
        inside(ns, "ip", "route", "add", "default", "via", f"{net4}.1")
        inside(ns, "ip", "-6", "route", "add", "default", "via", f"{net6}::1")

    def up(self, clients, servers):
        """Last parts of the addresses of both sides; the firewall forwards, and filters nothing."""
        for ns in (self.client, self.firewall, self.servers):
            sh("ip", "netns", "add", ns)
            inside(ns, "sysctl", "-qw", "net.ipv6.conf.all.accept_dad=0", "net.ipv6.conf.default.accept_dad=0")
        self.link(self.client, "clients", clients)
        self.link(self.servers, "servers", servers)
        inside(self.firewall, "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")

    def down(self):
        for ns in (self.client, self.firewall, self.servers):
            sh("ip", "netns", "del", ns, check=False)

    def as_nobody(self, *args):
        return inside(self.client, *NOBODY, *args, check=False)
