# SPDX-License-Identifier: Apache-2.0
"""Random estates and their plans, for tests that get the program as their argument."""
import json, os, subprocess, sys

PORTOLAN = os.path.abspath(sys.argv[1])
ROLES = ["domain-controller", "global-catalog-server", "dns-server", "certification-authority", "file-server", "web-server",
         "certificate-client", "domain-member", "wsus-server", "windows-update-client", "print-server", "dhcp-server",
         "certificate-enrollment-web-service", "workgroup-computer", "entra-connect-server", "sql-server", "time-server"]
SYSTEMS = ["windows-server-2003", "windows-server-2008-r2", "windows-server-2019", "windows-server-2022", "windows-10", "windows-xp"]
LOW = {"windows-server-2003", "windows-xp"}


def random_estate(r, n):
    """Hosts as a dict of keys; all else stays the same."""
    hosts = {}
    for i in range(n):
        zone = r.randrange(3)
        h = {"address": f"10.{zone + 1}.{i // 200}.{i % 200 + 1}", "os": r.choice(SYSTEMS),
             "roles": sorted(r.sample(ROLES, r.randrange(1, 4)))}
        if r.random() < 0.2:
            h["rpc-range"] = "50000-50100"
        if r.random() < 0.15:
            h["joined"] = "workgroup"
        hosts[f"h{i}"] = h
    return hosts


def text(hosts, r=None):
    """The estate as YAML, its keys and hosts in another order when asked."""
    names = list(hosts)
    if r:
        r.shuffle(names)
    parts = ["zones: { a: { subnets: [10.1.0.0/16] }, b: { subnets: [10.2.0.0/16] }, c: { subnets: [10.3.0.0/16] } }\n",
             "firewalls: { edge: { zones: [a, b, c] } }\n", "estate: laws\n"]
    body = "hosts:\n"
    for name in names:
        keys = list(hosts[name].items())
        if r:
            r.shuffle(keys)
        body += f"  {name}: " + json.dumps(dict(keys)) + "\n"
    parts.append(body)
    if r:
        r.shuffle(parts)
    return "".join(parts)


def plan(folder, source, *options):
    path = os.path.join(folder, "estate.yaml")
    with open(path, "w", encoding="utf-8") as f:
        f.write(source)
    p = subprocess.run([PORTOLAN, "plan", path, "--format", "json", *options], capture_output=True)
    if p.returncode:
        raise RuntimeError(p.stderr.decode()[:500] + source)
    return p.stdout


def flows(raw):
    """By id; endpoints by their names."""
    return {f["id"]: {**f, "from": f["from"]["host"], "to": f["to"]["host"]} for f in json.loads(raw)["flows"]}
