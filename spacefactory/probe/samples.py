"""Inputs made for a call when the card has no example: one set after another, each clearly different."""

from __future__ import annotations

from pathlib import Path

from pydantic import JsonValue

from spacefactory.probe import sample_media as media
from spacefactory.probe.sample_languages import texts_in
from spacefactory.probe.sample_texts import more_texts, texts
from spacefactory.schema.profile import ModelProfile

DISTINCT = 9
"""How many sets of media there are; after that they repeat."""
MAKERS = {
    "image": (media.picture, ".png"),
    "audio": (media.sound, ".wav"),
    "video": (media.video, ".mp4"),
    "tabular": (media.table_file, ".csv"),
    "timeseries": (media.table_file, ".csv"),
    "3d": (media.solid, ".obj"),
}


def sample_text(profile: ModelProfile | None, which: int, name: str = "text") -> str:
    """A text for a parameter of that name; the main text when the task has none of its own for it."""
    mask = profile.facts.get("mask_token") if profile else None
    task = profile.task if profile else None
    if own := texts_in(_languages(profile), task):
        return own[which % len(own)]
    found = more_texts(task, mask if isinstance(mask, str) else "[MASK]")
    fields = found[which % len(found)]
    return fields.get(name, fields["text"])


def _languages(profile: ModelProfile | None) -> list[str]:
    found = profile.facts.get("languages") if profile else None
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def has_text(profile: ModelProfile | None, name: str) -> bool:
    """Whether the task has a text of its own for a parameter of that name."""
    return name in texts(profile.task if profile else None)[0]


def sample_file(kind: str, folder: Path, which: int) -> Path:
    """A file of that kind in the folder, made when it is not there yet; text for a kind that nothing is made for.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    make, suffix = MAKERS.get(kind, (_text_file, ".txt"))
    path = folder / f"sample-{kind}-{which % DISTINCT + 1}{suffix}"
    return path if path.is_file() else make(path, which % DISTINCT)


def sample_table(which: int) -> JsonValue:
    """A table as Gradio's Dataframe takes it."""
    names, rows = media.table(which % DISTINCT)
    return {"headers": list[JsonValue](names), "data": [list[JsonValue](row) for row in rows], "metadata": None}


def _text_file(path: Path, which: int) -> Path:
    path.write_text(more_texts("translation")[which]["text"] + "\n", encoding="utf-8")
    return path


def is_made(path: str) -> bool:
    """Whether a path is that of a file that `sample_file` made."""
    return Path(path).name.startswith("sample-")
