"""Where commands that only look find the records: the short way says the same as the settings do."""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path

import pytest
from spacefactory_huggingface.bucket import BucketStore
from spacefactory_local.store import FolderStore

from spacefactory.cli import options, records
from spacefactory.errors import SettingsError
from spacefactory.hookspecs import PluginContext
from spacefactory.platforms import SHIPPED_PLATFORMS
from spacefactory.settings import Settings, load


@pytest.fixture(autouse=True)
def unconfigured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No file, variable or folder of the machine is seen."""
    for name in [name for name in os.environ if name.upper().startswith(("SPACEFACTORY_", "HF_", "HUGGING"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("SPACEFACTORY_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(context: PluginContext) -> dict[str, object]:
    """All that a context holds, with the token instead of what gives it."""
    held = {one.name: getattr(context, one.name) for one in fields(context)}
    return held | {"hub_token": context.hub_token(), "table": dict(context.table)}


@pytest.mark.parametrize("home", [None, "", "~/sf", "here/../there", "/somewhere"])
@pytest.mark.parametrize("token", [None, "hf_" + "t" * 30])
def test_a_plugin_is_told_what_the_settings_say(
    monkeypatch: pytest.MonkeyPatch, home: str | None, token: str | None
) -> None:
    monkeypatch.delenv("SPACEFACTORY_HOME")
    for name, value in {"SPACEFACTORY_HOME": home, "HF_TOKEN": token}.items():
        if value is not None:
            monkeypatch.setenv(name, value)
    short, full = records.store("huggingface"), records.of(load({"platform": "huggingface"}).settings)
    assert isinstance(short, BucketStore)
    assert isinstance(full, BucketStore)
    assert short.home == full.home
    assert said(short.hub.context) == said(full.hub.context)


def test_every_shipped_platform_has_the_store_that_the_settings_choose() -> None:
    assert SHIPPED_PLATFORMS.keys() == Settings().platforms.keys()
    for name in (None, *SHIPPED_PLATFORMS):
        full = records.of(options.light(name))
        assert type(records.store(name)) is type(full)
    assert records.store() == records.of(options.light())


def test_what_is_configured_decides(unconfigured: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (unconfigured / "spacefactory.toml").write_text('home = "elsewhere"\n')
    monkeypatch.delenv("SPACEFACTORY_HOME")
    assert records.store() == FolderStore(unconfigured / "elsewhere" / "runs")
    monkeypatch.setenv("SPACEFACTORY_PLATFORM", "huggingface")
    assert isinstance(records.store(), BucketStore)
    assert isinstance(records.store("local"), FolderStore)


def test_what_cannot_be_used_is_said_also_where_only_the_records_are_wanted(
    unconfigured: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SettingsError, match="no platform named 'cloud'; choose one of: huggingface, local"):
        records.store("cloud")
    monkeypatch.setenv("SPACEFACTORY_BUDGET__MINUTES", "soon")
    with pytest.raises(SettingsError, match=r"budget\.minutes"):
        records.store()
    (unconfigured / "spacefactory.toml").write_text("platform = [")
    with pytest.raises(SettingsError, match="cannot be read as TOML"):
        records.store()
