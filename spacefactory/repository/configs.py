"""Reads the JSON files by which libraries describe a model."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence

from pydantic import JsonValue

from spacefactory.repository.plain import plain
from spacefactory.repository.window import Read
from spacefactory.schema.card import RepoFile

LARGEST = 1 << 20
"""Bytes of one file that are read."""
MOST = 40
"""Files that are read."""
NAMES = (
    "config.json",
    "model_index.json",
    "generation_config.json",
    "preprocessor_config.json",
    "processor_config.json",
    "video_preprocessor_config.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "modules.json",
    "config_sentence_transformers.json",
    "1_Pooling/config.json",
    "adapter_config.json",
    "quantize_config.json",
    "open_clip_config.json",
)
"""Written by transformers, diffusers, sentence-transformers, peft, auto-gptq and open_clip."""


def read_configs(read: Read, files: Sequence[RepoFile] | None) -> tuple[dict[str, JsonValue], tuple[str, ...]]:
    """The files that are there, parsed, by path; and what could not be read, one sentence each."""
    paths = None if files is None else {file.path for file in files}
    found: dict[str, JsonValue] = {}
    problems: list[str] = []
    for path in NAMES:
        _add(path, read, paths, found, problems)
    for path in [*_components(found)][: MOST - len(NAMES)]:
        _add(path, read, paths, found, problems)
    return found, tuple(problems)


def _components(found: dict[str, JsonValue]) -> Iterator[str]:
    """config.json of each part that model_index.json names, as [library, class]."""
    index = found.get("model_index.json")
    for name, part in index.items() if isinstance(index, dict) else ():
        if isinstance(part, list) and len(part) == 2 and isinstance(part[1], str) and _safe(name):
            yield f"{name}/config.json"


def _safe(name: str) -> bool:
    return name.replace("_", "").isalnum() and len(name) < 60


def _add(
    path: str, read: Read, paths: Collection[str] | None, found: dict[str, JsonValue], problems: list[str]
) -> None:
    if paths is not None and path not in paths:
        return
    try:
        data = read(path, 0, LARGEST + 1)
    except FileNotFoundError:
        return
    except OSError as error:
        problems.append(f"{path} cannot be read ({error.strerror or type(error).__name__})")
        return
    if len(data) > LARGEST:
        problems.append(f"{path} is larger than {LARGEST >> 10} KiB and was not read")
        return
    try:
        found[path] = plain(json.loads(data.decode("utf-8-sig", "replace")))
    except (ValueError, RecursionError):
        problems.append(f"{path} is not valid JSON")
