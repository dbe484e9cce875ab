"""FLAC files: blocks of metadata, then frames, the last of which ends where the sound ends (RFC 9639).

Whether all frames are there is told by the checksum of all samples, which `flac_samples` compares; decoders stop after
the stated number of samples and look at nothing behind.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, BinaryIO

import numpy as np

from spacefactory_validators import tags

Words = np.ndarray[Any, np.dtype[np.uint16]]
STREAMINFO = 34
"""bytes of the first block of metadata (section 8.2), behind the four of the mark and four of its own header"""
_SMALLEST = 16
"""fewest samples of a block (section 8.2)"""
_LONGEST = 1 << 21
"""bytes of the longest frame: 65,535 samples of 8 channels of 32 bits, not packed"""
_WINDOW = 1 << 14
"""bytes at the end of a file in which the last frame is looked for first"""
_SYNC = re.compile(rb"\xff[\xf8\xf9]", re.DOTALL)
_HEADER = 16
"""bytes of the longest frame header (section 9.1)"""
_TRIES = 32
"""places at which a frame may seem to begin: chance alone makes one in 2 MB"""
_RATES = (0, 88_200, 176_400, 192_000, 8000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000)
"""samples a second by the code in a frame header (section 9.1.2); 0 and codes from 12 up say something else"""


def damage(stream: BinaryIO, size: int) -> str | None:
    """What is wrong with the metadata, or that the file does not end with a whole frame; None otherwise."""
    head = stream.read(8 + STREAMINFO)
    if len(head) < 8 + STREAMINFO or head[4] & 0x7F or int.from_bytes(head[5:8], "big") != STREAMINFO:
        return "it does not begin with the description of its stream"
    if (largest := int.from_bytes(head[10:12], "big")) < _SMALLEST:
        return f"its header states blocks of at most {largest} samples"
    start = _frames_start(stream, size)
    if start >= size:
        return "there are no frames behind its metadata"
    end = tags.ending(stream, size)
    rate = int.from_bytes(head[18:21], "big") >> 4
    return _at_the_end(stream, start, end, rate)


def stated_digest(head: bytes) -> bytes:
    """The MD5 of all samples by the first 42 bytes of a file; zeros where it is not known."""
    return head[8 + 18 : 8 + STREAMINFO]


def _frames_start(stream: BinaryIO, size: int) -> int:
    """The offset behind the last block of metadata (section 8.1), or the file's size."""
    at, last = 4, False
    while not last and at < size:
        stream.seek(at)
        header = stream.read(4)
        last = len(header) < 4 or header[0] >= 0x80
        at += 4 + int.from_bytes(header[1:], "big")
    return min(at, size)


def _at_the_end(stream: BinaryIO, start: int, end: int, rate: int) -> str | None:
    """Whether a frame ends where the sound does, and has its sample rate."""
    window, looked, tries = _WINDOW, 0, 0
    while tries < _TRIES:
        begin = max(start, end - window)
        stream.seek(begin)
        data = stream.read(end - begin)
        for sync in reversed([one.start() for one in _SYNC.finditer(data, 0, max(0, len(data) - looked))]):
            if tries < _TRIES and _is_header(data[sync : sync + _HEADER]):
                tries += 1
                if not remainder(data[sync:]):
                    return _other_rate(data[sync + 2] & 15, rate)
        if begin == start or window >= _LONGEST:
            break
        looked, window = len(data) - 1, window * 8
    return "it does not end with a whole frame"


def _other_rate(code: int, rate: int) -> str | None:
    if not 0 < code < len(_RATES) or _RATES[code] == rate:
        return None
    return f"its header states {rate} samples a second and its frames {_RATES[code]}"


def _crc8_of(byte: int) -> int:
    for _ in range(8):
        byte = byte << 1 ^ (0x107 if byte & 0x80 else 0)
    return byte


_CRC8 = tuple(_crc8_of(byte) for byte in range(256))


def _is_header(data: bytes) -> bool:
    """Whether a frame header with the right checksum is at the start (section 9.1)."""
    if len(data) < 6:
        return False
    block, rate, channels, bits = data[2] >> 4, data[2] & 15, data[3] >> 4, data[3] >> 1 & 7
    if not block or rate == 15 or channels > 10 or bits == 3 or data[3] & 1:
        return False
    ones = 8 - (~data[4] & 0xFF).bit_length()  # the number of the frame is coded as UTF-8 codes a character
    length = 4 + max(1, ones) + {6: 1, 7: 2}.get(block, 0) + {12: 1, 13: 2, 14: 2}.get(rate, 0)
    return ones not in (1, 8) and length < len(data) and _crc8(data[:length]) == data[length]


def _crc8(data: bytes) -> int:
    """The checksum of a frame header: polynomial x^8 + x^2 + x + 1 (section 9.1.8)."""
    value = 0
    for byte in data:
        value = _CRC8[value ^ byte]
    return value


def remainder(data: bytes) -> int:
    """What a frame leaves over when divided by x^16 + x^15 + x^2 + 1; its checksum makes that 0 (section 9.3).

    The words of 16 bits are folded in pairs: each first one, times x to the distance of the two, is added to the
    second, until one is left. That takes as many steps as the length has binary digits, not one for every byte.
    """
    count = 1 << (max(1, -(-len(data) // 2)) - 1).bit_length()
    words = np.frombuffer(data.rjust(2 * count, b"\0"), ">u2").astype(np.uint16)
    level = 0
    while len(words) > 1:
        words = _times(words[::2], *_factors(level)) ^ words[1::2]
        level += 1
    return int(words[0])


@cache
def _factors(level: int) -> tuple[Words, Words]:
    """Multiples of x^(16 * 2^level), by the upper and by the lower byte of the word to multiply."""
    if level:
        high, low = before = _factors(level - 1)
        return _times(high, *before), _times(low, *before)
    low = np.arange(256, dtype=np.uint16)
    return _shifted(low * np.uint16(256)), _shifted(low)


def _shifted(words: Words) -> Words:
    """The words times x^16."""
    for _ in range(16):
        words = np.left_shift(words, 1, dtype=np.uint16) ^ (words >> np.uint16(15)) * np.uint16(0x8005)
    return words


def _times(words: Words, high: Words, low: Words) -> Words:
    product: Words = high[words >> 8] ^ low[words & 255]
    return product
