"""The log of a detached command: its beginning and its end, whatever it prints in between."""

from __future__ import annotations

import os
import select
from contextlib import suppress
from pathlib import Path

CHUNK = 1 << 16


class CappedLog:
    """A file that never grows beyond its cap.

    At the cap, the middle is left out: the first quarter stays, then a line that says how much is missing, then the
    last quarter. The file is replaced by a shorter one, so a reader that follows it starts again when it shrinks.
    """

    def __init__(self, path: Path, cap: int) -> None:
        self._path, self._cap, self._quarter = path, cap, cap // 4
        self._missing, self._line = 0, b""
        self._file, self._size = _create(path), 0

    def take(self, source: int) -> bool:
        """Move what can be read at once; False at the end of the source."""
        data = os.read(source, CHUNK)
        self.write(data)
        return bool(data)

    def drain(self, source: int) -> None:
        """Move what is left in a pipe without waiting for its end."""
        while select.select([source], [], [], 0)[0] and self.take(source):
            pass

    def write(self, data: bytes) -> None:
        """Append; a full disk loses the output, not the command."""
        with suppress(OSError):
            if self._size + len(data) > self._cap:
                self._replace(self._shortened(data))
            else:
                _write(self._file, data)
                self._size += len(data)

    def _shortened(self, data: bytes) -> bytes:
        whole = os.pread(self._file, self._size, 0)
        if not self._line:
            whole += data
            head, rest = whole[: self._quarter], whole[self._quarter :]
        else:
            head, rest = whole[: self._quarter], whole[self._quarter + len(self._line) :] + data
        tail = rest[len(rest) - min(len(rest), self._quarter) :]
        self._missing += len(rest) - len(tail)
        self._line = f"\n[{self._missing} bytes are left out here]\n".encode()
        return head + self._line + tail

    def _replace(self, content: bytes) -> None:
        shorter = self._path.with_name(f"{self._path.name}.new")
        handle = _create(shorter)
        _write(handle, content)
        shorter.replace(self._path)
        os.close(self._file)
        self._file, self._size = handle, len(content)


def _create(path: Path) -> int:
    path.unlink(missing_ok=True)
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def _write(handle: int, data: bytes) -> None:
    while data:
        data = data[os.write(handle, data) :]
