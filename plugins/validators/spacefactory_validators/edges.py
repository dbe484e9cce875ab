"""Edges in pictures: within a small patch, few pixels of a picture change much and most little; in noise all do.

Patches are compared with themselves, since noise, too, may be strong here and weak there. Figures are of November 2026:
noise of many kinds has a kurtosis of 1.6 to 3.1 (3.0 is what normal noise has); lawns and gravel 3.3 to 3.5, edges and
stars 4 and more. Noise of a few bright grains reaches 20, and so does faint noise of a low JPEG quality.
"""

from __future__ import annotations

import numpy as np

from spacefactory_validators.likeness import Likeness, Numbers
from spacefactory_validators.scales import neighbours

STRANGE = 0.65
"""correlation of neighbours below which a copy is looked at: edges are narrow there, and noise is nearly white"""
PATCH = 8
"""pixels a side of a patch"""
FEWEST = 2
"""patches a side below which there is too little to see"""
SHARP = 3.2
"""kurtosis from which there are edges"""


def edges(found: list[Numbers]) -> Likeness | None:
    """How sharp the changes are in the first of ever smaller copies whose neighbours differ; None where none do."""
    pixels = next((one for one in found if neighbours(one) < STRANGE), None)
    if pixels is None or min(pixels.shape) < PATCH * FEWEST + 2:
        return None
    return Likeness(_kurtosis(_patches(_curves(pixels))), SHARP, "changes within patches have a kurtosis of")


def _curves(pixels: Numbers) -> Numbers:
    """How each pixel differs from the mean of its four neighbours."""
    around = pixels[:-2, 1:-1] + pixels[2:, 1:-1] + pixels[1:-1, :-2] + pixels[1:-1, 2:]
    return np.asarray(4 * pixels[1:-1, 1:-1] - around)


def _patches(values: Numbers) -> Numbers:
    """Patches, one a row."""
    rows, columns = values.shape[0] // PATCH, values.shape[1] // PATCH
    cut = values[: rows * PATCH, : columns * PATCH].reshape(rows, PATCH, columns, PATCH)
    return np.asarray(cut.swapaxes(1, 2).reshape(rows * columns, PATCH * PATCH))


def _kurtosis(patches: Numbers) -> float:
    """Fourth moments over squared second ones, both summed over patches."""
    squares = (patches - patches.mean(1, keepdims=True)) ** 2
    size = float((squares.mean(1) ** 2).sum())
    return float((squares**2).mean(1).sum()) / size if size else 0.0
