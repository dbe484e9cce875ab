"""A confined command at work that the caller speaks with: its standard streams stay open."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from spacefactory.confine.begin import answer, begin
from spacefactory.confine.order import NONCE, Order, Streams, absolute, checked
from spacefactory.confine.spec import Completed, Confinement
from spacefactory.confine.sweep import sweep
from spacefactory.errors import PlatformError

CHUNK = 1 << 16
TAIL = 1 << 16
"""Bytes of its error output that are kept: the last ones."""


def converse(argv: Sequence[str], confinement: Confinement) -> Conversation:
    """Start a command confined and return as soon as it executes; it ends when the conversation is closed.

    Raises:
        SandboxUnavailable: it cannot be confined as asked; nothing was executed.
        ValueError: there is no command.
        FileNotFoundError: there is no workspace.
    """
    words, place = checked(argv), absolute(confinement)
    pipes = [os.pipe() for _ in range(3)]
    theirs = Streams(pipes[0][0], pipes[1][1], pipes[2][1])
    order = Order(argv=words, confinement=place, nonce=os.urandom(16).hex(), streams=theirs)
    ours = (pipes[0][1], pipes[1][0], pipes[2][0])
    try:
        supervisor = begin(order, (theirs.stdin, theirs.stdout, theirs.stderr))
    except BaseException:
        _close(*ours)
        raise
    finally:
        _close(theirs.stdin, theirs.stdout, theirs.stderr)
    talk = Conversation(supervisor, order.nonce, ours)
    try:
        talk.await_start()
    except BaseException:
        talk.close(0)
        raise
    return talk


class Conversation:
    """The caller's ends of a command's streams. Not for use by several threads."""

    def __init__(self, supervisor: subprocess.Popen[bytes], nonce: str, ours: tuple[int, int, int]) -> None:
        self._supervisor, self._nonce = supervisor, nonce
        self._stdin, self._stdout, self._stderr = ours
        self._open = set(ours)
        self._said = bytearray()
        self._out = bytearray()
        self._tail = bytearray()
        self._done: Completed | None = None
        os.set_blocking(self._stdin, False)

    def await_start(self) -> None:
        """Wait until the command executes.

        Raises:
            SandboxUnavailable: it was refused.
        """
        while b'"started"' not in self._said:
            some = os.read(self._answers, CHUNK)
            self._said += some
            if not some:
                answer(bytes(self._said))
                raise PlatformError(
                    "the process that attends to a command was killed", "see whether memory has run out"
                )

    def send(self, data: bytes) -> None:
        """Write to its standard input; what it says meanwhile is kept for `receive`.

        Raises:
            BrokenPipeError: it reads no more.
        """
        left = memoryview(data)
        while left:
            if self._stdin not in self._open:
                raise BrokenPipeError("the command's input is closed")
            for ready in self._ready(None, writing=True):
                if ready == self._stdin:
                    left = left[self._write(left) :]
                else:
                    self._take(ready)

    def receive(self, timeout: float) -> bytes | None:
        """What came from its standard output; None when nothing came in `timeout` seconds, empty when it has ended."""
        until = time.monotonic() + timeout
        while not self._out and self._stdout in self._open:
            for ready in self._ready(max(0.0, until - time.monotonic())):
                self._take(ready)
            if not self._out and time.monotonic() >= until and self._stdout in self._open:
                return None
        found, self._out = bytes(self._out), bytearray()
        return found

    def close(self, grace: float = 5.0) -> Completed:
        """End its input, wait `grace` seconds for its end, then kill it; nothing that it started is left.

        Raises:
            PlatformError: its supervisor was killed; the command has ended too.
        """
        if self._done is None:
            self._shut(self._stdin)
            until = time.monotonic() + grace
            while {self._stdout, self._stderr} & self._open and time.monotonic() < until:
                for ready in self._ready(max(0.0, until - time.monotonic())):
                    self._take(ready)
            self._await_end(until)
            self._done = self._reaped()
        return self._done

    def _await_end(self, until: float) -> None:
        """Wait for word that it has ended: one that has closed its output may not have ended yet."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._answers, selectors.EVENT_READ)
            while b'"returncode"' not in self._said and selector.select(max(0.0, until - time.monotonic())):
                some = os.read(self._answers, CHUNK)
                self._said += some
                if not some:
                    return

    @property
    def _answers(self) -> int:
        assert self._supervisor.stdout is not None  # noqa: S101 - it is a pipe
        return self._supervisor.stdout.fileno()

    def _reaped(self) -> Completed:
        """The supervisor ends the whole tree when its input ends, and says how the command ended."""
        with suppress(BrokenPipeError):
            self._supervisor.stdin.close()  # type: ignore[union-attr]  # it is a pipe
        while some := os.read(self._answers, CHUNK):
            self._said += some
        self._supervisor.wait()
        self._supervisor.stdout.close()  # type: ignore[union-attr]
        self._drain()
        facts = _facts(bytes(self._said))
        if "returncode" not in facts and "own" in facts and "refused" not in facts:
            sweep(f"{NONCE}={self._nonce}", facts["own"])
            raise PlatformError("the process that attends to a command was killed", "see whether memory has run out")
        return Completed(
            returncode=facts.get("returncode", 78),
            stdout=bytes(self._out),
            stderr=bytes(self._tail),
            exceeded=facts.get("exceeded", ""),
        )

    def _drain(self) -> None:
        """What is left of its error output; every writer has ended, so the end comes."""
        for one in (self._stderr, self._stdout):
            while one in self._open:
                self._take(one)
                del self._out[CHUNK:]

    def _ready(self, timeout: float | None, *, writing: bool = False) -> list[int]:
        with selectors.DefaultSelector() as selector:
            for one in self._open - {self._stdin}:
                selector.register(one, selectors.EVENT_READ)
            if writing and self._stdin in self._open:
                selector.register(self._stdin, selectors.EVENT_WRITE)
            return [key.fd for key, _ in selector.select(timeout)]

    def _take(self, source: int) -> None:
        some = os.read(source, CHUNK)
        if not some:
            self._shut(source)
        elif source == self._stdout:
            self._out += some
        else:
            self._tail += some
            del self._tail[:-TAIL]

    def _write(self, data: memoryview) -> int:
        try:
            return os.write(self._stdin, data[:CHUNK])
        except BlockingIOError:
            return 0

    def _shut(self, one: int) -> None:
        if one in self._open:
            self._open.remove(one)
            os.close(one)


def _facts(said: bytes) -> Mapping[str, Any]:
    facts: dict[str, Any] = {}
    for line in said.splitlines():
        with suppress(ValueError):
            facts |= json.loads(line)
    return facts


def _close(*descriptors: int) -> None:
    for one in descriptors:
        os.close(one)
