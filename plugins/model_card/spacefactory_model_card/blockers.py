"""Decides which blockers stand, from the claims and from what the other fields came out as."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from spacefactory.schema.profile import Claim
from spacefactory.schema.status import Blocker, BlockerReason
from spacefactory_model_card.hardware import MULTI_GPU_GB
from spacefactory_model_card.material import Material
from spacefactory_model_card.resolve import scores

LEAST = 0.5
"""Strength of the evidence from which a blocker is reported."""
ACTIONS = {
    BlockerReason.GATED: "accept the terms on the model's page, then start again signed in as that account",
    BlockerReason.NO_WEIGHTS: "give a repository or folder that holds the model's weights",
    BlockerReason.CORRUPT_WEIGHTS: "download the file again",
    BlockerReason.MULTI_GPU: "use a quantised version of the model that fits one GPU",
    BlockerReason.DOCKER_ONLY: "run the container that the card names on a machine of your own",
    BlockerReason.COMFYUI: "load it in ComfyUI, or use a version for diffusers",
    BlockerReason.CUSTOM_CUDA: "use a version of the model that needs no special build or hardware",
    BlockerReason.EXTERNAL_API_KEY: "use a model that runs without another service",
    BlockerReason.NOT_INFERENCE: "use a fine-tuned version of the model",
    BlockerReason.NON_PYTHON: "use the original model that this one was converted from",
}
DETAILS = {
    BlockerReason.GATED: "the model's terms must be accepted first",
    BlockerReason.NO_WEIGHTS: "the card says that the weights are not in this repository",
    BlockerReason.MULTI_GPU: "the weights do not fit one GPU",
    BlockerReason.DOCKER_ONLY: "the card offers only a container to run the model",
    BlockerReason.COMFYUI: "the model is made for ComfyUI workflows",
    BlockerReason.CUSTOM_CUDA: "the model needs a special build or special hardware",
    BlockerReason.EXTERNAL_API_KEY: "the card's way to run it needs a key of another service",
    BlockerReason.NOT_INFERENCE: "the model gives nothing useful without fine-tuning, a simulator or further data",
    BlockerReason.NON_PYTHON: "the model runs outside Python",
}
SPECIAL_LIBRARIES = {
    "mlx": "MLX runs on Apple silicon only",
    "tensorrt": "TensorRT engines run on the GPU they were built for",
}
OUTSIDE_PYTHON = frozenset({"coreml", "transformers.js", "tflite", "unity-sentis", "ml-agents"})


def blockers(
    material: Material,
    claims: Sequence[Claim],
    task: str | None,
    library: str | None,
    gated: bool | None,
    weights_gib: float | None,
) -> tuple[Blocker, ...]:
    """Every blocker once, the surest reason to stop first."""
    found: dict[BlockerReason, str] = {}
    for reason, why in _all(material, claims, task, library, gated, weights_gib):
        found.setdefault(reason, why)
    return tuple(_blocker(reason, why) for reason, why in found.items())


def _blocker(reason: BlockerReason, why: str) -> Blocker:
    detail = DETAILS.get(reason, "")
    return Blocker(
        reason=reason, detail=f"{detail}: {why}" if detail and why else detail or why, next_action=ACTIONS[reason]
    )


def _all(
    material: Material,
    claims: Sequence[Claim],
    task: str | None,
    library: str | None,
    gated: bool | None,
    weights_gib: float | None,
) -> Iterator[tuple[BlockerReason, str]]:
    for sentence in material.card.damaged:
        yield BlockerReason.CORRUPT_WEIGHTS, sentence
    if gated:
        yield BlockerReason.GATED, ""
    yield from _stated(claims)
    if library == "comfyui":
        yield BlockerReason.COMFYUI, _quote(claims, "library", "comfyui")
    if library in SPECIAL_LIBRARIES:
        yield BlockerReason.CUSTOM_CUDA, SPECIAL_LIBRARIES[library]
    if library in OUTSIDE_PYTHON:
        yield BlockerReason.NON_PYTHON, f"made for {library}"
    if library == "gguf" and (task not in GGUF_TASKS):
        yield BlockerReason.NON_PYTHON, f"no Python library runs GGUF files for {task or 'this task'}"
    if task == "robotics" or _quote(claims, "simulator", None):
        if task in ("robotics", "reinforcement-learning") and (
            task == "robotics" or library in ("lerobot", "ml-agents")
        ):
            yield BlockerReason.NOT_INFERENCE, _quote(claims, "simulator", None) or "it acts in a robot or simulator"
    if special := _device(claims, library):
        yield BlockerReason.CUSTOM_CUDA, special
    yield from _gpus(claims, weights_gib)


GGUF_TASKS = frozenset(
    {
        "text-generation",
        "text2text-generation",
        "image-text-to-text",
        "feature-extraction",
        "sentence-similarity",
        "text-ranking",
        "translation",
        "summarization",
        "text-classification",
    }
)
"""What llama-cpp-python runs."""


def _stated(claims: Sequence[Claim]) -> Iterator[tuple[BlockerReason, str]]:
    for value, score in scores(claims, "blocker").items():
        if score >= LEAST:
            reason = BlockerReason(value.strip('"'))
            yield reason, _quote(claims, "blocker", str(reason))


def _gpus(claims: Sequence[Claim], weights_gib: float | None) -> Iterator[tuple[BlockerReason, str]]:
    fits = _quote(claims, "fits_one_gpu", None)
    if weights_gib is not None and weights_gib * 2**30 / 1e9 > MULTI_GPU_GB and not fits:
        yield BlockerReason.MULTI_GPU, f"they take about {weights_gib:.0f} GiB"
    elif (said := _quote(claims, "many_gpus", None)) and not fits and (weights_gib is None or weights_gib > 40):
        yield BlockerReason.MULTI_GPU, said


def _device(claims: Sequence[Claim], library: str | None) -> str:
    if library not in ("onnx", "custom", "tensorrt", "coreml", None):
        return ""
    found = [claim for claim in claims if claim.field == "device" and claim.weight >= 0.6]
    return f"{found[0].value}" if found else ""


def _quote(claims: Sequence[Claim], field: str, value: object) -> str:
    found = [claim for claim in claims if claim.field == field and (value is None or claim.value == value)]
    return max(found, key=lambda one: one.weight).quote if found else ""
