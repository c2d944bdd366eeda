#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""pol.py FILE: the records of a Registry.pol, a line each, by MS-GPREG 2.2.1 alone; status 1 where the file is not one.

It shares nothing with the program's reader, and refuses what MS-GPREG does not have: a wrong signature or version, a
missing delimiter, a key or a name without its NUL, a size that is not that of the data, a value over 65,535 bytes.
"""
import struct, sys

TYPES = {0: "NONE", 1: "SZ", 2: "EXPAND_SZ", 3: "BINARY", 4: "DWORD", 5: "DWORD_BE", 6: "LINK", 7: "MULTI_SZ", 11: "QWORD"}


class Broken(Exception):
    pass


def records(data):
    """(key, name, type, value) of each record."""
    if data[:8] != b"PReg" + struct.pack("<I", 1):
        raise Broken("no signature, or not version 1")
    at = 8

    def mark(wanted):
        nonlocal at
        if data[at:at + 2] != wanted.encode("utf-16-le"):
            raise Broken(f"no {wanted!r} at byte {at}")
        at += 2

    def text():
        nonlocal at
        end = at
        while data[end:end + 2] != b"\0\0":
            if end + 2 > len(data):
                raise Broken(f"no end of the text at byte {at}")
            end += 2
        s = data[at:end].decode("utf-16-le")
        at = end + 2
        return s

    def number():
        nonlocal at
        if at + 4 > len(data):
            raise Broken(f"the file ends at byte {at}")
        at += 4
        return struct.unpack_from("<I", data, at - 4)[0]

    while at < len(data):
        mark("[")
        key = text()
        mark(";")
        name = text()
        mark(";")
        kind = number()
        mark(";")
        size = number()
        mark(";")
        if kind not in TYPES:
            raise Broken(f"type {kind} of {name!r}")
        if size > 65535:
            raise Broken(f"{size} bytes of {name!r}")
        value, at = data[at:at + size], at + size
        if len(value) != size or (kind == 4 and size != 4):
            raise Broken(f"{name!r} has {len(value)} bytes")
        mark("]")
        if kind in (1, 2):
            if value[-2:] != b"\0\0" or size % 2:
                raise Broken(f"{name!r} does not end in a NUL")
            value = value[:-2].decode("utf-16-le")
        elif kind == 4:
            value = struct.unpack("<I", value)[0]
        yield key, name, TYPES[kind], value


def main():
    with open(sys.argv[1], "rb") as f:
        data = f.read()
    seen = set()
    try:
        for key, name, kind, value in records(data):
            if (key.lower(), name.lower()) in seen:
                raise Broken(f"{name!r} is there twice")
            seen.add((key.lower(), name.lower()))
            print(f"{key}\\{name} {kind} {value}")
    except (Broken, UnicodeDecodeError) as e:
        print(f"{sys.argv[1]}: {e}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
