# SPDX-License-Identifier: Apache-2.0
"""Ports of this machine for servers of tests that run beside each other."""
import random, socket


def free_port():
    """A TCP port of 127.0.0.1 below those that the system hands out to clients, so that none takes it before the server does."""
    while True:
        port = random.randrange(16384, 32768)
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
