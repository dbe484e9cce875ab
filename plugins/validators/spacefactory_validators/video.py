"""The judge of videos."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from spacefactory.schema.verdict import Check, Inspection, Output
from spacefactory_validators.checks import compared, inspected, remembered


@dataclass(frozen=True)
class VideoValidator:
    """Judges videos: MP4, MOV, WebM, Matroska, AVI, MPEG, Flash, Ogg, and animated GIF."""

    name: str = "video"
    output_types: tuple[str, ...] = ("video",)
    suffixes: tuple[str, ...] = (
        ".mp4",
        ".m4v",
        ".mov",
        ".webm",
        ".mkv",
        ".avi",
        ".mpg",
        ".mpeg",
        ".ts",
        ".flv",
        ".ogv",
    )

    def inspect(self, output: Output) -> Inspection:
        """Decode every frame and ask whether something can be seen and moves."""
        return inspected(output, self._look)

    def differ(self, first: Output, second: Output) -> Check:
        """Whether two videos differ more than encoding makes them."""
        from spacefactory_validators.video_compare import judge, read

        return compared("video.differs", first, second, remembered(read, self.suffixes), judge)

    def _look(self, output: Output) -> tuple[Sequence[Check], Mapping[str, JsonValue]]:
        from spacefactory_validators.video_decode import decode
        from spacefactory_validators.video_judge import judge
        from spacefactory_validators.video_measure import measure

        film, figures = decode(output, self.suffixes, measure)
        return judge(film, figures)
