"""MPEG transport streams: packets of 188 bytes, numbered within each stream (ISO/IEC 13818-1, section 2.4.3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import BinaryIO

_PACKET = 188
_SYNC = 0x47
_FILLER = 0x1FFF
"""the stream of null packets, which are not numbered"""
_START = b"\0\0\1"
"""what a PES packet starts with"""


@dataclass
class _Stream:
    """What is known of one elementary stream or table."""

    counter: int | None = None
    missing: int = field(default=0)
    """bytes that the current PES packet still needs; 0 when it states no length, as pictures do"""


def damage(stream: BinaryIO, size: int) -> str | None:
    """Which packet is cut off, damaged or lost; None when all are there."""
    if size % _PACKET:
        return f"its last packet has {size % _PACKET} bytes, not {_PACKET}"
    streams: dict[int, _Stream] = {}
    stream.seek(0)
    for number in range(1, size // _PACKET + 1):
        packet = stream.read(_PACKET)
        if len(packet) < _PACKET or packet[0] != _SYNC:
            return f"there is no packet where packet {number} should start"
        if packet[1] & 0x80:
            return f"packet {number} is marked as damaged by a transmission"
        pid = (packet[1] & 0x1F) << 8 | packet[2]
        if pid != _FILLER and (fault := _fault(packet, streams.setdefault(pid, _Stream()))):
            return f"{fault} packet {number}"
    if any(one.missing > 0 for one in streams.values()):
        return "it ends within a PES packet"
    return None


def _fault(packet: bytes, seen: _Stream) -> str | None:
    """What is missing before a packet. Takes note of the packet."""
    adapted, filled, counter = packet[3] & 0x20, packet[3] & 0x10, packet[3] & 0x0F
    if not filled:
        return None
    starts = bool(packet[1] & 0x40)
    if counter == seen.counter and not _marked(packet):
        return None  # a packet may be sent twice
    gap = seen.counter is not None and counter != (seen.counter + 1) & 0x0F
    seen.counter = counter
    # segments that were joined count from 0 again, each at the start of a PES packet or table
    if gap and not _marked(packet) and not (starts and not counter):
        return "a packet is lost before"
    cut = starts and seen.missing > 0
    payload = packet[5 + packet[4] if adapted else 4 :]
    if starts:
        seen.missing = _needed(payload, scrambled=bool(packet[3] & 0xC0))
    seen.missing -= len(payload)
    return "a PES packet is cut off before" if cut else None


def _marked(packet: bytes) -> bool:
    """Whether the packet says that the numbers start anew."""
    return bool(packet[3] & 0x20 and packet[4] and packet[5] & 0x80)


def _needed(payload: bytes, scrambled: bool) -> int:
    """Bytes of the PES packet that starts here; 0 when it states no length or is none."""
    if payload[:3] != _START or len(payload) < 6 or scrambled:
        return 0
    length = int.from_bytes(payload[4:6], "big")
    return 6 + length if length else 0
