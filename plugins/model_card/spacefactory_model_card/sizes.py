"""Size in memory, from the number of parameters, their type and the files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from spacefactory.schema.card import ModelCard
from spacefactory.schema.profile import Claim
from spacefactory_model_card import hardware
from spacefactory_model_card.material import Material
from spacefactory_model_card.resolve import Answer, resolve

DTYPES = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16", "I8": "int8", "F8_E4M3": "float8"}
"""Names of safetensors and of torch."""
SURE = 0.38
"""Confidence from which a number of parameters makes an estimate."""


@dataclass(frozen=True)
class Size:
    """What is known of a model's size."""

    parameters: int | None
    dtype: str | None
    estimate: hardware.Estimate | None
    least_gib: float | None
    """GiB of weights with the smallest loading option that the card's code shows"""
    from_files: bool
    """whether files were measured"""

    @property
    def memory_gib(self) -> float | None:
        """GiB that inference needs."""
        return self.estimate.memory_gib if self.estimate else None


def size(material: Material, claims: Sequence[Claim], known: Mapping[str, Answer]) -> Size:
    """By the files where their sizes are known, by the card's words else; an adapter needs its base model in memory."""
    adapter, found = is_adapter(claims, known.get("library")), known.get("parameters")
    written = found.value if found is not None and found.confidence >= SURE else None
    parameters = written if isinstance(written, int) else None
    dtype = (None if adapter else _dtype(material)) or (str(known["dtype"].value) if "dtype" in known else None)
    each = hardware.bytes_per_parameter(parameters or 0, dtype, _bits(claims), _task(known))
    measured = _file_size(material.card.base if adapter else material.card)
    estimate = hardware.estimate(parameters, measured, each)
    return Size(parameters, dtype, estimate, _least(claims, parameters, estimate), measured is not None)


def is_adapter(claims: Sequence[Claim], library: Answer | None) -> bool:
    """Whether the files are only a small part that is added to a base model."""
    stated = any(claim.field == "base_relation" and claim.value == "adapter" for claim in claims)
    return stated or (library is not None and library.value == "peft")


def parameters(claims: Sequence[Claim], library: Answer | None) -> Answer | None:
    """Of the whole model: for an adapter those of its base, where anything tells them, not those of its own file."""
    whole = [claim for claim in claims if claim.reader != "weights"] if is_adapter(claims, library) else claims
    return resolve(whole, "parameters") or resolve(claims, "parameters")


def _bits(claims: Sequence[Claim]) -> int | None:
    found = resolve(claims, "bits")
    return found.value if found is not None and isinstance(found.value, int) and found.confidence >= 0.5 else None


def _task(known: Mapping[str, Answer]) -> str | None:
    return str(known["task"].value) if "task" in known else None


def _least(claims: Sequence[Claim], parameters: int | None, estimate: hardware.Estimate | None) -> float | None:
    if estimate is None or parameters is None:
        return estimate.weights_gib if estimate else None
    options = [0.55 if claim.value == 4 else 1.0 for claim in claims if claim.field == "loads_in_bits"]
    return min((estimate.weights_gib, *(parameters * each / 2**30 for each in options)))


def _dtype(material: Material) -> str | None:
    """The type of most parameters in the weight files."""
    weights = material.card.weights
    if weights is None or not weights.by_dtype:
        return None
    name = max(sorted(weights.by_dtype), key=lambda one: weights.by_dtype[one])
    return DTYPES.get(name, name.lower())


def _file_size(card: ModelCard | None) -> int | None:
    """Bytes of the files that a loader would take; None where they or their sizes are not known."""
    if card is None:
        return None
    weights = card.weights
    sizes = {file.path: file.size for file in card.files or ()}
    listed = [sizes.get(path) for path in weights.files] if weights else []
    known = [one for one in listed if one]
    return sum(known) if listed and len(known) == len(listed) else None
