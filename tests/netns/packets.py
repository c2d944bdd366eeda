# SPDX-License-Identifier: Apache-2.0
"""IP packets with a mark that comes out again at the other side, as bytes."""
import ipaddress, struct

ICMP, TCP, UDP, DCCP, ICMP6, SCTP, UDPLITE = 1, 6, 17, 33, 58, 132, 136
CHECKSUM_AT = {TCP: 16, UDP: 6, ICMP: 2, ICMP6: 2}     # in what an IP packet carries
MARK_AT = {TCP: 4, UDP: 8, ICMP: 8, ICMP6: 8, DCCP: 12, SCTP: 16, UDPLITE: 8}   # else at its beginning


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    s = sum(struct.unpack(f"!{len(data) // 2}H", data))
    s = (s >> 16) + (s & 0xFFFF)
    return ~(s + (s >> 16)) & 0xFFFF


def packet(src, dst, number, body):
    """An IP packet that carries a body, with the checksums of both."""
    a, b = ipaddress.ip_address(src), ipaddress.ip_address(dst)
    at = CHECKSUM_AT.get(number)
    if at is not None:
        pseudo = b"" if number == ICMP else struct.pack("!4s4sBBH", a.packed, b.packed, 0, number, len(body)) if a.version == 4 \
            else struct.pack("!16s16sIBBBB", a.packed, b.packed, len(body), 0, 0, 0, number)
        body = body[:at] + b"\0\0" + body[at + 2:]
        body = body[:at] + struct.pack("!H", checksum(pseudo + body)) + body[at + 2:]
    if a.version == 4:
        head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 0, 0, 64, number, 0, a.packed, b.packed)
        return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + body
    return struct.pack("!IHBB16s16s", 6 << 28, len(body), number, 64, a.packed, b.packed) + body


def tcp_body(sport, dport, ident, flags, acknowledges=None):
    """acknowledges: the sequence number that comes next; None: 1, where the flag is set."""
    ack = acknowledges if acknowledges is not None else 1 if flags & 0x10 else 0
    return struct.pack("!HHIIBBHHH", sport, dport, ident, ack, 5 << 4, flags, 1024, 0, 0)


def udp_body(sport, dport, ident):
    return struct.pack("!HHHHI", sport, dport, 12, 0, ident)


def build(src, dst, proto, sport, dport, ident, flags=0x02):
    """A packet of a protocol by its name: echo requests, and with "reply" as the port echo replies."""
    four = ipaddress.ip_address(src).version == 4
    number = {"tcp": TCP, "udp": UDP, "icmp": ICMP if four else ICMP6}.get(proto) or int(proto)
    if proto == "tcp":
        body = tcp_body(sport, dport, ident, flags)
    elif proto == "udp":
        body = udp_body(sport, dport, ident)
    elif proto == "icmp":
        kind = (8 if four else 128) if dport != "reply" else (0 if four else 129)
        body = struct.pack("!BBHHHI", kind, 0, 0, sport, 1, ident)
    else:
        body = struct.pack("!I8x", ident)
    return packet(src, dst, number, body)


def ident_of(data):
    """The mark of one of our packets, or None."""
    if not data:
        return None
    number, body = (data[9], data[20:]) if data[0] >> 4 == 4 else (data[6], data[40:])
    at = MARK_AT.get(number, 0)
    return struct.unpack("!I", body[at:at + 4])[0] if len(body) >= at + 4 else None
