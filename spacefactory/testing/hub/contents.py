"""Files that a test puts into a repository."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from spacefactory.testing.hub.blobs import Blobs
from spacefactory.testing.hub.commits import is_large
from spacefactory.testing.hub.repos import StoredFile

Content = Mapping[str, bytes | str] | Path
"""Files by path, or a folder that holds them."""


def stored_files(blobs: Blobs, content: Content) -> dict[str, StoredFile]:
    """The files, kept as the Hub would keep them: large and binary ones outside git."""
    found = {}
    for path, data in _bytes(content).items():
        blob = blobs.put(data)
        found[path] = StoredFile(path, blob, lfs=is_large(path, blob.size, data[:512]))
    return found


def _bytes(content: Content) -> dict[str, bytes]:
    if isinstance(content, Path):
        files = (path for path in sorted(content.rglob("*")) if path.is_file() and ".git" not in path.parts)
        return {path.relative_to(content).as_posix(): path.read_bytes() for path in files}
    return {path: data.encode() if isinstance(data, str) else data for path, data in content.items()}
