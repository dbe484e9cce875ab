"""Flash videos: tags that state their size, each followed by that size again (Adobe Flash Video 10.1, annex E.3)."""

from __future__ import annotations

from typing import BinaryIO

_TAG, _AGAIN = 11, 4
"""bytes of the head of a tag, and of the size after it"""


def damage(stream: BinaryIO, size: int) -> str | None:
    """Which tag is cut off or missing; None when all are there."""
    stream.seek(5)
    position = int.from_bytes(stream.read(4), "big") + _AGAIN  # no tag is before the first, and its size is there too
    while position < size:
        stream.seek(position)
        tag = stream.read(_TAG)
        if tag[0] & 0xC0 or not tag[0] & 0x1F:  # reserved bits, and a type that is none
            return f"there is no tag at byte {position}, where one should start"
        needed, there = _TAG + int.from_bytes(tag[1:4], "big") + _AGAIN, size - position
        if len(tag) < _TAG or needed > there:
            return f"the tag at byte {position} needs {max(needed, _TAG + _AGAIN)} bytes and {there} are there"
        position += needed
    return None if position == size else "it ends within its header"
