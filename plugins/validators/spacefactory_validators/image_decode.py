"""Pictures, decoded completely and within limits."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from PIL import Image, UnidentifiedImageError

from spacefactory.schema.verdict import Check, Output
from spacefactory_validators import gif, image_complete, limits, tiff, whole
from spacefactory_validators.checks import RejectedError, reject, typed
from spacefactory_validators.files import File, file_of, shortened, wrong_format

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
"""formats that browsers show, and TIFF; everything else Pillow knows is attack surface"""
Look = TypeVar("Look")

_OF_SUFFIX = {".jpg": "JPEG", ".jpeg": "JPEG", ".tif": "TIFF", ".tiff": "TIFF"}


@dataclass(frozen=True)
class Picture:
    """What was decoded."""

    format: str
    mode: str
    width: int
    height: int
    frames: int
    note: str
    """", although it is named .png" or nothing"""


def decode(
    output: Output, suffixes: tuple[str, ...], look: Callable[[Image.Image], Look]
) -> tuple[Picture, list[Look]]:
    """Decode all frames and look at each.

    Raises:
        RejectedError: the output is no picture, is not whole, does not decode, or is larger than the limits.
    """
    file = file_of(output, "image", limits.MEDIA_BYTES)
    _complete(whole.damage(file))
    with _quiet(), _refused(file, suffixes), _opened(file) as image:
        _within_limits(image, file)
        image_complete.seal(image, file)
        kept, head = image, (image.format or "", image.mode, image.width, image.height)
        looks = [look(frame) for frame in _frames(kept, file)]
    return Picture(*head, frames=len(looks), note=_note(file.path, head[0])), looks


@contextmanager
def _opened(file: File) -> Iterator[Image.Image]:
    if file.kind.name != "gif":
        with Image.open(file.path, formats=FORMATS) as image:
            yield image
    else:
        with gif.Bounded(file.path) as stream, Image.open(stream, formats=FORMATS) as image:
            yield image


@contextmanager
def _quiet() -> Iterator[None]:
    """Warnings that mean "too large" or "cut off" are errors; the rest, such as odd metadata, is nobody's business."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("error", category=Image.DecompressionBombWarning)
        warnings.filterwarnings("error", message="Truncated File Read")
        yield


@contextmanager
def _refused(file: File, suffixes: tuple[str, ...]) -> Iterator[None]:
    """Turn whatever a decoder raises over hostile bytes, which may be anything, into a check."""
    try:
        yield
    except RejectedError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise reject(_too_many_pixels(Image.MAX_IMAGE_PIXELS or limits.IMAGE_PIXELS, file)) from error
    except UnidentifiedImageError as error:
        damaged = file.kind.name.upper() in FORMATS
        raise reject(_undecodable(error, file) if damaged else wrong_format(file, "image", suffixes)) from error
    except MemoryError as error:
        raise reject(typed("image.decodes", None, "the picture needs more memory than there is")) from error
    except Exception as error:
        raise reject(_undecodable(error, file)) from error


def _undecodable(error: Exception, file: File) -> Check:
    if file.kind.name == "tiff":
        with file.path.open("rb") as stream:
            packing = tiff.unknown_packing(stream)
        if packing:
            return typed("image.format", None, f"the file is a TIFF picture packed with {packing}, not decoded here")
    return typed("image.decodes", False, f"the picture does not decode: {shortened(error)}")


def _complete(damage: str | None) -> None:
    if damage:
        raise reject(typed("image.complete", False, f"the file is not whole: {damage}"))


def _frames(image: Image.Image, file: File) -> Iterator[Image.Image]:
    pixels = 0
    for index in range(limits.IMAGE_FRAMES + 1):
        try:
            image.seek(index)
        except EOFError:
            return
        _within_limits(image, file)
        pixels += image.width * image.height
        if index == limits.IMAGE_FRAMES or pixels > limits.IMAGE_TOTAL_PIXELS:
            detail = f"the picture has more frames than are decoded here ({index})"
            raise reject(typed("image.decodes", None, detail, index + 1, limits.IMAGE_FRAMES))
        image.load()
        if index == 0:
            _complete(image_complete.damage(image, file))
        yield image


def _within_limits(image: Image.Image, file: File) -> None:
    if image.width * image.height > limits.IMAGE_PIXELS:
        raise reject(_too_many_pixels(image.width * image.height, file))


def _too_many_pixels(pixels: int, file: File) -> Check:
    """Too large could not be checked; a size that no encoder could have put into so few bytes is a lie."""
    lie = pixels > file.size * limits.IMAGE_PIXELS_PER_BYTE
    detail = f"the picture claims at least {pixels / 1e6:.0f} million pixels in {file.size} bytes"
    return typed("image.size", False if lie else None, detail, pixels, limits.IMAGE_PIXELS)


def _note(path: Path, found: str) -> str:
    suffix = path.suffix.lower()
    expected = _OF_SUFFIX.get(suffix, suffix[1:].upper())
    return f", although it is named {suffix}" if expected in FORMATS and expected != found else ""
