"""Cards in the styles of many libraries, tools and languages: what an expert would say of them is what is said."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

FOLDER = Path(__file__).parent / "model_card_styles"
SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "cards.py"
LABELS: list[dict[str, Any]] = [
    json.loads(line) for line in (FOLDER / "labels.jsonl").read_text(encoding="utf-8").splitlines()
]
LEAST = {"task": 0.95, "input_types": 0.95, "output_type": 0.97, "library": 0.95, "gated": 1.0, "blockers": 0.97}


@pytest.fixture(scope="module")
def cards() -> Iterator[ModuleType]:
    """benchmarks/cards.py as a module."""
    spec = importlib.util.spec_from_file_location("benchmark_styles", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["benchmark_styles"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["benchmark_styles"]


def test_every_card_has_a_label_and_every_label_a_card() -> None:
    assert sorted(label["id"] for label in LABELS) == sorted(path.stem for path in (FOLDER / "dev").glob("*.md"))


@pytest.mark.parametrize("model", [None, "model"], ids=["named", "in a folder whose name says nothing"])
def test_cards_of_many_styles_are_understood(cards: ModuleType, model: str | None) -> None:
    rows, _ = cards.run(LABELS, FOLDER / "dev", cards.analyzed, model)
    found = cards.score(rows)
    wrong = [error for one in found.values() for error in one.errors]
    for name, least in LEAST.items():
        assert found[name].right >= (least - 0.02 * (model is not None)) * found[name].total, "\n".join(wrong)
    assert cards.f1(rows) >= 0.95
    assert sum(one.confident for one in found.values()) <= 0.01 * sum(one.total for one in found.values())


def test_front_matter_alone_is_not_enough(cards: ModuleType) -> None:
    found = cards.score(cards.run(LABELS, FOLDER / "dev", cards.naive)[0])
    assert found["task"].right < 0.6 * found["task"].total
    assert found["library"].right < 0.5 * found["library"].total


def test_the_files_of_the_repository_never_make_an_answer_worse(cards: ModuleType) -> None:
    alone, _ = cards.run(LABELS, FOLDER / "dev", cards.analyzed)
    fuller, _ = cards.run(LABELS, FOLDER / "dev", cards.analyzed, None, cards.files_of)
    assert cards.lost(alone, fuller) == []
    right = {name: one.right for name, one in cards.score(alone).items()}
    assert all(one.right >= right[name] for name, one in cards.score(fuller).items())


def test_memory_is_near_the_stated_size_times_the_overhead(cards: ModuleType) -> None:
    stated, off = cards.memory(cards.run(LABELS, FOLDER / "dev", cards.analyzed)[0])
    assert stated >= 18
    assert off == []
