# SPDX-License-Identifier: Apache-2.0
"""An authority in a folder of its own, served on ports of its own, and clients that enrol by EST."""
import base64, hashlib, http.client, json, os, signal, ssl, subprocess, sys, tempfile, time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from ports import free_port
import schemas

COMPUTER = """name: computer
oid: 1.3.6.1.4.1.311.21.8.1.2.3.1.3
schema: 3
key: p-256
machine: true
validity: 30 days
renewal: 5 days
usages: digital-signature
ekus: client-authentication
subject: account
enrol: "*"
most-a-day: 100000
"""


STARTED = []  # of the test that runs


class Authority:
    def __init__(self, program, tmp, templates={"computer": COMPUTER}):
        self.program, self.tmp, self.dir = program, tmp, os.path.join(tmp, "ca")
        self.port, self.plain, self.process = free_port(), free_port(), None
        self.log = open(os.path.join(tmp, "log"), "ab")
        self.ca("init", "--name", "ENTCA", "--host", "localhost", "--port", str(self.port), "--plain-port", str(self.plain),
                "--key", "p-256")
        for name, text in templates.items():
            with open(os.path.join(self.dir, "templates", name + ".yaml"), "w") as f:
                f.write(text)
        path = os.path.join(self.dir, "authority.yaml")
        text = open(path).read().replace("template: machine", "template: computer")
        with open(path, "w") as f:
            f.write(text)

    def ca(self, *words, ok=(0,), password=None):
        """A verb on the folder; what it prints."""
        verb = words[0] + (" " + words[1] if words[0] in ("user", "template", "audit") else "")
        rest = list(words[len(verb.split()):])
        p = subprocess.run([self.program, "ca", *verb.split(), self.dir, *rest], capture_output=True, text=True,
                           **({"input": password + "\n"} if password else {}))
        if p.returncode not in ok:
            raise AssertionError(f"ca {' '.join(words)}: {p.returncode}: {p.stdout}{p.stderr}")
        return p.stdout

    def listed(self, *words):
        return schemas.hold(self.program, json.loads(self.ca(*words, "--format", "json")))

    def user(self, name, *options, password="correct horse battery"):
        self.ca("user", "add", name, "--password-fd", "0", *options, password=password)

    def start(self, *options):
        self.process = subprocess.Popen([self.program, "ca", "serve", self.dir, *options], stdout=self.log, stderr=self.log,
                                        start_new_session=True)
        STARTED.append(self.process)
        for _ in range(200):
            if self.process.poll() is not None:
                raise AssertionError("serve ended: " + open(self.log.name).read())
            try:
                if self.get(f"/ENTCA.crl")[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise AssertionError("serve does not answer: " + open(self.log.name).read())

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(20)
        self.process = None
        return status

    def kill(self):
        """All processes at once, as a power cut ends them for each other."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(20)
        self.process = None

    def get(self, path):
        c = http.client.HTTPConnection("127.0.0.1", self.plain, timeout=10)
        try:
            c.request("GET", path)
            r = c.getresponse()
            return r.status, r.read()
        finally:
            c.close()

    def connection(self):
        context = ssl.create_default_context(cafile=os.path.join(self.dir, "ca.pem"))
        context.check_hostname = False
        return http.client.HTTPSConnection("localhost", self.port, context=context, timeout=20)

    def enrol(self, request, user, password="correct horse battery", connection=None):
        """EST simpleenroll: (status, certificates-only PKCS#7 or text)."""
        c = connection or self.connection()
        token = base64.b64encode(f"{user}:{password}".encode()).decode()
        c.request("POST", "/.well-known/est/simpleenroll", body=base64.b64encode(request),
                  headers={"Content-Type": "application/pkcs10", "Authorization": "Basic " + token})
        r = c.getresponse()
        body = r.read()
        return r.status, base64.b64decode(body) if r.status == 200 else body.decode()


def status(pid):
    return dict(line.rstrip("\n").split(":\t", 1) for line in open(f"/proc/{pid}/status") if ":\t" in line)


def processes(a):
    """(name, pid) of all below the one that was started; a worker of the hasher has its name."""
    found, look = [], [a.process.pid]
    while look:
        for pid in subprocess.run(["pgrep", "-P", str(look.pop())], capture_output=True, text=True).stdout.split():
            try:
                found.append((status(pid)["Name"].strip(), int(pid)))
            except (FileNotFoundError, ProcessLookupError):
                continue  # it ended meanwhile
            look.append(int(pid))
    return found


def process_named(a, name):
    return next((pid for n, pid in processes(a) if n == name), None)


def sanitized(program):
    return b"__asan_init" in subprocess.run(["nm", program], capture_output=True).stdout


def new_request(tmp, name, key="ec"):
    """A PKCS#10, DER, with a key of its own."""
    path = os.path.join(tmp, name)
    subprocess.run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=" + name,
                    "-keyout", path + ".key", "-outform", "der", "-out", path + ".csr"], check=True, capture_output=True)
    return open(path + ".csr", "rb").read()


def certificate_in(pkcs7):
    """The one certificate of a certificates-only PKCS#7, DER."""
    pem = subprocess.run(["openssl", "pkcs7", "-inform", "der", "-print_certs"], input=pkcs7, capture_output=True, check=True).stdout
    return subprocess.run(["openssl", "x509", "-outform", "der"], input=pem, capture_output=True, check=True).stdout


def sha256(der):
    return hashlib.sha256(der).hexdigest()


def tap(tests):
    """Runs (title, function) pairs; each gets a folder of its own.  The exit status."""
    import traceback
    print(f"1..{len(tests)}")
    failed = 0
    for i, (title, run) in enumerate(tests, 1):
        with tempfile.TemporaryDirectory() as tmp:
            try:
                run(tmp)
                print(f"ok {i} - {title}", flush=True)
            except Exception:
                failed += 1
                print(f"not ok {i} - {title}")
                for line in traceback.format_exc().splitlines():
                    print("# " + line)
            while STARTED:  # a test that failed leaves nothing behind
                process = STARTED.pop()
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait(20)
    return 1 if failed else 0
