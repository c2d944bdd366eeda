#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""probe.py PORTOLAN [POLICY]: each way of a firewall to stop a packet gives its state and its reason.  TAP.

    client ---- firewall ---- servers          one namespace each

The firewall is loaded with each file of policies/.  portolan probes as nobody, without any capability, over IPv4 and
IPv6.  What it has to find stands beside the policy in EXPECTED: "state/reason", a hop, an ICMP type and code.
"""
import concurrent.futures, csv, itertools, json, os, resource, signal, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
from networks import Network, ROUTER, inside, sh, why_not

PORTOLAN = os.path.abspath(sys.argv[1])
SOAK = "PORTOLAN_SOAK" in os.environ
SANITIZED = b"__asan_init" in open(PORTOLAN, "rb").read()
NET = Network("pp")
CLIENT, FIREWALL, SERVERS = NET.client, NET.firewall, NET.servers
OWN = {4: "192.0.2.10", 6: "2001:db8:1::10"}
TARGET = {4: "198.51.100.10", 6: "2001:db8:2::10"}
TRANSLATED = "198.51.100.200"

ESTATE = """estate: wire
zones:
  clients: { subnets: [192.0.2.0/24, "2001:db8:1::/64"] }
  servers: { subnets: [198.51.100.0/24, "2001:db8:2::/64"] }
hosts:
  pc:  { address: ["%s"], roles: [certificate-client], os: windows-11 }
  ca1: { address: ["%s"], roles: [certification-authority], os: windows-server-2022 }
firewalls:
  edge: { zones: [clients, servers], dialect: nftables }
"""

SERVES, DROPPED, NO_ANSWER = "serving/service", "filtered/dropped", "unknown/no-answer"
PLANNED = {"tcp 53": SERVES, "udp 53": SERVES, "tcp 80": SERVES}
SILENT = {"tcp 53": DROPPED + " hop 1", "udp 53": NO_ANSWER + " hop 1", "tcp 80": DROPPED + " hop 1"}

# policy: the arguments of probe, and what is found by protocol and port
EXPECTED = {
    "open": (["dns", "http", "tftp", "tcp/9006", "udp/9006"],
             {**PLANNED, "udp 69": SERVES, "tcp 9006": "closed/refused", "udp 9006": "closed/refused"}),
    "planned": (["dns", "http"], {**PLANNED, "tcp 80": DROPPED + " hop 1"}),
    "drop": (["dns", "http"], SILENT),
    "oneway": (["dns", "http"], SILENT),
    "rejects": ([f"{p}/{n}" for n in range(9001, 9007) for p in ("tcp", "udp") if (p, n) != ("udp", 9001)],
                {"tcp 9001": "closed/refused", "tcp 9006": "closed/refused", "udp 9006": "closed/refused",
                 **{f"{p} {n}": f"filtered/rejected {icmp}" for p in ("tcp", "udp")
                    for n, icmp in ((9002, "prohibited"), (9003, "host"), (9004, "port"))},
                 "tcp 9005": DROPPED + " hop 1", "udp 9005": "unknown/needs-listener"}),
    "data-drop": (["http", "tcp/53"], {"tcp 80": "filtered/data-lost", "tcp 53": "open/accepts"}),
    "data-reset": (["http"], {"tcp 80": "filtered/reset-on-data"}),
    "synproxy": (["http", "tcp/9006"], {"tcp 80": SERVES, "tcp 9006": "filtered/reset-on-connect"}),
    "tftp-nohelper": (["tftp"], {"udp 69": NO_ANSWER + " hop 1"}),
    "tftp-helper": (["tftp"], {"udp 69": SERVES}),
    "pmtu-blackhole": (["http", "dns"], {**PLANNED, "tcp 80": "filtered/mtu-black-hole"}),
    "nat": (["http", "dns"], PLANNED),
    "rpc-hole": (None, {"tcp 135": SERVES, "tcp 49200": DROPPED + " hop 1"}),
    "rpc-open": (None, {"tcp 135": SERVES, "tcp 49200": "serving/proven"}),
    "local": (["dns"], {"tcp 53": "unknown/local", "udp 53": "unknown/local"}),
}
ICMP = {"prohibited": {4: "3/13", 6: "1/1"}, "host": {4: "3/1", 6: "1/3"}, "port": {4: "3/3", 6: "1/4"}}
# where packets are lost: what is there, and what else is possible; what replied is never called something else
THERE = {"tcp 53": SERVES, "udp 53": SERVES, "udp 69": SERVES, "tcp 80": SERVES, "tcp 9006": "closed/refused"}
LOST = (DROPPED, NO_ANSWER, "filtered/data-lost", "open/silent")
# the rationing of ICMP, and a proxy that drops data until its own connection is up need more time
TIMES = {"rejects": [], "synproxy": []}


def load(policy):
    """The firewall's rules; a file that begins with "# client" is for the client's own filter."""
    text = open(os.path.join(HERE, "policies", policy + ".nft"), encoding="utf-8").read()
    for ns in (CLIENT, FIREWALL):
        inside(ns, "nft", "flush", "ruleset")
    ns = CLIENT if text.startswith("# client") else FIREWALL
    inside(ns, "nft", "-f", "-", stdin=text.encode())
    mtu = "1300" if policy == "pmtu-blackhole" else "1500"
    inside(FIREWALL, "ip", "link", "set", "clients", "mtu", mtu)


def probe(policy, family, words):
    if words is None:
        path = os.path.join(TMP, f"wire{family}.yaml")
        open(path, "w", encoding="utf-8").write(ESTATE % (OWN[family], TARGET[family]))
        words = [path]
    else:
        words = [TRANSLATED if policy == "nat" else TARGET[family], *words]
    args = [PORTOLAN, "probe", *words, "--format", "json", "--no-times", *TIMES.get(policy, ["--timeout", "1"])]
    p = NET.as_nobody(*args)
    if p.returncode > 2:
        raise RuntimeError(p.stderr.decode(errors="replace"))
    return json.loads(p.stdout), p.returncode


def describe(result, family, wanted):
    text = f"{result['state']}/{result['reason']}"
    where = result.get("where", {})
    if " hop " in wanted and where.get("address") == ROUTER[family]:
        text += f" hop {where.get('hop')}"
    if wanted.startswith("filtered/rejected") and where.get("address") == ROUTER[family]:
        text += " " + next((name for name, codes in ICMP.items() if codes[family] == where.get("icmp")), "?")
    return text


def judge(policy, family):
    words, expected = EXPECTED[policy]
    report, status = probe(policy, family, words)
    wrong, seen = [], set()
    for r in report["results"]:
        key = f"{r['protocol']} {r['port']}"
        if key not in expected:
            wrong.append(f"{key}: {r['state']}/{r['reason']}, which nobody asked for: {r['text']}")
            continue
        seen.add(key)
        got = describe(r, family, expected[key])
        if got != expected[key]:
            wrong.append(f"{key}: {got}, not {expected[key]}: {r['text']}")
    wrong += [f"{key}: no result" for key in expected if key not in seen]
    bad = any(w.split("/")[0] in ("closed", "filtered", "wrong") for w in expected.values())
    if bad != (status == 1):
        wrong.append(f"status {status}")
    return wrong


MANY = """estate: many
zones:
  clients: { subnets: [192.0.2.0/24] }
  machines: { subnets: [198.18.0.0/15] }
