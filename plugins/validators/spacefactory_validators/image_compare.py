"""Whether two pictures differ more than encoding makes them.

Far apart is what regions say: encoding hardly touches their mean colours. Close together is decided by pixels: either
they are equal, or they are once the one picture is encoded as the other one was. What lies between, such as a faint
filter, cannot be told from encoding.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image, JpegImagePlugin

from spacefactory.schema.verdict import Check, Output
from spacefactory_validators.checks import difference, unequal
from spacefactory_validators.compare import Grid, grid, largest
from spacefactory_validators.image_decode import Picture, decode

NAME = "image.differs"
LARGEST = 20.0
"""levels of 255 by which the mean colour of one region differs. JPEG, WebP and AVIF at qualities down to 30 moved no
region of drawn and photo-like pictures by more than 14; a drawn box or another digit moves one by 30 and more"""
MEAN = 4.0
"""levels, root of the mean square over all regions: encoding at such qualities stayed below 3.5, a picture that is
brighter by a fiftieth has 5"""
EQUAL, UNLIKE = 2.0, 4.0
"""levels, root of the mean square over all pixels, after the same encoding: up to the first, the pictures are one; from
the second on they are two, such as a picture and its blur (5 and more); between, encoders of other versions may lie"""
TWICE = 12.0
"""levels, as before, up to which a picture may be one that was a JPEG of low quality on its way"""
PART = 128
"""pixels a side, whole blocks of an encoder, by which the qualities are told that it may have had"""
QUALITIES, LIKELIEST = range(20, 97), 2
COMPARED_PIXELS = 4 << 20
"""pixels of the largest picture that is encoded again"""
SEARCHED_PIXELS = 1 << 20
"""pixels of the largest picture that is encoded again and again, to find the quality of a WebP file by its size"""
LOSSY = ("JPEG", "WEBP", "AVIF")
Pixels = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True)
class Frame:
    """One frame as it is compared."""

    grid: Grid
    image: Image.Image | None
    """red, green, blue; of the first frame of a picture that is not too large"""
    options: dict[str, Any]
    """what a JPEG was encoded with"""


@dataclass(frozen=True)
class Seen:
    """A picture as it is compared."""

    picture: Picture
    frames: tuple[Frame, ...]
    size: int
    """bytes of the file"""


def read(output: Output, suffixes: tuple[str, ...]) -> Seen:
    """Decode a picture and keep the mean colours of its regions, and the pixels of its first frame.

    Raises:
        RejectedError: it cannot be decoded.
    """
    kept: list[bool] = []

    def look(frame: Image.Image) -> Frame:
        even = _even(frame)
        first = not kept and frame.width * frame.height <= COMPARED_PIXELS
        kept.append(True)
        return Frame(grid(even), even.convert("RGBA").convert("RGB") if first else None, _options(frame))

    picture, frames = decode(output, suffixes, look)
    return Seen(picture, tuple(frames), output.path.stat().st_size if output.path else 0)


def judge(first: Seen, second: Seen) -> Check:
    """Compare size, number of frames, regions, and at last pixels."""
    sizes = [f"{seen.picture.width}x{seen.picture.height}" for seen in (first, second)]
    if sizes[0] != sizes[1]:
        return unequal(NAME, f"one is {sizes[0]} and the other {sizes[1]}")
    if len(first.frames) != len(second.frames):
        return unequal(NAME, f"one has {len(first.frames)} frames and the other {len(second.frames)}")
    pairs = [(one.grid, two.grid) for one, two in zip(first.frames, second.frames, strict=True)]
    furthest, mean = max(largest(*pair) for pair in pairs), max(_mean(*pair) for pair in pairs)
    if furthest > LARGEST:
        return difference(NAME, furthest, LARGEST, "the mean colour of a region by")
    if mean > MEAN:
        return difference(NAME, mean, MEAN, "the mean colours of all regions by")
    return _close(first, second)


def _mean(one: Grid, two: Grid) -> float:
    return float(np.sqrt(np.mean((one - two) ** 2)))


def _close(first: Seen, second: Seen) -> Check:
    """Two pictures whose regions are alike: the same one, another one, or not to be told."""
    one, two = first.frames[0].image, second.frames[0].image
    if one is None or two is None:
        return Check(
            name=NAME, passed=None, detail="the outputs differ by no more than encoding can; they are very large"
        )
    lossy = [(source, seen) for source, seen in ((one, second), (two, first)) if seen.picture.format in LOSSY]
    closest = _apart(one, two)
    for source, seen in lossy:
        if closest > EQUAL:
            closest = min(closest, _after_encoding(source, seen))
    if EQUAL < closest < TWICE and one.width * one.height <= SEARCHED_PIXELS:
        closest = min(closest, *(_apart(copy, two) for copy in _through_jpeg(one, two, second)))
    if closest <= EQUAL or not lossy or (closest >= UNLIKE and _known(first, second)):
        return difference(NAME, closest, EQUAL, "pixels, after the same encoding, by")
    detail = f"the outputs differ by no more than encoding can: pixels by {closest:.3g} levels"
    return Check(name=NAME, passed=None, detail=detail, measured=round(closest, 3), threshold=EQUAL)


def _known(first: Seen, second: Seen) -> bool:
    """Whether the encoding of both is known well enough to repeat it."""
    pixels = first.picture.width * first.picture.height
    kinds = {seen.picture.format for seen in (first, second)} & set(LOSSY)
    return kinds == {"JPEG"} or (kinds <= {"JPEG", "WEBP"} and pixels <= SEARCHED_PIXELS)


def _apart(one: Image.Image, two: Image.Image) -> float:
    left, right = (np.asarray(image, dtype=np.float32) for image in (one, two))
    return float(np.sqrt(np.mean((left - right) ** 2)))


def _after_encoding(source: Image.Image, like: Seen) -> float:
    """How far a picture is from another one, once it is encoded as that one was."""
    target = like.frames[0].image
    if target is None or like.picture.format == "AVIF":  # seconds for one picture
        return float("inf")
    if like.picture.format == "JPEG":
        return _apart(_again(source, "JPEG", like.frames[0].options)[0], target)
    return min(_apart(copy, target) for copy in _as_webp(source, like.size))


def _through_jpeg(source: Image.Image, target: Image.Image, like: Seen) -> list[Image.Image]:
    """A picture as JPEGs of the likeliest qualities, then encoded as the other one was."""
    part = (0, 0, min(PART, source.width), min(PART, source.height))
    small, wanted = source.crop(part), target.crop(part)
    apart = {quality: _apart(_again(small, "JPEG", {"quality": quality})[0], wanted) for quality in QUALITIES}
    likeliest = sorted(apart, key=lambda quality: apart[quality])[:LIKELIEST]
    copies = [_again(source, "JPEG", {"quality": quality})[0] for quality in likeliest]
    kind = like.picture.format
    if kind == "JPEG":
        return [_again(copy, kind, like.frames[0].options)[0] for copy in copies]
    return [_again(copy, kind, {"quality": 80})[0] for copy in copies] if kind == "WEBP" else copies


def _as_webp(source: Image.Image, size: int) -> list[Image.Image]:
    """The picture at Pillow's usual qualities; a small one also at the quality that gives a file of that size."""
    found = [_again(source, "WEBP", {"quality": quality})[0] for quality in (80, 75)]
    low, high = 1, 100
    while low <= high and source.width * source.height <= SEARCHED_PIXELS:
        middle = (low + high) // 2
        copy, bytes_ = _again(source, "WEBP", {"quality": middle})
        found.append(copy)
        if bytes_ == size:
            break
        low, high = (middle + 1, high) if bytes_ < size else (low, middle - 1)
    return found


