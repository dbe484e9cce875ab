"""The caps that no resource limit of the kernel covers: looked at again and again while the command runs."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from spacefactory.confine.order import Order
from spacefactory.confine.processes import descendants, memory
from spacefactory.confine.users import User

PERIOD_S = 2.0
TASKS_PERIOD_S = 0.02
"""A fork loop makes thousands of processes in a second."""
ENTRY_BYTES = 1024
"""What a name and its inode cost: a million empty files fill a disk too."""
BLOCK = 512

Look = tuple[float, str]
"""Seconds until the next look (0: it is not finished), and what was exceeded."""


def watch(order: Order, user: User) -> Iterator[Look]:
    """Look at every cap of the order, a little at each step; ends at once when there is none."""
    limits = order.confinement.limits
    tasks = limits.processes if unbounded(user) else None
    if (tasks, limits.workspace_bytes, limits.total_memory_bytes) == (None, None, None):
        return
    if tasks is not None:
        _hurry()
    base, due = _tasks_of_machine(), 0.0
    while True:
        if tasks is not None and _tasks_of_machine() - base > tasks:
            yield 0.0, _too_many(tasks)
        if time.monotonic() >= due:
            yield from _memory(limits.total_memory_bytes)
            yield from _disk(order.confinement.workspace, limits.workspace_bytes)
            due = time.monotonic() + PERIOD_S
        yield (PERIOD_S if tasks is None else TASKS_PERIOD_S), ""


def unbounded(user: User) -> bool:
    """Whether the kernel does not count the tasks: it does not hold root to RLIMIT_NPROC."""
    return user.uid == 0 and user.group is None


def _hurry() -> None:
    """Before every ordinary task, whatever its niceness: groups of sessions make that a matter among relatives."""
    with suppress(PermissionError):  # then the command's own niceness has to do
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(os.sched_get_priority_min(os.SCHED_RR)))


def _tasks_of_machine() -> int:
    """Tasks of the whole machine: one cheap reading, enough to see that counting the command's own is needed."""
    return int(Path("/proc/loadavg").read_text().split()[3].partition("/")[2])


def _too_many(cap: int) -> str:
    if sum(seen.threads for seen in descendants(os.getpid())) <= cap:
        return ""
    return f"ended: it ran more than {cap} processes and threads"


def _memory(cap: int | None) -> Iterator[Look]:
    if cap is not None and sum(memory(seen.pid) for seen in descendants(os.getpid())) > cap:
        yield 0.0, f"ended: its processes held more than {cap >> 20} MiB of memory"


def _disk(workspace: Path, cap: int | None) -> Iterator[Look]:
    if cap is None:
        return
    total = 0
    try:
        for size in sizes(workspace):
            total += size
            yield 0.0, ""
            if total > cap:
                yield 0.0, f"ended: its workspace held more than {cap >> 20} MiB"
    except OSError as error:
        yield 0.0, f"ended: its workspace cannot be measured ({error.strerror}: {error.filename})"


def sizes(folder: Path) -> Iterator[int]:
    """Bytes on disk of everything below a folder, entry by entry; links are not followed.

    Raises:
        OSError: a folder cannot be read, which would hide what is in it.
    """
    left = [os.fspath(folder)]
    while left:
        try:
            entries = os.scandir(left.pop())
        except OSError as error:
            if error.errno == errno.ENOENT:
                continue
            raise
        with entries:
            for entry in entries:
                size, is_folder = _entry(entry)
                yield size
                if is_folder:
                    left.append(entry.path)


def _entry(entry: os.DirEntry[str]) -> tuple[int, bool]:
    try:
        return entry.stat(follow_symlinks=False).st_blocks * BLOCK + ENTRY_BYTES, entry.is_dir(follow_symlinks=False)
    except FileNotFoundError:
        return 0, False
