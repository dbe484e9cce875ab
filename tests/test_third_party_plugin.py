"""A plugin of somebody else: built, installed beside spacefactory, listed and used, unknown to the core."""

from __future__ import annotations

import importlib.util
import json
import struct
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from spacefactory import confine
from spacefactory.testing import absent
from tests import wheels

PLUGIN = wheels.ROOT / "examples" / "plugin_model3d"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds spacefactory and the plugin, installed from their wheels."""
    folder = tmp_path_factory.mktemp("third-party")
    core = wheels.wheel(wheels.ROOT, folder / "core")
    plugin = wheels.wheel(PLUGIN, folder / "plugin")
    return wheels.target(folder / "site", core, plugin)


@pytest.fixture(scope="module")
def glb() -> ModuleType:
    """The plugin's own writer of glTF files."""
    spec = importlib.util.spec_from_file_location("model3d_glb", PLUGIN / "tests" / "glb.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _command(site: Path, home: Path, *arguments: str | Path) -> tuple[int, Any]:
    done = wheels.run("-m", "spacefactory", *arguments, "--json", home=home, path=site)
    try:
        return done.returncode, json.loads(done.stdout)
    except ValueError:
        pytest.fail(f"no document: {done.stdout}{done.stderr}")


def test_it_is_listed_with_its_distribution(site: Path, tmp_path: Path) -> None:
    code, document = _command(site, tmp_path, "plugins", "list")
    assert code == 0
    found = {one["name"]: one for one in document["plugins"]}
    model3d = found["model3d"]
    assert (model3d["distribution"], model3d["version"], model3d["state"]) == ("spacefactory-model3d", "0.1.0", "works")
    assert model3d["providers"] == {"spacefactory_validators": ["model3d"]}
    assert found["validators"]["distribution"] == "spacefactory"


def test_it_judges_files(site: Path, tmp_path: Path, glb: ModuleType) -> None:
    if reason := confine.available():
        absent(f"this machine cannot confine a decoder: {reason}")
    good, text = glb.write(tmp_path / "good.glb", *glb.ball()), glb.write(tmp_path / "good.gltf", *glb.ball())
    dead = glb.write(tmp_path / "dead.glb", [(1.0, 1.0, 1.0)] * 9, list(range(9)))
    cut, page = tmp_path / "cut.glb", tmp_path / "page.glb"
    cut.write_bytes(good.read_bytes()[:-8])
    page.write_text("<html>503</html>", encoding="utf-8")
    bent = bytearray(good.read_bytes())
    at = bent.index(struct.pack("<3f", 0.0, 1.0, 0.0))
    bent[at : at + 4] = struct.pack("<f", float("nan"))
    nan = tmp_path / "nan.glb"
    nan.write_bytes(bent)
    code, document = _command(site, tmp_path / "home", "judge", good, text, dead, cut, page, nan, "--expect", "model3d")
    levels = {Path(one["path"]).name: one["level"] for one in document["files"]}
    assert levels == {
        "good.glb": "alive",
        "good.gltf": "alive",
        "dead.glb": "typed",
        "cut.glb": "none",
        "page.glb": "none",
        "nan.glb": "none",
    }
    assert {one["output_type"] for one in document["files"]} == {"model3d"}
    assert code != 0
    code, document = _command(site, tmp_path / "home", "judge", good, "--expect", "model3d")
    assert code == 0, document


def test_it_is_unknown_when_it_is_disabled(site: Path, tmp_path: Path, glb: ModuleType) -> None:
    good = glb.write(tmp_path / "good.glb", *glb.ball())
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "spacefactory.toml").write_text('[plugins]\ndisabled = ["model3d"]\n', encoding="utf-8")
    code, document = _command(site, tmp_path / "home", "judge", good, "--expect", "model3d")
    assert code == 2, document
    assert "model3d" in document["error"]["message"]


def test_its_own_tests_pass_beside_the_installed_core(site: Path, tmp_path: Path) -> None:
    done = wheels.run(
        "-m", "pytest", "-q", "-p", "no:cacheprovider", PLUGIN / "tests", "-o", "addopts=", home=tmp_path, path=site
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_in_the_core_knows_of_it() -> None:
    """Gradio has a component `model3d`, so the word stands in the core's data; what belongs to the plugin does not."""
    words = ("spacefactory_model3d", "spacefactory-model3d", "asset.version", "bufferviews")
    sources = [path for folder in ("spacefactory", "plugins") for path in (wheels.ROOT / folder).rglob("*.py")]
    assert sources
    knowing = [path for path in sources if any(word in path.read_text(encoding="utf-8").lower() for word in words)]
    assert knowing == []
