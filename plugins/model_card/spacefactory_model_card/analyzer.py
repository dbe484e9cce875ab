"""The analyzer: readers make claims, one resolver weighs them, and the profile says what is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from spacefactory.schema.card import ModelCard
from spacefactory.schema.profile import Claim, ModelProfile
from spacefactory_model_card import modalities, sizes
from spacefactory_model_card.blockers import blockers
from spacefactory_model_card.examples import examples
from spacefactory_model_card.facts import facts
from spacefactory_model_card.material import Material
from spacefactory_model_card.readers import READERS
from spacefactory_model_card.resolve import Answer, resolve
from spacefactory_model_card.settings import settings

SPECIAL = {
    "image-text-to-text": ("text-generation", "visual-question-answering", "image-to-text", "video-text-to-text"),
    "translation": ("text2text-generation", "text-generation"),
    "summarization": ("text2text-generation", "text-generation"),
    "text2text-generation": ("text-generation",),
    "sentence-similarity": ("feature-extraction",),
    "feature-extraction": ("sentence-similarity",),
    "text-ranking": ("text-classification", "sentence-similarity"),
    "visual-question-answering": ("image-text-to-text", "text-generation"),
    "image-to-image": ("text-to-image",),
    "token-classification": ("fill-mask",),
    "text-classification": ("fill-mask",),
}
"""Task -> more general or closely related ones: evidence for those does not speak against it."""
PLAIN_FIELDS = ("loader", "dtype", "parameters", "gated", "license", "base_model", "base_relation")


@dataclass(frozen=True)
class ModelCardAnalyzer:
    """Reads cards and what stands beside them; the same card gives the same profile."""

    name: str = "model_card"

    def analyze(self, card: ModelCard, profile: ModelProfile) -> ModelProfile:
        """The profile with what the card tells; fields that earlier analyzers found stay."""
        material = Material(card)
        claims = [*profile.evidence, *(claim for reader in READERS for claim in reader(material))]
        return profile.model_copy(update=_fields(material, claims, profile))


def _fields(material: Material, claims: Sequence[Claim], profile: ModelProfile) -> dict[str, object]:
    known = _answers(material, claims)
    values: dict[str, object] = {field: _value(field, answer.value) for field, answer in known.items()}
    task, library = _text(known, "task"), _text(known, "library")
    size = sizes.estimate_of(material, claims, known)
    values |= size.fields(task, library)
    weights = size.estimate.weights_gib if size.estimate else None
    gated = known["gated"].value is True if "gated" in known else None
    values["settings"] = {**settings(material, task), **profile.settings}
    values["facts"] = {**facts(material, claims, size.estimate), **profile.facts}
    values["examples"] = (*profile.examples, *examples(material, task))
    values["blockers"] = blockers(material, claims, task, library, gated, weights)
    values["confidence"] = {**{field: answer.confidence for field, answer in known.items()}, **profile.confidence}
    values["evidence"] = tuple(claims)
    return values


def _answers(material: Material, claims: Sequence[Claim]) -> dict[str, Answer]:
    found: dict[str, Answer | None] = {"task": resolve(claims, "task", SPECIAL)}
    found["library"] = resolve(claims, "library") or Answer("custom", 0.3)
    found["output_type"] = modalities.output_type(found["task"], claims)
    found["input_types"] = modalities.input_types(found["task"], material, claims)
    found |= {field: resolve(claims, field) for field in PLAIN_FIELDS}
    return {field: answer for field, answer in found.items() if answer is not None}


def _text(known: dict[str, Answer], field: str) -> str | None:
    return str(known[field].value) if field in known else None


def _value(field: str, value: JsonValue) -> object:
    return tuple(value) if field == "input_types" and isinstance(value, list) else value
