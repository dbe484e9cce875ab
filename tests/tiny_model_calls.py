"""Ordinary calls of each tiny model, as its card shows them: two different inputs, two answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import yaml

Call = Callable[[Path], tuple[Any, Any]]
"""The answers to two different inputs, comparable with ==."""
TEXTS = ("hello world", "the quick brown fox")


def _modules() -> tuple[Any, Any]:
    return import_module("torch"), import_module("transformers")


def piped(task: str, first: Any, second: Any, **options: Any) -> Call:
    def call(folder: Path) -> tuple[Any, Any]:
        _, transformers = _modules()
        pipe = transformers.pipeline(task, model=str(folder))
        inputs = [_at(folder, one) for one in (first, second)]
        return plain(pipe(inputs[0], **options)), plain(pipe(inputs[1], **options))

    return call


def _at(folder: Path, value: Any) -> Any:
    """A picture or sound of the model's folder, where the input is the name of one."""
    if isinstance(value, str) and value.startswith("samples/"):
        if value.endswith(".png"):
            return import_module("PIL.Image").open(folder / value).convert("RGB")
        samples, rate = import_module("soundfile").read(folder / value, dtype="float32")
        return {"raw": samples, "sampling_rate": rate}
    return value


def plain(value: Any) -> Any:
    """Arrays and pictures as lists that == can compare."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if hasattr(value, "detach"):
        return value.detach().numpy().tolist()
    return np.asarray(value).tolist() if hasattr(value, "__array__") or hasattr(value, "getbbox") else value


def widget(folder: Path) -> list[dict[str, Any]]:
    """The examples of the model's card."""
    _, head, _ = (folder / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    found = yaml.safe_load(head).get("widget", [])
    assert isinstance(found, list)
    return found


def questions(folder: Path) -> tuple[Any, Any]:
    _, transformers = _modules()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModelForQuestionAnswering.from_pretrained(folder).eval()
    first, second = (model(**tokenizer("what jumps?", text, return_tensors="pt")).start_logits for text in TEXTS)
    return plain(first), plain(second)


def sequences(folder: Path) -> tuple[Any, Any]:
    _, transformers = _modules()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModelForSeq2SeqLM.from_pretrained(folder).eval()
    asked = [one["text"] for one in widget(folder)[:2]]
    made = [
        model.generate(**tokenizer(text, return_tensors="pt"), max_new_tokens=16, do_sample=False) for text in asked
    ]
    first, second = (tokenizer.decode(one[0], skip_special_tokens=True) for one in made)
    return first, second


def embeddings(folder: Path) -> tuple[Any, Any]:
    model = import_module("sentence_transformers").SentenceTransformer(str(folder), device="cpu")
    first, second = model.encode(list(TEXTS))
    return plain(first), plain(second)


def ranking(folder: Path) -> tuple[Any, Any]:
    model = import_module("sentence_transformers").CrossEncoder(str(folder), device="cpu")
    first, second = model.predict([("hello", text) for text in TEXTS])
    return float(first), float(second)


def captions(folder: Path) -> tuple[Any, Any]:
    _, transformers = _modules()
    processor = transformers.AutoProcessor.from_pretrained(folder)
    model = transformers.AutoModelForImageTextToText.from_pretrained(folder).eval()
    found = []
    for colour in ("red", "blue"):
        inputs = processor(images=_at(folder, f"samples/{colour}.png"), return_tensors="pt")
        tokens = model.generate(**inputs, max_new_tokens=16, do_sample=False)
        found.append(processor.batch_decode(tokens, skip_special_tokens=True))
    return found[0], found[1]


def enlarged(folder: Path) -> tuple[Any, Any]:
    _, transformers = _modules()
    processor = transformers.AutoImageProcessor.from_pretrained(folder)
    model = transformers.AutoModelForImageToImage.from_pretrained(folder).eval()
    pictures = [_at(folder, f"samples/{colour}.png") for colour in ("red", "blue")]
    first, second = (model(**processor(one, return_tensors="pt")).reconstruction for one in pictures)
    return plain(first), plain(second)


def speech(folder: Path) -> tuple[Any, Any]:
    torch, transformers = _modules()
    pipe = transformers.pipeline("text-to-audio", model=str(folder))
    made = []
    for text in TEXTS:
        torch.manual_seed(0)
        made.append(pipe(text)["audio"])
    return plain(made[0]), plain(made[1])


def diffused(**options: Any) -> Call:
    def call(folder: Path) -> tuple[Any, Any]:
        torch, _ = _modules()
        diffusers = import_module("diffusers")
        start = folder / "samples" / "red.png"
        kind = "AutoPipelineForImage2Image" if start.exists() else "DiffusionPipeline"
        pipe = getattr(diffusers, kind).from_pretrained(str(folder))
        pipe.set_progress_bar_config(disable=True)
        inputs = [{"prompt": text} if hasattr(pipe, "tokenizer") else {} for text in TEXTS]
        if start.exists():
            inputs = [
                {**one, "image": _at(folder, f"samples/{colour}.png")}
                for one, colour in zip(inputs, ("red", "blue"), strict=True)
            ]
        seeds = (0, 1) if inputs[0] == {} else (0, 0)
        made = [
            pipe(**one, **options, generator=torch.Generator().manual_seed(seed))
            for one, seed in zip(inputs, seeds, strict=True)
        ]
        first, second = (one.images if hasattr(one, "images") else one.frames for one in made)
        return plain(first[0]), plain(second[0])

    return call


def graph(folder: Path) -> tuple[Any, Any]:
    tokenizer = import_module("tokenizers").Tokenizer.from_file(str(folder / "tokenizer.json"))
    session = import_module("onnxruntime").InferenceSession(
        str(folder / "model.onnx"), providers=["CPUExecutionProvider"]
    )
    asked = [tokenizer.encode(text).ids for text in ("a wonderful movie", "a dreadful book")]
    first, second = (session.run(None, {"input_ids": [ids]})[0] for ids in asked)
    return plain(first), plain(second)


RED, BLUE = "samples/red.png", "samples/blue.png"
RISING, FALLING = "samples/rising.wav", "samples/low.wav"
CALLS: dict[str, Call] = {
    "text-classification": piped("text-classification", "a wonderful movie", "a dreadful book"),
    "fill-mask": piped("fill-mask", "The capital of France is [MASK]", "The capital of Japan is [MASK]"),
    "feature-extraction": piped("feature-extraction", *TEXTS),
    "token-classification": piped("token-classification", *TEXTS),
    "zero-shot-classification": piped("zero-shot-classification", *TEXTS, candidate_labels=["cat", "dog"]),
    "question-answering": questions,
    "summarization": sequences,
    "translation": sequences,
    "sentence-similarity": embeddings,
    "sentence-embedding": embeddings,
    "text-ranking": ranking,
    "text-generation": piped(
        "text-generation", "The capital of France is", "The capital of Japan is", max_new_tokens=16
    ),
    "text-generation-chat": piped(
        "text-generation",
        [{"role": "user", "content": "What is the capital of France?"}],
        [{"role": "user", "content": "What is the capital of Japan?"}],
        max_new_tokens=16,
    ),
    "text-generation-random": piped("text-generation", *TEXTS, max_new_tokens=16),
    "image-classification": piped("image-classification", RED, BLUE),
    "image-feature-extraction": piped("image-feature-extraction", RED, BLUE),
    "image-segmentation": piped("image-segmentation", RED, BLUE),
    "depth-estimation": piped("depth-estimation", RED, BLUE),
    "object-detection": piped("object-detection", RED, BLUE, threshold=0.5),
    "zero-shot-image-classification": piped(
        "zero-shot-image-classification", RED, BLUE, candidate_labels=["red", "blue"]
    ),
    "image-to-text": captions,
    "super-resolution": enlarged,
    "automatic-speech-recognition": piped("automatic-speech-recognition", RISING, FALLING),
    "audio-classification": piped("audio-classification", RISING, FALLING),
    "text-to-speech": speech,
    "text-to-speech-voice": speech,
    "text-to-image": diffused(num_inference_steps=2),
    "image-to-image": diffused(num_inference_steps=4, strength=0.5),
    "unconditional-image-generation": diffused(num_inference_steps=2),
    "text-to-video": diffused(num_inference_steps=2, num_frames=4),
    "text-to-image-clouds": diffused(num_inference_steps=2),
    "text-to-video-clouds": diffused(num_inference_steps=2, num_frames=4),
    "text-to-video-3d": diffused(num_inference_steps=2, num_frames=4),
    "onnx-text-classification": graph,
    "onnx-feature-extraction": graph,
}


def short(value: Any) -> str:
    return json.dumps(value)[:150]
