"""Likeness that lasts: a picture made smaller still is one, but noise that was blurred or enlarged is noise again.

Figures are of November 2026, of pictures whose neighbouring pixels are alike, with all that `noise.py` asks. From 131
pixels a side it keeps 223 of 226 photographs and drawings (it loses gravel and a lawn) and 95 % of 3,759 pictures that
filters made of them (edges, dithering, grain; most of the lost ones are of gravel, bricks and a chessboard), but also
33 of 226 noises: enlarged smoothly 8 times, with the spectrum of a landscape, with a level for each row, in tiles of 4
pixels, and faint ones of a low JPEG quality. Below 96 pixels it keeps 43 of 46 photographs and 89 of 174 noises: blots
of four pixels are a tenth of what can be seen. Of 249 pictures that networks with random weights made of nothing 73
pass, of 494 that they made of a picture 454.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from spacefactory_validators.likeness import Likeness, Numbers, correlation

AREA = 512 * 512
"""pixels from four times as many of which a picture is reduced first, which bounds time and memory"""
MARGIN = 6
"""one part in so many of each side is left out: frames, captions and what networks make of the border of a picture"""
REPEATED = 0.3
"""rows and columns that differ from the one before by less than this share of what the most different tenth do repeat
it; encoders leave some difference"""
OTHER = 0.6
"""share from which they are clearly others"""
MIXED = 0.2
"""share of those that are no repeats, but not clearly others, from which a picture just has quiet rows"""
COLUMNS = 64
"""columns that are compared to tell whether a row repeats another"""
FEWEST_CELLS = 10
"""rows and columns that must be left without repeats; fewer are few large squares, and stay"""
ENLARGED = 0.6
"""share of rows and columns that are left where a picture was enlarged by repeating its pixels"""
SMALLEST = 10
"""pixels a side of the smallest copy; fewer cannot tell chance from likeness"""
ALIKE = 0.3
"""correlation that neighbours must keep. Photographs have 0.6 to 0.95, noise what chance makes"""
UNDITHERED = 4
"""times that a picture is reduced before its layout shows"""
LARGE, LOW = 48, 24
"""pixels a side below which a copy shows the layout of a picture: at both, neighbours must be alike"""
CHANCE = 3.0
"""standard deviations of the correlation of strangers; a copy of n pixels a side has 1 / n"""
DEGREE = 4
"""of the polynomial that is taken from the smallest copy: a vignette over noise makes neighbours alike, too"""
FEW = 14
"""pixels a side below which it is of degree 2, which leaves more of a picture"""
BENT = 12
"""pixels a side below which there is none"""
WORDS = "neighbours in smaller copies correlate by"
"""what `Likeness.measured` is here"""


@dataclass(frozen=True)
class Middle:
    """The middle of a picture, of mode L."""

    image: Image.Image
    """without rows and columns that repeat others, and with a bounded number of pixels"""
    enlarged: bool
    """whether most rows and columns were such repeats: then each pixel says something of its own, and the layout shows
    in them; else neighbours may be alike by a blur, or differ by dithering, until it is reduced"""


def middle(grey: Image.Image) -> Middle:
    """Cut the middle out of a picture of mode L."""
    whole = _inner(np.asarray(grey))
    own = _distinct(whole) if min(whole.shape) >= SMALLEST else whole
    return Middle(bounded(Image.fromarray(own)), enlarged=own is not whole)


def copies(image: Image.Image) -> list[Numbers]:
    """The picture, and copies each half as large as the one before, down to the smallest that can tell something."""
    found, copy = [], image.convert("F")
    while min(copy.size) >= SMALLEST:
        found.append(np.asarray(copy))
        copy = copy.reduce(2)
    return found


def bounded(grey: Image.Image) -> Image.Image:
    """The picture, reduced where it has many pixels."""
    factor = int((grey.width * grey.height / AREA) ** 0.5)
    return grey.reduce(factor) if factor > 1 else grey


def lasting(found: Middle) -> Likeness | None:
    """How alike neighbours still are where only the layout of a picture is left; None where it is too small to tell."""
    layouts = copies(found.image if found.enlarged else found.image.reduce(UNDITHERED))
    large = next((one for one in layouts if min(one.shape) < LARGE), None)
    if large is None:
        return None
    low = next((one for one in layouts if min(one.shape) < LOW), large)
    level = levelled(low) if min(low.shape) >= BENT else low
    kept = [Likeness(neighbours(one), max(ALIKE, CHANCE / min(one.shape)), WORDS) for one in (large, low, level)]
    return min(kept, key=lambda one: one.certainty)


def neighbours(pixels: Numbers) -> float:
    """Correlation of those side by side or of those above each other; where nothing varies, nothing is left: zero."""
    across = correlation(pixels[:, :-1], pixels[:, 1:], constant=0.0)
    return max(across, correlation(pixels[:-1], pixels[1:], constant=0.0))


def _inner(pixels: Numbers) -> Numbers:
    top, left = pixels.shape[0] // MARGIN, pixels.shape[1] // MARGIN
    return pixels[top : len(pixels) - top, left : pixels.shape[1] - left]


def _distinct(pixels: Numbers) -> Numbers:
    """Without repeats, where most rows and columns are: what was enlarged by repeating pixels gets its size back."""
    rows, columns = _news(pixels), _news(pixels.T)
    few = max(rows.mean(), columns.mean()) >= ENLARGED or min(rows.sum(), columns.sum()) < FEWEST_CELLS
    return pixels if few else np.ascontiguousarray(pixels[rows][:, columns])


def _news(pixels: Numbers) -> Numbers:
    """Which rows differ from the one before; all, where there is every degree between repeats and others."""
    sample = pixels[:, :: max(1, pixels.shape[1] // COLUMNS)].astype(np.int16)
    changes = np.abs(np.diff(sample, axis=0)).mean(1)
    shares = changes / max(float(np.quantile(changes, 0.9)), 1e-9)
    between = ((shares > REPEATED) & (shares < OTHER)).sum() > MIXED * (shares > REPEATED).sum()
    return np.concatenate([[True], (shares > REPEATED) | between])


def levelled(pixels: Numbers) -> Numbers:
    """Less the polynomial that fits best; pixels may be a single row or column, too."""
    down, across = _bends(pixels.shape[0]), _bends(pixels.shape[1])
    fits = down.T @ pixels @ across
    orders = np.add.outer(np.arange(fits.shape[0]), np.arange(fits.shape[1]))
    degree = DEGREE if min(pixels.shape) >= FEW or 1 in pixels.shape else 2
    return np.asarray(pixels - down @ np.where(orders <= degree, fits, 0) @ across.T)


def _bends(count: int) -> Numbers:
    """Orthonormal polynomials up to the degree at so many places, one a column; fewer where there are fewer places."""
    places = np.linspace(-1, 1, count)
    return np.asarray(np.linalg.qr(np.vander(places, min(count, DEGREE + 1), increasing=True))[0])
