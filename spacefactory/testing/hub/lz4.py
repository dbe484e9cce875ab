"""Decodes LZ4 frames: the compression inside the content store's packs. Checksums are skipped, not verified."""

from __future__ import annotations

import struct

_MAGIC = 0x184D2204
_MIN_MATCH = 4


def decode_frame(data: bytes) -> bytes:
    """The bytes inside one LZ4 frame.

    Raises:
        ValueError: it is no LZ4 frame.
    """
    if len(data) < 7 or struct.unpack_from("<I", data)[0] != _MAGIC:
        raise ValueError("not an LZ4 frame")
    flags = data[4]
    pos = 7 + (8 if flags & 0x08 else 0) + (4 if flags & 0x01 else 0)  # content size, dictionary id
    out = bytearray()
    while size := struct.unpack_from("<I", data, pos)[0]:
        start, pos = pos + 4, pos + 4 + (size & 0x7FFFFFFF)
        block = data[start:pos]
        if size & 0x80000000:
            out += block
        else:
            _decode_block(block, out)
        pos += 4 if flags & 0x10 else 0  # checksum of the block
    return bytes(out)


def _decode_block(src: bytes, out: bytearray) -> None:
    """Append one block; a match may reach back into earlier blocks."""
    pos = 0
    while pos < len(src):
        token = src[pos]
        size, pos = _length(src, pos + 1, token >> 4)
        out += src[pos : pos + size]
        pos += size
        if pos >= len(src):
            return
        offset = src[pos] | src[pos + 1] << 8
        size, pos = _length(src, pos + 2, token & 15)
        _copy_match(out, offset, size + _MIN_MATCH)


def _length(src: bytes, pos: int, size: int) -> tuple[int, int]:
    """A length that may go on in further bytes."""
    if size < 15:
        return size, pos
    while True:
        size += src[pos]
        pos += 1
        if src[pos - 1] != 255:
            return size, pos


def _copy_match(out: bytearray, offset: int, size: int) -> None:
    """Repeat what stands `offset` bytes back; a match longer than that overlaps itself."""
    start = len(out) - offset
    while size > 0:
        piece = out[start : start + min(size, offset)]
        out += piece
        start += len(piece)
        size -= len(piece)
