#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""clients.py PORTOLAN: clients that others wrote judge the stand-ins.  TAP.

Each gets as far as it can without a login, and says so in its own words.  A client that is not installed is skipped;
tools/soak installs them all.
"""
import os, shutil, signal, subprocess, sys, tempfile, time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from networks import inside, sh, why_not

PORTOLAN = os.path.abspath(sys.argv[1])
NS = f"pc{os.getpid() % 10000}"
ADDRESS = "198.51.100.10"
SERVICES = ["dns", "ldap", "ldaps", "kerberos", "rpc", "smb", "netbios-ns", "http", "https", "mssql", "tftp", "radius-auth",
            "winrm", "ntp"]
KRB5 = f"[libdefaults]\n default_realm = CONTOSO.COM\n dns_lookup_kdc = false\n[realms]\n CONTOSO.COM = {{\n  kdc = {ADDRESS}\n }}\n"

# client, its arguments, what it is given, and what it has to say
CASES = [
    ("dig", ["+short", "@" + ADDRESS, "_ldap._tcp.dc._msdcs.contoso.com", "SRV"], "", "0 100 389 dc1.contoso.com."),
    ("dig", ["+tcp", "@" + ADDRESS, "nowhere.example", "SRV"], "", "NXDOMAIN"),
    ("ldapsearch", ["-x", "-H", f"ldap://{ADDRESS}", "-s", "base", "-b", ""], "", "Invalid credentials"),
    ("kinit", ["user@CONTOSO.COM"], "x\n", "Additional pre-authentication required"),
    ("smbclient", ["-L", ADDRESS, "-U", "user%x"], "", "NT_STATUS_LOGON_FAILURE"),
    ("rpcclient", ["-U", "user%x", "ncacn_ip_tcp:" + ADDRESS, "-c", "epmlookup"], "", "no more entries"),
    ("nmblookup", ["-A", ADDRESS], "", "DC1             <20>"),
    ("openssl", ["s_client", "-connect", ADDRESS + ":636"], "", "O = portolan stand-in"),
    ("curl", ["-s", "-i", f"http://{ADDRESS}/"], "", "Server: portolan-listen"),
    ("curl", ["-s", "-k", "-i", f"https://{ADDRESS}/"], "", "Server: portolan-listen"),
    ("curl", ["-s", "-i", "-X", "POST", "-d", "x", f"http://{ADDRESS}:5985/wsman"], "", "401 Unauthorized"),
    ("tftp", ["-m", "octet", ADDRESS, "-c", "get", "nofile"], "", "portolan-listen"),
    ("radclient", ["-r1", "-t2", ADDRESS, "auth", "a shared secret"], "User-Name=a,User-Password=b\n", "Received Access-Reject"),
    ("tsql", ["-H", ADDRESS, "-p", "1433", "-U", "sa", "-P", "x"], "", "Unexpected EOF from the server"),
]


def begin(folder):
    sh("ip", "netns", "add", NS)
    inside(NS, "ip", "link", "set", "lo", "up")
    inside(NS, "ip", "addr", "add", ADDRESS + "/32", "dev", "lo")
    log = os.path.join(folder, "log")
    secret = os.path.join(folder, "secret")
    open(secret, "w", encoding="utf-8").write("a shared secret\n")
    p = subprocess.Popen(["ip", "netns", "exec", NS, PORTOLAN, "listen", "--for", "5m", "--address", ADDRESS, "--secret-file", secret,
                          "dc1.contoso.com", *SERVICES], stdout=open(log, "w", encoding="utf-8"))
    for _ in range(300):
        if os.path.getsize(log) and p.poll() is None:
            return p
        time.sleep(0.1)
    raise RuntimeError("portolan listen does not begin")


def main():
    reason = why_not(["ip"])
    if reason:
        print(f"1..0 # SKIP {reason}")
        return 0
    failed, p = 0, None
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "KRB5_CONFIG": os.path.join(folder, "krb5.conf"), "KRB5CCNAME": os.path.join(folder, "cc"), "TDSVER": "7.4",
               "HOME": folder}
        open(env["KRB5_CONFIG"], "w", encoding="utf-8").write(KRB5)
        try:
            p = begin(folder)
            for n, (client, args, given, wanted) in enumerate(CASES, 1):
                name = f"{n} - {client} {' '.join(args)}".replace("#", "")
                if not shutil.which(client):
                    print(f"ok {name} # SKIP {client} is not installed")
                    continue
                try:
                    out = subprocess.run(["ip", "netns", "exec", NS, client, *args], input=given.encode(), env=env, cwd=folder,
                                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=30).stdout
                except subprocess.TimeoutExpired:
                    out = b"no end"
                ok = wanted in out.decode(errors="replace")
                failed += not ok
                print(f"{'ok' if ok else 'not ok'} {name}", flush=True)
                for line in [] if ok else out.decode(errors="replace").splitlines()[:10]:
                    print("#   " + line)
        finally:
            if p:
                p.send_signal(signal.SIGTERM)
                p.wait(timeout=20)
            sh("ip", "netns", "del", NS, check=False)
    print(f"1..{len(CASES)}")
    return 1 if failed else 0


sys.exit(main())
