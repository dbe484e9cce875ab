"""Pictures and videos compared by the mean colours of their regions, which encoding hardly touches."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

Grid = np.ndarray[Any, Any]

CELLS = 32
"""cells along the longer side, at most"""
CELL = 4
"""pixels along a cell, at least"""


def grid(image: Image.Image) -> Grid:
    """Mean colour of every cell, float32 of shape (rows, columns, channels), 0 to 255."""
    columns = max(1, min(CELLS, image.width // CELL))
    rows = max(1, min(CELLS, image.height // CELL))
    return np.asarray(image.resize((columns, rows), Image.Resampling.BOX), dtype=np.float32)


def largest(first: Grid, second: Grid) -> float:
    """The largest difference between two grids of one shape, in levels of 255."""
    return float(np.abs(first - second).max())
