"""Which files of a repository hold weights, and which of them a loader would take."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from pydantic import JsonValue

from spacefactory.schema.card import RepoFile

READABLE = (".safetensors", ".gguf", ".onnx")
PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".joblib", ".pickle")
_OTHER = (
    "h5 msgpack tflite pb nemo npz mlmodel engine plan pdparams keras ot mlpackage pte llamafile ggml task cbm ubj "
    "skops zip onnx_data"
)
OTHER = tuple(f".{kind}" for kind in _OTHER.split())
SUFFIXES = (*READABLE, *PICKLES, *OTHER)
NO_WEIGHTS = frozenset(
    {"training_args.bin", "optimizer.pt", "optimizer.bin", "scheduler.pt", "scaler.pt", "rng_state.pth"}
)
"""What transformers' Trainer keeps beside a model."""
LONE = re.compile(r"(?:model|diffusion_pytorch_model|adapter_model|pytorch_lora_weights)\.safetensors\Z|model\.onnx\Z")
"""Names by which loaders look for a file that holds the whole model."""
_VARIANT = re.compile(r"\.(?:fp16|fp32|bf16|non_ema|ema|fp8)\b|_(?:fp16|int8|uint8|q4|q4f16|bnb4|quantized|fp8)\b")


def weight_files(files: Iterable[RepoFile]) -> tuple[RepoFile, ...]:
    """The files that hold weights, by their names."""
    return tuple(
        file
        for file in files
        if file.path.lower().endswith(SUFFIXES) and PurePosixPath(file.path).name not in NO_WEIGHTS
    )


@dataclass(frozen=True)
class Chosen:
    """The files that a loader would take, all of one format."""

    format: str
    """safetensors, gguf, onnx, or other for what is not read"""
    files: tuple[RepoFile, ...] = ()
    missing: tuple[str, ...] = ()
    """files that an index names and that are not there"""


def choose(files: Sequence[RepoFile], configs: Mapping[str, JsonValue], indexes: Mapping[str, bytes]) -> Chosen:
    """What the library's own loader would read: one file per part of the model, never two copies of one part.

    Args:
        files: the weight files.
        configs: parsed JSON files by path.
        indexes: raw `*.safetensors.index.json` files by path.
    """
    folders = _folders(files, configs)
    for suffix in READABLE:
        sets = [_of_folder(folder, suffix, files, indexes) for folder in folders]
        taken = tuple(file for one in sets for file in one.files)
        missing = tuple(name for one in sets for name in one.missing)
        if taken or missing:
            return Chosen(suffix[1:], taken, missing)
    return Chosen("other", tuple(file for file in files if _folder(file) in folders))


def _folders(files: Sequence[RepoFile], configs: Mapping[str, JsonValue]) -> list[str]:
    """Folders whose weights belong to the model."""
    held = sorted({_folder(file) for file in files}, key=lambda path: (path.count("/") + bool(path), path))
    index, modules = configs.get("model_index.json"), configs.get("modules.json")
    if isinstance(index, dict):
        parts = [name for name, part in index.items() if isinstance(part, list) and name in held]
        return parts or held[:1]
    if isinstance(modules, list):
        named = {one.get("path") for one in modules if isinstance(one, dict)}
        return [folder for folder in held if folder in named or folder == ""] or held[:1]
    return held[:1]


def _folder(file: RepoFile) -> str:
    parent = str(PurePosixPath(file.path).parent)
    return "" if parent == "." else parent


def _of_folder(folder: str, suffix: str, files: Sequence[RepoFile], indexes: Mapping[str, bytes]) -> Chosen:
    here = [file for file in files if _folder(file) == folder and file.path.endswith(suffix)]
    if suffix == ".safetensors":
        for path in sorted(indexes, key=lambda one: (bool(_VARIANT.search(one)), one)):
            if str(PurePosixPath(path).parent) == (folder or "."):
                return _indexed(folder, indexes[path], here)
    plain = [file for file in here if not _VARIANT.search(PurePosixPath(file.path).name)] or here
    best = min(plain, key=_rank, default=None)
    return Chosen(suffix[1:], () if best is None else _shards(best, here))


def _rank(file: RepoFile) -> tuple[int, int, int, str]:
    """The usual name first; then the quantisation that llama.cpp's own examples use; then the largest or, of graphs,
    the shortest name.
    """
    name = PurePosixPath(file.path).name
    usual = 0 if LONE.match(name) else 2 if name.startswith("mmproj") else 1
    if name.endswith(".onnx"):
        return (usual, 0, len(file.path), file.path)
    return (usual, 0 if "Q4_K_M" in name.upper() else 1, -(file.size or 0), file.path)


def _shards(file: RepoFile, here: Sequence[RepoFile]) -> tuple[RepoFile, ...]:
    """All files of a set such as name-00001-of-00003.gguf."""
    part = re.search(r"-\d{5}-of-(\d{5})(\.\w+)\Z", file.path)
    if part is None:
        return (file,)
    stem = file.path[: part.start()]
    return tuple(one for one in here if one.path.startswith(stem) and one.path.endswith(part.group(0)[6:]))


def _indexed(folder: str, index: bytes, here: Sequence[RepoFile]) -> Chosen:
    """The shards that an index names; an index that cannot be read is handled where it was read."""
    names = sorted(shard_names(index))
    paths = [f"{folder}/{name}" if folder else name for name in names]
    by_path = {file.path: file for file in here}
    taken = tuple(by_path[path] for path in paths if path in by_path)
    return Chosen("safetensors", taken, tuple(path for path in paths if path not in by_path))


def shard_names(index: bytes) -> set[str]:
    """File names in the weight map of a safetensors index; empty when it has none."""
    try:
        parsed = json.loads(index)
        return {name for name in parsed["weight_map"].values() if isinstance(name, str)}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return set()
