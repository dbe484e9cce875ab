"""The judge of sounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from spacefactory.schema.verdict import Check, Inspection, Output
from spacefactory_validators.checks import compared, inspected, remembered


@dataclass(frozen=True)
class AudioValidator:
    """Judges sounds: WAV, FLAC, MP3, Ogg, and MPEG-4, AAC or WebM without a picture."""

    name: str = "audio"
    output_types: tuple[str, ...] = ("audio",)
    suffixes: tuple[str, ...] = (".wav", ".flac", ".mp3", ".ogg", ".oga", ".opus", ".m4a", ".aac", ".weba")

    def inspect(self, output: Output) -> Inspection:
        """Decode every sample and ask whether something can be heard."""
        return inspected(output, self._look)

    def differ(self, first: Output, second: Output) -> Check:
        """Whether two sounds differ more than lossy encoding makes them."""
        from spacefactory_validators.audio_compare import judge, read

        return compared("audio.differs", first, second, remembered(read, self.suffixes), judge)

    def _look(self, output: Output) -> tuple[Sequence[Check], Mapping[str, JsonValue]]:
        from spacefactory_validators.audio_decode import decode
        from spacefactory_validators.audio_judge import judge
        from spacefactory_validators.audio_measure import measure

        sound, figures = decode(output, self.suffixes, measure)
        return judge(sound, figures)
