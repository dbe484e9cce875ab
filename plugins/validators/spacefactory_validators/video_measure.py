"""What can be seen in a video: figures of its frames, in one pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from av.video.frame import VideoFrame
from PIL import Image

from spacefactory_validators.drawn import plainness, smaller
from spacefactory_validators.likeness import Likeness
from spacefactory_validators.noise import likeness

Points = np.ndarray[Any, np.dtype[np.uint8]]

GRID = 96
"""points per side that are followed through time: every frame is measured at the same up to 9,216 places"""
BATCH = 256
"""frames that are measured at once; their points need 2 MB"""
LOOKED_AT = frozenset(4**power - 1 for power in range(16))
"""frames of which it is asked whether they are noise or drawn: the 1st, 4th, 16th, 64th, ..."""
CHANGE = 12
"""levels of 255: brightness that moves further at some time moved on purpose; encoding moves it by less"""


@dataclass(frozen=True)
class Motion:
    """Figures of all frames."""

    deviation: float
    """standard deviation of brightness within a frame, mean over frames"""
    mean: float
    """mean brightness"""
    change: float
    """mean change of brightness from one frame to the next"""
    moved: float
    """share of the points whose brightness moved by more than `CHANGE` at any time"""
    likeness: Likeness | None
    """of the frame in the middle of those that are looked at, by how much they have; None when nothing varies"""
    flat: float
    """least share of plain ground in those frames"""
    lowest: Points
    """of every point that is followed, the darkest that it becomes"""
    highest: Points


@dataclass(frozen=True)
class Batch:
    """Sums over some frames, to be added up."""

    frames: int
    deviation: float
    mean: float
    change: float
    lowest: Points
    highest: Points
    last: Points


@dataclass(frozen=True)
class Still:
    """What one frame is like."""

    likeness: Likeness
    flat: float


def measure(frames: Iterable[VideoFrame]) -> Motion | None:
    """Fold the frames of a video into its figures; None when there are none."""
    seen: list[Still] = []
    points = _points(frames, seen)
    batches: list[Batch] = []
    while batch := _batch(list(islice(points, BATCH)), batches[-1].last if batches else None):
        if batches and batch.last.shape != batches[-1].last.shape:
            batches.clear()  # the picture changed its size: what follows is measured on its own
        batches.append(batch)
    return _motion(batches, seen) if batches else None


def brightness(frame: VideoFrame) -> Points:
    """Brightness of a frame, shape (height, width): a view of its own plane where the pixel format has one."""
    kind = frame.format
    if kind.is_rgb or not kind.is_planar or kind.has_palette or kind.components[0].bits != 8:
        frame = frame.reformat(format="gray")
    plane = frame.planes[0]
    return np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[: frame.height, : frame.width]


def _points(frames: Iterable[VideoFrame], seen: list[Still]) -> Iterator[Points]:
    for index, frame in enumerate(frames):
        pixels = brightness(frame)
        points = pixels[_steps(frame.height), _steps(frame.width)].copy()  # a view would keep the whole frame alive
        if index in LOOKED_AT and min(pixels.shape) > 1 and points.std() >= 1:
            grey = Image.fromarray(pixels)
            seen.append(Still(likeness(grey), plainness(grey, smaller(grey))))
        yield points


def _steps(length: int) -> slice:
    return slice(0, length, max(1, -(-length // GRID)))


def _batch(points: list[Points], before: Points | None) -> Batch | None:
    if not points:
        return None
    shape = points[-1].shape
    same = np.stack([frame for frame in points if frame.shape == shape]).astype(np.int16)
    joined = same if before is None or before.shape != shape else np.concatenate([before[None].astype(np.int16), same])
    changes = np.abs(np.diff(joined, axis=0))
    return Batch(
        frames=len(same),
        deviation=float(same.std(axis=(1, 2)).sum()),
        mean=float(same.mean(axis=(1, 2)).sum()),
        change=float(changes.mean(axis=(1, 2)).sum()) if len(changes) else 0.0,
        lowest=joined.min(0).astype(np.uint8),
        highest=joined.max(0).astype(np.uint8),
        last=points[-1],
    )


def _motion(batches: list[Batch], seen: list[Still]) -> Motion:
    count = sum(batch.frames for batch in batches)
    lowest = np.minimum.reduce([batch.lowest for batch in batches])
    highest = np.maximum.reduce([batch.highest for batch in batches])
    return Motion(
        deviation=sum(batch.deviation for batch in batches) / count,
        mean=sum(batch.mean for batch in batches) / count,
        change=sum(batch.change for batch in batches) / max(1, count - 1),
        moved=float((highest - lowest > CHANGE).mean()),
        likeness=sorted((one.likeness for one in seen), key=lambda one: one.certainty)[len(seen) // 2]
        if seen
        else None,
        flat=min((one.flat for one in seen), default=0.0),
        lowest=lowest,
        highest=highest,
    )
