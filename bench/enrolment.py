#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""enrolment.py PORTOLAN [KEY]: requests a second of an authority on this machine, beside what OpenSSL signs in the same run.

Needs ab (apache2-utils), which speaks HTTP/1.0: each request has a TLS connection of its own.  The client has the same cores.  KEY: rsa-2048, rsa-3072, p-256 (default) or p-384.
"""
import os, re, shutil, subprocess, sys, tempfile, time
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "tests", "enrolment"))
from authority import *

SPEED = {"p-256": ["ecdsap256"], "p-384": ["ecdsap384"], "rsa-2048": ["rsa2048"], "rsa-3072": ["rsa3072"]}


def ab(ca, path, body, n, *options):
    p = subprocess.run(["ab", "-q", *options, "-n", str(n), "-c", "64", "-p", body, "-T", "application/soap+xml",
                        f"https://localhost:{ca.port}{path}"], capture_output=True, text=True)
    rate = re.search(r"Requests per second:\s+([\d.]+)", p.stdout)
    late = re.search(r"99%\s+(\d+)", p.stdout)
    wrong = re.search(r"Non-2xx responses:\s+(\d+)", p.stdout)
    return f"{float(rate[1]):.0f} a second, p99 {late[1]} ms{', not 200: ' + wrong[1] if wrong else ''}" if rate else p.stderr


def enrol(ca, tmp, n, name):
    """Enrolments by a known password, requests made beforehand, 16 at a time with a connection each."""
    csrs = [make_csr(tmp, f"{name}{i}", "CN=web1.contoso.com", "Open", ["web1.contoso.com"], ("ec", "P-256"))[1] for i in range(n)]
    start = time.time()
    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(lambda csr: ca.request(ca.path("CES"), csr, user="web1")[0], csrs))
    return f"{n / (time.time() - start):.0f} a second ({statuses.count(200)} of {n} issued)"


def main():
    program, key = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "p-256"
    tmp = tempfile.mkdtemp()
    ca = Authority(program, tmp, key=key)
    try:
        ca.template("Open", approval="false", key_based_renewal="false", allow_list="true", most_a_day="1000000", key="p-256",
                    providers="Microsoft Software Key Storage Provider", schema="3")
        ca.user("web1", "--allow", "web1.contoso.com")
        ca.start()
        body = os.path.join(tmp, "body")
        with open(body, "wb") as f:
            f.write(envelope(POLICIES, NS["x"] + "/IPolicy/GetPolicies", "web1"))
        ca.policies(ca.path("CEP"), user="web1")  # the password is known from now on
        print(f"authority with {key}")
        print("policies, TLS each:     ", ab(ca, ca.path("CEP"), body, 5000))
        print("enrolments by Python:   ", enrol(ca, tmp, 400, "e"))
        speed = subprocess.run(["openssl", "speed", "-seconds", "1", *SPEED[key]], capture_output=True, text=True).stdout
        print("openssl speed:          ", speed.strip().split("\n")[-1])
    finally:
        ca.stop()
        shutil.rmtree(tmp)


main()
