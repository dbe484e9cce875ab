"""ISO base media files (MP4, MOV, M4A): boxes that state their size."""

from __future__ import annotations

import struct
from typing import BinaryIO


def damage(stream: BinaryIO, size: int) -> str | None:
    """Which outermost box ends after the file does, or that there is no index; None when all is there."""
    position, seen = 0, set[bytes]()
    while position + 8 <= size:
        stream.seek(position)
        length, name = struct.unpack(">I4s", stream.read(8))
        if length == 1:
            length = int.from_bytes(stream.read(8), "big")
        if length == 0:  # the last box, up to the end
            length = size - position
        if length < 8:
            break  # padding
        if position + length > size:
            return f"its box {_printable(name)} needs {length} bytes and {size - position} are there"
        seen.add(name)
        position += length
    return None if b"moov" in seen else "it has no index (moov)"


def _printable(name: bytes) -> str:
    return name.decode("ascii", "replace") if name.isalnum() else name.hex()
