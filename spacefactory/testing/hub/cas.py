"""The content store (xet): packs of chunks, and which chunks make up each file.

The wire formats were found by decoding what the real client sends.
"""

from __future__ import annotations

import hashlib
import secrets
import struct
from dataclasses import dataclass
from typing import Any

from spacefactory.testing.hub.lz4 import decode_frame

EMPTY = "0" * 64
"""The hash of an empty file; nothing is stored for it."""
_END_OF_FILES = b"\xff" * 32
_HAS_VERIFICATION, _HAS_SHA256 = 0x80000000, 0x40000000
_RECORD = 48
_CHUNK = 64 * 1024


@dataclass(frozen=True)
class Segment:
    """A run of chunks of one pack; `last` is exclusive."""

    xorb: str
    first: int
    last: int
    size: int


@dataclass(frozen=True)
class Chunk:
    """A chunk's place in its pack. Scheme: 0 stored, 1 LZ4, 2 LZ4 over bytes grouped by four."""

    offset: int
    length: int
    scheme: int
    unpacked: int


class Cas:
    """Packs, and the segments of each file."""

    def __init__(self) -> None:
        self.name = secrets.token_hex(4)  # part of its address: clients remember by address what a store holds
        self.xorbs: dict[str, bytes] = {}
        self.files: dict[str, tuple[Segment, ...]] = {EMPTY: ()}
        self.by_sha256: dict[str, str] = {hashlib.sha256(b"").hexdigest(): EMPTY}
        self.tokens: set[str] = set()
        self._chunks: dict[str, list[Chunk]] = {}

    def put_xorb(self, name: str, body: bytes) -> None:
        """Keep a pack."""
        self.xorbs[name] = body
        self._chunks.pop(name, None)

    def put_shard(self, body: bytes) -> int:
        """Take a list of files; returns how many.

        Raises:
            ValueError: it is cut short, or names a pack that was never sent.
        """
        pos, count = _RECORD, 0
        while body[pos : pos + 32] != _END_OF_FILES:
            try:
                pos = self._put_file(body, pos)
            except struct.error as error:
                raise ValueError("the shard is cut short") from error
            count += 1
        return count

    def put_bytes(self, data: bytes) -> str:
        """Store bytes that did not come from a client; returns the hash under which clients can fetch them."""
        sha256 = hashlib.sha256(data).hexdigest()
        if sha256 not in self.by_sha256:
            pieces = [data[start : start + _CHUNK] for start in range(0, len(data), _CHUNK)]
            self.put_xorb(sha256, b"".join(_stored(piece) for piece in pieces))
            self.files[sha256] = (Segment(sha256, 0, len(pieces), len(data)),)
            self.by_sha256[sha256] = sha256
        return self.by_sha256[sha256]

    def size(self, name: str) -> int:
        """Bytes of a file."""
        return sum(segment.size for segment in self.files[name])

    def read(self, name: str) -> bytes:
        """The plain bytes of a file.

        Raises:
            ValueError: a pack does not hold what its chunks say.
        """
        return b"".join(
            self._unpack(segment.xorb, chunk)
            for segment in self.files[name]
            for chunk in self._chunks_of(segment.xorb)[segment.first : segment.last]
        )

    def reconstruction(self, name: str, base: str) -> dict[str, Any]:
        """How a client puts a file together: ranges of bytes of packs."""
        terms, fetch = [], dict[str, list[dict[str, Any]]]()
        for segment in self.files[name]:
            chunks = self._chunks_of(segment.xorb)[segment.first : segment.last]
            start, end = chunks[0].offset, chunks[-1].offset + chunks[-1].length
            span = {"start": segment.first, "end": segment.last}
            terms.append({"hash": segment.xorb, "unpacked_length": segment.size, "range": span})
            part = {"range": span, "url": f"{base}/xorb/{segment.xorb}", "url_range": {"start": start, "end": end - 1}}
            fetch.setdefault(segment.xorb, []).append(part)
        return {"offset_into_first_range": 0, "terms": terms, "fetch_info": fetch}

    def _put_file(self, body: bytes, pos: int) -> int:
        name = _hash(body[pos : pos + 32])
        flags, entries = struct.unpack_from("<II", body, pos + 32)
        pos += _RECORD
        segments = []
        for at in range(pos, pos + entries * _RECORD, _RECORD):
            _, size, first, last = struct.unpack_from("<IIII", body, at + 32)
            segments.append(Segment(_hash(body[at : at + 32]), first, last, size))
        pos += entries * _RECORD * (2 if flags & _HAS_VERIFICATION else 1)
        if missing := [segment.xorb for segment in segments if segment.xorb not in self.xorbs]:
            raise ValueError(f"the shard names a xorb that was never sent: {missing[0]}")
        self.files[name] = tuple(segments)
        if flags & _HAS_SHA256:
            self.by_sha256[_hash(body[pos : pos + 32])] = name
            pos += _RECORD
        return pos

    def _chunks_of(self, xorb: str) -> list[Chunk]:
        if xorb not in self._chunks:
            self._chunks[xorb] = _scan(self.xorbs[xorb])
        return self._chunks[xorb]

    def _unpack(self, xorb: str, chunk: Chunk) -> bytes:
        packed = self.xorbs[xorb][chunk.offset + 8 : chunk.offset + chunk.length]
        data = packed if chunk.scheme == 0 else decode_frame(packed)
        data = _ungroup(data) if chunk.scheme == 2 else data
        if len(data) != chunk.unpacked:
            raise ValueError(f"a chunk of {xorb} has {len(data)} bytes, not {chunk.unpacked}")
        return data


def _hash(raw: bytes) -> str:
    """A hash as text: four little-endian words, each printed as 16 digits."""
    return "".join(f"{word:016x}" for word in struct.unpack("<4Q", raw))


def _scan(xorb: bytes) -> list[Chunk]:
    pos, found = 0, []
    while pos + 8 <= len(xorb) and xorb[pos] == 0:  # a footer, where there is one, starts with a letter
        packed, unpacked = (int.from_bytes(xorb[pos + at : pos + at + 3], "little") for at in (1, 5))
        found.append(Chunk(pos, 8 + packed, xorb[pos + 4], unpacked))
        pos += 8 + packed
    return found


def _stored(data: bytes) -> bytes:
    size = len(data).to_bytes(3, "little")
    return b"\0" + size + b"\0" + size + data


def _ungroup(data: bytes) -> bytes:
    """Undo grouping: first all bytes whose index is 0 modulo 4, then 1, 2 and 3."""
    out, pos = bytearray(len(data)), 0
    for lane in range(4):
        count = len(range(lane, len(data), 4))
        out[lane::4] = data[pos : pos + count]
        pos += count
    return bytes(out)
