"""A lean HTTP/1.1 client for one address: what arrives together is handed on together.

A general client takes every piece of a streamed answer through its layers, which costs a tenth of a millisecond each;
an answer of a coding model has thousands.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import ssl

    import h11

CONNECT_S = 15.0
BUFFER = 1 << 18
LONGEST_LINE = 1 << 14
PORTS = {"http": 80, "https": 443}
_SIZE = re.compile(rb"[0-9a-fA-F]{1,8}\Z")


class FarError(Exception):
    """The far side cannot be reached, or does not keep to the protocol."""


@dataclass
class Chunks:
    """Takes the chunks of a body apart; `done` after the last one."""

    done: bool = False
    _waiting: bytes = b""
    _left: int = 0
    _state: str = "size"

    def feed(self, data: bytes) -> bytes:
        """What a piece of the wire adds to the body.

        Raises:
            FarError: it is no chunk.
        """
        self._waiting += data
        found, at = list[bytes](), 0
        while not self.done and (step := self._step(at, found)) > at:
            at = step
        self._waiting = self._waiting[at:]
        if len(self._waiting) > LONGEST_LINE:
            raise FarError("a line without end")
        return b"".join(found)

    def _step(self, at: int, found: list[bytes]) -> int:
        """Take the rest of a chunk, or a line; where it ends, the same place when it is not there yet."""
        if self._left:
            piece = self._waiting[at : at + self._left]
            self._left -= len(piece)
            found.append(piece)
            return at + len(piece)
        end = self._waiting.find(b"\r\n", at)
        if end < 0:
            return at
        self._line(self._waiting[at:end])
        return end + 2

    def _line(self, line: bytes) -> None:
        if self._state == "size":
            size = line.partition(b";")[0].strip()
            if not _SIZE.match(size):
                raise FarError("a chunk without a size")
            self._left = int(size, 16)
            self._state = "end" if self._left else "trailer"
        elif self._state == "end":
            if line:
                raise FarError("a chunk that is longer than it says")
            self._state = "size"
        elif not line:
            self.done = True


@dataclass
class Line:
    """One connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @property
    def fresh(self) -> bool:
        """Whether the far side has not ended it."""
        return not self.reader.at_eof() and not self.writer.is_closing()

    def close(self) -> None:
        """End it at once."""
        self.writer.transport.abort()


