"""The front matter: what the author, or the library that wrote the card, says in so many words.

Keys and their meaning: the Hub's model card metadata specification.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pydantic import JsonValue

from spacefactory.repository.plain import inert
from spacefactory.schema.profile import Claim
from spacefactory_model_card import libraries, purposes, tasks
from spacefactory_model_card.material import Material, claim, strings

READER = "front_matter"
TAGS_OF_LIBRARIES = {
    "generated_from_trainer": ("transformers", 0.6),
    "autotrain": ("transformers", 0.5),
    "autotrain_compatible": ("transformers", 0.5),
    "autonlp": ("transformers", 0.6),
    "text-generation-inference": ("transformers", 0.5),
    "text-embeddings-inference": ("sentence-transformers", 0.4),
    "stable-diffusion": ("diffusers", 0.5),
    "stable-diffusion-xl": ("diffusers", 0.5),
    "stable-diffusion-diffusers": ("diffusers", 0.6),
    "stable-diffusion-xl-diffusers": ("diffusers", 0.6),
    "diffusers-training": ("diffusers", 0.6),
    "flux-diffusers": ("diffusers", 0.6),
    "template:sd-lora": ("diffusers", 0.6),
    "flux": ("diffusers", 0.4),
    "pyannote-audio-pipeline": ("pyannote.audio", 0.6),
    "custom-implementation": ("custom", 0.7),
    "hf-asr-leaderboard": ("transformers", 0.3),
    "trl": ("transformers", 0.4),
    "unsloth": ("transformers", 0.4),
    "sft": ("transformers", 0.3),
    "mteb": ("sentence-transformers", 0.3),
    "gptq": ("transformers", 0.5),
    "awq": ("transformers", 0.5),
    "bitsandbytes": ("transformers", 0.5),
}
"""Tags that training scripts of transformers, diffusers and their relatives write."""
TAGS_OF_TASKS = {
    "stable-diffusion": ("text-to-image", 0.45),
    "stable-diffusion-xl": ("text-to-image", 0.45),
    "diffusion-models-class": ("unconditional-image-generation", 0.3),
    "controlnet": ("image-to-image", 0.6),
    "lora": None,
    "llama": ("text-generation", 0.35),
    "mistral": ("text-generation", 0.35),
    "llm": ("text-generation", 0.45),
    "gpt2": ("text-generation", 0.35),
    "causal-lm": ("text-generation", 0.6),
    "chatglm": ("text-generation", 0.4),
    "moe": ("text-generation", 0.25),
    "whisper": ("automatic-speech-recognition", 0.5),
    "mteb": ("sentence-similarity", 0.4),
    "vlm": ("image-text-to-text", 0.5),
    "yolo": ("object-detection", 0.5),
}
"""Tags of model families with one usual task."""
MOVING = frozenset({"text-to-video", "image-to-video", "text-to-3d", "image-to-3d", "text-to-audio"})
"""Tasks for which `stable-diffusion` only names what the model was made from."""
METRICS = {"wer": "automatic-speech-recognition", "cer": "automatic-speech-recognition", "rouge": "summarization"}
METRICS |= {"bleu": "translation", "sacrebleu": "translation", "seqeval": "token-classification"}
METRICS |= {"mean_iou": "image-segmentation", "squad": "question-answering"}
ONLY_AS_LIBRARY = frozenset({"keras", "onnx", "tflite", "openvino", "coreml"})
"""Formats that the Hub adds as a tag when a file of that kind is there beside the main one."""


def read(material: Material) -> Iterator[Claim]:
    """Task, library, licence and base model."""
    yield from _pipeline_tag(material)
    yield from _tags(material)
    yield from _library(material)
    yield from _results(material)
    yield from _licence(material)
    yield from _base_model(material)


def _pipeline_tag(material: Material) -> Iterator[Claim]:
    for tag in strings(material.front.get("pipeline_tag"))[:1]:
        if (task := tasks.canonical(tag)) is not None:
            weight = 0.72 if task in tasks.BROAD else 0.93
            line = material.front_line("pipeline_tag")
            yield claim("task", task, "pipeline_tag", weight, f"pipeline_tag: {tag}", line)


def _tags(material: Material) -> Iterator[Claim]:
    line = material.front_line("tags")
    named = {task: tag for tag in material.tags if (task := tasks.canonical(tag)) is not None}
    weight = {1: 0.72, 2: 0.55}.get(len(named), 0.4)
    for task, tag in named.items():
        yield claim("task", task, "tags", weight * (0.7 if task in tasks.BROAD else 1), f"tag: {tag}", line)
    for tag in material.tags:
        if found := TAGS_OF_TASKS.get(tag):
            yield claim("task", found[0], "family_tags", found[1], f"tag: {tag}", line)
        if (library := libraries.named(tag)) is not None:
            weak = library in ONLY_AS_LIBRARY or tag in ("transformers", "peft")
            yield claim("library", library, "tags", 0.42 if weak else 0.66, f"tag: {tag}", line)
        elif tag in TAGS_OF_LIBRARIES:
            found_library, strength = TAGS_OF_LIBRARIES[tag]
            moving = found_library == "diffusers" and not set(named).isdisjoint(MOVING)
            yield claim("library", found_library, "tags", strength / 2 if moving else strength, f"tag: {tag}", line)
    for metric in strings(material.front.get("metrics")):
        if metric in METRICS:
            at = material.front_line("metrics")
            yield claim("task", METRICS[metric], "metrics", 0.3, f"metric: {metric}", at)


def _library(material: Material) -> Iterator[Claim]:
    line = material.front_line("library_name")
    written = material.front.get("library_name")
    for name in strings(written)[:1]:
        parts = [part.strip() for part in re.split(r"[,/+]| and ", name) if part.strip()]
        for part in parts[:3]:
            quote = f"library_name: {name}"
            if (task := purposes.TASK_OF_LIBRARY.get(part)) is not None:
                yield claim("task", task, "purpose", 0.5, quote, line)
            if (library := libraries.named(part)) is not None:
                yield claim("library", library, "library_name", 0.93 if len(parts) == 1 else 0.4, quote, line)
            elif part in libraries.PLATFORMS:
                yield claim("library", "custom", "library_name", 0.62, quote, line)
            else:
                yield claim("library", "custom", "library_name", 0.8, quote, line)


def _results(material: Material) -> Iterator[Claim]:
    """Evaluation results name the task that was evaluated; trainers write them."""
    index = material.front.get("model-index")
    found: set[str] = set()
    for model in index[:20] if isinstance(index, list) else ():
        results = model.get("results") if isinstance(model, dict) else None
        for result in results[:200] if isinstance(results, list) else ():
            task = result.get("task") if isinstance(result, dict) else None
            if isinstance(task, dict) and (tag := tasks.canonical(task.get("type"))):
                found.add(tag)
    for tag in sorted(found):
        weight = 0.7 if len(found) == 1 else 0.2
        yield claim("task", tag, "results", weight, f"model-index task: {tag}", material.front_line("model-index"))


def _licence(material: Material) -> Iterator[Claim]:
    for key, weight in (("license", 0.95), ("license_name", 0.9)):
        found = strings(material.front.get(key))
        if found and (found[0] != "other" or key == "license_name"):
            yield claim("license", inert(found[0], 80), READER, weight, f"{key}: {found[0]}", material.front_line(key))
            return
    if strings(material.front.get("license")):
        yield claim("license", "other", READER, 0.9, "license: other", material.front_line("license"))


def _base_model(material: Material) -> Iterator[Claim]:
    line = material.front_line("base_model")
    written = material.front.get("base_model")
    listed = written if isinstance(written, list) else [written]
    names = [hub_id(one) for one in listed[:5] if isinstance(one, str)]
    for name in [one for one in names if one][:1]:
        yield claim("base_model", name, READER, 0.95, f"base_model: {name}", line)
    relation = strings(material.front.get("base_model_relation"))
    if relation and relation[0] in ("adapter", "finetune", "quantized", "merge"):
        at = material.front_line("base_model_relation")
        yield claim("base_relation", relation[0], READER, 0.95, f"base_model_relation: {relation[0]}", at)


def hub_id(written: JsonValue) -> str:
    """The id in an id or model URL of the Hub; empty when it is neither."""
    text = str(written).strip().split("?")[0].strip("/")
    if "huggingface.co/" in text:
        text = "/".join(text.split("huggingface.co/", 1)[1].split("/")[:2])
    return text if re.fullmatch(r"[\w.-]{1,96}(?:/[\w.-]{1,96})?", text, re.ASCII) else ""
