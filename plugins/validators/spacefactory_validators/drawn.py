"""How much of a picture is plain ground: flat colours, or one slope of colour, with words or shapes on it."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from PIL import Image

Grey = np.ndarray[Any, Any]

ROWS = 128
"""rows, and columns, along which neighbours are compared"""
SIDE = 192
"""pixels a side, at least, of the smaller copy in which what encoding does to flat colours is averaged away"""
SLOPE_SIDE = 48
NEAR = 4.0
"""levels of 255 from the slope: what encoding and rounding leave"""
TRIMMED = 0.3
"""share of a picture that may lie off the slope and has no say in where the slope is"""
STEEPEST, SMOOTH = 3, 0.8
"""levels between neighbours in a copy that lies on a slope, and the share of them: others need no fit"""
ENCODED = 0.12
"""share of equal neighbours that encoding costs: shapes on plain ground as WebP keep 0.8 of them; a smooth painting by
a small network has 0.62, although neighbours are nearly alike in 0.89 of it"""


def smaller(image: Image.Image) -> Image.Image:
    """A copy of up to twice `SIDE` pixels a side, each the mean of whole pixels."""
    return image.reduce((max(1, image.width // SIDE), max(1, image.height // SIDE)))


def plainness(grey: Image.Image, small: Image.Image) -> float:
    """Share of a picture that is plain ground, 0 to 1.

    Pictures of words and shapes have 0.9 and more, also as WebP; words on a slope 0.97; photographs up to 0.78.

    Args:
        grey: a picture of brightness, 8 bits a pixel.
        small: what `smaller` makes of it.
    """
    equal = _alike(grey, 0)
    sloping = _on_slope(small) if _alike(small, STEEPEST) >= SMOOTH else 0.0
    return max(equal, min(_alike(small, 1), equal + ENCODED), sloping)


def _alike(grey: Image.Image, levels: int) -> float:
    """Share of neighbours, across and down, that differ by no more; of large pictures, some rows and columns count."""
    pixels = np.asarray(grey)
    rows, columns = pixels[:: max(1, grey.height // ROWS)], pixels[:, :: max(1, grey.width // ROWS)].T
    return min(_near(lines, levels) for lines in (rows, columns))


def _near(lines: Grey, levels: int) -> float:
    one, two = lines[:, 1:], lines[:, :-1]
    if not one.size:
        return 0.0
    alike = one == two if levels == 0 else np.maximum(one, two) - np.minimum(one, two) <= levels
    return float(alike.mean())


def _on_slope(grey: Image.Image) -> float:
    """Share of a small copy that lies on the plane which most of it lies on (a trimmed least-squares fit)."""
    small = grey.resize([max(3, min(SLOPE_SIDE, side)) for side in grey.size], Image.Resampling.BOX)
    values = np.asarray(small, dtype=np.float64)
    places = _places(*values.shape)
    values, kept, trimmed = values.ravel(), np.ones(values.size), int((1 - TRIMMED) * values.size)
    for _ in range(4):
        weighted = places.T * kept
        off = np.abs(values - places @ np.linalg.lstsq(weighted @ places, weighted @ values, rcond=None)[0])
        kept = (off <= max(NEAR, float(np.partition(off, trimmed)[trimmed]))).astype(float)
    return float((off <= NEAR).mean())


@cache
def _places(rows: int, columns: int) -> Grey:
    """Every point of a grid as (x, y, 1)."""
    y, x = np.mgrid[-1 : 1 : rows * 1j, -1 : 1 : columns * 1j]
    return np.stack([x.ravel(), y.ravel(), np.ones(x.size)], 1)
