"""Recommended call settings: what the card's own code passes when it calls the model."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from spacefactory.repository.plain import inert
from spacefactory_model_card.material import Material

NUMBERS: Mapping[str, tuple[float, float]] = {
    "num_inference_steps": (1, 1000),
    "guidance_scale": (0, 50),
    "height": (16, 8192),
    "width": (16, 8192),
    "num_frames": (1, 2000),
    "fps": (1, 120),
    "strength": (0, 1),
    "controlnet_conditioning_scale": (0, 4),
    "max_new_tokens": (1, 131072),
    "max_length": (1, 131072),
    "min_length": (0, 131072),
    "temperature": (0, 5),
    "top_p": (0, 1),
    "top_k": (0, 100000),
    "min_p": (0, 1),
    "repetition_penalty": (0.1, 10),
    "num_beams": (1, 100),
    "no_repeat_ngram_size": (0, 20),
    "length_penalty": (-10, 10),
    "audio_length_in_s": (0.1, 600),
    "chunk_length_s": (1, 600),
    "threshold": (0, 1),
    "clip_skip": (0, 12),
    "motion_bucket_id": (1, 255),
    "decode_chunk_size": (1, 100),
}
"""Names of parameters in transformers and diffusers, with the range in which a value makes sense."""
FLAGS = frozenset({"do_sample"})
TEXTS = frozenset({"negative_prompt"})
LONGEST_TEXT = 1000
_WRITTEN = (
    ("num_inference_steps", re.compile(r"\b(?:sampling |inference )?steps\b\W{1,6}(\d{1,3})\b", re.I)),
    ("guidance_scale", re.compile(r"\b(?:cfg|guidance)(?: ?scale)?\b\W{1,6}(\d{1,2}(?:\.\d{1,2})?)\b", re.I)),
)


def settings(material: Material, task: str | None) -> dict[str, JsonValue]:
    """By name of the parameter; the card's first value of each."""
    found: dict[str, JsonValue] = {}
    for call in material.code.calls:
        if call.on_object or call.method in ("export_to_video", "GenerationConfig", "SamplingParams", "pipeline"):
            for name, value in call.keywords.items():
                if name not in found and _usable(name, value):
                    found[name] = inert(value, LONGEST_TEXT) if isinstance(value, str) else value
    if task in ("text-to-image", "image-to-image") and not found:
        found = dict(_written(material))
    return found


def _usable(name: str, value: JsonValue) -> bool:
    if name in NUMBERS and isinstance(value, int | float) and not isinstance(value, bool):
        low, high = NUMBERS[name]
        return low <= value <= high
    if name in FLAGS:
        return isinstance(value, bool)
    return name in TEXTS and isinstance(value, str) and len(value) <= LONGEST_TEXT and "\0" not in value


def _written(material: Material) -> Iterator[tuple[str, JsonValue]]:
    """Settings in prose, as authors of diffusion checkpoints give them."""
    for name, pattern in _WRITTEN:
        for one in material.document.prose[:400]:
            if (found := pattern.search(one.text)) and "train" not in one.lower:
                number = float(found.group(1))
                yield name, int(number) if number.is_integer() else number
                break
