"""End every process of a command, however it tried to leave.

The supervisor is the subreaper: whatever is orphaned below it becomes its child, in whatever session or group. So what
the command has started is what /proc shows below the supervisor, until the supervisor itself ends; after that, the mark
in the environment and the user tell.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterable

from spacefactory.confine.processes import children, descendants, every, marked, of_user

PAUSE_S = 0.002
CHASES = 500


def collect() -> dict[int, int]:
    """Wait for all children that have ended, without blocking; exit code by pid."""
    ended: dict[int, int] = {}
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            ended[pid] = os.waitstatus_to_exitcode(status)
    return ended


def end_all(uid: int | None) -> dict[int, int]:
    """Kill all descendants of this process until there is none; exit codes of those that became children.

    Args:
        uid: a user that only the command has: one call then reaches all its processes, faster than they can fork.
            While it is killed by that, nobody else may have it, see `claims`.
    """
    ended = collect()
    while True:
        if uid is not None:
            _kill_user(uid)
        below = descendants(os.getpid())
        _kill_groups({seen.group for seen in below} - {os.getpgrp()})
        kill(seen.pid for seen in below)
        ended |= collect()
        if not below:
            return ended
        ended |= _chase()
        time.sleep(PAUSE_S)


def _kill_groups(groups: Iterable[int]) -> None:
    """The kernel kills a group as a whole, so no process of it gets away by forking meanwhile."""
    for group in groups:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)


def _chase() -> dict[int, int]:
    """Kill children as they come.

    One that forks, lets its child take a session of its own and ends is gone before all of /proc has been read; but its
    child becomes ours at once, and the list of children is read faster than a process is made.
    """
    ended: dict[int, int] = {}
    for _ in range(CHASES):
        left = children()
        kill(left)
        ended |= collect()
        if not left:
            break
    return ended


def leftovers(mark: str, uid: int | None) -> set[int]:
    """Processes of a command whose supervisor has ended; those that have ended too do not count."""
    found = {*marked(mark), *(of_user(uid) if uid is not None else ())}
    dead = {seen.pid for seen in every() if seen.state in "ZX"}
    return found - dead - {os.getpid()}


def kill(pids: Iterable[int]) -> None:
    """SIGKILL to each that still is."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _kill_user(uid: int) -> None:
    """Kill by user in one call of the kernel; done by a child that becomes that user, so nothing else is hit."""
    child = os.fork()
    if child == 0:
        try:
            os.setresuid(uid, uid, uid)
            os.kill(-1, signal.SIGKILL)
        finally:
            os._exit(0)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(child, 0)