@dataclass
class Answer:
    """An answer whose body is still to come.

    Args:
        status: the HTTP status.
        headers: names in lower case.
        line: where it comes from.
        begun: what of the body has arrived with the head.
        idle_s: seconds to wait for a byte.
        lasting: whether the connection may be used again after the body.
    """

    status: int
    headers: Mapping[str, str]
    line: Line
    begun: bytes
    idle_s: float
    lasting: bool
    ended: bool = False

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body in the pieces in which it arrives.

        Raises:
            FarError: it breaks off.
        """
        parts = self._chunked() if "transfer-encoding" in self.headers else self._plain()
        async for piece in parts:
            if piece:
                yield piece
        self.ended = True

    async def _chunked(self) -> AsyncIterator[bytes]:
        chunks = Chunks()
        yield chunks.feed(self.begun)
        while not chunks.done:
            yield chunks.feed(await _some(self.line.reader, self.idle_s, "the answer breaks off"))

    async def _plain(self) -> AsyncIterator[bytes]:
        """A body of a stated length, or one that lasts until the connection ends."""
        length = int(self.headers["content-length"]) if "content-length" in self.headers else None
        piece = self.begun if length is None else self.begun[:length]
        yield piece
        while length is None or (length := length - len(piece)) > 0:
            if not (piece := await _arrived(self.line.reader, self.idle_s)):
                if length is None:
                    return
                raise FarError("the answer breaks off")
            piece = piece if length is None else piece[:length]
            yield piece

    def abort(self) -> None:
        """End the connection, whatever is still to come."""
        self.lasting = False
        self.line.close()

    def close(self) -> None:
        """End the connection, unless it can be used again."""
        if not (self.ended and self.lasting):
            self.abort()


@dataclass
class Far:
    """Posts to one address, one request at a time.

    Args:
        base: the address that paths are added to.
        idle_s: seconds to wait for a byte.
    """

    base: str
    idle_s: float
    _kept: Line | None = field(default=None, init=False)
    _ssl: ssl.SSLContext | None = field(default=None, init=False, repr=False)

    async def post(self, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send a request; returns when the head of its answer is there.

        Raises:
            FarError: there is no answer.
        """
        import h11

        parts = urlsplit(self.base)
        if parts.scheme not in PORTS or not parts.hostname:
            raise FarError("it is no http or https address")
        whole = {"host": parts.netloc.rpartition("@")[2], **headers, "content-length": str(len(body))}
        talk = h11.Connection(h11.CLIENT)
        request = h11.Request(method="POST", target=f"{parts.path}{path}" or "/", headers=list(whole.items()))
        text = b"".join(
            (talk.send(request) or b"", talk.send(h11.Data(body)) or b"", talk.send(h11.EndOfMessage()) or b"")
        )
        line = await self._line(parts.scheme, parts.hostname, parts.port or PORTS[parts.scheme])
        try:
            line.writer.write(text)
            head = await self._head(talk, line)
        except BaseException:  # also a cancelled request must not leave half an exchange on the line; it goes on
            line.close()
            raise
        return self._answer(head, talk, line)

    def close(self) -> None:
        """End the connection that is kept."""
        if self._kept is not None:
            self._kept.close()

    async def _line(self, scheme: str, host: str, port: int) -> Line:
        """The connection of the last request when it still is, else a new one."""
        if self._kept is not None and self._kept.fresh:
            return self._kept
        self.close()
        self._kept = None
        try:
            async with asyncio.timeout(CONNECT_S):
                reader, writer = await asyncio.open_connection(
                    host, port, ssl=self._context() if scheme == "https" else None, limit=BUFFER
                )
        except (OSError, ValueError) as error:  # a time-out and a refused certificate are OSErrors, too
            raise FarError(f"no connection: {type(error).__name__}") from error
        return Line(reader, writer)

    def _context(self) -> ssl.SSLContext:
        import httpx

        self._ssl = self._ssl or httpx.create_ssl_context(trust_env=False)
        return self._ssl

    async def _head(self, talk: h11.Connection, line: Line) -> h11.Response:
        import h11

        try:
            while not isinstance(event := talk.next_event(), h11.Response):
                if event is h11.NEED_DATA:
                    talk.receive_data(await _some(line.reader, self.idle_s, "no answer"))
        except h11.RemoteProtocolError as error:
            raise FarError("the answer is no HTTP") from error
        return event

    def _answer(self, head: h11.Response, talk: h11.Connection, line: Line) -> Answer:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
        framed = "transfer-encoding" in headers or "content-length" in headers
        lasting = framed and head.http_version == b"1.1" and headers.get("connection", "").lower() != "close"
        self._kept = line if lasting else None
        return Answer(head.status_code, headers, line, talk.trailing_data[0], self.idle_s, lasting)


@asynccontextmanager
async def closing(far: Far) -> AsyncIterator[None]:
    """End the connection that is kept afterwards."""
    try:
        yield
    finally:
        far.close()
        await asyncio.sleep(0)  # the loop ends it in its next round


async def _some(reader: asyncio.StreamReader, idle_s: float, otherwise: str) -> bytes:
    """What has arrived.

    Raises:
        FarError: the connection has ended, or nothing comes.
    """
    if not (found := await _arrived(reader, idle_s)):
        raise FarError(otherwise)
    return found


async def _arrived(reader: asyncio.StreamReader, idle_s: float) -> bytes:
    """What has arrived; empty when the connection has ended.

    Raises:
        FarError: nothing comes, or the connection broke.
    """
    try:
        async with asyncio.timeout(idle_s):
            return await reader.read(BUFFER)
    except OSError as error:
        raise FarError(f"no answer: {type(error).__name__}") from error
