"""How a model is loaded, and how it descends from its base model."""

from __future__ import annotations

import re
from collections.abc import Sequence

from spacefactory.schema.profile import Claim
from spacefactory_model_card.material import Material
from spacefactory_model_card.resolve import Answer, resolve

AUTO = {
    "text-generation": "AutoModelForCausalLM",
    "text2text-generation": "AutoModelForSeq2SeqLM",
    "translation": "AutoModelForSeq2SeqLM",
    "summarization": "AutoModelForSeq2SeqLM",
    "question-answering": "AutoModelForQuestionAnswering",
    "text-classification": "AutoModelForSequenceClassification",
    "token-classification": "AutoModelForTokenClassification",
    "fill-mask": "AutoModelForMaskedLM",
    "image-classification": "AutoModelForImageClassification",
    "object-detection": "AutoModelForObjectDetection",
    "depth-estimation": "AutoModelForDepthEstimation",
    "image-text-to-text": "AutoModelForImageTextToText",
    "image-to-text": "AutoModelForImageTextToText",
    "audio-classification": "AutoModelForAudioClassification",
    "feature-extraction": "AutoModel",
    "sentence-similarity": "AutoModel",
}
"""Auto classes of transformers by task, for cards that show no code."""
USUAL = {
    "diffusers": "DiffusionPipeline.from_pretrained",
    "sentence-transformers": "SentenceTransformer",
    "onnx": "onnxruntime.InferenceSession",
    "peft": "PeftModel.from_pretrained",
    "timm": "timm.create_model",
}
RELATIONS = (
    ("controlnet", re.compile(r"controlnet|control_v\d|t2i-?adapter")),
    ("adapter", re.compile(r"\b(?:lora|qlora|peft|adapter|dora|locon|lycoris)\b")),
    ("quantized", re.compile(r"gptq|\bawq|gguf|ggml|exl2|nf4|\bbnb|int4|int8|\bfp8|\b[2-8]-?bit\b|quant")),
    ("pruned", re.compile(r"\b(?:pruned|sparse\w*)\b")),
    ("merge", re.compile(r"\b(?:merge|mergekit|slerp|frankenmerge)\b")),
)
"""Words in tags and names that say what became of the base model; the first that fits decides."""
CONVERTED = frozenset(
    {"onnx", "coreml", "openvino", "tensorrt", "mlx", "ctranslate2", "tflite", "vllm", "transformers.js"}
)


def loader(claims: Sequence[Claim], task: Answer | None, library: Answer | None) -> Answer | None:
    """The class or function of the card's code, else the library's usual one."""
    name = str(library.value) if library is not None else ""
    shown = [claim for claim in claims if claim.field == "loader"]
    own = [claim for claim in shown if claim.reader.endswith(f".{name}")]
    for held in (own, shown):
        if held:
            best = max(held, key=lambda one: one.weight)
            return Answer(best.value, best.weight if own else round(best.weight / 2, 3))
    if name == "transformers" and task is not None and task.value in AUTO:
        return Answer(f"{AUTO[str(task.value)]}.from_pretrained", 0.3)
    return Answer(USUAL[name], 0.3) if name in USUAL else None


def relation(material: Material, claims: Sequence[Claim], library: Answer | None, base: Answer | None) -> Answer | None:
    """adapter, quantized, controlnet, converted, pruned, merge or finetune; None without a base model."""
    stated = resolve(claims, "base_relation")
    if stated is not None:
        return stated
    words = " ".join((*material.tags, material.card.model.lower(), material.document.title.lower())).replace("_", " ")
    name = next((one for one, pattern in RELATIONS if pattern.search(words)), None)
    if name in ("controlnet", "adapter") or (name is not None and base is not None):
        return Answer(name, 0.75)
    if library is not None and library.value == "peft":
        return Answer("adapter", 0.8)
    if base is None:
        return None
    converted = library is not None and library.value in CONVERTED
    return Answer("converted" if converted else "finetune", 0.6)
