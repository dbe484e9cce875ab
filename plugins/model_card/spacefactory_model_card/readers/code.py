"""The card's Python: which class loads the model, with which library, and what goes in."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from pydantic import JsonValue

from spacefactory.schema.profile import Claim
from spacefactory_model_card import classes, libraries, purposes, tasks
from spacefactory_model_card.material import Material, claim
from spacefactory_model_card.python_code import Call, Code, unknown

READER = "code"
NOT_MODELS = re.compile(
    r"Tokenizer|Processor|FeatureExtractor|Config|Scheduler|Trainer|Arguments|Streamer|Vocabulary|Collator|Criteria|"
    r"Autoencoder(?:KL|Tiny)|VaeImage|Dataset|Optimizer|Callback|SamplingParams|Detector$|AutoencoderKL|UNet\w*Model|"
    r"Transformer\w*Model$|GenerationConfig|Params$|Options$|Retriever|VQModel"
)
PARTS_OF_MODELS = re.compile(
    r"ControlNetModel|MotionAdapter|T2IAdapter|IPAdapter|TextModel$|TextEncoder|T5EncoderModel"
)
"""Models that cards load to hand them to a pipeline."""
METHODS = frozenset(
    {"from_pretrained", "from_single_file", "from_hparams", "load_from_hub", "from_config", "from_checkpoint"}
)
METHODS |= {"load_weights", "load_model", "restore_from", "from_quantized", "load_lora_weights", "load"}
LOAD_OTHER_THINGS = frozenset(
    {"torch", "tensorflow", "joblib", "pickle", "numpy", "datasets", "huggingface_hub", "llmcompressor"}
)
QUANTIZED = frozenset({"AutoGPTQForCausalLM", "AutoAWQForCausalLM", "FastLanguageModel"})
MAKING = re.compile(
    r"\b(?:train\w*|fine-?tun\w*|creat(?:ion|ed|ing)|quantiz\w*|conver[st]\w*|evaluat\w*|reproduc\w*|merg\w*)\b"
)
"""Headings of what the authors did with the model; its code comes after that of other sections."""


def read(material: Material) -> Iterator[Claim]:
    """Library, task, loader and input types."""
    code = material.code
    loaders = [call for call in code.calls if is_loader(call)]
    loaders.sort(key=lambda call: bool(MAKING.search(material.document.section_at(call.line))))
    yield from _libraries(code, loaders)
    yield from _tasks(code, loaders)
    yield from _purposes(code)
    yield from _loaders(code, loaders)
    yield from _dtype(code)
    yield from _inputs(code)
    if found := next((call for call in code.calls if call.keywords.get("trust_remote_code") is True), None):
        yield claim("remote_code", True, READER, 0.85, found.quote, found.line)


def _loaders(code: Code, loaders: list[Call]) -> Iterator[Claim]:
    """What loads the model, by library; a part that is only handed to a pipeline comes last."""
    for at, call in enumerate(loaders[:8]):
        library = "transformers" if call.owner in QUANTIZED else _library_of(code, call) or "custom"
        weight = 0.35 if PARTS_OF_MODELS.search(call.owner) else max(0.85 - 0.08 * at, 0.4)
        yield claim("loader", shown(call), f"code.{library}", weight, call.quote, call.line)
    for call in code.calls:
        if _own_class(code, call):
            yield claim("loader", shown(call), "code.custom", 0.5, call.quote, call.line)
            return


def _own_class(code: Code, call: Call) -> bool:
    """Whether a call makes an object of the model's own code, or calls a function of it that loads something."""
    module = call.module.removesuffix("()")
    own = (module in code.modules and module not in libraries.HELPERS | sys.stdlib_module_names) or any(
        name == module for name, _, _ in code.classes
    )
    makes = call.method[:1].isupper() or "load" in call.method or call.method in METHODS
    return own and not call.on_object and makes and libraries.of_module(call.name) is None


def is_loader(call: Call) -> bool:
    """Whether a call makes the model: a pipeline, a `from_pretrained` of a model class, a model class itself."""
    parts = call.name.split(".")
    last, owner = parts[-1], parts[-2].removesuffix("()") if len(parts) > 1 else ""
    if last == "pipeline":
        return parts[0] in ("transformers", "optimum", "pipeline")
    if last in ("create_model", "create_model_and_transforms", "create_model_from_pretrained"):
        return parts[0] in ("timm", "open_clip")
    if last in ("load", "load_model") and not owner[:1].isupper():
        return not call.on_object and libraries.of_module(call.name) is not None
    if last in METHODS:
        return owner[:1].isupper() and not NOT_MODELS.search(owner)
    known = classes.OTHERS.get(last)
    return known is not None and (libraries.of_module(call.name) is not None or len(parts) == 1)


def shown(call: Call) -> str:
    """A loader as one would write it."""
    if call.short == "pipeline":
        task = _pipeline_task(call)
        return f"pipeline({task!r})" if task else "pipeline"
    if call.short in ("create_model", "load_model", "load"):
        return ".".join(call.name.replace("()", "").split(".")[-2:])
    return call.short


