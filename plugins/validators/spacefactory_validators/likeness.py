"""What neighbours in a picture have in common: the figure by which pictures are told from noise."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np

Numbers = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Likeness:
    """How much parts of a picture have in common."""

    measured: float
    """correlation of horizontal or vertical neighbours at the scale that says most, or what `words` names"""
    threshold: float
    """what noise does not reach"""
    words: str = "neighbouring pixels correlate by"
    """what was measured"""

    @property
    def certainty(self) -> float:
        """Above 1 for pictures, below for noise; comparable between measures."""
        return self.measured / self.threshold

    @property
    def structured(self) -> bool:
        """Whether the picture is more than noise."""
        return self.measured >= self.threshold


def correlation(first: Numbers, second: Numbers, constant: float = 1.0) -> float:
    """Pearson's correlation; `constant` when one of them does not vary."""
    one, two = first.ravel() - first.mean(), second.ravel() - second.mean()
    size = sqrt(float(one @ one) * float(two @ two))
    return float(one @ two) / size if size > 1e-6 else constant
