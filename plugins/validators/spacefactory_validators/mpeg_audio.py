"""MP3 files: frames whose headers tell their length, and a first one that may tell their number.

Headers, lengths and side information: ISO 11172-3, sections 2.4.1 and 2.4.2, and ISO 13818-3 for the lower sample
rates. The number of frames is in the Xing header, which LAME and FFmpeg write (Xing or Info, by kind of bit rate).
"""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass
from itertools import islice
from typing import Any, BinaryIO

import numpy as np

from spacefactory_validators import tags

Bytes = np.ndarray[Any, np.dtype[np.uint8]]
Places = np.ndarray[Any, np.dtype[np.int64]]
_BIT_RATES = {
    1: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""thousand bits a second of layer III, from index 1; index 0 is the free format, which states no length"""
_SAMPLE_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
"""samples a second by version: MPEG-1, MPEG-2, and MPEG-2.5, which is a convention"""
_MPEG_1 = 3
_SIDE = 38
"""bytes from the start of a frame to the end of its side information: header, checksum and 32 bytes"""
_WINDOW = 1 << 20
"""bytes that are read at once"""
_MOST_READS = 2000
"""windows, of which one begins behind everything that is no frame; what follows is left to the decoder"""
_MOST_SYNCS = 1000
"""places in one window that may look like a frame; chance alone makes a hundred"""
_LONGEST = 1441
"""bytes of the longest frame: 320,000 bits a second at 32,000 samples a second, padded"""
_SYNC = re.compile(rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb]", re.DOTALL)
_BIG_VALUES = 288
"""most pairs of a granule of 576 samples"""
_EXACT = (b"LAME", b"Lavf", b"Lavc")
"""encoders that do not count the frame with the Xing header; others may"""


@dataclass
class _Walk:
    """What was found on the way through a file."""

    frames: int = 0
    size: int = 0
    """bytes of all frames"""
    first: bytes = b""
    """the start of the first frame"""
    broken: int = 0
    """frames whose side information no encoder can have written"""
    cut: str | None = None


def damage(stream: BinaryIO, size: int) -> str | None:
    """Whether the last frame is cut off, frames are missing or hold nonsense; None also without any frame.

    What stands between frames is left to the decoder: players pass over it.
    """
    at, end = tags.beginning(stream), tags.ending(stream, size)
    if at > size:
        return f"its ID3 tag promises {at} bytes and the file has {size}"
    walk = _Walk()
    for _ in range(_MOST_READS):
        if at >= end or walk.cut:
            break
        stream.seek(at)
        window = stream.read(min(_WINDOW, end - at))
        at += _step(walk, window, at + len(window) == end)
    if walk.cut:
        return walk.cut
    if walk.broken:
        return f"the content of {walk.broken} of its {walk.frames} frames is no MPEG audio"
    return _miscounted(walk) if at >= end else None


def _lengths() -> dict[bytes, int]:
    """The bytes of a frame of layer III by the first three bytes of its header."""
    found = {}
    for version, rates in _SAMPLE_RATES.items():
        slots = 144_000 if version == _MPEG_1 else 72_000
        for index, kilobits in enumerate(_BIT_RATES[1 if version == _MPEG_1 else 2], 1):
            for place, rate in enumerate(rates):
                for low in range(4):  # padding and the private bit
                    length = slots * kilobits // rate + (low >> 1)
                    for unprotected in (0, 1):
                        second = 0xE2 | version << 3 | unprotected
                        found[bytes((0xFF, second, index << 4 | place << 2 | low))] = length
    return found


_LENGTHS = _lengths()


def _step(walk: _Walk, window: bytes, last: bool) -> int:
    """Walk through a window, behind which nothing comes if it is the last, and return how far that went."""
    at, places, length_of = 0, array("q"), _LENGTHS.get
    while length := length_of(window[at : at + 3]):
        places.append(at)
        at += length
    missing = at - len(window)
    if missing > 0:
        at = places.pop()
        walk.cut = f"its last frame lacks {missing} of {length_of(window[at : at + 3])} bytes" if last else None
    elif last and -3 < missing < 0 and window[at] == 0xFF:
        walk.cut = "its last frame is cut off in the header"
    if places:
        _note(walk, window, np.frombuffer(places, np.int64), at)
    return at if missing >= 0 or walk.cut else _resumed(window, at, last)


def _resumed(window: bytes, at: int, last: bool) -> int:
    """The offset of the next frame that another one, or the end, follows; without one, how far was looked."""
    limit = len(window) if last else max(at, len(window) - _LONGEST - 3)
    for sync in islice(_SYNC.finditer(window, at, limit), _MOST_SYNCS):
        behind = sync.start() + _LENGTHS.get(window[sync.start() : sync.start() + 3], 0)
        if behind > sync.start() and (behind == len(window) or window[behind : behind + 3] in _LENGTHS):
            return sync.start()
    return limit


def _note(walk: _Walk, window: bytes, places: Places, end: int) -> None:
    """Add the frames at these places, the last of which goes to `end`, to what is known."""
    start = int(places[0])
    walk.first = walk.first or window[start : start + _LONGEST]
    walk.frames += len(places)
    walk.size += end - start
    walk.broken += _broken(window, places)


def _broken(window: bytes, places: Places) -> int:
    """How many frames state more than 288 big values, or a forbidden kind of block: FFmpeg refuses both."""
    data = np.frombuffer(window.ljust(len(window) + _SIDE, b"\0"), np.uint8)
    kinds = data[places + 1] & 0x19 | data[places + 3] & 0xC0  # version, no checksum, channel mode
    return sum(_broken_of(data, places[kinds == kind], int(kind)) for kind in np.unique(kinds))


def _broken_of(data: Bytes, places: Places, kind: int) -> int:
    """The same for frames of one version, kind of protection and number of channels."""
    first, channels = kind & 0x18 == 0x18, 1 if kind & 0xC0 == 0xC0 else 2
    bit = 8 * (4 if kind & 1 else 6) + ((18 if channels == 1 else 20) if first else 8 + channels)
    wrong = np.zeros(len(places), bool)
    for granule in range(channels * (2 if first else 1)):
        start = bit + granule * (59 if first else 63) + 12  # behind part2_3_length
        wrong |= _field(data, places, start, 9) > _BIG_VALUES
        wrong |= _field(data, places, start + (21 if first else 26), 3) == 4  # window switching with block type 0
    return int(wrong.sum())


def _field(data: Bytes, places: Places, bit: int, count: int) -> Places:
    """`count` bits at an offset in bits from the start of every frame, at most 9."""
    at = places + bit // 8
    pair = data[at].astype(np.int64) << 8 | data[at + 1]
    found: Places = pair >> (16 - bit % 8 - count) & ((1 << count) - 1)
    return found


def _miscounted(walk: _Walk) -> str | None:
    """Whether the Xing header states more frames than there are, or fewer in all of their bytes.

    Fewer frames in fewer bytes are right: of sounds that were put one behind the other, the first one's header counts.
    """
    found = re.search(rb"Xing|Info", walk.first[: _SIDE + 4])
    header = walk.first[found.start() :] if found else b""
    if len(header) < 16 or not header[7] & 1:
        return None
    stated, size = int.from_bytes(header[8:12], "big"), int.from_bytes(header[12:16], "big")
    there = walk.frames - 1
    spare = 0 if header[120:124] in _EXACT else 1
    if stated > there + spare or (header[7] & 2 and size >= walk.size and stated < there):
        return f"its header states {stated} frames and {there} are there"
    return None
