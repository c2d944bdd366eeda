#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""plans.py PORTOLAN: reading, planning and writing generated estates, as a table."""
import json, os, statistics, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))


def generate(path, *args):
    with open(path, "wb") as f:
        subprocess.run([sys.executable, os.path.join(HERE, "estate.py"), *args], stdout=f, check=True)


def once(args, out):
    begin = time.monotonic()
    with open(out, "wb") as f:
        p = subprocess.Popen(args, stdout=f)
        _, status, usage = os.wait4(p.pid, 0)
    return time.monotonic() - begin, usage.ru_maxrss / 1024


def median(args, out="/dev/null", runs=5):
    v = [once(args, out) for _ in range(runs)]
    return statistics.median(t for t, _ in v), max(m for _, m in v)


def main():
    portolan = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as work:
        flat, large = os.path.join(work, "flat.yaml"), os.path.join(work, "large.yaml")
        generate(flat, "100000", "200", "--flat")
        generate(large, "10000", "200")
        read = median([portolan, "lint", flat])
        plan = median([portolan, "plan", large, "--format", "svg"])
        js = os.path.join(work, "plan.json")
        begin = time.monotonic()
        written = median([portolan, "plan", large, "--format", "json", "-o", js], runs=3)
        flows = 0
        with open(js, "rb") as f:
            for line in f:
                flows += line.lstrip().startswith(b'{"id":"f-')
        size = os.path.getsize(js)
        print("| what | time | memory |")
        print("| --- | ---: | ---: |")
        print(f"| reading and linting an estate of 100,000 hosts | {read[0]:.2f} s | {read[1]:.0f} MB |")
        print(f"| planning 10,000 hosts over 200 sites, with its map | {plan[0]:.2f} s | {plan[1]:.0f} MB |")
        print(f"| the same, its {flows:,} flows written as JSON ({size / 1e6:.0f} MB) | {written[0]:.2f} s | {written[1]:.0f} MB |")
        if flows:
            print(f"\nOf a million flows: {written[0] / flows * 1e6:.2f} s; {written[1] * 1024 * 1024 / flows:.0f} bytes of memory a flow.")


main()
