"""Pictures that are no pictures: one smooth slope of colour, stripes, a chessboard. Nobody asks a model for them."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

Levels = np.ndarray[Any, np.dtype[np.float32]]

GRID = 24
"""cells a side in which slopes are looked for: noise that was laid over one is averaged away"""
SLOPE = 0.998
"""share of the variance that a surface of second order or a cone explains: gradients have 0.999 and more, also
with noise or lossy encoding on them; the
smoothest photographs, skies at dusk, stay below 0.97"""
STRIPED = 0.999
"""share of the variance that lies between columns, or between rows: stripes and bars have all of it"""
SIDE = 256
"""pixels a side to which large pictures are reduced, by leaving out, before stripes and boards are looked for"""
BLURRED, ALIKE = 0.15, 0.95
"""by how much of its range a level may be off, and how many pixels must fit: lossy encoders blur edges"""
TURNS = 3
"""changes of colour along a side from which on a pattern of two colours is a board, not a box"""
LEAST = 1.0
"""variance, levels squared, below which a channel says nothing"""
SMALLEST = 16
"""pixels a side below which a picture is too small for any pattern to be told"""


def pattern(image: Image.Image, small: Image.Image) -> tuple[str, float] | None:
    """What kind of pattern a picture is, and the figure that says so; None for a picture.

    Args:
        image: of 8-bit channels.
        small: a copy whose pixels are means of those.
    """
    if min(image.size) < SMALLEST:
        return None
    cells = small.resize((GRID, GRID), Image.Resampling.BOX)
    share = _slope(np.stack(_channels(cells), -1))
    if share >= SLOPE:
        return "one smooth slope of colour", share
    step = max(1, max(image.size) // SIDE)
    few = image.resize((-(-image.width // step), -(-image.height // step)), Image.Resampling.NEAREST)
    levels = _channels(few)
    striped = max(min(_between(one, axis) for one in levels) for axis in (0, 1))
    if striped >= STRIPED:
        return "stripes", striped
    return ("a chessboard", 1.0) if all(map(_board, levels)) else None


def _channels(image: Image.Image) -> list[Levels]:
    """The channels that vary."""
    found = [np.asarray(channel, dtype=np.float32) for channel in image.split()]
    return [one for one in found if one.var() > LEAST] or found[:1]


def _slope(cells: Levels) -> float:
    """Share of the variance of all channels that a surface of second order, or a cone around the middle, explains."""
    y, x = np.mgrid[-1 : 1 : GRID * 1j, -1 : 1 : GRID * 1j].reshape(2, -1)
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y, np.hypot(x, y)], 1)
    values = cells.reshape(GRID * GRID, -1).astype(np.float64)
    left = values - terms @ np.linalg.lstsq(terms, values, rcond=None)[0]
    variance = float(values.var(0).sum())
    return 1 - float(left.var(0).sum()) / variance if variance > LEAST else 0.0


def _between(levels: Levels, axis: int) -> float:
    """Share of the variance that lies between the means along an axis."""
    variance = float(levels.var())
    return float(levels.mean(axis).var()) / variance if variance > LEAST else 0.0


def _board(levels: Levels) -> bool:
    """Whether two levels alternate in rows and columns: every row is the first one, or its opposite."""
    low, high = np.percentile(levels[::3, ::3], (2, 98))
    near = np.minimum(np.abs(levels - low), np.abs(levels - high)) <= BLURRED * (high - low)
    if high - low < 2 or near.mean() < ALIKE:
        return False
    light = levels > (low + high) / 2
    row, column = light[0], light[:, 0]
    expected = (row ^ row[0])[None] ^ column[:, None]
    turns = [int(np.count_nonzero(np.diff(edge))) for edge in (row, column)]
    return min(turns) >= TURNS and float((light == expected).mean()) >= ALIKE
