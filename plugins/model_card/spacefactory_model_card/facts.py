"""Facts of the library that an agent or the probe can use, by fixed names.

| name | meaning |
|---|---|
| weights | "present" or "absent"; left out when the source cannot list files |
| weights_format | safetensors, gguf, onnx or pickle |
| architecture, model_type | of config.json |
| pipeline_class | of model_index.json, or the pipeline that the card's code loads |
| chat_template | whether the model comes with one |
| mask_token | the token that stands for a gap |
| trust_remote_code | the card or config loads code from the repository |
| pickle | the weights are kept in files that can run code when they are loaded |
| trigger_words | words that wake an adapter |
| quantization | how config.json says that the weights are packed |
| labels | classes of config.json |
| sampling_rate | Hz, of preprocessor_config.json |
| image_size | pixels, of preprocessor_config.json |
| embedding_size | numbers per vector, of the pooling config |
| memory | the arithmetic of `memory_gib` |
| languages | of the front matter |
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from pydantic import JsonValue

from spacefactory.repository.plain import inert
from spacefactory.schema.profile import Claim
from spacefactory_model_card.hardware import Estimate
from spacefactory_model_card.material import Material, strings

MASKS = {"roberta": "<mask>", "xlm-roberta": "<mask>", "camembert": "<mask>", "bart": "<mask>", "modernbert": "[MASK]"}
MASKS |= {"bert": "[MASK]", "distilbert": "[MASK]", "albert": "[MASK]", "electra": "[MASK]", "deberta-v2": "[MASK]"}
"""Mask tokens of model types in transformers, for folders whose tokenizer files do not say."""
MOST_LABELS = 1000
MOST_LINES, LONGEST_LINE, MOST_WORDS = 400, 500, 8
_TRIGGER = re.compile(
    r"trigger(?:[- ]?(?:word|phrase|token|prompt)s?)?\s{0,3}(?::|=|\bis\b|\bare\b)\s{0,3}[`\"“']?([^`\"”'.;|\n]{2,80})",
    re.I,
)
_USE_TOKEN = re.compile(
    r"(?:use|include|add)\b[^.`\"]{0,60}(?:token|word|phrase|keyword|tokens)s?\W{1,3}[`\"“*]{1,2}([^`\"”*\n]{2,60})",
    re.I,
)
_TO_TRIGGER = re.compile(r"[`\"“*]{1,2}([^`\"”*\n]{2,60})[`\"”*]{1,2}[^.\n]{0,30} to trigger", re.I)


def facts(material: Material, claims: Sequence[Claim], estimate: Estimate | None) -> dict[str, JsonValue]:
    """What is known; names without a value are left out."""
    config = material.config("config.json")
    found: dict[str, JsonValue] = {
        "weights": _claimed(claims, "weights"),
        "weights_format": _format(material, claims),
        "architecture": _first(config.get("architectures")),
        "model_type": _word(config.get("model_type")),
        "pipeline_class": _pipeline_class(material),
        "chat_template": _chat_template(material),
        "mask_token": _mask_token(material),
        "trust_remote_code": True if "auto_map" in config or _claimed(claims, "remote_code") else None,
        "pickle": _claimed(claims, "pickle"),
        "trigger_words": list[JsonValue](dict.fromkeys(_trigger_words(material))) or None,
        "quantization": _claimed(claims, "quantization"),
        "labels": _labels(config),
        "sampling_rate": _number(material.config("preprocessor_config.json").get("sampling_rate")),
        "image_size": _image_size(material.config("preprocessor_config.json")),
        "embedding_size": _number(material.config("1_Pooling/config.json").get("word_embedding_dimension")),
        "memory": estimate.arithmetic if estimate else None,
        "languages": [inert(one, 40) for one in strings(material.front.get("language"))[:100]] or None,
    }
    return {name: value for name, value in found.items() if value is not None}


def _claimed(claims: Sequence[Claim], field: str) -> JsonValue:
    return next((claim.value for claim in claims if claim.field == field), None)


def _format(material: Material, claims: Sequence[Claim]) -> JsonValue:
    if material.card.weights is not None:
        return material.card.weights.format
    return "pickle" if _claimed(claims, "pickle") else None


def _first(value: JsonValue) -> str | None:
    return _word(value[0]) if isinstance(value, list) and value else None


def _word(value: JsonValue) -> str | None:
    """A name as libraries write them; anything else is no name."""
    return value if isinstance(value, str) and re.fullmatch(r"[\w.-]{1,100}", value, re.ASCII) else None


def _number(value: JsonValue) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _pipeline_class(material: Material) -> str | None:
    if (name := _word(material.config("model_index.json").get("_class_name"))) is not None:
        return name
    made = (call.owner for call in material.code.calls if call.method == "from_pretrained")
    return next((name for name in made if name.endswith("Pipeline")), None)


def _chat_template(material: Material) -> bool | None:
    """It stands in tokenizer_config.json, in a file of its own, or in the metadata of a GGUF file."""
    if not material.paths.isdisjoint({"chat_template.jinja", "chat_template.json"}):
        return True
    configs = [config for config in material.card.configs.values() if isinstance(config, dict)]
    if any(config.get("chat_template") or config.get("tokenizer.chat_template") for config in configs):
        return True
    return True if any(call.method == "apply_chat_template" for call in material.code.calls) else None


def _mask_token(material: Material) -> str | None:
    for path in ("tokenizer_config.json", "special_tokens_map.json"):
        token = material.config(path).get("mask_token")
        token = token.get("content") if isinstance(token, dict) else token
        if isinstance(token, str) and 0 < len(token) < 40:
            return token
    shown = re.search(r"\[MASK\]|<mask>", material.card.text)
    usual = MASKS.get(str(material.config("config.json").get("model_type")))
    return usual or (shown.group(0) if shown else None)


def _trigger_words(material: Material) -> Iterator[str]:
    """`instance_prompt` is what diffusers' training scripts write; the rest are usual sentences."""
    for prompt in [material.front.get("instance_prompt")]:
        if isinstance(prompt, str) and prompt.strip() not in ("", "null"):
            yield inert(prompt)
    for line in material.card.body.split("\n")[:MOST_LINES]:  # with its markup, which marks the words
        words = line[:LONGEST_LINE].lower()
        if "trigger" in words or "token" in words or "keyword" in words:
            for pattern in (_TO_TRIGGER, _TRIGGER, _USE_TOKEN):
                if (found := pattern.search(line[:LONGEST_LINE])) and len(found.group(1).split()) <= MOST_WORDS:
                    yield inert(found.group(1)).strip(" ,:*`")
                    break


def _labels(config: Mapping[str, JsonValue]) -> list[JsonValue] | None:
    names = config.get("id2label")
    if not isinstance(names, dict) or not 0 < len(names) <= MOST_LABELS:
        return None
    ordered = sorted(names, key=lambda key: (not key.isdecimal(), int(key) if key.isdecimal() else 0, key))
    return [inert(names[key]) for key in ordered]


def _image_size(config: Mapping[str, JsonValue]) -> int | None:
    size = config.get("size")
    if isinstance(size, dict):
        return next((found for key in ("height", "shortest_edge") if (found := _number(size.get(key)))), None)
    return _number(size)
