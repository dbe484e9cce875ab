"""Copies a workspace that an agent wrote, without trusting a name, a link or a size in it.

The walk goes by open directory descriptors and follows no link; what is hashed is what was copied, so a file that is
swapped between the look and the copy changes nothing.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from spacefactory.errors import BlockedError

MAX_FILES = 200
MAX_BYTES = 10 << 20
MAX_BINARY = 1 << 20
MAX_DEPTH = 8
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,99}\Z")
DROPPINGS = frozenset(
    {".tmp", ".cache", ".config", ".local", ".npm", ".pytest_cache", ".mypy_cache", ".ruff_cache", "__pycache__"}
)
"""What tools leave in a folder that is also their home: never copied, never entered, named in the report."""
REFUSED_NAMES = frozenset({"sitecustomize.py", "usercustomize.py", "conftest.py"})
REFUSED_SUFFIXES = frozenset({".pth", ".so", ".pyd", ".pyc", ".dll", ".dylib", ".exe", ".whl", ".egg"})
"""Files that run by being there, or that hold code which no rule can read."""
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass
class Copied:
    """What came over: SHA-256 by path, and the names that were left where they are."""

    hashes: dict[str, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    size: int = 0


def refuse(path: str, why: str) -> BlockedError:
    """The error for a file that may not be published."""
    return BlockedError("lint", f"{path[:200]!r} cannot be published: {why}", "have the agent leave that file out")


def copy_out(workspace: Path, destination: Path) -> Copied:
    """Copy the regular files of a workspace into a new folder.

    Raises:
        BlockedError: the workspace holds something that may not be published.
        OSError: a file cannot be read or written.
    """
    destination.mkdir(parents=True)
    copied = Copied()
    root = os.open(workspace, _OPEN | os.O_DIRECTORY)
    try:
        _folder(root, "", destination, copied)
    finally:
        os.close(root)
    return copied


def _folder(folder: int, prefix: str, destination: Path, copied: Copied) -> None:
    if prefix.count("/") > MAX_DEPTH:
        raise refuse(prefix, f"folders are nested deeper than {MAX_DEPTH}")
    seen: set[str] = set()
    for name in _names(folder):
        path = prefix + name
        if name in DROPPINGS:
            copied.left_out.append(path)
            continue
        _check_name(name, path, seen)
        _entry(folder, name, path, destination, copied)


def _names(folder: int) -> Iterator[str]:
    """Names in order; the walk ends early in a folder that holds far more than may be published."""
    names = []
    with os.scandir(folder) as entries:
        for entry in entries:
            names.append(entry.name)
            if len(names) > 2 * MAX_FILES:
                raise refuse(entry.name, f"the workspace holds more than {MAX_FILES} files")
    yield from sorted(names)


def _check_name(name: str, path: str, seen: set[str]) -> None:
    if name.startswith("."):
        raise refuse(path, "hidden files and folders are not published")
    if not NAME.match(name):
        raise refuse(path, "names are made of letters, digits and _ . + - and have 100 characters at most")
    if name.lower() in REFUSED_NAMES or Path(name).suffix.lower() in REFUSED_SUFFIXES:
        raise refuse(path, "a file of that name can run code that nobody called")
    if name.lower() in seen:
        raise refuse(path, "another name differs from it in upper and lower case only")
    seen.add(name.lower())


def _entry(folder: int, name: str, path: str, destination: Path, copied: Copied) -> None:
    kind = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
    if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
        raise refuse(path, "it is a link or a special file")
    entry = _open(folder, name, path)
    try:
        facts = os.fstat(entry)
        if stat.S_ISDIR(facts.st_mode):
            _folder(entry, f"{path}/", destination, copied)
        elif stat.S_ISREG(facts.st_mode) and facts.st_nlink == 1:
            _file(entry, path, destination, copied)
        else:
            raise refuse(path, "it is a special file or has another name elsewhere")
    finally:
        os.close(entry)


def _open(folder: int, name: str, path: str) -> int:
    try:
        return os.open(name, _OPEN, dir_fd=folder)
    except OSError as error:
        raise refuse(path, f"it cannot be opened ({error.strerror})") from error


def _file(entry: int, path: str, destination: Path, copied: Copied) -> None:
    if len(copied.hashes) >= MAX_FILES:
        raise refuse(path, f"the workspace holds more than {MAX_FILES} files")
    left = MAX_BYTES - copied.size
    data = _read(entry, left + 1) if os.fstat(entry).st_size <= left else b""
    if len(data) > left or os.fstat(entry).st_size > left:
        raise refuse(path, f"the files are larger than {MAX_BYTES >> 20} MiB together")
    if len(data) > MAX_BINARY and _binary(data):
        raise refuse(path, f"binary files have {MAX_BINARY >> 20} MiB at most")
    target = destination / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    copied.hashes[path] = hashlib.sha256(data).hexdigest()
    copied.size += len(data)


def _read(entry: int, limit: int) -> bytes:
    with os.fdopen(entry, "rb", closefd=False) as file:
        return file.read(limit)


def _binary(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return True
    return b"\0" in data
