"""JPEG files: segments and scans between markers (ITU-T T.81, annex B)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import ceil

_MARKER = re.compile(rb"\xff[^\0\xff]")
"""a byte of 255 in the data is followed by 0; several of them before a marker are padding (B.1.1.2)"""
_AFTER_SCAN = re.compile(rb"\xff[^\0\xff\xd0-\xd7]")
_RESTART = re.compile(rb"\xff([\xd0-\xd7])")
_BARE = frozenset((0x01, 0xD8, *range(0xD0, 0xD8)))
"""markers without a segment (table B.1): TEM, SOI and the restart markers"""
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""markers of a frame header, which name the coding: all of this row but DHT, JPG and DAC"""
_TABLES = frozenset((0xC4, 0xDB))
"""DHT and DQT"""
_RESTARTS, _SCAN, _END = 0xDD, 0xDA, 0xD9


@dataclass
class Scan:
    """Where the coded data of a scan are."""

    start: int
    end: int
    interval: int
    """minimum coded units between two restart markers, 0 when there are none"""
    components: bytes
    """their numbers"""


@dataclass
class Layout:
    """What the segments of the first picture in a file say."""

    coding: int = 0
    """the marker of the frame header: 0xC0 and 0xC1 sequential, 0xC2 progressive, others rare"""
    bits: int = 0
    width: int = 0
    height: int = 0
    factors: dict[int, tuple[int, int]] = field(default_factory=dict)
    """component -> sampling factors, across and down"""
    scans: list[Scan] = field(default_factory=list)
    needed: list[tuple[int, int]] = field(default_factory=list)
    """start and end of what a decoder needs: no metadata"""

    def units(self, scan: Scan) -> int:
        """Minimum coded units of a scan: of all its components together, or blocks of its only one (A.2)."""
        across, down = max(one[0] for one in self.factors.values()), max(one[1] for one in self.factors.values())
        width, height = self.width, self.height
        if len(scan.components) > 1:
            return ceil(width / (8 * across)) * ceil(height / (8 * down))
        own = self.factors.get(scan.components[0], (1, 1))
        return ceil(ceil(width * own[0] / across) / 8) * ceil(ceil(height * own[1] / down) / 8)


def layout_of(data: bytes) -> Layout:
    """The segments up to the marker that ends the picture; what follows it, such as a second picture, is not read."""
    layout, interval = Layout(), 0
    for marker, start, end, after in _segments(data):
        content = data[start + 4 : end]
        if marker in _FRAMES and len(content) >= 6:
            _frame(layout, marker, content)
        elif marker == _RESTARTS:
            interval = int.from_bytes(content[:2], "big")
        elif marker == _SCAN and content:
            layout.scans.append(Scan(end, after, interval, content[1 : 1 + 2 * content[0] : 2]))
            end = after
        if marker in _FRAMES or marker in _TABLES or marker in (_RESTARTS, _SCAN):
            layout.needed.append((start, end))
    return layout


def _segments(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Marker, start and end of each segment, and where the next marker is: after the data, when it starts a scan."""
    found = _MARKER.search(data)
    while found and (marker := data[found.end() - 1]) != _END:
        start, end = found.start(), found.end()
        if marker not in _BARE:
            end += int.from_bytes(data[end : end + 2], "big")
        found = (_AFTER_SCAN if marker == _SCAN else _MARKER).search(data, end)
        if marker not in _BARE:
            yield marker, start, end, found.start() if found else len(data)


def _frame(layout: Layout, marker: int, content: bytes) -> None:
    layout.coding, layout.bits = marker, content[0]
    layout.height, layout.width = int.from_bytes(content[1:3], "big"), int.from_bytes(content[3:5], "big")
    parts = [content[at : at + 2] for at in range(6, 6 + 3 * content[5], 3)]
    layout.factors = {part[0]: (max(1, part[1] >> 4), max(1, part[1] & 15)) for part in parts if len(part) == 2}


def restarts(data: bytes, layout: Layout) -> str | None:
    """Whether restart markers are missing or out of order; None when they are not, or there are none."""
    scans = [scan for scan in layout.scans if scan.interval and scan.components and layout.factors]
    return next(filter(None, (_restarts(data, scan, layout.units(scan)) for scan in scans)), None)


def _restarts(data: bytes, scan: Scan, units: int) -> str | None:
    """The markers count from 0 to 7 and start over, one after each interval but the last (E.1.4)."""
    count = 0
    for found in _RESTART.finditer(data, scan.start, scan.end):
        if found[1][0] & 7 != count & 7:
            return f"restart marker {count + 1} of a scan is missing or out of order"
        count += 1
    needed = ceil(units / scan.interval) - 1
    return f"a scan needs {needed} restart markers and {count} are there" if count < needed else None
