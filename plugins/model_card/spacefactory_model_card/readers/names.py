"""Names: of the model, its title and its base model. Families have usual tasks, and conversions name their format.

A name is a hint: two models of one family may do different things, so that any plain statement outweighs it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from spacefactory.schema.profile import Claim
from spacefactory_model_card.material import Material, claim

READER = "names"
FAMILIES: tuple[tuple[str, str, float, tuple[str, ...]], ...] = (
    ("translation", "transformers", 0.65, ("opus mt", "nllb", "m2m100", "mbart 50", "madlad", r"translat\w+")),
    (
        "image-text-to-text",
        "transformers",
        0.75,
        ("llava", r"qwen[\d ]{0,6}vl", "internvl", "paligemma", "molmo", "idefics"),
    ),
    (
        "image-text-to-text",
        "transformers",
        0.75,
        ("minicpm (?:llama3 )?v", "moondream", "smolvlm", "cogvlm", "pixtral"),
    ),
    ("image-text-to-text", "transformers", 0.75, ("phi 3 vision", "kosmos", "florence", "deepseek vl", "ovis")),
    ("image-to-text", "transformers", 0.5, ("blip",)),
    ("image-to-text", "transformers", 0.6, ("trocr", "donut", "nougat", "got ocr")),
    ("automatic-speech-recognition", "transformers", 0.6, ("(?:distil )?whisper",)),
    ("automatic-speech-recognition", "transformers", 0.3, ("wav2vec2", "hubert", "wavlm")),
    ("text-to-audio", "", 0.6, ("musicgen", "audioldm", "stable audio")),
    (
        "text-to-speech",
        "",
        0.55,
        ("vits", "mms tts", "tacotron", "fastspeech", "xtts", "parler tts", "kokoro", "bark", "tts"),
    ),
    ("text-ranking", "sentence-transformers", 0.65, ("cross encoder", "reranker", "ms marco minilm")),
    (
        "sentence-similarity",
        "",
        0.5,
        ("all minilm", "all mpnet", "bge", "gte", "e5", "sentence", "simcse", "instructor"),
    ),
    ("sentence-similarity", "", 0.5, ("embed(?:ding)?s?",)),
    ("text-to-image", "diffusers", 0.45, ("stable diffusion", "sdxl", "sd ?1 5", "flux(?: 1)?", "pixart", "kandinsky")),
    ("text-to-image", "diffusers", 0.45, ("dreamlike", "dreambooth")),
    ("image-to-image", "diffusers", 0.6, ("controlnet", r"control v1\w*", "t2i adapter", "ip adapter")),
    (
        "text-to-video",
        "diffusers",
        0.5,
        ("cogvideox?", "animatediff", "zeroscope", r"wan ?2 \d t2v", "hunyuanvideo", "mochi"),
    ),
    ("image-to-video", "diffusers", 0.6, ("svd", "stable video diffusion", "i2vgen", "i2v")),
    ("depth-estimation", "transformers", 0.6, ("depth anything", "dpt", "midas", "zoedepth")),
    ("object-detection", "", 0.55, ("yolos?", r"yolov\d+\w?", "(?:rt ?)?detr", "owlvit", "grounding dino")),
    (
        "image-segmentation",
        "",
        0.6,
        ("segformer", "mask2former", "maskformer", "oneformer", "rmbg", "birefnet", "u2net"),
    ),
    ("mask-generation", "transformers", 0.5, ("sam2?", "segment anything")),
    ("zero-shot-image-classification", "", 0.45, ("clip", "siglip")),
    ("image-feature-extraction", "", 0.5, ("dinov?2", "dinov3")),
    ("image-classification", "", 0.4, ("vit", "deit", "beit", "swin", "convnext(?:v2)?", r"resnet\d*", "efficientnet")),
    ("image-classification", "", 0.4, ("mobilenet",)),
    ("video-classification", "", 0.5, ("videomae", "timesformer", "vivit", "x3d", "slowfast")),
    ("table-question-answering", "transformers", 0.6, ("tapas", "tapex")),
    ("token-classification", "transformers", 0.3, (r"layoutlm\w*",)),
    ("token-classification", "", 0.55, ("ner",)),
    ("token-classification", "", 0.4, ("pos",)),
    ("text-classification", "", 0.5, ("sst ?2", "sentiment", "emotions?", r"toxic\w*", "imdb")),
    ("question-answering", "", 0.45, (r"squad\w*", "qa")),
    ("zero-shot-classification", "", 0.4, ("mnli", "xnli", "nli", "zeroshot")),
    ("summarization", "", 0.5, ("cnn", "xsum", r"summari[sz]\w+")),
    ("text2text-generation", "transformers", 0.42, ("(?:flan |m|um|by)?t5", "bart", "pegasus", "ul2")),
    ("time-series-forecasting", "", 0.6, ("chronos", "timesfm", "moirai", "patchtst", "informer")),
    (
        "text-generation",
        "transformers",
        0.45,
        ("llama", "mistral", "mixtral", "qwen", "yi", "falcon", r"gpt ?\w*", "gemma"),
    ),
    (
        "text-generation",
        "transformers",
        0.45,
        ("phi", "mpt", "bloom", "opt", "vicuna", "alpaca", "guanaco", "baichuan"),
    ),
    ("text-generation", "transformers", 0.45, ("deepseek", "command r", "olmo", "internlm", "chatglm", "starcoder")),
    ("text-generation", "transformers", 0.45, ("dolly", "pythia", "stablelm", "zephyr", "jamba", "granite")),
    ("fill-mask", "transformers", 0.32, (r"\w{0,12}(?:bert|electra|ernie)\w{0,4}",)),
)
"""The usual task, the library that usually loads the family (empty: several do), a weight, and words of names."""
_FAMILIES = tuple(
    (re.compile(rf"(?<![a-z0-9])(?:{'|'.join(words)})(?![a-z0-9])"), task, library, weight)
    for task, library, weight, words in FAMILIES
)
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
    for pattern, task, library, strength in _FAMILIES:
        if not pattern.search(words):
            continue
        if task not in seen:
            seen.add(task)
            yield claim("task", task, READER, strength * weight, name, line)
            if library:
                yield claim("library", library, READER, 0.45 * weight, name, line)
        return


def _words(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", name[:200].lower()).strip()
