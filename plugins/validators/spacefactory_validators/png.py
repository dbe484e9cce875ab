"""PNG files: chunks with a checksum, and rows whose length the header states (ISO/IEC 15948, PNG specification)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from spacefactory_validators import limits

_CRITICAL = (b"IHDR", b"PLTE", b"IDAT", b"IEND")
"""the chunks that a decoder must know (section 5.6); a capital first letter says so of any other chunk"""
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""colour type -> samples a pixel (section 6.1)"""
_PALETTE = 3
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""first column, first row, and the steps between columns and rows of the seven passes (section 8.1)"""
_PIECE = 1 << 20
"""bytes that are read at a time"""


class _DamageError(Exception):
    """What is wrong with the file, as the end of a sentence."""


@dataclass(frozen=True)
class _Header:
    width: int
    height: int
    bits: int
    """a pixel"""
    palette: bool
    interlaced: bool

    def unpacked(self, width: int, height: int) -> int:
        """Bytes of the rows of such a picture, each after one byte that names its filter."""
        passes = _ADAM7 if self.interlaced else ((0, 0, 1, 1),)
        sizes = ((-((left - width) // across), -((top - height) // down)) for left, top, across, down in passes)
        return sum(rows * (1 + (columns * self.bits + 7) // 8) for columns, rows in sizes if columns > 0)


@dataclass(frozen=True)
class _Piece:
    """Up to a mebibyte of a chunk."""

    chunk: bytes
    first: bool
    content: bytes


def damage(stream: BinaryIO, size: int) -> str | None:
    """Which chunk is cut off, damaged, missing or not allowed; None when all are sound."""
    try:
        _structure(_pieces(stream, size))
    except _DamageError as found:
        return str(found)
    return None


def missing_rows(stream: BinaryIO, size: int) -> str | None:
    """How many bytes of the rows are missing, or whether the checksum of the data is; None when all are there.

    It unpacks the data once more, which takes a third of the time of decoding.
    """
    try:
        for needed, contents in _pictures(_pieces(stream, size)):
            _unpack(needed, contents)
    except (_DamageError, zlib.error) as found:
        return str(found)
    return None


def packed_size(stream: BinaryIO, size: int) -> int:
    """Bytes of the packed data of the picture, or of the first one."""
    position, found = 8, 0
    while position < size:
        stream.seek(position)
        length, name = struct.unpack(">I4s", stream.read(8).ljust(8, b"\0"))
        found += length if name == b"IDAT" else 0
        position += length + 12
    return found


def _structure(pieces: Iterator[_Piece]) -> None:
    header, palette = None, False
    for piece in pieces:
        if header is None:
            header = _header(piece)
        elif piece.chunk == b"IHDR" and piece.first:
            raise _DamageError("it has a second header")
        elif piece.chunk == b"PLTE":
            palette = True
        elif piece.chunk == b"IDAT" and header.palette and not palette:
            raise _DamageError("the palette is missing before the data")
        elif piece.chunk[:1].isupper() and piece.chunk not in _CRITICAL:
            raise _DamageError(f"its chunk {_printable(piece.chunk)} is critical and unknown")


def _pieces(stream: BinaryIO, size: int) -> Iterator[_Piece]:
    """The chunks after the signature, up to the one that ends the file; whatever follows that is not looked at."""
    stream.seek(8)
    name = b""
    while name != b"IEND":
        start = stream.read(8)
        if len(start) < 8:
            raise _DamageError("its end (IEND) is missing")
        length, name = struct.unpack(">I4s", start)
        there = size - stream.tell()
        if length + 4 > there:
            raise _DamageError(f"its chunk {_printable(name)} needs {length + 4} bytes and {there} are there")
        yield from _content(stream, name, length)


def _content(stream: BinaryIO, name: bytes, length: int) -> Iterator[_Piece]:
    checksum = zlib.crc32(name)
    for start in range(0, max(1, length), _PIECE):
        content = stream.read(min(_PIECE, length - start))
        checksum = zlib.crc32(content, checksum)
        yield _Piece(name, start == 0, content)
    if stream.read(4) != checksum.to_bytes(4, "big"):
        raise _DamageError(f"the checksum of its chunk {_printable(name)} is wrong")


def _header(piece: _Piece) -> _Header:
    if piece.chunk != b"IHDR" or len(piece.content) != 13:
        raise _DamageError("it does not start with its header (IHDR)")
    width, height, depth, colour, *methods = struct.unpack(">IIBBBBB", piece.content)
    if colour not in _SAMPLES or methods[0] or methods[1] or methods[2] > 1:
        raise _DamageError("its header names a kind of data that there is not")
    return _Header(width, height, depth * _SAMPLES[colour], colour == _PALETTE, bool(methods[2]))


def _pictures(pieces: Iterator[_Piece]) -> Iterator[tuple[int, list[bytes]]]:
    """Bytes of the rows, and the packed data, of each frame that is decoded."""
    header = _header(next(pieces))
    size, data, count, pixels = (header.width, header.height), list[bytes](), 0, 0
    for piece in pieces:
        if piece.chunk == b"IDAT":
            data.append(piece.content)
        elif piece.chunk == b"fdAT":
            data.append(piece.content[4 if piece.first else 0 :])  # after the number of the chunk
        elif data and piece.chunk in (b"fcTL", b"IEND"):
            count, pixels = count + 1, pixels + size[0] * size[1]
            if count > limits.IMAGE_FRAMES or pixels > limits.IMAGE_TOTAL_PIXELS:
                return
            yield header.unpacked(*size), data
            data = []
        if piece.chunk == b"fcTL" and len(piece.content) == 26:
            size = struct.unpack(">II", piece.content[4:12])


def _unpack(needed: int, contents: list[bytes]) -> None:
    """Count what the data unpack to; the last bytes are a checksum, which zlib checks. More than needed is no fault."""
    inflater, count = zlib.decompressobj(), 0
    for content in contents:
        while not inflater.eof and count <= needed:
            most = min(_PIECE, needed + 1 - count)
            got = len(inflater.decompress(content, most))
            content, count = inflater.unconsumed_tail, count + got
            if got < most and not content:
                break
    if count < needed:
        raise _DamageError(f"its rows need {needed} bytes and {count} are there")
    if count == needed and not inflater.eof:
        raise _DamageError("the checksum of its data is missing")


def _printable(name: bytes) -> str:
    return name.decode("ascii") if name.isalpha() and name.isascii() else name.hex()
