"""The door to a private Space: the token goes to that Space's host and nowhere else.

Whatever the Space answers, a redirect, a link to another host or a body without end, nothing but bytes of its own host
reach the caller, within limits, and no answer makes this side call anybody.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from spacefactory.broker.serve import serve
from spacefactory.broker.upstream import FROM_UPSTREAM, TO_UPSTREAM, opened, passing
from spacefactory.errors import UsageError

if TYPE_CHECKING:
    import httpx
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

ONE_BODY = 64 << 20
ALL_BODIES = 512 << 20
READ_S = 120.0
ANSWER_S = 1800.0


@dataclass
class Door:
    """One Space behind a loopback port.

    Args:
        upstream: the Space's own address, such as https://ada-demo.hf.space.
        token: sent to that address alone.
    """

    upstream: str
    token: str = field(repr=False)
    far: httpx.AsyncClient = field(init=False, repr=False)
    passed: int = 0

    def app(self) -> Starlette:
        """The application that forwards."""
        from starlette.applications import Starlette
        from starlette.routing import Route

        return Starlette(
            routes=[Route("/{path:path}", self._forward, methods=["GET", "HEAD", "POST"])],
            lifespan=lambda _: opened(self, READ_S),
        )

    async def _forward(self, request: Request) -> Response:
        import httpx
        from starlette.responses import PlainTextResponse, StreamingResponse

        try:
            answer = await self.far.send(self._request(request, await _body(request)), stream=True)
        except _TooLargeError:
            return PlainTextResponse("the request is too large", 413)
        except httpx.HTTPError as error:
            return PlainTextResponse(f"the Space cannot be reached: {type(error).__name__}", 502)
        if 300 <= answer.status_code < 400 and answer.status_code != 304:
            await answer.aclose()
            return PlainTextResponse("the Space redirects, which is not followed", 502)
        headers = passing(answer.headers, FROM_UPSTREAM)
        return StreamingResponse(self._pieces(answer), answer.status_code, headers=headers)

    def _request(self, request: Request, body: bytes) -> httpx.Request:
        path = request.scope["raw_path"].decode("ascii").partition("?")[0]
        query = f"?{request.url.query}" if request.url.query else ""
        headers = passing(request.headers, TO_UPSTREAM)
        headers |= {"authorization": f"Bearer {self.token}", "accept-encoding": "identity"}
        return self.far.build_request(request.method, f"{self.upstream}{path}{query}", headers=headers, content=body)

    async def _pieces(self, answer: httpx.Response) -> AsyncIterator[bytes]:
        """The body up to its limits; past them the connection ends in the middle, which a client takes for an error."""
        size, deadline = 0, time.monotonic() + ANSWER_S
        try:
            async for piece in answer.aiter_raw():
                size += len(piece)
                self.passed += len(piece)
                if size > ONE_BODY or self.passed > ALL_BODIES or time.monotonic() > deadline:
                    raise _TooLargeError
                yield piece
        finally:
            await answer.aclose()


class _TooLargeError(Exception):
    """A body is longer than its limit."""


async def _body(request: Request) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size > ONE_BODY:
            raise _TooLargeError
        parts.append(piece)
    return b"".join(parts)


@contextmanager
def open_space(upstream: str, token: str) -> Iterator[str]:
    """The loopback address behind which one Space is, while the context lasts.

    Raises:
        UsageError: the address is no https address of a host, or http of this machine.
        PlatformError: no loopback port can be opened.
    """
    with serve(Door(checked(upstream), token).app()) as url:
        yield url


def checked(upstream: str) -> str:
    """The address without a path: https for a host, http only for this machine.

    Raises:
        UsageError: it is anything else.
    """
    parts = urlsplit(upstream)
    here = parts.hostname in ("127.0.0.1", "localhost", "::1")
    if parts.scheme not in (("http", "https") if here else ("https",)) or not parts.hostname or parts.username:
        raise UsageError(f"{upstream!r} is no address that a token may be sent to")
    return f"{parts.scheme}://{parts.netloc}"
