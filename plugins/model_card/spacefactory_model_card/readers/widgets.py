"""The `widget:` entries of the front matter: their keys say what the model takes.

Keys: the Hub's documentation of widget examples.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pydantic import JsonValue

from spacefactory.repository.plain import inert
from spacefactory.schema.profile import Claim
from spacefactory_model_card.material import Material, claim

READER = "widget"
SUFFIXES = {
    "image": (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff"),
    "audio": (".wav", ".flac", ".mp3", ".ogg", ".m4a", ".opus"),
    "video": (".mp4", ".webm", ".mov", ".avi", ".mkv"),
    "3d": (".glb", ".obj", ".ply", ".stl"),
}
MASK = re.compile(r"\[MASK\]|<mask>|\[mask\]")
MOST = 40


def entries(material: Material) -> list[dict[str, JsonValue]]:
    """The entries that are mappings."""
    found = material.front.get("widget")
    return [one for one in found[:MOST] if isinstance(one, dict)] if isinstance(found, list) else []


def kind_of(path: object) -> str | None:
    """image, audio, video or 3d, by a file's name or address."""
    name = str(path).split("?")[0].split("#")[0].lower()
    return next((kind for kind, suffixes in SUFFIXES.items() if name.endswith(suffixes)), None)


def read(material: Material) -> Iterator[Claim]:
    """The task that an entry's keys belong to, and the types of its inputs."""
    line = material.front_line("widget")
    for entry in entries(material)[:3]:
        yield from _entry(entry, line)


def _entry(entry: dict[str, JsonValue], line: int | None) -> Iterator[Claim]:
    quote = inert(", ".join(f"{key}: {value}"[:80] for key, value in sorted(entry.items())))
    text, source = entry.get("text"), entry.get("src") or entry.get("url")
    output = entry.get("output")
    shown = kind_of(output.get("url")) if isinstance(output, dict) else None
    if isinstance(text, str) and MASK.search(text):
        yield claim("task", "fill-mask", READER, 0.85, quote, line)
    if "source_sentence" in entry:
        yield claim("task", "sentence-similarity", READER, 0.8, quote, line)
    if "context" in entry and text:
        yield claim("task", "question-answering", READER, 0.85, quote, line)
    if "table" in entry:
        yield claim("task", "table-question-answering", READER, 0.85, quote, line)
    if "structured_data" in entry or "structuredData" in entry:
        yield claim("task", "tabular-classification", READER, 0.6, quote, line)
    if "messages" in entry:
        yield claim("task", "text-generation", READER, 0.6, quote, line)
    if isinstance(text, str) and shown is not None:
        task = {"image": "text-to-image", "audio": "text-to-speech", "video": "text-to-video", "3d": "text-to-3d"}[
            shown
        ]
        yield claim("task", task, READER, 0.6, quote, line)
    if source and (kind := kind_of(source)):
        yield from _media(kind, entry, quote, line)
    elif isinstance(text, str) and source is None:
        yield claim("takes", "text", READER, 0.7, quote, line)
    if isinstance(output, list) and any(isinstance(one, dict) and "label" in one for one in output):
        yield claim("output_type", "label", READER, 0.5, quote, line)


def _media(kind: str, entry: dict[str, JsonValue], quote: str, line: int | None) -> Iterator[Claim]:
    yield claim("takes", kind, READER, 0.8, quote, line)
    if entry.get("candidate_labels"):
        task = {"image": "zero-shot-image-classification", "audio": "zero-shot-audio-classification"}.get(kind)
        if task:
            yield claim("task", task, READER, 0.8, quote, line)
    output = entry.get("output")
    labelled = isinstance(output, list) and any(isinstance(one, dict) and "label" in one for one in output)
    if labelled and kind in ("image", "audio", "video"):
        yield claim("task", f"{kind}-classification", READER, 0.6, quote, line)
