"""What goes in and what comes out: the task's usual types, changed where the card's own words and code say more."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pydantic import JsonValue

from spacefactory.schema.profile import Claim, InputType
from spacefactory_model_card.material import Material
from spacefactory_model_card.readers.widgets import entries
from spacefactory_model_card.resolve import Answer
from spacefactory_model_card.tasks import TASKS

ORDER: tuple[InputType, ...] = ("text", "image", "audio", "video", "tabular", "timeseries", "3d", "none")


REFERENCE_VOICE = (
    *("reference audio", "reference speech", "voice clon"),
    *("reference_audio", "ref_audio", "ref_wav", "speaker_wav", "audio_prompt"),
)
"""Words of cards and names of parameters where a voice is given as a recording."""
PROMPTED = re.compile(r"StableDiffusion|Flux|Img2Img|Image2Image|Inpaint|ControlNet|Kontext|Edit")
"""Parts of names of diffusers' pipelines that take a prompt beside the picture."""
SPOKEN = re.compile(
    r"audio[- ]driven|driven by (?:audio|speech)|driv\w+_audio|speech[- ]driven|talking[- ](?:head|face)"
)
"""Words of models that let a portrait speak."""
UNSURE = {
    "image-to-video": 0.8,
    "image-to-3d": 0.8,
    "feature-extraction": 0.8,
    "any-to-any": 0.6,
    "image-to-image": 0.85,
}
"""Tasks whose models differ in what they take: how sure the usual types are, where nothing more is found."""
USUAL = 0.95


def output_type(task: Answer | None) -> Answer | None:
    """The output type of a task."""
    return None if task is None else Answer(TASKS[str(task.value)].output, task.confidence)


def input_types(task: Answer | None, material: Material, claims: Sequence[Claim]) -> Answer | None:
    """The set of input types, in a fixed order."""
    if task is None:
        return None
    name = str(task.value)
    added = dict(_added(name, material, claims))
    usual = _modalities(material) if name == "feature-extraction" else TASKS[name].inputs
    sure = min((UNSURE.get(name, USUAL), *added.values()))
    kinds: list[JsonValue] = [kind for kind in ORDER if kind in (*usual, *added)]
    return Answer(kinds, round(task.confidence * sure, 3))


def _added(name: str, material: Material, claims: Sequence[Claim]) -> Iterator[tuple[InputType, float]]:
    """Types beyond the task's usual ones, and how sure each is."""
    passes = {claim.value for claim in claims if claim.field == "passes"}
    reads = {claim.value for claim in claims if claim.field == "reads"}
    if name == "image-to-image" and ("text" in passes or _written_to(material) or _prompted(material)):
        yield "text", 0.85
    if name in ("text-to-image", "text-to-video") and _loaded_image(claims):
        yield "image", 0.7
    if name == "text-to-image" and _shown_pictures(claims):
        yield "image", 0.8
    pictured = name == "image-to-3d" and "image" in passes
    if name in ("image-to-video", "image-to-3d") and (
        "text" in passes or (_tagged(claims, f"text-{name[6:]}") and not pictured)
    ):
        yield "text", 0.8
    if name == "image-to-video" and (SPOKEN.search(material.text) or "audio" in passes):
        yield "audio", 0.8
    if name == "image-to-video" and "driving video" in material.text:
        yield "video", 0.8
    if name == "text-to-3d" and _tagged(claims, "image-to-3d"):
        yield "image", 0.8
    if name == "text-to-speech" and any(words in material.text for words in REFERENCE_VOICE):
        yield "audio", 0.8
    if name in ("image-text-to-text", "any-to-any") and "video" in passes | reads:
        yield "video", 0.8
    if name in ("audio-to-audio", "automatic-speech-recognition") and {"text", "audio"} <= passes:
        yield "text", 0.7


def _loaded_image(claims: Sequence[Claim]) -> bool:
    """Whether a picture from a file goes into the model, and not one that another model made."""
    return any(claim.field == "passes" and claim.value == "image" and claim.reader == "loaded" for claim in claims)


def _shown_pictures(claims: Sequence[Claim]) -> bool:
    """Whether the name is that of a ControlNet or an adapter for pictures, which take one beside the prompt."""
    named = [claim for claim in claims if claim.field == "task" and claim.reader == "names"]
    return any(claim.value == "image-to-image" and claim.weight >= 0.5 for claim in named)


def _tagged(claims: Sequence[Claim], task: str) -> bool:
    return any(claim.field == "task" and claim.value == task and claim.weight >= 0.3 for claim in claims)


_SIGNS: tuple[tuple[InputType, re.Pattern[str]], ...] = (
    ("audio", re.compile(r"\b(?:audio|speech|sound|music|voice|wav2vec2?|hubert|waveforms?)\b")),
    ("video", re.compile(r"\bvideos?\b|videomae")),
    ("image", re.compile(r"\b(?:images?|vision|visual|pictures?|vit|dino(?:v\d)?|histology|pathology)\b")),
    ("tabular", re.compile(r"\btabular\b")),
)


BOTH = (frozenset({"encode_image", "get_image_features"}), frozenset({"encode_text", "get_text_features"}))
"""Methods of models that put pictures and texts into one space, as CLIP and its followers name them."""


def _modalities(material: Material) -> tuple[InputType, ...]:
    called = {call.method for call in material.code.calls}
    if all(not called.isdisjoint(methods) for methods in BOTH):
        return ("text", "image")
    return (_modality(material),)


def _modality(material: Material) -> InputType:
    """What a feature extractor takes: by its tags and title, then by its first sentences; text else."""
    head = " ".join((*material.tags, material.document.title.lower(), material.card.model.lower().replace("_", " ")))
    opening = " ".join(one.lower for one in material.document.opening(600))
    if re.search(r"\btexts?\b|\bsentence", head):
        return "text"
    return next((kind for text in (head, opening) for kind, pattern in _SIGNS if pattern.search(text)), "text")


def _written_to(material: Material) -> bool:
    """Whether the card's own examples for the Hub's page hold words for the model."""
    return "instance_prompt" in material.front or any(entry.get("text") for entry in entries(material))


def _prompted(material: Material) -> bool:
    """Whether pictures are changed as a text says: diffusion with a prompt."""
    saved = str(material.config("model_index.json").get("_class_name"))
    made = [call.owner for call in material.code.calls if call.method == "from_pretrained"]
    names = " ".join((saved, *made))
    if PROMPTED.search(names):
        return "ImageVariation" not in names
    return any(words in material.text for words in ("prompt", "controlnet", "text-to-image", "text-guided"))
