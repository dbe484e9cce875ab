"""Noise in pictures, told by how little neighbouring pixels, or else patches, have to do with each other."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from spacefactory_validators.directions import lines

if TYPE_CHECKING:
    from PIL.Image import Image

LIKENESS = 0.15
"""correlation below which neighbours are strangers. White noise of many kinds stayed below 0.10 after PNG, JPEG, WebP
and AVIF at qualities down to 50"""
CLEAR = 0.65
"""correlation of the smallest neighbours from which a picture is one. Noise that a decoder with random weights doubled
has 0.4, as a video 0.5, doubled pixels 0.56; pictures start at 0.6, and those have much in common when reduced"""
COARSE = 0.25
"""what is below `CLEAR` must have this much in common when reduced, and no less than before: noise loses likeness with
each step; dithered and grainy pictures gain, and a dithered patch of one colour still had 0.28"""
SCALES = (2, 4, 8)
SMALLEST = 16
"""pixels a side below which a reduced picture is too small to tell chance from likeness"""
ROWS = 192
"""rows that are looked at; a correlation of that many rows is sharp to a hundredth"""


@dataclass(frozen=True)
class Likeness:
    """How much neighbours have in common."""

    measured: float
    """correlation, without its sign, of horizontal or vertical neighbours at the scale that says most, or what patches
    share"""
    threshold: float
    """what noise does not reach at that scale"""
    words: str = "neighbouring pixels correlate by"
    """what was measured"""

    @property
    def certainty(self) -> float:
        """Above 1 for pictures, below for noise; comparable between scales."""
        return self.measured / self.threshold

    @property
    def structured(self) -> bool:
        """Whether the picture is more than noise."""
        return self.measured >= self.threshold


def likeness(grey: Image) -> Likeness:
    """Compare neighbours in a picture of mode L, with sides of at least 2 pixels: pixels, and if need be patches."""
    found = _correlation(grey)
    lined = None if found.structured else lines(grey)
    if lined is None or not lined.shown:
        return found
    return Likeness(lined.measured, lined.threshold, "neighbouring patches share directions by")


def _correlation(grey: Image) -> Likeness:
    fine = _neighbours(grey)
    if fine >= CLEAR:
        return Likeness(fine, CLEAR)
    reduced = [grey.reduce(scale) for scale in SCALES if min(grey.size) // scale >= SMALLEST]
    if not reduced:
        return Likeness(fine, max(LIKENESS, _chance(grey)))
    found = (Likeness(_neighbours(one), max(COARSE, fine, _chance(one))) for one in reduced)
    return max(found, key=lambda one: one.certainty)


def _chance(grey: Image) -> float:
    """Three standard deviations of the correlation of strangers, for this many pairs."""
    return min(0.6, 3 / sqrt((grey.width - 1) * (grey.height - 1)))


def _neighbours(grey: Image) -> float:
    pixels = np.asarray(grey)
    step = len(pixels) // ROWS | 1  # odd, so that rows that were doubled or quadrupled are met at every place
    rows = pixels[: len(pixels) - 1 : step].astype(np.float32)
    below = pixels[1::step][: len(rows)].astype(np.float32)
    return max(abs(correlation(rows[:, :-1], rows[:, 1:])), abs(correlation(rows, below)))


def correlation(first: np.ndarray[Any, Any], second: np.ndarray[Any, Any]) -> float:
    """Pearson's correlation; 1 when one of them does not vary, since nothing constant is noise."""
    one, two = first.ravel() - first.mean(), second.ravel() - second.mean()
    size = sqrt(float(one @ one) * float(two @ two))
    return float(one @ two) / size if size > 1e-6 else 1.0
