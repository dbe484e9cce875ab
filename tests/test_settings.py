"""Layers of configuration, and where each value came from."""

from __future__ import annotations

from pathlib import Path

import pytest

from spacefactory.errors import SettingsError
from spacefactory.settings import load


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No file, variable or folder of the machine is seen."""
    import os

    for name in [name for name in os.environ if name.startswith("SPACEFACTORY_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("SPACEFACTORY_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def user_file(alone: Path, text: str) -> None:
    folder = alone / "config" / "spacefactory"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(text)


def test_defaults_need_no_account(alone: Path) -> None:
    settings = load().settings
    providers = settings.providers()
    assert (settings.platform, providers.agent, providers.host) == ("local", "template", "local")
    assert settings.home == alone / "home"
    assert settings.coding_model.id == "Qwen/Qwen3-Coder-Next"
    assert settings.budget.fixed_gpu is False


def test_each_layer_wins_over_the_one_below(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    user_file(alone, '[budget]\nusd = 2.0\nminutes = 2.0\nrepair_rounds = 2\n[coding_model]\nid = "user/model"\n')
    (alone / "spacefactory.toml").write_text("[budget]\nminutes = 3.0\nrepair_rounds = 3\n")
    monkeypatch.setenv("SPACEFACTORY_BUDGET__REPAIR_ROUNDS", "4")
    loaded = load({"budget": {"fixed_gpu": True}})
    budget = loaded.settings.budget
    assert (budget.usd, budget.minutes, budget.repair_rounds, budget.fixed_gpu) == (2.0, 3.0, 4, True)
    assert loaded.settings.coding_model.id == "user/model"
    assert loaded.origins["budget.usd"] == "user file config.toml"
    assert loaded.origins["budget.minutes"] == "project file spacefactory.toml"
    assert loaded.origins["budget.repair_rounds"] == "environment"
    assert loaded.origins["budget.fixed_gpu"] == "option"
    assert "platform" not in loaded.origins


def test_a_platform_is_data_and_may_be_changed_in_part(alone: Path) -> None:
    (alone / "spacefactory.toml").write_text('[platforms.local]\nagent = "mine"\n[platforms.lab]\n' + LAB)
    assert load().settings.providers().agent == "mine"
    assert load().settings.providers().host == "local"
    assert load({"platform": "lab"}).settings.providers().host == "cluster"


LAB = 'sources = ["folder"]\nagent = "mine"\nhost = "cluster"\nstore = "folder"\nrunner = "process"\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[budget]\nusd = -1\n", ("budget.usd", "project file")),
        ("[budget]\nusdd = 1\n", ("budget.usdd", "project file")),
        ("platform = [", ("spacefactory.toml", "TOML")),
        ('hardwares = ["x"]\n', ("hardwares",)),
    ],
)
def test_a_wrong_value_is_named_with_its_layer(alone: Path, text: str, words: tuple[str, ...]) -> None:
    (alone / "spacefactory.toml").write_text(text)
    with pytest.raises(SettingsError) as caught:
        load()
    assert caught.value.exit_code == 2
    for word in words:
        assert word in str(caught.value)


def test_a_broken_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPACEFACTORY_BUDGET__MINUTES", "soon")
    with pytest.raises(SettingsError, match=r"budget\.minutes .environment."):
        load()


def test_an_unknown_platform_names_the_known_ones() -> None:
    with pytest.raises(SettingsError, match="huggingface, local"):
        load({"platform": "cloud"}).settings.providers()


def test_a_plugin_table_is_handed_to_that_plugin_alone(alone: Path) -> None:
    (alone / "spacefactory.toml").write_text('[plugin.pi]\nthinking = "off"\n')
    settings = load().settings
    assert dict(settings.context("pi").table) == {"thinking": "off"}
    assert dict(settings.context("other").table) == {}
