"""Codes that machines read: squares that look like noise, and three marks that no noise has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spacefactory_validators.likeness import Numbers

if TYPE_CHECKING:
    from PIL.Image import Image

MARK = np.array([[min(x, y, 6 - x, 6 - y) != 1 for x in range(7)] for y in range(7)])
"""a finder pattern of a QR code: a dark square of 3 modules in a light ring in a dark ring (ISO/IEC 18004, 6.3.3)"""
RUNS = np.array([1, 1, 3, 1, 1])
"""modules of dark and light through the middle of a mark"""
SLACK = 0.5
"""modules by which a run may be longer or shorter, as readers of codes allow"""
SMALLEST = 2
"""pixels of a module below which no reader tells them apart"""
WRONG = 4
"""of the 49 modules of a mark, those that an encoder may have spoilt; chance makes 24 wrong"""


def is_code(grey: Image) -> bool:
    """Whether a picture of mode L is a QR code: it has marks in three of its four corners."""
    pixels = np.asarray(grey)
    dark = pixels < (int(pixels.min()) + int(pixels.max())) / 2
    height, width = dark.shape
    marks = [place for place in _candidates(dark) if _marked(dark, *place)]
    return len({(2 * y > height, 2 * x > width) for y, x, _ in marks}) >= 3


def _candidates(dark: Numbers) -> list[tuple[float, float, float]]:
    """Row, column and size of a module wherever the runs of a row are those of a mark, once for each eight rows."""
    width = dark.shape[1]
    line = np.pad(dark, ((0, 0), (1, 1)))  # each row starts and ends with light
    starts = np.flatnonzero(np.diff(line.ravel())) + 1
    if len(starts) <= len(RUNS):
        return []
    runs = np.lib.stride_tricks.sliding_window_view(np.diff(starts), 5)[::2]  # the first run is dark
    modules = runs.sum(1) / 7
    fits = (modules >= SMALLEST) & (np.abs(runs / modules[:, None] - RUNS) <= SLACK).all(1)
    middles = starts[: 2 * len(runs) : 2][fits] + modules[fits] * 3.5
    rows = middles // (width + 2)
    found = zip(rows, middles - rows * (width + 2) - 1, modules[fits], strict=True)
    return list({(int(y) // 8, int(x) // 8, int(size)): (y, x, size) for y, x, size in found}.values())


def _marked(dark: Numbers, row: float, column: float, module: float) -> bool:
    """Whether a mark is around a place in one of its three middle rows of modules."""
    steps = (np.arange(7) - 3) * module
    for shift in (-1, 0, 1):
        y, x = (steps + row + shift * module + 0.5).astype(int), (steps + column).astype(int)
        inside = min(*y, *x) >= 0 and max(y) < dark.shape[0] and max(x) < dark.shape[1]
        if inside and int((dark[np.ix_(y, x)] != MARK).sum()) <= WRONG:
            return True
    return False
