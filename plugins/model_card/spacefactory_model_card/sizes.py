"""Size in memory and hardware class, from the number of parameters, their type and the files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from spacefactory.schema.profile import Claim
from spacefactory_model_card import hardware
from spacefactory_model_card.material import Material
from spacefactory_model_card.resolve import Answer, resolve

DTYPES = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16", "I8": "int8", "F8_E4M3": "float8"}
"""Names of safetensors and of torch."""


@dataclass(frozen=True)
class Size:
    """What is known of a model's size."""

    parameters: int | None
    dtype: str | None
    estimate: hardware.Estimate | None

    def fields(self, task: str | None, library: str | None) -> dict[str, object]:
        """Fields of the profile."""
        memory = self.estimate.memory_gib if self.estimate else None
        return {
            "parameters": self.parameters,
            "dtype": self.dtype,
            "memory_gib": memory,
            "hardware": hardware.hardware(memory, task, library, self.parameters),
        }


def estimate_of(material: Material, claims: Sequence[Claim], known: Mapping[str, Answer]) -> Size:
    """The size, by files where they are known and by the card's words else."""
    written = known["parameters"].value if "parameters" in known else None
    parameters = written if isinstance(written, int) else None
    bits = resolve(claims, "bits")
    dtype = _dtype(material) or (str(known["dtype"].value) if "dtype" in known else None)
    task = str(known["task"].value) if "task" in known else None
    each = hardware.bytes_per_parameter(
        parameters or 0, dtype, int(str(bits.value)) if bits is not None and bits.confidence >= 0.5 else None, task
    )
    return Size(parameters, dtype, hardware.estimate(parameters, _file_size(material), each))


def _dtype(material: Material) -> str | None:
    """The type of most parameters in the weight files."""
    weights = material.card.weights
    if weights is None or not weights.by_dtype:
        return None
    name = max(sorted(weights.by_dtype), key=lambda one: weights.by_dtype[one])
    return DTYPES.get(name, name.lower())


def _file_size(material: Material) -> int | None:
    weights = material.card.weights
    sizes = {file.path: file.size for file in material.card.files or ()}
    listed = [sizes.get(path) for path in weights.files] if weights else []
    known = [size for size in listed if size]
    return sum(known) if listed and len(known) == len(listed) else None
