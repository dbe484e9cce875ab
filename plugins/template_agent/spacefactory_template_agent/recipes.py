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
    """keys of `Example.inputs` that hold it, best first"""


@dataclass(frozen=True)
class Recipe:
    """How to write the app for one task and library."""

    task: str
    library: str
    template: str
    """file in `templates/`"""
    does: str
    """one sentence for people: what the app does"""
    requirements: tuple[str, ...]
    """what app.py needs beyond the builder's own list"""
    columns: tuple[Column, ...] = ()


TEXT = Column("text", "text", ("text",))
IMAGE = Column("image", "image", ("image",))

TORCH = ("torch", "transformers>=5", "accelerate")

RECIPES = (
    Recipe(
        "image-classification",
        "onnx",
        "onnx_image_classification.py.j2",
        "Names what a picture shows.",
        ("onnxruntime",),
        (IMAGE,),
    ),
    Recipe("text-classification", "transformers", "text_classification.py.j2", "Classifies a text.", TORCH, (TEXT,)),
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
    known = " and ".join(others)
    return f"the template agent writes apps for task {task!r} with {known}, and this model's library is {library!r}"
