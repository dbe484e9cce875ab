"""What a tiny model is, and how its folder gets a card."""

from __future__ import annotations

import importlib
import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Widget = Mapping[str, Any]
"""One example of a card, as the Hub's front matter has it: `text` or `src`, `example_title`, `output`."""

WIDE = 0.3
"""Standard deviation of random weights. With the usual 0.02 a network of this size answers the same to everything."""


@dataclass(frozen=True)
class Described:
    """What a builder knows for the card."""

    code: str
    """Python that uses the model, as an author would show it; MODEL stands for its name"""
    widget: tuple[Widget, ...] = ()
    about: str = "Random weights: it proves that things are plugged together, and nothing about quality."


@dataclass(frozen=True)
class TinyModel:
    """A model that is made in seconds, from nothing but code."""

    name: str
    task: str
    """pipeline tag of the Hub"""
    library: str
    build: Callable[[Path], Described]
    """writes weights, configs, tokenizer or processor"""
    needs: tuple[str, ...] = ("torch", "transformers")
    """modules that `build` and the model's users import"""
    trained: bool = False
    """whether it gives right answers, which its card states"""
    made_by_hand: bool = False
    """whether weights were set so that its output is no noise"""


def library(name: str) -> Any:
    """A module that is imported only when a model is made."""
    return importlib.import_module(name)


def seed(name: str) -> int:
    """The same number for the same model everywhere, whatever was made before it."""
    return zlib.crc32(name.encode())


def write_card(folder: Path, model: TinyModel, described: Described) -> None:
    """Write README.md as a model author would."""
    head = [
        "license: apache-2.0",
        f"library_name: {model.library}",
        f"pipeline_tag: {model.task}",
        f"tags: [tiny, {_kind(model)}]",
    ]
    if described.widget:
        head.append("widget:")
        head += [f"  - {json.dumps(one, ensure_ascii=False)}" for one in described.widget]
    code = described.code.strip().replace("MODEL", folder.name)
    text = "\n".join(["---", *head, "---", "", f"# {folder.name}", "", described.about, "", "## Usage", ""])
    (folder / "README.md").write_text(f"{text}\n```python\n{code}\n```\n", encoding="utf-8")


def _kind(model: TinyModel) -> str:
    return "trained" if model.trained else "weights-by-hand" if model.made_by_hand else "random-weights"


def pipeline_code(task: str, argument: str) -> str:
    """The usual lines for a transformers pipeline."""
    return f'from transformers import pipeline\n\npipe = pipeline("{task}", model="MODEL")\nprint(pipe({argument}))'


def labels(*names: str) -> dict[str, Any]:
    """The two tables of a transformers config that name classes."""
    return {"id2label": dict(enumerate(names)), "label2id": {name: at for at, name in enumerate(names)}}


def save(folder: Path, *parts: Any) -> None:
    """Save a model, its tokenizer and whatever else it comes with."""
    for part in parts:
        part.save_pretrained(folder)
