"""White noise in pictures, told by how little neighbouring pixels have to do with each other."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from PIL.Image import Image

LIKENESS = 0.15
"""correlation below which neighbours are strangers. White noise of many kinds stayed below 0.10 after PNG, JPEG, WebP
and AVIF at qualities down to 50; pictures start at 0.4, dithered ones at 0.9 once they are reduced"""
SCALES = (1, 2, 4)
"""a dithered picture is noise for its smallest neighbours and a picture when reduced; noise is noise at every scale"""
SMALLEST = 32
"""pixels a side below which a reduced picture is too small to tell chance from likeness"""
ROWS = 192
"""rows that are looked at; a correlation of that many rows is sharp to a hundredth"""


@dataclass(frozen=True)
class Likeness:
    """How much neighbours have in common."""

    measured: float
    """largest correlation, without its sign, of horizontal and vertical neighbours at any scale"""
    threshold: float
    """what chance does not reach: 3 standard deviations for a picture this small, at least `LIKENESS`"""

    @property
    def structured(self) -> bool:
        """Whether the picture is more than white noise."""
        return self.measured >= self.threshold


def likeness(grey: Image) -> Likeness:
    """Compare neighbouring pixels of a picture of mode L, with sides of at least 2 pixels."""
    pairs = (grey.width - 1) * (grey.height - 1)
    found = 0.0
    for scale in SCALES:
        if scale > 1 and min(grey.size) // scale < SMALLEST:
            break
        found = max(found, _neighbours(grey.reduce(scale) if scale > 1 else grey))
        if found >= 0.5:
            break  # a picture beyond doubt
    return Likeness(found, max(LIKENESS, min(0.6, 3 / sqrt(pairs))))


def _neighbours(grey: Image) -> float:
    pixels = np.asarray(grey)
    step = max(1, len(pixels) // ROWS)
    rows = pixels[: len(pixels) - 1 : step].astype(np.float32)
    below = pixels[1::step][: len(rows)].astype(np.float32)
    return max(abs(correlation(rows[:, :-1], rows[:, 1:])), abs(correlation(rows, below)))


def correlation(first: np.ndarray[Any, Any], second: np.ndarray[Any, Any]) -> float:
    """Pearson's correlation; 1 when one of them does not vary, since nothing constant is noise."""
    one, two = first.ravel() - first.mean(), second.ravel() - second.mean()
    size = sqrt(float(one @ one) * float(two @ two))
    return float(one @ two) / size if size > 1e-6 else 1.0
