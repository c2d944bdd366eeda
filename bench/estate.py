#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""estate.py HOSTS SITES [--flat]: an estate of that many hosts on standard output.

Each site has its Configuration Manager roles on a few servers, a domain
controller in every tenth, and its share of clients, each a host of its own.
The first site is the parent of all others and has the PKI.  --flat leaves
Configuration Manager and the sites out: reading, not planning, is measured.
"""
import sys

hosts, sites = int(sys.argv[1]), int(sys.argv[2])
flat = "--flat" in sys.argv
out = sys.stdout.write

out("estate: bench\nzones:\n")
for s in range(sites):
    out(f"  z{s}-servers: {{ subnets: [10.{s % 250}.{s // 250 * 128}.0/24] }}\n")
    out(f"  z{s}-clients: {{ subnets: [100.{64 + s // 4}.{s % 4 * 64}.0/18] }}\n")
out("  internet: { subnets: [any] }\n")
out("hosts:\n")

SERVERS = [
    ("ss", "[site-server, sms-provider]"),
    ("sql", "[sql-server]"),
    ("mp", "[management-point, enrollment-point, enrollment-proxy-point]"),
    ("dp", "[distribution-point, distribution-point-pxe, distribution-point-multicast, state-migration-point]"),
    ("sup", "[software-update-point, wsus-server]"),
    ("rsp", "[reporting-services-point, fallback-status-point, endpoint-protection-point]"),
]
PKI = [
    ("ca", "[certification-authority]"),
    ("ces", "[certificate-enrollment-web-service, certificate-enrollment-policy-web-service]"),
    ("ocsp", "[online-responder, crl-distribution-point]"),
    ("ndes", "[network-device-enrollment-service]"),
]
written = 0
for s in range(sites):
    site = "" if flat else f", site: S{s:03}" + (", parent: S000" if s else "")
    base = f"10.{s % 250}.{s // 250 * 128}"
    servers = [] if flat else list(SERVERS)
    if s == 0:
        servers += PKI
    if s % 20 == 0:
        servers.append(("dc", "[domain-controller, global-catalog-server, dns-server]"))
    for i, (name, roles) in enumerate(servers):
        out(f"  {name}{s}: {{ address: {base}.{10 + i}, os: windows-server-2022{site}, roles: {roles} }}\n")
        written += 1
    share = (hosts - written) // (sites - s)
    share -= 0 if flat else 0
    for i in range(share):
        a = f"100.{64 + s // 4}.{s % 4 * 64 + i // 250}.{1 + i % 250}"
        roles = "domain-member, certificate-client" + ("" if flat else ", configmgr-client")
        out(f"  c{s}-{i}: {{ address: {a}, os: windows-11{site}, roles: [{roles}] }}\n")
        written += 1
out("firewalls:\n")
for s in range(sites):
    out(f"  f{s}: {{ zones: [z{s}-servers, z{s}-clients, internet], dialect: nftables }}\n")
