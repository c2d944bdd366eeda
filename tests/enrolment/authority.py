# SPDX-License-Identifier: Apache-2.0
"""An authority on 127.0.0.1 for tests, with a clock of its own, and the bytes that clients send to it."""
import base64, json, os, re, shutil, signal, socket, ssl, subprocess, sys, tempfile, time, uuid

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
from ports import free_port
import schemas

DATA = os.path.join(os.path.dirname(HERE), "data", "enrolment")
NS = {
    "s": "http://www.w3.org/2003/05/soap-envelope", "a": "http://www.w3.org/2005/08/addressing",
    "x": "http://schemas.microsoft.com/windows/pki/2009/01/enrollmentpolicy",
    "e": "http://schemas.microsoft.com/windows/pki/2009/01/enrollment",
    "t": "http://docs.oasis-open.org/ws-sx/ws-trust/200512",
    "o": "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd",
}
ISSUE, STATUS = NS["t"] + "/Issue", NS["e"] + "/QueryTokenStatus"
PASSWORD = "Correct-Horse-9"


class Tap:
    """Counts as it goes; the plan comes last."""

    def __init__(self):
        self.n = self.failed = 0

    def ok(self, good, text, more=""):
        self.n += 1
        print(f"{'ok' if good else 'not ok'} {self.n} - {text}", flush=True)
        if not good:
            self.failed += 1
            print("# " + str(more).replace("\n", "\n# "), flush=True)
        return good

    def end(self):
        print(f"1..{self.n}")
        return 0


class Authority:
    def __init__(self, program, folder, key="p-256", port=None, **more):
        self.program, self.folder, self.dir = os.path.abspath(program), folder, os.path.join(folder, "ca")
        self.port, self.plain = port or free_port(), free_port()
        self.clock_file, self.process = os.path.join(folder, "clock"), None
        self.now = int(time.time())
        self.set_clock(self.now)
        init = self.ca("init", "--name", "TESTCA", "--host", "localhost", "--port", str(self.port), "--plain-port",
                       str(self.plain), "--key", key)
        if init.returncode:
            raise RuntimeError(init.stderr)
        self.root = os.path.join(self.dir, "ca.pem")

    def set_clock(self, now):
        self.now = now
        with open(self.clock_file, "w") as f:  # the same file: the processes have it open, and can open no other
            f.write(f"{now}\n")

    def ca(self, *words, stdin=None):
        n = 2 if words[0] in ("user", "template", "audit") else 1
        return subprocess.run([self.program, "ca", *words[:n], self.dir, *words[n:]], capture_output=True, text=True,
                              input=stdin, timeout=120)

    def template(self, name, **keys):
        """A template file; a key of None is left out."""
        oid = f"1.3.6.1.4.1.311.21.8.1.2.3.4.5.6.{sum(map(ord, name))}"
        all_keys = {"name": name, "oid": oid, "machine": "true", "validity": "2 days", "renewal": "8 hours", "key": "rsa",
                    "usages": "[digital-signature, key-encipherment]", "ekus": "client-authentication", "subject": "supplied",
                    "names": "dns", "reuse-subject": "true", "approval": "true", "previous-approval": "true",
                    "key-based-renewal": "true", "enrol": '"*"'}
        all_keys.update({k.replace("_", "-"): v for k, v in keys.items()})
        with open(os.path.join(self.dir, "templates", name + ".yaml"), "w") as f:
            f.write("".join(f"{k}: {v}\n" for k, v in all_keys.items() if v is not None))

    def user(self, name, *more, password=PASSWORD):
        secret = os.path.join(self.folder, "password")
        with open(secret, "w") as f:
            f.write(password + "\n")
        p = self.ca("user", "add", name, "--password-file", secret, *more)
        if p.returncode:
            raise RuntimeError(p.stderr)

    def start(self):
        self.log_path = os.path.join(self.folder, "log")
        log = open(self.log_path, "ab")
        self.process = subprocess.Popen([self.program, "ca", "serve", self.dir, "--clock", self.clock_file], stdout=log, stderr=log)
        for _ in range(400):
            try:
                self.tls().close()
                return
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.05)
        raise RuntimeError("the authority does not answer: " + self.log())

    def log(self):
        with open(self.log_path, errors="replace") as f:
            return f.read()

    def stop(self, how=signal.SIGTERM):
        if self.process:
            self.process.send_signal(how)
            status = self.process.wait(30)
            self.process = None
            return status

    # as a client

    def tls(self, certificate=None, key=None, trusted=True):
        c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if trusted:
            c.load_verify_locations(self.root)
        else:
            c.check_hostname, c.verify_mode = False, ssl.CERT_NONE
        if certificate:
            c.load_cert_chain(certificate, key)
        raw = socket.create_connection(("127.0.0.1", self.port), 60)
        return c.wrap_socket(raw, server_hostname="localhost")

    def http(self, method, path, body=b"", fields=(), certificate=None, key=None, plain=False):
        """(status, fields, body)"""
        s = socket.create_connection(("127.0.0.1", self.plain), 60) if plain else self.tls(certificate, key)
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        if body or method == "POST":
            head += f"Content-Length: {len(body)}\r\n"
        head += "".join(f"{k}: {v}\r\n" for k, v in fields)
        with s:
            s.sendall(head.encode() + b"\r\n" + body)
            return read_answer(s)

    def path(self, service, login="UsernamePassword", renewal=False):
        if service == "CEP":
            return f"/{'KeyBasedRenewal_' if renewal else ''}ADPolicyProvider_CEP_{login}/service.svc/CEP"
        return f"/TESTCA_CES_{login}/service.svc/CES"

    def url(self, *path, **more):
        return f"https://localhost:{self.port}" + self.path(*path, **more)

    def soap(self, path, body, action, user=None, password=PASSWORD, certificate=None, key=None, message_id=None):
        return self.http("POST", path, envelope(body, action, user, password, message_id),
                         [("Content-Type", "application/soap+xml; charset=utf-8")], certificate, key)

    def policies(self, path, **who):
        return self.soap(path, POLICIES, NS["x"] + "/IPolicy/GetPolicies", **who)

    def fetched(self, number, user, folder, name):
        """The certificate of a request that was approved: it is signed a moment later."""
        for _ in range(100):
            found = leaf(self.request(self.path("CES"), request_id=number, user=user)[2], folder, name)
            if found:
                return found
            time.sleep(0.05)
        return None

    def request(self, path, der=None, request_id=None, context="", **who):
        return self.soap(path, rst(der, request_id, context), NS["e"] + "/RST/wstep", **who)


