"""Numbers that similar files share: what the judge of several calls compares answers by that are never quite the same.

Each part is divided by the root of its length, so that it counts as one figure; the distance of two files is that of
their numbers as points.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log, sqrt
from typing import Any

import numpy as np
from PIL import Image

Numbers = np.ndarray[Any, Any]

CELLS = 8
"""parts of a picture a side: enough for its layout, too few for its details"""
BANDS = 16
"""frequency bands of a sound, evenly spaced on a logarithmic scale"""
STEPS = 32
"""parts of a sound's duration"""
OUTLINED = 24
"""parts of a picture a side for its outlines"""
QUIET_DB = -60.0
"""dB below the loudest band or moment; what is quieter counts as this"""
NARROW, LOWEST = 24, 1 / 128
"""bands that tell words of one voice apart, from this share of the highest frequency on"""
LESS = 2.0
"""dB that count as much: so small are differences between sounds that are alike in this"""
DECADE = 10.0
"""dB that count as much as a sound of e times the duration: durations tell sentences apart, spectra only voices"""


def picture_signature(image: Image.Image) -> tuple[float, ...]:
    """Mean colours of 8x8 cells in their places, then sorted, which is the palette wherever it stands; 0 to 1."""
    plain = image if image.mode in ("RGB", "RGBA", "L") else image.convert("RGB")
    small = plain.resize((CELLS, CELLS), Image.Resampling.BOX, reducing_gap=1.0).convert("RGB")
    cells = np.asarray(small, dtype=np.float32).reshape(-1, 3) / 255
    return _tidy(cells.ravel(), np.sort(cells, axis=0).ravel())


def picture_structure(grey: Image.Image) -> tuple[float, ...]:
    """Outlines of a picture of mode L: 24x24 mean levels less those around them, of length 1; none for plain ground."""
    small = grey.resize((OUTLINED, OUTLINED), Image.Resampling.BOX, reducing_gap=1.0)
    levels = np.asarray(small, dtype=np.float32)
    padded = np.pad(levels, 1, mode="edge")
    around = sum(padded[down : down + OUTLINED, across : across + OUTLINED] for down in range(3) for across in range(3))
    outlines = (levels - around / 9).ravel()
    outlines -= outlines.mean()
    length = float(np.linalg.norm(outlines))
    return tuple(np.round(outlines / length, 4).tolist()) if length > 1 else ()


def sound_signature(seconds: float, powers: Numbers, loudness: Numbers) -> tuple[float, ...]:
    """Duration, mean spectrum in wide bands and loudness over time of a sound.

    Args:
        seconds: how long it lasts.
        powers: power spectra, one a row.
        loudness: mean squares of windows, in order.
    """
    bands, steps = np.full(BANDS, QUIET_DB), np.full(STEPS, QUIET_DB)
    if powers.size:
        bands = _decibels(_pooled(powers.mean(0), np.geomspace(1, powers.shape[1], BANDS + 1) - 1))
    if loudness.size:
        steps = _decibels(_pooled(loudness, np.linspace(0, len(loudness), STEPS + 1)))
    return _tidy(np.array([log(max(seconds, 1e-3))]), bands / DECADE, steps / DECADE)


def spectrum_signature(spectra: Sequence[Numbers]) -> tuple[float, ...]:
    """The mean spectrum in narrower bands, which is the same wherever a sound begins; nothing for none.

    Args:
        spectra: powers by frequency, of parts of one sound.
    """
    if not spectra:
        return ()
    mean = np.mean(spectra, axis=0)
    edges = np.geomspace(LOWEST * mean.size, mean.size, NARROW + 1)
    return _tidy(_decibels(_pooled(mean, edges)) / LESS)


def film_signature(seconds: float, lowest: Numbers, highest: Numbers) -> tuple[float, ...]:
    """Duration of a video, and the darkest and the brightest that each of 8x8 cells becomes."""
    cells = [
        np.asarray(Image.fromarray(one).resize((CELLS, CELLS), Image.Resampling.BOX), dtype=np.float32).ravel() / 255
        for one in (lowest, highest)
    ]
    return _tidy(np.array([log(max(seconds, 1e-3))]), *cells)


def _pooled(values: Numbers, edges: Numbers) -> Numbers:
    """The mean of the values between neighbouring edges, of at least one value each."""
    starts = np.minimum(edges[:-1].astype(int), len(values) - 1)
    ends = np.maximum(edges[1:].astype(int), starts + 1)
    return np.array([values[start:end].mean() for start, end in zip(starts, ends, strict=True)])


def _decibels(powers: Numbers) -> Numbers:
    """Relative to the largest of them."""
    largest = float(powers.max())
    relative: Numbers = 10 * np.log10(np.maximum(powers, 1e-30) / max(largest, 1e-30))
    return relative.clip(QUIET_DB)


def _tidy(*parts: Numbers) -> tuple[float, ...]:
    return tuple(round(float(one), 4) for part in parts for one in np.nan_to_num(part) / sqrt(max(1, part.size)))
