"""Files of a folder that an agent writes, touched by a process that may do more than the agent.

Nothing here follows a link: the agent may have planted one anywhere. Every folder on the way is opened by descriptor.
"""

from __future__ import annotations

import difflib
import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

MAX_FILE = 256 << 10
MAX_FILES = 400
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def read(folder: Path, name: str, limit: int = MAX_FILE) -> str | None:
    """The text of a plain file; None when it is missing, larger than `limit` bytes, or anything else than that."""
    try:
        with _parent(folder, name) as (parent, last):
            handle = os.open(last, _FILE, dir_fd=parent)
    except OSError:
        return None
    with os.fdopen(handle, "rb") as file:
        facts = os.fstat(handle)
        if not stat.S_ISREG(facts.st_mode) or facts.st_nlink != 1 or facts.st_size > limit:
            return None
        return file.read(limit).decode(errors="replace")


def write(folder: Path, name: str, content: str | bytes) -> None:
    """Put a file in the place of whatever has its name; missing folders are made, links on the way are removed."""
    with _parent(folder, name, make=True) as (parent, last):
        _remove(parent, last)
        with os.fdopen(os.open(last, _NEW, 0o644, dir_fd=parent), "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)


def remove(folder: Path, name: str) -> None:
    """Remove a file, link or folder; no error when it is not there."""
    with suppress(OSError), _parent(folder, name) as (parent, last):
        _remove(parent, last)


def names(folder: Path, name: str) -> tuple[str, ...]:
    """Names in a folder inside; none when it is missing or a link."""
    try:
        with _parent(folder, name) as (parent, last):
            handle = os.open(last, _FOLDER, dir_fd=parent)
    except OSError:
        return ()
    try:
        with os.scandir(handle) as entries:
            return tuple(sorted(entry.name for entry in entries if _is_text(entry.name))[:MAX_FILES])
    finally:
        os.close(handle)


def files(folder: Path) -> tuple[str, ...]:
    """Paths of the first few hundred plain files, sorted; what tools leave under hidden names is left out."""
    found: list[str] = []
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "__pycache__")
        for name in sorted(names):
            path = Path(here, name)
            if _is_text(name) and stat.S_ISREG(path.lstat().st_mode):
                found.append(path.relative_to(folder).as_posix())
            if len(found) >= MAX_FILES:
                return tuple(found)
    return tuple(sorted(found))


def texts(folder: Path) -> dict[str, str]:
    """What those files say, as far as they are text of a usual size."""
    found = ((name, read(folder, name)) for name in files(folder))
    return {name: text for name, text in found if text is not None and "\0" not in text and "\ufffd" not in text}


def copy(folder: Path, target: Path) -> None:
    """The folder as it is, links as links, in the place of `target`."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(folder, target, symlinks=True, ignore=shutil.ignore_patterns(".*", "__pycache__"))


def difference(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """What changed, as a unified diff."""
    parts: list[str] = []
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        lines = difflib.unified_diff(
            (old or "").splitlines(),
            (new or "").splitlines(),
            f"a/{name}" if old is not None else "/dev/null",
            f"b/{name}" if new is not None else "/dev/null",
            lineterm="",
        )
        parts += [line + "\n" for line in lines]
    return "".join(parts)


@contextmanager
def _parent(folder: Path, name: str, *, make: bool = False) -> Iterator[tuple[int, str]]:
    """The descriptor of the folder that holds a file, and the file's own name."""
    *parts, last = Path(name).parts
    if Path(name).is_absolute() or ".." in (*parts, last):
        raise ValueError(f"{name!r} is not inside a folder")
    here = os.open(folder, _FOLDER)
    try:
        for part in parts:
            if make:
                _make(here, part)
            inner = os.open(part, _FOLDER, dir_fd=here)
            os.close(here)
            here = inner
        yield here, last
    finally:
        os.close(here)


def _make(parent: int, name: str) -> None:
    with suppress(FileNotFoundError):
        if not stat.S_ISDIR(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode):
            os.unlink(name, dir_fd=parent)
    with suppress(FileExistsError):
        os.mkdir(name, 0o755, dir_fd=parent)


def _remove(parent: int, name: str) -> None:
    try:
        facts = os.stat(name, dir_fd=parent, follow_symlinks=False)
    except FileNotFoundError:
        return
    if stat.S_ISDIR(facts.st_mode):
        shutil.rmtree(name, dir_fd=parent)
    else:
        os.unlink(name, dir_fd=parent)


def _is_text(name: str) -> bool:
    """Whether a name can stand in a document."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
