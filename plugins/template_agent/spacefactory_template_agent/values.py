"""What templates know about a model: plain values, already checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from spacefactory.schema.card import ModelCard
from spacefactory.schema.profile import ModelProfile
from spacefactory.schema.work import AgentTask
from spacefactory_template_agent.text import link, markdown

Setting = Callable[[str, float, float, float], float]


@dataclass(frozen=True)
class Model:
    """The model as templates name it."""

    id: str
    revision: str
    link: str
    licence: str
    """Markdown; empty when the card names none"""
    onnx_file: str


def model(task: AgentTask) -> Model:
    """The names and files of the model that the app loads."""
    profile = task.profile
    return Model(
        id=profile.model,
        revision=profile.location.revision,
        link=link(profile.model),
        licence=markdown(profile.license or ""),
        onnx_file=_onnx_file(task.card),
    )


def header(model: Model, does: str) -> str:
    """Markdown above the app: the model's name, what the app does, the licence."""
    licence = f" Licence: {model.licence}." if model.licence else ""
    return f"# {markdown(model.id)}\n\n{does} Model: {model.link}.{licence}"


def setting(profile: ModelProfile) -> Setting:
    """A function that gives the card's recommended value of a setting when it is a number in range, else a default.

    The result has the type of the default, so that an int stays an int.
    """
    recommended: Mapping[str, JsonValue] = profile.settings

    def choose(name: str, default: float, low: float, high: float) -> float:
        value = recommended.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            return default
        return type(default)(value)

    return choose


def _onnx_file(card: ModelCard) -> str:
    """The graph to load: the usual names first, then the first of the shortest paths."""
    found = [file.path for file in card.files or () if file.path.endswith(".onnx")]
    usual = ("model.onnx", "onnx/model.onnx")
    return min(found, key=lambda path: (path not in usual, len(path), path), default="model.onnx")
