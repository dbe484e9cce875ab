"""Base models of adapters and converted models: found beside a folder or on the Hub, by the source of the card."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from spacefactory import api
from spacefactory.errors import BlockedError, UsageError
from spacefactory.repository import read_card
from spacefactory.repository.lineage import base_name, with_base
from spacefactory.schema.card import ModelCard, ModelLocation, RepoFile
from spacefactory.schema.run import PlanResult
from tests.weight_files import safetensors

BASE = "---\npipeline_tag: text-classification\nlibrary_name: transformers\nlicense: mit\n---\n# A base\nIt reads.\n"
CONFIG = json.dumps({"architectures": ["BertForSequenceClassification"], "model_type": "bert", "dtype": "float32"})
PLAIN = "---\nlibrary_name: peft\nbase_model: o/base\n---\n# Some adapter\n"
ADAPTER = {"peft_type": "LORA", "base_model_name_or_path": "o/base"}


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], PlanResult]:
    """`spacefactory plan` with a home of its own."""
    monkeypatch.setenv("SPACEFACTORY_HOME", str(tmp_path / "home"))
    return lambda folder: api.plan(str(folder))


def put(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def base_files(parameters: int = 4_000_000) -> dict[str, str | bytes]:
    weights = safetensors({"w": [parameters // 1000, 1000]})
    return {"README.md": BASE, "config.json": CONFIG, "model.safetensors": weights}


def card(readme: str, files: Mapping[str, Any] | None = None, model: str = "o/adapter") -> ModelCard:
    held = {"README.md": readme.encode(), **{name: json.dumps(data).encode() for name, data in (files or {}).items()}}

    def read(path: str, offset: int, length: int) -> bytes:
        if path not in held:
            raise FileNotFoundError(path)
        return held[path][offset : offset + length]

    listed = [RepoFile(path=path, size=len(data)) for path, data in held.items()]
    return read_card(ModelLocation(model=model, revision="0" * 40), "test", listed, read)


@pytest.mark.parametrize("name", ["base", "o__base", "o/base"])
def test_a_base_beside_the_folder_tells_what_the_adapter_is(
    tmp_path: Path, plan: Callable[[Path], PlanResult], name: str
) -> None:
    put(tmp_path / name, base_files())
    adapter = put(tmp_path / "adapter", {"README.md": PLAIN, "adapter_config.json": json.dumps(ADAPTER)})
    found = plan(adapter)
    assert (found.task, found.library, found.base_model, found.parameters) == (
        "text-classification",
        "peft",
        "o/base",
        4_000_000,
    )
    assert found.memory_gib == pytest.approx(16_000_000 / 2**30 * 1.2, rel=0.02)
    quotes = [claim.quote for claim in found.evidence if claim.reader == "base_model"]
    assert quotes
    assert all(quote.startswith(("base: ", "o__base: ")) for quote in quotes)


def test_a_base_that_is_not_there_is_no_matter(tmp_path: Path, plan: Callable[[Path], PlanResult]) -> None:
    found = plan(put(tmp_path / "alone" / "adapter", {"README.md": PLAIN}))
    assert (found.base_model, found.library) == ("o/base", "peft")
    assert not any(claim.reader == "base_model" for claim in found.evidence)


@pytest.mark.parametrize(
    "written", ["../../secret", "/etc", "~/x", ".", "..", "a/../../b", "http://127.0.0.1/x", "a/b/c"]
)
def test_paths_and_addresses_are_no_base_models(tmp_path: Path, written: str) -> None:
    config = {**ADAPTER, "base_model_name_or_path": written}
    assert base_name(card(f"---\nbase_model: '{written}'\n---\nhi", {"adapter_config.json": config})) is None


def test_a_link_out_of_the_neighbourhood_is_not_followed(tmp_path: Path, plan: Callable[[Path], PlanResult]) -> None:
    far = put(tmp_path / "far", base_files())
    adapter = put(tmp_path / "near" / "adapter", {"README.md": PLAIN})
    (tmp_path / "near" / "base").symlink_to(far, target_is_directory=True)
    assert not any(claim.reader == "base_model" for claim in plan(adapter).evidence)


def test_models_with_a_config_of_their_own_and_merges_need_no_base() -> None:
    front = "---\nbase_model: o/base\n---\nhi"
    assert base_name(card(front, {"config.json": {"model_type": "bert"}})) is None
    assert base_name(card("---\nbase_model: [o/a, o/b]\n---\nhi")) is None
    assert base_name(card(front)) == "o/base"
    assert base_name(card(front, {"config.json": {}, "adapter_config.json": ADAPTER})) == "o/base"


def test_the_base_is_asked_for_once_and_what_fails_is_said() -> None:
    asked: list[str] = []

    def missing(reference: str) -> ModelCard:
        asked.append(reference)
        raise UsageError("there is no such model", "check the name")

    found = with_base(card(PLAIN), missing)
    assert asked == ["o/base"]
    assert found.base is None
    assert "base model o/base was not read: there is no such model" in found.problems[-1]


def test_an_adapter_of_a_gated_base_is_gated() -> None:
    from spacefactory_model_card.analyzer import ModelCardAnalyzer

    from spacefactory.schema.profile import ModelProfile

    def gated(reference: str) -> ModelCard:
        raise BlockedError("gated", f"{reference} is gated", "accept its terms")

    def profile(found: ModelCard) -> ModelProfile:
        return ModelCardAnalyzer().analyze(found, ModelProfile(location=found.location, gated=found.gated))

    refused = with_base(card(PLAIN, {"adapter_config.json": ADAPTER}), gated)
    assert [blocker.reason for blocker in profile(refused).blockers] == ["gated"]
    assert "o/base is gated" in profile(refused).blockers[0].detail
    assert refused.base is not None
    allowed = refused.model_copy(update={"base": refused.base.model_copy(update={"accessible": True})})
    assert profile(allowed).blockers == ()


def test_a_card_with_its_base_can_be_written_down_and_read_again() -> None:
    found = with_base(card(PLAIN), lambda _: card(BASE, model="o/base"))
    assert found.base is not None
    assert ModelCard.model_validate_json(found.model_dump_json()) == found
