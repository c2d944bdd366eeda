# SPDX-License-Identifier: Apache-2.0
"""IP packets with a mark that comes out again at the other side, as bytes."""
import ipaddress, struct


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    s = sum(struct.unpack(f"!{len(data) // 2}H", data))
    s = (s >> 16) + (s & 0xFFFF)
    return ~(s + (s >> 16)) & 0xFFFF


def build(src, dst, proto, sport, dport, ident, flags=0x02):
    """An IP packet.  ident comes out again at the other side."""
    a, b = ipaddress.ip_address(src), ipaddress.ip_address(dst)
    number = {"tcp": 6, "udp": 17, "icmp": 1 if a.version == 4 else 58}.get(proto) or int(proto)
    mark = struct.pack("!I", ident)
    if proto == "tcp":
        body = struct.pack("!HHIIBBHHH", sport, dport, ident, 1 if flags & 0x10 else 0, 5 << 4, flags, 1024, 0, 0)
    elif proto == "udp":
        body = struct.pack("!HHHH", sport, dport, 12, 0) + mark
    elif proto == "icmp":
        kind = (8 if a.version == 4 else 128) if dport != "reply" else (0 if a.version == 4 else 129)
        body = struct.pack("!BBHHH", kind, 0, 0, sport, 1) + mark
    else:
        body = mark + b"\0" * 8
    if proto in ("tcp", "udp") or (proto == "icmp" and a.version == 6):
        pseudo = a.packed + b.packed + (struct.pack("!BBH", 0, number, len(body)) if a.version == 4 else
                                        struct.pack("!IBBBB", len(body), 0, 0, 0, number))
        at = {"tcp": 16, "udp": 6, "icmp": 2}[proto]
        body = body[:at] + struct.pack("!H", checksum(pseudo + body)) + body[at + 2:]
    elif proto == "icmp":
        body = body[:2] + struct.pack("!H", checksum(body)) + body[4:]
    if a.version == 4:
        head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 0, 0, 64, number, 0, a.packed, b.packed)
        return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + body
    return struct.pack("!IHBB16s16s", 6 << 28, len(body), number, 64, a.packed, b.packed) + body


def ident_of(packet):
    """The mark of one of our packets, or None."""
    if not packet:
        return None
    v4 = packet[0] >> 4 == 4
    number, body = (packet[9], packet[20:]) if v4 else (packet[6], packet[40:])
    try:
        if number == 6:
            return struct.unpack("!I", body[4:8])[0]
        if number == 17 or number in (1, 58):
            return struct.unpack("!I", body[8:12])[0]
        return struct.unpack("!I", body[:4])[0]
    except struct.error:
        return None
