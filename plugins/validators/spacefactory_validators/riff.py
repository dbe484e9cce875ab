"""RIFF files (WAV, AVI): chunks that state their size."""

from __future__ import annotations

import struct
from typing import BinaryIO

STREAMED = 0x7FFF0000
"""sizes from here up, and 0, are what encoders write into a pipe, when they cannot come back to fill in the length"""


def damage(stream: BinaryIO, size: int) -> str | None:
    """How many bytes of the audio data, or of the whole file, are missing; None when all are there."""
    form, stated, kind = struct.unpack("<4sI4s", stream.read(12))
    if form in (b"RF64", b"BW64"):
        return None  # sizes of 64 bits are in a chunk of their own; files this large are not opened
    if kind != b"WAVE":
        return _missing(stated, size - 8, "file")
    order = ">" if form == b"RIFX" else "<"
    while len(header := stream.read(8)) == 8:
        name, length = struct.unpack(order + "4sI", header)
        if name == b"data":
            return _missing(length, size - stream.tell(), "sound")
        stream.seek(length + length % 2, 1)
    return "it has no sound data"


def _missing(stated: int, there: int, what: str) -> str | None:
    if stated == 0 or stated >= STREAMED or stated <= there:
        return None
    return f"its header promises {stated} bytes of {what} and {there} are there"
