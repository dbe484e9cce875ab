"""Pictures and videos compared by the mean colours of their regions, which encoding hardly touches."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

Grid = np.ndarray[Any, Any]

CELLS = 32
"""cells along the longer side, at most"""
CELL, SMALL_CELL = 8, 4
"""pixels along a cell, at least: encoders work in blocks of 8; the second one for pictures below `SMALL`"""
SMALL = 16
"""pixels a side: such pictures would have one cell only"""


def grid(image: Image.Image) -> Grid:
    """Mean colour of every cell, float32 of shape (rows, columns, channels), 0 to 255."""
    cell = CELL if min(image.size) >= SMALL else SMALL_CELL
    columns = max(1, min(CELLS, image.width // cell))
    rows = max(1, min(CELLS, image.height // cell))
    return np.asarray(image.resize((columns, rows), Image.Resampling.BOX), dtype=np.float32)


def largest(first: Grid, second: Grid) -> float:
    """The largest difference between two grids of one shape, in levels of 255."""
    return float(np.abs(first - second).max())