hosts:
  pc: { address: 192.0.2.10, roles: [domain-member], os: windows-11 }
firewalls:
  edge: { zones: [clients, machines], dialect: nftables }
allow:
  - { from: pc, to: machines, protocol: tcp, ports: 4444, why: a test, owner: tests }
"""


def address_many(n, address):
    """The estate and the file of n targets; address gives each of them."""
    inside(FIREWALL, "ip", "route", "replace", "198.18.0.0/15", "via", TARGET[4])
    inside(SERVERS, "ip", "route", "replace", "local", "198.18.0.0/15", "dev", "lo")
    estate, targets = os.path.join(TMP, "many.yaml"), os.path.join(TMP, "many.txt")
    open(estate, "w", encoding="utf-8").write(MANY)
    open(targets, "w", encoding="utf-8").write("".join(address(i) + "\n" for i in range(n)))
    return [PORTOLAN, "probe", estate, "--targets", targets, "--sample", str(n), "--format", "csv"]


def many(n, most_files=256, most_memory=64):
    """Few files, many targets, half of them silent: no result is lost, and memory is bounded."""
    load("many")
    command = address_many(n, lambda i: f"198.{18 + i % 2}.{i // 500}.{1 + i // 2 % 250}")
    p = subprocess.Popen(["ip", "netns", "exec", CLIENT, *command, "--in-flight", "200", "--timeout", "0.5"], stdout=subprocess.PIPE,
                         preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files)))
    rows = list(csv.DictReader(p.stdout.read().decode().splitlines()))
    _, status, usage = os.wait4(p.pid, 0)
    p.returncode = os.waitstatus_to_exitcode(status)
    wrong = [f"{row['address']}: {row['reason']}" for row in rows
             if row["reason"] != ("refused" if row["address"].startswith("198.18.") else "dropped")]
    if len({row["address"] for row in rows}) != n:
        wrong.append(f"{len(rows)} results of {n}")
    if not SANITIZED and usage.ru_maxrss > most_memory << 10:
        wrong.append(f"{usage.ru_maxrss >> 10} MB")
    return wrong + ([] if p.returncode == 1 else [f"status {p.returncode}"])


def silent(n=500, in_flight=100, timeout=0.6):
    """Silent targets cost a time-out for as many as are in flight, within a tenth; the best of three runs counts."""
    load("many")
    command = address_many(n, lambda i: f"198.19.{i // 250}.{1 + i % 250}")
    due, took = -(-n // in_flight) * timeout, []
    most = due * (1.5 if SANITIZED else 1.1)
    while len(took) < 3 and not (took and min(took) <= most):
        began = time.monotonic()
        inside(CLIENT, *command, "--in-flight", str(in_flight), "--timeout", str(timeout), "--no-trace", check=False)
        took.append(time.monotonic() - began)
    return [] if due <= min(took) <= most else [f"{min(took):.2f} s, not {due:.2f} s"]


def found_in(report):
    return [(f"{r['protocol']} {r['port']}", f"{r['state']}/{r['reason']}", r) for r in report["results"]]


def lossy(family, *more):
    """One run over a path that loses three packets of ten each way; what is found wrongly, and the results."""
    p = NET.as_nobody(PORTOLAN, "probe", TARGET[family], "dns", "http", "tftp", "tcp/9006", "--format", "json", *more)
    found = found_in(json.loads(p.stdout))
    return [f"{key}: {text}: {r['text']}" for key, text, r in found if text not in (THERE[key], *LOST)], found


def many_lossy(runs, *more):
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        return list(pool.map(lambda i: lossy((4, 6)[i % 2], *more), range(runs)))


def losses(runs):
    """Eight tries in 20 s: nothing is wrong, and fewer than one result of a hundred is not found."""
    load("lossy")
    done = many_lossy(runs, "--timeout", "20", "--tries", "8")
    missed = [f"{key}: {text}" for _, found in done for key, text, _ in found if text != THERE[key]]
    most = max(runs * len(THERE) // 100, 4)  # of few runs: a chance of one in a million
    return sum((wrong for wrong, _ in done), []) + (missed if len(missed) > most else [])


def silent_beside_lost(found):
    """Silent flows of a target that had to be sent a datagram again before it replied."""
    lost = any(r["protocol"] == "udp" and text == SERVES and r["packets"] > 1 for _, text, r in found)
    return [f"{key}: {r['text']}" for key, text, r in found if lost and text in (DROPPED, NO_ANSWER)]


def said_losses(at_once=20, most=100):
    """At the defaults: nothing is wrong, and a silent flow beside one that lost a datagram says so; runs until there is one."""
    wrong, silent_ones, runs = [], [], 0
    while not silent_ones and runs < most:
        done = many_lossy(at_once)
        runs += at_once
        wrong += sum((w for w, _ in done), [])
        silent_ones += sum((silent_beside_lost(found) for _, found in done), [])
    return wrong + [s for s in silent_ones if "the path loses packets" not in s] + ([] if silent_ones else [f"none in {runs} runs"])


def interrupt(words, after, expected):
    """An interrupt gives the report so far, and the status by what was seen: the reasons and the status."""
    load("drop")
    p = subprocess.Popen(["ip", "netns", "exec", CLIENT, PORTOLAN, "probe", TARGET[4], *words, "--in-flight", "2", "--timeout", "1",
                          "--format", "json", "--no-times"], stdout=subprocess.PIPE)
    time.sleep(after)
    p.send_signal(signal.SIGINT)
    report = json.loads(p.communicate(timeout=10)[0])
    reasons = [r["reason"] for r in report["results"]]
    wrong = [] if len(reasons) == len(words) else [f"{len(reasons)} results of {len(words)}"]
    if (got := (sorted(set(reasons)), p.returncode)) != expected:
        wrong.append(f"{got}, not {expected}")
    return wrong


WATCH = """table inet watch {
	counter planned { }
	counter stray { }
	chain output {
		type filter hook output priority filter; policy accept;
		oifname "lo" accept
		icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit, mld2-listener-report } accept
		%s
		counter name stray
	}
}
"""


def planned_rules(path, family):
    """The planned packets, by the plan and not by the probe."""
    plan = json.loads(sh(PORTOLAN, "plan", path, "--format", "json").stdout)
    ip, hops = ("ip6", "ip6 hoplimit") if family == 6 else ("ip", "ip ttl")
    flows = [f for f in plan["flows"] if f["from"]["host"] == "pc" and f["to"]["host"] == "ca1"]
    rules = [f"{ip} daddr {TARGET[family]} {f['protocol']} dport {f['ports']} counter name planned accept" for f in flows]
    # whether a filter of the machine itself drops a TCP port is asked with a datagram that ends at the first hop
    return rules + [f"{ip} daddr {TARGET[family]} udp dport {f['ports']} {hops} 1 accept" for f in flows]


def sent(path, family, *args):
    """Packets that leave the client while portolan probe runs, and the status: planned, stray, status."""
    inside(CLIENT, "nft", "flush", "ruleset")
    inside(CLIENT, "nft", "-f", "-", stdin=(WATCH % "\n\t\t".join(planned_rules(path, family))).encode())
    status = inside(CLIENT, PORTOLAN, "probe", *args, "--timeout", "1", check=False).returncode
    counters = json.loads(inside(CLIENT, "nft", "-j", "list", "counters").stdout)["nftables"]
    count = {c["counter"]["name"]: c["counter"]["packets"] for c in counters if "counter" in c}
    return count["planned"], count["stray"], status


def only_planned(family):
    """No packet goes to an address or a port that is not planned; none at all after --dry-run."""
    path = os.path.join(TMP, f"only{family}.yaml")
    open(path, "w", encoding="utf-8").write(ESTATE % (OWN[family], TARGET[family]))
    wrong = []
    for policy in ("rpc-open", "drop"):
        load(policy)
        planned, stray, status = sent(path, family, path)
        if not planned or stray or status > 2:
            wrong.append(f"{policy}: {planned} planned packets, {stray} others, status {status}")
    if (got := sent(path, family, path, "--dry-run")) != (0, 0, 0):
        wrong.append(f"--dry-run: {got}")
    # the counter itself: a port that is not planned is seen
    if not sent(path, family, TARGET[family], "tcp/9006", "--no-trace")[1]:
        wrong.append("the counter misses what is not planned")
    return wrong


def tell(n, name, wrong):
    print(f"{'not ok' if wrong else 'ok'} {n} - {name}", flush=True)
    for w in wrong[:20]:
        print("# " + w)
    return bool(wrong)


def carefully(policy, family):
    try:
        return judge(policy, family)
    except (RuntimeError, ValueError, KeyError) as e:
        return [f"{type(e).__name__}: {e}"]


def main():
    reason = why_not()
    if reason:
        print(f"1..0 # SKIP {reason}")
        return 0
    wanted = sys.argv[2:] or list(EXPECTED)
    cases = [(p, f) for p in wanted for f in (4, 6) if (p, f) != ("nat", 6)]
    print(f"1..{len(cases) + (0 if sys.argv[2:] else 8)}")
    number = itertools.count(1)
    failed = 0
    servers = None
    try:
        NET.up([10], [10])
        inside(FIREWALL, "sysctl", "-qw", "net.netfilter.nf_conntrack_tcp_loose=0", check=False)
        load("open")
        servers = subprocess.Popen(["ip", "netns", "exec", SERVERS, sys.executable, os.path.join(HERE, "servers.py"),
                                    *TARGET.values()], stdout=subprocess.PIPE)
        servers.stdout.readline()
        if not sys.argv[2:]:
            # first: the system goes on to send what the connections of other tests lose
            for family in (4, 6):
                failed += tell(next(number), f"nothing is sent that is not planned, IPv{family}", only_planned(family))
        for policy in wanted:
            load(policy)
            families = [f for p, f in cases if p == policy]
            with concurrent.futures.ThreadPoolExecutor() as pool:
                results = list(pool.map(lambda f, p=policy: carefully(p, f), families))
            for family, wrong in zip(families, results):
                failed += tell(next(number), f"{policy}, IPv{family}", wrong)
        rest = [] if sys.argv[2:] else [
            ("an interrupt gives the report so far",
             lambda: interrupt([f"tcp/{n}" for n in range(9100, 9150)], 2, (["dropped", "not-tried"], 1))),
            ("an interrupt before anything was seen leaves it unproved",
             lambda: interrupt(["ntp", "radius", "tftp"], 0.5, (["not-tried"], 2))),
            ("few files suffice for many targets", lambda: many(20000 if SOAK else 2000)),
            ("silent targets cost one time-out for all that are in flight", silent),
            ("losses are waited for", lambda: losses(200 if SOAK else 10)),
            ("losses are said", said_losses),
        ]
        for name, check in rest:
            failed += tell(next(number), name, check())
    finally:
        if servers:
            servers.terminate()
            servers.wait()
        NET.down()
    return 1 if failed else 0


with tempfile.TemporaryDirectory() as TMP:
    os.chmod(TMP, 0o755)    # nobody reads the estate
    sys.exit(main())
