"""Ogg files: pages with a checksum, the last one marked as the end."""

from __future__ import annotations

import zlib
from typing import BinaryIO

_HEADER = 27
_REVERSED = bytes(int(f"{value:08b}"[::-1], 2) for value in range(256))


def damage(stream: BinaryIO, size: int) -> str | None:
    """Which page is cut off or damaged; None when all are sound. Decoders leave such pages out without a word."""
    position = count = 0
    while position < size:
        stream.seek(position)
        page = stream.read(_HEADER)
        if len(page) < _HEADER or page[:4] != b"OggS":
            return f"there is no page where page {count + 1} should start"
        lacing = stream.read(page[26])
        body = stream.read(sum(lacing))
        if len(lacing) < page[26] or len(body) < sum(lacing):
            return f"page {count + 1} is cut off"
        if checksum(page[:22] + bytes(4) + page[26:] + lacing + body) != int.from_bytes(page[22:26], "little"):
            return f"the checksum of page {count + 1} is wrong"
        position += len(page) + len(lacing) + len(body)
        count += 1
    return None


def checksum(data: bytes) -> int:
    """The checksum of an Ogg page (RFC 3533, section 6).

    It has zlib's polynomial, but runs through the bits the other way round and starts at 0; turning the bits of every
    byte and of the result lets zlib's fast code do the work.
    """
    turned = zlib.crc32(data.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{turned:032b}"[::-1], 2)