def _again(source: Image.Image, kind: str, options: dict[str, Any]) -> tuple[Image.Image, int]:
    data = BytesIO()
    source.save(data, kind, **options)
    with Image.open(data, formats=(kind,)) as image:
        return image.convert("RGB"), data.getbuffer().nbytes


def _options(frame: Image.Image) -> dict[str, Any]:
    """Quantisation and subsampling of a JPEG; nothing for other formats."""
    tables = getattr(frame, "quantization", None)
    if not isinstance(tables, dict) or not tables:
        return {}
    sampling = JpegImagePlugin.get_sampling(frame)
    return {"qtables": tables, **({"subsampling": sampling} if sampling >= 0 else {})}


def _even(frame: Image.Image) -> Image.Image:
    """Any mode as red, green, blue and alpha, colours weighted by opacity."""
    if frame.mode.startswith(("I", "F")):
        values = np.nan_to_num(np.asarray(frame).astype(np.float32), posinf=0, neginf=0)
        scale = 257 if values.max() > 255 else 1 if values.max() > 1 else 1 / 255
        frame = Image.fromarray((values / scale).clip(0, 255).astype(np.uint8))
    if frame.mode in ("LAB", "HSV"):
        frame = Image.merge("RGB", frame.split())
    return frame.convert("RGBA").convert("RGBa")
