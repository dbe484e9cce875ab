"""HTTP servers on loopback ports, in one background thread: for the emulated Hub and the scripted model."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

HOST = "127.0.0.1"
_START_S = 10.0


def bind(port: int = 0) -> socket.socket:
    """A listening socket on the loopback address; connections wait in it until a server takes them.

    Raises:
        OSError: the port is taken.
    """
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((HOST, port))
        found.listen(128)
    except OSError:
        found.close()
        raise
    return found


@dataclass(frozen=True)
class Listener:
    """One server on one port."""

    url: str
    close: Callable[[], None]


class Servers:
    """A thread with an event loop that carries any number of servers."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="test-servers", daemon=True)
        self._tasks: dict[Any, Future[None]] = {}
        self._thread.start()

    def open(self, app: ASGIApp, port: int = 0) -> Listener:
        """Serve an app; callable from any thread, the loop's own too. The port answers from now on."""
        import uvicorn

        sock = bind(port)
        config = uvicorn.Config(
            app, interface="asgi3", http="h11", ws="none", lifespan="off", log_config=None, access_log=False,
            date_header=False, server_header=False, timeout_graceful_shutdown=1,
        )  # fmt: skip
        server = uvicorn.Server(config)
        self._tasks[server] = asyncio.run_coroutine_threadsafe(self._serve(server, sock), self.loop)
        url = f"http://{HOST}:{sock.getsockname()[1]}"
        return Listener(url, lambda: self._stop(server))

    def close(self) -> None:
        """Stop every server and the thread."""
        for server in list(self._tasks):
            self._stop(server)
        for task in list(self._tasks.values()):
            task.result(timeout=_START_S)
        asyncio.run_coroutine_threadsafe(_cancel_rest(), self.loop).result(timeout=_START_S)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(timeout=_START_S)
        self.loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    async def _serve(self, server: Any, sock: socket.socket) -> None:
        try:
            await server.serve(sockets=[sock])
        finally:
            sock.close()
            self._tasks.pop(server, None)

    def _stop(self, server: Any) -> None:
        server.should_exit = True
        server.force_exit = True


async def _cancel_rest() -> None:
    """End what still runs, such as the answer to a client that never went away."""
    rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)


def reset(send: Send) -> None:
    """Break the connection of a request with a TCP reset, as a failing network does.

    Raises:
        RuntimeError: the server does not show its transport, so that nothing can be broken.
    """
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        raise RuntimeError("this ASGI server gives no access to the connection of a request")
    raw = transport.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def read_body(receive: Receive) -> bytes:
    """The whole body of a request, sent in one piece or chunked."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b"".join(parts)
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)