def read_answer(s):
    data = b""
    while b"\r\n\r\n" not in data:
        piece = s.recv(65536)
        if not piece:
            return 0, {}, data
        data += piece
    head, body = data.split(b"\r\n\r\n", 1)
    lines = head.decode("latin-1").split("\r\n")
    status, fields = int(lines[0].split()[1]), dict(l.lower().split(": ", 1) for l in lines[1:])
    while len(body) < int(fields.get("content-length", "0")):
        piece = s.recv(65536)
        if not piece:
            break
        body += piece
    return status, fields, body


POLICIES = ('<x:GetPolicies><x:client><x:lastUpdate i:nil="true"/><x:preferredLanguage i:nil="true"/></x:client>'
            '<x:requestFilter i:nil="true"/></x:GetPolicies>')


def rst(der=None, request_id=None, context=""):
    token = f'<o:BinarySecurityToken>{base64.b64encode(der).decode()}</o:BinarySecurityToken>' if der else ""
    number = f"<e:RequestID>{request_id}</e:RequestID>" if request_id else '<e:RequestID i:nil="true"/>'
    return (f"<t:RequestSecurityToken><t:TokenType>http://docs.oasis-open.org/wss/2004/01/"
            f"oasis-200401-wss-x509-token-profile-1.0#X509v3</t:TokenType><t:RequestType>{ISSUE if der else STATUS}"
            f"</t:RequestType>{token}{context}{number}</t:RequestSecurityToken>")


def envelope(body, action, user=None, password=PASSWORD, message_id=None):
    token = (f'<o:Security s:mustUnderstand="1"><o:UsernameToken><o:Username>{user}</o:Username><o:Password>{password}'
             f'</o:Password></o:UsernameToken></o:Security>') if user else ""
    names = " ".join(f'xmlns:{k}="{v}"' for k, v in NS.items())
    return (f'<s:Envelope {names} xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><s:Header><a:Action s:mustUnderstand="1">'
            f'{action}</a:Action><a:MessageID>{message_id or "urn:uuid:" + str(uuid.uuid4())}</a:MessageID>{token}</s:Header>'
            f'<s:Body>{body}</s:Body></s:Envelope>').encode()


def openssl(*words, stdin=None, check=True):
    p = subprocess.run(["openssl", *words], capture_output=True, input=stdin)
    if check and p.returncode:
        raise RuntimeError(f"openssl {' '.join(words)}: {p.stderr.decode(errors='replace')}")
    return p.stdout


def make_csr(folder, name, subject, template, dns=(), kind=("rsa", "2048"), extra=""):
    """A key (PEM) and a PKCS#10 (DER) with the template's name in 1.3.6.1.4.1.311.20.2."""
    key, csr, config = (os.path.join(folder, f"{name}.{e}") for e in ("key", "csr", "cnf"))
    if not os.path.exists(key):
        option = ["-pkeyopt", f"rsa_keygen_bits:{kind[1]}"] if kind[0] == "rsa" else ["-pkeyopt", f"ec_paramgen_curve:{kind[1]}"]
        openssl("genpkey", "-algorithm", kind[0].upper(), *option, "-out", key)
    with open(config, "w") as f:
        f.write("[req]\ndistinguished_name=dn\nreq_extensions=e\nprompt=no\n[dn]\n" +
                "".join(f"{i}.{p.split('=')[0]}={p.split('=', 1)[1]}\n" for i, p in enumerate(subject.split(",")) if p) + "[e]\n" +
                (f"1.3.6.1.4.1.311.20.2=ASN1:BMP:{template}\n" if template else "keyUsage=digitalSignature\n") +
                (f"subjectAltName={','.join(d if ':' in d else 'DNS:' + d for d in dns)}\n" if dns else "") + extra)
    openssl("req", "-new", "-key", key, "-config", config, "-outform", "DER", "-out", csr,
            *(["-subj", "/"] if not subject else []))
    return key, open(csr, "rb").read()


def leaf(body, folder, name):
    """The issued certificate of an answer, as a PEM file; None."""
    found = re.search(rb"RequestedSecurityToken>\s*<[^>]*BinarySecurityToken[^>]*>([^<]+)<", body)
    if not found:
        return None
    path = os.path.join(folder, name + ".pem")
    with open(path, "wb") as f:
        f.write(openssl("x509", "-inform", "DER", stdin=base64.b64decode(found[1])))
    return path


def number_of(body):
    found = re.search(rb"RequestID[^>]*>(\d+)<", body)
    return int(found[1]) if found else None


def fault(body):
    code = re.search(rb"<ErrorCode>(-?\d+)<", body)
    text = re.search(rb"<s:Text[^>]*>([^<]*)<", body)
    return (int(code[1]) & 0xFFFFFFFF if code else None, text[1].decode() if text else "")
