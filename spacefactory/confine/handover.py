"""Give a workspace to the user who will write it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from spacefactory.confine.kernel import Refused
from spacefactory.confine.order import TEMPORARY


def prepare(workspace: Path, uid: int, gid: int) -> None:
    """Make the temporary folder and hand over what belongs to others.

    Raises:
        Refused: something in it cannot be handed over without reaching a file elsewhere.
    """
    temporary = workspace / TEMPORARY
    try:
        temporary.mkdir(exist_ok=True)
        if not stat.S_ISDIR(temporary.lstat().st_mode):
            raise Refused(f"{temporary} is a link, and the command's temporary folder must be in its workspace")
        if os.geteuid() == 0:
            hand_over(workspace, uid, gid)
    except OSError as error:
        raise Refused(f"the workspace {workspace} cannot be made ready: {error.strerror}: {error.filename}") from error


def hand_over(workspace: Path, uid: int, gid: int) -> None:
    """Change the owner of everything that has another.

    Links are not followed. Walking by descriptor keeps the walk inside, even if folders are swapped meanwhile.

    Raises:
        Refused: a hard link or a special file belongs to another user; changing it would change a file elsewhere.
    """
    if workspace.stat().st_uid != uid:
        os.chown(workspace, uid, gid)
    for folder, folders, files, handle in os.fwalk(workspace, follow_symlinks=False):
        for name in (*folders, *files):
            facts = os.stat(name, dir_fd=handle, follow_symlinks=False)
            if facts.st_uid != uid:
                _must_be_plain(facts, Path(folder, name))
                os.chown(name, uid, gid, dir_fd=handle, follow_symlinks=False)


def _must_be_plain(facts: os.stat_result, path: Path) -> None:
    if stat.S_ISDIR(facts.st_mode) or stat.S_ISLNK(facts.st_mode):
        return
    if not stat.S_ISREG(facts.st_mode) or facts.st_nlink > 1:
        kind = "has more than one name" if stat.S_ISREG(facts.st_mode) else "is no plain file"
        raise Refused(f"{path} in the workspace {kind}, so it cannot be handed to another user; copy it instead")
