"""What /proc says about processes: identity, descent, user, memory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True)
class Identity:
    """One process for good: a number is used again, its pair with the start time is not.

    Args:
        pid: number of the process.
        started: clock ticks from the machine's start to its own.
    """

    pid: int
    started: int


@dataclass(frozen=True)
class Seen:
    """A process at one moment."""

    pid: int
    parent: int
    group: int
    state: str
    started: int
    threads: int


def look(pid: int) -> Seen | None:
    """The process of this number; None when there is none."""
    try:
        line = (PROC / str(pid) / "stat").read_bytes()
    except OSError:
        return None
    # the name is in brackets and may hold anything, brackets too
    words = line[line.rindex(b")") + 2 :].split()
    return Seen(pid, int(words[1]), int(words[2]), words[0].decode(), int(words[19]), int(words[17]))


def identify(pid: int) -> Identity:
    """The identity of a process of ours that has not been waited for.

    Raises:
        ProcessLookupError: there is none.
    """
    seen = look(pid)
    if seen is None:
        raise ProcessLookupError(f"there is no process {pid}")
    return Identity(pid, seen.started)


def running(process: Identity) -> bool:
    """Whether exactly this process still runs; one that has ended and was not waited for does not."""
    seen = look(process.pid)
    return seen is not None and seen.started == process.started and seen.state not in "ZX"


def boot() -> str:
    """Mark of the machine's present start: after another start, numbers and times say nothing."""
    return (PROC / "sys/kernel/random/boot_id").read_text().strip()


def every() -> Iterator[Seen]:
    """All processes that can be seen."""
    for name in _names():
        if (seen := look(int(name))) is not None:
            yield seen


def descendants(pid: int) -> list[Seen]:
    """All processes below one, also those that have ended and were not waited for."""
    children: dict[int, list[Seen]] = {}
    for seen in every():
        children.setdefault(seen.parent, []).append(seen)
    found = list(children.get(pid, ()))
    for seen in found:
        found += children.get(seen.pid, ())
    return found


def children() -> list[int]:
    """Children of this thread, in one short reading; none where the kernel does not list them."""
    try:
        return [int(word) for word in Path("/proc/thread-self/children").read_bytes().split()]
    except FileNotFoundError:
        return []


def of_user(uid: int) -> list[int]:
    """Processes with this real, effective or saved user."""
    return [int(name) for name in _names() if uid in _users(name)]


def tasks_of_user(uid: int) -> int:
    """Threads of this real user: what RLIMIT_NPROC counts."""
    mine = (look(int(name)) for name in _names() if uid in _users(name)[:1])
    return sum(seen.threads for seen in mine if seen is not None)


def marked(mark: str) -> list[int]:
    """Processes that were started with this `NAME=value` in their environment, as far as it can be read."""
    wanted = mark.encode()
    return [int(name) for name in _names() if wanted in _environment(name)]


def memory(pid: int) -> int:
    """Resident bytes of a process that are no copy of a file; 0 when it is gone."""
    try:
        lines = (PROC / str(pid) / "status").read_text(errors="replace").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith(("RssAnon:", "RssShmem:")))


def _names() -> list[str]:
    with os.scandir(PROC) as entries:
        return [entry.name for entry in entries if entry.name.isdecimal()]


def _users(name: str) -> list[int]:
    try:
        lines = (PROC / name / "status").read_text(errors="replace").splitlines()
    except OSError:
        return []
    return next(([int(word) for word in line.split()[1:4]] for line in lines if line.startswith("Uid:")), [])


def _environment(name: str) -> list[bytes]:
    try:
        return (PROC / name / "environ").read_bytes().split(b"\0")
    except OSError:
        return []
