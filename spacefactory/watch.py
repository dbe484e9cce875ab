"""A run seen from outside: found by the beginning of its id, followed while somebody else works on it, deleted."""

from __future__ import annotations

import fcntl
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

from spacefactory.errors import NotFoundError, UsageError
from spacefactory.providers import RunStore
from spacefactory.record.journal import LOG, read_events
from spacefactory.record.lines import decode
from spacefactory.schema.event import Event, EventType

POLL_S = 0.25
SILENCE_S = 10.0
"""How long a run may have no living writer before following it ends: a job that was just submitted has none yet."""
FULL_ID = 26


def find(prefix: str, store: RunStore) -> tuple[str, Path]:
    """The id and folder of the run whose id begins so.

    Raises:
        NotFoundError: no run, or more than one, begins so.
    """
    wanted = prefix.upper()
    known = (
        [wanted] if len(wanted) == FULL_ID else [run.run_id for run in store.list() if run.run_id.startswith(wanted)]
    )
    if not wanted or len(known) > 1:
        raise NotFoundError(
            f"{len(known)} runs begin with {prefix!r}", "give more of the id, see: spacefactory runs list"
        )
    folder = store.find(known[0]) if known else None
    if folder is None:
        raise NotFoundError(f"there is no run {prefix!r}", "see: spacefactory runs list")
    return known[0], folder


def events(folder: Path) -> list[Event]:
    """What the log of a run holds now; nothing when it was never begun."""
    try:
        return read_events(folder / LOG)
    except FileNotFoundError:
        return []


def follow(folder: Path) -> Iterator[Event]:
    """Every event of a run, the old ones first and the new ones as they come, until it ends or nobody works on it.

    Raises:
        DamagedError: a line of the log cannot be trusted.
    """
    offset, last, silent = 0, None, time.monotonic()
    while True:
        offset, fresh = more(folder / LOG, offset)
        for event in fresh:
            last, silent = event, time.monotonic()
            yield event
        if not fresh and last is not None and (_ended(last) or _abandoned(last, silent)):
            return
        if not fresh:
            time.sleep(POLL_S)


def more(log: Path, offset: int) -> tuple[int, list[Event]]:
    """The events in whole lines after an offset, and the offset behind them.

    Raises:
        DamagedError: a line of the log cannot be trusted.
    """
    try:
        with log.open("rb") as file:
            file.seek(offset)
            data = file.read()
    except FileNotFoundError:
        return offset, []
    end = data.rfind(b"\n") + 1
    return offset + end, [Event.model_validate(decode(line)) for line in data[:end].split(b"\n")[:-1]]


def _ended(event: Event) -> bool:
    return event.type in (EventType.RUN_CONCLUDED, EventType.RUN_INTERRUPTED)


def _abandoned(last: Event, since: float) -> bool:
    return writer_lives(last) is False and time.monotonic() - since > SILENCE_S


def writer_lives(event: Event) -> bool | None:
    """Whether the process that wrote an event is there; None when it is on another machine."""
    host, _, number = event.writer.rpartition(":")
    if host != socket.gethostname() or not number.isdigit():
        return None
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def delete(run_id: str, folder: Path, store: RunStore) -> None:
    """Remove a run's record while holding its lock, so that nobody can begin to work on it meanwhile.

    Raises:
        UsageError: somebody works on it.
    """
    lock = _lock(folder / LOG, run_id)
    try:
        store.delete(run_id)
    finally:
        if lock is not None:
            os.close(lock)


def _lock(log: Path, run_id: str) -> int | None:
    try:
        fd = os.open(log, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        raise UsageError(
            f"run {run_id} is being worked on", f"end it first: spacefactory runs cancel {run_id}"
        ) from None
    return fd
