"""The template agent as a provider: what it supports, writes, and refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from spacefactory_template_agent import spacefactory_agents
from spacefactory_template_agent.agent import TemplateAgent
from spacefactory_template_agent.recipes import RECIPES, find

from spacefactory.providers import Agent, Workbench
from spacefactory.schema.profile import Example
from spacefactory.schema.status import BlockerReason
from spacefactory.schema.work import Failure
from tests.plugins.template_agent_tasks import Bench, build, make_task


def test_is_the_agent_named_template() -> None:
    agents: list[Agent] = list(spacefactory_agents())
    assert [agent.name for agent in agents] == ["template"]


def test_workbench_double_has_the_contract(tmp_path: Path) -> None:
    bench: Workbench = Bench(tmp_path)
    assert bench.workspace == tmp_path


REQUIRED = {
    "image-classification": {"transformers", "onnx"},
    "text-classification": {"transformers", "onnx"},
    "text-generation": {"transformers"},
    "fill-mask": {"transformers"},
    "feature-extraction": {"transformers", "sentence-transformers", "onnx"},
    "sentence-similarity": {"transformers", "sentence-transformers", "onnx"},
    "text-to-image": {"diffusers"},
    "image-to-image": {"diffusers"},
    "automatic-speech-recognition": {"transformers"},
    "text-to-speech": {"transformers"},
    "text-to-audio": {"transformers"},
    "text-to-video": {"diffusers"},
    "image-segmentation": {"transformers"},
    "depth-estimation": {"transformers"},
    "object-detection": {"transformers"},
}


@pytest.mark.parametrize("task", REQUIRED)
def test_supports_every_promised_task_and_library(task: str) -> None:
    for library in REQUIRED[task]:
        assert TemplateAgent().supports(make_task(task, library).profile) is None


def test_every_recipe_is_found_by_its_own_task_and_library_alone() -> None:
    pairs = [(recipe.task, recipe.library) for recipe in RECIPES]
    assert len(pairs) == len(set(pairs))
    assert all(find(*pair) is recipe for pair, recipe in zip(pairs, RECIPES, strict=True))


def test_onnxruntime_is_another_name_of_onnx() -> None:
    assert find("image-classification", "onnxruntime") is find("image-classification", "onnx")


@pytest.mark.parametrize(
    ("task", "library", "words"),
    [
        ("time-series-forecasting", "transformers", "no template for task 'time-series-forecasting'"),
        ("text-to-image", "comfyui", "'text-to-image' with diffusers, and this model's library is 'comfyui'"),
        ("text-classification", None, "with onnx or transformers, and this model's card does not tell its library"),
        (None, "transformers", "needs to know the model's task"),
    ],
)
def test_unknown_pairs_are_refused_in_one_sentence_that_names_the_task(
    task: str | None, library: str | None, words: str, tmp_path: Path
) -> None:
    given = make_task(task, library)
    why = TemplateAgent().supports(given.profile)
    assert why is not None
    assert words in why
    assert "\n" not in why
    outcome = TemplateAgent().build(given, Bench(tmp_path))
    assert outcome.status == "blocked"
    assert outcome.blocker is not None
    assert (outcome.blocker.reason, outcome.blocker.detail) == (BlockerReason.UNSUPPORTED_TASK, why)
    assert list(tmp_path.iterdir()) == []


def test_same_card_gives_the_same_bytes(tmp_path: Path) -> None:
    for recipe in RECIPES:
        task = make_task(recipe.task, recipe.library, examples=(Example(inputs={"text": "hello"}),))
        first = build(task, tmp_path / "first" / recipe.task / recipe.library)
        assert first == build(task, tmp_path / "second" / recipe.task / recipe.library)


def test_a_repair_round_that_would_write_the_same_says_so(tmp_path: Path) -> None:
    build(make_task(), tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    failed = make_task(failure=Failure(step="validate", summary="blank picture"))
    assert TemplateAgent().build(failed, Bench(tmp_path)).status == "unchanged"
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_repair_round_restores_a_file_that_was_damaged(tmp_path: Path) -> None:
    good = build(make_task(), tmp_path)
    (tmp_path / "app.py").write_text("broken(")
    assert build(make_task(failure=Failure(step="boot", summary="SyntaxError")), tmp_path) == good


def test_tells_which_files_it_wrote(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    TemplateAgent().build(make_task(), bench)
    assert bench.events == [("written", {"files": ["app.py", "requirements.txt", "README.md"]})]


def test_requirements_leave_out_what_the_builder_installs(tmp_path: Path) -> None:
    owned = {"gradio", "gradio_client", "spaces", "huggingface_hub", "numpy", "pillow", "pydantic"}
    for recipe in RECIPES:
        texts = build(make_task(recipe.task, recipe.library), tmp_path / recipe.task / recipe.library)
        names = texts["requirements.txt"].split()
        assert len(names) == len(set(names))
        assert owned.isdisjoint(names)
        assert ("torch" in names) == (recipe.library != "onnx")
        assert not [name for name in names if name.startswith("torch") and name != "torch"]


@pytest.mark.parametrize(
    ("files", "needed"),
    [
        (("tokenizer.json", "spiece.model"), False),
        (("spiece.model",), True),
        (("tokenizer/spiece.model", "tokenizer_2/tokenizer.json"), True),
        (None, True),
    ],
)
def test_sentencepiece_comes_only_for_vocabularies_that_need_it(
    files: tuple[str, ...] | None, needed: bool, tmp_path: Path
) -> None:
    texts = build(make_task("translation", files=files), tmp_path)
    assert ("sentencepiece" in texts["requirements.txt"].split()) is needed


def test_readme_tells_what_it_does_the_licence_and_a_call(tmp_path: Path) -> None:
    readme = build(make_task(license="apache-2.0"), tmp_path)["README.md"]
    assert not readme.startswith("---")
    for words in ("Classifies texts.", "[owner/model](https://huggingface.co/owner/model)", "apache-2.0", "Client("):
        assert words in readme
    without = build(make_task(), tmp_path / "without")["README.md"]
    assert "names no licence" in without
