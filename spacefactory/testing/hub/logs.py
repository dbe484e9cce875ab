"""Logs of Spaces and jobs: kept whole, replayed from the first line, followed while open."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from spacefactory.testing.hub.answers import Stream
from spacefactory.testing.hub.clock import Clock

KEEP_ALIVE_S = 15.0
_LOOK_S = 0.05


@dataclass
class LogBuffer:
    """Lines with the time of each; may be written from any thread."""

    clock: Clock
    lines: list[tuple[str, str]] = field(default_factory=list)
    closed: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def write(self, text: str) -> None:
        """Add the lines of a text."""
        stamp = self.clock.iso()
        with self._lock:
            self.lines.extend((line, stamp) for line in text.splitlines())

    def close(self) -> None:
        """Nothing will follow."""
        self.closed = True

    def text(self) -> str:
        """All lines, for inspection."""
        with self._lock:
            return "".join(f"{line}\n" for line, _ in self.lines)

    def since(self, index: int) -> list[tuple[str, str]]:
        """The lines from an index on."""
        with self._lock:
            return self.lines[index:]


def sse(buffer: LogBuffer, current: Callable[[], LogBuffer], newline: str, tail: int | None = None) -> Stream:
    """Server-sent events of a log: what is there, then what comes, until it is closed or replaced by another.

    Args:
        buffer: the log to send.
        current: the log that is in force now; a rebuild starts a new one.
        newline: what ends each line (Spaces send it, jobs do not).
        tail: how many of the last lines to begin with; None means all.
    """
    return Stream(_events(buffer, current, newline, tail), headers={"Content-Type": "text/event-stream"})


async def _events(
    buffer: LogBuffer, current: Callable[[], LogBuffer], newline: str, tail: int | None
) -> AsyncIterator[bytes]:
    index = max(0, len(buffer.lines) - tail) if tail is not None else 0
    silent = 0.0
    while True:
        closed = buffer.closed or current() is not buffer
        lines = buffer.since(index)
        for line, stamp in lines:
            yield b"data: " + json.dumps({"data": line + newline, "timestamp": stamp}).encode() + b"\n\n"
        index += len(lines)
        silent = 0.0 if lines else silent + _LOOK_S
        if closed:
            return
        if silent >= KEEP_ALIVE_S:
            silent = 0.0
            yield b"data:\n\n"
        await asyncio.sleep(_LOOK_S)
