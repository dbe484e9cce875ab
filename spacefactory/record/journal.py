"""The one writer of a run's log: append, fsync, recover.

Measured on ext4: 0.2 ms an append with fsync (`benchmarks/journal.py` compares it with a bare loop).
"""

from __future__ import annotations

import fcntl
import os
import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from spacefactory.errors import BlockedError, PlatformError, UsageError
from spacefactory.record import LOG as LOG
from spacefactory.record.lines import DamagedError, encode, scan
from spacefactory.schema.event import Event, EventType

Clean = Callable[[Any], Any]
Hear = Callable[[Event], None]


def boot_id() -> str:
    """Identifies the boot that monotonic times belong to; empty where the system does not say."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def read_events(path: Path) -> list[Event]:
    """The events of a log that somebody else may be writing; a torn tail is left out.

    Raises:
        DamagedError: a whole line cannot be trusted.
    """
    events, _ = scan(path.read_bytes())
    return [Event.model_validate(event) for event in events]


class Journal:
    """Holds the lock of a log for as long as it is open.

    Args:
        path: the log, made when it is missing.
        run_id: written into each event.
        clean: takes secrets out of facts before they are encoded.

    Raises:
        UsageError: another process is writing this log.
        BlockedError: the log is damaged (`damaged_record`); a copy is kept beside it.
    """

    def __init__(self, path: Path, run_id: str, clean: Clean = lambda facts: facts) -> None:
        self.path = path
        self._run_id = run_id
        self._clean = clean
        self._boot = boot_id()
        self._writer = f"{socket.gethostname()}:{os.getpid()}"
        self._listeners: list[Hear] = []
        self._turn = threading.RLock()  # the broker tells of requests while the agent tells of its work
        fresh = not path.exists()
        self._fd = _open(path)
        if fresh:
            _sync_folder(path.parent)
        self.events: list[Event] = []
        self._heard = 0
        self._size = 0
        self._recover()
        self._epoch = 1 + max((event.epoch for event in self.events), default=-1)

    def listen(self, hear: Hear) -> None:
        """Have `hear` called with each event after it is safe on disk; after an interrupt, possibly twice."""
        self._listeners.append(hear)

    def append(self, kind: str, **facts: JsonValue) -> Event:
        """Write one event; when this returns, it survives a power cut. Threads take turns.

        Raises:
            PlatformError: the disk is full or failing; the journal is closed and the torn tail goes on the next open.
        """
        with self._turn:
            return self._append(kind, facts)

    def _append(self, kind: str, facts: dict[str, JsonValue]) -> Event:
        self._look_again()
        event = Event(
            seq=len(self.events),
            run_id=self._run_id,
            type=kind,
            at=datetime.now(UTC).isoformat(timespec="milliseconds"),
            mono=round(time.monotonic(), 3),
            boot_id=self._boot,
            writer=self._writer,
            epoch=self._epoch,
            facts=self._clean(facts),
        )
        line = encode(event.as_json())
        self._write(line)
        self._size += len(line)
        self.events.append(event)
        self._tell()
        return event

    def close(self) -> None:
        """Give up the lock."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _write(self, line: bytes) -> None:
        if self._fd < 0:
            raise PlatformError(
                "the run's log is closed", "resume the run once the disk has room: spacefactory runs resume"
            )
        try:
            written = os.write(self._fd, line)
            os.fsync(self._fd)
        except OSError as error:
            self.close()
            raise PlatformError(f"the run's log cannot be written: {error.strerror}", _resume(self._run_id)) from None
        if written != len(line):
            self.close()
            raise PlatformError("the run's log cannot be written: the disk is full", _resume(self._run_id))

    def _tell(self) -> None:
        while self._heard < len(self.events):
            for hear in self._listeners:
                hear(self.events[self._heard])
            self._heard += 1

    def _look_again(self) -> None:
        """Ctrl-C may strike between a write and the note of it: then the log knows more than we do."""
        if self._fd >= 0 and os.fstat(self._fd).st_size != self._size:
            self._read()
            self._tell()

    def _recover(self) -> None:
        torn = self._read()
        self._heard = len(self.events)
        if torn:
            self._epoch = 0
            self.append(EventType.LOG_RECOVERED, bytes=torn)

    def _read(self) -> int:
        """Take the events from the file, and cut off a torn tail; returns its length."""
        data = self.path.read_bytes()
        try:
            raw, end = scan(data)
            self.events[:] = [Event.model_validate(event) for event in raw]
        except ValueError as error:
            self.close()
            raise _damaged(self.path, data, error) from None
        if end < len(data):
            os.ftruncate(self._fd, end)
            os.fsync(self._fd)
        self._size = end
        return len(data) - end


def _open(path: Path) -> int:
    try:
        fd = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise PlatformError(f"{path} cannot be opened: {error.strerror}", "make its folder writable") from None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        raise UsageError(
            "another process is working on this run", "wait for it, or end it with: spacefactory runs cancel"
        ) from None
    return fd


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _damaged(path: Path, data: bytes, error: Exception) -> BlockedError:
    copy = path.with_name(f"{path.name}.damaged-{int(time.time())}")
    copy.write_bytes(data)
    what = str(error) if isinstance(error, DamagedError) else "an event of an unknown form"
    return BlockedError(
        "damaged_record", f"the run's log is damaged ({what}); a copy is {copy.name}", "start the build again"
    )


def _resume(run_id: str) -> str:
    return f"free some space, then: spacefactory runs resume {run_id}"
