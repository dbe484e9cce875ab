"""GIF files: blocks up to one that ends the file (GIF89a specification, 1990)."""

from __future__ import annotations

from typing import BinaryIO

_EXTENSION, _PICTURE, _TRAILER = b"\x21", b"\x2c", b"\x3b"


def damage(stream: BinaryIO, size: int) -> str | None:
    """Whether the block that ends the file is missing; None when it is there, or when something else is in its way."""
    stream.seek(10)
    _skip_colours(stream, stream.read(3))
    while (kind := stream.read(1)) != _TRAILER:
        if kind == _EXTENSION:
            stream.seek(1, 1)  # its label
        elif kind == _PICTURE:
            _skip_colours(stream, stream.read(9)[8:])
            stream.seek(1, 1)  # the size of the first codes
        elif kind:
            return None  # a stray byte: some decoders skip it, some stop at it
        if stream.tell() >= size or not _skip_data(stream):
            return "its end is missing"
    return None


def _skip_colours(stream: BinaryIO, flags: bytes) -> None:
    """Skip a table of colours, when the flags say that there is one (sections 18 and 20)."""
    if flags and flags[0] & 0x80:
        stream.seek(3 << (flags[0] & 7) + 1, 1)


def _skip_data(stream: BinaryIO) -> bool:
    """Skip the blocks of data up to the empty one; false when the file ends before."""
    while length := stream.read(1):
        if length == b"\0":
            return True
        stream.seek(length[0], 1)
    return False
