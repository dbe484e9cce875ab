"""Node is found or asked for; Pi is the pinned archive or nothing."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

import pytest
from spacefactory_pi_agent import install, node, spacefactory_agents
from spacefactory_pi_agent.agent import PiAgent
from spacefactory_pi_agent.options import PiOptions

from spacefactory.errors import PlatformError, SettingsError
from spacefactory.settings import Settings
from tests.plugins.pi_bench import cli, task


def fake_node(folder: Path, version: str) -> Path:
    path = folder / "node"
    path.write_text(f"#!/bin/sh\necho v{version}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("version", "fits"), [("22.19.0", True), ("24.1.2", True), ("22.18.9", False), ("20.19.0", False), ("x", False)]
)
def test_node_must_be_new_enough(tmp_path: Path, version: str, fits: bool) -> None:
    found, why = node.find_node(str(fake_node(tmp_path, version)))
    assert (found is not None) == fits
    assert fits or "spacefactory[pi]" in why


def test_a_missing_node_is_said_before_anything_is_spent(tmp_path: Path) -> None:
    agent = PiAgent(tmp_path, PiOptions(node=str(tmp_path / "nothing")))
    why = agent.supports(task().profile)
    assert why is not None
    assert "22.19" in why


def test_another_archive_is_not_unpacked(tmp_path: Path) -> None:
    archive = tmp_path / "x.tgz"
    with tarfile.open(archive, "w:gz") as packed:
        data = b"evil()"
        entry = tarfile.TarInfo(str(install.CLI))
        entry.size = len(data)
        packed.addfile(entry, io.BytesIO(data))
    with pytest.raises(PlatformError, match="not the pinned archive"):
        install.unpack(archive, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_npm_sees_no_secret(tmp_path: Path) -> None:
    given = {"PATH": "/usr/bin", "HF_TOKEN": "hf_x", "MY_KEY": "k", "npm_config_registry": "r", "HTTPS_PROXY": "p"}
    seen = install._environment(given, Path("/opt/node/bin/node"), tmp_path)
    assert {"HF_TOKEN", "MY_KEY"} & seen.keys() == set()
    assert (seen["npm_config_registry"], seen["HTTPS_PROXY"]) == ("r", "p")
    assert seen["PATH"].startswith("/opt/node/bin")


def test_a_fetch_that_fails_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "npm", lambda: ["sh", "-c", "echo 'npm error network is down' >&2; exit 1"])
    with pytest.raises(PlatformError, match="network is down") as caught:
        install.find_pi(tmp_path, Path("/usr/bin/node"))
    assert "\n" not in str(caught.value)
    assert not list((tmp_path / "cache" / "pi").iterdir())


def test_a_path_that_leads_nowhere_is_said(tmp_path: Path) -> None:
    with pytest.raises(PlatformError, match=r"plugin\.pi\.cli"):
        install.find_pi(tmp_path, Path("/usr/bin/node"), str(tmp_path / "cli.js"))


@pytest.mark.slow
def test_what_is_fetched_is_the_pinned_version(request: pytest.FixtureRequest) -> None:
    path = cli(request.config)
    found, _ = node.find_node()
    words = [str(found), str(path), "--version"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True, env={})
    assert done.stdout.strip() == install.VERSION


@pytest.mark.parametrize("table", ["pi", "pi_agent"])
def test_the_table_of_settings_is_called_as_the_agent_or_as_the_plugin(tmp_path: Path, table: str) -> None:
    settings = Settings(home=tmp_path, plugin={table: {"thinking": "high"}})
    (agent,) = spacefactory_agents(settings.context("pi_agent"))
    assert isinstance(agent, PiAgent)
    assert agent.options.thinking == "high"


def test_a_wrong_value_is_told_by_its_name(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, plugin={"pi": {"thinking": "loud"}})
    with pytest.raises(SettingsError, match=r"plugin\.pi.*thinking"):
        spacefactory_agents(settings.context("pi_agent"))
