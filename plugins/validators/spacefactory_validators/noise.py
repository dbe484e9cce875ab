"""Noise in pictures, told by how little neighbours have in common, at once or where the picture is made smaller."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from spacefactory_validators.bands import bands
from spacefactory_validators.codes import is_code
from spacefactory_validators.directions import lines
from spacefactory_validators.edges import edges
from spacefactory_validators.likeness import Likeness, correlation
from spacefactory_validators.scales import bounded, copies, lasting, middle
from spacefactory_validators.strokes import strokes

if TYPE_CHECKING:
    from PIL.Image import Image

STRANGERS = 0.15
"""correlation below which neighbours are strangers. White noise of many kinds stayed below 0.10 after PNG, JPEG, WebP
and AVIF at qualities down to 50"""
CLEAR = 0.65
"""correlation of the smallest neighbours from which a picture may be one. Noise that a decoder with random weights
doubled has 0.4, as a video 0.5, doubled pixels 0.56; pictures start at 0.6, and those have much in common when
reduced"""
COARSE = 0.25
"""what is below `CLEAR` must have this much in common when reduced, and no less than before: noise loses likeness with
each step; dithered and grainy pictures gain, and a dithered patch of one colour still had 0.28"""
SCALES = (2, 4, 8)
SMALLEST = 16
"""pixels a side below which a reduced picture is too small to tell chance from likeness"""
ROWS = 192
"""rows that are looked at; a correlation of that many rows is sharp to a hundredth"""
QUIET = 1.0
"""levels of 255 by which the middle must vary to tell something: a title over an empty page leaves none"""
LINED = 64
"""pixels a side of the smallest copy in which lines are looked for"""


def likeness(grey: Image) -> Likeness:
    """Compare neighbours in a picture of mode L, with sides of at least 2 pixels.

    Pixels must be alike, and still where the picture is made smaller; else lines or strokes speak for it or, where only
    that failed, sharp edges, bands or the marks of a code.
    """
    found = _correlation(grey)
    if not found.structured:
        return _lined(grey) or _strokes(grey) or found
    inner = middle(grey)
    kept = lasting(inner)
    if kept is None or kept.structured:
        return found
    smaller = copies(inner.image)
    if float(smaller[0].std()) < QUIET:
        return found
    shown = next((one for one in (edges(smaller), bands(smaller[0])) if one and one.structured), None)
    few = bounded(grey)
    return shown or _lined(grey, *_halves(few)) or (found if is_code(few) else kept)


def _halves(grey: Image) -> list[Image]:
    return [grey.reduce(scale) for scale in (2, 4) if min(grey.size) // scale >= LINED]


def _strokes(grey: Image) -> Likeness | None:
    shown = strokes(np.asarray(grey))
    return shown if shown and shown.structured else None


def _lined(*pictures: Image) -> Likeness | None:
    """The lines of the first that has some."""
    found = (lines(picture) for picture in pictures)
    shown = next((one for one in found if one is not None and one.shown), None)
    words = "neighbouring patches share directions by"
    return None if shown is None else Likeness(shown.measured, shown.threshold, words)


def _correlation(grey: Image) -> Likeness:
    fine = _neighbours(grey)
    if fine >= CLEAR:
        return Likeness(fine, CLEAR)
    reduced = [grey.reduce(scale) for scale in SCALES if min(grey.size) // scale >= SMALLEST]
    if not reduced:
        return Likeness(fine, max(STRANGERS, _chance(grey)))
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
