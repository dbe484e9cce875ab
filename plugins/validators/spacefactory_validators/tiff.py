"""TIFF files: what their pictures are packed with (TIFF 6.0 and the tags registered since)."""

from __future__ import annotations

import struct
from typing import BinaryIO

_COMPRESSION = 259
_NOT_DECODED = {
    33003: "JPEG 2000",
    33005: "JPEG 2000",
    34661: "JBIG",
    34712: "JPEG 2000",
    34887: "LERC",
    34892: "the JPEG of camera files",
    50001: "WebP",
    50002: "JPEG XL",
}
"""values of the tag that Pillow, or the libtiff that comes with it, has no decoder for"""


def unknown_packing(stream: BinaryIO) -> str | None:
    """What the first picture is packed with, when nothing here unpacks it; None when it can be unpacked."""
    order = ">" if stream.read(2) == b"MM" else "<"
    large = stream.read(2) in (b"\0+", b"+\0")  # BigTIFF: offsets and counts of 64 bits
    if large:
        stream.seek(4, 1)
    try:
        stream.seek(_number(stream, order, 8 if large else 4))
        entries, length = _number(stream, order, 8 if large else 2), 20 if large else 12
        for _ in range(min(entries, 0xFFFF)):
            entry = stream.read(length)
            if struct.unpack_from(order + "H", entry)[0] == _COMPRESSION:
                return _NOT_DECODED.get(struct.unpack_from(order + "H", entry, length - (8 if large else 4))[0])
    except (struct.error, OSError, OverflowError):
        return None
    return None


def _number(stream: BinaryIO, order: str, length: int) -> int:
    found: int = struct.unpack(order + {2: "H", 4: "I", 8: "Q"}[length], stream.read(length))[0]
    return found
