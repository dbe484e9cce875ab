"""A web application on a free loopback port, in a thread of this process."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from spacefactory.errors import PlatformError

if TYPE_CHECKING:
    from starlette.types import ASGIApp

START_S = 10.0
STOP_S = 5.0


@contextmanager
def serve(app: ASGIApp) -> Iterator[str]:
    """The address at which the application answers while the context lasts; it ends within `STOP_S` seconds.

    Raises:
        PlatformError: no loopback port can be opened.
    """
    import uvicorn

    config = uvicorn.Config(
        app, log_level="critical", access_log=False, lifespan="on", timeout_graceful_shutdown=1, server_header=False
    )
    server = uvicorn.Server(config)
    listening = _listen()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        _wait(server, thread)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(STOP_S)
        listening.close()


def _listen() -> socket.socket:
    # with the protocol named, asyncio turns off the delay of small packets, which costs 40 ms an answer
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.bind(("127.0.0.1", 0))
    except OSError as error:
        listening.close()
        raise PlatformError(f"no loopback port can be opened: {error.strerror}", "see: spacefactory doctor") from None
    return listening


def _wait(server: object, thread: threading.Thread) -> None:
    deadline = time.monotonic() + START_S
    while not getattr(server, "started", False):
        if not thread.is_alive() or time.monotonic() > deadline:
            raise PlatformError("the loopback door did not open", "see: spacefactory doctor")
        time.sleep(0.005)
