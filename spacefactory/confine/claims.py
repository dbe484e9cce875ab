"""Which supervisors use which user, so that killing by user never reaches another command.

Each holds a shared lock on the user's file as long as its command may have processes. To kill by user it needs the
lock for itself: then nobody else has the user, and a newcomer waits until the killing is done.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from spacefactory.confine.processes import of_user

PLACE = Path("/run/spacefactory-users")
"""Root's alone, and gone after the machine's next start, as the processes are."""


def alone(uid: int) -> int | None:
    """A lock on a user that nothing has; None when something has it."""
    handle = _open(uid)
    if handle is None:
        return None
    if only_holder(handle) and not of_user(uid):
        fcntl.flock(handle, fcntl.LOCK_SH)
        return handle
    os.close(handle)
    return None


def shared(uid: int) -> tuple[int | None, bool]:
    """A lock on a user, and whether it had no process yet; waits while another supervisor kills by it."""
    handle = _open(uid)
    if handle is None:
        return None, False
    fcntl.flock(handle, fcntl.LOCK_SH)
    return handle, not of_user(uid)


def last(uid: int) -> int | None:
    """A lock on a user for killing what is left of it; None when another command has it."""
    handle = _open(uid)
    if handle is not None and not only_holder(handle):
        os.close(handle)
        return None
    return handle


def only_holder(handle: int) -> bool:
    """Make the lock exclusive; where another supervisor has the user, the lock is given up instead."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _open(uid: int) -> int | None:
    """The user's file; None where there is no place for it: then nothing is killed by user."""
    try:
        PLACE.mkdir(mode=0o700, exist_ok=True)
        facts = PLACE.lstat()
        if facts.st_uid != os.geteuid() or facts.st_mode & 0o777 != 0o700:
            return None
        return os.open(PLACE / str(uid), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError:
        return None
