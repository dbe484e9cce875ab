"""Which user the command runs as.

An ordinary user stays. Root becomes the user that was asked for, or is refused. When none was asked for, root takes a
user that nothing else has, if that user can reach the command, its readable trees and its workspace; where only root
can (an interpreter in root's home), root stays but gives up every capability: Landlock then covers what the user would.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from spacefactory.confine import capabilities, claims, control_group
from spacefactory.confine.kernel import Refused
from spacefactory.confine.order import PATH, TEMPORARY, Order
from spacefactory.confine.processes import of_user
from spacefactory.confine.spec import Confinement

FIRST_UID, LAST_UID = 20000, 59999
"""Users that no distribution gives to people or services, inside the 65536 that containers map."""
TRIES = 100
TO_BECOME = (capabilities.CHOWN, capabilities.KILL, capabilities.SETGID, capabilities.SETUID)


@dataclass(frozen=True)
class User:
    """Who the command runs as.

    Args:
        uid: the user.
        changed: whether the launcher becomes it; otherwise it is the user that the supervisor has.
        lock: held while the command may have processes, see `claims`; None where nothing may be killed by user.
        group: control group that bounds its tasks where no limit of the user does, see `control_group`.
    """

    uid: int
    changed: bool
    lock: int | None = None
    group: Path | None = None

    @property
    def mode(self) -> str:
        """How it came to be, in a word."""
        return "changed" if self.changed else "ordinary" if self.uid else "root_without_capabilities"

    @property
    def own(self) -> int | None:
        """The uid, when nothing but the commands of this package had it when this one began."""
        return None if self.lock is None else self.uid


def choose(order: Order) -> User:
    """The user for a command.

    Raises:
        Refused: the user that was asked for cannot be had.
    """
    asked, mine = order.confinement.uid, os.geteuid()
    if mine != 0:
        if asked not in (None, mine):
            raise Refused(f"only root can run the command as user {asked}")
        return User(mine, changed=False)
    if asked is not None:
        _must_be_able(asked)
        return _also(asked)
    if _kept_before(order.confinement.workspace) or not _able(FIRST_UID) or not _within_reach(order):
        return _root(order.confinement.limits.processes)
    return _a_free_one(order.confinement.workspace)


def _root(tasks: int | None) -> User:
    return User(0, changed=False, group=None if tasks is None else control_group.make(tasks))


def reachable(path: str | Path) -> bool:
    """Whether a user without any rights of its own can get to this file or folder and read it."""
    real = Path(os.path.realpath(path))
    try:
        mode = real.stat().st_mode
        above = [parent.stat().st_mode for parent in {*real.parents, *Path(path).absolute().parents}]
    except OSError:
        return False
    wanted = stat.S_IROTH | (stat.S_IXOTH if stat.S_ISDIR(mode) else 0)
    return mode & wanted == wanted and all(each & stat.S_IXOTH for each in above)


def _a_free_one(workspace: Path) -> User:
    """The user that the workspace belongs to already, shared if need be; else the first that is free."""
    owner = workspace.stat().st_uid
    if FIRST_UID <= owner <= LAST_UID:
        return _also(owner)
    for uid in islice(_candidates(), TRIES):
        lock = claims.alone(uid)
        if lock is not None:
            return User(uid, changed=True, lock=lock)
    uid = next(uid for uid in _candidates() if not of_user(uid))
    return User(uid, changed=True)


def _also(uid: int) -> User:
    """A user that is given; nothing is killed by it if it had processes before, which may be anybody's."""
    lock, unused = claims.shared(uid)  # held to the end in any case, so that others do not kill by it
    return User(uid, changed=True, lock=lock if unused else None)


def _candidates() -> Iterator[int]:
    """From a random one on, so that a workspace that was left behind rarely has the user of a new one."""
    size = LAST_UID - FIRST_UID + 1
    first = int.from_bytes(os.urandom(4), "little") % size
    return (FIRST_UID + (first + step) % size for step in range(size))


def _kept_before(workspace: Path) -> bool:
    """Whether root has stayed for a command here before: two users in turn would take each other's files away."""
    try:
        return (workspace / TEMPORARY).lstat().st_uid == 0
    except FileNotFoundError:
        return False


def _within_reach(order: Order) -> bool:
    confinement = order.confinement
    above = [parent.stat().st_mode for parent in confinement.workspace.parents]
    needed = (*_program(order), *map(str, confinement.readable))
    return all(mode & stat.S_IXOTH for mode in above) and all(map(reachable, needed))


def _program(order: Order) -> tuple[str, ...]:
    """The file that will be executed, unless it is in the workspace, which is handed over."""
    if not order.argv:
        return ()
    found = locate(order.argv[0], order.confinement)
    if found is None or Path(found).absolute().is_relative_to(order.confinement.workspace):
        return ()
    return (found,)


def locate(name: str, confinement: Confinement) -> str | None:
    """The file that a command's first word means; None when there is none."""
    if "/" in name:
        return str(confinement.workspace / name)
    folders = confinement.environment.get("PATH", PATH).split(os.pathsep)
    found = (str(confinement.workspace / folder / name) for folder in folders)
    return next((path for path in found if Path(path).is_file() and os.access(path, os.X_OK)), None)


def _must_be_able(uid: int) -> None:
    if not _able(uid):
        raise Refused(f"this root may not become user {uid}: it lacks the capabilities, or the user is not mapped")


def _able(uid: int) -> bool:
    return capabilities.holds(*TO_BECOME) and _mapped(uid)


def _mapped(uid: int) -> bool:
    """Whether the user exists in this user namespace."""
    rows = (line.split() for line in Path("/proc/self/uid_map").read_text().splitlines())
    return any(int(first) <= uid < int(first) + int(count) for first, _, count in rows)
