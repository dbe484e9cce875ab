"""Noise in sounds, told by what a smooth spectrum and a loudness that comes and goes leave unexplained.

Noise of any colour and loudness is one spectrum times one envelope: what is left of each frequency is chance. Tones and
voices have sharp lines in their spectra, and their parts come and go one by one. Figures are of November 2026, of 992
noises (white to brown, filtered, enlarged, in bursts, of 8 to 44 kHz and 0.5 to 10 s) and 112 sounds; see the
thresholds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Numbers = np.ndarray[Any, Any]

LINED = 1.4
"""`Texture.lines` from which there are lines. Noise has 0.8 to 1.1, and up to 1.4 where it is pink; speech 1.1 to
3.8, music 1.7 to 4.5, tones 2 and more"""
MOVED = 2.7
"""`Texture.moves` from which parts come and go by themselves. Noise has 0.5 to 1.5, in bursts up to 5; speech 6 to 90,
rain 10, and a steady chord none"""
OCCUPIED = 0.995
"""share of the energy that marks the upper end of the band"""
CELL = 16
"""neighbouring frequencies that are taken together; of a narrow band, an eighth of it"""
NARROW = 32
"""frequencies below which a band is not narrowed further"""
FAINT = 1e-3
"""share of the energy of the loudest spectrum below which one is silence"""
WINDOW = 1.5
"""by which neighbouring frequencies behind a Hann window vary together: 1 over its noise bandwidth in bins"""


@dataclass(frozen=True)
class Texture:
    """What of a sound is neither its spectrum nor its loudness."""

    lines: float
    """mean square of frequencies over their neighbours, weighted by energy, over that of noise: 1 for noise"""
    moves: float
    """how far cells of time and frequency are from spectrum times loudness, in units of chance: 1 for noise, 0 where
    nothing changes"""

    @property
    def noise(self) -> bool:
        """Whether nothing is left but chance."""
        return self.lines < LINED and self.moves < MOVED


def texture(powers: Numbers) -> Texture | None:
    """Measure power spectra, one a row; None of none."""
    if not powers.size:
        return None
    loudness = powers.sum(1)
    heard = powers[loudness > FAINT * loudness.max()]
    even = _even(heard)
    band = _band(even)
    cells = _cells(even[:, :band])
    means, weights = cells.mean(2), _cells(heard[:, :band]).mean(2)
    count = cells.shape[2]
    around = ((cells / means[:, :, None]) ** 2).mean(2) / 2 * (count + 1) / count
    return Texture(float((weights * around).sum() / weights.sum()), _moves(means) * count / WINDOW)


def _even(powers: Numbers) -> Numbers:
    """The spectra behind the filter of one step that makes them most even."""
    cosines = np.cos(np.pi * np.arange(1, powers.shape[1] + 1) / powers.shape[1])
    mean = powers.mean(0)
    step = float(mean @ cosines) / float(mean.sum())
    return np.asarray(powers * (1 + step * step - 2 * step * cosines))


def _band(powers: Numbers) -> int:
    """Frequencies up to the end of the band."""
    shares = np.cumsum(powers.mean(0))
    return max(NARROW, int(np.searchsorted(shares / shares[-1], OCCUPIED)) + 1)


def _cells(powers: Numbers) -> Numbers:
    """Times, groups of frequencies, frequencies of a group."""
    size = max(1, min(CELL, powers.shape[1] // 8))
    return powers[:, : powers.shape[1] // size * size].reshape(len(powers), -1, size)


def _moves(means: Numbers) -> float:
    """Mean square by which cells differ from the product of their time's and their group's mean, weighted by energy."""
    groups = means.mean(0)
    expected = np.outer(means.sum(1), groups) / groups.sum()
    return float((groups * (means / expected - 1) ** 2).sum() / (groups.sum() * len(means)))
