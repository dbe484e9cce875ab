"""Reads the headers of a model's weight files and tells which of them are damaged."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from spacefactory.repository import gguf, onnx, safetensors
from spacefactory.repository.files import Chosen, choose, shard_names, weight_files
from spacefactory.repository.header import Header
from spacefactory.repository.plain import inert, plain
from spacefactory.repository.window import DamagedError, Read, TooLargeError, Window
from spacefactory.schema.card import RepoFile, WeightFacts

MOST_FILES = 64
"""Files whose headers are read; on the Hub each costs a request."""
LARGEST_INDEX = 16 << 20
POINTER = b"version https://git-lfs.github.com/spec/"
LARGEST_POINTER = 1024
INSPECT: dict[str, Callable[[Window], Header]] = {
    "safetensors": safetensors.inspect,
    "gguf": gguf.inspect,
    "onnx": onnx.inspect,
}


@dataclass
class Found:
    """What the weight files say."""

    facts: WeightFacts | None = None
    damaged: list[str] = field(default_factory=list)
    """one sentence per file that cannot be used"""
    problems: list[str] = field(default_factory=list)
    """what could not be read, without being the file's fault"""
    about: dict[str, JsonValue] = field(default_factory=dict)
    """by path: metadata of GGUF files, inputs and outputs of ONNX graphs"""


def read_weights(read: Read, files: Sequence[RepoFile], configs: Mapping[str, JsonValue]) -> Found:
    """Read the headers of the files that a loader would take; never raises over their content."""
    found = Found()
    held = weight_files(files)
    chosen = choose(held, configs, _indexes(read, files, found))
    found.damaged += [f"{inert(path)} is missing: the index of the weights names it" for path in chosen.missing]
    usable = [file for file in chosen.files[:MOST_FILES] if not _spoilt(read, file, found)]
    if chosen.format == "other":
        return found
    headers = [header for file in usable if (header := _header(read, file, chosen.format, files, found))]
    if len(headers) == len(chosen.files) and headers:
        found.facts = _facts(chosen, headers)
    elif len(chosen.files) > MOST_FILES:
        found.problems.append(f"only {MOST_FILES} of {len(chosen.files)} weight files were looked at")
    return found


def _indexes(read: Read, files: Sequence[RepoFile], found: Found) -> dict[str, bytes]:
    held: dict[str, bytes] = {}
    for path in [file.path for file in files if file.path.endswith(".safetensors.index.json")][:MOST_FILES]:
        try:
            data = read(path, 0, LARGEST_INDEX + 1)
        except OSError as error:
            found.problems.append(f"{inert(path)} cannot be read ({error.strerror or type(error).__name__})")
            continue
        if len(data) > LARGEST_INDEX:
            found.problems.append(f"{inert(path)} is too large to be read")
        elif shard_names(data):
            held[path] = data
        else:
            found.damaged.append(f"{inert(path)} is damaged: it names no weight files")
    return held


def _spoilt(read: Read, file: RepoFile, found: Found) -> bool:
    """Whether a file is empty or only stands for one that was not downloaded."""
    if file.size == 0:
        found.damaged.append(f"{inert(file.path)} is damaged: it is empty")
        return True
    if file.size is None or file.size > LARGEST_POINTER:
        return False
    try:
        pointer = read(file.path, 0, len(POINTER)) == POINTER
    except OSError:
        return False
    if pointer:
        found.damaged.append(f"{inert(file.path)} is a Git LFS pointer, not the file itself")
    return pointer


def _header(read: Read, file: RepoFile, kind: str, files: Sequence[RepoFile], found: Found) -> Header | None:
    try:
        header = INSPECT[kind](Window(read, file.path, file.size))
        _check_external(file, header, files)
    except DamagedError as error:
        found.damaged.append(f"{inert(file.path)} is damaged: {error}")
    except TooLargeError as error:
        found.problems.append(f"{inert(file.path)} was not read to its end: {error}")
    except OSError as error:
        found.problems.append(f"{inert(file.path)} cannot be read ({error.strerror or type(error).__name__})")
    else:
        if header.about:
            found.about[file.path] = plain(header.about)
        return header
    return None


def _check_external(file: RepoFile, header: Header, files: Sequence[RepoFile]) -> None:
    """An ONNX graph may keep its data in files beside it."""
    listed = header.about.get("external")
    folder = file.path.rpartition("/")[0]
    paths = {one.path for one in files if one.size != 0}
    for name in listed if isinstance(listed, list) else ():
        if (f"{folder}/{name}" if folder else name) not in paths:
            raise DamagedError(f"its data file {inert(name)} is missing or empty")


def _facts(chosen: Chosen, headers: Sequence[Header]) -> WeightFacts:
    by_dtype: dict[str, int] = {}
    for header in headers:
        for dtype, count in header.by_dtype.items():
            by_dtype[dtype] = by_dtype.get(dtype, 0) + count
    return WeightFacts(
        format=chosen.format,
        parameters=sum(by_dtype.values()),
        by_dtype=dict(sorted(by_dtype.items())),
        files=tuple(file.path for file in chosen.files),
    )
