"""Figures of a geometry, and how far two of them are apart."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from spacefactory_model3d.accessors import Array
from spacefactory_model3d.geometry import Geometry

NEAR = 1e-3
"""Distance, as a part of the larger model's size, below which two points are the same: encoders round to 1e-5."""
THIN = 1e-9
"""Area of a triangle, as a part of the model's size squared, below which nothing of it can be seen."""


@dataclass(frozen=True)
class Measures:
    """What there is to see."""

    points: int
    distinct: int
    triangles: int
    visible: int
    """triangles with an area"""
    size: float
    """diagonal of the box around everything"""
    area: float


def measure(found: Geometry) -> Measures:
    """The figures of a decoded file."""
    size = _diagonal(found.points)
    areas = _areas(found)
    visible = int((areas > THIN * size * size).sum()) if size > 0 else 0
    distinct = len(np.unique(found.points, axis=0)) if len(found.points) else 0
    return Measures(len(found.points), distinct, len(found.triangles), visible, size, float(areas.sum()))


def apart(first: Geometry, second: Geometry) -> float:
    """The share of points, of whichever model has more such, that have no counterpart in the other; 0 to 1."""
    step = NEAR * max(_diagonal(first.points), _diagonal(second.points))
    if step == 0:
        return 0.0 if np.array_equal(np.unique(first.points, axis=0), np.unique(second.points, axis=0)) else 1.0
    origin = np.minimum(first.points.min(axis=0), second.points.min(axis=0))
    one, two = (((geometry.points - origin) / step).astype(np.int64) + 1 for geometry in (first, second))
    return max(_alone(one, two), _alone(two, one))


def _alone(cells: Array, others: Array) -> float:
    """The share of cells that have no other cell beside them."""
    there, near = _keys(others), np.zeros(len(cells), bool)
    for offset in product((-1, 0, 1), repeat=3):
        near |= np.isin(_keys(cells + np.array(offset)), there)
    return float(1 - near.mean())


def _keys(cells: Array) -> Array:
    """One number per cell, the same for the same cell; far cells wrap around, which no model in one box reaches."""
    limited = cells & 0x1FFFFF
    keys: Array = (limited[:, 0] << 42) | (limited[:, 1] << 21) | limited[:, 2]
    return keys


def _diagonal(points: Array) -> float:
    return float(np.linalg.norm(points.max(axis=0) - points.min(axis=0))) if len(points) else 0.0


def _areas(found: Geometry) -> Array:
    corners = found.points[found.triangles]
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    areas: Array = np.linalg.norm(cross, axis=1) / 2
    return areas
