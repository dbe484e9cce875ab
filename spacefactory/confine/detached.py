"""Commands that outlive whoever started them, known by a folder."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from spacefactory.confine import record
from spacefactory.confine.begin import answer, begin
from spacefactory.confine.order import Order, absolute, checked
from spacefactory.confine.processes import Identity, running
from spacefactory.confine.spec import AlreadyRunning, Confinement, SandboxUnavailable
from spacefactory.confine.sweep import sweep

POLL_S = 0.02
KILL_S = 10.0
"""How long a supervisor may take to kill and count, beyond the command's own grace."""


def start(argv: Sequence[str], confinement: Confinement, folder: Path, log: Path) -> None:
    """Start a command confined and return as soon as it executes; it survives the caller.

    Args:
        argv: program and arguments.
        confinement: what it may touch.
        folder: where it is recorded; outside the workspace, made when missing, one command at a time.
        log: file for its stdout and stderr, begun anew; outside the workspace. When it has `Limits.log_bytes` it is
            replaced by a shorter one, so read it by path.

    Raises:
        AlreadyRunning: the command that was started in this folder before is alive.
        SandboxUnavailable: it cannot be confined as asked; nothing was executed.
        ValueError: there is no command, or the folder or the log is where the command could change it.
        OSError: there is no workspace, or the folder or the log cannot be made.
    """
    words, place = checked(argv), absolute(confinement)
    home, output = _outside(folder, place), _outside(log, place)
    home.mkdir(parents=True, exist_ok=True)
    output.parent.mkdir(parents=True, exist_ok=True)
    if alive(home):
        raise AlreadyRunning(f"{record.RUNNING}: {home}")
    order = Order(argv=words, confinement=place, nonce=os.urandom(16).hex(), folder=str(home), log=str(output))
    with begin(order) as supervisor:
        assert supervisor.stdout is not None  # noqa: S101 - it is a pipe
        said = supervisor.stdout.read()
    try:
        answer(said)
    except SandboxUnavailable as refusal:
        if record.RUNNING in str(refusal):
            raise AlreadyRunning(f"{record.RUNNING}: {home}") from None
        raise


def alive(folder: Path) -> bool:
    """Whether the command of a folder runs, or its processes are being ended."""
    return any(map(running, _processes(folder)))


def exit_code(folder: Path) -> int | None:
    """Exit status of the command of a folder, or minus the number of the signal that ended it.

    None while it runs, before one was started, and when nobody saw its end (the machine stopped, its supervisor was
    killed).
    """
    return record.code(folder)


def stop(folder: Path, grace: float = 5.0) -> None:
    """End the command of a folder: SIGTERM, `grace` seconds, SIGKILL. When this returns, no process of it is left.

    A command that has ended already is no error. Processes are known by number and start time together.

    Raises:
        PermissionError: it belongs to another user.
        TimeoutError: the kernel does not let go of a process.
    """
    known = record.identity(folder)
    if known is None:
        return
    if running(known.supervisor):
        record.ask_to_stop(folder, grace)
        _signal(known.supervisor, signal.SIGTERM)
        if not _gone(known.supervisor, grace + KILL_S):
            _signal(known.supervisor, signal.SIGKILL)
            _gone(known.supervisor, KILL_S)
    if known.command is not None:
        _signal(known.command, signal.SIGKILL)
    if record.code(folder) is None:
        sweep(known.mark, known.uid)


def _processes(folder: Path) -> tuple[Identity, ...]:
    known = record.identity(folder)
    if known is None:
        return ()
    return (known.supervisor,) if known.command is None else (known.supervisor, known.command)


def _signal(process: Identity, number: signal.Signals) -> None:
    """A signal to exactly this process: the descriptor is taken first, then the start time is compared."""
    try:
        handle = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return
    try:
        if running(process):
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(handle, number)
    finally:
        os.close(handle)


def _gone(process: Identity, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while running(process):
        if time.monotonic() > until:
            return False
        time.sleep(POLL_S)
    return True


def _outside(path: Path, confinement: Confinement) -> Path:
    real = path.resolve()
    if real.is_relative_to(confinement.workspace):
        raise ValueError(f"{path} is in the workspace, where the command could change it; name one outside")
    return real
