"""The files of an app: copied as they are, without links, and put in place as a whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from spacefactory.errors import UsageError
from spacefactory.lint.digest import tree_digest

MAX_FILES = 20_000
LEFT_OUT = frozenset({".git", ".venv", "venv", "__pycache__", "node_modules", ".ipynb_checkpoints"})
"""Folders beside a person's app that are not part of it."""


def copy_tree(source: Path, target: Path, left_out: frozenset[str] = frozenset()) -> str:
    """Copy the regular files below a folder to a new one; links and special files stay behind.

    Files come out readable for everybody, because a confined app may be another user.

    Returns:
        The digest of what was copied.

    Raises:
        UsageError: the folder holds more files than an app does.
        OSError: a file cannot be read or written.
    """
    target.mkdir(parents=True)
    target.chmod(0o755)
    for number, path in enumerate(_files(source, left_out)):
        if number >= MAX_FILES:
            raise UsageError(f"{source} holds more than {MAX_FILES} files", "give the folder of one app")
        copy = target / path.relative_to(source)
        _make_folders(target, copy.parent)
        shutil.copyfile(path, copy, follow_symlinks=False)
        copy.chmod(0o644)
    return tree_digest(target)


def _files(source: Path, left_out: frozenset[str]) -> Iterator[Path]:
    for folder, folders, names in os.walk(source):
        folders[:] = sorted(name for name in folders if name not in left_out)
        for name in sorted(names):
            path = Path(folder, name)
            if path.is_file() and not path.is_symlink():
                yield path


def _make_folders(root: Path, folder: Path) -> None:
    if folder == root or folder.is_dir():
        return
    _make_folders(root, folder.parent)
    folder.mkdir()
    folder.chmod(0o755)


def log_tail(path: Path, limit: int) -> str:
    """The end of a log for people: without colours and overwritten progress bars, at most `limit` bytes of UTF-8."""
    from spacefactory.repair.logs import clean

    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            file.seek(max(0, size - 8 * limit))
            data = file.read(8 * limit)
    except FileNotFoundError:
        return ""
    text = clean(data.decode("utf-8", errors="replace")).encode()
    if len(text) <= limit:
        return text.decode()
    return text[-limit:].partition(b"\n")[2].decode("utf-8", errors="replace")
