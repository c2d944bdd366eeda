# SPDX-License-Identifier: Apache-2.0
"""TAP for the tests of packages."""
import os
import subprocess
import sys

SOURCE = os.environ.get("PORTOLAN_SOURCE") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CONTOSO = "examples/contoso/estate.yaml"
failed = 0
n = 0


def ok(good, name, *remarks):
    global failed, n
    n += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {n} - {name}", flush=True)
    if not good:
        for remark in remarks:
            for line in str(remark).splitlines()[:40]:
                print("# " + line)


def skip_all(why):
    print(f"1..0 # SKIP {why}")
    sys.exit(0)


def end():
    print(f"1..{n}")
    sys.exit(failed > 0)


def run(*command, **more):
    """Status, output and errors, as bytes."""
    p = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)
    return p.returncode, p.stdout, p.stderr


def words(*command, **more):
    """The last lines of what went wrong; empty when nothing did."""
    status, out, err = run(*command, **more)
    return "" if status == 0 else f"status {status}\n" + (out + err).decode(errors="replace")[-3000:]
