"""The judge of structured answers: JSON, labels with scores, embeddings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from spacefactory.schema.verdict import Check, Inspection, Output
from spacefactory_validators.checks import compared, inspected
from spacefactory_validators.json_read import read


@dataclass(frozen=True)
class JsonValidator:
    """Judges JSON values and files; labels with scores and embeddings are special shapes of them."""

    name: str = "json"
    output_types: tuple[str, ...] = ("json", "label", "embedding")
    suffixes: tuple[str, ...] = (".json",)

    def inspect(self, output: Output) -> Inspection:
        """Walk the whole answer and ask whether it says something."""
        return inspected(output, _look)

    def differ(self, first: Output, second: Output) -> Check:
        """Whether two answers differ by more than the last digits of their numbers."""
        from spacefactory_validators.json_compare import NAME, judge

        return compared(NAME, first, second, read, judge)


def _look(output: Output) -> tuple[Sequence[Check], Mapping[str, JsonValue]]:
    from spacefactory_validators.json_judge import judge

    return judge(read(output))
