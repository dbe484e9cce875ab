"""MPEG program streams: packets that state their size (ISO/IEC 13818-1, section 2.5.3; 11172-1, 2.4.3)."""

from __future__ import annotations

from typing import BinaryIO

_START = b"\0\0\1"
_END, _PACK = 0xB9, 0xBA
"""start codes of the end and of a pack header; a length follows those above"""
_MOST = 1_000_000
"""packets that are read, some 2 s; those of 2 kB fill 2 GB"""
_PIECE = 1 << 16
"""bytes of padding that are read at once"""


def damage(stream: BinaryIO, size: int) -> str | None:
    """Which packet is cut off or missing; None when all are there. Zeros between packets are padding."""
    position = 0
    for _ in range(_MOST):
        if position >= size:
            break
        stream.seek(position)
        head = stream.read(14)
        if not any(head[:3]):
            position = _padded(stream, position)
            continue
        needed = _needed(head)
        if needed is None:
            return f"there is no packet at byte {position}, where one should start"
        if needed == 0:
            return None  # pictures whose length is left open: nothing says where the next packet starts
        if position + needed > size:
            return f"the packet at byte {position} needs {needed} bytes and {size - position} are there"
        position += needed
    return None


def _needed(head: bytes) -> int | None:
    """Bytes of the packet that starts so; 0 when it does not say, None when none starts so."""
    if head[:3] != _START or len(head) < 4 or head[3] < _END:
        return None
    if head[3] == _END:
        return 4
    if head[3] == _PACK:  # MPEG-2 has two more bytes, and up to seven of stuffing
        new = len(head) > 4 and head[4] & 0xC0 == 0x40
        return 14 + (head[13] & 7 if len(head) > 13 else 0) if new else 12
    length = int.from_bytes(head[4:6], "big")
    return 6 + length if length or len(head) < 6 else 0


def _padded(stream: BinaryIO, position: int) -> int:
    """Where the zeros end that start there, less the two that a start code has."""
    stream.seek(position)
    while piece := stream.read(_PIECE):
        if rest := piece.lstrip(b"\0"):
            return max(position + 1, stream.tell() - len(rest) - 2)
    return stream.tell()
