"""End what a command has left when its supervisor was killed."""

from __future__ import annotations

import time
from contextlib import closing, nullcontext

from spacefactory.confine.tree import kill, leftovers
from spacefactory.confine.users import reclaim

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
    claim = None if uid is None else reclaim(uid)
    with nullcontext() if claim is None else closing(claim):
        until = time.monotonic() + GIVE_UP_S
        while left := leftovers(mark, None if claim is None else uid):
            kill(left)
            if time.monotonic() > until:
                raise TimeoutError(f"{len(left)} processes do not end although they were killed; see: ps {min(left)}")
            time.sleep(POLL_S)
