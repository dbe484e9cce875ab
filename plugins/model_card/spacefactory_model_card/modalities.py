"""What goes in and what comes out: the task's usual types, changed where the card's own words and code say more."""

from __future__ import annotations

import re
from collections.abc import Sequence

from spacefactory.schema.profile import Claim, InputType
from spacefactory_model_card.material import Material
from spacefactory_model_card.resolve import Answer, scores
from spacefactory_model_card.tasks import TASKS

ORDER = ("text", "image", "audio", "video", "tabular", "timeseries", "3d", "none")


def output_type(task: Answer | None) -> Answer | None:
    """The output type of a task."""
    if task is not None:
        return Answer(TASKS[str(task.value)].output, task.confidence)
    return None


def input_types(task: Answer | None, material: Material, claims: Sequence[Claim]) -> Answer | None:
    """The set of input types, in a fixed order."""
    if task is None:
        return None
    name = str(task.value)
    kinds = set(TASKS[name].inputs)
    seen = {kind: scores(claims, field) for field in ("passes", "reads", "takes") for kind in [field]}
    passes, reads = _kinds(seen["passes"]), _kinds(seen["reads"])
    sure = 0.95
    if name == "image-to-image" and _prompted(material, passes):
        kinds.add("text")
        sure = 0.85
    if name in ("text-to-image", "text-to-video") and _loaded_image(claims):
        kinds.add("image")
        sure = 0.7
    if name in ("image-to-video", "image-to-3d"):
        sure = 0.8
        if "text" in passes or _tagged(claims, name.replace("image-", "text-", 1)):
            kinds.add("text")
        if name == "image-to-video" and "driving" in material.text:
            kinds.add("video")
    if name == "text-to-3d" and _tagged(claims, "image-to-3d"):
        kinds.add("image")
    if name == "text-to-speech" and _reference_voice(material):
        kinds.add("audio")
        sure = 0.8
    if name in ("image-text-to-text", "any-to-any") and "video" in passes | reads:
        kinds.add("video")
        sure = 0.8
    if name in ("audio-to-audio", "automatic-speech-recognition") and {"text", "audio"} <= passes:
        kinds.add("text")
        sure = 0.7
    if name == "feature-extraction":
        kinds = {_modality(material)}
        sure = 0.8
    return Answer([kind for kind in ORDER if kind in kinds], round(task.confidence * sure, 3))


def _kinds(found: dict[str, float]) -> set[str]:
    return {value.strip('"') for value in found}


def _loaded_image(claims: Sequence[Claim]) -> bool:
    """Whether a picture from a file goes into the model, and not one that another model made."""
    return any(claim.field == "passes" and claim.value == "image" and claim.reader == "loaded" for claim in claims)


def _tagged(claims: Sequence[Claim], task: str) -> bool:
    return any(claim.field == "task" and claim.value == task and claim.weight >= 0.3 for claim in claims)


_SIGNS: tuple[tuple[InputType, re.Pattern[str]], ...] = (
    ("audio", re.compile(r"\b(?:audio|speech|sound|music|voice|wav2vec2?|hubert|waveforms?)\b")),
    ("video", re.compile(r"\bvideos?\b|videomae")),
    ("image", re.compile(r"\b(?:images?|vision|visual|pictures?|vit|dino(?:v\d)?|histology|pathology)\b")),
    ("tabular", re.compile(r"\btabular\b")),
)


def _modality(material: Material) -> InputType:
    """What a feature extractor takes: by its tags and title, then by its first sentences; text else."""
    head = " ".join((*material.tags, material.document.title.lower(), material.card.model.lower().replace("_", " ")))
    opening = " ".join(one.lower for one in material.document.opening(600))
    for text in (head, opening):
        for kind, pattern in _SIGNS:
            if pattern.search(text) and "sentence" not in head and "text" not in head:
                return kind
    return "text"


def _prompted(material: Material, passes: set[str]) -> bool:
    """Whether pictures are changed as a text says: diffusion with a prompt."""
    if "text" in passes:
        return True
    saved = str(material.config("model_index.json").get("_class_name"))
    made = [call.owner for call in material.code.calls if call.method == "from_pretrained"]
    if any(
        re.search(r"StableDiffusion|Flux|Img2Img|Image2Image|Inpaint|ControlNet|Kontext|Edit", one)
        for one in (saved, *made)
    ):
        return not any("ImageVariation" in one for one in (saved, *made))
    words = ("prompt", "controlnet", "text-to-image", "text-guided")
    return any(word in material.text for word in words)


def _reference_voice(material: Material) -> bool:
    marks = (
        "reference audio",
        "voice clon",
        "ref_audio",
        "reference_audio",
        "speaker_wav",
        "ref_wav",
        "audio_prompt",
        "reference speech",
    )
    return any(mark in material.text for mark in marks)
