"""The names of the repository's files: which libraries could read them, and the risk in some of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from spacefactory.repository.files import PICKLES, weight_files
from spacefactory.schema.profile import Claim
from spacefactory_model_card.material import Material, claim

READER = "files"
MARKS = {
    "model_index.json": ("diffusers", 0.85),
    "modules.json": ("sentence-transformers", 0.75),
    "config_sentence_transformers.json": ("sentence-transformers", 0.75),
    "adapter_config.json": ("peft", 0.85),
    "hyperparams.yaml": ("speechbrain", 0.7),
    "saved_model.pb": ("keras", 0.5),
    "open_clip_config.json": ("open_clip", 0.6),
    "pytorch_lora_weights.safetensors": ("diffusers", 0.6),
    "meta.cfg": None,
}
"""Files that a library writes under this very name."""
SUFFIXES = {
    ".gguf": ("gguf", 0.7),
    ".onnx": ("onnx", 0.7),
    ".nemo": ("nemo", 0.85),
    ".mlmodel": ("coreml", 0.7),
    ".mlpackage": ("coreml", 0.7),
    ".keras": ("keras", 0.7),
    ".engine": ("tensorrt", 0.7),
    ".tflite": ("tflite", 0.6),
    ".joblib": ("sklearn", 0.4),
    ".skops": ("sklearn", 0.8),
}
SAFE = (".safetensors", ".gguf", ".onnx")


def read(material: Material) -> Iterator[Claim]:
    """Libraries, and whether there are weights at all."""
    if material.card.files is None:
        return
    paths = sorted(material.paths)
    names = {PurePosixPath(path).name for path in paths if "/" not in path}
    for name, mark in MARKS.items():
        if name in names and mark is not None:
            yield claim("library", mark[0], READER, mark[1], name)
    held = [file.path for file in weight_files(material.card.files)]
    yield claim("weights", "present" if held else "absent", READER, 1.0, ", ".join(held[:3]) or "no weight files")
    alone = {PurePosixPath(path).suffix.lower() for path in held}
    for suffix, (library, weight) in SUFFIXES.items():
        if suffix in alone:
            yield claim("library", library, READER, weight if len(alone) == 1 else 0.3, f"{suffix} file")
    if held and not any(path.endswith(SAFE) for path in held) and any(path.endswith(PICKLES) for path in held):
        risky = next(path for path in held if path.endswith(PICKLES))
        yield claim("pickle", True, READER, 0.9, f"{risky} can run code when it is loaded")
    if any(path.startswith("modeling_") and path.endswith(".py") for path in names):
        yield claim("remote_code", True, READER, 0.8, "modeling_*.py in the repository")
