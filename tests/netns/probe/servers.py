#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""servers.py ADDRESS...: tiny servers of a few protocols on these addresses, for probe.py.

DNS on 53 (TCP and UDP), HTTP on 80 with a reply of several packets, the endpoint mapper on 135, which names
PORT for every interface, an interface there, and TFTP on 69, which replies from another port.
Prints "ready" when all of them listen.
"""
import asyncio, socket, struct, sys

RPC_PORT = 49200
NDR = bytes.fromhex("045d888aeb1cc9119fe808002b104860") + struct.pack("<I", 2)
MAPPER = bytes.fromhex("0883afe11f5dc91191a408002b14a0fa")


def dns(query):
    """No error, and no records: the question as it came."""
    return query[:2] + b"\x84\x00\x00\x01" + bytes(6) + query[12:]


async def serve_dns(reader, writer):
    length = struct.unpack("!H", await reader.readexactly(2))[0]
    reply = dns(await reader.readexactly(length))
    writer.write(struct.pack("!H", len(reply)) + reply)


async def serve_http(reader, writer):
    await reader.readuntil(b"\r\n\r\n")
    body = b"portolan " * 1000
    writer.write(b"HTTP/1.1 200 OK\r\nServer: tiny\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


def pdu(kind, call, body):
    return struct.pack("<BBBB4sHHI", 5, 0, kind, 3, b"\x10\0\0\0", 16 + len(body), 0, call) + body


def bind_ack(call, port, accepted):
    text = b"%d\0" % port
    body = struct.pack("<HHIH", 4280, 4280, 1, len(text)) + text
    body += bytes(-(16 + len(body)) % 4)
    return pdu(12, call, body + struct.pack("<BxxxHH", 1, 0 if accepted else 2, 0 if accepted else 1) + NDR)


def tower(interface, address):
    floors = [(b"\x0d" + interface[:18], interface[18:20]), (b"\x0d" + NDR[:18], NDR[18:20]), (b"\x0b", b"\0\0"),
              (b"\x07", struct.pack("!H", RPC_PORT)), (b"\x09", address)]
    out = struct.pack("<H", len(floors))
    for left, right in floors:
        out += struct.pack("<H", len(left)) + left + struct.pack("<H", len(right)) + right
    return out


def map_reply(call, interface, address):
    t = tower(interface, address)
    stub = bytes(20) + struct.pack("<IIIII", 1, 1, 0, 1, 3) + struct.pack("<II", len(t), len(t)) + t
    stub += bytes(-len(stub) % 4) + struct.pack("<I", 0)
    return pdu(2, call, struct.pack("<IHBx", len(stub), 0, 0) + stub)


async def serve_rpc(reader, writer):
    """The endpoint mapper, and at its own port any interface."""
    own = writer.get_extra_info("sockname")
    mapper = own[1] == 135
    address = socket.inet_aton(own[0]) if "." in own[0] else bytes(4)
    while True:
        head = await reader.readexactly(16)
        kind, length, call = head[2], struct.unpack("<H", head[8:10])[0], struct.unpack("<I", head[12:16])[0]
        body = await reader.readexactly(length - 16)
        if kind == 11:
            writer.write(bind_ack(call, own[1], body[16:32] == MAPPER or not mapper))
        elif kind == 0:
            at = body.find(b"\x13\x00\x0d") + 3     # the interface is the first floor of the tower
            minor = body[at + 20:at + 22]
            writer.write(map_reply(call, body[at:at + 18] + minor, address))


def careless(serve):
    """A client that goes away is no error."""
    async def run(reader, writer):
        try:
            await serve(reader, writer)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        writer.close()
    return run


class Dns(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, peer):
        self.transport.sendto(dns(data), peer)


class Tftp(asyncio.DatagramProtocol):
    """An error packet from a port of its own, as RFC 1350 has it."""
    def __init__(self, address):
        self.address = address

    def datagram_received(self, data, peer):
        with socket.socket(socket.AF_INET6 if ":" in self.address else socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind((self.address, 0))
            s.sendto(struct.pack("!HH", 5, 1) + b"File not found\0", peer)


async def main(addresses):
    loop = asyncio.get_running_loop()
    for address in addresses:
        for port, serve in ((53, serve_dns), (80, serve_http), (135, serve_rpc), (RPC_PORT, serve_rpc)):
            await asyncio.start_server(careless(serve), address, port)
        await loop.create_datagram_endpoint(Dns, (address, 53))
        await loop.create_datagram_endpoint(lambda a=address: Tftp(a), (address, 69))
    print("ready", flush=True)
    await asyncio.sleep(600)


asyncio.run(main(sys.argv[1:]))
