"""The judge of pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from spacefactory.schema.verdict import Check, Inspection, Output
from spacefactory_validators.checks import compared, inspected, remembered


@dataclass(frozen=True)
class ImageValidator:
    """Judges pictures: PNG, JPEG, WebP, GIF, BMP, TIFF and AVIF, still or animated."""

    name: str = "image"
    output_types: tuple[str, ...] = ("image",)
    suffixes: tuple[str, ...] = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif")

    def inspect(self, output: Output) -> Inspection:
        """Decode every frame and ask whether something can be seen."""
        return inspected(output, self._look)

    def differ(self, first: Output, second: Output) -> Check:
        """Whether two pictures differ more than lossy encoding makes them."""
        from spacefactory_validators.image_compare import judge, read

        return compared("image.differs", first, second, remembered(read, self.suffixes), judge)

    def _look(self, output: Output) -> tuple[Sequence[Check], Mapping[str, JsonValue]]:
        from spacefactory_validators.image_decode import decode
        from spacefactory_validators.image_measure import judge, measure

        picture, frames = decode(output, self.suffixes, measure)
        return judge(picture, frames)
