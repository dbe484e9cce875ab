"""The tasks: the Hub's pipeline tags, what goes in and what comes out."""

from __future__ import annotations

from dataclasses import dataclass

from spacefactory.schema.profile import InputType, OutputType


@dataclass(frozen=True)
class Task:
    """What a task takes and gives."""

    inputs: tuple[InputType, ...]
    output: OutputType


def _task(inputs: str, output: OutputType) -> Task:
    return Task(tuple(inputs.split()), output)  # type: ignore[arg-type]  # words of InputType, checked by a test


TASKS: dict[str, Task] = {
    "text-generation": _task("text", "text"),
    "text2text-generation": _task("text", "text"),
    "translation": _task("text", "text"),
    "summarization": _task("text", "text"),
    "question-answering": _task("text", "text"),
    "table-question-answering": _task("tabular text", "text"),
    "text-classification": _task("text", "label"),
    "zero-shot-classification": _task("text", "label"),
    "token-classification": _task("text", "json"),
    "fill-mask": _task("text", "json"),
    "feature-extraction": _task("text", "embedding"),
    "sentence-similarity": _task("text", "embedding"),
    "text-ranking": _task("text", "label"),
    "image-classification": _task("image", "label"),
    "zero-shot-image-classification": _task("image text", "label"),
    "image-feature-extraction": _task("image", "embedding"),
    "image-segmentation": _task("image", "image"),
    "mask-generation": _task("image", "image"),
    "depth-estimation": _task("image", "image"),
    "object-detection": _task("image", "json"),
    "zero-shot-object-detection": _task("image text", "json"),
    "keypoint-detection": _task("image", "json"),
    "keypoint-matching": _task("image", "json"),
    "image-to-image": _task("image", "image"),
    "image-text-to-image": _task("image text", "image"),
    "image-to-text": _task("image", "text"),
    "image-text-to-text": _task("image text", "text"),
    "visual-question-answering": _task("image text", "text"),
    "document-question-answering": _task("image text", "text"),
    "visual-document-retrieval": _task("image text", "embedding"),
    "image-to-video": _task("image", "video"),
    "image-text-to-video": _task("image text", "video"),
    "image-to-3d": _task("image", "3d"),
    "text-to-image": _task("text", "image"),
    "unconditional-image-generation": _task("none", "image"),
    "text-to-video": _task("text", "video"),
    "text-to-3d": _task("text", "3d"),
    "video-classification": _task("video", "label"),
    "video-text-to-text": _task("text video", "text"),
    "video-to-video": _task("video", "video"),
    "automatic-speech-recognition": _task("audio", "text"),
    "audio-classification": _task("audio", "label"),
    "zero-shot-audio-classification": _task("audio text", "label"),
    "audio-text-to-text": _task("audio text", "text"),
    "audio-to-audio": _task("audio", "audio"),
    "voice-activity-detection": _task("audio", "json"),
    "text-to-speech": _task("text", "audio"),
    "text-to-audio": _task("text", "audio"),
    "tabular-classification": _task("tabular", "label"),
    "tabular-regression": _task("tabular", "json"),
    "time-series-forecasting": _task("timeseries", "json"),
    "reinforcement-learning": _task("none", "video"),
    "robotics": _task("image text", "json"),
    "graph-ml": _task("tabular", "json"),
    "any-to-any": _task("audio image text video", "text"),
}
"""By pipeline tag. Classes and scores are `label`; spans, boxes and forecasts `json`; masks and depth maps `image`."""

ALIASES = {
    "conversational": "text-generation",
    "chat": "text-generation",
    "causal-lm": "text-generation",
    "text-to-text": "text2text-generation",
    "seq2seq": "text2text-generation",
    "sentiment-analysis": "text-classification",
    "text-reranking": "text-ranking",
    "reranker": "text-ranking",
    "ner": "token-classification",
    "named-entity-recognition": "token-classification",
    "part-of-speech": "token-classification",
    "masked-lm": "fill-mask",
    "masked-language-modeling": "fill-mask",
    "asr": "automatic-speech-recognition",
    "speech-recognition": "automatic-speech-recognition",
    "tts": "text-to-speech",
    "text-to-music": "text-to-audio",
    "music-generation": "text-to-audio",
    "image-captioning": "image-to-text",
    "image-to-caption": "image-to-text",
    "vqa": "visual-question-answering",
    "vision-language": "image-text-to-text",
    "vision-language-model": "image-text-to-text",
    "multimodal-llm": "image-text-to-text",
    "semantic-segmentation": "image-segmentation",
    "instance-segmentation": "image-segmentation",
    "panoptic-segmentation": "image-segmentation",
    "background-removal": "image-segmentation",
    "monocular-depth-estimation": "depth-estimation",
    "pose-estimation": "keypoint-detection",
    "super-resolution": "image-to-image",
    "image-super-resolution": "image-to-image",
    "inpainting": "image-to-image",
    "image-restoration": "image-to-image",
    "image-editing": "image-to-image",
    "img2img": "image-to-image",
    "controlnet": "image-to-image",
    "text2image": "text-to-image",
    "txt2img": "text-to-image",
    "text-to-img": "text-to-image",
    "text2video": "text-to-video",
    "image2video": "image-to-video",
    "video-super-resolution": "video-to-video",
    "video-restoration": "video-to-video",
    "video-editing": "video-to-video",
    "frame-interpolation": "video-to-video",
    "talking-head": "image-to-video",
    "img2vid": "image-to-video",
    "speaker-diarization": "voice-activity-detection",
    "audio-source-separation": "audio-to-audio",
    "source-separation": "audio-to-audio",
    "speech-enhancement": "audio-to-audio",
    "voice-conversion": "audio-to-audio",
    "speech-separation": "audio-to-audio",
    "speech-to-speech": "audio-to-audio",
    "speech-emotion-recognition": "audio-classification",
    "emotion-recognition": "audio-classification",
    "speaker-identification": "audio-classification",
    "deep-reinforcement-learning": "reinforcement-learning",
    "time-series-forecast": "time-series-forecasting",
    "forecasting": "time-series-forecasting",
    "sentence-embedding": "sentence-similarity",
    "sentence-embeddings": "sentence-similarity",
    "text-embeddings-inference": "feature-extraction",
    "text-embedding": "feature-extraction",
    "action-recognition": "video-classification",
    "vision-language-action": "robotics",
    "textual-entailment": "text-classification",
}
"""Tags that authors write, and names that libraries use, for a task of the Hub."""

BROAD = frozenset({"text-generation", "text2text-generation", "feature-extraction", "image-to-image", "text-to-audio"})
"""Tags that the Hub guesses or authors choose for want of a better one: other evidence may refine them."""


def canonical(name: object) -> str | None:
    """The pipeline tag for a tag or task name, None when it names no task."""
    if not isinstance(name, str):
        return None
    word = "-".join(name.strip().lower().replace("_", "-").split())
    if word in TASKS:
        return word
    if word.startswith("translation-") and "-to-" in word:
        return "translation"
    return ALIASES.get(word)
