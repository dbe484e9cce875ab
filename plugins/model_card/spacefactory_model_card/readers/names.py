"""Names: of the model, its title and its base model. Families have usual tasks, and conversions name their format.

A name is a hint: two models of one family may do different things, so that any plain statement outweighs it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from spacefactory.schema.profile import Claim
from spacefactory_model_card.material import Material, claim
from spacefactory_model_card.readers import families

READER = "names"
_FAMILIES = families.compiled()
CONVERSIONS = {
    "onnx": "onnx",
    "gguf": "gguf",
    "ggml": "gguf",
    "mlx": "mlx",
    "coreml": "coreml",
    "openvino": "openvino",
    "tensorrt": "tensorrt",
    "trt": "tensorrt",
    "exl2": "exllamav2",
    "tflite": "tflite",
    "ct2": "ctranslate2",
    "comfyui": "comfyui",
    "vllm": "vllm",
}
"""Words that names of converted models carry; the card's own `library_name` is often copied from the original."""


def read(material: Material) -> Iterator[Claim]:
    """Tasks and libraries by name."""
    title = material.document.title
    line = material.document.headings[0].line if title else None
    base = material.front.get("base_model")
    base = base[0] if isinstance(base, list) and base else base
    seen: set[str] = set()
    own = re.split(r"/|__", material.card.model)[-1]
    for name, weight, at in ((own, 1.0, None), (title, 0.85, line), (str(base or ""), 0.7, None)):
        yield from _families(name, weight, at, seen)
    model = _words(own).split()
    for word, library in CONVERSIONS.items():
        if word in model:
            yield claim("library", library, "conversion", 0.95, material.card.model)
        elif word in _words(title).split():
            yield claim("library", library, "conversion_title", 0.6, title, line)


def _families(name: str, weight: float, line: int | None, seen: set[str]) -> Iterator[Claim]:
    words = _words(name)
    if families.ENVIRONMENTS.search(words) and "reinforcement-learning" not in seen:
        seen.add("reinforcement-learning")
        yield claim("task", "reinforcement-learning", READER, 0.55 * weight, name, line)
        return
    for pattern, task, library, strength in _FAMILIES:
        if not pattern.search(words):
            continue
        if task not in seen:
            seen.add(task)
            yield claim("task", task, READER, strength * weight, name, line)
            if library:
                sure = 0.28 if library.endswith("?") else 0.45 * weight
                yield claim("library", library.rstrip("?"), READER, sure, name, line)
        return


def _words(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", name[:200].lower()).strip()
