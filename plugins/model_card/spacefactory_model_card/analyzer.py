"""The analyzer: readers make claims, one resolver weighs them, and the profile says what is left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from pydantic import JsonValue

from spacefactory.schema.card import ModelCard
from spacefactory.schema.profile import Claim, ModelProfile
from spacefactory_model_card import base, lineage, modalities, purposes, sizes
from spacefactory_model_card.blockers import Known, blockers
from spacefactory_model_card.examples import examples
from spacefactory_model_card.facts import facts
from spacefactory_model_card.hardware import hardware
from spacefactory_model_card.material import Material
from spacefactory_model_card.readers import READERS
from spacefactory_model_card.resolve import Answer, Special, resolve, scores
from spacefactory_model_card.settings import settings

SPECIAL: Special = (
    ("image-text-to-text", 0.6, ("text-generation", "visual-question-answering")),
    ("image-text-to-text", 0.85, ("image-to-text", "video-text-to-text")),
    ("audio-text-to-text", 0.7, ("text-generation",)),
    ("translation", 0.5, ("text2text-generation", "text-generation")),
    ("summarization", 0.5, ("text2text-generation", "text-generation")),
    ("robotics", 0.8, ("image-text-to-text", "text-generation")),
    ("text-ranking", 0.6, ("text-classification", "sentence-similarity")),
    ("image-to-image", 0.85, ("text-to-image",)),
    ("video-to-video", 0.6, ("image-to-image",)),
    ("image-feature-extraction", 0.45, ("feature-extraction",)),
    ("token-classification", 0.5, ("fill-mask",)),
    ("text-classification", 0.5, ("fill-mask",)),
    ("text-generation", 0.7, ("text2text-generation",)),
)
"""Task, strength of evidence from which it takes over that of more general tasks, and those tasks."""
ON_TRANSFORMERS: Special = (
    *(
        (name, 0.85, ("transformers",))
        for name in ("sentence-transformers", "peft", "mlx", "openvino", "transformers.js")
    ),
    *(
        (name, 0.85, ("transformers", "sentence-transformers"))
        for name in ("setfit", "span-marker", "adapter-transformers")
    ),
    ("vllm", 0.92, ("transformers",)),
)
"""Libraries whose models also carry a config.json of transformers, and whose cards show it as a second way."""
LANGUAGE_TASKS = frozenset(
    {"text-generation", "text2text-generation", "translation", "summarization", "text-classification", "fill-mask"}
    | {"token-classification", "question-answering", "zero-shot-classification", "image-text-to-text"}
)
LANGUAGE_LIBRARIES = dict.fromkeys(("peft", "gguf", "exllamav2", "vllm"), "text-generation")
"""Libraries whose models nearly always write text."""
DIFFUSION = {"text-to-image": "diffusers", "unconditional-image-generation": "diffusers"}
SURE_SIZE = 0.45
"""Confidence from which a number of parameters can stop a build."""
CONTRADICTED = 0.5
"""Strength of another value from which a note tells of it."""
MOST_ALIKE = 3
PLAIN_FIELDS = ("dtype", "gated", "license", "base_model")


@dataclass(frozen=True)
class ModelCardAnalyzer:
    """Reads cards and what stands beside them; the same card gives the same profile."""

    name: str = "model_card"

    def analyze(self, card: ModelCard, profile: ModelProfile) -> ModelProfile:
        """The profile with what the card tells; what earlier analyzers found goes on as evidence and stays as facts."""
        material = Material(card)
        read = (claim for reader in READERS for claim in reader(material))
        claims = [*profile.evidence, *_kept(chain(read, self._base(card)))]
        return ModelProfile(**{**dict(profile), **_fields(material, claims, profile)})

    def _base(self, card: ModelCard) -> Iterator[Claim]:
        if card.base is not None:
            alone = card.base.model_copy(update={"base": None})
            yield from base.claims(self.analyze(alone, ModelProfile(location=alone.location, gated=alone.gated)))


def _kept(claims: Iterable[Claim]) -> Iterator[Claim]:
    """Of one reader's claims that say the same only the first few and what outweighs them: more would add nothing."""
    seen: dict[tuple[str, str, str], tuple[int, float]] = {}
    for claim in claims:
        key = (claim.field, claim.reader, str(claim.value))
        count, weight = seen.get(key, (0, 0.0))
        if count < MOST_ALIKE or claim.weight > weight:
            seen[key] = (count + 1, max(weight, claim.weight))
            yield claim


