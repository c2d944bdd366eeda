#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""story.py PORTOLAN: from a plan to a proof on the wire, before the servers exist.  TAP.

    client ---- firewall ---- servers          one namespace each

The firewall has the rules that portolan emits; portolan listen stands in for the servers, each in its place; portolan
probe runs the plan from the client.  Then rules are changed, and exactly the flows that they decide change.
"""
import json, os, signal, subprocess, sys, tempfile, time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from capture import Capture, streams
from networks import Network, ROUTER, inside, sh, why_not

PORTOLAN = os.path.abspath(sys.argv[1])
NET = Network("pl")
CLIENT, FIREWALL, SERVERS = NET.client, NET.firewall, NET.servers
DC, CA, WEB = "dc1.contoso.test", "ca1.contoso.test", "web1.contoso.test"

ESTATE = """estate: story
zones:
  clients: { subnets: [192.0.2.0/24, "2001:db8:1::/64"] }
  servers: { subnets: [198.51.100.0/24, "2001:db8:2::/64"] }
hosts:
  pc: { address: [192.0.2.10, "2001:db8:1::10"], roles: [domain-member, certificate-client], os: windows-11 }
  dc1.contoso.test:
    { address: [198.51.100.10, "2001:db8:2::10"], os: windows-server-2022,
      roles: [domain-controller, global-catalog-server, dns-server] }
  ca1.contoso.test: { address: [198.51.100.11, "2001:db8:2::11"], roles: [certification-authority], os: windows-server-2022 }
  web1.contoso.test:
    { address: [198.51.100.12, "2001:db8:2::12"], os: windows-server-2022, ports: { https: 49999 },
      roles: [certificate-enrollment-policy-web-service, certificate-enrollment-web-service] }
firewalls:
  edge: { zones: [clients, servers], dialect: nftables, interfaces: { clients: clients, servers: servers } }
forbid:
  - { from: clients, to: web1.contoso.test, protocol: tcp, ports: 3389, why: nobody administers from here }
"""


def down(listeners):
    for p in listeners:
        p.send_signal(signal.SIGTERM)
    for p in listeners:
        try:
            p.wait(timeout=10)
        except subprocess.TimeoutExpired:
            p.kill()
    NET.down()


def listen(host, path, log):
    args = ["ip", "netns", "exec", SERVERS, PORTOLAN, "listen", path, "--as", host, "--for", "5m", "--format", "json"]
    return subprocess.Popen(args, stdout=open(log, "w", encoding="utf-8"), stderr=subprocess.PIPE)


def first_line(log, process):
    for _ in range(300):
        with open(log, encoding="utf-8") as f:
            line = f.readline()
        if line.endswith("\n"):
            return json.loads(line)
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError("portolan listen does not begin: " + process.stderr.read().decode(errors="replace"))


def probe(path, *more):
    p = NET.as_nobody(PORTOLAN, "probe", path, "--format", "json", "--no-times", "--timeout", "2", *more)
    if p.returncode > 2:
        raise RuntimeError(p.stderr.decode(errors="replace"))
    return {(r["to"]["address"], r["protocol"], r.get("port"), r.get("interface"), r["flow"]): r
            for r in json.loads(p.stdout)["results"]}, p.returncode


def say(r):
    return f"{r['to']['host']} {r['to']['address']} {r['protocol']} {r.get('port')}: {r['state']}/{r['reason']} {r.get('text', '')}"


def changed(before, after):
    """What differs, by host, protocol and port.  A port of RPC that cannot be reached may have another number."""
    keys = {k for k in set(before) | set(after)
            if k not in before or k not in after or before[k]["state"] != after[k]["state"]}
    return {(r["to"]["host"], k[1], k[2]) for k in keys for r in [(after.get(k) or before[k])]}, keys


def planned_addresses():
    return {f"{net}{part}" for net in ("198.51.100.", "2001:db8:2::") for part in (10, 11, 12)}


def ldap_operations(data):
    """The tags of LDAP messages with short forms of the message's number."""
    tags = []
    while len(data) > 6 and data[0] == 0x30:
        long = data[1] & 0x80
        head = 2 + (data[1] & 0x7f) * bool(long)
        length = int.from_bytes(data[2:head], "big") if long else data[1]
        tags.append(data[head + 2 + data[head + 1]])
        data = data[head + length:]
    return tags


def careful(path):
    """What a capture shows of a whole run, and of one that sends nothing."""
    capture = Capture(CLIENT, "wire")
    probe(path)
    packets = capture.end()
    sent = streams(packets)
    away = sorted({p.to for p in packets} - planned_addresses())
    yield "no packet goes to an address that is not planned", away or ([] if len(packets) > 100 else [f"{len(packets)} packets"])
    messages = [data[at + 8] for data in sent.values() for at in range(len(data) - 8) if data.startswith(b"NTLMSSP\0", at)]
    yield "NTLM is begun and never answered", [] if set(messages) == {1} else [f"messages {sorted(set(messages))}"]
    tags = {tag for key, data in sent.items() if key[3] in (389, 3268) and key[1] == 6 for tag in ldap_operations(data)}
    yield "LDAP is searched, and nobody binds", [] if tags == {0x63} else [f"operations {sorted(map(hex, tags))}"]

    capture = Capture(CLIENT, "wire")
    p = NET.as_nobody(PORTOLAN, "probe", path, "--dry-run")
    packets = capture.end()
    yield "--dry-run sends nothing", [f"{packet.to} {packet.ports}" for packet in packets] + ([] if p.returncode == 0 else [f"status {p.returncode}"])


