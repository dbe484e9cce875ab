"""Run a command confined and wait for it and for every process it started."""

from __future__ import annotations

import os
import selectors
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from spacefactory.confine.begin import answer, begin
from spacefactory.confine.order import NONCE, Order, Streams, Targets, absolute, checked
from spacefactory.confine.spec import Completed, Confinement
from spacefactory.confine.sweep import sweep
from spacefactory.errors import PlatformError

OUTPUT_LIMIT = 8 << 20
CHUNK = 1 << 16


def run(
    argv: Sequence[str],
    confinement: Confinement,
    *,
    timeout: float,
    input: bytes = b"",  # noqa: A002 - the name that subprocess has
    output_limit: int = OUTPUT_LIMIT,
) -> Completed:
    """Run a command confined; on return all its processes have ended, also those that left its session.

    A command that does not exist gives 127 and one that cannot be executed 126, as in a shell; stderr says why.

    Args:
        argv: program and arguments; the program is looked up in the PATH of the command's environment.
        confinement: what it may touch.
        timeout: seconds until it is killed.
        input: its standard input.
        output_limit: bytes of stdout, and of stderr, that are kept; what comes after is read and dropped.

    Raises:
        SandboxUnavailable: it cannot be confined as asked; nothing was executed.
        ValueError: there is no command.
        FileNotFoundError: there is no workspace.
        PlatformError: its supervisor was killed; the command has ended too.
    """
    job = Job(checked(argv), absolute(confinement), timeout, input, output_limit)
    outcome = carry_out(job)
    return Completed(
        returncode=outcome.facts["returncode"],
        stdout=bytes(outcome.stdout.kept),
        stderr=bytes(outcome.stderr.kept),
        timed_out=outcome.facts["timed_out"],
        truncated=outcome.stdout.cut or outcome.stderr.cut,
        exceeded=outcome.facts["exceeded"],
    )


@dataclass(frozen=True)
class Job:
    """One command to wait for; see `run`."""

    argv: tuple[str, ...]
    confinement: Confinement
    timeout: float
    input: bytes = b""
    output_limit: int = OUTPUT_LIMIT
    targets: Targets | None = None


@dataclass(frozen=True)
class Outcome:
    """What the supervisor answered and what the command wrote."""

    facts: Mapping[str, Any]
    stdout: Kept
    stderr: Kept


def carry_out(job: Job) -> Outcome:
    """Have a supervisor do it and wait for both.

    Raises:
        SandboxUnavailable: it was refused.
        PlatformError: the supervisor was killed.
    """
    with _pipes() as pipes:
        streams = Streams(pipes.stdin[0], pipes.stdout[1], pipes.stderr[1])
        order = Order(
            argv=job.argv,
            confinement=job.confinement,
            nonce=os.urandom(16).hex(),
            timeout=job.timeout,
            streams=streams,
            targets=job.targets,
        )
        with _attended(begin(order, (streams.stdin, streams.stdout, streams.stderr))) as supervisor:
            pipes.leave_to_child()
            said, stdout, stderr = _exchange(supervisor, pipes, job)
    facts = answer(bytes(said.kept))
    if "returncode" not in facts:
        sweep(f"{NONCE}={order.nonce}", facts["own"])
        raise PlatformError("the process that attends to a command was killed", "see whether memory has run out")
    return Outcome(facts, stdout, stderr)


@dataclass
class Kept:
    """Output up to a limit."""

    limit: int
    kept: bytearray = field(default_factory=bytearray)
    cut: bool = False

    def add(self, data: bytes) -> None:
        """Keep what there is room for."""
        room = self.limit - len(self.kept)
        self.kept += data[:room]
        self.cut = self.cut or len(data) > room


@dataclass
class _Pipes:
    """Standard streams of the command: (read end, write end)."""

    stdin: tuple[int, int]
    stdout: tuple[int, int]
    stderr: tuple[int, int]
    open: set[int]

    def close(self, one: int) -> None:
        if one in self.open:
            self.open.remove(one)
            os.close(one)

    def leave_to_child(self) -> None:
        for one in (self.stdin[0], self.stdout[1], self.stderr[1]):
            self.close(one)


@contextmanager
def _pipes() -> Iterator[_Pipes]:
    stdin, stdout, stderr = os.pipe(), os.pipe(), os.pipe()
    pipes = _Pipes(stdin, stdout, stderr, {*stdin, *stdout, *stderr})
    try:
        yield pipes
    finally:
        for one in tuple(pipes.open):
            pipes.close(one)


@contextmanager
def _attended(supervisor: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """Whatever happens here, the command and its supervisor have ended after it: the end of its input tells it."""
    try:
        yield supervisor
    finally:
        with suppress(BrokenPipeError):
            supervisor.stdin.close()  # type: ignore[union-attr]  # it is a pipe
        supervisor.wait()
        supervisor.stdout.close()  # type: ignore[union-attr]


def _exchange(supervisor: subprocess.Popen[bytes], pipes: _Pipes, job: Job) -> tuple[Kept, Kept, Kept]:
    """Feed the command and read it and its supervisor until all of them have ended."""
    said, stdout, stderr = Kept(CHUNK), Kept(job.output_limit), Kept(job.output_limit)
    left = memoryview(job.input)
    os.set_blocking(pipes.stdin[1], False)
    with selectors.DefaultSelector() as selector:
        selector.register(supervisor.stdout, selectors.EVENT_READ, said)  # type: ignore[arg-type]
        selector.register(pipes.stdout[0], selectors.EVENT_READ, stdout)
        selector.register(pipes.stderr[0], selectors.EVENT_READ, stderr)
        selector.register(pipes.stdin[1], selectors.EVENT_WRITE)
        while selector.get_map():
            for key, _ in selector.select():
                if key.data is None:
                    left = _feed(key.fd, left)
                    ended = not left
                else:
                    ended = not _take(key.fd, key.data)
                if ended:
                    selector.unregister(key.fileobj)
                    pipes.close(key.fd)
    return said, stdout, stderr


def _feed(sink: int, left: memoryview) -> memoryview:
    """Write what fits; nothing is left when the command does not want more."""
    try:
        return left[os.write(sink, left[:CHUNK]) :]
    except BlockingIOError:
        return left
    except BrokenPipeError:
        return left[:0]


def _take(source: int, kept: Kept) -> bool:
    data = os.read(source, CHUNK)
    kept.add(data)
    return bool(data)
