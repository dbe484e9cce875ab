"""What can be seen in a picture: figures of a frame, and the checks that they decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image
from pydantic import JsonValue

from spacefactory.schema.verdict import Check
from spacefactory_validators.checks import alive, proves_something, typed
from spacefactory_validators.drawn import plainness, smaller
from spacefactory_validators.image_decode import Picture
from spacefactory_validators.likeness import Likeness
from spacefactory_validators.noise import likeness
from spacefactory_validators.patterns import SLOPE, pattern
from spacefactory_validators.signature import picture_signature, picture_structure

DEVIATION = 1.0
"""levels of 255, or steps of a picture with deeper channels. One colour has 0; 512x512 white with a mark of four black
pixels has 1; encoders leave flat colours flat"""
SIDE = 2
"""pixels; a single row or column is what a failed crop leaves"""

_WIDE = ("I", "F")
_STRIDED = 1 << 22
_LEVELS = np.arange(256.0)


@dataclass(frozen=True)
class Frame:
    """Figures of one frame."""

    deviation: float
    """largest standard deviation of a channel, as it is seen: transparent pixels count as black"""
    mean: float
    """mean of the first channel"""
    opacity: int
    """largest alpha value, 255 without alpha"""
    unfinite: int
    """values that are not numbers, in a picture of floating-point numbers"""
    likeness: Likeness | None
    """None when there are no neighbours to compare or nothing varies"""
    pattern: tuple[str, float] | None = None
    """what it is when it is no picture but a slope of colour, stripes or a board"""
    flat: float = 0.0
    """share of plain ground"""
    signature: tuple[float, ...] = ()
    """what similar pictures have in common"""
    structure: tuple[float, ...] = ()
    """its outlines"""


def measure(image: Image.Image) -> Frame:
    """Measure a decoded frame of any mode."""
    if image.mode.startswith(_WIDE):
        return _measure_wide(image)
    seen, opacity = _seen(image)
    counts = np.asarray(seen.histogram(), dtype=np.float64).reshape(-1, 256)
    means = counts @ _LEVELS / counts.sum(1)
    variances = counts @ (_LEVELS * _LEVELS) / counts.sum(1) - means * means
    deviation = float(np.sqrt(variances.clip(0).max()))
    if deviation < DEVIATION or min(image.size) < SIDE:
        return Frame(deviation, float(means[0]), opacity, 0, None, signature=picture_signature(seen))
    grey, small = _grey(seen), smaller(seen)
    less = _grey(small)
    kind, flat = pattern(seen, small), plainness(grey, less)
    figures = picture_signature(small), picture_structure(less)
    return Frame(deviation, float(means[0]), opacity, 0, likeness(grey), kind, flat, *figures)


def judge(picture: Picture, frames: Sequence[Frame]) -> tuple[Sequence[Check], Mapping[str, JsonValue]]:
    """The checks of a picture; of an animated one, its liveliest frame speaks."""
    best = max(frames, key=lambda frame: frame.deviation)
    size = f"{picture.width}x{picture.height}"
    count = f" with {picture.frames} frames" if picture.frames > 1 else ""
    checks = [
        typed("image.format", True, f"the content is {picture.format}{picture.note}"),
        typed("image.decodes", True, f"every pixel of {size}{count} decodes", picture.frames, 1),
        _not_tiny(picture),
        _finite(best),
        _visible(best),
        _not_blank(best),
        *_not_noise(best),
        *_not_pattern(best),
    ]
    return [check for check in checks if check is not None], _measures(picture, best)


def _not_tiny(picture: Picture) -> Check:
    side = min(picture.width, picture.height)
    return alive("image.not_tiny", side >= SIDE, f"the shorter side has {side} pixels", side, SIDE)


def _finite(frame: Frame) -> Check:
    detail = f"{frame.unfinite} values are not finite numbers"
    return alive("image.finite", not frame.unfinite, detail, frame.unfinite, 0)


def _visible(frame: Frame) -> Check:
    detail = f"the most opaque pixel has an alpha of {frame.opacity} of 255"
    return alive("image.visible", frame.opacity > 0, detail, frame.opacity, 0)


def _not_blank(frame: Frame) -> Check:
    passed = frame.deviation >= DEVIATION
    detail = f"the liveliest channel deviates by {frame.deviation:.3g} from its mean"
    if not passed:
        detail += "; a black picture may come from numbers that are not finite" if frame.mean < DEVIATION else ""
        detail = f"the picture is of one colour: {detail}"
    return alive("image.not_blank", passed, detail, frame.deviation, DEVIATION)


def _not_noise(frame: Frame) -> list[Check]:
    if frame.likeness is None:
        return []
    figures = frame.likeness.measured, frame.likeness.threshold
    words = "" if frame.likeness.structured else "the picture cannot be told from noise: "
    detail = f"{words}{frame.likeness.words} {figures[0]:.3f}"
    return [proves_something("image.not_noise", frame.likeness.structured, detail, *figures)]


def _not_pattern(frame: Frame) -> list[Check]:
    if frame.likeness is None:
        return []
    if frame.pattern is None:
        return [proves_something("image.not_pattern", True, "it is no slope of colour, no stripes and no chessboard")]
    what, share = frame.pattern
    return [proves_something("image.not_pattern", False, f"the picture is {what}, as test patterns are", share, SLOPE)]


def _measures(picture: Picture, frame: Frame) -> Mapping[str, JsonValue]:
    return {
        "format": picture.format,
        "mode": picture.mode,
        "width": picture.width,
        "height": picture.height,
        "frames": picture.frames,
        "deviation": round(frame.deviation, 3),
        "mean": round(frame.mean, 3),
        "likeness": None if frame.likeness is None else round(frame.likeness.measured, 4),
        "flat": round(frame.flat, 4),
        "signature": list(frame.signature),
        "structure": list(frame.structure),
    }


def _seen(image: Image.Image) -> tuple[Image.Image, int]:
    """The picture with plain channels, colours weighted by opacity, and the largest alpha."""
    if image.mode in ("1", "P", "PA", "LA", "La"):
        has_alpha = image.mode in ("PA", "LA", "La") or "transparency" in image.info
        image = image.convert("L" if image.mode == "1" else "RGBA" if has_alpha else "RGB")
    if image.mode != "RGBA":
        return image, 255
    lowest, highest = image.getchannel("A").getextrema()
    opaque = lowest == highest == 255
    return (image if opaque else image.convert("RGBa")), int(str(highest))


def _grey(image: Image.Image) -> Image.Image:
    """Brightness; of colour spaces that Pillow does not turn into grey, the channel that varies most."""
    if image.mode == "RGBa":
        return max(image.split(), key=_spread)
    if image.mode in ("L", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr"):
        return image.convert("L")
    return max(image.split(), key=_spread)


def _spread(channel: Image.Image) -> float:
    return float(np.asarray(channel).std())


def _measure_wide(image: Image.Image) -> Frame:
    """Pictures with channels of 16 bits or more, such as depth maps; large ones are measured at every n-th pixel."""
    values: np.ndarray[Any, Any] = np.asarray(image)
    step = int(np.ceil(np.sqrt(values.size / _STRIDED)))
    sample = values[::step, ::step].astype(np.float64)
    unfinite = int((~np.isfinite(values)).sum()) if values.dtype.kind == "f" else 0
    sample = np.nan_to_num(sample, posinf=0.0, neginf=0.0).clip(-1e30, 1e30)
    low, high = float(sample.min()), float(sample.max())
    span = high - low
    level = (sample - low) * (255 / span if span else 0)
    deviation = float(level.std()) if values.dtype.kind == "f" else float(sample.std())
    grey = Image.fromarray(level.astype(np.uint8))
    alike = likeness(grey) if deviation >= DEVIATION and min(grey.size) >= SIDE else None
    return Frame(deviation, float(sample.mean()), 255, unfinite, alike, signature=picture_signature(grey))