def rule(text):
    """A rule in front of all others of the firewall's chain."""
    rules = inside(FIREWALL, "nft", "-j", "list", "chains").stdout
    chain = next(c["chain"] for c in json.loads(rules)["nftables"] if c.get("chain", {}).get("hook") == "forward")
    inside(FIREWALL, "nft", "insert", "rule", chain["family"], chain["table"], chain["name"], *text.split())


def reload(rules):
    inside(FIREWALL, "nft", "flush", "ruleset")
    inside(FIREWALL, "nft", "-f", "-", stdin=rules)


def cases(path, rules, logs, listeners):
    before, status = probe(path)
    bad = [say(r) for r in before.values() if r["expected"] == "serve" and r["state"] != "serving"]
    yield "every planned flow serves, through the rules that were emitted", bad + ([f"status {status}"] if status else [])
    strangers = [say(r) for r in before.values() if r["state"] == "serving" and not r["stand-in"] and r.get("port")]  # echo requests reach the system
    yield "every reply is seen to be a stand-in's", strangers
    advised = [say(r) for r in before.values() if r["stand-in"] and r.get("advice")]
    yield "what a stand-in lacks is no advice", advised
    few = [] if len(before) > 40 and any(r.get("interface") for r in before.values()) else [f"{len(before)} results"]
    yield "the plan has many flows, RPC by interface among them", few
    open_ones = [say(r) for r in before.values() if r["expected"] == "nothing" and r["state"] != "filtered"]
    yield "what is forbidden is filtered", open_ones

    yield from careful(path)

    rule("ip daddr 198.51.100.10 tcp dport 389 drop")
    after, status = probe(path)
    names, keys = changed(before, after)
    bad = [] if names == {(DC, "tcp", 389)} and status == 1 else [f"{sorted(names)}, status {status}"]
    bad += [say(after[k]) for k in keys if after[k]["reason"] != "dropped"]
    yield "one rule that drops changes exactly its flows", bad

    reload(rules)
    rule("ip daddr 198.51.100.12 tcp dport 49999 reject with icmp type admin-prohibited")
    after, status = probe(path)
    names, keys = changed(before, after)
    bad = [] if names == {(WEB, "tcp", 49999)} and status == 1 else [f"{sorted(names)}, status {status}"]
    bad += [say(after[k]) for k in keys if after[k]["reason"] != "rejected" or after[k]["where"].get("address") not in ROUTER.values()]
    yield "a rule that rejects is named with the firewall's address", bad

    reload(rules)
    rule("ip daddr 198.51.100.12 tcp dport 3389 accept")
    after, status = probe(path)
    wrong = [r for r in after.values() if r["expected"] == "nothing" and r["state"] == "closed" and r["to"]["address"] == "198.51.100.12"]
    yield "a rule that is too wide is found by what is forbidden", [] if len(wrong) == 1 and status == 1 else [f"{len(wrong)}, status {status}"]

    again = listen(DC, path, logs[DC] + ".again")
    line = first_line(logs[DC] + ".again", again)
    again.send_signal(signal.SIGTERM)
    status = again.wait(timeout=20)
    yield "ports that are taken are named, and the status is 1", \
        [] if status == 1 and line["not-bound"] and not line["listening"] else [f"status {status}, {line}"]

    seen = [json.loads(line) for line in open(logs[DC], encoding="utf-8")][1:]
    from_client = [e for e in seen if e["from"]["address"] in ("192.0.2.10", "2001:db8:1::10")]
    yield "the log says who asked", [] if from_client and all(e["from"]["planned"] for e in from_client) else [f"{seen[:3]}"]

    for p in listeners:
        p.send_signal(signal.SIGTERM)
    yield "an interrupt ends the listener well", [f"status {s}" for s in (p.wait(timeout=20) for p in listeners) if s]


def main():
    reason = why_not()
    if reason:
        print(f"1..0 # SKIP {reason}")
        return 0
    listeners, failed, n = [], 0, 0
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        path = os.path.join(folder, "story.yaml")
        open(path, "w", encoding="utf-8").write(ESTATE)
        try:
            rules = sh(PORTOLAN, "emit", path, "--at", "edge").stdout
            NET.up([10], [10, 11, 12])
            # echo requests of ordinary users, which most systems allow
            inside(CLIENT, "sysctl", "-qw", "net.ipv4.ping_group_range=0 65534")
            reload(rules)
            logs = {host: os.path.join(folder, host + ".log") for host in (DC, CA, WEB)}
            for host in logs:
                listeners.append(listen(host, path, logs[host]))
            for host, p in zip(logs, listeners):
                line = first_line(logs[host], p)
                if line["not-bound"]:
                    raise RuntimeError(f"not bound: {line['not-bound']}")
            for name, bad in cases(path, rules, logs, listeners):
                n += 1
                failed += bool(bad)
                print(f"{'not ok' if bad else 'ok'} {n} - {name}", flush=True)
                for line in bad[:20]:
                    print(f"#   {line}")
        finally:
            down(listeners)
    print(f"1..{n}")
    return 1 if failed else 0


sys.exit(main())
