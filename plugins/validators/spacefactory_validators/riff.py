"""RIFF files (WAV, AVI): chunks that state their size (Microsoft, Multimedia Programming Interface 1.0; EBU 3306)."""

from __future__ import annotations

import struct
from typing import BinaryIO

STREAMED = 0x7FFF0000
"""sizes from here up, and 0, are what encoders write into a pipe, when they cannot come back to fill in the length"""
_STREAMED_64 = 1 << 62
"""the same for sizes of 64 bits"""
_ELSEWHERE = 0xFFFFFFFF
"""size of a chunk whose real size the chunk ds64 states (EBU 3306, section 3)"""
_MOST_CHUNKS = 10_000
"""chunks that are looked at; files have a dozen"""
_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_CONTAINER = {20: 4, 24: 4}
"""bits of a sample -> bytes that it may fill also, beside the fewest that hold it"""


def damage(stream: BinaryIO, size: int) -> str | None:
    """What is missing of the audio data, or of the whole file, or contradicts its format; None when all is there."""
    form, stated, kind = struct.unpack("<4sI4s", stream.read(12).ljust(12, b"\0"))
    if kind != b"WAVE":
        return _missing(stated, size - 8, "file")
    order = ">" if form == b"RIFX" else "<"
    length_64 = block = 0
    described = False
    for _ in range(_MOST_CHUNKS):
        if len(header := stream.read(8)) < 8:
            break
        name, length = struct.unpack(order + "4sI", header)
        if name == b"data":
            if not described:
                return "its sound data come before their format"
            stated = length_64 if length == _ELSEWHERE and length_64 else length
            return _missing(stated, size - stream.tell(), "sound") or _uneven(stated, block)
        after = stream.tell() + length + length % 2
        if name == b"ds64" and form in (b"RF64", b"BW64"):
            length_64 = int.from_bytes(stream.read(16)[8:], "little")
        elif name == b"fmt ":
            described = True
            tag, channels, block, bits = _format(stream.read(min(length, 40)), order)
            if tag in (_PCM, _FLOAT) and not _fits(block, channels, bits):
                return f"its header states blocks of {block} bytes for {channels} channels of {bits} bits"
            block = block if tag in (_PCM, _FLOAT) else 0
        stream.seek(after)
    return "it has no sound data"


def _format(data: bytes, order: str) -> tuple[int, int, int, int]:
    """Format tag, channels, bytes of a block and bits of a sample, from the chunk `fmt `; of an extensible format the
    tag is at the start of the GUID."""
    tag, channels, _, _, block, bits = struct.unpack(order + "HHIIHH", data[:16].ljust(16, b"\0"))
    if tag == _EXTENSIBLE and len(data) >= 26:
        tag = struct.unpack(order + "H", data[24:26])[0]
    return tag, channels, block, bits


def _fits(block: int, channels: int, bits: int) -> bool:
    """Whether a block holds one sample of every channel, each in whole bytes."""
    return block in (channels * -(-bits // 8), channels * _CONTAINER.get(bits, 0)) and block > 0


def _uneven(stated: int, block: int) -> str | None:
    """Whether the stated size is no whole number of blocks; what is left of a streamed sound may end with a tag."""
    if not block or _streamed(stated) or not stated % block:
        return None
    return f"its {stated} bytes of sound are no whole number of blocks of {block} bytes"


def _missing(stated: int, there: int, what: str) -> str | None:
    if _streamed(stated) or stated <= there:
        return None
    return f"its header promises {stated} bytes of {what} and {there} are there"


def _streamed(stated: int) -> bool:
    return stated == 0 or STREAMED <= stated <= _ELSEWHERE or stated >= _STREAMED_64
