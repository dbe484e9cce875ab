"""The card's examples as rows of the app: which columns they fill, and which files come along."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from spacefactory.schema.profile import Example, ModelProfile
from spacefactory_template_agent.recipes import Column

MOST = 12
"""Rows that an app shows; more would push the app off the screen."""
LARGEST = 1 << 20
"""Bytes of one example file; the publish gate refuses larger binary files."""
SUFFIXES = {
    "image": frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp"}),
    "audio": frozenset({".wav", ".flac", ".ogg", ".mp3"}),
}
SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}\Z")


@dataclass(frozen=True)
class Rows:
    """Examples as the app shows them: one cell per column, one label per row, and the files to copy."""

    columns: tuple[Column, ...] = ()
    cells: tuple[tuple[str, ...], ...] = ()
    labels: tuple[str, ...] = ()
    files: tuple[tuple[Path, str], ...] = ()
    """where a file is, and its path in the app's folder"""

    def copy(self, workspace: Path) -> tuple[str, ...]:
        """Copy the files into the workspace; returns their paths in it."""
        for source, target in self.files:
            (workspace / target).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, workspace / target)
        return tuple(target for _, target in self.files)


def rows(profile: ModelProfile, columns: tuple[Column, ...]) -> Rows:
    """Rows from the examples that fill at least the first column; further columns stay when any example fills them."""
    found = [
        (example, values)
        for example in profile.examples
        if (values := [_value(example, column) for column in columns]) and values[0] is not None
    ]
    folder = profile.location.path
    kept = list[tuple[str, list[str | None]]]()
    files = dict[str, tuple[Path, str]]()
    for example, values in found:
        cells = [_cell(folder, column, value, files) for column, value in zip(columns, values, strict=True)]
        if cells[0] is not None and len(kept) < MOST:
            kept.append((example.title or f"Example {len(kept) + 1}", cells))
    return _rows(columns, kept, files)


def _rows(
    columns: tuple[Column, ...], kept: list[tuple[str, list[str | None]]], files: dict[str, tuple[Path, str]]
) -> Rows:
    used = [at for at in range(len(columns)) if any(cells[at] is not None for _, cells in kept)]
    cells = tuple(tuple(row[at] or "" for at in used) for _, row in kept)
    shown = {cell for row in cells for cell in row}
    return Rows(
        columns=tuple(columns[at] for at in used),
        cells=cells,
        labels=tuple(title for title, _ in kept),
        files=tuple(pair for pair in files.values() if pair[1] in shown),
    )


def _value(example: Example, column: Column) -> str | None:
    """What an example has for a column, in its inputs or among its parameters."""
    parameters = example.inputs.get("parameters")
    places = (example.inputs, parameters if isinstance(parameters, dict) else {})
    found = (_text(place.get(key), column.join) for key in column.keys for place in places)
    return next((value for value in found if value.strip()), None)


def _text(value: JsonValue, join: str) -> str:
    if isinstance(value, list):
        return join.join(one for one in value if isinstance(one, str))
    return value if isinstance(value, str) else ""


def _cell(folder: Path | None, column: Column, value: str | None, files: dict[str, tuple[Path, str]]) -> str | None:
    """The text itself, or the path in the app's folder of a file that can come along; None when there is none."""
    if value is None or column.kind == "text":
        return value
    if value not in files and (source := _file(folder, value, column.kind)) is not None:
        files[value] = (source, _target(source, {target for _, target in files.values()}))
    return files[value][1] if value in files else None


def _file(folder: Path | None, value: str, kind: str) -> Path | None:
    """A regular file inside the model's folder, of a known kind and small enough to publish."""
    if folder is None or "\0" in value:
        return None
    path = (folder / value).resolve()
    if not path.is_relative_to(folder.resolve()) or path.suffix.lower() not in SUFFIXES[kind] or not path.is_file():
        return None
    return path if 0 < path.stat().st_size <= LARGEST else None


def _target(source: Path, taken: set[str]) -> str:
    name = source.name if SAFE_NAME.match(source.name) else f"example-{len(taken) + 1}{source.suffix.lower()}"
    if f"examples/{name}" in taken:
        name = f"{len(taken) + 1}-{name}"
    return f"examples/{name}"
