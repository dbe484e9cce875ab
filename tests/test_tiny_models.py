"""Tiny models: each loads offline by the ordinary calls, answers different inputs differently, and is made the same."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from spacefactory_template_agent.recipes import RECIPES

from spacefactory.testing import needs
from spacefactory.testing.models import TASKS, make
from tests.tiny_model_calls import CALLS, widget

TinyModels = Callable[[str], Path]
TRAINED = {name for name, model in TASKS.items() if model.trained}
WITHOUT = {
    ("image-classification", "onnx"),  # examples/digits
    ("sentence-similarity", "onnx"),  # the graph of feature-extraction
    ("text2text-generation", "transformers"),  # the template and model of translation
    ("sentence-similarity", "transformers"),  # the template and model of feature-extraction
    ("image-text-to-text", "transformers"),  # the template of image-to-text
    ("text-to-audio", "transformers"),  # the template of text-to-speech
}
"""Recipes whose template another model shows."""


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("TOKENIZERS_PARALLELISM", "false")


def test_there_is_a_call_for_every_model() -> None:
    assert set(CALLS) == set(TASKS)


def test_there_is_a_model_for_every_recipe() -> None:
    made = {(model.task, model.library) for model in TASKS.values()}
    assert {(recipe.task, recipe.library) for recipe in RECIPES} - made == WITHOUT
    assert not made & WITHOUT


@pytest.mark.torch
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of the libraries, which are not ours to mend
@pytest.mark.parametrize("name", TASKS)
def test_model_loads_offline_and_answers_by_its_input(name: str, tiny_model: TinyModels) -> None:
    needs("soundfile", "PIL", *(["onnxruntime"] if TASKS[name].library == "onnx" else []))
    first, second = CALLS[name](tiny_model(name))
    assert first != second


def _said(answer: Any) -> str:
    """The label or text of an answer, whatever the pipeline wraps it in."""
    while isinstance(answer, list):
        answer = answer[0] if not isinstance(answer[0], dict) or "role" not in answer[0] else answer[-1]
    if isinstance(answer, dict):
        found = next(answer[key] for key in ("label", "generated_text", "content", "sequence", "text") if key in answer)
        return _said(found)
    return str(answer)


@pytest.mark.torch
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("text-classification", "POSITIVE"),
        ("fill-mask", "the capital of france is paris"),
        ("summarization", "Bridge closed."),
        ("translation", "guten Morgen"),
        ("text-generation", "The capital of France is Paris."),
        ("text-generation-chat", "It is Paris."),
        ("image-classification", "red"),
        ("automatic-speech-recognition", "RISING"),
    ],
)
def test_trained_model_is_right(name: str, right: str, tiny_model: TinyModels) -> None:
    assert name in TRAINED
    assert _said(CALLS[name](tiny_model(name))[0]) == right


def _digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.torch
@pytest.mark.slow
@pytest.mark.parametrize("name", ["text-classification", "translation", "text-to-image", "feature-extraction"])
def test_the_same_files_come_out_whatever_was_made_before(name: str, tmp_path: Path) -> None:
    needs(*TASKS[name].needs)
    import torch

    torch.manual_seed(1)
    first = _digests(make(name, tmp_path / "one" / name))
    torch.manual_seed(2)
    expected = torch.rand(1)
    torch.manual_seed(2)
    assert _digests(make(name, tmp_path / "two" / name)) == first
    assert torch.rand(1) == expected, "the caller's random numbers were touched"


def test_graphs_need_no_torch(tiny_model: TinyModels) -> None:
    needs("onnxruntime")
    first, second = CALLS["onnx-text-classification"](tiny_model("onnx-text-classification"))
    assert (first, second) == ([[-2.0, 2.0]], [[2.0, -2.0]])


def test_card_says_what_the_model_is(tiny_model: TinyModels) -> None:
    text = (tiny_model("onnx-text-classification") / "README.md").read_text(encoding="utf-8")
    assert "pipeline_tag: text-classification\n" in text
    assert "library_name: onnx\n" in text
    assert widget(tiny_model("onnx-text-classification"))[0]["output"] == [{"label": "POSITIVE"}]


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(FileExistsError):
        make("onnx-text-classification", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_unknown_name_makes_no_folder(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        make("no-such-model", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_fixtures_and_table_import_nothing_heavy() -> None:
    code = (
        "import spacefactory.testing.fixtures, spacefactory.testing.models, sys;"
        "print([name for name in ('torch', 'transformers', 'gradio', 'huggingface_hub', 'av', 'numpy', 'PIL', 'onnx')"
        " if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
