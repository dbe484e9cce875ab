"""What templates know about a model: plain values, already checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from spacefactory.schema.card import ModelCard
from spacefactory.schema.profile import ModelProfile
from spacefactory.schema.work import AgentTask
from spacefactory_template_agent.text import link, markdown

TEXT_PIPELINES = frozenset(
    {
        "StableDiffusionPipeline",
        "StableDiffusionXLPipeline",
        "StableDiffusion3Pipeline",
        "FluxPipeline",
        "KandinskyPipeline",
        "KandinskyV22Pipeline",
        "Kandinsky3Pipeline",
        "LatentConsistencyModelPipeline",
        "QwenImagePipeline",
        "ZImagePipeline",
    }
)
"""Classes that diffusers saves for text-to-image and loads for a start picture through AutoPipelineForImage2Image."""

AutoClasses = tuple[tuple[str, str], ...]
SPEECH: AutoClasses = (("ForCTC", "AutoModelForCTC"), ("", "AutoModelForSpeechSeq2Seq"))
SEGMENTATION: AutoClasses = (
    ("ForUniversalSegmentation", "AutoModelForUniversalSegmentation"),
    ("ForInstanceSegmentation", "AutoModelForInstanceSegmentation"),
    ("ForSegmentation", "AutoModelForImageSegmentation"),
    ("", "AutoModelForSemanticSegmentation"),
)
"""Ending of the architecture's name in config.json, and the Auto class that loads it; the last one is for the rest."""


@dataclass(frozen=True)
class Model:
    """The model as templates name it."""

    id: str
    revision: str
    link: str
    """Markdown"""
    licence: str
    """Markdown; empty when the card names none"""
    onnx_file: str
    chat: bool
    """whether it comes with a chat template"""
    type: str
    """`model_type` of its config.json; empty when there is none"""
    speech_class: str
    segmentation_class: str
    """Auto classes of transformers that load it for tasks with more than one of them"""
    auto_pipeline: str
    """class of diffusers that loads it"""
    size: tuple[int, int] | None
    """width and height in pixels that the card recommends for pictures"""
    prefix: str
    """words that a sequence-to-sequence model expects before the text"""
    prompt: str
    """a prompt of the card, to start with where a picture is the main input"""


def model(task: AgentTask) -> Model:
    """What app and README need to know."""
    profile, card = task.profile, task.card
    config = _config(card, "config.json")
    return Model(
        id=profile.model,
        revision=profile.location.revision,
        link=link(profile.model),
        licence=markdown(profile.license or ""),
        onnx_file=_onnx_file(card),
        chat=_chat(card),
        type=str(config.get("model_type", "")),
        speech_class=_auto_class(config, SPEECH),
        segmentation_class=_auto_class(config, SEGMENTATION),
        auto_pipeline=_auto_pipeline(task),
        size=_size(profile.settings),
        prefix=_prefix(config, profile.task or ""),
        prompt=_prompt(profile),
    )


def credit(model: Model) -> str:
    """Markdown that names the model and its licence."""
    return f"Model: {model.link}. Licence: {model.licence}." if model.licence else f"Model: {model.link}."


def settings(task: AgentTask) -> Mapping[str, JsonValue]:
    """Recommended call settings: the model's own generation config where it samples, then what the card says."""
    own = _config(task.card, "generation_config.json")
    sampling = {"temperature": 1.0, **{name: own[name] for name in ("temperature", "top_p") if name in own}}
    return {**(sampling if own.get("do_sample") is True else {}), **task.profile.settings}


def setting(found: Mapping[str, JsonValue]) -> Callable[[str, float, float, float], float]:
    """A function that gives a recommended setting when it is a number in range, else a default of the same type."""

    def choose(name: str, default: float, low: float, high: float) -> float:
        value = _number(found.get(name), low, high)
        return default if value is None else type(default)(value)

    return choose


def recommended(found: Mapping[str, JsonValue]) -> Callable[[str, float, float], str]:
    """A function that gives a recommended setting as a literal of the type of its limits, else an empty text."""

    def choose(name: str, low: float, high: float) -> str:
        value = _number(found.get(name), low, high)
        return "" if value is None else repr(type(low)(value))

    return choose


def _number(value: JsonValue, low: float, high: float) -> float | None:
    good = isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high
    return value if good and isinstance(value, int | float) else None


def _config(card: ModelCard, path: str) -> Mapping[str, JsonValue]:
    found = card.configs.get(path)
    return found if isinstance(found, dict) else {}


def _auto_class(config: Mapping[str, JsonValue], classes: AutoClasses) -> str:
    names = config.get("architectures")
    name = names[0] if isinstance(names, list) and names and isinstance(names[0], str) else ""
    return next(auto for ending, auto in classes if name.endswith(ending))


def _onnx_file(card: ModelCard) -> str:
    """The graph to load: the usual names first, then the first of the shortest paths."""
    found = [file.path for file in card.files or () if file.path.endswith(".onnx")]
    usual = ("model.onnx", "onnx/model.onnx")
    return min(found, key=lambda path: (path not in usual, len(path), path), default="model.onnx")


def _chat(card: ModelCard) -> bool:
    """A chat template stands in tokenizer_config.json, or in a file of its own since transformers 4.44."""
    files = {file.path for file in card.files or ()}
    own_file = not files.isdisjoint({"chat_template.jinja", "chat_template.json"})
    return own_file or bool(_config(card, "tokenizer_config.json").get("chat_template"))


def _auto_pipeline(task: AgentTask) -> str:
    saved = _config(task.card, "model_index.json").get("_class_name")
    from_text = task.profile.task == "image-to-image" and saved in TEXT_PIPELINES
    return "AutoPipelineForImage2Image" if from_text else "DiffusionPipeline"


def _size(found: Mapping[str, JsonValue]) -> tuple[int, int] | None:
    width, height = (_number(found.get(side), 64, 2048) for side in ("width", "height"))
    return None if width is None or height is None else (int(width) // 8 * 8, int(height) // 8 * 8)


def _prompt(profile: ModelProfile) -> str:
    found = (example.inputs.get(key) for example in profile.examples for key in ("prompt", "text"))
    return next((text for text in found if isinstance(text, str) and text.strip()), "")


def _prefix(config: Mapping[str, JsonValue], task: str) -> str:
    """What T5 and its relatives note in their config, such as "summarize: "."""
    found: JsonValue = config.get("task_specific_params")
    for key in (task, "prefix"):
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, str) else ""
