"""Contents of files, kept once each on disk."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

_POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {size}\n"


def git_oid(data: bytes) -> str:
    """The id that git gives a regular file."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


@dataclass(frozen=True)
class Blob:
    """The identity of some bytes."""

    sha256: str
    size: int
    oid: str

    @property
    def pointer(self) -> bytes:
        """The small file that git holds in place of a large one."""
        return _POINTER.format(sha256=self.sha256, size=self.size).encode()


class Blobs:
    """A folder of contents by digest."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._known: dict[str, Blob] = {}

    def put(self, data: bytes) -> Blob:
        """Keep bytes."""
        sha256 = hashlib.sha256(data).hexdigest()
        if sha256 not in self._known:
            (self.folder / sha256).write_bytes(data)
            self._known[sha256] = Blob(sha256, len(data), git_oid(data))
        return self._known[sha256]

    def get(self, sha256: str) -> Blob | None:
        """What is known about bytes with this digest."""
        return self._known.get(sha256)

    def read(self, blob: Blob) -> bytes:
        """The bytes."""
        return (self.folder / blob.sha256).read_bytes()

    def path(self, blob: Blob) -> Path:
        """The file that holds them; not to be written."""
        return self.folder / blob.sha256
