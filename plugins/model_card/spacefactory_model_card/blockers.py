"""Decides which blockers stand, from the claims and from what the other fields came out as."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from spacefactory.schema.profile import Claim
from spacefactory.schema.status import Blocker, BlockerReason
from spacefactory_model_card import base
from spacefactory_model_card.hardware import MULTI_GPU_GB
from spacefactory_model_card.material import Material
from spacefactory_model_card.resolve import scores

LEAST = 0.5
"""Strength of the evidence from which a blocker is reported."""
SAID: dict[BlockerReason, tuple[str, str]] = {
    BlockerReason.CORRUPT_WEIGHTS: ("", "download the file again"),
    BlockerReason.GATED: (
        "the model's terms must be accepted first",
        "accept the terms on the model's page, then start again signed in as that account",
    ),
    BlockerReason.NO_WEIGHTS: (
        "the card says that the weights are not in this repository",
        "give a repository or folder that holds the model's weights",
    ),
    BlockerReason.MULTI_GPU: (
        "the weights do not fit one GPU",
        "use a quantised version of the model that fits one GPU",
    ),
    BlockerReason.DOCKER_ONLY: (
        "the card offers only a container to run the model",
        "run the container that the card names on a machine of your own",
    ),
    BlockerReason.COMFYUI: (
        "the model is made for ComfyUI workflows",
        "load it in ComfyUI, or use a version for diffusers",
    ),
    BlockerReason.CUSTOM_CUDA: (
        "the model needs a special build or special hardware",
        "use a version of the model that needs no special build or hardware",
    ),
    BlockerReason.EXTERNAL_API_KEY: (
        "the card's way to run it needs a key of another service",
        "use a model that runs without another service",
    ),
    BlockerReason.NOT_INFERENCE: (
        "the model gives nothing useful without fine-tuning, a simulator or further data",
        "use a fine-tuned version of the model",
    ),
    BlockerReason.NON_PYTHON: (
        "the model runs outside Python",
        "use the original model that this one was converted from",
    ),
}
"""What stands in the way, and what the user can do."""
SPECIAL_LIBRARIES = {
    "mlx": "MLX runs on Apple silicon only",
    "tensorrt": "TensorRT engines run on the GPU they were built for",
}
ADAPTERS = frozenset({"peft", "diffusers", "adapter-transformers"})
"""Libraries that load the base model's files beside those of a repository without a config of its own."""
OUTSIDE_PYTHON = frozenset({"coreml", "transformers.js", "tflite", "unity-sentis", "ml-agents"})
GGUF_TASKS = frozenset(
    {"text-generation", "text2text-generation", "image-text-to-text", "feature-extraction", "sentence-similarity"}
    | {"text-ranking", "translation", "summarization", "text-classification"}
)
"""What llama-cpp-python runs."""
OPEN_LIBRARIES = frozenset({"onnx", "custom", "tensorrt"})
"""Libraries for which a special device in the card's opening is the one the files are made for."""


@dataclass(frozen=True)
class Known:
    """What blockers depend on."""

    task: str | None
    library: str | None
    gated: bool | None
    weights_gib: float | None
    """with the smallest loading option of the card; None when it is not known well"""


def blockers(material: Material, claims: Sequence[Claim], known: Known) -> tuple[Blocker, ...]:
    """Every blocker once, the surest reason to stop first."""
    found: dict[BlockerReason, str] = {}
    for reason, why in _all(material, claims, known):
        found.setdefault(reason, why)
    return tuple(_blocker(reason, why) for reason, why in found.items())


def _blocker(reason: BlockerReason, why: str) -> Blocker:
    detail, action = SAID[reason]
    return Blocker(reason=reason, detail=": ".join(part for part in (detail, why) if part), next_action=action)


def _all(material: Material, claims: Sequence[Claim], known: Known) -> Iterator[tuple[BlockerReason, str]]:
    for sentence in material.card.damaged:
        yield BlockerReason.CORRUPT_WEIGHTS, sentence
    if known.gated:
        yield BlockerReason.GATED, ""
    elif known.library in ADAPTERS and (why := base.gate(material.card.base)):
        yield BlockerReason.GATED, why
    for value, score in scores(claims, "blocker").items():
        if score >= LEAST:
            reason = BlockerReason(value.strip('"'))
            yield reason, _quote(claims, "blocker", str(reason))
    yield from _library(material, claims, known)
    if known.task == "robotics":
        yield BlockerReason.NOT_INFERENCE, _quote(claims, "simulator") or "it acts in a robot or simulator"
    yield from _gpus(claims, known.weights_gib)


def _library(material: Material, claims: Sequence[Claim], known: Known) -> Iterator[tuple[BlockerReason, str]]:
    library = known.library
    if library == "comfyui":
        yield BlockerReason.COMFYUI, _quote(claims, "library", "comfyui")
    if library in SPECIAL_LIBRARIES:
        yield BlockerReason.CUSTOM_CUDA, SPECIAL_LIBRARIES[library]
    elif library in OPEN_LIBRARIES:
        strong = [claim for claim in claims if claim.field == "device" and claim.weight >= 0.6]
        if strong:
            yield BlockerReason.CUSTOM_CUDA, strong[0].quote
    if library in OUTSIDE_PYTHON:
        yield BlockerReason.NON_PYTHON, f"made for {library}"
    if library == "gguf" and known.task not in GGUF_TASKS and "comfyui" in material.text.replace(" ", ""):
        yield BlockerReason.COMFYUI, "GGUF files for ComfyUI"
    elif library == "gguf" and known.task not in GGUF_TASKS:
        yield BlockerReason.NON_PYTHON, f"no Python library runs GGUF files for {known.task or 'this task'}"


def _gpus(claims: Sequence[Claim], weights_gib: float | None) -> Iterator[tuple[BlockerReason, str]]:
    fits = _quote(claims, "fits_one_gpu")
    if weights_gib is not None and weights_gib * 2**30 / 1e9 > MULTI_GPU_GB and not fits:
        yield BlockerReason.MULTI_GPU, f"they take about {weights_gib:.0f} GiB"
    elif (said := _quote(claims, "many_gpus")) and not fits and (weights_gib is None or weights_gib > 40):
        yield BlockerReason.MULTI_GPU, said


def _quote(claims: Sequence[Claim], field: str, value: object = None) -> str:
    found = [claim for claim in claims if claim.field == field and (value is None or claim.value == value)]
    return max(found, key=lambda one: one.weight).quote if found else ""
