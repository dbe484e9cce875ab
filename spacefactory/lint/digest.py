"""The digest of a tree of files: the same names and contents give the same text, on every machine."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path


def digest_of(hashes: Mapping[str, str]) -> str:
    """The digest of a tree whose files have these SHA-256 sums by path (with `/` between its parts)."""
    total = hashlib.sha256()
    for path in sorted(hashes):
        total.update(f"{path}\0{hashes[path]}\n".encode())
    return total.hexdigest()


def tree_digest(folder: Path) -> str:
    """The digest of the regular files below a folder that we wrote ourselves, the same that `gate.publish` returns."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return digest_of({path.relative_to(folder).as_posix(): _sha256(path) for path in files})


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
