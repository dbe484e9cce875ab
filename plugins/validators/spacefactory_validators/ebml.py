"""Matroska and WebM: elements that state their size and lie within one another (RFC 8794, RFC 9559)."""

from __future__ import annotations

import zlib
from typing import BinaryIO, NamedTuple

_HEADER, _SEGMENT, _CLUSTER, _GROUP = 0x1A45DFA3, 0x18538067, 0x1F43B675, 0xA0
_ENTERED = (_CLUSTER, _GROUP)
"""elements whose children are read: they hold the pictures and the sound"""
_DEEPEST = 4
"""levels that are entered: a segment, a cluster and a group of blocks are three"""
_CHECKSUM = b"\xbf\x84"
"""a CRC-32 element of four bytes; where it is there, it comes first (RFC 8794, section 11.3.1)"""
_LONGEST = 12
"""bytes of an identifier and a size (RFC 9559, section 5)"""
_MOST = 1_000_000
"""elements that are read, some 5 s; an hour of sound has 180,000 blocks of 20 ms"""
_PIECE = 1 << 20
"""bytes that are held at once"""


class _Element(NamedTuple):
    """An element; `stop` is None when it leaves its size open."""

    name: int
    body: int
    stop: int | None


def damage(stream: BinaryIO, size: int) -> str | None:
    """Which element is missing, cut off or damaged; None when the segment is whole up to its end."""
    header = _element(stream, 0)
    segment = _element(stream, header.stop) if header and header.stop and header.stop < size else None
    if segment is None or segment.name != _SEGMENT:
        return "it has no segment after its header"
    if segment.stop is not None and segment.stop > size:
        return f"its header promises {segment.stop - segment.body} bytes and {size - segment.body} are there"
    return _damage_within(stream, segment.body, segment.stop or size)


def _damage_within(stream: BinaryIO, position: int, end: int) -> str | None:
    """Walk through the elements up to `end`; `ends` are those of the elements around the current one."""
    ends = [end]
    for _ in range(_MOST):
        while ends and position == ends[-1]:
            ends.pop()
        if not ends:
            break
        found = _element(stream, position)
        if found is None:
            return f"there is no element at byte {position}, where one should start"
        if found.name in (_HEADER, _SEGMENT):
            return None  # live recordings that were joined: the next one starts here
        if found.stop is None and found.name != _CLUSTER:
            return f"the element at byte {position} leaves its size open, which only a cluster may"
        if found.stop is not None and found.stop > ends[-1]:
            needed, there = found.stop - position, ends[-1] - position
            return f"the element at byte {position} needs {needed} bytes and {there} are there"
        if found.stop is None:  # it ends where an element follows that is none of its children
            position = found.body
        elif found.name in _ENTERED and len(ends) < _DEEPEST:
            if _checksum_differs(stream, found.body, found.stop):
                return f"the checksum of the element at byte {position} is wrong"
            ends.append(found.stop)
            position = found.body
        else:
            position = found.stop
    return None


def _element(stream: BinaryIO, position: int) -> _Element | None:
    """The element that starts there; None when no element can."""
    stream.seek(position)
    head = stream.read(_LONGEST)
    wide = 9 - head[0].bit_length() if head else 9
    name = int.from_bytes(head[:wide], "big")
    if wide > 4 or len(head) <= wide or name in (1 << 7 * wide, (1 << 7 * wide + 1) - 1):  # no bit set, or all
        return None
    long = 9 - head[wide].bit_length()
    body = position + wide + long
    bits = 7 * long
    value = int.from_bytes(head[wide : wide + long], "big") & ((1 << bits) - 1)
    if long > 8 or len(head) < wide + long:
        return None
    return _Element(name, body, None if value == (1 << bits) - 1 else body + value)


def _checksum_differs(stream: BinaryIO, body: int, stop: int) -> bool:
    """Whether an element starts with a checksum that is not that of the rest; WebM has none."""
    stream.seek(body)
    head = stream.read(6)
    if head[:2] != _CHECKSUM or stop - body < len(head):
        return False
    left, sum_ = stop - body - len(head), 0
    while left > 0 and (piece := stream.read(min(_PIECE, left))):
        sum_ = zlib.crc32(piece, sum_)
        left -= len(piece)
    return sum_ != int.from_bytes(head[2:], "little")
