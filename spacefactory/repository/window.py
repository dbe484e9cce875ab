"""Random access to a file of a repository through a few larger reads."""

from __future__ import annotations

from collections.abc import Callable

Read = Callable[[str, int, int], bytes]
"""`read(path, offset, length)`: at most that many bytes of a file; raises OSError."""
SPAN = 64 * 1024
MOST_READS = 4096
"""Reads per file; a graph or header that needs more is not walked to its end."""


class DamagedError(ValueError):
    """A weight file is not what its format demands; the message says in a few words why."""


class TooLargeError(ValueError):
    """A file is sound as far as it was read, and too large to be read to the end."""


class Window:
    """Reads of one file, buffered.

    Args:
        read: gives bytes of a file.
        path: which file.
        size: its length in bytes, None when nobody knows.
    """

    def __init__(self, read: Read, path: str, size: int | None) -> None:
        self.path, self.size = path, size
        self._read, self._start, self._held, self._reads = read, 0, b"", 0

    def at(self, offset: int, length: int) -> bytes:
        """Exactly these bytes.

        Raises:
            DamagedError: the file ends before.
            TooLargeError: too many reads were needed.
            OSError: the file cannot be read.
        """
        if self.size is not None and offset + length > self.size:
            raise DamagedError("ends too early")
        if not self._start <= offset or offset + length > self._start + len(self._held):
            self._fill(offset, length)
        start = offset - self._start
        found = self._held[start : start + length]
        if len(found) < length:
            raise DamagedError("ends too early")
        return found

    def _fill(self, offset: int, length: int) -> None:
        self._reads += 1
        if self._reads > MOST_READS:
            raise TooLargeError("needs too many reads")
        wanted, self._start, self._held = max(length, SPAN), offset, b""
        while len(self._held) < length:
            more = self._read(self.path, offset + len(self._held), wanted - len(self._held))
            if not more:
                break
            self._held += more
