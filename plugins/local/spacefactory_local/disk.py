"""What the disk refuses, said in one sentence."""

from __future__ import annotations

import errno
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from spacefactory.errors import PlatformError

_STEPS = {
    errno.ENOSPC: "free some space, or set SPACEFACTORY_HOME to another disk",
    errno.EDQUOT: "free some of your quota, or set SPACEFACTORY_HOME to another disk",
    errno.EACCES: "make it writable, or set SPACEFACTORY_HOME to a folder of yours",
    errno.EPERM: "make it writable, or set SPACEFACTORY_HOME to a folder of yours",
    errno.EROFS: "set SPACEFACTORY_HOME to a folder that can be written",
    errno.ENOTDIR: "set SPACEFACTORY_HOME to a folder",
    errno.EEXIST: "set SPACEFACTORY_HOME to a folder",
}


@contextmanager
def told(what: str, where: Path) -> Iterator[None]:
    """Turn a failure of the disk into a `PlatformError`: `what` cannot be done in `where`."""
    try:
        yield
    except OSError as error:
        step = _STEPS.get(error.errno or 0, "look at that folder, or set SPACEFACTORY_HOME to another one")
        raise PlatformError(f"{what}: {error.strerror or error} ({error.filename or where})", step) from None


def aside(folder: Path, kind: str) -> Path:
    """A name beside others in a folder that nobody uses yet; names with a leading dot are never taken for whole."""
    from ulid import ULID

    return folder / f".{kind}-{ULID()}"


def remove(folder: Path) -> None:
    """Remove a folder so that no half of it is ever seen under its name.

    Raises:
        FileNotFoundError: there is none.
        OSError: it cannot be moved out of the way.
    """
    gone = aside(folder.parent, "removed")
    folder.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)


def sweep(folder: Path, kind: str, age_s: float = 0) -> None:
    """Remove what an interrupted process left aside.

    Args:
        folder: where it was left.
        kind: of the name that `aside` gave.
        age_s: what is younger stays; 0 is for a caller whose lock keeps others from having something aside now.
    """
    with suppress(OSError):
        for path in folder.glob(f".{kind}-*"):
            if time.time() - path.lstat().st_mtime >= age_s:
                shutil.rmtree(path, ignore_errors=True)
