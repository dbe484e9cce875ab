"""The files of the card's own examples: fetched into the record where the model is no folder of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import JsonValue

from spacefactory.errors import SpacefactoryError
from spacefactory.providers import Fetching
from spacefactory.record.files import write_atomic
from spacefactory.run import Run
from spacefactory.schema.profile import ModelProfile
from spacefactory.steps import documents

FOLDER = "tests/examples"
LARGEST = 16 << 20
MOST = 24


def with_files(run: Run, profile: ModelProfile) -> ModelProfile:
    """The profile, with a folder that holds what its examples name.

    A file that cannot be had is told and left out: then the model is called with other inputs.
    """
    card = documents.card(run)
    source = run.plugins.source(card.source)
    if profile.location.path is not None or not isinstance(source, Fetching):
        return profile
    there = {file.path for file in card.files or () if (file.size or 0) <= LARGEST}
    folder = (run.folder / FOLDER).resolve()
    for path in sorted(set(_named(profile)) & there)[:MOST]:
        target = (folder / path).resolve()
        if not target.is_relative_to(folder) or target.is_file():
            continue
        try:
            data = source.file(card.location, path, LARGEST)
        except (SpacefactoryError, OSError) as error:
            run.tell(f"the example {path} is left out: {error}")
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(target, data)
    location = profile.location.model_copy(update={"path": folder if folder.is_dir() else None})
    return profile.model_copy(update={"location": location})


def _named(profile: ModelProfile) -> Iterator[str]:
    for example in profile.examples:
        yield from _texts([*example.inputs.values(), example.expected])


def _texts(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield Path(value).as_posix()
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
