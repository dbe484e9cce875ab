"""GIF files: blocks up to one that ends the file (GIF89a specification, 1990)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from io import BufferedReader, FileIO
from pathlib import Path
from typing import BinaryIO

_EXTENSION, _PICTURE, _TRAILER = 0x21, 0x2C, 0x3B
_LARGEST = 1024
"""bytes; Pillow reads less of what is no coded data: at most a table of 256 colours"""


class _CutError(Exception):
    """The file ends within a block, or without the one that ends it."""


class Bounded(BufferedReader):
    """A GIF file in which no read of coded data goes beyond the end of the picture.

    Where the data of a picture end too early, Pillow takes what follows for more of them, up to the next pictures.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(FileIO(path))
        self._ends = list(_pictures(super().read()))
        self.seek(0)

    def read(self, size: int | None = -1, /) -> bytes:
        """Up to that many bytes, none at the end of a picture."""
        if size is not None and size > _LARGEST:
            position = self.tell()
            at = bisect_left(self._ends, position)
            size = min(size, self._ends[at] - position) if at < len(self._ends) else size
        return super().read(size)


def damage(stream: BinaryIO, size: int) -> str | None:
    """Whether the block that ends the file is missing; None when it is there, or when something else is in its way."""
    try:
        for _ in _pictures(stream.read(size)):
            pass
    except _CutError:
        return "its end is missing"
    return None


def _pictures(data: bytes) -> Iterator[int]:
    """Where the data of each picture end, up to the end of the file or a stray byte, at which some decoders stop."""
    try:
        position = 13 + _colours(data[10])
        while (kind := data[position]) in (_EXTENSION, _PICTURE):
            position += 2  # with the label of the extension, or the size of the first codes
            if kind == _PICTURE:
                position += 9 + _colours(data[position + 7])
            while length := data[position]:
                position += length + 1
            position += 1
            if kind == _PICTURE:
                yield position
    except IndexError:
        raise _CutError from None


def _colours(flags: int) -> int:
    """Bytes of a table of colours, when the flags say that there is one (sections 18 and 20)."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0
