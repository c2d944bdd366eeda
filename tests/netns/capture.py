# SPDX-License-Identifier: Apache-2.0
"""Packets that leave a device of a namespace, as bytes.

As a program, `capture.py DEVICE` writes each outgoing frame as a line of hexadecimal digits until its input ends.
"""
import ipaddress, os, select, socket, subprocess, sys

OUTGOING, ALL = 4, 3
NEIGHBOURS = range(133, 138)  # router and neighbour discovery of ICMPv6


class Packet:
    """Of IP: where it goes, its protocol, its source and destination port, and what it carries."""

    def __init__(self, frame):
        six = frame[12:14] == b"\x86\xdd"
        head = 40 if six else (frame[14] & 15) * 4
        self.protocol = frame[20] if six else frame[23]
        self.to = str(ipaddress.ip_address(frame[38:54] if six else frame[30:34]))
        body = frame[14 + head:14 + head + int.from_bytes(frame[18:20], "big")] if six else \
            frame[14 + head:14 + int.from_bytes(frame[16:18], "big")]
        self.ports = (int.from_bytes(body[:2], "big"), int.from_bytes(body[2:4], "big")) if self.protocol in (6, 17) else (0, 0)
        self.data = body[(body[12] >> 4) * 4:] if self.protocol == 6 else body[8:]
        self.is_neighbour = six and self.protocol == 58 and body[0] in NEIGHBOURS


class Capture:
    def __init__(self, namespace, device):
        self.process = subprocess.Popen(["ip", "netns", "exec", namespace, sys.executable, os.path.abspath(__file__), device],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != "ready\n":
            raise RuntimeError("the capture does not begin")

    def end(self):
        """The packets in order, without those that find neighbours."""
        frames = [bytes.fromhex(line) for line in self.process.communicate()[0].split()]
        packets = [Packet(f) for f in frames if f[12:14] in (b"\x08\x00", b"\x86\xdd")]
        return [p for p in packets if not p.is_neighbour]


def streams(packets):
    """What each conversation sent, in order; what TCP sent again is there twice."""
    found = {}
    for p in packets:
        key = (p.to, p.protocol, *p.ports)
        found[key] = found.get(key, b"") + p.data
    return found


def main():
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL))
    s.bind((sys.argv[1], ALL))
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 << 20)
    print("ready", flush=True)
    ended = False
    while True:
        ready = select.select([s] + ([] if ended else [sys.stdin]), [], [], 0.2 if ended else None)[0]
        if s in ready:
            frame, address = s.recvfrom(65535)
            if address[2] == OUTGOING:
                print(frame.hex())
        elif ended:
            return
        ended |= sys.stdin in ready


if __name__ == "__main__":
    main()
