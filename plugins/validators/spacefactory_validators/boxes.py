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
        if name == b"moov" and (clock := _stopped_clock(stream, position + 8, position + length)):
            return f"its box {_printable(clock)} counts time in units of no length"
        seen.add(name)
        position += length
    return None if b"moov" in seen else "it has no index (moov)"


def _stopped_clock(stream: BinaryIO, position: int, end: int) -> bytes | None:
    """The header of the film or of a track that states 0 units a second (ISO/IEC 14496-12, 8.2.2 and 8.4.2)."""
    waiting = [(position, end)]
    while waiting:
        position, end = waiting.pop()
        while position + 8 <= end:
            stream.seek(position)
            length, name = int.from_bytes(stream.read(4), "big"), stream.read(4)
            if length < 8 or position + length > end:
                break
            if name in (b"trak", b"mdia"):
                waiting.append((position + 8, position + length))
            elif name in (b"mvhd", b"mdhd"):
                dates = 16 if stream.read(1) == b"\1" else 8  # two dates follow the version and the flags
                stream.seek(position + 12 + dates)
                if stream.read(4) == bytes(4):
                    return name
            position += length
    return None


def _printable(name: bytes) -> str:
    return name.decode("ascii", "replace") if name.isalnum() else name.hex()
