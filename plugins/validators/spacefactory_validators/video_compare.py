"""Whether two videos differ more than encoding makes them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from PIL import Image

from spacefactory.schema.verdict import Check, Output
from spacefactory_validators.checks import difference, unequal
from spacefactory_validators.compare import Grid, grid
from spacefactory_validators.video_decode import Film, decode

NAME = "video.differs"
MEAN = 5.0
"""levels of 255 by which mean colours of regions differ, root of the mean square within a frame, mean over frames.
H.264, VP8, VP9, MPEG-4 and MJPEG at ordinary and low rates stayed below 4; things moved or recoloured give 9 or more"""
LARGEST = 20.0
"""levels by which one region differs, mean over frames; encoding stayed below 14, a thing at another place has 50"""
EQUAL = 0.5
"""levels, as `MEAN`: what rounding leaves of the same frames"""
FEWEST = 4
"""frames of a part that can be told"""
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
        found = unequal(NAME, f"one has {first.film.frames} frames and the other {second.film.frames}")
        part = "the outputs are one video, and a part of it"
        return found.model_copy(update={"passed": None, "detail": part}) if _part(first.grids, second.grids) else found
    count = min(len(first.grids), len(second.grids))
    if first.grids.shape[1:] != second.grids.shape[1:] or not count:
        return unequal(NAME, "their frames have other sizes")
    mean, furthest = _distances(first.grids[:count], second.grids[:count])
    if furthest > LARGEST:
        return difference(NAME, furthest, LARGEST, "the mean colour of a region by")
    if mean > MEAN or mean <= EQUAL:
        return difference(NAME, mean, MEAN, "the mean colours of all regions by")
    detail = f"the outputs differ by no more than encoding can: mean colours by {mean:.3g} levels"
    return Check(name=NAME, passed=None, detail=detail, measured=round(mean, 3), threshold=MEAN)


def _distances(one: Grid, two: Grid) -> tuple[float, float]:
    """As `MEAN` and `LARGEST` are measured."""
    apart = np.abs(one.astype(np.float32) - two)
    return float(np.sqrt((apart**2).mean(axis=(1, 2, 3))).mean()), float(apart.mean(axis=0).max())


def _part(one: Grid, two: Grid) -> bool:
    """Whether the frames of the shorter video stand in the longer one, one after the other."""
    shorter, longer = sorted((one, two), key=len)
    if len(shorter) < FEWEST or shorter.shape[1:] != longer.shape[1:]:
        return False
    ends = [np.abs(longer.astype(np.float32) - shorter[at]).mean(axis=(1, 2, 3)) for at in (0, -1)]
    starts = ends[0][: len(longer) - len(shorter) + 1] + ends[1][len(shorter) - 1 :]
    start = int(starts.argmin())
    mean, furthest = _distances(longer[start : start + len(shorter)], shorter)
    return mean <= MEAN and furthest <= LARGEST


def _grids(frames: Iterable[VideoFrame]) -> Grid:
    smaller = VideoReformatter()  # one for all frames, because it keeps its tables
    rows = [_grid(frame, smaller) for frame in frames]
    return np.stack([row for row in rows if row.shape == rows[-1].shape]) if rows else np.empty((0,), np.uint8)


def _grid(frame: VideoFrame, smaller: VideoReformatter) -> Grid:
    size = min(SMALL, frame.width), min(SMALL, frame.height)
    pixels = smaller.reformat(frame, *size, "rgb24", interpolation="AREA").to_ndarray()
    return grid(Image.fromarray(pixels)).round().astype(np.uint8)
