"""Names: of the model, its title and its base model. Families have usual tasks, and conversions name their format.

A name is a hint: two models of one family may do different things, so that any plain statement outweighs it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from spacefactory.schema.profile import Claim
from spacefactory_model_card.material import Material, claim

READER = "names"
FAMILIES: tuple[tuple[str, str, str, float], ...] = (
    ("opus mt|nllb|m2m100|mbart 50|madlad|translat\\w+", "translation", "transformers", 0.65),
    ("llava|qwen ?[\\d.]* ?vl|internvl|paligemma|minicpm (?:llama3 )?v|molmo|idefics|moondream|smolvlm|cogvlm|phi 3 vision|"
     "pixtral|kosmos|florence|deepseek vl|ovis", "image-text-to-text", "transformers", 0.75),
    ("blip", "image-to-text", "transformers", 0.5),
    ("trocr|donut|nougat|got ocr", "image-to-text", "transformers", 0.6),
    ("distil whisper|whisper", "automatic-speech-recognition", "transformers", 0.6),
    ("wav2vec2|hubert|wavlm", "automatic-speech-recognition", "transformers", 0.3),
    ("musicgen|audioldm|stable audio", "text-to-audio", "", 0.6),
    ("vits|mms tts|tacotron|fastspeech|xtts|parler tts|kokoro|bark", "text-to-speech", "", 0.55),
    ("cross encoder|reranker|ms marco minilm", "text-ranking", "sentence-transformers", 0.65),
    ("all minilm|all mpnet|bge|gte|e5|sentence|simcse|instructor|embed(?:ding)?s?", "sentence-similarity", "", 0.5),
    ("stable diffusion|sdxl|sd ?1 5|flux(?: 1)?|pixart|kandinsky|dreamlike|dreambooth", "text-to-image", "diffusers", 0.45),
    ("controlnet|control v1\\w*|t2i adapter|ip adapter", "image-to-image", "diffusers", 0.6),
    ("cogvideox?|animatediff|zeroscope|modelscope t2v|wan ?2 \\d t2v|hunyuanvideo|mochi|ltx", "text-to-video", "diffusers", 0.5),
    ("svd|stable video diffusion|i2vgen|i2v", "image-to-video", "diffusers", 0.6),
    ("depth anything|dpt|midas|zoedepth", "depth-estimation", "transformers", 0.6),
    ("yolos?|yolov\\d+\\w?|detr|rt ?detr|owlvit|grounding dino", "object-detection", "", 0.55),
    ("segformer|mask2former|maskformer|oneformer|rmbg|birefnet|u2net", "image-segmentation", "", 0.6),
    ("sam|sam2|segment anything", "mask-generation", "transformers", 0.5),
    ("clip|siglip", "zero-shot-image-classification", "", 0.45),
    ("dinov?2|dinov3", "image-feature-extraction", "", 0.5),
    ("vit|deit|beit|swin|convnext(?:v2)?|resnet\\d*|efficientnet|mobilenet", "image-classification", "", 0.4),
    ("videomae|timesformer|vivit|x3d|slowfast", "video-classification", "", 0.5),
    ("tapas|tapex", "table-question-answering", "transformers", 0.6),
    ("layoutlm\\w*", "token-classification", "transformers", 0.3),
    ("ner", "token-classification", "", 0.55),
    ("pos", "token-classification", "", 0.4),
    ("sst ?2|sentiment|emotions?|toxic\\w*|imdb", "text-classification", "", 0.5),
    ("squad\\w*|qa", "question-answering", "", 0.45),
    ("mnli|xnli|nli|zeroshot", "zero-shot-classification", "", 0.4),
    ("cnn|xsum|summari[sz]\\w+", "summarization", "", 0.5),
    ("mt5|t5|flan t5|bart|pegasus|byt5|ul2", "text2text-generation", "transformers", 0.42),
    ("chronos|timesfm|moirai|patchtst|informer", "time-series-forecasting", "", 0.6),
    ("llama|mistral|mixtral|qwen|yi|falcon|gpt ?\\w*|gemma|phi|mpt|bloom|opt|vicuna|alpaca|guanaco|baichuan|"
     "deepseek|command r|olmo|internlm|chatglm|starcoder|dolly|pythia|stablelm|zephyr|jamba|granite",
     "text-generation", "transformers", 0.45),
    ("\\w{0,12}(?:bert|electra|ernie)\\w{0,4}", "fill-mask", "transformers", 0.32),
)  # fmt: skip
"""Words of names (with spaces for signs), the usual task, the library that usually loads the family, and a weight."""
_FAMILIES = tuple(
    (re.compile(rf"(?<![a-z0-9])(?:{words})(?![a-z0-9])"), task, library, weight)
    for words, task, library, weight in FAMILIES
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
    for name, weight, at in ((material.card.model, 1.0, None), (title, 0.85, line), (str(base or ""), 0.7, None)):
        yield from _families(name, weight, at, seen)
    model = _words(material.card.model).split()
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
