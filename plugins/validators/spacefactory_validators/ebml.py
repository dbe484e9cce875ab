"""Matroska and WebM: the outermost element states its size."""

from __future__ import annotations

from typing import BinaryIO

_SEGMENT = bytes.fromhex("18538067")


def damage(stream: BinaryIO, size: int) -> str | None:
    """How many bytes of the segment are missing; None when all are there or the size is left open, as in a stream."""
    stream.seek(4)
    stream.seek(_number(stream) or 0, 1)
    if stream.read(4) != _SEGMENT:
        return "it has no segment after its header"
    stated = _number(stream)
    there = size - stream.tell()
    if stated is None or stated <= there:
        return None
    return f"its header promises {stated} bytes and {there} are there"


def _number(stream: BinaryIO) -> int | None:
    """A number of variable length: the zero bits at the start count its bytes; all ones mean unknown."""
    first = int.from_bytes(stream.read(1), "big")
    if not first:
        return None
    length = 9 - first.bit_length()
    value = (first & ((1 << (8 - length)) - 1)) << (8 * (length - 1)) | int.from_bytes(stream.read(length - 1), "big")
    return None if value == (1 << (7 * length)) - 1 else value
