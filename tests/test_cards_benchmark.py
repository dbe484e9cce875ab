"""The benchmark of the card analysis, on two cards of our own."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "benchmarks" / "cards.py"


@pytest.fixture
def cards(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """benchmarks/cards.py as a module."""
    spec = importlib.util.spec_from_file_location("benchmark_cards", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "benchmark_cards", module)
    spec.loader.exec_module(module)
    return module


def _label(identity: str, **changed: Any) -> str:
    gold = {"task": "fill-mask", "task_alternates": [], "input_types": ["text"], "output_type": "json", "gated": False}
    gold |= {"output_alternates": [], "library": "transformers", "blockers": ["none"]}
    return json.dumps({"id": identity, "gold": {**gold, **changed}})


def test_right_and_wrong_are_counted(cards: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "dev").mkdir()
    for name in ("one", "two"):
        card = "---\npipeline_tag: fill-mask\nlibrary_name: transformers\n---\n# X\n"
        (tmp_path / "dev" / f"{name}.md").write_text(card, encoding="utf-8")
    labels = [_label("one"), _label("two", task="translation", blockers=["comfyui"])]
    (tmp_path / "labels.jsonl").write_text("\n".join(labels) + "\n", encoding="utf-8")
    assert cards.main([str(tmp_path), "--errors", "--json"]) == 0
    out = capsys.readouterr().out
    report = json.loads(out.rstrip().splitlines()[-1])
    assert report["all"]["task"] == 0.5
    assert report["all"]["library"] == 1.0
    assert report["all"]["blockers_f1"] == 0.0
    assert "two: 'fill-mask'" in out
    assert "pipeline_tag: fill-mask" in out


def test_a_folder_without_labels_is_said(cards: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cards.main([str(tmp_path)]) == 2
    assert "no labelled cards" in capsys.readouterr().err
