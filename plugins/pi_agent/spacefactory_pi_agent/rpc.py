"""Pi's RPC mode: JSON objects, one a line, over the process's standard streams."""

from __future__ import annotations

import json
import time
from collections import deque
from typing import Any

from spacefactory.providers import Process

LONGEST_LINE = 32 << 20
Record = dict[str, Any]


class PiEndedError(Exception):
    """Pi's output has ended."""


class Rpc:
    """One conversation with a Pi process."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._left = bytearray()
        self._records: deque[Record] = deque()
        self._sent = 0
        self.garbage = 0
        """lines that were no records"""

    def send(self, kind: str, **fields: str) -> str:
        """Send a command; returns its id.

        Raises:
            PiEndedError: Pi reads no more.
        """
        self._sent += 1
        command = {"id": f"c{self._sent}", "type": kind, **fields}
        try:
            self._process.send(json.dumps(command).encode() + b"\n")
        except BrokenPipeError:
            raise PiEndedError from None
        return str(command["id"])

    def next(self, timeout: float) -> Record | None:
        """The next record; None when none came in time.

        Raises:
            PiEndedError: there will be none.
        """
        until = time.monotonic() + timeout
        while not self._records:
            some = self._process.receive(max(0.0, until - time.monotonic()))
            if some is None:
                return None
            if not some:
                raise PiEndedError
            self._read(some)
            if not self._records and time.monotonic() >= until:
                return None
        return self._records.popleft()

    def call(self, kind: str, timeout: float, **fields: str) -> Record | None:
        """Send a command and wait for its answer; None when it does not come in time. Other records stay for `next`.

        Raises:
            PiEndedError: Pi ended first.
        """
        wanted, until = self.send(kind, **fields), time.monotonic() + timeout
        others: list[Record] = []
        answer = None
        while answer is None and time.monotonic() < until:
            record = self.next(until - time.monotonic())
            if record is not None and record.get("type") == "response" and record.get("id") == wanted:
                answer = record
            elif record is not None:
                others.append(record)
        self._records.extendleft(reversed(others))
        return answer

    def _read(self, some: bytes) -> None:
        """Lines end with LF only: other separators may stand inside a text."""
        self._left += some
        if len(self._left) > LONGEST_LINE:
            self._left.clear()
            self.garbage += 1
        if b"\n" not in some:
            return
        *lines, rest = bytes(self._left).split(b"\n")
        self._left = bytearray(rest)
        for line in lines:
            self._take(line)

    def _take(self, line: bytes) -> None:
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            record = None
        if isinstance(record, dict) and isinstance(record.get("type"), str):
            self._records.append(record)
        elif line.strip():
            self.garbage += 1
