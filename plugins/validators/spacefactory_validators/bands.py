"""Bands in pictures: lines of text, tables and staves leave whole rows darker than others; noise hardly does.

Figures are of November 2026: pages of text, with no margins, have 0.25 to 0.33; noise 0.06 and less, 0.21 where it was
blurred along rows, 0.24 where each row was given a level of its own, and 0.3 where four pixels were repeated all over.
"""

from __future__ import annotations

import numpy as np

from spacefactory_validators.likeness import Likeness, Numbers
from spacefactory_validators.scales import levelled

SMALLEST = 48
"""pixels a side below which few rows may differ by chance"""
BANDED = 0.25
"""share of all variance that lies between rows, or columns; see above"""


def bands(pixels: Numbers) -> Likeness | None:
    """How much of a picture lies between its rows, or columns, in that half that has less; None where it is small."""
    if min(pixels.shape) < SMALLEST:
        return None
    share = max(_between(pixels), _between(pixels.T)) / max(float(pixels.var()), 1e-9)
    return Likeness(share, BANDED, "rows or columns differ by a share of")


def _between(pixels: Numbers) -> float:
    """Variance between rows, without what changes slowly: in both halves, since a caption is in one."""
    rows = (half.mean(1, keepdims=True) for half in np.array_split(pixels, 2))
    return min(float(levelled(one).var()) for one in rows)