def _pipeline_task(call: Call) -> str | None:
    given = call.keywords.get("task", call.arguments[0] if call.arguments else None)
    return given if isinstance(given, str) and not unknown(given) and len(given) < 60 else None


def _libraries(code: Code, loaders: list[Call]) -> Iterator[Claim]:
    order: dict[str, Call] = {}
    for call in loaders:
        library = "transformers" if call.owner in QUANTIZED else _library_of(code, call)
        if library:
            order.setdefault(library, call)
    special = order.get("sentence-transformers")
    if special is not None and set(order) <= {"transformers", "sentence-transformers"}:
        order = {"sentence-transformers": special, **order}
    if "vllm" in order:
        order["vllm"] = order.pop("vllm")  # a server for models of transformers, which cards show beside them
    adapter = order.pop("peft", None)
    if adapter is not None:
        yield claim("library", "peft", READER, 0.9, adapter.quote, adapter.line)
    for at, (library, call) in enumerate(order.items()):
        weight = (0.9 if at == 0 else 0.5) * (0.6 if adapter is not None else 1)
        yield claim("library", library, READER, weight, call.quote, call.line)
    if not order and adapter is None:
        yield from _imports(code)
    elif unknown := _own_module(code):
        weight = 0.3 if order and next(iter(order)) != "custom" else 0.7
        yield claim("library", "custom", "own_code", weight, f"import {unknown[0]}", unknown[1])


def _library_of(code: Code, call: Call) -> str | None:
    """The library of a loader; a class that the card defines belongs to the library of its base."""
    own = {name: bases for name, bases, _ in code.classes}
    owner = call.name.split(".")[0].removesuffix("()")
    if owner in own:
        return next((library for base in own[owner] if (library := libraries.of_module(base))), "custom")
    if (library := libraries.of_module(call.name)) is not None:
        return library
    name = call.owner
    if call.module in LOAD_OTHER_THINGS:
        return None
    if "." not in call.name or owner == name:
        return _undeclared(name)
    return "custom"


def _undeclared(name: str) -> str | None:
    """The library of a class that the card uses without importing it."""
    if name in classes.OTHERS:
        return classes.OTHERS[name][0]
    if name.startswith(("AutoModel", "AutoProcessor")) or name == "pipeline" or classes.of_transformers(name):
        return "transformers"
    return "diffusers" if name.endswith("Pipeline") and name != "Pipeline" else None


def _imports(code: Code) -> Iterator[Claim]:
    """Where nothing loads a model, imports still say with what the card works."""
    seen: dict[str, tuple[str, int]] = {}
    for name, line in code.imports.items():
        if (library := libraries.of_module(name)) is not None:
            seen.setdefault(library, (name, line))
    for at, (library, (name, line)) in enumerate(seen.items()):
        yield claim("library", library, READER, 0.6 if at == 0 else 0.35, f"import {name}", line)
    if unknown := _own_module(code):
        yield claim("library", "custom", "own_code", 0.7 if not seen else 0.55, f"import {unknown[0]}", unknown[1])
    elif code.classes and not seen:
        name, _, line = code.classes[0]
        yield claim("library", "custom", "own_code", 0.5, f"class {name}", line)


def _own_module(code: Code) -> tuple[str, int] | None:
    """An imported module that is neither a known library nor a helper: the model's own code."""
    for module, line in code.modules.items():
        if module and module not in libraries.HELPERS and module not in sys.stdlib_module_names:
            full = [name for name in code.imports if name.split(".")[0] == module]
            if not any(libraries.of_module(name) for name in full):
                return module, line
    return next(((name, line) for name, line in code.imports.items() if name.startswith(".")), None)


def _tasks(code: Code, loaders: list[Call]) -> Iterator[Claim]:
    for at, call in enumerate(loaders[:8]):
        weight = 1.0 if at == 0 else 0.7
        name = call.owner
        if name == "pipeline":
            if (task := tasks.canonical(_pipeline_task(call))) is not None:
                yield claim("task", task, READER, 0.85 * weight, call.quote, call.line)
            continue
        library = _library_of(code, call)
        if library == "diffusers":
            meaning = classes.of_diffusers(name)
        elif library == "transformers" or (library in ("onnx", "openvino") and name.startswith(("ORT", "OV"))):
            meaning = classes.of_transformers(name)
            if name == "AutoModelForCausalLM" and meaning and call.keywords.get("trust_remote_code") is True:
                meaning = classes.Meaning(meaning.task, 0.6)  # the class behind it may take more than text
        elif (known := classes.OTHERS.get(name)) and known[0] == library:
            meaning = classes.Meaning(known[1], 0.8)
        elif library == "nemo":
            meaning = _nemo(call.name)
        elif library == "timm":
            meaning = _timm(call)
        else:
            meaning = None
        if meaning is not None:
            yield claim("task", meaning.task, READER, meaning.weight * weight, call.quote, call.line)


