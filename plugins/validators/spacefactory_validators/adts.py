"""AAC in an audio data transport stream: frames that state their length (ISO 13818-7, section 6.2)."""

from __future__ import annotations

from typing import BinaryIO

from spacefactory_validators import tags

_HEADER = 7
_WINDOW = 1 << 20
"""bytes that are read at once"""


def damage(stream: BinaryIO, size: int) -> str | None:
    """Where something else than a frame is, or that the last one is cut off; None when there are only frames."""
    end, at = tags.ending(stream, size), 0
    while at < end:
        stream.seek(at)
        passed = _frames(stream.read(min(_WINDOW, end - at)))
        if not passed:
            stream.seek(at)
            if length := _length(stream.read(_HEADER), 0):
                return f"the frame at byte {at} has {length} bytes and {end - at} are there"
            passed = tags.id3v2(stream, at)  # a segment of a live stream begins with one
        if not passed:
            return f"there is no frame at byte {at}, where one should start"
        at += passed
    return None if at == end else f"a tag promises {at - end} bytes more than there are"


def _frames(window: bytes) -> int:
    """The bytes of whole frames that a window begins with."""
    at = 0
    while (length := _length(window, at)) and at + length <= len(window):
        at += length
    return at


def _length(window: bytes, at: int) -> int:
    """The bytes of the frame at an offset, header included; 0 when none begins there."""
    header = window[at : at + _HEADER]
    if len(header) < _HEADER or header[0] != 0xFF or header[1] & 0xF6 != 0xF0:
        return 0
    length = (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
    return length if length >= _HEADER else 0
