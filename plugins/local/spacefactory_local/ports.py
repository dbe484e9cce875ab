"""Loopback ports for apps."""

from __future__ import annotations

import random
import socket
from collections.abc import Collection

from spacefactory.errors import PlatformError

FIRST, LAST = 20_000, 29_999
"""Below the range from which the system gives ports to connections: only a program that asks for it takes one."""
TRIES = 200
TAKEN_S = 1.0


def free_port(avoid: Collection[int]) -> int:
    """A port that nobody listens on, and that no other Space was given.

    Raises:
        PlatformError: none was found.
    """
    for port in random.sample(range(FIRST, LAST + 1), TRIES):
        if port not in avoid and bindable(port):
            return port
    raise PlatformError("no free port was found for the app", "stop some Spaces: spacefactory spaces stop --all")


def bindable(port: int) -> bool:
    """Whether a server could listen there, on loopback and on all addresses."""
    try:
        for address in ("127.0.0.1", ""):
            with socket.socket() as test:
                test.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                test.bind((address, port))
    except OSError:
        return False
    return True


def listening(host: str, port: int) -> bool:
    """Whether somebody accepts connections there."""
    try:
        with socket.create_connection((host, port), TAKEN_S):
            return True
    except OSError:
        return False


def answers(port: int, path: str = "/config", timeout: float = 5.0) -> bool:
    """Whether a GET of that path on loopback is answered with status 200; the body is not read."""
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
