#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a cache of proofs saves.

usage: kept.py PORTOLAN [ROUNDS]

For one list of rules, and for estates of many firewalls: a run without --cache, the
first with it, the second, and one after a line of one file changed.  Processor time in
seconds, medians of the rounds (5), and the most memory in MB.
"""
import os, shutil, statistics, subprocess, sys, tempfile

PORTOLAN = os.path.abspath(sys.argv[1])
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 5
HERE = os.path.dirname(os.path.abspath(__file__))


def many(folder, n_firewalls, n_servers):
    """A site behind each firewall, with half of the servers' services."""
    sites = range(n_firewalls)
    e = ["estate: many", "zones:", "  core: { subnets: [10.1.0.0/16] }"]
    e += [f"  s{i}: {{ subnets: [10.{64 + i // 256}.{i % 256}.0/24] }}" for i in sites]
    e += ["hosts:"]
    e += [f"  h{k}: {{ address: 10.1.{k // 200}.{k % 200 + 10}, joined: workgroup, roles: [workgroup-computer] }}"
          for k in range(n_servers)]
    e += [f"  pc{i}: {{ address: 10.{64 + i // 256}.{i % 256}.0/24, joined: workgroup, roles: [workgroup-computer] }}"
          for i in sites]
    e += ["firewalls:"]
    e += [f"  fw{i}: {{ zones: [core, s{i}], dialect: cisco-asa, config: fw{i}.asa }}" for i in sites]
    e += ["allow:"]
    for k in range(n_servers):
        clients = ", ".join(f"pc{i}" for i in sites if (i + k) % 2 == 0)
        e.append(f"  - {{ from: [{clients}], to: h{k}, protocol: tcp, ports: '{1000 + k}', why: x, owner: y }}")
    with open(os.path.join(folder, "estate.yaml"), "w", encoding="utf-8") as f:
        f.write("\n".join(e) + "\n")
    for i in sites:
        subprocess.run([PORTOLAN, "emit", "estate.yaml", "--at", f"fw{i}", "-o", f"fw{i}.asa"], cwd=folder, check=True)


def once(folder, *words):
    p = subprocess.Popen([PORTOLAN, "prove", "estate.yaml", *words], cwd=folder, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(p.pid, 0)
    p.returncode = os.waitstatus_to_exitcode(status)
    assert p.returncode in (0, 1), p.returncode
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def row(name, folder, words, changed):
    runs = {"without": [], "first": [], "second": [], "one changed": []}
    cache = os.path.join(folder, "cache")
    path = os.path.join(folder, changed)
    with open(path, encoding="utf-8") as f:
        text = f.read()
    for _ in range(ROUNDS):
        shutil.rmtree(cache, ignore_errors=True)
        runs["without"].append(once(folder, *words))
        for kind in "first", "second", "one changed":
            if kind == "one changed":
                with open(path, "w", encoding="utf-8") as f:
                    f.write(text + "\n")
            runs[kind].append(once(folder, *words, "--cache", cache))
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
    print(name, *(f"{kind} {statistics.median(t for t, _ in v):.3f} s {max(m for _, m in v):.0f} MB" for kind, v in runs.items()),
          sep=" | ", flush=True)


with tempfile.TemporaryDirectory() as folder:
    for n in 1000, 10000, 100000:
        subprocess.run([os.path.join(HERE, "proof/generate.py"), "estate", str(n), folder], check=True, stdout=subprocess.DEVNULL)
        row(f"{n} rules", folder, ["rules.nft"], "rules.nft")
for n, servers in (50, 2000), (200, 1000):
    with tempfile.TemporaryDirectory() as folder:
        many(folder, n, servers)
        row(f"{n} firewalls", folder, [], "fw3.asa")