def _purposes(code: Code) -> Iterator[Claim]:
    """What the imported libraries are made for."""
    seen: set[str] = set()
    for name, line in code.imports.items():
        if (task := purposes.of_import(name)) is not None and task not in seen:
            seen.add(task)
            yield claim("task", task, "purpose", 0.55, f"import {name}", line)


def _nemo(name: str) -> classes.Meaning | None:
    kinds = {".asr.": "automatic-speech-recognition", ".tts.": "text-to-speech", ".nmt": "translation"}
    found = next((task for mark, task in kinds.items() if mark in name), None)
    if "ASRModel" in name or "CTC" in name or "RNNT" in name:
        found = "automatic-speech-recognition"
    return classes.Meaning(found, 0.8) if found else None


def _timm(call: Call) -> classes.Meaning:
    features = call.keywords.get("num_classes") == 0 or call.keywords.get("features_only") is True
    return classes.Meaning("image-feature-extraction" if features else "image-classification", 0.6 if features else 0.4)


def _dtype(code: Code) -> Iterator[Claim]:
    for call in code.calls:
        given = call.keywords.get("torch_dtype", call.keywords.get("dtype"))
        if isinstance(given, str) and given.startswith("torch.") and is_loader(call):
            name = {"half": "float16", "float": "float32"}.get(given[6:], given[6:])
            yield claim("dtype", name, READER, 0.6, call.quote, call.line)
        for bits in (4, 8):
            if call.keywords.get(f"load_in_{bits}bit") is True:
                yield claim("loads_in_bits", bits, READER, 0.7, call.quote, call.line)


PASSED = {"image": "image", "images": "image", "audio": "audio", "audios": "audio", "videos": "video", "video": "video"}
PASSED |= {"prompt": "text", "text": "text", "raw_speech": "audio", "input_image": "image", "init_image": "image"}
PASSED |= {"control_image": "image", "ip_adapter_image": "image", "mask_image": "image"}
"""Keyword arguments of pipelines and processors, by what they take."""
LOADS = {"load_image": "image", "Image.open": "image", "imread": "image", "load_video": "video", "VideoReader": "video"}
LOADS |= {"torchaudio.load": "audio", "librosa.load": "audio", "soundfile.read": "audio", "wavfile.read": "audio"}
LOADS |= {"VideoCapture": "video", "load_audio": "audio"}
"""Functions that read a file of one kind."""


def _inputs(code: Code) -> Iterator[Claim]:
    """What the code reads from files, and what it passes to the model."""
    for call in code.calls:
        if (kind := _loaded(call.name)) is not None:
            yield claim("reads", kind, READER, 0.6, call.quote, call.line)
        calls_model = call.on_object or call.name in ("pipeline", "pipe", "model")
        for name, kind in PASSED.items():
            if name in call.keywords and (calls_model or name != "text"):
                yield claim("passes", kind, READER, 0.6, call.quote, call.line)
        for value in (*call.arguments, *call.keywords.values()):
            if calls_model and isinstance(value, str) and unknown(value) and (kind := _loaded(value[1:])):
                yield claim("passes", kind, "loaded", 0.7, call.quote, call.line)
            yield from _messages(value, call.quote, call.line)
    for value in code.texts.values():
        yield from _messages(value, "messages", None)


def _loaded(name: str) -> str | None:
    plain = name.replace("()", "")
    return next((kind for function, kind in LOADS.items() if plain == function or plain.endswith(f".{function}")), None)


def _messages(value: JsonValue, quote: str, line: int | None) -> Iterator[Claim]:
    """Chats whose messages hold pictures or sound belong to models that take them."""
    tasks_of = {"image": "image-text-to-text", "video": "video-text-to-text", "audio": "audio-text-to-text"}
    for kind in dict.fromkeys(_message_parts(value)):
        yield claim("passes", kind, "messages", 0.8, quote, line)
        yield claim("task", tasks_of[kind], "messages", 0.65 if kind == "image" else 0.45, quote, line)


PARTS = {"image": "image", "image_url": "image", "video": "video", "audio": "audio", "input_audio": "audio"}
"""Types of parts in the messages of a chat, as processors of transformers and OpenAI's interface name them."""


def _message_parts(value: JsonValue, depth: int = 6) -> list[str]:
    """Kinds of parts in a chat's messages: {"type": "image", ...} or {"image": ...}."""
    if depth == 0:
        return []
    if isinstance(value, list):
        return [kind for one in value[:50] for kind in _message_parts(one, depth - 1)]
    if not isinstance(value, dict):
        return []
    found = [PARTS[str(value["type"])]] if str(value.get("type")) in PARTS else []
    found += [kind for kind in ("image", "audio", "video") if value.keys() == {kind}]
    return found + [kind for one in value.values() for kind in _message_parts(one, depth - 1)]
