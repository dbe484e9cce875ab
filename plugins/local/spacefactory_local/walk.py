"""Walks the folder of a model: which files it holds, and a digest of them that is cheap for huge weights."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from spacefactory.errors import PlatformError, UsageError
from spacefactory.schema.card import RepoFile

MAX_FILES = 20_000
MAX_DEPTH = 16
WHOLE = 64 << 20
"""Bytes up to which a file is hashed as a whole; of a larger one, samples are."""
SAMPLES = 64
SAMPLE = 64 << 10
"""64 pieces of 64 KiB, the first at its start and the last at its end, hash any size in a few milliseconds."""
SKIPPED = frozenset({".git", ".cache", "__pycache__", ".venv", "node_modules", ".ipynb_checkpoints"})
"""Folders that tools leave beside a model; no loader reads them."""


@dataclass(frozen=True)
class Walk:
    """What a folder holds."""

    root: Path
    files: tuple[RepoFile, ...]
    digest: str
    """SHA-256 over paths, sizes and contents (samples of the contents above `WHOLE` bytes); times do not count"""
    problems: tuple[str, ...] = ()

    def read(self, path: str, offset: int, length: int) -> bytes:
        """At most that many bytes of a file that was found.

        Raises:
            OSError: it cannot be read, or was not found by the walk.
        """
        if path not in {file.path for file in self.files}:
            raise FileNotFoundError(2, "no such file in the model's folder", path)
        with (self.root / path).open("rb") as file:
            file.seek(offset)
            return file.read(length)


@dataclass
class _Found:
    paths: dict[str, tuple[Path, int]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def walk(root: Path) -> Walk:
    """List and hash a folder. Links are followed only to files and folders that lie inside it.

    Raises:
        UsageError: it holds more than a model does.
        PlatformError: it cannot be listed.
    """
    found = _Found()
    try:
        _folder(root, root, "", found)
    except PermissionError as error:
        raise PlatformError(f"{error.filename} cannot be read", "make the model's folder readable") from None
    total = hashlib.sha256()
    for name in sorted(found.paths):
        total.update(f"{name}\0{_hash(name, found)}\n".encode(errors="surrogateescape"))
    files = tuple(RepoFile(path=name, size=found.paths[name][1]) for name in sorted(found.paths))
    return Walk(root, files, total.hexdigest(), tuple(found.problems))


def _folder(root: Path, folder: Path, prefix: str, found: _Found) -> None:
    if prefix.count("/") > MAX_DEPTH:
        found.problems.append(f"{prefix} is nested deeper than {MAX_DEPTH} folders and was not read")
        return
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        _entry(root, entry, prefix + entry.name, found)


def _entry(root: Path, entry: os.DirEntry[str], name: str, found: _Found) -> None:
    if len(found.paths) >= MAX_FILES:
        raise UsageError(f"{root} holds more than {MAX_FILES} files", "give the folder of one model")
    if not _printable(name):
        found.problems.append(f"the name {name!r} is no text and the file was not read")
    elif entry.is_symlink() and not _inside(root, entry):
        found.problems.append(f"{name} is a link out of the model's folder and was not followed")
    elif entry.is_dir(follow_symlinks=False):
        if entry.name not in SKIPPED:
            _folder(root, Path(entry.path), f"{name}/", found)
    elif entry.is_dir():
        found.problems.append(f"{name} is a link to a folder and was not followed")
    elif entry.is_file():
        found.paths[name] = (Path(entry.path), entry.stat().st_size)


def _printable(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _inside(root: Path, entry: os.DirEntry[str]) -> bool:
    """Whether a link ends at something inside the folder."""
    try:
        return Path(entry.path).resolve(strict=True).is_relative_to(root.resolve())
    except (OSError, RuntimeError):
        return False


def _hash(name: str, found: _Found) -> str:
    path, size = found.paths[name]
    total = hashlib.sha256(f"{size}\0".encode())
    try:
        with path.open("rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return "special"
            for offset, length in _pieces(size):
                file.seek(offset)
                total.update(file.read(length))
    except OSError as error:
        found.problems.append(f"{name} cannot be read: {error.strerror}")
        return "unreadable"
    return total.hexdigest()


def _pieces(size: int) -> Iterator[tuple[int, int]]:
    """Offsets and lengths that are hashed."""
    if size <= WHOLE:
        yield from ((offset, 1 << 20) for offset in range(0, size, 1 << 20))
        return
    for number in range(SAMPLES):
        yield (size - SAMPLE) * number // (SAMPLES - 1), SAMPLE
