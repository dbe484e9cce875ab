"""Which template makes the app for a task and a library."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "image", "audio"]


@dataclass(frozen=True)
class Column:
    """One input of `/generate` that examples of a card can fill."""

    parameter: str
    """parameter of `/generate`"""
    kind: Kind
    keys: tuple[str, ...]
    """keys of `Example.inputs` that hold it, best first; a list of texts is joined by `join`"""
    join: str = "\n"


@dataclass(frozen=True)
class Recipe:
    """How to write the app for one task and library."""

    task: str
    library: str
    template: str
    """file in `templates/`, without its endings"""
    does: str
    """one sentence for people: what the app does"""
    requirements: tuple[str, ...]
    """what app.py needs beyond the builder's own list"""
    columns: tuple[Column, ...] = ()


TEXT = Column("text", "text", ("text",))
IMAGE = Column("image", "image", ("image", "img"))
AUDIO = Column("audio", "audio", ("audio",))
PROMPT = Column("prompt", "text", ("prompt", "text"))
CLASSES = Column("classes", "text", ("candidate_labels", "labels"), join=", ")

ONNX = ("onnxruntime",)
ONNX_TEXT = ("onnxruntime", "tokenizers")
TRANSFORMERS = ("torch", "transformers>=5", "accelerate")
LISTENING = (*TRANSFORMERS, "soundfile", "soxr")
DIFFUSERS = (*TRANSFORMERS, "diffusers>=0.42")
SENTENCES = ("torch", "sentence-transformers")


def _transformers(
    task: str, template: str, does: str, *columns: Column, requirements: tuple[str, ...] = TRANSFORMERS
) -> Recipe:
    return Recipe(task, "transformers", template, does, requirements, columns)


def _diffusers(task: str, template: str, does: str, *columns: Column, requirements: tuple[str, ...] = ()) -> Recipe:
    return Recipe(task, "diffusers", template, does, (*DIFFUSERS, *requirements), columns)


def _embedding(task: str, library: str, template: str, requirements: tuple[str, ...]) -> Recipe:
    text = Column("text", "text", ("source_sentence", "text"))
    others = Column("others", "text", ("sentences",))
    does = "Turns texts into vectors and tells how similar they are."
    return Recipe(task, library, template, does, requirements, (text, others))


RECIPES = (
    Recipe("image-classification", "onnx", "onnx_image_classification", "Names what a picture shows.", ONNX, (IMAGE,)),
    Recipe("text-classification", "onnx", "onnx_text_classification", "Classifies texts.", ONNX_TEXT, (TEXT,)),
    _embedding("feature-extraction", "onnx", "onnx_embedding", ONNX_TEXT),
    _embedding("sentence-similarity", "onnx", "onnx_embedding", ONNX_TEXT),
    _transformers("text-classification", "text_classification", "Classifies texts.", TEXT),
    _transformers(
        "token-classification",
        "token_classification",
        "Finds names and the like in texts.",
        TEXT,
    ),
    _transformers(
        "zero-shot-classification",
        "zero_shot_classification",
        "Classifies texts by classes of your own.",
        TEXT,
        CLASSES,
    ),
    _transformers("fill-mask", "fill_mask", "Suggests words for gaps in texts.", TEXT),
    _transformers(
        "question-answering",
        "question_answering",
        "Finds the answer to a question in a text.",
        Column("question", "text", ("question", "text")),
        Column("context", "text", ("context",)),
    ),
    _transformers("text-generation", "text_generation", "Writes text.", PROMPT),
    _transformers("summarization", "text_to_text", "Summarizes texts.", TEXT),
    _transformers("translation", "text_to_text", "Translates texts.", TEXT),
    _transformers("text2text-generation", "text_to_text", "Turns a text into another.", TEXT),
    _embedding("feature-extraction", "transformers", "embedding", TRANSFORMERS),
    _embedding("sentence-similarity", "transformers", "embedding", TRANSFORMERS),
    _embedding("feature-extraction", "sentence-transformers", "sentence_embedding", SENTENCES),
    _embedding("sentence-similarity", "sentence-transformers", "sentence_embedding", SENTENCES),
    Recipe(
        "text-ranking",
        "sentence-transformers",
        "text_ranking",
        "Ranks passages by how well they answer a query.",
        SENTENCES,
        (Column("query", "text", ("query", "source_sentence", "text")), Column("passages", "text", ("sentences",))),
    ),
    _transformers("image-classification", "image_classification", "Names what a picture shows.", IMAGE),
    _transformers(
        "zero-shot-image-classification",
        "zero_shot_image_classification",
        "Classifies pictures by classes of your own.",
        IMAGE,
        CLASSES,
    ),
    _transformers("image-feature-extraction", "image_embedding", "Turns pictures into vectors.", IMAGE),
    _transformers("image-segmentation", "image_segmentation", "Paints the parts of a picture.", IMAGE),
    _transformers("depth-estimation", "depth_estimation", "Tells how far every point of a picture is.", IMAGE),
    _transformers("object-detection", "object_detection", "Finds objects in pictures.", IMAGE),
    _transformers("image-to-text", "image_to_text", "Describes pictures.", IMAGE),
    _transformers(
        "image-text-to-text",
        "image_to_text",
        "Answers questions about pictures.",
        IMAGE,
        PROMPT,
    ),
    _transformers("image-to-image", "image_restoration", "Makes pictures larger or better.", IMAGE),
    _transformers(
        "automatic-speech-recognition",
        "speech_recognition",
        "Writes down what is said in a recording.",
        AUDIO,
        requirements=LISTENING,
    ),
    _transformers(
        "audio-classification", "audio_classification", "Classifies recordings.", AUDIO, requirements=LISTENING
    ),
    _transformers("text-to-speech", "text_to_audio", "Speaks texts.", TEXT),
    _transformers("text-to-audio", "text_to_audio", "Makes sounds from texts.", TEXT),
    _diffusers("text-to-image", "text_to_image", "Makes pictures from texts.", PROMPT),
    _diffusers("image-to-image", "image_to_image", "Changes pictures as a text says.", IMAGE, PROMPT),
    _diffusers("unconditional-image-generation", "unconditional_image", "Makes pictures from nothing but a seed."),
    _diffusers("text-to-video", "text_to_video", "Makes videos from texts.", PROMPT, requirements=("av",)),
)

LIBRARIES = {"onnxruntime": "onnx"}
"""Other names of a library that a profile may use."""


def find(task: str | None, library: str | None) -> Recipe | None:
    """The recipe for a task and a library, None when there is none."""
    library = LIBRARIES.get(library or "", library)
    return next((one for one in RECIPES if one.task == task and one.library == library), None)


def why_not(task: str | None, library: str | None) -> str:
    """One sentence: why there is no recipe."""
    if task is None:
        return "the template agent needs to know the model's task, and the card does not tell it"
    others = sorted({one.library for one in RECIPES if one.task == task})
    if not others:
        return f"the template agent has no template for task {task!r}"
    model = f"library is {library!r}" if library else "card does not tell its library"
    return f"the template agent writes apps for task {task!r} with {' or '.join(others)}, and this model's {model}"
