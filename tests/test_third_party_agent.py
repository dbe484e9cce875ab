"""An agent of somebody else: a distribution of its own, chosen by one word, with no security code of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from spacefactory import confine
from spacefactory.testing import absent
from spacefactory.testing.fixtures import share_environments
from spacefactory.testing.model_failures import FAILURES
from spacefactory.testing.scripted_model import ScriptedModel, script
from tests import wheels

PLUGIN = wheels.ROOT / "examples" / "plugin_agent"
DIGITS = wheels.ROOT / "examples" / "digits"
pytestmark = pytest.mark.slow
SCRIPTS = {
    "writer": script([{"tools": [["run", {"command": "cp -r .cache/draft/. ."}]]}, {"say": ["Done."]}]),
    **FAILURES,
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds spacefactory and the agent, installed from their wheels."""
    if reason := confine.available():
        absent(f"this machine cannot confine an agent: {reason}")
    folder = tmp_path_factory.mktemp("third-party-agent")
    core, plugin = wheels.wheel(wheels.ROOT, folder / "core"), wheels.wheel(PLUGIN, folder / "plugin")
    return wheels.target(folder / "site", core, plugin)


def _command(site: Path, home: Path, *arguments: str | Path) -> tuple[int, Any]:
    done = wheels.run("-m", "spacefactory", *arguments, "--json", home=home, path=site)
    try:
        return done.returncode, json.loads(done.stdout)
    except ValueError:
        pytest.fail(f"no document: {done.stdout}{done.stderr}")


def test_it_builds_a_proven_app(site: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    share_environments(tmp_path / "data", tmp_path_factory)
    with ScriptedModel(SCRIPTS) as model:
        words = ("build", DIGITS, "--agent", "loop", "--base-url", model.base_url("writer"))
        try:
            code, document = _command(site, tmp_path, *words)
        finally:
            wheels.run("-m", "spacefactory", "spaces", "stop", "--all", home=tmp_path, path=site)
    assert (code, document["status"], document["agent"]) == (0, "full_inference_success", "loop"), document
    assert document["cost_usd"] == pytest.approx(len(model.requests) * (1000 * 0.2 + 50 * 1.5) / 1e6)


def test_the_core_holds_its_budget(site: Path, tmp_path: Path) -> None:
    with ScriptedModel(SCRIPTS) as model:
        words = ("build", DIGITS, "--agent", "loop", "--base-url", model.base_url("forever"), "--budget-usd", "0.05")
        code, document = _command(site, tmp_path, *words)
    assert (code, document["blocker"]["reason"]) == (5, "budget_exhausted")
    assert len(model.requests) == 2


def test_its_own_tests_pass_beside_the_installed_core(site: Path, tmp_path: Path) -> None:
    words = ("-m", "pytest", "-q", "-p", "no:cacheprovider", PLUGIN / "tests", "-o", "addopts=")
    done = wheels.run(*words, home=tmp_path, path=site)
    assert done.returncode == 0, done.stdout + done.stderr
