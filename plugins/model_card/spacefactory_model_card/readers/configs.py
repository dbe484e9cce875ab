"""The JSON files that libraries write beside the weights; what they say is what their loaders do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from spacefactory.repository.plain import inert
from spacefactory.schema.profile import Claim
from spacefactory_model_card import classes
from spacefactory_model_card.material import Material, claim
from spacefactory_model_card.readers.front_matter import hub_id

READER = "config"
DTYPE = re.compile(r"(?:b?float|u?int)\d{1,2}(?:_\w{1,12})?")
"""Names of torch."""


def read(material: Material) -> Iterator[Claim]:
    """Library, task, dtype and base model."""
    yield from _diffusers(material)
    yield from _sentence_transformers(material)
    yield from _peft(material)
    yield from _transformers(material)
    yield from _onnx(material)
    yield from _gguf(material)
    if "open_clip_config.json" in material.card.configs:
        yield claim("library", "open_clip", READER, 0.8, "open_clip_config.json")
        yield claim("task", "zero-shot-image-classification", READER, 0.7, "open_clip_config.json")


def _diffusers(material: Material) -> Iterator[Claim]:
    name = material.config("model_index.json").get("_class_name")
    if isinstance(name, list):
        name = name[-1] if name else None
    if isinstance(name, str):
        quote = f'model_index.json: "_class_name": "{name}"'
        yield claim("library", "diffusers", READER, 0.97, quote)
        yield claim("loader", f"{name}.from_pretrained", READER, 0.8, quote)
        if (meaning := classes.of_diffusers(name)) is not None:
            yield claim("task", meaning.task, READER, meaning.weight, quote)
    elif "_diffusers_version" in material.config("config.json"):
        yield claim("library", "diffusers", READER, 0.95, 'config.json: "_diffusers_version"')
        if str(material.config("config.json").get("_class_name")).startswith("ControlNet"):
            yield claim("task", "image-to-image", READER, 0.8, 'config.json: "_class_name"')


def _sentence_transformers(material: Material) -> Iterator[Claim]:
    modules = material.card.configs.get("modules.json")
    listed = modules if isinstance(modules, list) else []
    if any(isinstance(one, dict) and "sentence_transformers" in str(one.get("type")) for one in listed):
        yield claim("library", "sentence-transformers", READER, 0.95, "modules.json of sentence-transformers")
        yield claim("task", "sentence-similarity", READER, 0.75, "modules.json of sentence-transformers")
        yield claim("loader", "SentenceTransformer", READER, 0.8, "modules.json of sentence-transformers")


def _peft(material: Material) -> Iterator[Claim]:
    config = material.config("adapter_config.json")
    if "peft_type" not in config:
        return
    quote = f'adapter_config.json: "peft_type": "{config["peft_type"]}"'
    yield claim("library", "peft", READER, 0.95, quote)
    yield claim("base_relation", "adapter", READER, 0.95, quote)
    if base := hub_id(config.get("base_model_name_or_path")):
        yield claim("base_model", base, READER, 0.9, f'adapter_config.json: "base_model_name_or_path": "{base}"')
    kinds = {"CAUSAL_LM": "text-generation", "SEQ_CLS": "text-classification", "SEQ_2_SEQ_LM": "text2text-generation"}
    kinds |= {"TOKEN_CLS": "token-classification", "FEATURE_EXTRACTION": "feature-extraction"}
    if (task := kinds.get(str(config.get("task_type")))) is not None:
        yield claim("task", task, READER, 0.8, f'adapter_config.json: "task_type": "{config["task_type"]}"')


def _transformers(material: Material) -> Iterator[Claim]:
    config = material.config("config.json")
    if "_diffusers_version" in config or not ({"architectures", "model_type"} & config.keys()):
        return
    listed = config.get("architectures")
    name = listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], str) else ""
    quote = (
        f'config.json: "architectures": ["{name}"]'
        if name
        else f'config.json: "model_type": "{config.get("model_type")}"'
    )
    yield claim("library", "transformers", READER, 0.65, quote)
    if name and (meaning := classes.of_transformers(name)) is not None:
        yield claim("task", meaning.task, READER, meaning.weight, quote)
    yield from _precision(config)


def _precision(config: Mapping[str, JsonValue]) -> Iterator[Claim]:
    for key in ("dtype", "torch_dtype"):
        written = config.get(key)
        dtype = written.removeprefix("torch.") if isinstance(written, str) else ""
        if DTYPE.fullmatch(dtype):
            yield claim("dtype", dtype, READER, 0.8, f'config.json: "{key}": "{written}"')
    if isinstance(quantized := config.get("quantization_config"), dict):
        method = quantized.get("quant_method") or ("bitsandbytes" if "load_in_4bit" in quantized else "unknown")
        yield claim("quantization", inert(method, 40), READER, 0.9, f'config.json: "quant_method": "{method}"')


def _onnx(material: Material) -> Iterator[Claim]:
    """Names and shapes of a graph's inputs, as exporters write them."""
    for path, found in material.card.configs.items():
        if not path.endswith(".onnx") or not isinstance(found, dict):
            continue
        inputs, outputs = found.get("inputs"), found.get("outputs")
        takes = [kind for name, port in _ports(inputs) if (kind := _port_kind(name, port))]
        quote = f"{path}: inputs {', '.join(name for name, _ in _ports(inputs))}"
        for kind in dict.fromkeys(takes):
            yield claim("takes", kind, READER, 0.6, quote)
        gives = {name for name, _ in _ports(outputs)}
        if takes == ["image"] and gives and all(len(port) == 2 for _, port in _ports(outputs)):
            yield claim("task", "image-classification", READER, 0.5, quote)
        if {"sentence_embedding", "last_hidden_state"} & gives and "text" in takes:
            yield claim("task", "feature-extraction", READER, 0.6, quote)
        return


def _ports(ports: JsonValue) -> list[tuple[str, list[JsonValue]]]:
    found = ports.items() if isinstance(ports, dict) else ()
    pairs = [(name, port.get("shape")) for name, port in found if isinstance(port, dict)]
    return [(name, shape if isinstance(shape, list) else []) for name, shape in pairs]


def _port_kind(name: str, shape: list[JsonValue]) -> str | None:
    if name in ("input_ids", "attention_mask", "token_type_ids"):
        return "text" if name == "input_ids" else None
    if name == "pixel_values" or (len(shape) == 4 and (shape[1] in (1, 3) or shape[3] in (1, 3))):
        return "image"
    return "audio" if name in ("input_values", "input_features", "audio", "waveform") else None


def _gguf(material: Material) -> Iterator[Claim]:
    for path, found in material.card.configs.items():
        if path.endswith(".gguf") and isinstance(found, dict):
            architecture = str(found.get("general.architecture", ""))
            quote = f"{path}: general.architecture = {architecture}"
            yield claim("library", "gguf", READER, 0.85, quote)
            if f"{architecture}.block_count" in found and f"{architecture}.context_length" in found:
                encoder = architecture.endswith("bert")
                yield claim("task", "feature-extraction" if encoder else "text-generation", READER, 0.6, quote)
            return
