"""Whether two videos differ more than encoding makes them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from av.video.frame import VideoFrame

from spacefactory.schema.verdict import Check, Output
from spacefactory_validators.checks import difference, unequal
from spacefactory_validators.compare import Grid, grid
from spacefactory_validators.video_decode import Film, decode

NAME = "video.differs"
THRESHOLD = 6.0
"""levels of 255 by which the mean colour of a region of a frame differs; encoding at ordinary rates stays below 4"""
SMALL = 128
"""pixels a side to which frames are reduced first"""


@dataclass(frozen=True)
class Watched:
    """A video as it is compared."""

    film: Film
    grids: Grid
    """mean colours of regions, of shape (frames, rows, columns, channels), as whole levels"""


def read(output: Output, suffixes: tuple[str, ...]) -> Watched:
    """Decode a video and keep the mean colours of the regions of every frame.

    Raises:
        RejectedError: it cannot be decoded.
    """
    return Watched(*decode(output, suffixes, _grids))


def judge(first: Watched, second: Watched) -> Check:
    """Compare size, number of frames, and regions."""
    sizes = [f"{watched.film.width}x{watched.film.height}" for watched in (first, second)]
    if sizes[0] != sizes[1]:
        return unequal(NAME, f"one is {sizes[0]} and the other {sizes[1]}")
    if abs(first.film.frames - second.film.frames) > 1:
        return unequal(NAME, f"one has {first.film.frames} frames and the other {second.film.frames}")
    pairs = zip(first.grids, second.grids, strict=False)
    distance = max((float(np.abs(one.astype(np.int16) - two).max()) for one, two in pairs), default=0.0)
    return difference(NAME, distance, THRESHOLD, "mean colours of a region by")


def _grids(frames: Iterable[VideoFrame]) -> Grid:
    rows = [_grid(frame) for frame in frames]
    return np.stack([row for row in rows if row.shape == rows[-1].shape]) if rows else np.empty((0,), np.uint8)


def _grid(frame: VideoFrame) -> Grid:
    size = {"width": min(SMALL, frame.width), "height": min(SMALL, frame.height)}
    image = frame.to_image(**size, interpolation="AREA")  # type: ignore[no-untyped-call]
    return grid(image).round().astype(np.uint8)
