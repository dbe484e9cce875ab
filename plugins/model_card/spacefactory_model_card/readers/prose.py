"""Title, headings and sentences: what the author calls the model.

The phrases are the names of tasks and libraries as cards, papers and the Hub's task pages write them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from spacefactory.schema.profile import Claim
from spacefactory_model_card.material import Material, claim

READER = "prose"
PHRASES: tuple[tuple[str, str, float], ...] = (
    (r"text[- ]to[- ]image", "text-to-image", 0.9),
    (r"stable diffusion|dreambooth|image generation model|generates? images", "text-to-image", 0.6),
    (r"inpaint(?:ing)?\b|image[- ]to[- ]image|img2img|image editing|super[- ]resolution|upscal(?:er|ing)|image restoration|style transfer", "image-to-image", 0.8),
    (r"controlnet", "image-to-image", 0.85),
    (r"text[- ]to[- ]video|t2v\b", "text-to-video", 0.9),
    (r"image[- ]to[- ]video|i2v\b|portrait animation", "image-to-video", 0.85),
    (r"text[- ]to[- ]3d", "text-to-3d", 0.85),
    (r"image[- ]to[- ]3d|single[- ]image 3d|3d (?:asset|shape|model) generation", "image-to-3d", 0.85),
    (r"text[- ]to[- ]speech|\btts\b|speech synthesis|voice cloning", "text-to-speech", 0.85),
    (r"text[- ]to[- ](?:audio|music|sound)|music generation|audio generation", "text-to-audio", 0.85),
    (r"speech recognition|\basr\b|speech[- ]to[- ]text|transcri(?:be|ption)s? (?:of )?(?:audio|speech)", "automatic-speech-recognition", 0.85),
    (r"(?:audio|speech|music) source separation|speech (?:enhancement|separation)|voice conversion|speech denoising|noise suppression|speech[- ]to[- ]speech", "audio-to-audio", 0.85),
    (r"voice activity detection|speaker diari[sz]ation|speaker segmentation", "voice-activity-detection", 0.85),
    (r"audio classification|speech emotion|emotion recognition from (?:speech|audio)|speaker (?:verification|identification|recognition)|language identification from speech|keyword spotting|sound event", "audio-classification", 0.8),
    (r"image classif\w+|classif\w+ images?|image recognition", "image-classification", 0.8),
    (r"object detect\w+|detects? objects", "object-detection", 0.85),
    (r"(?:image|semantic|instance|panoptic) segmentation|background removal|matting", "image-segmentation", 0.85),
    (r"depth estimation|depth map", "depth-estimation", 0.8),
    (r"(?:human )?pose estimation|keypoint detection|landmark detection", "keypoint-detection", 0.75),
    (r"image[- ]caption\w*|captioning images?", "image-to-text", 0.85),
    (r"\bocr\b|optical character recognition|handwrit\w+ recognition", "image-to-text", 0.6),
    (r"vision[- ]language[- ]action|robot(?:ic)? (?:policy|manipulation|control)", "robotics", 0.8),
    (r"vision[- ]language|visual[- ]language|multi-?modal (?:large )?(?:language )?(?:model|llm)|large multimodal|image[- ]text[- ]to[- ]text|visual question answering|\bvlm\b|\bmllm\b|\blvlm\b", "image-text-to-text", 0.8),
    (r"document question answering|document understanding", "document-question-answering", 0.6),
    (r"video (?:classification|action)|action recognition|action detection", "video-classification", 0.8),
    (r"zero[- ]shot image classification|contrastive (?:language|image)", "zero-shot-image-classification", 0.7),
    (r"zero[- ]shot (?:text )?classification|natural language inference\b|\bnli\b", "zero-shot-classification", 0.5),
    (r"named[- ]entity|\bner\b|token classification|part[- ]of[- ]speech|\bpos tag\w*", "token-classification", 0.8),
    (r"sentiment|text classif\w+|toxicity|spam detection|emotion classif\w+|intent classif\w+|hate speech|classif\w+ (?:of )?(?:texts?|sentences?|reviews?|comments?)", "text-classification", 0.7),
    (r"cross[- ]?encoder|re-?rank\w*|passage ranking", "text-ranking", 0.75),
    (r"sentence[- ](?:embedding|similarity|transformer)s?|text embeddings?|embedding model|semantic search|dense vector space", "sentence-similarity", 0.75),
    (r"table question answering|questions? about (?:a )?tables?", "table-question-answering", 0.8),
    (r"question[- ]answering|extractive qa", "question-answering", 0.5),
    (r"summari[sz]ation|summari[sz]es?\b", "summarization", 0.7),
    (r"machine translation|translates?\b|translation model|\btranslation\b", "translation", 0.65),
    (r"masked language model\w*|fill[- ]mask|\bmlm\b", "fill-mask", 0.65),
    (r"time[- ]series|forecasting", "time-series-forecasting", 0.75),
    (r"tabular (?:data|classification)|predictive maintenance", "tabular-classification", 0.6),
    (r"reinforcement learning agent|deep[- ]reinforcement[- ]learning|trained agent playing|\bppo\b|\bdqn\b|q-learning agent", "reinforcement-learning", 0.8),
    (r"unconditional image generation", "unconditional-image-generation", 0.9),
    (r"(?:large )?language models?\b|\bllms?\b|causal lm|chat ?model|instruct(?:ion)?[- ](?:tuned|following)|chatbot|text generation|dialogue", "text-generation", 0.55),
    (r"feature extraction|self-supervised .{0,30}representation|pre-?trained encoder|vision encoder|foundation encoder", "feature-extraction", 0.4),
)  # fmt: skip
_COMPILED = tuple((re.compile(pattern), task, weight) for pattern, task, weight in PHRASES)
LIBRARIES: tuple[tuple[str, str, float], ...] = (
    (r"\bcomfy ?ui\b", "comfyui", 0.5),
    (r"🧨|\bdiffusers\b", "diffusers", 0.5),
    (r"🤗'?s? ?transformers|hugging ?face'?s? transformers|\btransformers library|with transformers\b|using transformers\b", "transformers", 0.5),
    (r"sentence[- ]transformers", "sentence-transformers", 0.5),
    (r"\bonnx\b", "onnx", 0.35),
    (r"tensorrt", "tensorrt", 0.4),
    (r"\bcore ?ml\b", "coreml", 0.4),
    (r"\bgguf\b|llama\.cpp", "gguf", 0.45),
    (r"\bvllm\b", "vllm", 0.3),
    (r"speechbrain", "speechbrain", 0.45),
    (r"\bnemo\b", "nemo", 0.4),
    (r"pyannote", "pyannote.audio", 0.45),
    (r"\bmlx\b", "mlx", 0.45),
    (r"\btimm\b", "timm", 0.4),
    (r"open_?clip", "open_clip", 0.35),
    (r"espnet", "espnet", 0.45),
    (r"fairseq", "fairseq", 0.3),
    (r"scikit-learn|sklearn", "sklearn", 0.35),
    (r"\bkeras\b", "keras", 0.3),
    (r"ultralytics", "ultralytics", 0.4),
    (r"stable[- ]baselines3", "stable-baselines3", 0.5),
    (r"\bspacy\b", "spacy", 0.4),
    (r"\bflair\b", "flair", 0.35),
    (r"lerobot", "lerobot", 0.5),
)  # fmt: skip
_LIBRARIES = tuple((re.compile(pattern), library, weight) for pattern, library, weight in LIBRARIES)
_VERSIONS = re.compile(
    r"^-? ?(transformers|peft|diffusers|sentence[- ]transformers|setfit|span ?marker|keras)\W{1,4}v?\d", re.I
)


def read(material: Material) -> Iterator[Claim]:
    """Task and library, by the place where a phrase stands."""
    yield from _tasks(material)
    yield from _libraries(material)


def _tasks(material: Material) -> Iterator[Claim]:
    document = material.document
    places = [(document.title.lower(), 0.85, document.headings[0].line)] if document.headings else []
    places += [(heading.text.lower(), 0.5, heading.line) for heading in document.headings[1:40]]
    opening = list(document.opening())
    places += [(line.lower, 0.8 if at < 2 else 0.6, line.line) for at, line in enumerate(opening)]
    best: dict[str, tuple[float, str, int]] = {}
    for text, place, line in places:
        for pattern, task, weight in _COMPILED:
            if (found := pattern.search(text)) and weight * place > best.get(task, (0.0, "", 0))[0]:
                best[task] = (weight * place, _around(text, found), line)
    for task, (weight, quote, line) in best.items():
        yield claim("task", task, READER, weight, quote, line)


def _libraries(material: Material) -> Iterator[Claim]:
    document = material.document
    best: dict[str, tuple[float, str, int]] = {}
    places = [(heading.text.lower(), 1.0, heading.line) for heading in document.headings[:60]]
    places += [(line.lower, 0.7, line.line) for line in document.prose[:600] if not line.table]
    for text, place, line in places:
        for pattern, library, weight in _LIBRARIES:
            if (found := pattern.search(text)) and weight * place > best.get(library, (0.0, "", 0))[0]:
                best[library] = (weight * place, _around(text, found), line)
    for library, (weight, quote, line) in best.items():
        yield claim("library", library, READER, weight, quote, line)
    for one in document.prose:
        if "framework" in one.section and (written := _VERSIONS.match(one.text)):
            name = re.sub(r"\s+", "-", written.group(1).lower())
            weight = 0.88 if name != "transformers" else 0.75
            yield claim("library", name, "versions", weight, one.text, one.line)


def _around(text: str, found: re.Match[str]) -> str:
    start = max(0, found.start() - 60)
    return text[start : found.end() + 80]
