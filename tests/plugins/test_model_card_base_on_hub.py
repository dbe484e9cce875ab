"""Adapters on the Hub: their base model is read there, in the name of the same user."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from spacefactory_huggingface.source import HubSource
from spacefactory_model_card.analyzer import ModelCardAnalyzer

from spacefactory.repository.lineage import with_base
from spacefactory.schema.card import ModelCard
from spacefactory.schema.profile import ModelProfile
from spacefactory.testing.hub import EmulatedHub
from spacefactory.testing.hub.fixtures import emulated_hub, hub_tokens
from spacefactory.testing.hub.seed import Tokens
from tests.plugins.huggingface_places import hub_for
from tests.weight_files import safetensors

__all__ = ("emulated_hub", "hub_tokens")

BASE = "---\npipeline_tag: text-generation\nlibrary_name: transformers\n---\n# Tiny\n"
ADAPTER: dict[str, bytes | str] = {
    "README.md": "---\nlibrary_name: peft\n---\n# Polite answers\n",
    "adapter_config.json": json.dumps({"peft_type": "LORA", "base_model_name_or_path": "meta/tiny"}),
    "adapter_model.safetensors": safetensors({"lora_A": [8, 64]}),
}


def read(hub: EmulatedHub, home: Path, token: str | None) -> tuple[ModelCard, ModelProfile]:
    source = HubSource(hub_for(hub, home, token))
    card = with_base(source.fetch("ada/polite"), source.fetch)
    return card, ModelCardAnalyzer().analyze(card, ModelProfile(location=card.location, gated=card.gated))


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))


def test_parameters_and_task_come_from_the_base(emulated_hub: EmulatedHub, tmp_path: Path) -> None:
    emulated_hub.add_model("ada/polite", ADAPTER)
    emulated_hub.add_model("meta/tiny", {"README.md": BASE, "model.safetensors": safetensors({"w": [300, 1000]})})
    card, profile = read(emulated_hub, tmp_path, None)
    assert card.base is not None
    assert (profile.task, profile.library, profile.parameters) == ("text-generation", "peft", 300_000)
    assert profile.memory_gib == pytest.approx(300_000 * 4 / 2**30 * 1.2, rel=0.05)
    assert profile.blockers == ()


def test_a_gated_base_stops_those_without_access(emulated_hub: EmulatedHub, hub_tokens: Tokens, tmp_path: Path) -> None:
    emulated_hub.add_model("ada/polite", ADAPTER)
    emulated_hub.add_model("meta/tiny", {"README.md": BASE}, gated="manual").granted.add("ada")
    assert read(emulated_hub, tmp_path, hub_tokens.ada)[1].blockers == ()
    for token in (hub_tokens.ben, None):
        assert [blocker.reason for blocker in read(emulated_hub, tmp_path, token)[1].blockers] == ["gated"]
