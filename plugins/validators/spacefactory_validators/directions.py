"""Lines in pictures: where an edge goes on, neighbouring patches of a picture run the same way; in noise they do not.

Filters that keep edges alone, such as emboss and Laplace, leave pictures whose pixels differ from all their neighbours,
as those of noise do. Their patches still share directions, and most of them are quiet.

Figures are of November 2026, of pictures whose pixels `noise.py` takes for noise. None of 13,986 samples of noise has
lines (white, coloured, filtered, enlarged, modulated, in PNG, JPEG, WebP, AVIF and five codecs of video): at most 0.63
of what is asked, and 0.89 where it was encoded at a low quality; 1,982 pictures that networks with random
weights make of nothing have at most 0.42. Embossed pictures of the probe have 1.5 to 2.3; 85 % of embossed photographs,
drawings and screen shots of more than 260 pixels a side pass, 59 % of those above 130, none below. Networks with random
weights that filter a picture keep its lines: 3 of 781 pass. AVIF at quality 30 and below turns some noise into streaks,
which are lines: 4 of some 2,900 samples pass.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from spacefactory_validators.likeness import Numbers

if TYPE_CHECKING:
    from PIL.Image import Image

PATCH = 8
"""pixels a side of a patch: what networks and encoders repeat every 2, 4 or 8 pixels is the same in every patch"""
FEWEST = 8
"""patches a side below which what they share may be chance"""
LARGEST = 512
"""pixels a side of the middle that is looked at, which bounds time and memory"""
MARGIN = 8
"""lines must show without one part in so many of each side too: frames are lines, and so is what networks make of the
border of a picture"""
STEPS = (1, 2, 3)
"""patches apart at which lines must show; those three apart may share a third of what the next ones do. Blocks of an
encoder that were enlarged end sooner: with the first two steps alone, one such sample had 1.23 of what is asked"""
SHARED = 0.08
"""see `Lines.measured`"""
CHANCES = 5.0
"""standard deviations by which patches must share more than strangers do: a few strong marks prove nothing"""
UNEVEN = 0.9
"""standard deviation of the energy of patches, as a share of its mean, from which a picture has quiet and busy places.
Noise that is alike everywhere has 0.1 to 0.5, and up to 0.75 where AVIF at quality 40 or more gives it lines"""


@dataclass(frozen=True)
class Lines:
    """How much patches share the direction of the next ones."""

    measured: float
    """share of their strength, of all pairs of patches: 0 for strangers, up to 1 where lines run through every patch"""
    threshold: float
    """what noise does not reach"""

    @property
    def shown(self) -> bool:
        """Whether there are lines."""
        return self.measured >= self.threshold


def lines(grey: Image) -> Lines | None:
    """Compare the directions of neighbouring patches of a picture of mode L.

    Returns:
        What they share, and without the margin if that is less; None where the picture has less than 64 pixels a side,
        or is about as busy everywhere.
    """
    pixels = _middle(np.asarray(grey), LARGEST, LARGEST)
    height, width = pixels.shape
    if min(height, width) < PATCH * FEWEST:
        return None
    whole = _lines(pixels)
    if whole is None or not whole.shown:
        return whole
    inner = _lines(_middle(pixels, height - 2 * (height // MARGIN), width - 2 * (width // MARGIN)))
    return inner and min(whole, inner, key=lambda one: one.measured / one.threshold)


def _middle(pixels: Numbers, height: int, width: int) -> Numbers:
    top, left = max(0, len(pixels) - height) // 2, max(0, pixels.shape[1] - width) // 2
    return pixels[top : top + height, left : left + width]


def _lines(pixels: Numbers) -> Lines | None:
    slopes = _slopes(pixels.astype(np.float32))
    energy = _patches(slopes.real**2 + slopes.imag**2)
    if not energy.any() or energy.std() < UNEVEN * energy.mean():
        return None
    strength = np.sqrt(energy)
    found = _directions(_patches(slopes * slopes), strength)
    shared = {step: _shared(found, strength, step) for step in STEPS}
    measured = min(step * share for step, (share, _) in shared.items())
    return Lines(measured, max(SHARED, CHANCES * shared[1][1]))


def _slopes(levels: Numbers) -> Numbers:
    """How brightness changes along both diagonals of each four neighbours."""
    falling, rising = levels[1:, 1:] - levels[:-1, :-1], levels[:-1, 1:] - levels[1:, :-1]
    return np.asarray(falling + 1j * rising)


def _patches(values: Numbers) -> Numbers:
    """Sums over patches; rows first, which takes half of the time."""
    rows, columns = values.shape[0] // PATCH, values.shape[1] // PATCH
    bands = values[: rows * PATCH, : columns * PATCH].reshape(rows, PATCH, columns * PATCH).sum(1)
    return np.asarray(bands.reshape(rows, columns, PATCH).sum(2, dtype=np.result_type(values, np.float64)))


def _directions(squares: Numbers, strength: Numbers) -> Numbers:
    """Directions at twice their angle, so that up is down, weighted by strength, less what all have in common.

    A direction that is the same everywhere is no line: filters give noise one.
    """
    found = np.divide(squares, strength, out=np.zeros_like(squares), where=strength > 0)
    return np.asarray(found - strength * (found.sum() / strength.sum()))


def _shared(found: Numbers, strength: Numbers, step: int) -> tuple[float, float]:
    """Share of their strength in which patches agree with those so many steps on, and what chance makes of it."""
    agreeing = np.concatenate([(one * two.conj()).real.ravel() for one, two in _pairs(found, step)])
    most = sum(float((one * two).sum()) for one, two in _pairs(strength, step))
    return (float(agreeing.sum()) / most, sqrt(float(agreeing @ agreeing)) / most) if most else (0.0, 0.0)


def _pairs(values: Numbers, step: int) -> list[tuple[Numbers, Numbers]]:
    """Patches and those so many steps below them, then to the right."""
    return [(values[:-step], values[step:]), (values[:, :-step], values[:, step:])]
