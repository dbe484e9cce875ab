"""Tags that players put before and behind the frames of a sound: ID3v2 in front, APE and ID3v1 at the end."""

from __future__ import annotations

from typing import BinaryIO

_MOST = 4
"""tags one behind the other that are passed over; one is usual"""
_ID3V1 = 128
"""bytes (ID3v1, 1996); an extended tag of 227 bytes may come before it"""
_EXTENDED = 227
_APE = 32
"""bytes of header and of footer (APEv2)"""
_FOOTER = 0x10
"""flag of an ID3v2 tag that its header comes again at the end"""


def beginning(stream: BinaryIO) -> int:
    """The offset behind the ID3v2 tags at the start of a file; beyond its end when a tag is cut off."""
    at = 0
    for _ in range(_MOST):
        at += id3v2(stream, at)
    return at


def id3v2(stream: BinaryIO, at: int) -> int:
    """The bytes of an ID3v2 tag at an offset, header included; 0 when there is none (ID3v2.4, section 3.1)."""
    stream.seek(at)
    header = stream.read(10)
    if len(header) < 10 or header[:3] != b"ID3" or max(header[6:]) > 0x7F:
        return 0
    length = header[6] << 21 | header[7] << 14 | header[8] << 7 | header[9]
    return 10 + length + (10 if header[5] & _FOOTER else 0)


def ending(stream: BinaryIO, size: int) -> int:
    """The offset at which the tags at the end of a file begin, or its size."""
    for length, mark in ((_ID3V1, b"TAG"), (_EXTENDED, b"TAG+")):
        if _at(stream, size - length, len(mark)) == mark:
            size -= length
    footer = _at(stream, size - _APE, _APE)
    if footer[:8] != b"APETAGEX":
        return size
    length = int.from_bytes(footer[12:16], "little") + (_APE if footer[23] & 0x80 else 0)
    return size - length if _APE <= length <= size else size


def _at(stream: BinaryIO, offset: int, count: int) -> bytes:
    if offset < 0:
        return b""
    stream.seek(offset)
    return stream.read(count)