def _fields(material: Material, claims: Sequence[Claim], profile: ModelProfile) -> dict[str, object]:
    known = _answers(material, claims)
    task, library = _text(known, "task"), _text(known, "library")
    size = sizes.size(material, claims, known)
    gated = known["gated"].value is True if "gated" in known else None
    sure = "parameters" in known and known["parameters"].confidence >= SURE_SIZE
    stops = Known(task, library, gated, size.least_gib if sure or size.from_files else None)
    return {
        **{field: _value(field, answer.value) for field, answer in known.items()},
        "dtype": size.dtype,
        "memory_gib": size.memory_gib,
        "hardware": hardware(size.least_gib, task, library, size.parameters),
        "settings": {**settings(material, task), **profile.settings},
        "facts": {**facts(material, claims, size.estimate), **profile.facts},
        "examples": (*profile.examples, *examples(material, task)),
        "blockers": (*profile.blockers, *blockers(material, claims, stops)),
        "evidence": (*claims, *_derived(claims, known)),
        "confidence": {**{field: answer.confidence for field, answer in known.items()}, **profile.confidence},
        "notes": (*profile.notes, *_notes(claims, known)),
    }


def _answers(material: Material, claims: Sequence[Claim]) -> dict[str, Answer]:
    found: dict[str, Answer | None] = {"task": resolve(claims, "task", SPECIAL)}
    found["library"] = _library(claims, found["task"])
    found["task"] = found["task"] or _usual_task(found["library"])
    found["output_type"] = modalities.output_type(found["task"])
    found["input_types"] = modalities.input_types(found["task"], material, claims)
    found |= {field: resolve(claims, field) for field in PLAIN_FIELDS}
    found["parameters"] = sizes.parameters(claims, found["library"])
    found["loader"] = lineage.loader(claims, found["task"], found["library"])
    found["base_relation"] = lineage.relation(material, claims, found["library"], found["base_model"])
    return {field: answer for field, answer in found.items() if answer is not None}


def _derived(claims: Sequence[Claim], known: Mapping[str, Answer]) -> Iterator[Claim]:
    """Evidence for what follows from other fields; nobody read it, so nobody can be quoted."""
    read = {claim.field for claim in claims}
    for field, answer in known.items():
        if field not in read:
            yield Claim(field=field, value=answer.value, reader="derived", weight=answer.confidence)


def _library(claims: Sequence[Claim], task: Answer | None) -> Answer:
    """What the evidence says; a link to a code repository alone does not outweigh what is usual."""
    found, usual = resolve(claims, "library", ON_TRANSFORMERS), _usual_library(task)
    if found is None or (
        found.value == "custom" and found.confidence < usual.confidence + 0.05 and usual.value == "transformers"
    ):
        return usual
    return found


def _usual_task(library: Answer | None) -> Answer | None:
    """Where nothing tells the task: the one thing that a library is made for."""
    name = str(library.value) if library is not None else ""
    task = LANGUAGE_LIBRARIES.get(name) or purposes.TASK_OF_LIBRARY.get(name)
    return Answer(task, 0.3) if task else None


def _usual_library(task: Answer | None) -> Answer:
    """Where nothing names a library: what usually loads models of that task, its own code for the rest."""
    name = str(task.value) if task is not None else ""
    return Answer("transformers" if name in LANGUAGE_TASKS else DIFFUSION.get(name, "custom"), 0.3)


def _text(known: Mapping[str, Answer], field: str) -> str | None:
    return str(known[field].value) if field in known else None


def _value(field: str, value: JsonValue) -> object:
    return tuple(value) if field == "input_types" and isinstance(value, list) else value


def _notes(claims: Sequence[Claim], known: Mapping[str, Answer]) -> Iterator[str]:
    """Contradictions that a person should know of, and what loading the model means."""
    for field in ("task", "library"):
        others = [value.strip('"') for value, score in scores(claims, field).items() if score >= CONTRADICTED]
        against = [value for value in others if value != _text(known, field)]
        if against and field in known and known[field].confidence < 0.8:
            yield f"{field}: taken as {known[field].value}, though something also speaks for {', '.join(against[:3])}"
    if any(claim.field == "remote_code" for claim in claims):
        yield "the model brings code of its own, which runs when it is loaded"
    if any(claim.field == "pickle" for claim in claims):
        yield "the weights are pickle files, which can run code when they are loaded"
