"""End what a command has left when its supervisor was killed."""

from __future__ import annotations

import os
import time

from spacefactory.confine import claims
from spacefactory.confine.tree import kill, leftovers

POLL_S = 0.02
GIVE_UP_S = 10.0


def sweep(mark: str, uid: int | None) -> None:
    """Kill every process with the mark in its environment or of the user, until there is none.

    Args:
        mark: `NAME=value`.
        uid: the user that only this command had; not touched when it is another command's by now.

    Raises:
        TimeoutError: the kernel does not let go of a process.
    """
    lock = None if uid is None else claims.last(uid)
    until = time.monotonic() + GIVE_UP_S
    try:
        while left := leftovers(mark, None if lock is None else uid):
            kill(left)
            if time.monotonic() > until:
                raise TimeoutError(f"{len(left)} processes do not end although they were killed; see: ps {min(left)}")
            time.sleep(POLL_S)
    finally:
        if lock is not None:
            os.close(lock)
