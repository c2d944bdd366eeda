# SPDX-License-Identifier: Apache-2.0
"""Golden cases, for the test that runs them and for tests that run their commands in other ways."""
import os, shutil, subprocess, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


def cases(wanted=()):
    """The names AREA/CASE of all cases, or of the areas and cases that are wanted."""
    for area in sorted(os.listdir(HERE)):
        if not os.path.isdir(os.path.join(HERE, area)):
            continue
        for case in sorted(os.listdir(os.path.join(HERE, area))):
            if os.path.exists(os.path.join(HERE, area, case, "cmd")):
                name = f"{area}/{case}"
                if not wanted or area in wanted or name in wanted:
                    yield name


def command(name):
    with open(os.path.join(HERE, name, "cmd"), encoding="utf-8") as f:
        return f.read()


def run(name, program):
    """What the command of a case prints, by part, with `program` as portolan."""
    folder = os.path.join(HERE, name)
    with tempfile.TemporaryDirectory() as tmp:
        bin_dir = os.path.join(tmp, "bin")
        os.mkdir(bin_dir)
        os.symlink(program, os.path.join(bin_dir, "portolan"))
        work = os.path.join(tmp, "case")
        shutil.copytree(folder, work, ignore=shutil.ignore_patterns("cmd", "stdout", "stderr", "status"))
        env = {
            "PATH": bin_dir + ":/usr/bin:/bin", "HOME": tmp, "LC_ALL": "C.UTF-8", "TZ": "Asia/Kathmandu",
            "EXAMPLES": os.path.join(ROOT, "examples"), "SOURCE": ROOT,
            "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", ""), "UBSAN_OPTIONS": os.environ.get("UBSAN_OPTIONS", ""),
        }
        p = subprocess.run(["sh", "-c", command(name)], cwd=work, env=env, capture_output=True, timeout=120)
        clean = lambda b: b.replace(ROOT.encode(), b"$SOURCE").replace(work.encode(), b".")
        return {"stdout": clean(p.stdout), "stderr": clean(p.stderr),
                "status": b"" if p.returncode == 0 else b"%d\n" % p.returncode}


def expected(name, part):
    try:
        with open(os.path.join(HERE, name, part), "rb") as f:
            return f.read()
    except FileNotFoundError:
        return b""
