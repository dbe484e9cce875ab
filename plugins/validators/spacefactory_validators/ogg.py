"""Ogg files: pages with a checksum and a number, in streams with a marked first and last page (RFC 3533)."""

from __future__ import annotations

import zlib
from typing import BinaryIO

_HEADER = 27
_REVERSED = bytes(int(f"{value:08b}"[::-1], 2) for value in range(256))
_FIRST, _LAST = 2, 4
"""flags of a page: the stream begins, the stream ends (section 6)"""


def damage(stream: BinaryIO, size: int) -> str | None:
    """Which page is cut off, damaged or missing; None when all are sound. Decoders leave such pages out without a word.

    Streams may run side by side or one after the other, also under the serial number of one that has ended.
    """
    position = count = 0
    numbers: dict[bytes, int] = {}  # of the last page, by the serial number of every stream that has not ended
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
        if gap := _gap(page, numbers):
            return f"page {count} does not belong there: {gap}"
    return "the last page of a stream is missing" if numbers else None


def _gap(page: bytes, numbers: dict[bytes, int]) -> str | None:
    """Whether a page is not the next one of its stream; what is known of the streams is brought up to date."""
    flags, serial, number = page[5], page[14:18], int.from_bytes(page[18:22], "little")
    if not flags & _FIRST and serial not in numbers:
        return "its stream has no first page"
    if not flags & _FIRST and number != (numbers[serial] + 1) % (1 << 32):
        return f"it has number {number} in its stream, and the one before it {numbers[serial]}"
    numbers[serial] = number
    if flags & _LAST:
        del numbers[serial]
    return None


def checksum(data: bytes) -> int:
    """The checksum of an Ogg page (RFC 3533, section 6).

    It has zlib's polynomial, but runs through the bits the other way round and starts at 0; turning the bits of every
    byte and of the result lets zlib's fast code do the work.
    """
    turned = zlib.crc32(data.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{turned:032b}"[::-1], 2)
