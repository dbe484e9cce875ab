"""What is kept of a detached command in its folder: who it is, how it ended."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from spacefactory.confine.kernel import Refused
from spacefactory.confine.order import NONCE, Order
from spacefactory.confine.processes import Identity, boot, identify

LOCK, IDENTITY, END, GRACE = "supervisor.lock", "identity.json", "end.json", "stop.json"
RUNNING = "a command that was started in this folder is still running; stop it first"


@dataclass(frozen=True)
class Identified:
    """A detached command.

    Args:
        boot: mark of the machine's start that it belongs to.
        mark: `NAME=value` in the environment of each of its processes.
        uid: the user that only it has, or None.
        supervisor: the process that attends to it.
        command: the command itself; None before it has been started.
    """

    boot: str
    mark: str
    uid: int | None
    supervisor: Identity
    command: Identity | None


@contextmanager
def owned(folder: str) -> Iterator[None]:
    """Be the only supervisor of a folder, until the process ends at the latest.

    Raises:
        Refused: another one is.
    """
    handle = os.open(Path(folder, LOCK), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Refused(RUNNING) from None
    try:
        yield
    finally:
        os.close(handle)


def begin(folder: str, order: Order, uid: int | None) -> None:
    """Record the supervisor, before there is a command; what an earlier one left is forgotten."""
    for name in (END, GRACE):
        Path(folder, name).unlink(missing_ok=True)
    me = Identified(boot(), f"{NONCE}={order.nonce}", uid, identify(os.getpid()), None)
    _write(folder, IDENTITY, asdict(me))


def began(folder: str, child: int) -> None:
    """Add the command."""
    _write(folder, IDENTITY, _read(folder, IDENTITY) | {"command": asdict(identify(child))})


def ended(folder: str, code: int, exceeded: str) -> None:
    """Record how the command ended, after all its processes have."""
    _write(folder, END, {"returncode": code, "exceeded": exceeded})


def identity(folder: Path) -> Identified | None:
    """The command of a folder; None when none was started there since the machine was."""
    facts = _read(folder, IDENTITY)
    if not facts or facts["boot"] != boot():
        return None
    command = facts["command"]
    return Identified(
        boot=facts["boot"],
        mark=facts["mark"],
        uid=facts["uid"],
        supervisor=Identity(**facts["supervisor"]),
        command=Identity(**command) if command else None,
    )


def code(folder: Path) -> int | None:
    """Exit code of the command of a folder; None when it runs, or nobody saw how it ended."""
    found = _read(folder, END).get("returncode")
    return None if found is None else int(found)


def ask_to_stop(folder: Path, seconds: float) -> None:
    """Leave word how long the command has between SIGTERM and SIGKILL."""
    _write(folder, GRACE, {"grace": seconds})


def grace(folder: str | None) -> float:
    """Seconds that the command has to end; none unless someone left word."""
    return 0.0 if folder is None else float(_read(folder, GRACE).get("grace", 0.0))


def _write(folder: str | Path, name: str, facts: dict[str, Any]) -> None:
    """Replace the file as a whole: a reader never sees half of it."""
    fresh = Path(folder, f".{name}.{os.getpid()}")
    fresh.write_text(json.dumps(facts), encoding="utf-8")
    fresh.replace(Path(folder, name))


def _read(folder: str | Path, name: str) -> dict[str, Any]:
    try:
        facts: dict[str, Any] = json.loads(Path(folder, name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return facts
