"""Whether two pictures differ more than encoding makes them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from spacefactory.schema.verdict import Check, Output
from spacefactory_validators.checks import difference, unequal
from spacefactory_validators.compare import Grid, grid, largest
from spacefactory_validators.image_decode import Picture, decode

NAME = "image.differs"
THRESHOLD = 4.0
"""levels of 255 by which the mean colour of a region differs. JPEG and WebP at quality 50 move the mean of a cell by
less than 3, rounding and float noise of a model by less than 1; a drawn box or another digit moves it by 20 and more"""


@dataclass(frozen=True)
class Seen:
    """A picture as it is compared."""

    picture: Picture
    grids: tuple[Grid, ...]
    """one per frame"""


def read(output: Output, suffixes: tuple[str, ...]) -> Seen:
    """Decode a picture and keep the mean colours of its regions.

    Raises:
        RejectedError: it cannot be decoded.
    """
    picture, grids = decode(output, suffixes, lambda frame: grid(_even(frame)))
    return Seen(picture, tuple(grids))


def judge(first: Seen, second: Seen) -> Check:
    """Compare size, number of frames, and regions."""
    sizes = [f"{seen.picture.width}x{seen.picture.height}" for seen in (first, second)]
    if sizes[0] != sizes[1]:
        return unequal(NAME, f"one is {sizes[0]} and the other {sizes[1]}")
    if len(first.grids) != len(second.grids):
        return unequal(NAME, f"one has {len(first.grids)} frames and the other {len(second.grids)}")
    pairs = zip(first.grids, second.grids, strict=True)
    return difference(NAME, max(largest(*pair) for pair in pairs), THRESHOLD, "mean colours of a region by")


def _even(frame: Image.Image) -> Image.Image:
    """Any mode as red, green, blue and alpha, colours weighted by opacity."""
    if frame.mode.startswith(("I", "F")):
        values = np.nan_to_num(np.asarray(frame).astype(np.float32), posinf=0, neginf=0)
        scale = 257 if values.max() > 255 else 1 if values.max() > 1 else 1 / 255
        frame = Image.fromarray((values / scale).clip(0, 255).astype(np.uint8))
    if frame.mode in ("LAB", "HSV"):
        frame = Image.merge("RGB", frame.split())
    return frame.convert("RGBA").convert("RGBa")
